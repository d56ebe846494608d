import { describe, expect, it } from 'vitest';
import type { SavedView } from '$lib/ipc';
import { differs, known, nextSort, plainState, readState, requestOf, viewFields, viewState, writeState } from './state';

const usual = plainState('mine');
const has = (field: string) => ['city', 'status', 'name'].includes(field);

describe('the list in the address', () => {
	it('comes back as it was', () => {
		const state = {
			...usual,
			scope: 'staff' as const,
			text: 'колос',
			conditions: [{ any: [{ field: 'city', op: 'is' as const, value: 'Київ' }] }],
			sort: [{ field: 'city', descending: true }],
			group: [{ field: 'status' }],
			columns: [{ field: 'city', width: 200 }],
			layout: 'kanban' as const,
			by: 'status'
		};
		expect(readState(new URLSearchParams(writeState(state, usual)), usual)).toEqual(state);
	});

	it('leaves out what is usual and refuses nonsense', () => {
		const state = readState(new URLSearchParams('?scope=everything&conditions=%7B&sort=[1,{}]&layout=pile'), usual);
		expect(state).toEqual(usual);
		expect(writeState(usual, usual)).toBe('');
	});

	it('says whether anything differs from the view', () => {
		expect(differs({ ...usual, text: 'x' }, usual)).toBe(false);
		expect(differs({ ...usual, group: [{ field: 'city' }] }, usual)).toBe(true);
	});
});

describe('a saved view', () => {
	const view = (fields: Record<string, string>): SavedView => ({
		row: {
			id: 'v1',
			kind: 'saved_view',
			title: 'View',
			client: null,
			fields,
			unsent: false,
			n_reviews: 0,
			cover: null,
			marks: []
		},
		department: null,
		access: 'write'
	});

	it('keeps everything one can wish', () => {
		const state = {
			...usual,
			view: 'v1',
			conditions: [{ field: 'city', op: 'filled' as const, value: '' }],
			rules: [
				{
					when: { field: 'status', op: 'is' as const, value: 'active' },
					colour: 'done' as const,
					sign: 'star' as const,
					bold: true,
					cell: ''
				}
			],
			columns: [{ field: 'city' }]
		};
		expect(viewState(view(viewFields(state)), usual)).toEqual(state);
	});

	it('keeps what a newer version wrote and asks without it', () => {
		const conditions = JSON.stringify([
			{ field: 'mood', op: 'is', value: 'good' },
			{ any: [{ field: 'mood', op: 'is', value: 'bad' }] },
			{ field: 'city', op: 'is', value: 'Київ' }
		]);
		const state = viewState(view({ conditions, layout: 'map' }), usual);
		expect(state.layout).toBe('table');
		expect(JSON.parse(viewFields(state).conditions!)).toEqual(JSON.parse(conditions));
		expect(requestOf('client', state, has, 0, 10).conditions).toEqual([{ field: 'city', op: 'is', value: 'Київ' }]);
	});
});

it('colours by what is filled in of a rule, and by no rule without anything', () => {
	const look = { colour: 'done' as const, sign: '' as const, bold: false, cell: '' };
	const filled = { field: 'city', op: 'is' as const, value: 'Київ' };
	const rules = [
		{ when: { field: 'city', op: 'is' as const, value: '' }, ...look },
		{ when: { all: [filled, { field: 'mood', op: 'is' as const, value: 'x' }] }, ...look }
	];
	expect(requestOf('client', { ...usual, rules }, has, 0, 1).marks).toEqual([{ all: [filled] }]);
});

it('asks for nothing nobody filled in', () => {
	expect(known([{ field: 'city', op: 'contains', value: '' }, { all: [] }], has)).toEqual([]);
	expect(known([{ field: 'city', op: 'one_of', value: '', values: [] }], has)).toEqual([]);
	expect(known([{ field: 'city', op: 'empty', value: '' }], has)).toHaveLength(1);
});

it('turns a column up, down and off, alone or beside others', () => {
	const up = nextSort([], 'city');
	const down = nextSort(up, 'city');
	expect([up, down, nextSort(down, 'city')]).toEqual([
		[{ field: 'city', descending: false }],
		[{ field: 'city', descending: true }],
		[]
	]);
	const both = nextSort(up, 'status', true);
	expect(both.map((by) => by.field)).toEqual(['city', 'status']);
	expect(nextSort(both, 'city', true)[0]).toEqual({ field: 'city', descending: true });
});
