import { describe, expect, it } from 'vitest';
import type { Undone } from '$lib/ipc';
import { undoneWords } from './words';

const record = { kind: 'client', id: '1' };
const undone = (more: Partial<Undone>): Undone => ({
	what: 'edit',
	record,
	title: 'Romashka',
	n_records: 1,
	kept: [],
	command: null,
	...more
});

describe('what was taken back', () => {
	it('names the record, or counts several', () => {
		expect(undoneWords(undone({}), undefined)).toEqual(['Changes taken back: Romashka']);
		expect(undoneWords(undone({ n_records: 3 }), undefined)).toEqual(['Taken back in 3 records']);
		expect(undoneWords(undone({ what: 'create', n_records: 3 }), undefined)).toEqual([
			'Taken back, now in the trash: Romashka'
		]);
	});

	it('says what stays and why', () => {
		const kept = [
			{ record, title: 'Romashka', field: 'trashed', why: 'changed' as const },
			{ record, title: 'Vasilek', field: '', why: 'gone' as const }
		];
		expect(undoneWords(undone({ n_records: 0, kept }), undefined)).toEqual([
			'Nothing could be taken back',
			'Stays, because it was changed since: Trash',
			'No longer on this device: Vasilek'
		]);
	});

	it('refuses orders politely', () => {
		expect(undoneWords(undone({ what: 'order' }), undefined)[0]).toContain('list of orders');
		expect(undoneWords(undone({ what: 'nothing' }), undefined)).toEqual(['There is nothing to take back']);
	});
});
