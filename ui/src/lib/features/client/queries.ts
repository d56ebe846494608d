import { createQuery } from '@tanstack/svelte-query';
import { commands, type HistoryRequest } from '$lib/ipc';
import { ask } from '$lib/shared/query';

/** History beyond the card's first page, or narrowed. */
export const historyQuery = (asked: () => HistoryRequest) =>
	createQuery(() => {
		const request = asked();
		return {
			...ask(['history', request], () => commands.clientHistory(request), ['kind:interaction', 'office']),
			enabled: request.limit > 0,
			placeholderData: <Answer>(before: Answer) => before
		};
	});

/** Clients here that are known by something this one is known by, too. */
export const alikeQuery = (client: () => string) =>
	createQuery(() => {
		const id = client();
		return ask(['alike', id], () => commands.alikeClients({ client: id }), [
			'kind:client',
			'kind:person',
			'kind:legal_entity',
			'kind:distinction',
			'office',
			'outbox',
			'status'
		]);
	});
