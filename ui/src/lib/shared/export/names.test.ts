import { expect, test } from 'vitest';
import { fileName } from './names';

test('a file is named by what is in it and by its day', () => {
	expect(fileName('Клієнти: мої/усі', 'xlsx', new Date(2026, 10, 22))).toBe('Клієнти мої усі 2026-11-22.xlsx');
});
