import { describe, expect, it } from 'vitest';
import { dueIn, share, within } from './details';

const count = (n_complete: number, n_clients: number) => ({ n_complete, n_clients, n_asked: 0, missing: [] });

describe('the share of complete clients', () => {
	it('is whole only where nothing is missing', () => {
		expect(share(count(199, 200))).toBe(99);
		expect(share(count(200, 200))).toBe(100);
		expect(share(count(0, 0))).toBe(100);
	});
});

it('a label inside a sentence keeps its abbreviations', () => {
	expect(within('ФИО')).toBe('ФИО');
	expect(within('Адреса эл. почты')).toBe('адреса эл. почты');
});

it('a correction is due in the morning', () => {
	const due = new Date(dueIn(3, new Date(2026, 10, 29, 18, 30)));
	expect([due.getFullYear(), due.getMonth(), due.getDate(), due.getHours()]).toEqual([2026, 11, 2, 9]);
});
