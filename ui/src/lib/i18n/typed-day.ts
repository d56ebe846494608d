// Days as people type them: 12.3, 12.03.26, tomorrow, Friday, +3.
import { addDays, dayOf } from './format';
import { locale } from './locale.svelte';

/** The day somebody means, as `YYYY-MM-DD`; `null` where it is none. A date without a year is the nearest one. */
export function typedDay(text: string, now = new Date()): string | null {
	const typed = plain(text.trim());
	if (typed === '') return null;
	return inFigures(typed, now) ?? steps(typed, now) ?? inWords(typed, now);
}

/** A day as it is typed and read: `12.03.2026`. */
export function typedForm(day: string): string {
	const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day);
	return parts ? `${parts[3]}.${parts[2]}.${parts[1]}` : '';
}

function inFigures(typed: string, now: Date): string | null {
	const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(typed);
	if (iso) return dayIn(Number(iso[1]), Number(iso[2]), Number(iso[3]));
	// Day before month, as all our languages have it.
	const local = /^(\d{1,2})[./ -](\d{1,2})(?:[./ -](\d{2}|\d{4})?)?\.?$/.exec(typed);
	if (!local) return null;
	const [day, month] = [Number(local[1]), Number(local[2])];
	if (local[3]) return dayIn(Number(local[3]) + (local[3].length === 2 ? 2000 : 0), month, day);
	const years = [0, 1, -1].map((n) => dayIn(now.getFullYear() + n, month, day));
	const far = (one: string) => Math.abs(new Date(one).getTime() - now.getTime());
	const possible = years.filter((one) => one !== null);
	return possible.sort((a, b) => far(a) - far(b))[0] ?? null;
}

function dayIn(year: number, month: number, day: number): string | null {
	const date = new Date(year, month - 1, day);
	// The 31st of June is nobody's day.
	return date.getMonth() === month - 1 && date.getDate() === day ? dayOf(date) : null;
}

function steps(typed: string, now: Date): string | null {
	const n = /^([+-])\s?(\d{1,3})$/.exec(typed);
	return n ? dayOf(addDays(now, Number(n[2]) * (n[1] === '-' ? -1 : 1))) : null;
}

/** The language's own words for near days, whole or begun with two letters. */
function inWords(typed: string, now: Date): string | null {
	if ([...typed].length < 2) return null;
	const near = new Intl.RelativeTimeFormat(locale.current, { numeric: 'auto' });
	const of = (n: number) => plain(near.format(n, 'day'));
	for (const n of [0, 1, -1, 2, -2]) {
		if (of(n) === typed) return dayOf(addDays(now, n));
	}
	for (const n of [0, 1, -1, 2, -2]) {
		if (of(n).startsWith(typed)) return dayOf(addDays(now, n));
	}
	for (let n = 1; n <= 7; n += 1) {
		const day = addDays(now, n);
		const names = (['long', 'short'] as const).map((weekday) =>
			plain(new Intl.DateTimeFormat(locale.current, { weekday }).format(day))
		);
		if (names.some((name) => name.startsWith(typed))) return dayOf(day);
	}
	return null;
}

/** Case and the many apostrophes of Ukrainian make no difference. */
function plain(text: string): string {
	return text.toLocaleLowerCase(locale.current).replace(/['’ʼ`]/g, '');
}
