import { beforeEach, expect, it } from 'vitest';
import { locale } from '$lib/i18n';
import { nextChips, nextContact } from './next';

beforeEach(() => locale.use('uk'));

it('offers tomorrow, three days and a week, over the end of a month', () => {
	expect(nextChips(new Date(2026, 10, 28, 23, 30)).map((chip) => chip.day)).toEqual([
		'2026-11-29',
		'2026-12-01',
		'2026-12-05'
	]);
});

it('makes the next contact due at the moment the day begins for the viewer', () => {
	expect(nextContact('2026-12-01', 'open')).toEqual({
		day: '2026-12-01',
		starts_at: new Date(2026, 11, 1).toISOString(),
		channel: 'open'
	});
	expect(nextContact('', 'open')).toBeNull();
});
