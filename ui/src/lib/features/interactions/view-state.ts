// What the list of interactions shows, kept in the address.
import { addDays, startOfDay } from '$lib/i18n';
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

/** The question to the host; the borders of the classes are those of the viewer's day. */
export function requestOf(state: ViewState, now: Date, offset: number, limit: number): ListRequest {
	const today = startOfDay(now).toISOString();
	const tomorrow = startOfDay(addDays(now, 1)).toISOString();
	const open: Condition = { field: 'state', op: 'is', value: 'planned' };
	const before = (value: string): Condition => ({ field: 'starts_at', op: 'before', value });
	const from = (value: string): Condition => ({ field: 'starts_at', op: 'from', value });
	const conditions: Record<Preset, Condition[]> = {
		open: [open],
		overdue: [open, before(now.toISOString())],
		current: [open, from(today), before(tomorrow)],
		planned: [open, from(tomorrow)],
		held: [{ field: 'state', op: 'is', value: 'held' }],
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
