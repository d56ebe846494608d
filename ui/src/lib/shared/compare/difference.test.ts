import { expect, it } from 'vitest';
import { difference } from './difference';

/** Marked pieces in brackets. */
const marked = (text: string, other: string) =>
	difference(text, other)
		.map((piece) => (piece.changed ? `[${piece.text}]` : piece.text))
		.join('');

it.each([
	['ул. Садовая, 4', 'ул. Новая, 4', 'ул. [Садовая,] 4'],
	['заезжать со двора', 'заезжать со двора утром', 'заезжать со двора'],
	['заезжать со двора утром', 'заезжать со двора', 'заезжать со двора[ утром]'],
	['+380 44 111-22-33', '+380 44 111-22-34', '+380 44 [111-22-33]'],
	[
		'склад справа, звонить утром, пропуск нужен',
		'склад слева, звонить утром, пропуск не нужен',
		'склад [справа,] звонить утром, пропуск нужен'
	],
	['один два три четыре пять', 'один 2 три 4 пять', 'один [два] три [четыре] пять']
])('marks what %j has and %j has not', (text, other, expected) => {
	expect(marked(text, other)).toBe(expected);
});

it('marks nothing where everything is different', () => {
	expect(marked('Одеса', 'Київ')).toBe('Одеса');
	expect(marked('', 'Київ')).toBe('');
});

it('loses no letter of the text', () => {
	for (const [text, other] of [
		['а б в', 'а в'],
		['а а а', 'а а'],
		['один  два', 'один два'],
		['x '.repeat(3000), 'y x '.repeat(2000)]
	] as const) {
		expect(
			difference(text, other)
				.map((piece) => piece.text)
				.join('')
		).toBe(text);
	}
});
