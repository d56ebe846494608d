//! Between SQL cells and the product's types.

use chrono::{DateTime, NaiveDate, Utc};
use rusqlite::types::{Type, ValueRef};
use rusqlite::{Row, ToSql, types::ToSqlOutput};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::error::StoreError;
use crate::domain::ids::EntryId;
use crate::domain::kind::{FieldDecl, FieldType};
use crate::domain::value::{Entry, Value};

/// Sixteen bytes of an id column.
pub fn id(row: &Row<'_>, at: usize) -> rusqlite::Result<Uuid> {
    let bytes = row.get_ref(at)?.as_blob()?;
    Uuid::from_slice(bytes).map_err(|error| rusqlite::Error::FromSqlConversionFailure(at, Type::Blob, error.into()))
}

/// The same where it may be missing.
pub fn id_or_none(row: &Row<'_>, at: usize) -> rusqlite::Result<Option<Uuid>> {
    match row.get_ref(at)? {
        ValueRef::Null => Ok(None),
        _ => id(row, at).map(Some),
    }
}

/// Milliseconds of UTC.
pub fn instant(row: &Row<'_>, at: usize) -> rusqlite::Result<Option<DateTime<Utc>>> {
    let millis: Option<i64> = row.get(at)?;
    Ok(millis.and_then(DateTime::from_timestamp_millis))
}

/// A count.
pub fn count(row: &Row<'_>, at: usize) -> rusqlite::Result<u64> {
    row.get::<_, i64>(at).map(i64::unsigned_abs)
}

/// Something kept as CBOR.
pub fn to_cbor<T: Serialize>(value: &T) -> Result<Vec<u8>, StoreError> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).map_err(|_| StoreError::Unreadable("cbor"))?;
    Ok(bytes)
}

/// Back from CBOR.
pub fn from_cbor<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, StoreError> {
    ciborium::from_reader(bytes).map_err(|_| StoreError::Unreadable("cbor"))
}

/// A field's value as its column holds it.
pub struct Cell<'a>(pub &'a FieldDecl, pub Option<&'a Value>);

impl ToSql for Cell<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let Self(field, value) = self;
        Ok(match value {
            None | Some(Value::Empty) => ToSqlOutput::from(rusqlite::types::Null),
            Some(Value::Entries(entries)) if field.many => ToSqlOutput::from(entries_text(entries)),
            Some(Value::Bool(flag)) => ToSqlOutput::from(*flag),
            Some(Value::Int(number)) => ToSqlOutput::from(*number),
            Some(Value::Text(text)) => ToSqlOutput::from(text.as_str()),
            Some(Value::Day(day)) => ToSqlOutput::from(day.format("%Y-%m-%d").to_string()),
            Some(Value::Instant(at)) => ToSqlOutput::from(at.timestamp_millis()),
            Some(Value::Id(id)) => ToSqlOutput::from(id.as_bytes().to_vec()),
            Some(Value::Entries(_)) => ToSqlOutput::from(rusqlite::types::Null),
        })
    }
}

/// A collection as JSON text: a list of `[id, value, label]`.
fn entries_text(entries: &[Entry]) -> String {
    let live = entries.iter().filter(|entry| !entry.removed);
    let listed: Vec<(String, String, &str)> =
        live.map(|entry| (entry.id.to_string(), text_of(&entry.value), entry.label.as_str())).collect();
    serde_json::to_string(&listed).unwrap_or_default()
}

/// A single value as text: what a person would read, ids and moments in their usual form.
pub fn text_of(value: &Value) -> String {
    match value {
        Value::Empty | Value::Entries(_) => String::new(),
        Value::Bool(flag) => flag.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Text(text) => text.clone(),
        Value::Day(day) => day.format("%Y-%m-%d").to_string(),
        Value::Instant(at) => at.to_rfc3339(),
        Value::Id(id) => id.to_string(),
    }
}

/// Back from text, by the field's type; `None` where it does not fit.
pub fn parse_text(field: &FieldDecl, text: &str) -> Option<Value> {
    Some(match field.field_type {
        FieldType::Day => Value::Day(NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?),
        FieldType::Instant => Value::Instant(DateTime::parse_from_rfc3339(text).ok()?.with_timezone(&Utc)),
        FieldType::Bool => Value::Bool(text.parse().ok()?),
        FieldType::Int => Value::Int(text.parse().ok()?),
        FieldType::Reference(_) | FieldType::User => Value::Id(Uuid::parse_str(text).ok()?),
        _ => Value::Text(text.to_owned()),
    })
}

/// A view column back as a value; empty cells and what cannot be read are `None`.
pub fn value(field: &FieldDecl, cell: ValueRef<'_>) -> Option<Value> {
    if field.many {
        let listed: Vec<(String, String, String)> = serde_json::from_str(cell.as_str().ok()?).ok()?;
        let entries = listed.into_iter().filter_map(|(id, text, label)| {
            let id: EntryId = id.parse().ok()?;
            Some(Entry { id, value: Box::new(parse_text(field, &text)?), label, removed: false })
        });
        return Some(Value::Entries(entries.collect()));
    }
    Some(match (field.field_type, cell) {
        (_, ValueRef::Null) => return None,
        (FieldType::Bool, ValueRef::Integer(flag)) => Value::Bool(flag != 0),
        (FieldType::Int, ValueRef::Integer(number)) => Value::Int(number),
        (FieldType::Instant, ValueRef::Integer(millis)) => Value::Instant(DateTime::from_timestamp_millis(millis)?),
        (FieldType::Day, ValueRef::Text(text)) => {
            Value::Day(NaiveDate::parse_from_str(std::str::from_utf8(text).ok()?, "%Y-%m-%d").ok()?)
        }
        (FieldType::Reference(_) | FieldType::User, ValueRef::Blob(bytes)) => Value::Id(Uuid::from_slice(bytes).ok()?),
        (_, ValueRef::Text(text)) => Value::Text(std::str::from_utf8(text).ok()?.to_owned()),
        _ => return None,
    })
}
