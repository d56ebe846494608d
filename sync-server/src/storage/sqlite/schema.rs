//! Migrations: forward only, each in one transaction, with a copy of the file made first.

use std::path::Path;

use rusqlite::Connection;

use crate::storage::StorageError;

/// Each entry moves the file one version on. Never edited after it landed.
const MIGRATIONS: &[&str] = &[include_str!("schema.sql")];

/// Brings the file to this build's version.
///
/// # Errors
/// `Newer` where the file was written by a newer version; it is then left as it is.
pub fn migrate(conn: &mut Connection, file: Option<&Path>) -> Result<(), StorageError> {
    let have: i64 = conn.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let want = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    if have > want {
        return Err(StorageError::Newer { have, want });
    }
    if have == want {
        return Ok(());
    }
    if let Some(file) = file.filter(|_| have > 0) {
        back_up(conn, file, have)?;
    }
    for (version, sql) in (1i64..).zip(MIGRATIONS).skip(usize::try_from(have).unwrap_or(0)) {
        let tx = conn.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let now: i64 = tx.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        if now < version {
            tx.execute_batch(sql)?;
            tx.pragma_update(None, "user_version", version)?;
        }
        tx.commit()?;
    }
    Ok(())
}

fn back_up(conn: &Connection, file: &Path, version: i64) -> Result<(), StorageError> {
    let mut name = file.as_os_str().to_owned();
    name.push(format!(".before-{}", version + 1));
    if Path::new(&name).exists() {
        return Ok(());
    }
    let name = name.into_string().map_err(|_| StorageError::Corrupt("name of the database file"))?;
    conn.execute("VACUUM INTO ?1", [name])?;
    Ok(())
}
