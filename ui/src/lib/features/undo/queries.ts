import { createMutation } from '@tanstack/svelte-query';
import { commands } from '$lib/ipc';

/** Takes this person's last action back. */
export const undoLast = () => createMutation(() => ({ mutationFn: () => commands.undo() }));
