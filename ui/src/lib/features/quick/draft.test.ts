import { expect, it } from 'vitest';
import { isWorthKeeping, parseDraft, type QuickDraft } from './draft';

const empty: QuickDraft = {
	mode: 'log',
	client: null,
	persons: [],
	channel: 'call',
	subject: '',
	outcome: '',
	result: '',
	day: '',
	at: ''
};

it('comes back as it was typed', () => {
	const typed = { ...empty, result: 'Пол-слова «в кавычках»' };
	expect(parseDraft(JSON.stringify(typed))).toEqual(typed);
});

it('survives nonsense on the disk', () => {
	expect(parseDraft('')).toBeNull();
	expect(parseDraft('{"mode":')).toBeNull();
	expect(parseDraft('7')).toBeNull();
});

it('keeps nothing of an untouched sheet', () => {
	expect(isWorthKeeping(empty)).toBe(false);
	expect(isWorthKeeping({ ...empty, outcome: 'agreed' })).toBe(true);
});
