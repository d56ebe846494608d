//! A page being filled: what is in it, and how much room is left.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::{DateTime, Utc};
use satchel_core::domain::authority::{Home, actor_device};
use satchel_core::domain::ids::*;
use satchel_core::sync::wire::{
    AbsenceState, Alert, Author, Page, PageRecord, ProposalState, Receipt, Received, RecordAuthority, RecordKey,
};

use super::{DEFAULT_CREDIT, MAX_CREDIT};
use crate::storage::Stamp;

/// Rough size of a record's header in a page.
const RECORD: usize = 160;
/// Rough size of a home.
const HOME: usize = 40;
/// Rough size of what the office says of a record.
const AUTHORITY: usize = 200;

/// A change to send.
#[derive(Clone, Debug)]
pub struct Blob {
    /// Whose.
    pub actor: Vec<u8>,
    /// The change.
    pub bytes: Vec<u8>,
    /// When it came.
    pub received_at: DateTime<Utc>,
    /// From where.
    pub stamp: Stamp,
}

/// The changes of a record that are folded into a snapshot.
#[derive(Clone, Debug)]
pub struct Folded {
    /// How many.
    pub n: u32,
    /// All of them in one.
    pub snapshot: Vec<u8>,
    /// When they came, packed.
    pub stamps: Vec<u8>,
    /// Who made them, among others of the record's.
    pub actors: Vec<Vec<u8>>,
}

/// Changes of a record.
#[derive(Clone, Debug, Default)]
pub struct Content {
    /// The first ones, where they are sent as a snapshot.
    pub folded: Option<Folded>,
    /// The others.
    pub blobs: Vec<Blob>,
}

/// What a page says of a record.
#[derive(Clone, Debug)]
pub struct Piece {
    /// The record.
    pub record: RecordKey,
    /// Its kind.
    pub kind: String,
    /// Those of its homes the receiver sees.
    pub homes: Vec<Home>,
    /// Whether all changes are there.
    pub full: bool,
    /// What the office says, where it is to be sent.
    pub authority: Option<RecordAuthority>,
    /// The changes.
    pub content: Content,
}

impl Piece {
    fn cost(&self) -> usize {
        let authority = self.authority.as_ref().map_or(0, |authority| {
            AUTHORITY + authority.hand_overs.iter().map(|one| 200 + one.comment.len()).sum::<usize>()
        });
        let blobs: usize = self.content.blobs.iter().map(|blob| blob.bytes.len() + 5).sum();
        let folded = self.content.folded.as_ref().map_or(0, |it| it.snapshot.len() + it.stamps.len() + 20);
        RECORD + self.homes.len() * HOME + authority + folded + blobs
    }
}

/// A page being filled.
pub struct Draft {
    /// The page so far.
    pub page: Page,
    blobs: Vec<Vec<Vec<u8>>>,
    at: HashMap<RecordId, usize>,
    full: HashSet<RecordId>,
    devices: BTreeSet<DeviceId>,
    budget: usize,
    used: usize,
    begun: bool,
}

/// What one transaction brings, or one record of a backfill: sent together or not at all.
#[derive(Debug, Default)]
pub struct Unit {
    /// Records.
    pub pieces: Vec<Piece>,
    /// Late edits.
    pub proposals: Vec<ProposalState>,
    /// Decisions on late edits.
    pub receipts: Vec<Receipt>,
    /// What a supervisor should look at.
    pub alerts: Vec<Alert>,
    /// Records erased of which this person had set-aside edits.
    pub erased: Vec<RecordId>,
}

impl Unit {
    fn is_empty(&self) -> bool {
        self.pieces.is_empty()
            && self.proposals.is_empty()
            && self.receipts.is_empty()
            && self.alerts.is_empty()
            && self.erased.is_empty()
    }

    fn cost(&self) -> usize {
        let proposals = self.proposals.iter().map(|one| 300 + one.changes.iter().map(|it| it.len() + 9).sum::<usize>());
        self.pieces.iter().map(Piece::cost).sum::<usize>()
            + proposals.sum::<usize>()
            + (self.receipts.len() + self.alerts.len()) * 150
    }
}

impl Draft {
    /// An empty page.
    #[must_use]
    pub fn new(credit: u32) -> Self {
        let budget = match credit {
            0 => DEFAULT_CREDIT,
            credit => usize::try_from(credit).unwrap_or(MAX_CREDIT).min(MAX_CREDIT),
        };
        Self {
            page: Page::default(),
            blobs: Vec::new(),
            at: HashMap::new(),
            full: HashSet::new(),
            devices: BTreeSet::new(),
            budget,
            used: 0,
            begun: false,
        }
    }

    /// Adds what must not be split over pages; it goes in whatever its size.
    pub fn add_whole(&mut self, piece: Piece) {
        self.used += piece.cost();
        self.put(piece);
    }

    /// Counts authority that was written into the page.
    pub fn count_authority(&mut self) {
        let granted: usize = self.page.granted.iter().map(|one| 60 + one.grants.len() * 80).sum();
        let items = |state: &AbsenceState| state.absence.clients.len() + state.absence.interactions.len();
        let absences: usize = self.page.absences.iter().map(|state| 400 + items(state) * 60).sum();
        let rest = self.page.users.len() * 150 + self.page.departments.len() * 100 + absences;
        self.used += granted + rest + self.page.revoked.len() * 200 + self.page.gone.len() * 17;
        self.begun = self.used > 0;
    }

    /// Whether there is room for anything more.
    #[must_use]
    pub fn has_room(&self) -> bool {
        !self.begun || self.used < self.budget
    }

    /// Adds a unit where there is room; a page always takes one.
    pub fn add(&mut self, unit: Unit) -> bool {
        if unit.is_empty() {
            return true;
        }
        let cost = unit.cost();
        if self.begun && self.used + cost > self.budget {
            return false;
        }
        self.begun = true;
        self.used += cost;
        for piece in unit.pieces {
            self.put(piece);
        }
        for proposal in unit.proposals {
            self.devices.insert(proposal.device);
            self.page.proposals.retain(|other| other.id != proposal.id);
            self.page.proposals.push(proposal);
        }
        self.page.receipts.extend(unit.receipts);
        self.page.alerts.extend(unit.alerts);
        self.page.erased.extend(unit.erased);
        true
    }

    /// True where the page holds all changes of the record already.
    #[must_use]
    pub fn has_full(&self, record: RecordId) -> bool {
        self.full.contains(&record)
    }

    fn put(&mut self, piece: Piece) {
        let content = &piece.content;
        let folded = content.folded.iter().flat_map(|folded| &folded.actors);
        let actors = content.blobs.iter().map(|blob| &blob.actor).chain(folded);
        self.devices.extend(actors.filter_map(|actor| Some(actor_device(actor)?.0)));
        let received = runs(&piece);
        let folded = piece.content.folded.as_ref().map_or(0, |folded| folded.n);
        let first = piece.content.folded.into_iter().flat_map(|folded| [folded.snapshot, folded.stamps]);
        let bytes = first.chain(piece.content.blobs.into_iter().map(|blob| blob.bytes));
        if piece.full {
            self.full.insert(piece.record.id);
        }
        let idx = *self.at.entry(piece.record.id).or_insert(self.page.records.len());
        if let (Some(held), Some(blobs)) = (self.page.records.get_mut(idx), self.blobs.get_mut(idx)) {
            if piece.full {
                blobs.clear();
                held.received.clear();
                held.folded = folded;
            }
            blobs.extend(bytes);
            held.received.extend(received);
            held.n = u32::try_from(blobs.len()).unwrap_or(u32::MAX);
            held.full = held.full || piece.full;
            held.homes = piece.homes;
            held.authority = piece.authority.or(held.authority.take());
            return;
        }
        let bytes: Vec<Vec<u8>> = bytes.collect();
        self.page.records.push(PageRecord {
            record: piece.record,
            kind: piece.kind,
            homes: piece.homes,
            full: piece.full,
            n: u32::try_from(bytes.len()).unwrap_or(u32::MAX),
            authority: piece.authority,
            received,
            folded,
        });
        self.blobs.push(bytes);
    }

    /// Devices whose changes are in the page.
    #[must_use]
    pub fn devices(&self) -> &BTreeSet<DeviceId> {
        &self.devices
    }

    /// The page and the changes of its records, in order.
    #[must_use]
    pub fn finish(mut self, authors: Vec<Author>) -> (Page, Vec<Vec<u8>>) {
        self.page.authors = authors;
        (self.page, self.blobs.into_iter().flatten().collect())
    }
}

/// When the blobs of a piece came; nothing where all came with the record's making and nothing was odd about it.
fn runs(piece: &Piece) -> Vec<Received> {
    let mut runs: Vec<Received> = Vec::new();
    for blob in &piece.content.blobs {
        let one = Received { n: 1, at: blob.received_at, away_since: blob.stamp.away_since, skew: blob.stamp.skew };
        match runs.last_mut() {
            Some(last) if Received { n: 1, ..*last } == one => last.n += 1,
            _ => runs.push(one),
        }
    }
    let made_at = piece.authority.as_ref().and_then(|authority| authority.received_at);
    match runs.as_slice() {
        [only]
            if piece.full
                && piece.content.folded.is_none()
                && Some(only.at) == made_at
                && only.away_since.is_none()
                && only.skew == 0 =>
        {
            Vec::new()
        }
        _ => runs,
    }
}
