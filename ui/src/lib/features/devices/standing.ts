// How a device stands: what it owes, whether it is silent, in which order devices are shown.
import { byName, daysBetween } from '$lib/i18n';
import type { DeviceRow } from '$lib/ipc';

/** Days of silence after which a device is worth a look: a weekend is none. */
export const silentAfter = 4;

/** In which order devices stand. */
export const sorts = ['owner', 'contact', 'unsent'] as const;
export type Sort = (typeof sorts)[number];

/** Whole days since a device was last heard of; `null` where it never was. */
export function silentFor(device: DeviceRow, now: Date): number | null {
	return device.contact_at ? Math.max(0, -daysBetween(now, new Date(device.contact_at))) : null;
}

/** True where a device has not shown yet that it received what there was for it at its last contact. */
export function isBehind(device: DeviceRow): boolean {
	return device.acked_at === null || (device.contact_at !== null && device.acked_at < device.contact_at);
}

/** True where somebody should look at a device. */
export function wantsAttention(device: DeviceRow, now: Date): boolean {
	if (device.revoked) return false;
	const silent = silentFor(device, now);
	return device.n_purges > 0 || device.n_unsent > 0 || silent === null || silent >= silentAfter;
}

/** Devices in the order asked for. */
export function sorted(devices: DeviceRow[], by: Sort): DeviceRow[] {
	const contact = (device: DeviceRow) => device.contact_at ?? '';
	const silent = (a: DeviceRow, b: DeviceRow) => contact(a).localeCompare(contact(b));
	return [...devices].sort((a, b) => {
		if (by === 'contact') return silent(a, b) || byName(a.name, b.name);
		if (by === 'unsent') return b.n_unsent - a.n_unsent || b.n_purges - a.n_purges || silent(a, b);
		return Number(b.this_device) - Number(a.this_device) || byName(a.name, b.name);
	});
}
