//! Values of fields as the interface reads and writes them.

use std::collections::BTreeMap;

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
