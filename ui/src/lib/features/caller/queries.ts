// Whose number it is, and what a client's card says of him.
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

/** A client's card: what is open, what happened last, his persons. */
export const cardQuery = (client: () => string) =>
	createQuery(() => {
		const id = client();
		return {
			...ask(['caller', 'card', id], () => commands.clientCard({ client: id }), [
				`record:${id}`,
				'kind:interaction',
				'kind:person'
			]),
			enabled: id !== ''
		};
	});
