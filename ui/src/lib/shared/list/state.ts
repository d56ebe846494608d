// What a list shows: kept in the address while one works, in a saved view for good.
import type { Condition, GroupBy, ListRequest, SavedView, Scope, SortBy, Test } from '$lib/ipc';
import { textOf } from '../record/values';

/** How rows are laid out. */
export const layouts = ['table', 'cards', 'kanban', 'calendar'] as const;
export type Layout = (typeof layouts)[number];

/** Colours of rows, by meaning. */
export const colours = ['overdue', 'conflict', 'done', 'accent', 'grey'] as const;
export type Colour = (typeof colours)[number];
export const signs = ['', 'alert', 'flag', 'star', 'clock', 'check'] as const;
export type Sign = (typeof signs)[number];

/** A column, with its width where somebody set one. */
export interface ColumnWish {
	field: string;
	width?: number;
}

/** How rows look for which something holds. */
export interface Rule {
	when: Condition;
	colour: Colour;
	sign: Sign;
	bold: boolean;
	/** The column it colours; empty for the whole row. */
	cell: string;
}

/** Everything one can wish of a list. */
export interface ListState {
	/** Id of a saved view or key of one of the product's own; empty for neither. */
	view: string;
	scope: Scope;
	text: string;
	conditions: Condition[];
	sort: SortBy[];
	group: GroupBy[];
	layout: Layout;
	/** The field whose values are the columns of a board, or whose days are those of a calendar. */
	by: string;
	/** `null` for the usual ones. */
	columns: ColumnWish[] | null;
	rules: Rule[];
}

/** One of the product's own views. */
export interface Preset {
	key: string;
	label: () => string;
	state: Partial<ListState>;
}

/** The state before anybody wished anything. */
export function plainState(scope: Scope): ListState {
	return {
		view: '',
		scope,
		text: '',
		conditions: [],
		sort: [],
		group: [],
		layout: 'table',
		by: '',
		columns: null,
		rules: []
	};
}

/** True for one test, false for a group of them. */
export function isTest(condition: Condition): condition is Test {
	return 'field' in condition;
}

/** The conditions of a group. */
export function partsOf(condition: Condition): Condition[] {
	if ('all' in condition) return condition.all;
	if ('any' in condition) return condition.any;
	return [];
}

function isCondition(value: unknown): value is Condition {
	if (typeof value !== 'object' || value === null) return false;
	if ('all' in value) return Array.isArray(value.all) && value.all.every(isCondition);
	if ('any' in value) return Array.isArray(value.any) && value.any.every(isCondition);
	return 'field' in value && typeof value.field === 'string' && 'op' in value && typeof value.op === 'string';
}

const hasField = (value: unknown): value is { field: string } =>
	typeof value === 'object' && value !== null && 'field' in value && typeof value.field === 'string';
const hasWhen = (value: unknown): value is Rule =>
	typeof value === 'object' && value !== null && 'when' in value && isCondition(value.when);

/** Reads a list kept as JSON; what is not of the right shape is left out. */
function listed<One>(text: string, is: (value: unknown) => value is One): One[] {
	try {
		const read: unknown = JSON.parse(text);
		return Array.isArray(read) ? read.filter(is) : [];
	} catch {
		return [];
	}
}

const parts = ['conditions', 'sort', 'group', 'rules', 'columns'] as const;

/** The state an address stands for, over that of the view it names. */
export function readState(params: URLSearchParams, usual: ListState): ListState {
	const state = { ...usual };
	const scope = params.get('scope');
	if (scope === 'mine' || scope === 'all' || scope === 'staff') state.scope = scope;
	state.text = params.get('q') ?? '';
	const layout = layouts.find((one) => one === params.get('layout'));
	if (layout) state.layout = layout;
	state.by = params.get('by') ?? state.by;
	for (const part of parts) {
		const text = params.get(part);
		if (text !== null) Object.assign(state, { [part]: readPart(part, text) });
	}
	return state;
}

function readPart(part: (typeof parts)[number], text: string): unknown {
	if (part === 'columns') return text === '' ? null : listed<ColumnWish>(text, hasField);
	if (part === 'conditions') return listed(text, isCondition);
	return part === 'rules'
		? listed(text, hasWhen)
		: listed<SortBy>(text, hasField as (value: unknown) => value is SortBy);
}

/** Writes the state as the query of an address; what the view says already is left out. */
export function writeState(state: ListState, usual: ListState): string {
	const params = new URLSearchParams();
	if (state.view !== '') params.set('view', state.view);
	if (state.scope !== usual.scope) params.set('scope', state.scope);
	if (state.text !== '') params.set('q', state.text);
	if (state.layout !== usual.layout) params.set('layout', state.layout);
	if (state.by !== usual.by) params.set('by', state.by);
	for (const part of parts) {
		const text = JSON.stringify(state[part]);
		if (text !== JSON.stringify(usual[part])) params.set(part, state[part] === null ? '' : text);
	}
	const query = params.toString();
	return query === '' ? '' : `?${query}`;
}

/** True where somebody wishes other than the view says; words typed are no wish. */
export function differs(state: ListState, usual: ListState): boolean {
	return (
		writeState({ ...state, text: '' }, { ...usual, view: state.view }) !==
		writeState({ ...usual, text: '', view: state.view }, usual)
	);
}

/** The state a saved view stands for. */
export function viewState(view: SavedView, usual: ListState): ListState {
	const text = (key: string) => textOf(view.row.fields[key]);
	const scope = text('scope');
	const columns = listed<ColumnWish>(text('columns'), hasField);
	return {
		...usual,
		view: view.row.id,
		scope: scope === 'mine' || scope === 'all' || scope === 'staff' ? scope : usual.scope,
		conditions: listed(text('conditions'), isCondition),
		sort: listed(text('sort'), hasField as (value: unknown) => value is SortBy),
		group: listed(text('grouping'), hasField as (value: unknown) => value is GroupBy),
		layout: layouts.find((one) => one === text('layout')) ?? 'table',
		by: text('by'),
		columns: columns.length > 0 ? columns : null,
		rules: listed(text('appearance'), hasWhen)
	};
}

/** The fields of a saved view of this state. */
export function viewFields(state: ListState): Record<string, string> {
	return {
		layout: state.layout,
		scope: state.scope,
		columns: JSON.stringify(state.columns ?? []),
		sort: JSON.stringify(state.sort),
		grouping: JSON.stringify(state.group),
		conditions: JSON.stringify(state.conditions),
		appearance: JSON.stringify(state.rules),
		by: state.by
	};
}

/** Conditions without tests of fields this version does not know and of values nobody filled in; views keep both. */
export function known(conditions: Condition[], has: (field: string) => boolean): Condition[] {
	return conditions.flatMap((condition): Condition[] => {
		if (isTest(condition)) return has(condition.field) && isFilled(condition) ? [condition] : [];
		const inner = known(partsOf(condition), has);
		if (inner.length === 0) return [];
		return ['all' in condition ? { all: inner } : { any: inner }];
	});
}

/** True where a test says what it compares with. */
export function isFilled(test: Test): boolean {
	if (test.op === 'empty' || test.op === 'filled') return true;
	if (test.op === 'one_of' || test.op === 'none_of') return (test.values ?? []).length > 0;
	if (test.op === 'between') return (test.values ?? []).length === 2 && (test.values ?? []).every((one) => one !== '');
	return test.value !== '';
}

/** The question to the host. */
export function requestOf(
	kind: string,
	state: ListState,
	has: (field: string) => boolean,
	offset: number,
	limit: number
): ListRequest {
	return {
		kind,
		scope: state.scope,
		conditions: known(state.conditions, has),
		text: state.text.trim(),
		sort: state.sort.filter((by) => has(by.field) || by.field === 'title'),
		group: state.layout === 'table' || state.layout === 'cards' ? state.group.filter((by) => has(by.field)) : [],
		marks: rulesOf(state, has).map((rule) => rule.when),
		offset,
		limit
	};
}

/** The rules this version can follow, in order: a row says by their places which hold. */
export function rulesOf(state: ListState, has: (field: string) => boolean): Rule[] {
	return state.rules.flatMap((rule) => known([rule.when], has).map((when) => ({ ...rule, when })));
}

/** The order when a column's head is pressed: up, down, as usual; with `add` beside those there are. */
export function nextSort(sort: SortBy[], field: string, add = false): SortBy[] {
	const here = sort.find((by) => by.field === field);
	const next = here === undefined ? { field, descending: false } : here.descending ? null : { field, descending: true };
	if (!add) return next ? [next] : [];
	if (!here) return next ? [...sort, next] : sort;
	return sort.flatMap((by) => (by === here ? (next ? [next] : []) : [by]));
}
