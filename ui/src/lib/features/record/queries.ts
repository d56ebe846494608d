import { createQuery } from '@tanstack/svelte-query';
import { commands, type RecordKey } from '$lib/ipc';
import { ask } from '$lib/shared/query';

/** What belongs to a record, by kind and by the field that names it. */
export const relatedQuery = (key: () => RecordKey) =>
	createQuery(() => {
		const { kind, id } = key();
		return ask(['related', kind, id], () => commands.related({ kind, id }), ['kind:*', 'office']);
	});
