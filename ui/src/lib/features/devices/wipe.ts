// How data are removed from a device, as a person chooses it.
import type { Wipe } from '$lib/ipc';

/** What the sheet holds while it is open. */
export interface Chosen {
	wipe: boolean;
	rescue: boolean;
	after: string;
}

/** The choice as the office reads it; `null` where nothing is to be removed. */
export function wipeOf({ wipe, rescue, after }: Chosen): Wipe | null {
	return wipe ? { rescue, after_seconds: Number(after) } : null;
}
