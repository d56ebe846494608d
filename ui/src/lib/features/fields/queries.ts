// Fields the organisation makes for itself: their definitions, archived ones too.
import { createMutation, createQuery } from '@tanstack/svelte-query';
import { commands, type Edit, type ListRequest } from '$lib/ipc';
import { ask } from '$lib/shared/query';

const all: ListRequest = {
	kind: 'custom_field',
	scope: 'all',
	conditions: [],
	text: '',
	sort: [{ field: 'place', descending: false }],
	offset: 0,
	limit: 500
};

/** All definitions in their order. */
export const definitionsQuery = () =>
	createQuery(() => ask(['fields'], () => commands.list(all), ['kind:custom_field']));

/** Changes several definitions, one after the other. */
export const editDefinitions = () =>
	createMutation(() => ({
		mutationFn: async (edits: Edit[]) => {
			for (const edit of edits) await commands.edit(edit);
		}
	}));
