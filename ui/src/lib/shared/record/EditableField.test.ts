import { cleanup, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { locale } from '$lib/i18n';
import type { FieldDeclared, RecordView } from '$lib/ipc';
import { newQueryClient } from '$lib/shared/query';
import Harness from './EditableField.harness.svelte';

const field: FieldDeclared = {
	key: 'city',
	label: 'Город',
	type: 'text',
	many: false,
	required: false,
	in_list: true,
	leading: false,
	fixed: false,
	archived: false,
	source: 'document',
	target: '',
	choices: [],
	former: []
};
const record = {
	id: 'r1',
	kind: 'client',
	title: 'Колос',
	client: null,
	fields: { city: 'Київ' },
	unsent: false,
	n_reviews: 0,
	cover: null,
	marks: [],
	access: 'write',
	unsent_fields: [],
	reviews: [],
	warnings: [],
	trashed: false,
	client_trashed: false,
	merged_into: null,
	merged: [],
	created_at: null
} as RecordView;

const answers: { status: number; body: unknown }[] = [];
const sent: unknown[] = [];

beforeEach(() => {
	locale.use('ru');
	answers.length = 0;
	sent.length = 0;
	vi.stubGlobal('fetch', async (_: string, init: RequestInit) => {
		sent.push(JSON.parse(String(init.body)));
		const { status, body } = answers.shift()!;
		return new Response(JSON.stringify(body), { status });
	});
	vi.spyOn(document, 'hasFocus').mockReturnValue(true);
	render(Harness, { record, field, client: newQueryClient() });
});

afterEach(() => {
	cleanup();
	vi.unstubAllGlobals();
});

async function type(text: string, key: string) {
	screen.getByRole('button', { name: /Город/ }).click();
	const input = await screen.findByRole('textbox');
	(input as HTMLInputElement).value = text;
	input.dispatchEvent(new Event('input', { bubbles: true }));
	input.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
}

it('sends the value seen with the value typed', async () => {
	answers.push({ status: 200, body: { id: 'r1', group: 'g' } });
	await type('Львів', 'Enter');
	await waitFor(() => expect(screen.queryByRole('textbox')).toBeNull());
	expect(sent).toEqual([{ kind: 'client', id: 'r1', seen: { city: 'Київ' }, changed: { city: 'Львів' } }]);
});

it('sends nothing on Escape', async () => {
	await type('Львів', 'Escape');
	await waitFor(() => expect(screen.queryByRole('textbox')).toBeNull());
	expect(sent).toEqual([]);
});

it('shows both values where somebody was quicker, and writes the chosen one over the new one', async () => {
	answers.push({
		status: 422,
		body: { code: 'changed_meanwhile', kind: 'fix', params: {}, fields: { city: 'Одеса' } }
	});
	answers.push({ status: 200, body: { id: 'r1', group: 'g' } });
	await type('Львів', 'Enter');
	const alert = await screen.findByRole('alert');
	expect(alert.textContent).toContain('Львів');
	expect(alert.textContent).toContain('Одеса');
	screen.getByRole('button', { name: 'Оставить моё' }).click();
	await waitFor(() => expect(sent).toHaveLength(2));
	expect(sent[1]).toEqual({ kind: 'client', id: 'r1', seen: { city: 'Одеса' }, changed: { city: 'Львів' } });
});

it('keeps what was typed when saving fails', async () => {
	answers.push({ status: 422, body: { code: 'disk_full', kind: 'fix', params: {}, fields: {} } });
	await type('Львів', 'Enter');
	expect((await screen.findByRole('alert')).textContent).toContain('Диск заполнен');
	expect((screen.getByRole('textbox') as HTMLInputElement).value).toBe('Львів');
});
