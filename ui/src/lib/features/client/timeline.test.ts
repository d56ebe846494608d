import { describe, expect, it } from 'vitest';
import type { InteractionRow } from '$lib/ipc';
import { borders, byDay, everything, fits, parse, together, whatOf, within } from './timeline';

const item = (id: string, date: Date | null) => ({ id, at: date?.toISOString() ?? null });
const today = new Date(2026, 10, 22, 15);
const row = (more: Partial<InteractionRow>) =>
	({
		channel: 'call',
		starts_at: today.toISOString(),
		persons: [],
		assigned: null,
		contactor: null,
		...more
	}) as unknown as InteractionRow;
const anna = { id: 'anna', name: 'Anna' } as unknown as InteractionRow['contactor'];

describe('the history of a client', () => {
	it('puts what happened on one day of the viewer together', () => {
		const days = byDay([
			item('a', new Date(2026, 10, 22, 23, 59)),
			item('b', new Date(2026, 10, 22, 0, 1)),
			item('c', new Date(2026, 10, 21, 12)),
			item('d', null)
		]);
		expect(days.map((day) => [day.day, day.items.map((one) => one.id)])).toEqual([
			['2026-11-22', ['a', 'b']],
			['2026-11-21', ['c']],
			['', ['d']]
		]);
	});

	it('puts edits between what happened', () => {
		const rows = [item('a', new Date(2026, 10, 22, 12)), item('d', null)];
		const edits = [item('b', new Date(2026, 10, 22, 13)), item('c', new Date(2026, 10, 1))];
		expect(together(rows, edits).map(({ id }) => id)).toEqual(['b', 'a', 'c', 'd']);
	});

	it('is narrowed by what', () => {
		expect(['visit', 'email', 'sms', 'conference', 'carrier pigeon'].map(whatOf)).toEqual([
			'visit',
			'letter',
			'letter',
			'meeting',
			'other'
		]);
		expect(fits(row({}), everything, today)).toBe(true);
		expect(fits(row({}), { ...everything, what: ['call', 'edit'] }, today)).toBe(true);
		expect(fits(row({}), { ...everything, what: ['edit'] }, today)).toBe(false);
	});

	it('is narrowed by a person of either side', () => {
		const narrowing = { ...everything, person: 'anna' };
		expect(fits(row({ contactor: anna }), narrowing, today)).toBe(true);
		expect(fits(row({ assigned: anna }), narrowing, today)).toBe(true);
		expect(fits(row({ persons: [{ id: 'anna', title: 'Anna' }] }), narrowing, today)).toBe(true);
		expect(fits(row({}), narrowing, today)).toBe(false);
	});

	it('is narrowed by a stretch of days', () => {
		expect(borders({ ...everything, stretch: 'week' }, today)).toEqual({ from: '2026-11-16', until: '2026-11-22' });
		const days = { ...everything, stretch: 'days' as const, from: '2026-11-20', until: '' };
		expect(borders(days, today)).toEqual({ from: '2026-11-20', until: '' });
		const at = (day: number) => new Date(2026, 10, day, 23, 30).toISOString();
		expect([19, 20].map((day) => within(at(day), borders(days, today)))).toEqual([false, true]);
		expect(within(null, borders(days, today))).toBe(false);
		expect(within(null, borders(everything, today))).toBe(true);
	});

	it('remembers what it was narrowed to, and nothing of nonsense', () => {
		const narrowing = { what: ['call' as const], person: 'anna', stretch: 'month' as const, from: '', until: '' };
		expect(parse(JSON.stringify(narrowing))).toEqual(narrowing);
		expect([parse(null), parse('{'), parse('{"what":["x"],"stretch":"age","from":"soon"}')]).toEqual([
			everything,
			everything,
			everything
		]);
	});
});
