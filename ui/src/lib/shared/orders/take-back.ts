// Saying that an order was given, with ten seconds to take it back.
import { goto } from '$app/navigation';
import { m, number } from '$lib/i18n';
import type { CommandView } from '$lib/ipc';
import { words } from '$lib/shared/failure';
import { say, sayFailed, sayWithUndo } from '$lib/ui';
import { takeBack } from './queries';

/** Says what became of an order; where it can be taken back, offers that for ten seconds. */
export function sayGiven(order: CommandView, text: string): void {
	if (order.state === 'refused') sayFailed(m.orders_state_refused());
	else if (order.state === 'needs_confirmation') sayWithUndo(m.orders_said_sent_back(), m.common_open(), openSync);
	else sayWithUndo(text, m.common_undo(), () => void undo(order.id));
}

/** Takes an order back and says how that went. */
export async function undo(id: string): Promise<void> {
	try {
		const order = await takeBack(id);
		const n = order?.effect?.refused.length ?? 0;
		if (order?.state === 'refused') sayFailed(m.error_cannot_undo());
		else if (order?.state === 'pending') say(m.orders_said_take_back_waits());
		else if (n > 0) sayWithUndo(m.orders_said_taken_back_partly({ shown: number(n) }), m.common_open(), openSync);
		else say(m.orders_said_taken_back());
	} catch (cause) {
		sayFailed(words(cause));
	}
}

function openSync(): void {
	void goto('/sync');
}
