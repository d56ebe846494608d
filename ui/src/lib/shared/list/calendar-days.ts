// The days a calendar shows.
import { addDays, startOfDay } from '$lib/i18n';

/** Monday of a day's week. */
export function monday(day: Date): Date {
	return addDays(startOfDay(day), -((day.getDay() + 6) % 7));
}

/** Days of the month around a day, in whole weeks. */
export function monthDays(day: Date): Date[] {
	const first = monday(new Date(day.getFullYear(), day.getMonth(), 1));
	const last = new Date(day.getFullYear(), day.getMonth() + 1, 0);
	const days: Date[] = [];
	for (let at = first; at <= last || days.length % 7 !== 0; at = addDays(at, 1)) days.push(at);
	return days;
}

/** Days of the week around a day. */
export function weekDays(day: Date): Date[] {
	return Array.from({ length: 7 }, (_, i) => addDays(monday(day), i));
}
