import { describe, expect, it } from 'vitest';
import type { Row } from '$lib/ipc';
import { added, keptOf, keyOf, moved, put, standing, usual, writesOf, type Kept, type Tile } from './layout';

const row = (id: string, what: string, fields: Row['fields'] = {}) =>
	({ id, kind: 'home_tile', title: what, fields: { what, shown: true, size: 'm', ...fields } }) as unknown as Row;
const kept = (...rows: Row[]) => keptOf(rows);
const names = (tiles: Tile[]) => tiles.map(({ what, view }) => what + view);
const rep = { supervises: false, alone: false };

describe('the home page', () => {
	it('is nothing but Today on a phone before anybody arranged it', () => {
		expect(names(usual({ ...rep, wide: false }))).toEqual(['today']);
		expect(names(usual({ ...rep, wide: true }))).toEqual(['today', 'forgotten', 'sync']);
		expect(names(usual({ ...rep, supervises: true, wide: true }))).toEqual(['today', 'waiting', 'team', 'forgotten']);
	});

	it('keeps Today, and keeps it first where there is one column', () => {
		const tiles = kept(row('1', 'sync', { place: 10 }), row('2', 'today', { place: 20 }));
		expect(names(standing(tiles, [], true))).toEqual(['sync', 'today']);
		expect(names(standing(tiles, [], false))).toEqual(['today', 'sync']);
		expect(names(standing(kept(row('1', 'sync', { place: 10 })), [], true))).toEqual(['today', 'sync']);
		const off = kept(row('2', 'today', { shown: false }));
		expect(names(standing(off, [], true))).toEqual(['today']);
	});

	it('has one tile where two devices each made it, and leaves out what a newer version made', () => {
		const tiles = kept(row('b', 'sync', { size: 'l' }), row('a', 'sync', { size: 's' }), row('c', 'weather'));
		expect(tiles).toHaveLength(1);
		expect(tiles[0]).toMatchObject({ id: 'a', size: 's' });
	});

	it('puts a tile between two others, and moves all apart where there is no room', () => {
		const tile = (what: Tile['what'], place: number): Tile => ({ id: what, what, view: '', size: 'm', place });
		const tiles = [tile('today', 0), tile('sync', 10), tile('team', 20)];
		const up = moved(tiles, 2, 1);
		expect(names(up)).toEqual(['today', 'team', 'sync']);
		expect(up.map(({ place }) => place)).toEqual([0, 5, 10]);
		expect(names(moved(tiles, 0, 2))).toEqual(['sync', 'team', 'today']);
		expect(moved(tiles, 2, 0).map(({ place }) => place)).toEqual([-1024, 0, 10]);
		const crowded = moved([tile('today', 0), tile('sync', 1), tile('team', 2)], 2, 1);
		expect(names(crowded)).toEqual(['today', 'team', 'sync']);
		expect(crowded.map(({ place }) => place)).toEqual([0, 1024, 2048]);
	});

	it('moves a tile past its neighbours of one column, and on a phone never past Today', () => {
		const tile = (what: Tile['what'], place: number, size: Tile['size'] = 'm'): Tile => ({
			id: what,
			what,
			view: '',
			size,
			place
		});
		// Today came to stand between the others on a computer.
		const phone = standing(
			kept(row('1', 'team', { place: 0 }), row('2', 'today', { place: 5 }), row('3', 'sync', { place: 9 })),
			[],
			false
		);
		expect(names(phone)).toEqual(['today', 'team', 'sync']);
		const up = put(phone, 'sync/', -1, false);
		expect(up).toMatchObject({ place: 2, count: 3 });
		const again = kept(...(up?.tiles ?? []).map((one) => row(one.id ?? '', one.what, { place: one.place })));
		expect(names(standing(again, [], false))).toEqual(['today', 'sync', 'team']);
		expect(put(phone, 'team/', -1, false)).toBeNull();
		expect(put(phone, 'today/', 1, false)).toBeNull();

		const wide = [tile('today', 0, 'l'), tile('sync', 1, 's'), tile('team', 2, 's'), tile('waiting', 3)];
		expect(put(wide, 'team/', -1, true)).toMatchObject({ place: 1, count: 2 });
		expect(put(wide, 'sync/', -1, true)).toBeNull();
		const over = put(wide, 'team/', 'waiting/', true);
		expect(over).toMatchObject({ place: 2, count: 3 });
		expect(over?.tiles.map((one) => [keyOf(one), one.size])).toContainEqual(['team/', 'm']);
		expect(over?.tiles).toHaveLength(4);
		expect(put(wide, 'today/', 'sync/', true)).toBeNull();
		expect(put(wide, 'gone/', 1, true)).toBeNull();
	});

	it('is not given the same tile twice', () => {
		const page = usual({ ...rep, wide: true });
		expect(added(page, { what: 'sync', view: '', size: 's' })).toEqual(page);
	});

	it('writes only what differs, and brings back the record of a tile taken off', () => {
		const tiles: Kept[] = kept(
			row('1', 'today', { place: 0, size: 'l' }),
			row('2', 'sync', { place: 5 }),
			row('3', 'team', { place: 9, shown: false })
		);
		const page = standing(tiles, [], true);
		expect(writesOf(tiles, page)).toEqual({ create: [], edit: [] });
		const more = added(added(page, { what: 'team', view: '', size: 'm' }), { what: 'view', view: 'v', size: 's' });
		const writes = writesOf(tiles, more);
		expect(writes.edit).toEqual([{ id: '3', seen: { place: 9, shown: false }, changed: { place: 1029, shown: true } }]);
		expect(writes.create).toEqual([{ what: 'view', view: 'v', size: 's', place: 2053, shown: true }]);
		const less = writesOf(
			tiles,
			page.filter(({ what }) => what !== 'sync')
		);
		expect(less.edit).toEqual([{ id: '2', seen: { shown: true }, changed: { shown: false } }]);
	});

	it('is written whole at its first change', () => {
		const page = usual({ ...rep, wide: true });
		const { create, edit } = writesOf(
			[],
			page.filter(({ what }) => what !== 'sync')
		);
		expect(create.map(({ what }) => what)).toEqual(['today', 'forgotten']);
		expect(edit).toEqual([]);
	});
});
