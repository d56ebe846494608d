// Interactions: lists, results, plans, moves.
import { createMutation, createQuery } from '@tanstack/svelte-query';
import {
	commands,
	type Condition,
	type InteractionRow,
	type ListRequest,
	type LogInteraction,
	type NoteResult,
	type PlanInteraction,
	type Shown
} from '$lib/ipc';
import { ask } from '$lib/shared/query';

/** One page of interactions, as options. */
export const interactionsOptions = (request: ListRequest) =>
	ask(['interactions', request], () => commands.interactions(request), ['kind:interaction', 'office', 'status']);

/** A page of interactions. */
export const interactionsQuery = (request: () => ListRequest) => createQuery(() => interactionsOptions(request()));

/** Notes what came of a planned one. */
export const noteResult = () =>
	createMutation(() => ({ mutationFn: (argument: NoteResult) => commands.noteResult(argument) }));

/** Logs one that has happened. */
export const logInteraction = () =>
	createMutation(() => ({ mutationFn: (argument: LogInteraction) => commands.logInteraction(argument) }));

/** Plans one. */
export const planInteraction = () =>
	createMutation(() => ({ mutationFn: (argument: PlanInteraction) => commands.planInteraction(argument) }));

/** Moves a planned one to another moment; its length stays. */
export const moveInteraction = () =>
	createMutation(() => ({
		mutationFn: ({ row, startsAt }: { row: InteractionRow; startsAt: Date }) => {
			const seen: Record<string, Shown> = { starts_at: row.starts_at };
			const changed: Record<string, Shown> = { starts_at: startsAt.toISOString() };
			if (row.ends_at !== null && row.starts_at !== null) {
				const length = Date.parse(row.ends_at) - Date.parse(row.starts_at);
				seen.ends_at = row.ends_at;
				changed.ends_at = new Date(startsAt.getTime() + length).toISOString();
			}
			return commands.edit({ kind: 'interaction', id: row.id, seen, changed });
		}
	}));

/** Calls a planned one off. */
export const cancelInteraction = () =>
	createMutation(() => ({
		mutationFn: (row: InteractionRow) =>
			commands.edit({ kind: 'interaction', id: row.id, seen: { state: row.state }, changed: { state: 'cancelled' } })
	}));

/** Puts one back that was called off by mistake. */
export const reviveInteraction = () =>
	createMutation(() => ({
		mutationFn: (row: InteractionRow) =>
			commands.edit({ kind: 'interaction', id: row.id, seen: { state: 'cancelled' }, changed: { state: row.state } })
	}));

/** Numbers to call for a client: its own and those of its persons. */
export const numbersQuery = (client: () => string, enabled: () => boolean) =>
	createQuery(() => {
		const id = client();
		return {
			...ask(['numbers', id], () => commands.clientCard({ client: id }), [`record:${id}`, 'kind:person']),
			enabled: enabled() && id !== ''
		};
	});

/** An interaction with all that its dialogs show; `null` where it is not here any more. */
export const oneInteraction = () =>
	createMutation(() => ({
		mutationFn: async (id: string): Promise<InteractionRow | null> => {
			const conditions: Condition[] = [{ field: 'id', op: 'is', value: id }];
			const request = {
				kind: 'interaction',
				scope: 'all' as const,
				conditions,
				text: '',
				sort: [],
				offset: 0,
				limit: 1
			};
			return (await commands.interactions(request)).rows[0] ?? null;
		}
	}));

/** The start screen; asked again each minute, since what is planned becomes overdue by itself. */
export const todayQuery = () =>
	createQuery(() => {
		const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
		return {
			...ask(['today', zone], () => commands.today({ zone }), ['kind:*', 'office', 'status']),
			refetchInterval: 60_000
		};
	});
