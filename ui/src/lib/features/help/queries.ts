// Pages of the user guide, which lie beside the app in every language.
import { createQuery } from '@tanstack/svelte-query';
import { locale } from '$lib/i18n';

/** A page of the guide. */
export interface GuidePage {
	title: string;
	/** Made from the guide's text when the app was built. */
	html: string;
}

/** A page in the language of the screen; an error where there is none of that name. */
export const pageQuery = (name: () => string) =>
	createQuery(() => {
		const path = `/guide/${locale.current}/${name()}.json`;
		return {
			queryKey: ['guide', path],
			queryFn: async (): Promise<GuidePage> => {
				const answer = await fetch(path);
				if (!answer.ok) throw new Error(`no page ${path}`);
				return (await answer.json()) as GuidePage;
			},
			// The page before stays until the next is there: nothing flickers when one reads on.
			placeholderData: <Answer>(before: Answer) => before
		};
	});
