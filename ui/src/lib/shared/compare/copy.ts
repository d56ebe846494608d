// Puts text on the clipboard and says so.
import { m } from '$lib/i18n';
import { say, sayFailed } from '$lib/ui';

/** Copies `text`; where the system forbids it, says so. */
export async function copyText(text: string): Promise<void> {
	try {
		await navigator.clipboard.writeText(text);
		say(m.common_copied());
	} catch {
		sayFailed(m.compare_copy_failed());
	}
}
