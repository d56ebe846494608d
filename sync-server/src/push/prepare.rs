//! Reading groups before anything is trusted: bounded, and without tables.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use satchel_core::docs::change::{self, ChangeError, ChangeInfo, Parsed};
use satchel_core::docs::check::{self, ShapeError};
use satchel_core::domain::authority::Home;
use satchel_core::domain::ids::*;
use satchel_core::domain::kind::{Kind, Registry};
use satchel_core::domain::limits;
use satchel_core::domain::order::Command;
use satchel_core::sync::wire::{Frame, Group, Item, RecordKey};

use super::{DEPENDENCIES_PER_GROUP, GROUP_BYTES, HOMES_PER_RECORD, codes};

/// A group as far as it can be judged by itself.
#[derive(Debug)]
pub struct Prepared {
    /// The group.
    pub id: GroupId,
    /// When it was made, by the device's clock.
    pub at: DateTime<Utc>,
    /// Its conditions.
    pub depends_on: Vec<uuid::Uuid>,
    /// What is in it.
    pub body: Body,
}

/// What is in a group.
#[derive(Debug)]
pub enum Body {
    /// Nothing that can be taken; the code says why.
    Refused(&'static str),
    /// An office command.
    Command(Box<Command>),
    /// Edits, one per record.
    Edits(Vec<Edit>),
}

/// All a group does to one record.
#[derive(Debug)]
pub struct Edit {
    /// The record.
    pub record: RecordKey,
    /// Set where the group makes it.
    pub creation: Option<Creation>,
    /// Its changes, in order.
    pub changes: Vec<Change>,
}

/// The header of a creation.
#[derive(Clone, Debug)]
pub struct Creation {
    /// Its kind.
    pub kind: String,
    /// Where it is to live.
    pub homes: Vec<Home>,
}

/// A change that is at least a change.
#[derive(Debug)]
pub struct Change {
    /// What its header says.
    pub info: ChangeInfo,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// As parsed.
    pub parsed: Parsed,
    /// The birth change of one of the kind's text fields (rule 6).
    pub birth: bool,
    /// Does not fit the record's kind; the code says why. Told only to who may write the record.
    pub flaw: Option<&'static str>,
}

/// Takes groups apart. `kinds` are those of records known before; creations bring theirs.
#[must_use]
pub fn prepare(frames: Vec<Frame<Group>>, registry: &Registry, kinds: &HashMap<RecordId, String>) -> Vec<Prepared> {
    let mut kinds = kinds.clone();
    for frame in &frames {
        for item in &frame.message.items {
            if let Item::Create { record, kind, .. } = item {
                kinds.entry(record.id).or_insert_with(|| kind.clone());
            }
        }
    }
    frames.into_iter().map(|frame| prepare_one(frame, registry, &kinds)).collect()
}

/// The records groups speak of.
#[must_use]
pub fn records_of(frames: &[Frame<Group>]) -> Vec<RecordId> {
    let mut records: Vec<RecordId> = frames
        .iter()
        .flat_map(|frame| &frame.message.items)
        .filter_map(|item| match item {
            Item::Create { record, .. } | Item::Changes { record, .. } => Some(record.id),
            Item::Command(_) => None,
        })
        .collect();
    records.sort_unstable();
    records.dedup();
    records
}

fn prepare_one(frame: Frame<Group>, registry: &Registry, kinds: &HashMap<RecordId, String>) -> Prepared {
    let group = frame.message;
    let body = body_of(group.items, &group.depends_on, frame.blobs, registry, kinds).unwrap_or_else(Body::Refused);
    Prepared { id: group.id, at: group.at, depends_on: group.depends_on, body }
}

fn body_of(
    mut items: Vec<Item>,
    depends_on: &[uuid::Uuid],
    blobs: Vec<Vec<u8>>,
    registry: &Registry,
    kinds: &HashMap<RecordId, String>,
) -> Result<Body, &'static str> {
    let past = blobs.iter().map(Vec::len).sum::<usize>() > GROUP_BYTES
        || depends_on.len() > DEPENDENCIES_PER_GROUP
        || items.len() > limits::ITEMS_PER_GROUP;
    if past {
        return Err(codes::TOO_LARGE);
    }
    if let [Item::Command(_)] = items.as_slice() {
        return match items.pop() {
            Some(Item::Command(command)) if command.n_items() > limits::ITEMS_PER_ORDER => Err(codes::TOO_LARGE),
            Some(Item::Command(command)) if blobs.is_empty() => Ok(Body::Command(Box::new(command))),
            _ => Err(codes::MALFORMED),
        };
    }
    let mut edits: Vec<Edit> = Vec::new();
    let mut blobs = blobs.into_iter();
    for item in items {
        match item {
            Item::Command(_) => return Err(codes::MALFORMED),
            Item::Create { record, kind, homes } => {
                if kind.is_empty() || kind.len() > 64 || homes.is_empty() || homes.len() > HOMES_PER_RECORD {
                    return Err(codes::MALFORMED);
                }
                let edit = edit_of(&mut edits, record)?;
                if edit.creation.is_some() || !edit.changes.is_empty() {
                    return Err(codes::MALFORMED);
                }
                edit.creation = Some(Creation { kind, homes });
            }
            Item::Changes { record, n } => {
                let kind = kinds.get(&record.id).and_then(|kind| registry.kind(kind));
                let edit = edit_of(&mut edits, record)?;
                let made = edit.creation.is_some();
                for _ in 0..n {
                    let bytes = blobs.next().ok_or(codes::MALFORMED)?;
                    edit.changes.push(look_at(bytes, kind, made)?);
                }
            }
        }
    }
    if edits.is_empty() || blobs.next().is_some() {
        return Err(codes::MALFORMED);
    }
    Ok(Body::Edits(edits))
}

fn edit_of(edits: &mut Vec<Edit>, record: RecordKey) -> Result<&mut Edit, &'static str> {
    let found = edits.iter().position(|edit| edit.record.id == record.id);
    let idx = found.unwrap_or_else(|| {
        edits.push(Edit { record, creation: None, changes: Vec::new() });
        edits.len() - 1
    });
    let edit = edits.get_mut(idx).ok_or(codes::MALFORMED)?;
    if edit.record.generation != record.generation {
        return Err(codes::MALFORMED);
    }
    Ok(edit)
}

fn look_at(bytes: Vec<u8>, kind: Option<&'static Kind>, made: bool) -> Result<Change, &'static str> {
    let (info, parsed) = change::parse(&bytes).map_err(|error| match error {
        ChangeError::TooManyOperations => codes::TOO_LARGE,
        ChangeError::Malformed => codes::MALFORMED,
    })?;
    let flaw = check::shape(kind, &parsed).err().map(|error| match error {
        ShapeError::KeyTooLong | ShapeError::ValueTooLong | ShapeError::TooDeep => codes::TOO_LARGE,
        ShapeError::WrongType | ShapeError::Deletes | ShapeError::Malformed => codes::MALFORMED,
    });
    let fixed = !made && kind.is_some_and(|kind| check::writes_fixed(kind, &parsed));
    let flaw = flaw.or(fixed.then_some(codes::MALFORMED));
    let birth = kind.is_some_and(|kind| change::is_birth(kind, &bytes));
    Ok(Change { info, bytes, parsed, birth, flaw })
}
