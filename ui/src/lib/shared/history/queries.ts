// What a record went through, the record as it was, and putting values back.
import { createMutation, createQuery } from '@tanstack/svelte-query';
import { commands, type PutBack, type RecordHistoryRequest, type RecordThenRequest } from '$lib/ipc';
import { ask } from '$lib/shared/query';

/** A record's changes, the latest first. */
export const historyQuery = (request: () => RecordHistoryRequest) =>
	createQuery(() => {
		const asked = request();
		return {
			...ask(['changes', asked], () => commands.recordHistory(asked), [`record:${asked.id}`, 'outbox', 'office']),
			placeholderData: <Answer>(before: Answer) => before
		};
	});

/** A record as it was after a change. */
export const thenQuery = (request: () => RecordThenRequest) =>
	createQuery(() => {
		const asked = request();
		return ask(['then', asked], () => commands.recordThen(asked), [`record:${asked.id}`, 'office']);
	});

/** Gives fields the values they had. */
export const putBack = () => createMutation(() => ({ mutationFn: (argument: PutBack) => commands.putBack(argument) }));
