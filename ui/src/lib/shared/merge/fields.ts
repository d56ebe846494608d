// Which fields of clients side by side want a choice.
import type { ComparedField, Shown } from '$lib/ipc';

/** A field of which one value stays. */
export type Choice = {
	field: string;
	/** Different values, each with the place of the first client that has it. */
	options: { at: number; value: Shown }[];
	/** Which is taken unless somebody chooses. */
	proposed: number;
};

/** Fields in which clients differ and one value stays; nothing is no value to choose from. */
export function choices(fields: ComparedField[]): Choice[] {
	const found: Choice[] = [];
	for (const { field, values, joins, proposed } of fields) {
		if (joins) continue;
		const options: Choice['options'] = [];
		values.forEach((value, at) => {
			if (isNothing(value) || options.some((other) => same(other.value, value))) return;
			options.push({ at, value });
		});
		if (options.length > 1) found.push({ field, options, proposed });
	}
	return found;
}

/** Fields of which everything is kept, as far as more than one client has something. */
export function joined(fields: ComparedField[]): string[] {
	const several = ({ values }: ComparedField) => values.filter((value) => !isNothing(value)).length > 1;
	return fields.filter((field) => field.joins && several(field)).map((field) => field.field);
}

function isNothing(value: Shown): boolean {
	return value === null || value === '' || value === false || (Array.isArray(value) && value.length === 0);
}

function same(one: Shown, other: Shown): boolean {
	return JSON.stringify(one) === JSON.stringify(other);
}
