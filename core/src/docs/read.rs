//! Reading a document by its kind: values, competing values, what is trashed.

use std::collections::BTreeMap;

use automerge::{ChangeHash, ObjId, ROOT, ReadDoc, ScalarValue, Value as AmValue};
use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::doc::{Doc, DocError, guarded};
use super::plain::read_plain;
use super::{Hash, TRASHED, entry_keys};
use crate::domain::ids::EntryId;
use crate::domain::kind::{Field, FieldDecl, FieldType, Kind};
use crate::domain::value::{Entry, FieldValue, Value};

/// A record as its document says, typed by its kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// Field key → value shown; fields without one are absent.
    pub values: BTreeMap<String, Value>,
    /// Root key (`name`, or `phones/<entry>`) → all concurrent values, the one shown first (rule 8).
    pub competing: BTreeMap<String, Vec<Competing>>,
    /// Put into the trash.
    pub trashed: bool,
    /// By whom and when, where it is there.
    pub trashed_by: Option<Stroke>,
    /// When its first change was made, by the maker's clock.
    pub created_at: Option<DateTime<Utc>>,
}

/// Who did something, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stroke {
    /// The actor.
    pub actor: Vec<u8>,
    /// When, by that actor's clock.
    pub at: DateTime<Utc>,
}

/// One of several concurrent values of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Competing {
    /// The value.
    pub value: Value,
    /// The actor that wrote it.
    pub actor: Vec<u8>,
    /// When, by that actor's clock.
    pub at: DateTime<Utc>,
    /// The change it came in.
    pub hash: Hash,
}

impl Record {
    /// The value of a field, if it has one.
    #[must_use]
    pub fn get<T: FieldValue>(&self, field: Field<T>) -> Option<T> {
        self.values.get(field.key()).and_then(T::from_value)
    }
}

/// Reads a record from its stored bytes, with the hashes of the latest changes, sorted. Without a kind only those are
/// told.
///
/// # Errors
/// `Damaged` where the bytes are no document.
pub fn read(kind: Option<&Kind>, chunks: &[u8]) -> Result<(Record, Vec<Hash>), DocError> {
    if let Some(plain) = read_plain(kind, chunks) {
        return Ok(plain);
    }
    let mut doc = Doc::load(chunks)?;
    let record = match kind {
        Some(kind) => doc.read(kind)?,
        None => Record::default(),
    };
    Ok((record, doc.heads()))
}

impl Doc {
    /// Reads the record.
    ///
    /// # Errors
    /// `Damaged` where Automerge cannot read its own document.
    pub fn read(&mut self, kind: &Kind) -> Result<Record, DocError> {
        // Closes a transaction that is still open, so that reading sees it.
        self.am.commit();
        guarded(|| self.read_all(kind))
    }

    fn read_all(&mut self, kind: &Kind) -> Result<Record, DocError> {
        let mut record = Record::default();
        let items: Vec<(String, bool)> =
            self.am.map_range(ROOT, ..).map(|item| (item.key.to_string(), item.conflict)).collect();
        for (key, conflict) in items {
            let (field_key, entry) = match key.split_once('/') {
                Some((field, entry)) => (field, Some(entry)),
                None => (key.as_str(), None),
            };
            if field_key == TRASHED && entry.is_none() {
                record.trashed = self.flag(&ROOT, TRASHED);
                record.trashed_by = if record.trashed { self.stroke(&ROOT, TRASHED) } else { None };
                continue;
            }
            let Some(field) = kind.document_fields().find(|field| field.key == field_key) else { continue };
            match entry {
                Some(entry) if field.many => self.read_entry(field, &key, entry, &mut record)?,
                None if !field.many => self.read_field(field, conflict, &mut record)?,
                _ => {}
            }
        }
        record.created_at = self.am.get_changes_meta(&[]).first().map(|first| at_seconds(first.timestamp));
        Ok(record)
    }

    fn read_field(&mut self, field: &FieldDecl, conflict: bool, record: &mut Record) -> Result<(), DocError> {
        if let Some(value) = self.shown(&ROOT, field.key, field)?
            && !value.is_empty()
        {
            record.values.insert(field.key.to_owned(), value);
        }
        if conflict {
            let competing = self.competing(&ROOT, field.key, field)?;
            if competing.len() > 1 {
                record.competing.insert(field.key.to_owned(), competing);
            }
        }
        Ok(())
    }

    fn read_entry(&mut self, field: &FieldDecl, key: &str, id: &str, record: &mut Record) -> Result<(), DocError> {
        let Ok(id) = id.parse::<EntryId>() else { return Ok(()) };
        let Some((AmValue::Object(_), map)) = self.am.get(ROOT, key).map_err(|_| DocError::Damaged)? else {
            return Ok(());
        };
        let competing = self.competing(&map, entry_keys::VALUE, field)?;
        if competing.len() > 1 {
            record.competing.insert(key.to_owned(), competing);
        }
        if self.flag(&map, entry_keys::REMOVED) {
            return Ok(());
        }
        let Some(value) = self.shown(&map, entry_keys::VALUE, field)? else { return Ok(()) };
        let label = match self.am.get(&map, entry_keys::LABEL) {
            Ok(Some((AmValue::Scalar(scalar), _))) => scalar.as_str().unwrap_or_default().to_owned(),
            _ => String::new(),
        };
        let entry = Entry { id, value: Box::new(value), label, removed: false };
        match record.values.entry(field.key.to_owned()).or_insert_with(|| Value::Entries(Vec::new())) {
            Value::Entries(entries) => entries.push(entry),
            other => *other = Value::Entries(vec![entry]),
        }
        Ok(())
    }

    pub(super) fn flag(&self, obj: &ObjId, key: &str) -> bool {
        matches!(self.am.get(obj, key), Ok(Some((AmValue::Scalar(scalar), _))) if *scalar == ScalarValue::Boolean(true))
    }

    /// Who wrote the value shown.
    fn stroke(&mut self, obj: &ObjId, key: &str) -> Option<Stroke> {
        let (_, id) = self.am.get(obj, key).ok()??;
        let hash = self.am.hash_for_opid(&id)?;
        let change = self.am.get_change_meta_by_hash(&ChangeHash(hash.0))?;
        Some(Stroke { actor: change.actor.to_bytes().to_vec(), at: at_seconds(change.timestamp) })
    }

    pub(super) fn shown(&self, obj: &ObjId, key: &str, field: &FieldDecl) -> Result<Option<Value>, DocError> {
        match self.am.get(obj, key).map_err(|_| DocError::Damaged)? {
            Some((value, id)) => Ok(Some(self.value_of(field, &value, &id))),
            None => Ok(None),
        }
    }

    fn value_of(&self, field: &FieldDecl, value: &AmValue<'_>, id: &ObjId) -> Value {
        match value {
            AmValue::Object(automerge::ObjType::Text) => self.am.text(id).map_or(Value::Empty, Value::Text),
            AmValue::Object(_) => Value::Empty,
            AmValue::Scalar(scalar) => from_scalar(field.field_type, scalar),
        }
    }

    /// All concurrent values, distinct, the one shown first.
    fn competing(&mut self, obj: &ObjId, key: &str, field: &FieldDecl) -> Result<Vec<Competing>, DocError> {
        let all: Vec<(Value, ObjId)> = self
            .am
            .get_all(obj, key)
            .map_err(|_| DocError::Damaged)?
            .into_iter()
            .map(|(value, id)| (self.value_of(field, &value, &id), id))
            .collect();
        let mut competing: Vec<Competing> = Vec::new();
        // Automerge gives the winner last; it is the same on every device.
        for (value, id) in all.into_iter().rev() {
            if competing.iter().any(|other| other.value == value) {
                continue;
            }
            let Some(hash) = self.am.hash_for_opid(&id) else { continue };
            let Some(change) = self.am.get_change_meta_by_hash(&ChangeHash(hash.0)) else { continue };
            let at = at_seconds(change.timestamp);
            let actor = change.actor.to_bytes().to_vec();
            competing.push(Competing { value, actor, at, hash: hash.0 });
        }
        Ok(competing)
    }
}

pub(super) fn at_seconds(timestamp: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(timestamp, 0).unwrap_or_default()
}

/// A scalar of a document as a value; anything that does not fit the field reads as empty instead of failing, so that
/// a newer version's or a broken client's value never hides the rest of the record.
pub(super) fn from_scalar(field_type: FieldType, scalar: &ScalarValue) -> Value {
    match (field_type, scalar) {
        (FieldType::Bool, ScalarValue::Boolean(flag)) => Value::Bool(*flag),
        (FieldType::Int, ScalarValue::Int(number)) => Value::Int(*number),
        (FieldType::Int, ScalarValue::Uint(number)) => i64::try_from(*number).map_or(Value::Empty, Value::Int),
        (FieldType::Instant, ScalarValue::Timestamp(millis)) => {
            DateTime::from_timestamp_millis(*millis).map_or(Value::Empty, Value::Instant)
        }
        (FieldType::Day, ScalarValue::Str(text)) => {
            NaiveDate::parse_from_str(text, "%Y-%m-%d").map_or(Value::Empty, Value::Day)
        }
        (FieldType::Reference(_) | FieldType::User, ScalarValue::Bytes(bytes)) => {
            Uuid::from_slice(bytes).map_or(Value::Empty, Value::Id)
        }
        (
            FieldType::Text
            | FieldType::Memo
            | FieldType::Note
            | FieldType::Choice(_)
            | FieldType::Phone
            | FieldType::Email
            | FieldType::Url,
            ScalarValue::Str(text),
        ) => Value::Text(text.to_string()),
        _ => Value::Empty,
    }
}
