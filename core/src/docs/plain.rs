//! Reading a record straight from its changes, without making an Automerge document of them.
//!
//! Most records are a creation and edits that followed one another. What they show can be told by going through their
//! operations once, in a tenth of the time a document takes to load; that is what makes a first pull quick. Whatever
//! is not that plain (values that compete, text edited in the middle, a snapshot, anything unexpected) is left to
//! Automerge: `None` means "load it", never "damaged". For the rest the answer is Automerge's own, which the tests
//! beside this file hold to for random histories.

use automerge::ScalarValue;
use sha2::{Digest, Sha256};

use super::chunk::{Chunk, DEFLATED, Deltas, Flags, Reader, Runs, Unreadable};
use super::read::{Record, Stroke, at_seconds, from_scalar};
use super::{Hash, TRASHED, entry_keys};
use crate::domain::ids::EntryId;
use crate::domain::kind::{FieldDecl, FieldType, Kind};
use crate::domain::limits;
use crate::domain::value::{Entry, Value};

/// Reads a record from its changes, each after the ones it builds on, with the hashes of the latest ones, sorted.
/// Without a kind only those are told. `None` where the changes are not plain enough: load the document then.
pub(super) fn read_plain(kind: Option<&Kind>, chunks: &[u8]) -> Option<(Record, Vec<Hash>)> {
    let mut history = History::default();
    let mut rest = Reader(chunks);
    while !rest.0.is_empty() {
        let chunk = Chunk::read(&mut rest).ok()?;
        history.add(&chunk).ok()?;
    }
    let record = match kind {
        Some(kind) => history.record(kind)?,
        None => Record::default(),
    };
    Some((record, history.into_heads()))
}

/// Reads a record whose changes followed one another, each made by somebody who knew all before it. Automerge takes such
/// changes as they are: no operation speaks of anything that is not there, none has a number that was used. `None`
/// where this cannot be told: load the document then.
#[must_use]
pub fn read_in_line(kind: &Kind, chunks: &[u8]) -> Option<Record> {
    let mut history = History::default();
    let mut rest = Reader(chunks);
    while !rest.0.is_empty() {
        let chunk = Chunk::read(&mut rest).ok()?;
        history.add(&chunk).ok()?;
        if history.strayed {
            return None;
        }
    }
    history.record(kind)
}

/// Values held at once; a record with more is left to Automerge, so that looking for one stays cheap.
const VALUES: usize = 400;
/// Texts looked through for the one a letter belongs to.
const TEXTS: usize = 64;

/// Counter and number of the actor in [`History::actors`].
type OpId = (u64, usize);

/// What a key holds.
#[derive(Clone, Copy, Debug)]
enum Content<'a> {
    /// Type code and bytes of a value.
    Scalar(u64, &'a [u8]),
    Map,
    /// Number in [`History::texts`].
    Text(usize),
}

#[derive(Clone, Copy, Debug)]
struct Slot<'a> {
    /// The entry's map it stands in; `None` at the root.
    within: Option<OpId>,
    key: &'a str,
    id: OpId,
    content: Content<'a>,
}

/// A text typed from its beginning to its end.
#[derive(Debug)]
struct Typed {
    id: OpId,
    text: String,
    last: Option<OpId>,
}

#[derive(Default)]
struct History<'a> {
    actors: Vec<(&'a [u8], u64)>,
    hashes: Vec<Hash>,
    /// Those of `hashes` that nothing builds on.
    heads: Vec<Hash>,
    /// A change did not build on all before it, used a number again or replaced what is not there.
    strayed: bool,
    max_op: u64,
    created_at: i64,
    /// When the flag of the trash was last set, by the operations that did.
    trash_times: Vec<(OpId, i64)>,
    slots: Vec<Slot<'a>>,
    texts: Vec<Typed>,
}

impl<'a> History<'a> {
    fn add(&mut self, chunk: &Chunk<'a>) -> Result<(), Unreadable> {
        let hash: Hash = Sha256::digest(chunk.hashed).into();
        if hash[..4] != *chunk.checksum || self.hashes.contains(&hash) {
            return Err(Unreadable);
        }
        if chunk.deps.is_empty() != self.hashes.is_empty() {
            return Err(Unreadable);
        }
        for dep in chunk.deps.chunks_exact(32) {
            if !self.hashes.iter().any(|known| known == dep) {
                return Err(Unreadable);
            }
            self.heads.retain(|head| head != dep);
        }
        if self.hashes.is_empty() {
            self.created_at = chunk.time;
        }
        self.strayed |= !self.heads.is_empty() || chunk.start_op <= self.max_op;
        self.hashes.push(hash);
        self.heads.push(hash);
        let mut actors = vec![self.actor(chunk.actor)];
        let (_, seq) = self.actors.get_mut(actors[0]).ok_or(Unreadable)?;
        *seq += 1;
        if *seq != chunk.seq {
            return Err(Unreadable);
        }
        for other in &chunk.others {
            actors.push(self.actor(other));
        }
        self.operations(chunk, &actors)
    }

    fn actor(&mut self, actor: &'a [u8]) -> usize {
        match self.actors.iter().position(|(known, _)| *known == actor) {
            Some(at) => at,
            None => {
                self.actors.push((actor, 0));
                self.actors.len() - 1
            }
        }
    }

    fn operations(&mut self, chunk: &Chunk<'a>, actors: &[usize]) -> Result<(), Unreadable> {
        let mut operations = Operations::of(chunk)?;
        let mut counter = chunk.start_op;
        while !operations.action.ended() {
            if counter - chunk.start_op >= limits::OPERATIONS_PER_CHANGE {
                return Err(Unreadable);
            }
            let operation = operations.next(actors)?;
            self.apply((counter, actors[0]), &operation)?;
            if matches!(operation.key, Key::Map(TRASHED)) && operation.within.is_none() {
                self.trash_times.push(((counter, actors[0]), chunk.time));
            }
            counter = counter.checked_add(1).ok_or(Unreadable)?;
        }
        self.max_op = self.max_op.max(counter.saturating_sub(1));
        if operations.all_read() { Ok(()) } else { Err(Unreadable) }
    }

    fn apply(&mut self, id: OpId, operation: &Operation<'a>) -> Result<(), Unreadable> {
        let Key::Map(key) = operation.key else { return self.append(id, operation) };
        if operation.insert || self.slots.len() >= VALUES {
            return Err(Unreadable);
        }
        if let Some(within) = operation.within
            && !self.slots.iter().any(|slot| slot.id == within && matches!(slot.content, Content::Map))
        {
            return Err(Unreadable);
        }
        let content = match operation.action {
            actions::PUT => Content::Scalar(operation.value.0, operation.value.1),
            actions::MAKE_MAP => Content::Map,
            actions::MAKE_TEXT => {
                self.texts.push(Typed { id, text: String::new(), last: None });
                Content::Text(self.texts.len() - 1)
            }
            _ => return Err(Unreadable),
        };
        for replaced in &operation.replaces {
            let Some(at) = self.slots.iter().position(|slot| slot.id == *replaced) else {
                self.strayed = true;
                continue;
            };
            if self.slots[at].within != operation.within || self.slots[at].key != key {
                return Err(Unreadable);
            }
            self.slots.swap_remove(at);
        }
        self.slots.push(Slot { within: operation.within, key, id, content });
        Ok(())
    }

    /// A letter typed at the end of a text.
    fn append(&mut self, id: OpId, operation: &Operation<'a>) -> Result<(), Unreadable> {
        let Key::After(after) = operation.key else { return Err(Unreadable) };
        // Letters come one after the other into the text made last.
        let mut latest = self.texts.iter_mut().rev().take(TEXTS);
        let text = latest.find(|text| Some(text.id) == operation.within).ok_or(Unreadable)?;
        let typed = operation.insert && operation.action == actions::PUT && operation.replaces.is_empty();
        if !typed || operation.value.0 != values::TEXT || text.last != after {
            return Err(Unreadable);
        }
        text.text.push_str(std::str::from_utf8(operation.value.1).map_err(|_| Unreadable)?);
        text.last = Some(id);
        Ok(())
    }

    fn record(&mut self, kind: &Kind) -> Option<Record> {
        let mut slots = std::mem::take(&mut self.slots);
        slots.sort_unstable_by_key(|slot| (slot.within, slot.key));
        // Values that compete are Automerge's to tell.
        if slots.windows(2).any(|two| (two[0].within, two[0].key) == (two[1].within, two[1].key)) {
            return None;
        }
        let mut record = Record::default();
        let inner = slots.partition_point(|slot| slot.within.is_none());
        let (root, entries) = slots.split_at(inner);
        for slot in root {
            let (field_key, entry) = match slot.key.split_once('/') {
                Some((field, entry)) => (field, Some(entry)),
                None => (slot.key, None),
            };
            if field_key == TRASHED && entry.is_none() {
                record.trashed = is_true(slot.content);
                record.trashed_by = if record.trashed { self.stroke(slot.id) } else { None };
                continue;
            }
            let Some(field) = kind.document_fields().find(|field| field.key == field_key) else { continue };
            match entry {
                Some(entry) if field.many => read_entry(field, slot, entry, entries, &mut record)?,
                None if !field.many => {
                    let value = self.value(field.field_type, slot.content)?;
                    if !value.is_empty() {
                        record.values.insert(field.key.to_owned(), value);
                    }
                }
                _ => {}
            }
        }
        record.created_at = (!self.hashes.is_empty()).then(|| at_seconds(self.created_at));
        Some(record)
    }

    fn stroke(&self, id: OpId) -> Option<Stroke> {
        let (_, at) = self.trash_times.iter().find(|(op, _)| *op == id)?;
        let (actor, _) = self.actors.get(id.1)?;
        Some(Stroke { actor: actor.to_vec(), at: at_seconds(*at) })
    }

    fn value(&mut self, field_type: FieldType, content: Content<'_>) -> Option<Value> {
        match content {
            Content::Scalar(code, bytes) => Some(from_scalar(field_type, &scalar(code, bytes)?)),
            Content::Map => Some(Value::Empty),
            Content::Text(at) => Some(Value::Text(std::mem::take(&mut self.texts.get_mut(at)?.text))),
        }
    }

    fn into_heads(mut self) -> Vec<Hash> {
        self.heads.sort_unstable();
        self.heads
    }
}

fn read_entry(field: &FieldDecl, slot: &Slot<'_>, id: &str, entries: &[Slot<'_>], record: &mut Record) -> Option<()> {
    let Ok(id) = id.parse::<EntryId>() else { return Some(()) };
    match slot.content {
        Content::Scalar(..) => return Some(()),
        Content::Text(_) => return None,
        Content::Map => {}
    }
    let of = |key: &str| {
        let at = entries.binary_search_by_key(&(Some(slot.id), key), |other| (other.within, other.key));
        at.ok().and_then(|at| entries.get(at)).map(|found| found.content)
    };
    if of(entry_keys::REMOVED).is_some_and(is_true) {
        return Some(());
    }
    let value = match of(entry_keys::VALUE) {
        None => return Some(()),
        Some(Content::Scalar(code, bytes)) => from_scalar(field.field_type, &scalar(code, bytes)?),
        Some(_) => return None,
    };
    let label = match of(entry_keys::LABEL) {
        Some(Content::Scalar(code, bytes)) => match scalar(code, bytes)? {
            ScalarValue::Str(label) => label.to_string(),
            _ => String::new(),
        },
        _ => String::new(),
    };
    let entry = Entry { id, value: Box::new(value), label, removed: false };
    match record.values.entry(field.key.to_owned()).or_insert_with(|| Value::Entries(Vec::new())) {
        Value::Entries(entries) => entries.push(entry),
        other => *other = Value::Entries(vec![entry]),
    }
    Some(())
}

fn is_true(content: Content<'_>) -> bool {
    matches!(content, Content::Scalar(values::TRUE, _))
}

/// A value by its type code; `None` for types no field of ours has.
fn scalar(code: u64, bytes: &[u8]) -> Option<ScalarValue> {
    let mut at = Reader(bytes);
    let value = match code {
        values::NULL => ScalarValue::Null,
        values::FALSE => ScalarValue::Boolean(false),
        values::TRUE => ScalarValue::Boolean(true),
        values::UNSIGNED => ScalarValue::Uint(at.unsigned().ok()?),
        values::SIGNED => ScalarValue::Int(at.signed().ok()?),
        values::TEXT => return Some(ScalarValue::Str(std::str::from_utf8(bytes).ok()?.into())),
        values::BYTES => return Some(ScalarValue::Bytes(bytes.to_vec())),
        values::TIMESTAMP => ScalarValue::Timestamp(at.signed().ok()?),
        _ => return None,
    };
    at.0.is_empty().then_some(value)
}

/// Type codes of values.
mod values {
    pub const NULL: u64 = 0;
    pub const FALSE: u64 = 1;
    pub const TRUE: u64 = 2;
    pub const UNSIGNED: u64 = 3;
    pub const SIGNED: u64 = 4;
    pub const TEXT: u64 = 6;
    pub const BYTES: u64 = 7;
    pub const TIMESTAMP: u64 = 9;
}

/// Codes of operations.
mod actions {
    pub const MAKE_MAP: u64 = 0;
    pub const PUT: u64 = 1;
    pub const MAKE_TEXT: u64 = 4;
}

/// Specifications of the columns of operations.
mod columns {
    pub const OBJECT_ACTOR: u64 = 1;
    pub const OBJECT_COUNTER: u64 = 2;
    pub const KEY_ACTOR: u64 = 17;
    pub const KEY_COUNTER: u64 = 19;
    pub const KEY_STRING: u64 = 21;
    pub const INSERT: u64 = 52;
    pub const ACTION: u64 = 66;
    pub const VALUE_TYPE: u64 = 86;
    pub const VALUE: u64 = 87;
    pub const N_REPLACED: u64 = 112;
    pub const REPLACED_ACTOR: u64 = 113;
    pub const REPLACED_COUNTER: u64 = 115;
    pub const EXPAND: u64 = 148;
}

#[derive(Debug)]
enum Key<'a> {
    Map(&'a str),
    /// In a text: after this letter, `None` at its beginning.
    After(Option<OpId>),
}

#[derive(Debug)]
struct Operation<'a> {
    within: Option<OpId>,
    key: Key<'a>,
    insert: bool,
    action: u64,
    value: (u64, &'a [u8]),
    replaces: Vec<OpId>,
}

struct Operations<'a> {
    object_actor: Runs<'a, u64>,
    object_counter: Runs<'a, u64>,
    key_actor: Runs<'a, u64>,
    key_counter: Deltas<'a>,
    key_string: Runs<'a, &'a str>,
    insert: Flags<'a>,
    action: Runs<'a, u64>,
    value_type: Runs<'a, u64>,
    value: Reader<'a>,
    n_replaced: Runs<'a, u64>,
    replaced_actor: Runs<'a, u64>,
    replaced_counter: Deltas<'a>,
}

impl<'a> Operations<'a> {
    fn of(chunk: &Chunk<'a>) -> Result<Self, Unreadable> {
        let mut all = Self {
            object_actor: Runs::of(&[]),
            object_counter: Runs::of(&[]),
            key_actor: Runs::of(&[]),
            key_counter: Deltas::of(&[]),
            key_string: Runs::of(&[]),
            insert: Flags::of(&[]),
            action: Runs::of(&[]),
            value_type: Runs::of(&[]),
            value: Reader(&[]),
            n_replaced: Runs::of(&[]),
            replaced_actor: Runs::of(&[]),
            replaced_counter: Deltas::of(&[]),
        };
        let mut before = None;
        for (spec, data) in &chunk.columns {
            // In ascending order, each once.
            if spec & DEFLATED != 0 || before.is_some_and(|before| before >= *spec) {
                return Err(Unreadable);
            }
            before = Some(*spec);
            match *spec {
                columns::OBJECT_ACTOR => all.object_actor = Runs::of(data),
                columns::OBJECT_COUNTER => all.object_counter = Runs::of(data),
                columns::KEY_ACTOR => all.key_actor = Runs::of(data),
                columns::KEY_COUNTER => all.key_counter = Deltas::of(data),
                columns::KEY_STRING => all.key_string = Runs::of(data),
                columns::INSERT => all.insert = Flags::of(data),
                columns::ACTION => all.action = Runs::of(data),
                columns::VALUE_TYPE => all.value_type = Runs::of(data),
                columns::VALUE => all.value = Reader(data),
                columns::N_REPLACED => all.n_replaced = Runs::of(data),
                columns::REPLACED_ACTOR => all.replaced_actor = Runs::of(data),
                columns::REPLACED_COUNTER => all.replaced_counter = Deltas::of(data),
                // Only marks on text look at it, and there are none here.
                columns::EXPAND => {}
                _ if data.is_empty() => {}
                _ => return Err(Unreadable),
            }
        }
        Ok(all)
    }

    fn next(&mut self, actors: &[usize]) -> Result<Operation<'a>, Unreadable> {
        let action = self.action.next()?.ok_or(Unreadable)?;
        let within = id_of(self.object_actor.next()?, self.object_counter.next()?, actors)?;
        let (actor, counter, string) = (self.key_actor.next()?, self.key_counter.next()?, self.key_string.next()?);
        let key = match (actor, counter, string) {
            (None, None, Some(key)) => Key::Map(key),
            (None, Some(0), None) => Key::After(None),
            (Some(_), Some(counter), None) => {
                let counter = u64::try_from(counter).map_err(|_| Unreadable)?;
                Key::After(id_of(actor, Some(counter), actors)?)
            }
            _ => return Err(Unreadable),
        };
        let insert = self.insert.next()?;
        let meta = self.value_type.next()?.ok_or(Unreadable)?;
        let value = self.value.take(usize::try_from(meta >> 4).map_err(|_| Unreadable)?)?;
        let mut replaces = Vec::new();
        for _ in 0..self.n_replaced.next()?.unwrap_or(0) {
            let counter = self.replaced_counter.next()?.and_then(|counter| u64::try_from(counter).ok());
            replaces.push(id_of(self.replaced_actor.next()?, counter, actors)?.ok_or(Unreadable)?);
        }
        Ok(Operation { within, key, insert, action, value: (meta & 0xf, value), replaces })
    }

    /// True where the operations used up every value there is.
    fn all_read(&self) -> bool {
        self.value.0.is_empty() && self.replaced_actor.ended() && self.value_type.ended()
    }
}

fn id_of(actor: Option<u64>, counter: Option<u64>, actors: &[usize]) -> Result<Option<OpId>, Unreadable> {
    match (actor, counter) {
        (None, None) => Ok(None),
        (Some(actor), Some(counter)) => {
            let actor = usize::try_from(actor).ok().and_then(|actor| actors.get(actor)).ok_or(Unreadable)?;
            Ok(Some((counter, *actor)))
        }
        _ => Err(Unreadable),
    }
}

#[cfg(test)]
#[path = "plain_tests.rs"]
mod tests;
