// Looking things up in the declarations.
import type { Declarations, FieldDeclared, KindDeclared } from '$lib/ipc';

/** A kind by its key. */
export function kindOf(declarations: Declarations | undefined, key: string): KindDeclared | undefined {
	return declarations?.kinds.find((kind) => kind.key === key);
}

/** A field by kind and key. */
export function fieldOf(declarations: Declarations | undefined, kind: string, key: string): FieldDeclared | undefined {
	return kindOf(declarations, kind)?.fields.find((field) => field.key === key);
}

/** Whether this person may make a record of a kind by its name alone; under a client only where one is given. */
export function madeByTitle(kind: KindDeclared | undefined, client: string | null): boolean {
	if (!kind?.may_make || (kind.under_client && client === null)) return false;
	const title = kind.fields.find((field) => field.key === kind.title);
	const others = kind.fields.some((field) => field.required && field.key !== kind.title);
	return title?.type === 'text' && title.source === 'document' && !title.many && !others;
}
