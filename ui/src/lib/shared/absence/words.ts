// Absences and covers in words.
import { lastDay, m, number, shortDay } from '$lib/i18n';
import type { AbsenceRow, Cover, CoverLine } from '$lib/ipc';

/** From when to when somebody is away. */
export function periodWords({ from, until }: Pick<AbsenceRow, 'from' | 'until'>): string {
	return until
		? m.absence_until({ from: shortDay(from), last: lastDay(until) })
		: m.absence_since({ from: shortDay(from) });
}

/** Who stands in for whom with a client, as the person at this device reads it. */
export function coverWords(cover: Cover): string {
	const name = (cover.by_me ? cover.person?.name : cover.substitute?.name) ?? '';
	const last = cover.until ? lastDay(cover.until) : '';
	if (cover.by_me) return last ? m.absence_covering({ name, last }) : m.absence_covering_open({ name });
	return last ? m.absence_covered({ name, last }) : m.absence_covered_open({ name });
}

/** Whom one stands in for, on the start screen. */
export function coverLineWords(line: CoverLine): string {
	const name = line.person?.name ?? '';
	if (line.coming) return m.absence_today_coming({ from: shortDay(line.from), name });
	const amount = { name, count: line.n_clients, shown: number(line.n_clients) };
	return line.until ? m.absence_today_now({ ...amount, last: lastDay(line.until) }) : m.absence_today_now_open(amount);
}
