import { beforeEach, expect, it } from 'vitest';
import { locale } from '$lib/i18n';
import type { Reason } from '$lib/ipc';
import { allowedWords, reasonWords, throughWords } from './words';

const reason = (key: string, more: Partial<Reason> = {}): Reason => ({
	reason: key,
	person: null,
	until: null,
	level: 'write',
	departments: [],
	interactions: [],
	...more
});

beforeEach(() => locale.use('uk'));

it('names the department one supervises and the way up to it', () => {
	const own = reason('supervisor', { departments: ['Північ'] });
	expect(reasonWords(own)).toContain('«Північ»');
	expect(throughWords(own)).toBe('');
	const through = reason('supervisor', { departments: ['Суми', 'Північ'] });
	expect(reasonWords(through)).toContain('«Північ»');
	expect(throughWords(through)).toContain('Суми → Північ');
});

it('says what the strongest reason allows, and something for a reason of a newer office', () => {
	expect(allowedWords([reason('assigned', { level: 'add' }), reason('responsible')])).toBe('Можна змінювати все.');
	expect(reasonWords(reason('lottery'))).toBe('Доступ дав офіс.');
});
