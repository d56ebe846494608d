import { expect, it } from 'vitest';
import { difference } from './difference';

it.each([
	['ул. Садовая, 4', 'ул. Новая, 4', { before: 'ул. ', changed: 'Садовая,', after: ' 4' }],
	['заезжать со двора', 'заезжать со двора утром', { before: 'заезжать со двора', changed: '', after: '' }],
	['заезжать со двора утром', 'заезжать со двора', { before: 'заезжать со двора', changed: ' утром', after: '' }],
	['+380 44 111-22-33', '+380 44 111-22-34', { before: '+380 44 ', changed: '111-22-33', after: '' }]
])('marks what %j has and %j has not', (text, other, expected) => {
	expect(difference(text, other)).toEqual(expected);
});

it('marks nothing where everything is different', () => {
	expect(difference('Одеса', 'Київ')).toEqual({ before: 'Одеса', changed: '', after: '' });
	expect(difference('', 'Київ')).toEqual({ before: '', changed: '', after: '' });
});

it('loses no letter of the text', () => {
	for (const [text, other] of [
		['а б в', 'а в'],
		['а а а', 'а а'],
		['один  два', 'один два']
	] as const) {
		const { before, changed, after } = difference(text, other);
		expect(before + changed + after).toBe(text);
	}
});
