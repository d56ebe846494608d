import { expect, it } from 'vitest';
import { readState, requestOf, writeState } from './view-state';

const now = new Date(2026, 10, 22, 14, 30);

it('keeps scope, preset and words in the address', () => {
	const query = '?scope=all&class=overdue&q=%D0%B4%D0%BE%D0%B3%D0%BE%D0%B2%D0%BE%D1%80';
	const state = readState(new URLSearchParams(query), 'mine');
	expect(state).toEqual({ scope: 'all', preset: 'overdue', text: 'договор' });
	expect(writeState(state, 'mine')).toBe(query);
});

it('draws the borders of the classes at the viewer\u2019s day', () => {
	const conditions = (preset: 'overdue' | 'current' | 'planned') =>
		requestOf({ scope: 'mine', preset, text: '' }, now, 0, 50).conditions.map(
			(one) => `${one.field} ${one.op} ${one.value}`
		);
	const today = new Date(2026, 10, 22).toISOString();
	const tomorrow = new Date(2026, 10, 23).toISOString();
	expect(conditions('overdue')).toEqual(['state is planned', `starts_at before ${now.toISOString()}`]);
	expect(conditions('current')).toEqual([
		'state is planned',
		`starts_at from ${today}`,
		`starts_at before ${tomorrow}`
	]);
	expect(conditions('planned')).toEqual(['state is planned', `starts_at from ${tomorrow}`]);
});

it('shows the latest first where one looks back', () => {
	expect(requestOf({ scope: 'all', preset: 'held', text: '' }, now, 0, 50).sort).toEqual([
		{ field: 'starts_at', descending: true }
	]);
});
