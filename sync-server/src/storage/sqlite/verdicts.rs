//! What became of groups, so that each delivery of one gets the same answer.

use rusqlite::params;
use satchel_core::domain::ids::*;
use satchel_core::sync::wire::Outcome;

use super::Ledger;
use super::sql::*;
use crate::push::{Batch, codes};
use crate::storage::Session;

impl Ledger<'_> {
    pub(super) fn remember(&self, batch: &Batch<'_>, group: GroupId, outcome: &Outcome) -> Result<()> {
        for (who, record, now) in self.noted.take() {
            self.audit(now, who, "late_edit_refused", record.bytes())?;
        }
        let code = match outcome {
            Outcome::Accepted => 0,
            Outcome::Applied(_) => 1,
            Outcome::SetAside(_) => 2,
            Outcome::Refused(_) => 3,
            // Asked again once what it waits for is there, or confirmed.
            Outcome::Duplicate | Outcome::MissingDependencies | Outcome::DependsOn(_) | Outcome::Confirm(_) => {
                return Ok(());
            }
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
    pub(super) fn answered(&self, session: Session, group: GroupId) -> Result<Option<Outcome>> {
        Ok(match self.group_outcome(group)? {
            Some((user, _)) if user != session.user => Some(Outcome::Refused(codes::NO_ACCESS.to_owned())),
            Some((_, Outcome::Accepted)) => Some(Outcome::Duplicate),
            Some((_, Outcome::Refused(_))) | None => None,
            Some((_, outcome)) => Some(outcome),
        })
    }

    /// What became of a group or a command that another names as its condition.
    pub(super) fn condition(&self, session: Session, id: uuid::Uuid) -> Result<Option<Outcome>> {
        if let Some((user, outcome)) = self.group_outcome(GroupId(id))? {
            return Ok((user == session.user).then_some(outcome));
        }
        let applied = self.applied(CommandId(id))?;
        Ok(applied.filter(|(user, _)| *user == session.user).map(|(_, plan)| Outcome::Applied(plan)))
    }
}
