import { expect, it } from 'vitest';
import type { InteractionRow } from '$lib/ipc';
import { byDay } from './timeline';

const row = (id: string, date: Date | null) => ({ id, starts_at: date?.toISOString() ?? null }) as InteractionRow;

it('puts what happened on one day of the viewer together', () => {
	const days = byDay([
		row('a', new Date(2026, 10, 22, 23, 59)),
		row('b', new Date(2026, 10, 22, 0, 1)),
		row('c', new Date(2026, 10, 21, 12)),
		row('d', null)
	]);
	expect(days.map((day) => [day.day, day.rows.map((one) => one.id)])).toEqual([
		['2026-11-22', ['a', 'b']],
		['2026-11-21', ['c']],
		['', ['d']]
	]);
});
