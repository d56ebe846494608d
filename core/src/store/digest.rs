//! What this device holds, summed up per home as the server sums it up (rule 23), and records set aside to be fetched
//! again (DUR-5). Reads the rows as they stand, so that a row damaged behind the app's back shows.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Duration, Utc};
use rusqlite::{Connection, params};

use super::documents::{self, Document};
use super::error::StoreError;
use super::incoming::Incoming;
use super::open::Store;
use super::pages::Applied;
use super::state::{self, keys};
use super::write::Touched;
use super::{access, cells, purge};
use crate::docs::Hash;
use crate::domain::authority::{Cause, EndedBy, Home};
use crate::domain::digest::Digest;
use crate::domain::ids::*;
use crate::sync::wire::{Cursor, Granted, HomeSum, Page, Revoked};

/// How often everything is compared with the server, as long as it adds up.
const CHECK_EVERY: Duration = Duration::hours(24);
/// A record that stands aside and has not been fetched since.
const TO_FETCH: u8 = 1;
/// A record that could not be read even after it was fetched: only the next full check asks again.
const HOPELESS: u8 = 2;

/// What one repair did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Repaired {
    /// Records fetched again.
    pub n_fetched: u64,
    /// Records, or their places in a home, that the server does not know.
    pub n_dropped: u64,
    /// Homes whose grants were put right.
    pub n_homes: u64,
}

impl Repaired {
    /// True where nothing had to be done.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// What of a home is other than the server says.
#[derive(Debug, Default)]
pub(crate) struct Difference {
    /// Held otherwise, or not held.
    pub fetch: BTreeSet<RecordId>,
    /// Held, and not there.
    pub drop: BTreeSet<RecordId>,
}

impl Store {
    /// Where this device stands, if it is to compare everything now: after a day, and only where nothing is under way.
    pub(crate) fn check_due(&self, now: DateTime<Utc>) -> Result<Option<Cursor>, StoreError> {
        let checked: Option<DateTime<Utc>> = self.read(|conn| state::get(conn, keys::CHECKED_AT))?;
        match checked {
            Some(at) if (now - at).abs() < CHECK_EVERY => Ok(None),
            Some(_) => self.comparable(),
            // The first sync has just put everything there.
            None => self.checked(now).map(|()| None),
        }
    }

    /// The cursor, where all that is held is as of it.
    pub(crate) fn comparable(&self) -> Result<Option<Cursor>, StoreError> {
        self.read(|conn| {
            let losing = conn.prepare_cached("SELECT 1 FROM losses LIMIT 1")?.exists([])?;
            let cursor: Cursor = state::get(conn, keys::CURSOR)?.unwrap_or_default();
            let settled = state::get(conn, keys::FIRST_SYNC_DONE)?.unwrap_or(false);
            Ok((settled && !losing && cursor.backfills.is_empty()).then_some(cursor))
        })
    }

    /// Everything was compared.
    pub(crate) fn checked(&self, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.write(|tx| state::set(tx, keys::CHECKED_AT, &now))
    }

    /// Compares everything at the next contact.
    ///
    /// # Errors
    /// Those of the database.
    pub fn check_soon(&self) -> Result<(), StoreError> {
        self.write(|tx| {
            tx.execute("UPDATE documents SET damaged = ? WHERE damaged = ?", params![TO_FETCH, HOPELESS])?;
            state::set(tx, keys::CHECKED_AT, &DateTime::<Utc>::UNIX_EPOCH)
        })
    }

    /// What the server has acknowledged, per home.
    pub(crate) fn home_sums(&self) -> Result<BTreeMap<Home, Digest>, StoreError> {
        self.read(|conn| {
            let mut sums = BTreeMap::new();
            each_record(conn, |homes, key, heads| {
                for home in homes {
                    let sum: &mut Digest = sums.entry(home).or_default();
                    *sum = sum.and(Digest::of(home, key.0, key.1, heads));
                }
            })?;
            sums.retain(|_, sum| *sum != Digest::default());
            Ok(sums)
        })
    }

    /// How the records of a home differ from what the server lists.
    pub(crate) fn differences(&self, home: Home, listed: &[(RecordId, Digest)]) -> Result<Difference, StoreError> {
        let listed: BTreeMap<RecordId, Digest> = listed.iter().copied().collect();
        self.read(|conn| {
            let mut held = BTreeMap::new();
            each_record(conn, |homes, key, heads| {
                if homes.contains(&home) {
                    held.insert(key.0, Digest::of(home, key.0, key.1, heads));
                }
            })?;
            let fetch = listed.iter().filter(|(id, digest)| held.get(id) != Some(digest));
            // What only this device knows of has no acknowledged change: it adds nothing, and it stays.
            let drop = held.iter().filter(|(id, digest)| **digest != Digest::default() && !listed.contains_key(id));
            Ok(Difference { fetch: fetch.map(|(id, _)| *id).collect(), drop: drop.map(|(id, _)| *id).collect() })
        })
    }

    /// Puts right which homes this device holds. Returns how many were wrong.
    pub(crate) fn repair_homes(&self, listed: &[HomeSum], now: DateTime<Utc>) -> Result<u64, StoreError> {
        self.write(|tx| {
            let mut n = 0;
            let mut wrong = held_homes(tx)?;
            for HomeSum { granted: Granted { home, grants, .. }, .. } in listed {
                wrong.remove(home);
                let (mut have, mut want) = (access::grants(tx, *home)?, grants.clone());
                have.sort_by_key(|grant| grant.reason);
                want.sort_by_key(|grant| grant.reason);
                if have != want {
                    access::set_grants(tx, *home, grants)?;
                    n += 1;
                }
            }
            for home in wrong {
                // Unsent edits in it go up first, as with every loss; the server has no number for this one.
                let (ended_by, at) = (EndedBy::Somebody, now);
                purge::note_loss(
                    tx,
                    &Revoked { home, number: 0, ended_by, now_with: None, by: None, at, cause: Cause::default() },
                )?;
                n += 1;
            }
            if n > 0 {
                note(tx, now, "homes", n)?;
            }
            Ok(n)
        })
    }

    /// Records of which the server knows nothing in this home lose it; without another they leave, unsent edits first.
    pub(crate) fn drop_unlisted(
        &self,
        home: Home,
        records: &BTreeSet<RecordId>,
        now: DateTime<Utc>,
    ) -> Result<Touched, StoreError> {
        self.write(|tx| {
            let mut touched = Touched::default();
            for id in records {
                let Some(document) = documents::find(tx, *id)? else { continue };
                let kept: Vec<Home> = document.homes.iter().copied().filter(|other| *other != home).collect();
                touched.record(&document.kind, *id, document.client);
                if kept.is_empty() {
                    purge::gone(tx, self.layouts(), *id, &mut touched)?;
                } else {
                    documents::set_homes(tx, &document, &kept)?;
                }
            }
            note(tx, now, "dropped", records.len() as u64)?;
            Ok(touched)
        })
    }

    /// Sets records aside, to be fetched again. Those not held are passed over.
    pub(crate) fn set_aside(&self, records: &BTreeSet<RecordId>) -> Result<(), StoreError> {
        self.write(|tx| records.iter().try_for_each(|id| set_aside(tx, *id)))
    }

    /// Records that stand aside and are to be fetched again.
    pub(crate) fn to_fetch(&self) -> Result<BTreeSet<RecordId>, StoreError> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached("SELECT id FROM documents WHERE damaged <> 0 AND damaged = ?")?;
            let ids = statement.query_map([TO_FETCH], |row| cells::id(row, 0).map(RecordId))?;
            Ok(ids.collect::<Result<_, _>>()?)
        })
    }

    /// Takes records in that were asked for by name. What is held of those set aside gives way; unsent edits stay.
    pub(crate) fn take_fetched(
        &self,
        mut page: Page,
        incoming: Vec<Incoming>,
        now: DateTime<Utc>,
        ids: &dyn IdSource,
    ) -> Result<Applied, StoreError> {
        let fetched: Vec<RecordId> = incoming.iter().map(|one| one.page.record.id).collect();
        page.cursor = self.read(|conn| state::get(conn, keys::CURSOR))?.unwrap_or_default();
        page.more = false;
        let applied = self.apply_page(&page, incoming, now, ids)?;
        self.write(|tx| {
            for id in &fetched {
                tx.prepare_cached("UPDATE documents SET damaged = ? WHERE id = ? AND damaged = ?")?
                    .execute(params![HOPELESS, id.bytes(), TO_FETCH])?;
            }
            note(tx, now, "fetched", fetched.len() as u64)
        })?;
        Ok(applied)
    }
}

/// Sets a record aside.
pub(super) fn set_aside(conn: &Connection, id: RecordId) -> Result<(), StoreError> {
    conn.prepare_cached("UPDATE documents SET damaged = ? WHERE id = ? AND damaged <> ?")?.execute(params![
        TO_FETCH,
        id.bytes(),
        HOPELESS
    ])?;
    Ok(())
}

/// What was repaired, for the diagnostics.
fn note(conn: &Connection, now: DateTime<Utc>, what: &str, n: u64) -> Result<(), StoreError> {
    conn.prepare_cached("INSERT INTO repairs (at, what, n) VALUES (?, ?, ?)")?.execute(params![
        now.timestamp_millis(),
        what,
        n as i64
    ])?;
    Ok(())
}

fn held_homes(conn: &Connection) -> Result<BTreeSet<Home>, StoreError> {
    let mut statement = conn.prepare_cached("SELECT DISTINCT home FROM grants")?;
    let homes = statement.query_map([], |row| row.get::<_, Vec<u8>>(0))?;
    let mut held = BTreeSet::new();
    for home in homes {
        held.insert(Home::from_bytes(&home?).ok_or(StoreError::Unreadable("grants"))?);
    }
    Ok(held)
}

/// Every record with its homes and the heads of what is acknowledged of it; none where it stands aside.
pub(super) fn each_record(
    conn: &Connection,
    mut with: impl FnMut(Vec<Home>, (RecordId, u32), &[Hash]),
) -> Result<(), StoreError> {
    let unsent = unsent(conn)?;
    let mut statement = conn.prepare_cached("SELECT id, generation, homes, heads, damaged FROM documents")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let id = RecordId(cells::id(row, 0)?);
        let homes: Vec<u8> = row.get(2)?;
        let homes = homes.chunks(17).filter_map(Home::from_bytes).collect();
        let heads: Vec<u8> = row.get(3)?;
        let mut heads: Vec<Hash> = heads.chunks_exact(32).map(|hash| std::array::from_fn(|idx| hash[idx])).collect();
        if row.get::<_, bool>(4)? {
            heads.clear();
        } else if let Some(unsent) = unsent.get(&id) {
            heads = documents::find(conn, id)?.map(|held| acknowledged(&held, unsent)).unwrap_or_default();
        }
        with(homes, (id, row.get(1)?), &heads);
    }
    Ok(())
}

fn unsent(conn: &Connection) -> Result<BTreeMap<RecordId, BTreeSet<Hash>>, StoreError> {
    let mut statement = conn.prepare_cached("SELECT record, hash FROM unsent")?;
    let rows = statement.query_map([], |row| Ok((RecordId(cells::id(row, 0)?), row.get::<_, Hash>(1)?)))?;
    let mut unsent: BTreeMap<RecordId, BTreeSet<Hash>> = BTreeMap::new();
    for row in rows {
        let (record, hash) = row?;
        unsent.entry(record).or_default().insert(hash);
    }
    Ok(unsent)
}

/// Hashes of a record's changes that are not acknowledged.
pub(super) fn unsent_of(conn: &Connection, id: RecordId) -> Result<BTreeSet<Hash>, StoreError> {
    let mut statement = conn.prepare_cached("SELECT hash FROM unsent WHERE record = ?")?;
    let hashes = statement.query_map([id.bytes()], |row| row.get(0))?;
    Ok(hashes.collect::<Result<_, _>>()?)
}

fn acknowledged(document: &Document, unsent: &BTreeSet<Hash>) -> Vec<Hash> {
    documents::load(document).map(|mut doc| doc.heads_without(unsent)).unwrap_or_default()
}
