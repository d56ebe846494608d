//! How complete the contact details of clients are, from the view tables alone (C-167).

use rusqlite::types::Value as Sql;
use rusqlite::{Connection, params_from_iter};

use super::conditions::{blob, emptiness};
use super::error::StoreError;
use super::open::Store;
use super::views::{Layout, Layouts};
use super::{cells, mirror, state};
use crate::domain::ids::*;
use crate::domain::interactions::purpose;
use crate::domain::kind::Source;
use crate::domain::kinds::{client, interaction, person};
use crate::domain::listing::Op;

/// How complete one person's clients are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completeness {
    /// Who is responsible.
    pub user: UserId,
    /// His clients.
    pub n_clients: u64,
    /// Those with all details.
    pub n_complete: u64,
    /// Those he is asked to complete, and has not yet.
    pub n_asked: u64,
    /// For each detail asked for: how many lack it.
    pub missing: Vec<u64>,
}

/// A client with what he lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The client.
    pub client: RecordId,
    /// His name.
    pub title: String,
    /// Who is responsible.
    pub user: UserId,
    /// Places of the missing details in what was asked for.
    pub missing: Vec<usize>,
    /// The planned interaction that asks for them.
    pub asked: Option<RecordId>,
}

/// Which clients with gaps.
#[derive(Clone, Debug, Default)]
pub struct GapQuery {
    /// Keys of details: of a field of the client, or `person.` and one of his persons.
    pub details: Vec<String>,
    /// Only this person's.
    pub user: Option<UserId>,
    /// Only those who lack this detail.
    pub lacking: Option<String>,
    /// Only those for whom nobody is asked yet.
    pub unasked: bool,
    /// Only these clients; all where there are none.
    pub clients: Vec<RecordId>,
    /// Rows to skip.
    pub offset: u32,
    /// Rows wanted.
    pub limit: u32,
}

impl Store {
    /// For each person responsible, as far as this person looks after him: how complete his clients are.
    ///
    /// # Errors
    /// `BadValue` with a detail nobody can ask for.
    pub fn completeness(&self, details: &[String]) -> Result<Vec<Completeness>, StoreError> {
        self.read_through(|conn| {
            let sight = Sight::of(conn, self.layouts(), details)?;
            let lacks: Vec<String> =
                (0..details.len()).map(|at| format!(", sum(NOT coalesce({}, 0))", sight.has(at))).collect();
            let sql = format!(
                "{head} SELECT c.f_responsible, count(*), coalesce(sum({complete}), 0), count(a.client){lacks} {from}
                 GROUP BY c.f_responsible",
                head = sight.head,
                complete = sight.complete(),
                lacks = lacks.concat(),
                from = sight.from,
            );
            let mut statement = conn.prepare_cached(&sql)?;
            let rows = statement.query_map(params_from_iter(&sight.values), |row| {
                let missing = (0..details.len()).map(|at| cells::count(row, 4 + at));
                Ok(Completeness {
                    user: UserId(cells::id(row, 0)?),
                    n_clients: cells::count(row, 1)?,
                    n_complete: cells::count(row, 2)?,
                    n_asked: cells::count(row, 3)?,
                    missing: missing.collect::<rusqlite::Result<_>>()?,
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// Clients that lack something, by name, and how many there are in all.
    ///
    /// # Errors
    /// As [`Store::completeness`].
    pub fn gaps(&self, query: &GapQuery) -> Result<(u64, Vec<Gap>), StoreError> {
        self.read_through(|conn| {
            let sight = Sight::of(conn, self.layouts(), &query.details)?;
            let mut values = sight.values.clone();
            let mut only = format!("{} AND NOT {}", sight.from, sight.complete());
            if let Some(user) = query.user {
                only += " AND c.f_responsible = ?";
                values.push(blob(user.bytes()));
            }
            if let Some(lacking) = &query.lacking {
                let at = query.details.iter().position(|detail| detail == lacking);
                let at = at.ok_or_else(|| StoreError::BadValue(lacking.clone()))?;
                only += &format!(" AND NOT coalesce({}, 0)", sight.has(at));
            }
            if query.unasked {
                only += " AND a.client IS NULL";
            }
            if !query.clients.is_empty() {
                only += &format!(" AND c.id IN ({})", vec!["?"; query.clients.len()].join(","));
                values.extend(query.clients.iter().map(|id| blob(id.bytes())));
            }
            let count = format!("{} SELECT count(*) {only}", sight.head);
            let total = conn.prepare(&count)?.query_row(params_from_iter(&values), |row| cells::count(row, 0))?;
            let has: String = (0..query.details.len()).map(|at| format!(", coalesce({}, 0)", sight.has(at))).collect();
            let sql = format!(
                "{} SELECT c.id, c.{}, c.f_responsible, a.id{has} {only} ORDER BY c.title_key, c.n LIMIT {} OFFSET {}",
                sight.head, sight.title, query.limit, query.offset
            );
            let mut statement = conn.prepare(&sql)?;
            let rows = statement.query_map(params_from_iter(&values), |row| {
                let mut missing = Vec::new();
                for at in 0..query.details.len() {
                    if !row.get::<_, bool>(4 + at)? {
                        missing.push(at);
                    }
                }
                Ok(Gap {
                    client: RecordId(cells::id(row, 0)?),
                    title: row.get::<_, Option<String>>(1)?.unwrap_or_default(),
                    user: UserId(cells::id(row, 2)?),
                    missing,
                    asked: cells::id_or_none(row, 3)?.map(RecordId),
                })
            })?;
            Ok((total, rows.collect::<Result<_, _>>()?))
        })
    }
}

/// The clients this person looks after beside what they have: pieces of every query here, with its values.
struct Sight {
    head: String,
    from: String,
    title: String,
    /// For each detail the expression that tells whether it is there.
    has: Vec<String>,
    values: Vec<Sql>,
}

impl Sight {
    fn of(conn: &Connection, layouts: &Layouts, details: &[String]) -> Result<Self, StoreError> {
        let (clients, persons) = (layouts.need(client::KIND.key)?, layouts.need(person::KIND.key)?);
        let mut of_persons = Vec::new();
        let mut has = Vec::new();
        for detail in details {
            has.push(match detail.split_once('.') {
                Some(("person", field)) => {
                    of_persons.push(format!("max({}) AS p{}", filled(persons, field, detail)?, has.len()));
                    format!("p.p{}", has.len())
                }
                _ => filled(clients, detail, detail)?.replace("v.", "c."),
            });
        }
        of_persons.push("1".to_owned());
        let staff = mirror::STAFF_DEPARTMENTS.replace("?1", "?");
        let me = blob(state::me(conn)?.user.bytes());
        let head = format!(
            "WITH p AS MATERIALIZED (SELECT v.client, {} FROM {} v WHERE v.trashed = 0 GROUP BY v.client),
                  a AS MATERIALIZED (SELECT v.client, max(v.id) AS id FROM {} v
                      WHERE v.trashed = 0 AND v.f_state = 'planned' AND v.f_purpose = '{}' GROUP BY v.client)",
            of_persons.join(", "),
            persons.table,
            layouts.need(interaction::KIND.key)?.table,
            purpose::DETAILS,
        );
        let from = format!(
            "FROM {} c LEFT JOIN p ON p.client = c.id LEFT JOIN a ON a.client = c.id
             WHERE c.trashed = 0 AND (c.f_responsible = ? OR c.f_responsible IN
                 (SELECT id FROM users WHERE department IN ({staff})))",
            clients.table
        );
        let values = vec![me; 1 + staff.matches('?').count()];
        let title = clients.title().ok_or_else(|| StoreError::UnknownKind(client::KIND.key.to_owned()))?;
        Ok(Self { head, from, title, has, values })
    }

    fn has(&self, at: usize) -> &str {
        &self.has[at]
    }

    fn complete(&self) -> String {
        let all: Vec<String> = self.has.iter().map(|has| format!("coalesce({has}, 0)")).collect();
        if all.is_empty() { "1".to_owned() } else { format!("({})", all.join(" AND ")) }
    }
}

/// Whether a field is filled, in the table called `v`.
fn filled(layout: &Layout, field: &str, detail: &str) -> Result<String, StoreError> {
    let bad = || StoreError::BadValue(detail.to_owned());
    let field = layout.kind.field(field).filter(|field| field.source == Source::Document).ok_or_else(bad)?;
    emptiness(Op::Filled, field, &format!("v.{}", Layout::column(field.key))).ok_or_else(bad)
}
