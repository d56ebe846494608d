//! Between rows and Rust: integers and bytes only.

use chrono::{DateTime, Utc};
use rusqlite::Row;
use satchel_core::domain::authority::{EndedBy, Home, Level, Reason, Role};
use satchel_core::domain::ids::*;
use uuid::Uuid;

use crate::storage::StorageError;

pub type Result<T> = std::result::Result<T, StorageError>;

/// A number of the server's as SQLite holds it; they never get near the end of `i64`.
pub fn int(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

pub fn uint(row: &Row<'_>, idx: usize) -> rusqlite::Result<u64> {
    row.get::<_, i64>(idx).map(i64::unsigned_abs)
}

pub fn opt_uint(row: &Row<'_>, idx: usize) -> rusqlite::Result<Option<u64>> {
    Ok(row.get::<_, Option<i64>>(idx)?.map(i64::unsigned_abs))
}

pub fn small(row: &Row<'_>, idx: usize) -> rusqlite::Result<u32> {
    Ok(u32::try_from(row.get::<_, i64>(idx)?).unwrap_or(u32::MAX))
}

pub fn uuid(row: &Row<'_>, idx: usize) -> rusqlite::Result<Uuid> {
    row.get::<_, [u8; 16]>(idx).map(Uuid::from_bytes)
}

pub fn opt_uuid(row: &Row<'_>, idx: usize) -> rusqlite::Result<Option<Uuid>> {
    Ok(row.get::<_, Option<[u8; 16]>>(idx)?.map(Uuid::from_bytes))
}

pub fn millis(at: DateTime<Utc>) -> i64 {
    at.timestamp_millis()
}

pub fn time(row: &Row<'_>, idx: usize) -> rusqlite::Result<DateTime<Utc>> {
    Ok(DateTime::from_timestamp_millis(row.get(idx)?).unwrap_or_default())
}

pub fn opt_time(row: &Row<'_>, idx: usize) -> rusqlite::Result<Option<DateTime<Utc>>> {
    Ok(row.get::<_, Option<i64>>(idx)?.and_then(DateTime::from_timestamp_millis))
}

pub fn text(row: &Row<'_>, idx: usize) -> rusqlite::Result<String> {
    let bytes: Vec<u8> = row.get(idx)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

pub fn home(row: &Row<'_>, idx: usize) -> rusqlite::Result<Home> {
    let bytes: Vec<u8> = row.get(idx)?;
    Home::from_bytes(&bytes).ok_or_else(|| misread(idx))
}

pub fn role(row: &Row<'_>, idx: usize) -> rusqlite::Result<Role> {
    match row.get::<_, i64>(idx)? {
        0 => Ok(Role::Rep),
        1 => Ok(Role::Supervisor),
        2 => Ok(Role::Admin),
        _ => Err(misread(idx)),
    }
}

pub fn level_code(level: Level) -> i64 {
    match level {
        Level::Read => 0,
        Level::Add => 1,
        Level::Write => 2,
    }
}

pub fn level(row: &Row<'_>, idx: usize) -> rusqlite::Result<Level> {
    match row.get::<_, i64>(idx)? {
        0 => Ok(Level::Read),
        1 => Ok(Level::Add),
        2 => Ok(Level::Write),
        _ => Err(misread(idx)),
    }
}

pub fn ended_code(ended: EndedBy) -> i64 {
    match ended {
        EndedBy::Itself => 0,
        EndedBy::Somebody => 1,
    }
}

pub fn ended(row: &Row<'_>, idx: usize) -> rusqlite::Result<EndedBy> {
    // Whatever is not known to have run out by itself was ended by somebody: late edits are then kept for decision.
    Ok(match row.get::<_, Option<i64>>(idx)? {
        Some(0) => EndedBy::Itself,
        _ => EndedBy::Somebody,
    })
}

pub const SUPERVISOR: u8 = 2;

pub fn reason_bytes(reason: &Reason) -> Vec<u8> {
    let (kind, id) = match reason {
        Reason::Everybody => (0, None),
        Reason::Member => (1, None),
        Reason::Supervisor(id) => (SUPERVISOR, Some(*id.bytes())),
        Reason::Responsible => (3, None),
        Reason::Assigned(id) => (4, Some(*id.bytes())),
        Reason::Substitute(id) => (5, Some(*id.bytes())),
    };
    let mut bytes = vec![kind];
    bytes.extend(id.into_iter().flatten());
    bytes
}

pub fn reason(row: &Row<'_>, idx: usize) -> rusqlite::Result<Reason> {
    let bytes: Vec<u8> = row.get(idx)?;
    let id = bytes.get(1..).and_then(|id| Uuid::from_slice(id).ok());
    match (bytes.first(), id) {
        (Some(0), None) => Ok(Reason::Everybody),
        (Some(1), None) => Ok(Reason::Member),
        (Some(&SUPERVISOR), Some(id)) => Ok(Reason::Supervisor(DepartmentId(id))),
        (Some(3), None) => Ok(Reason::Responsible),
        (Some(4), Some(id)) => Ok(Reason::Assigned(RecordId(id))),
        (Some(5), Some(id)) => Ok(Reason::Substitute(AbsenceId(id))),
        _ => Err(misread(idx)),
    }
}

pub fn cbor<T: serde::Serialize>(value: &T) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).map_err(|_| StorageError::Corrupt("value to be kept"))?;
    Ok(bytes)
}

pub fn from_cbor<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    ciborium::from_reader(bytes).map_err(|_| StorageError::Corrupt("kept value"))
}

/// A value kept as CBOR, where there is one; one that does not read is nothing.
pub fn kept<T: serde::de::DeserializeOwned>(row: &Row<'_>, idx: usize) -> rusqlite::Result<Option<T>> {
    let bytes: Option<Vec<u8>> = row.get(idx)?;
    Ok(bytes.and_then(|bytes| from_cbor(&bytes).ok()))
}

fn misread(idx: usize) -> rusqlite::Error {
    rusqlite::Error::InvalidColumnType(idx, String::new(), rusqlite::types::Type::Blob)
}
