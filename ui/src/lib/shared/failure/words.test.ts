import { beforeEach, describe, expect, it } from 'vitest';
import { locale, locales } from '$lib/i18n';
import { CommandFailed } from '$lib/ipc';
import { codes } from './codes';
import { codeWords, isCode, words } from './words';

const failed = (code: string, params: Record<string, string> = {}) =>
	new CommandFailed({ code, kind: 'fix', params, fields: {} });

describe.each(locales)('error words in %s', (language) => {
	beforeEach(() => locale.use(language));

	it.each(codes)('has a sentence for %s', (code) => {
		const said = words(failed(code, { n: '3', expected: 'Иван', found: 'Олена' }));
		expect(said.length).toBeGreaterThan(8);
		expect(said).not.toContain('_');
		expect(said).not.toContain('{');
		if (language !== 'en') expect(said).toMatch(/[а-яіїєґ]/i);
	});
});

it('says something honest about a code of a later version', () => {
	locale.use('en');
	expect(codeWords('something_new')).toBe(words(failed('internal')));
	expect(words(new TypeError('x'))).toBe(words(failed('internal')));
});

it('counts what is unsent', () => {
	locale.use('ru');
	expect(words(failed('unsent_edits', { n: '3' }))).toContain('3 правки');
	expect(isCode(failed('unsent_edits'), 'unsent_edits')).toBe(true);
});
