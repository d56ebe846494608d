import { beforeEach, describe, expect, it } from 'vitest';
import { m } from '$lib/i18n';
import {
	addDays,
	ago,
	dayOf,
	daysBetween,
	initials,
	isStartOfDay,
	listOf,
	number,
	relativeDay,
	relativeMoment
} from './format';
import { locale } from './locale.svelte';

const now = new Date(2026, 10, 22, 12, 30);

beforeEach(() => locale.use('ru'));

describe('days', () => {
	it.each([
		['en', -1, 'yesterday'],
		['ru', 0, 'сегодня'],
		['ru', 1, 'завтра'],
		['uk', 1, 'завтра'],
		['uk', -1, 'учора'],
		['ru', 3, 'среда'],
		['ru', 10, '2 декабря'],
		['uk', 10, '2 грудня'],
		['en', 10, '2 December']
	])('in %s %i days from now is %s', (language, n, words) => {
		locale.use(language);
		expect(relativeDay(addDays(now, n), now)).toBe(words);
	});

	it('shows the year only where it is another one', () => {
		expect(relativeDay(new Date(2027, 0, 15), now)).toBe('15 января 2027 г.');
		expect(relativeDay(new Date(2026, 0, 15), now)).toBe('15 января');
	});

	it('counts calendar days over the change of the clocks', () => {
		expect(daysBetween(new Date(2026, 2, 28, 23, 59), new Date(2026, 2, 30, 0, 1))).toBe(2);
		expect(dayOf(addDays(new Date(2026, 9, 24, 12), 1))).toBe('2026-10-25');
	});

	it('leaves the hour out of a plan for a whole day', () => {
		expect(isStartOfDay(new Date(2026, 10, 23))).toBe(true);
		expect(relativeMoment(new Date(2026, 10, 23), now)).toBe('завтра');
		expect(relativeMoment(new Date(2026, 10, 23, 9, 5), now)).toBe('завтра, 09:05');
	});

	it('says how long ago', () => {
		expect(ago(new Date(now.getTime() - 5 * 60_000), now)).toBe('5 минут назад');
		expect(ago(new Date(now.getTime() - 3 * 86_400_000), now)).toBe('3 дня назад');
	});
});

describe('plurals', () => {
	it.each([
		['ru', 1, '1 клиент'],
		['ru', 2, '2 клиента'],
		['ru', 5, '5 клиентов'],
		['ru', 11, '11 клиентов'],
		['ru', 21, '21 клиент'],
		['uk', 1, '1 клієнт'],
		['uk', 3, '3 клієнти'],
		['uk', 12, '12 клієнтів'],
		['uk', 101, '101 клієнт'],
		['en', 1, '1 client'],
		['en', 2, '2 clients']
	])('%s %i', (language, count, words) => {
		locale.use(language);
		expect(m.common_clients({ count, shown: number(count) })).toBe(words);
	});
});

describe('names and numbers', () => {
	it('takes two initials, also of Cyrillic names', () => {
		expect(initials('  Ярослава   Ґудзь-Ємець ')).toBe('ЯҐ');
		expect(initials('')).toBe('');
	});

	it('joins names and groups digits as the language does', () => {
		expect(listOf(['А', 'Б', 'В'])).toBe('А, Б и В');
		expect(number(12345).replace(/\s/g, ' ')).toBe('12 345');
	});
});
