import { m } from '$lib/i18n';

const known: Record<string, () => string> = {
	work: () => m.record_entry_label_work(),
	mobile: () => m.record_entry_label_mobile(),
	home: () => m.record_entry_label_home(),
	other: () => m.record_entry_label_other()
};

/** What an entry is for, in words; people's own labels stay as typed. */
export function entryLabel(label: string): string {
	return known[label]?.() ?? label;
}
