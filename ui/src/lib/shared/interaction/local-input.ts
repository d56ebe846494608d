import { dayOf } from '$lib/i18n';

/** A moment as `<input type="datetime-local">` wants it, in the viewer's time zone. */
export function localInput(date: Date): string {
	const pad = (n: number) => String(n).padStart(2, '0');
	return `${dayOf(date)}T${pad(date.getHours())}:${pad(date.getMinutes())}`;
}
