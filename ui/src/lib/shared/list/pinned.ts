// Saved views that stand in the menu.
import Bookmark from '@lucide/svelte/icons/bookmark';
import type { SavedView } from '$lib/ipc';
import type { Place } from '$lib/shared/frame';
import { textOf } from '../record/values';

/** The page where a kind is listed. */
export function listPage(kind: string): string {
	const own: Record<string, string> = { client: '/clients', interaction: '/interactions' };
	return own[kind] ?? `/list/${kind}`;
}

/** Pinned views as places of the menu. */
export function pinnedPlaces(views: SavedView[] | undefined): Place[] {
	return (views ?? [])
		.filter((view) => view.row.fields.pinned === true)
		.map((view) => ({
			href: `${listPage(textOf(view.row.fields.of))}?view=${view.row.id}`,
			label: view.row.title,
			icon: Bookmark
		}));
}
