// Two clients that look like one: whether they are.
import { createMutation } from '@tanstack/svelte-query';
import { commands, type TellApart } from '$lib/ipc';

/** Says of two clients that they are not the same. */
export const tellApart = () =>
	createMutation(() => ({ mutationFn: (argument: TellApart) => commands.tellApart(argument) }));

/** Takes that back; a toast calls it after its view is gone. */
export const takeBack = ({ one, other }: TellApart) => commands.tellApart({ one, other, apart: false });
