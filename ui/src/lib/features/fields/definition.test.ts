import { describe, expect, it } from 'vitest';
import type { Entry, Row } from '$lib/ipc';
import { asFields, blank, changed, isSearchable, isWhole, readDefinition } from './definition';

const entry = (id: string | null, value: string): Entry => ({ entry: id, value, label: '', title: '', removed: false });

describe('a definition', () => {
	it('is whole with a name, and with values or a target where its type wants them', () => {
		const one = { ...blank('client'), name: 'Класс' };
		expect(isWhole(one)).toBe(true);
		expect(isWhole({ ...one, name: ' ' })).toBe(false);
		expect(isWhole({ ...one, type: 'choice' })).toBe(false);
		expect(isWhole({ ...one, type: 'choice', choices: [entry(null, 'золото')] })).toBe(true);
		expect(isWhole({ ...one, type: 'reference' })).toBe(false);
	});

	it('says only what its type has', () => {
		const fields = asFields({ ...blank('client'), name: ' Код ', target: 'person' }, 3);
		expect(fields).toMatchObject({ name: 'Код', of: 'client', type: 'text', place: 3, name_uk: null });
		expect(fields).not.toHaveProperty('target');
		expect(fields).not.toHaveProperty('choices');
	});

	it('is searched only where it holds text', () => {
		const one = { ...blank('client'), name: 'Код', search: true };
		expect(asFields(one, 0).search).toBe(true);
		for (const type of ['int', 'bool', 'day', 'choice', 'reference']) {
			expect(isSearchable({ ...one, type })).toBe(false);
			expect(asFields({ ...one, type }, 0).search).toBe(false);
		}
	});

	it('is changed only where somebody changed it, kind and type never', () => {
		const before = {
			...blank('client'),
			name: 'Код',
			type: 'choice',
			choices: [entry('a', 'золото'), entry('b', 'медь')]
		};
		const now = { ...before, of: 'person', type: 'int', required: true };
		expect(changed(before, now)).toEqual({ seen: { required: false }, changed: { required: true } });
		const choices = [entry('a', 'Золото'), entry(null, 'олово'), entry(null, '')];
		const edits = changed(before, { ...before, choices }).changed.choices;
		expect(edits).toEqual([entry('a', 'Золото'), entry(null, 'олово'), { ...entry('b', 'медь'), label: 'former' }]);
	});

	it('keeps the word of a value taken from the list, and does not offer it', () => {
		const fields = {
			name: 'Код',
			of: 'client',
			type: 'choice',
			choices: [entry('a', 'золото'), { ...entry('b', 'медь'), label: 'former' }]
		};
		expect(readDefinition({ fields } as unknown as Row).choices).toEqual([entry('a', 'золото')]);
	});
});
