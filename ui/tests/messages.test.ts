// Every text in three languages: nothing forgotten in English, every plural form there.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

type Plural = [{ selectors: string[]; match: Record<string, string> }];
type Messages = Record<string, string | Plural>;

const areas = readdirSync('messages/en').map((file) => file.replace('.json', ''));
const read = (language: string, area: string) =>
	JSON.parse(readFileSync(`messages/${language}/${area}.json`, 'utf8')) as Messages;

/** Texts that are rightly the same everywhere: names and signs. */
const sameEverywhere = new Set(['common_app', 'settings_language_en', 'settings_language_ru', 'settings_language_uk']);

const forms = { en: ['one', 'other'], ru: ['one', 'few', 'many', 'other'], uk: ['one', 'few', 'many', 'other'] };
const placeholders = (text: string) => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort();
const texts = (message: string | Plural) => (typeof message === 'string' ? [message] : Object.values(message[0].match));

/** All of the interface's own code. */
const code = readdirSync('src', { recursive: true, encoding: 'utf8' })
	.filter((path) => /\.(svelte|ts)$/.test(path) && !path.includes('paraglide'))
	.map((path) => readFileSync(join('src', path), 'utf8'))
	.join('\n');
const used = new Set(code.match(/\bm\.[a-z0-9_]+/g)?.map((name) => name.slice(2)));

describe.each(areas)('messages of %s', (area) => {
	const en = read('en', area);

	it.each(['ru', 'uk'])('has the same keys in %s', (language) => {
		expect(Object.keys(read(language, area)).sort()).toEqual(Object.keys(en).sort());
	});

	it.each(['ru', 'uk'])('leaves nothing English in %s', (language) => {
		const there = read(language, area);
		const left = Object.keys(en).filter((key) => {
			if (sameEverywhere.has(key) || there[key] === undefined) return false;
			const words = texts(en[key]!).filter((text) => /[A-Za-z]{2}/.test(text.replace(/\{\w+\}/g, '')));
			return texts(there[key]).some((text) => words.includes(text));
		});
		expect(left).toEqual([]);
	});

	it.each(['en', 'ru', 'uk'] as const)('has every plural form in %s', (language) => {
		for (const [key, message] of Object.entries(read(language, area))) {
			if (typeof message === 'string') continue;
			const selector = message[0].selectors[0]!;
			expect(Object.keys(message[0].match), key).toEqual(forms[language].map((form) => `${selector}=${form}`));
		}
	});

	it.each(['ru', 'uk'])('uses the same values in %s', (language) => {
		const there = read(language, area);
		for (const key of Object.keys(en)) {
			const wanted = placeholders(texts(en[key]!).join(' '));
			expect(placeholders(texts(there[key]!).join(' ')), key).toEqual(wanted);
		}
	});

	it('has no text that nobody shows', () => {
		expect(Object.keys(en).filter((key) => !used.has(key))).toEqual([]);
	});

	it('belongs to its area', () => {
		for (const key of Object.keys(en)) expect(key.startsWith(`${area}_`), key).toBe(true);
	});
});

it('lists every area in the project file', () => {
	const project = JSON.parse(readFileSync('project.inlang/settings.json', 'utf8')) as Record<string, unknown>;
	const { pathPattern } = project['plugin.inlang.messageFormat'] as { pathPattern: string[] };
	expect(pathPattern.map((path) => path.replace('./messages/{locale}/', '').replace('.json', '')).sort()).toEqual(
		[...areas].sort()
	);
});
