// Dates, numbers and names by locale. Instants come in as RFC 3339, days as `YYYY-MM-DD`.
import { locale } from './locale.svelte';

const formats = new Map<string, Intl.DateTimeFormat>();

function dateFormat(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
	const key = locale.current + JSON.stringify(options);
	let format = formats.get(key);
	if (!format) {
		format = new Intl.DateTimeFormat(locale.current === 'en' ? 'en-GB' : locale.current, options);
		formats.set(key, format);
	}
	return format;
}

/** A `Date` of a day or an instant; `null` for nonsense. A day is read in the viewer's time zone. */
export function asDate(value: string | Date): Date | null {
	if (value instanceof Date) return value;
	const day = /^(\d{4})-(\d{2})-(\d{2})$/.exec(value);
	const date = day ? new Date(Number(day[1]), Number(day[2]) - 1, Number(day[3])) : new Date(value);
	return Number.isNaN(date.getTime()) ? null : date;
}

/** `YYYY-MM-DD` of a moment in the viewer's time zone. */
export function dayOf(date: Date): string {
	const pad = (n: number) => String(n).padStart(2, '0');
	return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
}

/** The day `n` days after another, daylight saving respected. */
export function addDays(date: Date, n: number): Date {
	return new Date(date.getFullYear(), date.getMonth(), date.getDate() + n, date.getHours(), date.getMinutes());
}

/** The moment a day begins for the viewer. */
export function startOfDay(date: Date): Date {
	return new Date(date.getFullYear(), date.getMonth(), date.getDate());
}

/** Whole days from `now` to `date`, as a calendar counts them. */
export function daysBetween(now: Date, date: Date): number {
	return Math.round((startOfDay(date).getTime() - startOfDay(now).getTime()) / 86_400_000);
}

/** `14:05`. */
export function time(value: string | Date): string {
	const date = asDate(value);
	return date ? dateFormat({ hour: '2-digit', minute: '2-digit' }).format(date) : '';
}

/** `12 March`, with the year where it is not this one. */
export function day(value: string | Date, now = new Date()): string {
	const date = asDate(value);
	if (!date) return '';
	const sameYear = date.getFullYear() === now.getFullYear();
	return dateFormat({ day: 'numeric', month: 'long', year: sameYear ? undefined : 'numeric' }).format(date);
}

/** `12 Mar`, with the year where it is not this one. */
export function shortDay(value: string | Date, now = new Date()): string {
	const date = asDate(value);
	if (!date) return '';
	const sameYear = date.getFullYear() === now.getFullYear();
	return dateFormat({ day: 'numeric', month: 'short', year: sameYear ? undefined : 'numeric' }).format(date);
}

/** The last day before a moment, as a person names the end of a stretch: until midnight of the 13th is "12 March". */
export function lastDay(until: string | Date, now = new Date()): string {
	const date = asDate(until);
	return date ? day(new Date(date.getTime() - 1), now) : '';
}

/** `today`, `yesterday`, `tomorrow`, a weekday within the week, otherwise the day. */
export function relativeDay(value: string | Date, now = new Date()): string {
	const date = asDate(value);
	if (!date) return '';
	const n = daysBetween(now, date);
	if (Math.abs(n) <= 1) return new Intl.RelativeTimeFormat(locale.current, { numeric: 'auto' }).format(n, 'day');
	if (n > 1 && n < 7) return dateFormat({ weekday: 'long' }).format(date);
	return day(date, now);
}

/** As `relativeDay`, but short where the day is not near: for columns. */
export function nearDay(value: string | Date, now = new Date()): string {
	const date = asDate(value);
	if (!date) return '';
	const n = daysBetween(now, date);
	return n >= -1 && n < 7 ? relativeDay(date, now) : shortDay(date, now);
}

/** As `relativeDay`, with the time of day: `yesterday, 14:05`. */
export function relativeMoment(value: string | Date, now = new Date()): string {
	const date = asDate(value);
	if (!date) return '';
	const n = daysBetween(now, date);
	const words = Math.abs(n) <= 1 ? relativeDay(date, now) : shortDay(date, now);
	return isStartOfDay(date) ? words : `${words}, ${time(date)}`;
}

/** `5 minutes ago`, `2 hours ago`, `3 days ago`. */
export function ago(value: string | Date, now = new Date()): string {
	const date = asDate(value);
	if (!date) return '';
	const format = new Intl.RelativeTimeFormat(locale.current, { numeric: 'auto' });
	const seconds = Math.round((date.getTime() - now.getTime()) / 1000);
	if (Math.abs(seconds) < 60) return format.format(0, 'minute');
	if (Math.abs(seconds) < 3600) return format.format(Math.trunc(seconds / 60), 'minute');
	if (Math.abs(seconds) < 86_400) return format.format(Math.trunc(seconds / 3600), 'hour');
	return format.format(daysBetween(now, date), 'day');
}

/** `Thursday 12 March`, for headings. */
export function longDay(value: string | Date, now = new Date()): string {
	const date = asDate(value);
	if (!date) return '';
	const sameYear = date.getFullYear() === now.getFullYear();
	return dateFormat({
		weekday: 'long',
		day: 'numeric',
		month: 'long',
		year: sameYear ? undefined : 'numeric'
	}).format(date);
}

/** True for midnight: a plan for a day without an hour. */
export function isStartOfDay(date: Date): boolean {
	return date.getHours() === 0 && date.getMinutes() === 0;
}

/** A number with the language's separators. */
export function number(value: number): string {
	return new Intl.NumberFormat(locale.current).format(value);
}

/** A share between 0 and 1 as per cent. */
export function percent(value: number): string {
	return new Intl.NumberFormat(locale.current, { style: 'percent', maximumFractionDigits: 0 }).format(value);
}

/** Names joined as the language joins them: `A, B and C`. */
export function listOf(names: string[]): string {
	return new Intl.ListFormat(locale.current, { type: 'conjunction' }).format(names);
}

/** First letters for an avatar. */
export function initials(name: string): string {
	const words = name.trim().split(/\s+/u).filter(Boolean);
	return words
		.slice(0, 2)
		.map((word) => [...word][0] ?? '')
		.join('')
		.toLocaleUpperCase(locale.current);
}

/** A sentence begins with a capital letter whatever the piece was. */
export function capitalised(text: string): string {
	const [first = '', ...rest] = [...text];
	return first.toLocaleUpperCase(locale.current) + rest.join('');
}

/** Alphabetical order of the language. */
export function byName(a: string, b: string): number {
	return a.localeCompare(b, locale.current);
}

/** `March 2026`, for headings. */
export function monthOf(value: string | Date): string {
	const date = asDate(value);
	return date ? capitalised(dateFormat({ month: 'long', year: 'numeric' }).format(date)) : '';
}

/** `2026`. */
export function yearOf(value: string | Date): string {
	return String(asDate(value)?.getFullYear() ?? '');
}

/** `Mon`, for the heads of a calendar. */
export function weekday(value: string | Date): string {
	const date = asDate(value);
	return date ? dateFormat({ weekday: 'short' }).format(date) : '';
}
