import { beforeEach, expect, it } from 'vitest';
import { locale } from '$lib/i18n';
import type { Fate, ReceiptView } from '$lib/ipc';
import { asText, fateOf, isOpen, whyOf } from './words';

const receipt = (fate: Fate, more: Partial<ReceiptView> = {}): ReceiptView => ({
	id: 1,
	item: null,
	record: 'r',
	kind: 'client',
	title: 'Альфа',
	client: null,
	what: 'edit',
	made_at: '2026-11-01T10:00:00Z',
	at: null,
	fate,
	code: '',
	keys: ['city'],
	fields: {},
	ended: null,
	answered_by: null,
	answered_at: null,
	picked: [],
	...more
});

beforeEach(() => locale.use('ru'));

it('says what became of an edit, and that a part of it was taken over', () => {
	expect(fateOf(receipt('declined')).words).toBe('отклонена');
	expect(fateOf(receipt('declined', { picked: ['city'] })).words).toBe('принята частично');
	expect(whyOf(receipt('refused', { code: 'read_only' }))).toContain('смотреть, но не менять');
});

it('is open while somebody decides or words are kept', () => {
	expect(isOpen(receipt('waiting'))).toBe(true);
	expect(isOpen(receipt('refused', { item: 'g' }))).toBe(true);
	expect(isOpen(receipt('refused'))).toBe(false);
	expect(isOpen(receipt('accepted'))).toBe(false);
});

it('is exported with what was typed, or only with the fields once it is decided', () => {
	expect(asText(receipt('waiting', { fields: { city: 'Псков' } }), undefined)).toContain('Псков');
	expect(asText(receipt('accepted'), undefined)).not.toContain('Псков');
});
