// What the palette asks.
import { createQuery } from '@tanstack/svelte-query';
import { commands } from '$lib/ipc';
import { ask } from '$lib/shared/query';

/** Records opened here lately; asked anew each time the palette opens. */
export const recentQuery = (open: () => boolean) =>
	createQuery(() => ({
		...ask(['recent'], () => commands.recentRecords(), ['kind:*']),
		enabled: open(),
		staleTime: 0
	}));

/** Those of the texts that answer what was typed, the best first. */
export const matchQuery = (typed: () => string, texts: () => string[]) =>
	createQuery(() => {
		const [words, all] = [typed().trim(), texts()];
		const match = async () => {
			const places = await commands.matchTexts({ typed: words, texts: all });
			return places.flatMap((at) => all[at] ?? []);
		};
		return {
			...ask(['match', words, all], match, []),
			enabled: words !== '',
			placeholderData: <Answer>(before: Answer) => before
		};
	});
