//! Lists: scope, conditions, words, order, groups, a window of rows and how many there are.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use chrono::NaiveDate;
use rusqlite::types::Value as Sql;
use rusqlite::{Connection, OptionalExtension, params_from_iter};
use uuid::Uuid;

use super::arrange::{Arranged, arrange};
use super::cells;
use super::conditions::Builder;
use super::error::StoreError;
use super::open::Store;
use super::records::{self, ViewRow};
use super::views::Layout;
use crate::domain::ids::*;
use crate::domain::listing::{Condition, GroupBy, Moment, Scope, SortBy};

/// Most rows of one window.
pub const WINDOW: u32 = 500;

/// Asks for a list.
#[derive(Clone, Debug, Default)]
pub struct ListQuery {
    /// Kind key.
    pub kind: String,
    /// Whose.
    pub scope: Scope,
    /// Only this client's records.
    pub client: Option<RecordId>,
    /// Only records of this person (responsible or assigned).
    pub user: Option<UserId>,
    /// All must hold.
    pub conditions: Vec<Condition>,
    /// Words to find; empty for all.
    pub text: String,
    /// Order; empty means by title.
    pub sort: Vec<SortBy>,
    /// What is put together, the outer group first.
    pub group: Vec<GroupBy>,
    /// Whole numbers to add up.
    pub sums: Vec<String>,
    /// For each row of the window: which of these hold.
    pub marks: Vec<Condition>,
    /// Rows to skip.
    pub offset: u32,
    /// Rows wanted, at most [`WINDOW`].
    pub limit: u32,
    /// Rows in the trash instead of the others.
    pub trashed: bool,
    /// Whose now and whose days.
    pub moment: Moment,
}

/// A window of rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RowPage {
    /// How many there are in all.
    pub total: u64,
    /// Those asked for.
    pub rows: Vec<ViewRow>,
    /// For each of them the marks that hold, by their place in the query; empty where none was asked for.
    pub marks: Vec<Vec<u32>>,
}

/// The groups of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Groups {
    /// How many rows there are in all.
    pub total: usize,
    /// What they add up to.
    pub sums: Vec<i64>,
    /// In order.
    pub groups: Vec<Group>,
}

/// Rows that stand together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// What they have in common.
    pub key: GroupKey,
    /// Place of the first row in the whole list.
    pub first: usize,
    /// How many rows.
    pub count: usize,
    /// What they add up to.
    pub sums: Vec<i64>,
    /// Groups within.
    pub groups: Vec<Group>,
}

/// What rows of a group have in common.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GroupKey {
    /// A yes or no.
    Flag(bool),
    /// A whole number.
    Int(i64),
    /// Text, a choice, an event class.
    Text(String),
    /// A record, a colleague, a department.
    Id(Uuid),
    /// The day a stretch begins.
    Day(NaiveDate),
    /// Nothing there.
    Empty,
    /// All that is left where there are too many groups.
    Rest,
}

impl Store {
    /// A window of a list.
    ///
    /// # Errors
    /// `UnknownKind`, `BadValue` with the field of a condition, an order or a group that does not fit it.
    pub fn list(&self, query: &ListQuery) -> Result<RowPage, StoreError> {
        let layout = self.layouts().need(&query.kind)?;
        let limit = query.limit.min(WINDOW);
        let list = self.arranged(layout, query)?;
        self.read(|conn| {
            let mut page = window(conn, layout, &list, query.offset, limit)?;
            page.marks = self.marks(conn, layout, query, &page.rows)?;
            Ok(page)
        })
    }

    /// The groups and sums of a list.
    ///
    /// # Errors
    /// As [`Store::list`].
    pub fn groups(&self, query: &ListQuery) -> Result<Groups, StoreError> {
        let layout = self.layouts().need(&query.kind)?;
        let list = self.arranged(layout, query)?;
        Ok(Groups { total: list.numbers.len(), sums: list.sums.clone(), groups: list.groups.clone() })
    }

    /// The ids of all rows of a list, in its order.
    ///
    /// # Errors
    /// As [`Store::list`].
    pub fn list_ids(&self, query: &ListQuery) -> Result<Vec<RecordId>, StoreError> {
        let layout = self.layouts().need(&query.kind)?;
        let list = self.arranged(layout, query)?;
        self.read(|conn| {
            let mut statement = conn.prepare_cached(&format!("SELECT id FROM {} WHERE n = ?", layout.table))?;
            let mut ids = Vec::with_capacity(list.numbers.len());
            for n in &list.numbers {
                ids.extend(statement.query_row([n], |row| cells::id(row, 0)).optional()?.map(RecordId));
            }
            Ok(ids)
        })
    }

    fn arranged(&self, layout: &Layout, query: &ListQuery) -> Result<Arc<Arranged>, StoreError> {
        // Read before the snapshot is taken: what is kept under this number is never older than it says.
        let writes = self.inner.written.load(Ordering::SeqCst);
        // What words are found in changes without a write, too.
        let indexed = if query.text.is_empty() { 0 } else { self.inner.indexed.load(Ordering::SeqCst) };
        let ListQuery { kind, scope, client, user, conditions, text, sort, group, sums, trashed, moment, .. } = query;
        let what = (kind, scope, client, user, conditions, text, sort, group, sums, trashed);
        let key = format!("{what:?} {} {} {indexed}", moment.now.timestamp_millis(), moment.zone);
        let make = || self.read_through(|conn| arrange(conn, self.layouts(), layout, query));
        self.inner.arranged.get(writes, key, make)
    }

    fn marks(
        &self,
        conn: &Connection,
        layout: &Layout,
        query: &ListQuery,
        rows: &[ViewRow],
    ) -> Result<Vec<Vec<u32>>, StoreError> {
        if query.marks.is_empty() {
            return Ok(Vec::new());
        }
        let mut marks = vec![Vec::new(); rows.len()];
        let places: std::collections::HashMap<RecordId, usize> =
            rows.iter().enumerate().map(|(at, row)| (row.id, at)).collect();
        let holes = vec!["?"; rows.len()].join(",");
        for (mark, condition) in (0..).zip(&query.marks) {
            let mut builder = Builder::new(conn, self.layouts(), layout, query.moment)?;
            let condition = builder.condition(condition, 0)?;
            let sql = format!(
                "SELECT v.id FROM {} v WHERE {condition}
                    AND v.n IN (SELECT d.n FROM documents d WHERE d.id IN ({holes}))",
                layout.table
            );
            let mut values = builder.values;
            values.extend(rows.iter().map(|row| Sql::Blob(row.id.bytes().to_vec())));
            let mut statement = conn.prepare(&sql)?;
            for id in statement.query_map(params_from_iter(values), |row| cells::id(row, 0))? {
                if let Some(marks) = places.get(&RecordId(id?)).and_then(|at| marks.get_mut(*at)) {
                    marks.push(mark);
                }
            }
        }
        Ok(marks)
    }
}

fn window(conn: &Connection, layout: &Layout, list: &Arranged, offset: u32, limit: u32) -> Result<RowPage, StoreError> {
    let total = list.numbers.len();
    let from = total.min(offset as usize);
    let wanted = &list.numbers[from..total.min(from + limit as usize)];
    let mut statement = conn.prepare_cached(&layout.select_one)?;
    let mut rows = Vec::with_capacity(wanted.len());
    for n in wanted {
        // What left since the list was worked out is asked for again in a moment.
        rows.extend(statement.query_row([n], |row| records::from_row(layout, row)).optional()?);
    }
    Ok(RowPage { total: total as u64, rows, marks: Vec::new() })
}

/// Counts and reads one page of a view.
pub(super) fn page(
    conn: &Connection,
    layout: &Layout,
    conditions: &str,
    order: &str,
    mut values: Vec<Sql>,
    offset: u32,
    limit: u32,
) -> Result<RowPage, StoreError> {
    let count = format!("SELECT count(*) FROM {} v{conditions}", layout.table);
    let total = conn.prepare_cached(&count)?.query_row(params_from_iter(&values), |row| cells::count(row, 0))?;
    values.push(Sql::Integer(limit.into()));
    values.push(Sql::Integer(offset.into()));
    // Which rows first, from an index where there is one; only those are read whole, however deep the page lies.
    let sql = format!(
        "{} WHERE v.n IN (SELECT v.n FROM {} v{conditions}{order} LIMIT ? OFFSET ?){order}",
        records::select(layout),
        layout.table
    );
    let mut statement = conn.prepare_cached(&sql)?;
    let rows = statement.query_map(params_from_iter(&values), |row| records::from_row(layout, row))?;
    Ok(RowPage { total, rows: rows.collect::<Result<_, _>>()?, marks: Vec::new() })
}
