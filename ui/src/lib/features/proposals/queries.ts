import { createMutation, createQuery } from '@tanstack/svelte-query';
import { CommandFailed, commands, type PickValues } from '$lib/ipc';
import { ask } from '$lib/shared/query';

/** Late edits that wait for this person's decision. */
export const proposalsQuery = () =>
	createQuery(() => ask(['proposals'], () => commands.proposals(), ['office', 'outbox', 'kind:*']));

/** Takes single values over and leaves the rest out. */
export const pickValues = () =>
	createMutation(() => ({ mutationFn: (argument: PickValues) => commands.pickValues(argument) }));

/** Decides on several; answers the orders given. */
export const decideAll = () =>
	createMutation(() => ({
		mutationFn: async ({ proposals, accept }: { proposals: string[]; accept: boolean }) => {
			const given: string[] = [];
			for (const proposal of proposals) {
				try {
					const order = await commands.giveOrder({
						order: accept ? { order: 'accept_proposal', proposal } : { order: 'decline_proposal', proposal }
					});
					given.push(order.id);
				} catch (cause) {
					// Decided together with one before it.
					if (!(cause instanceof CommandFailed) || cause.failure.code !== 'already_decided') throw cause;
				}
			}
			return given;
		}
	}));

/**
 * Takes decisions back as far as they have not gone out. Answers how many were and how many stand. Not a mutation: a
 * toast calls it after its view is gone.
 */
export async function takeBackAll(orders: string[]): Promise<{ back: number; stand: number }> {
	let back = 0;
	for (const id of orders) {
		try {
			await commands.withdrawItem({ id });
			back += 1;
		} catch (cause) {
			if (!(cause instanceof CommandFailed)) throw cause;
		}
	}
	return { back, stand: orders.length - back };
}
