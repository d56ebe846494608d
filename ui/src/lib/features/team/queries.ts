// The people a supervisor looks after, their clients and what they have planned.
import { createMutation, createQuery } from '@tanstack/svelte-query';
import {
	commands,
	type AskDetails,
	type DetailsAsked,
	type DetailsGapsRequest,
	type ListRequest,
	type ProposeCover,
	type Reference
} from '$lib/ipc';
import { ask } from '$lib/shared/query';

/** A person's clients as a list asks for them. */
export function clientsOf(user: string, text: string): Omit<ListRequest, 'offset' | 'limit' | 'sort'> {
	return { kind: 'client', scope: 'all', user, conditions: [], text };
}

/** All clients that a list shows, page by page: for moving every one of them. */
export async function everyClient(user: string, text: string): Promise<Reference[]> {
	const page = 500;
	const found: Reference[] = [];
	for (;;) {
		const request = { ...clientsOf(user, text), sort: [], offset: found.length, limit: page };
		const { rows, total } = await commands.list(request);
		found.push(...rows.map(({ id, title }) => ({ id, title })));
		if (found.length >= total || rows.length === 0) return found;
	}
}

/** A person's planned interactions, soonest first: so the overdue ones stand on top. */
export const plannedQuery = (user: () => string, limit: () => number) =>
	createQuery(() => {
		const request: ListRequest = {
			kind: 'interaction',
			scope: 'all',
			user: user(),
			conditions: [{ field: 'state', op: 'is', value: 'planned' }],
			text: '',
			sort: [{ field: 'starts_at', descending: false }],
			offset: 0,
			limit: limit()
		};
		return {
			...ask(['interactions', request], () => commands.interactions(request), ['kind:interaction', 'office', 'status']),
			placeholderData: <Answer>(before: Answer) => before
		};
	});

/** Who is away, who stands in. */
export const absencesQuery = () =>
	createQuery(() => ask(['absences'], () => commands.absences(), ['office', 'outbox', 'status']));

/** Who could stand in for somebody. */
export const proposalQuery = (wanted: () => ProposeCover | null) =>
	createQuery(() => {
		const argument = wanted();
		return {
			...ask(['cover', argument], () => commands.proposeCover(argument as ProposeCover), ['office', 'kind:client']),
			enabled: argument !== null,
			placeholderData: <Answer>(before: Answer) => before
		};
	});

/** What stands in the way of finishing a dismissal. */
export const dismissalQuery = (absence: () => string) =>
	createQuery(() =>
		ask(['dismissal', absence()], () => commands.dismissal({ absence: absence() }), ['office', 'kind:client', 'status'])
	);

/** How complete contact details are; with no choice the one made last. */
export const detailsReportQuery = (details: () => string[]) =>
	createQuery(() => {
		const wanted = { details: details() };
		return {
			...ask(['details', wanted], () => commands.detailsReport(wanted), [
				'kind:client',
				'kind:person',
				'kind:interaction',
				'kind:custom_field',
				'office'
			]),
			placeholderData: <Answer>(before: Answer) => before
		};
	});

/** Clients that lack something. */
export const detailsGapsQuery = (request: () => DetailsGapsRequest) =>
	createQuery(() => {
		const asked = request();
		return {
			...ask(['gaps', asked], () => commands.detailsGaps(asked), [
				'kind:client',
				'kind:person',
				'kind:interaction',
				'office'
			]),
			placeholderData: <Answer>(before: Answer) => before
		};
	});

/** Asks those responsible to complete details, or says what that would do. */
export const askDetails = () =>
	createMutation(() => ({ mutationFn: (argument: AskDetails) => commands.askDetails(argument) }));

/** Takes that back. */
export const takeDetailsBack = () =>
	createMutation(() => ({ mutationFn: (argument: DetailsAsked) => commands.takeDetailsBack(argument) }));
