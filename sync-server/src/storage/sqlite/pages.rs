//! Reading a page: authority first and whole, then the live tail, then backfills (rules 17 to 19).

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, VecDeque};

use rusqlite::params;
use satchel_core::domain::authority::Home;
use satchel_core::domain::ids::*;
use satchel_core::sync::wire::{
    Announced, Author, Backfill, Cursor, Page, ProposalState, Receipt, RecordAuthority, RecordKey,
};

use super::Ledger;
use super::proposals::Proposed;
use super::sql::*;
use crate::pull::draft::{Blob, Draft, Piece, Unit};
use crate::pull::sight::{Spell, Word, since, word};
use crate::pull::{ANNOUNCED_FROM, Asked, BACKFILLS, Pulled};
use crate::storage::{Purged, Session};

/// Rows of the log looked at in one request.
const LOG_ROWS: usize = 20_000;
/// Records of a home read at once.
const RECORDS_AT_ONCE: usize = 128;

/// A pull under way.
struct Pull<'l, 'c> {
    ledger: &'l Ledger<'c>,
    session: Session,
    head: u64,
    /// Where the device stood when it asked.
    asked: Cursor,
    /// Where it will stand after this page.
    next: Cursor,
    draft: Draft,
    seen: RefCell<HashMap<Home, Option<u64>>>,
    all_known: bool,
    never_held: Vec<Purged>,
}

/// How a device stands to a record.
struct Place {
    /// Its homes that the person sees.
    homes: Vec<Home>,
    held: Held,
}

enum Held {
    /// The device has it as of the cursor.
    Yes,
    /// It came into a home the device holds, by this transaction.
    Since(u64),
    /// A backfill will bring it.
    Ahead,
}

impl Ledger<'_> {
    pub(super) fn pull(&self, asked: &Asked) -> Result<Pulled> {
        if !self.alive(asked.session.device)? {
            return Ok(Pulled::Revoked);
        }
        let head = self.head()?;
        let mut cursor = asked.cursor.clone();
        cursor.authority = cursor.authority.min(head);
        cursor.records = cursor.records.min(head);
        cursor.backfills.truncate(BACKFILLS);
        let (touched, authority) = self.touched_seqs(asked.session.user)?;
        if cursor.backfills.is_empty() && touched <= cursor.authority.min(cursor.records) {
            let page = Box::new(Page { cursor, ..Page::default() });
            return Ok(Pulled::Page { page, blobs: Vec::new(), never_held: Vec::new() });
        }
        let mut pull = Pull {
            ledger: self,
            session: asked.session,
            head,
            next: cursor.clone(),
            asked: cursor,
            draft: Draft::new(asked.credit),
            seen: RefCell::default(),
            all_known: false,
            never_held: Vec::new(),
        };
        if authority > pull.asked.authority {
            pull.authority()?;
        }
        pull.next.authority = head;
        pull.draft.count_authority();
        if touched <= pull.asked.records {
            pull.next.records = head;
        } else {
            pull.tail()?;
        }
        if pull.next.records == head {
            pull.backfill()?;
        }
        pull.finish()
    }

    fn touched_seqs(&self, user: UserId) -> Result<(u64, u64)> {
        let touched = self.one(
            "SELECT touched_seq, authority_seq FROM account WHERE org = ?1 AND id = ?2",
            params![self.org, user.bytes()],
            |row| Ok((uint(row, 0)?, uint(row, 1)?)),
        )?;
        Ok(touched.unwrap_or_default())
    }

    fn record_authority(&self, record: RecordId, homes: &[Home]) -> Result<RecordAuthority> {
        let row = self.record_row(record)?;
        let client = match homes.contains(&Home::Client(record)) {
            true => self.client_row(record)?,
            false => None,
        };
        let assigned = self.assigned(record)?;
        Ok(RecordAuthority {
            created_by: row.as_ref().map(|row| row.created_by),
            received_at: row.as_ref().map(|row| row.received_at),
            client,
            assigned,
            hand_overs: if assigned.is_some() { self.hand_overs(record)? } else { Vec::new() },
        })
    }

    fn blobs(&self, record: RecordId, only: Option<u64>) -> Result<Vec<Blob>> {
        self.all(
            "SELECT actor, bytes FROM change WHERE org = ?1 AND record = ?2 AND (?3 IS NULL OR seq = ?3)
             ORDER BY seq, ordinal",
            params![self.org, record.bytes(), only.map(int)],
            |row| Ok(Blob { actor: row.get(0)?, bytes: row.get(1)? }),
        )
    }
}

impl Pull<'_, '_> {
    /// All changes of authority up to now (rule 17).
    fn authority(&mut self) -> Result<()> {
        let (ledger, cursor) = (self.ledger, self.asked.authority);
        let after = if cursor == 0 { None } else { Some(cursor) };
        self.draft.page.users = ledger.users_after(after)?;
        self.draft.page.departments = ledger.departments_after(after)?;
        let mut fresh = false;
        for (home, spells) in self.know_all()? {
            match word(home, &spells, cursor, self.head) {
                Word::Nothing => {}
                Word::CameAndWent { revoked } => self.never_held.push(Purged { home, revoked }),
                Word::Granted(granted, since) => {
                    fresh = fresh || since.is_some();
                    self.draft.page.granted.push(granted);
                }
                Word::Revoked(revoked) => self.draft.page.revoked.push(revoked),
            }
        }
        if fresh {
            self.next.backfills.push(Backfill { after: cursor, upto: self.head, position: None });
            self.announce()?;
        }
        if cursor == 0 {
            return Ok(());
        }
        let changed = ledger.all(
            "SELECT id FROM record WHERE org = ?1 AND auth_seq > ?2",
            params![ledger.org, int(cursor)],
            |row| uuid(row, 0).map(RecordId),
        )?;
        for record in changed {
            let place = self.place(record)?;
            if matches!(place.held, Held::Yes) && !place.homes.is_empty() {
                let piece = self.piece(record, place.homes, Part::Authority)?;
                self.draft.add_whole(piece);
            }
        }
        self.moved_out()
    }

    /// Records taken out of homes since the cursor.
    fn moved_out(&mut self) -> Result<()> {
        let ledger = self.ledger;
        let moved = ledger.all(
            "SELECT DISTINCT record FROM doc_home WHERE org = ?1 AND removed_seq > ?2 AND added_seq <= ?2",
            params![ledger.org, int(self.asked.authority)],
            |row| uuid(row, 0).map(RecordId),
        )?;
        for record in moved {
            let place = self.place(record)?;
            if !place.homes.is_empty() {
                let piece = self.piece(record, place.homes, Part::Header)?;
                self.draft.add_whole(piece);
                continue;
            }
            let former = ledger.all(
                "SELECT home FROM doc_home WHERE org = ?1 AND record = ?2 AND added_seq <= ?3 AND removed_seq > ?3",
                params![ledger.org, record.bytes(), int(self.asked.authority)],
                |row| home(row, 0),
            )?;
            for home in former {
                let spells = ledger.spells(self.session.user, home)?;
                // Told only to somebody who could see it then.
                if spells.iter().any(|spell| spell.interval.covers(self.asked.authority)) {
                    self.draft.page.gone.push(record);
                    break;
                }
            }
        }
        Ok(())
    }

    fn announce(&mut self) -> Result<()> {
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

    /// What was written since the cursor to records the device holds, or that came into homes it holds.
    fn tail(&mut self) -> Result<()> {
        let (ledger, from) = (self.ledger, self.asked.records);
        let mut rows: VecDeque<(u64, RecordId)> = ledger
            .all(
                "SELECT seq, record FROM log WHERE org = ?1 AND seq > ?2 ORDER BY seq, record LIMIT ?3",
                params![ledger.org, int(from), int(LOG_ROWS as u64 + 1)],
                |row| Ok((uint(row, 0)?, RecordId(uuid(row, 1)?))),
            )?
            .into();
        // A transaction is never split: what may not be all of the last one is left for the next request.
        let upto = match rows.back() {
            Some((last, _)) if rows.len() > LOG_ROWS => last.saturating_sub(1),
            _ => self.head,
        };
        let mut proposals: VecDeque<Proposed> = ledger.proposals_between(from, upto)?.into();
        loop {
            let next = [rows.front().map(|(seq, _)| *seq), proposals.front().map(|proposed| proposed.touched_seq)];
            let Some(seq) = next.into_iter().flatten().min().filter(|seq| *seq <= upto) else {
                self.next.records = upto;
                return Ok(());
            };
            if !self.draft.has_room() {
                return Ok(());
            }
            let mut unit = Unit::default();
            while let Some((_, record)) = rows.front().copied().filter(|(at, _)| *at == seq) {
                rows.pop_front();
                unit.pieces.extend(self.tail_piece(record, seq)?);
            }
            while proposals.front().is_some_and(|proposed| proposed.touched_seq == seq) {
                let Some(proposed) = proposals.pop_front() else { break };
                self.add_proposal(&mut unit, &proposed)?;
            }
            if !self.draft.add(unit) {
                return Ok(());
            }
            self.next.records = seq;
        }
    }

    fn tail_piece(&self, record: RecordId, seq: u64) -> Result<Option<Piece>> {
        if self.draft.has_full(record) {
            return Ok(None);
        }
        let place = self.place(record)?;
        if place.homes.is_empty() {
            return Ok(None);
        }
        match place.held {
            Held::Yes => self.piece(record, place.homes, Part::Changes(seq)).map(Some),
            Held::Since(added) if added <= seq => self.piece(record, place.homes, Part::Full).map(Some),
            Held::Since(_) | Held::Ahead => Ok(None),
        }
    }

    fn add_proposal(&self, unit: &mut Unit, proposed: &Proposed) -> Result<()> {
        let ledger = self.ledger;
        if ledger.may_decide(self.session.user, proposed.client)? {
            let changes = match proposed.accepted {
                None => ledger.proposal_changes(proposed.id)?.into_iter().map(|change| change.bytes).collect(),
                Some(_) => Vec::new(),
            };
            unit.proposals.push(ProposalState {
                id: proposed.id,
                record: proposed.record,
                kind: proposed.kind.clone(),
                client: proposed.client,
                author: proposed.author,
                device: proposed.device,
                at: proposed.at,
                received_at: proposed.received_at,
                creates: proposed.homes.is_some(),
                accepted: proposed.accepted,
                changes,
            });
        }
        let decided = proposed.accepted.zip(proposed.by).zip(proposed.decided_at);
        if let Some(((accepted, by), at)) = decided.filter(|_| proposed.author == self.session.user) {
            for group in ledger.groups_of_proposal(proposed.id)? {
                let record = proposed.record.id;
                unit.receipts.push(Receipt { proposal: proposed.id, group, record, accepted, by, at });
            }
        }
        Ok(())
    }

    /// Brings the records of newly visible homes, by home and record id.
    fn backfill(&mut self) -> Result<()> {
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
        let visible: Vec<Home> = self.visible_homes(record)?.into_iter().map(|(home, _)| home).collect();
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

    fn finish(mut self) -> Result<Pulled> {
        self.draft.page.more = self.next.records < self.head || !self.next.backfills.is_empty();
        self.draft.page.cursor = self.next;
        let mut authors = Vec::new();
        for device in self.draft.devices() {
            if let Some((name, user)) = self.ledger.device_name(*device)? {
                authors.push(Author { device: *device, name, user });
            }
        }
        let (page, blobs) = self.draft.finish(authors);
        Ok(Pulled::Page { page: Box::new(page), blobs, never_held: self.never_held })
    }

    fn piece(&self, record: RecordId, homes: Vec<Home>, part: Part) -> Result<Piece> {
        let row = self.ledger.record_row(record)?.ok_or(crate::storage::StorageError::Corrupt("record"))?;
        let full = matches!(part, Part::Full);
        let authority = match part {
            Part::Full | Part::Authority => Some(self.ledger.record_authority(record, &homes)?),
            Part::Changes(_) | Part::Header => None,
        };
        let blobs = match part {
            Part::Full => self.ledger.blobs(record, None)?,
            Part::Changes(seq) => self.ledger.blobs(record, Some(seq))?,
            Part::Authority | Part::Header => Vec::new(),
        };
        let record = RecordKey { id: record, generation: row.generation };
        Ok(Piece { record, kind: row.kind, homes, full, authority, blobs })
    }

    /// Its homes that the person sees, with the transaction that put it there.
    fn visible_homes(&self, record: RecordId) -> Result<Vec<(Home, u64)>> {
        let ledger = self.ledger;
        let mut homes = ledger.all(
            "SELECT home, added_seq FROM doc_home WHERE org = ?1 AND record = ?2 AND removed_seq IS NULL ORDER BY home",
            params![ledger.org, record.bytes()],
            |row| Ok((home(row, 0)?, uint(row, 1)?)),
        )?;
        let mut sees = Vec::with_capacity(homes.len());
        for (home, _) in &homes {
            sees.push(self.since(*home)?.is_some());
        }
        let mut sees = sees.into_iter();
        homes.retain(|_| sees.next().unwrap_or(false));
        Ok(homes)
    }

    fn place(&self, record: RecordId) -> Result<Place> {
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
        Ok(self.next.backfills.iter().any(|backfill| {
            brings(backfill, since) && backfill.position.is_none_or(|at| at < (home.bytes(), record))
        }))
    }

    fn is_pending(&self, home: Home) -> Result<bool> {
        let Some(since) = self.since(home)? else { return Ok(false) };
        Ok(self.next.backfills.iter().any(|backfill| brings(backfill, since)))
    }

    /// The homes a backfill brings, sorted.
    fn homes_of(&mut self, backfill: &Backfill) -> Result<Vec<Home>> {
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

    fn know_all(&mut self) -> Result<BTreeMap<Home, Vec<Spell>>> {
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

/// Which part of a record a page brings.
enum Part {
    Full,
    Changes(u64),
    Authority,
    Header,
}

fn brings(backfill: &Backfill, since: u64) -> bool {
    backfill.after < since && since <= backfill.upto
}
