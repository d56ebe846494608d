import { expect, it } from 'vitest';
import { dayOf } from '$lib/i18n';
import { monthDays, weekDays } from './calendar-days';

it('shows a month in whole weeks from Monday on', () => {
	const days = monthDays(new Date(2026, 10, 22)).map(dayOf);
	expect([days[0], days.at(-1), days.length]).toEqual(['2026-10-26', '2026-12-06', 42]);
	expect(monthDays(new Date(2027, 1, 10)).map(dayOf)).toHaveLength(28);
});

it('ends a week on Sunday', () => {
	expect(weekDays(new Date(2026, 10, 22)).map(dayOf)).toEqual([
		'2026-11-16',
		'2026-11-17',
		'2026-11-18',
		'2026-11-19',
		'2026-11-20',
		'2026-11-21',
		'2026-11-22'
	]);
});
