// Orders to the office: rehearsed, given, taken back.
import { createMutation, createQuery } from '@tanstack/svelte-query';
import { commands, type CommandView, type GiveOrder, type Order } from '$lib/ipc';
import { ask } from '$lib/shared/query';

/** What an order would do; asks nothing while there is no order. */
export const rehearsalQuery = (order: () => Order | null) =>
	createQuery(() => {
		const wanted = order();
		return {
			...ask(['rehearse', wanted], () => commands.rehearse({ order: wanted as Order }), ['office', 'kind:interaction']),
			enabled: wanted !== null
		};
	});

/** Gives an order. */
export const giveOrder = () =>
	createMutation(() => ({ mutationFn: (argument: GiveOrder) => commands.giveOrder(argument) }));

/** Orders given here, latest first. */
export const ordersQuery = () => createQuery(() => ask(['orders'], () => commands.orders(), ['office', 'outbox']));

/** Takes an order back: withdrawn while it waits here, undone by another order once it was applied. */
export const takeBack = () =>
	createMutation(() => ({
		mutationFn: async (view: CommandView) => {
			const orders = await commands.orders();
			const now = orders.find((one) => one.id === view.id) ?? view;
			if (now.state === 'pending' || now.state === 'needs_confirmation') {
				await commands.withdrawItem({ id: view.id });
				return;
			}
			await commands.giveOrder({ order: { order: 'undo', command: view.id } });
		}
	}));
