// Late edits by client, the client whose edits wait longest first.
import type { ProposalRow } from '$lib/ipc';

export interface Group {
	id: string;
	title: string;
	/** The client's card can be opened. */
	known: boolean;
	rows: ProposalRow[];
}

/** Puts the edits of one client together, in the order in which they came. */
export function grouped(rows: ProposalRow[]): Group[] {
	const groups: Group[] = [];
	for (const row of rows) {
		const id = row.client?.id ?? row.record;
		let group = groups.find((one) => one.id === id);
		if (!group) {
			group = { id, title: row.client?.title ?? '', known: Boolean(row.client?.title), rows: [] };
			groups.push(group);
		}
		group.rows.push(row);
	}
	return groups;
}
