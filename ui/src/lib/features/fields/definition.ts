// What a field of the organisation's own says about itself, as its record holds it and as a form edits it.
import type { Entry, FieldDeclared, Fields, KindDeclared, Row } from '$lib/ipc';
import { entriesOf, textOf } from '$lib/shared/record';

/** Label of a value that is not offered any more: its word stays for the records that hold it. */
const former = 'former';

/** A definition as the form edits it. */
export interface Definition {
	name: string;
	names: Record<'en' | 'ru' | 'uk', string>;
	of: string;
	type: string;
	target: string;
	choices: Entry[];
	required: boolean;
	in_list: boolean;
	search: boolean;
	personal: boolean;
}

/** One to begin with. */
export const blank = (of: string): Definition => ({
	name: '',
	names: { en: '', ru: '', uk: '' },
	of,
	type: 'text',
	target: '',
	choices: [newChoice(), newChoice()],
	required: false,
	in_list: false,
	search: false,
	personal: false
});

/** A line for one more value. */
export const newChoice = (): Entry => ({ entry: null, value: '', label: '', title: '', removed: false });

/** As its record says. */
export function readDefinition({ fields }: Row): Definition {
	const text = (key: string) => textOf(fields[key]);
	return {
		name: text('name'),
		names: { en: text('name_en'), ru: text('name_ru'), uk: text('name_uk') },
		of: text('of'),
		type: text('type'),
		target: text('target'),
		choices: entriesOf(fields.choices).filter(({ label }) => label !== former),
		required: fields.required === true,
		in_list: fields.in_list === true,
		search: fields.search === true,
		personal: fields.personal === true
	};
}

/** As a new record holds it. */
export function asFields(definition: Definition, place: number): Fields {
	const { of, type, target, choices } = definition;
	const fields: Fields = { ...changeable(definition), of, type, place };
	if (type === 'reference') fields.target = target;
	if (type === 'choice') fields.choices = choices.filter((one) => one.value.trim() !== '');
	return fields;
}

/** What differs from what the form began with, and what it began with (rule 5). */
export function changed(before: Definition, now: Definition): { seen: Fields; changed: Fields } {
	const [was, is] = [changeable(before), changeable(now)];
	const keys = Object.keys(is).filter((key) => was[key] !== is[key]);
	const pick = (from: Fields) => Object.fromEntries(keys.map((key) => [key, from[key] ?? null]));
	const [seen, edits]: [Fields, Fields] = [pick(was), pick(is)];
	const choices = changedChoices(before.choices, now.choices);
	if (choices.length > 0) edits.choices = choices;
	return { seen, changed: edits };
}

/** Whether a field can be made of it. */
export function isWhole(definition: Definition): boolean {
	if (definition.name.trim() === '' || definition.of === '') return false;
	if (definition.type === 'reference') return definition.target !== '';
	if (definition.type === 'choice') return definition.choices.some((one) => one.value.trim() !== '');
	return true;
}

/** Whether what it holds is text people look for: ids, numbers and flags are nothing anybody types. */
export const isSearchable = ({ type }: Definition) => ['text', 'memo', 'phone', 'email', 'url'].includes(type);

/** The field a definition declares. */
export function declaredAs(kind: KindDeclared | undefined, id: string): FieldDeclared | undefined {
	return kind?.fields.find((field) => field.key === `x.${id}`);
}

function changeable(definition: Definition): Fields {
	const { name, names, required, in_list, personal } = definition;
	const orNull = (text: string) => (text.trim() === '' ? null : text.trim());
	return {
		name: orNull(name),
		name_en: orNull(names.en),
		name_ru: orNull(names.ru),
		name_uk: orNull(names.uk),
		required,
		in_list,
		search: definition.search && isSearchable(definition),
		personal
	};
}

function changedChoices(before: Entry[], now: Entry[]): Entry[] {
	const known = new Map(before.map((one) => [one.entry, one.value]));
	const fresh = now.filter(
		(one) => one.value.trim() !== '' && (one.entry === null || known.get(one.entry) !== one.value)
	);
	const kept = new Set(now.filter((one) => one.value.trim() !== '').map((one) => one.entry));
	const gone = before.filter((one) => !kept.has(one.entry)).map((one) => ({ ...one, label: former }));
	return [...fresh, ...gone];
}
