// What the home page asks and writes.
import { createMutation, createQuery, useQueryClient } from '@tanstack/svelte-query';
import { commands, type ListPage, type ListRequest } from '$lib/ipc';
import { ask } from '$lib/shared/query';
import { keptOf, type Kept, type Writes } from './layout';

const everything: ListRequest = {
	kind: 'home_tile',
	scope: 'all',
	conditions: [],
	text: '',
	sort: [],
	offset: 0,
	limit: 200
};

const tiles = ['home'];

/** The tiles this person keeps; not asked for while the page is `busy` being changed, which would show it half done. */
export const tilesQuery = (busy: () => boolean) =>
	createQuery(() => ({ ...ask(tiles, () => commands.list(everything), ['kind:home_tile']), enabled: !busy() }));

/**
 * Changes the page. One change after the other, each made from what the one before left; `null` leaves all as it is.
 */
export function arrange() {
	const client = useQueryClient();
	return createMutation(() => ({
		scope: { id: 'home' },
		mutationFn: async (change: (kept: Kept[]) => Writes | null) => {
			const { rows } = await commands.list(everything);
			const { create, edit } = change(keptOf(rows)) ?? { create: [], edit: [] };
			for (const fields of create) await commands.create({ kind: 'home_tile', fields });
			for (const one of edit) await commands.edit({ kind: 'home_tile', ...one });
			return commands.list(everything);
		},
		onSuccess: async (now: ListPage) => {
			await client.cancelQueries({ queryKey: tiles });
			client.setQueryData(tiles, now);
		},
		onError: () => client.invalidateQueries({ queryKey: tiles })
	}));
}
