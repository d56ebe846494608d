// Words of the interface by message key, in the language the tests use.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const language = 'ru';
const areas = new Map();

/** The text of a message without plural forms, with values put in. */
export function t(key, values = {}) {
	const area = key.split('_')[0];
	if (!areas.has(area)) {
		const path = resolve(import.meta.dirname, `../../messages/${language}/${area}.json`);
		areas.set(area, JSON.parse(readFileSync(path, 'utf8')));
	}
	const text = areas.get(area)[key];
	if (typeof text !== 'string') throw new Error(`no plain message ${key}`);
	return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '');
}
