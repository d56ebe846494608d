//! Long histories folded into snapshots (rule 11, docs/adr/0012).
//!
//! What a snapshot stands for are the record's first changes. Their rows stay for ever, with hash, actor and number, so
//! that a push is judged as if nothing had been folded; their bytes go in the transaction that stores the snapshot, and
//! only after it was seen to give every one of them back.

use std::collections::HashMap;
use std::rc::Rc;

use rusqlite::params;
use satchel_core::docs::snapshot::receive;
use satchel_core::docs::stamps::{Arrival, pack};
use satchel_core::docs::{Doc, Hash};
use satchel_core::domain::ids::*;

use super::sql::*;
use super::{Ledger, SqliteStorage, memo};
use crate::pull::draft::{Blob, Content, Folded};
use crate::storage::{Compacted, CompactionRule, Stamp, StorageError};

/// Records whose folded changes are kept at hand while a page is read.
const UNFOLDED: usize = 16;
/// How thoroughly a snapshot is compressed in the file; taking it out is as quick at any level.
const LEVEL: i32 = 12;

/// Changes taken out of a snapshot, by hash.
pub type Unfolded = Rc<HashMap<Hash, Vec<u8>>>;

/// A record to be folded, as it stood when it was looked at.
struct Long {
    record: RecordId,
    generation: u32,
    /// How many changes its snapshot stands for.
    folded: u64,
    /// The snapshot and the changes after it that are old enough.
    chunks: Vec<u8>,
    /// Its first changes, folded ones included.
    rows: Vec<Row>,
}

struct Row {
    hash: Hash,
    arrival: Arrival,
}

struct Snapshot {
    n_changes: u64,
    bytes: Vec<u8>,
    stamps: Vec<u8>,
}

impl SqliteStorage {
    /// Folds long histories: read in one snapshot, worked on without a lock, written where nothing changed meanwhile.
    pub(super) fn fold_long(&self, rule: &CompactionRule) -> Result<Compacted> {
        let records = self.read(|ledger| ledger.long_records(rule))?;
        let mut done = Compacted { more: records.len() >= rule.at_most, ..Compacted::default() };
        for record in records {
            let Some(long) = self.read(|ledger| ledger.long(record, rule))? else { continue };
            let Some(snapshot) = fold(&long) else {
                tracing::warn!(%record, "a record's history does not fold");
                self.write(|ledger| ledger.fold_later(record))?;
                continue;
            };
            let before = long.chunks.len() as u64;
            if self.write(|ledger| ledger.put_snapshot(&long, &snapshot))?.0 {
                done.n_records += 1;
                done.n_changes += snapshot.n_changes - long.folded;
                done.bytes_before += before;
                done.bytes_after += snapshot.bytes.len() as u64;
            }
        }
        Ok(done)
    }
}

/// One chunk of all of them; `None` where it would not give them all back.
fn fold(long: &Long) -> Option<Snapshot> {
    let mut doc = Doc::load(&long.chunks).ok()?;
    let bytes = doc.snapshot().ok()?;
    let made = doc.made();
    let arrivals: HashMap<&Hash, Arrival> = long.rows.iter().map(|row| (&row.hash, row.arrival)).collect();
    if made.len() != long.rows.len() || !made.iter().all(|made| arrivals.contains_key(&made.hash)) {
        return None;
    }
    let stamps = pack(&made, |made| arrivals.get(&made.hash).copied());
    let bytes = zstd::bulk::compress(&bytes, LEVEL).ok()?;
    Some(Snapshot { n_changes: made.len() as u64, bytes, stamps })
}

impl Ledger<'_> {
    fn long_records(&self, rule: &CompactionRule) -> Result<Vec<RecordId>> {
        self.all(
            "SELECT r.id FROM record r LEFT JOIN snapshot s ON s.org = r.org AND s.record = r.id
             WHERE r.org = ?1 AND r.n_changes >= max(?2, r.fold_from)
             AND r.n_changes - coalesce(s.n_changes, 0) >= max(?2, coalesce(s.n_changes, 0) / 8)
             AND (SELECT count(*) FROM change c WHERE c.org = r.org AND c.record = r.id AND c.received_at < ?3)
                 - coalesce(s.n_changes, 0) >= max(?2, coalesce(s.n_changes, 0) / 8)
             ORDER BY r.id LIMIT ?4",
            params![self.org, int(rule.least), millis(rule.before), int(rule.at_most as u64)],
            |row| uuid(row, 0).map(RecordId),
        )
    }

    /// What of a record is to be folded.
    fn long(&self, record: RecordId, rule: &CompactionRule) -> Result<Option<Long>> {
        let Some(found) = self.record_row(record)? else { return Ok(None) };
        let snapshot = self.snapshot_of(record)?;
        let folded = snapshot.as_ref().map_or(0, |snapshot| snapshot.n_changes);
        let mut chunks = snapshot.map(|snapshot| snapshot.bytes).unwrap_or_default();
        let mut rows = Vec::new();
        let mut statement = self.sql(
            "SELECT hash, bytes, received_at, away_since, skew FROM change WHERE org = ?1 AND record = ?2
             ORDER BY seq, ordinal",
        )?;
        let mut found_rows = statement.query(params![self.org, record.bytes()])?;
        while let Some(row) = found_rows.next()? {
            let arrival = Arrival { received_at: time(row, 2)?, away_since: opt_time(row, 3)?, skew: row.get(4)? };
            // The first ones in the order of the log, so that each has what it builds on among them.
            if rows.len() as u64 >= folded && arrival.received_at >= rule.before {
                break;
            }
            chunks.extend_from_slice(row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?);
            rows.push(Row { hash: row.get(0)?, arrival });
        }
        Ok((rows.len() as u64 > folded).then_some(Long { record, generation: found.generation, folded, chunks, rows }))
    }

    /// Stores a snapshot and forgets the bytes it stands for; `false` where the record is another one by now.
    fn put_snapshot(&self, long: &Long, snapshot: &Snapshot) -> Result<bool> {
        let row = self.record_row(long.record)?;
        let folded = self.one(
            "SELECT n_changes FROM snapshot WHERE org = ?1 AND record = ?2",
            params![self.org, long.record.bytes()],
            |row| uint(row, 0),
        )?;
        if row.is_none_or(|row| row.generation != long.generation) || folded.unwrap_or(0) != long.folded {
            return Ok(false);
        }
        self.run("DELETE FROM snapshot WHERE org = ?1 AND record = ?2", params![self.org, long.record.bytes()])?;
        self.run(
            "INSERT INTO snapshot (org, record, generation, n_changes, stamps, bytes) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                self.org,
                long.record.bytes(),
                long.generation,
                int(snapshot.n_changes),
                snapshot.stamps,
                snapshot.bytes
            ],
        )?;
        let n = self.run(
            "UPDATE change SET bytes = x'' WHERE org = ?1 AND record = ?2 AND ordinal < ?3",
            params![self.org, long.record.bytes(), int(snapshot.n_changes)],
        )?;
        if n as u64 != snapshot.n_changes {
            return Err(StorageError::Corrupt("history to be folded"));
        }
        Ok(true)
    }

    /// A history that does not fold is looked at again when it is twice as long.
    fn fold_later(&self, record: RecordId) -> Result<()> {
        self.run(
            "UPDATE record SET fold_from = 2 * n_changes WHERE org = ?1 AND id = ?2",
            params![self.org, record.bytes()],
        )?;
        Ok(())
    }

    fn snapshot_of(&self, record: RecordId) -> Result<Option<Snapshot>> {
        let kept = self.one(
            "SELECT n_changes, bytes, stamps FROM snapshot WHERE org = ?1 AND record = ?2",
            params![self.org, record.bytes()],
            |row| Ok(Snapshot { n_changes: uint(row, 0)?, bytes: row.get(1)?, stamps: row.get(2)? }),
        )?;
        let Some(kept) = kept else { return Ok(None) };
        let bytes = zstd::stream::decode_all(kept.bytes.as_slice()).map_err(|_| StorageError::Corrupt("snapshot"))?;
        Ok(Some(Snapshot { bytes, ..kept }))
    }

    /// A record's document: its snapshot, where it has one, and the changes after it.
    pub(super) fn chunks_of(&self, record: RecordId) -> Result<Vec<u8>> {
        let snapshot = self.snapshot_of(record)?.map(|snapshot| snapshot.bytes).unwrap_or_default();
        Ok([snapshot, self.single_changes(record)?].concat())
    }

    /// Those of a record's changes that are not folded.
    pub(super) fn single_changes(&self, record: RecordId) -> Result<Vec<u8>> {
        let changes = self.all(
            "SELECT bytes FROM change WHERE org = ?1 AND record = ?2 ORDER BY seq, ordinal",
            params![self.org, record.bytes()],
            |row| row.get::<_, Vec<u8>>(0),
        )?;
        Ok(changes.concat())
    }

    /// Changes of a record, of one transaction or all. Those that are folded come as the snapshot where all are wanted
    /// and the receiver takes one; otherwise each by itself, taken out of it.
    pub(super) fn content(&self, record: RecordId, only: Option<u64>, snapshots: bool) -> Result<Content> {
        let read = || self.read_content(record, only, snapshots);
        memo::or_read(self, |memo| &memo.contents, (record, only, snapshots), read)
    }

    fn read_content(&self, record: RecordId, only: Option<u64>, snapshots: bool) -> Result<Content> {
        let rows = self.all(
            "SELECT hash, actor, bytes, received_at, away_since, skew FROM change
             WHERE org = ?1 AND record = ?2 AND (?3 IS NULL OR seq = ?3) ORDER BY seq, ordinal",
            params![self.org, record.bytes(), only.map(int)],
            |row| {
                let stamp = Stamp { away_since: opt_time(row, 4)?, skew: row.get(5)? };
                let blob = Blob { actor: row.get(1)?, bytes: row.get(2)?, received_at: time(row, 3)?, stamp };
                Ok((row.get::<_, Hash>(0)?, blob))
            },
        )?;
        if rows.iter().all(|(_, blob)| !blob.bytes.is_empty()) {
            return Ok(Content { folded: None, blobs: rows.into_iter().map(|(_, blob)| blob).collect() });
        }
        if only.is_none() && snapshots {
            let blobs = rows.into_iter().map(|(_, blob)| blob).filter(|blob| !blob.bytes.is_empty()).collect();
            return Ok(Content { folded: Some(self.folded(record)?), blobs });
        }
        let singles = self.unfolded(record)?;
        let whole = |(hash, mut blob): (Hash, Blob)| {
            if blob.bytes.is_empty() {
                blob.bytes.clone_from(singles.get(&hash).ok_or(StorageError::Corrupt("snapshot"))?);
            }
            Ok(blob)
        };
        Ok(Content { folded: None, blobs: rows.into_iter().map(whole).collect::<Result<_>>()? })
    }

    fn folded(&self, record: RecordId) -> Result<Folded> {
        let snapshot = self.snapshot_of(record)?.ok_or(StorageError::Corrupt("snapshot"))?;
        let actors = self.all(
            "SELECT actor FROM writer WHERE org = ?1 AND record = ?2",
            params![self.org, record.bytes()],
            |row| row.get(0),
        )?;
        let n = u32::try_from(snapshot.n_changes).map_err(|_| StorageError::Corrupt("snapshot"))?;
        Ok(Folded { n, snapshot: snapshot.bytes, stamps: snapshot.stamps, actors })
    }

    /// The changes of a snapshot, each by itself.
    fn unfolded(&self, record: RecordId) -> Result<Unfolded> {
        if let Some(singles) = self.unfolded.borrow().get(&record) {
            return Ok(singles.clone());
        }
        let snapshot = self.snapshot_of(record)?.ok_or(StorageError::Corrupt("snapshot"))?;
        let mut doc = receive(&snapshot.bytes).map_err(|_| StorageError::Corrupt("snapshot"))?;
        let singles: Unfolded = Rc::new(doc.singles().into_iter().collect());
        let mut kept = self.unfolded.borrow_mut();
        if kept.len() >= UNFOLDED {
            kept.clear();
        }
        kept.insert(record, singles.clone());
        Ok(singles)
    }
}
