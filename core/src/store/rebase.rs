//! Rebuilding a record from what the server has acknowledged (rule 12): one way for refusals, set-aside edits, clones
//! and new generations.
//!
//! What was refused stays in the outbox with the values typed; other unsent edits are written again, by a new actor.

use std::collections::BTreeSet;

use rusqlite::{Connection, params};

use super::documents::{self, Document};
use super::error::StoreError;
use super::outbox::{self, ItemState, WriteRow};
use super::receipts::{self, Fate};
use super::views::{Layout, Layouts, RowFacts};
use super::write::Touched;
use super::{contacts, index, mirror, purge, state, views};
use crate::docs::{Doc, Hash, change};
use crate::domain::ids::*;
use crate::domain::kind::{FieldType, Kind};

/// Rebuilds records. What a record loses its making with goes to the tray as well, and so on.
pub(super) fn rebase(
    conn: &Connection,
    layouts: &Layouts,
    records: BTreeSet<RecordId>,
    ids: &dyn IdSource,
    touched: &mut Touched,
) -> Result<(), StoreError> {
    rebase_from(conn, layouts, (records, i64::MIN), ids, touched)
}

/// As [`rebase`], but edits made before item `from` stay as they are: they may have reached the server, with the answer
/// lost, and written anew they would be there twice.
pub(super) fn rebase_from(
    conn: &Connection,
    layouts: &Layouts,
    (records, from): (BTreeSet<RecordId>, i64),
    ids: &dyn IdSource,
    touched: &mut Touched,
) -> Result<(), StoreError> {
    if records.is_empty() {
        return Ok(());
    }
    state::next_incarnation(conn)?;
    let mut work = Rebase { conn, layouts, actor: state::actor(conn)?, from, ids, touched, contacts: BTreeSet::new() };
    let mut waiting: Vec<RecordId> = records.into_iter().collect();
    while let Some(record) = waiting.pop() {
        waiting.extend(work.record(record)?);
    }
    let contacts = std::mem::take(&mut work.contacts);
    contacts::refresh(conn, layouts, &contacts)?;
    touched.outbox = true;
    Ok(())
}

struct Rebase<'a> {
    conn: &'a Connection,
    layouts: &'a Layouts,
    actor: [u8; 20],
    from: i64,
    ids: &'a dyn IdSource,
    touched: &'a mut Touched,
    contacts: BTreeSet<RecordId>,
}

impl Rebase<'_> {
    /// Rebuilds one record; returns others that have to be rebuilt because of it.
    fn record(&mut self, id: RecordId) -> Result<Vec<RecordId>, StoreError> {
        let Some(document) = documents::find(self.conn, id)? else { return Ok(Vec::new()) };
        let Some(layout) = self.layouts.get(&document.kind) else { return Ok(Vec::new()) };
        let unsent = outbox::unsent_of(self.conn, id)?;
        let stays = |write: &WriteRow| write.creates || write.seq < self.from;
        let (made_here, edits): (Vec<_>, Vec<_>) = unsent.into_iter().partition(stays);
        let base = match self.base(&document, layout.kind, &made_here) {
            Err(StoreError::RecordDamaged(_)) => {
                documents::set_chunks(self.conn, document.n, &document.chunks, &[], true)?;
                return self.give_up(edits);
            }
            base => base?,
        };
        self.contacts.extend(contacts::concerned(&document.kind, id, document.client));
        self.touched.record(&document.kind, id, document.client);
        if base.is_empty() {
            purge::remove_record(self.conn, self.layouts, &document)?;
            // A making that was set aside takes later edits along as they are: a proposal is decided as its whole chain.
            return if self.made_aside(id)? { Ok(Vec::new()) } else { self.give_up(edits) };
        }
        match self.replay(&document, layout, &base, &edits) {
            Err(StoreError::RecordDamaged(_) | StoreError::Document(_)) => {
                // What is acknowledged does not fit together: keep it aside until it is fetched again.
                documents::set_chunks(self.conn, document.n, &base, &[], true)?;
                self.give_up(edits)
            }
            other => other.map(|()| Vec::new()),
        }
    }

    fn made_aside(&self, id: RecordId) -> Result<bool, StoreError> {
        let mut statement = self.conn.prepare_cached(
            "SELECT 1 FROM outbox_writes w JOIN outbox o ON o.seq = w.seq
             WHERE w.record = ? AND w.creates = 1 AND o.state = ?",
        )?;
        Ok(statement.exists(params![id.bytes(), ItemState::SetAside as i64])?)
    }

    /// What the server has, what every device makes alike, and what makes the record here or stays as it was written.
    fn base(&self, document: &Document, kind: &Kind, made_here: &[WriteRow]) -> Result<Vec<u8>, StoreError> {
        let mut statement = self.conn.prepare_cached("SELECT hash FROM unsent WHERE record = ?")?;
        let rows = statement.query_map([document.key.id.bytes()], |row| row.get::<_, Hash>(0))?;
        let unsent = rows.collect::<Result<BTreeSet<Hash>, _>>()?;
        let births: BTreeSet<Hash> = births(kind);
        let damaged = |_| StoreError::RecordDamaged(document.key.id);
        let mut made = BTreeSet::new();
        for write in made_here {
            made.extend(documents::split(&write.chunks).map_err(damaged)?.into_iter().map(documents::hash));
        }
        let mut base = Vec::with_capacity(document.chunks.len());
        let mut n_real = 0;
        for chunk in documents::split(&document.chunks).map_err(damaged)? {
            let hash = documents::hash(chunk);
            if !unsent.contains(&hash) || births.contains(&hash) || made.contains(&hash) {
                base.extend_from_slice(chunk);
                n_real += usize::from(!births.contains(&hash));
            }
        }
        Ok(if n_real == 0 { Vec::new() } else { base })
    }

    fn replay(
        &mut self,
        document: &Document,
        layout: &Layout,
        base: &[u8],
        edits: &[WriteRow],
    ) -> Result<(), StoreError> {
        let mut doc = Doc::load(base).map_err(|_| StoreError::RecordDamaged(document.key.id))?;
        let mut blob = base.to_vec();
        for write in edits {
            self.conn
                .prepare_cached("DELETE FROM unsent WHERE record = ? AND seq = ?")?
                .execute(params![write.record.bytes(), write.seq])?;
            let typed = doc.carried_over(layout.kind, &write.patch)?;
            let at = self.item_at(write.seq)?;
            let chunks = doc.edit(layout.kind, &typed, &self.actor, at)?;
            outbox::mark_unsent(self.conn, write.seq, write.record, &chunks)?;
            let mut statement = self
                .conn
                .prepare_cached("UPDATE outbox_writes SET chunks = ?, generation = ? WHERE seq = ? AND pos = ?")?;
            statement.execute(params![chunks.concat(), document.key.generation, write.seq, write.pos])?;
            chunks.iter().for_each(|chunk| blob.extend_from_slice(chunk));
            self.fresh_delivery(write.seq)?;
        }
        // Hashes of what was refused; those of the making stay.
        self.conn
            .prepare_cached(
                "DELETE FROM unsent WHERE record = ?1 AND seq NOT IN (SELECT seq FROM outbox WHERE state <= 1)",
            )?
            .execute([document.key.id.bytes()])?;
        let record = doc.read(layout.kind)?;
        let heads = doc.heads();
        documents::set_chunks(self.conn, document.n, &blob, &heads, false)?;
        let authority = mirror::authority(self.conn, document.n)?;
        let (n, id, client) = (document.n, document.key.id, document.client);
        let facts = RowFacts { n, id, client, record: &record, heads: &heads, authority: &authority };
        for kind in views::put_row(self.conn, self.layouts, layout, &facts)? {
            self.touched.kinds.insert(kind.to_owned());
        }
        index::put(self.conn, layout, n)
    }

    fn item_at(&self, seq: i64) -> Result<chrono::DateTime<chrono::Utc>, StoreError> {
        let millis: i64 =
            self.conn.prepare_cached("SELECT at FROM outbox WHERE seq = ?")?.query_row([seq], |row| row.get(0))?;
        Ok(chrono::DateTime::from_timestamp_millis(millis).unwrap_or_default())
    }

    /// A group that may have reached the server goes under a new id: the old id stands for the old changes. One that
    /// has nothing left to say is done.
    fn fresh_delivery(&self, seq: i64) -> Result<(), StoreError> {
        let writes = outbox::writes_of(self.conn, seq)?;
        if writes.iter().all(|write| write.chunks.is_empty()) {
            return outbox::delete(self.conn, seq);
        }
        let Some(item) = outbox::select(self.conn, "seq = ?", [seq])?.pop() else { return Ok(()) };
        // A record is made under one id only, or the server would refuse the second making.
        if item.sent > 0 && !writes.iter().any(|write| write.creates) {
            outbox::rename(self.conn, item.id.0, self.ids.fresh())?;
            self.conn.prepare_cached("UPDATE outbox SET sent = 0 WHERE seq = ?")?.execute([seq])?;
        }
        Ok(())
    }

    /// Edits of a record that is no more: into the tray, whole groups.
    fn give_up(&mut self, edits: Vec<WriteRow>) -> Result<Vec<RecordId>, StoreError> {
        let mut others = Vec::new();
        let groups: BTreeSet<i64> = edits.iter().map(|write| write.seq).collect();
        for seq in groups {
            others.extend(outbox::writes_of(self.conn, seq)?.into_iter().map(|write| write.record));
            outbox::set_state(self.conn, seq, ItemState::Refused, "depends_on")?;
            if let Some(item) = outbox::select(self.conn, "seq = ?", [seq])?.pop() {
                receipts::note(self.conn, &item, Fate::Refused, ("depends_on", None), None)?;
            }
            outbox::keep_typed_only(self.conn, seq)?;
        }
        Ok(others)
    }
}

/// Hashes of the changes by which text fields declared later are made, the same on every device (rule 6).
fn births(kind: &Kind) -> BTreeSet<Hash> {
    let notes = kind.document_fields().filter(|field| field.field_type == FieldType::Note);
    notes.map(|field| documents::hash(&change::birth_change(field.key))).collect()
}

/// All records with edits that have no verdict; those only made and not edited since keep their changes.
pub(super) fn edited(conn: &Connection) -> Result<BTreeSet<RecordId>, StoreError> {
    let mut statement = conn.prepare_cached(
        "SELECT DISTINCT w.record FROM outbox_writes w JOIN outbox o ON o.seq = w.seq
         WHERE o.state <= 1 AND w.creates = 0",
    )?;
    let ids = statement.query_map([], |row| super::cells::id(row, 0).map(RecordId))?;
    Ok(ids.collect::<Result<_, _>>()?)
}

/// Ids of items that have been sent are no proof of anything after a clone or restore.
pub(super) fn forget_deliveries(conn: &Connection) -> Result<(), StoreError> {
    conn.execute("UPDATE outbox SET sent = 1 WHERE state <= 1", [])?;
    Ok(())
}
