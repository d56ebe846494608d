// How data are removed from a device, as a person chooses it.
import { m, number } from '$lib/i18n';
import type { Wipe } from '$lib/ipc';

const HOUR = 3600;
const DAY = 24 * HOUR;

/** Delays to choose from, in seconds. */
export const delays = [0, HOUR, DAY, 3 * DAY] as const;

/** A delay in words. */
export function delayWords(seconds: number): string {
	if (seconds === 0) return m.devices_delay_now();
	const [n, words] = seconds < DAY ? [seconds / HOUR, m.devices_delay_hours] : [seconds / DAY, m.devices_delay_days];
	return words({ count: n, shown: number(n) });
}

/** What the sheet holds while it is open. */
export interface Chosen {
	wipe: boolean;
	rescue: boolean;
	after: string;
}

/** The choice as the office reads it; `null` where nothing is to be removed. */
export function wipeOf({ wipe, rescue, after }: Chosen): Wipe | null {
	return wipe ? { rescue, after_seconds: Number(after) } : null;
}
