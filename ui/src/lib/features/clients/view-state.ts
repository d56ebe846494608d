// What the list shows, kept in the address: it survives a reload and can be sent to a colleague.
import type { Condition, ListRequest, Scope, SortBy } from '$lib/ipc';

/** Fields one may filter by; each is a parameter of the address. */
export const filterFields = ['status', 'category', 'region'] as const;

/** The wishes of the person who looks at the list. */
export interface ViewState {
	scope: Scope;
	text: string;
	user: string;
	filters: Record<string, string>;
	sort: SortBy | null;
}

/** Reads the state from an address. */
export function readState(params: URLSearchParams, usual: Scope): ViewState {
	const scope = params.get('scope');
	const order = params.get('sort') ?? '';
	const filters: Record<string, string> = {};
	for (const field of filterFields) {
		const value = params.get(field);
		if (value) filters[field] = value;
	}
	return {
		scope: scope === 'mine' || scope === 'all' || scope === 'staff' ? scope : usual,
		text: params.get('q') ?? '',
		user: params.get('user') ?? '',
		filters,
		sort: order === '' ? null : { field: order.replace(/^-/, ''), descending: order.startsWith('-') }
	};
}

/** Writes the state as the query of an address; what is usual is left out. */
export function writeState(state: ViewState, usual: Scope): string {
	const params = new URLSearchParams();
	if (state.scope !== usual) params.set('scope', state.scope);
	if (state.text !== '') params.set('q', state.text);
	if (state.user !== '') params.set('user', state.user);
	for (const [field, value] of Object.entries(state.filters)) if (value !== '') params.set(field, value);
	if (state.sort) params.set('sort', (state.sort.descending ? '-' : '') + state.sort.field);
	const query = params.toString();
	return query === '' ? '' : `?${query}`;
}

/** The question to the host. */
export function requestOf(state: ViewState, offset: number, limit: number): ListRequest {
	const conditions: Condition[] = Object.entries(state.filters).map(([field, value]) => ({ field, op: 'is', value }));
	return {
		kind: 'client',
		scope: state.scope,
		client: null,
		user: state.user === '' ? null : state.user,
		conditions,
		text: state.text.trim(),
		sort: state.sort ? [state.sort] : [],
		offset,
		limit
	};
}

/** The next order when a column head is pressed: up, down, as usual. */
export function nextSort(sort: SortBy | null, field: string): SortBy | null {
	if (sort?.field !== field) return { field, descending: false };
	return sort.descending ? null : { field, descending: true };
}
