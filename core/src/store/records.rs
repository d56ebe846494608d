//! Reading single records, rows of views and titles.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Row};
use uuid::Uuid;

use super::error::StoreError;
use super::open::Store;
use super::views::{Layout, Layouts};
use super::{access, cells, documents, mirror, outbox, state};
use crate::docs::Record;
use crate::domain::authority::{Home, Level, actor_bytes, actor_device};
use crate::domain::ids::*;
use crate::domain::kind::{Field, FieldType};
use crate::domain::kinds::client;
use crate::domain::value::{FieldValue, Value};
use crate::sync::wire::RecordAuthority;

/// A record as its view row says: document, authority and computed fields together.
#[derive(Clone, Debug, PartialEq)]
pub struct ViewRow {
    /// The record.
    pub id: RecordId,
    /// Its kind.
    pub kind: String,
    /// The client it lives under; `None` for clients and catalogues.
    pub client: Option<RecordId>,
    /// Value of the title field, as text.
    pub title: String,
    /// Field key → value, fields without one absent.
    pub values: BTreeMap<String, Value>,
    /// Put into the trash.
    pub trashed: bool,
    /// Out of sight because the client it lives under lies in the trash.
    pub with_client: bool,
    /// Fields (or entries) with competing values.
    pub n_reviews: u32,
    /// Edits of it wait to be acknowledged.
    pub unsent: bool,
    /// When its first change was made, by the maker's clock.
    pub created_at: Option<DateTime<Utc>>,
}

impl ViewRow {
    /// The value of a field, if it has one.
    #[must_use]
    pub fn get<T: FieldValue>(&self, field: Field<T>) -> Option<T> {
        self.values.get(field.key()).and_then(T::from_value)
    }
}

/// A record read from its document.
#[derive(Clone, Debug)]
pub struct Stored {
    /// Its row, authority and computed fields included.
    pub row: ViewRow,
    /// What the document says, competing values included.
    pub record: Record,
    /// What the office says.
    pub authority: RecordAuthority,
    /// Its homes as far as this device sees them.
    pub homes: Vec<Home>,
    /// What this person may do with it.
    pub level: Level,
    /// True where he may edit its fields (rule 15: with `add` only interactions that are his).
    pub may_edit: bool,
    /// Field keys edited here and not acknowledged.
    pub unsent_fields: BTreeSet<String>,
}

/// Whose an actor is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActorName {
    /// The person, where this device knows him.
    pub user: Option<UserId>,
    /// His name; empty where unknown.
    pub author: String,
    /// His device's name; empty where unknown.
    pub device: String,
}

impl Store {
    /// A record with everything a card shows.
    ///
    /// # Errors
    /// `NotFound`, `RecordDamaged`, `UnknownKind`.
    pub fn record(&self, id: RecordId) -> Result<Stored, StoreError> {
        let me = self.me()?;
        let read = self.read(|conn| {
            let document = documents::find(conn, id)?.ok_or(StoreError::NotFound)?;
            let layout = self.layouts().need(&document.kind)?;
            let record = documents::read(&document, layout.kind)?;
            let row = by_number(conn, layout, document.n)?.ok_or(StoreError::RecordDamaged(id))?;
            let authority = mirror::authority(conn, document.n)?;
            let level = access::best_level(conn, &me, &document.homes)?;
            Ok(Stored {
                row,
                record,
                may_edit: access::may_edit(layout.kind, &me, level, &authority),
                authority,
                homes: document.homes,
                level: level.unwrap_or(Level::Read),
                unsent_fields: outbox::unsent_fields(conn, id)?,
            })
        });
        if let Err(StoreError::RecordDamaged(id)) = read {
            // Set aside for the next contact to fetch it; the others go on.
            self.set_aside(&BTreeSet::from([id]))?;
        }
        read
    }

    /// A record's row, without opening its document.
    ///
    /// # Errors
    /// Those of the database.
    pub fn row(&self, id: RecordId) -> Result<Option<ViewRow>, StoreError> {
        self.read(|conn| row(conn, self.layouts(), id))
    }

    /// All rows of a kind under a client that are not in the trash themselves, by title.
    ///
    /// # Errors
    /// `UnknownKind`.
    pub fn rows_under(&self, client: RecordId, kind: &str) -> Result<Vec<ViewRow>, StoreError> {
        let layout = self.layouts().need(kind)?;
        self.read(|conn| {
            let sql = format!("{} WHERE v.client = ? AND v.trashed <> 1 ORDER BY v.title_key, v.n", select(layout));
            let mut statement = conn.prepare_cached(&sql)?;
            let rows = statement.query_map([client.bytes()], |row| from_row(layout, row))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// What the office says about a record.
    ///
    /// # Errors
    /// Those of the database.
    pub fn authority(&self, id: RecordId) -> Result<RecordAuthority, StoreError> {
        self.read(|conn| match documents::number(conn, id)? {
            Some(n) => mirror::authority(conn, n),
            None => Ok(RecordAuthority::default()),
        })
    }

    /// Names of records and colleagues; ids this device does not know are absent.
    ///
    /// # Errors
    /// Those of the database.
    pub fn titles(&self, ids: &BTreeSet<Uuid>) -> Result<BTreeMap<Uuid, String>, StoreError> {
        // Nearly every row points at somebody, and there are few of them.
        let people = self.remembered(&self.inner.people, |conn| Ok(Arc::new(mirror::names(conn)?)))?;
        let (mut titles, mut left) = (BTreeMap::new(), Vec::new());
        for id in ids {
            match people.get(id) {
                Some(name) => drop(titles.insert(*id, name.clone())),
                None => left.push(*id),
            }
        }
        if left.is_empty() {
            return Ok(titles);
        }
        self.read(|conn| {
            for id in left {
                if let Some(title) = title(conn, self.layouts(), RecordId(id))? {
                    titles.insert(id, title);
                }
            }
            Ok(titles)
        })
    }

    /// Rows with competing values, newest record first, at most `limit`.
    ///
    /// # Errors
    /// Those of the database.
    pub fn rows_to_review(&self, limit: u32) -> Result<Vec<ViewRow>, StoreError> {
        self.read(|conn| {
            let mut rows = Vec::new();
            for layout in self.layouts().iter() {
                let sql =
                    format!("{} WHERE v.n_reviews > 0 AND v.trashed = 0 ORDER BY v.n DESC LIMIT ?", select(layout));
                let mut statement = conn.prepare_cached(&sql)?;
                for row in statement.query_map([limit], |row| from_row(layout, row))? {
                    rows.push(row?);
                }
            }
            rows.sort_by_key(|row| std::cmp::Reverse((row.created_at, row.id)));
            rows.truncate(limit as usize);
            Ok(rows)
        })
    }

    /// How many fields have competing values.
    ///
    /// # Errors
    /// Those of the database.
    pub fn n_reviews(&self) -> Result<u64, StoreError> {
        self.read(|conn| {
            let mut n = 0;
            for layout in self.layouts().iter() {
                let sql = format!(
                    "SELECT coalesce(sum(n_reviews), 0) FROM {} WHERE n_reviews > 0 AND trashed = 0",
                    layout.table
                );
                n += conn.prepare_cached(&sql)?.query_row([], |row| cells::count(row, 0))?;
            }
            Ok(n)
        })
    }

    /// What a device is called; empty where this one does not know it.
    ///
    /// # Errors
    /// Those of the database.
    pub fn device_name(&self, device: DeviceId) -> Result<String, StoreError> {
        Ok(self.actor_name(&actor_bytes(device, 0))?.device)
    }

    /// Whose an Automerge actor is.
    ///
    /// # Errors
    /// Those of the database.
    pub fn actor_name(&self, actor: &[u8]) -> Result<ActorName, StoreError> {
        let unknown = ActorName { user: None, author: String::new(), device: String::new() };
        let Some((device, _)) = actor_device(actor) else { return Ok(unknown) };
        self.read(|conn| {
            let me = state::me(conn)?;
            let (user, device) = if device == me.device {
                (me.user, me.device_name)
            } else {
                let mut statement = conn.prepare_cached("SELECT user, name FROM authors WHERE device = ?")?;
                let author = statement.query_row([device.bytes()], |row| Ok((UserId(cells::id(row, 0)?), row.get(1)?)));
                match author.optional()? {
                    Some(author) => author,
                    None => return Ok(unknown),
                }
            };
            let author = mirror::user(conn, user)?.map(|user| user.name).unwrap_or_default();
            Ok(ActorName { user: Some(user), author, device })
        })
    }
}

/// The head of a query over a kind's view `v`; conditions and order are the caller's.
pub(super) fn select(layout: &Layout) -> &str {
    &layout.select
}

/// What [`select`] answers for a kind.
pub(super) fn select_sql(layout: &Layout) -> String {
    let mut sql = "SELECT v.id, v.client, v.trashed, v.n_reviews, v.created_at, \
                   EXISTS (SELECT 1 FROM unsent u WHERE u.record = v.id)"
        .to_owned();
    for field in layout.kind.fields {
        sql += ", v.";
        sql += &Layout::column(field.key);
    }
    sql + " FROM " + &layout.table + " v"
}

/// A row of [`select`].
pub(super) fn from_row(layout: &Layout, row: &Row<'_>) -> rusqlite::Result<ViewRow> {
    let mut values = BTreeMap::new();
    for (at, field) in layout.kind.fields.iter().enumerate() {
        if let Some(value) = cells::value(field, row.get_ref(at + 6)?) {
            values.insert(field.key.to_owned(), value);
        }
    }
    let title = layout.title_field().and_then(|key| values.get(key)).map(cells::text_of);
    Ok(ViewRow {
        id: RecordId(cells::id(row, 0)?),
        kind: layout.kind.key.to_owned(),
        client: cells::id_or_none(row, 1)?.map(RecordId),
        title: title.unwrap_or_default(),
        values,
        trashed: row.get::<_, u8>(2)? == 1,
        with_client: row.get::<_, u8>(2)? == 2,
        n_reviews: row.get(3)?,
        created_at: cells::instant(row, 4)?,
        unsent: row.get(5)?,
    })
}

pub(super) fn by_number(conn: &Connection, layout: &Layout, n: i64) -> Result<Option<ViewRow>, StoreError> {
    let mut statement = conn.prepare_cached(&layout.select_one)?;
    Ok(statement.query_row([n], |row| from_row(layout, row)).optional()?)
}

pub(super) fn row(conn: &Connection, layouts: &Layouts, id: RecordId) -> Result<Option<ViewRow>, StoreError> {
    let Some((n, kind, _)) = documents::place(conn, id)? else { return Ok(None) };
    match layouts.get(&kind) {
        Some(layout) => by_number(conn, layout, n),
        None => Ok(None),
    }
}

/// Title of a record; a link is called by the record it points at.
pub(super) fn title(conn: &Connection, layouts: &Layouts, id: RecordId) -> Result<Option<String>, StoreError> {
    let Some(n) = documents::number(conn, id)? else { return Ok(None) };
    // The views are asked, not the document: its row carries all its changes. Most often it is a client.
    let clients = layouts.get(client::KIND.key);
    for layout in clients.into_iter().chain(layouts.iter()) {
        if let Some(title) = own_title(conn, layout, n)? {
            return Ok(Some(title));
        }
        if pointed_at(layout).is_none() {
            continue;
        }
        let column = Layout::column(layout.kind.title);
        let mut statement = conn.prepare_cached(&format!("SELECT {column} FROM {} WHERE n = ?", layout.table))?;
        let Some(target) = statement.query_row([n], |row| cells::id_or_none(row, 0)).optional()? else { continue };
        // One step only: a link to a link has no name.
        let Some(target) = target.filter(|target| *target != id.0) else { return Ok(None) };
        let Some(n) = documents::number(conn, RecordId(target))? else { return Ok(None) };
        for layout in layouts.iter() {
            if let Some(title) = own_title(conn, layout, n)? {
                return Ok(Some(title));
            }
        }
        return Ok(None);
    }
    Ok(None)
}

/// What a row is called where its kind has a title of its own; `None` where the number is not of this kind.
fn own_title(conn: &Connection, layout: &Layout, n: i64) -> Result<Option<String>, StoreError> {
    let Some(sql) = &layout.select_title else { return Ok(None) };
    let title: Option<Option<String>> = conn.prepare_cached(sql)?.query_row([n], |row| row.get(0)).optional()?;
    Ok(title.map(Option::unwrap_or_default))
}

fn pointed_at(layout: &Layout) -> Option<&'static str> {
    match layout.kind.field(layout.kind.title)?.field_type {
        FieldType::Reference(kind) => Some(kind),
        _ => None,
    }
}
