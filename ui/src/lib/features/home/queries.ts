// What the home page asks and writes.
import { createMutation, createQuery } from '@tanstack/svelte-query';
import { commands, type ListRequest } from '$lib/ipc';
import { ask } from '$lib/shared/query';
import type { Writes } from './layout';

const everything: ListRequest = {
	kind: 'home_tile',
	scope: 'all',
	conditions: [],
	text: '',
	sort: [],
	offset: 0,
	limit: 200
};

/** The tiles this person keeps. */
export const tilesQuery = () => createQuery(() => ask(['home'], () => commands.list(everything), ['kind:home_tile']));

/** Writes how the page is to be. */
export const arrange = () =>
	createMutation(() => ({
		mutationFn: async ({ create, edit }: Writes) => {
			for (const fields of create) await commands.create({ kind: 'home_tile', fields });
			for (const one of edit) await commands.edit({ kind: 'home_tile', ...one });
		}
	}));

/** The same answer as Today's. */
export const forgottenQuery = () =>
	createQuery(() => {
		const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
		return ask(['today', zone], () => commands.today({ zone }), ['kind:*', 'office', 'status']);
	});

/** People with their load. */
export const teamQuery = () =>
	createQuery(() => ask(['team'], () => commands.team(), ['office', 'kind:client', 'kind:interaction', 'status']));
