// What the quick sheet remembers over a kill.
import type { Reference } from '$lib/ipc';

/** Everything typed into the sheet. */
export interface QuickDraft {
	mode: 'log' | 'plan';
	client: Reference | null;
	persons: string[];
	channel: string;
	subject: string;
	outcome: string;
	result: string;
	day: string;
	at: string;
}

/** Reads a draft back; `null` for nothing or for one of another version. */
export function parseDraft(text: string): Partial<QuickDraft> | null {
	if (text === '') return null;
	try {
		const read: unknown = JSON.parse(text);
		return typeof read === 'object' && read !== null ? (read as Partial<QuickDraft>) : null;
	} catch {
		return null;
	}
}

/** True where somebody typed something worth keeping. */
export function isWorthKeeping(draft: QuickDraft): boolean {
	return draft.client !== null || draft.subject !== '' || draft.result !== '' || draft.outcome !== '';
}
