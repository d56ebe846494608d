import { createQuery } from '@tanstack/svelte-query';
import { commands } from '$lib/ipc';
import { ask } from '$lib/shared/query';
import { likenessDependsOn } from '$lib/shared/twins';

/** Clients of one's people that may have been made twice. */
export const twinsQuery = () => createQuery(() => ask(['twins'], () => commands.twins(), likenessDependsOn));
