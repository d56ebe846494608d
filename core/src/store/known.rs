//! What a record is known by exactly: the last digits of its phones, its mail addresses, its numbers in registers, and
//! of a client his name with his town. Kept with the search index, so that whoever has a number is found without
//! looking through anything, and with it which of these several clients have: asking who was made twice costs what
//! there is to tell and not what there is (docs/adr/0015).

use std::collections::BTreeSet;

use rusqlite::{Connection, params};

use super::error::StoreError;
use super::index::{self, Texts};
use super::views::Layouts;
use super::{cells, documents};
use crate::domain::ids::RecordId;
use crate::domain::kind::{FieldType, Kind};
use crate::domain::kinds::{client, legal_entity, person};
use crate::domain::phone::{self, Region};
use crate::domain::{fold, likeness};

/// Rows with one phone that are compared whole.
const COMPARED: i64 = 200;

/// What a key is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    /// The last digits of a phone; numbers are then compared whole.
    Phone,
    /// A mail address.
    Email,
    /// A number in a register.
    Number,
    /// A name with a town.
    Name,
}

impl Sort {
    const ALL: [Self; 4] = [Self::Phone, Self::Email, Self::Number, Self::Name];

    const fn letter(self) -> char {
        match self {
            Self::Phone => 'p',
            Self::Email => 'e',
            Self::Number => 'n',
            Self::Name => 't',
        }
    }

    /// What a key stands for, and its value.
    pub fn read(key: &str) -> Option<(Self, &str)> {
        let sort = Self::ALL.into_iter().find(|sort| key.starts_with(sort.letter()))?;
        Some((sort, &key[1..]))
    }

    /// The key of a value; `None` for one that names nobody.
    pub fn key(self, value: &str) -> Option<String> {
        (!value.is_empty()).then(|| format!("{}{value}", self.letter()))
    }
}

/// What a record is known by.
pub(super) fn keys(kind: &Kind, texts: &Texts) -> BTreeSet<String> {
    let numbers = [legal_entity::TAX_NUMBER.key(), legal_entity::REGISTRY_NUMBER.key()];
    let key = |field_type, key: &str, text: &str| match field_type {
        FieldType::Phone => Sort::Phone.key(&phone::tail(text)?),
        FieldType::Email => Sort::Email.key(&likeness::email(text)),
        _ if kind.key == legal_entity::KIND.key && numbers.contains(&key) => Sort::Number.key(&likeness::number(text)),
        _ => None,
    };
    let mut keys: BTreeSet<String> =
        texts.typed.iter().filter_map(|(field, text)| key(field.field_type, field.key, text)).collect();
    if kind.key == client::KIND.key {
        let city = texts.typed.iter().find(|(field, _)| field.key == client::CITY.key());
        let name = likeness::plain(&texts.title);
        if let (Some((_, city)), false) = (city, name.is_empty()) {
            keys.extend(Sort::Name.key(&format!("{name}\n{}", fold::fold(city))));
        }
    }
    keys
}

/// Makes the tables where they are missing.
pub(super) fn ensure(conn: &Connection) -> Result<(), StoreError> {
    if conn.prepare_cached("SELECT 1 FROM sqlite_master WHERE name = 'search_key'")?.exists([])? {
        return Ok(());
    }
    conn.execute_batch(
        "DROP TABLE IF EXISTS search_phone; DROP TABLE IF EXISTS search_shared;
         CREATE TABLE search_key (row INTEGER NOT NULL, key TEXT NOT NULL, PRIMARY KEY (row, key)) WITHOUT ROWID;
         CREATE INDEX search_key_key ON search_key (key);
         CREATE TABLE search_shared (key TEXT PRIMARY KEY) WITHOUT ROWID;
         INSERT OR IGNORE INTO search_dirty (n) SELECT n FROM documents;",
    )?;
    Ok(())
}

pub(super) fn drop_all(conn: &Connection) -> Result<(), StoreError> {
    conn.execute_batch(
        "DROP TABLE IF EXISTS search_phone; DROP TABLE IF EXISTS search_key; DROP TABLE IF EXISTS search_shared;",
    )?;
    Ok(())
}

/// The client of a row of the index `k`, joined with the documents `d`.
const OF_CLIENT: &str = "coalesce(d.client, d.id)";
/// Keys of a row that several clients have.
const SHARED_OF_ROW: &str = "SELECT k.key FROM search_key k JOIN search_shared s ON s.key = k.key WHERE k.row = ?";
/// All keys several clients have.
const SHARED: &str = "SELECT key FROM search_shared ORDER BY key";
const ROWS: &str = "SELECT row FROM search_key WHERE key = ? ORDER BY row LIMIT ?";

fn joined(rest: &str) -> String {
    let record = index::RECORD;
    format!("FROM search_key k JOIN documents d ON d.n = (k.row & {record}) WHERE k.key = ?1 {rest}")
}

/// Whether another client has the key than whoever has it first.
fn still_shared() -> String {
    let first = joined("ORDER BY k.row LIMIT 1");
    format!("SELECT 1 {}", joined(&format!("AND {OF_CLIENT} <> (SELECT {OF_CLIENT} {first}) LIMIT 1")))
}

/// Whether another client has the key than that of the record numbered `?2`.
fn others_have() -> String {
    let own = format!("(SELECT {OF_CLIENT} FROM documents d WHERE d.n = ?2)");
    format!("SELECT 1 {}", joined(&format!("AND {OF_CLIENT} <> {own} LIMIT 1")))
}

/// Clients with the key, at most `?2`.
fn holders_of() -> String {
    let kinds = "AND d.kind IN ('client', 'person', 'legal_entity')";
    format!("SELECT DISTINCT {OF_CLIENT} {}", joined(&format!("{kinds} LIMIT ?2")))
}

/// What is asked, for the test that nothing is looked through.
#[cfg(test)]
pub(super) fn asked() -> [String; 6] {
    [still_shared(), others_have(), holders_of(), SHARED_OF_ROW.to_owned(), SHARED.to_owned(), ROWS.to_owned()]
}

/// Forgets what a row of the index is known by.
pub(super) fn remove(conn: &Connection, row: i64) -> Result<(), StoreError> {
    let mut shared = conn.prepare_cached(SHARED_OF_ROW)?;
    let shared = shared.query_map([row], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
    conn.prepare_cached("DELETE FROM search_key WHERE row = ?")?.execute([row])?;
    for key in shared {
        if !conn.prepare_cached(&still_shared())?.exists([&key])? {
            conn.prepare_cached("DELETE FROM search_shared WHERE key = ?")?.execute([&key])?;
        }
    }
    Ok(())
}

/// Notes what a row of the index, of the record numbered `n`, is known by, and which of that other clients are, too.
pub(super) fn put(conn: &Connection, (row, n): (i64, i64), keys: &BTreeSet<String>) -> Result<(), StoreError> {
    if keys.is_empty() {
        return Ok(());
    }
    let mut others = conn.prepare_cached(&others_have())?;
    let mut insert = conn.prepare_cached("INSERT OR IGNORE INTO search_key (row, key) VALUES (?, ?)")?;
    let mut share = conn.prepare_cached("INSERT OR IGNORE INTO search_shared (key) VALUES (?)")?;
    for key in keys {
        insert.execute(params![row, key])?;
        if others.exists(params![key, n])? {
            share.execute([key])?;
        }
    }
    Ok(())
}

/// Keys that several clients are known by; of one client, where one is given.
pub(super) fn shared(conn: &Connection, layouts: &Layouts, of: Option<RecordId>) -> Result<Vec<String>, StoreError> {
    let Some(client) = of else {
        let mut statement = conn.prepare_cached(SHARED)?;
        return Ok(statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?);
    };
    let mut rows = Vec::new();
    for kind in [&client::KIND, &person::KIND, &legal_entity::KIND] {
        let Some(layout) = layouts.get(kind.key) else { continue };
        let numbers = match kind.home.under_client() {
            false => documents::number(conn, client)?.into_iter().collect(),
            true => {
                let sql = format!("SELECT n FROM {} WHERE client = ?", layout.table);
                let mut statement = conn.prepare_cached(&sql)?;
                statement.query_map([client.bytes()], |row| row.get(0))?.collect::<Result<Vec<i64>, _>>()?
            }
        };
        rows.extend(numbers.into_iter().map(|n| index::row_number(layout, n)));
    }
    let mut statement = conn.prepare_cached(SHARED_OF_ROW)?;
    let mut keys = BTreeSet::new();
    for row in rows {
        for key in statement.query_map([row], |row| row.get::<_, String>(0))? {
            keys.insert(key?);
        }
    }
    Ok(keys.into_iter().collect())
}

/// Clients known by a key that is no phone's, at most `limit`.
pub(super) fn holders(conn: &Connection, key: &str, limit: usize) -> Result<Vec<RecordId>, StoreError> {
    let mut statement = conn.prepare_cached(&holders_of())?;
    let rows = statement.query_map(params![key, limit as i64], |row| cells::id(row, 0).map(RecordId))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Rows of the index with a phone that ends like this.
pub(super) fn rows_with_phone(conn: &Connection, tail: &str) -> Result<Vec<i64>, StoreError> {
    let Some(key) = Sort::Phone.key(tail) else { return Ok(Vec::new()) };
    let mut statement = conn.prepare_cached(ROWS)?;
    Ok(statement.query_map(params![key, COMPARED], |row| row.get(0))?.collect::<Result<_, _>>()?)
}

/// Clients with phones that end like this, with the whole number; what is no whole number anywhere names nobody.
pub(super) fn clients_with_phone(
    conn: &Connection,
    layouts: &Layouts,
    tail: &str,
    region: Option<Region>,
) -> Result<Vec<(phone::E164, RecordId)>, StoreError> {
    let mut found = BTreeSet::new();
    let mut client = conn.prepare_cached(&format!("SELECT {OF_CLIENT} FROM documents d WHERE d.n = ?"))?;
    for row in rows_with_phone(conn, tail)? {
        let Some((layout, n)) = index::origin(layouts, row) else { continue };
        let known = [client::KIND.key, person::KIND.key].contains(&layout.kind.key);
        let Some(texts) = index::texts(conn, layout, n)?.filter(|_| known) else { continue };
        for number in texts.phones().filter_map(|text| phone::normalise(text, region)) {
            found.insert((number, RecordId(client.query_row([n], |row| cells::id(row, 0))?)));
        }
    }
    Ok(found.into_iter().collect())
}
