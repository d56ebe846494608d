import { describe, expect, it } from 'vitest';
import { locale, locales } from '$lib/i18n';
import type { Notice, Person } from '$lib/ipc';
import { noticeWords } from './words';

const anna: Person = {
	id: '01930000-0000-7000-8000-000000000001',
	name: 'Анна Лебедева',
	role: 'rep',
	department: null,
	department_name: '',
	active: true
};
const notice = (what: string, params: Record<string, string> = {}, more: Partial<Notice> = {}): Notice => ({
	id: 1,
	what,
	at: '2026-11-01T10:00:00Z',
	params,
	client: null,
	fields: {},
	...more
});
const whats = [
	'client_left',
	'client_came',
	'interaction_came',
	'interaction_left',
	'edit_set_aside',
	'edit_accepted',
	'edit_declined',
	'edit_refused',
	'cover_began',
	'cover_ended',
	'others_stand_in',
	'you_are_back',
	'order_sent_back',
	'order_refused',
	'something_of_a_later_version'
];

describe.each(locales)('notices in %s', (language) => {
	it.each(whats)('says %s in a sentence', (what) => {
		locale.use(language);
		const said = noticeWords(notice(what, { user: anna.id, by: anna.id }), [anna]).join(' ');
		expect(said.length).toBeGreaterThan(10);
		expect(said).not.toMatch(/[{}_]|undefined|[0-9a-f]{8}-/);
		if (language !== 'en') expect(said).not.toMatch(/[a-z]{3}/i);
	});
});

it('says who has the client now and what became of the edits', () => {
	locale.use('ru');
	const params = { user: anna.id, n_edits: '3', n_accepted: '1', n_set_aside: '2', n_refused: '0' };
	const said = noticeWords(notice('client_left', params), [anna]);
	expect(said[0]).toBe('С одним из ваших клиентов теперь работает Анна Лебедева; на вашем устройстве его больше нет.');
	expect(said.slice(1)).toEqual([
		'1 ваша неотправленная правка ушла до этого и принята.',
		'2 правки ждут решения нового ответственного.'
	]);
});

it('claims nothing about edits it knows nothing of, and tells an end from a hand-over', () => {
	locale.use('ru');
	expect(noticeWords(notice('client_left', { n_edits: '0' }), [])).toHaveLength(1);
	const [said] = noticeWords(notice('client_left', { ended_by: 'itself', user: anna.id }), [anna]);
	expect(said).toBe('Ваша работа с этим клиентом закончена, и с устройства он убран.');
});

it('says no id of a person nobody here knows', () => {
	locale.use('en');
	expect(noticeWords(notice('client_came', { by: '01930000-0000-7000-8000-00000000ffff' }), [anna])).toEqual([
		'This client is yours now, history included.'
	]);
});
