import { beforeEach, expect, it } from 'vitest';
import { locale } from '$lib/i18n';
import type { FieldDeclared } from '$lib/ipc';
import { valueWords } from './format';

const field = (type: string): FieldDeclared => ({
	key: 'x',
	label: 'x',
	type,
	many: false,
	required: false,
	in_list: false,
	leading: false,
	fixed: false,
	archived: false,
	source: 'document',
	target: '',
	choices: [{ value: 'active', label: 'Действующий' }],
	former: [{ value: 'gone', label: 'Бывший' }]
});

beforeEach(() => locale.use('ru'));

it('shows choices in the words of the declaration and unknown ones as they are', () => {
	expect(valueWords(field('choice'), 'active')).toBe('Действующий');
	expect(valueWords(field('choice'), 'gone')).toBe('Бывший');
	expect(valueWords(field('choice'), 'later_version')).toBe('later_version');
});

it('never shows an id', () => {
	expect(valueWords(field('reference'), { id: '0193-x', title: '' })).toBe('имя здесь неизвестно');
});

it('joins the entries that are still there', () => {
	const entry = { entry: 'a', label: '', title: '' };
	expect(
		valueWords(field('phone'), [
			{ ...entry, value: '1', removed: false },
			{ ...entry, value: '2', removed: true },
			{ ...entry, value: '3', removed: false }
		])
	).toBe('1, 3');
});

it('knows yes, no, nothing and zero apart', () => {
	expect(valueWords(field('bool'), false)).toBe('Нет');
	expect(valueWords(field('int'), 0)).toBe('0');
	expect(valueWords(field('text'), null)).toBe('');
});
