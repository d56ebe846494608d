// Reading values as the interface gets them.
import type { Entry, Reference, Shown } from '$lib/ipc';

/** Entries of a collection field; none where there is nothing. */
export function entriesOf(value: Shown | undefined): Entry[] {
	return Array.isArray(value) ? value.filter((entry) => !entry.removed) : [];
}

/** A reference, or `null`. */
export function referenceOf(value: Shown | undefined): Reference | null {
	return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null;
}

/** Text of a plain field; empty where there is nothing or it is no text. */
export function textOf(value: Shown | undefined): string {
	if (typeof value === 'string') return value;
	if (typeof value === 'number') return String(value);
	return '';
}

/** True where a field holds nothing. */
export function isEmpty(value: Shown | undefined): boolean {
	if (value === null || value === undefined || value === '') return true;
	return Array.isArray(value) && entriesOf(value).length === 0;
}
