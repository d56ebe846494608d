//! A record's history, read off the changes of its loaded document: who changed what, from which value to which, and
//! the record as it was after each of them. Nothing is kept for it: whatever a document was loaded from, its changes
//! are the same.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap};

use automerge::legacy::{ElementId, Key, ObjectId, Op, OpId, OpType};
use automerge::{Change, ObjType, ScalarValue};
use chrono::{DateTime, Utc};

use super::doc::{Doc, DocError, guarded};
use super::read::{at_seconds, from_scalar};
use super::sequence::{Letters, Piece};
use super::{Hash, Record, TRASHED, entry_keys};
use crate::domain::authority::actor_device;
use crate::domain::ids::EntryId;
use crate::domain::kind::{FieldDecl, FieldType, Kind};
use crate::domain::value::Value;

/// One change of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The change.
    pub hash: Hash,
    /// The actor that made it.
    pub actor: Vec<u8>,
    /// When, by that actor's clock.
    pub at: DateTime<Utc>,
    /// It made the record.
    pub creates: bool,
    /// What it changed, in the order of the kind's fields; the flag [`TRASHED`] comes last.
    pub fields: Vec<FieldStep>,
}

/// What a change did to one field, or to one entry of a collection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldStep {
    /// The field's key, or [`TRASHED`].
    pub field: String,
    /// The entry, where the field is a collection.
    pub entry: Option<EntryId>,
    /// What its author saw; empty for notes.
    pub before: Value,
    /// What he made of it; empty where he cleared it or took the entry away, and for notes.
    pub after: Value,
    /// What the entry is for, afterwards.
    pub label: String,
    /// For notes: what was typed and struck out, with what stands around it.
    pub pieces: Vec<Piece>,
    /// There were competing values, and this settled it.
    pub settles: bool,
}

impl Doc {
    /// All changes, each after the ones it builds on and otherwise by time: the same order on every device. Changes
    /// that say nothing to a person, such as a text field's birth, are left out.
    ///
    /// # Errors
    /// `Damaged` where the changes cannot be read.
    pub fn history(&mut self, kind: &Kind) -> Result<Vec<Step>, DocError> {
        guarded(|| {
            let changes = self.in_order();
            let mut telling = Telling::new(kind, &changes);
            let mut steps = Vec::with_capacity(changes.len());
            for change in &changes {
                let fields = telling.read(change)?;
                // A text field's birth is nobody's; it may stand before the record's own first change.
                let births = actor_device(change.actor_id().to_bytes()).is_none();
                let creates = steps.is_empty() && !births;
                if creates || !fields.is_empty() {
                    steps.push(Step {
                        hash: change.hash().0,
                        actor: change.actor_id().to_bytes().to_vec(),
                        at: at_seconds(change.timestamp()),
                        creates,
                        fields,
                    });
                }
            }
            Ok(steps)
        })
    }

    /// The record as it was after a change, in the order of [`Doc::history`]; `None` where the change is not here.
    ///
    /// # Errors
    /// `Damaged` where the document cannot be read.
    pub fn read_after(&mut self, kind: &Kind, change: &Hash) -> Result<Option<Record>, DocError> {
        let order = self.in_order();
        let Some(at) = order.iter().position(|other| other.hash().0 == *change) else { return Ok(None) };
        let later: BTreeSet<Hash> = order[at + 1..].iter().map(|change| change.hash().0).collect();
        let heads = self.heads_without(&later);
        self.as_of(&heads)?.read(kind).map(Some)
    }

    fn in_order(&mut self) -> Vec<Change> {
        self.am.commit();
        let changes = self.am.get_changes(&[]);
        let at: HashMap<Hash, usize> = changes.iter().enumerate().map(|(at, change)| (change.hash().0, at)).collect();
        let mut wanting: Vec<usize> = changes.iter().map(|change| change.deps().len()).collect();
        let mut builds_on: Vec<Vec<usize>> = vec![Vec::new(); changes.len()];
        for (idx, change) in changes.iter().enumerate() {
            for dep in change.deps() {
                if let Some(dep) = at.get(&dep.0) {
                    builds_on[*dep].push(idx);
                }
            }
        }
        let key = |idx: usize| Reverse((changes[idx].timestamp(), changes[idx].hash().0, idx));
        let mut ready: BinaryHeap<_> = (0..changes.len()).filter(|idx| wanting[*idx] == 0).map(key).collect();
        let mut order = Vec::with_capacity(changes.len());
        while let Some(Reverse((_, _, idx))) = ready.pop() {
            order.push(changes[idx].clone());
            for next in &builds_on[idx] {
                wanting[*next] -= 1;
                if wanting[*next] == 0 {
                    ready.push(key(*next));
                }
            }
        }
        order
    }
}

/// An operation's name with its actor by rank, so that names compare as Automerge compares them.
pub(super) type Id = (u64, usize);

/// Where in a map a value stands: the entry's map, or the root, and the key.
type Place = (Option<Id>, String);

/// Reads changes one after the other and remembers what stood where.
struct Telling<'a> {
    kind: &'a Kind,
    ranks: BTreeMap<Vec<u8>, usize>,
    /// What single operations wrote.
    written: HashMap<Id, ScalarValue>,
    /// Maps of entries by the operation that made them: their root key.
    entries: HashMap<Id, String>,
    /// What entries are for.
    labels: HashMap<Id, String>,
    notes: HashMap<Id, (String, Letters)>,
}

/// What one change did at one place.
struct Touch {
    before: Option<ScalarValue>,
    after: Option<ScalarValue>,
    settles: bool,
}

impl<'a> Telling<'a> {
    fn new(kind: &'a Kind, changes: &[Change]) -> Self {
        let actors: BTreeSet<Vec<u8>> =
            changes.iter().flat_map(|change| change.actors().map(|actor| actor.to_bytes().to_vec())).collect();
        let ranks = actors.into_iter().enumerate().map(|(rank, actor)| (actor, rank)).collect();
        let (written, entries) = (HashMap::new(), HashMap::new());
        Self { kind, ranks, written, entries, labels: HashMap::new(), notes: HashMap::new() }
    }

    fn id(&self, id: &OpId) -> Result<Id, DocError> {
        Ok((id.counter(), *self.ranks.get(id.actor().to_bytes()).ok_or(DocError::Damaged)?))
    }

    fn read(&mut self, change: &Change) -> Result<Vec<FieldStep>, DocError> {
        let rank = *self.ranks.get(change.actor_id().to_bytes()).ok_or(DocError::Damaged)?;
        let mut touched: BTreeMap<Place, Touch> = BTreeMap::new();
        let mut written = BTreeSet::new();
        let expanded = change.decode();
        for (counter, op) in (expanded.start_op.get()..).zip(&expanded.operations) {
            let id = (counter, rank);
            let object = match &op.obj {
                ObjectId::Root => None,
                ObjectId::Id(id) => Some(self.id(id)?),
            };
            match &op.key {
                Key::Map(key) => self.put(id, object, key, op, &mut touched)?,
                Key::Seq(after) => {
                    let Some(note) = object else { continue };
                    self.type_letter(id, note, after, op)?;
                    written.insert(note);
                }
            }
        }
        let mut steps = self.scalars(touched);
        for note in written {
            let Some((key, letters)) = self.notes.get_mut(&note) else { continue };
            let pieces = letters.taken();
            if !pieces.is_empty() {
                steps.push(FieldStep { pieces, ..FieldStep::of(key) });
            }
        }
        let rank =
            |step: &FieldStep| self.kind.fields.iter().position(|field| field.key == step.field).unwrap_or(usize::MAX);
        steps.sort_by_key(|step| (rank(step), step.entry));
        Ok(steps)
    }

    fn put(
        &mut self,
        id: Id,
        object: Option<Id>,
        key: &str,
        op: &Op,
        touched: &mut BTreeMap<Place, Touch>,
    ) -> Result<(), DocError> {
        match &op.action {
            OpType::Make(ObjType::Text) if object.is_none() => {
                self.notes.insert(id, (key.to_owned(), Letters::default()));
            }
            OpType::Make(_) if object.is_none() => {
                self.entries.insert(id, key.to_owned());
            }
            OpType::Put(value) => {
                let replaced: BTreeSet<Id> = op.pred.iter().map(|id| self.id(id)).collect::<Result<_, _>>()?;
                // The greatest one is the one shown.
                let before = replaced.last().and_then(|id| self.written.get(id)).cloned();
                let settles = replaced.len() > 1;
                let touch = touched.entry((object, key.to_owned()));
                let touch = touch.or_insert(Touch { before, after: None, settles: false });
                touch.after = Some(value.clone());
                touch.settles |= settles;
                self.written.insert(id, value.clone());
            }
            _ => {}
        }
        Ok(())
    }

    fn type_letter(&mut self, id: Id, note: Id, after: &ElementId, op: &Op) -> Result<(), DocError> {
        let after = match after {
            ElementId::Head => None,
            ElementId::Id(id) => Some(self.id(id)?),
        };
        let Some((_, letters)) = self.notes.get_mut(&note) else { return Ok(()) };
        match &op.action {
            OpType::Put(ScalarValue::Str(letter)) if op.insert => letters.insert(id, after, letter),
            OpType::Delete => letters.delete(after),
            _ => {}
        }
        Ok(())
    }

    fn scalars(&mut self, touched: BTreeMap<Place, Touch>) -> Vec<FieldStep> {
        let mut steps = Vec::new();
        let mut of_entries: BTreeMap<Id, Vec<(String, Touch)>> = BTreeMap::new();
        for ((object, key), touch) in touched {
            match object {
                Some(entry) => of_entries.entry(entry).or_default().push((key, touch)),
                None if key == TRASHED => {
                    let flag = |scalar: Option<&ScalarValue>| Value::Bool(scalar == Some(&ScalarValue::Boolean(true)));
                    let (before, after) = (flag(touch.before.as_ref()), flag(touch.after.as_ref()));
                    steps.extend((before != after).then(|| FieldStep { before, after, ..FieldStep::of(TRASHED) }));
                }
                None => steps.extend(self.field(&key).and_then(|field| single(field, &touch))),
            }
        }
        for (entry, touches) in of_entries {
            steps.extend(self.entry(entry, touches));
        }
        steps
    }

    fn field(&self, key: &str) -> Option<&'static FieldDecl> {
        self.kind.document_fields().find(|field| field.key == key)
    }

    fn entry(&mut self, map: Id, touches: Vec<(String, Touch)>) -> Option<FieldStep> {
        let (field, id) = self.entries.get(&map)?.split_once('/')?;
        let (field, id) = (self.field(field)?, id.parse::<EntryId>().ok()?);
        let mut step = FieldStep { entry: Some(id), ..FieldStep::of(field.key) };
        let label_before = self.labels.get(&map).cloned().unwrap_or_default();
        step.label.clone_from(&label_before);
        let mut value = None;
        let mut back = false;
        for (key, touch) in touches {
            match key.as_str() {
                entry_keys::VALUE => value = Some(touch),
                entry_keys::REMOVED => back = touch.after == Some(ScalarValue::Boolean(false)),
                entry_keys::LABEL => {
                    step.label = touch.after.as_ref().and_then(|label| label.as_str()).unwrap_or_default().to_owned();
                    self.labels.insert(map, step.label.clone());
                }
                _ => {}
            }
        }
        if let Some(touch) = value {
            step.before = of_field(field, touch.before.as_ref());
            step.after = of_field(field, touch.after.as_ref());
            step.settles = touch.settles;
        }
        let changed = step.before != step.after || step.label != label_before || step.settles || back;
        changed.then_some(step)
    }
}

impl FieldStep {
    fn of(field: &str) -> Self {
        Self {
            field: field.to_owned(),
            entry: None,
            before: Value::Empty,
            after: Value::Empty,
            label: String::new(),
            pieces: Vec::new(),
            settles: false,
        }
    }
}

fn single(field: &FieldDecl, touch: &Touch) -> Option<FieldStep> {
    if field.many || field.field_type == FieldType::Note {
        return None;
    }
    let (before, after) = (of_field(field, touch.before.as_ref()), of_field(field, touch.after.as_ref()));
    let step = FieldStep { before, after, settles: touch.settles, ..FieldStep::of(field.key) };
    (step.before != step.after || step.settles).then_some(step)
}

fn of_field(field: &FieldDecl, scalar: Option<&ScalarValue>) -> Value {
    match scalar.map(|scalar| from_scalar(field.field_type, scalar)) {
        Some(value) if !value.is_empty() => value,
        _ => Value::Empty,
    }
}

#[cfg(test)]
#[path = "history_tests.rs"]
mod tests;
