//! Erasing what is personal in a record: a new generation from what remains, and nothing left of the old one
//! (rule 10, ERA-1, docs/adr/0010).

use chrono::{DateTime, Utc};
use rusqlite::params;
use satchel_core::docs::{Doc, change};
use satchel_core::domain::ids::*;
use satchel_core::domain::kind::{FieldDecl, Kind, Registry};
use satchel_core::domain::patch::Patch;
use satchel_core::domain::value::Value;
use satchel_core::sync::wire::RecordKey;
use sha2::{Digest, Sha256};

use super::Ledger;
use super::records::{Kept, RecordRow};
use super::sql::*;
use crate::storage::{Stamp, StorageError};

impl Ledger<'_> {
    /// The order to erase a record that stands, and when it is due.
    pub(super) fn erasure_of(&self, record: RecordId) -> Result<Option<(CommandId, DateTime<Utc>)>> {
        self.one(
            "SELECT command, due_at FROM erasure
             WHERE org = ?1 AND record = ?2 AND withdrawn_at IS NULL AND done_at IS NULL",
            params![self.org, record.bytes()],
            |row| Ok((CommandId(uuid(row, 0)?), time(row, 1)?)),
        )
    }

    pub(super) fn order_erasure(
        &self,
        record: RecordId,
        (order, by): (CommandId, (Option<UserId>, Option<DeviceId>)),
        at: DateTime<Utc>,
        due: DateTime<Utc>,
    ) -> Result<()> {
        self.run(
            "INSERT INTO erasure (org, record, command, by, ordered_at, due_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![self.org, record.bytes(), order.bytes(), by.0.map(|by| *by.bytes()), millis(at), millis(due)],
        )?;
        self.audit(at, by, "erasure_ordered", record.bytes())
    }

    /// Takes an erasure back while its delay runs; `false` where that is over.
    pub(super) fn withdraw_erasure(
        &self,
        record: RecordId,
        by: (Option<UserId>, Option<DeviceId>),
        at: DateTime<Utc>,
    ) -> Result<bool> {
        let n = self.run(
            "UPDATE erasure SET withdrawn_at = ?3
             WHERE org = ?1 AND record = ?2 AND withdrawn_at IS NULL AND done_at IS NULL AND due_at > ?3",
            params![self.org, record.bytes(), millis(at)],
        )?;
        if n > 0 {
            self.audit(at, by, "erasure_withdrawn", record.bytes())?;
        }
        Ok(n > 0)
    }

    /// True where an erasure is due, or the file has yet to be cleared after one.
    pub(super) fn erasure_is_due(&self, now: DateTime<Utc>) -> Result<bool> {
        let due = self.one(
            "SELECT 1 FROM erasure WHERE org = ?1 AND due_at <= ?2 AND withdrawn_at IS NULL AND done_at IS NULL LIMIT 1",
            params![self.org, millis(now)],
            |_| Ok(()),
        )?;
        Ok(due.is_some() || self.scrub_is_due()?)
    }

    pub(super) fn scrub_is_due(&self) -> Result<bool> {
        let due =
            self.one("SELECT scrub_due FROM organisation WHERE org = ?1", [self.org], |row| row.get::<_, i64>(0))?;
        Ok(due.unwrap_or(0) != 0)
    }

    pub(super) fn set_scrub(&self, due: bool) -> Result<()> {
        self.run("UPDATE organisation SET scrub_due = ?2 WHERE org = ?1", params![self.org, due])?;
        Ok(())
    }

    /// Carries out the erasures that are due.
    pub(super) fn erase_due(&self, now: DateTime<Utc>, registry: &Registry) -> Result<()> {
        let due = self.all(
            "SELECT record FROM erasure WHERE org = ?1 AND due_at <= ?2 AND withdrawn_at IS NULL AND done_at IS NULL",
            params![self.org, millis(now)],
            |row| uuid(row, 0).map(RecordId),
        )?;
        for record in due {
            self.erase(record, now, registry)?;
            self.run(
                "UPDATE erasure SET done_at = ?3
                 WHERE org = ?1 AND record = ?2 AND withdrawn_at IS NULL AND done_at IS NULL",
                params![self.org, record.bytes(), millis(now)],
            )?;
            self.audit(now, (None, None), "record_erased", record.bytes())?;
            self.set_scrub(true)?;
        }
        Ok(())
    }

    fn erase(&self, id: RecordId, now: DateTime<Utc>, registry: &Registry) -> Result<()> {
        let row = self.record_row(id)?.ok_or(StorageError::NotFound("record"))?;
        let record = RecordKey { id, generation: row.generation + 1 };
        let chunks = self.what_remains(&row, record, (|field: &FieldDecl| !field.personal, registry), now)?;
        self.begin_generation(record, &chunks, now)
    }

    /// A record as it is, in a generation after the one a device reported: that one was never ordered.
    pub(super) fn keep_whole(&self, reported: RecordKey, now: DateTime<Utc>, registry: &Registry) -> Result<()> {
        let row = self.record_row(reported.id)?.ok_or(StorageError::NotFound("record"))?;
        if row.generation >= reported.generation {
            return Ok(());
        }
        let record = RecordKey { generation: reported.generation + 1, ..reported };
        let chunks = self.what_remains(&row, record, (|_: &FieldDecl| true, registry), now)?;
        self.begin_generation(record, &chunks, now)
    }

    /// An erasure the backup had forgotten, as a device tells it: with what has been typed into the record since.
    pub(super) fn erase_as_told(&self, record: RecordKey, chunks: &[Vec<u8>], now: DateTime<Utc>) -> Result<()> {
        let row = self.record_row(record.id)?.ok_or(StorageError::NotFound("record"))?;
        if row.generation >= record.generation {
            return Ok(());
        }
        Doc::load(&chunks.concat()).map_err(|_| StorageError::Corrupt("what a device tells of an erased record"))?;
        self.begin_generation(record, chunks, now)?;
        self.audit(now, (None, None), "record_erased", record.id.bytes())?;
        self.set_scrub(true)
    }

    /// The first change of a record's next generation.
    fn what_remains(
        &self,
        row: &RecordRow,
        record: RecordKey,
        (stays, registry): (impl Fn(&FieldDecl) -> bool, &Registry),
        now: DateTime<Utc>,
    ) -> Result<Vec<Vec<u8>>> {
        let kind = registry.kind(&row.kind).ok_or(StorageError::NotFound("kind"))?;
        let remaining = remaining(kind, &self.chunks_of(record.id)?, stays)?;
        let (_, chunks) = Doc::create(kind, &remaining, &generation_actor(record), now)
            .map_err(|_| StorageError::Corrupt("what remains of an erased record"))?;
        Ok(chunks)
    }

    /// Puts a record's next generation in the place of the one there is, of which nothing stays.
    fn begin_generation(&self, record: RecordKey, chunks: &[Vec<u8>], now: DateTime<Utc>) -> Result<()> {
        let id = record.id;
        let infos = chunks.iter().map(|bytes| change::inspect(bytes)).collect::<std::result::Result<Vec<_>, _>>();
        let infos = infos.map_err(|_| StorageError::Corrupt("change"))?;
        let open =
            self.one("SELECT open FROM record WHERE org = ?1 AND id = ?2", params![self.org, id.bytes()], |row| {
                Ok(row.get::<_, i64>(0)? != 0)
            })?;

        let seq = self.next_seq()?;
        self.recounted(id, || {
            for table in ["change", "snapshot", "writer", "log"] {
                self.run(&format!("DELETE FROM {table} WHERE org = ?1 AND record = ?2"), params![self.org, id.bytes()])?;
            }
            self.run(
                "UPDATE record SET generation = ?3, generation_seq = ?4, max_op = 0, bytes = 0, n_changes = 0, heads = x''
                 WHERE org = ?1 AND id = ?2",
                params![self.org, id.bytes(), record.generation, int(seq)],
            )?;
            Ok(())
        })?;
        self.forget_proposals(id, seq)?;
        let kept = infos.iter().zip(chunks).map(|(info, bytes)| Kept {
            hash: info.hash,
            actor: &info.actor,
            actor_seq: info.seq,
            max_op: info.max_op(),
            bytes,
            stamp: Stamp::default(),
        });
        self.append(record, kept, open.unwrap_or(false), now, seq)?;
        self.touch_seers(id, seq)
    }

    /// Set-aside edits of the record go, decided ones, too; whoever typed them is told to forget it.
    fn forget_proposals(&self, record: RecordId, seq: u64) -> Result<()> {
        let gone = self.all(
            "SELECT id, author FROM proposal WHERE org = ?1 AND record = ?2",
            params![self.org, record.bytes()],
            |row| Ok((ProposalId(uuid(row, 0)?), UserId(uuid(row, 1)?))),
        )?;
        for (proposal, author) in gone {
            for table in ["proposal_change", "proposal_group"] {
                self.run(
                    &format!("DELETE FROM {table} WHERE org = ?1 AND proposal = ?2"),
                    params![self.org, proposal.bytes()],
                )?;
            }
            self.run("DELETE FROM proposal WHERE org = ?1 AND id = ?2", params![self.org, proposal.bytes()])?;
            self.run(
                "INSERT OR IGNORE INTO erased_for (org, account, seq, record) VALUES (?1, ?2, ?3, ?4)",
                params![self.org, author.bytes(), int(seq), record.bytes()],
            )?;
            self.touch(author, seq)?;
        }
        Ok(())
    }

    /// Records whose erasure concerns a person's own set-aside edits, by transaction.
    pub(super) fn erased_between(&self, user: UserId, after: u64, upto: u64) -> Result<Vec<(u64, RecordId)>> {
        self.all(
            "SELECT seq, record FROM erased_for WHERE org = ?1 AND account = ?2 AND seq > ?3 AND seq <= ?4 ORDER BY seq",
            params![self.org, user.bytes(), int(after), int(upto)],
            |row| Ok((uint(row, 0)?, RecordId(uuid(row, 1)?))),
        )
    }
}

/// What stays of a document, as shown; concurrent values of those fields are settled by that.
fn remaining(kind: &Kind, chunks: &[u8], stays: impl Fn(&FieldDecl) -> bool) -> Result<Patch> {
    let unreadable = |_| StorageError::Corrupt("record to be erased");
    let mut doc = Doc::load(chunks).map_err(unreadable)?;
    let record = doc.read(kind).map_err(unreadable)?;
    let mut patch = Patch::new();
    for field in kind.document_fields().filter(|field| stays(field)) {
        if let Some(value) = record.values.get(field.key).filter(|value| !value.is_empty()) {
            patch.set.insert(field.key.to_owned(), value.clone());
        }
    }
    if record.trashed {
        patch.set.insert("trashed".to_owned(), Value::Bool(true));
    }
    Ok(patch)
}

/// Who writes a new generation: nobody's device, and another for each generation of each record.
pub(super) fn generation_actor(record: RecordKey) -> [u8; 16] {
    let digest = Sha256::new()
        .chain_update(b"satchel generation")
        .chain_update(record.id.bytes())
        .chain_update(record.generation.to_be_bytes())
        .finalize();
    let mut actor = [0; 16];
    actor.copy_from_slice(&digest[..16]);
    actor
}
