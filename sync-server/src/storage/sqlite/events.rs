//! Applying what an order decided, in one transaction (VIS-5).

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use rusqlite::params;
use satchel_core::domain::authority::{Cause, EndedBy, Given, HandOver, Home};
use satchel_core::domain::ids::*;
use satchel_core::domain::order::{Event, Plan};

use super::Ledger;
use super::homes::Ending;
use super::sql::*;
use crate::storage::{NewWipe, Session};

/// Whose order it is.
pub struct Ordered {
    pub by: Session,
    pub command: CommandId,
    pub at: DateTime<Utc>,
    /// Which order, for the words of those whose access it changes.
    pub cause: Cause,
}

impl Ledger<'_> {
    /// Applies a plan's events under one number.
    pub(super) fn apply(
        &self,
        plan: &Plan,
        ordered: &Ordered,
        registry: &satchel_core::domain::kind::Registry,
    ) -> Result<u64> {
        let seq = self.next_seq()?;
        let homes = homes_of(plan);
        let before = self.seers_of(&homes)?;
        let moved = |event: &Event| match event {
            Event::ClientMoved { client, from, to, .. } | Event::ClientMerged { client, from, to, .. } => {
                Some((*client, (*from, *to)))
            }
            _ => None,
        };
        let moved: BTreeMap<RecordId, (UserId, UserId)> = plan.events.iter().filter_map(moved).collect();
        for event in &plan.events {
            self.apply_one(event, ordered, &moved, registry, seq)?;
        }
        self.note_losses(&before, seq)?;
        Ok(seq)
    }

    fn apply_one(
        &self,
        event: &Event,
        ordered: &Ordered,
        moved: &BTreeMap<RecordId, (UserId, UserId)>,
        registry: &satchel_core::domain::kind::Registry,
        seq: u64,
    ) -> Result<()> {
        match event {
            Event::ClientMoved { client, to, department, .. } => {
                self.move_client(*client, *to, *department, ordered, seq)
            }
            Event::ClientMerged { client, into, .. } => self.merge_client(*client, *into, ordered, seq),
            Event::ClientParted { client, from, to, department } => {
                self.part_client(*client, *from, (*to, *department), seq)
            }
            Event::InteractionAssigned { interaction, from, to, comment, .. } => {
                self.assign(*interaction, *from, *to, comment, ordered, seq)
            }
            Event::GrantGiven { home, user, reason, level, until } => {
                self.open_home(*user, *home, reason, *level, *until, seq)?;
                let from = match home {
                    Home::Client(client) => moved.get(client).map(|(from, _)| *from),
                    _ => None,
                };
                let given = Given { by: Some(ordered.by.user), from, cause: ordered.cause.clone() };
                self.note_given(*user, *home, reason, &given, seq)?;
                self.touch_authority(*user, seq)
            }
            Event::GrantEnded { home, user, reason, by_itself } => {
                let now_with = match home {
                    Home::Client(client) => moved.get(client).map(|(_, to)| *to),
                    _ => None,
                };
                let cause = ordered.cause.clone();
                let (ended_by, by) = match by_itself {
                    true => (EndedBy::Itself, None),
                    false => (EndedBy::Somebody, Some(ordered.by.user)),
                };
                let ending = Ending { ended_by, by, now_with, at: ordered.at, cause };
                self.close_home(*user, *home, reason, &ending, seq)?;
                self.touch_authority(*user, seq)
            }
            Event::DeviceRevoked { device, user } => {
                self.end_device(*device, ordered.at)?;
                self.audit(ordered.at, (Some(ordered.by.user), Some(*device)), "device_revoked", device.bytes())?;
                self.touch_authority(*user, seq)
            }
            Event::PersonRevoked { user } => {
                self.end_person(*user, (Some(ordered.by.user), Some(ordered.by.device)), ordered.at, seq)
            }
            Event::WipeOrdered { device, user, order, rescue, due } => {
                let wipe = NewWipe { order: *order, rescue: *rescue, at: ordered.at, due: *due };
                self.order_wipe(*device, &wipe, Some(ordered.by.user))?;
                self.touch(*user, seq)
            }
            Event::ErasureOrdered { record, order, due } => {
                let by = (Some(ordered.by.user), Some(ordered.by.device));
                self.order_erasure(*record, (*order, by), ordered.at, *due)
            }
            Event::ErasureWithdrawn { record, .. } => {
                let by = (Some(ordered.by.user), Some(ordered.by.device));
                self.withdraw_erasure(*record, by, ordered.at).map(|_| ())
            }
            Event::WipeWithdrawn { device, user, .. } => {
                self.withdraw_wipe(*device, Some(ordered.by.user), ordered.at)?;
                self.touch(*user, seq)
            }
            Event::ProposalDecided { proposal, accepted, picked } => {
                self.decide_chain((*proposal, picked), *accepted, ordered, registry, seq)
            }
            Event::AbsenceSet { before, after } => self.set_absence(before.as_deref(), after, seq),
        }
    }

    fn move_client(
        &self,
        client: RecordId,
        to: UserId,
        department: DepartmentId,
        ordered: &Ordered,
        seq: u64,
    ) -> Result<()> {
        self.run(
            "UPDATE client SET responsible = ?3, department = ?4 WHERE org = ?1 AND id = ?2",
            params![self.org, client.bytes(), to.bytes(), department.bytes()],
        )?;
        let parent = self.one(
            "SELECT department FROM client_parent WHERE org = ?1 AND client = ?2 AND removed_seq IS NULL",
            params![self.org, client.bytes()],
            |row| uuid(row, 0).map(DepartmentId),
        )?;
        if parent != Some(department) {
            self.end_parent(client, ordered, seq)?;
            self.run(
                "INSERT OR REPLACE INTO client_parent (org, client, department, added_seq) VALUES (?1, ?2, ?3, ?4)",
                params![self.org, client.bytes(), department.bytes(), int(seq)],
            )?;
        }
        self.set_auth(client, seq)?;
        // Whoever decides on late edits of this client from now on gets them all.
        self.run(
            "UPDATE proposal SET touched_seq = ?3 WHERE org = ?1 AND client = ?2 AND accepted IS NULL",
            params![self.org, client.bytes(), int(seq)],
        )?;
        Ok(())
    }

    /// A client's home does not belong to a department any more.
    pub(super) fn end_parent(&self, client: RecordId, ordered: &Ordered, seq: u64) -> Result<()> {
        self.run(
            "DELETE FROM client_parent WHERE org = ?1 AND client = ?2 AND removed_seq IS NULL AND added_seq = ?3",
            params![self.org, client.bytes(), int(seq)],
        )?;
        self.run(
            "UPDATE client_parent SET removed_seq = ?3, by = ?4, ended_at = ?5, cause = ?6
             WHERE org = ?1 AND client = ?2 AND removed_seq IS NULL",
            params![
                self.org,
                client.bytes(),
                int(seq),
                ordered.by.user.bytes(),
                millis(ordered.at),
                cbor(&ordered.cause)?
            ],
        )?;
        Ok(())
    }

    fn assign(
        &self,
        interaction: RecordId,
        from: UserId,
        to: UserId,
        comment: &str,
        ordered: &Ordered,
        seq: u64,
    ) -> Result<()> {
        self.run(
            "UPDATE assignment SET assigned = ?3 WHERE org = ?1 AND interaction = ?2",
            params![self.org, interaction.bytes(), to.bytes()],
        )?;
        self.run(
            "INSERT INTO hand_over (org, interaction, ordinal, giver, taker, by, at, comment, command)
             VALUES (?1, ?2, (SELECT count(*) FROM hand_over WHERE org = ?1 AND interaction = ?2), ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                self.org,
                interaction.bytes(),
                from.bytes(),
                to.bytes(),
                ordered.by.user.bytes(),
                millis(ordered.at),
                comment.as_bytes(),
                ordered.command.bytes()
            ],
        )?;
        self.set_auth(interaction, seq)
    }

    /// The office's word on a record changed.
    pub(super) fn set_auth(&self, record: RecordId, seq: u64) -> Result<()> {
        self.run(
            "UPDATE record SET auth_seq = ?3 WHERE org = ?1 AND id = ?2",
            params![self.org, record.bytes(), int(seq)],
        )?;
        Ok(())
    }

    pub(super) fn hand_overs(&self, interaction: RecordId) -> Result<Vec<HandOver>> {
        self.all(
            "SELECT giver, taker, by, at, comment, command FROM hand_over
             WHERE org = ?1 AND interaction = ?2 ORDER BY ordinal",
            params![self.org, interaction.bytes()],
            |row| {
                Ok(HandOver {
                    from: UserId(uuid(row, 0)?),
                    to: UserId(uuid(row, 1)?),
                    by: UserId(uuid(row, 2)?),
                    at: time(row, 3)?,
                    comment: text(row, 4)?,
                    command: CommandId(uuid(row, 5)?),
                })
            },
        )
    }
}

/// The homes whose seers a plan may change, or in which it changes something.
pub fn homes_of(plan: &Plan) -> BTreeSet<Home> {
    plan.events
        .iter()
        .flat_map(|event| match event {
            Event::ClientMoved { client, .. } | Event::InteractionAssigned { client, .. } => {
                vec![Home::Client(*client)]
            }
            Event::ClientMerged { client, into: other, .. } | Event::ClientParted { client, from: other, .. } => {
                vec![Home::Client(*client), Home::Client(*other)]
            }
            Event::GrantGiven { home, .. } | Event::GrantEnded { home, .. } => vec![*home],
            Event::DeviceRevoked { .. }
            | Event::PersonRevoked { .. }
            | Event::WipeOrdered { .. }
            | Event::WipeWithdrawn { .. }
            | Event::AbsenceSet { .. }
            | Event::ErasureOrdered { .. }
            | Event::ErasureWithdrawn { .. }
            | Event::ProposalDecided { .. } => Vec::new(),
        })
        .collect()
}
