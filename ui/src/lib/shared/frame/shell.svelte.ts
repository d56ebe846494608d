// What floats above the page and who is at the device; given to every view by context.
import { createContext, untrack, type Component } from 'svelte';
import type { Person, Reference, Status } from '$lib/ipc';

/** What the quick sheet starts with. */
export interface QuickStart {
	/** `log` notes what has happened, `plan` what is to come. */
	mode: 'log' | 'plan';
	client?: Reference;
	channel?: string;
	/** The number just dialled; the sheet then asks how the call went. */
	dialled?: string;
}

/** Something one can do now, for the window's handler of keys, the list of keys and the command palette. */
export interface Key {
	/** As in `KeyboardEvent.key`; `mod+k` stands for Ctrl or ⌘. None where there is no key for it. */
	key?: string;
	/** What it does; a function where the words must follow a change of language. */
	label: string | (() => string);
	/** Where the palette shows it; `key` stands for not at all. */
	group?: 'do' | 'go' | 'settings' | 'key';
	icon?: Component<{ size?: number | string; class?: string }>;
	run: () => void;
}

/** Shared state of the frame. */
export class Shell {
	quick = $state<QuickStart | null>(null);
	searching = $state(false);
	keysShown = $state(false);
	/** True while the password is asked for. */
	signingIn = $state(false);
	#status: () => Status;
	#keys = $state.raw<Key[][]>([]);

	constructor(status: () => Status) {
		this.#status = status;
	}

	/** Where the app stands. */
	get status(): Status {
		return this.#status();
	}

	/** The person at this device. */
	get me(): Person | null {
		return this.status.me;
	}

	/** May look after others. */
	get supervises(): boolean {
		// Without a server a person is his own admin and has nobody to look after.
		return !this.status.local_only && (this.me?.role === 'supervisor' || this.me?.role === 'admin');
	}

	/** All that can be done now; the view opened last wins where a key does two things. */
	get keys(): Key[] {
		return this.#keys.flat();
	}

	/** Offers what can be done, by key or by name, while a view is there; answers the function that stops it. Call it from `onMount`. */
	listen(keys: Key[]): () => void {
		// Views listen from effects: hearing of each other's keys must not run those again.
		this.#keys = [keys, ...untrack(() => this.#keys)];
		return () => {
			this.#keys = untrack(() => this.#keys).filter((one) => one !== keys);
		};
	}
}

export const [useShell, provideShell] = createContext<Shell>();
