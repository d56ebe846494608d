import { describe, expect, it } from 'vitest';
import type { FieldChange, HistoryStep } from '$lib/ipc';
import { byDay, effectOf } from './days';

const step = (at: string) => ({ at, changes: [] }) as unknown as HistoryStep;
const change = (before: FieldChange['before'], after: FieldChange['after'], more: Partial<FieldChange> = {}) => ({
	field: 'city',
	entry: null,
	before,
	after,
	label: '',
	pieces: [],
	settles: false,
	...more
});

describe('history', () => {
	it('stands under its days in its own order', () => {
		const steps = ['2026-11-22T12:00:00', '2026-11-22T09:00:00', '2026-11-20T10:00:00', '2026-11-22T08:00:00'];
		const days = byDay(steps.map(step));
		expect(days.map(({ day, steps }) => [day, steps.length])).toEqual([
			['2026-11-22', 2],
			['2026-11-20', 1],
			['2026-11-22', 1]
		]);
	});

	it('tells what became of a value', () => {
		expect(effectOf(change(null, 'Kyiv'))).toBe('added');
		expect(effectOf(change('Kyiv', null))).toBe('removed');
		expect(effectOf(change('Kyiv', 'Lviv', { settles: true }))).toBe('changed');
		expect(effectOf(change('Kyiv', 'Kyiv', { settles: true }))).toBe('settled');
		expect(effectOf(change(null, null, { label: 'work' }))).toBe('labelled');
		const typed = { what: 'typed', text: 'x' } as const;
		expect(effectOf(change(null, null, { pieces: [{ what: 'same', text: 'y' }, typed] }))).toBe('written');
		expect(effectOf(change(null, null, { pieces: [typed] }))).toBe('added');
	});
});
