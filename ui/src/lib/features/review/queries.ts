import { createQuery } from '@tanstack/svelte-query';
import { commands } from '$lib/ipc';
import { ask } from '$lib/shared/query';

/** All fields with competing values. */
export const reviewsQuery = () => createQuery(() => ask(['reviews'], () => commands.reviews(), ['status', 'kind:*']));
