//! Records and their changes in the log.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use rusqlite::params;
use satchel_core::docs::{self, Doc, Hash, change};
use satchel_core::domain::authority::{Home, Level, Reason};
use satchel_core::domain::custom::Definition;
use satchel_core::domain::ids::*;
use satchel_core::domain::kind::{HomeRule, Registry};
use satchel_core::domain::kinds::custom_field;
use satchel_core::sync::wire::RecordKey;

use super::sql::*;
use super::{Ledger, memo};
use crate::push::preview::apply;
use crate::push::{Change, Creation, Known};
use crate::storage::{Session, Stamp, StorageError};

/// A record's row.
#[derive(Clone, Debug)]
pub struct RecordRow {
    pub kind: String,
    pub generation: u32,
    pub created_by: UserId,
    pub received_at: DateTime<Utc>,
    pub max_op: u64,
    pub bytes: u64,
    pub n_changes: u64,
    /// The transaction with which its generation began; 0 for the first.
    pub generation_seq: u64,
}

impl Ledger<'_> {
    /// Makes a record with its homes (rule 13). A client is its `holder`'s.
    pub(super) fn create(
        &self,
        record: RecordKey,
        creation: &Creation,
        (author, holder): (UserId, UserId),
        now: DateTime<Utc>,
        registry: &Registry,
        seq: u64,
    ) -> Result<()> {
        self.run(
            "INSERT INTO record (org, id, generation, kind, created_by, received_at, last_seq, auth_seq, max_op, bytes,
                                 n_changes, open)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, 0, 0, 0, 0)",
            params![
                self.org,
                record.id.bytes(),
                record.generation,
                creation.kind.as_bytes(),
                author.bytes(),
                millis(now),
                int(seq)
            ],
        )?;
        let mut homes = Vec::with_capacity(creation.homes.len());
        for meant in &creation.homes {
            // Made for a client of which its maker did not know yet that it is another one.
            let home = self.living_home(*meant)?;
            if let (true, Home::Client(client)) = (home != *meant, meant) {
                self.note_made_for(*client, record.id)?;
            }
            self.run(
                "INSERT OR IGNORE INTO doc_home (org, home, record, added_seq) VALUES (?1, ?2, ?3, ?4)",
                params![self.org, home.bytes(), record.id.bytes(), int(seq)],
            )?;
            homes.push(home);
        }
        match registry.kind(&creation.kind).map(|kind| kind.home) {
            Some(HomeRule::OwnClient) => self.create_client(record.id, holder, seq),
            Some(HomeRule::UnderClientByAdd) => {
                let client = homes.iter().find_map(|home| match home {
                    Home::Client(client) => Some(*client),
                    _ => None,
                });
                let Some(client) = client else { return Ok(()) };
                self.run(
                    "INSERT INTO assignment (org, interaction, client, assigned) VALUES (?1, ?2, ?3, ?4)",
                    params![self.org, record.id.bytes(), client.bytes(), author.bytes()],
                )?;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn create_client(&self, client: RecordId, holder: UserId, seq: u64) -> Result<()> {
        let holder = self.user_row(holder)?.ok_or(StorageError::NotFound("user"))?;
        self.run(
            "INSERT INTO client (org, id, responsible, department) VALUES (?1, ?2, ?3, ?4)",
            params![self.org, client.bytes(), holder.id.bytes(), holder.department.bytes()],
        )?;
        self.run(
            "INSERT INTO client_parent (org, client, department, added_seq) VALUES (?1, ?2, ?3, ?4)",
            params![self.org, client.bytes(), holder.department.bytes(), int(seq)],
        )?;
        self.open_home(holder.id, Home::Client(client), &Reason::Responsible, Level::Write, None, seq)
    }

    /// Writes changes into the log.
    pub(super) fn append<'k>(
        &self,
        record: RecordKey,
        changes: impl Iterator<Item = Kept<'k>>,
        open: bool,
        now: DateTime<Utc>,
        seq: u64,
    ) -> Result<()> {
        self.recounted(record.id, || self.append_only(record, changes, open, now, seq))
    }

    fn append_only<'k>(
        &self,
        record: RecordKey,
        changes: impl Iterator<Item = Kept<'k>>,
        open: bool,
        now: DateTime<Utc>,
        seq: u64,
    ) -> Result<()> {
        let row = self.record_row(record.id)?.ok_or(StorageError::Corrupt("record"))?;
        let (_, heads) = self.heads(record.id)?.unwrap_or_default();
        let mut heads: BTreeSet<Hash> = heads.into_iter().collect();
        let (mut max_op, mut bytes, mut n_changes) = (row.max_op, row.bytes, row.n_changes);
        for change in changes {
            self.run(
                "INSERT INTO change (org, record, generation, hash, actor, actor_seq, seq, ordinal, max_op, received_at,
                                     bytes, away_since, skew)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
                params![
                    self.org,
                    record.id.bytes(),
                    record.generation,
                    change.hash,
                    change.actor,
                    int(change.actor_seq),
                    int(seq),
                    int(n_changes),
                    int(change.max_op),
                    millis(now),
                    change.bytes,
                    change.stamp.away_since.map(millis),
                    change.stamp.skew
                ],
            )?;
            self.run(
                "INSERT INTO writer (org, record, actor, last_seq) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT DO UPDATE SET last_seq = excluded.last_seq",
                params![self.org, record.id.bytes(), change.actor, int(change.actor_seq)],
            )?;
            let deps = change::deps(change.bytes).map_err(|_| StorageError::Corrupt("change"))?;
            deps.iter().for_each(|dep| {
                heads.remove(dep);
            });
            heads.insert(change.hash);
            max_op = max_op.max(change.max_op);
            bytes += change.bytes.len() as u64;
            n_changes += 1;
        }
        self.run(
            "UPDATE record SET last_seq = ?3, max_op = ?4, bytes = ?5, n_changes = ?6, open = ?7
             WHERE org = ?1 AND id = ?2",
            params![self.org, record.id.bytes(), int(seq), int(max_op), int(bytes), int(n_changes), open],
        )?;
        self.set_heads(record.id, &heads)?;
        self.run(
            "INSERT OR IGNORE INTO log (org, seq, record) VALUES (?1, ?2, ?3)",
            params![self.org, int(seq), record.id.bytes()],
        )?;
        Ok(())
    }

    pub(super) fn touch_seers(&self, record: RecordId, seq: u64) -> Result<()> {
        for home in self.homes_of_record(record)? {
            for user in self.seers(home)? {
                self.touch(user, seq)?;
            }
        }
        Ok(())
    }

    /// Whether the record is still to be done once these changes are in.
    pub(super) fn open_after(
        &self,
        record: RecordId,
        kind: &str,
        changes: &[&[u8]],
        registry: &Registry,
    ) -> Result<std::result::Result<bool, ()>> {
        let Some(kind) = registry.kind(kind) else { return Ok(Ok(false)) };
        let Ok(mut doc) = Doc::load(&self.chunks_of(record)?) else { return Ok(Err(())) };
        Ok(apply(&mut doc, kind, |doc| doc.apply(changes)))
    }

    /// The fields the organisation made, where they changed after transaction `known`.
    pub(super) fn definitions(&self, known: Option<u64>) -> Result<Option<(u64, Vec<Definition>)>> {
        let newest = self.one(
            "SELECT coalesce(max(last_seq), 0) FROM record WHERE org = ?1 AND kind = x'637573746f6d5f6669656c64'",
            [self.org],
            |row| uint(row, 0),
        )?;
        let newest = newest.unwrap_or(0);
        if known == Some(newest) {
            return Ok(None);
        }
        let ids = self.all(
            "SELECT id FROM record WHERE org = ?1 AND kind = x'637573746f6d5f6669656c64' ORDER BY id",
            [self.org],
            |row| uuid(row, 0).map(RecordId),
        )?;
        let mut definitions = Vec::new();
        for id in ids {
            let Ok((record, _)) = docs::read(Some(&custom_field::KIND), &self.chunks_of(id)?) else {
                tracing::error!(record = %id, "reading the definition of a field");
                continue;
            };
            definitions.extend(Definition::read(id, &record.values, record.trashed));
        }
        Ok(Some((newest, definitions)))
    }

    pub(super) fn record_row(&self, id: RecordId) -> Result<Option<RecordRow>> {
        memo::or_read(self, |memo| &memo.records, id, || self.read_record_row(id))
    }

    fn read_record_row(&self, id: RecordId) -> Result<Option<RecordRow>> {
        self.one(
            "SELECT kind, generation, created_by, received_at, max_op, bytes, n_changes, generation_seq
             FROM record WHERE org = ?1 AND id = ?2",
            params![self.org, id.bytes()],
            |row| {
                Ok(RecordRow {
                    kind: text(row, 0)?,
                    generation: small(row, 1)?,
                    created_by: UserId(uuid(row, 2)?),
                    received_at: time(row, 3)?,
                    max_op: uint(row, 4)?,
                    bytes: uint(row, 5)?,
                    n_changes: uint(row, 6)?,
                    generation_seq: uint(row, 7)?,
                })
            },
        )
    }

    /// The transaction with which a record's generation began; 0 for the first.
    pub(super) fn generation_began(&self, record: RecordId) -> Result<u64> {
        Ok(self.record_row(record)?.map_or(0, |row| row.generation_seq))
    }

    pub(super) fn homes_of_record(&self, record: RecordId) -> Result<Vec<Home>> {
        self.all(
            "SELECT home FROM doc_home WHERE org = ?1 AND record = ?2 AND removed_seq IS NULL ORDER BY home",
            params![self.org, record.bytes()],
            |row| home(row, 0),
        )
    }

    pub(super) fn peek(&self, session: Session, records: &[RecordId]) -> Result<Vec<Known>> {
        let mut known = Vec::new();
        for record in records {
            let Some(row) = self.record_row(*record)? else { continue };
            let mut seen = false;
            for home in self.homes_of_record(*record)? {
                seen = seen || self.spells(session.user, home)?.iter().any(crate::pull::sight::Spell::is_open);
            }
            known.push(Known { record: *record, generation: row.generation, kind: row.kind, seen });
        }
        Ok(known)
    }
}

/// A change as the log keeps it.
pub struct Kept<'a> {
    pub hash: Hash,
    pub actor: &'a [u8],
    pub actor_seq: u64,
    pub max_op: u64,
    pub bytes: &'a [u8],
    pub stamp: Stamp,
}

impl<'a> Kept<'a> {
    pub fn of(change: &'a Change, stamp: Stamp) -> Self {
        let (info, bytes) = (&change.info, &change.bytes);
        Self { hash: info.hash, actor: &info.actor, actor_seq: info.seq, max_op: info.max_op(), bytes, stamp }
    }
}
