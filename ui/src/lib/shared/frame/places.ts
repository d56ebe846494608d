// The pages one may go to, in the order of the menu.
import BookOpen from '@lucide/svelte/icons/book-open';
import CalendarCheck from '@lucide/svelte/icons/calendar-check';
import CopyCheck from '@lucide/svelte/icons/copy-check';
import FileUp from '@lucide/svelte/icons/file-up';
import GitCompareArrows from '@lucide/svelte/icons/git-compare-arrows';
import Inbox from '@lucide/svelte/icons/inbox';
import ListChecks from '@lucide/svelte/icons/list-checks';
import MonitorSmartphone from '@lucide/svelte/icons/monitor-smartphone';
import ReceiptText from '@lucide/svelte/icons/receipt-text';
import Settings from '@lucide/svelte/icons/settings';
import Trash2 from '@lucide/svelte/icons/trash-2';
import Users from '@lucide/svelte/icons/users';
import UsersRound from '@lucide/svelte/icons/users-round';
import type { Component } from 'svelte';
import { m } from '$lib/i18n';
import type { Shell } from './shell.svelte';

/** A page of the menu. */
export interface Place {
	href: string;
	label: string;
	icon: Component<{ size?: number | string; class?: string }>;
	/** How many things wait there; shown when there are any. */
	count?: number;
	/** Pressed after `g`. */
	key?: string;
}

/** Pages for daily work. */
export function mainPlaces(shell: Shell): Place[] {
	const places: Place[] = [
		{ href: '/', label: m.frame_today(), icon: CalendarCheck, key: 't' },
		{ href: '/clients', label: m.frame_clients(), icon: Users, key: 'c' },
		{ href: '/interactions', label: m.frame_interactions(), icon: ListChecks, key: 'i' }
	];
	if (shell.supervises) places.push({ href: '/team', label: m.frame_team(), icon: UsersRound, key: 'p' });
	return places;
}

/** Pages where something waits for a decision; in the menu while it does. */
export function decisionPlaces(shell: Shell): Place[] {
	if (shell.status.local_only) return [];
	const places: Place[] = [
		{ href: '/review', label: m.frame_review(), icon: GitCompareArrows, key: 'r', count: shell.status.n_reviews },
		{ href: '/proposals', label: m.frame_proposals(), icon: Inbox, key: 'o', count: shell.status.n_proposals }
	];
	if (shell.supervises) {
		places.push({ href: '/twins', label: m.twins_title(), icon: CopyCheck, key: 'w', count: shell.status.n_twins });
	}
	return places;
}

/** Pages about the app itself. */
export function ownPlaces(shell: Shell): Place[] {
	const settings = { href: '/settings', label: m.frame_settings(), icon: Settings, key: 's' };
	const trash = { href: '/trash', label: m.trash_title(), icon: Trash2, key: 'b' };
	const files = { href: '/import', label: m.import_title(), icon: FileUp, key: 'f' };
	const help = { href: '/help', label: m.help_title(), icon: BookOpen, key: 'h' };
	if (shell.status.local_only) return [trash, files, help, settings];
	return [
		{ href: '/receipts', label: m.frame_receipts(), icon: ReceiptText, key: 'e' },
		{ href: '/devices', label: m.frame_devices(), icon: MonitorSmartphone, key: 'd' },
		trash,
		files,
		help,
		settings
	];
}

/** True where `path` is the page or below it. */
export function isAt(path: string, href: string): boolean {
	return href === '/' ? path === '/' : path === href || path.startsWith(`${href}/`);
}
