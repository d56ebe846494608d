//! The shape of a change by its record's kind: types by key, sizes, depth (rule 21).
//!
//! Required fields, choices and rules across fields are not looked at: they are for forms, and a month of offline
//! work under an older declaration must never be refused.

use automerge::legacy::{Key, ObjectId, Op};
use automerge::{ExpandedChange, ObjType, ScalarValue};

use super::change::Parsed;
use super::doc::guarded;
use super::{TRASHED, entry_keys};
use crate::domain::kind::{FieldDecl, FieldType, Kind};
use crate::domain::limits;

/// Why a change does not fit its record's kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShapeError {
    /// A key is longer than the limit.
    #[error("key is too long")]
    KeyTooLong,
    /// A value is longer than its field takes.
    #[error("value is too long")]
    ValueTooLong,
    /// A field was given something of another type.
    #[error("value does not fit its field")]
    WrongType,
    /// Something was deleted from a map, which would hide an edit made elsewhere.
    #[error("nothing is deleted from a document")]
    Deletes,
    /// Containers inside containers.
    #[error("nested too deeply")]
    TooDeep,
    /// Not a change at all.
    #[error("not a change")]
    Malformed,
}

/// Checks one change that [`parse`](super::change::parse) has let through. Keys and kinds this version does not
/// know pass with their sizes checked: they are a newer version's.
///
/// # Errors
/// What does not fit.
pub fn shape(kind: Option<&Kind>, change: &Parsed) -> Result<(), ShapeError> {
    let expanded = guarded(|| Ok(change.0.decode()));
    let expanded: ExpandedChange = expanded.map_err(|_| ShapeError::Malformed)?;
    expanded.operations.iter().try_for_each(|op| check(kind, op))
}

/// True where a change writes a field that is set with the record's making and never after.
#[must_use]
pub fn writes_fixed(kind: &Kind, change: &Parsed) -> bool {
    if !kind.fields.iter().any(|field| field.fixed) {
        return false;
    }
    let Ok(expanded) = guarded(|| Ok(change.0.decode())) else { return true };
    expanded.operations.iter().any(|op| match (&op.key, op.obj == ObjectId::Root) {
        (Key::Map(key), true) => field_of(Some(kind), key).is_some_and(|field| field.fixed),
        _ => false,
    })
}

fn check(kind: Option<&Kind>, op: &Op) -> Result<(), ShapeError> {
    use automerge::legacy::OpType;
    let root = op.obj == ObjectId::Root;
    let key = match &op.key {
        Key::Map(key) => Some(key.as_str()),
        Key::Seq(_) => None,
    };
    if key.is_some_and(|key| key.len() > limits::KEY_BYTES) {
        return Err(ShapeError::KeyTooLong);
    }
    match (&op.action, key) {
        (OpType::Delete, Some(_)) => return Err(ShapeError::Deletes),
        (OpType::Make(_), _) if !root => return Err(ShapeError::TooDeep),
        (OpType::Put(value), _) if size(value) > limit_for(kind, root, key) => return Err(ShapeError::ValueTooLong),
        _ => {}
    }
    let Some(key) = key else { return Ok(()) };
    match (&op.action, root) {
        (OpType::Put(value), true) => root_value(kind, key, value),
        (OpType::Put(value), false) => entry_value(key, value),
        (OpType::Make(made), _) => root_container(kind, key, *made),
        _ => Err(ShapeError::WrongType),
    }
}

fn field_of<'a>(kind: Option<&'a Kind>, key: &str) -> Option<&'a FieldDecl> {
    kind?.document_fields().find(|field| field.key == key)
}

fn limit_for(kind: Option<&Kind>, root: bool, key: Option<&str>) -> usize {
    let field = key.filter(|_| root).and_then(|key| field_of(kind, key));
    field.map_or(64 * 1024, |field| field.field_type.max_bytes())
}

fn root_value(kind: Option<&Kind>, key: &str, value: &ScalarValue) -> Result<(), ShapeError> {
    if key == TRASHED {
        return fits(matches!(value, ScalarValue::Boolean(_)));
    }
    match field_of(kind, key) {
        Some(field) if field.many || field.field_type == FieldType::Note => Err(ShapeError::WrongType),
        Some(field) => fits(takes(field.field_type, value)),
        None => Ok(()),
    }
}

fn root_container(kind: Option<&Kind>, key: &str, made: ObjType) -> Result<(), ShapeError> {
    if let Some((field, _)) = key.split_once('/') {
        return match field_of(kind, field) {
            Some(field) => fits(field.many && made == ObjType::Map),
            None => Ok(()),
        };
    }
    match field_of(kind, key) {
        Some(field) => fits(field.field_type == FieldType::Note && !field.many && made == ObjType::Text),
        None => fits(key != TRASHED),
    }
}

fn entry_value(key: &str, value: &ScalarValue) -> Result<(), ShapeError> {
    match key {
        entry_keys::REMOVED => fits(matches!(value, ScalarValue::Boolean(_))),
        entry_keys::LABEL => fits(matches!(value, ScalarValue::Str(_))),
        entry_keys::VALUE => fits(!matches!(value, ScalarValue::Counter(_) | ScalarValue::Unknown { .. })),
        _ => Ok(()),
    }
}

fn fits(fits: bool) -> Result<(), ShapeError> {
    if fits { Ok(()) } else { Err(ShapeError::WrongType) }
}

fn takes(field_type: FieldType, value: &ScalarValue) -> bool {
    match (field_type, value) {
        (_, ScalarValue::Null) => true,
        (FieldType::Bool, value) => matches!(value, ScalarValue::Boolean(_)),
        (FieldType::Int, value) => matches!(value, ScalarValue::Int(_) | ScalarValue::Uint(_)),
        (FieldType::Instant, value) => matches!(value, ScalarValue::Timestamp(_)),
        (FieldType::Reference(_) | FieldType::User, ScalarValue::Bytes(bytes)) => bytes.len() == 16,
        (FieldType::Reference(_) | FieldType::User, _) => false,
        (_, value) => matches!(value, ScalarValue::Str(_)),
    }
}

fn size(value: &ScalarValue) -> usize {
    match value {
        ScalarValue::Str(text) => text.len(),
        ScalarValue::Bytes(bytes) => bytes.len(),
        ScalarValue::Unknown { bytes, .. } => bytes.len(),
        _ => 8,
    }
}
