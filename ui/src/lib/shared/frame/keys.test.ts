import { afterEach, describe, expect, it } from 'vitest';
import { find, keyOf, shown, Strokes } from './keys';
import type { Key } from './shell.svelte';

const press = (init: KeyboardEventInit, target: HTMLElement = document.body) => {
	let seen: KeyboardEvent | undefined;
	const hear = (event: Event) => (seen = event as KeyboardEvent);
	document.addEventListener('keydown', hear, { once: true });
	target.dispatchEvent(new KeyboardEvent('keydown', { bubbles: true, ...init }));
	return seen!;
};
const key = (name: string): Key => ({ key: name, label: name, run: () => undefined });

afterEach(() => document.body.replaceChildren());

describe('keys', () => {
	it('are the same under a Cyrillic layout', () => {
		expect(keyOf(press({ key: 'с', code: 'KeyC' }))).toBe('c');
		expect(keyOf(press({ key: '.', code: 'Slash' }))).toBe('/');
		expect(keyOf(press({ key: ',', code: 'Slash', shiftKey: true }))).toBe('?');
		expect(keyOf(press({ key: 'л', code: 'KeyK', ctrlKey: true }))).toBe('mod+k');
	});

	it('are what a layout writes where it has them at another place', () => {
		expect(keyOf(press({ key: '?', code: 'Minus', shiftKey: true }))).toBe('?');
		expect(keyOf(press({ key: '?', code: 'Slash' }))).toBe('?');
		expect(keyOf(press({ key: '/', code: 'Digit7', shiftKey: true }))).toBe('/');
		expect(keyOf(press({ key: '-', code: 'Slash' }))).toBe('-');
	});

	it('leave letters to a text field, but not the search', () => {
		const input = document.body.appendChild(document.createElement('input'));
		const keys = [key('c'), key('mod+k')];
		expect(find(keys, press({ key: 'c', code: 'KeyC' }, input))).toBeUndefined();
		expect(find(keys, press({ key: 'k', code: 'KeyK', metaKey: true }, input))?.key).toBe('mod+k');
		expect(find(keys, press({ key: 'c', code: 'KeyC' }))?.key).toBe('c');
	});

	it('leave Ctrl Z to a text field, which takes typing back with it', () => {
		const input = document.body.appendChild(document.createElement('input'));
		const keys = [key('mod+z')];
		expect(find(keys, press({ key: 'z', code: 'KeyZ', ctrlKey: true }, input))).toBeUndefined();
		expect(find(keys, press({ key: 'я', code: 'KeyZ', ctrlKey: true }))?.key).toBe('mod+z');
	});

	it('do nothing on the page behind a dialog', () => {
		document.body.innerHTML = '<div role="dialog"></div>';
		expect(find([key('Escape')], press({ key: 'Escape', code: 'Escape' }))).toBeUndefined();
	});

	it('come one after the other: g, then a letter', () => {
		const strokes = new Strokes();
		const keys = [key('g t'), key('t'), key('c')];
		const stroke = (letter: string, at: number) => {
			const event = press({ key: letter, code: `Key${letter.toUpperCase()}` });
			Object.defineProperty(event, 'timeStamp', { value: at });
			const found = strokes.find(keys, event);
			return typeof found === 'object' ? found.key : found;
		};
		expect([stroke('g', 1000), stroke('t', 1800)]).toEqual(['first', 'g t']);
		expect([stroke('g', 5000), stroke('t', 9000)]).toEqual(['first', 't']);
		expect([stroke('g', 10_000), stroke('c', 10_100), stroke('t', 10_200)]).toEqual(['first', 'c', 't']);
		expect(shown('g t')).toBe('G T');
	});

	it('are no first stroke while something is typed', () => {
		const input = document.body.appendChild(document.createElement('input'));
		const strokes = new Strokes();
		expect(strokes.find([key('g t')], press({ key: 'g', code: 'KeyG' }, input))).toBeUndefined();
		expect(strokes.find([key('g t')], press({ key: 't', code: 'KeyT' }))).toBeUndefined();
	});
});
