//! What records went through, what lies in the trash, what is taken back.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Fields, Person, RecordKey, Reference, Shown};
use crate::domain::ids::*;

/// Asks for a record's history.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RecordHistoryRequest {
    /// Kind key.
    pub kind: String,
    /// The record.
    pub id: RecordId,
    /// Only changes of this field.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub field: Option<String>,
    /// Only changes by this person.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub person: Option<UserId>,
    /// Changes to skip, from the latest back.
    #[serde(default)]
    pub offset: u32,
    /// Changes wanted, at most 500.
    pub limit: u32,
}

/// A record's history, the latest change first.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RecordHistory {
    /// How many changes fit what was asked for.
    pub total: u32,
    /// Those asked for.
    pub steps: Vec<HistoryStep>,
    /// Fields that were ever changed, in the order of the form.
    pub fields: Vec<String>,
    /// Colleagues who ever changed something.
    pub people: Vec<Person>,
}

/// One change of a record.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct HistoryStep {
    /// Names the change; of no use but to ask for it.
    pub change: String,
    /// Who made it.
    pub person: Option<Person>,
    /// On which device; empty where this one does not know.
    pub device: String,
    /// When, by that device's clock.
    pub at: DateTime<Utc>,
    /// When it reached the server, by the server's clock; `None` where it has not, or where nobody said.
    pub received_at: Option<DateTime<Utc>>,
    /// Since when the device had been without contact, where it was made so.
    pub away_since: Option<DateTime<Utc>>,
    /// Minutes by which the device's clock was ahead (behind: negative), where it was plainly wrong; otherwise 0.
    #[ts(type = "number")]
    pub skew: i64,
    /// Made on this device and not acknowledged yet.
    pub unsent: bool,
    /// It made the record.
    pub creates: bool,
    /// What it changed.
    pub changes: Vec<FieldChange>,
}

/// What a change did to one field, or to one entry of a collection.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct FieldChange {
    /// The field; `trashed` where the record went into the trash or came out.
    pub field: String,
    /// The entry, where the field is a collection.
    pub entry: Option<EntryId>,
    /// What its author saw; nothing for long text.
    pub before: Shown,
    /// What he made of it; nothing for long text.
    pub after: Shown,
    /// What the entry is for.
    pub label: String,
    /// Of long text: what was typed and struck out.
    pub pieces: Vec<TextPiece>,
    /// There were competing values, and this settled it.
    pub settles: bool,
}

/// A piece of a long text as a change left it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TextPiece {
    /// What the change did to it.
    pub what: PieceKind,
    /// The text; of what stays only what stands near a change.
    pub text: String,
}

/// What a change did to a piece of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum PieceKind {
    /// Nothing.
    Same,
    /// Put it there.
    Typed,
    /// Took it away.
    Struck,
}

/// Asks for a record as it was.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RecordThenRequest {
    /// Kind key.
    pub kind: String,
    /// The record.
    pub id: RecordId,
    /// After this change.
    pub change: String,
}

/// A record as it was, beside what it is now.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RecordThen {
    /// Its fields then.
    pub then: Fields,
    /// Its fields now.
    pub now: Fields,
    /// Fields in which the two differ, in the order of the form.
    pub differing: Vec<String>,
    /// It lay in the trash then.
    pub was_trashed: bool,
    /// This person may put values back.
    pub may_edit: bool,
}

/// Gives fields the values they had.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct PutBack {
    /// Kind key.
    pub kind: String,
    /// The record.
    pub id: RecordId,
    /// After this change.
    pub change: String,
    /// Which fields; of collections all entries.
    pub fields: Vec<String>,
    /// What the person saw in them (rule 5).
    pub seen: Fields,
}

/// Asks for what lies in the trash.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct TrashRequest {
    /// Only this kind.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub kind: Option<String>,
    /// Part of the name; empty for all.
    #[serde(default)]
    pub text: String,
    /// Rows to skip.
    #[serde(default)]
    pub offset: u32,
    /// Rows wanted, at most 500.
    pub limit: u32,
}

/// One page of the trash, the last thing first.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct TrashPage {
    /// How many there are in all.
    pub total: u32,
    /// Those asked for.
    pub rows: Vec<TrashRow>,
}

/// A record in the trash.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct TrashRow {
    /// The record.
    pub id: RecordId,
    /// Its kind.
    pub kind: String,
    /// Its name.
    pub title: String,
    /// The client it belongs to, if any.
    pub client: Option<Reference>,
    /// When it was put there, by that device's clock.
    pub at: Option<DateTime<Utc>>,
    /// Who did it.
    pub person: Option<Person>,
    /// Of a client: records that belong to it, are out of sight with it and come back with it.
    pub n_under: u32,
}

/// Names several records.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Records {
    /// The records.
    pub records: Vec<RecordKey>,
}

/// What was taken out of the trash.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Restored {
    /// How many records.
    pub n: u32,
    /// Those that stay: not here any more, or not this person's to edit.
    pub left: Vec<RecordId>,
}

/// Which actions to take back.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
pub struct UndoActions {
    /// As the writes named them; none for the last one.
    #[serde(default)]
    #[ts(optional, as = "Option<Vec<i32>>")]
    pub actions: Vec<i64>,
}

/// What became of taking the last action back.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Undone {
    /// What it was.
    pub what: UndoneAction,
    /// The first record it was about.
    pub record: Option<RecordKey>,
    /// Its name.
    pub title: String,
    /// How many records were taken back, wholly or in part.
    pub n_records: u32,
    /// What stays as it is.
    pub kept: Vec<KeptValue>,
    /// The order that is to be taken back by an order of its own.
    pub command: Option<CommandId>,
}

/// What a person did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum UndoneAction {
    /// Nothing is remembered.
    Nothing,
    /// Made records.
    Create,
    /// Edited fields.
    Edit,
    /// Put records into the trash.
    Trash,
    /// Took records out of the trash.
    Restore,
    /// Gave an order; it stays.
    Order,
}

/// Something that was not taken back.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct KeptValue {
    /// The record.
    pub record: RecordKey,
    /// Its name, where it is here.
    pub title: String,
    /// The field; empty where it is the whole record.
    pub field: String,
    /// Why.
    pub why: KeptBecause,
}

/// Why something was not taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum KeptBecause {
    /// It has changed since.
    Changed,
    /// The record is not here any more.
    Gone,
    /// The person may not edit it any more.
    NotAllowed,
    /// Other records belong to it by now.
    InUse,
}
