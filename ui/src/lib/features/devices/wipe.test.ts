import { expect, it } from 'vitest';
import { wipeOf } from './wipe';

it('removes nothing unless that was chosen', () => {
	expect(wipeOf({ wipe: false, rescue: true, after: '3600' })).toBeNull();
	expect(wipeOf({ wipe: true, rescue: true, after: '3600' })).toEqual({ rescue: true, after_seconds: 3600 });
});
