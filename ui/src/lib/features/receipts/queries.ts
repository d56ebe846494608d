import { createMutation, createQuery } from '@tanstack/svelte-query';
import { commands, type ReceiptKey } from '$lib/ipc';
import { ask } from '$lib/shared/query';

/** What became of one's own edits that were not simply taken in. */
export const receiptsQuery = () =>
	createQuery(() => ask(['receipts'], () => commands.receipts(), ['outbox', 'office', 'status']));

/** Forgets a receipt whose matter is closed. */
export const forgetReceipt = () =>
	createMutation(() => ({ mutationFn: (argument: ReceiptKey) => commands.forgetReceipt(argument) }));
