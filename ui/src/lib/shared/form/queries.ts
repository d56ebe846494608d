// What a form asks the host while it is filled.
import { createMutation } from '@tanstack/svelte-query';
import { commands, type Draft } from '$lib/ipc';

/** Half-typed text of a form; read once when the form opens. */
export const readDraft = () => createMutation(() => ({ mutationFn: (key: string) => commands.draft({ key }) }));

/** Keeps half-typed text over a kill; empty text forgets it. */
export const saveDraft = () =>
	createMutation(() => ({ mutationFn: (argument: Draft) => commands.saveDraft(argument) }));
