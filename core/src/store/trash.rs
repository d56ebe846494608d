//! What lies in the trash: records of every kind, the last one first.

use chrono::{DateTime, Utc};
use rusqlite::Connection;

use super::cells;
use super::error::StoreError;
use super::open::Store;
use super::records::{self, ActorName};
use super::views::{Layout, Layouts};
use crate::domain::fold;
use crate::domain::ids::RecordId;

/// What the trash is asked for.
#[derive(Clone, Debug, Default)]
pub struct TrashQuery {
    /// Only this kind.
    pub kind: Option<String>,
    /// Part of the name, in any spelling.
    pub text: String,
    /// Rows to skip.
    pub offset: u32,
    /// Rows wanted.
    pub limit: u32,
}

/// A record in the trash.
#[derive(Clone, Debug)]
pub struct Trashed {
    /// The record.
    pub id: RecordId,
    /// Its kind.
    pub kind: String,
    /// Its name.
    pub title: String,
    /// The client it lives under.
    pub client: Option<RecordId>,
    /// When it was put there, by that device's clock.
    pub at: Option<DateTime<Utc>>,
    /// Who did it.
    pub by: ActorName,
    /// Records that live under it and are not in the trash themselves: they are out of sight with it and come back with it.
    pub n_under: u64,
}

/// One page of the trash.
#[derive(Clone, Debug, Default)]
pub struct TrashPage {
    /// How many there are in all.
    pub total: u64,
    /// Those asked for.
    pub rows: Vec<Trashed>,
}

struct Found {
    rank: i64,
    id: RecordId,
    client: Option<RecordId>,
    at: Option<DateTime<Utc>>,
    by: Vec<u8>,
}

impl Store {
    /// One page of what lies in the trash, the last one first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn trash(&self, query: &TrashQuery) -> Result<TrashPage, StoreError> {
        let layouts = self.layouts();
        let (total, found) = self.read(|conn| {
            let mut total = 0;
            let mut found = Vec::new();
            let wanted = query.kind.as_deref();
            for layout in layouts.iter().filter(|layout| wanted.is_none_or(|kind| kind == layout.kind.key)) {
                total += select(conn, layout, query, &mut found)?;
            }
            Ok((total, found))
        })?;
        let mut found = found;
        found.sort_by_key(|one: &Found| std::cmp::Reverse((one.at, one.id)));
        let page = found.into_iter().skip(query.offset as usize).take(query.limit as usize);
        let mut rows = Vec::new();
        for one in page {
            let by = self.actor_name(&one.by)?;
            let row = self.read(|conn| {
                Ok(Trashed {
                    id: one.id,
                    kind: layouts.by_rank(one.rank).map(|layout| layout.kind.key.to_owned()).unwrap_or_default(),
                    title: records::title(conn, layouts, one.id)?.unwrap_or_default(),
                    client: one.client,
                    at: one.at,
                    by,
                    n_under: n_under(conn, layouts, one.id)?,
                })
            })?;
            rows.push(row);
        }
        Ok(TrashPage { total, rows })
    }
}

/// Adds as many rows of a kind as the page may need and tells how many there are in all.
fn select(conn: &Connection, layout: &Layout, query: &TrashQuery, found: &mut Vec<Found>) -> Result<u64, StoreError> {
    let folded = fold::fold(&query.text);
    // What was merged into another record comes back by taking the merge back.
    let conditions = "trashed = 1 AND (?1 = '' OR instr(title_fold, ?1) > 0)
        AND n NOT IN (SELECT n FROM authority WHERE merged IS NOT NULL)";
    let sql = format!("SELECT count(*) FROM {} WHERE {conditions}", layout.table);
    let total = conn.prepare_cached(&sql)?.query_row([&folded], |row| cells::count(row, 0))?;
    if total == 0 {
        return Ok(0);
    }
    let sql = format!(
        "SELECT id, client, trashed_at, trashed_by FROM {} WHERE {conditions} ORDER BY trashed_at DESC LIMIT ?2",
        layout.table
    );
    let mut statement = conn.prepare_cached(&sql)?;
    let most = query.offset.saturating_add(query.limit);
    let rows = statement.query_map(rusqlite::params![folded, most], |row| {
        Ok(Found {
            rank: layout.rank,
            id: RecordId(cells::id(row, 0)?),
            client: cells::id_or_none(row, 1)?.map(RecordId),
            at: cells::instant(row, 2)?,
            by: row.get::<_, Option<Vec<u8>>>(3)?.unwrap_or_default(),
        })
    })?;
    for row in rows {
        found.push(row?);
    }
    Ok(total)
}

/// Records under a client that are not in the trash themselves.
pub(super) fn n_under(conn: &Connection, layouts: &Layouts, client: RecordId) -> Result<u64, StoreError> {
    let mut n = 0;
    for layout in layouts.iter().filter(|layout| layout.kind.home.under_client()) {
        let sql = format!("SELECT count(*) FROM {} WHERE client = ? AND trashed <> 1", layout.table);
        n += conn.prepare_cached(&sql)?.query_row([client.bytes()], |row| cells::count(row, 0))?;
    }
    Ok(n)
}
