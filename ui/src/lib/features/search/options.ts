// Lines of the palette: records and things one can do.
import Building2 from '@lucide/svelte/icons/building-2';
import CalendarPlus from '@lucide/svelte/icons/calendar-plus';
import ChevronRight from '@lucide/svelte/icons/chevron-right';
import CornerDownLeft from '@lucide/svelte/icons/corner-down-left';
import FileText from '@lucide/svelte/icons/file-text';
import MessageSquareText from '@lucide/svelte/icons/message-square-text';
import Phone from '@lucide/svelte/icons/phone';
import SquarePen from '@lucide/svelte/icons/square-pen';
import User from '@lucide/svelte/icons/user';
import UserRoundPlus from '@lucide/svelte/icons/user-round-plus';
import Users from '@lucide/svelte/icons/users';
import type { Component } from 'svelte';
import { m } from '$lib/i18n';
import type { Declarations, Hit } from '$lib/ipc';
import { type Key } from '$lib/shared/frame';
import { kindOf, recordHref } from '$lib/shared/record';

/** One line. */
export interface Option {
	id: string;
	title: string;
	detail?: string;
	/** What it is, at the end of the line. */
	kind?: string;
	/** The key that does the same. */
	key?: string;
	icon: Component<{ size?: number | string; class?: string }>;
	run: () => void;
	/** The record it stands for. */
	hit?: Hit;
}

/** Lines under a title. */
export interface Section {
	title: string;
	options: Option[];
}

/** What to do with a record. */
export type RecordAct = 'open' | 'client' | 'call' | 'log' | 'plan' | 'move' | 'hand-over';

const icons: Record<string, Option['icon']> = {
	client: Users,
	person: User,
	legal_entity: Building2,
	interaction: MessageSquareText
};

/** Where a record is opened: what lives under a client, on its card. */
export function hrefOf(hit: Hit): string {
	const onCard = hit.kind !== 'client' && hit.client && ['person', 'legal_entity', 'interaction'].includes(hit.kind);
	return onCard && hit.client ? `/clients/${hit.client.id}?at=${hit.id}` : recordHref(hit.kind, hit.id);
}

/** A record as a line. */
export function ofRecord(hit: Hit, declarations: Declarations | undefined, run: () => void): Option {
	const kind = kindOf(declarations, hit.kind)?.label ?? '';
	const client = hit.kind === 'client' ? '' : (hit.client?.title ?? '');
	return {
		id: hit.id,
		title: hit.title || hit.snippet || kind,
		detail: [client, hit.title ? hit.snippet : ''].filter(Boolean).join(' · '),
		kind,
		icon: icons[hit.kind] ?? FileText,
		hit,
		run
	};
}

/** Something one can do as a line. */
export function ofAction(action: Key, run: () => void): Option {
	const title = wordsOf(action);
	return { id: `action-${title}`, title, key: action.key, icon: action.icon ?? ChevronRight, run };
}

/** How an action is called. */
export function wordsOf(action: Key): string {
	return typeof action.label === 'string' ? action.label : action.label();
}

/** All that can be done with a record. */
export function actsOn(hit: Hit, supervises: boolean, run: (act: RecordAct) => void): Option[] {
	const acts: [RecordAct, string, Option['icon']][] = [['open', m.search_act_open(), CornerDownLeft]];
	if (hit.client) {
		acts.push(['call', m.client_call(), Phone]);
		acts.push(['log', m.client_log(), SquarePen], ['plan', m.client_plan(), CalendarPlus]);
		if (hit.kind !== 'client') acts.push(['client', m.search_act_client({ client: hit.client.title }), Users]);
	}
	if (hit.kind === 'interaction') acts.push(['hand-over', m.team_hand_over(), UserRoundPlus]);
	if (hit.kind === 'client' && supervises) acts.push(['move', m.client_move(), UserRoundPlus]);
	return acts.map(([act, title, icon]) => ({ id: act, title, icon, run: () => run(act) }));
}
