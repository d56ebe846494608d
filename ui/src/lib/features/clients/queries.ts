import { createMutation, createQuery } from '@tanstack/svelte-query';
import { commands, type CreateClient, type LikeClient, type ListRequest } from '$lib/ipc';
import { ask } from '$lib/shared/query';

/** Makes a client with its legal entity. */
export const createClient = () =>
	createMutation(() => ({ mutationFn: (argument: CreateClient) => commands.createClient(argument) }));

/** Ids of everything a list request finds, to select them all. */
export const collectIds = () =>
	createMutation(() => ({
		mutationFn: async (request: ListRequest) => {
			const ids: string[] = [];
			for (;;) {
				const page = await commands.list({ ...request, offset: ids.length, limit: 500 });
				ids.push(...page.rows.map((row) => row.id));
				if (page.rows.length === 0 || ids.length >= page.total) return ids;
			}
		}
	}));

/** Clients on this device that look like one about to be made. */
export const similarQuery = (like: () => LikeClient, enabled: () => boolean) =>
	createQuery(() => {
		const asked = like();
		return {
			...ask(['similar', asked], () => commands.similarClients(asked), [
				'kind:client',
				'kind:legal_entity',
				'kind:person'
			]),
			enabled: enabled(),
			placeholderData: <Answer>(before: Answer) => before
		};
	});
