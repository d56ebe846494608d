// Records of any kind: declarations, reading and writing.
import { createMutation, createQuery } from '@tanstack/svelte-query';
import { commands, type Choose, type Create, type Edit, type Fields, type ListRequest, type RecordKey } from '$lib/ipc';
import { locale } from '$lib/i18n';
import { ask } from '$lib/shared/query';

/** All record kinds with their words in the language on the screen. */
export const declarationsQuery = () =>
	createQuery(() => {
		const language = locale.current;
		return {
			// Fields the organisation makes are records: they come and change like any.
			...ask(['declarations', language], () => commands.declarations({ language }), ['kind:custom_field']),
			// The words of the language before stay until the new ones are there: no blank in between.
			placeholderData: <Answer>(before: Answer) => before
		};
	});

/** One page of a list, as options: pages are asked for by the list that shows them. */
export const listOptions = (request: ListRequest) =>
	ask(['list', request], () => commands.list(request), [`kind:${request.kind}`, 'office', 'status']);

/** A page of records. */
export const listQuery = (request: () => ListRequest) =>
	createQuery(() => ({ ...listOptions(request()), placeholderData: <Answer>(before: Answer) => before }));

/** One whole record. */
export const recordQuery = (key: () => RecordKey) =>
	createQuery(() => {
		const { kind, id } = key();
		return ask(['record', kind, id], () => commands.record({ kind, id }), [`record:${id}`, 'outbox']);
	});

/** Everything the card of a client shows at first sight; nothing is asked where there is none. */
export const cardQuery = (client: () => string) =>
	createQuery(() => {
		const id = client();
		return {
			...ask(['card', id], () => commands.clientCard({ client: id }), [
				`record:${id}`,
				'kind:interaction',
				'kind:person',
				'kind:legal_entity',
				'kind:entity_link',
				'office',
				'outbox'
			]),
			enabled: id !== ''
		};
	});

/** Words found anywhere in a record. */
export const searchQuery = (text: () => string, limit: number) =>
	createQuery(() => {
		const words = text().trim();
		return {
			...ask(['search', words, limit], () => commands.search({ text: words, limit }), ['kind:*']),
			enabled: words !== '',
			placeholderData: <Answer>(before: Answer) => before
		};
	});

/** What looks wrong in values as typed; blocks nothing. Asked for where there is a kind. */
export const warningsQuery = (kind: () => string, fields: () => Fields) =>
	createQuery(() => {
		const asked = { kind: kind(), fields: fields() };
		return {
			...ask(['warnings', asked], () => commands.checkFields(asked), []),
			enabled: asked.kind !== '',
			placeholderData: <Answer>(before: Answer) => before
		};
	});

/** How people read a number, and whether any country has it. */
export const readPhoneQuery = (number: () => string) =>
	createQuery(() => {
		const typed = number().trim();
		return {
			...ask(['phone', typed], () => commands.readPhone({ number: typed }), []),
			enabled: typed !== '',
			placeholderData: <Answer>(before: Answer) => before
		};
	});

/** Notes that a record was opened on this device. */
export const noteOpened = () =>
	createMutation(() => ({ mutationFn: (argument: RecordKey) => commands.noteOpened(argument) }));

/** Makes a record. */
export const createRecord = () =>
	createMutation(() => ({ mutationFn: (argument: Create) => commands.create(argument) }));

/** Edits fields of a record. */
export const editRecord = () => createMutation(() => ({ mutationFn: (argument: Edit) => commands.edit(argument) }));

/** Settles a field with competing values. */
export const chooseValue = () =>
	createMutation(() => ({ mutationFn: (argument: Choose) => commands.choose(argument) }));

/** Puts a record into the trash. */
export const trashRecord = () =>
	createMutation(() => ({ mutationFn: (argument: RecordKey) => commands.trash(argument) }));

/** Takes a record out of the trash. */
export const restoreRecord = () =>
	createMutation(() => ({ mutationFn: (argument: RecordKey) => commands.restore(argument) }));
