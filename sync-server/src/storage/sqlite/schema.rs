//! Migrations: forward only, each in one transaction, with a copy of the file made first.

use std::path::Path;

use rusqlite::Connection;

use super::{Ledger, audit};
use crate::storage::StorageError;

/// Each entry moves the file one version on. Never edited after it landed.
const MIGRATIONS: &[&str] = &[
    include_str!("schema.sql"),
    AUDIT_CHAIN,
    CIRCUMSTANCES,
    DIGESTS,
    LOST_DEVICES,
    ABSENCES,
    ERASURE,
    EPOCHS,
    SNAPSHOTS,
    MERGES,
    CUSTOM_FIELDS,
    FORMER_CLIENTS,
];
const FORMER_CLIENTS: &str = include_str!("migrations/former_clients.sql");
const CUSTOM_FIELDS: &str = include_str!("migrations/custom_fields.sql");
const EPOCHS: &str = include_str!("migrations/epochs.sql");
const MERGES: &str = include_str!("migrations/merges.sql");
const SNAPSHOTS: &str = include_str!("migrations/snapshots.sql");
const DIGESTS: &str = include_str!("migrations/digests.sql");
const ERASURE: &str = include_str!("migrations/erasure.sql");
const LOST_DEVICES: &str = include_str!("migrations/lost_devices.sql");
const AUDIT_CHAIN: &str = include_str!("migrations/audit_chain.sql");
const CIRCUMSTANCES: &str = include_str!("migrations/circumstances.sql");
const ABSENCES: &str = include_str!("migrations/absences.sql");

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
            if *sql == AUDIT_CHAIN {
                audit::chain_existing(&tx)?;
            }
            if *sql == DIGESTS {
                for org in organisations(&tx)? {
                    Ledger::new(&tx, org).count_everything()?;
                }
            }
            tx.pragma_update(None, "user_version", version)?;
        }
        if version == want {
            say_what_is_selective(&tx)?;
        }
        tx.commit()?;
    }
    Ok(())
}

fn organisations(conn: &Connection) -> Result<Vec<i64>, StorageError> {
    let mut found = conn.prepare("SELECT org FROM organisation")?;
    Ok(found.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}

/// Tells the planner that the organisation selects nothing and the next column nearly everything; without that it
/// walks along a whole table rather than look into an index.
fn say_what_is_selective(conn: &Connection) -> Result<(), StorageError> {
    conn.execute_batch("ANALYZE; DELETE FROM sqlite_stat1")?;
    let mut indexes = conn.prepare(
        "SELECT m.name, i.name, i.origin, (SELECT count(*) FROM pragma_index_info(i.name))
         FROM sqlite_master m JOIN pragma_index_list(m.name) i WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'",
    )?;
    let indexes = indexes.query_map([], |row| {
        Ok((
            row.get::<_, String>(0)?,
            row.get::<_, String>(1)?,
            row.get::<_, String>(2)?,
            row.get::<_, u32>(3)? as usize,
        ))
    })?;
    for index in indexes {
        let (table, index, origin, n_columns) = index?;
        let rows = ["1000000", "20", "5", "2", "1", "1"];
        let selects = rows.iter().take(n_columns).copied().collect::<Vec<_>>().join(" ");
        // A table without rowids is its own primary key, and statistics name it so.
        let index = if origin == "pk" { table.clone() } else { index };
        conn.execute(
            "INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?1, ?2, ?3)",
            [table, index, format!("1000000 {selects}")],
        )?;
    }
    conn.execute_batch("ANALYZE sqlite_schema")?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_lookup_by_record_or_home_goes_through_its_index() {
        let mut conn = Connection::open_in_memory().unwrap();
        migrate(&mut conn, None).unwrap();
        for (sql, index) in [
            (
                "SELECT home FROM doc_home WHERE org = 1 AND record = x'00' AND removed_seq IS NULL ORDER BY home",
                "doc_home_of",
            ),
            ("SELECT account FROM user_home WHERE org = 1 AND home = x'00' AND removed_seq IS NULL", "user_home_of"),
            ("SELECT client FROM client_parent WHERE org = 1 AND department = x'00'", "client_parent_of"),
            ("SELECT id FROM proposal WHERE org = 1 AND record = x'00' AND author = x'00'", "proposal_record"),
            ("SELECT id FROM device WHERE org = 1 AND account = x'00'", "device_of"),
            (
                "SELECT max(last_seq) FROM record WHERE org = 1 AND kind = x'637573746f6d5f6669656c64'",
                "record_custom_field",
            ),
        ] {
            let plan = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
            let plan =
                { plan }.query_map([], |row| row.get::<_, String>(3)).unwrap().map(Result::unwrap).collect::<Vec<_>>();
            assert!(plan.iter().any(|step| step.contains(index)), "{sql}: {plan:?}");
        }
    }
}
