//! Records, edits, review and search.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Cover, Fields, MergedClient, Reference, Shown};
use crate::domain::ids::*;

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
    /// For clients: somebody stands in for the person responsible.
    pub cover: Option<Cover>,
    /// Which of the request's marks hold, by their place there.
    pub marks: Vec<u32>,
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
    /// The client it belongs to lies in the trash, and this with him.
    pub client_trashed: bool,
    /// When it was made, by its maker's clock.
    pub created_at: Option<DateTime<Utc>>,
    /// What looks wrong in its values.
    pub warnings: Vec<FieldWarning>,
    /// For clients: the one it is, or is to become, a part of.
    pub merged_into: Option<MergedClient>,
    /// For clients: those that are part of it.
    pub merged: Vec<MergedClient>,
}

/// A value that looks wrong; people may keep it (foreign, old and test numbers exist).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FieldWarning {
    /// The field.
    pub field: String,
    /// The entry, where the field is a collection and the entry is known.
    pub entry: Option<EntryId>,
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
    /// A phone no country has.
    UnknownPhone,
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
    /// When it reached the server, by the server's clock; `None` where it has not, or where nobody said.
    pub received_at: Option<DateTime<Utc>>,
    /// Since when the device had been without contact, where it was made so.
    pub away_since: Option<DateTime<Utc>>,
    /// Minutes by which the device's clock was ahead (behind: negative), where it was plainly wrong; otherwise 0.
    #[ts(type = "number")]
    pub skew: i64,
    /// Typed on this device and not acknowledged yet.
    pub unsent: bool,
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
    /// The field of another record that is to name it, written and taken back together with it.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub named_in: Option<NamedIn>,
}

/// A reference field in which a record about to be made is to stand; a collection gains an entry.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct NamedIn {
    /// Kind key.
    pub kind: String,
    /// The record.
    pub id: RecordId,
    /// The field.
    pub field: String,
    /// What the person saw there (rule 5).
    pub seen: Shown,
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
    /// The action it is taken back by; `None` where nothing changed.
    #[ts(type = "number | null")]
    pub action: Option<i64>,
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

/// Texts to look through, such as names of actions.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct MatchTexts {
    /// As typed so far.
    pub typed: String,
    /// Where to look.
    pub texts: Vec<String>,
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
