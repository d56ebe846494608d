//! The store in one SQLite file: one connection that writes, several that read, each transaction durable before its
//! answer leaves (DUR-2).

mod absences;
mod alerts;
mod audit;
mod away;
mod backfill;
mod chains;
mod compaction;
mod digests;
mod directory;
mod doctor;
mod erasure;
mod events;
mod held;
mod homes;
mod identity;
mod implement;
mod judge;
mod late;
mod ledger;
mod lost;
mod memo;
mod merges;
mod office;
mod pages;
mod proposals;
mod records;
mod restore;
mod schema;
mod sql;
mod verdicts;
mod vouch;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior};

pub use ledger::Ledger;
pub use restore::{restore, verify};

use super::{StorageError, Touched};
use sql::Result;

/// How many idle reading connections are kept.
const IDLE_READERS: usize = 8;

/// The store in one SQLite file, or in memory for tests.
pub struct SqliteStorage {
    file: Option<PathBuf>,
    writer: Mutex<Connection>,
    readers: Mutex<Vec<Connection>>,
    /// Number of the organisation's row; 0 until it is known.
    org: AtomicI64,
}

impl SqliteStorage {
    /// Opens the file, making or migrating it.
    ///
    /// # Errors
    /// `Newer` for a file of a newer version, `Database` where SQLite refuses.
    pub fn open(file: &Path) -> Result<Self> {
        let mut writer = connect(file)?;
        schema::migrate(&mut writer, Some(file))?;
        Ok(Self::around(Some(file.to_owned()), writer))
    }

    /// A store that ends with the process.
    ///
    /// # Errors
    /// `Database` where SQLite refuses.
    pub fn in_memory() -> Result<Self> {
        let mut writer = Connection::open_in_memory()?;
        writer.set_prepared_statement_cache_capacity(256);
        schema::migrate(&mut writer, None)?;
        Ok(Self::around(None, writer))
    }

    fn around(file: Option<PathBuf>, writer: Connection) -> Self {
        Self { file, writer: Mutex::new(writer), readers: Mutex::new(Vec::new()), org: AtomicI64::new(0) }
    }

    /// One snapshot, nothing written.
    pub(super) fn read<T>(&self, work: impl FnOnce(&Ledger<'_>) -> Result<T>) -> Result<T> {
        let Some(file) = &self.file else {
            let conn = self.writer();
            return self.read_on(&conn, work);
        };
        let idle = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let conn = match idle {
            Some(conn) => conn,
            None => connect(file)?,
        };
        let outcome = self.read_on(&conn, work);
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        if readers.len() < IDLE_READERS {
            readers.push(conn);
        }
        outcome
    }

    fn read_on<T>(&self, conn: &Connection, work: impl FnOnce(&Ledger<'_>) -> Result<T>) -> Result<T> {
        let tx = conn.unchecked_transaction()?;
        let ledger = Ledger::new(&tx, self.org(&tx)?);
        work(&ledger)
    }

    /// One transaction, durable when this returns `Ok`; taken back where `work` fails.
    pub(super) fn write<T>(&self, work: impl FnOnce(&Ledger<'_>) -> Result<T>) -> Result<(T, Touched)> {
        let conn = self.writer();
        let tx = Transaction::new_unchecked(&conn, TransactionBehavior::Immediate)?;
        let (outcome, touched) = {
            let ledger = Ledger::new(&tx, self.org(&tx)?);
            let outcome = work(&ledger)?;
            (outcome, ledger.into_touched())
        };
        tx.commit()?;
        Ok((outcome, touched))
    }

    /// As [`Self::write`], but always taken back: for looking at what would happen.
    pub(super) fn try_out<T>(&self, work: impl FnOnce(&Ledger<'_>) -> Result<T>) -> Result<T> {
        let conn = self.writer();
        let tx = Transaction::new_unchecked(&conn, TransactionBehavior::Immediate)?;
        let ledger = Ledger::new(&tx, self.org(&tx)?);
        let outcome = work(&ledger)?;
        drop(ledger);
        tx.rollback()?;
        Ok(outcome)
    }

    /// Writes the file anew without what was deleted from it, and empties the log. `false` where a reader in the middle
    /// of something holds the log: to be tried again.
    pub(super) fn scrub(&self) -> Result<bool> {
        let conn = self.writer();
        conn.execute_batch("VACUUM")?;
        let busy: i64 = conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        Ok(busy == 0)
    }

    /// Gives the file's unused space back.
    ///
    /// # Errors
    /// Where SQLite refuses.
    pub fn shrink(&self) -> Result<()> {
        self.scrub().map(|_| ())
    }

    /// Writes a copy of the whole file as it stands between two transactions, while the server runs. Never over a file
    /// that is there.
    ///
    /// # Errors
    /// `File` where there is one already, `Database` where SQLite refuses.
    pub fn backup(&self, to: &Path) -> Result<()> {
        if to.exists() {
            return Err(std::io::Error::from(std::io::ErrorKind::AlreadyExists).into());
        }
        let Some(file) = &self.file else { return Err(StorageError::NotFound("database file")) };
        let name = to.to_str().ok_or(StorageError::Corrupt("name of the backup"))?;
        connect(file)?.execute("VACUUM INTO ?1", [name])?;
        std::fs::File::open(to)?.sync_all()?;
        Ok(())
    }

    fn writer(&self) -> MutexGuard<'_, Connection> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn org(&self, conn: &Connection) -> Result<i64> {
        let known = self.org.load(Ordering::Relaxed);
        if known != 0 {
            return Ok(known);
        }
        let mut find = conn.prepare_cached("SELECT org FROM organisation ORDER BY org LIMIT 1")?;
        let org = find.query_row([], |row| row.get(0)).optional()?.unwrap_or(0);
        self.org.store(org, Ordering::Relaxed);
        Ok(org)
    }
}

fn connect(file: &Path) -> Result<Connection> {
    let conn = Connection::open(file)?;
    conn.busy_timeout(Duration::from_secs(10))?;
    conn.pragma_update(None, "journal_mode", "WAL")?;
    conn.pragma_update(None, "synchronous", "FULL")?;
    conn.pragma_update(None, "fullfsync", true)?;
    conn.pragma_update(None, "cache_size", -32_768)?;
    conn.set_prepared_statement_cache_capacity(256);
    Ok(conn)
}
