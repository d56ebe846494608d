/* eslint-disable */
// Written by core from its table of commands: change it there, then run the core tests with SATCHEL_UPDATE=1.
import { call } from './call';

/** A record of somebody's absence, made by the device that gave the order. */
export type AbsenceId = string;

/** Names an absence. */
export type AbsenceKey = {
	/** The absence. */
	absence: AbsenceId,
};

/** An absence, current, coming or lately over. */
export type AbsenceRow = {
	/** The absence. */
	id: AbsenceId,
	/** Who is away. */
	person: Person | null,
	/** `illness`, `holiday`, `dismissal`, `other`; empty for those whose business it is not. */
	reason: string,
	/** The first moment he is away. */
	from: string,
	/** The first moment he is back; open while `None`. */
	until: string | null,
	/** `coming`, `running`, `over`, `withdrawn`. */
	stage: string,
	/** The person at this device is away. */
	mine: boolean,
	/** The person at this device stands in. */
	stands_in: boolean,
	/** The person at this device may change it. */
	may_change: boolean,
	/** Who stands in, and for how much. */
	substitutes: Array<AbsenceShare>,
	/** Clients, each with its substitute. */
	clients: Array<GivenTo>,
	/** Interactions, each with its substitute. */
	interactions: Array<GivenTo>,
	/** What was ordered here and waits: `record`, `change`, `end`, `withdraw`, `finish`, or empty. */
	pending: string,
	/** The order that waits, to take it back. */
	command: CommandId | null,
};

/** What one colleague has of an absence. */
export type AbsenceShare = {
	/** The colleague. */
	person: Person | null,
	/** Clients he stands in for. */
	n_clients: number,
	/** Interactions he got. */
	n_interactions: number,
};

/** What the person may do with a record. */
export type Access = "read" | "add" | "write";

/** How somebody's access to a client ended. */
export type AccessEnded = {
	/** Who ordered it. */
	by: Person | null,
	/** Who has the client now. */
	now_with: Person | null,
	/** When, by the server's clock. */
	at: string | null,
	/** Key of the order, such as `move_clients`; empty where nobody ordered it. */
	order: string,
	/** `illness`, `holiday`, `dismissal`, `other` or empty. */
	reason: string,
};

/** Why a client looks like another. */
export type Alikeness = "number" | "phone" | "email" | "name";

/** Asks those responsible to complete the details of clients. */
export type AskDetails = {
	/** The details that must be there. */
	details: Array<string>,
	/** Whose clients; nobody for those named. */
	user?: UserId | null,
	/** The clients; empty for all of `user`. */
	clients: Array<RecordId>,
	/** Topic of the interactions, in the words of the screen. */
	subject: string,
	/** When they are due. */
	due: string,
	/** The language of what is listed as missing. */
	language: string,
	/** Only says what would be done. */
	rehearse: boolean,
};

/** An interaction for which a person sees a client. */
export type AssignedReason = {
	/** The interaction. */
	id: RecordId,
	/** Its subject; empty where it has none. */
	subject: string,
	/** Its channel. */
	channel: string,
	/** When it begins or was. */
	starts_at: string | null,
	/** Who handed it over; empty where nobody did. */
	by: string,
	/** Until when the client is seen for it. */
	until: string | null,
};

/** What is known of a number. */
export type Caller = {
	/** As people of this organisation's country read it; as it was given where no country has such a number, and where its digits were given in groups. */
	shown: string,
	/** Long enough to be a number at all. */
	dialled: boolean,
	/** Who has it, the surest first. */
	owners: Array<PhoneOwner>,
};

/** A number somebody calls from. */
export type CallingNumber = {
	/** As pasted, typed or handed over by the system. */
	number: string,
};

/** Changes what this device remembers about its looks; absent fields stay. */
export type ChangeSettings = {
	/** `en`, `ru` or `uk`. */
	language?: string | null,
	/** `system`, `light` or `dark`. */
	theme?: string | null,
};

/** Values to look at before they are saved. */
export type CheckFields = {
	/** Kind key. */
	kind: string,
	/** All values the form holds. */
	fields: { [key in string]: Shown },
};

/** The word. */
export type CheckOutcome = "well" | "repaired" | "damaged";

/** A choice with its words. */
export type ChoiceDeclared = {
	/** What the document holds. */
	value: string,
	/** What people read. */
	label: string,
};

/** Settles one field with competing values by a new edit. */
export type Choose = {
	/** Kind key. */
	kind: string,
	/** The record. */
	id: RecordId,
	/** The field. */
	field: string,
	/** The entry, where the field is a collection; the review names it. */
	entry?: EntryId | null,
	/** The value picked or typed; nothing, where an entry is to stay taken away. */
	value: Shown,
};

/** The world is not what an order expected. */
export type Clash = {
	/** Who was expected to have it; empty where this device does not know him. */
	expected: string,
	/** Who has it. */
	found: string,
};

/** All a client's card shows at first sight. */
export type ClientCard = {
	/** The client's record. */
	record: RecordView,
	/** Who is responsible. */
	responsible: Person | null,
	/** Contact persons. */
	persons: Array<RecordView>,
	/** Legal entities, the main one first. */
	legal_entities: Array<RecordView>,
	/** How the client stands to each of them, in the same order. */
	ties: Array<EntityTie>,
	/** Open interactions, soonest first. */
	planned: Array<InteractionRow>,
	/** What happened, latest first; the first page. */
	history: Array<InteractionRow>,
	/** How many interactions happened in all. */
	n_history: number,
	/** What they, and those planned, can be narrowed to. */
	facets: HistoryFacets,
	/** Why this person sees the client, strongest first. */
	reasons: Array<Reason>,
	/** A move of this client that waits to be sent or confirmed. */
	pending_move: PendingMove | null,
	/** Somebody stands in for the person responsible. */
	cover: Cover | null,
};

/** Names a client and one of his legal entities. */
export type ClientEntity = {
	/** The client. */
	client: RecordId,
	/** The legal entity. */
	legal_entity: RecordId,
};

/** Names a client. */
export type ClientKey = {
	/** The client's record. */
	client: RecordId,
};

/** An office command, made by the device that gave the order. */
export type CommandId = string;

/** An order with what became of it. */
export type CommandView = {
	/** The order's id. */
	id: CommandId,
	/** The order itself. */
	order: Order,
	/** State. */
	state: OrderState,
	/** When it was given here. */
	at: string,
	/** What it did, or would do. */
	effect: Rehearsal | null,
	/** Error code when refused. */
	code: string,
	/** For an order sent back because somebody else has the thing: whom it expected and whom it found. */
	clash: Clash | null,
	/** True while it can be taken back. */
	can_undo: boolean,
	/** Of an order that takes another back, as it is given: what of the edits along with that stays as it is. */
	kept: Array<KeptValue>,
};

/** Clients to look at side by side. */
export type CompareClients = {
	/** Which; the first one is to stay. */
	clients: Array<RecordId>,
};

/** One of clients side by side. */
export type ComparedClient = {
	/** The client. */
	client: Reference,
	/** Who is responsible. */
	responsible: Person | null,
	/** When it was made, by its maker's clock. */
	created_at: string | null,
	/** How many records of which kind live under it; those in the trash left out. */
	under: { [key in string]: number },
};

/** A field of clients side by side. */
export type ComparedField = {
	/** Its key. */
	field: string,
	/** The value of each client. */
	values: Array<Shown>,
	/** All values are kept together: lists and notes. */
	joins: boolean,
	/** The place of the client whose value is taken unless somebody chooses. */
	proposed: number,
};

/** Clients side by side. */
export type Comparison = {
	/** In the order in which they were asked for. */
	clients: Array<ComparedClient>,
	/** Fields in which at least one of them has a value, in the order of the form. */
	fields: Array<ComparedField>,
};

/** One of the competing values. */
export type Competing = {
	/** The value. */
	value: Shown,
	/** Who typed it; empty when this device does not know. */
	author: string,
	/** On which device. */
	device: string,
	/** When, by that device's clock. */
	at: string | null,
	/** When it reached the server, by the server's clock; `None` where it has not, or where nobody said. */
	received_at: string | null,
	/** Since when the device had been without contact, where it was made so. */
	away_since: string | null,
	/** Minutes by which the device's clock was ahead (behind: negative), where it was plainly wrong; otherwise 0. */
	skew: number,
	/** Typed on this device and not acknowledged yet. */
	unsent: boolean,
};

/** What must hold: one test, or several joined. */
export type Condition = {
	/** The conditions. */
	all: Array<Condition>, } | {
	/** The conditions. */
	any: Array<Condition>, } | Test;

/** Somebody stands in for somebody, as a client's row and card show it. */
export type Cover = {
	/** The absence. */
	absence: AbsenceId,
	/** Who is away. */
	person: Person | null,
	/** Who stands in. */
	substitute: Person | null,
	/** True where that is the person at this device. */
	by_me: boolean,
	/** Until when; open while `None`. */
	until: string | null,
};

/** A colleague who may stand in. */
export type CoverColleague = {
	/** The colleague. */
	person: Person,
	/** Clients he is responsible for. */
	n_clients: number,
	/** Interactions he is to do. */
	n_open: number,
	/** He is away himself at some moment of that time. */
	away: boolean,
};

/** For Today: the person at this device stands in for somebody. */
export type CoverLine = {
	/** The absence. */
	absence: AbsenceId,
	/** Who is away. */
	person: Person | null,
	/** Since when. */
	from: string,
	/** Until when; open while `None`. */
	until: string | null,
	/** True while it has not begun. */
	coming: boolean,
	/** Clients seen for it. */
	n_clients: number,
};

/** Who could stand in. */
export type CoverProposal = {
	/** His clients, each with somebody. */
	clients: Array<ProposedClient>,
	/** What he has planned in that time, overdue first, each with somebody. */
	interactions: Array<ProposedInteraction>,
	/** Who may stand in, with what they have to do. */
	colleagues: Array<CoverColleague>,
};

/** Makes a record. */
export type Create = {
	/** Kind key. */
	kind: string,
	/** The client it belongs to, for kinds under a client. */
	client?: RecordId | null,
	/** Values. */
	fields: { [key in string]: Shown },
	/** The field of another record that is to name it, written and taken back together with it. */
	named_in?: NamedIn | null,
};

/** Makes a client together with its legal entity and the link between them. */
export type CreateClient = {
	/** Fields of the client. */
	client: { [key in string]: Shown },
	/** Fields of the legal entity; the registered name defaults to the client's name. */
	legal_entity: { [key in string]: Shown },
};

/** Everything the interface knows about record kinds, in one language. */
export type Declarations = {
	/** The language of the labels. */
	language: string,
	/** The kinds. */
	kinds: Array<KindDeclared>,
};

/** A department of the organisation. */
export type DepartmentId = string;

/** What asking did, or would do. */
export type DetailsAsked = {
	/** Clients for which it is asked. */
	n_asked: number,
	/** How many people get it. */
	n_people: number,
	/** Clients for which it had been asked already, left out. */
	n_open: number,
	/** Clients left for the next time: at most 200 are asked about at once. */
	n_left: number,
	/** The interactions made. */
	interactions: Array<RecordId>,
	/** The orders that gave them to those responsible. */
	commands: Array<CommandId>,
};

/** How complete some clients are. */
export type DetailsCount = {
	/** Clients. */
	n_clients: number,
	/** Those with every detail. */
	n_complete: number,
	/** Those for which a correction is asked already. */
	n_asked: number,
	/** For each detail, in the order of the report: how many lack it. */
	missing: Array<number>,
};

/** A client that lacks something. */
export type DetailsGap = {
	/** The client. */
	id: RecordId,
	/** His name. */
	title: string,
	/** Who is responsible. */
	person: Person | null,
	/** The details he lacks. */
	missing: Array<string>,
	/** The planned interaction that asks for them. */
	asked: RecordId | null,
};

/** Clients that lack something, by name. */
export type DetailsGaps = {
	/** How many there are in all. */
	total: number,
	/** Those asked for. */
	rows: Array<DetailsGap>,
};

/** Asks for the clients that lack something. */
export type DetailsGapsRequest = {
	/** The details that must be there. */
	details: Array<string>,
	/** Only this person's clients. */
	user?: UserId | null,
	/** Only those who lack this detail. */
	lacking?: string | null,
	/** Rows to skip. */
	offset: number,
	/** Rows wanted, at most 500. */
	limit: number,
};

/** How complete the contact details of clients are. */
export type DetailsReport = {
	/** The details that were looked for. */
	details: Array<string>,
	/** By person responsible, the least complete first. */
	rows: Array<DetailsRow>,
	/** All of them together. */
	total: DetailsCount,
};

/** One person responsible. */
export type DetailsRow = {
	/** Who. */
	person: Person,
	/** How complete his clients are. */
	count: DetailsCount,
};

/** Asks how complete the contact details of clients are. */
export type DetailsWanted = {
	/** The details that must be there: keys of fields of the client, or `person.` and the key of a field which one of his persons at least must have filled. Empty for those chosen last. */
	details: Array<string>,
};

/** What looking this device over brought. */
export type DeviceCheck = {
	/** In one word. */
	outcome: CheckOutcome,
	/** Rows of lists and cards that were made again. */
	n_views: number,
	/** Records that could not be read and are fetched again. */
	n_records: number,
	/** Damaged places of the file. */
	n_pages: number,
};

/** One enrolled installation of the app. */
export type DeviceId = string;

/** A link with which the signed-in person adds his next device. */
export type DeviceLink = {
	/** To be pasted on the other device. */
	link: string,
	/** When it stops working. */
	expires_at: string,
};

/** What was rescued from a damaged file. */
export type DeviceRescue = {
	/** Records that could be read; others are fetched. */
	n_records: number,
	/** Edits and orders that wait to be sent. */
	n_unsent: number,
	/** Everything could be read. */
	whole: boolean,
};

/** A device as its owner and his supervisors see it. */
export type DeviceRow = {
	/** The device. */
	id: DeviceId,
	/** Whose. */
	user: UserId,
	/** Its name. */
	name: string,
	/** True for the device at hand. */
	this_device: boolean,
	/** When it was enrolled. */
	enrolled_at: string,
	/** Last contact with the server. */
	contact_at: string | null,
	/** Homes it lost and has not confirmed purging. */
	n_purges: number,
	/** Revoked by the office. */
	revoked: boolean,
	/** Version of the app, as it said last; empty where it never did. */
	app: string,
	/** Groups and orders it had not sent, as it said last. */
	n_unsent: number,
	/** When it last showed that it holds everything there was for it. */
	acked_at: string | null,
	/** When the server said all this. */
	as_of: string | null,
	/** The order to empty it, where one stands. */
	wipe: WipeRow | null,
};

/** What stands in the way of finishing a dismissal, as far as this device knows. */
export type DismissalState = {
	/** True where nothing does. */
	ready: boolean,
	/** Clients he is still responsible for. */
	clients: Array<Reference>,
	/** Interactions he is still to do. */
	interactions: Array<Reference>,
	/** His devices with edits that have not arrived, or that have not been in touch. */
	devices: Array<UnsettledDevice>,
};

/** Half-typed text that must survive a kill. */
export type Draft = {
	/** Which form, e.g. `quick`. */
	key: string,
	/** The form's own JSON; empty forgets it. */
	text: string,
};

/** Names a draft. */
export type DraftKey = {
	/** Which form. */
	key: string,
};

/** Edits a record: only the fields the person changed, with the values he saw (rule 5). */
export type Edit = {
	/** Kind key. */
	kind: string,
	/** The record. */
	id: RecordId,
	/** Values the person saw in the fields he changed. */
	seen: { [key in string]: Shown },
	/** What he made of them. */
	changed: { [key in string]: Shown },
};

/** Sets one field of many records. */
export type EditMany = {
	/** Kind key. */
	kind: string,
	/** The field; no collections, and nothing only the office says. */
	field: string,
	/** What is to stand there. */
	changes: Array<OneValue>,
	/** Only where this stands there now: how a bulk edit is taken back. */
	expected?: Shown | null,
	/** Only say what would change. */
	rehearse?: boolean | null,
};

/** What became of many records. */
export type EditedMany = {
	/** Those that changed (or would), with what stood there before. */
	changed: Array<OneValue>,
	/** Those where it stood there already. */
	n_same: number,
	/** Those where something else stands by now. */
	n_differs: number,
	/** Those this person may not write, and those no longer here. */
	n_not_allowed: number,
	/** Those left as they are because writing failed half-way. */
	n_left: number,
	/** The actions it is taken back by. */
	actions: number[],
};

/** What an order means for one person. */
export type Effect = {
	/** The person. */
	user: UserId,
	/** His name. */
	name: string,
	/** Clients he will see and does not see now. */
	n_gained: number,
	/** Clients he sees now and will not see. */
	n_lost: number,
	/** His devices that will be told. */
	devices: Array<string>,
};

/** Enrols this device. */
export type Enrol = {
	/** The link as pasted. */
	link: string,
	/** Sets the password at the person's first enrolment, proves it at the later ones. */
	password: string,
	/** What to call this device. */
	device_name: string,
	/** Protects the database where there is no key store. */
	passphrase: string | null,
};

/** How a client stands to one of his legal entities. */
export type EntityTie = {
	/** The legal entity. */
	legal_entity: RecordId,
	/** Stands first. */
	main: boolean,
	/** Other clients it stands for, as far as this person sees them. */
	others: Array<Reference>,
};

/** One entry of a collection field. */
export type Entry = {
	/** `None` on input makes a new entry. */
	entry?: EntryId | null,
	/** The value, e.g. the phone number as typed; for references the id. */
	value: string,
	/** What the entry is for: `work`, `mobile` …; empty when nobody said. */
	label: string,
	/** Title of the record or colleague a reference entry points at; output only. */
	title: string,
	/** True on input takes the entry away. */
	removed: boolean,
};

/** An entry of a collection field, such as one phone number. */
export type EntryId = string;

/** Event class of an open interaction (C-056, D-3); computed in the viewer's time zone, never stored. */
export type EventClass = "overdue" | "current" | "planned" | "closed";

/** What a file of records is written as. */
export type ExportFormat = "csv_excel" | "csv" | "xlsx" | "vcard3" | "vcard4" | "json";

/** Asks for a list as a file. */
export type ExportRequest = {
	/** The list as it is shown; offset and limit are not looked at. */
	list: ListRequest,
	/** Field keys in the order of the columns; empty for all. */
	columns: Array<string>,
	/** Only these records of the list; empty for all. */
	ids: Array<RecordId>,
	/** As what. */
	format: ExportFormat,
	/** The language of the heading and of choices. */
	language: string,
	/** IANA name of the viewer's time zone. */
	zone: string,
};

/** What a command answers when it fails; the interface has words for every code. */
export type Failure = {
	/** Stable key of the words. */
	code: string,
	/** `fix` (the person can), `quiet` (it mends itself) or `bug` (ours). */
	kind: string,
	/** Numbers and names for the words; never personal data of clients in logs. */
	params: { [key in string]: string },
	/** For `changed_meanwhile`: the fields with their values now. */
	fields: { [key in string]: Shown },
};

/** What became of an edit. */
export type Fate = "waiting" | "refused" | "withdrawn" | "accepted" | "declined" | "sent_again";

/** What a change did to one field, or to one entry of a collection. */
export type FieldChange = {
	/** The field; `trashed` where the record went into the trash or came out. */
	field: string,
	/** The entry, where the field is a collection. */
	entry: EntryId | null,
	/** What its author saw; nothing for long text. */
	before: Shown,
	/** What he made of it; nothing for long text. */
	after: Shown,
	/** What the entry is for. */
	label: string,
	/** Of long text: what was typed and struck out. */
	pieces: Array<TextPiece>,
	/** There were competing values, and this settled it. */
	settles: boolean,
};

/** A field with its words. */
export type FieldDeclared = {
	/** The field's key. */
	key: string,
	/** What people call it. */
	label: string,
	/** `text`, `note`, `choice`, `phone`, `email`, `url`, `day`, `instant`, `bool`, `int`, `reference`, `user`. */
	type: string,
	/** True for a collection of entries. */
	many: boolean,
	/** Forms want it filled. */
	required: boolean,
	/** Part of the list shown before anybody chose columns. */
	in_list: boolean,
	/** Stands among the folded facts on a phone. */
	leading: boolean,
	/** Set where the record is made and never after. */
	fixed: boolean,
	/** Made by the organisation and not offered any more; what it holds is shown and stays. */
	archived: boolean,
	/** `document`, `authority` or `computed`; only `document` fields are edited in place. */
	source: string,
	/** For references: the kind pointed at. */
	target: string,
	/** For choices: values with their words. */
	choices: Array<ChoiceDeclared>,
	/** For choices of the organisation: values that are not offered any more, for records that still hold one. */
	former: Array<ChoiceDeclared>,
};

/** A value that looks wrong; people may keep it (foreign, old and test numbers exist). */
export type FieldWarning = {
	/** The field. */
	field: string,
	/** The entry, where the field is a collection and the entry is known. */
	entry: EntryId | null,
	/** What is wrong with it. */
	code: WarningCode,
};

/** What a file is. */
export type FileFormat = "csv" | "xlsx" | "vcard";

/** A file that was made; its bytes are asked for piece by piece. */
export type FileMade = {
	/** Its name here. */
	file: string,
	/** Its length in bytes. */
	bytes: number,
	/** How many records are in it. */
	n_records: number,
	/** Its media type. */
	media_type: string,
};

/** A piece of a file. */
export type FilePiece = {
	/** Its bytes in base64; nothing behind the end. Once the last byte was given the file is forgotten. */
	base64: string,
};

/** Asks for a piece of a file. */
export type FilePieceRequest = {
	/** The file. */
	file: string,
	/** Bytes to skip. */
	offset: number,
};

/** Gives an order; what the rehearsal showed is what the person confirmed. */
export type GiveOrder = {
	/** The order. */
	order: Order,
	/** The rehearsal's mark; `None` where none was shown. */
	confirmed?: Rehearsal | null,
};

/** One client or interaction, and who stands in for it. */
export type GivenTo = {
	/** The client or the interaction. */
	record: RecordId,
	/** The colleague. */
	to: UserId,
};

/** By what rows are put together. */
export type GroupBy = {
	/** Field key, as in [`Test::field`]; no collections and no long texts. */
	field: string,
	/** For days and instants: how much falls together. */
	unit?: Unit,
};

/** Edits that belong together and are accepted or refused as one. */
export type GroupId = string;

/** Hands several planned interactions over to a colleague. */
export type HandOverMany = {
	/** The interactions, at most 200. */
	interactions: Array<RecordId>,
	/** To whom. */
	to: UserId,
	/** A word to him. */
	comment: string,
	/** Only say what it would do. */
	rehearse?: boolean | null,
};

/** One hand-over of an interaction. */
export type HandOverView = {
	/** From whom. */
	from: Person | null,
	/** To whom. */
	to: Person | null,
	/** Who said so. */
	by: Person | null,
	/** When, by the server's clock. */
	at: string,
	/** What he added. */
	comment: string,
};

/** What handing several interactions over does. */
export type HandedOver = {
	/** All orders together, as this device knows them. */
	rehearsal: Rehearsal,
	/** The orders given, each to be taken back by itself. */
	commands: Array<CommandId>,
};

/** What the interactions of a client can be narrowed to. */
export type HistoryFacets = {
	/** Their channels. */
	channels: Array<string>,
	/** Colleagues who did them, or are to. */
	colleagues: Array<Person>,
	/** The client's people they were with. */
	persons: Array<Reference>,
};

/** One page of a client's history. */
export type HistoryPage = {
	/** How many there are in all. */
	total: number,
	/** The rows. */
	rows: Array<InteractionRow>,
};

/** Asks for a later page of a client's history. */
export type HistoryRequest = {
	/** The client. */
	client: RecordId,
	/** Rows to skip. */
	offset: number,
	/** Rows wanted. */
	limit: number,
	/** Only of these channels; none for all. */
	channels?: Array<string>,
	/** Only with this person: a colleague who did it, or one of the client's people. */
	person?: string | null,
	/** First day, in the zone of whoever asks. */
	from?: string | null,
	/** Last day. */
	until?: string | null,
};

/** One change of a record. */
export type HistoryStep = {
	/** Names the change; of no use but to ask for it. */
	change: string,
	/** Who made it. */
	person: Person | null,
	/** On which device; empty where this one does not know. */
	device: string,
	/** When, by that device's clock. */
	at: string,
	/** When it reached the server, by the server's clock; `None` where it has not, or where nobody said. */
	received_at: string | null,
	/** Since when the device had been without contact, where it was made so. */
	away_since: string | null,
	/** Minutes by which the device's clock was ahead (behind: negative), where it was plainly wrong; otherwise 0. */
	skew: number,
	/** Made on this device and not acknowledged yet. */
	unsent: boolean,
	/** It made the record. */
	creates: boolean,
	/** What it changed. */
	changes: Array<FieldChange>,
};

/** What a search found. */
export type Hit = {
	/** The record that matches. */
	id: RecordId,
	/** Its kind. */
	kind: string,
	/** Its name. */
	title: string,
	/** The client to open; the record itself where it is one. */
	client: Reference | null,
	/** The piece of text that matched, unfolded; empty when the title did. */
	snippet: string,
};

/** A column of a file. */
export type ImportColumn = {
	/** Its name; empty where it has none. */
	name: string,
	/** The first filled value in it. */
	sample: string,
	/** Where it is proposed to go; `None` leaves it out. */
	target: Target | null,
};

/** What became of rows, or would. */
export type ImportCounts = {
	/** Made something new. */
	new: number,
	/** Changed something. */
	updated: number,
	/** Changed nothing. */
	same: number,
	/** Were not taken. */
	refused: number,
	/** Were taken without some value. */
	left_out: number,
};

/** A value for a field that rows leave empty. */
export type ImportDefault = {
	/** The field. */
	target: Target,
	/** The value. */
	value: Shown,
};

/** A row, or a value of it, that was not taken. */
export type ImportFault = {
	/** Its number in the file. */
	row: number,
	/** Code of the reason. */
	why: string,
	/** The kind at fault; empty where it is the row. */
	kind: string,
	/** The field at fault. */
	field: string,
	/** The row was taken, without this value. */
	taken: boolean,
	/** The row's cells. */
	cells: Array<string>,
};

/** Names an import. */
export type ImportKey = {
	/** The import. */
	import: string,
};

/** Asks what is in a file. */
export type ImportLook = {
	/** The import. */
	import: string,
	/** Read it in this way; `None` finds out. */
	reading?: Reading | null,
	/** Whose phones and tax numbers they are, where nothing was said of this file yet: `ru`, `ua`, `by`, `kz` or `other`; empty stands for the organisation's own country. */
	country: string,
};

/** What is done with rows. */
export type ImportMode = "both" | "create" | "update";

/** Opens a file to be imported; its bytes follow. */
export type ImportOpen = {
	/** What the file is called. */
	name: string,
	/** The kind its rows are. */
	kind: string,
	/** Its length in bytes. */
	bytes: number,
};

/** Where an import stands. */
export type ImportPhase = "opened" | "checking" | "checked" | "running" | "done" | "stopped" | "undoing" | "undone";

/** A piece of a file. */
export type ImportPiece = {
	/** The import. */
	import: string,
	/** Which piece, from 0; all but the last are 512 KiB long. */
	n: number,
	/** Its bytes in base64. */
	base64: string,
};

/** How a file is imported. */
export type ImportPlan = {
	/** The import. */
	import: string,
	/** How it is read. */
	reading: Reading,
	/** Where each column goes. */
	columns: Array<Target | null>,
	/** What is done with rows. */
	mode: ImportMode,
	/** By what a row is recognised; tried in the order of the declaration. An id of ours always counts. */
	match_by: Array<MatchBy>,
	/** Values for fields that a row leaves empty, of records that are made. */
	defaults: Array<ImportDefault>,
	/** Who is to be responsible for clients that are made; `None` for whoever imports. */
	owner?: UserId | null,
	/** IANA name of the viewer's time zone. */
	zone: string,
};

/** What is in a file. */
export type ImportPreview = {
	/** How it is read. */
	reading: Reading,
	/** Sheets of a workbook. */
	sheets: Array<string>,
	/** Its columns. */
	columns: Array<ImportColumn>,
	/** The first rows. */
	rows: Array<ImportRow>,
	/** Everything a column can go to. */
	targets: Array<Target>,
	/** The proposal is what the person chose for a file with the same columns before. */
	remembered: boolean,
	/** How it was tried last, where it was. */
	plan: ImportPlan | null,
};

/** Asks for the file of the rows that were not taken. */
export type ImportRejectFile = {
	/** The import. */
	import: string,
	/** The language of the reasons. */
	language: string,
};

/** Asks for rows that were not taken. */
export type ImportRejects = {
	/** The import. */
	import: string,
	/** Rows to skip. */
	offset: number,
	/** Rows wanted, at most 500. */
	limit: number,
};

/** A row of a file as text. */
export type ImportRow = {
	/** Its number in the file. */
	row: number,
	/** Its cells. */
	cells: Array<string>,
};

/** Where an import stands and what came of it. */
export type ImportState = {
	/** The import. */
	import: string,
	/** What the file is called. */
	name: string,
	/** The kind its rows are. */
	kind: string,
	/** When it was opened. */
	at: string,
	/** Where it stands. */
	phase: ImportPhase,
	/** Rows gone through. */
	n_rows: number,
	/** Rows in all; 0 while unknown. */
	n_total: number,
	/** What became of the rows, or would. */
	counts: ImportCounts,
	/** How many rows, or values of rows, were not taken, by reason. */
	reasons: { [key in string]: number },
	/** Records whose values were changed since and stay, after taking it back; at most 100. */
	kept: Array<Reference>,
	/** How many of them there are. */
	n_kept: number,
	/** Who gets the clients that are made, by name; empty for whoever imports. */
	owner: string,
	/** Something of it can be taken back. */
	can_undo: boolean,
	/** Code of the error that stopped it; empty otherwise. */
	error: string,
};

/** One page of interactions. */
export type InteractionPage = {
	/** How many there are in all. */
	total: number,
	/** The rows. */
	rows: Array<InteractionRow>,
};

/** An interaction as lists, Today and the timeline show it. */
export type InteractionRow = {
	/** The record. */
	id: RecordId,
	/** `meeting`, `visit`, `call`, `email`, `sms`, `conference`, `open`, `other` … */
	channel: string,
	/** `planned`, `held` or `cancelled`. */
	state: string,
	/** Topic. */
	subject: string,
	/** What is to be done. */
	description: string,
	/** When it begins or was. */
	starts_at: string | null,
	/** When it ends. */
	ends_at: string | null,
	/** `reached`, `agreed`, `refused`, `call_back`, `other` or empty. */
	outcome: string,
	/** What came of it. */
	result: string,
	/** Day of the next contact agreed. */
	next_contact: string | null,
	/** Its class at the moment of asking. */
	class: EventClass,
	/** The client. */
	client: Reference | null,
	/** Contact persons. */
	persons: Array<Reference>,
	/** Who is to do it. */
	assigned: Person | null,
	/** Who did it. */
	contactor: Person | null,
	/** Hand-overs so far, oldest first. */
	hand_overs: Array<HandOverView>,
	/** A hand-over that waits to be sent or confirmed. */
	pending_to: Person | null,
	/** Not acknowledged yet. */
	unsent: boolean,
	/** Fields with competing values. */
	n_reviews: number,
};

/** Why something was not taken back. */
export type KeptBecause = "changed" | "gone" | "not_allowed" | "in_use";

/** Something that was not taken back. */
export type KeptValue = {
	/** The record. */
	record: RecordKey,
	/** Its name, where it is here. */
	title: string,
	/** The field; empty where it is the whole record. */
	field: string,
	/** Why. */
	why: KeptBecause,
};

/** A record kind with its words. */
export type KindDeclared = {
	/** The kind's key. */
	key: string,
	/** Singular. */
	label: string,
	/** Plural, for lists. */
	label_many: string,
	/** The field whose value names a record. */
	title: string,
	/** True where records live under a client. */
	under_client: boolean,
	/** This person may make records of it; under a client, where he may write there. */
	may_make: boolean,
	/** True where the organisation may add fields of its own. */
	customisable: boolean,
	/** Fields in the order of the form. */
	fields: Array<FieldDeclared>,
};

/** Asks for declarations in a language. */
export type Language = {
	/** `en`, `ru` or `uk`. */
	language: string,
};

/** What is known so far of a client about to be made. */
export type LikeClient = {
	/** Fields of the client. */
	client: { [key in string]: Shown },
	/** Fields of his legal entity. */
	legal_entity: { [key in string]: Shown },
};

/** Links a client with a legal entity. */
export type LinkLegalEntity = {
	/** The client. */
	client: RecordId,
	/** One that is here; `None` makes a new one. */
	legal_entity?: RecordId | null,
	/** Values of the new one. */
	fields: { [key in string]: Shown },
};

/** Rows that stand together. */
export type ListGroup = {
	/** What they have in common: a choice, an event class, a reference, the first day of the stretch; empty where they have nothing there. */
	value: Shown,
	/** True for all that is left where there are too many groups. */
	rest: boolean,
	/** Place of its first row in the whole list. */
	first: number,
	/** How many rows. */
	count: number,
	/** Field key → what they add up to. */
	sums: { [key in string]: number },
	/** Groups within. */
	groups: Array<ListGroup>,
};

/** The groups of a list. */
export type ListGroups = {
	/** How many rows there are in all. */
	total: number,
	/** Field key → what all rows add up to. */
	sums: { [key in string]: number },
	/** In the order of the rows. */
	groups: Array<ListGroup>,
};

/** A window of a list. */
export type ListPage = {
	/** How many rows there are in all. */
	total: number,
	/** The rows asked for. */
	rows: Array<Row>,
};

/** Asks for a list. */
export type ListRequest = {
	/** Kind key. */
	kind: string,
	/** Whose. */
	scope: Scope,
	/** Only this client's records. */
	client?: RecordId | null,
	/** Only records of this person (responsible or assigned). */
	user?: UserId | null,
	/** All must hold. */
	conditions: Array<Condition>,
	/** Words to find; empty for all. */
	text: string,
	/** Order; empty means by title. */
	sort: Array<SortBy>,
	/** What is put together, the outer group first; at most two. Rows come group by group. */
	group?: Array<GroupBy>,
	/** Fields of whole numbers to add up, for `list_groups`. */
	sums?: Array<string>,
	/** Conditions of which each row says whether they hold: how rows are coloured. */
	marks?: Array<Condition>,
	/** Rows to skip. */
	offset: number,
	/** Rows wanted, at most 500. */
	limit: number,
	/** Rows in the trash instead of the others. */
	trashed?: boolean | null,
};

/** Logs an interaction that has happened. */
export type LogInteraction = {
	/** With whom. */
	client: RecordId,
	/** Contact persons. */
	persons: Array<RecordId>,
	/** The channel. */
	channel: string,
	/** Topic; may be empty. */
	subject: string,
	/** A chip: `reached`, `agreed`, `refused`, `call_back`, `other`. */
	outcome: string,
	/** What came of it, in words. */
	result: string,
	/** When it was; `None` is now. */
	at?: string | null,
	/** The next contact. */
	next?: NextContact | null,
};

/** By what a row is recognised. */
export type MatchBy = "tax" | "registry" | "email" | "phone" | "name_and_city";

/** Texts to look through, such as names of actions. */
export type MatchTexts = {
	/** As typed so far. */
	typed: string,
	/** Where to look. */
	texts: Array<string>,
};

/** Makes one client of several. */
export type MergeClients = {
	/** The one that stays. */
	into: RecordId,
	/** Those that go. */
	others: Array<RecordId>,
	/** Fields whose value is another one's than was proposed, with the client whose value is taken. */
	choices?: { [key in string]: RecordId } | null,
	/** What the rehearsal showed. */
	confirmed?: Rehearsal | null,
};

/** A client that is part of another one. */
export type MergedClient = {
	/** The other client: of one that went the one that stayed, and the other way round. */
	client: Reference,
	/** Who said so; nobody while the order waits to be sent. */
	by: Person | null,
	/** When, by the server's clock; `None` while the order waits to be sent. */
	at: string | null,
	/** The order, by which it is taken back. */
	command: CommandId,
};

/** A reference field in which a record about to be made is to stand; a collection gains an entry. */
export type NamedIn = {
	/** Kind key. */
	kind: string,
	/** The record. */
	id: RecordId,
	/** The field. */
	field: string,
	/** What the person saw there (rule 5). */
	seen: Shown,
};

/** When and how to be in touch next. */
export type NextContact = {
	/** The day. */
	day: string,
	/** The moment that day begins for the person; the plan is due on it. */
	starts_at: string,
	/** The channel; `open` while undecided. */
	channel: string,
};

/** Notes what came of a planned interaction. */
export type NoteResult = {
	/** The interaction. */
	interaction: RecordId,
	/** The channel it really took; `None` keeps the planned one. */
	channel?: string | null,
	/** A chip. */
	outcome: string,
	/** In words. */
	result: string,
	/** The next contact. */
	next?: NextContact | null,
};

/** Nothing to say. */
export type Nothing = Record<symbol, never>;

/** Something the person must be told once. */
export type Notice = {
	/** To dismiss it. */
	id: number,
	/** `client_left`, `client_came`, `interaction_came`, `edit_set_aside`, `edit_accepted`, `edit_declined`, `edit_refused` … */
	what: string,
	/** When. */
	at: string,
	/** Numbers and names to put into the words. */
	params: { [key in string]: string },
	/** The client, while it is on this device. */
	client: Reference | null,
	/** Values the person typed himself, kept for copying. */
	fields: { [key in string]: Shown },
};

/** Names a notice. */
export type NoticeKey = {
	/** The notice. */
	id: number,
};

/** A value of one record. */
export type OneValue = {
	/** The record. */
	id: RecordId,
	/** The value. */
	value: Shown,
};

/** How a test compares. */
export type Op = "is" | "is_not" | "one_of" | "none_of" | "contains" | "begins" | "empty" | "filled" | "before" | "from" | "after" | "until" | "between" | "during";

/** An order as a person gives it. */
export type Order = { "order": "redirect_interaction",
	/** The interaction. */
	interaction: RecordId,
	/** To whom. */
	to: UserId,
	/** What to tell him. */
	comment: string, } | { "order": "move_clients",
	/** The clients. */
	clients: Array<RecordId>,
	/** To whom. */
	to: UserId,
	/** `illness`, `holiday`, `dismissal`, `other`. */
	reason: string, } | { "order": "merge_clients",
	/** The one that stays. */
	into: RecordId,
	/** Those that go. */
	others: Array<RecordId>, } | { "order": "undo",
	/** The order to take back. */
	command: CommandId, } | { "order": "revoke_device",
	/** The device. */
	device: DeviceId,
	/** How it is emptied; nothing is where there is none. */
	wipe?: Wipe | null, } | { "order": "revoke_person",
	/** The person. */
	user: UserId,
	/** How his devices are emptied. */
	wipe?: Wipe | null, } | { "order": "withdraw_wipe",
	/** The device. */
	device: DeviceId, } | { "order": "erase",
	/** The records. */
	records: Array<RecordId>,
	/** Seconds in which it can be undone. */
	after_seconds: number, } | { "order": "accept_proposal",
	/** The proposal. */
	proposal: ProposalId, } | { "order": "decline_proposal",
	/** The proposal. */
	proposal: ProposalId,
	/** Fields whose values were taken over by hand first, for the author's receipt. */
	picked?: Array<string> | null, } | { "order": "record_absence",
	/** Its id, where the order was given before; a new one is made otherwise. */
	absence?: AbsenceId | null,
	/** Who is away. */
	person: UserId,
	/** `illness`, `holiday`, `dismissal`, `other`. */
	reason: string,
	/** The first moment he is away. */
	from: string,
	/** The first moment he is back; open while `None`. A dismissal is always open. */
	until?: string | null,
	/** Clients, each with its substitute. */
	clients: Array<GivenTo>,
	/** Planned interactions, each with its substitute. */
	interactions: Array<GivenTo>, } | { "order": "change_absence",
	/** The absence. */
	absence: AbsenceId,
	/** The first moment he is away; counts while it has not begun. */
	from: string,
	/** The first moment he is back; open while `None`. */
	until?: string | null,
	/** Clients, each with its substitute. */
	clients: Array<GivenTo>,
	/** Planned interactions, each with its substitute. */
	interactions: Array<GivenTo>, } | { "order": "end_absence",
	/** The absence. */
	absence: AbsenceId, } | { "order": "withdraw_absence",
	/** The absence. */
	absence: AbsenceId, } | { "order": "finish_dismissal",
	/** The absence that carries the dismissal. */
	absence: AbsenceId,
};

/** State of an order. */
export type OrderState = "pending" | "needs_confirmation" | "applied" | "refused" | "withdrawn";

/** An item of the "not sent" panel. */
export type OutboxItem = {
	/** The group or command. */
	id: string,
	/** `create`, `edit` or the command's name. */
	what: string,
	/** Kind of the record written; empty for commands. */
	kind: string,
	/** The record, to open it. */
	record: RecordId | null,
	/** Title of the record, or how many things the command is about. */
	title: string,
	/** When it was made. */
	at: string,
	/** Why it waits. */
	waiting: Waiting,
	/** Error code for refused items; empty otherwise. */
	code: string,
	/** Field keys and values typed, for copying. */
	fields: { [key in string]: Shown },
	/** For commands: what was ordered. */
	command: CommandView | null,
	/** For commands sent back: what the server would do now. */
	found: Rehearsal | null,
};

/** Names an item of the outbox. */
export type OutboxKey = {
	/** The group or command. */
	id: string,
};

/** A move of a client that is not applied yet. */
export type PendingMove = {
	/** The order. */
	command: CommandId,
	/** To whom. */
	to: Person,
};

/** A colleague as everybody may see him. */
export type Person = {
	/** The user's id. */
	id: UserId,
	/** Full name. */
	name: string,
	/** `rep`, `supervisor` or `admin`. */
	role: string,
	/** His department. */
	department: DepartmentId | null,
	/** Name of the department. */
	department_name: string,
	/** False once he has left. */
	active: boolean,
};

/** What the first screen must be. */
export type Phase = "new" | "passphrase" | "key_missing" | "damaged" | "signed_out" | "revoked" | "lease_over" | "wiped" | "ready";

/** A record with the number. */
export type PhoneOwner = {
	/** The record. */
	id: RecordId,
	/** Its kind. */
	kind: string,
	/** Its name. */
	title: string,
	/** What he does there, for a person. */
	position: string,
	/** The number as people read it. */
	number: string,
	/** False where one of the two numbers lacks the code of a town: it may be another line. */
	sure: boolean,
	/** The client; the record itself where it is one. */
	client: Reference | null,
	/** His town. */
	city: string,
	/** Who is responsible for him. */
	responsible: Person | null,
	/** What this person may do there. */
	access: Access,
};

/** A number somebody types. */
export type PhoneRead = {
	/** As people of this organisation's country read it; as it was given where no country has such a number. */
	shown: string,
	/** No country has such a number; it may be kept all the same. */
	doubtful: boolean,
};

/** Takes single values over from a late edit, as one's own edit, and leaves the rest of it out (rule 12). */
export type PickValues = {
	/** The proposal. */
	proposal: ProposalId,
	/** Keys of the fields to take over. */
	fields: Array<string>,
};

/** What a change did to a piece of text. */
export type PieceKind = "same" | "typed" | "struck";

/** Plans an interaction. */
export type PlanInteraction = {
	/** With whom. */
	client: RecordId,
	/** Contact persons. */
	persons: Array<RecordId>,
	/** The channel; `open` while undecided. */
	channel: string,
	/** Topic. */
	subject: string,
	/** What is to be done. */
	description: string,
	/** When it begins. */
	starts_at: string,
	/** When it ends. */
	ends_at?: string | null,
};

/** A late edit set aside until somebody accepts or declines it. */
export type ProposalId = string;

/** A late edit that waits for a decision. */
export type ProposalRow = {
	/** The proposal. */
	id: ProposalId,
	/** The record it changes. */
	record: RecordId,
	/** Its kind. */
	kind: string,
	/** Its name. */
	title: string,
	/** The client. */
	client: Reference | null,
	/** Who typed it. */
	author: Person | null,
	/** When, by his device's clock. */
	at: string,
	/** When it reached the server. */
	received_at: string,
	/** On which device; empty where this one does not know it. */
	device: string,
	/** Since when that device had been without contact, where it was. */
	away_since: string | null,
	/** Minutes by which its clock was ahead (behind: negative), where it was plainly wrong; otherwise 0. */
	skew: number,
	/** Why it was set aside. */
	ended: AccessEnded,
	/** `edit` or `create`. */
	what: string,
	/** Values the author had before him. */
	before: { [key in string]: Shown },
	/** Values now. */
	now: { [key in string]: Shown },
	/** Values proposed. */
	after: { [key in string]: Shown },
	/** Names of other records whose edits are decided together with this one. */
	together: Array<string>,
	/** True where single values can be taken over: this person may edit the record. */
	may_pick: boolean,
	/** An answer given here that waits to be sent: `accept`, `decline` or empty. */
	pending: string,
};

/** Asks who could stand in. */
export type ProposeCover = {
	/** Who is away. */
	person: UserId,
	/** The first moment he is away. */
	from: string,
	/** The first moment he is back; open while `None`. */
	until?: string | null,
	/** Only these may stand in; `None` for everybody who is there. */
	colleagues?: Array<UserId> | null,
};

/** Somebody for a client. */
export type ProposedClient = {
	/** The client. */
	client: Reference,
	/** Who might stand in; nobody where everybody is away. */
	to: UserId | null,
	/** Why: `knows_client`, `same_region`, `same_department`, `least_load`. */
	why: Array<string>,
	/** Planned with it in that time. */
	n_planned: number,
	/** How many of those fall into plans of his own. */
	n_clashes: number,
};

/** Somebody for an interaction. */
export type ProposedInteraction = {
	/** The interaction. */
	interaction: RecordId,
	/** Its topic. */
	subject: string,
	/** Its channel. */
	channel: string,
	/** Its client. */
	client: Reference | null,
	/** When. */
	starts_at: string | null,
	/** Who might do it. */
	to: UserId | null,
	/** It falls into a plan of his own. */
	clash: boolean,
};

/** Gives fields the values they had. */
export type PutBack = {
	/** Kind key. */
	kind: string,
	/** The record. */
	id: RecordId,
	/** After this change. */
	change: string,
	/** Which fields; of collections all entries. */
	fields: Array<string>,
	/** What the person saw in them (rule 5). */
	seen: { [key in string]: Shown },
};

/** How a file is read; found by looking at it, and the person may say otherwise. */
export type Reading = {
	/** What it is. */
	format: FileFormat,
	/** Name of the encoding, e.g. `UTF-8`, `windows-1251`; empty for workbooks. */
	encoding: string,
	/** The sign between values: `;`, `,`, a tab or `|`; empty where there is none. */
	delimiter: string,
	/** The sheet read; empty where there are none. */
	sheet: string,
	/** Which row holds the names of columns, from 1; 0 where none does. */
	heading: number,
	/** Whose phones and tax numbers they are: `ru`, `ua`, `by`, `kz` or `other`. */
	country: string,
	/** Days written with slashes begin with the month. */
	month_first: boolean,
};

/** Why a person sees a client. */
export type Reason = {
	/** `responsible`, `substitute`, `assigned`, `supervisor`, `admin` … */
	reason: string,
	/** Whom he stands in for. */
	person: Person | null,
	/** Until when, if it ends by itself. */
	until: string | null,
	/** `read`, `add` or `write`: how much it lets the person do. */
	level: Access,
	/** For `supervisor`: from the client's department up to the one this person supervises, by name. */
	departments: Array<string>,
	/** For `assigned`: the interactions. */
	interactions: Array<AssignedReason>,
};

/** Names a receipt. */
export type ReceiptKey = {
	/** The receipt. */
	id: number,
};

/** A receipt: what became of one of one's own edits that was not simply taken in (OFF-1). */
export type ReceiptView = {
	/** To forget it. */
	id: number,
	/** The edit's item in the outbox, while it is there. */
	item: string | null,
	/** The record. */
	record: RecordId,
	/** Its kind. */
	kind: string,
	/** Its name, while this device knows it. */
	title: string,
	/** The client, while it is on this device. */
	client: Reference | null,
	/** `edit` or `create`. */
	what: string,
	/** When it was saved, by this device's clock. */
	made_at: string,
	/** When it came to this. */
	at: string | null,
	/** What became of it. */
	fate: Fate,
	/** Why it was refused: an error code; empty otherwise. */
	code: string,
	/** Keys of the fields changed. */
	keys: Array<string>,
	/** What was typed, while it is kept. */
	fields: { [key in string]: Shown },
	/** How the person's access had ended, where that is the reason. */
	ended: AccessEnded | null,
	/** Who decided. */
	answered_by: Person | null,
	/** When. */
	answered_at: string | null,
	/** Fields whose values the decider took over by hand. */
	picked: Array<string>,
};

/** A record's history, the latest change first. */
export type RecordHistory = {
	/** How many changes fit what was asked for. */
	total: number,
	/** Those asked for. */
	steps: Array<HistoryStep>,
	/** Fields that were ever changed, in the order of the form. */
	fields: Array<string>,
	/** Colleagues who ever changed something. */
	people: Array<Person>,
};

/** Asks for a record's history. */
export type RecordHistoryRequest = {
	/** Kind key. */
	kind: string,
	/** The record. */
	id: RecordId,
	/** Only changes of this field. */
	field?: string | null,
	/** Only changes by this person. */
	person?: UserId | null,
	/** Changes to skip, from the latest back. */
	offset: number,
	/** Changes wanted, at most 500. */
	limit: number,
};

/** A record of any kind. A client's home carries the id of the client's record. */
export type RecordId = string;

/** Names a record. */
export type RecordKey = {
	/** Its kind. */
	kind: string,
	/** Its id. */
	id: RecordId,
};

/** A record as it was, beside what it is now. */
export type RecordThen = {
	/** Its fields then. */
	then: { [key in string]: Shown },
	/** Its fields now. */
	now: { [key in string]: Shown },
	/** Fields in which the two differ, in the order of the form. */
	differing: Array<string>,
	/** It lay in the trash then. */
	was_trashed: boolean,
	/** This person may put values back. */
	may_edit: boolean,
};

/** Asks for a record as it was. */
export type RecordThenRequest = {
	/** Kind key. */
	kind: string,
	/** The record. */
	id: RecordId,
	/** After this change. */
	change: string,
};

/** A whole record. */
export type RecordView = {
	/** What this person may do. */
	access: Access,
	/** Field keys edited here and not acknowledged. */
	unsent_fields: Array<string>,
	/** Fields with competing values. */
	reviews: Array<Review>,
	/** True once somebody put it in the trash. */
	trashed: boolean,
	/** The client it belongs to lies in the trash, and this with him. */
	client_trashed: boolean,
	/** When it was made, by its maker's clock. */
	created_at: string | null,
	/** What looks wrong in its values. */
	warnings: Array<FieldWarning>,
	/** For clients: the one it is, or is to become, a part of. */
	merged_into: MergedClient | null,
	/** For clients: those that are part of it. */
	merged: Array<MergedClient>,
	/** The record. */
	id: RecordId,
	/** Its kind. */
	kind: string,
	/** Its name. */
	title: string,
	/** The client it belongs to, if any. */
	client: Reference | null,
	/** All declared fields that have a value. */
	fields: { [key in string]: Shown },
	/** Not acknowledged by the server yet. */
	unsent: boolean,
	/** Fields with competing values. */
	n_reviews: number,
	/** For clients: somebody stands in for the person responsible. */
	cover: Cover | null,
	/** Which of the request's marks hold, by their place there. */
	marks: Array<number>,
};

/** Names several records. */
export type Records = {
	/** The records. */
	records: Array<RecordKey>,
};

/** A pointer to a record or a colleague, with the words to show. */
export type Reference = {
	/** Id of the record or user. */
	id: string,
	/** Name to show; empty when this device does not know it. */
	title: string,
};

/** A part of an order that cannot be done. */
export type RefusedItem = {
	/** The client or interaction. */
	record: RecordId,
	/** Its name here. */
	title: string,
	/** Why: an error code. */
	code: string,
	/** For `changed_meanwhile_by_office`: who was expected to have it and who has it. */
	clash: Clash | null,
};

/** What an order would do. */
export type Rehearsal = {
	/** `None` where the server answered; otherwise the time the device's knowledge is from. */
	as_of: string | null,
	/** Clients touched. */
	clients: Array<Reference>,
	/** Open interactions that go along. */
	n_interactions: number,
	/** Who loses, who gains. */
	people: Array<Effect>,
	/** Items that cannot be done, with the reason's code. */
	refused: Array<RefusedItem>,
};

/** Asks what an order would do; the server is asked where it can be reached, this device answers otherwise. */
export type RehearseOrder = {
	/** The order. */
	order: Order,
};

/** Records that belong to another one in one way. */
export type Related = {
	/** Their kind. */
	kind: string,
	/** The field in which they name it; `None` where they live under it. */
	field: string | null,
	/** How many there are. */
	total: number,
	/** The first of them, by title. */
	rows: Array<Row>,
};

/** What was taken out of the trash. */
export type Restored = {
	/** How many records. */
	n: number,
	/** Those that stay: not here any more, or not this person's to edit. */
	left: Array<RecordId>,
};

/** A field with competing values (OFF-4). */
export type Review = {
	/** The record. */
	id: RecordId,
	/** Its kind. */
	kind: string,
	/** Its name. */
	title: string,
	/** Its client, if any. */
	client: Reference | null,
	/** The field. */
	field: string,
	/** The entry, where the field is a collection. */
	entry: EntryId | null,
	/** All values, the one shown meanwhile first. */
	values: Array<Competing>,
};

/** A record as a list shows it. */
export type Row = {
	/** The record. */
	id: RecordId,
	/** Its kind. */
	kind: string,
	/** Its name. */
	title: string,
	/** The client it belongs to, if any. */
	client: Reference | null,
	/** All declared fields that have a value. */
	fields: { [key in string]: Shown },
	/** Not acknowledged by the server yet. */
	unsent: boolean,
	/** Fields with competing values. */
	n_reviews: number,
	/** For clients: somebody stands in for the person responsible. */
	cover: Cover | null,
	/** Which of the request's marks hold, by their place there. */
	marks: Array<number>,
};

/** Answer to every write: it is on this device's disk. */
export type Saved = {
	/** The record written; for a client its id. */
	id: RecordId,
	/** The group that waits to be sent; `None` in local-only use. */
	group: GroupId | null,
	/** The action it is taken back by; `None` where nothing changed. */
	action: number | null,
};

/** A saved view. */
export type SavedView = {
	/** The view as a record. */
	row: Row,
	/** The department it is shared with; `None` for a personal one. */
	department: Reference | null,
	/** What this person may do with it. */
	access: Access,
};

/** Whose records a list shows (C-082). "All" is all that the server lets this person see. */
export type Scope = "mine" | "all" | "staff";

/** Words to look for. */
export type Search = {
	/** As typed so far. */
	text: string,
	/** At most this many. */
	limit: number,
};

/** Makes a record everybody of a department sees, of a kind that may be shared. */
export type Share = {
	/** Kind key. */
	kind: string,
	/** The department; the person must supervise it. */
	department: DepartmentId,
	/** Values. */
	fields: { [key in string]: Shown },
};

/** A field's value as the interface reads and writes it. Text, notes, choices, phones, mails, days and instants are strings; a collection is a list of entries; a reference carries the title to show. */
export type Shown = null | boolean | number | string | Array<Entry> | Reference;

/** Proves the password again after the tokens ended. */
export type SignIn = {
	/** The person's password. */
	password: string,
};

/** A client that looks like it. */
export type SimilarClient = {
	/** The client. */
	client: Reference,
	/** His town; empty where nobody said. */
	city: string,
	/** Who is responsible. */
	responsible: Person | null,
	/** Why, the strongest reason first. */
	reasons: Array<Alikeness>,
	/** This person may make one of the two. */
	may_merge: boolean,
};

/** One key of the order. */
export type SortBy = {
	/** Field key; also `title`, `created_at`, and those of [`Test::field`]. */
	field: string,
	/** Greatest first; rows without a value stand last either way. */
	descending: boolean,
};

/** Starts without a server. */
export type StartLocal = {
	/** The person's name. */
	name: string,
	/** Protects the database where there is no key store. */
	passphrase: string | null,
};

/** Where the app stands; everything the frame needs. */
export type Status = {
	/** What the first screen must be. */
	phase: Phase,
	/** The person at this device, once known. */
	me: Person | null,
	/** Name of the organisation; empty in local-only use. */
	organisation: string,
	/** This device's name. */
	device: string,
	/** True where the app works without a server. */
	local_only: boolean,
	/** `en`, `ru` or `uk`. */
	language: string,
	/** `system`, `light` or `dark`. */
	theme: string,
	/** The product's version. */
	version: string,
	/** State of sync for the badge. */
	sync: SyncStatus,
	/** Fields with competing values on this device. */
	n_reviews: number,
	/** Late edits of others that wait for this person's decision. */
	n_proposals: number,
	/** Pairs of clients of this person's people that may have been made twice. */
	n_twins: number,
	/** Notices not dismissed yet. */
	n_notices: number,
	/** Days this device may be out of contact before it locks itself; 0 in local-only use. */
	lease_days: number,
	/** How far looking this device over is, in hundredths; `null` while it is not. */
	checking: number | null,
};

/** The badge's states. */
export type SyncState = "synced" | "syncing" | "offline" | "attention" | "locked" | "local_only";

/** State of sync, for the badge and its panel. */
export type SyncStatus = {
	/** Which of the badge's states it is. */
	state: SyncState,
	/** When the server last acknowledged everything. */
	synced_at: string | null,
	/** Last time the server answered at all. */
	contact_at: string | null,
	/** Records received in the running first sync or large grant. */
	n_done: number,
	/** Records announced for it; 0 when no plan is running. */
	n_planned: number,
	/** Groups and orders not acknowledged. */
	n_waiting: number,
	/** Items somebody has to look at. */
	n_attention: number,
	/** Error code of the last failed attempt; empty when it went well. */
	last_error: string,
};

/** What became of taking an item back. */
export type TakenBack = {
	/** What of the edits along with an order stays as it is. */
	kept: Array<KeptValue>,
};

/** Where a column goes. */
export type Target = {
	/** The kind of the record it belongs to: the one imported, or one that comes along in the same row. */
	kind: string,
	/** The field, or one of [`ID`], [`UID`], [`LINES`], [`LABEL`], [`SURNAME`], [`FIRST`], [`PATRONYMIC`]. */
	field: string,
	/** What entries of a collection are for: `work`, `mobile` …; empty where nobody said. */
	label: string,
};

/** A person as the Team screen shows him. */
export type TeamRow = {
	/** The person. */
	person: Person,
	/** Clients he is responsible for. */
	n_clients: number,
	/** Open interactions assigned to him. */
	n_open: number,
	/** Of those overdue. */
	n_overdue: number,
	/** Interactions held in the last seven days. */
	n_held: number,
	/** His devices as last known here. */
	devices: Array<DeviceRow>,
};

/** Whether two clients are not the same. */
export type TellApart = {
	/** One of them. */
	one: RecordId,
	/** The other one. */
	other: RecordId,
	/** False takes it back. */
	apart: boolean,
};

/** One test of one field. Besides the fields of the kind: `id`, `created_at`, `client` and `client.<field>` of what lives under a client, `<field>.department` of a field that names a colleague, `class` of interactions (`overdue`, `current`, `planned`, `closed`). */
export type Test = {
	/** Field key. */
	field: string,
	/** What must hold. */
	op: Op,
	/** Compared with; days and instants as text, and a day stands for the whole of it. Colleagues also as `me`, `my_department`, `my_staff`, departments as `mine`. For `during` see there. */
	value: string,
	/** For `one_of` and `none_of` all of them, for `between` the first and the last. */
	values?: Array<string>,
};

/** A text to show or copy. */
export type TextBody = {
	/** The text. */
	text: string,
};

/** A piece of a long text as a change left it. */
export type TextPiece = {
	/** What the change did to it. */
	what: PieceKind,
	/** The text; of what stays only what stands near a change. */
	text: string,
};

/** The start screen. */
export type Today = {
	/** Due before now and not done. */
	overdue: Array<InteractionRow>,
	/** Due today. */
	current: Array<InteractionRow>,
	/** The next ones, at most 50. */
	planned: Array<InteractionRow>,
	/** How many are planned in all. */
	n_planned: number,
	/** Clients not seen for long, for a day with nothing planned. */
	forgotten: Array<Row>,
	/** Whom the person at this device stands in for, now and soon. */
	covers: Array<CoverLine>,
	/** The moment the classes were computed for. */
	now: string,
};

/** Asks for the start screen. */
export type TodayRequest = {
	/** Somebody else's, for supervisors; `None` for one's own. */
	user?: UserId | null,
	/** IANA name of the viewer's time zone. */
	zone: string,
};

/** What changed, so that the interface asks again. */
export type Topic = "status" | { "kind": string } | { "record": RecordId } | "office" | "outbox" | "imports";

/** Puts many records into the trash, or takes them out. */
export type TrashMany = {
	/** Kind key. */
	kind: string,
	/** The records. */
	ids: Array<RecordId>,
	/** Into the trash, or out of it. */
	trashed: boolean,
	/** Only say what would change. */
	rehearse?: boolean | null,
};

/** One page of the trash, the last thing first. */
export type TrashPage = {
	/** How many there are in all. */
	total: number,
	/** Those asked for. */
	rows: Array<TrashRow>,
};

/** Asks for what lies in the trash. */
export type TrashRequest = {
	/** Only this kind. */
	kind?: string | null,
	/** Part of the name; empty for all. */
	text: string,
	/** Rows to skip. */
	offset: number,
	/** Rows wanted, at most 500. */
	limit: number,
};

/** A record in the trash. */
export type TrashRow = {
	/** The record. */
	id: RecordId,
	/** Its kind. */
	kind: string,
	/** Its name. */
	title: string,
	/** The client it belongs to, if any. */
	client: Reference | null,
	/** When it was put there, by that device's clock. */
	at: string | null,
	/** Who did it. */
	person: Person | null,
	/** Of a client: records that belong to it, are out of sight with it and come back with it. */
	n_under: number,
};

/** One of the two. */
export type TwinClient = {
	/** The client. */
	client: Reference,
	/** His town; empty where nobody said. */
	city: string,
	/** His address in it. */
	address: string,
	/** His own phones, as typed. */
	phones: Array<string>,
	/** His own mail addresses. */
	emails: Array<string>,
	/** Who is responsible. */
	responsible: Person | null,
	/** When it was made, by its maker's clock. */
	created_at: string | null,
	/** How many records of which kind live under it; those in the trash left out. */
	under: { [key in string]: number },
};

/** Two clients that may be one. */
export type TwinPair = {
	/** The one made first, as far as this device knows. */
	one: TwinClient,
	/** The other one. */
	other: TwinClient,
	/** What they have in common, the strongest reason first. */
	reasons: Array<TwinReason>,
	/** This person may make one of them. */
	may_merge: boolean,
};

/** One thing two clients have in common. */
export type TwinReason = {
	/** What it is. */
	why: Alikeness,
	/** The number, phone or address as people read it; empty for names. */
	value: string,
};

/** Clients of one's people that may have been made twice. */
export type Twins = {
	/** How many pairs there are in all. */
	total: number,
	/** The first of them, those with the strongest reasons first. */
	pairs: Array<TwinPair>,
};

/** Which actions to take back. */
export type UndoActions = {
	/** As the writes named them; none for the last one. */
	actions?: Array<number>,
};

/** What became of taking the last action back. */
export type Undone = {
	/** What it was. */
	what: UndoneAction,
	/** The first record it was about. */
	record: RecordKey | null,
	/** Its name. */
	title: string,
	/** How many records were taken back, wholly or in part. */
	n_records: number,
	/** What stays as it is. */
	kept: Array<KeptValue>,
	/** The order that is to be taken back by an order of its own. */
	command: CommandId | null,
};

/** What a person did. */
export type UndoneAction = "nothing" | "create" | "edit" | "trash" | "restore" | "order";

/** How many days fall together in a group. */
export type Unit = "day" | "week" | "month" | "year";

/** Opens a database that is wrapped with a passphrase. */
export type Unlock = {
	/** The passphrase. */
	passphrase: string,
};

/** A device of somebody who leaves. */
export type UnsettledDevice = {
	/** The device. */
	id: DeviceId,
	/** Its name. */
	name: string,
	/** Last contact with the server. */
	contact_at: string | null,
	/** Edits it had not sent then. */
	n_unsent: number,
	/** Homes it has not purged. */
	n_purges: number,
};

/** A colleague. */
export type UserId = string;

/** Why an item has not been acknowledged. */
export type Waiting = "not_sent" | "depends_on" | "needs_confirmation" | "refused" | "set_aside";

/** What may be wrong with an identifier. */
export type WarningCode = "wrong_length" | "wrong_form" | "wrong_check_digit" | "unknown_phone";

/** How a device is emptied. */
export type Wipe = {
	/** What was not sent goes to the tray of late edits first. */
	rescue: boolean,
	/** Seconds in which it can be taken back. */
	after_seconds: number,
};

/** An order to empty a device, and how far that is. */
export type WipeRow = {
	/** What was not sent goes to the tray of late edits first. */
	rescue: boolean,
	/** Not before this; until then it can be taken back. */
	due: string,
	/** When the device had sent what it had not sent before. */
	rescued_at: string | null,
	/** When the device said that it is empty. */
	done_at: string | null,
};

/** Codes of everything that can go wrong; each has words in every language. */
export type Code = 'bad_argument' | 'no_such_command' | 'internal' | 'not_found' | 'not_allowed' | 'changed_meanwhile' | 'changed_meanwhile_by_office' | 'not_ready' | 'locked' | 'wrong_passphrase' | 'passphrase_needed' | 'passphrase_too_short' | 'password_too_short' | 'wrong_password' | 'link_malformed' | 'link_used' | 'link_expired' | 'link_unknown' | 'wrong_server' | 'offline' | 'signed_out' | 'revoked' | 'protocol_too_old' | 'server_held' | 'too_large' | 'malformed' | 'refused_malformed' | 'too_many_requests' | 'unsent_edits' | 'key_missing' | 'key_store_unavailable' | 'damaged' | 'database_newer' | 'record_damaged' | 'disk_full' | 'disk_failed' | 'already_enrolled' | 'required' | 'bad_value' | 'too_late' | 'wiped' | 'erased' | 'lease_over' | 'nothing_to_do' | 'person_inactive' | 'already_decided' | 'cannot_undo' | 'done_meanwhile' | 'absence_period' | 'absence_overlaps' | 'absence_changed' | 'dismissal_open_items' | 'dismissal_unsent_edits' | 'no_access' | 'read_only' | 'missing_dependencies' | 'maybe_sent' | 'depends_on' | 'stale_generation' | 'import_running' | 'file_unreadable' | 'file_other_workbook' | 'unknown_kind';

/** Keys of the record kinds. */
export type KindKey = 'client' | 'person' | 'legal_entity' | 'entity_link' | 'interaction' | 'business_region' | 'client_category' | 'saved_view' | 'home_tile' | 'custom_field' | 'distinction';

/** Keys of the fields of each kind. */
export type FieldKeys = {
	client: 'name' | 'status' | 'category' | 'region' | 'responsible' | 'phones' | 'emails' | 'website' | 'city' | 'address' | 'is_client' | 'is_supplier' | 'is_other' | 'source' | 'contact_every' | 'note' | 'foreign_ids' | 'card_lines' | 'last_contact' | 'next_contact';
	person: 'name' | 'position' | 'role' | 'phones' | 'emails' | 'birthday' | 'note' | 'foreign_ids' | 'card_lines';
	legal_entity: 'registered_name' | 'entity_kind' | 'country' | 'tax_number' | 'registry_number' | 'branch_number' | 'legal_address' | 'account' | 'note';
	entity_link: 'partner' | 'legal_entity' | 'main';
	interaction: 'channel' | 'state' | 'subject' | 'description' | 'starts_at' | 'ends_at' | 'assigned' | 'outcome' | 'result' | 'next_contact' | 'persons' | 'contactor' | 'effort' | 'purpose' | 'previous';
	business_region: 'name';
	client_category: 'name' | 'contact_every';
	saved_view: 'name' | 'of' | 'layout' | 'scope' | 'columns' | 'sort' | 'grouping' | 'conditions' | 'appearance' | 'by' | 'pinned' | 'place';
	home_tile: 'what' | 'view' | 'size' | 'place' | 'shown';
	custom_field: 'name' | 'of' | 'type' | 'target' | 'choices' | 'name_en' | 'name_ru' | 'name_uk' | 'required' | 'in_list' | 'search' | 'personal' | 'place' | 'archived';
	distinction: 'pair' | 'apart';
};

/** The commands of the host. */
export const commands = {
	/** Where the app stands: first screen, badge, counts. */
	status: () => call<Status>('status', {}),
	/** Enrols this device with a link and a password, makes the database and starts the first sync. */
	enrol: (argument: Enrol) => call<Status>('enrol', argument),
	/** Starts without a server. */
	startLocal: (argument: StartLocal) => call<Status>('start_local', argument),
	/** Opens a database that is wrapped with a passphrase. */
	unlock: (argument: Unlock) => call<Status>('unlock', argument),
	/** Proves the password after the tokens ended. */
	signIn: (argument: SignIn) => call<Status>('sign_in', argument),
	/** Forgets the tokens; refused while edits are not sent. */
	signOut: () => call<Status>('sign_out', {}),
	/** Changes language or theme. */
	changeSettings: (argument: ChangeSettings) => call<Status>('change_settings', argument),
	/** Makes a link for the person's next device; needs the server. */
	addDevice: () => call<DeviceLink>('add_device', {}),
	/** Starts a sync now and answers at once. */
	syncNow: () => call<SyncStatus>('sync_now', {}),
	/** All record kinds with fields and words. */
	declarations: (argument: Language) => call<Declarations>('declarations', argument),
	/** A window of a list. */
	list: (argument: ListRequest) => call<ListPage>('list', argument),
	/** The groups of a list, with counts and sums. */
	listGroups: (argument: ListRequest) => call<ListGroups>('list_groups', argument),
	/** The ids of all rows of a list. */
	listIds: (argument: ListRequest) => call<Array<RecordId>>('list_ids', argument),
	/** The saved views this person sees. */
	savedViews: () => call<Array<SavedView>>('saved_views', {}),
	/** Makes a record everybody of a department sees. */
	share: (argument: Share) => call<Saved>('share', argument),
	/** Sets one field of many records, or says what that would change. */
	editMany: (argument: EditMany) => call<EditedMany>('edit_many', argument),
	/** Puts many records into the trash or takes them out. */
	trashMany: (argument: TrashMany) => call<EditedMany>('trash_many', argument),
	/** How complete the contact details of clients are, by person responsible; remembers which are wanted. */
	detailsReport: (argument: DetailsWanted) => call<DetailsReport>('details_report', argument),
	/** Clients that lack contact details, with what they lack. */
	detailsGaps: (argument: DetailsGapsRequest) => call<DetailsGaps>('details_gaps', argument),
	/** Plans an interaction for those responsible for clients that lack details, or says what that would do. */
	askDetails: (argument: AskDetails) => call<DetailsAsked>('ask_details', argument),
	/** Takes back what asking for details did. */
	takeDetailsBack: (argument: DetailsAsked) => call<EditedMany>('take_details_back', argument),
	/** One whole record. */
	record: (argument: RecordKey) => call<RecordView>('record', argument),
	/** What belongs to a record, by kind and by the field that names it. */
	related: (argument: RecordKey) => call<Array<Related>>('related', argument),
	/** Makes a record. */
	create: (argument: Create) => call<Saved>('create', argument),
	/** Edits fields of a record. */
	edit: (argument: Edit) => call<Saved>('edit', argument),
	/** Puts a record into the trash. */
	trash: (argument: RecordKey) => call<Saved>('trash', argument),
	/** Takes a record out of the trash. */
	restore: (argument: RecordKey) => call<Saved>('restore', argument),
	/** What lies in the trash, of every kind, the last thing first. */
	trashBin: (argument: TrashRequest) => call<TrashPage>('trash_bin', argument),
	/** Takes several records out of the trash; those that cannot be are named. */
	restoreMany: (argument: Records) => call<Restored>('restore_many', argument),
	/** Takes this person's last action back, or those named, where nothing has changed since. */
	undo: (argument: UndoActions) => call<Undone>('undo', argument),
	/** What a record went through: who changed what, when, on which device. */
	recordHistory: (argument: RecordHistoryRequest) => call<RecordHistory>('record_history', argument),
	/** A record as it was after a change, beside what it is now. */
	recordThen: (argument: RecordThenRequest) => call<RecordThen>('record_then', argument),
	/** Gives fields the values they had after a change, as a new edit. */
	putBack: (argument: PutBack) => call<Saved>('put_back', argument),
	/** Settles a field with competing values. */
	choose: (argument: Choose) => call<Saved>('choose', argument),
	/** All fields with competing values. */
	reviews: () => call<Array<Review>>('reviews', {}),
	/** Finds records by any part of their text. */
	search: (argument: Search) => call<Array<Hit>>('search', argument),
	/** Places of the texts that answer what was typed, by the same rules, the best first. */
	matchTexts: (argument: MatchTexts) => call<Array<number>>('match_texts', argument),
	/** Notes that a record was opened on this device. */
	noteOpened: (argument: RecordKey) => call<Nothing>('note_opened', argument),
	/** Records opened on this device lately, the last one first. */
	recentRecords: () => call<Array<Hit>>('recent_records', {}),
	/** Whose phone a number is. */
	whoCalls: (argument: CallingNumber) => call<Caller>('who_calls', argument),
	/** A number as people read it, and whether any country has it. */
	readPhone: (argument: CallingNumber) => call<PhoneRead>('read_phone', argument),
	/** Makes a client with its legal entity. */
	createClient: (argument: CreateClient) => call<Saved>('create_client', argument),
	/** Links a client with a legal entity, one that is here or a new one. */
	linkLegalEntity: (argument: LinkLegalEntity) => call<Saved>('link_legal_entity', argument),
	/** Has one of a client's legal entities stand first. */
	leadLegalEntity: (argument: ClientEntity) => call<Saved>('lead_legal_entity', argument),
	/** Takes a legal entity from a client; it stays with its others. */
	unlinkLegalEntity: (argument: ClientEntity) => call<Saved>('unlink_legal_entity', argument),
	/** Clients on this device that look like one about to be made. */
	similarClients: (argument: LikeClient) => call<Array<SimilarClient>>('similar_clients', argument),
	/** Clients on this device that are known by something this one is known by, too. */
	alikeClients: (argument: ClientKey) => call<Array<SimilarClient>>('alike_clients', argument),
	/** Clients of one's people that may have been made twice. */
	twins: () => call<Twins>('twins', {}),
	/** Says that two clients are not the same, or takes that back. */
	tellApart: (argument: TellApart) => call<Saved>('tell_apart', argument),
	/** Clients side by side, with what a merge would make of each field. */
	compareClients: (argument: CompareClients) => call<Comparison>('compare_clients', argument),
	/** Makes one client of several; taken back by an order. */
	mergeClients: (argument: MergeClients) => call<CommandView>('merge_clients', argument),
	/** Everything a client's card shows at first sight. */
	clientCard: (argument: ClientKey) => call<ClientCard>('client_card', argument),
	/** Why this person sees a client. */
	whyClient: (argument: ClientKey) => call<Array<Reason>>('why_client', argument),
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
	/** What looks wrong in values as typed: tax numbers, accounts; never blocks anything. */
	checkFields: (argument: CheckFields) => call<Array<FieldWarning>>('check_fields', argument),
	/** All colleagues. */
	people: () => call<Array<Person>>('people', {}),
	/** What an order would do. */
	rehearse: (argument: RehearseOrder) => call<Rehearsal>('rehearse', argument),
	/** Gives an order; it is applied in order at the next contact. */
	giveOrder: (argument: GiveOrder) => call<CommandView>('give_order', argument),
	/** Hands several planned interactions over to a colleague, an order each, or says what that would do. */
	handOverMany: (argument: HandOverMany) => call<HandedOver>('hand_over_many', argument),
	/** Orders given here, latest first. */
	orders: () => call<Array<CommandView>>('orders', {}),
	/** Who is away, who stands in, until when, as far as it is this person's business. */
	absences: () => call<Array<AbsenceRow>>('absences', {}),
	/** Who could stand in for somebody: a proposal to be changed by hand; works offline. */
	proposeCover: (argument: ProposeCover) => call<CoverProposal>('propose_cover', argument),
	/** What stands in the way of finishing a dismissal. */
	dismissal: (argument: AbsenceKey) => call<DismissalState>('dismissal', argument),
	/** The people a supervisor looks after, with their load. */
	team: () => call<Array<TeamRow>>('team', {}),
	/** The devices this person may see. */
	devices: () => call<Array<DeviceRow>>('devices', {}),
	/** Late edits that wait for this person's decision. */
	proposals: () => call<Array<ProposalRow>>('proposals', {}),
	/** Takes single values over from a late edit and leaves the rest of it out. */
	pickValues: (argument: PickValues) => call<CommandView>('pick_values', argument),
	/** What became of one's own edits that were not simply taken in. */
	receipts: () => call<Array<ReceiptView>>('receipts', {}),
	/** Forgets a receipt whose matter is closed. */
	forgetReceipt: (argument: ReceiptKey) => call<Nothing>('forget_receipt', argument),
	/** What is not sent, and why; of what merely waits the first 500. */
	outbox: () => call<Array<OutboxItem>>('outbox', {}),
	/** Sends an item again. */
	retryItem: (argument: OutboxKey) => call<Nothing>('retry_item', argument),
	/** Confirms an order that was sent back, as the server would carry it out now. */
	confirmItem: (argument: OutboxKey) => call<Nothing>('confirm_item', argument),
	/** Takes an item back. */
	withdrawItem: (argument: OutboxKey) => call<TakenBack>('withdraw_item', argument),
	/** What the person must be told. */
	notices: () => call<Array<Notice>>('notices', {}),
	/** Dismisses a notice. */
	dismissNotice: (argument: NoticeKey) => call<Nothing>('dismiss_notice', argument),
	/** Keeps half-typed text over a kill. */
	saveDraft: (argument: Draft) => call<Nothing>('save_draft', argument),
	/** Gives half-typed text back. */
	draft: (argument: DraftKey) => call<Draft>('draft', argument),
	/** Looks file, records and views of this device over and puts right what can be. */
	checkDevice: () => call<DeviceCheck>('check_device', {}),
	/** Makes a new database of what can be read of a damaged one; the rest is fetched from the server. */
	rescueDevice: () => call<DeviceRescue>('rescue_device', {}),
	/** Opens a file to be imported; its bytes follow in pieces. */
	importOpen: (argument: ImportOpen) => call<ImportState>('import_open', argument),
	/** Takes a piece of the file. */
	importPiece: (argument: ImportPiece) => call<Nothing>('import_piece', argument),
	/** Says what is in a file and proposes where its columns go. */
	importLook: (argument: ImportLook) => call<ImportPreview>('import_look', argument),
	/** Goes through all rows without writing anything; answers at once. */
	importCheck: (argument: ImportPlan) => call<ImportState>('import_check', argument),
	/** Writes all rows as they were tried last; answers at once. */
	importRun: (argument: ImportKey) => call<ImportState>('import_run', argument),
	/** Stops the import at work; what was written stays. */
	importStop: (argument: ImportKey) => call<ImportState>('import_stop', argument),
	/** Where an import stands. */
	importState: (argument: ImportKey) => call<ImportState>('import_state', argument),
	/** The imports remembered on this device. */
	imports: () => call<Array<ImportState>>('imports', {}),
	/** Rows that were not taken, or would not be. */
	importRejects: (argument: ImportRejects) => call<Array<ImportFault>>('import_rejects', argument),
	/** A table of the rows that were not taken, each with the reason. */
	importRejectFile: (argument: ImportRejectFile) => call<FileMade>('import_reject_file', argument),
	/** Takes an import back, updates included, wherever its values still stand; answers at once. */
	importUndo: (argument: ImportKey) => call<ImportState>('import_undo', argument),
	/** Forgets an import and how to take it back. */
	importForget: (argument: ImportKey) => call<Nothing>('import_forget', argument),
	/** Makes a file of a list as it is shown. */
	export: (argument: ExportRequest) => call<FileMade>('export', argument),
	/** Makes an archive of everything this person holds here. */
	exportAll: () => call<FileMade>('export_all', {}),
	/** A piece of a file that was made. */
	filePiece: (argument: FilePieceRequest) => call<FilePiece>('file_piece', argument),
	/** Versions, counts and sync errors for support; no personal data. */
	diagnostics: () => call<TextBody>('diagnostics', {})
};
