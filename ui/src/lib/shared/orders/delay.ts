// How long an order that cannot be undone waits, in which it can be taken back.
import { m, number } from '$lib/i18n';

const HOUR = 3600;
const DAY = 24 * HOUR;

/** Delays to choose from, in seconds. */
export const delays = [0, HOUR, DAY, 3 * DAY] as const;

/** A delay in words. */
export function delayWords(seconds: number): string {
	if (seconds === 0) return m.orders_delay_now();
	const [n, words] = seconds < DAY ? [seconds / HOUR, m.orders_delay_hours] : [seconds / DAY, m.orders_delay_days];
	return words({ count: n, shown: number(n) });
}

/** The delays as a list to choose from. */
export const delayOptions = () => delays.map((seconds) => ({ value: String(seconds), label: delayWords(seconds) }));
