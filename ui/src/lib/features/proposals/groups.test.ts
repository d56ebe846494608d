import { expect, it } from 'vitest';
import type { ProposalRow } from '$lib/ipc';
import { grouped } from './groups';

const row = (id: string, client: string): ProposalRow => ({
	id,
	record: `r-${id}`,
	kind: 'client',
	title: '',
	client: { id: client, title: client.toUpperCase() },
	author: null,
	at: '2026-11-01T10:00:00Z',
	received_at: '2026-11-01T10:00:00Z',
	device: '',
	away_since: null,
	skew: 0,
	ended: { by: null, now_with: null, at: null, order: '', reason: '' },
	what: 'edit',
	before: {},
	now: {},
	after: {},
	together: [],
	may_pick: true,
	pending: ''
});

it('keeps the edits of one client together in the order in which they came', () => {
	const groups = grouped([row('1', 'a'), row('2', 'b'), row('3', 'a')]);
	expect(groups.map(({ title, rows }) => [title, rows.map(({ id }) => id).join('')])).toEqual([
		['A', '13'],
		['B', '2']
	]);
});
