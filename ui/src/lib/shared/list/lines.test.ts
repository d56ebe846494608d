import { expect, it } from 'vitest';
import type { ListGroup } from '$lib/ipc';
import { Lines } from './lines';

const group = (value: string, first: number, count: number, groups: ListGroup[] = []): ListGroup => ({
	value,
	rest: false,
	first,
	count,
	sums: {},
	groups
});
const groups = [
	group('north', 0, 3, [group('new', 0, 1), group('old', 1, 2)]),
	group('south', 3, 1000, [group('new', 3, 1000)])
];

it('puts heads before their rows', () => {
	const lines = new Lines(groups, new Set());
	expect(lines.count).toBe(2 + 3 + 1003);
	const shown = Array.from({ length: 9 }, (_, line) => {
		const here = lines.at(line);
		return typeof here === 'number' ? here : here.path;
	});
	expect(shown).toEqual(['/"north"', '/"north"/"new"', 0, '/"north"/"old"', 1, 2, '/"south"', '/"south"/"new"', 3]);
	expect(lines.at(1007)).toBe(1002);
});

it('leaves out what is folded and asks only for rows that can be seen', () => {
	const lines = new Lines(groups, new Set(['/"north"/"old"', '/"south"']));
	expect(lines.count).toBe(5);
	expect(lines.parts(0, 300)).toEqual([{ offset: 0, n: 1 }]);
	const open = new Lines(groups, new Set(['/"north"/"old"']));
	expect(open.parts(0, 10)).toEqual([
		{ offset: 0, n: 1 },
		{ offset: 3, n: 4 }
	]);
	expect(open.parts(500, 10)).toEqual([{ offset: 497, n: 10 }]);
});

it('joins rows that follow one another over a head', () => {
	expect(new Lines(groups, new Set()).parts(0, 12)).toEqual([{ offset: 0, n: 7 }]);
});
