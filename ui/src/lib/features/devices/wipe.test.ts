import { expect, it } from 'vitest';
import { delays, delayWords, wipeOf } from './wipe';

it('removes nothing unless that was chosen', () => {
	expect(wipeOf({ wipe: false, rescue: true, after: '3600' })).toBeNull();
	expect(wipeOf({ wipe: true, rescue: true, after: '3600' })).toEqual({ rescue: true, after_seconds: 3600 });
});

it('says every delay in words of its own', () => {
	const said = delays.map(delayWords);
	expect(new Set(said).size).toBe(delays.length);
	expect(said[1]).toContain('1');
	expect(said[3]).toContain('3');
});
