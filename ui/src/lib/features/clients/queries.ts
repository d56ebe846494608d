import { createMutation, createQuery } from '@tanstack/svelte-query';
import { commands, type CreateClient, type LikeClient } from '$lib/ipc';
import { ask } from '$lib/shared/query';
/** Makes a client with its legal entity. */
export const createClient = () =>
	createMutation(() => ({ mutationFn: (argument: CreateClient) => commands.createClient(argument) }));

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
