//! Backfills: the records of newly visible homes, and where a device stands to a record meanwhile (rule 19).

use std::collections::BTreeMap;

use rusqlite::params;
use satchel_core::domain::authority::Home;
use satchel_core::domain::ids::*;
use satchel_core::sync::wire::{Announced, Backfill};

use super::memo;
use super::pages::{Part, Pull};
use super::sql::*;
use crate::pull::ANNOUNCED_FROM;
use crate::pull::draft::{Piece, Unit};
use crate::pull::sight::{Spell, since};

/// Records of a home read at once.
const RECORDS_AT_ONCE: usize = 128;

/// How a device stands to a record.
pub struct Place {
    /// Its homes that the person sees.
    pub homes: Vec<Home>,
    pub held: Held,
}

pub enum Held {
    /// The device has it as of the cursor.
    Yes,
    /// It came into a home the device holds, by this transaction.
    Since(u64),
    /// A backfill will bring it.
    Ahead,
}

impl Pull<'_, '_> {
    pub(super) fn announce(&mut self) -> Result<()> {
        let ledger = self.ledger;
        let mut sum = Announced { n_records: 0, n_bytes: 0 };
        let Some(backfill) = self.next.backfills.last().cloned() else { return Ok(()) };
        for home in self.homes_of(&backfill)? {
            let found = ledger.one(
                "SELECT count(*), coalesce(sum(r.bytes), 0) FROM doc_home h JOIN record r ON r.org = h.org AND r.id = h.record
                 WHERE h.org = ?1 AND h.home = ?2 AND h.removed_seq IS NULL",
                params![ledger.org, home.bytes()],
                |row| Ok((uint(row, 0)?, uint(row, 1)?)),
            )?;
            let (n_records, n_bytes) = found.unwrap_or_default();
            sum.n_records += n_records;
            sum.n_bytes += n_bytes;
        }
        if sum.n_records > ANNOUNCED_FROM {
            self.draft.page.announced = Some(sum);
        }
        Ok(())
    }

    /// Brings the records of newly visible homes, by home and record id.
    pub(super) fn backfill(&mut self) -> Result<()> {
        while let Some(backfill) = self.next.backfills.first().cloned() {
            let homes = self.homes_of(&backfill)?;
            for home in &homes {
                if !self.backfill_home(*home, &homes)? {
                    return Ok(());
                }
            }
            self.next.backfills.remove(0);
        }
        Ok(())
    }

    /// `false` where the page is full.
    fn backfill_home(&mut self, home: Home, homes: &[Home]) -> Result<bool> {
        let ledger = self.ledger;
        let position = self.next.backfills.first().and_then(|backfill| backfill.position);
        let mut after = match position {
            Some((at, _)) if home.bytes() < at => return Ok(true),
            Some((at, record)) if home.bytes() == at => record.bytes().to_vec(),
            _ => Vec::new(),
        };
        loop {
            let records = ledger.all(
                "SELECT record FROM doc_home WHERE org = ?1 AND home = ?2 AND record > ?3 AND removed_seq IS NULL
                 ORDER BY record LIMIT ?4",
                params![ledger.org, home.bytes(), after, int(RECORDS_AT_ONCE as u64)],
                |row| uuid(row, 0).map(RecordId),
            )?;
            let last = records.len() < RECORDS_AT_ONCE;
            for record in records {
                if !self.draft.has_room() {
                    return Ok(false);
                }
                let mut unit = Unit::default();
                unit.pieces.extend(self.backfill_piece(record, home, homes)?);
                if !self.draft.add(unit) {
                    return Ok(false);
                }
                after = record.bytes().to_vec();
                if let Some(backfill) = self.next.backfills.first_mut() {
                    backfill.position = Some((home.bytes(), record));
                }
            }
            if last {
                return Ok(true);
            }
        }
    }

    fn backfill_piece(&self, record: RecordId, home: Home, homes: &[Home]) -> Result<Option<Piece>> {
        if self.draft.has_full(record) {
            return Ok(None);
        }
        let visible = self.seen_homes_of(record)?;
        // The smallest of its pending homes brings it; `homes` is sorted.
        if visible.iter().find(|home| homes.contains(home)) != Some(&home) {
            return Ok(None);
        }
        let mut held = false;
        for other in visible.iter().filter(|other| !homes.contains(other)) {
            held = held || !self.is_pending(*other)?;
        }
        let part = if held { Part::Header } else { Part::Full };
        self.piece(record, visible, part).map(Some)
    }

    /// Its homes that the person sees, with the transaction that put it there.
    fn visible_homes(&self, record: RecordId) -> Result<Vec<(Home, u64)>> {
        let ledger = self.ledger;
        let mut homes = memo::or_read(
            ledger,
            |memo| &memo.homes,
            record,
            || {
                ledger.all(
                    "SELECT home, added_seq FROM doc_home
                 WHERE org = ?1 AND record = ?2 AND removed_seq IS NULL ORDER BY home",
                    params![ledger.org, record.bytes()],
                    |row| Ok((home(row, 0)?, uint(row, 1)?)),
                )
            },
        )?;
        let mut sees = Vec::with_capacity(homes.len());
        for (home, _) in &homes {
            sees.push(self.since(*home)?.is_some());
        }
        let mut sees = sees.into_iter();
        homes.retain(|_| sees.next().unwrap_or(false));
        Ok(homes)
    }

    /// Its homes that the person sees.
    pub(super) fn seen_homes_of(&self, record: RecordId) -> Result<Vec<Home>> {
        Ok(self.visible_homes(record)?.into_iter().map(|(home, _)| home).collect())
    }

    pub(super) fn place(&self, record: RecordId) -> Result<Place> {
        let mut held = Held::Ahead;
        let mut homes = Vec::new();
        for (home, added) in self.visible_homes(record)? {
            homes.push(home);
            if self.lies_ahead(home, record)? {
                continue;
            }
            if added <= self.asked.records {
                held = Held::Yes;
            } else if let Held::Ahead = held {
                held = Held::Since(added);
            }
        }
        Ok(Place { homes, held })
    }

    /// True where a backfill has yet to bring this record of this home.
    fn lies_ahead(&self, home: Home, record: RecordId) -> Result<bool> {
        let Some(since) = self.since(home)? else { return Ok(false) };
        Ok(self
            .next
            .backfills
            .iter()
            .any(|backfill| brings(backfill, since) && backfill.position.is_none_or(|at| at < (home.bytes(), record))))
    }

    fn is_pending(&self, home: Home) -> Result<bool> {
        let Some(since) = self.since(home)? else { return Ok(false) };
        Ok(self.next.backfills.iter().any(|backfill| brings(backfill, since)))
    }

    /// The homes a backfill brings, sorted.
    pub(super) fn homes_of(&mut self, backfill: &Backfill) -> Result<Vec<Home>> {
        if !self.all_known {
            self.know_all()?;
        }
        let seen = self.seen.borrow();
        let mut homes: Vec<Home> = seen
            .iter()
            .filter(|(_, since)| since.is_some_and(|since| brings(backfill, since)))
            .map(|(home, _)| *home)
            .collect();
        homes.sort_by_key(Home::bytes);
        Ok(homes)
    }

    pub(super) fn know_all(&mut self) -> Result<BTreeMap<Home, Vec<Spell>>> {
        let all = self.ledger.all_spells(self.session.user)?;
        let mut seen = self.seen.borrow_mut();
        seen.extend(all.iter().map(|(home, spells)| (*home, since(spells, self.head))));
        self.all_known = true;
        Ok(all)
    }

    /// Since when the person sees a home without a gap.
    fn since(&self, home: Home) -> Result<Option<u64>> {
        if let Some(known) = self.seen.borrow().get(&home) {
            return Ok(*known);
        }
        let found = match self.all_known {
            true => None,
            false => since(&self.ledger.spells(self.session.user, home)?, self.head),
        };
        self.seen.borrow_mut().insert(home, found);
        Ok(found)
    }
}

fn brings(backfill: &Backfill, since: u64) -> bool {
    backfill.after < since && since <= backfill.upto
}
