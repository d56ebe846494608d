// Orders in words.
import ArrowRightLeft from '@lucide/svelte/icons/arrow-right-left';
import CalendarCheck from '@lucide/svelte/icons/calendar-check';
import CalendarOff from '@lucide/svelte/icons/calendar-off';
import CalendarX from '@lucide/svelte/icons/calendar-x';
import Check from '@lucide/svelte/icons/check';
import CircleAlert from '@lucide/svelte/icons/circle-alert';
import CircleX from '@lucide/svelte/icons/circle-x';
import Clock from '@lucide/svelte/icons/clock';
import ClipboardCheck from '@lucide/svelte/icons/clipboard-check';
import ClipboardX from '@lucide/svelte/icons/clipboard-x';
import Eraser from '@lucide/svelte/icons/eraser';
import Merge from '@lucide/svelte/icons/merge';
import MonitorCheck from '@lucide/svelte/icons/monitor-check';
import MonitorX from '@lucide/svelte/icons/monitor-x';
import Undo2 from '@lucide/svelte/icons/undo-2';
import UserRoundX from '@lucide/svelte/icons/user-round-x';
import Users from '@lucide/svelte/icons/users';
import type { Component } from 'svelte';
import { listOf, m, number } from '$lib/i18n';
import type { CommandView, Order, OrderState, Person, RefusedItem, Rehearsal } from '$lib/ipc';
import { codeWords } from '$lib/shared/failure';

type Icon = Component<{ size?: number | string; class?: string }>;

/** Why clients are moved. */
export const reasons = ['illness', 'holiday', 'dismissal', 'other'] as const;

/** One of the reasons. */
export type Reason = (typeof reasons)[number];

/** A reason in words; one of a later version reads as "other". */
export function reasonWords(reason: string): string {
	if (reason === 'illness') return m.orders_reason_illness();
	if (reason === 'holiday') return m.orders_reason_holiday();
	if (reason === 'dismissal') return m.orders_reason_dismissal();
	return m.orders_reason_other();
}

/** What was ordered, as a heading. `orders` are searched for the one an undo takes back. */
export function orderWords(order: Order, orders: CommandView[] = []): string {
	switch (order.order) {
		case 'redirect_interaction':
			return m.orders_what_redirect();
		case 'move_clients':
			return m.orders_move_title({ count: order.clients.length, shown: number(order.clients.length) });
		case 'merge_clients':
			return m.orders_what_merge();
		case 'undo': {
			const undone = orders.find((one) => one.id === order.command);
			return undone ? m.orders_what_undo_of({ what: orderWords(undone.order) }) : m.orders_what_undo();
		}
		case 'revoke_device':
			return order.wipe ? m.orders_what_wipe() : m.orders_what_revoke();
		case 'revoke_person':
			return m.orders_what_revoke_person();
		case 'erase':
			return m.orders_what_erase();
		case 'withdraw_wipe':
			return m.orders_what_withdraw_wipe();
		case 'accept_proposal':
			return m.orders_what_accept();
		case 'decline_proposal':
			return m.orders_what_decline();
		case 'record_absence':
			return m.orders_what_record_absence();
		case 'change_absence':
			return m.orders_what_change_absence();
		case 'end_absence':
			return m.orders_what_end_absence();
		case 'withdraw_absence':
			return m.orders_what_withdraw_absence();
		case 'finish_dismissal':
			return m.orders_what_finish_dismissal();
	}
}

/** What was ordered, as a picture. */
export const orderIcons: Record<Order['order'], Icon> = {
	redirect_interaction: ArrowRightLeft,
	move_clients: Users,
	merge_clients: Merge,
	undo: Undo2,
	revoke_device: MonitorX,
	revoke_person: UserRoundX,
	withdraw_wipe: MonitorCheck,
	erase: Eraser,
	accept_proposal: ClipboardCheck,
	decline_proposal: ClipboardX,
	record_absence: CalendarOff,
	change_absence: CalendarOff,
	end_absence: CalendarCheck,
	withdraw_absence: CalendarX,
	finish_dismissal: UserRoundX
};

/** To whom and why, as far as the order has it. */
export function orderDetails(order: Order, people: Person[] | undefined): string[] {
	const details: string[] = [];
	if ('to' in order) {
		const to = people?.find((person) => person.id === order.to);
		if (to) details.push(m.orders_person_to({ name: to.name }));
	}
	if ('person' in order) {
		const person = people?.find((one) => one.id === order.person);
		if (person) details.push(person.name);
	}
	if ('reason' in order) details.push(reasonWords(order.reason).toLocaleLowerCase());
	return details;
}

/** What became of an order. `connected`: it is on its way, not waiting for a network. */
export function stateWords(state: OrderState, connected: boolean): string {
	switch (state) {
		case 'pending':
			return connected ? m.orders_state_sending() : m.orders_state_pending();
		case 'needs_confirmation':
			return m.orders_state_needs_confirmation();
		case 'applied':
			return m.orders_state_applied();
		case 'refused':
			return m.orders_state_refused();
		case 'withdrawn':
			return m.orders_state_withdrawn();
	}
}

/** What became of an order, as a picture and a colour. */
export const stateLooks: Record<OrderState, { icon: Icon; tone: 'neutral' | 'conflict' | 'done' | 'overdue' }> = {
	pending: { icon: Clock, tone: 'neutral' },
	needs_confirmation: { icon: CircleAlert, tone: 'conflict' },
	applied: { icon: Check, tone: 'done' },
	refused: { icon: CircleX, tone: 'overdue' },
	withdrawn: { icon: Undo2, tone: 'neutral' }
};

/** Why a part of an order cannot be done. */
export function refusedWords(item: RefusedItem): string {
	if (item.clash) return m.orders_clash({ expected: item.clash.expected, found: item.clash.found });
	if (item.code === 'changed_meanwhile_by_office') return m.orders_refused_changed();
	return codeWords(item.code);
}

/** How many clients and open interactions an order is about; empty for none. */
export function amounts({ clients, n_interactions }: Rehearsal): string {
	const said: string[] = [];
	if (clients.length > 0) said.push(m.common_clients({ count: clients.length, shown: number(clients.length) }));
	if (n_interactions > 0)
		said.push(m.orders_plan_interactions({ count: n_interactions, shown: number(n_interactions) }));
	return listOf(said);
}
