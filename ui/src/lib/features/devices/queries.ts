import { createQuery } from '@tanstack/svelte-query';
import { commands } from '$lib/ipc';
import { ask } from '$lib/shared/query';

/** The devices this person may see: his own, for supervisors those of his people. */
export const devicesQuery = () => createQuery(() => ask(['devices'], () => commands.devices(), ['office', 'status']));
