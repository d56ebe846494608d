// What the list of interactions shows, kept in the address.
import type { Condition, ListRequest, Scope } from '$lib/ipc';

/** The presets: what is open, its three event classes, what happened, everything. */
export const presets = ['open', 'overdue', 'current', 'planned', 'held', 'all'] as const;
export type Preset = (typeof presets)[number];

export interface ViewState {
	scope: Scope;
	preset: Preset;
	text: string;
}

/** Reads the state from an address. */
export function readState(params: URLSearchParams, usual: Scope): ViewState {
	const scope = params.get('scope');
	const preset = params.get('class');
	return {
		scope: scope === 'mine' || scope === 'all' || scope === 'staff' ? scope : usual,
		preset: presets.find((one) => one === preset) ?? 'open',
		text: params.get('q') ?? ''
	};
}

/** Writes the state as the query of an address. */
export function writeState(state: ViewState, usual: Scope): string {
	const params = new URLSearchParams();
	if (state.scope !== usual) params.set('scope', state.scope);
	if (state.preset !== 'open') params.set('class', state.preset);
	if (state.text !== '') params.set('q', state.text);
	const query = params.toString();
	return query === '' ? '' : `?${query}`;
}

/** The question to the host, which knows the viewer's day: a plan for the whole of it is not overdue before its end. */
export function requestOf(state: ViewState, offset: number, limit: number): ListRequest {
	const is = (field: string, value: string): Condition => ({ field, op: 'is', value });
	const conditions: Record<Preset, Condition[]> = {
		open: [is('state', 'planned')],
		overdue: [is('class', 'overdue')],
		current: [is('class', 'current')],
		planned: [is('class', 'planned')],
		held: [is('state', 'held')],
		all: []
	};
	const latestFirst = state.preset === 'held' || state.preset === 'all';
	return {
		kind: 'interaction',
		scope: state.scope,
		client: null,
		user: null,
		conditions: conditions[state.preset],
		text: state.text.trim(),
		sort: [{ field: 'starts_at', descending: latestFirst }],
		offset,
		limit
	};
}
