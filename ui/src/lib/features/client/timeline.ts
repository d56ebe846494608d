// History as a person reads it: by day, the latest first, narrowed to what he looks for.
import { addDays, asDate, dayOf } from '$lib/i18n';
import type { InteractionRow } from '$lib/ipc';

/** What stands in the history. */
export const whats = ['visit', 'call', 'letter', 'meeting', 'other', 'edit'] as const;
export type What = (typeof whats)[number];

/** Stretches of time one may narrow to; `days` for a first and a last day of one's own. */
export const stretches = ['week', 'month', 'quarter', 'year', 'days'] as const;
export type Stretch = '' | (typeof stretches)[number];

/** What the history is narrowed to. */
export interface Narrowing {
	/** Nothing stands for everything. */
	what: What[];
	/** A colleague or one of the client's people; empty for all. */
	person: string;
	stretch: Stretch;
	/** First and last day, `YYYY-MM-DD`, where the stretch is `days`. */
	from: string;
	until: string;
}

/** Everything. */
export const everything: Narrowing = { what: [], person: '', stretch: '', from: '', until: '' };

const lengths = { week: 7, month: 30, quarter: 91, year: 365 };
const kinds: Record<string, What> = {
	visit: 'visit',
	call: 'call',
	email: 'letter',
	sms: 'letter',
	meeting: 'meeting',
	conference: 'meeting'
};

/** What an interaction counts as. */
export function whatOf(channel: string): What {
	return kinds[channel] ?? 'other';
}

/** First and last day; empty where there is no border. */
export function borders({ stretch, from, until }: Narrowing, today: Date): { from: string; until: string } {
	if (stretch === '') return { from: '', until: '' };
	if (stretch === 'days') return { from, until };
	return { from: dayOf(addDays(today, 1 - lengths[stretch])), until: dayOf(today) };
}

/** Whether a moment lies within; what has none lies within no stretch. */
export function within(at: string | null, { from, until }: { from: string; until: string }): boolean {
	if (from === '' && until === '') return true;
	const date = at === null ? null : asDate(at);
	if (!date) return false;
	const day = dayOf(date);
	return (from === '' || day >= from) && (until === '' || day <= until);
}

/** Whether an interaction is one of those looked for. */
export function fits(row: InteractionRow, narrowing: Narrowing, today: Date): boolean {
	const { what, person } = narrowing;
	const with_ = [(row.contactor ?? row.assigned)?.id, ...row.persons.map(({ id }) => id)];
	return (
		(what.length === 0 || what.includes(whatOf(row.channel))) &&
		(person === '' || with_.includes(person)) &&
		within(row.starts_at, borders(narrowing, today))
	);
}

/** A narrowing as it was kept; everything for nonsense. */
export function parse(text: string | null): Narrowing {
	try {
		const read = JSON.parse(text ?? '') as Partial<Narrowing>;
		const day = (value: unknown) => (typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value) ? value : '');
		return {
			what: Array.isArray(read.what) ? whats.filter((one) => read.what!.includes(one)) : [],
			person: typeof read.person === 'string' ? read.person : '',
			stretch: stretches.find((one) => one === read.stretch) ?? '',
			from: day(read.from),
			until: day(read.until)
		};
	} catch {
		return everything;
	}
}

/** A day with what happened on it. */
export interface Day<Item> {
	/** `YYYY-MM-DD` in the viewer's time zone; empty where nobody said when. */
	day: string;
	items: Item[];
}

/** Groups what comes latest first; the order inside a day stays. */
export function byDay<Item extends { at: string | null }>(items: Item[]): Day<Item>[] {
	const days: Day<Item>[] = [];
	for (const item of items) {
		const date = item.at === null ? null : asDate(item.at);
		const day = date ? dayOf(date) : '';
		const last = days.at(-1);
		if (last?.day === day) last.items.push(item);
		else days.push({ day, items: [item] });
	}
	return days;
}

/** Two rows of things put into one, the latest first; what has no moment comes last. */
export function together<One extends { at: string | null }, Other extends { at: string | null }>(
	ones: One[],
	others: Other[]
): (One | Other)[] {
	const moment = (item: { at: string | null }) => (item.at === null ? -Infinity : Date.parse(item.at));
	return [...ones, ...others].sort((a, b) => moment(b) - moment(a) || 0);
}
