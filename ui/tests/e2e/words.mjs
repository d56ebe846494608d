// Words of the interface by message key, in the language the tests use.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const areas = new Map();
let language = 'ru';

/** The languages there are. */
export const languages = ['en', 'ru', 'uk'];

/** Changes the language of `t`; screens opened from now on are to be in it. */
export function speak(one) {
	language = one;
}

/** The language of `t`. */
export const spoken = () => language;

/** Messages of an area by key. */
function messages(area, of = language) {
	const path = join(root, 'messages', of, `${area}.json`);
	if (!areas.has(path)) areas.set(path, JSON.parse(readFileSync(path, 'utf8')));
	return areas.get(path);
}

/** The text of a message without plural forms, with values put in. */
export function t(key, values = {}) {
	const text = messages(key.split('_')[0])[key];
	if (typeof text !== 'string') throw new Error(`no plain message ${key}`);
	return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '');
}

/** English texts that the language in use says otherwise: whoever sees one there has found something untranslated. */
export function foreign() {
	if (language === 'en') return [];
	const found = new Set();
	for (const area of readdirSync(join(root, 'messages/en')).map((name) => basename(name, '.json'))) {
		const own = new Set(Object.values(messages(area)));
		for (const text of Object.values(messages(area, 'en'))) {
			if (typeof text === 'string' && /[A-Za-z]{3}/.test(text) && !text.includes('{') && !own.has(text))
				found.add(text);
		}
	}
	const labels = (of) =>
		readFileSync(resolve(root, '../core/labels', `${of}.ftl`), 'utf8')
			.split('\n')
			.map((line) => /^\s*\.?[\w-]+ = (.*)$/.exec(line)?.[1])
			.filter(Boolean);
	const own = new Set(labels(language));
	for (const text of labels('en'))
		if (/[A-Za-z]{3}/.test(text) && !text.includes('{') && !own.has(text)) found.add(text);
	return [...found];
}
