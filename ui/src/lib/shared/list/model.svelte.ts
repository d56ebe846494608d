// One list on the screen: what is wished of it, what it can do by its declaration, and the names its conditions need.
import { untrack } from 'svelte';
import { goto } from '$app/navigation';
import { page } from '$app/state';
import { locale } from '$lib/i18n';
import type { Condition, FieldDeclared, SavedView, Scope } from '$lib/ipc';
import { useShell } from '$lib/shared/frame';
import { peopleQuery } from '$lib/shared/people';
import { declarationsQuery, kindOf } from '$lib/shared/record';
import { listFields, type ListField } from './fields';
import { namesQuery, viewsQuery } from './queries';
import {
	differs,
	isTest,
	partsOf,
	plainState,
	readState,
	requestOf,
	rulesOf,
	viewState,
	writeState,
	type ColumnWish,
	type ListState,
	type Preset
} from './state';

/** Where columns stand that nobody keeps in a view. */
const store = (kind: string) => `columns.${kind}`;

/** Create it while a component is being set up. */
export class ListModel {
	readonly kind: string;
	readonly presets: Preset[];
	readonly #declarations = declarationsQuery();
	readonly #people = peopleQuery();
	readonly #views = viewsQuery();
	readonly #names;
	readonly #scope: Scope;
	#text = $state('');
	#ownColumns = $state.raw<ColumnWish[] | null>(null);
	#timer: ReturnType<typeof setTimeout> | undefined;

	/** What the kind's declaration says; `undefined` until it is known. */
	readonly declared = $derived.by(() => kindOf(this.#declarations.data, this.kind));
	readonly fields: ListField[] = $derived.by(() => {
		void locale.current;
		return listFields(this.#declarations.data, this.kind);
	});
	/** Whether it is known what fields there are: asked before, conditions would be left out as if nobody knew them. */
	readonly ready: boolean = $derived.by(
		() => this.#declarations.data !== undefined && !this.#declarations.isPlaceholderData
	);
	/** The saved views of this kind. */
	readonly views: SavedView[] = $derived.by(() =>
		(this.#views.data ?? []).filter((view) => view.row.fields.of === this.kind)
	);
	/** The view that is on, if it is a saved one. */
	readonly view: SavedView | null = $derived.by(
		() => this.views.find((view) => view.row.id === page.url.searchParams.get('view')) ?? null
	);
	/** The one of the product's own views that is on. */
	readonly preset: Preset | null = $derived.by(() => {
		if (this.view) return null;
		const key = page.url.searchParams.get('view');
		return this.presets.find((one) => one.key === key) ?? this.presets[0] ?? null;
	});
	/** The state the view stands for. */
	readonly usual: ListState = $derived.by(() => {
		const plain = { ...plainState(this.#scope), columns: this.#ownColumns };
		if (this.view) return viewState(this.view, plain);
		const first = this.preset === this.presets[0];
		return { ...plain, ...this.preset?.state, view: first ? '' : (this.preset?.key ?? '') };
	});
	readonly state: ListState = $derived.by(() => ({
		...readState(page.url.searchParams, this.usual),
		text: this.#text
	}));
	/** True where something was wished that the view does not say. */
	readonly changed: boolean = $derived.by(() => differs(this.state, this.usual));
	/** The rules rows are coloured by; a row names them by their places. */
	readonly rules = $derived.by(() => rulesOf(this.state, this.has));
	/** The columns on the screen, the first one aside. */
	readonly columns: ListField[] = $derived.by(() => {
		const possible = this.fields.filter((field) => field.column && field.key !== this.declared?.title);
		const wishes = this.state.columns;
		if (!wishes) return possible.filter((field) => field.in_list);
		return wishes.flatMap((wish) => possible.filter((field) => field.key === wish.field));
	});
	/** Widths somebody set. */
	readonly widths: Record<string, number> = $derived.by(() =>
		Object.fromEntries((this.state.columns ?? []).flatMap((wish) => (wish.width ? [[wish.field, wish.width]] : [])))
	);

	constructor(kind: string, presets: Preset[] = []) {
		const shell = useShell();
		this.kind = kind;
		this.presets = presets;
		this.#scope = untrack(() => (shell.status.local_only ? 'all' : shell.supervises ? 'staff' : 'mine'));
		this.#text = untrack(() => page.url.searchParams.get('q') ?? '');
		const kept: unknown = JSON.parse(localStorage.getItem(store(kind)) ?? 'null');
		this.#ownColumns = Array.isArray(kept)
			? kept.map((one: string | ColumnWish) => (typeof one === 'string' ? { field: one } : one))
			: null;
		// Conditions keep ids; what they are called is looked up once for all of them.
		this.#names = namesQuery(() => this.#referred());
	}

	get text(): string {
		return this.#text;
	}

	/** Words typed; the address follows when one pauses. */
	set text(text: string) {
		this.#text = text;
		clearTimeout(this.#timer);
		this.#timer = setTimeout(() => this.wish({}), 300);
	}

	/** The field of a key. */
	readonly field = (key: string): ListField | undefined => this.fields.find((field) => field.key === key);
	readonly has = (key: string): boolean => this.fields.some((field) => field.key === key) || key === 'id';

	/** The first column: the field that names a record. */
	get title(): FieldDeclared | undefined {
		return this.declared?.fields.find((field) => field.key === this.declared?.title);
	}

	/** Wishes something else. */
	wish(change: Partial<ListState>): void {
		const next = { ...this.state, ...change };
		if (change.columns !== undefined && !this.view) {
			this.#ownColumns = change.columns;
			localStorage.setItem(store(this.kind), JSON.stringify(change.columns));
			next.columns = this.usual.columns;
		}
		this.go(next, this.usual);
	}

	/** Puts a view on, with nothing wished besides. */
	show(view: string): void {
		this.#text = '';
		const query = view === '' || view === this.presets[0]?.key ? '' : `?view=${encodeURIComponent(view)}`;
		void goto(page.url.pathname + query, { replaceState: true, keepFocus: true, noScroll: true });
	}

	/** Takes back what was wished besides the view. */
	reset(): void {
		this.show(this.state.view);
	}

	go(state: ListState, usual: ListState): void {
		void goto(page.url.pathname + writeState(state, usual), { replaceState: true, keepFocus: true, noScroll: true });
	}

	/** The question for a part of the list. */
	request(offset: number, limit: number) {
		return requestOf(this.kind, this.state, this.has, offset, limit);
	}

	/** The name of a record, a colleague or a department a condition holds. */
	readonly name = (id: string): string => {
		const person = this.#people.data?.find((one) => one.id === id);
		if (person) return person.name;
		const department = this.#people.data?.find((one) => one.department === id);
		if (department) return department.department_name;
		return this.#names.data?.flat().find((row) => row.id === id)?.title ?? '…';
	};

	/** Colleagues, for choosing. */
	get people() {
		return this.#people.data ?? [];
	}

	/** Ids of records in the conditions, by kind. */
	#referred(): Record<string, string[]> {
		const ids: Record<string, string[]> = {};
		const walk = (condition: Condition) => {
			if (!isTest(condition)) {
				partsOf(condition).forEach(walk);
				return;
			}
			const field = this.field(condition.field);
			if (field?.type !== 'reference') return;
			const named = [condition.value, ...(condition.values ?? [])].filter(isId);
			if (named.length > 0) (ids[field.target] ??= []).push(...named);
		};
		this.state.conditions.forEach(walk);
		this.state.rules.forEach((rule) => walk(rule.when));
		return ids;
	}
}

const isId = (text: string): boolean => /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/.test(text);
