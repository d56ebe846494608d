// The reasons for which a person sees a client, in words.
import Briefcase from '@lucide/svelte/icons/briefcase';
import CalendarCheck from '@lucide/svelte/icons/calendar-check';
import Info from '@lucide/svelte/icons/info';
import Network from '@lucide/svelte/icons/network';
import ShieldCheck from '@lucide/svelte/icons/shield-check';
import UserRoundCog from '@lucide/svelte/icons/user-round-cog';
import type { Component } from 'svelte';
import { m } from '$lib/i18n';
import type { Reason } from '$lib/ipc';

type Icon = Component<{ size?: number | string; class?: string }>;

const reasons: Record<string, { icon: Icon; words: (reason: Reason) => string }> = {
	responsible: { icon: Briefcase, words: () => m.why_responsible() },
	substitute: { icon: UserRoundCog, words: (reason) => substitute(reason) },
	assigned: { icon: CalendarCheck, words: () => m.why_assigned() },
	supervisor: { icon: Network, words: (reason) => supervisor(reason) },
	admin: { icon: ShieldCheck, words: () => m.why_admin() }
};

function substitute({ person }: Reason): string {
	return person ? m.why_substitute_for({ name: person.name }) : m.why_substitute();
}

function supervisor({ departments }: Reason): string {
	const department = departments.at(-1);
	return department ? m.why_supervisor({ department }) : m.why_supervisor_plain();
}

/** A reason as a picture. */
export function reasonIcon(reason: Reason): Icon {
	return reasons[reason.reason]?.icon ?? Info;
}

/** A reason as a sentence. */
export function reasonWords(reason: Reason): string {
	return reasons[reason.reason]?.words(reason) ?? m.why_other();
}

/** For a supervisor: how the client's department belongs to his; empty where it is his own. */
export function throughWords({ departments }: Reason): string {
	const department = departments[0];
	if (departments.length < 2 || !department) return '';
	return m.why_through({ department, chain: departments.join(' → ') });
}

/** What the reasons together allow. */
export function allowedWords(all: Reason[]): string {
	if (all.some(({ level }) => level === 'write')) return m.why_write();
	return all.some(({ level }) => level === 'add') ? m.why_add() : m.why_read();
}
