// What taking something back leaves as it is, in words.
import { listOf, m } from '$lib/i18n';
import type { Declarations, KeptBecause, KeptValue } from '$lib/ipc';
import { fieldLabel } from './words';

const reasons = {
	changed: m.undo_kept_changed,
	gone: m.undo_kept_gone,
	not_allowed: m.undo_kept_not_allowed,
	in_use: m.undo_kept_in_use
} satisfies Record<KeptBecause, unknown>;

/** What stays and why, a sentence for each reason. */
export function keptWords(kept: KeptValue[], declarations: Declarations | undefined): string[] {
	return (Object.keys(reasons) as KeptBecause[]).flatMap((why) => {
		const of = kept.filter((one) => one.why === why);
		return of.length === 0 ? [] : [reasons[why]({ what: named(of, declarations) })];
	});
}

function named(values: KeptValue[], declarations: Declarations | undefined): string {
	const names = values.map(({ record, title, field }) =>
		field === '' ? title || m.common_unknown_name() : fieldLabel(declarations, record.kind, field)
	);
	return listOf([...new Set(names)]);
}
