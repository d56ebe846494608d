// What stands line after line in a list with groups: heads, and the rows of groups that are open.
import type { ListGroup, Shown } from '$lib/ipc';

/** The head of a group. */
export interface HeadLine {
	group: ListGroup;
	depth: number;
	/** Names the group among all of this list. */
	path: string;
	open: boolean;
}

interface Segment {
	/** The first line. */
	start: number;
	n: number;
	head: HeadLine | null;
	/** Place of the first row in the whole list. */
	offset: number;
}

/** The name of a value among groups. */
export function groupName(value: Shown, rest: boolean): string {
	if (rest) return 'rest';
	if (typeof value === 'object' && value !== null && 'id' in value) return value.id;
	return JSON.stringify(value);
}

/** Lines of a list with groups, some of them folded. */
export class Lines {
	readonly count: number;
	readonly #segments: Segment[] = [];

	constructor(groups: ListGroup[], folded: ReadonlySet<string>) {
		let start = 0;
		const add = (level: ListGroup[], depth: number, above: string) => {
			for (const group of level) {
				const path = `${above}/${groupName(group.value, group.rest)}`;
				const open = !folded.has(path);
				this.#segments.push({ start, n: 1, head: { group, depth, path, open }, offset: group.first });
				start += 1;
				if (!open) continue;
				if (group.groups.length > 0) {
					add(group.groups, depth + 1, path);
				} else {
					this.#segments.push({ start, n: group.count, head: null, offset: group.first });
					start += group.count;
				}
			}
		};
		add(groups, 0, '');
		this.count = start;
	}

	/** The head on a line, or the place of the row there. */
	at(line: number): HeadLine | number {
		let [low, high] = [0, this.#segments.length - 1];
		while (low < high) {
			const middle = Math.ceil((low + high) / 2);
			if (this.#segments[middle]!.start <= line) low = middle;
			else high = middle - 1;
		}
		const found = this.#segments[low];
		if (!found) return 0;
		return found.head ?? found.offset + (line - found.start);
	}

	/** Stretches of rows that stand on `n` lines from `from` on; neighbours are joined. */
	parts(from: number, n: number): { offset: number; n: number }[] {
		const parts: { offset: number; n: number }[] = [];
		for (const segment of this.#segments) {
			if (segment.head || segment.start + segment.n <= from || segment.start >= from + n) continue;
			const first = Math.max(0, from - segment.start);
			const last = Math.min(segment.n, from + n - segment.start);
			const offset = segment.offset + first;
			const before = parts.at(-1);
			if (before && before.offset + before.n === offset) before.n += last - first;
			else parts.push({ offset, n: last - first });
		}
		return parts;
	}
}
