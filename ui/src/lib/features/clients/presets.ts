// The product's own views of clients: by when the next contact is due (C-081), and what was forgotten.
import { m } from '$lib/i18n';
import type { Condition } from '$lib/ipc';
import type { Preset } from '$lib/shared/list';

const next = (value: string): Condition => ({ field: 'next_contact', op: 'during', value });

/** Past due is red wherever it is shown. */
const overdue = { when: next('past'), colour: 'overdue', sign: 'alert', bold: false, cell: 'next_contact' } as const;

export const clientPresets: Preset[] = [
	{ key: 'all', label: () => m.clients_preset_all(), state: { rules: [overdue] } },
	{ key: 'today', label: () => m.clients_preset_today(), state: { conditions: [next('today')], rules: [overdue] } },
	{
		key: 'planned',
		label: () => m.clients_preset_planned(),
		state: { conditions: [next('future')], rules: [overdue] }
	},
	{ key: 'overdue', label: () => m.clients_preset_overdue(), state: { conditions: [next('past')], rules: [overdue] } },
	{
		key: 'idle',
		label: () => m.clients_preset_idle(),
		state: {
			conditions: [{ field: 'next_contact', op: 'empty', value: '' }],
			sort: [{ field: 'last_contact', descending: false }]
		}
	}
];
