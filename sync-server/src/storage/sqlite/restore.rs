//! Putting a backup in the place of the database, and looking at one without putting it anywhere (rule 24).

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use rusqlite::{Connection, ErrorCode};

use super::sql::Result;
use super::{SqliteStorage, connect};
use crate::storage::{Finding, Storage, StorageError};

/// Puts a backup in the place of `file`, in a new epoch and held. What stood there is kept beside it. The server must
/// not be running.
///
/// # Errors
/// `InUse` where somebody has the database open, `NotFound` for a backup without an organisation.
pub fn restore(backup: &Path, file: &Path, now: DateTime<Utc>) -> Result<u64> {
    let there = file.exists();
    if there {
        close_down(file)?;
    }
    let fresh = beside(file, ".restoring");
    remove(&fresh)?;
    std::fs::copy(backup, &fresh)?;
    let storage = SqliteStorage::open(&fresh)?;
    storage.organisation()?.ok_or(StorageError::NotFound("organisation"))?;
    let epoch = storage.begin_epoch(now)?;
    drop(storage);
    close_down(&fresh)?;
    if there {
        // A log left beside a damaged file must not be taken for the restored one's.
        let kept = beside(file, &format!(".before-restore-{epoch}"));
        for suffix in ["-wal", "-shm", ""] {
            let part = beside(file, suffix);
            if part.exists() {
                std::fs::rename(part, beside(&kept, suffix))?;
            }
        }
    }
    std::fs::rename(&fresh, file)?;
    std::fs::File::open(file)?.sync_all()?;
    Ok(epoch)
}

/// Looks at a backup as at a database in use, on a copy, so that it stays as it is.
///
/// # Errors
/// Where it is no database of ours.
pub fn verify(backup: &Path) -> Result<Vec<Finding>> {
    let copy = beside(backup, ".verifying");
    remove(&copy)?;
    std::fs::copy(backup, &copy)?;
    let found = SqliteStorage::open(&copy).and_then(|storage| {
        storage.organisation()?.ok_or(StorageError::NotFound("organisation"))?;
        storage.examine(false)
    });
    remove(&copy)?;
    found
}

/// Brings everything of a database into its one file; refused while anybody else has it open.
fn close_down(file: &Path) -> Result<()> {
    let conn = match connect(file) {
        Ok(conn) => conn,
        Err(StorageError::Database(error)) => return busy_or_damaged(error),
        Err(error) => return Err(error),
    };
    conn.busy_timeout(std::time::Duration::ZERO)?;
    match alone(&conn) {
        Ok(()) => Ok(()),
        Err(error) => busy_or_damaged(error),
    }
}

fn alone(conn: &Connection) -> rusqlite::Result<()> {
    // Leaving WAL needs to be alone with the file, and leaves nothing beside it.
    conn.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    conn.pragma_update(None, "journal_mode", "DELETE")?;
    conn.execute_batch("BEGIN EXCLUSIVE; COMMIT")
}

/// A damaged file is what a restore is for.
fn busy_or_damaged(error: rusqlite::Error) -> Result<()> {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Err(StorageError::InUse),
        _ => Ok(()),
    }
}

fn remove(file: &Path) -> Result<()> {
    for suffix in ["", "-wal", "-shm", "-journal"] {
        match std::fs::remove_file(beside(file, suffix)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    Ok(())
}

fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
