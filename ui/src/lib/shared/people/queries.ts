import { createQuery } from '@tanstack/svelte-query';
import { commands } from '$lib/ipc';
import { ask } from '$lib/shared/query';

/** All colleagues. */
export const peopleQuery = () => createQuery(() => ask(['people'], () => commands.people(), ['office']));
