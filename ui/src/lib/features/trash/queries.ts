import { createMutation, createQuery } from '@tanstack/svelte-query';
import { commands, type RecordKey, type TrashRequest } from '$lib/ipc';
import { ask } from '$lib/shared/query';

/** What lies in the trash, the last thing first. */
export const trashQuery = (request: () => TrashRequest) =>
	createQuery(() => {
		const asked = request();
		return {
			...ask(['trash', asked], () => commands.trashBin(asked), ['kind:*', 'status']),
			placeholderData: <Answer>(before: Answer) => before
		};
	});

/** Takes records out of the trash. */
export const restoreMany = () =>
	createMutation(() => ({ mutationFn: (records: RecordKey[]) => commands.restoreMany({ records }) }));
