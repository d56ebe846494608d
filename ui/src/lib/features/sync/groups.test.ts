import { beforeEach, expect, it } from 'vitest';
import { locale } from '$lib/i18n';
import type { OutboxItem, Waiting } from '$lib/ipc';
import { grouped, groupOf, whyWords } from './groups';

const item = (id: string, waiting: Waiting, at = '2026-11-01T10:00:00Z', code = ''): OutboxItem => ({
	id,
	what: 'edit',
	kind: 'client',
	record: null,
	title: '',
	at,
	waiting,
	code,
	fields: {},
	command: null,
	found: null
});

beforeEach(() => locale.use('ru'));

it('puts what wants the person on top and the latest first', () => {
	const items = [
		item('a', 'not_sent'),
		item('b', 'set_aside'),
		item('c', 'refused', '2026-11-01T09:00:00Z', 'read_only'),
		item('d', 'needs_confirmation', '2026-11-02T09:00:00Z'),
		item('e', 'depends_on', '2026-11-03T09:00:00Z')
	];
	const order = grouped(items).map(({ group, items: there }) => [group, there.map((one) => one.id).join('')]);
	expect(order).toEqual([
		['attention', 'dc'],
		['waiting', 'ea'],
		['aside', 'b']
	]);
	expect(groupOf(items[1]!)).toBe('aside');
});

it('says why a thing waits, depending on whether there is a connection', () => {
	expect(whyWords(item('a', 'not_sent'), 'offline')).toBe('Уйдёт, как только появится связь.');
	expect(whyWords(item('a', 'not_sent'), 'locked')).toBe('Уйдёт, когда вы войдёте.');
	expect(whyWords(item('a', 'refused', undefined, 'read_only'), 'synced')).toContain('смотреть, но не менять');
});
