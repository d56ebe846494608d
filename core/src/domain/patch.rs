//! What a person changed in a record, and what he saw when he did (rule 5).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::ids::EntryId;
use super::kind::Field;
use super::value::{Entry, FieldValue, Value};

/// New values of some fields of one record.
///
/// For a collection the value holds only the entries that change: a new id makes an entry, a known one edits it,
/// `removed` takes it away; entries not named stay.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Patch {
    /// Field key → new value.
    pub set: BTreeMap<String, Value>,
    /// Field key → the value the person saw; fields without one are written unconditionally.
    pub seen: BTreeMap<String, Value>,
}

impl Patch {
    /// An empty patch.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a field.
    #[must_use]
    pub fn set<T: FieldValue>(mut self, field: Field<T>, value: T) -> Self {
        self.set.insert(field.key().to_owned(), value.into_value());
        self
    }

    /// Sets a field where there is a value, and leaves it alone otherwise.
    #[must_use]
    pub fn set_some<T: FieldValue>(self, field: Field<T>, value: Option<T>) -> Self {
        match value {
            Some(value) => self.set(field, value),
            None => self,
        }
    }

    /// Clears a field.
    #[must_use]
    pub fn clear<T>(mut self, field: Field<T>) -> Self {
        self.set.insert(field.key().to_owned(), Value::Empty);
        self
    }

    /// Adds or edits one entry of a collection.
    #[must_use]
    pub fn entry(mut self, field: &str, id: EntryId, value: Value, label: &str) -> Self {
        self.push_entry(field, Entry { id, value: Box::new(value), label: label.to_owned(), removed: false });
        self
    }

    /// Adds an entry to the change of a collection.
    pub fn push_entry(&mut self, field: &str, entry: Entry) {
        match self.set.entry(field.to_owned()).or_insert_with(|| Value::Entries(Vec::new())) {
            Value::Entries(entries) => entries.push(entry),
            other => *other = Value::Entries(vec![entry]),
        }
    }

    /// Sets a field by key, for generic forms.
    #[must_use]
    pub fn set_key(mut self, key: &str, value: Value) -> Self {
        self.set.insert(key.to_owned(), value);
        self
    }

    /// True where nothing changes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.set.is_empty()
    }
}

/// What an edit that makes `new` out of `old` writes: of a collection only the entries that differ.
#[must_use]
pub fn leading(many: bool, old: Option<&Value>, new: Option<&Value>) -> Value {
    let (true, old, new) = (many, entries(old), entries(new)) else { return new.cloned().unwrap_or(Value::Empty) };
    let changed = new.iter().filter(|entry| !old.contains(entry)).cloned();
    let there = |id| new.iter().any(|entry| entry.id == id);
    let gone = old.iter().filter(|entry| !there(entry.id)).map(|entry| Entry { removed: true, ..entry.clone() });
    Value::Entries(changed.chain(gone).collect())
}

fn entries(value: Option<&Value>) -> &[Entry] {
    match value {
        Some(Value::Entries(entries)) => entries,
        _ => &[],
    }
}
