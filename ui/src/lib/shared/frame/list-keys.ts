// Keys that belong to lists and boards: those listen themselves, and `?` tells of them. A test compares the two.
import { m } from '$lib/i18n';
import type { Key } from './shell.svelte';

/** A key of lists: how it is written, and by which names of `KeyboardEvent.key` (or `.code`) it is bound. */
export interface ListKey extends Omit<Key, 'run' | 'label'> {
	label: () => string;
	bound: string[];
}

/** What the keyboard does in any list. */
export const listKeys: ListKey[] = [
	{ key: '↑ ↓', bound: ['ArrowUp', 'ArrowDown'], label: () => m.frame_keys_move() },
	{ key: 'Enter', bound: [], label: () => m.frame_keys_open() },
	{ key: 'Home End', bound: ['Home', 'End'], label: () => m.frame_keys_ends() },
	{ key: 'PgUp PgDn', bound: ['PageUp', 'PageDown'], label: () => m.frame_keys_pages() },
	{ key: '␣', bound: [' '], label: () => m.frame_keys_tick() },
	{ key: 'Shift ␣', bound: [' '], label: () => m.frame_keys_tick_range() },
	{ key: 'mod+a', bound: ['KeyA'], label: () => m.frame_keys_tick_all() },
	{ key: '← →', bound: ['ArrowLeft', 'ArrowRight'], label: () => m.frame_keys_fold() },
	{ key: 'Shift F10', bound: ['F10', 'ContextMenu'], label: () => m.frame_keys_menu() },
	{ key: 'mod+← →', bound: ['ArrowLeft', 'ArrowRight'], label: () => m.frame_keys_board() },
	{ key: 'Escape', bound: [], label: () => m.frame_keys_back() }
];
