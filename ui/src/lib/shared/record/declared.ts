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
