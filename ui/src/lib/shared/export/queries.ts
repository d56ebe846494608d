// What the export orders.
import { createMutation } from '@tanstack/svelte-query';
import { m } from '$lib/i18n';
import { commands, type ExportRequest } from '$lib/ipc';
import { words } from '$lib/shared/failure';
import { saveMade } from '$lib/shared/files';
import { say, sayFailed } from '$lib/ui';
import { fileName } from './names';

/** Makes a file of a list and saves it. */
export const exportList = () =>
	createMutation(() => ({
		mutationFn: async ({ request, name }: { request: ExportRequest; name: string }) => {
			const made = await commands.export(request);
			await saveMade(made, name);
			return made;
		}
	}));

/** Makes an archive of everything here, saves it and says so. */
export const exportAll = () =>
	createMutation(() => ({
		mutationFn: async () => {
			const name = fileName(m.export_all_name(), 'zip');
			await saveMade(await commands.exportAll(), name);
			return name;
		},
		onSuccess: (name: string) => say(m.export_saved({ name })),
		onError: (cause: Error) => sayFailed(words(cause))
	}));
