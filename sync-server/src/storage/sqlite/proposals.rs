//! Late edits set aside for somebody's decision: kept as whole chains, changes and authorship untouched (rules 12, 20).

use std::collections::BTreeSet;

use rusqlite::params;
use satchel_core::docs::Hash;
use satchel_core::domain::authority::{Ended, Home};
use satchel_core::domain::decide;
use satchel_core::domain::ids::*;
use satchel_core::domain::kind::Registry;
use satchel_core::sync::wire::{Outcome, RecordKey};

use super::chains::Through;
use super::events::Ordered;
use super::records::{Kept, RecordRow};
use super::sql::*;
use super::{Ledger, memo};
use crate::push::{Batch, Creation, Edit, PROPOSAL_BYTES, Prepared, codes};
use crate::storage::{Stamp, StorageError};

/// A proposal's row.
#[derive(Clone)]
pub struct Proposed {
    pub id: ProposalId,
    pub record: RecordKey,
    pub kind: String,
    pub client: RecordId,
    pub author: UserId,
    pub device: DeviceId,
    pub at: chrono::DateTime<chrono::Utc>,
    pub received_at: chrono::DateTime<chrono::Utc>,
    pub homes: Option<Vec<u8>>,
    pub touched_seq: u64,
    pub accepted: Option<bool>,
    pub by: Option<UserId>,
    pub decided_at: Option<chrono::DateTime<chrono::Utc>>,
    pub ended: Ended,
    pub picked: Vec<String>,
    pub stamp: Stamp,
    pub chain: ProposalId,
    pub former: Option<RecordId>,
}

const COLUMNS: &str = "id, record, generation, kind, client, author, device, at, received_at, homes, touched_seq, \
                       accepted, by, decided_at, ended, picked, away_since, skew, chain, former";

fn read_proposed(row: &rusqlite::Row<'_>) -> rusqlite::Result<Proposed> {
    Ok(Proposed {
        id: ProposalId(uuid(row, 0)?),
        record: RecordKey { id: RecordId(uuid(row, 1)?), generation: small(row, 2)? },
        kind: text(row, 3)?,
        client: RecordId(uuid(row, 4)?),
        author: UserId(uuid(row, 5)?),
        device: DeviceId(uuid(row, 6)?),
        at: time(row, 7)?,
        received_at: time(row, 8)?,
        homes: row.get(9)?,
        touched_seq: uint(row, 10)?,
        accepted: row.get::<_, Option<i64>>(11)?.map(|code| code != 0),
        by: opt_uuid(row, 12)?.map(UserId),
        decided_at: opt_time(row, 13)?,
        ended: kept(row, 14)?.unwrap_or_default(),
        picked: kept(row, 15)?.unwrap_or_default(),
        stamp: Stamp { away_since: opt_time(row, 16)?, skew: row.get(17)? },
        chain: ProposalId(uuid(row, 18)?),
        former: opt_uuid(row, 19)?.map(RecordId),
    })
}

impl Ledger<'_> {
    /// Sets a group aside, whole, together with what it builds on.
    pub(super) fn set_aside(
        &self,
        batch: &Batch<'_>,
        group: &Prepared,
        edits: &[Edit],
        rows: &[Option<RecordRow>],
        chains: &[ProposalId],
    ) -> Result<Outcome> {
        let session = batch.session;
        let refused = |code: &str| Ok(Outcome::Refused(code.to_owned()));
        let seq = self.next_seq()?;
        let mut joined: BTreeSet<ProposalId> = BTreeSet::new();
        for proposal in chains {
            joined.extend(self.chain_id(*proposal)?);
        }
        let mut first = None;
        for (edit, row) in edits.iter().zip(rows) {
            let pending = self.pending(edit.record.id, session.user)?;
            let client = match &pending {
                Some(pending) => Some(pending.client),
                None => self.client_of(batch, edit, row.as_ref())?,
            };
            let Some(client) = client else { return refused(codes::NO_ACCESS) };
            let kind = pending
                .as_ref()
                .map(|pending| pending.kind.clone())
                .or(row.as_ref().map(|row| row.kind.clone()))
                .or(edit.creation.as_ref().map(|made| made.kind.clone()))
                .ok_or(StorageError::Corrupt("kind"))?;
            let changes = match self.check(batch, edit, row.as_ref(), Through::SetAside(session.user))? {
                Ok(changes) => changes,
                Err(outcome) => return Ok(outcome),
            };
            let id = match &pending {
                Some(pending) => pending.id,
                None => ProposalId(batch.ids.fresh()),
            };
            let mut chain: Vec<Vec<u8>> = self.proposal_changes(id)?.into_iter().map(|change| change.bytes).collect();
            let n_before = chain.len();
            chain.extend(changes.iter().map(|change| change.bytes.clone()));
            if chain.iter().map(Vec::len).sum::<usize>() > PROPOSAL_BYTES {
                return refused(codes::TOO_LARGE);
            }
            let slices: Vec<&[u8]> = chain.iter().map(Vec::as_slice).collect();
            if self.open_after(edit.record.id, &kind, &slices, batch.registry)?.is_err() {
                return refused(codes::MALFORMED);
            }
            match &pending {
                Some(pending) => joined.extend(self.chain_id(pending.id)?),
                None => {
                    let ended = self.ended_for(session.user, edit, client)?;
                    let stamp = self.away(session.device)?.stamp(group.at);
                    let homes = match (row, &edit.creation) {
                        (None, Some(creation)) => Some(homes_bytes(&creation.homes)),
                        _ => None,
                    };
                    self.run(
                        "INSERT INTO proposal (org, id, chain, record, generation, kind, client, author, device, at,
                                               received_at, homes, touched_seq, ended, away_since, skew)
                         VALUES (?1, ?2, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
                        params![
                            self.org,
                            id.bytes(),
                            edit.record.id.bytes(),
                            edit.record.generation,
                            kind.as_bytes(),
                            client.bytes(),
                            session.user.bytes(),
                            session.device.bytes(),
                            millis(group.at),
                            millis(batch.now),
                            homes,
                            int(seq),
                            cbor(&ended)?,
                            stamp.away_since.map(millis),
                            stamp.skew
                        ],
                    )?;
                    joined.insert(id);
                }
            }
            for (ordinal, change) in (n_before..).zip(&changes) {
                self.run(
                    "INSERT INTO proposal_change (org, proposal, ordinal, hash, actor, actor_seq, max_op, bytes)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                    params![
                        self.org,
                        id.bytes(),
                        int(ordinal as u64),
                        change.info.hash,
                        change.info.actor,
                        int(change.info.seq),
                        int(change.info.max_op()),
                        change.bytes
                    ],
                )?;
            }
            self.run(
                "UPDATE proposal SET touched_seq = ?3 WHERE org = ?1 AND id = ?2",
                params![self.org, id.bytes(), int(seq)],
            )?;
            self.run(
                "INSERT OR IGNORE INTO proposal_group (org, proposal, id) VALUES (?1, ?2, ?3)",
                params![self.org, id.bytes(), group.id.bytes()],
            )?;
            for user in self.deciders(client, session.user)? {
                self.touch(user, seq)?;
            }
            first.get_or_insert(id);
        }
        if let Some(chain) = joined.first().copied() {
            for other in &joined {
                // Deciders are told anew what is decided together.
                self.run(
                    "UPDATE proposal SET chain = ?3, touched_seq = ?4
                     WHERE org = ?1 AND chain = ?2 AND (chain <> ?3 OR accepted IS NULL)",
                    params![self.org, other.bytes(), chain.bytes(), int(seq)],
                )?;
            }
        }
        let Some(first) = first else { return refused(codes::MALFORMED) };
        self.audit(batch.now, (Some(session.user), Some(session.device)), "edit_set_aside", first.bytes())?;
        Ok(Outcome::SetAside(first))
    }

    /// Who decides on late edits of a client. What a lost device made for a client that is nowhere else, or outside
    /// of clients, is for its author and those who supervise him (rule 13).
    pub(super) fn deciders(&self, client: RecordId, author: UserId) -> Result<BTreeSet<UserId>> {
        let (department, first) = match self.client_row(client)? {
            Some(held) => (held.department, held.responsible),
            None => {
                let Some(author) = self.user_row(author)? else { return Ok(BTreeSet::new()) };
                (author.department, author.id)
            }
        };
        let mut deciders: BTreeSet<UserId> = self.supervisors(department)?.into_iter().collect();
        deciders.insert(first);
        Ok(deciders)
    }

    pub(super) fn may_decide(&self, user: UserId, proposed: &Proposed) -> Result<bool> {
        Ok(self.deciders(proposed.client, proposed.author)?.contains(&user))
    }

    /// The client for whose sake somebody was asked who is asked no more.
    pub(super) fn was_asked_for(&self, user: UserId, proposed: &Proposed) -> Result<Option<RecordId>> {
        let Some(former) = proposed.former.filter(|_| proposed.accepted.is_none()) else { return Ok(None) };
        // With a client that is merged its late edits leave the devices as everything else of it does.
        let asked = self.client_row(former)?.is_some() && self.deciders(former, proposed.author)?.contains(&user);
        Ok(asked.then_some(former))
    }

    fn client_of(&self, batch: &Batch<'_>, edit: &Edit, row: Option<&RecordRow>) -> Result<Option<RecordId>> {
        let homes = match (row, &edit.creation) {
            (Some(_), _) => self.homes_of_record(edit.record.id)?,
            (None, Some(creation)) => creation.homes.clone(),
            (None, None) => Vec::new(),
        };
        if batch.rescue {
            let client = homes.iter().find_map(|home| match home {
                Home::Client(client) => Some(*client),
                _ => None,
            });
            return Ok(Some(client.unwrap_or(edit.record.id)));
        }
        for home in homes {
            if let Home::Client(client) = self.living_home(home)?
                && self.client_row(client)?.is_some()
            {
                return Ok(Some(client));
            }
        }
        Ok(None)
    }

    /// How the author's access ended: to the client itself, or to one that was merged into it.
    fn ended_for(&self, author: UserId, edit: &Edit, client: RecordId) -> Result<Ended> {
        let mut meant = self.came_from(edit.record.id)?;
        let made_for = edit.creation.iter().flat_map(|creation| &creation.homes).filter_map(|home| match home {
            Home::Client(other) if *other != client => Some(*other),
            _ => None,
        });
        meant.extend(made_for);
        for other in meant {
            let ended = self.ended(author, Home::Client(other))?;
            if ended.at.is_some() {
                return Ok(ended);
            }
        }
        self.ended(author, Home::Client(client))
    }

    /// Takes a chain in, or leaves it out, as far as it concerns the same client.
    pub(super) fn decide_chain(
        &self,
        (proposal, picked): (ProposalId, &[String]),
        accepted: bool,
        ordered: &Ordered,
        registry: &Registry,
        seq: u64,
    ) -> Result<()> {
        let decided = self.proposed(proposal)?.ok_or(StorageError::Corrupt("proposal"))?;
        let chain = self.chain_id(proposal)?.ok_or(StorageError::Corrupt("proposal"))?;
        let mut statement = self.sql(&format!(
            "SELECT {COLUMNS} FROM proposal WHERE org = ?1 AND chain = ?2 AND client = ?3 AND accepted IS NULL ORDER BY id"
        ))?;
        let all = statement
            .query_map(params![self.org, chain.bytes(), decided.client.bytes()], read_proposed)?
            .collect::<rusqlite::Result<Vec<_>>>()?;
        // The record of a client that was merged is written no more: what is taken over of a late edit of it is an edit of
        // the one that stayed, decided by itself; neither drags the other along.
        let mut together = Vec::with_capacity(all.len());
        let by_itself = self.merged(decided.record.id)?.is_some();
        for one in all {
            let merged = self.merged(one.record.id)?.is_some();
            if if by_itself { one.id == proposal } else { !merged } {
                together.push(one);
            }
        }
        for one in &together {
            if accepted {
                self.take_in(one, ordered, registry, seq)?;
            }
            self.run(
                "UPDATE proposal SET accepted = ?3, by = ?4, decided_at = ?5, touched_seq = ?6, picked = ?7
                 WHERE org = ?1 AND id = ?2",
                params![
                    self.org,
                    one.id.bytes(),
                    accepted,
                    ordered.by.user.bytes(),
                    millis(ordered.at),
                    int(seq),
                    cbor(&if one.id == proposal { picked } else { &[] })?
                ],
            )?;
            self.touch(one.author, seq)?;
        }
        for user in self.deciders(decided.client, decided.author)? {
            self.touch(user, seq)?;
        }
        let action = if accepted { "edit_accepted" } else { "edit_declined" };
        self.audit(ordered.at, (Some(ordered.by.user), Some(ordered.by.device)), action, proposal.bytes())
    }

    fn take_in(&self, one: &Proposed, ordered: &Ordered, registry: &Registry, seq: u64) -> Result<()> {
        let record = one.record;
        let mut fresh = Vec::new();
        for change in self.proposal_changes(one.id)? {
            let known = self.one(
                "SELECT 1 FROM change WHERE org = ?1 AND record = ?2 AND hash = ?3",
                params![self.org, record.id.bytes(), change.hash],
                |_| Ok(()),
            )?;
            if known.is_none() {
                fresh.push(change);
            }
        }
        let bytes: Vec<&[u8]> = fresh.iter().map(|change| change.bytes.as_slice()).collect();
        let open = self.open_after(record.id, &one.kind, &bytes, registry)?;
        let open = open.map_err(|()| StorageError::Corrupt("set-aside change"))?;
        if self.record_row(record.id)?.is_none() {
            let homes = one.homes.as_deref().and_then(homes_from).ok_or(StorageError::Corrupt("homes"))?;
            let creation = Creation { kind: one.kind.clone(), homes };
            // A client made by somebody who has left since is his who took it in.
            let stays = self.user_row(one.author)?.is_some_and(|author| author.active);
            let holder = if stays { one.author } else { ordered.by.user };
            self.create(record, &creation, (one.author, holder), ordered.at, registry, seq)?;
            if self.client_row(record.id)?.is_some() {
                for user in self.seers(Home::Client(record.id))? {
                    self.touch_authority(user, seq)?;
                }
            }
            // What is still to be done is done by whoever has the client now; its author sees it no more.
            if open && let Some(held) = self.client_row(one.client)? {
                self.run(
                    "UPDATE assignment SET assigned = ?3 WHERE org = ?1 AND interaction = ?2",
                    params![self.org, record.id.bytes(), held.responsible.bytes()],
                )?;
            }
        }
        let kept = fresh.iter().map(|change| Kept {
            hash: change.hash,
            actor: &change.actor,
            actor_seq: change.actor_seq,
            max_op: change.max_op,
            bytes: &change.bytes,
            stamp: one.stamp,
        });
        self.append(record, kept, open, one.received_at, seq)?;
        self.touch_seers(record.id, seq)
    }

    pub(super) fn proposed(&self, id: ProposalId) -> Result<Option<Proposed>> {
        self.one(
            &format!("SELECT {COLUMNS} FROM proposal WHERE org = ?1 AND id = ?2"),
            params![self.org, id.bytes()],
            read_proposed,
        )
    }

    /// Proposals touched by transactions after `after` and not after `upto`, oldest first.
    pub(super) fn proposals_between(&self, after: u64, upto: u64) -> Result<Vec<Proposed>> {
        memo::or_read(
            self,
            |memo| &memo.proposals,
            (after, upto),
            || {
                self.all(
                    &format!(
                        "SELECT {COLUMNS} FROM proposal WHERE org = ?1 AND touched_seq > ?2 AND touched_seq <= ?3
                     ORDER BY touched_seq, id"
                    ),
                    params![self.org, int(after), int(upto)],
                    read_proposed,
                )
            },
        )
    }

    /// The author's proposal for a record that waits.
    fn pending(&self, record: RecordId, author: UserId) -> Result<Option<Proposed>> {
        self.one(
            &format!(
                "SELECT {COLUMNS} FROM proposal
                 WHERE org = ?1 AND record = ?2 AND author = ?3 AND accepted IS NULL LIMIT 1"
            ),
            params![self.org, record.bytes(), author.bytes()],
            read_proposed,
        )
    }

    /// The client of a record whose creation by this author waits.
    pub(super) fn pending_creation(&self, author: UserId, record: RecordId) -> Result<Option<RecordId>> {
        Ok(self.pending(record, author)?.filter(|pending| pending.homes.is_some()).map(|pending| pending.client))
    }

    pub(super) fn proposal_state(&self, id: ProposalId) -> Result<Option<decide::Proposed>> {
        Ok(self.proposed(id)?.map(|proposed| decide::Proposed {
            record: proposed.record.id,
            client: proposed.client,
            author: proposed.author,
            decided: proposed.accepted.is_some(),
        }))
    }

    pub(super) fn proposal_outcome(&self, id: ProposalId) -> Result<Option<bool>> {
        Ok(self.proposed(id)?.and_then(|proposed| proposed.accepted))
    }

    pub(super) fn groups_of_proposal(&self, id: ProposalId) -> Result<Vec<GroupId>> {
        self.all(
            "SELECT id FROM proposal_group WHERE org = ?1 AND proposal = ?2 ORDER BY id",
            params![self.org, id.bytes()],
            |row| uuid(row, 0).map(GroupId),
        )
    }

    pub(super) fn proposal_changes(&self, id: ProposalId) -> Result<Vec<SetAside>> {
        self.all(
            "SELECT hash, actor, actor_seq, max_op, bytes FROM proposal_change
             WHERE org = ?1 AND proposal = ?2 ORDER BY ordinal",
            params![self.org, id.bytes()],
            |row| {
                Ok(SetAside {
                    hash: row.get(0)?,
                    actor: row.get(1)?,
                    actor_seq: uint(row, 2)?,
                    max_op: uint(row, 3)?,
                    bytes: row.get(4)?,
                })
            },
        )
    }
}

/// A change that was set aside.
pub struct SetAside {
    pub hash: Hash,
    pub actor: Vec<u8>,
    pub actor_seq: u64,
    pub max_op: u64,
    pub bytes: Vec<u8>,
}

fn homes_bytes(homes: &[Home]) -> Vec<u8> {
    homes.iter().flat_map(Home::bytes).collect()
}

pub(super) fn homes_from(bytes: &[u8]) -> Option<Vec<Home>> {
    bytes.chunks(17).map(Home::from_bytes).collect()
}
