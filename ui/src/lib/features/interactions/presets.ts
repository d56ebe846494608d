// The product's own views of interactions (C-081): the host knows the viewer's day, so that a plan for the whole of it
// is not overdue before its end.
import { m } from '$lib/i18n';
import type { Condition } from '$lib/ipc';
import type { Preset } from '$lib/shared/list';

const ofClass = (value: string): Condition => ({ field: 'class', op: 'one_of', value: '', values: [value] });
const inState = (value: string): Condition => ({ field: 'state', op: 'one_of', value: '', values: [value] });

/** Past due is red wherever it is shown. */
const rules = [{ when: ofClass('overdue'), colour: 'overdue', sign: 'alert', bold: false, cell: '' } as const];
const soonest = [{ field: 'starts_at', descending: false }];
const latest = [{ field: 'starts_at', descending: true }];

export const interactionPresets: Preset[] = [
	{
		key: 'open',
		label: () => m.interaction_list_open(),
		state: { conditions: [inState('planned')], sort: soonest, rules: [...rules] }
	},
	{
		key: 'overdue',
		label: () => m.interaction_list_overdue(),
		state: { conditions: [ofClass('overdue')], sort: soonest, rules: [...rules] }
	},
	{
		key: 'current',
		label: () => m.interaction_list_current(),
		state: { conditions: [ofClass('current')], sort: soonest }
	},
	{
		key: 'planned',
		label: () => m.interaction_list_planned(),
		state: { conditions: [ofClass('planned')], sort: soonest }
	},
	{ key: 'held', label: () => m.interaction_list_held(), state: { conditions: [inState('held')], sort: latest } },
	{ key: 'all', label: () => m.interaction_list_any(), state: { sort: latest, rules: [...rules] } }
];
