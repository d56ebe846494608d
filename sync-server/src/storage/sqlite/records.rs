//! Taking groups in: judging each inside the transaction, and writing what is taken.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use rusqlite::params;
use satchel_core::docs::{Doc, Hash};
use satchel_core::domain::authority::{Home, Level, Reason, actor_device};
use satchel_core::domain::ids::*;
use satchel_core::domain::kind::{HomeRule, Registry};
use satchel_core::sync::wire::{Outcome, RecordKey, Verdict};

use super::Ledger;
use super::late::Right;
use super::sql::*;
use crate::push::preview::apply;
use crate::push::{Batch, Body, Change, Creation, Edit, Judged, Known, Prepared, RECORD_BYTES, codes};
use crate::storage::{Session, StorageError};

/// A record's row.
#[derive(Clone, Debug)]
pub struct RecordRow {
    pub kind: String,
    pub generation: u32,
    pub created_by: UserId,
    pub received_at: DateTime<Utc>,
    pub max_op: u64,
    pub bytes: u64,
    pub n_changes: u64,
    pub open: bool,
}

/// How far a chain of changes may be followed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Through {
    /// Changes taken in.
    Log,
    /// Those and the ones set aside for this author.
    SetAside(UserId),
}

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
            judged.verdicts.push(Verdict { group: group.id, outcome });
        }
        Ok(judged)
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
        let mut set_aside = !chains.is_empty();
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
                return refused(codes::STALE_GENERATION);
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
        if set_aside {
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
        for ((edit, row), changes) in edits.iter().zip(&rows).zip(&fresh) {
            let id = edit.record.id;
            let preview = batch.previews.get(&(idx, id)).filter(|preview| {
                let base = row.as_ref().map_or(0, |row| row.n_changes);
                let before = earlier.get(&id).map_or(&[][..], Vec::as_slice);
                preview.base + before.len() as u64 == base && preview.before == before
            });
            let bytes: Vec<&[u8]> = changes.iter().map(|change| change.bytes.as_slice()).collect();
            let kind = row.as_ref().map(|row| row.kind.as_str()).or(edit.creation.as_ref().map(|made| made.kind.as_str()));
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
                self.create(edit.record, creation, batch.session.user, batch.now, batch.registry, seq)?;
            }
            self.append(edit.record, changes.iter().map(|change| Kept::of(change)), open, batch.now, seq)?;
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
            (None, Some(creation)) => {
                self.right_to_create(session, edit.record, creation, new_clients, batch.registry)
            }
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
            if !(own || change.birth) || info.n_ops == 0 {
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

    /// Makes a record with its homes and, for a client, who has it (rule 13).
    pub(super) fn create(
        &self,
        record: RecordKey,
        creation: &Creation,
        author: UserId,
        now: DateTime<Utc>,
        registry: &Registry,
        seq: u64,
    ) -> Result<()> {
        self.run(
            "INSERT INTO record (org, id, generation, kind, created_by, received_at, last_seq, auth_seq, max_op, bytes,
                                 n_changes, open)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, 0, 0, 0, 0)",
            params![
                self.org,
                record.id.bytes(),
                record.generation,
                creation.kind.as_bytes(),
                author.bytes(),
                millis(now),
                int(seq)
            ],
        )?;
        for home in &creation.homes {
            self.run(
                "INSERT OR IGNORE INTO doc_home (org, home, record, added_seq) VALUES (?1, ?2, ?3, ?4)",
                params![self.org, home.bytes(), record.id.bytes(), int(seq)],
            )?;
        }
        match registry.kind(&creation.kind).map(|kind| kind.home) {
            Some(HomeRule::OwnClient) => self.create_client(record.id, author, seq),
            Some(HomeRule::UnderClientByAdd) => {
                let client = creation.homes.iter().find_map(|home| match home {
                    Home::Client(client) => Some(*client),
                    _ => None,
                });
                let Some(client) = client else { return Ok(()) };
                self.run(
                    "INSERT INTO assignment (org, interaction, client, assigned) VALUES (?1, ?2, ?3, ?4)",
                    params![self.org, record.id.bytes(), client.bytes(), author.bytes()],
                )?;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn create_client(&self, client: RecordId, author: UserId, seq: u64) -> Result<()> {
        let author = self.user_row(author)?.ok_or(StorageError::NotFound("user"))?;
        self.run(
            "INSERT INTO client (org, id, responsible, department) VALUES (?1, ?2, ?3, ?4)",
            params![self.org, client.bytes(), author.id.bytes(), author.department.bytes()],
        )?;
        self.run(
            "INSERT INTO client_parent (org, client, department, added_seq) VALUES (?1, ?2, ?3, ?4)",
            params![self.org, client.bytes(), author.department.bytes(), int(seq)],
        )?;
        self.open_home(author.id, Home::Client(client), &Reason::Responsible, Level::Write, None, seq)
    }

    /// Writes changes into the log.
    pub(super) fn append<'k>(
        &self,
        record: RecordKey,
        changes: impl Iterator<Item = Kept<'k>>,
        open: bool,
        now: DateTime<Utc>,
        seq: u64,
    ) -> Result<()> {
        let row = self.record_row(record.id)?.ok_or(StorageError::Corrupt("record"))?;
        let (mut max_op, mut bytes, mut n_changes) = (row.max_op, row.bytes, row.n_changes);
        for change in changes {
            self.run(
                "INSERT INTO change (org, record, generation, hash, actor, actor_seq, seq, ordinal, max_op, received_at,
                                     bytes)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
                params![
                    self.org,
                    record.id.bytes(),
                    record.generation,
                    change.hash,
                    change.actor,
                    int(change.actor_seq),
                    int(seq),
                    int(n_changes),
                    int(change.max_op),
                    millis(now),
                    change.bytes
                ],
            )?;
            self.run(
                "INSERT INTO writer (org, record, actor, last_seq) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT DO UPDATE SET last_seq = excluded.last_seq",
                params![self.org, record.id.bytes(), change.actor, int(change.actor_seq)],
            )?;
            max_op = max_op.max(change.max_op);
            bytes += change.bytes.len() as u64;
            n_changes += 1;
        }
        self.run(
            "UPDATE record SET last_seq = ?3, max_op = ?4, bytes = ?5, n_changes = ?6, open = ?7
             WHERE org = ?1 AND id = ?2",
            params![self.org, record.id.bytes(), int(seq), int(max_op), int(bytes), int(n_changes), open],
        )?;
        self.run(
            "INSERT OR IGNORE INTO log (org, seq, record) VALUES (?1, ?2, ?3)",
            params![self.org, int(seq), record.id.bytes()],
        )?;
        Ok(())
    }

    pub(super) fn touch_seers(&self, record: RecordId, seq: u64) -> Result<()> {
        for home in self.homes_of_record(record)? {
            for user in self.seers(home)? {
                self.touch(user, seq)?;
            }
        }
        Ok(())
    }

    /// Whether the record is still to be done once these changes are in.
    pub(super) fn open_after(
        &self,
        record: RecordId,
        kind: &str,
        changes: &[&[u8]],
        registry: &Registry,
    ) -> Result<std::result::Result<bool, ()>> {
        let Some(kind) = registry.kind(kind) else { return Ok(Ok(false)) };
        let Ok(mut doc) = Doc::load(&self.changes_of(record)?.concat()) else { return Ok(Err(())) };
        Ok(apply(&mut doc, kind, changes))
    }

    pub(super) fn record_row(&self, id: RecordId) -> Result<Option<RecordRow>> {
        self.one(
            "SELECT kind, generation, created_by, received_at, max_op, bytes, n_changes, open
             FROM record WHERE org = ?1 AND id = ?2",
            params![self.org, id.bytes()],
            |row| {
                Ok(RecordRow {
                    kind: text(row, 0)?,
                    generation: small(row, 1)?,
                    created_by: UserId(uuid(row, 2)?),
                    received_at: time(row, 3)?,
                    max_op: uint(row, 4)?,
                    bytes: uint(row, 5)?,
                    n_changes: uint(row, 6)?,
                    open: row.get::<_, i64>(7)? != 0,
                })
            },
        )
    }

    pub(super) fn homes_of_record(&self, record: RecordId) -> Result<Vec<Home>> {
        self.all(
            "SELECT home FROM doc_home WHERE org = ?1 AND record = ?2 AND removed_seq IS NULL ORDER BY home",
            params![self.org, record.bytes()],
            |row| home(row, 0),
        )
    }

    pub(super) fn changes_of(&self, record: RecordId) -> Result<Vec<Vec<u8>>> {
        self.all(
            "SELECT bytes FROM change WHERE org = ?1 AND record = ?2 ORDER BY seq, ordinal",
            params![self.org, record.bytes()],
            |row| row.get(0),
        )
    }

    pub(super) fn peek(&self, session: Session, records: &[RecordId]) -> Result<Vec<Known>> {
        let mut known = Vec::new();
        for record in records {
            let Some(row) = self.record_row(*record)? else { continue };
            let mut seen = false;
            for home in self.homes_of_record(*record)? {
                seen = seen || self.spells(session.user, home)?.iter().any(crate::pull::sight::Spell::is_open);
            }
            known.push(Known { record: *record, kind: row.kind, seen });
        }
        Ok(known)
    }

    /// Counter of a change's last operation, where the change is known.
    fn max_op_of(&self, record: RecordId, hash: &Hash, through: Through) -> Result<Option<u64>> {
        let found = self.one(
            "SELECT max_op FROM change WHERE org = ?1 AND record = ?2 AND hash = ?3",
            params![self.org, record.bytes(), hash],
            |row| uint(row, 0),
        )?;
        match (found, through) {
            (None, Through::SetAside(author)) => self.chained_op(record, hash, author),
            (found, _) => Ok(found),
        }
    }

    fn actor_seq(&self, record: RecordId, actor: &[u8], through: Through) -> Result<u64> {
        let logged = self.one(
            "SELECT last_seq FROM writer WHERE org = ?1 AND record = ?2 AND actor = ?3",
            params![self.org, record.bytes(), actor],
            |row| uint(row, 0),
        )?;
        let chained = match through {
            Through::Log => 0,
            Through::SetAside(author) => self.chained_seq(record, actor, author)?,
        };
        Ok(logged.unwrap_or(0).max(chained))
    }

    fn remember(&self, batch: &Batch<'_>, group: GroupId, outcome: &Outcome) -> Result<()> {
        for (who, record, now) in self.noted.take() {
            self.audit(now, who, "late_edit_refused", record.bytes())?;
        }
        let code = match outcome {
            Outcome::Accepted => 0,
            Outcome::Applied(_) => 1,
            Outcome::SetAside(_) => 2,
            Outcome::Refused(_) => 3,
            // Asked again once what it waits for is there, or confirmed.
            Outcome::Duplicate
            | Outcome::MissingDependencies
            | Outcome::DependsOn(_)
            | Outcome::Confirm(_) => return Ok(()),
        };
        // A group's id is its author's: nobody else's delivery may take it over.
        self.run(
            "INSERT INTO push_group (org, id, account, device, received_at, outcome, detail)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT DO UPDATE SET outcome = excluded.outcome, detail = excluded.detail
             WHERE account = excluded.account AND outcome = 3",
            params![
                self.org,
                group.bytes(),
                batch.session.user.bytes(),
                batch.session.device.bytes(),
                millis(batch.now),
                code,
                cbor(outcome)?
            ],
        )?;
        Ok(())
    }

    fn group_outcome(&self, group: GroupId) -> Result<Option<(UserId, Outcome)>> {
        let found = self.one(
            "SELECT account, detail FROM push_group WHERE org = ?1 AND id = ?2",
            params![self.org, group.bytes()],
            |row| Ok((UserId(uuid(row, 0)?), row.get::<_, Vec<u8>>(1)?)),
        )?;
        found.map(|(user, detail)| Ok((user, from_cbor(&detail)?))).transpose()
    }

    /// The answer a group got before; a refused one is judged anew.
    fn answered(&self, session: Session, group: GroupId) -> Result<Option<Outcome>> {
        Ok(match self.group_outcome(group)? {
            Some((user, _)) if user != session.user => Some(Outcome::Refused(codes::NO_ACCESS.to_owned())),
            Some((_, Outcome::Accepted)) => Some(Outcome::Duplicate),
            Some((_, Outcome::Refused(_))) | None => None,
            Some((_, outcome)) => Some(outcome),
        })
    }

    /// What became of a group or a command that another names as its condition.
    fn condition(&self, session: Session, id: uuid::Uuid) -> Result<Option<Outcome>> {
        if let Some((user, outcome)) = self.group_outcome(GroupId(id))? {
            return Ok((user == session.user).then_some(outcome));
        }
        let applied = self.applied(CommandId(id))?;
        Ok(applied.filter(|(user, _)| *user == session.user).map(|(_, plan)| Outcome::Applied(plan)))
    }
}

/// Whether changes build on some that were set aside.
pub enum Chain {
    /// They do not.
    None,
    /// On a proposal that waits.
    Waits(ProposalId),
    /// On one that was declined; this group is the one it came in.
    Declined(GroupId),
}

/// A change as the log keeps it.
pub struct Kept<'a> {
    pub hash: Hash,
    pub actor: &'a [u8],
    pub actor_seq: u64,
    pub max_op: u64,
    pub bytes: &'a [u8],
}

impl<'a> Kept<'a> {
    pub fn of(change: &'a Change) -> Self {
        let info = &change.info;
        Self {
            hash: info.hash,
            actor: &info.actor,
            actor_seq: info.seq,
            max_op: info.max_op(),
            bytes: &change.bytes,
        }
    }
}

fn is_client(edit: &Edit, registry: &Registry) -> bool {
    edit.creation
        .as_ref()
        .and_then(|creation| registry.kind(&creation.kind))
        .is_some_and(|kind| kind.home == HomeRule::OwnClient)
}
