// Channels, outcomes and event classes in words and pictures.
import CalendarClock from '@lucide/svelte/icons/calendar-clock';
import CircleAlert from '@lucide/svelte/icons/circle-alert';
import CircleCheck from '@lucide/svelte/icons/circle-check';
import CircleDashed from '@lucide/svelte/icons/circle-dashed';
import CircleDot from '@lucide/svelte/icons/circle-dot';
import Ellipsis from '@lucide/svelte/icons/ellipsis';
import Handshake from '@lucide/svelte/icons/handshake';
import Mail from '@lucide/svelte/icons/mail';
import MapPin from '@lucide/svelte/icons/map-pin';
import MessageSquare from '@lucide/svelte/icons/message-square';
import Phone from '@lucide/svelte/icons/phone';
import Video from '@lucide/svelte/icons/video';
import type { Component } from 'svelte';
import { m } from '$lib/i18n';
import type { EventClass } from '$lib/ipc';

type Icon = Component<{ size?: number | string; class?: string }>;

const channelList: Record<string, { icon: Icon; words: () => string }> = {
	call: { icon: Phone, words: () => m.interaction_channel_call() },
	visit: { icon: MapPin, words: () => m.interaction_channel_visit() },
	meeting: { icon: Handshake, words: () => m.interaction_channel_meeting() },
	email: { icon: Mail, words: () => m.interaction_channel_email() },
	sms: { icon: MessageSquare, words: () => m.interaction_channel_sms() },
	conference: { icon: Video, words: () => m.interaction_channel_conference() },
	open: { icon: CircleDashed, words: () => m.interaction_channel_open() },
	other: { icon: Ellipsis, words: () => m.interaction_channel_other() }
};

/** Channels to choose from for what has happened; a plan may also leave it open. */
export const channels = ['call', 'visit', 'meeting', 'email', 'sms', 'conference', 'other'];

/** Picture of a channel; channels of a later version look like "other". */
export function channelIcon(channel: string): Icon {
	return (channelList[channel] ?? channelList.other!).icon;
}

/** Word of a channel. */
export function channelWords(channel: string): string {
	return (channelList[channel] ?? channelList.other!).words();
}

const outcomeList: Record<string, () => string> = {
	reached: () => m.interaction_outcome_reached(),
	agreed: () => m.interaction_outcome_agreed(),
	refused: () => m.interaction_outcome_refused(),
	call_back: () => m.interaction_outcome_call_back(),
	other: () => m.interaction_outcome_other()
};

/** Outcomes as chips, in the order of use. */
export const outcomes = ['reached', 'agreed', 'refused', 'call_back', 'other'];

/** Word of an outcome; empty for none. */
export function outcomeWords(outcome: string): string {
	if (outcome === '') return '';
	return (outcomeList[outcome] ?? outcomeList.other!)();
}

/** Picture, word and colour of an event class. */
export function classLook(of: EventClass): { icon: Icon; words: string; tone: string } {
	switch (of) {
		case 'overdue':
			return { icon: CircleAlert, words: m.interaction_class_overdue(), tone: 'text-overdue' };
		case 'current':
			return { icon: CircleDot, words: m.interaction_class_current(), tone: 'text-ink' };
		case 'planned':
			return { icon: CalendarClock, words: m.interaction_class_planned(), tone: 'text-ink-2' };
		case 'closed':
			return { icon: CircleCheck, words: m.interaction_class_closed(), tone: 'text-done' };
	}
}
