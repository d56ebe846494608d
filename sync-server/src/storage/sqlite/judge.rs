//! Judging groups inside the transaction: conditions, rights, order of changes (rules 20 to 22).

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use satchel_core::docs::Hash;
use satchel_core::domain::authority::{Home, actor_device};
use satchel_core::domain::ids::*;
use satchel_core::domain::kind::{HomeRule, Registry};
use satchel_core::sync::wire::{Outcome, Verdict};

use super::Ledger;
use super::chains::{Chain, Through};
use super::late::Right;
use super::records::{Kept, RecordRow};
use super::sql::*;
use crate::push::{Batch, Body, Change, Edit, Judged, Prepared, RECORD_BYTES, codes};
use crate::storage::StorageError;

impl Ledger<'_> {
    pub(super) fn push(&self, batch: &Batch<'_>) -> Result<Judged> {
        let mut judged = Judged::default();
        for (idx, group) in batch.groups.iter().enumerate() {
            let mut taken = HashMap::new();
            let outcome = self.part(|| {
                let outcome = self.judge(batch, idx, group, &judged.taken, &mut taken)?;
                let keep = matches!(outcome, Outcome::Accepted | Outcome::Applied(_) | Outcome::SetAside(_));
                Ok((keep, outcome))
            });
            let outcome = match outcome {
                // One record that does not read back must not hold up the others.
                Err(StorageError::Corrupt(what)) => {
                    tracing::error!(what, group = %group.id, "taking a group in");
                    Outcome::Refused(codes::INTERNAL.to_owned())
                }
                outcome => outcome?,
            };
            if outcome == Outcome::Accepted {
                for (record, hashes) in taken {
                    judged.taken.entry(record).or_default().extend(hashes);
                }
            }
            self.remember(batch, group.id, &outcome)?;
            judged.verdicts.push(self.verdict(batch, group, outcome)?);
        }
        Ok(judged)
    }

    /// An outcome with the facts a person is told with it.
    fn verdict(&self, batch: &Batch<'_>, group: &Prepared, outcome: Outcome) -> Result<Verdict> {
        let (mut ended, mut refusal) = (None, None);
        match (&outcome, &group.body) {
            (Outcome::SetAside(proposal), _) => ended = self.proposed(*proposal)?.map(|proposed| proposed.ended),
            (Outcome::Confirm(Err(_)), Body::Command(command)) => {
                refusal = self.decide(batch.session.user, command, batch.now)?.err();
            }
            _ => {}
        }
        Ok(Verdict { group: group.id, outcome, ended, refusal })
    }

    fn judge(
        &self,
        batch: &Batch<'_>,
        idx: usize,
        group: &Prepared,
        earlier: &HashMap<RecordId, Vec<Hash>>,
        taken: &mut HashMap<RecordId, Vec<Hash>>,
    ) -> Result<Outcome> {
        if let Some(answer) = self.answered(batch.session, group.id)? {
            return Ok(answer);
        }
        let mut chains = Vec::new();
        for condition in &group.depends_on {
            match self.condition(batch.session, *condition)? {
                Some(Outcome::Accepted | Outcome::Duplicate | Outcome::Applied(_)) => {}
                Some(Outcome::SetAside(proposal)) if matches!(group.body, Body::Edits(_)) => {
                    match self.proposal_outcome(proposal)? {
                        None => chains.push(proposal),
                        Some(true) => {}
                        Some(false) => return Ok(Outcome::DependsOn(*condition)),
                    }
                }
                Some(_) => return Ok(Outcome::DependsOn(*condition)),
                None => return Ok(Outcome::MissingDependencies),
            }
        }
        match &group.body {
            Body::Refused(code) => Ok(Outcome::Refused((*code).to_owned())),
            Body::Command(_) if batch.rescue => Ok(Outcome::Refused(codes::REVOKED.to_owned())),
            Body::Command(command) => self.order(batch.session, command, batch.now, batch.registry),
            Body::Edits(edits) => self.judge_edits(batch, (idx, group), edits, chains, earlier, taken),
        }
    }

    fn judge_edits(
        &self,
        batch: &Batch<'_>,
        (idx, group): (usize, &Prepared),
        edits: &[Edit],
        mut chains: Vec<ProposalId>,
        earlier: &HashMap<RecordId, Vec<Hash>>,
        taken: &mut HashMap<RecordId, Vec<Hash>>,
    ) -> Result<Outcome> {
        let refused = |code: &str| Ok(Outcome::Refused(code.to_owned()));
        // What a revoked device hands over is never taken in by itself, whatever its person might write.
        let mut set_aside = batch.rescue || !chains.is_empty();
        let mut new_clients = Vec::new();
        let mut rows = Vec::new();
        for edit in edits {
            let row = self.record_row(edit.record.id)?;
            let right = self.right_of(batch, edit, row.as_ref(), &new_clients)?;
            match right {
                Right::No(code) => return refused(code),
                Right::TooLate => {
                    let who = (Some(batch.session.user), Some(batch.session.device));
                    return self.too_late(who, edit.record.id, batch.now);
                }
                Right::Late(_) => set_aside = true,
                Right::Now => {}
            }
            if row.as_ref().is_some_and(|row| row.generation != edit.record.generation) {
                // Who sees the record writes his edit again on top of what remains; nobody else keeps any of it.
                let again = right == Right::Now && !batch.rescue;
                return refused(if again { codes::STALE_GENERATION } else { codes::ERASED });
            }
            if row.is_none() && is_client(edit, batch.registry) {
                new_clients.push(edit.record.id);
            }
            match self.chain_of(batch.session.user, edit)? {
                Chain::None => {}
                Chain::Waits(proposal) => {
                    set_aside = true;
                    chains.push(proposal);
                }
                Chain::Declined(group) => return Ok(Outcome::DependsOn(group.0)),
            }
            rows.push(row);
        }
        if set_aside && !self.all_known(edits, &rows)? {
            return self.set_aside(batch, group, edits, &rows, &chains);
        }

        let mut fresh = Vec::new();
        for (edit, row) in edits.iter().zip(&rows) {
            match self.check(batch, edit, row.as_ref(), Through::Log)? {
                Ok(changes) => fresh.push(changes),
                Err(outcome) => return Ok(outcome),
            }
        }
        let creates = edits.iter().zip(&rows).any(|(edit, row)| row.is_none() && edit.creation.is_some());
        if !creates && fresh.iter().all(Vec::is_empty) {
            return Ok(Outcome::Accepted);
        }
        let seq = self.next_seq()?;
        let away = self.away(batch.session.device)?;
        for ((edit, row), changes) in edits.iter().zip(&rows).zip(&fresh) {
            let id = edit.record.id;
            let preview = batch.previews.get(&(idx, id)).filter(|preview| {
                let base = row.as_ref().map_or(0, |row| row.n_changes);
                let before = earlier.get(&id).map_or(&[][..], Vec::as_slice);
                preview.base + before.len() as u64 == base && preview.before == before
            });
            let bytes: Vec<&[u8]> = changes.iter().map(|change| change.bytes.as_slice()).collect();
            let kind =
                row.as_ref().map(|row| row.kind.as_str()).or(edit.creation.as_ref().map(|made| made.kind.as_str()));
            let open = match preview {
                Some(preview) => preview.open,
                None => self.open_after(id, kind.unwrap_or_default(), &bytes, batch.registry)?,
            };
            let Ok(open) = open else {
                tracing::error!(record = %id, "applying a change");
                return refused(codes::MALFORMED);
            };
            if row.is_none()
                && let Some(creation) = &edit.creation
            {
                let author = batch.session.user;
                self.create(edit.record, creation, (author, author), batch.now, batch.registry, seq)?;
            }
            let kept = changes.iter().map(|change| Kept::of(change, away.stamp(change.info.at)));
            self.append(edit.record, kept, open, batch.now, seq)?;
            taken.insert(id, changes.iter().map(|change| change.info.hash).collect());
        }
        for (edit, row) in edits.iter().zip(&rows) {
            if row.is_none() && is_client(edit, batch.registry) {
                for user in self.seers(Home::Client(edit.record.id))? {
                    self.touch_authority(user, seq)?;
                }
            }
            self.touch_seers(edit.record.id, seq)?;
        }
        Ok(Outcome::Accepted)
    }

    fn right_of(
        &self,
        batch: &Batch<'_>,
        edit: &Edit,
        row: Option<&RecordRow>,
        new_clients: &[RecordId],
    ) -> Result<Right> {
        let session = batch.session;
        match (row, &edit.creation) {
            // A record made once more by the one who made it is the same creation delivered again.
            (Some(row), Some(creation)) if row.created_by != session.user || row.kind != creation.kind => {
                Ok(Right::No(codes::NO_ACCESS))
            }
            (Some(row), _) => self.right_to_edit(session, edit.record.id, row, batch.registry),
            (None, Some(creation)) => self.right_to_create(session, edit.record, creation, new_clients, batch.registry),
            (None, None) => Ok(match self.pending_creation(session.user, edit.record.id)? {
                Some(client) => Right::Late(client),
                None => Right::No(codes::NO_ACCESS),
            }),
        }
    }

    fn too_late(
        &self,
        who: (Option<UserId>, Option<DeviceId>),
        record: RecordId,
        now: DateTime<Utc>,
    ) -> Result<Outcome> {
        // Written outside the group's part, which is taken back.
        self.noted.borrow_mut().push((who, record, now));
        Ok(Outcome::Refused(codes::NO_ACCESS.to_owned()))
    }

    /// Rule 21 for the changes of one record: what is new of them, or what becomes of the group.
    pub(super) fn check<'e>(
        &self,
        batch: &Batch<'_>,
        edit: &'e Edit,
        row: Option<&RecordRow>,
        through: Through,
    ) -> Result<std::result::Result<Vec<&'e Change>, Outcome>> {
        let refused = |code: &str| Ok(Err(Outcome::Refused(code.to_owned())));
        let record = edit.record.id;
        let mut fresh: Vec<&Change> = Vec::new();
        let mut last: HashMap<&[u8], u64> = HashMap::new();
        let mut max_op = row.map_or(0, |row| row.max_op).max(self.chain_max_op(record, through)?);
        let mut bytes = row.map_or(0, |row| row.bytes);
        for change in &edit.changes {
            let info = &change.info;
            let repeated = fresh.iter().any(|other| other.info.hash == info.hash);
            if repeated || self.max_op_of(record, &info.hash, through)?.is_some() {
                continue;
            }
            if let Some(flaw) = change.flaw {
                return refused(flaw);
            }
            let own = actor_device(&info.actor)
                .is_some_and(|(device, incarnation)| device == batch.session.device && incarnation <= batch.newest);
            if !(own || batch.vouched || change.birth) || info.n_ops == 0 {
                return refused(codes::MALFORMED);
            }
            // After a set-aside an actor never writes that record again (rule 12).
            if through == Through::Log && self.actor_is_set_aside(record, &info.actor)? {
                return refused(codes::MALFORMED);
            }
            let mut below = 0;
            for dep in &info.deps {
                let here = fresh.iter().find(|other| other.info.hash == *dep).map(|other| other.info.max_op());
                let found = match here {
                    Some(found) => Some(found),
                    None => self.max_op_of(record, dep, through)?,
                };
                let Some(found) = found else { return Ok(Err(Outcome::MissingDependencies)) };
                below = below.max(found);
            }
            let previous = match last.get(info.actor.as_slice()) {
                Some(previous) => *previous,
                None => self.actor_seq(record, &info.actor, through)?,
            };
            if info.seq > previous + 1 {
                return Ok(Err(Outcome::MissingDependencies));
            }
            if info.seq <= previous || info.start_op <= below || info.start_op > max_op + 1 {
                return refused(codes::MALFORMED);
            }
            bytes += change.bytes.len() as u64;
            if bytes > RECORD_BYTES as u64 {
                return refused(codes::TOO_LARGE);
            }
            max_op = max_op.max(info.max_op());
            last.insert(&info.actor, info.seq);
            fresh.push(change);
        }
        Ok(Ok(fresh))
    }

    /// True where a group brings nothing that is not in the log already.
    fn all_known(&self, edits: &[Edit], rows: &[Option<RecordRow>]) -> Result<bool> {
        for (edit, row) in edits.iter().zip(rows) {
            if row.is_none() {
                return Ok(false);
            }
            for change in &edit.changes {
                if self.max_op_of(edit.record.id, &change.info.hash, Through::Log)?.is_none() {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }
}

fn is_client(edit: &Edit, registry: &Registry) -> bool {
    edit.creation
        .as_ref()
        .and_then(|creation| registry.kind(&creation.kind))
        .is_some_and(|kind| kind.home == HomeRule::OwnClient)
}
