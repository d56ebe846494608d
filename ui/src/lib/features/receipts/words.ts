// Receipts in words: what became of an edit, why, and by whose decision; also as text to keep or send.
import Check from '@lucide/svelte/icons/check';
import CircleSlash from '@lucide/svelte/icons/circle-slash';
import CircleX from '@lucide/svelte/icons/circle-x';
import Clock from '@lucide/svelte/icons/clock';
import RefreshCw from '@lucide/svelte/icons/refresh-cw';
import Undo2 from '@lucide/svelte/icons/undo-2';
import type { Component } from 'svelte';
import { capitalised, listOf, m, relativeMoment } from '$lib/i18n';
import type { Declarations, Fate, ReceiptView } from '$lib/ipc';
import { endedWords, fieldLabel, fieldsAsText } from '$lib/shared/compare';
import { codeWords } from '$lib/shared/failure';
import { kindOf } from '$lib/shared/record';

type Tone = 'neutral' | 'accent' | 'overdue' | 'conflict' | 'done';
type Icon = Component<{ size?: number | string; class?: string }>;

const fates: Record<Fate, { icon: Icon; tone: Tone; words: () => string }> = {
	waiting: { icon: Clock, tone: 'accent', words: () => m.receipts_waiting() },
	refused: { icon: CircleX, tone: 'conflict', words: () => m.receipts_refused() },
	withdrawn: { icon: Undo2, tone: 'neutral', words: () => m.receipts_withdrawn() },
	accepted: { icon: Check, tone: 'done', words: () => m.receipts_accepted() },
	declined: { icon: CircleSlash, tone: 'neutral', words: () => m.receipts_declined() },
	sent_again: { icon: RefreshCw, tone: 'neutral', words: () => m.receipts_again() }
};

/** What became of it: picture, colour and word. */
export function fateOf(receipt: ReceiptView): { icon: Icon; tone: Tone; words: string } {
	const { icon, tone, words } = fates[receipt.fate];
	const partly = receipt.fate === 'declined' && receipt.picked.length > 0;
	return { icon: partly ? Check : icon, tone, words: partly ? m.receipts_partly() : words() };
}

/** True while somebody still has to do something, or what was typed is kept. */
export function isOpen(receipt: ReceiptView): boolean {
	return receipt.fate === 'waiting' || (receipt.fate === 'refused' && receipt.item !== null);
}

/** What it is called: the record, else its client, else what kind of thing it is. */
export function titleOf(receipt: ReceiptView, declarations: Declarations | undefined): string {
	return receipt.title || receipt.client?.title || kindOf(declarations, receipt.kind)?.label || m.common_unknown_name();
}

/** Why it came to this; empty where nothing needs saying. */
export function whyOf(receipt: ReceiptView): string {
	if (receipt.fate === 'refused') return codeWords(receipt.code || 'no_access');
	return receipt.ended ? capitalised(endedWords(receipt.ended)) : '';
}

/** Who decided and when. */
export function answerOf(receipt: ReceiptView): string {
	if (!receipt.answered_at) return '';
	const by = receipt.answered_by?.name ?? '';
	const moment = relativeMoment(receipt.answered_at);
	return by ? m.receipts_answered({ by, moment }) : moment;
}

/** The fields' names. */
export function labels(receipt: ReceiptView, keys: string[], declarations: Declarations | undefined): string {
	return listOf([...new Set(keys.map((key) => fieldLabel(declarations, receipt.kind, key)))]);
}

/** A receipt as text. */
export function asText(receipt: ReceiptView, declarations: Declarations | undefined): string {
	const typed = Object.keys(receipt.fields).length > 0;
	return [
		titleOf(receipt, declarations),
		`${m.receipts_made({ moment: relativeMoment(receipt.made_at) })} · ${fateOf(receipt).words}`,
		whyOf(receipt),
		answerOf(receipt),
		receipt.picked.length > 0 ? m.receipts_picked({ fields: labels(receipt, receipt.picked, declarations) }) : '',
		typed
			? fieldsAsText(declarations, receipt.kind, receipt.fields)
			: m.receipts_fields({ fields: labels(receipt, receipt.keys, declarations) })
	]
		.filter(Boolean)
		.join('\n');
}
