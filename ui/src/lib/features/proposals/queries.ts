import { createQuery } from '@tanstack/svelte-query';
import { commands } from '$lib/ipc';
import { ask } from '$lib/shared/query';

/** Late edits that wait for this person's decision. */
export const proposalsQuery = () =>
	createQuery(() => ask(['proposals'], () => commands.proposals(), ['office', 'outbox', 'kind:*']));
