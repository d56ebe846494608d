// What rules make of a row: classes and a sign for each cell.
import AlertIcon from '@lucide/svelte/icons/circle-alert';
import CheckIcon from '@lucide/svelte/icons/circle-check';
import ClockIcon from '@lucide/svelte/icons/clock';
import FlagIcon from '@lucide/svelte/icons/flag';
import StarIcon from '@lucide/svelte/icons/star';
import type { Component } from 'svelte';
import type { Row } from '$lib/ipc';
import type { Colour, Rule, Sign } from './state';

type Icon = Component<{ size?: number | string; class?: string }>;

/** The picture of a sign. */
export const signIcons: Record<Exclude<Sign, ''>, Icon> = {
	alert: AlertIcon,
	flag: FlagIcon,
	star: StarIcon,
	clock: ClockIcon,
	check: CheckIcon
};

/** Classes of text in a colour. */
export const textColours: Record<Colour, string> = {
	overdue: 'text-overdue',
	conflict: 'text-conflict',
	done: 'text-done',
	accent: 'text-accent',
	grey: 'text-ink-3'
};

/** How a cell looks. */
export interface Look {
	class: string;
	sign: Icon | null;
}

/** The looks of a row's cells by the rules that hold for it; the first rule that says something of a cell wins. */
export function looksOf(row: Row, rules: Rule[]): (cell: string) => Look {
	const holding = row.marks.map((mark) => rules[mark]).filter((rule) => rule !== undefined);
	return (cell) => {
		const rule = holding.find((one) => one.cell === cell) ?? holding.find((one) => one.cell === '');
		if (!rule) return { class: '', sign: null };
		return {
			class: `${textColours[rule.colour] ?? ''} ${rule.bold ? 'font-semibold' : ''}`,
			sign: rule.sign === '' ? null : (signIcons[rule.sign] ?? null)
		};
	};
}

/** The sign of a whole row, for its first cell. */
export function rowSign(row: Row, rules: Rule[]): Icon | null {
	const rule = row.marks.map((mark) => rules[mark]).find((one) => one?.cell === '' && one.sign !== '');
	return rule && rule.sign !== '' ? (signIcons[rule.sign] ?? null) : null;
}
