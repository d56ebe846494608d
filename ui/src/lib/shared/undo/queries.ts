import { commands, type Undone } from '$lib/ipc';

/** Takes this person's last action back, or those named. Not a mutation: a toast calls it after its view is gone. */
export const takeBack = (actions: number[] | undefined): Promise<Undone> => commands.undo({ actions });
