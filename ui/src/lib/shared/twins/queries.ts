// Two clients that look like one: whether they are.
import { createMutation } from '@tanstack/svelte-query';
import { commands, type TellApart } from '$lib/ipc';
import type { Watched } from '$lib/shared/query';

/** What has to change before other clients can look alike. */
export const likenessDependsOn: Watched[] = [
	'kind:client',
	'kind:person',
	'kind:legal_entity',
	'kind:distinction',
	'office',
	'outbox',
	'status'
];

/** Says of two clients that they are not the same. */
export const tellApart = () =>
	createMutation(() => ({ mutationFn: (argument: TellApart) => commands.tellApart(argument) }));

/** Takes that back; a toast calls it after its view is gone. */
export const takeBack = ({ one, other }: TellApart) => commands.tellApart({ one, other, apart: false });
