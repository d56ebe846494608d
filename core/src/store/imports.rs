//! What an import leaves behind: the file while it is being read, what each row wrote so that it can be taken back,
//! and the rows that were not taken. All of it lies in the database, encrypted like everything else, and is forgotten
//! with the records it speaks of.

use std::collections::BTreeMap;
use std::io::{self, Read, Seek, SeekFrom};

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::error::StoreError;
use super::open::Store;
use super::records::{self, ViewRow};
use super::write::{GroupDraft, Touched, write_group_of_many};
use super::{cells, commands, state};
use crate::domain::ids::*;
use crate::domain::order::{Command, Order};
use crate::domain::value::Value;

/// Largest piece of a file handed over at once, in bytes.
pub const BLOCK_BYTES: usize = 512 * 1024;

/// Names an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ImportNumber(pub Uuid);

/// An import as it is remembered; `state` is the app's own.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredImport {
    /// Its name here.
    pub id: ImportNumber,
    /// When the file was opened.
    pub at: DateTime<Utc>,
    /// What the app remembers of it.
    pub state: Vec<u8>,
}

/// What a row did to one record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Did {
    /// The record was made.
    pub creates: bool,
    /// Single fields: what stood there and what stands there now.
    pub set: BTreeMap<String, (Value, Value)>,
    /// Entries added, by field.
    pub added: BTreeMap<String, Vec<(EntryId, Value)>>,
}

/// A line of what an import did.
#[derive(Clone, Debug, PartialEq)]
pub struct DoneWrite {
    /// Its place, later ones are greater.
    pub seq: i64,
    /// The row of the file.
    pub row: u64,
    /// The record.
    pub record: RecordId,
    /// Its kind.
    pub kind: String,
    /// What was done; `None` once the record has left this device.
    pub did: Option<Did>,
}

/// What a row of a file writes.
#[derive(Clone, Debug)]
pub struct RowWrite {
    /// The row's number.
    pub row: u64,
    /// Its edits; they go to the server as one group.
    pub draft: GroupDraft,
    /// What they do, record by record, for the day it is taken back.
    pub did: Vec<(RecordId, String, Did)>,
}

/// A row, or a value of it, that was not taken.
#[derive(Clone, Debug, PartialEq)]
pub struct Reject {
    /// The row's number.
    pub row: u64,
    /// Code of the reason.
    pub why: String,
    /// Kind and field at fault; empty where it is the row.
    pub kind: String,
    /// The field.
    pub field: String,
    /// The row was taken, without this value.
    pub taken: bool,
    /// The row's cells as text.
    pub cells: Vec<String>,
}

impl Store {
    /// Remembers an import, or what has become of it.
    ///
    /// # Errors
    /// Those of the database.
    pub fn put_import(&self, import: &StoredImport) -> Result<(), StoreError> {
        self.write(|tx| put(tx, import))
    }

    /// All imports, latest first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn imports(&self) -> Result<Vec<StoredImport>, StoreError> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached("SELECT id, at, state FROM imports ORDER BY at DESC, id DESC")?;
            let rows = statement.query_map([], read_import)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// One import.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn import(&self, id: ImportNumber) -> Result<StoredImport, StoreError> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached("SELECT id, at, state FROM imports WHERE id = ?")?;
            statement.query_row([id.0.as_bytes()], read_import).optional()?.ok_or(StoreError::NotFound)
        })
    }

    /// Forgets an import: its file, its rejects and how to take it back.
    ///
    /// # Errors
    /// Those of the database.
    pub fn forget_import(&self, id: ImportNumber) -> Result<(), StoreError> {
        self.write(|tx| {
            for table in ["import_blocks", "import_rejects", "import_writes"] {
                tx.execute(&format!("DELETE FROM {table} WHERE import = ?"), [id.0.as_bytes()])?;
            }
            tx.execute("DELETE FROM imports WHERE id = ?", [id.0.as_bytes()])?;
            state::set(tx, state::keys::SCRUB_DUE, &true)
        })
    }

    /// Adds a piece of the file; pieces come in order, `n` counts from 0.
    ///
    /// # Errors
    /// `TooLarge` for a piece larger than [`BLOCK_BYTES`], `WrongState` for one out of order.
    pub fn put_block(&self, id: ImportNumber, n: u32, bytes: &[u8]) -> Result<(), StoreError> {
        if bytes.len() > BLOCK_BYTES {
            return Err(StoreError::TooLarge);
        }
        self.write(|tx| {
            let mut statement = tx.prepare_cached(
                "SELECT n, length(bytes) FROM import_blocks WHERE import = ? ORDER BY n DESC LIMIT 1",
            )?;
            let last = statement.query_row([id.0.as_bytes()], |row| Ok((row.get::<_, u32>(0)?, row.get::<_, i64>(1)?)));
            // All but the last are full: that is how a place in the file is found.
            let next = match last.optional()? {
                Some((last, length)) => (length == BLOCK_BYTES as i64).then_some(last + 1),
                None => Some(0),
            };
            if next != Some(n) {
                return Err(StoreError::WrongState);
            }
            tx.prepare_cached("INSERT INTO import_blocks (import, n, bytes) VALUES (?, ?, ?)")?.execute(params![
                id.0.as_bytes(),
                n,
                bytes
            ])?;
            Ok(())
        })
    }

    /// The file as it was handed over.
    ///
    /// # Errors
    /// `NotFound` once it was forgotten.
    pub fn import_file(&self, id: ImportNumber) -> Result<ImportFile, StoreError> {
        let length = self.read(|conn| {
            let mut statement = conn.prepare_cached("SELECT sum(length(bytes)) FROM import_blocks WHERE import = ?")?;
            Ok(statement.query_row([id.0.as_bytes()], |row| row.get::<_, Option<i64>>(0))?)
        })?;
        let length = length.and_then(|length| u64::try_from(length).ok()).ok_or(StoreError::NotFound)?;
        Ok(ImportFile { store: self.clone(), id, length, at: 0, held: None })
    }

    /// Forgets the file, and keeps what came of it.
    ///
    /// # Errors
    /// Those of the database.
    pub fn forget_import_file(&self, id: ImportNumber) -> Result<(), StoreError> {
        self.write(|tx| {
            tx.execute("DELETE FROM import_blocks WHERE import = ?", [id.0.as_bytes()])?;
            state::set(tx, state::keys::SCRUB_DUE, &true)
        })
    }

    /// Writes rows of an import and what the app remembers of it, all in one transaction; a row that cannot be written
    /// leaves the others alone. Answers for each row whether it was written.
    ///
    /// # Errors
    /// Those that concern all rows: the disk and the database.
    pub fn write_rows(
        &self,
        import: &StoredImport,
        rows: &[RowWrite],
        rejects: &[Reject],
        ids: &dyn IdSource,
    ) -> Result<(Vec<Result<(), StoreError>>, Touched), StoreError> {
        self.write(|tx| {
            let mut touched = Touched::default();
            let mut done = Vec::with_capacity(rows.len());
            for row in rows {
                let written = in_savepoint(tx, |conn| {
                    let written = write_group_of_many(conn, self.layouts(), &row.draft, ids)?;
                    log(conn, import.id, row)?;
                    Ok(written.touched)
                });
                match written {
                    Ok(more) => {
                        touched.join(more);
                        done.push(Ok(()));
                    }
                    Err(error) if of_one_row(&error) => done.push(Err(error)),
                    Err(error) => return Err(error),
                }
            }
            reject(tx, import.id, rejects)?;
            put(tx, import)?;
            // Kinds say enough: a screen asks for what it shows.
            touched.records.clear();
            Ok((done, touched))
        })
    }

    /// Gives an order about what an import made, and remembers the import, in one transaction. It waits for no row: the
    /// office leaves out what it has refused of them.
    ///
    /// # Errors
    /// `WrongState` in local-only use; those of the database.
    pub fn order_of_import(
        &self,
        import: &StoredImport,
        order: Order,
        at: DateTime<Utc>,
        ids: &dyn IdSource,
    ) -> Result<Touched, StoreError> {
        self.write(|tx| {
            if state::me(tx)?.server.is_none() {
                return Err(StoreError::WrongState);
            }
            put(tx, import)?;
            let command = Command { id: CommandId(ids.fresh()), at, order, builds_on: Vec::new(), confirmed: None };
            commands::append(tx, &command, &[], ids)
        })
    }

    /// Remembers rows that were not taken.
    ///
    /// # Errors
    /// Those of the database.
    pub fn put_rejects(&self, id: ImportNumber, rejects: &[Reject]) -> Result<(), StoreError> {
        self.write(|tx| reject(tx, id, rejects))
    }

    /// Forgets the rows that were not taken.
    ///
    /// # Errors
    /// Those of the database.
    pub fn forget_rejects(&self, id: ImportNumber) -> Result<(), StoreError> {
        self.write(|tx| {
            tx.execute("DELETE FROM import_rejects WHERE import = ?", [id.0.as_bytes()])?;
            Ok(())
        })
    }

    /// Rows that were not taken, in the order of the file, from `offset` on.
    ///
    /// # Errors
    /// Those of the database.
    pub fn rejects(&self, id: ImportNumber, offset: u32, limit: u32) -> Result<Vec<Reject>, StoreError> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached(
                "SELECT row, why, kind, field, taken, cells FROM import_rejects WHERE import = ?
                 ORDER BY row, seq LIMIT ? OFFSET ?",
            )?;
            let mut rows = statement.query(params![id.0.as_bytes(), limit, offset])?;
            let mut rejects = Vec::new();
            while let Some(row) = rows.next()? {
                rejects.push(Reject {
                    row: cells::count(row, 0)?,
                    why: row.get(1)?,
                    kind: row.get(2)?,
                    field: row.get(3)?,
                    taken: row.get(4)?,
                    cells: cells::from_cbor(&row.get::<_, Vec<u8>>(5)?)?,
                });
            }
            Ok(rejects)
        })
    }

    /// What an import did before `before`, latest first, whole rows of the file only, about `limit` lines.
    ///
    /// # Errors
    /// Those of the database.
    pub fn done_writes(&self, id: ImportNumber, before: i64, limit: u32) -> Result<Vec<DoneWrite>, StoreError> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached(
                "SELECT seq, row, record, kind, did FROM import_writes WHERE import = ? AND seq < ?
                 ORDER BY seq DESC LIMIT ?",
            )?;
            let mut rows = statement.query(params![id.0.as_bytes(), before, limit])?;
            let mut writes = Vec::new();
            while let Some(row) = rows.next()? {
                let did: Vec<u8> = row.get(4)?;
                writes.push(DoneWrite {
                    seq: row.get(0)?,
                    row: cells::count(row, 1)?,
                    record: RecordId(cells::id(row, 2)?),
                    kind: row.get(3)?,
                    did: if did.is_empty() { None } else { Some(cells::from_cbor(&did)?) },
                });
            }
            // The last row may be cut; it comes with the next piece.
            if writes.len() == limit as usize
                && let (Some(first), Some(last)) = (writes.first(), writes.last())
                && first.row != last.row
            {
                let cut = last.row;
                writes.retain(|write| write.row != cut);
            }
            Ok(writes)
        })
    }

    /// How many lines of what an import did are left.
    ///
    /// # Errors
    /// Those of the database.
    pub fn n_done_writes(&self, id: ImportNumber) -> Result<u64, StoreError> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached("SELECT count(*) FROM import_writes WHERE import = ?")?;
            Ok(statement.query_row([id.0.as_bytes()], |row| cells::count(row, 0))?)
        })
    }

    /// Writes what takes rows of an import back, and forgets the lines that are dealt with, in one transaction.
    /// Answers for each group whether it was written; lines of one that was not stay.
    ///
    /// # Errors
    /// Those that concern all groups: the disk and the database.
    pub fn write_undone(
        &self,
        import: &StoredImport,
        groups: &[(GroupDraft, Vec<i64>)],
        ids: &dyn IdSource,
    ) -> Result<(Vec<bool>, Touched), StoreError> {
        self.write(|tx| {
            let mut touched = Touched::default();
            let mut done = Vec::with_capacity(groups.len());
            for (draft, lines) in groups {
                let written = in_savepoint(tx, |conn| {
                    let written = write_group_of_many(conn, self.layouts(), draft, ids)?;
                    for seq in lines {
                        conn.prepare_cached("DELETE FROM import_writes WHERE seq = ?")?.execute([seq])?;
                    }
                    Ok(written.touched)
                });
                match written {
                    Ok(more) => touched.join(more),
                    Err(ref error) if of_one_row(error) => {}
                    Err(error) => return Err(error),
                }
                done.push(written_of(tx, lines)?);
            }
            put(tx, import)?;
            touched.records.clear();
            Ok((done, touched))
        })
    }

    /// Rows of a kind by their number in the database, the trash included, after one and at most `limit`.
    ///
    /// # Errors
    /// `UnknownKind`.
    pub fn rows_after(&self, kind: &str, after: i64, limit: u32) -> Result<Vec<(i64, ViewRow)>, StoreError> {
        let layout = self.layouts().need(kind)?;
        self.read(|conn| {
            let mut numbers =
                conn.prepare_cached(&format!("SELECT n FROM {} WHERE n > ? ORDER BY n LIMIT ?", layout.table))?;
            let numbers: Vec<i64> =
                numbers.query_map(params![after, limit], |row| row.get(0))?.collect::<Result<_, _>>()?;
            let mut rows = Vec::with_capacity(numbers.len());
            for n in numbers {
                rows.extend(records::by_number(conn, layout, n)?.map(|row| (n, row)));
            }
            Ok(rows)
        })
    }
}

/// True for what concerns the row itself and says nothing of the others.
pub(super) fn of_one_row(error: &StoreError) -> bool {
    matches!(
        error,
        StoreError::NotFound
            | StoreError::NotAllowed
            | StoreError::ChangedMeanwhile { .. }
            | StoreError::BadValue(_)
            | StoreError::TooLarge
            | StoreError::WrongState
            | StoreError::RecordDamaged(_)
    )
}

pub(super) fn in_savepoint<T>(
    conn: &Connection,
    work: impl FnOnce(&Connection) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    conn.execute_batch("SAVEPOINT row")?;
    let done = work(conn);
    conn.execute_batch(if done.is_ok() { "RELEASE row" } else { "ROLLBACK TO row; RELEASE row" })?;
    done
}

fn written_of(conn: &Connection, lines: &[i64]) -> Result<bool, StoreError> {
    let Some(first) = lines.first() else { return Ok(true) };
    Ok(!conn.prepare_cached("SELECT 1 FROM import_writes WHERE seq = ?")?.exists([first])?)
}

fn put(conn: &Connection, import: &StoredImport) -> Result<(), StoreError> {
    let mut statement = conn.prepare_cached("INSERT OR REPLACE INTO imports (id, at, state) VALUES (?, ?, ?)")?;
    statement.execute(params![import.id.0.as_bytes(), import.at.timestamp_millis(), import.state])?;
    Ok(())
}

fn read_import(row: &Row<'_>) -> rusqlite::Result<StoredImport> {
    let at = cells::instant(row, 1)?.unwrap_or_default();
    Ok(StoredImport { id: ImportNumber(cells::id(row, 0)?), at, state: row.get(2)? })
}

fn log(conn: &Connection, import: ImportNumber, row: &RowWrite) -> Result<(), StoreError> {
    let mut statement =
        conn.prepare_cached("INSERT INTO import_writes (import, row, record, kind, did) VALUES (?, ?, ?, ?, ?)")?;
    for (record, kind, did) in &row.did {
        let line = row.row as i64;
        statement.execute(params![import.0.as_bytes(), line, record.bytes(), kind, cells::to_cbor(did)?])?;
    }
    Ok(())
}

fn reject(conn: &Connection, import: ImportNumber, rejects: &[Reject]) -> Result<(), StoreError> {
    let mut statement = conn.prepare_cached(
        "INSERT INTO import_rejects (import, row, why, kind, field, taken, cells) VALUES (?, ?, ?, ?, ?, ?, ?)",
    )?;
    for reject in rejects {
        let (row, text) = (reject.row as i64, cells::to_cbor(&reject.cells)?);
        let import = import.0.as_bytes();
        statement.execute(params![import, row, reject.why, reject.kind, reject.field, reject.taken, text])?;
    }
    Ok(())
}

/// The record left this device: nothing of its values stays, only that the import had touched it.
pub(super) fn forget_values(conn: &Connection, record: RecordId) -> Result<(), StoreError> {
    conn.prepare_cached("UPDATE import_writes SET did = x'' WHERE record = ?")?.execute([record.bytes()])?;
    Ok(())
}

/// Somebody's data is erased: it may stand in any row of any file that was read here.
pub(super) fn forget_files(conn: &Connection) -> Result<(), StoreError> {
    conn.execute_batch("DELETE FROM import_blocks; DELETE FROM import_rejects;")?;
    Ok(())
}

/// A file kept in the database, read piece by piece.
pub struct ImportFile {
    store: Store,
    id: ImportNumber,
    length: u64,
    at: u64,
    held: Option<(u32, Vec<u8>)>,
}

impl ImportFile {
    /// Its length in bytes.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.length
    }

    fn hold(&mut self, n: u32) -> io::Result<&[u8]> {
        if self.held.as_ref().is_none_or(|(held, _)| *held != n) {
            let bytes = self.store.read(|conn| {
                let mut statement =
                    conn.prepare_cached("SELECT bytes FROM import_blocks WHERE import = ? AND n = ?")?;
                Ok(statement.query_row(params![self.id.0.as_bytes(), n], |row| row.get(0)).optional()?)
            });
            let bytes: Vec<u8> = bytes.map_err(io::Error::other)?.ok_or(io::ErrorKind::NotFound)?;
            self.held = Some((n, bytes));
        }
        Ok(self.held.as_ref().map_or(&[], |(_, bytes)| bytes.as_slice()))
    }
}

impl Read for ImportFile {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.at >= self.length || into.is_empty() {
            return Ok(0);
        }
        // All pieces but the last are full.
        let n = u32::try_from(self.at / BLOCK_BYTES as u64).map_err(io::Error::other)?;
        let from = (self.at % BLOCK_BYTES as u64) as usize;
        let block = self.hold(n)?;
        let piece = block.get(from..).unwrap_or_default();
        let length = piece.len().min(into.len());
        into[..length].copy_from_slice(&piece[..length]);
        self.at += length as u64;
        Ok(length)
    }
}

impl Seek for ImportFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.length.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}
