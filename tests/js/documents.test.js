// A document of ours opens in Automerge's own package with the same content and the same heads (CONV-2).
// `satchel-export` prints the documents; scripts/test builds it first and names it in SATCHEL_EXPORT.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import * as Automerge from '@automerge/automerge';

const program = process.env.SATCHEL_EXPORT ?? new URL('../../target/debug/satchel-export', import.meta.url).pathname;
const documents = execFileSync(program, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
	.trim()
	.split('\n')
	.map((line) => JSON.parse(line));

const bytes = (base64) => new Uint8Array(Buffer.from(base64, 'base64'));

// In the words of the program: text and strings alike, moments in milliseconds, bytes in base64.
function plain(value) {
	if (value === null || ['boolean', 'number', 'string'].includes(typeof value)) return value;
	if (value instanceof Date) return value.getTime();
	if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
	if (Array.isArray(value)) return value.map(plain);
	if (Automerge.isImmutableString(value)) return value.toString();
	return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}

test('there are documents of every kind', () => {
	assert.ok(documents.length >= 5);
	for (const document of documents) assert.ok(Object.keys(document.content).length > 0, document.name);
});

for (const document of documents) {
	test(`${document.name}: the saved document opens with equal content and heads`, () => {
		const opened = Automerge.load(bytes(document.saved));
		assert.deepEqual(plain(opened), document.content);
		assert.deepEqual(Automerge.getHeads(opened).toSorted(), document.heads);
	});

	test(`${document.name}: its changes one after another give the same`, () => {
		const [opened] = Automerge.applyChanges(Automerge.init(), document.changes.map(bytes));
		assert.deepEqual(plain(opened), document.content);
		assert.deepEqual(Automerge.getHeads(opened).toSorted(), document.heads);
	});
}
