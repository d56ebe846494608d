import { createMutation } from '@tanstack/svelte-query';
import { commands } from '$lib/ipc';

/** Makes a new data file of what can be read of the damaged one. */
export const rescueDevice = () => createMutation(() => ({ mutationFn: () => commands.rescueDevice() }));
