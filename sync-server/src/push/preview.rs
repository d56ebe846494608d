//! Applying changes to a copy before the lock is taken, by few at once and with the latest documents at hand. Records
//! whose few changes followed one another are read from their changes; nothing is loaded for them (docs/adr/0013).

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Condvar, Mutex, PoisonError};

use satchel_core::docs::change::Parsed;
use satchel_core::docs::{Doc, DocError, Hash, Record, read_in_line};
use satchel_core::domain::ids::RecordId;
use satchel_core::domain::kind::{Kind, Registry};
use satchel_core::domain::value::Value;

use super::{Body, Known, Prepared};
use crate::storage::{Storage, StorageError};

/// Documents kept at hand.
const KEPT: usize = 64;
/// Longest history read anew with every group; of a longer one the document is kept at hand.
const IN_LINE: usize = 24;

/// What applying a group's changes to a record showed; true only where the record held these changes before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    /// How many changes the server held when the copy was made.
    pub base: u64,
    /// Changes of earlier groups of the same request that had gone in first.
    pub before: Vec<Hash>,
    /// Whether the record is still to be done; `Err` where it cannot be applied.
    pub open: Result<bool, ()>,
}

/// Previews by group and record.
pub type Previews = HashMap<(usize, RecordId), Preview>;

/// Bounds how much is applied at once and keeps the latest documents.
pub struct Workshop {
    free: Mutex<usize>,
    freed: Condvar,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    docs: HashMap<RecordId, AtHand>,
    clock: u64,
}

/// The document of a record when it had so many changes.
struct AtHand {
    generation: u32,
    n_changes: u64,
    used_at: u64,
    doc: Box<Doc>,
}

/// Copies being worked on for one request.
#[derive(Default)]
pub struct Copies(HashMap<RecordId, Copy>);

struct Copy {
    generation: u32,
    base: u64,
    held: Held,
    applied: Vec<Hash>,
}

enum Held {
    /// So many changes, one after the other.
    Line(usize, Vec<u8>),
    Doc(Box<Doc>),
}

impl Workshop {
    /// Room for so many at once.
    #[must_use]
    pub fn new(at_once: usize) -> Self {
        Self { free: Mutex::new(at_once.max(1)), freed: Condvar::new(), kept: Mutex::default() }
    }

    /// Applies groups to copies of the records the person sees or makes.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn preview(
        &self,
        storage: &dyn Storage,
        registry: &Registry,
        groups: &[Prepared],
        known: &[Known],
    ) -> Result<(Previews, Copies), StorageError> {
        let _place = self.enter();
        let known: HashMap<RecordId, &Known> = known.iter().map(|known| (known.record, known)).collect();
        let mut kinds: HashMap<RecordId, &'static Kind> = HashMap::new();
        let mut copies = Copies::default();
        let mut previews = HashMap::new();
        for (idx, group) in groups.iter().enumerate() {
            let Body::Edits(edits) = &group.body else { continue };
            for edit in edits {
                let id = edit.record.id;
                let kind_key = match (known.get(&id), &edit.creation) {
                    (Some(known), _) if known.seen => Some(known.kind.as_str()),
                    (None, Some(creation)) => Some(creation.kind.as_str()),
                    _ => None,
                };
                if let Some(kind) = kind_key.and_then(|key| registry.kind(key)) {
                    kinds.insert(id, kind);
                }
                // Records of a kind only a newer version knows are not applied here: nothing of them is read.
                let Some(kind) = kinds.get(&id).copied() else { continue };
                if edit.changes.iter().any(|change| change.flaw.is_some()) {
                    continue;
                }
                let copy = match copies.0.entry(id) {
                    Entry::Occupied(found) => found.into_mut(),
                    Entry::Vacant(place) => {
                        match self.copy(storage, id, known.get(&id).map(|known| known.generation))? {
                            Some(copy) => place.insert(copy),
                            None => continue,
                        }
                    }
                };
                let preview = copy.try_on(kind, &edit.changes);
                if preview.open.is_err() {
                    copies.0.remove(&id);
                    kinds.remove(&id);
                }
                previews.insert((idx, id), preview);
            }
        }
        Ok((previews, copies))
    }

    fn copy(&self, storage: &dyn Storage, id: RecordId, generation: Option<u32>) -> Result<Option<Copy>, StorageError> {
        let Some(generation) = generation else { return Ok(Some(Copy::new(0, 0, Held::Line(0, Vec::new())))) };
        let kept = self.kept().docs.remove(&id);
        // An erased record may have as many changes as before.
        if let Some(AtHand { n_changes, doc, .. }) = kept.filter(|kept| kept.generation == generation)
            && n_changes == storage.n_changes(id)?
        {
            return Ok(Some(Copy::new(generation, n_changes, Held::Doc(doc))));
        }
        let (base, chunks) = storage.document(id)?;
        let held = match usize::try_from(base) {
            Ok(n @ 0..IN_LINE) => Some(Held::Line(n, chunks)),
            _ => Doc::load(&chunks).ok().map(|doc| Held::Doc(Box::new(doc))),
        };
        Ok(held.map(|held| Copy::new(generation, base, held)))
    }

    /// Keeps copies of which all that was tried on was taken in.
    pub fn keep(&self, copies: Copies, taken: &HashMap<RecordId, Vec<Hash>>) {
        let mut kept = self.kept();
        for (id, copy) in copies.0 {
            let same = match taken.get(&id) {
                Some(taken) => *taken == copy.applied,
                None => copy.applied.is_empty(),
            };
            if !same {
                continue;
            }
            let Held::Doc(doc) = copy.held else { continue };
            kept.clock += 1;
            let (used_at, n_changes) = (kept.clock, copy.base + copy.applied.len() as u64);
            kept.docs.insert(id, AtHand { generation: copy.generation, n_changes, used_at, doc });
        }
        while kept.docs.len() > KEPT {
            let oldest = kept.docs.iter().min_by_key(|(_, kept)| kept.used_at).map(|(id, _)| *id);
            match oldest {
                Some(id) => kept.docs.remove(&id),
                None => break,
            };
        }
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for one of the places.
    pub fn enter(&self) -> Place<'_> {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        while *free == 0 {
            free = self.freed.wait(free).unwrap_or_else(PoisonError::into_inner);
        }
        *free -= 1;
        Place(self)
    }
}

/// A place in the workshop, given back when dropped.
pub struct Place<'a>(&'a Workshop);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        *self.0.free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.0.freed.notify_one();
    }
}

impl Copy {
    fn new(generation: u32, base: u64, held: Held) -> Self {
        Self { generation, base, held, applied: Vec::new() }
    }

    fn try_on(&mut self, kind: &Kind, changes: &[super::Change]) -> Preview {
        let before = self.applied.clone();
        let open = self.held.try_on(kind, changes);
        for change in changes {
            if !self.applied.contains(&change.info.hash) {
                self.applied.push(change.info.hash);
            }
        }
        Preview { base: self.base, before, open }
    }
}

impl Held {
    fn try_on(&mut self, kind: &Kind, changes: &[super::Change]) -> Result<bool, ()> {
        if let Self::Line(n, bytes) = self {
            let before = bytes.len();
            changes.iter().for_each(|change| bytes.extend_from_slice(&change.bytes));
            if *n + changes.len() <= IN_LINE
                && let Some(record) = read_in_line(kind, bytes)
            {
                *n += changes.len();
                return Ok(is_open(kind, &record));
            }
            bytes.truncate(before);
            *self = Self::Doc(Box::new(Doc::load(bytes).map_err(|_| ())?));
        }
        let Self::Doc(doc) = self else { return Err(()) };
        let parsed: Vec<&Parsed> = changes.iter().map(|change| &change.parsed).collect();
        apply(doc, kind, |doc| doc.apply_parsed(&parsed))
    }
}

/// Applies changes to a document and says whether the record is still to be done.
///
/// # Errors
/// Where Automerge refuses or panics: the record is then left as it was.
#[allow(clippy::result_unit_err)]
pub fn apply(doc: &mut Doc, kind: &Kind, changes: impl FnOnce(&mut Doc) -> Result<(), DocError>) -> Result<bool, ()> {
    let work = || {
        changes(doc).map_err(|_| ())?;
        if kind.open_when.is_none() {
            return Ok(false);
        }
        doc.read(kind).map(|record| is_open(kind, &record)).map_err(|_| ())
    };
    catch_unwind(AssertUnwindSafe(work)).unwrap_or(Err(()))
}

/// True where the record is still to be done.
fn is_open(kind: &Kind, record: &Record) -> bool {
    let is = |(field, value): (&str, &str)| record.values.get(field) == Some(&Value::Text(value.to_owned()));
    !record.trashed && kind.open_when.is_some_and(is)
}

#[cfg(test)]
#[path = "preview_tests.rs"]
mod tests;
