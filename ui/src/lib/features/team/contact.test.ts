import { expect, it } from 'vitest';
import type { DeviceRow, TeamRow } from '$lib/ipc';
import { compare, lastContact, openPurges } from './contact';

const device = (contact_at: string | null, more: Partial<DeviceRow> = {}): DeviceRow => ({
	id: 'd',
	user: 'u',
	name: 'Телефон',
	this_device: false,
	enrolled_at: '2026-01-01T00:00:00Z',
	contact_at,
	n_purges: 0,
	revoked: false,
	app: '0.1.0',
	n_unsent: 0,
	acked_at: null,
	as_of: null,
	wipe: null,
	...more
});
const person = (name: string, more: Partial<TeamRow> = {}): TeamRow => ({
	person: { id: name, name, role: 'rep', department: 'd', department_name: 'Север', active: true },
	n_clients: 0,
	n_open: 0,
	n_overdue: 0,
	n_held: 0,
	devices: [],
	...more
});
const byName = (a: string, b: string) => a.localeCompare(b, 'ru');

it('takes the latest contact of devices that are still let in', () => {
	expect(lastContact([])).toBeNull();
	expect(lastContact([device(null)])).toBeNull();
	const devices = [device('2026-11-01T10:00:00Z'), device('2026-11-03T10:00:00Z'), device(null)];
	expect(lastContact(devices)).toBe('2026-11-03T10:00:00Z');
	expect(lastContact([...devices, device('2026-11-09T10:00:00Z', { revoked: true })])).toBe('2026-11-03T10:00:00Z');
});

it('counts what devices still have to remove, but not for revoked ones', () => {
	expect(openPurges([device(null, { n_purges: 2 }), device(null, { n_purges: 1, revoked: true })])).toBe(2);
});

it('puts the most overdue first and names in order where figures are equal', () => {
	const people = [person('Яна'), person('Анна'), person('Иван', { n_overdue: 3 })];
	expect(people.sort(compare('overdue', byName)).map((row) => row.person.name)).toEqual(['Иван', 'Анна', 'Яна']);
});

it('puts those longest out of touch first', () => {
	const people = [
		person('Анна', { devices: [device('2026-11-03T10:00:00Z')] }),
		person('Иван', { devices: [device('2026-11-01T10:00:00Z')] }),
		person('Яна')
	];
	expect(people.sort(compare('contact', byName)).map((row) => row.person.name)).toEqual(['Яна', 'Иван', 'Анна']);
});
