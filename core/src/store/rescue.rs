//! Out of a damaged file into a new one (DUR-5): all that can still be read, what was not sent first. The damaged file
//! is kept. What is missing then is fetched from the server, because everything is compared at the next contact.
//!
//! Documents and the outbox are copied row by row; what is made from them (views, search, places of records in homes)
//! is made again.

use std::fs::File;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use rusqlite::config::DbConfig;
use rusqlite::types::Value as Cell;
use rusqlite::{Connection, OpenFlags, params_from_iter};

use super::error::StoreError;
use super::open::{self, DatabaseKey, Store, with_suffix};
use super::state::{self, keys};
use super::{cells, digest, documents, outbox, schema};
use crate::domain::authority::Home;
use crate::domain::ids::*;
use crate::domain::patch::Patch;
use crate::sync::wire::Cursor;

/// What a person typed or did, and who this device is: written to the disk before anything else is tried.
const FIRST: [&str; 7] = ["state", "users", "outbox", "outbox_writes", "unsent", "settings", "drafts"];
/// Made from documents, or of no worth in another file.
const MADE: [&str; 3] = ["record_homes", "view_kinds", "search_dirty"];
/// Rows of which the server has nothing: their loss is no reason to pull anything again.
const OWN: [&str; 13] = [
    "outbox",
    "outbox_writes",
    "unsent",
    "settings",
    "drafts",
    "receipts",
    "repairs",
    "notices",
    "stamps",
    "undo",
    "undo_writes",
    "snapshot_stamps",
    "opened",
];
/// Row numbers tried one by one where rows in between cannot be read.
const PROBES: i64 = 10_000;
/// Row numbers tried behind the last that could be read, where the end of a table cannot.
const BEYOND: i64 = 500;

/// What came out of a damaged file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rescued {
    /// Records that could be read.
    pub n_records: u64,
    /// Edits and orders not sent yet.
    pub n_unsent: u64,
    /// Tables of which something could not be read.
    pub n_torn: u64,
}

impl Store {
    /// Makes a new file of all that can be read of a damaged one and puts it in its place; the damaged one stays beside
    /// it with `stamp` in its name. A kill leaves the old file or the new one.
    ///
    /// # Errors
    /// `Damaged` where it cannot even be read whose file it is: nothing is touched then. `InUse`, `Missing`,
    /// `DiskFull`, `Io`.
    pub fn rescue(path: &Path, key: &DatabaseKey, stamp: &str, ids: &dyn IdSource) -> Result<Rescued, StoreError> {
        if !path.exists() {
            return Err(StoreError::Missing(path.to_owned()));
        }
        let lock = open::lock(path)?;
        let unfinished = with_suffix(path, ".rescuing");
        for ending in ["", "-wal", "-shm"] {
            open::remove_if_there(&with_suffix(&unfinished, ending))?;
        }
        let mut old = Old::open(path, key)?;
        let mut new =
            open::connect(&unfinished, key, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
        new.execute_batch("PRAGMA auto_vacuum = INCREMENTAL;")?;
        open::prepare_writer(&new)?;
        schema::migrate_to(&mut new, old.schema)?;
        let rescued = copy(&mut old, &mut new, ids)?;
        schema::migrate(&mut new)?;
        new.close().map_err(|(_, error)| error)?;
        keep_aside(path, stamp)?;
        drop(old);
        // From here on the new file is the one, whatever happens.
        std::fs::rename(&unfinished, with_suffix(path, READY))?;
        open::sync_folder(path);
        finish(path)?;
        drop(lock);
        Ok(rescued)
    }
}

/// Ending of a rescued file that has not taken its place yet.
const READY: &str = ".rescued";

/// Puts a rescued file into its place where a kill kept it from that.
pub(super) fn finish(path: &Path) -> Result<(), StoreError> {
    let ready = with_suffix(path, READY);
    if !ready.exists() {
        return Ok(());
    }
    // The log of the old file must be gone before: SQLite would play it into the new one.
    open::remove_if_there(&with_suffix(path, "-wal"))?;
    open::remove_if_there(&with_suffix(path, "-shm"))?;
    std::fs::rename(&ready, path)?;
    open::sync_folder(path);
    Ok(())
}

/// Gives the damaged file, and its log, a second name.
fn keep_aside(path: &Path, stamp: &str) -> Result<(), StoreError> {
    for ending in ["", "-wal"] {
        let from = with_suffix(path, ending);
        let to = with_suffix(path, &format!(".damaged-{stamp}{ending}"));
        if !from.exists() || to.exists() {
            continue;
        }
        // Where the file system knows no second names it is copied.
        if std::fs::hard_link(&from, &to).is_err() {
            std::fs::copy(&from, &to)?;
            File::open(&to)?.sync_all()?;
        }
    }
    open::sync_folder(path);
    Ok(())
}

/// The damaged file. SQLCipher answers nothing any more after one bad page, so it is opened again after each.
struct Old {
    path: PathBuf,
    key: DatabaseKey,
    conn: Connection,
    schema: i64,
}

impl Old {
    fn open(path: &Path, key: &DatabaseKey) -> Result<Self, StoreError> {
        let conn = connect(path, key)?;
        let schema: i64 = conn.pragma_query_value(None, "user_version", |row| row.get(0))?;
        if schema > schema::known() {
            return Err(StoreError::Newer { found: schema, known: schema::known() });
        }
        Ok(Self { path: path.to_owned(), key: key.clone(), conn, schema })
    }

    fn again(&mut self) -> Result<(), StoreError> {
        self.conn = connect(&self.path, &self.key)?;
        Ok(())
    }
}

fn connect(path: &Path, key: &DatabaseKey) -> Result<Connection, StoreError> {
    let conn = open::connect(path, key, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    // The damaged file stays as it is, with its log.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    conn.execute_batch("PRAGMA query_only = ON;")?;
    Ok(conn)
}

fn copy(old: &mut Old, new: &mut Connection, ids: &dyn IdSource) -> Result<Rescued, StoreError> {
    let tables = tables(new)?;
    let mut rescued = Rescued::default();
    let mut to_pull = false;
    for first in [true, false] {
        let tx = new.transaction()?;
        for table in tables.iter().filter(|table| FIRST.contains(&table.name.as_str()) == first) {
            let torn = table.copy(old, &tx)?;
            rescued.n_torn += u64::from(torn);
            to_pull |= torn && table.name != "documents" && !OWN.contains(&table.name.as_str());
        }
        if first {
            // Without a name and a key there is nobody these edits could be sent for.
            state::me(&tx).map_err(|_| StoreError::Damaged(None))?;
            // Own changes may be missing: their numbers are never given to others (rule 9).
            state::next_incarnation(&tx)?;
        } else {
            mend_outbox(&tx, ids)?;
            place_records(&tx)?;
            if to_pull {
                state::set(&tx, keys::CURSOR, &Cursor::default())?;
            }
            state::set(&tx, keys::CHECKED_AT, &DateTime::<Utc>::UNIX_EPOCH)?;
            rescued.n_records = tx.query_row("SELECT count(*) FROM documents", [], |row| cells::count(row, 0))?;
            rescued.n_unsent = outbox::counts(&tx)?.0;
        }
        tx.commit()?;
    }
    Ok(rescued)
}

/// A table to copy.
struct Table {
    name: String,
    columns: String,
    n_columns: usize,
    /// What its rows are ordered by in the file.
    order: Vec<String>,
    /// Rows have numbers.
    numbered: bool,
}

fn tables(new: &Connection) -> Result<Vec<Table>, StoreError> {
    let mut statement =
        new.prepare("SELECT name, wr FROM pragma_table_list WHERE schema = 'main' AND type = 'table'")?;
    let listed = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, bool>(1)?)))?;
    let mut tables = Vec::new();
    for one in listed {
        let (name, without_numbers) = one?;
        if name.starts_with("sqlite_") || MADE.contains(&name.as_str()) {
            continue;
        }
        let mut statement = new.prepare("SELECT name, pk FROM pragma_table_info(?)")?;
        let columns = statement.query_map([&name], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)))?;
        let columns = columns.collect::<Result<Vec<_>, _>>()?;
        let mut parts: Vec<(i64, String)> =
            columns.iter().filter(|(_, pk)| *pk > 0).map(|(name, pk)| (*pk, name.clone())).collect();
        parts.sort();
        let order =
            if without_numbers { parts.into_iter().map(|(_, name)| name).collect() } else { vec!["rowid".to_owned()] };
        let n_columns = columns.len();
        let columns = columns.into_iter().map(|(name, _)| name).collect::<Vec<_>>().join(",");
        tables.push(Table { name, columns, n_columns, order, numbered: !without_numbers });
    }
    Ok(tables)
}

impl Table {
    /// Copies what can be read; true where something could not.
    fn copy(&self, old: &mut Old, new: &Connection) -> Result<bool, StoreError> {
        let (forward, backward) = (self.ordered(""), self.ordered(" DESC"));
        let (last, whole) = self.take(old, new, &format!("{} ORDER BY {forward}", self.select("1")))?;
        if whole {
            return Ok(false);
        }
        let (first, _) = self.take(old, new, &format!("{} ORDER BY {backward}", self.select("1")))?;
        if self.numbered && (last.is_some() || first.is_some()) {
            let from = last.or(first.map(|first| first - PROBES)).unwrap_or(0).max(0);
            self.probe(old, new, from, first.unwrap_or(from + BEYOND))?;
        }
        Ok(true)
    }

    /// The rows between two that could be read, one by one, and on from there.
    fn probe(&self, old: &mut Old, new: &Connection, last: i64, first: i64) -> Result<(), StoreError> {
        let one = self.select("rowid = ?1");
        let mut at = last;
        for _ in 0..PROBES {
            at += 1;
            if at >= first {
                return Ok(());
            }
            let found = self.take(old, new, &one.replace("?1", &at.to_string()))?;
            if let (Some(_), true) = found {
                // Sound ground: as far as it goes.
                let on = format!("{} ORDER BY rowid", self.select(&format!("rowid > {at}")));
                at = self.take(old, new, &on)?.0.unwrap_or(at);
            }
        }
        Ok(())
    }

    fn select(&self, condition: &str) -> String {
        // The number comes last, so that the cells before it are the row.
        let number = if self.numbered { "rowid" } else { "0" };
        format!("SELECT {}, {number} FROM {} NOT INDEXED WHERE {condition}", self.columns, self.name)
    }

    fn ordered(&self, direction: &str) -> String {
        self.order.iter().map(|column| format!("{column}{direction}")).collect::<Vec<_>>().join(",")
    }

    /// Copies rows up to the first that cannot be read. Answers the number of the last, and whether that was all.
    fn take(&self, old: &mut Old, new: &Connection, sql: &str) -> Result<(Option<i64>, bool), StoreError> {
        let places = vec!["?"; self.n_columns].join(",");
        let mut insert =
            new.prepare_cached(&format!("INSERT OR IGNORE INTO {} ({}) VALUES ({places})", self.name, self.columns))?;
        let mut last = None;
        let outcome = (|| -> Result<Result<(), StoreError>, rusqlite::Error> {
            let mut statement = old.conn.prepare(sql)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let cells = (0..self.n_columns).map(|idx| row.get::<_, Cell>(idx)).collect::<Result<Vec<_>, _>>()?;
                // A fault of the new file is another matter than one of the old.
                if let Err(error) = insert.execute(params_from_iter(cells)) {
                    return Ok(Err(error.into()));
                }
                last = Some(row.get(self.n_columns)?);
            }
            Ok(Ok(()))
        })();
        match outcome {
            Ok(written) => written.map(|()| (last, true)),
            Err(_) => {
                old.again()?;
                Ok((last, false))
            }
        }
    }
}

/// Parts of a group that cannot be read any more are taken from the records they changed; edits whose group cannot be
/// read are sent in one of their own; what is not acknowledged is known again.
fn mend_outbox(conn: &Connection, ids: &dyn IdSource) -> Result<(), StoreError> {
    mend_parts(conn)?;
    let mut statement = conn.prepare(
        "SELECT DISTINCT seq FROM outbox_writes WHERE length(chunks) > 0 AND seq NOT IN (SELECT seq FROM outbox)",
    )?;
    let orphans = statement.query_map([], |row| row.get::<_, i64>(0))?.collect::<Result<Vec<_>, _>>()?;
    for seq in orphans {
        let group = ids.fresh();
        let none = cells::to_cbor(&Vec::<uuid::Uuid>::new())?;
        conn.execute(
            "INSERT INTO outbox (seq, id, at, state, depends_on) VALUES (?, ?, 0, 0, ?)",
            rusqlite::params![seq, group.as_bytes(), none],
        )?;
    }
    // A group without any of its parts would say nothing.
    conn.execute("DELETE FROM outbox WHERE command IS NULL AND seq NOT IN (SELECT seq FROM outbox_writes)", [])?;
    let mut statement = conn.prepare(
        "SELECT w.seq, w.record, w.chunks FROM outbox_writes w JOIN outbox o ON o.seq = w.seq WHERE o.state <= 1",
    )?;
    let rows = statement
        .query_map([], |row| Ok((row.get::<_, i64>(0)?, RecordId(cells::id(row, 1)?), row.get::<_, Vec<u8>>(2)?)))?;
    for row in rows {
        let (seq, record, chunks) = row?;
        let chunks: Vec<Vec<u8>> =
            documents::split(&chunks).map(|all| all.into_iter().map(<[u8]>::to_vec).collect()).unwrap_or_default();
        outbox::mark_unsent(conn, seq, record, &chunks)?;
    }
    Ok(())
}

fn mend_parts(conn: &Connection) -> Result<(), StoreError> {
    let mut statement = conn.prepare(
        "SELECT u.seq, u.record, group_concat(hex(u.hash)) FROM unsent u
         WHERE NOT EXISTS (SELECT 1 FROM outbox_writes w WHERE w.seq = u.seq AND w.record = u.record)
         GROUP BY u.seq, u.record",
    )?;
    let missing = statement
        .query_map([], |row| Ok((row.get::<_, i64>(0)?, RecordId(cells::id(row, 1)?), row.get::<_, String>(2)?)))?;
    let missing = missing.collect::<Result<Vec<_>, _>>()?;
    for (seq, record, hashes) in missing {
        let Some(document) = documents::find(conn, record)? else { continue };
        let all = documents::split(&document.chunks).unwrap_or_default();
        let is_missing = |chunk: &&[u8]| {
            let hash: String = documents::hash(chunk).iter().map(|byte| format!("{byte:02X}")).collect();
            hashes.contains(&hash)
        };
        let creates = all.first().is_some_and(is_missing);
        let chunks: Vec<u8> = all.iter().filter(|chunk| is_missing(chunk)).flat_map(|chunk| chunk.to_vec()).collect();
        let homes: Vec<u8> = document.homes.iter().flat_map(Home::bytes).collect();
        conn.execute(
            "INSERT INTO outbox_writes (seq, pos, record, generation, kind, creates, client, homes, patch, chunks)
             VALUES (?1, (SELECT coalesce(max(pos), -1) + 1 FROM outbox_writes WHERE seq = ?1), ?2,?3,?4,?5,?6,?7,?8,?9)",
            rusqlite::params![
                seq,
                record.bytes(),
                document.key.generation,
                document.kind,
                creates,
                document.client.as_ref().map(RecordId::bytes),
                homes,
                cells::to_cbor(&Patch::new())?,
                chunks
            ],
        )?;
    }
    Ok(())
}

/// Where records belong, from their own rows; those the office's word is lost of are fetched again.
fn place_records(conn: &Connection) -> Result<(), StoreError> {
    let mut statement = conn.prepare("SELECT n, homes FROM documents")?;
    let rows = statement.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?)))?;
    let mut insert = conn.prepare("INSERT OR IGNORE INTO record_homes (home, n) VALUES (?, ?)")?;
    for row in rows {
        let (n, homes) = row?;
        for home in homes.chunks(17).filter_map(Home::from_bytes) {
            insert.execute(rusqlite::params![home.bytes(), n])?;
        }
    }
    let mut statement = conn.prepare(
        "SELECT id FROM documents WHERE n NOT IN (SELECT n FROM authority)
            AND id NOT IN (SELECT record FROM outbox_writes WHERE creates = 1)",
    )?;
    let bare = statement.query_map([], |row| cells::id(row, 0).map(RecordId))?.collect::<Result<Vec<_>, _>>()?;
    bare.into_iter().try_for_each(|id| digest::set_aside(conn, id))
}
