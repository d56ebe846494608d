// Clients side by side, and as one.
import { createMutation, createQuery } from '@tanstack/svelte-query';
import { commands, type MergeClients } from '$lib/ipc';
import { ask } from '$lib/shared/query';

/** Clients side by side, the first of them to stay. */
export const comparisonQuery = (clients: () => string[]) =>
	createQuery(() => {
		const wanted = clients();
		return {
			...ask(['compare', wanted], () => commands.compareClients({ clients: wanted }), ['kind:*', 'office']),
			enabled: wanted.length > 1,
			placeholderData: <Answer>(before: Answer) => before
		};
	});

/** Makes one client of several. */
export const mergeClients = () =>
	createMutation(() => ({ mutationFn: (argument: MergeClients) => commands.mergeClients(argument) }));
