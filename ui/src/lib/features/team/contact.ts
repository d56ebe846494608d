// When a person's devices were last in touch.
import type { DeviceRow, TeamRow } from '$lib/ipc';

/** The latest contact of a person's live devices; `null` where there was none. */
export function lastContact(devices: DeviceRow[]): string | null {
	return devices
		.filter((device) => !device.revoked)
		.reduce<string | null>(
			(latest, { contact_at }) =>
				contact_at !== null && (latest === null || contact_at > latest) ? contact_at : latest,
			null
		);
}

/** How many homes a person's devices have not confirmed removing. */
export function openPurges(devices: DeviceRow[]): number {
	return devices.filter((device) => !device.revoked).reduce((sum, device) => sum + device.n_purges, 0);
}

/** What the list may be ordered by. */
export const columns = ['person', 'clients', 'open', 'overdue', 'held', 'contact'] as const;

/** One of them. */
export type Column = (typeof columns)[number];

/** Order of two people; by name the departments stay together, by figures the greatest stands first. */
export function compare(column: Column, byName: (a: string, b: string) => number): (a: TeamRow, b: TeamRow) => number {
	const name = (a: TeamRow, b: TeamRow) =>
		byName(a.person.department_name, b.person.department_name) || byName(a.person.name, b.person.name);
	const figure: Partial<Record<Column, (row: TeamRow) => number>> = {
		clients: (row) => row.n_clients,
		open: (row) => row.n_open,
		overdue: (row) => row.n_overdue,
		held: (row) => row.n_held
	};
	const of = figure[column];
	if (of) return (a, b) => of(b) - of(a) || name(a, b);
	// Longest out of touch first: those are the ones to ask about.
	if (column === 'contact')
		return (a, b) => (lastContact(a.devices) ?? '').localeCompare(lastContact(b.devices) ?? '') || name(a, b);
	return name;
}
