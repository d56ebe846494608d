//! Reading a page: authority first and whole, then the live tail, then backfills (rules 17 to 19).

use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};

use chrono::{DateTime, Utc};
use rusqlite::params;
use satchel_core::domain::authority::{Ended, Home};
use satchel_core::domain::ids::*;
use satchel_core::domain::kinds::client;
use satchel_core::sync::wire::{
    Alert, Author, Backfill, Cursor, Page, ProposalState, Receipt, RecordAuthority, RecordKey,
};

use super::backfill::Held;
use super::proposals::Proposed;
use super::records::RecordRow;
use super::sql::*;
use super::{Ledger, memo};
use crate::pull::draft::{Content, Draft, Piece, Unit};
use crate::pull::sight::{Spell, Word, word};
use crate::pull::{Asked, BACKFILLS, Due, Pulled};
use crate::storage::{Access, Session};

/// Rows of the log looked at in one request.
const LOG_ROWS: usize = 20_000;
/// Who was given a page in this snapshot, by where he stood and how much he takes: which of those due got it, if there
/// was anything to say.
pub type Given = HashMap<(UserId, u64, u64, u32), Option<usize>>;

/// A pull under way.
pub struct Pull<'l, 'c> {
    pub(super) ledger: &'l Ledger<'c>,
    pub(super) session: Session,
    pub(super) head: u64,
    /// Where the device stood when it asked.
    pub(super) asked: Cursor,
    /// Where it will stand after this page.
    pub(super) next: Cursor,
    pub(super) draft: Draft,
    pub(super) seen: RefCell<HashMap<Home, Option<u64>>>,
    pub(super) all_known: bool,
    /// Whether the device takes snapshots.
    snapshots: bool,
}

impl Ledger<'_> {
    pub(super) fn pull(&self, asked: &Asked) -> Result<Pulled> {
        if !self.alive(asked.session.device)? {
            return Ok(Pulled::Revoked);
        }
        self.page_for(asked)
    }

    /// The next page of a live connection, `idx` among those due; `None` where it has everything. A person who stands
    /// at the same place with several devices sees the same on all of them; only what the office says may be a matter
    /// of the device. The token is looked up for each.
    pub(super) fn pull_live(
        &self,
        (idx, due): (usize, &Due),
        now: DateTime<Utc>,
        given: &mut Given,
    ) -> Result<Option<Pulled>> {
        match self.access(&due.access, now)? {
            Access::Session(session) if session == due.asked.session => {}
            Access::Revoked => return Ok(Some(Pulled::Revoked)),
            Access::Session(_) | Access::Unknown => return Ok(Some(Pulled::SignedOut)),
        }
        let (user, cursor) = (due.asked.session.user, &due.asked.cursor);
        let (_, authority) = self.touched_seqs(user)?;
        let shared = !due.even_bare && cursor.backfills.is_empty() && authority <= cursor.authority;
        let place = (user, cursor.authority, cursor.records, due.asked.credit);
        if let Some(before) = given.get(&place).filter(|_| shared) {
            return Ok(before.map(Pulled::Same));
        }
        let pulled = self.page_for(&due.asked)?;
        let bare = matches!(&pulled, Pulled::Page { page, .. } if page.is_bare());
        let said = !bare || due.even_bare;
        if shared {
            given.insert(place, said.then_some(idx));
        }
        Ok(Some(pulled).filter(|_| said))
    }

    fn page_for(&self, asked: &Asked) -> Result<Pulled> {
        let head = self.head()?;
        let mut cursor = asked.cursor.clone();
        cursor.authority = cursor.authority.min(head);
        cursor.records = cursor.records.min(head);
        cursor.backfills.truncate(BACKFILLS);
        let (touched, authority) = self.touched_seqs(asked.session.user)?;
        if cursor.backfills.is_empty() && touched <= cursor.authority.min(cursor.records) {
            let page = Box::new(Page { cursor, ..Page::default() });
            return Ok(Pulled::Page { page, blobs: Vec::new() });
        }
        let mut pull = Pull::begin(self, asked.session, head, cursor, (asked.credit, asked.snapshots));
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

    pub(super) fn touched_seqs(&self, user: UserId) -> Result<(u64, u64)> {
        memo::or_read(self, |memo| &memo.touched, user, || self.read_touched_seqs(user))
    }

    fn read_touched_seqs(&self, user: UserId) -> Result<(u64, u64)> {
        let touched = self.one(
            "SELECT touched_seq, authority_seq FROM account WHERE org = ?1 AND id = ?2",
            params![self.org, user.bytes()],
            |row| Ok((uint(row, 0)?, uint(row, 1)?)),
        )?;
        Ok(touched.unwrap_or_default())
    }

    fn record_authority(&self, record: RecordId, row: &RecordRow, homes: &[Home]) -> Result<RecordAuthority> {
        let client = match homes.contains(&Home::Client(record)) {
            true => self.client_row(record)?,
            false => None,
        };
        let assigned = self.assigned(record)?;
        Ok(RecordAuthority {
            created_by: Some(row.created_by),
            received_at: Some(row.received_at),
            client,
            assigned,
            hand_overs: if assigned.is_some() { self.hand_overs(record)? } else { Vec::new() },
            merged: if row.kind == client::KIND.key { self.merged(record)? } else { None },
        })
    }

    /// Rows of the log after a number, at most so many.
    fn log_rows_after(&self, after: u64, most: usize) -> Result<Vec<(u64, RecordId)>> {
        memo::or_read(
            self,
            |memo| &memo.log,
            (after, most),
            || {
                self.all(
                    "SELECT seq, record FROM log WHERE org = ?1 AND seq > ?2 ORDER BY seq, record LIMIT ?3",
                    params![self.org, int(after), int(most as u64)],
                    |row| Ok((uint(row, 0)?, RecordId(uuid(row, 1)?))),
                )
            },
        )
    }
}

impl<'l, 'c> Pull<'l, 'c> {
    fn begin(
        ledger: &'l Ledger<'c>,
        session: Session,
        head: u64,
        cursor: Cursor,
        (credit, snapshots): (u32, bool),
    ) -> Self {
        Self {
            ledger,
            session,
            head,
            next: cursor.clone(),
            asked: cursor,
            draft: Draft::new(credit),
            seen: RefCell::default(),
            all_known: false,
            snapshots,
        }
    }

    /// For records asked for by name, wherever the device stands.
    pub(super) fn at_head(
        ledger: &'l Ledger<'c>,
        session: Session,
        (credit, snapshots): (usize, bool),
    ) -> Result<Self> {
        let head = ledger.head()?;
        let cursor = Cursor { authority: head, records: head, backfills: Vec::new() };
        Ok(Self::begin(ledger, session, head, cursor, (u32::try_from(credit).unwrap_or(u32::MAX), snapshots)))
    }
}

impl Pull<'_, '_> {
    /// All changes of authority up to now (rule 17).
    fn authority(&mut self) -> Result<()> {
        let (ledger, cursor) = (self.ledger, self.asked.authority);
        let after = if cursor == 0 { None } else { Some(cursor) };
        self.draft.page.users = ledger.users_after(after)?;
        self.draft.page.departments = ledger.departments_after(after)?;
        self.draft.page.absences = ledger.absences_for(self.session.user, after)?;
        let mut fresh = false;
        for (home, spells) in self.know_all()? {
            match word(home, &spells, cursor, self.head) {
                Word::Nothing => {}
                Word::CameAndWent(revoked) => {
                    if ledger.purge_waits(self.session.device, home, revoked.number)? {
                        self.draft.page.revoked.push(revoked);
                    }
                }
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
                // Told only to somebody who could see it then; where he lost the whole home, it goes with that.
                let still = spells.iter().any(Spell::is_open);
                if still && spells.iter().any(|spell| spell.interval.covers(self.asked.authority)) {
                    self.draft.page.gone.push(record);
                    break;
                }
            }
        }
        Ok(())
    }

    /// What was written since the cursor to records the device holds, or that came into homes it holds.
    fn tail(&mut self) -> Result<()> {
        let (ledger, from) = (self.ledger, self.asked.records);
        let mut rows: VecDeque<(u64, RecordId)> = ledger.log_rows_after(from, LOG_ROWS + 1)?.into();
        // A transaction is never split: what may not be all of the last one is left for the next request.
        let upto = match rows.back() {
            Some((last, _)) if rows.len() > LOG_ROWS => last.saturating_sub(1),
            _ => self.head,
        };
        let mut proposals: VecDeque<Proposed> = ledger.proposals_between(from, upto)?.into();
        let mut alerts: VecDeque<(u64, Alert)> = ledger.alerts_between(from, upto)?.into();
        let mut erased: VecDeque<(u64, RecordId)> = ledger.erased_between(self.session.user, from, upto)?.into();
        loop {
            let next = [
                rows.front().map(|(seq, _)| *seq),
                proposals.front().map(|proposed| proposed.touched_seq),
                alerts.front().map(|(seq, _)| *seq),
                erased.front().map(|(seq, _)| *seq),
            ];
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
            while erased.front().is_some_and(|(at, _)| *at == seq) {
                unit.erased.extend(erased.pop_front().map(|(_, record)| record));
            }
            while alerts.front().is_some_and(|(at, _)| *at == seq) {
                let Some((_, alert)) = alerts.pop_front() else { break };
                if ledger.may_see_alert(self.session.user, &alert)? {
                    unit.alerts.push(alert);
                }
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
            // A new generation begins anew: what the device holds of the record counts no more.
            Held::Yes if self.ledger.generation_began(record)? == seq => {
                self.piece(record, place.homes, Part::Full).map(Some)
            }
            Held::Yes => self.piece(record, place.homes, Part::Changes(seq)).map(Some),
            Held::Since(added) if added <= seq => self.piece(record, place.homes, Part::Full).map(Some),
            Held::Since(_) | Held::Ahead => Ok(None),
        }
    }

    fn add_proposal(&self, unit: &mut Unit, proposed: &Proposed) -> Result<()> {
        let ledger = self.ledger;
        if ledger.may_decide(self.session.user, proposed)? {
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
                ended: proposed.ended.clone(),
                away_since: proposed.stamp.away_since,
                skew: proposed.stamp.skew,
                chain: Some(proposed.chain),
            });
        } else if let Some(former) = ledger.was_asked_for(self.session.user, proposed)? {
            // It is another's to decide now; of what it is about he learns nothing.
            unit.proposals.push(ProposalState {
                id: proposed.id,
                record: RecordKey { id: former, generation: 0 },
                kind: String::new(),
                client: former,
                author: self.session.user,
                device: self.session.device,
                at: proposed.received_at,
                received_at: proposed.received_at,
                creates: false,
                accepted: Some(false),
                changes: Vec::new(),
                ended: Ended::default(),
                away_since: None,
                skew: 0,
                chain: None,
            });
        }
        let decided = proposed.accepted.zip(proposed.by).zip(proposed.decided_at);
        if let Some(((accepted, by), at)) = decided.filter(|_| proposed.author == self.session.user) {
            for group in ledger.groups_of_proposal(proposed.id)? {
                let record = proposed.record.id;
                let picked = proposed.picked.clone();
                unit.receipts.push(Receipt { proposal: proposed.id, group, record, accepted, by, at, picked });
            }
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Pulled> {
        self.draft.page.more = self.next.records < self.head || !self.next.backfills.is_empty();
        let (page, blobs) = self.into_page()?;
        Ok(Pulled::Page { page: Box::new(page), blobs })
    }

    /// What was put into the page so far.
    pub(super) fn into_page(mut self) -> Result<(Page, Vec<Vec<u8>>)> {
        self.draft.page.cursor = self.next;
        let mut authors = Vec::new();
        for device in self.draft.devices() {
            if let Some((name, user)) = self.ledger.device_name(*device)? {
                authors.push(Author { device: *device, name, user });
            }
        }
        Ok(self.draft.finish(authors))
    }

    pub(super) fn piece(&self, record: RecordId, homes: Vec<Home>, part: Part) -> Result<Piece> {
        let row = self.ledger.record_row(record)?.ok_or(crate::storage::StorageError::Corrupt("record"))?;
        let full = matches!(part, Part::Full);
        let authority = match part {
            Part::Full | Part::Authority => Some(self.ledger.record_authority(record, &row, &homes)?),
            Part::Changes(_) | Part::Header => None,
        };
        let content = match part {
            Part::Full => self.ledger.content(record, None, self.snapshots)?,
            Part::Changes(seq) => self.ledger.content(record, Some(seq), self.snapshots)?,
            Part::Authority | Part::Header => Content::default(),
        };
        let record = RecordKey { id: record, generation: row.generation };
        Ok(Piece { record, kind: row.kind, homes, full, authority, content })
    }
}

/// Which part of a record a page brings.
pub enum Part {
    Full,
    Changes(u64),
    Authority,
    Header,
}
