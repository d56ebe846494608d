import { createMutation } from '@tanstack/svelte-query';
import { commands } from '$lib/ipc';

/** A link for the person's next device. */
export const addDevice = () => createMutation(() => ({ mutationFn: () => commands.addDevice() }));

/** The text for support. */
export const diagnostics = () => createMutation(() => ({ mutationFn: () => commands.diagnostics() }));

/** Looks this device over. */
export const checkDevice = () => createMutation(() => ({ mutationFn: () => commands.checkDevice() }));

/** Ends the sign-in of this device. */
export const signOut = () => createMutation(() => ({ mutationFn: () => commands.signOut() }));
