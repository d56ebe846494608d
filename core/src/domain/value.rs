//! Values of fields, apart from how documents, tables or screens hold them.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::ids::{EntryId, RecordId, UserId};

/// A value of any field.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Value {
    /// Nothing, or cleared.
    Empty,
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Text of any sort, a choice included.
    Text(String),
    /// A calendar day.
    Day(NaiveDate),
    /// A moment, kept to the millisecond.
    Instant(DateTime<Utc>),
    /// A record or a colleague.
    Id(Uuid),
    /// A collection, ordered by entry id; removed entries are left out when read.
    Entries(Vec<Entry>),
}

/// An entry of a collection.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Entry {
    /// Its id: the second half of the root key.
    pub id: EntryId,
    /// Its value; never itself a collection.
    pub value: Box<Value>,
    /// What it is for: `work`, `mobile` …
    pub label: String,
    /// Taken away (rule 7).
    pub removed: bool,
}

/// An entry with its value's Rust type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryOf<T> {
    /// Its id.
    pub id: EntryId,
    /// Its value.
    pub value: T,
    /// What it is for.
    pub label: String,
}

/// A Rust type a field can hold.
pub trait FieldValue: Sized {
    /// As a value.
    fn into_value(self) -> Value;
    /// Back; `None` where the value is of another type or empty.
    fn from_value(value: &Value) -> Option<Self>;
}

macro_rules! field_values {
    ($($rust:ty: $variant:ident, $into:expr, $from:expr;)*) => {$(
        impl FieldValue for $rust {
            fn into_value(self) -> Value {
                Value::$variant(($into)(self))
            }

            fn from_value(value: &Value) -> Option<Self> {
                match value {
                    Value::$variant(inner) => Some(($from)(inner)),
                    _ => None,
                }
            }
        }
    )*};
}

field_values! {
    String: Text, |it| it, String::clone;
    bool: Bool, |it| it, |it: &bool| *it;
    i64: Int, |it| it, |it: &i64| *it;
    NaiveDate: Day, |it| it, |it: &NaiveDate| *it;
    DateTime<Utc>: Instant, |it| it, |it: &DateTime<Utc>| *it;
    RecordId: Id, |it: RecordId| it.0, |it: &Uuid| RecordId(*it);
    UserId: Id, |it: UserId| it.0, |it: &Uuid| UserId(*it);
}

impl<T: FieldValue> FieldValue for Vec<EntryOf<T>> {
    fn into_value(self) -> Value {
        let entries = self.into_iter().map(|entry| Entry {
            id: entry.id,
            value: Box::new(entry.value.into_value()),
            label: entry.label,
            removed: false,
        });
        Value::Entries(entries.collect())
    }

    fn from_value(value: &Value) -> Option<Self> {
        let Value::Entries(entries) = value else { return None };
        let typed = entries.iter().filter(|entry| !entry.removed).filter_map(|entry| {
            let value = T::from_value(&entry.value)?;
            Some(EntryOf { id: entry.id, value, label: entry.label.clone() })
        });
        Some(typed.collect())
    }
}

impl Value {
    /// True where there is nothing to show.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Text(text) => text.is_empty(),
            Self::Entries(entries) => entries.iter().all(|entry| entry.removed),
            _ => false,
        }
    }
}
