//! The search index: trigrams of folded titles and of all searched text, in two contentless FTS5 tables, and what a
//! record is known by exactly ([`known`]) in a table of its own.
//!
//! A row's number in them carries the kind's rank above the record's number, so that results come kind by kind,
//! clients first.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, params};

use super::error::StoreError;
use super::views::{Layout, Layouts};
use super::{cells, known};
use crate::domain::fold::{digits, fold, is_number};
use crate::domain::kind::{FieldDecl, FieldType};
use crate::domain::value::Value;

/// Bits of a record's number in a row's.
const RANK_BITS: u32 = 40;
/// Of a row's number those that are the record's.
pub(super) const RECORD: i64 = (1 << RANK_BITS) - 1;

/// Makes the two tables where they are missing.
pub(super) fn ensure(conn: &Connection) -> Result<(), StoreError> {
    for table in ["search_title", "search_all"] {
        // Looked for first: opening a database that has them must write nothing.
        if conn.prepare_cached("SELECT 1 FROM sqlite_master WHERE name = ?")?.exists([table])? {
            continue;
        }
        conn.execute_batch(&format!(
            "CREATE VIRTUAL TABLE {table} USING fts5 (
                text, content = '', contentless_delete = 1, detail = none, tokenize = 'trigram case_sensitive 1');
             INSERT INTO {table} ({table}, rank) VALUES ('hashsize', 8388608);",
        ))?;
    }
    known::ensure(conn)
}

pub(super) fn drop_all(conn: &Connection) -> Result<(), StoreError> {
    conn.execute_batch(
        "DROP TABLE IF EXISTS search_title; DROP TABLE IF EXISTS search_all; DELETE FROM search_dirty;",
    )?;
    known::drop_all(conn)
}

/// Rewrites both tables so that nothing of removed records is left in them.
pub(super) fn forget_removed(conn: &Connection) -> Result<(), StoreError> {
    conn.execute_batch(
        "INSERT INTO search_title (search_title) VALUES ('optimize');
         INSERT INTO search_all (search_all) VALUES ('optimize');",
    )?;
    Ok(())
}

/// A record has to be indexed, later.
pub(super) fn mark(conn: &Connection, n: i64) -> Result<(), StoreError> {
    conn.prepare_cached("INSERT OR IGNORE INTO search_dirty (n) VALUES (?)")?.execute([n])?;
    Ok(())
}

/// Whether records wait to be indexed.
pub(super) fn is_behind(conn: &Connection) -> Result<bool, StoreError> {
    Ok(conn.prepare_cached("SELECT 1 FROM search_dirty LIMIT 1")?.exists([])?)
}

/// Number of a record's row in the index.
pub(super) fn row_number(layout: &Layout, n: i64) -> i64 {
    (layout.rank << RANK_BITS) | n
}

/// The numbers a kind's rows have in the index: the one before the first, and the last.
pub(super) fn numbers(layout: &Layout) -> (i64, i64) {
    (row_number(layout, 0), row_number(layout, RECORD))
}

/// The kind and record of a row of the index.
pub(super) fn origin(layouts: &Layouts, row: i64) -> Option<(&Layout, i64)> {
    let layout = layouts.by_rank(row >> RANK_BITS)?;
    Some((layout, row & RECORD))
}

/// Takes a record out of the index.
pub(super) fn remove(conn: &Connection, layout: &Layout, n: i64) -> Result<(), StoreError> {
    let row = row_number(layout, n);
    conn.prepare_cached("DELETE FROM search_title WHERE rowid = ?")?.execute([row])?;
    conn.prepare_cached("DELETE FROM search_all WHERE rowid = ?")?.execute([row])?;
    known::remove(conn, row)?;
    conn.prepare_cached("DELETE FROM search_dirty WHERE n = ?")?.execute([n])?;
    Ok(())
}

/// Indexes a record as its view row stands now.
pub(super) fn put(conn: &Connection, layout: &Layout, n: i64) -> Result<(), StoreError> {
    remove(conn, layout, n)?;
    let Some(text) = texts(conn, layout, n)? else { return Ok(()) };
    let row = row_number(layout, n);
    if !text.title.is_empty() {
        let mut statement = conn.prepare_cached("INSERT INTO search_title (rowid, text) VALUES (?, ?)")?;
        statement.execute(params![row, text.title])?;
    }
    if !text.all.is_empty() {
        let mut statement = conn.prepare_cached("INSERT INTO search_all (rowid, text) VALUES (?, ?)")?;
        statement.execute(params![row, text.all])?;
    }
    known::put(conn, (row, n), &known::keys(layout.kind, &text))
}

/// Indexes records that wait for it, at most `limit`; returns how many still wait.
pub(super) fn put_pending(conn: &Connection, layouts: &Layouts, limit: u32) -> Result<u64, StoreError> {
    let mut statement = conn.prepare_cached(
        "SELECT s.n, d.kind FROM search_dirty s LEFT JOIN documents d ON d.n = s.n ORDER BY s.n LIMIT ?",
    )?;
    let rows = statement.query_map([limit], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Option<String>>(1)?)))?;
    let mut pending = Vec::new();
    for row in rows {
        let (n, kind) = row?;
        match kind.and_then(|kind| layouts.get(&kind)) {
            Some(layout) => pending.push((layout.rank, n, layout)),
            None => {
                conn.prepare_cached("DELETE FROM search_dirty WHERE n = ?")?.execute([n])?;
            }
        }
    }
    // FTS5 writes out what it gathered whenever a row number falls back.
    pending.sort_unstable_by_key(|(rank, n, _)| (*rank, *n));
    for (_, n, layout) in pending {
        put(conn, layout, n)?;
    }
    Ok(conn.query_row("SELECT count(*) FROM search_dirty", [], |row| cells::count(row, 0))?)
}

/// What a record is found by.
pub(super) struct Texts {
    pub title: String,
    pub all: String,
    /// The searched values as typed, with their fields.
    pub typed: Vec<(&'static FieldDecl, String)>,
}

/// The searched text of a record; `None` where it has no row or lies in the trash.
pub(super) fn texts(conn: &Connection, layout: &Layout, n: i64) -> Result<Option<Texts>, StoreError> {
    let fields: Vec<&'static FieldDecl> = layout.kind.fields.iter().filter(|field| field.search).collect();
    if fields.is_empty() {
        return Ok(None);
    }
    let columns: Vec<String> = fields.iter().map(|field| Layout::column(field.key)).collect();
    let sql = format!("SELECT title_fold, {} FROM {} WHERE n = ? AND trashed = 0", columns.join(","), layout.table);
    let mut statement = conn.prepare_cached(&sql)?;
    let texts = statement.query_row([n], |row| {
        let title: String = row.get::<_, Option<String>>(0)?.unwrap_or_default();
        let mut texts = Texts { all: title.clone(), title, typed: Vec::new() };
        for (at, field) in fields.iter().enumerate() {
            texts.add(field, row.get_ref(at + 1)?);
        }
        Ok(texts)
    });
    Ok(texts.optional()?)
}

impl Texts {
    /// Phones among the values.
    pub fn phones(&self) -> impl Iterator<Item = &str> {
        let phones = self.typed.iter().filter(|(field, _)| field.field_type == FieldType::Phone);
        phones.map(|(_, text)| text.as_str())
    }

    fn add(&mut self, field: &'static FieldDecl, cell: ValueRef<'_>) {
        match cells::value(field, cell) {
            Some(Value::Entries(entries)) => {
                for entry in &entries {
                    self.push(field, cells::text_of(&entry.value));
                }
            }
            Some(value) => self.push(field, cells::text_of(&value)),
            None => {}
        }
    }

    fn push(&mut self, field: &'static FieldDecl, text: String) {
        let folded = fold(&text);
        if folded.is_empty() || folded == self.title {
            return;
        }
        self.all.push('\n');
        self.all.push_str(&folded);
        if field.field_type == FieldType::Phone || is_number(&text) {
            let number = digits(&text);
            if number.len() >= 3 && number != folded {
                self.all.push('\n');
                self.all.push_str(&number);
            }
        }
        self.typed.push((field, text));
    }
}
