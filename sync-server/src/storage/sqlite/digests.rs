//! Sums over homes, kept with every write, and answers to devices that ask whether they hold the same (rule 23).
//!
//! Whatever changes a record's homes, generation or changes goes through [`Ledger::recounted`].

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::params;
use satchel_core::docs::{Doc, Hash};
use satchel_core::domain::authority::Home;
use satchel_core::domain::digest::Digest;
use satchel_core::domain::ids::*;
use satchel_core::sync::wire::{Check, Checked, Cursor, Granted, HomeSum};

use super::Ledger;
use super::pages::{Part, Pull};
use super::sql::*;
use crate::pull::draft::Unit;
use crate::pull::sight::since;
use crate::pull::{Answered, MAX_CREDIT};
use crate::storage::Session;

/// Records of which sums are listed in one answer, unless one home alone has more.
const LISTED: usize = 100_000;
/// Records fetched in one request.
const FETCHED: usize = 1_000;

impl Ledger<'_> {
    /// Runs what changes a record, and keeps the sums of its homes in step.
    pub(super) fn recounted<T>(&self, record: RecordId, work: impl FnOnce() -> Result<T>) -> Result<T> {
        let before = self.adds(record)?;
        let done = work()?;
        let after = self.adds(record)?;
        let homes: BTreeSet<Home> = before.keys().chain(after.keys()).copied().collect();
        for home in homes {
            let (before, after) = (before.get(&home).copied(), after.get(&home).copied());
            if before != after {
                let sum = self.home_sum(home)?.without(before.unwrap_or_default()).and(after.unwrap_or_default());
                self.set_home_sum(home, sum)?;
            }
        }
        Ok(done)
    }

    /// What a record adds to each of its homes.
    fn adds(&self, record: RecordId) -> Result<BTreeMap<Home, Digest>> {
        let Some((generation, heads)) = self.heads(record)? else { return Ok(BTreeMap::new()) };
        if heads.is_empty() {
            return Ok(BTreeMap::new());
        }
        let homes = self.homes_of_record(record)?;
        Ok(homes.into_iter().map(|home| (home, Digest::of(home, record, generation, &heads))).collect())
    }

    /// A record's generation and heads.
    pub(super) fn heads(&self, record: RecordId) -> Result<Option<(u32, Vec<Hash>)>> {
        self.one(
            "SELECT generation, heads FROM record WHERE org = ?1 AND id = ?2",
            params![self.org, record.bytes()],
            |row| Ok((small(row, 0)?, split(row.get_ref(1)?.as_blob()?))),
        )
    }

    pub(super) fn set_heads(&self, record: RecordId, heads: &BTreeSet<Hash>) -> Result<()> {
        let heads: Vec<u8> = heads.iter().flatten().copied().collect();
        self.run("UPDATE record SET heads = ?3 WHERE org = ?1 AND id = ?2", params![self.org, record.bytes(), heads])?;
        Ok(())
    }

    pub(super) fn home_sum(&self, home: Home) -> Result<Digest> {
        let sum = self.one(
            "SELECT digest FROM home_digest WHERE org = ?1 AND home = ?2",
            params![self.org, home.bytes()],
            |row| row.get(0).map(Digest::from_bytes),
        )?;
        Ok(sum.unwrap_or_default())
    }

    pub(super) fn set_home_sum(&self, home: Home, sum: Digest) -> Result<()> {
        self.run(
            "INSERT INTO home_digest (org, home, digest) VALUES (?1, ?2, ?3)
             ON CONFLICT DO UPDATE SET digest = excluded.digest",
            params![self.org, home.bytes(), sum.bytes()],
        )?;
        Ok(())
    }

    /// A record's heads as its changes say; empty where they do not fit together.
    pub(super) fn heads_from_changes(&self, record: RecordId) -> Result<BTreeSet<Hash>> {
        Ok(heads_of(&self.chunks_of(record)?))
    }

    /// The sum over a home as its records say.
    pub(super) fn summed(&self, home: Home) -> Result<Digest> {
        Ok(self.records_in(home)?.into_iter().map(|(_, digest)| digest).sum())
    }

    fn records_in(&self, home: Home) -> Result<Vec<(RecordId, Digest)>> {
        self.all(
            "SELECT r.id, r.generation, r.heads FROM doc_home h JOIN record r ON r.org = h.org AND r.id = h.record
             WHERE h.org = ?1 AND h.home = ?2 AND h.removed_seq IS NULL ORDER BY h.record",
            params![self.org, home.bytes()],
            |row| {
                let record = RecordId(uuid(row, 0)?);
                Ok((record, Digest::of(home, record, small(row, 1)?, &split(row.get_ref(2)?.as_blob()?))))
            },
        )
    }

    /// Heads and sums of everything, from the changes themselves; part of the migration that brings them.
    pub(super) fn count_everything(&self) -> Result<()> {
        let records = self.all("SELECT id FROM record WHERE org = ?1", [self.org], |row| uuid(row, 0).map(RecordId))?;
        for record in records {
            // Where this runs nothing can be folded yet.
            self.set_heads(record, &heads_of(&self.single_changes(record)?))?;
        }
        for home in self.homes_with_records()? {
            self.set_home_sum(home, self.summed(home)?)?;
        }
        Ok(())
    }

    /// Homes that hold records, or are said to.
    pub(super) fn homes_with_records(&self) -> Result<BTreeSet<Home>> {
        let homes = self.all(
            "SELECT DISTINCT home FROM doc_home WHERE org = ?1 AND removed_seq IS NULL
             UNION SELECT home FROM home_digest WHERE org = ?1",
            [self.org],
            |row| home(row, 0),
        )?;
        Ok(homes.into_iter().collect())
    }

    /// Answers a device that asks whether it holds the same.
    pub(super) fn compare(&self, session: Session, check: &Check) -> Result<Answered> {
        if !self.alive(session.device)? {
            return Ok(Answered::Revoked);
        }
        if let Check::All { cursor, .. } | Check::Homes { cursor } | Check::Records { cursor, .. } = check
            && !self.is_even(session.user, cursor)?
        {
            return Ok(Answered::bare(Checked::Later));
        }
        let seen = self.seen_homes(session.user)?;
        match check {
            Check::All { digest, .. } => {
                let mut sum = Digest::default();
                for home in seen.keys() {
                    sum = sum.and(self.home_sum(*home)?);
                }
                Ok(Answered::bare(if sum == *digest { Checked::Same } else { Checked::Differs }))
            }
            Check::Homes { .. } => {
                let mut homes = Vec::new();
                for granted in seen.into_values() {
                    homes.push(HomeSum { digest: self.home_sum(granted.home)?, granted });
                }
                Ok(Answered::bare(Checked::Homes(homes)))
            }
            Check::Records { homes, .. } => {
                let mut listed = Vec::new();
                let mut n = 0;
                for home in homes.iter().filter(|home| seen.contains_key(home)) {
                    let records = self.records_in(*home)?;
                    n += records.len();
                    listed.push((*home, records));
                    if n > LISTED {
                        break;
                    }
                }
                Ok(Answered::bare(Checked::Records(listed)))
            }
            Check::Fetch { records, snapshots } => self.fetch(session, records, *snapshots),
        }
    }

    /// True where there is nothing the person has not pulled.
    fn is_even(&self, user: UserId, cursor: &Cursor) -> Result<bool> {
        let (touched, _) = self.touched_seqs(user)?;
        let head = self.head()?;
        let known = cursor.authority <= head && cursor.records <= head;
        Ok(known && cursor.backfills.is_empty() && touched <= cursor.authority.min(cursor.records))
    }

    fn seen_homes(&self, user: UserId) -> Result<BTreeMap<Home, Granted>> {
        let head = self.head()?;
        let seen = self.all_spells(user)?.into_iter().filter(|(_, spells)| since(spells, head).is_some());
        Ok(seen.map(|(home, spells)| (home, crate::pull::sight::granted(home, &spells, false, 0))).collect())
    }

    /// Records in full; those he does not see, and those that are not there, are left out alike (VIS-2).
    fn fetch(&self, session: Session, records: &[RecordId], snapshots: bool) -> Result<Answered> {
        let mut pull = Pull::at_head(self, session, (MAX_CREDIT, snapshots))?;
        for record in records.iter().take(FETCHED) {
            if !pull.draft.has_room() {
                break;
            }
            let homes = pull.seen_homes_of(*record)?;
            if homes.is_empty() {
                continue;
            }
            let unit = Unit { pieces: vec![pull.piece(*record, homes, Part::Full)?], ..Unit::default() };
            if !pull.draft.add(unit) {
                break;
            }
        }
        let (page, blobs) = pull.into_page()?;
        Ok(Answered::Answer { checked: Checked::Page(Box::new(page)), blobs })
    }
}

fn heads_of(chunks: &[u8]) -> BTreeSet<Hash> {
    Doc::load(chunks).map(|mut doc| doc.heads().into_iter().collect()).unwrap_or_default()
}

fn split(heads: &[u8]) -> Vec<Hash> {
    heads.chunks_exact(32).map(|hash| std::array::from_fn(|idx| hash[idx])).collect()
}
