// Words of reasons and targets.
import { m } from '$lib/i18n';
import type { Declarations, Target } from '$lib/ipc';
import { fieldOf, kindOf } from '$lib/shared/record';

const reasons: Record<string, () => string> = {
	scientific: () => m.import_why_scientific(),
	lost_digits: () => m.import_why_lost_digits(),
	unreadable: () => m.import_why_unreadable(),
	bad_value: () => m.import_why_bad_value(),
	no_year: () => m.import_why_no_year(),
	no_such_record: () => m.import_why_no_such_record(),
	ambiguous: () => m.import_why_ambiguous(),
	required: () => m.import_why_required(),
	not_allowed: () => m.import_why_not_allowed(),
	there: () => m.import_why_there(),
	not_there: () => m.import_why_not_there(),
	trashed: () => m.import_why_trashed(),
	too_large: () => m.import_why_too_large(),
	changed_meanwhile: () => m.import_why_changed_meanwhile(),
	damaged: () => m.import_why_damaged()
};

/** Why a row was not taken. */
export function whyWords(why: string): string {
	return reasons[why]?.() ?? m.import_why_bad_value();
}

const special: Record<string, () => string> = {
	'@id': () => m.import_target_id(),
	'@uid': () => m.import_target_uid(),
	'@lines': () => m.import_target_lines(),
	'@label': () => m.import_target_label(),
	'@surname': () => m.import_target_surname(),
	'@first': () => m.import_target_first(),
	'@patronymic': () => m.import_target_patronymic()
};

/** What a field of a target is called, without its kind. */
export function targetWords(declarations: Declarations | undefined, target: Target): string {
	return special[target.field]?.() ?? fieldOf(declarations, target.kind, target.field)?.label ?? target.field;
}

/** A kind's word. */
export function kindWords(declarations: Declarations | undefined, kind: string): string {
	return kindOf(declarations, kind)?.label ?? kind;
}

/** A target as the value of a choice, and back. */
export const asText = (target: Target | null): string => (target ? `${target.kind}|${target.field}` : '');

/** The target a choice stands for; the label a column brought stays while the field takes one. */
export function fromText(text: string, before: Target | null): Target | null {
	const [kind, field] = text.split('|');
	if (!kind || !field) return null;
	return { kind, field, label: before?.field === field ? before.label : '' };
}
