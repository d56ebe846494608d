import { createMutation, createQuery } from '@tanstack/svelte-query';
import { commands, type Draft } from '$lib/ipc';
import { ask } from '$lib/shared/query';

/** Half-typed text of a form; read once when the form opens. */
export const readDraft = () => createMutation(() => ({ mutationFn: (key: string) => commands.draft({ key }) }));

/** Keeps half-typed text over a kill. */
export const saveDraft = () =>
	createMutation(() => ({ mutationFn: (argument: Draft) => commands.saveDraft(argument) }));

/** Contact persons of a client, to say with whom one spoke. */
export const personsQuery = (client: () => string) =>
	createQuery(() => {
		const id = client();
		return {
			...ask(
				['list', 'persons', id],
				() =>
					commands.list({
						kind: 'person',
						scope: 'all',
						client: id,
						conditions: [],
						text: '',
						sort: [],
						offset: 0,
						limit: 20
					}),
				['kind:person', `record:${id}`]
			),
			enabled: id !== ''
		};
	});
