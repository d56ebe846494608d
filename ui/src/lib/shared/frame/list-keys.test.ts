// @vitest-environment node
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { listKeys } from './list-keys';

const sources = ['RecordTable.svelte', 'BoardColumn.svelte'].map((name) =>
	readFileSync(resolve(import.meta.dirname, '../list', name), 'utf8')
);
/** Every key the lists' own handlers name. */
const handled = new Set(
	sources.flatMap((source) => [
		...[...source.matchAll(/event\.(?:key|code) === '([^']+)'/g)].map((found) => found[1]),
		...[...source.matchAll(/^\t\t\t(Arrow\w+|Page\w+|Home|End): /gm)].map((found) => found[1])
	])
);

describe('the keys shown under ?', () => {
	it('are bound in lists, each of them', () => {
		for (const { key, bound } of listKeys) {
			for (const one of bound) expect(handled, key).toContain(one);
		}
	});

	it('are all that lists bind', () => {
		// On a column's head Enter and the arrows sort and widen: what a head says itself when it has the focus.
		const told = new Set([...listKeys.flatMap(({ bound }) => bound), 'Enter']);
		expect([...handled].filter((key) => !told.has(key!))).toEqual([]);
	});
});
