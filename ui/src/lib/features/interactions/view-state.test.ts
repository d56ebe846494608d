import { expect, it } from 'vitest';
import { readState, requestOf, writeState } from './view-state';

it('keeps scope, preset and words in the address', () => {
	const query = '?scope=all&class=overdue&q=%D0%B4%D0%BE%D0%B3%D0%BE%D0%B2%D0%BE%D1%80';
	const state = readState(new URLSearchParams(query), 'mine');
	expect(state).toEqual({ scope: 'all', preset: 'overdue', text: 'договор' });
	expect(writeState(state, 'mine')).toBe(query);
});

it('leaves the event classes to the host', () => {
	const conditions = (preset: 'open' | 'overdue' | 'held') =>
		requestOf({ scope: 'mine', preset, text: '' }, 0, 50).conditions.map(
			(one) => `${one.field} ${one.op} ${one.value}`
		);
	expect(conditions('open')).toEqual(['state is planned']);
	expect(conditions('overdue')).toEqual(['class is overdue']);
	expect(conditions('held')).toEqual(['state is held']);
});

it('shows the latest first where one looks back', () => {
	expect(requestOf({ scope: 'all', preset: 'held', text: '' }, 0, 50).sort).toEqual([
		{ field: 'starts_at', descending: true }
	]);
});
