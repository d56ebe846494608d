//! Records somebody looked at lately on this device: only that he did, never what was in them. They are forgotten with
//! the record.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, params};

use super::cells;
use super::documents;
use super::error::StoreError;
use super::open::Store;
use super::search::{SearchHit, hit_of};
use crate::domain::ids::RecordId;

/// So many are remembered.
const REMEMBERED: u32 = 40;

impl Store {
    /// A record was opened.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn note_opened(&self, id: RecordId, at: DateTime<Utc>) -> Result<(), StoreError> {
        self.write_aside(|tx| {
            documents::place(tx, id)?.ok_or(StoreError::NotFound)?;
            tx.prepare_cached("INSERT OR REPLACE INTO opened (record, at) VALUES (?, ?)")?
                .execute(params![id.bytes(), at.timestamp_millis()])?;
            let sql = "DELETE FROM opened WHERE record NOT IN (SELECT record FROM opened ORDER BY at DESC LIMIT ?)";
            tx.prepare_cached(sql)?.execute([REMEMBERED])?;
            Ok(())
        })
    }

    /// Records opened lately and not in the trash, the last one first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn recently_opened(&self, limit: u32) -> Result<Vec<SearchHit>, StoreError> {
        self.read(|conn| {
            let mut hits = Vec::new();
            for id in all(conn)? {
                let Some((n, kind, _)) = documents::place(conn, id)? else { continue };
                let Some(layout) = self.layouts().get(&kind) else { continue };
                hits.extend(hit_of(conn, layout, n)?.map(|(hit, _)| hit));
                if hits.len() >= limit as usize {
                    break;
                }
            }
            Ok(hits)
        })
    }
}

/// Ids, the last one first.
pub(super) fn all(conn: &Connection) -> Result<Vec<RecordId>, StoreError> {
    let mut statement = conn.prepare_cached("SELECT record FROM opened ORDER BY at DESC")?;
    let rows = statement.query_map([], |row| cells::id(row, 0).map(RecordId))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Forgets that a record was opened.
pub(super) fn forget(conn: &Connection, id: RecordId) -> Result<(), StoreError> {
    conn.prepare_cached("DELETE FROM opened WHERE record = ?")?.execute([id.bytes()])?;
    Ok(())
}
