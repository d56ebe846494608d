// What the frame asks and orders.
import { createMutation, createQuery } from '@tanstack/svelte-query';
import { commands, type ChangeSettings } from '$lib/ipc';
import { ask } from '$lib/shared/query';

/** Phase, badge and counts. */
export const statusQuery = () => createQuery(() => ask(['status'], () => commands.status(), ['status']));

/** Asks for a sync now. */
export const syncNow = () => createMutation(() => ({ mutationFn: () => commands.syncNow() }));

/** Keeps language or theme. */
export const changeSettings = () =>
	createMutation(() => ({ mutationFn: (argument: ChangeSettings) => commands.changeSettings(argument) }));
