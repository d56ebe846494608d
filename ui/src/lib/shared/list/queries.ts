// Groups, ids and saved views of lists; what is done to many records at once.
import { createMutation, createQuery } from '@tanstack/svelte-query';
import {
	commands,
	type Condition,
	type Create,
	type Edit,
	type EditMany,
	type ListRequest,
	type RecordKey,
	type Row,
	type Share,
	type TrashMany
} from '$lib/ipc';
import { ask, type Watched } from '$lib/shared/query';

/** What a list of a kind depends on: its rows, and the names it shows and is ordered by. */
export const listWatches: Watched[] = ['kind:*', 'office', 'status'];

/** A window of a list, as options. */
export const windowOptions = (request: ListRequest) =>
	ask(['list', request], () => commands.list(request), listWatches);

/** The groups of a list; asked for where there are any, or something to add up, once it is `ready` to be asked. */
export const groupsQuery = (request: () => ListRequest, ready: () => boolean) =>
	createQuery(() => {
		const asked = request();
		return {
			...ask(['groups', asked], () => commands.listGroups(asked), listWatches),
			enabled: ready() && ((asked.group?.length ?? 0) > 0 || (asked.sums?.length ?? 0) > 0),
			placeholderData: <Answer>(before: Answer) => before
		};
	});

/** Rows of a list, without a window; asked for once it is `ready`. */
export const rowsQuery = (request: () => ListRequest, ready: () => boolean) =>
	createQuery(() => ({
		...windowOptions(request()),
		enabled: ready(),
		placeholderData: <Answer>(before: Answer) => before
	}));

/** Names of records by their ids; `ids` gives those of each kind. */
export const namesQuery = (ids: () => Record<string, string[]>) =>
	createQuery(() => {
		const asked = Object.entries(ids());
		return {
			...ask(['names', asked], () => Promise.all(asked.map(([kind, of]) => namesOf(kind, of))), listWatches),
			enabled: asked.length > 0,
			placeholderData: <Answer>(before: Answer) => before
		};
	});

async function namesOf(kind: string, ids: string[]): Promise<Row[]> {
	const conditions: Condition[] = [{ field: 'id', op: 'one_of', value: '', values: ids }];
	const { rows } = await commands.list({ kind, scope: 'all', conditions, text: '', sort: [], offset: 0, limit: 500 });
	return rows;
}

/** Ids of everything a list finds, to select them all. */
export const collectIds = () =>
	createMutation(() => ({ mutationFn: (request: ListRequest) => commands.listIds(request) }));

/** The saved views there are; `ready` says whether there is a database to ask. */
export const viewsQuery = (ready: () => boolean = () => true) =>
	createQuery(() => ({
		...ask(['views'], () => commands.savedViews(), ['kind:saved_view', 'office', 'status']),
		enabled: ready()
	}));

/** Keeps a view for oneself. */
export const createView = () => createMutation(() => ({ mutationFn: (view: Create) => commands.create(view) }));

/** Keeps a view for a department. */
export const shareView = () => createMutation(() => ({ mutationFn: (view: Share) => commands.share(view) }));

/** Changes a view. */
export const editView = () => createMutation(() => ({ mutationFn: (edit: Edit) => commands.edit(edit) }));

/** Puts a view into the trash. */
export const trashView = () => createMutation(() => ({ mutationFn: (key: RecordKey) => commands.trash(key) }));

/** Sets one field of many records. */
export const editMany = () => createMutation(() => ({ mutationFn: (many: EditMany) => commands.editMany(many) }));

/** Puts many records into the trash, or takes them out. */
export const trashMany = () => createMutation(() => ({ mutationFn: (many: TrashMany) => commands.trashMany(many) }));

/** Edits one field of one record. */
export const editOne = () => createMutation(() => ({ mutationFn: (edit: Edit) => commands.edit(edit) }));
