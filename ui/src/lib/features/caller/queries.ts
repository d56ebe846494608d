// Whose number it is.
import { createQuery } from '@tanstack/svelte-query';
import { commands } from '$lib/ipc';
import { ask } from '$lib/shared/query';

/** Who has a number. */
export const callerQuery = (number: () => string) =>
	createQuery(() => {
		const dialled = number().trim();
		return {
			...ask(['caller', dialled], () => commands.whoCalls({ number: dialled }), ['kind:*', 'office']),
			enabled: dialled !== '',
			placeholderData: <Answer>(before: Answer) => before
		};
	});
