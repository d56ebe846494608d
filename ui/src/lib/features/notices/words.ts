// Notices in words: what happened, why, and what became of the person's edits.
import ArrowRightLeft from '@lucide/svelte/icons/arrow-right-left';
import CalendarPlus from '@lucide/svelte/icons/calendar-plus';
import Check from '@lucide/svelte/icons/check';
import CircleAlert from '@lucide/svelte/icons/circle-alert';
import CircleX from '@lucide/svelte/icons/circle-x';
import Clock from '@lucide/svelte/icons/clock';
import Info from '@lucide/svelte/icons/info';
import ShieldAlert from '@lucide/svelte/icons/shield-alert';
import UserRoundCheck from '@lucide/svelte/icons/user-round-check';
import UserRoundMinus from '@lucide/svelte/icons/user-round-minus';
import UserRoundPlus from '@lucide/svelte/icons/user-round-plus';
import UsersRound from '@lucide/svelte/icons/users-round';
import type { Component } from 'svelte';
import { lastDay, m, number } from '$lib/i18n';
import type { Notice, Person } from '$lib/ipc';
import { codeWords } from '$lib/shared/failure';

const icons: Record<string, Component<{ size?: number | string; class?: string }>> = {
	client_left: UserRoundMinus,
	client_came: UserRoundPlus,
	interaction_came: CalendarPlus,
	interaction_left: ArrowRightLeft,
	edit_set_aside: Clock,
	edit_accepted: Check,
	edit_declined: CircleX,
	edit_refused: CircleX,
	cover_began: UsersRound,
	cover_ended: UserRoundCheck,
	others_stand_in: UsersRound,
	you_are_back: UserRoundCheck,
	order_sent_back: CircleAlert,
	token_reused: ShieldAlert,
	order_refused: CircleX
};

/** A notice as a picture. */
export function noticeIcon({ what }: Notice): Component<{ size?: number | string; class?: string }> {
	return icons[what] ?? Info;
}

/** What the notice is about, by name; empty where this device does not know it any more. */
export function noticeName(notice: Notice): string {
	return notice.client?.title || notice.params.client || notice.params.title || '';
}

/** The notice as sentences, the most important first. */
export function noticeWords(notice: Notice, people: Person[] | undefined): string[] {
	const { what, params } = notice;
	const by = name(params.by, people);
	switch (what) {
		case 'client_left':
			return [left(notice, people), because(params, by), ...edits(params), kept(notice)].filter(Boolean);
		case 'client_came':
			return [came(params, by, people), because(params, '')].filter(Boolean);
		case 'interaction_came':
			return [by ? m.notices_interaction_came_by({ by }) : m.notices_interaction_came(), params.comment ?? ''].filter(
				Boolean
			);
		case 'interaction_left':
			return [m.notices_interaction_left()];
		case 'edit_set_aside':
			return [m.notices_edit_set_aside()];
		case 'edit_accepted':
			return [by ? m.notices_edit_accepted_by({ by }) : m.notices_edit_accepted()];
		case 'edit_declined':
			if (by && Number(params.n_picked ?? 0) > 0) return [m.notices_edit_picked_by({ by })];
			return [by ? m.notices_edit_declined_by({ by }) : m.notices_edit_declined(), kept(notice)].filter(Boolean);
		case 'edit_refused':
			return [m.notices_edit_refused({ reason: codeWords(params.code ?? 'no_access') }), kept(notice)].filter(Boolean);
		case 'token_reused': {
			const [device, owner] = [params.device ?? '', name(params.user, people)];
			return [
				owner ? m.notices_token_reused_of({ name: owner, device }) : m.notices_token_reused({ device }),
				m.notices_token_reused_todo()
			];
		}
		case 'cover_began':
			return [
				params.until
					? m.notices_cover_began({ name: name(params.user, people), until: lastDay(params.until) })
					: m.notices_cover_began_open({ name: name(params.user, people) }),
				m.notices_cover_clients()
			];
		case 'cover_ended':
			return [m.notices_cover_ended({ name: name(params.user, people) })];
		case 'others_stand_in':
			return [
				params.until ? m.notices_others_stand_in({ until: lastDay(params.until) }) : m.notices_others_stand_in_open(),
				m.notices_others_keep()
			];
		case 'you_are_back':
			return [m.notices_you_are_back()];
		case 'order_sent_back':
			return [m.notices_order_sent_back()];
		case 'order_refused':
			return [m.notices_order_refused(), params.code ? codeWords(params.code) : ''].filter(Boolean);
		default:
			return [m.notices_other()];
	}
}

function left(notice: Notice, people: Person[] | undefined): string {
	const { ended_by, user } = notice.params;
	if (ended_by === 'itself') return m.notices_client_left_expired();
	const to = name(user ?? notice.params.to, people);
	if (noticeName(notice) === '') return to ? m.notices_client_left_unnamed_to({ to }) : m.notices_client_left_unnamed();
	return to ? m.notices_client_left_to({ to }) : m.notices_client_left();
}

/** Whom the client comes from, and by whose order. */
function came(params: Record<string, string>, by: string, people: Person[] | undefined): string {
	const from = name(params.user, people);
	if (from && by) return `${m.notices_client_came_from({ from })} ${m.notices_order_by({ by })}`;
	return by ? m.notices_client_came_by({ by }) : m.notices_client_came();
}

/** Why, and by whose order, on one line; empty where nobody ordered it. */
function because(params: Record<string, string>, by: string): string {
	return [why(params), by ? m.notices_order_by({ by }) : ''].filter(Boolean).join(' ');
}

/** What became of the client. */
function why(params: Record<string, string>): string {
	if (params.order === 'merge_clients') return m.notices_left_merge();
	return params.order === 'undo' ? m.notices_left_undo() : reason(params.reason);
}

function reason(of: string | undefined): string {
	if (of === 'illness') return m.notices_reason_illness();
	if (of === 'holiday') return m.notices_reason_holiday();
	if (of === 'dismissal') return m.notices_reason_dismissal();
	return '';
}

function edits(params: Record<string, string>): string[] {
	const count = (key: string) => Number(params[key] ?? 0) || 0;
	const accepted = count('n_accepted');
	const aside = count('n_set_aside');
	const refused = count('n_refused');
	const said: string[] = [];
	if (accepted > 0) said.push(m.notices_edits_accepted({ count: accepted, shown: number(accepted) }));
	if (aside > 0) said.push(m.notices_edits_set_aside({ count: aside, shown: number(aside) }));
	if (refused > 0) said.push(m.notices_edits_refused({ count: refused, shown: number(refused) }));
	return said;
}

function kept(notice: Notice): string {
	return Object.keys(notice.fields).length > 0 ? m.notices_edit_kept() : '';
}

/** A person's name; an id nobody here knows says nothing. */
function name(of: string | undefined, people: Person[] | undefined): string {
	if (!of) return '';
	const known = people?.find((person) => person.id === of);
	if (known) return known.name;
	return /^[0-9a-f]{8}-[0-9a-f-]{27}$/i.test(of) ? '' : of;
}
