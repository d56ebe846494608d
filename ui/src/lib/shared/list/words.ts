// Conditions, groups and looks in words.
import { listOf, m, monthOf, number, relativeDay, shortDay, yearOf } from '$lib/i18n';
import type { Condition, GroupBy, ListGroup, Op, Test } from '$lib/ipc';
import { choiceWords, valueWords } from '../record/format';
import type { ListField } from './fields';
import { isFilled, isTest, partsOf, type Colour, type Layout, type Sign } from './state';

const opList: Record<Op, () => string> = {
	is: () => m.list_op_is(),
	is_not: () => m.list_op_is_not(),
	one_of: () => m.list_op_one_of(),
	none_of: () => m.list_op_none_of(),
	contains: () => m.list_op_contains(),
	begins: () => m.list_op_begins(),
	empty: () => m.list_op_empty(),
	filled: () => m.list_op_filled(),
	before: () => m.list_op_before(),
	from: () => m.list_op_from(),
	after: () => m.list_op_after(),
	until: () => m.list_op_until(),
	between: () => m.list_op_between(),
	during: () => m.list_op_during()
};

/** A comparison in words. */
export const opWords = (op: Op): string => opList[op]();

/** Stretches of days one may pick, those of a number of days aside. */
export const stretches = [
	'today',
	'yesterday',
	'tomorrow',
	'this_week',
	'last_week',
	'next_week',
	'this_month',
	'last_month',
	'next_month',
	'past',
	'future'
] as const;

const stretchList: Record<(typeof stretches)[number], () => string> = {
	today: () => m.list_during_today(),
	yesterday: () => m.list_during_yesterday(),
	tomorrow: () => m.list_during_tomorrow(),
	this_week: () => m.list_during_this_week(),
	last_week: () => m.list_during_last_week(),
	next_week: () => m.list_during_next_week(),
	this_month: () => m.list_during_this_month(),
	last_month: () => m.list_during_last_month(),
	next_month: () => m.list_during_next_month(),
	past: () => m.list_during_past(),
	future: () => m.list_during_future()
};

/** A stretch of days in words. */
export function stretchWords(value: string): string {
	const [name, days] = value.split(':');
	const count = Number(days ?? 0);
	if (name === 'last_days') return m.list_during_last_days({ count, shown: number(count) });
	if (name === 'next_days') return m.list_during_next_days({ count, shown: number(count) });
	const known = stretches.find((one) => one === value);
	return known ? stretchList[known]() : value;
}

/** Values that stand for people without naming them. */
export const peopleWords: Record<string, () => string> = {
	me: () => m.list_value_me(),
	my_department: () => m.list_value_my_department(),
	my_staff: () => m.list_value_my_staff(),
	mine: () => m.list_value_my_department()
};

/** One value of a test in words; `name` knows records, colleagues and departments. */
export function testValue(field: ListField, op: Op, value: string, name: (id: string) => string): string {
	if (op === 'during') return stretchWords(value);
	switch (field.type) {
		case 'choice':
			return choiceWords(field, value);
		case 'user':
		case 'department':
			return peopleWords[value]?.() ?? name(value);
		case 'reference':
			return op === 'contains' ? value : name(value);
		case 'bool':
			return value === 'true' ? m.common_yes() : m.common_no();
		case 'day':
		case 'instant':
			return relativeDay(value);
		case 'int':
			return number(Number(value));
		default:
			return value;
	}
}

/** A condition as a sentence. */
export function sentence(
	condition: Condition,
	field: (key: string) => ListField | undefined,
	name: (id: string) => string
): string {
	if (isTest(condition)) return testSentence(condition, field(condition.field), name);
	const parts = partsOf(condition).map((part) => sentence(part, field, name));
	const joint = 'any' in condition ? m.list_or() : m.list_and();
	return parts.length === 0 ? m.list_group_empty() : parts.join(` ${joint} `);
}

function testSentence(test: Test, field: ListField | undefined, name: (id: string) => string): string {
	if (!field) return m.list_unknown_field();
	const op = opWords(test.op);
	if (test.op === 'empty' || test.op === 'filled') return `${field.label}: ${op}`;
	if (!isFilled(test)) return `${field.label} …`;
	const word = (value: string) => testValue(field, test.op, value, name);
	if (test.op === 'between') {
		const [first = '', last = ''] = test.values ?? [];
		return `${field.label}: ${m.list_between({ first: word(first), last: word(last) })}`;
	}
	const several = test.op === 'one_of' || test.op === 'none_of';
	const value = several ? listOf((test.values ?? []).map(word)) : word(test.value);
	// "City: Kyiv" says as much as "City is Kyiv", and reads in every language.
	const silent = test.op === 'is' || test.op === 'one_of' || test.op === 'during';
	return silent ? `${field.label}: ${value}` : `${field.label} ${op} ${value}`;
}

/** What the rows of a group have in common, in words. */
export function groupWords(field: ListField | undefined, by: GroupBy, group: ListGroup): string {
	if (group.rest) return m.list_group_rest();
	if (group.value === null) return field ? m.list_group_nothing({ field: field.label }) : '';
	if ((field?.type === 'day' || field?.type === 'instant') && typeof group.value === 'string') {
		switch (by.unit ?? 'month') {
			case 'day':
				return relativeDay(group.value);
			case 'week':
				return m.list_group_week({ day: shortDay(group.value) });
			case 'month':
				return monthOf(group.value);
			case 'year':
				return yearOf(group.value);
		}
	}
	return valueWords(field, group.value);
}

const colourList: Record<Colour, () => string> = {
	overdue: () => m.list_colour_red(),
	conflict: () => m.list_colour_amber(),
	done: () => m.list_colour_green(),
	accent: () => m.list_colour_blue(),
	grey: () => m.list_colour_grey()
};
export const colourWords = (colour: Colour): string => colourList[colour]();

const signList: Record<Sign, () => string> = {
	'': () => m.list_sign_none(),
	alert: () => m.list_sign_alert(),
	flag: () => m.list_sign_flag(),
	star: () => m.list_sign_star(),
	clock: () => m.list_sign_clock(),
	check: () => m.list_sign_check()
};
export const signWords = (sign: Sign): string => signList[sign]();

const layoutList: Record<Layout, () => string> = {
	table: () => m.list_layout_table(),
	cards: () => m.list_layout_cards(),
	kanban: () => m.list_layout_kanban(),
	calendar: () => m.list_layout_calendar()
};
export const layoutWords = (layout: Layout): string => layoutList[layout]();
