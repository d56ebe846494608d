// What a form asks the host while it is filled.
import { createMutation, createQuery } from '@tanstack/svelte-query';
import { commands, type Draft, type Fields } from '$lib/ipc';
import { ask } from '$lib/shared/query';

/** What looks wrong in values as typed; blocks nothing. */
export const warningsQuery = (kind: () => string, fields: () => Fields) =>
	createQuery(() => {
		const asked = { kind: kind(), fields: fields() };
		return {
			...ask(['warnings', asked], () => commands.checkFields(asked), []),
			placeholderData: <Answer>(before: Answer) => before
		};
	});

/** Half-typed text of a form; read once when the form opens. */
export const readDraft = () => createMutation(() => ({ mutationFn: (key: string) => commands.draft({ key }) }));

/** Keeps half-typed text over a kill; empty text forgets it. */
export const saveDraft = () =>
	createMutation(() => ({ mutationFn: (argument: Draft) => commands.saveDraft(argument) }));
