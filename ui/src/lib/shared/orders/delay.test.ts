import { expect, it } from 'vitest';
import { delayOptions } from './delay';

it('says every delay in words of its own', () => {
	const said = delayOptions().map((one) => one.label);
	expect(new Set(said).size).toBe(4);
	expect(said[1]).toContain('1');
	expect(said[3]).toContain('3');
});
