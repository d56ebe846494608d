// What stands in a form that makes a record: which fields it asks for, what is missing, what it remembers over a kill.
import type { FieldDeclared, Fields, KindDeclared, Shown } from '$lib/ipc';
import { isEmpty } from '$lib/shared/record';

/** Fields a form asks for at once, and those it keeps folded: what a list shows, what matters and what must be there first. */
export function asked(kind: KindDeclared): { first: FieldDeclared[]; further: FieldDeclared[] } {
	// Colleagues are named by the office or by the act itself, never picked in a form.
	const typed = kind.fields.filter((field) => field.source === 'document' && field.type !== 'user' && !field.archived);
	const leads = (field: FieldDeclared) => field.required || field.leading || field.in_list;
	return { first: typed.filter(leads), further: typed.filter((field) => !leads(field)) };
}

/** Keys of the fields that must be filled and are not. */
export function missing(kind: KindDeclared, fields: Fields): string[] {
	const blank = (value: Shown | undefined) => isEmpty(value) || (typeof value === 'string' && value.trim() === '');
	return kind.fields.filter((field) => field.required && blank(fields[field.key])).map((field) => field.key);
}

/** Of a collection the form asks for one entry; further ones are added on the record. */
export function firstEntry(value: Shown | undefined): string {
	return Array.isArray(value) ? (value[0]?.value ?? '') : '';
}

/** A field's value as typed: a collection with its one entry. */
export function asTyped(field: FieldDeclared, value: Shown): Shown {
	if (!field.many) return value;
	const text = typeof value === 'string' ? value : (referenceId(value) ?? '');
	return text.trim() === '' ? [] : [{ entry: null, value: text.trim(), label: '', title: '', removed: false }];
}

function referenceId(value: Shown): string | null {
	return typeof value === 'object' && value !== null && !Array.isArray(value) ? value.id : null;
}

/** Only what is filled. */
export function filled(fields: Fields): Fields {
	return Object.fromEntries(Object.entries(fields).filter(([, value]) => !isEmpty(value)));
}

/** Reads a draft back; nothing for one of another version. */
export function parseDraft(text: string): Fields {
	try {
		const read: unknown = JSON.parse(text);
		return typeof read === 'object' && read !== null && !Array.isArray(read) ? (read as Fields) : {};
	} catch {
		return {};
	}
}
