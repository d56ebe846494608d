// What the histories of clients are narrowed to on this device.
import { everything, parse, type Narrowing, type What } from './timeline';

const KEY = 'timeline';

/** What is looked for, kept by the device. */
export class Narrowed {
	#now = $state.raw<Narrowing>(parse(localStorage.getItem(KEY)));

	/** What is looked for. */
	get now(): Narrowing {
		return this.#now;
	}

	/** Looks for something else. */
	wish(change: Partial<Narrowing>): void {
		this.#now = { ...this.#now, ...change };
		localStorage.setItem(KEY, JSON.stringify(this.#now));
	}

	/** Looks for it as well, or no more. */
	toggle(what: What): void {
		const { what: now } = this.#now;
		this.wish({ what: now.includes(what) ? now.filter((one) => one !== what) : [...now, what] });
	}

	/** Looks for everything. */
	clear(): void {
		this.wish(everything);
	}
}
