import { createQuery } from '@tanstack/svelte-query';
import { commands } from '$lib/ipc';
import { ask } from '$lib/shared/query';

/** Why this person sees a client; answered from this device alone. */
export const whyQuery = (client: () => string) =>
	createQuery(() =>
		ask(['why', client()], () => commands.whyClient({ client: client() }), [`record:${client()}`, 'office'])
	);
