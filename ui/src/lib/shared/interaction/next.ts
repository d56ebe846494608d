// The next contact as chips: a few days ahead, or any day.
import { addDays, asDate, dayOf, m, startOfDay } from '$lib/i18n';
import type { NextContact } from '$lib/ipc';

/** The chips with the days they stand for. */
export function nextChips(now = new Date()): { label: string; day: string }[] {
	return [
		{ label: m.interaction_next_tomorrow(), day: dayOf(addDays(now, 1)) },
		{ label: m.interaction_next_three_days(), day: dayOf(addDays(now, 3)) },
		{ label: m.interaction_next_week(), day: dayOf(addDays(now, 7)) }
	];
}

/** A day chosen as the next contact; `null` for none or nonsense. */
export function nextContact(day: string, channel: string): NextContact | null {
	const date = day === '' ? null : asDate(day);
	return date ? { day, starts_at: startOfDay(date).toISOString(), channel } : null;
}
