// What the import asks and orders.
import { createMutation, createQuery } from '@tanstack/svelte-query';
import { commands, type ImportPlan, type ImportState, type Reading } from '$lib/ipc';
import { eachPiece, saveMade } from '$lib/shared/files';
import { ask } from '$lib/shared/query';

/** What is in a file that was handed over. */
export const previewQuery = (asked: () => { import: string; reading: Reading | null }) =>
	createQuery(() => ({
		...ask(['import', 'look', asked()], () => commands.importLook({ ...asked(), country: '' }), []),
		// What was tried since would not be known.
		gcTime: 0,
		// The last look stays while the next is taken.
		placeholderData: (last: Awaited<ReturnType<typeof commands.importLook>> | undefined) => last
	}));

/** Where an import stands. */
export const stateQuery = (id: () => string | null) =>
	createQuery(() => ({
		...ask(['import', 'state', id()], () => commands.importState({ import: id() ?? '' }), ['imports']),
		enabled: id() !== null
	}));

/** Rows that were not taken. */
export const rejectsQuery = (id: () => string, phase: () => string) =>
	createQuery(() => ({
		...ask(
			['import', 'rejects', id(), phase()],
			() => commands.importRejects({ import: id(), offset: 0, limit: 50 }),
			[]
		),
		// Another trial of the same file has other ones.
		staleTime: 0,
		gcTime: 0
	}));

/** The imports remembered here. */
export const importsQuery = () => createQuery(() => ask(['imports'], () => commands.imports(), ['imports']));

/** Whom one may give clients to: the people one looks after. */
export const staffQuery = () =>
	createQuery(() => ask(['team'], () => commands.team(), ['office', 'kind:client', 'kind:interaction', 'status']));

/** Hands a file over. */
export const openFile = () =>
	createMutation(() => ({
		mutationFn: async ({ file, kind }: { file: File; kind: string }) => {
			const state = await commands.importOpen({ name: file.name, kind, bytes: file.size });
			await eachPiece(file, (n, base64) => commands.importPiece({ import: state.import, n, base64 }));
			return state;
		}
	}));

/** Tries all rows without writing. */
export const checkImport = () =>
	createMutation(() => ({ mutationFn: (plan: ImportPlan) => commands.importCheck(plan) }));

/** Writes all rows as they were tried. */
export const runImport = () =>
	createMutation(() => ({ mutationFn: (id: string) => commands.importRun({ import: id }) }));

/** Stops what is at work. */
export const stopImport = () =>
	createMutation(() => ({ mutationFn: (id: string) => commands.importStop({ import: id }) }));

/** Takes an import back. */
export const undoImport = () =>
	createMutation(() => ({ mutationFn: (id: string) => commands.importUndo({ import: id }) }));

/** Forgets an import. */
export const forgetImport = () =>
	createMutation(() => ({ mutationFn: (id: string) => commands.importForget({ import: id }) }));

/** Saves the rows that were not taken. */
export const saveRejects = () =>
	createMutation(() => ({
		mutationFn: async ({ state, language, name }: { state: ImportState; language: string; name: string }) =>
			saveMade(await commands.importRejectFile({ import: state.import, language }), name)
	}));
