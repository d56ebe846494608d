// Why somebody's access to a client had ended, in words.
import { m } from '$lib/i18n';
import type { AccessEnded } from '$lib/ipc';

/** The reason a mover gave, as a word; empty where he gave none worth saying. */
export function reasonWord(reason: string): string {
	if (reason === 'illness') return m.compare_reason_illness();
	if (reason === 'holiday') return m.compare_reason_holiday();
	return reason === 'dismissal' ? m.compare_reason_dismissal() : '';
}

/** How the access ended, why, and by whose order: one line. */
export function endedWords(ended: AccessEnded): string {
	const to = ended.now_with?.name ?? '';
	const what: Record<string, () => string> = {
		move_clients: () => (to ? m.compare_why_transfer({ to }) : m.compare_why_transfer_plain()),
		redirect_interaction: () => m.compare_why_redirect(),
		merge_clients: () => m.compare_why_merge(),
		undo: () => m.compare_why_undo()
	};
	const known = (what[ended.order] ?? (() => m.compare_why_ended()))();
	// Whoever took the client himself is named already.
	const by = ended.by && ended.by.id !== ended.now_with?.id ? m.compare_by({ by: ended.by.name }) : '';
	return [known, reasonWord(ended.reason), by].filter(Boolean).join(' · ');
}
