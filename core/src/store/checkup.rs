//! Looking this device's database over when a person asks: every page of the file, every record, every row of a view.
//! Views that differ are made again; records that cannot be read are fetched again; a damaged file is only told of.

use rusqlite::types::Value as Cell;

use super::error::StoreError;
use super::open::Store;
use super::views::{self, Layout};
use super::{cells, contacts, digest, documents, index};
use crate::domain::ids::*;

/// Records looked at in one transaction, so that nobody who types waits for long.
const STEP: i64 = 500;

/// What was found, and put right where that was possible.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checkup {
    /// Rows of views that were other than their records, and are right now.
    pub n_views: u64,
    /// Records that could not be read; they are fetched again.
    pub n_records: u64,
    /// Places of the file that are damaged. Where there are any nothing else was looked at.
    pub n_pages: u64,
}

impl Store {
    /// Looks everything over; `told` hears how many of how many records were looked at.
    ///
    /// # Errors
    /// Those of the database.
    pub fn check_up(&self, told: &dyn Fn(u64, u64)) -> Result<Checkup, StoreError> {
        let mut found = Checkup { n_pages: self.check_file()?, ..Checkup::default() };
        if found.n_pages > 0 {
            return Ok(found);
        }
        let total =
            self.read(|conn| Ok(conn.query_row("SELECT count(*) FROM documents", [], |row| cells::count(row, 0))?))?;
        let (mut after, mut n_done) = (0, 0);
        while let Some((last, n_read)) = self.check_some(after, &mut found)? {
            (after, n_done) = (last, n_done + n_read);
            told(n_done, total.max(n_done));
        }
        self.check_rest(&mut found)?;
        self.check_soon()?;
        Ok(found)
    }

    /// Damaged places of the file: pages other than they were written, then the trees in them.
    fn check_file(&self) -> Result<u64, StoreError> {
        let pages = self.check_pages()?.len() as u64;
        if pages > 0 {
            return Ok(pages);
        }
        self.read(|conn| {
            let mut statement = conn.prepare("PRAGMA quick_check(100)")?;
            let said = statement.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
            Ok(said.iter().filter(|line| *line != "ok").count() as u64)
        })
    }

    /// Looks at the next records; `None` after the last.
    fn check_some(&self, after: i64, found: &mut Checkup) -> Result<Option<(i64, u64)>, StoreError> {
        self.write(|tx| {
            let mut statement = tx.prepare_cached("SELECT n, id FROM documents WHERE n > ? ORDER BY n LIMIT ?")?;
            let rows = statement.query_map([after, STEP], |row| Ok((row.get(0)?, RecordId(cells::id(row, 1)?))))?;
            let rows: Vec<(i64, RecordId)> = rows.collect::<Result<_, _>>()?;
            for (_, id) in &rows {
                let Some(document) = documents::find(tx, *id)? else { continue };
                let Some(layout) = self.layouts().get(&document.kind) else { continue };
                if document.damaged {
                    continue;
                }
                if documents::read(&document, layout.kind).is_err() {
                    digest::set_aside(tx, *id)?;
                    views::delete_row(tx, self.layouts(), layout, document.n)?;
                    found.n_records += 1;
                    continue;
                }
                let before = row(tx, layout, document.n)?;
                views::refill(tx, self.layouts(), layout, &document)?;
                if row(tx, layout, document.n)? != before {
                    index::mark(tx, document.n)?;
                    found.n_views += 1;
                }
            }
            Ok(rows.last().map(|(last, _)| (*last, rows.len() as u64)))
        })
    }

    /// Rows without a record, and what is computed from several.
    fn check_rest(&self, found: &mut Checkup) -> Result<(), StoreError> {
        self.write(|tx| {
            for layout in self.layouts().iter() {
                let sql = format!(
                    "DELETE FROM {} WHERE n NOT IN (SELECT n FROM documents WHERE kind = ? AND damaged = 0)",
                    layout.table
                );
                found.n_views += tx.execute(&sql, [layout.kind.key])? as u64;
            }
            found.n_views += contacts::put_right(tx, self.layouts())?;
            Ok(())
        })
    }
}

/// A row as it stands; `None` where there is none.
fn row(conn: &rusqlite::Connection, layout: &Layout, n: i64) -> Result<Option<Vec<Cell>>, StoreError> {
    let mut statement = conn.prepare_cached(&format!("SELECT * FROM {} WHERE n = ?", layout.table))?;
    let width = statement.column_count();
    let mut rows = statement.query([n])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    Ok(Some((0..width).map(|idx| row.get(idx)).collect::<Result<_, _>>()?))
}
