// Where two texts differ, word by word: what both have in the same order is the same, the rest is marked.

/** A piece of a text; `changed` is what the other one does not have. */
export interface Piece {
	text: string;
	changed: boolean;
}

/** Beyond this many words on either side the ends alone are compared: nobody reads more marks than that. */
const most = 1200;

/** Marks what is different in `text` compared with `other`; nothing is marked where they have little in common. */
export function difference(text: string, other: string): Piece[] {
	const mine = words(text);
	const theirs = words(other);
	const shorter = Math.min(mine.length, theirs.length);
	let start = 0;
	while (start < shorter && mine[start] === theirs[start]) start += 1;
	let end = 0;
	while (end < shorter - start && mine[mine.length - 1 - end] === theirs[theirs.length - 1 - end]) end += 1;
	const kept = mine.map((_, i) => i < start || i >= mine.length - end);
	const middle = mine.slice(start, mine.length - end);
	const theirMiddle = theirs.slice(start, theirs.length - end);
	if (middle.length <= most && theirMiddle.length <= most) {
		for (const i of common(middle, theirMiddle)) kept[start + i] = true;
	}
	const length = (of: boolean) =>
		mine.reduce((sum, word, i) => sum + (kept[i] === of && word.trim() !== '' ? word.length : 0), 0);
	if (length(true) === 0 || length(true) * 3 < length(false)) return text === '' ? [] : [{ text, changed: false }];
	return joined(mine, kept);
}

/** Indexes of the longest run of words that both have in the same order. */
function common(mine: string[], theirs: string[]): number[] {
	const width = theirs.length + 1;
	const best = new Uint16Array((mine.length + 1) * width);
	const at = (i: number, j: number) => best[i * width + j] ?? 0;
	for (let i = mine.length - 1; i >= 0; i--) {
		for (let j = theirs.length - 1; j >= 0; j--) {
			best[i * width + j] = mine[i] === theirs[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
		}
	}
	const found: number[] = [];
	let [i, j] = [0, 0];
	while (i < mine.length && j < theirs.length) {
		if (mine[i] === theirs[j]) {
			found.push(i);
			i += 1;
			j += 1;
		} else if (at(i + 1, j) >= at(i, j + 1)) i += 1;
		else j += 1;
	}
	return found;
}

function joined(all: string[], kept: boolean[]): Piece[] {
	const pieces: Piece[] = [];
	all.forEach((text, i) => {
		// A space between two marked words belongs to the mark.
		const between = text.trim() === '' && kept[i - 1] === false && kept[i + 1] === false;
		const changed = !kept[i] || between;
		const last = pieces.at(-1);
		if (last && last.changed === changed) last.text += text;
		else pieces.push({ text, changed });
	});
	return pieces;
}

function words(text: string): string[] {
	return text.split(/(\s+)/).filter((piece) => piece !== '');
}
