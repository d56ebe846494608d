/* eslint-disable */
// Provisional until the Rust side writes this file.
import { call } from './call';

export type Shown = null | boolean | number | string | Array<Entry> | Reference;
export type Entry = { entry?: string | null, value: string, label: string, title: string, removed: boolean };
export type Reference = { id: string, title: string };
export type Status = { phase: Phase, me: Person | null, organisation: string, device: string, local_only: boolean, language: string, theme: string, version: string, sync: SyncStatus, n_reviews: number, n_proposals: number, n_notices: number };
export type Phase = "new" | "passphrase" | "key_missing" | "damaged" | "signed_out" | "revoked" | "ready";
export type SyncStatus = { state: SyncState, synced_at: string | null, contact_at: string | null, n_done: number, n_planned: number, n_waiting: number, n_attention: number, last_error: string };
export type SyncState = "synced" | "syncing" | "offline" | "attention" | "locked" | "local_only";
export type Person = { id: string, name: string, role: string, department: string | null, department_name: string, active: boolean };
export type Enrol = { link: string, password: string, device_name: string, passphrase: string | null };
export type StartLocal = { name: string, passphrase: string | null };
export type Unlock = { passphrase: string };
export type SignIn = { password: string };
export type ChangeSettings = { language?: string | null, theme?: string | null };
export type DeviceLink = { link: string, expires_at: string };
export type TextBody = { text: string };
export type Draft = { key: string, text: string };
export type DraftKey = { key: string };
export type Declarations = { language: string, kinds: Array<KindDeclared> };
export type KindDeclared = { key: string, label: string, label_many: string, title: string, under_client: boolean, fields: Array<FieldDeclared> };
export type FieldDeclared = { key: string, label: string, type: string, many: boolean, required: boolean, in_list: boolean, leading: boolean, source: string, target: string, choices: Array<ChoiceDeclared> };
export type ChoiceDeclared = { value: string, label: string };
export type Language = { language: string };
export type Scope = "mine" | "all" | "staff";
export type Condition = { field: string, op: Op, value: string };
export type Op = "is" | "is_not" | "contains" | "empty" | "filled" | "before" | "from";
export type SortBy = { field: string, descending: boolean };
export type ListRequest = { kind: string, scope: Scope, client?: string | null, user?: string | null, conditions: Array<Condition>, text: string, sort: Array<SortBy>, offset: number, limit: number };
export type ListPage = { total: number, rows: Array<Row> };
export type Row = { id: string, kind: string, title: string, client: Reference | null, fields: { [key in string]: Shown }, unsent: boolean, n_reviews: number };
export type RecordKey = { kind: string, id: string };
export type Access = "read" | "add" | "write";
export type RecordView = { access: Access, unsent_fields: Array<string>, reviews: Array<Review>, trashed: boolean, created_at: string | null } & Row;
export type Review = { id: string, kind: string, title: string, client: Reference | null, field: string, values: Array<Competing> };
export type Competing = { value: Shown, author: string, device: string, at: string | null };
export type Create = { kind: string, client?: string | null, fields: { [key in string]: Shown } };
export type Edit = { kind: string, id: string, seen: { [key in string]: Shown }, changed: { [key in string]: Shown } };
export type Choose = { kind: string, id: string, field: string, value: Shown };
export type Saved = { id: string, group: string | null };
export type CreateClient = { client: { [key in string]: Shown }, legal_entity: { [key in string]: Shown } };
export type Search = { text: string, limit: number };
export type Hit = { id: string, kind: string, title: string, client: Reference | null, snippet: string };
export type ClientKey = { client: string };
export type ClientCard = { record: RecordView, responsible: Person | null, persons: Array<RecordView>, legal_entities: Array<RecordView>, planned: Array<InteractionRow>, history: Array<InteractionRow>, n_history: number, reasons: Array<Reason>, pending_move: PendingMove | null };
export type PendingMove = { command: string, to: Person };
export type Reason = { reason: string, until: string | null };
export type HistoryRequest = { client: string, offset: number, limit: number };
export type HistoryPage = { total: number, rows: Array<InteractionRow> };
export type EventClass = "overdue" | "current" | "planned" | "closed";
export type InteractionRow = { id: string, channel: string, state: string, subject: string, description: string, starts_at: string | null, ends_at: string | null, outcome: string, result: string, next_contact: string | null, class: EventClass, client: Reference | null, persons: Array<Reference>, assigned: Person | null, contactor: Person | null, hand_overs: Array<HandOverView>, pending_to: Person | null, unsent: boolean, n_reviews: number };
export type InteractionPage = { total: number, rows: Array<InteractionRow> };
export type HandOverView = { from: Person | null, to: Person | null, by: Person | null, at: string, comment: string };
export type TodayRequest = { user?: string | null, zone: string };
export type Today = { overdue: Array<InteractionRow>, current: Array<InteractionRow>, planned: Array<InteractionRow>, n_planned: number, forgotten: Array<Row>, now: string };
export type LogInteraction = { client: string, persons: Array<string>, channel: string, subject: string, outcome: string, result: string, at?: string | null, next?: NextContact | null };
export type NextContact = { day: string, starts_at: string, channel: string };
export type PlanInteraction = { client: string, persons: Array<string>, channel: string, subject: string, description: string, starts_at: string, ends_at?: string | null };
export type NoteResult = { interaction: string, channel?: string | null, outcome: string, result: string, next?: NextContact | null };
export type Waiting = "not_sent" | "depends_on" | "needs_confirmation" | "refused" | "set_aside";
export type OutboxItem = { id: string, what: string, kind: string, record: string | null, title: string, at: string, waiting: Waiting, code: string, fields: { [key in string]: Shown }, command: CommandView | null, found: Rehearsal | null };
export type OutboxKey = { id: string };
export type Order = { "order": "redirect_interaction", interaction: string, to: string, comment: string } | { "order": "move_clients", clients: Array<string>, to: string, reason: string } | { "order": "undo", command: string } | { "order": "revoke_device", device: string } | { "order": "accept_proposal", proposal: string } | { "order": "decline_proposal", proposal: string };
export type RehearseOrder = { order: Order };
export type GiveOrder = { order: Order, confirmed?: Rehearsal | null };
export type Rehearsal = { as_of: string | null, clients: Array<Reference>, n_interactions: number, people: Array<Effect>, refused: Array<RefusedItem> };
export type Effect = { user: string, name: string, n_gained: number, n_lost: number, devices: Array<string> };
export type RefusedItem = { record: string, title: string, code: string };
export type OrderState = "pending" | "needs_confirmation" | "applied" | "refused" | "withdrawn";
export type CommandView = { id: string, order: Order, state: OrderState, at: string, effect: Rehearsal | null, code: string, can_undo: boolean };
export type TeamRow = { person: Person, n_clients: number, n_open: number, n_overdue: number, n_held: number, devices: Array<DeviceRow> };
export type DeviceRow = { id: string, user: string, name: string, this_device: boolean, enrolled_at: string, contact_at: string | null, n_purges: number, revoked: boolean };
export type ProposalRow = { id: string, record: string, kind: string, title: string, client: Reference | null, author: Person | null, at: string, received_at: string, what: string, before: { [key in string]: Shown }, after: { [key in string]: Shown }, pending: string };
export type Notice = { id: number, what: string, at: string, params: { [key in string]: string }, client: Reference | null, fields: { [key in string]: Shown } };
export type NoticeKey = { id: number };
export type Nothing = Record<symbol, never>;
export type Failure = { code: string, kind: string, params: { [key in string]: string }, fields: { [key in string]: Shown } };
export type Topic = "status" | { "kind": string } | { "record": string } | "office" | "outbox";

export const commands = {
	/** Where the app stands: first screen, badge, counts. */
	status: (argument: Nothing) => call<Status>('status', argument),
	/** Enrols this device with a link and a password, makes the database and starts the first sync. */
	enrol: (argument: Enrol) => call<Status>('enrol', argument),
	/** Starts without a server. */
	startLocal: (argument: StartLocal) => call<Status>('start_local', argument),
	/** Opens a database that is wrapped with a passphrase. */
	unlock: (argument: Unlock) => call<Status>('unlock', argument),
	/** Proves the password after the tokens ended. */
	signIn: (argument: SignIn) => call<Status>('sign_in', argument),
	/** Forgets the tokens; refused while edits are not sent. */
	signOut: (argument: Nothing) => call<Status>('sign_out', argument),
	/** Changes language or theme. */
	changeSettings: (argument: ChangeSettings) => call<Status>('change_settings', argument),
	/** Makes a link for the person's next device; needs the server. */
	addDevice: (argument: Nothing) => call<DeviceLink>('add_device', argument),
	/** Starts a sync now and answers at once. */
	syncNow: (argument: Nothing) => call<SyncStatus>('sync_now', argument),
	/** All record kinds with fields and words. */
	declarations: (argument: Language) => call<Declarations>('declarations', argument),
	/** One page of a list. */
	list: (argument: ListRequest) => call<ListPage>('list', argument),
	/** One whole record. */
	record: (argument: RecordKey) => call<RecordView>('record', argument),
	/** Makes a record. */
	create: (argument: Create) => call<Saved>('create', argument),
	/** Edits fields of a record. */
	edit: (argument: Edit) => call<Saved>('edit', argument),
	/** Puts a record into the trash. */
	trash: (argument: RecordKey) => call<Saved>('trash', argument),
	/** Takes a record out of the trash. */
	restore: (argument: RecordKey) => call<Saved>('restore', argument),
	/** Settles a field with competing values. */
	choose: (argument: Choose) => call<Saved>('choose', argument),
	/** All fields with competing values. */
	reviews: (argument: Nothing) => call<Array<Review>>('reviews', argument),
	/** Finds records by any part of their text. */
	search: (argument: Search) => call<Array<Hit>>('search', argument),
	/** Makes a client with its legal entity. */
	createClient: (argument: CreateClient) => call<Saved>('create_client', argument),
	/** Everything a client's card shows at first sight. */
	clientCard: (argument: ClientKey) => call<ClientCard>('client_card', argument),
	/** A later page of a client's history. */
	clientHistory: (argument: HistoryRequest) => call<HistoryPage>('client_history', argument),
	/** The start screen. */
	today: (argument: TodayRequest) => call<Today>('today', argument),
	/** Logs an interaction that has happened. */
	logInteraction: (argument: LogInteraction) => call<Saved>('log_interaction', argument),
	/** Plans an interaction. */
	planInteraction: (argument: PlanInteraction) => call<Saved>('plan_interaction', argument),
	/** Notes what came of a planned interaction. */
	noteResult: (argument: NoteResult) => call<Saved>('note_result', argument),
	/** Interactions by list request, with everything a row of them shows. */
	interactions: (argument: ListRequest) => call<InteractionPage>('interactions', argument),
	/** All colleagues. */
	people: (argument: Nothing) => call<Array<Person>>('people', argument),
	/** What an order would do. */
	rehearse: (argument: RehearseOrder) => call<Rehearsal>('rehearse', argument),
	/** Gives an order; it is applied in order at the next contact. */
	giveOrder: (argument: GiveOrder) => call<CommandView>('give_order', argument),
	/** Orders given here, latest first. */
	orders: (argument: Nothing) => call<Array<CommandView>>('orders', argument),
	/** The people a supervisor looks after, with their load. */
	team: (argument: Nothing) => call<Array<TeamRow>>('team', argument),
	/** The devices this person may see. */
	devices: (argument: Nothing) => call<Array<DeviceRow>>('devices', argument),
	/** Late edits that wait for this person's decision. */
	proposals: (argument: Nothing) => call<Array<ProposalRow>>('proposals', argument),
	/** What is not sent, and why. */
	outbox: (argument: Nothing) => call<Array<OutboxItem>>('outbox', argument),
	/** Sends an item again. */
	retryItem: (argument: OutboxKey) => call<Nothing>('retry_item', argument),
	/** Confirms an order that was sent back, as the server would carry it out now. */
	confirmItem: (argument: OutboxKey) => call<Nothing>('confirm_item', argument),
	/** Takes an item back. */
	withdrawItem: (argument: OutboxKey) => call<Nothing>('withdraw_item', argument),
	/** What the person must be told. */
	notices: (argument: Nothing) => call<Array<Notice>>('notices', argument),
	/** Dismisses a notice. */
	dismissNotice: (argument: NoticeKey) => call<Nothing>('dismiss_notice', argument),
	/** Keeps half-typed text over a kill. */
	saveDraft: (argument: Draft) => call<Nothing>('save_draft', argument),
	/** Gives half-typed text back. */
	draft: (argument: DraftKey) => call<Draft>('draft', argument),
	/** Versions, counts and sync errors for support; no personal data. */
	diagnostics: (argument: Nothing) => call<TextBody>('diagnostics', argument),
};
