// Rehearsing, giving and taking back orders, and what is not sent.
import { createMutation, createQuery } from '@tanstack/svelte-query';
import { locale } from '$lib/i18n';
import {
	CommandFailed,
	commands,
	type CommandView,
	type GiveOrder,
	type HandOverMany,
	type KeptValue,
	type Order,
	type OutboxKey
} from '$lib/ipc';
import { keptWords } from '$lib/shared/compare';
import { ask } from '$lib/shared/query';
import { say } from '$lib/ui';

/** What an order would do; asked anew each time, because the answer is only good for now; no more once it is given. */
export const rehearsalQuery = (order: () => Order | null, given: () => boolean) =>
	createQuery(() => {
		const wanted = order();
		return {
			...ask(['rehearsal', wanted], () => commands.rehearse({ order: wanted as Order }), ['office']),
			enabled: wanted !== null && !given(),
			staleTime: 0,
			gcTime: 0
		};
	});

/** What handing several interactions over would do, as rehearsed here. */
export const handedQuery = (many: () => HandOverMany | null, given: () => boolean) =>
	createQuery(() => {
		const wanted = many();
		const run = async () => (await commands.handOverMany(wanted as HandOverMany)).rehearsal;
		return {
			...ask(['handed', wanted], run, ['office']),
			enabled: wanted !== null && !given(),
			staleTime: 0,
			gcTime: 0
		};
	});

/** Hands several interactions over. */
export const handOverMany = () =>
	createMutation(() => ({ mutationFn: (argument: HandOverMany) => commands.handOverMany(argument) }));

/** Gives an order. */
export const giveOrder = () =>
	createMutation(() => ({ mutationFn: (argument: GiveOrder) => commands.giveOrder(argument) }));

/** Orders given here, latest first. */
export const ordersQuery = () =>
	createQuery(() => ask(['orders'], () => commands.orders(), ['office', 'outbox', 'status']));

/** What is not sent, and why. */
export const outboxQuery = () =>
	createQuery(() => ask(['outbox'], () => commands.outbox(), ['outbox', 'office', 'status']));

/** Sends an item again. */
export const retryItem = () =>
	createMutation(() => ({ mutationFn: (argument: OutboxKey) => commands.retryItem(argument) }));

/** Confirms an order that was sent back, as it would be carried out now. */
export const confirmItem = () =>
	createMutation(() => ({ mutationFn: (argument: OutboxKey) => commands.confirmItem(argument) }));

/** Takes an item back before it was applied; what stays all the same is said. */
export const withdrawItem = () =>
	createMutation(() => ({
		mutationFn: (argument: OutboxKey) => commands.withdrawItem(argument),
		onSuccess: ({ kept }: { kept: KeptValue[] }) => sayKept(kept)
	}));

/** Says what of the edits along with an order stays as it is. */
async function sayKept(kept: KeptValue[]): Promise<void> {
	if (kept.length === 0) return;
	const declarations = await commands.declarations({ language: locale.current });
	say(keptWords(kept, declarations).join('. '));
}

/** An order once the server has answered it, or as it still is after some seconds. */
export async function answered(id: string): Promise<CommandView | undefined> {
	const patience = 20;
	for (let i = 0; ; i++) {
		const order = (await commands.orders()).find((one) => one.id === id);
		if (order?.state !== 'pending' || i === patience) return order;
		await new Promise((later) => setTimeout(later, 250));
	}
}

/**
 * Takes an order back: one that has not gone out is withdrawn, one that was applied is undone by an order of its own.
 * Answers that order, or `null` where withdrawing was enough. Not a mutation: a toast calls it after its view is gone.
 */
export async function takeBack(id: string): Promise<CommandView | null> {
	const known = (await commands.orders()).find((order) => order.id === id);
	if (known?.state === 'pending' || known?.state === 'needs_confirmation') {
		try {
			const { kept } = await commands.withdrawItem({ id });
			await sayKept(kept);
			return null;
		} catch (cause) {
			// It was applied between the question and the answer: undo it instead.
			if (!(cause instanceof CommandFailed) || cause.failure.code !== 'already_decided') throw cause;
		}
	}
	const order = await commands.giveOrder({ order: { order: 'undo', command: id } });
	await sayKept(order.kept);
	return order;
}
