//! Writing a document: creation, edits by patch, birth changes of text fields declared later.

use std::collections::BTreeMap;

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{ActorId, AutoCommit, ObjId, ObjType, ROOT, ReadDoc, ScalarValue, Value as AmValue};
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use super::doc::{Doc, DocError, guarded};
use super::{TRASHED, entry_keys};
use crate::domain::kind::{FieldDecl, FieldType, Kind};
use crate::domain::limits::PASTED_CHARACTERS;
use crate::domain::patch::Patch;
use crate::domain::value::{Entry, Value};

impl Doc {
    /// Makes a record. The first change makes all text objects (rule 6).
    ///
    /// # Errors
    /// `NoSuchField` or `BadValue` where the patch does not fit the kind.
    pub fn create(
        kind: &Kind,
        patch: &Patch,
        actor: &[u8],
        at: DateTime<Utc>,
    ) -> Result<(Self, Vec<Vec<u8>>), DocError> {
        let mut doc = Self::empty();
        doc.am.set_actor(ActorId::from(actor));
        let changes = guarded(|| {
            for field in kind.document_fields().filter(|field| field.field_type == FieldType::Note && !field.many) {
                doc.am.put_object(ROOT, field.key, ObjType::Text).map_err(|_| DocError::Damaged)?;
            }
            doc.write(kind, patch, at)
        })?;
        Ok((doc, changes))
    }

    /// Writes the patch's fields and nothing else. Fields that have the value already are left alone, so that a form
    /// saved twice makes no second change.
    ///
    /// Returns the raw chunks to send, oldest first; empty where nothing changed.
    ///
    /// # Errors
    /// `NoSuchField` or `BadValue` where the patch does not fit the kind.
    pub fn edit(
        &mut self,
        kind: &Kind,
        patch: &Patch,
        actor: &[u8],
        at: DateTime<Utc>,
    ) -> Result<Vec<Vec<u8>>, DocError> {
        guarded(|| {
            let mut chunks = Vec::new();
            for field in kind.document_fields().filter(|field| field.field_type == FieldType::Note) {
                let wanted = patch.set.get(field.key).is_some_and(|value| !value.is_empty());
                if wanted && self.am.get(ROOT, field.key).map_err(|_| DocError::Damaged)?.is_none() {
                    let birth = birth_change(field.key);
                    self.apply(std::slice::from_ref(&birth))?;
                    chunks.push(birth);
                }
            }
            self.am.set_actor(ActorId::from(actor));
            chunks.extend(self.write(kind, patch, at)?);
            Ok(chunks)
        })
    }

    /// Fields of the patch whose value is no longer what the person saw, with their value now (rule 5). A field that
    /// already has the value he wants is none of them.
    ///
    /// # Errors
    /// `Damaged` where the document cannot be read.
    pub fn changed_meanwhile(&mut self, kind: &Kind, patch: &Patch) -> Result<BTreeMap<String, Value>, DocError> {
        let record = self.read(kind)?;
        let mut changed = BTreeMap::new();
        for (key, seen) in &patch.seen {
            let now = record.values.get(key).cloned().unwrap_or(Value::Empty);
            let wanted = patch.set.get(key).unwrap_or(&Value::Empty);
            let (same, done) = match (seen, &now) {
                // Entries are edited one by one: only those the person touched count.
                (Value::Entries(_), _) | (_, Value::Entries(_)) => (entries_as_seen(seen, &now, wanted), false),
                _ => (*seen == now || (seen.is_empty() && now.is_empty()), now == *wanted),
            };
            if !same && !done {
                changed.insert(key.clone(), now);
            }
        }
        Ok(changed)
    }

    fn write(&mut self, kind: &Kind, patch: &Patch, at: DateTime<Utc>) -> Result<Vec<Vec<u8>>, DocError> {
        let mut notes = Vec::new();
        for (key, value) in &patch.set {
            if key == TRASHED {
                let Value::Bool(trashed) = value else { return Err(DocError::BadValue(key.clone())) };
                if self.flag(&ROOT, TRASHED) != *trashed {
                    self.put(&ROOT, TRASHED, (*trashed).into())?;
                }
                continue;
            }
            let field = kind.document_fields().find(|field| field.key == key);
            let field = field.ok_or_else(|| DocError::NoSuchField(key.clone()))?;
            match (field.many, field.field_type, value) {
                (true, _, Value::Entries(entries)) => {
                    for entry in entries {
                        self.write_entry(field, entry)?;
                    }
                }
                (false, FieldType::Note, Value::Text(text)) => notes.push((field, text.as_str())),
                (false, FieldType::Note, Value::Empty) => notes.push((field, "")),
                (false, _, value) => {
                    let now = self.shown(&ROOT, field.key, field)?;
                    let same = now.as_ref() == Some(value) || (now.is_none() && value.is_empty());
                    // A field with competing values is written even if the shown one stays: that settles it.
                    let competing = self.am.get_all(ROOT, field.key).map_err(|_| DocError::Damaged)?.len() > 1;
                    if !same || competing {
                        let scalar = to_scalar(field, value)?;
                        self.put(&ROOT, field.key, scalar)?;
                    }
                }
                (true, _, _) => return Err(DocError::BadValue(key.clone())),
            }
        }
        self.commit_with_notes(&notes, at)
    }

    fn write_entry(&mut self, field: &FieldDecl, entry: &Entry) -> Result<(), DocError> {
        let key = format!("{}/{}", field.key, entry.id);
        let damaged = |_| DocError::Damaged;
        let map = match self.am.get(ROOT, key.as_str()).map_err(damaged)? {
            Some((AmValue::Object(_), map)) => map,
            // Entry ids are never used twice, so nobody else makes this container at the same time.
            _ if entry.removed => return Ok(()),
            _ => self.am.put_object(ROOT, key.as_str(), ObjType::Map).map_err(damaged)?,
        };
        let now = self.shown(&map, entry_keys::VALUE, field)?;
        let removed = self.flag(&map, entry_keys::REMOVED);
        let competing = self.am.get_all(&map, entry_keys::VALUE).map_err(damaged)?.len() > 1;
        if entry.removed {
            if !removed || competing {
                // Emptying the value makes an edit of it made elsewhere meanwhile show up for review (rule 7).
                self.put(&map, entry_keys::VALUE, ScalarValue::Null)?;
                self.put(&map, entry_keys::REMOVED, true.into())?;
            }
            return Ok(());
        }
        if now.as_ref() != Some(&*entry.value) || competing {
            self.put(&map, entry_keys::VALUE, to_scalar(field, &entry.value)?)?;
        }
        self.write_label(&map, &entry.label)?;
        if removed {
            self.put(&map, entry_keys::REMOVED, false.into())?;
        }
        Ok(())
    }

    fn write_label(&mut self, map: &ObjId, label: &str) -> Result<(), DocError> {
        let now = match self.am.get(map, entry_keys::LABEL).map_err(|_| DocError::Damaged)? {
            Some((AmValue::Scalar(scalar), _)) => scalar.as_str().unwrap_or_default().to_owned(),
            _ => String::new(),
        };
        if now != label {
            self.put(map, entry_keys::LABEL, label.into())?;
        }
        Ok(())
    }

    /// Writes a value over all concurrent ones. Where it is the one shown anyway, Automerge would delete the others
    /// instead, and nothing is ever deleted (rule 7): one of the others is written first.
    fn put(&mut self, obj: &ObjId, key: &str, scalar: ScalarValue) -> Result<(), DocError> {
        let damaged = |_| DocError::Damaged;
        let all: Vec<ScalarValue> = self
            .am
            .get_all(obj, key)
            .map_err(damaged)?
            .into_iter()
            .filter_map(|(value, _)| match value {
                AmValue::Scalar(scalar) => Some(scalar.into_owned()),
                AmValue::Object(_) => None,
            })
            .collect();
        if all.len() > 1 && all.last() == Some(&scalar) {
            match all.iter().find(|other| **other != scalar) {
                Some(other) => self.am.put(obj, key, other.clone()).map_err(damaged)?,
                // Equal values are no conflict.
                None => return Ok(()),
            }
        }
        self.am.put(obj, key, scalar).map_err(damaged)
    }

    /// Commits what stands in the transaction together with the notes' new text, in as many changes as the limit on
    /// operations asks for.
    fn commit_with_notes(&mut self, notes: &[(&FieldDecl, &str)], at: DateTime<Utc>) -> Result<Vec<Vec<u8>>, DocError> {
        let mut chunks = Vec::new();
        let mut room = PASTED_CHARACTERS;
        for (field, text) in notes {
            let Some((AmValue::Object(ObjType::Text), object)) =
                self.am.get(ROOT, field.key).map_err(|_| DocError::Damaged)?
            else {
                continue;
            };
            if text.len() > field.field_type.max_bytes() {
                return Err(DocError::BadValue(field.key.to_owned()));
            }
            let old: Vec<char> = self.am.text(&object).map_err(|_| DocError::Damaged)?.chars().collect();
            let new: Vec<char> = text.chars().collect();
            let prefix = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
            let tails = old[prefix..].iter().rev().zip(new[prefix..].iter().rev());
            let suffix = tails.take_while(|(a, b)| a == b).count();
            let mut delete = old.len() - prefix - suffix;
            let mut insert = &new[prefix..new.len() - suffix];
            let mut position = prefix;
            while delete > 0 || !insert.is_empty() {
                if room == 0 {
                    chunks.extend(self.commit(at));
                    room = PASTED_CHARACTERS;
                }
                let cut = delete.min(room);
                let put = insert.len().min(room - cut);
                let piece: String = insert[..put].iter().collect();
                let deleted = isize::try_from(cut).map_err(|_| DocError::Damaged)?;
                self.am.splice_text(&object, position, deleted, &piece).map_err(|_| DocError::Damaged)?;
                room -= cut + put;
                delete -= cut;
                insert = &insert[put..];
                position += put;
            }
        }
        chunks.extend(self.commit(at));
        Ok(chunks)
    }

    fn commit(&mut self, at: DateTime<Utc>) -> Option<Vec<u8>> {
        self.am.commit_with(CommitOptions::default().with_time(at.timestamp()))?;
        self.am.get_last_local_change().map(|change| change.raw_bytes().to_vec())
    }
}

fn entries_as_seen(seen: &Value, now: &Value, wanted: &Value) -> bool {
    let find = |value: &Value, entry: &Entry| match value {
        Value::Entries(entries) => entries.iter().find(|other| other.id == entry.id).cloned(),
        _ => None,
    };
    let Value::Entries(touched) = wanted else { return true };
    touched.iter().all(|entry| {
        let (before, after) = (find(seen, entry), find(now, entry));
        before == after || after.as_ref().is_some_and(|after| after == entry) || (after.is_none() && entry.removed)
    })
}

fn to_scalar(field: &FieldDecl, value: &Value) -> Result<ScalarValue, DocError> {
    let bad = || DocError::BadValue(field.key.to_owned());
    let scalar = match (field.field_type, value) {
        (_, Value::Empty) => ScalarValue::Null,
        (FieldType::Bool, Value::Bool(flag)) => ScalarValue::Boolean(*flag),
        (FieldType::Int, Value::Int(number)) => ScalarValue::Int(*number),
        (FieldType::Instant, Value::Instant(at)) => ScalarValue::Timestamp(at.timestamp_millis()),
        (FieldType::Day, Value::Day(day)) => ScalarValue::Str(day.format("%Y-%m-%d").to_string().into()),
        (FieldType::Reference(_) | FieldType::User, Value::Id(id)) => ScalarValue::Bytes(id.as_bytes().to_vec()),
        (
            FieldType::Bool
            | FieldType::Int
            | FieldType::Instant
            | FieldType::Day
            | FieldType::Reference(_)
            | FieldType::User,
            _,
        ) => return Err(bad()),
        (_, Value::Text(text)) if text.len() <= field.field_type.max_bytes() => ScalarValue::Str(text.as_str().into()),
        _ => return Err(bad()),
    };
    Ok(scalar)
}

/// Who makes a text field's birth change.
pub(super) fn birth_actor(field_key: &str) -> [u8; 16] {
    let mut actor = [0; 16];
    actor.copy_from_slice(&Sha256::digest(field_key.as_bytes())[..16]);
    actor
}

/// The change that makes the text object of a field declared after records existed. Its bytes depend on the key
/// alone, so that every device makes the same one and any device may push it (rule 6).
#[must_use]
pub fn birth_change(field_key: &str) -> Vec<u8> {
    let mut am = AutoCommit::new();
    am.set_actor(ActorId::from(&birth_actor(field_key)));
    // Neither call can fail on an empty document; an empty result would be refused by every reader.
    let made = am.put_object(ROOT, field_key, ObjType::Text);
    debug_assert!(made.is_ok());
    am.commit_with(CommitOptions::default().with_time(0));
    am.get_last_local_change().map(|change| change.raw_bytes().to_vec()).unwrap_or_default()
}
