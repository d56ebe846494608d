// Words for every error code. A code without words does not compile; a message missing in a language fails a test.
import { m } from '$lib/i18n';
import { CommandFailed } from '$lib/ipc';
import type { Code } from './codes';

type Params = Record<string, string>;

const text = {
	bad_argument: () => m.error_bad_argument(),
	no_such_command: () => m.error_no_such_command(),
	internal: () => m.error_internal(),
	host_gone: () => m.error_host_gone(),
	host_denied: () => m.error_host_denied(),
	not_found: () => m.error_not_found(),
	not_allowed: () => m.error_not_allowed(),
	changed_meanwhile: () => m.error_changed_meanwhile(),
	changed_meanwhile_by_office: (p) =>
		m.error_changed_meanwhile_by_office({ expected: p.expected ?? '', found: p.found ?? '' }),
	not_ready: () => m.error_not_ready(),
	locked: () => m.error_locked(),
	wrong_passphrase: () => m.error_wrong_passphrase(),
	passphrase_needed: () => m.error_passphrase_needed(),
	passphrase_too_short: (p) => m.error_passphrase_too_short({ min: p.min ?? '8' }),
	password_too_short: () => m.error_password_too_short(),
	wrong_password: () => m.error_wrong_password(),
	link_malformed: () => m.error_link_malformed(),
	link_used: () => m.error_link_used(),
	link_expired: () => m.error_link_expired(),
	link_unknown: () => m.error_link_unknown(),
	wrong_server: () => m.error_wrong_server(),
	offline: () => m.error_offline(),
	signed_out: () => m.error_signed_out(),
	revoked: () => m.error_revoked(),
	too_late: () => m.error_too_late(),
	wiped: () => m.error_wiped(),
	erased: () => m.error_erased(),
	lease_over: () => m.error_lease_over(),
	protocol_too_old: () => m.error_protocol_too_old(),
	server_held: () => m.error_server_held(),
	too_large: () => m.error_too_large(),
	malformed: () => m.error_malformed(),
	refused_malformed: () => m.error_refused_malformed(),
	too_many_requests: () => m.error_too_many_requests(),
	unsent_edits: (p) => m.error_unsent_edits({ count: Number(p.n ?? 1) }),
	key_missing: () => m.error_key_missing(),
	key_store_unavailable: () => m.error_key_store_unavailable(),
	damaged: () => m.error_damaged(),
	database_newer: () => m.error_database_newer(),
	record_damaged: () => m.error_record_damaged(),
	disk_full: () => m.error_disk_full(),
	disk_failed: () => m.error_disk_failed(),
	already_enrolled: () => m.error_already_enrolled(),
	required: () => m.error_required(),
	bad_value: () => m.error_bad_value(),
	nothing_to_do: () => m.error_nothing_to_do(),
	person_inactive: () => m.error_person_inactive(),
	already_decided: () => m.error_already_decided(),
	cannot_undo: () => m.error_cannot_undo(),
	done_meanwhile: () => m.error_done_meanwhile(),
	absence_period: () => m.error_absence_period(),
	absence_overlaps: () => m.error_absence_overlaps(),
	absence_changed: () => m.error_absence_changed(),
	dismissal_open_items: () => m.error_dismissal_open_items(),
	dismissal_unsent_edits: () => m.error_dismissal_unsent_edits(),
	no_access: () => m.error_no_access(),
	read_only: () => m.error_read_only(),
	missing_dependencies: () => m.error_missing_dependencies(),
	depends_on: () => m.error_depends_on(),
	maybe_sent: () => m.error_maybe_sent(),
	stale_generation: () => m.error_stale_generation(),
	import_running: () => m.error_import_running(),
	file_unreadable: () => m.error_file_unreadable(),
	file_other_workbook: () => m.error_file_other_workbook(),
	unknown_kind: () => m.error_unknown_kind()
} satisfies Record<Code, (params: Params) => string>;

/** What went wrong, in the person's language. */
export function words(cause: unknown): string {
	if (!(cause instanceof CommandFailed)) return m.error_internal();
	const { code, params } = cause.failure;
	return codeWords(code, params);
}

/** Words of a code as notices, orders and outbox items carry it. */
export function codeWords(code: string, params: Params = {}): string {
	const say = (text as Record<string, ((params: Params) => string) | undefined>)[code];
	return say ? say(params) : m.error_internal();
}

/** True when the failure carries this code. */
export function isCode(cause: unknown, code: Code): cause is CommandFailed {
	return cause instanceof CommandFailed && cause.failure.code === code;
}
