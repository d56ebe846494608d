import { afterEach, describe, expect, it } from 'vitest';
import { locale } from './locale.svelte';
import { typedDay, typedForm } from './typed-day';

/** A Wednesday. */
const now = new Date(2026, 10, 25, 15, 30);

describe('days as people type them', () => {
	afterEach(() => locale.use('en'));

	it.each([
		['12.03.2026', '2026-03-12'],
		['12.3.26', '2026-03-12'],
		['1/12', '2026-12-01'],
		['5.1', '2027-01-05'],
		['30.10.', '2026-10-30'],
		['2026-02-03', '2026-02-03'],
		['+3', '2026-11-28'],
		['-1', '2026-11-24']
	])('reads %s', (typed, day) => {
		expect(typedDay(typed, now)).toBe(day);
	});

	it.each(['31.6', '32.1.2026', '0.5', '12', 'abc', '', '29.02.2027', 'x'])('takes %j for no day', (typed) => {
		expect(typedDay(typed, now)).toBeNull();
	});

	it.each([
		['en', 'tomorrow', '2026-11-26'],
		['en', 'fri', '2026-11-27'],
		['ru', 'Завтра', '2026-11-26'],
		['ru', 'послезавтра', '2026-11-27'],
		['ru', 'вч', '2026-11-24'],
		['ru', 'пятница', '2026-11-27'],
		['uk', 'післязавтра', '2026-11-27'],
		['uk', 'сьогодні', '2026-11-25'],
		['uk', 'п’ятниця', '2026-11-27']
	] as const)('understands in %s: %s', (language, typed, day) => {
		locale.use(language);
		expect(typedDay(typed, now)).toBe(day);
	});

	it('writes a day as it may be typed', () => {
		expect(typedForm('2026-03-05')).toBe('05.03.2026');
		expect(typedDay(typedForm('2026-03-05'), now)).toBe('2026-03-05');
		expect(typedForm('')).toBe('');
	});
});
