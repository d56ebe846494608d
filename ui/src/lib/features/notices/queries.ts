import { createMutation, createQuery } from '@tanstack/svelte-query';
import { commands, type NoticeKey } from '$lib/ipc';
import { ask } from '$lib/shared/query';

/** What the person must be told, latest first. */
export const noticesQuery = () =>
	createQuery(() => ask(['notices'], () => commands.notices(), ['outbox', 'office', 'status']));

/** Takes a notice away for good. */
export const dismissNotice = () =>
	createMutation(() => ({ mutationFn: (argument: NoticeKey) => commands.dismissNotice(argument) }));
