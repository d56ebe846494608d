// The five states of the connection in words; colour is added to them, never alone.
import Check from '@lucide/svelte/icons/check';
import CircleAlert from '@lucide/svelte/icons/circle-alert';
import CloudOff from '@lucide/svelte/icons/cloud-off';
import HardDrive from '@lucide/svelte/icons/hard-drive';
import Lock from '@lucide/svelte/icons/lock';
import RefreshCw from '@lucide/svelte/icons/refresh-cw';
import type { Component } from 'svelte';
import { m, number, time } from '$lib/i18n';
import type { SyncState, SyncStatus } from '$lib/ipc';

/** The state as a sentence. */
export function syncWords(sync: SyncStatus): string {
	const waiting = { count: sync.n_waiting, shown: number(sync.n_waiting) };
	switch (sync.state) {
		case 'synced':
			if (sync.n_waiting > 0) return m.frame_sync_waiting(waiting);
			return sync.synced_at ? m.frame_sync_synced({ time: time(sync.synced_at) }) : m.frame_sync_synced_never();
		case 'syncing':
			return sync.n_planned > 0
				? m.frame_sync_syncing_of({ done: number(sync.n_done), planned: number(sync.n_planned) })
				: m.frame_sync_syncing();
		case 'offline':
			return sync.n_waiting > 0 ? m.frame_sync_offline_waiting(waiting) : m.frame_sync_offline();
		case 'attention':
			return m.frame_sync_attention();
		case 'locked':
			return m.frame_sync_locked();
		case 'local_only':
			return m.frame_sync_local();
	}
}

/** The state as a picture. */
export const syncIcons: Record<SyncState, Component<{ size?: number | string; class?: string }>> = {
	synced: Check,
	syncing: RefreshCw,
	offline: CloudOff,
	attention: CircleAlert,
	locked: Lock,
	local_only: HardDrive
};

/** The state as a colour. Being offline is normal: grey. */
export const syncTones: Record<SyncState, string> = {
	synced: 'text-done',
	syncing: 'text-accent',
	offline: 'text-ink-2',
	attention: 'text-conflict',
	locked: 'text-conflict',
	local_only: 'text-ink-2'
};
