//! Taking an import back: record by record, value by value, only where what it set still stands. The rest stays and is
//! reported.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};

use super::{Remembered, stored};
use crate::app::api::*;
use crate::app::handle::locked;
use crate::app::{App, Error};
use crate::docs::TRASHED;
use crate::domain::ids::*;
use crate::domain::patch::Patch;
use crate::domain::value::{Entry, Value};
use crate::store::imports::{Did, DoneWrite, ImportNumber};
use crate::store::records::Stored;
use crate::store::write::{GroupDraft, Write};
use crate::store::{Store, StoreError};

/// Lines of what was done that are dealt with in one transaction.
const BATCH: u32 = 400;
/// Records named that stay.
const NAMED: usize = 100;

pub(super) fn all(app: &App, remembered: &mut Remembered, stop: &AtomicBool) -> Result<(), Error> {
    let store = app.store()?;
    let import = ImportNumber(remembered.state.import);
    remembered.state.phase = ImportPhase::Undoing;
    remembered.state.n_total = store.n_done_writes(import)?;
    remembered.state.n_rows = 0;
    // Nobody gets what goes to the trash.
    remembered.to_move.clear();
    (remembered.state.kept, remembered.state.n_kept) = (Vec::new(), 0);
    let mut before = i64::MAX;
    while !stop.load(Ordering::SeqCst) {
        let lines = store.done_writes(import, before, BATCH)?;
        let Some(last) = lines.last() else { break };
        before = last.seq;
        step(app, &store, remembered, &lines)?;
        locked(&app.inner.importing).state = Some(remembered.state.clone());
        app.emit(&[Topic::Imports]);
    }
    Ok(())
}

fn step(app: &App, store: &Store, remembered: &mut Remembered, lines: &[DoneWrite]) -> Result<(), Error> {
    app.store()?;
    let mut groups: Vec<(GroupDraft, Vec<i64>)> = Vec::new();
    let mut subjects: Vec<RecordId> = Vec::new();
    // A record two rows wrote is seen by the first of them only once the second is taken back.
    let mut busy: BTreeSet<RecordId> = BTreeSet::new();
    let mut rows = lines.chunk_by(|one, other| one.row == other.row).peekable();
    while let Some(row) = rows.next() {
        remembered.state.n_rows += row.len() as u64;
        let (undone, kept) = row_back(store, row)?;
        for id in kept {
            keep(store, remembered, id)?;
        }
        if let Some((writes, seqs)) = undone {
            busy.extend(row.iter().map(|line| line.record));
            subjects.push(row[0].record);
            groups.push((GroupDraft { at: app.now(), writes }, seqs));
        }
        let next_waits = rows.peek().is_some_and(|next| next.iter().any(|line| concerns(store, line, &busy)));
        if next_waits || rows.peek().is_none() {
            let (done, touched) = store.write_undone(&stored(remembered)?, &groups, app.ids())?;
            for (is_done, subject) in done.into_iter().zip(std::mem::take(&mut subjects)) {
                if !is_done {
                    keep(store, remembered, subject)?;
                }
            }
            groups.clear();
            busy.clear();
            app.written(&touched);
        }
    }
    Ok(())
}

/// The line writes a record that is being written, or made the client of one.
fn concerns(store: &Store, line: &DoneWrite, busy: &BTreeSet<RecordId>) -> bool {
    let under = |id: &RecordId| store.row(*id).ok().flatten().and_then(|row| row.client) == Some(line.record);
    busy.contains(&line.record) || busy.iter().any(under)
}

fn keep(store: &Store, remembered: &mut Remembered, id: RecordId) -> Result<(), Error> {
    remembered.state.n_kept += 1;
    if remembered.state.kept.len() < NAMED {
        let title = store.titles(&BTreeSet::from([id.0]))?.remove(&id.0).unwrap_or_default();
        remembered.state.kept.push(Reference { id: id.to_string(), title });
    }
    Ok(())
}

type Back = (Vec<Write>, Vec<i64>);

/// What takes a row back, and the records of it that stay as they are.
fn row_back(store: &Store, lines: &[DoneWrite]) -> Result<(Option<Back>, Vec<RecordId>), Error> {
    let mut writes = Vec::new();
    let mut seqs = Vec::new();
    let mut kept = Vec::new();
    let made: Vec<&DoneWrite> = lines.iter().filter(|line| line.did.as_ref().is_some_and(|did| did.creates)).collect();
    let ids: BTreeSet<RecordId> = made.iter().map(|line| line.record).collect();
    // What one row made stands or falls together: a client without his legal entity is nothing anybody typed.
    let mut whole = true;
    for line in &made {
        whole &= match read(store, line.record)? {
            Some(record) => record.may_edit && is_untouched(store, line, &record, &ids)?,
            None => false,
        };
    }
    for line in lines {
        let Some(did) = &line.did else {
            kept.push(line.record);
            continue;
        };
        if did.creates {
            if whole {
                writes.push(Write::Edit { id: line.record, patch: Patch::new().set_key(TRASHED, Value::Bool(true)) });
                seqs.push(line.seq);
            }
            continue;
        }
        match read(store, line.record)? {
            Some(record) if record.may_edit && !record.row.trashed => {
                let (patch, all) = values_back(did, &record);
                if !patch.is_empty() {
                    writes.push(Write::Edit { id: line.record, patch });
                    seqs.push(line.seq);
                }
                if !all {
                    kept.push(line.record);
                }
            }
            _ => kept.push(line.record),
        }
    }
    if !whole && let Some(first) = made.last() {
        kept.push(first.record);
    }
    Ok(((!writes.is_empty()).then_some((writes, seqs)), kept))
}

fn read(store: &Store, id: RecordId) -> Result<Option<Stored>, Error> {
    match store.record(id) {
        Ok(record) => Ok(Some(record)),
        Err(StoreError::NotFound | StoreError::RecordDamaged(_) | StoreError::UnknownKind(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// True where a record is what the import made of it, and nothing was put under it since.
fn is_untouched(store: &Store, line: &DoneWrite, record: &Stored, with_it: &BTreeSet<RecordId>) -> Result<bool, Error> {
    let Some(did) = &line.did else { return Ok(false) };
    if record.row.trashed {
        return Ok(false);
    }
    let same_values =
        record.record.values.iter().filter(|(_, value)| !value.is_empty()).all(|(key, value)| match value {
            Value::Entries(entries) => entries.iter().filter(|entry| !entry.removed).all(|entry| {
                let added = did.added.get(key).into_iter().flatten();
                added.into_iter().any(|(id, value)| *id == entry.id && value == entry.value.as_ref())
            }),
            value => did.set.get(key).is_some_and(|(_, after)| after == value),
        });
    let all_there = did.set.iter().all(|(key, (_, after))| record.record.values.get(key) == Some(after))
        && did.added.iter().all(|(key, added)| n_entries(record.record.values.get(key)) == added.len());
    if !same_values || !all_there {
        return Ok(false);
    }
    if record.row.kind != crate::domain::kinds::client::KIND.key {
        return Ok(true);
    }
    for kind in store.registry().iter().filter(|kind| kind.home.under_client()) {
        let others = store.rows_under(line.record, kind.key)?;
        if others.iter().any(|row| !with_it.contains(&row.id)) {
            return Ok(false);
        }
    }
    Ok(true)
}

fn n_entries(value: Option<&Value>) -> usize {
    match value {
        Some(Value::Entries(entries)) => entries.iter().filter(|entry| !entry.removed).count(),
        _ => 0,
    }
}

/// The values that stood before, where those of the import still stand; whether that is all of them.
fn values_back(did: &Did, record: &Stored) -> (Patch, bool) {
    let mut patch = Patch::new();
    let mut all = true;
    for (key, (before, after)) in &did.set {
        if record.record.values.get(key) == Some(after) {
            patch.seen.insert(key.clone(), after.clone());
            patch.set.insert(key.clone(), before.clone());
        } else {
            all = false;
        }
    }
    let held = &record.record.values;
    for (key, added) in &did.added {
        for (id, value) in added {
            let entries = match held.get(key) {
                Some(Value::Entries(entries)) => entries.as_slice(),
                _ => &[],
            };
            let there = entries.iter().find(|entry| entry.id == *id && !entry.removed);
            match there.filter(|entry| entry.value.as_ref() == value) {
                Some(entry) => patch.push_entry(key, Entry { removed: true, ..entry.clone() }),
                None => all = false,
            }
        }
    }
    (patch, all)
}
