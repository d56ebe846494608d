// What became of taking the last action back, in words.
import { m, number } from '$lib/i18n';
import type { Declarations, Undone } from '$lib/ipc';
import { keptWords } from '$lib/shared/compare';

const done = {
	create: m.undo_create,
	edit: m.undo_edit,
	trash: m.undo_trash,
	restore: m.undo_restore
};

/** What was taken back, then what stays and why, a sentence each. */
export function undoneWords(undone: Undone, declarations: Declarations | undefined): string[] {
	const { what } = undone;
	if (what === 'nothing') return [m.undo_nothing()];
	if (what === 'order') return [m.undo_order()];
	return [head(undone, what), ...keptWords(undone.kept, declarations)];
}

function head(undone: Undone, what: keyof typeof done): string {
	const n = undone.n_records;
	if (n === 0) return m.undo_nothing_left();
	// A client is made of several records, but for a person it is one thing.
	if (n === 1 || what === 'create') return done[what]({ name: undone.title || m.common_unknown_name() });
	return m.undo_many({ count: n, shown: number(n) });
}
