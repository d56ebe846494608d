//! What lists of interactions need beyond the declaration: history, plans, Today, workload.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use rusqlite::params_from_iter;
use rusqlite::types::Value as Sql;
use uuid::Uuid;

use super::cells;
use super::conditions::blob;
use super::error::StoreError;
use super::lists::{RowPage, page};
use super::open::Store;
use super::records::{self, ViewRow};
use super::views::Layout;
use crate::domain::ids::*;
use crate::domain::interactions::{Class, Viewed};
use crate::domain::kinds::{client, client_category, interaction};
use crate::domain::value::Value;

/// Which interactions of a client are wanted.
#[derive(Clone, Debug, Default)]
pub struct HistoryFilter {
    /// Only of these channels; of all where none is named.
    pub channels: Vec<String>,
    /// Only with this person: a colleague who did it, or one of the client's people.
    pub person: Option<Uuid>,
    /// Not before.
    pub from: Option<DateTime<Utc>>,
    /// Before this moment.
    pub before: Option<DateTime<Utc>>,
}

/// What the interactions of a client can be narrowed to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HistoryFacets {
    /// Their channels.
    pub channels: BTreeSet<String>,
    /// Colleagues who did them, or are to.
    pub colleagues: BTreeSet<UserId>,
    /// The client's people they were with.
    pub persons: BTreeSet<RecordId>,
}

/// What a person has on his desk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Workload {
    /// Clients he is responsible for.
    pub n_clients: u64,
    /// Open interactions assigned to him.
    pub n_open: u64,
    /// Of those overdue.
    pub n_overdue: u64,
    /// Interactions held since the moment asked for.
    pub n_held: u64,
}

/// Indexes of the interactions' view; other kinds made under a client by `add` get those their columns allow.
pub(super) fn indexes(layout: &Layout) -> String {
    let (table, key) = (&layout.table, layout.kind.key);
    let has = |field: &str| layout.kind.field(field).is_some();
    if ["state", "starts_at", "ends_at", "assigned"].into_iter().all(has) {
        // The second holds all that says whose an interaction is and whether it is due: lists of those read nothing else.
        return format!(
            "CREATE INDEX \"c_{key}\" ON {table} (client, f_state, f_starts_at, trashed);
             CREATE INDEX \"a_{key}\" ON {table} (f_assigned, f_state, f_starts_at, f_ends_at, trashed);"
        );
    }
    format!("CREATE INDEX \"c_{key}\" ON {table} (client);")
}

/// What [`Viewed::class`] says, as a condition on the view `v` with its values.
pub(super) fn of_class(class: Class, viewed: &Viewed) -> (String, Vec<Sql>) {
    let millis = |at: DateTime<Utc>| Sql::Integer(at.timestamp_millis());
    let open = "v.f_state IS NOT 'held' AND v.f_state IS NOT 'cancelled'";
    // A plan for the whole of today is due when the day ends.
    let late = "NOT (v.f_starts_at = ? AND v.f_ends_at IS NULL) AND max(v.f_starts_at, coalesce(v.f_ends_at, 0)) < ?";
    let borders = vec![millis(viewed.tomorrow), millis(viewed.today), millis(viewed.now)];
    match class {
        Class::Overdue => (format!("({open} AND v.f_starts_at < ? AND {late})"), borders),
        Class::Current => (format!("({open} AND v.f_starts_at < ? AND NOT ({late}))"), borders),
        Class::Planned => (format!("({open} AND coalesce(v.f_starts_at, 9e18) >= ?)"), vec![millis(viewed.tomorrow)]),
        Class::Closed => ("(v.f_state IS 'held' OR v.f_state IS 'cancelled')".to_owned(), Vec::new()),
    }
}

impl HistoryFilter {
    /// Adds to the conditions on the view `v` and to their values.
    fn add(&self, conditions: &mut String, values: &mut Vec<Sql>) {
        if !self.channels.is_empty() {
            *conditions += &format!(" AND v.f_channel IN ({})", vec!["?"; self.channels.len()].join(","));
            values.extend(self.channels.iter().cloned().map(Sql::Text));
        }
        if let Some(person) = self.person {
            *conditions += " AND (coalesce(v.f_contactor, v.f_assigned) = ?
                OR EXISTS (SELECT 1 FROM json_each(coalesce(v.f_persons, '[]')) e
                    WHERE json_extract(e.value, '$[1]') = ?))";
            values.extend([blob(person.as_bytes()), Sql::Text(person.to_string())]);
        }
        for (sign, border) in [(">=", self.from), ("<", self.before)] {
            if let Some(border) = border {
                *conditions += &format!(" AND v.f_starts_at {sign} ?");
                values.push(Sql::Integer(border.timestamp_millis()));
            }
        }
    }
}

impl Store {
    /// Interactions with a client that are not planned any more, latest first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn history(
        &self,
        client: RecordId,
        filter: &HistoryFilter,
        offset: u32,
        limit: u32,
    ) -> Result<RowPage, StoreError> {
        let layout = self.layouts().need(interaction::KIND.key)?;
        let mut conditions = " WHERE v.client = ? AND v.trashed <> 1 AND v.f_state IS NOT 'planned'".to_owned();
        let mut values = vec![blob(client.bytes())];
        filter.add(&mut conditions, &mut values);
        let order = " ORDER BY v.f_starts_at DESC NULLS LAST, v.n DESC";
        self.read(|conn| page(conn, layout, &conditions, order, values, offset, limit.min(500)))
    }

    /// What the interactions with a client can be narrowed to.
    ///
    /// # Errors
    /// Those of the database.
    pub fn history_facets(&self, client: RecordId) -> Result<HistoryFacets, StoreError> {
        let layout = self.layouts().need(interaction::KIND.key)?;
        let persons = interaction::PERSONS.decl;
        let sql = format!(
            "SELECT f_channel, coalesce(f_contactor, f_assigned), f_persons FROM {} WHERE client = ? AND trashed <> 1",
            layout.table
        );
        self.read(|conn| {
            let mut facets = HistoryFacets::default();
            let mut statement = conn.prepare_cached(&sql)?;
            let mut rows = statement.query([client.bytes()])?;
            while let Some(row) = rows.next()? {
                facets.channels.extend(row.get::<_, Option<String>>(0)?);
                facets.colleagues.extend(cells::id_or_none(row, 1)?.map(UserId));
                if let Some(Value::Entries(entries)) = cells::value(&persons, row.get_ref(2)?) {
                    let ids = entries.iter().filter(|entry| !entry.removed).filter_map(|entry| match *entry.value {
                        Value::Id(id) => Some(RecordId(id)),
                        _ => None,
                    });
                    facets.persons.extend(ids);
                }
            }
            Ok(facets)
        })
    }

    /// Planned interactions with a client, soonest first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn planned_with(&self, client: RecordId) -> Result<Vec<ViewRow>, StoreError> {
        let layout = self.layouts().need(interaction::KIND.key)?;
        let conditions = " WHERE v.client = ? AND v.trashed <> 1 AND v.f_state = 'planned'";
        let order = " ORDER BY v.f_starts_at NULLS LAST, v.n";
        self.read(|conn| Ok(page(conn, layout, conditions, order, vec![blob(client.bytes())], 0, 500)?.rows))
    }

    /// Planned interactions assigned to a person that start in `[from, before)`, soonest first; those without a
    /// moment count as the latest.
    ///
    /// # Errors
    /// Those of the database.
    pub fn planned_for(
        &self,
        user: UserId,
        from: Option<DateTime<Utc>>,
        before: Option<DateTime<Utc>>,
        offset: u32,
        limit: u32,
    ) -> Result<RowPage, StoreError> {
        let layout = self.layouts().need(interaction::KIND.key)?;
        let mut conditions = " WHERE v.f_assigned = ? AND v.f_state = 'planned' AND v.trashed = 0".to_owned();
        let mut values = vec![blob(user.bytes())];
        if let Some(from) = from {
            conditions +=
                if before.is_some() { " AND v.f_starts_at >= ?" } else { " AND coalesce(v.f_starts_at, 9e18) >= ?" };
            values.push(Sql::Integer(from.timestamp_millis()));
        }
        if let Some(before) = before {
            conditions += " AND v.f_starts_at < ?";
            values.push(Sql::Integer(before.timestamp_millis()));
        }
        let order = " ORDER BY v.f_starts_at NULLS LAST, v.n";
        self.read(|conn| page(conn, layout, &conditions, order, values, offset, limit.min(500)))
    }

    /// The person's clients with nothing planned whose last contact is longer ago than their own or their category's
    /// interval (`default_days` where neither says), longest first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn forgotten(
        &self,
        user: UserId,
        now: DateTime<Utc>,
        default_days: u32,
        limit: u32,
    ) -> Result<Vec<ViewRow>, StoreError> {
        let layout = self.layouts().need(client::KIND.key)?;
        let categories = self.layouts().need(client_category::KIND.key)?;
        let conditions = format!(
            " WHERE v.f_responsible = ? AND v.trashed = 0 AND v.f_next_contact IS NULL
                AND coalesce(v.f_status, '') NOT IN ('former', 'paused')
                AND coalesce(v.f_last_contact, v.created_at, 0) < ? - 86400000 * coalesce(v.f_contact_every,
                    (SELECT k.f_contact_every FROM {} k
                        WHERE k.n = (SELECT d.n FROM documents d WHERE d.id = v.f_category)), ?)",
            categories.table
        );
        let values = vec![blob(user.bytes()), Sql::Integer(now.timestamp_millis()), Sql::Integer(default_days.into())];
        let order = " ORDER BY coalesce(v.f_last_contact, v.created_at, 0), v.n";
        self.read(|conn| Ok(page(conn, layout, &conditions, order, values, 0, limit.min(500))?.rows))
    }

    /// What a person has on his desk.
    ///
    /// # Errors
    /// Those of the database.
    pub fn workload(&self, user: UserId, viewed: &Viewed, held_since: DateTime<Utc>) -> Result<Workload, StoreError> {
        let clients = self.layouts().need(client::KIND.key)?;
        let interactions = self.layouts().need(interaction::KIND.key)?;
        let (overdue, borders) = of_class(Class::Overdue, viewed);
        self.read(|conn| {
            let sql = format!(
                "SELECT (SELECT count(*) FROM {clients} WHERE f_responsible = ?1 AND trashed = 0),
                    (SELECT count(*) FROM {i} WHERE f_assigned = ?1 AND f_state = 'planned' AND trashed = 0),
                    (SELECT count(*) FROM {i}
                        WHERE f_assigned = ?1 AND f_state = 'held' AND f_starts_at >= ?2 AND trashed = 0),
                    (SELECT count(*) FROM {i} v WHERE v.f_assigned = ?1 AND v.trashed = 0 AND {overdue})",
                clients = clients.table,
                i = interactions.table,
            );
            let mut statement = conn.prepare_cached(&sql)?;
            let mut values = vec![blob(user.bytes()), Sql::Integer(held_since.timestamp_millis())];
            values.extend(borders);
            Ok(statement.query_row(params_from_iter(values), |row| {
                let count = |at| cells::count(row, at);
                Ok(Workload { n_clients: count(0)?, n_open: count(1)?, n_overdue: count(3)?, n_held: count(2)? })
            })?)
        })
    }

    /// Rows by their ids, in the order asked for; unknown ones are left out.
    ///
    /// # Errors
    /// Those of the database.
    pub fn rows(&self, ids: &[RecordId]) -> Result<Vec<ViewRow>, StoreError> {
        self.read(|conn| {
            let mut rows = Vec::with_capacity(ids.len());
            for id in ids {
                rows.extend(records::row(conn, self.layouts(), *id)?);
            }
            Ok(rows)
        })
    }
}
