import { createQuery } from '@tanstack/svelte-query';
import { commands } from '$lib/ipc';
import { ask } from '$lib/shared/query';

/** All colleagues. */
export const peopleQuery = () => createQuery(() => ask(['people'], () => commands.people(), ['office']));

/** People with their load. */
export const teamQuery = () =>
	createQuery(() => ask(['team'], () => commands.team(), ['office', 'kind:client', 'kind:interaction', 'status']));
