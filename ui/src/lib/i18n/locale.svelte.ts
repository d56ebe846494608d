// The language in use. Messages read it through paraglide, so every text on the screen follows at once.
import { baseLocale, isLocale, locales, overwriteGetLocale, type Locale } from '$lib/paraglide/runtime';

class CurrentLocale {
	#current = $state<Locale>(baseLocale);

	/** `en`, `ru` or `uk`. */
	get current(): Locale {
		return this.#current;
	}

	/** Switches every text, number and date; unknown languages are ignored. */
	use(language: string): void {
		if (!isLocale(language) || language === this.#current) return;
		this.#current = language;
		if (typeof document !== 'undefined') document.documentElement.lang = language;
	}
}

/** The language on the screen. */
export const locale = new CurrentLocale();

overwriteGetLocale(() => locale.current);

/** The language the system asks for, as far as the product speaks it. */
export function systemLanguage(): Locale {
	const wanted = typeof navigator === 'undefined' ? [] : navigator.languages;
	for (const tag of wanted) {
		const short = tag.slice(0, 2).toLowerCase();
		if (isLocale(short)) return short;
	}
	return baseLocale;
}

export { locales, type Locale };
