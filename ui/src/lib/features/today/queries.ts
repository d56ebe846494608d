import { createQuery } from '@tanstack/svelte-query';
import { commands } from '$lib/ipc';
import { ask } from '$lib/shared/query';

/** The start screen; asked again each minute, since what is planned becomes overdue by itself. */
export const todayQuery = () =>
	createQuery(() => {
		const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
		return {
			...ask(['today', zone], () => commands.today({ zone }), ['kind:*', 'office', 'status']),
			refetchInterval: 60_000
		};
	});
