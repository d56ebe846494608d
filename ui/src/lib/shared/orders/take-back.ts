// Saying that an order was given, with ten seconds to take it back.
import { goto } from '$app/navigation';
import { m, number } from '$lib/i18n';
import type { CommandView } from '$lib/ipc';
import { codeWords, words } from '$lib/shared/failure';
import { say, sayFailed, sayWithUndo } from '$lib/ui';
import { answered, takeBack } from './queries';

/**
 * Says what became of an order; where it can be taken back, offers that for ten seconds. `offline`: nothing can be
 * heard of it now.
 */
export function sayGiven(order: CommandView, text: string, offline: boolean): void {
	if (order.state === 'refused') sayFailed(order.code ? codeWords(order.code) : m.orders_state_refused());
	else if (order.state === 'needs_confirmation') sayWithUndo(m.orders_said_sent_back(), m.common_open(), openSync);
	else sayWithUndo(text, m.common_undo(), () => void undo(order.id, offline));
}

/** Takes an order back and says how that went. */
export async function undo(id: string, offline: boolean): Promise<void> {
	try {
		let order: CommandView | null | undefined = await takeBack(id);
		if (order?.state === 'pending' && !offline) order = await answered(order.id);
		const n = order?.effect?.refused.length ?? 0;
		if (order?.state === 'refused') sayFailed(order.code ? codeWords(order.code) : m.error_cannot_undo());
		else if (order?.state === 'pending') say(m.orders_said_take_back_waits());
		else if (n > 0) sayWithUndo(m.orders_said_taken_back_partly({ shown: number(n) }), m.common_open(), openSync);
		else say(m.orders_said_taken_back());
	} catch (cause) {
		sayFailed(words(cause));
	}
}

/** Takes several orders back and says how many were. What cannot be taken back any more stays. */
export async function undoAll(ids: string[]): Promise<void> {
	let n = 0;
	let failed: unknown;
	for (const id of ids) {
		try {
			await takeBack(id);
			n += 1;
		} catch (cause) {
			failed = cause;
		}
	}
	if (n > 0) say(m.orders_said_taken_back_many({ count: n, shown: number(n) }));
	if (failed !== undefined) sayFailed(words(failed));
}

function openSync(): void {
	void goto('/sync');
}
