import { describe, expect, it } from 'vitest';
import type { FieldDeclared, KindDeclared } from '$lib/ipc';
import { asked, asTyped, filled, firstEntry, missing, parseDraft } from './typed';

const field = (key: string, more: Partial<FieldDeclared> = {}): FieldDeclared => ({
	key,
	label: key,
	type: 'text',
	many: false,
	required: false,
	in_list: false,
	leading: false,
	fixed: false,
	archived: false,
	source: 'document',
	target: '',
	choices: [],
	former: [],
	...more
});
const phones = field('phones', { type: 'phone', many: true, leading: true });
const kind: KindDeclared = {
	key: 'person',
	label: 'Person',
	label_many: 'People',
	title: 'name',
	under_client: true,
	customisable: true,
	may_make: true,
	fields: [
		field('name', { required: true }),
		phones,
		field('note'),
		field('owner', { type: 'user' }),
		field('last', { source: 'computed' })
	]
};

describe('a form from a declaration', () => {
	it('asks first for what matters and never for what nobody types', () => {
		const { first, further } = asked(kind);
		expect([first.map(({ key }) => key), further.map(({ key }) => key)]).toEqual([['name', 'phones'], ['note']]);
	});

	it('knows what is missing', () => {
		expect(missing(kind, { name: '  ' })).toEqual(['name']);
		expect(missing(kind, { name: 'Anna' })).toEqual([]);
	});

	it('keeps one entry of a collection', () => {
		const typed = asTyped(phones, ' 112 ');
		expect(firstEntry(typed)).toBe('112');
		expect(asTyped(phones, '')).toEqual([]);
		expect(asTyped(field('city'), 'Kyiv')).toBe('Kyiv');
		expect(filled({ phones: [], city: '', name: 'Anna' })).toEqual({ name: 'Anna' });
	});

	it('reads its draft back, and nothing from nonsense', () => {
		expect(parseDraft(JSON.stringify({ name: 'Anna' }))).toEqual({ name: 'Anna' });
		expect([parseDraft(''), parseDraft('[1]'), parseDraft('{')]).toEqual([{}, {}, {}]);
	});
});
