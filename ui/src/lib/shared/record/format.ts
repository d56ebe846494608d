// Any value in words, by its declaration.
import { asDate, daysBetween, isStartOfDay, m, number, relativeDay, relativeMoment, shortDay } from '$lib/i18n';
import type { FieldDeclared, Shown } from '$lib/ipc';
import { entriesOf, isEmpty, referenceOf, textOf } from './values';

/** A field's value as one line of text; empty where there is nothing. `short` leaves the hour out, for columns. */
export function valueWords(field: FieldDeclared | undefined, value: Shown | undefined, short = false): string {
	if (isEmpty(value)) return '';
	if (Array.isArray(value)) {
		return entriesOf(value)
			.map((entry) => entry.title || choiceWords(field, entry.value))
			.join(', ');
	}
	if (typeof value === 'boolean') return value ? m.common_yes() : m.common_no();
	if (typeof value === 'number') return number(value);
	const reference = referenceOf(value);
	if (reference) return reference.title || m.common_unknown_name();
	const text = textOf(value);
	switch (field?.type) {
		case 'choice':
			return choiceWords(field, text);
		case 'day':
			return relativeDay(text);
		case 'instant': {
			const date = asDate(text);
			if (!date) return text;
			const near = Math.abs(daysBetween(new Date(), date)) <= 1;
			if (short) return near ? relativeDay(date) : shortDay(date);
			return isStartOfDay(date) ? relativeDay(date) : relativeMoment(date);
		}
		default:
			return text;
	}
}

/** What people read for a choice's value, also for one that is not offered any more; of a later version, as it is. */
export function choiceWords(field: FieldDeclared | undefined, value: string): string {
	const is = (choice: { value: string }) => choice.value === value;
	return (field?.choices.find(is) ?? field?.former.find(is))?.label ?? value;
}
