//! Clients that were made twice: what lives under one lives under the other, and goes back if they are not the same
//! after all (docs/adr/0014).

use std::collections::BTreeSet;

use rusqlite::params;
use satchel_core::domain::authority::{Grant, Home};
use satchel_core::domain::ids::*;
use satchel_core::domain::merge::Merged;

use super::Ledger;
use super::events::Ordered;
use super::proposals::homes_from;
use super::sql::*;
use crate::storage::StorageError;

/// Merges of merges followed; more is a loop made by hand.
const DEEPEST: usize = 32;

impl Ledger<'_> {
    /// What became of a client that was merged into another.
    pub(super) fn merged(&self, client: RecordId) -> Result<Option<Merged>> {
        let found = self.one(
            "SELECT merged_into, merged_by, merged_at, merged_command FROM client
             WHERE org = ?1 AND id = ?2 AND merged_into IS NOT NULL",
            params![self.org, client.bytes()],
            |row| {
                Ok(Merged {
                    into: RecordId(uuid(row, 0)?),
                    by: UserId(uuid(row, 1)?),
                    at: time(row, 2)?,
                    command: CommandId(uuid(row, 3)?),
                })
            },
        )?;
        Ok(found)
    }

    /// Where what is meant for a client lives now: with the one it was merged into.
    pub(super) fn living(&self, client: RecordId) -> Result<RecordId> {
        Ok(self.way_of(client)?.1)
    }

    /// The merged clients on the way from one to where it lives now, itself included, and where that is.
    fn way_of(&self, client: RecordId) -> Result<(Vec<RecordId>, RecordId)> {
        let (mut passed, mut at) = (Vec::new(), client);
        while passed.len() < DEEPEST {
            let Some(merged) = self.merged(at)? else { return Ok((passed, at)) };
            passed.push(at);
            at = merged.into;
        }
        Err(StorageError::Corrupt("merged clients"))
    }

    /// The same for a home.
    pub(super) fn living_home(&self, home: Home) -> Result<Home> {
        match home {
            Home::Client(client) => self.living(client).map(Home::Client),
            other => Ok(other),
        }
    }

    /// Clients a record came from, being merged with where it lives.
    pub(super) fn came_from(&self, record: RecordId) -> Result<Vec<RecordId>> {
        self.all(
            "SELECT client FROM merged_record WHERE org = ?1 AND record = ?2 ORDER BY client",
            params![self.org, record.bytes()],
            |row| uuid(row, 0).map(RecordId),
        )
    }

    /// Records that came with a merged client.
    pub(super) fn came_with(&self, client: RecordId) -> Result<BTreeSet<RecordId>> {
        let found = self.all(
            "SELECT record FROM merged_record WHERE org = ?1 AND client = ?2",
            params![self.org, client.bytes()],
            |row| uuid(row, 0).map(RecordId),
        )?;
        Ok(found.into_iter().collect())
    }

    /// A record was made for a client that had been merged: it goes back with it, whichever of the merges is taken back.
    pub(super) fn note_made_for(&self, client: RecordId, record: RecordId) -> Result<()> {
        let (passed, _) = self.way_of(client)?;
        passed.into_iter().try_for_each(|client| self.note_came_with(client, record))
    }

    fn note_came_with(&self, client: RecordId, record: RecordId) -> Result<()> {
        self.run(
            "INSERT OR IGNORE INTO merged_record (org, client, record) VALUES (?1, ?2, ?3)",
            params![self.org, client.bytes(), record.bytes()],
        )?;
        Ok(())
    }

    /// Everybody who has a home for a reason of its own.
    pub(super) fn holders(&self, home: Home) -> Result<Vec<(UserId, Grant)>> {
        self.all(
            "SELECT account, reason, level, until FROM user_home
             WHERE org = ?1 AND home = ?2 AND removed_seq IS NULL ORDER BY account, reason",
            params![self.org, home.bytes()],
            |row| {
                let grant = Grant { reason: reason(row, 1)?, level: level(row, 2)?, until: opt_time(row, 3)? };
                Ok((UserId(uuid(row, 0)?), grant))
            },
        )
    }

    pub(super) fn merge_client(&self, client: RecordId, into: RecordId, ordered: &Ordered, seq: u64) -> Result<()> {
        self.run(
            "UPDATE client SET merged_into = ?3, merged_by = ?4, merged_at = ?5, merged_command = ?6
             WHERE org = ?1 AND id = ?2",
            params![
                self.org,
                client.bytes(),
                into.bytes(),
                ordered.by.user.bytes(),
                millis(ordered.at),
                ordered.command.bytes()
            ],
        )?;
        self.end_parent(client, ordered, seq)?;
        let records = self.all(
            "SELECT record FROM doc_home WHERE org = ?1 AND home = ?2 AND removed_seq IS NULL ORDER BY record",
            params![self.org, Home::Client(client).bytes()],
            |row| uuid(row, 0).map(RecordId),
        )?;
        for record in records {
            self.relink(record, client, into, seq)?;
            self.note_came_with(client, record)?;
        }
        self.redirect_proposals(client, into, None, seq)
    }

    pub(super) fn part_client(
        &self,
        client: RecordId,
        from: RecordId,
        (to, department): (UserId, DepartmentId),
        seq: u64,
    ) -> Result<()> {
        self.run(
            "UPDATE client SET responsible = ?3, department = ?4, merged_into = NULL, merged_by = NULL,
                merged_at = NULL, merged_command = NULL WHERE org = ?1 AND id = ?2",
            params![self.org, client.bytes(), to.bytes(), department.bytes()],
        )?;
        self.run(
            "INSERT OR REPLACE INTO client_parent (org, client, department, added_seq) VALUES (?1, ?2, ?3, ?4)",
            params![self.org, client.bytes(), department.bytes(), int(seq)],
        )?;
        for record in self.came_with(client)? {
            // What went elsewhere meanwhile stays there.
            if self.homes_of_record(record)?.contains(&Home::Client(from)) {
                self.relink(record, from, client, seq)?;
            }
            self.redirect_proposals(from, client, Some(record), seq)?;
        }
        self.give_creations_back(client, from, seq)?;
        self.run("DELETE FROM merged_record WHERE org = ?1 AND client = ?2", params![self.org, client.bytes()])?;
        Ok(())
    }

    /// Puts a record from one client under another.
    fn relink(&self, record: RecordId, from: RecordId, to: RecordId, seq: u64) -> Result<()> {
        let (left, entered) = (Home::Client(from).bytes(), Home::Client(to).bytes());
        self.recounted(record, || {
            // A stretch that began with this very transaction never was.
            self.run(
                "DELETE FROM doc_home WHERE org = ?1 AND home = ?2 AND record = ?3 AND added_seq = ?4",
                params![self.org, left, record.bytes(), int(seq)],
            )?;
            self.run(
                "UPDATE doc_home SET removed_seq = ?4
                 WHERE org = ?1 AND home = ?2 AND record = ?3 AND removed_seq IS NULL",
                params![self.org, left, record.bytes(), int(seq)],
            )?;
            self.run(
                "INSERT OR REPLACE INTO doc_home (org, home, record, added_seq) VALUES (?1, ?2, ?3, ?4)",
                params![self.org, entered, record.bytes(), int(seq)],
            )?;
            Ok(())
        })?;
        self.run(
            "UPDATE assignment SET client = ?3 WHERE org = ?1 AND interaction = ?2",
            params![self.org, record.bytes(), to.bytes()],
        )?;
        self.set_auth(record, seq)?;
        self.run(
            "INSERT OR IGNORE INTO log (org, seq, record) VALUES (?1, ?2, ?3)",
            params![self.org, int(seq), record.bytes()],
        )?;
        self.touch_seers(record, seq)
    }

    /// What was to be made in a client that is parted is for whoever has that one.
    fn give_creations_back(&self, client: RecordId, from: RecordId, seq: u64) -> Result<()> {
        let waiting = self.all(
            "SELECT record, homes FROM proposal
             WHERE org = ?1 AND client = ?2 AND accepted IS NULL AND homes IS NOT NULL",
            params![self.org, from.bytes()],
            |row| Ok((RecordId(uuid(row, 0)?), row.get::<_, Vec<u8>>(1)?)),
        )?;
        for (record, homes) in waiting {
            if homes_from(&homes).is_some_and(|homes| homes.contains(&Home::Client(client))) {
                self.redirect_proposals(from, client, Some(record), seq)?;
            }
        }
        Ok(())
    }

    /// Late edits that wait go along with what they are about; whoever was asked and whoever is asked now hears of it.
    fn redirect_proposals(&self, from: RecordId, to: RecordId, of: Option<RecordId>, seq: u64) -> Result<()> {
        let authors = self.all(
            "UPDATE proposal SET client = ?3, former = ?2, touched_seq = ?4
             WHERE org = ?1 AND client = ?2 AND accepted IS NULL AND (?5 IS NULL OR record = ?5)
             RETURNING author",
            params![self.org, from.bytes(), to.bytes(), int(seq), of.map(|record| *record.bytes())],
            |row| uuid(row, 0).map(UserId),
        )?;
        for author in authors.into_iter().collect::<BTreeSet<_>>() {
            for client in [from, to] {
                for user in self.deciders(client, author)? {
                    self.touch(user, seq)?;
                }
            }
        }
        Ok(())
    }
}
