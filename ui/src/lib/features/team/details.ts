// The details a client may have to have: his own fields, and fields of which one of his persons at least has each.
import { m } from '$lib/i18n';
import type { Declarations, DetailsCount, FieldDeclared } from '$lib/ipc';
import { fieldOf, kindOf } from '$lib/shared/record';

const person = 'person.';

/** Everything that can be asked for, by what it belongs to. */
export function possibleDetails(
	declarations: Declarations
): { label: string; details: { key: string; label: string }[] }[] {
	const of = (kind: string, prefix: string) =>
		(kindOf(declarations, kind)?.fields ?? [])
			.filter(canBeMissing)
			.map((field) => ({ key: prefix + field.key, label: field.label }));
	return [
		{ label: kindOf(declarations, 'client')?.label ?? '', details: of('client', '') },
		{ label: m.details_of_person(), details: of('person', person) }
	];
}

/** What people call a detail. */
export function detailWords(declarations: Declarations | undefined, detail: string): string {
	if (!detail.startsWith(person)) return fieldOf(declarations, 'client', detail)?.label ?? detail;
	const field = fieldOf(declarations, 'person', detail.slice(person.length));
	return m.details_persons({ detail: field ? within(field.label) : detail });
}

/** A label inside a sentence: small letters, but abbreviations as they are. */
export function within(label: string): string {
	return label.replace(/\S+/g, (word) => (/^\p{Lu}{2,}/u.test(word) ? word : word.toLocaleLowerCase()));
}

/** Percent of clients with every detail, never rounded up to all of them. */
export function share({ n_complete, n_clients }: DetailsCount): number {
	return n_clients === 0 ? 100 : Math.floor((n_complete * 100) / n_clients);
}

/** Nine in the morning in so many days. */
export function dueIn(days: number, now = new Date()): string {
	return new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, 9).toISOString();
}

function canBeMissing(field: FieldDeclared): boolean {
	return field.source === 'document' && !field.archived && field.type !== 'bool';
}
