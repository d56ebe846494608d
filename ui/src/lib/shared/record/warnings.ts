// What looks wrong in a value, in words; people may keep it.
import { m } from '$lib/i18n';
import type { WarningCode } from '$lib/ipc';

const said = {
	wrong_length: m.record_warning_wrong_length,
	wrong_form: m.record_warning_wrong_form,
	wrong_check_digit: m.record_warning_wrong_check_digit,
	unknown_phone: m.record_warning_unknown_phone
} satisfies Record<WarningCode, () => string>;

/** The words of a doubt. */
export function warningWords(code: WarningCode): string {
	return said[code]();
}
