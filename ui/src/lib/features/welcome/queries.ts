import { createMutation, createQuery, useQueryClient } from '@tanstack/svelte-query';
import { commands, type Enrol, type SignIn, type StartLocal, type Status, type Unlock } from '$lib/ipc';
import { locale } from '$lib/i18n';
import { ask } from '$lib/shared/query';

/** A step that answers with the new state of the app, which the first screen follows at once. */
function step<Argument>(run: (argument: Argument) => Promise<Status>) {
	const client = useQueryClient();
	return createMutation(() => ({
		mutationFn: run,
		onSuccess: (status: Status) => client.setQueryData(['status'], status)
	}));
}

/**
 * The new database keeps the language the person read the first screen in. That is asked for before the step: news of
 * the new database may reach the screen before the step's answer does, and brings the organisation's language.
 */
async function keepLanguage(begin: () => Promise<Status>): Promise<Status> {
	const language = locale.current;
	const status = await begin();
	if (status.phase !== 'ready' || (status.language === language && locale.current === language)) return status;
	return commands.changeSettings({ language }).catch(() => status);
}

/** Enrols this device. `before` is heard before the screen changes. */
export const enrol = (before: () => void) =>
	step(async (argument: Enrol) => {
		const status = await keepLanguage(() => commands.enrol(argument));
		before();
		return status;
	});

/** Starts without a server. */
export const startLocal = () => step((argument: StartLocal) => keepLanguage(() => commands.startLocal(argument)));

/** Opens the database. */
export const unlock = () => step((argument: Unlock) => commands.unlock(argument));

/** Proves the password again. */
export const signIn = () => step((argument: SignIn) => commands.signIn(argument));

/** Tries to reach the server now. */
export const connect = () => createMutation(() => ({ mutationFn: () => commands.syncNow() }));

/** The text for support. */
export const diagnostics = () => createMutation(() => ({ mutationFn: () => commands.diagnostics() }));

/** How many clients are here already: the app is usable as soon as there is one. */
export const firstClientsQuery = () =>
	createQuery(() => ({
		...ask(
			['list', 'first'],
			() => commands.list({ kind: 'client', scope: 'all', conditions: [], text: '', sort: [], offset: 0, limit: 5 }),
			['kind:client', 'status']
		)
	}));
