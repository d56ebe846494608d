import { m } from '$lib/i18n';

/** Why clients are moved, as chips. */
export function reasons(): { value: string; label: string }[] {
	return [
		{ value: 'illness', label: m.order_reason_illness() },
		{ value: 'holiday', label: m.order_reason_holiday() },
		{ value: 'dismissal', label: m.order_reason_dismissal() },
		{ value: 'other', label: m.order_reason_other() }
	];
}
