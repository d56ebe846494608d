import { createMutation, createQuery } from '@tanstack/svelte-query';
import { commands, type ClientEntity, type HistoryRequest, type LinkLegalEntity } from '$lib/ipc';
import { ask } from '$lib/shared/query';
import { likenessDependsOn } from '$lib/shared/twins';

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
		return ask(['alike', id], () => commands.alikeClients({ client: id }), likenessDependsOn);
	});

/** Links the client with a legal entity, one that is here or a new one. */
export const linkLegalEntity = () =>
	createMutation(() => ({ mutationFn: (argument: LinkLegalEntity) => commands.linkLegalEntity(argument) }));

/** Has one of the client's legal entities stand first. */
export const leadLegalEntity = () =>
	createMutation(() => ({ mutationFn: (argument: ClientEntity) => commands.leadLegalEntity(argument) }));

/** Takes a legal entity from the client. */
export const unlinkLegalEntity = () =>
	createMutation(() => ({ mutationFn: (argument: ClientEntity) => commands.unlinkLegalEntity(argument) }));
