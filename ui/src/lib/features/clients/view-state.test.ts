import { describe, expect, it } from 'vitest';
import { nextSort, readState, requestOf, writeState } from './view-state';

describe('the list in the address', () => {
	it('comes back as it was', () => {
		const query = '?scope=staff&q=%D0%BA%D0%BE%D0%BB%D0%BE%D1%81&category=c1&sort=-last_contact';
		const state = readState(new URLSearchParams(query), 'mine');
		expect(state.text).toBe('колос');
		expect(writeState(state, 'mine')).toBe(query);
	});

	it('leaves out what is usual and refuses nonsense', () => {
		const state = readState(new URLSearchParams('?scope=everything'), 'all');
		expect(state.scope).toBe('all');
		expect(writeState(state, 'all')).toBe('');
	});

	it('asks for what the filters say', () => {
		const state = readState(new URLSearchParams('?status=active&region=r1&user=u1&sort=name'), 'all');
		expect(requestOf(state, 100, 300)).toMatchObject({
			conditions: [
				{ field: 'status', op: 'is', value: 'active' },
				{ field: 'region', op: 'is', value: 'r1' }
			],
			user: 'u1',
			sort: [{ field: 'name', descending: false }],
			offset: 100
		});
	});

	it('turns a column up, down and off', () => {
		const up = nextSort(null, 'city');
		const down = nextSort(up, 'city');
		expect([up, down, nextSort(down, 'city')]).toEqual([
			{ field: 'city', descending: false },
			{ field: 'city', descending: true },
			null
		]);
	});
});
