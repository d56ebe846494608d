// Light, dark or as the system has it. The device remembers the wish; the page carries `data-theme`.

/** What the person asked for. */
export type Theme = 'system' | 'light' | 'dark';

class CurrentTheme {
	#wish = $state<Theme>(remembered());

	/** What the person asked for. */
	get wish(): Theme {
		return this.#wish;
	}

	/** What is on the screen. */
	get shown(): 'light' | 'dark' {
		if (this.#wish !== 'system') return this.#wish;
		return window.matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
	}

	/** Changes the look at once. */
	use(wish: string): void {
		this.#wish = asTheme(wish);
		localStorage.setItem('theme', this.#wish);
		this.#show();
	}

	/** Follows the system; answers the function that stops it. */
	follow(): () => void {
		const system = window.matchMedia('(prefers-color-scheme: dark)');
		const onchange = () => this.#show();
		system.addEventListener('change', onchange);
		this.#show();
		return () => system.removeEventListener('change', onchange);
	}

	#show(): void {
		document.documentElement.dataset.theme = this.shown;
	}
}

function asTheme(wish: string | null): Theme {
	return wish === 'light' || wish === 'dark' ? wish : 'system';
}

/** The wish of last time, so that the first picture is right before the host has answered. */
function remembered(): Theme {
	return asTheme(localStorage.getItem('theme'));
}

/** The look in use. */
export const theme = new CurrentTheme();
