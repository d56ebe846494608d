// Changes under the days on which they were made.
import { asDate, dayOf } from '$lib/i18n';
import type { FieldChange, HistoryStep } from '$lib/ipc';

/** The changes of one day, as the viewer's calendar counts it. */
export interface Day {
	/** `YYYY-MM-DD`. */
	day: string;
	steps: HistoryStep[];
}

/** Changes by day, in their own order: a day comes again where a device's clock was wrong. */
export function byDay(steps: HistoryStep[]): Day[] {
	const days: Day[] = [];
	for (const step of steps) {
		const day = dayOf(asDate(step.at) ?? new Date(0));
		const last = days.at(-1);
		if (last?.day === day) last.steps.push(step);
		else days.push({ day, steps: [step] });
	}
	return days;
}

/** What a change did to a value. */
export type Effect = 'added' | 'removed' | 'changed' | 'labelled' | 'settled' | 'written';

/** What to say of a change of one field. */
export function effectOf(change: FieldChange): Effect {
	// A text that was not there before is a value like any other: nothing in it wants marking.
	if (change.pieces.length > 0) return change.pieces.every(({ what }) => what === 'typed') ? 'added' : 'written';
	if (change.before === null && change.after === null) return 'labelled';
	if (change.before === null) return 'added';
	if (change.after === null) return 'removed';
	// What was settled may be settled to what was shown before.
	return change.settles && JSON.stringify(change.before) === JSON.stringify(change.after) ? 'settled' : 'changed';
}
