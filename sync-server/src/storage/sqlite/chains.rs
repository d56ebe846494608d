//! Whether changes build on others that were set aside.

use std::collections::BTreeSet;

use rusqlite::params;
use satchel_core::docs::Hash;
use satchel_core::domain::ids::*;

use super::Ledger;
use super::sql::*;
use crate::push::Edit;

/// How far a chain of changes may be followed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Through {
    /// Changes taken in.
    Log,
    /// Those and the ones set aside for this author.
    SetAside(UserId),
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

impl Ledger<'_> {
    /// Whether an edit builds on changes that were set aside for its author.
    pub(super) fn chain_of(&self, author: UserId, edit: &Edit) -> Result<Chain> {
        let own: BTreeSet<&Hash> = edit.changes.iter().map(|change| &change.info.hash).collect();
        let deps: BTreeSet<&Hash> =
            edit.changes.iter().flat_map(|change| &change.info.deps).filter(|dep| !own.contains(dep)).collect();
        for dep in deps {
            let logged = self.one(
                "SELECT 1 FROM change WHERE org = ?1 AND record = ?2 AND hash = ?3",
                params![self.org, edit.record.id.bytes(), dep],
                |_| Ok(()),
            )?;
            if logged.is_some() {
                continue;
            }
            let found = self.one(
                "SELECT p.id, p.accepted, (SELECT g.id FROM proposal_group g WHERE g.org = p.org AND g.proposal = p.id LIMIT 1)
                 FROM proposal p JOIN proposal_change c ON c.org = p.org AND c.proposal = p.id
                 WHERE p.org = ?1 AND p.record = ?2 AND p.author = ?3 AND c.hash = ?4 LIMIT 1",
                params![self.org, edit.record.id.bytes(), author.bytes(), dep],
                |row| Ok((ProposalId(uuid(row, 0)?), row.get::<_, Option<i64>>(1)?, GroupId(uuid(row, 2)?))),
            )?;
            match found {
                Some((id, None, _)) => return Ok(Chain::Waits(id)),
                Some((_, Some(_), group)) => return Ok(Chain::Declined(group)),
                None => {}
            }
        }
        Ok(Chain::None)
    }

    pub(super) fn chain_id(&self, proposal: ProposalId) -> Result<Option<ProposalId>> {
        self.one("SELECT chain FROM proposal WHERE org = ?1 AND id = ?2", params![self.org, proposal.bytes()], |row| {
            uuid(row, 0).map(ProposalId)
        })
    }

    /// Counter of a change's last operation, where the change is known.
    pub(super) fn max_op_of(&self, record: RecordId, hash: &Hash, through: Through) -> Result<Option<u64>> {
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

    pub(super) fn actor_seq(&self, record: RecordId, actor: &[u8], through: Through) -> Result<u64> {
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

    fn chained_op(&self, record: RecordId, hash: &Hash, author: UserId) -> Result<Option<u64>> {
        self.one(
            "SELECT c.max_op FROM proposal p JOIN proposal_change c ON c.org = p.org AND c.proposal = p.id
             WHERE p.org = ?1 AND p.record = ?2 AND p.author = ?3 AND p.accepted IS NULL AND c.hash = ?4",
            params![self.org, record.bytes(), author.bytes(), hash],
            |row| uint(row, 0),
        )
    }

    fn chained_seq(&self, record: RecordId, actor: &[u8], author: UserId) -> Result<u64> {
        let found = self.one(
            "SELECT coalesce(max(c.actor_seq), 0) FROM proposal p
             JOIN proposal_change c ON c.org = p.org AND c.proposal = p.id
             WHERE p.org = ?1 AND p.record = ?2 AND p.author = ?3 AND p.accepted IS NULL AND c.actor = ?4",
            params![self.org, record.bytes(), author.bytes(), actor],
            |row| uint(row, 0),
        )?;
        Ok(found.unwrap_or(0))
    }

    pub(super) fn chain_max_op(&self, record: RecordId, through: Through) -> Result<u64> {
        let Through::SetAside(author) = through else { return Ok(0) };
        let found = self.one(
            "SELECT coalesce(max(c.max_op), 0) FROM proposal p
             JOIN proposal_change c ON c.org = p.org AND c.proposal = p.id
             WHERE p.org = ?1 AND p.record = ?2 AND p.author = ?3 AND p.accepted IS NULL",
            params![self.org, record.bytes(), author.bytes()],
            |row| uint(row, 0),
        )?;
        Ok(found.unwrap_or(0))
    }

    /// True where changes of this actor to this record were set aside and not taken in.
    pub(super) fn actor_is_set_aside(&self, record: RecordId, actor: &[u8]) -> Result<bool> {
        let found = self.one(
            "SELECT 1 FROM proposal p JOIN proposal_change c ON c.org = p.org AND c.proposal = p.id
             WHERE p.org = ?1 AND p.record = ?2 AND coalesce(p.accepted, 0) = 0 AND c.actor = ?3 LIMIT 1",
            params![self.org, record.bytes(), actor],
            |_| Ok(()),
        )?;
        Ok(found.is_some())
    }
}
