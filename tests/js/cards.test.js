// Address cards of ours read by the parser of Mozilla's calendar, which knows both versions (RFC 2426, RFC 6350).
// `satchel-files` writes them; scripts/test builds it first and names it in SATCHEL_FILES.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import ICAL from 'ical.js';

const program = process.env.SATCHEL_FILES ?? new URL('../../target/debug/satchel-files', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'satchel-cards-'));
execFileSync(program, ['--write', folder]);
after(() => rmSync(folder, { recursive: true }));

const firm = 'ООО "Ромашка, Лютик; и Ко"';
const note = `первая строка\nвторая, длинная: ${Array(8).fill('ёжик').join(' ')}`;

/** The cards of a file by name: each a function from a property's name to the values of all of that name. */
function cards(file) {
	const components = ICAL.parse(readFileSync(join(folder, file), 'utf8'));
	const read = components.map(([kind, properties]) => {
		assert.equal(kind, 'vcard');
		return (name) => properties.filter(([one]) => one === name).map(([, , , ...values]) => values.flat());
	});
	return Object.fromEntries(read.map((card) => [card('fn')[0][0], card]));
}

for (const [file, version] of [
	['clients-3.vcf', '3.0'],
	['clients-4.vcf', '4.0']
]) {
	test(`${file}: every card is read with what it says`, () => {
		const read = cards(file);
		// Version 3.0 wants a sign before a semicolon; this parser leaves it there.
		const bare = (text) => (version === '3.0' ? text.replaceAll(';', '\\;') : text);
		const names = [bare(firm), "=cmd|'/C calc'!A0", 'Иванов Иван Петрович', 'Шевченко Тарас Григорович'];
		assert.deepEqual(Object.keys(read).toSorted(), names.toSorted());
		for (const card of Object.values(read)) {
			assert.deepEqual(card('version'), [[version]]);
			assert.equal(card('uid').length, 1);
			assert.match(card('uid')[0][0], /^urn:uuid:[0-9a-f-]{36}$/);
			assert.ok(!Number.isNaN(Date.parse(card('rev')[0][0])), card('rev')[0][0]);
		}
		const [client, person] = [read[bare(firm)], read['Иванов Иван Петрович']];
		assert.deepEqual(person('n'), [['Иванов', 'Иван', 'Петрович', '', '']]);
		assert.deepEqual([client('org'), person('org')], [[[firm]], [[firm]]]);
		assert.deepEqual(client('note'), [[note]]);
		assert.deepEqual(client('adr'), [['', '', 'ул. Садовая, 5', 'Москва', '', '', '']]);
		assert.deepEqual(person('bday'), [['1985-04-12']]);
		const phones = Object.values(read).flatMap((card) => card('tel').flat());
		assert.deepEqual(phones.toSorted(), ['+380 44 123-45-67', '+7 495 000-00-00']);
		assert.deepEqual([client('x-inn'), client('x-kpp')], [[['7707083893']], [['770701001']]]);
		assert.deepEqual(client('kind'), version === '4.0' ? [['org']] : []);
	});
}
