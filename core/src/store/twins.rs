//! Clients that look like ones made twice (C-009), found by what they are known by exactly ([`super::known`]).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use rusqlite::{Connection, params};

use super::error::StoreError;
use super::known::{self, Sort};
use super::mirror::STAFF_DEPARTMENTS;
use super::open::Store;
use super::similar::Alike;
use super::views::{Layout, Layouts};
use super::{cells, state};
use crate::domain::authority::Role;
use crate::domain::ids::*;
use crate::domain::kinds::{client, distinction};
use crate::domain::phone::Region;

/// What more clients than this have in common names none of them: a switchboard, a shared mail address.
const COMMON: usize = 8;

/// Two clients that may be one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Twins {
    /// The one whose id is the lesser: as far as ids tell, it was made first.
    pub one: RecordId,
    /// The other one.
    pub other: RecordId,
    /// What they have in common, the strongest first, each with the value; of names there is none.
    pub reasons: BTreeMap<Alike, String>,
}

/// Pairs with what they have in common.
type Pairs = BTreeMap<(RecordId, RecordId), BTreeMap<Alike, String>>;

impl Store {
    /// Clients this person supervises that may have been made twice, the strongest reasons first; those somebody has
    /// told apart left out. None for reps.
    ///
    /// # Errors
    /// Those of the database.
    pub fn twins(&self) -> Result<Arc<Vec<Twins>>, StoreError> {
        let me = self.me()?;
        if me.role == Role::Rep {
            return Ok(Arc::default());
        }
        // Read before the snapshot is taken: what is kept under this number is never older than it says.
        let writes = self.inner.written.load(Ordering::SeqCst) + self.inner.indexed.load(Ordering::SeqCst);
        self.remembered_as_of(writes, &self.inner.twins, |conn| {
            let mut staff = conn.prepare_cached(&format!(
                "SELECT EXISTS (SELECT 1 FROM authority a JOIN documents d ON d.n = a.n
                    WHERE d.id = ?2 AND a.department IN ({STAFF_DEPARTMENTS}))"
            ))?;
            let mut found = find(conn, self.layouts(), None)?;
            let both: BTreeSet<RecordId> = found.iter().flat_map(|twins| [twins.one, twins.other]).collect();
            let mut mine = BTreeSet::new();
            for id in both {
                if staff.query_row(params![me.user.bytes(), id.bytes()], |row| row.get(0))? {
                    mine.insert(id);
                }
            }
            found.retain(|twins| mine.contains(&twins.one) && mine.contains(&twins.other));
            Ok(Arc::new(found))
        })
    }

    /// Clients here that are known by something this one is known by, too.
    ///
    /// # Errors
    /// Those of the database.
    pub fn twins_of(&self, client: RecordId) -> Result<Vec<Twins>, StoreError> {
        self.read(|conn| find(conn, self.layouts(), Some(client)))
    }

    /// The record that says whether two clients are not the same.
    ///
    /// # Errors
    /// Those of the database.
    pub fn distinction(&self, one: RecordId, other: RecordId) -> Result<Option<(RecordId, bool)>, StoreError> {
        self.read(|conn| {
            let layout = self.layouts().need(distinction::KIND.key)?;
            let sql = format!(
                "SELECT id, coalesce({}, 0) FROM {} WHERE trashed = 0 AND {} = ? ORDER BY 2 DESC, n LIMIT 1",
                Layout::column(distinction::APART.key()),
                layout.table,
                Layout::column(distinction::PAIR.key())
            );
            let mut statement = conn.prepare_cached(&sql)?;
            let found = statement
                .query_map([distinction::pair(one, other)], |row| Ok((RecordId(cells::id(row, 0)?), row.get(1)?)))?;
            Ok(found.collect::<Result<Vec<_>, _>>()?.pop())
        })
    }
}

fn find(conn: &Connection, layouts: &Layouts, of: Option<RecordId>) -> Result<Vec<Twins>, StoreError> {
    let region = state::region(conn)?;
    let mut pairs = Pairs::new();
    for key in known::shared(conn, layouts, of)? {
        note(conn, layouts, (&key, of, region), &mut pairs)?;
    }
    if pairs.is_empty() {
        return Ok(Vec::new());
    }
    let (apart, living) = (told_apart(conn, layouts)?, living(conn, layouts)?);
    let mut found = Vec::new();
    for ((one, other), reasons) in pairs {
        if !apart.contains(&distinction::pair(one, other)) && living(one)? && living(other)? {
            found.push(Twins { one, other, reasons });
        }
    }
    found.sort_by_cached_key(|twins| {
        let strongest = twins.reasons.keys().next().copied();
        (strongest, std::cmp::Reverse(twins.reasons.len()), twins.one, twins.other)
    });
    Ok(found)
}

/// Notes the pairs a key makes.
fn note(
    conn: &Connection,
    layouts: &Layouts,
    (key, of, region): (&str, Option<RecordId>, Option<Region>),
    pairs: &mut Pairs,
) -> Result<(), StoreError> {
    let Some((sort, value)) = Sort::read(key) else { return Ok(()) };
    let why = match sort {
        Sort::Number => Alike::Number,
        Sort::Phone => Alike::Phone,
        Sort::Email => Alike::Email,
        Sort::Name => Alike::Name,
    };
    let mut together: BTreeMap<String, BTreeSet<RecordId>> = BTreeMap::new();
    if sort == Sort::Phone {
        for (number, client) in known::clients_with_phone(conn, layouts, value, region)? {
            together.entry(number.into()).or_default().insert(client);
        }
    } else {
        let shown = if sort == Sort::Name { String::new() } else { value.to_owned() };
        together.insert(shown, known::holders(conn, key, COMMON + 1)?.into_iter().collect());
    }
    for (value, clients) in together.into_iter().filter(|(_, clients)| clients.len() <= COMMON) {
        for (at, one) in clients.iter().enumerate() {
            for other in clients.iter().skip(at + 1) {
                if of.is_none_or(|of| of == *one || of == *other) {
                    pairs.entry((*one, *other)).or_default().entry(why).or_insert_with(|| value.clone());
                }
            }
        }
    }
    Ok(())
}

/// What stands for pairs somebody has told apart.
fn told_apart(conn: &Connection, layouts: &Layouts) -> Result<BTreeSet<String>, StoreError> {
    let layout = layouts.need(distinction::KIND.key)?;
    let (pair, apart) = (Layout::column(distinction::PAIR.key()), Layout::column(distinction::APART.key()));
    let sql = format!("SELECT {pair} FROM {} WHERE trashed = 0 AND {apart} = 1 AND {pair} IS NOT NULL", layout.table);
    let mut statement = conn.prepare_cached(&sql)?;
    Ok(statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
}

/// Whether a client is here and neither in the trash nor part of another one.
fn living(conn: &Connection, layouts: &Layouts) -> Result<impl Fn(RecordId) -> Result<bool, StoreError>, StoreError> {
    let layout = layouts.need(client::KIND.key)?;
    let sql =
        format!("SELECT 1 FROM {} WHERE trashed = 0 AND n = (SELECT n FROM documents WHERE id = ?)", layout.table);
    Ok(move |id: RecordId| Ok(conn.prepare_cached(&sql)?.exists([id.bytes()])?))
}
