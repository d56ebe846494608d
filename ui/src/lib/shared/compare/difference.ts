// Where two texts differ, word by word from both ends; good enough to lead the eye.

/** A text in three pieces; `changed` is what the other one does not have. */
export interface Difference {
	before: string;
	changed: string;
	after: string;
}

/** Marks what is different in `text` compared with `other`; nothing is marked where they have little in common. */
export function difference(text: string, other: string): Difference {
	const mine = pieces(text);
	const theirs = pieces(other);
	const shorter = Math.min(mine.length, theirs.length);
	let start = 0;
	while (start < shorter && mine[start] === theirs[start]) start += 1;
	let end = 0;
	while (end < shorter - start && mine[mine.length - 1 - end] === theirs[theirs.length - 1 - end]) end += 1;
	const before = mine.slice(0, start).join('');
	const changed = mine.slice(start, mine.length - end).join('');
	const after = mine.slice(mine.length - end).join('');
	const common = before.trim().length + after.trim().length;
	if (common === 0 || common * 3 < changed.length) return { before: text, changed: '', after: '' };
	return { before, changed, after };
}

function pieces(text: string): string[] {
	return text.split(/(\s+)/).filter((piece) => piece !== '');
}
