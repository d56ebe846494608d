import { expect, test } from 'vitest';
import { choices, joined } from './fields';

const field = (key: string, values: (string | boolean | null)[], proposed = 0) => ({
	field: key,
	values,
	joins: false,
	proposed
});

test('only fields in which clients say different things want a choice', () => {
	const fields = [
		field('name', ['Ромашка', 'ТОВ Ромашка']),
		field('city', [null, 'Київ'], 1),
		field('status', ['active', 'active']),
		field('is_client', [false, true], 1)
	];
	expect(choices(fields).map((one) => one.field)).toEqual(['name']);
	expect(choices([field('name', ['А', 'Б', 'А'])])[0]?.options).toEqual([
		{ at: 0, value: 'А' },
		{ at: 1, value: 'Б' }
	]);
});

test('lists of which only one client has something are not spoken of', () => {
	const entries = [{ entry: null, value: '+380', label: '', title: '', removed: false }];
	const phones = { field: 'phones', values: [entries, entries], joins: true, proposed: 0 };
	const note = { field: 'note', values: ['x', null], joins: true, proposed: 0 };
	expect(joined([phones, note])).toEqual(['phones']);
});
