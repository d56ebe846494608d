// History as a person reads it: by day, the latest first.
import { asDate, dayOf } from '$lib/i18n';
import type { InteractionRow } from '$lib/ipc';

/** A day with what happened on it. */
export interface Day {
	/** `YYYY-MM-DD` in the viewer's time zone; empty where nobody said when. */
	day: string;
	rows: InteractionRow[];
}

/** Groups rows that come latest first; the order inside a day stays. */
export function byDay(rows: InteractionRow[]): Day[] {
	const days: Day[] = [];
	for (const row of rows) {
		const date = row.starts_at === null ? null : asDate(row.starts_at);
		const day = date ? dayOf(date) : '';
		const last = days.at(-1);
		if (last?.day === day) last.rows.push(row);
		else days.push({ day, rows: [row] });
	}
	return days;
}
