import { createQuery } from '@tanstack/svelte-query';
import { commands } from '$lib/ipc';
import { ask } from '$lib/shared/query';

/** Clients of one's people that may have been made twice. */
export const twinsQuery = () =>
	createQuery(() =>
		ask(['twins'], () => commands.twins(), [
			'kind:client',
			'kind:person',
			'kind:legal_entity',
			'kind:distinction',
			'office',
			'outbox',
			'status'
		])
	);
