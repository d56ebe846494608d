//! Fields the organisation made, in the tables of this device: definitions read from their documents, columns added
//! while people work, values filled in from documents in quiet moments (docs/adr/0021).

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension, params};

use super::documents;
use super::error::StoreError;
use super::open::Store;
use super::views::{self, Layout};
use super::write::Touched;
use super::{cells, index};
use crate::docs;
use crate::domain::custom::Definition;
use crate::domain::ids::RecordId;
use crate::domain::kind::{FieldDecl, Kind};
use crate::domain::kinds::custom_field;

impl Store {
    /// What is left for quiet moments, `limit` records of it: columns made lately are filled, then records indexed.
    /// Returns what it changed and whether more is left.
    ///
    /// # Errors
    /// Those of the database.
    pub fn catch_up(&self, limit: u32) -> Result<(Touched, bool), StoreError> {
        if self.read(next)?.is_none() {
            if !self.read(index::is_behind)? {
                return Ok((Touched::default(), false));
            }
            let more = self.index_pending(limit)? > 0;
            return Ok((Touched { indexed: !more, ..Touched::default() }, more));
        }
        // A document looked through costs a fraction of one indexed.
        let touched = self.write(|tx| fill(tx, self.layouts(), limit.saturating_mul(4)))?;
        Ok((touched, true))
    }
}

/// The definitions this device holds. One that cannot be read waits to be fetched again.
pub(super) fn definitions(conn: &Connection) -> Result<Vec<Definition>, StoreError> {
    let sql = "SELECT id, chunks FROM documents WHERE kind = 'custom_field' AND damaged = 0";
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_map([], |row| Ok((RecordId(cells::id(row, 0)?), row.get::<_, Vec<u8>>(1)?)))?;
    let mut definitions = Vec::new();
    for row in rows {
        let (id, chunks) = row?;
        let Ok((record, _)) = docs::read(Some(&custom_field::KIND), &chunks) else { continue };
        definitions.extend(Definition::read(id, &record.values, record.trashed));
    }
    Ok(definitions)
}

/// A row of this kind was written or went.
pub(super) fn noticed(conn: &Connection, kind: &Kind) -> Result<(), StoreError> {
    if kind.key == custom_field::KIND.key {
        conn.prepare_cached("INSERT OR IGNORE INTO field_fill (kind, field, after) VALUES ('', '', 0)")?.execute([])?;
    }
    Ok(())
}

/// Whether definitions changed in this transaction; said once.
pub(super) fn were_noticed(conn: &Connection) -> Result<bool, StoreError> {
    if !conn.prepare_cached("SELECT 1 FROM field_fill WHERE kind = ''")?.exists([])? {
        return Ok(false);
    }
    conn.prepare_cached("DELETE FROM field_fill WHERE kind = ''")?.execute([])?;
    Ok(true)
}

/// Adds the columns a kind has got, and has them filled; has search look again at what it may find now.
pub(super) fn change_columns(conn: &Connection, was: &Layout, layout: &Layout) -> Result<(), StoreError> {
    let own = layout.kind.fields.iter().filter(|field| field.is_custom());
    for field in own {
        let known = was.kind.field(field.key);
        if known.is_none() && !has_column(conn, layout, field)? {
            conn.execute_batch(&format!("ALTER TABLE {} ADD COLUMN {}", layout.table, views::column_sql(field)))?;
        }
        if known.is_none_or(|known| known.search != field.search) {
            let mut statement =
                conn.prepare_cached("INSERT OR REPLACE INTO field_fill (kind, field, after) VALUES (?, ?, 0)")?;
            statement.execute(params![layout.kind.key, field.key])?;
        }
    }
    Ok(())
}

fn has_column(conn: &Connection, layout: &Layout, field: &FieldDecl) -> Result<bool, StoreError> {
    let mut statement = conn.prepare("SELECT 1 FROM pragma_table_info(?) WHERE name = ?")?;
    Ok(statement.exists([format!("v_{}", layout.kind.key), format!("f_{}", field.key)])?)
}

fn next(conn: &Connection) -> Result<Option<(String, String, i64)>, StoreError> {
    let mut statement = conn.prepare_cached("SELECT kind, field, after FROM field_fill WHERE kind <> '' LIMIT 1")?;
    Ok(statement.query_row([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).optional()?)
}

/// Fields of a kind whose values or index entries are still being made.
pub(super) fn unfinished(conn: &Connection, kind: &Kind) -> Result<BTreeSet<String>, StoreError> {
    let mut statement = conn.prepare_cached("SELECT field FROM field_fill WHERE kind = ?")?;
    Ok(statement.query_map([kind.key], |row| row.get(0))?.collect::<Result<_, _>>()?)
}

fn fill(conn: &Connection, layouts: &views::Layouts, limit: u32) -> Result<Touched, StoreError> {
    let mut touched = Touched::default();
    let Some((kind, field, after)) = next(conn)? else { return Ok(touched) };
    let upto = after + i64::from(limit);
    if let Some(layout) = layouts.get(&kind).filter(|layout| layout.kind.field(&field).is_some()) {
        // Chunks are not deflated: a document that speaks of the field has its key among its bytes.
        let mut statement = conn.prepare_cached(
            "SELECT id FROM documents
             WHERE n > ?3 AND n <= ?4 AND kind = ?1 AND instr(chunks, CAST(?2 AS BLOB)) > 0",
        )?;
        let ids = statement.query_map(params![kind, field, after, upto], |row| cells::id(row, 0).map(RecordId))?;
        for id in ids.collect::<Result<Vec<_>, _>>()? {
            if let Some(document) = documents::find(conn, id)?.filter(|document| !document.damaged) {
                views::refill(conn, layouts, layout, &document)?;
                index::mark(conn, document.n)?;
                touched.kinds.insert(kind.clone());
            }
        }
    }
    let more = conn.prepare_cached("SELECT 1 FROM documents WHERE n > ? LIMIT 1")?.exists([upto])?;
    match more {
        true => conn
            .prepare_cached("UPDATE field_fill SET after = ?3 WHERE kind = ?1 AND field = ?2")?
            .execute(params![kind, field, upto])?,
        false => conn
            .prepare_cached("DELETE FROM field_fill WHERE kind = ?1 AND field = ?2")?
            .execute(params![kind, field])?,
    };
    Ok(touched)
}
