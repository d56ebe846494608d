// What waits, sorted by who has to do something about it.
import type { OutboxItem, SyncState } from '$lib/ipc';
import { m } from '$lib/i18n';
import { codeWords } from '$lib/shared/failure';

/** Who has to do something: the person, nobody, somebody else. */
export type Group = 'attention' | 'waiting' | 'aside';

/** Whose turn it is with an item. */
export function groupOf(item: OutboxItem): Group {
	if (item.waiting === 'needs_confirmation' || item.waiting === 'refused') return 'attention';
	return item.waiting === 'set_aside' ? 'aside' : 'waiting';
}

/** The groups that are not empty, those that want the person first; inside, the latest first. */
export function grouped(items: OutboxItem[]): { group: Group; items: OutboxItem[] }[] {
	return (['attention', 'waiting', 'aside'] as const)
		.map((group) => ({
			group,
			items: items.filter((item) => groupOf(item) === group).sort((a, b) => b.at.localeCompare(a.at))
		}))
		.filter(({ items: there }) => there.length > 0);
}

/** A group's heading. */
export function groupWords(group: Group): string {
	if (group === 'attention') return m.sync_group_attention();
	return group === 'waiting' ? m.sync_group_waiting() : m.sync_group_aside();
}

/** Why an item waits, in plain words. */
export function whyWords(item: OutboxItem, sync: SyncState): string {
	switch (item.waiting) {
		case 'not_sent':
			if (sync === 'locked') return m.sync_why_locked();
			return sync === 'synced' || sync === 'syncing' ? m.sync_why_sending() : m.sync_why_not_sent();
		case 'depends_on':
			return m.sync_why_depends();
		case 'needs_confirmation':
			return m.sync_why_sent_back();
		case 'refused':
			return m.sync_why_refused({ reason: codeWords(item.code) });
		case 'set_aside':
			return m.sync_why_set_aside();
	}
}
