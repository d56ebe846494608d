// Where tiles stand. Pure: what is kept comes in, what has to be written goes out.
import type { Fields, Row } from '$lib/ipc';
import { textOf } from '$lib/shared/record';

/** The product's own tiles, in the order in which they are offered; `view` shows a saved view. */
export const whats = ['today', 'forgotten', 'waiting', 'team', 'sync', 'view'] as const;
export type What = (typeof whats)[number];

/** Small ones stand at the side, middle ones take half, large ones the whole width. */
export const sizes = ['s', 'm', 'l'] as const;
export type Size = (typeof sizes)[number];

/** A tile on the page. */
export interface Tile {
	/** Its record; `null` until there is one. */
	id: string | null;
	what: What;
	/** Id of the saved view it shows, otherwise empty. */
	view: string;
	size: Size;
	place: number;
}

/** A tile as it is kept, on the page or taken off. */
export interface Kept extends Tile {
	id: string;
	shown: boolean;
}

const step = 1024;

/** What names a tile: two of one key are one tile. */
export const keyOf = ({ what, view }: Pick<Tile, 'what' | 'view'>): string => `${what}/${view}`;

/** The kept tiles. Two devices that arranged apart may both have made one: the older record stands for it. */
export function keptOf(rows: Row[]): Kept[] {
	const found = new Map<string, Kept>();
	for (const row of [...rows].sort((a, b) => (a.id < b.id ? -1 : 1))) {
		const what = whats.find((one) => one === row.title);
		if (!what) continue;
		const { fields } = row;
		const tile = {
			id: row.id,
			what,
			view: textOf(fields.view),
			size: sizes.find((one) => one === textOf(fields.size)) ?? 'm',
			place: typeof fields.place === 'number' ? fields.place : 0,
			shown: fields.shown === true
		};
		if (!found.has(keyOf(tile))) found.set(keyOf(tile), tile);
	}
	return [...found.values()];
}

/** The page before anybody arranged it: on a phone nothing stands between the rep and his day. */
export function usual({ supervises, alone, wide }: { supervises: boolean; alone: boolean; wide: boolean }): Tile[] {
	const side: What[] = supervises ? ['waiting', 'team', 'forgotten'] : alone ? ['forgotten'] : ['forgotten', 'sync'];
	return [
		{ id: null, what: 'today', view: '', size: 'l', place: 0 },
		...(wide ? side : []).map((what, i): Tile => ({ id: null, what, view: '', size: 's', place: (i + 1) * step }))
	];
}

/** The tiles of the page in order. Today is always among them, and stands first where there is one column. */
export function standing(kept: Kept[], before: Tile[], wide: boolean): Tile[] {
	if (kept.length === 0) return before;
	const shown: Tile[] = kept.filter((tile) => tile.shown);
	if (!shown.some(({ what }) => what === 'today')) {
		const least = Math.min(step, ...shown.map(({ place }) => place));
		shown.push({ id: null, what: 'today', view: '', size: 'l', place: least - step });
	}
	const first = (tile: Tile) => (!wide && tile.what === 'today' ? 0 : 1);
	return shown.sort((a, b) => first(a) - first(b) || a.place - b.place || (keyOf(a) < keyOf(b) ? -1 : 1));
}

/** Puts the tile at `from` before the one that stands at `to` once it is out. */
export function moved(tiles: Tile[], from: number, to: number): Tile[] {
	const tile = tiles[from];
	if (!tile) return tiles;
	const rest = tiles.filter((_, i) => i !== from);
	const [before, after] = [rest[to - 1]?.place, rest[to]?.place];
	const place =
		before === undefined ? (after ?? 0) - step : after === undefined ? before + step : Math.floor((before + after) / 2);
	const next = [...rest.slice(0, to), { ...tile, place }, ...rest.slice(to)];
	// No room between two: all of them move apart.
	const crowded = place === before || place === after;
	return crowded ? next.map((one, i) => ({ ...one, place: i * step })) : next;
}

/** Tiles in their columns: where there is room, small ones stand at the side. */
export function columnsOf(tiles: Tile[], wide: boolean): { main: Tile[]; side: Tile[] } {
	const side = tiles.filter(({ size, what }) => wide && size === 's' && what !== 'today');
	return { main: tiles.filter((tile) => !side.includes(tile)), side };
}

/** The page after a tile was put elsewhere: it stands at `place` of `count` in its column. */
export interface Put {
	tiles: Tile[];
	place: number;
	count: number;
}

/**
 * Puts the tile of a key one place up or down in its column, or where the tile of another key stands; `null` where there
 * is no such place. Where there is one column Today stands first whatever its place, so nobody passes it.
 */
export function put(tiles: Tile[], key: string, to: -1 | 1 | string, wide: boolean): Put | null {
	const { main, side } = columnsOf(tiles, wide);
	const at = (column: Tile[], wanted: string) => column.findIndex((one) => keyOf(one) === wanted);
	const column = at(side, key) < 0 ? main : side;
	const free = column.filter(({ what }) => wide || what !== 'today');
	const from = at(free, key);
	const tile = free[from];
	if (!tile) return null;
	const rest = (of: Tile[]) => tiles.filter((one) => one !== tile && !of.includes(one));
	const other = column === side ? main : side;
	if (typeof to === 'string' && at(other, to) >= 0) {
		// Over to the other column: its size says where it stands. Today has no place at the side.
		if (tile.what === 'today') return null;
		const before = at(other, to);
		const with_ = [
			...other.slice(0, before),
			{ ...tile, size: other === side ? 's' : 'm' } as Tile,
			...other.slice(before)
		];
		const next = moved(with_, before, before);
		return { tiles: [...next, ...rest(other)], place: before + 1, count: next.length };
	}
	const place = typeof to === 'string' ? at(free, to) : from + to;
	if (place < 0 || place >= free.length || place === from) return null;
	const next = moved(free, from, place);
	return { tiles: [...next, ...rest(free)], place: place + 1 + column.length - free.length, count: column.length };
}

/** The tiles with one more, at their end. */
export function added(tiles: Tile[], tile: Pick<Tile, 'what' | 'view' | 'size'>): Tile[] {
	if (tiles.some((one) => keyOf(one) === keyOf(tile))) return tiles;
	const last = Math.max(0, ...tiles.map(({ place }) => place));
	return [...tiles, { ...tile, id: null, place: last + step }];
}

/** What has to be written for the page to be so. */
export interface Writes {
	create: Fields[];
	edit: { id: string; seen: Fields; changed: Fields }[];
}

/** Compares what is kept with how the page is to be. */
export function writesOf(kept: Kept[], tiles: Tile[]): Writes {
	const writes: Writes = { create: [], edit: [] };
	for (const tile of tiles) {
		const wanted: Fields = { size: tile.size, place: tile.place, shown: true };
		const known = kept.find((one) => keyOf(one) === keyOf(tile));
		if (!known) {
			writes.create.push({ what: tile.what, ...(tile.view === '' ? {} : { view: tile.view }), ...wanted });
			continue;
		}
		const there: Fields = { size: known.size, place: known.place, shown: known.shown };
		const differing = Object.keys(wanted).filter((key) => wanted[key] !== there[key]);
		if (differing.length === 0) continue;
		const of = (fields: Fields) => Object.fromEntries(differing.map((key) => [key, fields[key] ?? null]));
		writes.edit.push({ id: known.id, seen: of(there), changed: of(wanted) });
	}
	for (const one of kept) {
		if (!one.shown || tiles.some((tile) => keyOf(tile) === keyOf(one))) continue;
		writes.edit.push({ id: one.id, seen: { shown: true }, changed: { shown: false } });
	}
	return writes;
}
