import { describe, expect, it } from 'vitest';
import type { Test } from '$lib/ipc';
import { listFields, offered, opsOf } from './fields';
import type { ListField } from './fields';

const field = (type: string, more: Partial<ListField> = {}) =>
	({ key: 'one', type, many: false, ...more }) as ListField;
const test = (op: Test['op'], value: string): Test => ({ field: 'one', op, value, values: [] });

describe('a test as one edits it', () => {
	it('offers the single value of a choice as one of several', () => {
		for (const type of ['choice', 'user', 'department', 'reference']) {
			expect(offered(test('is', 'active'), field(type))).toEqual({
				...test('one_of', ''),
				values: ['active']
			});
			expect(offered(test('is_not', 'active'), field(type))).toEqual({ ...test('none_of', ''), values: ['active'] });
			expect(offered(test('is', ''), field(type)).values).toEqual([]);
		}
	});

	it('leaves alone what the field is compared by', () => {
		for (const type of ['text', 'bool', 'int', 'day']) {
			const asked = test('is', '1');
			expect(opsOf(field(type))).toContain('is');
			expect(offered(asked, field(type))).toBe(asked);
		}
		const several = test('contains', 'x');
		expect(offered(several, field('choice'))).toBe(several);
		expect(offered(test('is', 'x'), field('phone', { many: true })).op).toBe('is');
	});

	it('knows no field of a kind that is not declared', () => {
		expect(listFields(undefined, 'client')).toEqual([]);
	});
});
