//! Bringing back what a restored server forgot (rule 24, DUR-7): everything acknowledged that is held, whoever made it.
//! Nothing is removed here because a server does not know it.

use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use super::error::StoreError;
use super::open::Store;
use super::state::{self, keys};
use super::{cells, digest, documents, mirror};
use crate::docs::change;
use crate::domain::authority::Home;
use crate::domain::ids::*;
use crate::sync::wire::{Author, Cursor, Group, Item, Mirror, Offered, RecordKey};

/// A record as it is brought back, with its changes.
pub(crate) type Whole = (Group, Vec<Vec<u8>>);

/// Where bringing back stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Returning {
    /// Records still to be offered; `None` before the first pass, when it is all of them.
    pub left: Option<Vec<RecordId>>,
}

impl Store {
    /// Set while this device has something to bring back.
    pub(crate) fn returning(&self) -> Result<Option<Returning>, StoreError> {
        self.read(|conn| state::get(conn, keys::RETURNING))
    }

    /// What is left to bring back after a pass; `None` ends it.
    pub(crate) fn set_returning(&self, returning: Option<&Returning>) -> Result<(), StoreError> {
        self.write(|tx| match returning {
            Some(returning) => state::set(tx, keys::RETURNING, returning),
            None => state::remove(tx, keys::RETURNING),
        })
    }

    /// Acknowledged records, clients first: the homes of the others are theirs.
    pub(crate) fn to_offer(&self, only: Option<&[RecordId]>) -> Result<Vec<Offered>, StoreError> {
        self.read(|conn| {
            let (mut clients, mut others) = (Vec::new(), Vec::new());
            digest::each_record(conn, |homes, (id, generation), heads| {
                if heads.is_empty() || only.is_some_and(|only| !only.contains(&id)) {
                    return;
                }
                let offered = Offered {
                    record: RecordKey { id, generation },
                    heads: heads.iter().map(|head| head.to_vec()).collect(),
                };
                if homes.contains(&Home::Client(id)) { clients.push(offered) } else { others.push(offered) }
            })?;
            clients.append(&mut others);
            Ok(clients)
        })
    }

    /// A record with all its acknowledged changes; `None` where it cannot be read.
    pub(crate) fn to_bring(&self, id: RecordId, group: GroupId) -> Result<Option<Whole>, StoreError> {
        self.read(|conn| {
            let Some(document) = documents::find(conn, id)? else { return Ok(None) };
            let Ok(mut doc) = documents::load(&document) else { return Ok(None) };
            let unsent = digest::unsent_of(conn, id)?;
            let mut changes = doc.changes();
            changes.retain(|change| !unsent.contains(&documents::hash(change)));
            let at = changes.first().and_then(|first| change::inspect(first).ok()).map(|info| info.at);
            let record = document.key;
            let n = u32::try_from(changes.len()).unwrap_or(u32::MAX);
            let items =
                vec![Item::Create { record, kind: document.kind, homes: document.homes }, Item::Changes { record, n }];
            Ok(Some((Group { id: group, at: at.unwrap_or_default(), depends_on: Vec::new(), items }, changes)))
        })
    }

    /// What the office said, as far as this device remembers.
    pub(crate) fn mirrored(&self) -> Result<Mirror, StoreError> {
        let (users, departments, devices) = (self.users()?, self.departments()?, self.devices()?);
        self.read(|conn| {
            let mut mirror = Mirror { users, departments, ..Mirror::default() };
            mirror.revoked = devices.iter().filter(|device| device.revoked).map(|device| device.id).collect();
            mirror.authors = authors(conn)?;
            let mut statement = conn.prepare("SELECT id, n FROM documents WHERE kind = 'client'")?;
            let rows = statement.query_map([], |row| Ok((RecordId(cells::id(row, 0)?), row.get::<_, i64>(1)?)))?;
            for row in rows {
                let (client, n) = row?;
                mirror.clients.extend(mirror::authority(conn, n)?.client.map(|told| (client, told)));
            }
            Ok(mirror)
        })
    }
}

/// The server went back in time: the cursor and what was to be said of purges mean nothing to it any more.
pub(super) fn begin(conn: &Connection) -> Result<(), StoreError> {
    state::set(conn, keys::RETURNING, &Returning::default())?;
    state::set(conn, keys::CURSOR, &Cursor::default())?;
    conn.execute("DELETE FROM purge_acks", [])?;
    conn.execute("UPDATE losses SET number = 0", [])?;
    Ok(())
}

fn authors(conn: &Connection) -> Result<Vec<Author>, StoreError> {
    let mut statement = conn.prepare("SELECT device, name, user FROM authors")?;
    let rows = statement.query_map([], |row| {
        Ok(Author { device: DeviceId(cells::id(row, 0)?), name: row.get(1)?, user: UserId(cells::id(row, 2)?) })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
