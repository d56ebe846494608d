// Fields and values in words where they stand beside each other: reviews, late edits, what was typed.
import { m } from '$lib/i18n';
import type { Declarations, FieldDeclared, Fields, Shown } from '$lib/ipc';
import { entryLabel, fieldOf, valueWords } from '$lib/shared/record';

/** The declared field of a key; an entry of a collection (`phones/<entry>`) has its collection's. */
export function declared(declarations: Declarations | undefined, kind: string, key: string): FieldDeclared | undefined {
	const field = fieldOf(declarations, kind, key.split('/')[0] ?? key);
	return field && key.includes('/') ? { ...field, many: false } : field;
}

/** What people call a field. */
export function fieldLabel(declarations: Declarations | undefined, kind: string, key: string): string {
	if (key === 'trashed') return m.compare_trashed_label();
	return declared(declarations, kind, key)?.label ?? m.compare_other_field();
}

/** A field's value in words; empty where there is nothing. */
export function comparedWords(
	declarations: Declarations | undefined,
	kind: string,
	key: string,
	value: Shown | undefined
): string {
	if (key === 'trashed') return value === true ? m.compare_trashed() : m.compare_not_trashed();
	if (Array.isArray(value)) {
		const field = declared(declarations, kind, key);
		return value
			.filter((entry) => !entry.removed)
			.map((entry) => {
				const words = valueWords(field, [entry]);
				return entry.label ? `${words} (${entryLabel(entry.label)})` : words;
			})
			.join(', ');
	}
	return valueWords(declared(declarations, kind, key), value);
}

/** What was typed, a line per field, to be pasted elsewhere. */
export function fieldsAsText(declarations: Declarations | undefined, kind: string, fields: Fields): string {
	return Object.entries(fields)
		.map(([key, value]) => {
			const words = comparedWords(declarations, kind, key, value);
			return `${fieldLabel(declarations, kind, key)}: ${words || m.compare_empty()}`;
		})
		.join('\n');
}
