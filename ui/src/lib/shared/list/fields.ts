// What a list of a kind can be filtered, ordered, grouped by, and which columns it can have: from its declaration.
import { m } from '$lib/i18n';
import type { Declarations, FieldDeclared, Op, Test } from '$lib/ipc';

/** A field as lists use it; also those reached from the kind, such as the client's region. */
export interface ListField extends FieldDeclared {
	/** It can be a column. */
	column: boolean;
	/** Rows can be ordered by it. */
	order: boolean;
	/** Rows can be put together by it. */
	group: boolean;
	/** One value can be set for many records. */
	edit: boolean;
}

const long = ['memo', 'note'];

function asListField(field: FieldDeclared): ListField {
	const single = !field.many && !long.includes(field.type);
	return {
		...field,
		column: !long.includes(field.type),
		order: single,
		group: single && !['phone', 'email', 'url'].includes(field.type),
		edit: !field.many && field.source === 'document' && !field.fixed
	};
}

function made(key: string, label: string, type: string, more: Partial<ListField> = {}): ListField {
	return {
		key,
		label,
		type,
		many: false,
		required: false,
		in_list: false,
		leading: false,
		fixed: false,
		archived: false,
		source: 'computed',
		target: '',
		choices: [],
		former: [],
		column: false,
		order: true,
		group: true,
		edit: false,
		...more
	};
}

/** All fields of lists of a kind, its own first. */
export function listFields(declarations: Declarations | undefined, kind: string): ListField[] {
	const declared = declarations?.kinds.find((one) => one.key === kind);
	if (!declared) return [];
	const clients = declared.under_client ? declarations?.kinds.find((one) => one.key === 'client') : undefined;
	const own = declared.fields.filter((field) => !field.archived).map(asListField);
	const fields: ListField[] = [];
	if (clients) {
		fields.push(made('client', clients.label, 'reference', { target: 'client', column: true, in_list: true }));
	}
	fields.push(...own);
	if (kind === 'interaction') {
		const choices = [
			{ value: 'overdue', label: m.interaction_class_overdue() },
			{ value: 'current', label: m.interaction_class_current() },
			{ value: 'planned', label: m.interaction_class_planned() },
			{ value: 'closed', label: m.interaction_class_closed() }
		];
		fields.push(made('class', m.list_field_class(), 'choice', { choices }));
	}
	for (const field of own) {
		if (field.type === 'user' && !field.many) {
			fields.push(made(`${field.key}.department`, m.list_field_department({ field: field.label }), 'department'));
		}
	}
	for (const field of clients?.fields ?? []) {
		const reached = asListField(field);
		if (!reached.group || reached.archived) continue;
		const label = m.list_field_of({ of: clients!.label, field: field.label });
		fields.push({ ...reached, key: `client.${field.key}`, label, column: false, edit: false, in_list: false });
	}
	fields.push(made('created_at', m.list_field_created(), 'instant'));
	return fields;
}

/** How a field can be tested, the usual way first. */
export function opsOf(field: ListField): Op[] {
	if (field.many) return ['contains', 'empty', 'filled'];
	switch (field.type) {
		case 'choice':
			return field.key === 'class' ? ['one_of', 'none_of'] : ['one_of', 'none_of', 'empty', 'filled'];
		case 'department':
			return ['one_of', 'none_of'];
		case 'user':
			return ['one_of', 'none_of', 'empty', 'filled'];
		case 'reference':
			return ['one_of', 'none_of', 'contains', 'empty', 'filled'];
		case 'bool':
			return ['is'];
		case 'int':
			return ['is', 'from', 'until', 'between', 'empty', 'filled'];
		case 'day':
		case 'instant':
			return ['during', 'is', 'before', 'from', 'between', 'empty', 'filled'];
		default:
			return ['contains', 'begins', 'is', 'is_not', 'empty', 'filled'];
	}
}

/** A test as one edits it: where values are picked from a list, "is" stands for "one of" that single value. */
export function offered(test: Test, field: ListField): Test {
	const ops = opsOf(field);
	const op: Op | null = test.op === 'is' ? 'one_of' : test.op === 'is_not' ? 'none_of' : null;
	if (op === null || ops.includes(test.op) || !ops.includes(op)) return test;
	return { ...test, op, value: '', values: test.value === '' ? [] : [test.value] };
}
