// What became of taking the last action back, in words.
import { listOf, m, number } from '$lib/i18n';
import type { Declarations, KeptBecause, KeptValue, Undone } from '$lib/ipc';
import { fieldLabel } from '$lib/shared/compare';

const done = {
	create: m.undo_create,
	edit: m.undo_edit,
	trash: m.undo_trash,
	restore: m.undo_restore
};

const kept = {
	changed: m.undo_kept_changed,
	gone: m.undo_kept_gone,
	not_allowed: m.undo_kept_not_allowed,
	in_use: m.undo_kept_in_use
} satisfies Record<KeptBecause, unknown>;

/** What was taken back, then what stays and why, a sentence each. */
export function undoneWords(undone: Undone, declarations: Declarations | undefined): string[] {
	const { what } = undone;
	if (what === 'nothing') return [m.undo_nothing()];
	if (what === 'order') return [m.undo_order()];
	const stays = (Object.keys(kept) as KeptBecause[]).flatMap((why) => {
		const of = undone.kept.filter((one) => one.why === why);
		return of.length === 0 ? [] : [kept[why]({ what: named(of, declarations) })];
	});
	return [head(undone, what), ...stays];
}

function head(undone: Undone, what: keyof typeof done): string {
	const n = undone.n_records;
	if (n === 0) return m.undo_nothing_left();
	// A client is made of several records, but for a person it is one thing.
	if (n === 1 || what === 'create') return done[what]({ name: undone.title || m.common_unknown_name() });
	return m.undo_many({ count: n, shown: number(n) });
}

function named(values: KeptValue[], declarations: Declarations | undefined): string {
	const names = values.map(({ record, title, field }) =>
		field === '' ? title || m.common_unknown_name() : fieldLabel(declarations, record.kind, field)
	);
	return listOf([...new Set(names)]);
}
