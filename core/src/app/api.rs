//! What goes in and out of the commands: plain values, typed to TypeScript. No rule lives here.
//!
//! Instants are RFC 3339 in UTC, days are `YYYY-MM-DD`; words for people are never made here, only keys and
//! values the interface puts into words.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::domain::ids::*;

/// A field's value as the interface reads and writes it.
///
/// Text, notes, choices, phones, mails, days and instants are strings; a collection is a list of entries;
/// a reference carries the title to show.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(untagged)]
pub enum Shown {
    /// Nothing there.
    Empty,
    /// A yes or no.
    Bool(bool),
    /// A whole number.
    #[ts(type = "number")]
    Int(i64),
    /// Text, a choice's value, a day or an instant.
    Text(String),
    /// A collection; on input an entry without an id is a new one and an entry left out is untouched.
    Entries(Vec<Entry>),
    /// A record or a colleague; on input only the id is read.
    Reference(Reference),
}

/// One entry of a collection field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Entry {
    /// `None` on input makes a new entry.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub entry: Option<EntryId>,
    /// The value, e.g. the phone number as typed; for references the id.
    pub value: String,
    /// What the entry is for: `work`, `mobile` …; empty when nobody said.
    #[serde(default)]
    pub label: String,
    /// Title of the record or colleague a reference entry points at; output only.
    #[serde(default)]
    pub title: String,
    /// True on input takes the entry away.
    #[serde(default)]
    pub removed: bool,
}

/// A pointer to a record or a colleague, with the words to show.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Reference {
    /// Id of the record or user.
    pub id: String,
    /// Name to show; empty when this device does not know it.
    #[serde(default)]
    pub title: String,
}

/// Field keys and their values.
pub type Fields = BTreeMap<String, Shown>;

// ---------------------------------------------------------------- state of the app

/// Where the app stands; everything the frame needs.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Status {
    /// What the first screen must be.
    pub phase: Phase,
    /// The person at this device, once known.
    pub me: Option<Person>,
    /// Name of the organisation; empty in local-only use.
    pub organisation: String,
    /// This device's name.
    pub device: String,
    /// True where the app works without a server.
    pub local_only: bool,
    /// `en`, `ru` or `uk`.
    pub language: String,
    /// `system`, `light` or `dark`.
    pub theme: String,
    /// The product's version.
    pub version: String,
    /// State of sync for the badge.
    pub sync: SyncStatus,
    /// Fields with competing values on this device.
    pub n_reviews: u32,
    /// Late edits of others that wait for this person's decision.
    pub n_proposals: u32,
    /// Notices not dismissed yet.
    pub n_notices: u32,
}

/// What the first screen must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// No database yet: enrolment or "try without a server".
    New,
    /// There is a database and no key store: the passphrase is asked for.
    Passphrase,
    /// There is a database whose key the key store does not have. Never answered by a new database.
    KeyMissing,
    /// The database file cannot be read.
    Damaged,
    /// The tokens ended: work goes on, the password is asked for before the next sync.
    SignedOut,
    /// This device was revoked by the office.
    Revoked,
    /// Ready to work.
    Ready,
}

/// State of sync, for the badge and its panel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct SyncStatus {
    /// Which of the badge's states it is.
    pub state: SyncState,
    /// When the server last acknowledged everything.
    pub synced_at: Option<DateTime<Utc>>,
    /// Last time the server answered at all.
    pub contact_at: Option<DateTime<Utc>>,
    /// Records received in the running first sync or large grant.
    pub n_done: u32,
    /// Records announced for it; 0 when no plan is running.
    pub n_planned: u32,
    /// Groups and orders not acknowledged.
    pub n_waiting: u32,
    /// Items somebody has to look at.
    pub n_attention: u32,
    /// Error code of the last failed attempt; empty when it went well.
    pub last_error: String,
}

/// The badge's states.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SyncState {
    /// Everything acknowledged.
    Synced,
    /// At work now.
    Syncing,
    /// No server within reach; normal.
    Offline,
    /// Something wants a person.
    Attention,
    /// Locked: the password is needed before the next sync.
    Locked,
    /// Works without a server.
    LocalOnly,
}

/// A colleague as everybody may see him.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Person {
    /// The user's id.
    pub id: UserId,
    /// Full name.
    pub name: String,
    /// `rep`, `supervisor` or `admin`.
    pub role: String,
    /// His department.
    pub department: Option<DepartmentId>,
    /// Name of the department.
    pub department_name: String,
    /// False once he has left.
    pub active: bool,
}

/// Enrols this device.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Enrol {
    /// The link as pasted.
    pub link: String,
    /// Sets the password at the person's first enrolment, proves it at the later ones.
    pub password: String,
    /// What to call this device.
    pub device_name: String,
    /// Protects the database where there is no key store.
    #[serde(default)]
    pub passphrase: Option<String>,
}

/// Starts without a server.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct StartLocal {
    /// The person's name.
    pub name: String,
    /// Protects the database where there is no key store.
    #[serde(default)]
    pub passphrase: Option<String>,
}

/// Opens a database that is wrapped with a passphrase.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Unlock {
    /// The passphrase.
    pub passphrase: String,
}

/// Proves the password again after the tokens ended.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct SignIn {
    /// The person's password.
    pub password: String,
}

/// Changes what this device remembers about its looks; absent fields stay.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct ChangeSettings {
    /// `en`, `ru` or `uk`.
    #[ts(optional = nullable)]
    pub language: Option<String>,
    /// `system`, `light` or `dark`.
    #[ts(optional = nullable)]
    pub theme: Option<String>,
}

/// A link with which the signed-in person adds his next device.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct DeviceLink {
    /// To be pasted on the other device.
    pub link: String,
    /// When it stops working.
    pub expires_at: DateTime<Utc>,
}

/// A text to show or copy.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct TextBody {
    /// The text.
    pub text: String,
}

/// Half-typed text that must survive a kill.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Draft {
    /// Which form, e.g. `quick`.
    pub key: String,
    /// The form's own JSON; empty forgets it.
    pub text: String,
}

/// Names a draft.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct DraftKey {
    /// Which form.
    pub key: String,
}

// ---------------------------------------------------------------- declarations

/// Everything the interface knows about record kinds, in one language.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Declarations {
    /// The language of the labels.
    pub language: String,
    /// The kinds.
    pub kinds: Vec<KindDeclared>,
}

/// A record kind with its words.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct KindDeclared {
    /// The kind's key.
    pub key: String,
    /// Singular.
    pub label: String,
    /// Plural, for lists.
    pub label_many: String,
    /// The field whose value names a record.
    pub title: String,
    /// True where records live under a client.
    pub under_client: bool,
    /// Fields in the order of the form.
    pub fields: Vec<FieldDeclared>,
}

/// A field with its words.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct FieldDeclared {
    /// The field's key.
    pub key: String,
    /// What people call it.
    pub label: String,
    /// `text`, `note`, `choice`, `phone`, `email`, `url`, `day`, `instant`, `bool`, `int`, `reference`, `user`.
    #[serde(rename = "type")]
    pub field_type: String,
    /// True for a collection of entries.
    pub many: bool,
    /// Forms want it filled.
    pub required: bool,
    /// Part of the list shown before anybody chose columns.
    pub in_list: bool,
    /// Stands among the folded facts on a phone.
    pub leading: bool,
    /// `document`, `authority` or `computed`; only `document` fields are edited in place.
    pub source: String,
    /// For references: the kind pointed at.
    pub target: String,
    /// For choices: values with their words.
    pub choices: Vec<ChoiceDeclared>,
}

/// A choice with its words.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ChoiceDeclared {
    /// What the document holds.
    pub value: String,
    /// What people read.
    pub label: String,
}

/// Asks for declarations in a language.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Language {
    /// `en`, `ru` or `uk`.
    pub language: String,
}

// ---------------------------------------------------------------- records

/// Whose records a list shows (C-082). "All" is all that the server lets this person see.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// The person is responsible (clients) or it is assigned to him (interactions).
    Mine,
    /// Everything on this device.
    #[default]
    All,
    /// The people of the departments he supervises.
    Staff,
}

/// One condition of a list.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Condition {
    /// Field key.
    pub field: String,
    /// What must hold.
    pub op: Op,
    /// Compared with; days and instants as text.
    #[serde(default)]
    pub value: String,
}

/// How a condition compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Op {
    /// Equal.
    Is,
    /// Different.
    IsNot,
    /// Contains, case and ё/е folded.
    Contains,
    /// Nothing there.
    Empty,
    /// Something there.
    Filled,
    /// Less or earlier.
    Before,
    /// Greater or later, or equal.
    From,
}

/// One key of the order.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct SortBy {
    /// Field key.
    pub field: String,
    /// Greatest first.
    #[serde(default)]
    pub descending: bool,
}

/// Asks for one page of a list.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ListRequest {
    /// Kind key.
    pub kind: String,
    /// Whose.
    #[serde(default)]
    pub scope: Scope,
    /// Only this client's records.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub client: Option<RecordId>,
    /// Only records of this person (responsible or assigned).
    #[serde(default)]
    #[ts(optional = nullable)]
    pub user: Option<UserId>,
    /// All must hold.
    #[serde(default)]
    pub conditions: Vec<Condition>,
    /// Words to find; empty for all.
    #[serde(default)]
    pub text: String,
    /// Order; empty means by title.
    #[serde(default)]
    pub sort: Vec<SortBy>,
    /// Rows to skip.
    #[serde(default)]
    pub offset: u32,
    /// Rows wanted, at most 500.
    pub limit: u32,
    /// Rows in the trash instead of the others.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub trashed: Option<bool>,
}

/// One page of a list.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ListPage {
    /// How many rows there are in all.
    pub total: u32,
    /// The rows asked for.
    pub rows: Vec<Row>,
}

/// A record as a list shows it.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Row {
    /// The record.
    pub id: RecordId,
    /// Its kind.
    pub kind: String,
    /// Its name.
    pub title: String,
    /// The client it belongs to, if any.
    pub client: Option<Reference>,
    /// All declared fields that have a value.
    pub fields: Fields,
    /// Not acknowledged by the server yet.
    pub unsent: bool,
    /// Fields with competing values.
    pub n_reviews: u32,
}

/// Names a record.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RecordKey {
    /// Its kind.
    pub kind: String,
    /// Its id.
    pub id: RecordId,
}

/// What the person may do with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// Read only.
    Read,
    /// Read and add new interactions.
    Add,
    /// Everything.
    Write,
}

/// A whole record.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RecordView {
    /// The row's part.
    #[serde(flatten)]
    pub row: Row,
    /// What this person may do.
    pub access: Access,
    /// Field keys edited here and not acknowledged.
    pub unsent_fields: Vec<String>,
    /// Fields with competing values.
    pub reviews: Vec<Review>,
    /// True once somebody put it in the trash.
    pub trashed: bool,
    /// When it was made, by its maker's clock.
    pub created_at: Option<DateTime<Utc>>,
    /// What looks wrong in its values.
    pub warnings: Vec<FieldWarning>,
}

/// A value that looks wrong; people may keep it (foreign, old and test numbers exist).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FieldWarning {
    /// The field.
    pub field: String,
    /// What is wrong with it.
    pub code: WarningCode,
}

/// What may be wrong with an identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum WarningCode {
    /// It has another number of characters.
    WrongLength,
    /// It has characters that cannot be there, or begins with impossible ones.
    WrongForm,
    /// The check digit does not agree: most likely a slip of the finger.
    WrongCheckDigit,
}

/// Values to look at before they are saved.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct CheckFields {
    /// Kind key.
    pub kind: String,
    /// All values the form holds.
    pub fields: Fields,
}

/// A field with competing values (OFF-4).
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Review {
    /// The record.
    pub id: RecordId,
    /// Its kind.
    pub kind: String,
    /// Its name.
    pub title: String,
    /// Its client, if any.
    pub client: Option<Reference>,
    /// The field.
    pub field: String,
    /// The entry, where the field is a collection.
    pub entry: Option<EntryId>,
    /// All values, the one shown meanwhile first.
    pub values: Vec<Competing>,
}

/// One of the competing values.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Competing {
    /// The value.
    pub value: Shown,
    /// Who typed it; empty when this device does not know.
    pub author: String,
    /// On which device.
    pub device: String,
    /// When, by that device's clock.
    pub at: Option<DateTime<Utc>>,
}

/// Makes a record.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Create {
    /// Kind key.
    pub kind: String,
    /// The client it belongs to, for kinds under a client.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub client: Option<RecordId>,
    /// Values.
    pub fields: Fields,
}

/// Edits a record: only the fields the person changed, with the values he saw (rule 5).
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Edit {
    /// Kind key.
    pub kind: String,
    /// The record.
    pub id: RecordId,
    /// Values the person saw in the fields he changed.
    pub seen: Fields,
    /// What he made of them.
    pub changed: Fields,
}

/// Settles one field with competing values by a new edit.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Choose {
    /// Kind key.
    pub kind: String,
    /// The record.
    pub id: RecordId,
    /// The field.
    pub field: String,
    /// The entry, where the field is a collection; the review names it.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub entry: Option<EntryId>,
    /// The value picked or typed; nothing, where an entry is to stay taken away.
    pub value: Shown,
}

/// Answer to every write: it is on this device's disk.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Saved {
    /// The record written; for a client its id.
    pub id: RecordId,
    /// The group that waits to be sent; `None` in local-only use.
    pub group: Option<GroupId>,
}

/// Makes a client together with its legal entity and the link between them.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct CreateClient {
    /// Fields of the client.
    pub client: Fields,
    /// Fields of the legal entity; the registered name defaults to the client's name.
    #[serde(default)]
    pub legal_entity: Fields,
}

/// Words to look for.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Search {
    /// As typed so far.
    pub text: String,
    /// At most this many.
    pub limit: u32,
}

/// What a search found.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Hit {
    /// The record that matches.
    pub id: RecordId,
    /// Its kind.
    pub kind: String,
    /// Its name.
    pub title: String,
    /// The client to open; the record itself where it is one.
    pub client: Option<Reference>,
    /// The piece of text that matched, unfolded; empty when the title did.
    pub snippet: String,
}

// ---------------------------------------------------------------- clients and interactions

/// Names a client.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ClientKey {
    /// The client's record.
    pub client: RecordId,
}

/// All a client's card shows at first sight.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ClientCard {
    /// The client's record.
    pub record: RecordView,
    /// Who is responsible.
    pub responsible: Option<Person>,
    /// Contact persons.
    pub persons: Vec<RecordView>,
    /// Legal entities, the main one first.
    pub legal_entities: Vec<RecordView>,
    /// Open interactions, soonest first.
    pub planned: Vec<InteractionRow>,
    /// What happened, latest first; the first page.
    pub history: Vec<InteractionRow>,
    /// How many interactions happened in all.
    pub n_history: u32,
    /// Why this person sees the client, strongest first.
    pub reasons: Vec<Reason>,
    /// A move of this client that waits to be sent or confirmed.
    pub pending_move: Option<PendingMove>,
}

/// A move of a client that is not applied yet.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct PendingMove {
    /// The order.
    pub command: CommandId,
    /// To whom.
    pub to: Person,
}

/// Why a person sees a client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Reason {
    /// `responsible`, `assigned`, `supervisor`, `creator`.
    pub reason: String,
    /// Until when, if it ends by itself.
    pub until: Option<DateTime<Utc>>,
}

/// Asks for a later page of a client's history.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct HistoryRequest {
    /// The client.
    pub client: RecordId,
    /// Rows to skip.
    pub offset: u32,
    /// Rows wanted.
    pub limit: u32,
}

/// One page of a client's history.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct HistoryPage {
    /// How many there are in all.
    pub total: u32,
    /// The rows.
    pub rows: Vec<InteractionRow>,
}

/// Event class of an open interaction (C-056, D-3); computed in the viewer's time zone, never stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum EventClass {
    /// Due before now and not done.
    Overdue,
    /// Due today or going on.
    Current,
    /// Later than today.
    Planned,
    /// Done or called off.
    Closed,
}

/// An interaction as lists, Today and the timeline show it.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct InteractionRow {
    /// The record.
    pub id: RecordId,
    /// `meeting`, `visit`, `call`, `email`, `sms`, `conference`, `open`, `other` …
    pub channel: String,
    /// `planned`, `held` or `cancelled`.
    pub state: String,
    /// Topic.
    pub subject: String,
    /// What is to be done.
    pub description: String,
    /// When it begins or was.
    pub starts_at: Option<DateTime<Utc>>,
    /// When it ends.
    pub ends_at: Option<DateTime<Utc>>,
    /// `reached`, `agreed`, `refused`, `call_back`, `other` or empty.
    pub outcome: String,
    /// What came of it.
    pub result: String,
    /// Day of the next contact agreed.
    pub next_contact: Option<NaiveDate>,
    /// Its class at the moment of asking.
    pub class: EventClass,
    /// The client.
    pub client: Option<Reference>,
    /// Contact persons.
    pub persons: Vec<Reference>,
    /// Who is to do it.
    pub assigned: Option<Person>,
    /// Who did it.
    pub contactor: Option<Person>,
    /// Hand-overs so far, oldest first.
    pub hand_overs: Vec<HandOverView>,
    /// A hand-over that waits to be sent or confirmed.
    pub pending_to: Option<Person>,
    /// Not acknowledged yet.
    pub unsent: bool,
    /// Fields with competing values.
    pub n_reviews: u32,
}

/// One page of interactions.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct InteractionPage {
    /// How many there are in all.
    pub total: u32,
    /// The rows.
    pub rows: Vec<InteractionRow>,
}

/// One hand-over of an interaction.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct HandOverView {
    /// From whom.
    pub from: Option<Person>,
    /// To whom.
    pub to: Option<Person>,
    /// Who said so.
    pub by: Option<Person>,
    /// When, by the server's clock.
    pub at: DateTime<Utc>,
    /// What he added.
    pub comment: String,
}

/// Asks for the start screen.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct TodayRequest {
    /// Somebody else's, for supervisors; `None` for one's own.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub user: Option<UserId>,
    /// IANA name of the viewer's time zone.
    pub zone: String,
}

/// The start screen.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Today {
    /// Due before now and not done.
    pub overdue: Vec<InteractionRow>,
    /// Due today.
    pub current: Vec<InteractionRow>,
    /// The next ones, at most 50.
    pub planned: Vec<InteractionRow>,
    /// How many are planned in all.
    pub n_planned: u32,
    /// Clients not seen for long, for a day with nothing planned.
    pub forgotten: Vec<Row>,
    /// The moment the classes were computed for.
    pub now: DateTime<Utc>,
}

/// Logs an interaction that has happened.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct LogInteraction {
    /// With whom.
    pub client: RecordId,
    /// Contact persons.
    #[serde(default)]
    pub persons: Vec<RecordId>,
    /// The channel.
    pub channel: String,
    /// Topic; may be empty.
    #[serde(default)]
    pub subject: String,
    /// A chip: `reached`, `agreed`, `refused`, `call_back`, `other`.
    pub outcome: String,
    /// What came of it, in words.
    #[serde(default)]
    pub result: String,
    /// When it was; `None` is now.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub at: Option<DateTime<Utc>>,
    /// The next contact.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub next: Option<NextContact>,
}

/// When and how to be in touch next.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct NextContact {
    /// The day.
    pub day: NaiveDate,
    /// The moment that day begins for the person; the plan is due on it.
    pub starts_at: DateTime<Utc>,
    /// The channel; `open` while undecided.
    pub channel: String,
}

/// Plans an interaction.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct PlanInteraction {
    /// With whom.
    pub client: RecordId,
    /// Contact persons.
    #[serde(default)]
    pub persons: Vec<RecordId>,
    /// The channel; `open` while undecided.
    pub channel: String,
    /// Topic.
    pub subject: String,
    /// What is to be done.
    #[serde(default)]
    pub description: String,
    /// When it begins.
    pub starts_at: DateTime<Utc>,
    /// When it ends.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub ends_at: Option<DateTime<Utc>>,
}

/// Notes what came of a planned interaction.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct NoteResult {
    /// The interaction.
    pub interaction: RecordId,
    /// The channel it really took; `None` keeps the planned one.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub channel: Option<String>,
    /// A chip.
    pub outcome: String,
    /// In words.
    #[serde(default)]
    pub result: String,
    /// The next contact.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub next: Option<NextContact>,
}

// ---------------------------------------------------------------- not sent, orders, team

/// Why an item has not been acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Waiting {
    /// No contact with the server since it was made.
    NotSent,
    /// Another item must go first.
    DependsOn,
    /// The world has changed: somebody must confirm or withdraw.
    NeedsConfirmation,
    /// The server refused it; its text can still be copied.
    Refused,
    /// Set aside: somebody else decides.
    SetAside,
}

/// An item of the "not sent" panel.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct OutboxItem {
    /// The group or command.
    pub id: String,
    /// `create`, `edit` or the command's name.
    pub what: String,
    /// Kind of the record written; empty for commands.
    pub kind: String,
    /// The record, to open it.
    pub record: Option<RecordId>,
    /// Title of the record, or how many things the command is about.
    pub title: String,
    /// When it was made.
    pub at: DateTime<Utc>,
    /// Why it waits.
    pub waiting: Waiting,
    /// Error code for refused items; empty otherwise.
    pub code: String,
    /// Field keys and values typed, for copying.
    pub fields: Fields,
    /// For commands: what was ordered.
    pub command: Option<CommandView>,
    /// For commands sent back: what the server would do now.
    pub found: Option<Rehearsal>,
}

/// Names an item of the outbox.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct OutboxKey {
    /// The group or command.
    pub id: String,
}

/// An order as a person gives it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "order", rename_all = "snake_case")]
pub enum Order {
    /// Redirects one planned interaction to a colleague (C-124).
    RedirectInteraction {
        /// The interaction.
        interaction: RecordId,
        /// To whom.
        to: UserId,
        /// What to tell him.
        #[serde(default)]
        comment: String,
    },
    /// Moves clients to a colleague for good (C-171).
    MoveClients {
        /// The clients.
        clients: Vec<RecordId>,
        /// To whom.
        to: UserId,
        /// `illness`, `holiday`, `dismissal`, `other`.
        reason: String,
    },
    /// Takes back an order applied earlier, item by item, where nothing changed since.
    Undo {
        /// The order to take back.
        command: CommandId,
    },
    /// Ends a device's rights.
    RevokeDevice {
        /// The device.
        device: DeviceId,
    },
    /// Takes a set-aside edit in, whole.
    AcceptProposal {
        /// The proposal.
        proposal: ProposalId,
    },
    /// Leaves a set-aside edit out.
    DeclineProposal {
        /// The proposal.
        proposal: ProposalId,
    },
}

/// Asks what an order would do; the server is asked where it can be reached, this device answers otherwise.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RehearseOrder {
    /// The order.
    pub order: Order,
}

/// Gives an order; what the rehearsal showed is what the person confirmed.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct GiveOrder {
    /// The order.
    pub order: Order,
    /// The rehearsal's mark; `None` where none was shown.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub confirmed: Option<Rehearsal>,
}

/// What an order would do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Rehearsal {
    /// `None` where the server answered; otherwise the time the device's knowledge is from.
    pub as_of: Option<DateTime<Utc>>,
    /// Clients touched.
    pub clients: Vec<Reference>,
    /// Open interactions that go along.
    pub n_interactions: u32,
    /// Who loses, who gains.
    pub people: Vec<Effect>,
    /// Items that cannot be done, with the reason's code.
    pub refused: Vec<RefusedItem>,
}

/// What an order means for one person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Effect {
    /// The person.
    pub user: UserId,
    /// His name.
    pub name: String,
    /// Clients he will see and does not see now.
    pub n_gained: u32,
    /// Clients he sees now and will not see.
    pub n_lost: u32,
    /// His devices that will be told.
    pub devices: Vec<String>,
}

/// A part of an order that cannot be done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct RefusedItem {
    /// The client or interaction.
    pub record: RecordId,
    /// Its name here.
    pub title: String,
    /// Why: an error code.
    pub code: String,
}

/// State of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum OrderState {
    /// Waits to be sent.
    Pending,
    /// Sent back for confirmation.
    NeedsConfirmation,
    /// Done.
    Applied,
    /// Refused.
    Refused,
    /// Taken back by its author before it was applied.
    Withdrawn,
}

/// An order with what became of it.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct CommandView {
    /// The order's id.
    pub id: CommandId,
    /// The order itself.
    pub order: Order,
    /// State.
    pub state: OrderState,
    /// When it was given here.
    pub at: DateTime<Utc>,
    /// What it did, or would do.
    pub effect: Option<Rehearsal>,
    /// Error code when refused.
    pub code: String,
    /// True while it can be taken back.
    pub can_undo: bool,
}

/// A person as the Team screen shows him.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct TeamRow {
    /// The person.
    pub person: Person,
    /// Clients he is responsible for.
    pub n_clients: u32,
    /// Open interactions assigned to him.
    pub n_open: u32,
    /// Of those overdue.
    pub n_overdue: u32,
    /// Interactions held in the last seven days.
    pub n_held: u32,
    /// His devices as last known here.
    pub devices: Vec<DeviceRow>,
}

/// A device as its owner and his supervisors see it.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct DeviceRow {
    /// The device.
    pub id: DeviceId,
    /// Whose.
    pub user: UserId,
    /// Its name.
    pub name: String,
    /// True for the device at hand.
    pub this_device: bool,
    /// When it was enrolled.
    pub enrolled_at: DateTime<Utc>,
    /// Last contact with the server.
    pub contact_at: Option<DateTime<Utc>>,
    /// Homes it lost and has not confirmed purging.
    pub n_purges: u32,
    /// Revoked by the office.
    pub revoked: bool,
}

/// A late edit that waits for a decision.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ProposalRow {
    /// The proposal.
    pub id: ProposalId,
    /// The record it changes.
    pub record: RecordId,
    /// Its kind.
    pub kind: String,
    /// Its name.
    pub title: String,
    /// The client.
    pub client: Option<Reference>,
    /// Who typed it.
    pub author: Option<Person>,
    /// When, by his device's clock.
    pub at: DateTime<Utc>,
    /// When it reached the server.
    pub received_at: DateTime<Utc>,
    /// `edit` or `create`.
    pub what: String,
    /// Values now.
    pub before: Fields,
    /// Values proposed.
    pub after: Fields,
    /// An answer given here that waits to be sent: `accept`, `decline` or empty.
    pub pending: String,
}

/// Something the person must be told once.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Notice {
    /// To dismiss it.
    pub id: i64,
    /// `client_left`, `client_came`, `interaction_came`, `edit_set_aside`, `edit_accepted`, `edit_declined`, `edit_refused` …
    pub what: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Numbers and names to put into the words.
    pub params: BTreeMap<String, String>,
    /// The client, while it is on this device.
    pub client: Option<Reference>,
    /// Values the person typed himself, kept for copying.
    pub fields: Fields,
}

/// Names a notice.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct NoticeKey {
    /// The notice.
    pub id: i64,
}

/// Nothing to say.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, TS)]
pub struct Nothing {}

/// What a command answers when it fails; the interface has words for every code.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Failure {
    /// Stable key of the words.
    pub code: String,
    /// `fix` (the person can), `quiet` (it mends itself) or `bug` (ours).
    pub kind: String,
    /// Numbers and names for the words; never personal data of clients in logs.
    pub params: BTreeMap<String, String>,
    /// For `changed_meanwhile`: the fields with their values now.
    pub fields: Fields,
}

/// What changed, so that the interface asks again.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// Phase, badge, counts.
    Status,
    /// Records of a kind.
    Kind(String),
    /// One record.
    Record(RecordId),
    /// Orders, proposals, devices, people.
    Office,
    /// Not sent, notices.
    Outbox,
}
