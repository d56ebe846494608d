// One listener for the whole window decides which key does what.
import type { Key } from './shell.svelte';

/** Cyrillic layouts have a dot and a comma where others have these two; whatever else writes them is taken at its word. */
const byPlace: Record<string, string> = { 'Slash .': '/', 'Slash ,': '?' };

/** The key of an event in the notation of `Key.key`. */
export function keyOf(event: KeyboardEvent): string {
	const mod = event.ctrlKey || event.metaKey;
	if (event.altKey) return '';
	// By place on the board, so that `c` works under a Cyrillic layout as well.
	const letter = /^Key([A-Z])$/.exec(event.code)?.[1]?.toLowerCase();
	const key = letter ?? byPlace[`${event.code} ${event.key}`] ?? event.key;
	return mod ? `mod+${key}` : key;
}

/** True while the person types or something floats above the page: single letters then belong to that. */
export function isBusy(event: KeyboardEvent): boolean {
	const target = event.target as HTMLElement | null;
	if (target?.closest('input:not([type="checkbox"], [type="radio"]), textarea, select, [contenteditable="true"]')) {
		return true;
	}
	return document.querySelector('[role="dialog"], [role="menu"]') !== null;
}

/** Finds what a key does. */
export function find(keys: Key[], event: KeyboardEvent): Key | undefined {
	const pressed = keyOf(event);
	if (pressed === '') return undefined;
	// In a field Ctrl Z takes typing back, as everywhere.
	if ((!pressed.startsWith('mod+') || pressed === 'mod+z') && isBusy(event)) return undefined;
	return keys.find((one) => one.key === pressed);
}

/** Longest time between the two strokes of a key such as `g t`, in milliseconds. */
const BETWEEN = 1500;

/** Keys of two strokes, one after the other: what the first one was. */
export class Strokes {
	#first = '';
	#at = 0;

	/** What an event does; `'first'` where it may be the first stroke of something. */
	find(keys: Key[], event: KeyboardEvent): Key | 'first' | undefined {
		const pressed = keyOf(event);
		const first = event.timeStamp - this.#at <= BETWEEN ? this.#first : '';
		this.#first = '';
		if (pressed === '' || isBusy(event)) return find(keys, event);
		const second = first === '' ? undefined : keys.find((one) => one.key === `${first} ${pressed}`);
		if (second) return second;
		const whole = find(keys, event);
		if (whole || !keys.some((one) => one.key?.startsWith(`${pressed} `))) return whole;
		this.#first = pressed;
		this.#at = event.timeStamp;
		return 'first';
	}
}

/** How a key is written for people. */
export function shown(key: string): string {
	const apple = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.platform);
	return key
		.replace('mod+', apple ? '⌘' : 'Ctrl ')
		.replace('ArrowDown', '↓')
		.replace('ArrowUp', '↑')
		.replace('Enter', '↵')
		.replace('Escape', 'Esc')
		.replace(/\b[a-z]\b/g, (letter) => letter.toUpperCase());
}
