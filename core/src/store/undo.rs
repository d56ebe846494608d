//! Taking one's own last actions back (rule 3): by new edits, field by field, only where the value is still what the
//! action left; the rest is reported and stays.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, params};

use super::error::StoreError;
use super::open::Store;
use super::views::Layouts;
use super::write::{GroupDraft, Write, Written, write_group};
use super::{access, cells, documents, mirror, records, state, trash};
use crate::docs::{Doc, Record, TRASHED};
use crate::domain::ids::*;
use crate::domain::kind::{FieldType, Kind};
use crate::domain::patch::Patch;
use crate::domain::value::{Entry, Value};

/// Actions remembered.
const KEPT: i64 = 50;

/// A record before and after an action: only what the action wrote.
pub(super) struct Image {
    record: RecordId,
    kind: String,
    creates: bool,
    was: BTreeMap<String, Value>,
    became: BTreeMap<String, Value>,
}

impl Image {
    /// All values of a record that was made.
    pub fn of_new(kind: &str, record: RecordId, now: &Record) -> Self {
        Self { record, kind: kind.to_owned(), creates: true, was: BTreeMap::new(), became: now.values.clone() }
    }

    /// What an edit wrote.
    pub fn of_edit(kind: &str, record: RecordId, patch: &Patch, was: &Record, now: &Record) -> Self {
        Self {
            record,
            kind: kind.to_owned(),
            creates: false,
            was: looked_at(patch, was),
            became: looked_at(patch, now),
        }
    }
}

/// The values of those fields and entries a patch names.
fn looked_at(patch: &Patch, record: &Record) -> BTreeMap<String, Value> {
    let value = |(key, wanted): (&String, &Value)| {
        let now = record.values.get(key);
        let value = match wanted {
            _ if key == TRASHED => Value::Bool(record.trashed),
            Value::Entries(entries) => Value::Entries(entries.iter().map(|entry| held(now, entry)).collect()),
            _ => now.cloned().unwrap_or(Value::Empty),
        };
        (key.clone(), value)
    };
    patch.set.iter().map(value).collect()
}

/// An entry as a collection holds it; taken away where it does not.
fn held(collection: Option<&Value>, entry: &Entry) -> Entry {
    let gone = Entry { id: entry.id, value: Box::new(Value::Empty), label: String::new(), removed: true };
    match collection {
        Some(Value::Entries(entries)) => entries.iter().find(|other| other.id == entry.id).cloned().unwrap_or(gone),
        _ => gone,
    }
}

/// What became of taking something back.
#[derive(Clone, Debug, Default)]
pub struct Undone {
    /// What it was.
    pub what: Action,
    /// The first record it was about.
    pub record: Option<RecordId>,
    /// Its kind.
    pub kind: String,
    /// Its name.
    pub title: String,
    /// How many records were taken back, wholly or in part.
    pub n_records: u64,
    /// What stays.
    pub kept: Vec<Kept>,
    /// The edits that took it back.
    pub written: Written,
}

impl Undone {
    /// Adds what became of another action of the same kind.
    fn join(&mut self, other: Self) {
        if self.what == Action::Nothing {
            *self = other;
            return;
        }
        self.n_records += other.n_records;
        self.kept.extend(other.kept);
        self.written.touched.join(other.written.touched);
    }
}

/// What a person did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Action {
    /// Nothing is remembered.
    #[default]
    Nothing,
    /// Made records.
    Create,
    /// Edited fields.
    Edit,
    /// Put records into the trash.
    Trash,
    /// Took records out of the trash.
    Restore,
    /// Gave an order, which is taken back by an order.
    Order(CommandId),
}

/// Something that was not taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The record.
    pub record: RecordId,
    /// Its kind.
    pub kind: String,
    /// Its name, where it is here.
    pub title: String,
    /// The field; empty where it is the whole record.
    pub field: String,
    /// Why.
    pub why: Why,
}

/// Why something was not taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// It has changed since.
    Changed,
    /// The record is not here any more.
    Gone,
    /// The person may not edit it any more.
    NotAllowed,
    /// Other records have been made under it since.
    InUse,
}

impl Store {
    /// Takes the last action back and forgets it. An order is only named and forgotten here: taking it back is an
    /// order of its own.
    ///
    /// # Errors
    /// Those of [`Store::write_group`]; then nothing was taken back and nothing forgotten.
    pub fn undo(&self, at: DateTime<Utc>, ids: &dyn IdSource) -> Result<Undone, StoreError> {
        self.setting_aside(|store| store.write(|tx| undo(tx, store.layouts(), at, ids)))
    }

    /// Takes certain actions back, the last first, and forgets them; those that are not remembered any more are passed
    /// over. Each is written as a group of its own: together they may be more than one may hold.
    ///
    /// # Errors
    /// As [`Store::undo`].
    pub fn undo_actions(&self, actions: &[i64], at: DateTime<Utc>, ids: &dyn IdSource) -> Result<Undone, StoreError> {
        self.setting_aside(|store| {
            store.write(|tx| {
                let mut all = Undone::default();
                let actions: BTreeSet<i64> = actions.iter().copied().collect();
                for action in actions.into_iter().rev() {
                    let images = images(tx, action)?;
                    drop_action(tx, action)?;
                    if !images.is_empty() {
                        all.join(take_back(tx, store.layouts(), &images, Groups::All, at, ids)?);
                    }
                }
                Ok(all)
            })
        })
    }

    /// Takes back what was written along with an order, where nothing has changed since, and forgets it.
    ///
    /// # Errors
    /// As [`Store::undo`].
    pub fn undo_along(&self, command: CommandId, at: DateTime<Utc>, ids: &dyn IdSource) -> Result<Undone, StoreError> {
        self.setting_aside(|store| {
            store.write(|tx| {
                let Some(id) = of_command(tx, command)? else { return Ok(Undone::default()) };
                let images = images(tx, id)?;
                drop_action(tx, id)?;
                take_back(tx, store.layouts(), &images, Groups::One, at, ids)
            })
        })
    }
}

fn undo(conn: &Connection, layouts: &Layouts, at: DateTime<Utc>, ids: &dyn IdSource) -> Result<Undone, StoreError> {
    let mut statement = conn.prepare_cached("SELECT id, command FROM undo ORDER BY id DESC LIMIT 1")?;
    let last = statement.query_row([], |row| Ok((row.get::<_, i64>(0)?, cells::id_or_none(row, 1)?))).optional()?;
    let Some((id, command)) = last else { return Ok(Undone::default()) };
    let images = images(conn, id)?;
    if let Some(command) = command {
        // What goes back with the order waits for it.
        if images.is_empty() {
            drop_action(conn, id)?;
        }
        return Ok(Undone { what: Action::Order(CommandId(command)), ..Undone::default() });
    }
    drop_action(conn, id)?;
    take_back(conn, layouts, &images, Groups::All, at, ids)
}

/// How edits go back: together, or each for itself as those behind an order went.
#[derive(Clone, Copy)]
enum Groups {
    All,
    One,
}

fn take_back(
    conn: &Connection,
    layouts: &Layouts,
    images: &[Image],
    groups: Groups,
    at: DateTime<Utc>,
    ids: &dyn IdSource,
) -> Result<Undone, StoreError> {
    let mut undone = Undone { what: action(images), ..Undone::default() };
    if let Some(first) = images.first() {
        undone.record = Some(first.record);
        undone.kind.clone_from(&first.kind);
        undone.title = records::title(conn, layouts, first.record)?.unwrap_or_default();
    }
    let own: BTreeSet<RecordId> = images.iter().map(|image| image.record).collect();
    let mut writes = Vec::new();
    // The last write first: a record made is put away after what was made under it.
    for image in images.iter().rev() {
        let in_use = !undone.kept.is_empty();
        let mut taking = Taking { conn, layouts, image, own: &own, in_use, kept: Vec::new() };
        let patch = taking.patch()?;
        undone.kept.append(&mut taking.kept);
        if !patch.is_empty() {
            writes.push(Write::Edit { id: image.record, patch });
        }
    }
    undone.n_records = writes.len() as u64;
    let size = match groups {
        Groups::All => writes.len().max(1),
        Groups::One => 1,
    };
    for part in writes.chunks(size) {
        let written = write_group(conn, layouts, &GroupDraft { at, writes: part.to_vec() }, ids)?;
        undone.written.group = written.group;
        undone.written.touched.join(written.touched);
    }
    Ok(undone)
}

fn action(images: &[Image]) -> Action {
    let flag = |image: &Image| match image.became.get(TRASHED) {
        Some(Value::Bool(flag)) => Some(*flag),
        _ => None,
    };
    match images.first() {
        None => Action::Nothing,
        _ if images.iter().any(|image| image.creates) => Action::Create,
        Some(first) => match flag(first) {
            Some(true) => Action::Trash,
            Some(false) => Action::Restore,
            None => Action::Edit,
        },
    }
}

/// Takes back what was done to one record.
struct Taking<'a> {
    conn: &'a Connection,
    layouts: &'a Layouts,
    image: &'a Image,
    /// All records of the action.
    own: &'a BTreeSet<RecordId>,
    /// Something made later by the same action stays.
    in_use: bool,
    kept: Vec<Kept>,
}

impl Taking<'_> {
    fn keep(&mut self, field: &str, why: Why) -> Result<(), StoreError> {
        let (record, kind) = (self.image.record, self.image.kind.clone());
        let title = records::title(self.conn, self.layouts, record)?.unwrap_or_default();
        self.kept.push(Kept { record, kind, title, field: field.to_owned(), why });
        Ok(())
    }

    fn patch(&mut self) -> Result<Patch, StoreError> {
        let nothing = Patch::new();
        let document = documents::find(self.conn, self.image.record)?;
        let (Some(document), Some(layout)) = (document, self.layouts.get(&self.image.kind)) else {
            self.keep("", Why::Gone)?;
            return Ok(nothing);
        };
        let me = state::me(self.conn)?;
        let level = access::best_level(self.conn, &me, &document.homes)?;
        let authority = mirror::authority(self.conn, document.n)?;
        if level.is_none() || !access::may_edit(layout.kind, &me, level, &authority) {
            self.keep("", if level.is_none() { Why::Gone } else { Why::NotAllowed })?;
            return Ok(nothing);
        }
        let mut doc = documents::load(&document)?;
        let now = doc.read(layout.kind)?;
        if self.image.creates { self.unmake(&now) } else { self.unedit(layout.kind, &mut doc, &now) }
    }

    fn unmake(&mut self, now: &Record) -> Result<Patch, StoreError> {
        if now.trashed {
            return Ok(Patch::new());
        }
        if now.values != self.image.became || !now.competing.is_empty() {
            self.keep("", Why::Changed)?;
            return Ok(Patch::new());
        }
        let mine = n_own(self.conn, self.image.record, self.own)?;
        if self.in_use || trash::n_under(self.conn, self.layouts, self.image.record)? > mine {
            self.keep("", Why::InUse)?;
            return Ok(Patch::new());
        }
        Ok(Patch::new().set_key(TRASHED, Value::Bool(true)))
    }

    fn unedit(&mut self, kind: &Kind, doc: &mut Doc, now: &Record) -> Result<Patch, StoreError> {
        let image = self.image;
        let mut patch = Patch::new();
        for (key, was) in &image.was {
            let Some(became) = image.became.get(key) else { continue };
            if was == became {
                continue;
            }
            if kind.field(key).is_some_and(|field| field.field_type == FieldType::Note && !field.many) {
                // Of a text only what the action typed and struck is taken back, whatever was typed since.
                let mut back = Patch::new().set_key(key, was.clone());
                back.seen.insert(key.clone(), became.clone());
                patch.set.extend(doc.carried_over(kind, &back)?.set);
                continue;
            }
            match (was, became) {
                (Value::Entries(was), Value::Entries(became)) => {
                    for (was, became) in was.iter().zip(became) {
                        if was == became {
                            continue;
                        }
                        let entry = format!("{key}/{}", became.id);
                        let same = held(now.values.get(key), became) == *became;
                        if same && !now.competing.contains_key(&entry) {
                            patch.push_entry(key, was.clone());
                        } else {
                            self.keep(key, Why::Changed)?;
                        }
                    }
                }
                _ => {
                    let stands = match key.as_str() {
                        TRASHED => Value::Bool(now.trashed),
                        _ => now.values.get(key).cloned().unwrap_or(Value::Empty),
                    };
                    if stands == *became && !now.competing.contains_key(key) {
                        patch.set.insert(key.clone(), was.clone());
                    } else if stands != *was {
                        self.keep(key, Why::Changed)?;
                    }
                }
            }
        }
        Ok(patch)
    }
}

/// How many records of the action itself live under a client.
fn n_own(conn: &Connection, client: RecordId, own: &BTreeSet<RecordId>) -> Result<u64, StoreError> {
    let mut n = 0;
    for id in own {
        if let Some((_, _, Some(under))) = documents::place(conn, *id)? {
            n += u64::from(under == client);
        }
    }
    Ok(n)
}

/// Remembers an action; the oldest goes where there are too many. One that changed nothing is none.
pub(super) fn remember(conn: &Connection, at: DateTime<Utc>, images: &[Image]) -> Result<Option<i64>, StoreError> {
    if images.iter().all(|image| !image.creates && image.was == image.became) {
        return Ok(None);
    }
    let id = push(conn, at, None)?;
    let mut statement = conn.prepare_cached(
        "INSERT INTO undo_writes (undo, pos, record, kind, creates, was, became) VALUES (?,?,?,?,?,?,?)",
    )?;
    for (pos, image) in images.iter().enumerate() {
        statement.execute(params![
            id,
            pos as i64,
            image.record.bytes(),
            image.kind,
            image.creates,
            cells::to_cbor(&image.was)?,
            cells::to_cbor(&image.became)?
        ])?;
    }
    Ok(Some(id))
}

/// An action goes back with an order from now on, not by itself.
pub(super) fn bind(conn: &Connection, command: CommandId, action: i64) -> Result<(), StoreError> {
    let Some(order) = of_command(conn, command)? else { return Ok(()) };
    conn.prepare_cached("UPDATE undo_writes SET undo = ? WHERE undo = ?")?.execute([order, action])?;
    conn.prepare_cached("DELETE FROM undo WHERE id = ?")?.execute([action])?;
    Ok(())
}

fn of_command(conn: &Connection, command: CommandId) -> Result<Option<i64>, StoreError> {
    let mut statement = conn.prepare_cached("SELECT id FROM undo WHERE command = ?")?;
    Ok(statement.query_row([command.bytes()], |row| row.get(0)).optional()?)
}

/// Remembers that an order was given, so that what was done before it is not taken back in its place.
pub(super) fn remember_command(conn: &Connection, at: DateTime<Utc>, command: CommandId) -> Result<(), StoreError> {
    push(conn, at, Some(command)).map(|_| ())
}

fn push(conn: &Connection, at: DateTime<Utc>, command: Option<CommandId>) -> Result<i64, StoreError> {
    conn.prepare_cached("INSERT INTO undo (at, command) VALUES (?, ?)")?
        .execute(params![at.timestamp_millis(), command.as_ref().map(CommandId::bytes)])?;
    let id = conn.last_insert_rowid();
    let mut statement = conn.prepare_cached("SELECT id FROM undo ORDER BY id DESC LIMIT -1 OFFSET ?")?;
    let old = statement.query_map([KEPT], |row| row.get::<_, i64>(0))?.collect::<Result<Vec<_>, _>>()?;
    for old in old {
        drop_action(conn, old)?;
    }
    Ok(id)
}

/// Forgets all actions on a record that was purged or from which something was erased.
pub(super) fn forget(conn: &Connection, record: RecordId) -> Result<(), StoreError> {
    let mut statement = conn.prepare_cached("DELETE FROM undo_writes WHERE record = ?")?;
    if statement.execute([record.bytes()])? > 0 {
        conn.prepare_cached(
            "DELETE FROM undo WHERE command IS NULL AND NOT EXISTS (SELECT 1 FROM undo_writes w WHERE w.undo = undo.id)",
        )?
        .execute([])?;
    }
    Ok(())
}

fn drop_action(conn: &Connection, id: i64) -> Result<(), StoreError> {
    conn.prepare_cached("DELETE FROM undo_writes WHERE undo = ?")?.execute([id])?;
    conn.prepare_cached("DELETE FROM undo WHERE id = ?")?.execute([id])?;
    Ok(())
}

fn images(conn: &Connection, id: i64) -> Result<Vec<Image>, StoreError> {
    let mut statement =
        conn.prepare_cached("SELECT record, kind, creates, was, became FROM undo_writes WHERE undo = ? ORDER BY pos")?;
    let rows = statement.query_map([id], |row| {
        let cbor = |at: usize| row.get::<_, Vec<u8>>(at);
        Ok((RecordId(cells::id(row, 0)?), row.get(1)?, row.get(2)?, cbor(3)?, cbor(4)?))
    })?;
    let mut images = Vec::new();
    for row in rows {
        let (record, kind, creates, was, became) = row?;
        let (was, became) = (cells::from_cbor(&was)?, cells::from_cbor(&became)?);
        images.push(Image { record, kind, creates, was, became });
    }
    Ok(images)
}
