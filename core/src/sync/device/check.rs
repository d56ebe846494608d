//! Whether this device holds what the server holds, and putting right what differs (rule 23, DUR-5). Unsent edits are
//! never touched.

use std::collections::BTreeSet;

use super::round::{Round, SyncError};
use super::transport::NetError;
use crate::domain::authority::Home;
use crate::domain::digest::Digest;
use crate::domain::ids::RecordId;
use crate::store::digest::Repaired;
use crate::store::pages::decode;
use crate::sync::wire::{Check, Checked, Cursor, Frame, HomeSum, Page, pack, paths, unpack};

/// Homes asked about in one request.
const HOMES_AT_ONCE: usize = 200;
/// Records fetched in one request.
const RECORDS_AT_ONCE: usize = 200;

impl Round<'_> {
    /// Fetches what stands aside, and once in a while compares everything.
    pub(super) fn check(&mut self) -> Result<(), SyncError> {
        // Without a good access token it waits for the next round.
        let Some(access) = self.store.access_token(self.clock.now())? else { return Ok(()) };
        let mut checking = Checking { round: self, access, repaired: Repaired::default() };
        let outcome = checking.run();
        let repaired = checking.repaired;
        if !repaired.is_nothing() {
            tracing::warn!(
                n_fetched = repaired.n_fetched,
                n_dropped = repaired.n_dropped,
                n_homes = repaired.n_homes,
                "this device held something else than the server"
            );
        }
        self.report.repaired = repaired;
        match outcome {
            // A server of before there were checks.
            Err(SyncError::Net(NetError::Status { status: 404, .. })) => Ok(()),
            other => other,
        }
    }
}

struct Checking<'r, 'a> {
    round: &'r mut Round<'a>,
    access: String,
    repaired: Repaired,
}

impl Checking<'_, '_> {
    fn run(&mut self) -> Result<(), SyncError> {
        let aside = self.round.store.to_fetch()?;
        self.fetch(aside)?;
        let now = self.round.clock.now();
        let Some(cursor) = self.round.store.check_due(now)? else { return Ok(()) };
        let held = self.round.store.home_sums()?;
        let digest: Digest = held.values().copied().sum();
        match self.ask(&Check::All { cursor: cursor.clone(), digest })?.0 {
            Checked::Same => {}
            Checked::Differs => self.descend(&cursor)?,
            // Something came meanwhile: the next round compares.
            _ => return Ok(()),
        }
        Ok(self.round.store.checked(now)?)
    }

    /// From homes to records to what is fetched.
    fn descend(&mut self, cursor: &Cursor) -> Result<(), SyncError> {
        let Checked::Homes(listed) = self.ask(&Check::Homes { cursor: cursor.clone() })?.0 else { return Ok(()) };
        let held = self.round.store.home_sums()?;
        self.repaired.n_homes = self.round.store.repair_homes(&listed, self.round.clock.now())?;
        let differs = |sum: &&HomeSum| held.get(&sum.granted.home).copied().unwrap_or_default() != sum.digest;
        let mut homes: Vec<Home> = listed.iter().filter(differs).map(|sum| sum.granted.home).collect();
        let mut fetch = BTreeSet::new();
        while !homes.is_empty() {
            let asked = homes.iter().take(HOMES_AT_ONCE).copied().collect();
            let check = Check::Records { cursor: cursor.clone(), homes: asked };
            let Checked::Records(records) = self.ask(&check)?.0 else { return Ok(()) };
            if records.is_empty() {
                break;
            }
            for (home, records) in records {
                homes.retain(|other| *other != home);
                fetch.extend(self.compare(home, &records)?);
            }
        }
        self.round.store.set_aside(&fetch)?;
        self.fetch(fetch)
    }

    fn compare(&mut self, home: Home, listed: &[(RecordId, Digest)]) -> Result<BTreeSet<RecordId>, SyncError> {
        let differs = self.round.store.differences(home, listed)?;
        if !differs.drop.is_empty() {
            self.repaired.n_dropped += differs.drop.len() as u64;
            let touched = self.round.store.drop_unlisted(home, &differs.drop, self.round.clock.now())?;
            self.round.report.touched.join(touched);
        }
        Ok(differs.fetch)
    }

    fn fetch(&mut self, mut records: BTreeSet<RecordId>) -> Result<(), SyncError> {
        while !records.is_empty() {
            let asked: Vec<RecordId> = records.iter().take(RECORDS_AT_ONCE).copied().collect();
            let (answer, blobs) = self.ask(&Check::Fetch { records: asked.clone(), snapshots: true })?;
            let Checked::Page(page) = answer else { return Ok(()) };
            let came: BTreeSet<RecordId> = page.records.iter().map(|one| one.record.id).collect();
            if came.is_empty() {
                // Not this person's any more: the next page says so.
                asked.iter().for_each(|id| {
                    records.remove(id);
                });
                continue;
            }
            records.retain(|id| !came.contains(id));
            self.repaired.n_fetched += came.len() as u64;
            self.take_in(*page, blobs)?;
        }
        Ok(())
    }

    fn take_in(&mut self, mut page: Page, blobs: Vec<Vec<u8>>) -> Result<(), SyncError> {
        let round = &mut *self.round;
        let records = std::mem::take(&mut page.records);
        let incoming = decode(&round.store.registry(), records, blobs).ok_or(SyncError::Malformed)?;
        let applied = round.store.take_fetched(page, incoming, round.clock.now(), round.ids)?;
        round.report.touched.join(applied.touched);
        Ok(())
    }

    fn ask(&mut self, check: &Check) -> Result<(Checked, Vec<Vec<u8>>), SyncError> {
        self.round.report.n_requests += 1;
        let body = pack(&[Frame::bare(check)]).map_err(|_| SyncError::Malformed)?;
        let post = self.round.net.post(paths::CHECK, Some(&self.access), "application/octet-stream", &body);
        let mut frames: Vec<Frame<Checked>> =
            unpack(&post.map_err(SyncError::from_net)?).map_err(|_| SyncError::Malformed)?;
        let frame = frames.pop().ok_or(SyncError::Malformed)?;
        Ok((frame.message, frame.blobs))
    }
}
