import { dayOf } from '$lib/i18n';

/** What a file is called: what is in it and of which day; signs that no system takes are left out. */
export function fileName(what: string, ending: string, now = new Date()): string {
	const bare = what.replace(/[\\/:*?"<>|\s]+/g, ' ').trim();
	return `${bare} ${dayOf(now)}.${ending}`;
}
