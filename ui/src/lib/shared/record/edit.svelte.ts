// One field being edited: what the person saw, what he typed, and what came between.
import type { Fields, RecordView, Shown } from '$lib/ipc';
import { isCode, words } from '$lib/shared/failure';
import { editRecord } from './queries';

/** The state of editing one field in place. Create it while a component is being set up. */
export class FieldEdit {
	/** True while the editor is open. */
	open = $state(false);
	/** What stands in the editor. */
	typed = $state.raw<Shown>(null);
	/** The value somebody else put there meanwhile; `undefined` while there is none. */
	now = $state.raw<Shown | undefined>(undefined);
	/** Why it could not be saved, in words. */
	error = $state('');
	#seen: Shown = null;
	#record: () => RecordView;
	#key: string;
	#edit = editRecord();

	constructor(record: () => RecordView, key: string) {
		this.#record = record;
		this.#key = key;
	}

	/** True while the host saves. */
	get busy(): boolean {
		return this.#edit.isPending;
	}

	/** Opens the editor on the value shown. */
	begin(): void {
		this.#seen = this.#record().fields[this.#key] ?? null;
		this.typed = this.#seen;
		this.now = undefined;
		this.error = '';
		this.open = true;
	}

	/** Closes the editor and forgets what was typed. */
	cancel(): void {
		this.open = false;
		this.now = undefined;
		this.error = '';
	}

	/** Saves what was typed; closes where it is the same as before. */
	save(): void {
		if (!this.open || this.busy || this.now !== undefined) return;
		if (this.typed === this.#seen) return this.cancel();
		this.#write({ [this.#key]: this.typed });
	}

	/** Writes the person's own value over the one that came meanwhile. */
	keepMine(): void {
		this.#seen = this.now ?? null;
		this.now = undefined;
		this.#write({ [this.#key]: this.typed });
	}

	#write(changed: Fields): void {
		const { kind, id } = this.#record();
		this.error = '';
		this.#edit.mutate(
			{ kind, id, seen: { [this.#key]: this.#seen }, changed },
			{
				onSuccess: () => this.cancel(),
				onError: (cause) => {
					if (isCode(cause, 'changed_meanwhile')) {
						this.now = (cause.failure.fields as Fields)[this.#key] ?? null;
						return;
					}
					this.error = words(cause);
				}
			}
		);
	}
}
