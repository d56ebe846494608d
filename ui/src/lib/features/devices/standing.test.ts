import { expect, it } from 'vitest';
import type { DeviceRow } from '$lib/ipc';
import { isBehind, silentFor, sorted, wantsAttention } from './standing';

const now = new Date('2026-11-22T12:00:00Z');
const device = (name: string, more: Partial<DeviceRow> = {}): DeviceRow => ({
	id: name,
	user: 'u',
	name,
	this_device: false,
	enrolled_at: '2026-01-01T00:00:00Z',
	contact_at: '2026-11-22T11:00:00Z',
	n_purges: 0,
	revoked: false,
	app: '0.1.0',
	n_unsent: 0,
	acked_at: '2026-11-22T11:00:00Z',
	as_of: null,
	wipe: null,
	...more
});

it('leaves a device alone that is in contact and owes nothing', () => {
	expect(wantsAttention(device('a'), now)).toBe(false);
	expect(isBehind(device('a'))).toBe(false);
});

it.each([
	['has something to remove', { n_purges: 1 }],
	['had not sent everything', { n_unsent: 2 }],
	['is silent for days', { contact_at: '2026-11-17T11:00:00Z' }],
	['was never heard of', { contact_at: null, acked_at: null }]
])('wants a look at a device that %s', (_, more) => {
	expect(wantsAttention(device('a', more), now)).toBe(true);
});

it('wants no look at one whose access has ended', () => {
	expect(wantsAttention(device('a', { n_purges: 3, revoked: true }), now)).toBe(false);
});

it('puts first what was asked for', () => {
	const quiet = device('a', { contact_at: '2026-11-01T00:00:00Z' });
	const full = device('b', { n_unsent: 7 });
	const mine = device('c', { this_device: true });
	const names = (by: 'owner' | 'contact' | 'unsent') => sorted([full, quiet, mine], by).map(({ name }) => name);
	expect(names('owner')).toEqual(['c', 'a', 'b']);
	expect(names('contact')[0]).toBe('a');
	expect(names('unsent')[0]).toBe('b');
	expect(silentFor(quiet, now)).toBe(21);
});
