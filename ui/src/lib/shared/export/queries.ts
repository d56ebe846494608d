// What the export orders.
import { createMutation } from '@tanstack/svelte-query';
import { commands, type ExportRequest } from '$lib/ipc';
import { saveMade } from '$lib/shared/files';

/** Makes a file of a list and saves it. */
export const exportList = () =>
	createMutation(() => ({
		mutationFn: async ({ request, name }: { request: ExportRequest; name: string }) => {
			const made = await commands.export(request);
			await saveMade(made, name);
			return made;
		}
	}));

/** Makes an archive of everything here and saves it. */
export const exportAll = () =>
	createMutation(() => ({
		mutationFn: async (name: string) => {
			const made = await commands.exportAll();
			await saveMade(made, name);
			return made;
		}
	}));
