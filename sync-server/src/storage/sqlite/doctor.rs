//! Looks at everything stored and says what does not fit together; puts right what can be made from something else.

use chrono::{DateTime, Duration, Utc};
use rusqlite::params;
use satchel_core::domain::ids::*;

use super::Ledger;
use super::sql::*;
use crate::storage::Finding;

/// How far what is stored may be ahead of the clock.
const TOLERATED: Duration = Duration::minutes(1);
/// Devices heard of for so long are asked what their clocks show.
const ASKED: Duration = Duration::days(7);
/// So many devices, and more than half, have to agree that the server's clock is wrong.
const AGREEING: usize = 3;
/// Findings of one kind listed at most.
const LISTED: usize = 100;

impl Ledger<'_> {
    /// What is wrong; empty where nothing is. With `fix` the sums and heads are made again from the changes.
    pub(super) fn examine(&self, fix: bool) -> Result<Vec<Finding>> {
        let mut found = Vec::new();
        let check = self.all("PRAGMA integrity_check(100)", [], |row| row.get::<_, String>(0))?;
        found.extend(check.into_iter().filter(|line| line != "ok").map(|line| Finding::new("file", line)));
        if let Some(tampering) = self.verify_audit(None)?.tampering {
            found.push(Finding::new("audit", format!("{tampering:?}")));
        }
        self.orphans(&mut found)?;
        self.heads_and_sums(fix, &mut found)?;
        Ok(found)
    }

    /// A clock that was set back would give what comes an earlier time than what is there; one that most devices agree
    /// to be wrong is.
    pub(super) fn examine_clock(&self, now: DateTime<Utc>) -> Result<Vec<Finding>> {
        let mut found = Vec::new();
        for (what, sql) in [
            ("audit", "SELECT max(at) FROM audit WHERE org = ?1"),
            ("contact", "SELECT max(contact_at) FROM device WHERE org = ?1"),
            ("record", "SELECT max(received_at) FROM record WHERE org = ?1"),
        ] {
            let latest = self.one(sql, [self.org], |row| opt_time(row, 0))?.flatten();
            if let Some(latest) = latest.filter(|latest| *latest > now + TOLERATED) {
                found.push(Finding::new("clock_behind", format!("{what} {}", latest.to_rfc3339())));
            }
        }
        let skews = self.all(
            "SELECT skew FROM device WHERE org = ?1 AND contact_at > ?2",
            params![self.org, millis(now - ASKED)],
            |row| row.get::<_, i64>(0),
        )?;
        for (code, n) in [
            ("clock_slow", skews.iter().filter(|skew| **skew > 0).count()),
            ("clock_fast", skews.iter().filter(|skew| **skew < 0).count()),
        ] {
            if n >= AGREEING && n * 2 > skews.len() {
                found.push(Finding::new(code, format!("{n} of {} devices", skews.len())));
            }
        }
        Ok(found)
    }

    fn orphans(&self, found: &mut Vec<Finding>) -> Result<()> {
        for (code, sql) in [
            (
                "change_without_record",
                "SELECT DISTINCT record FROM change c WHERE org = ?1
                 AND NOT EXISTS (SELECT 1 FROM record r WHERE r.org = c.org AND r.id = c.record) LIMIT ?2",
            ),
            (
                "snapshot_without_record",
                "SELECT DISTINCT record FROM snapshot s WHERE org = ?1
                 AND NOT EXISTS (SELECT 1 FROM record r WHERE r.org = s.org AND r.id = s.record
                                 AND r.generation = s.generation AND r.n_changes >= s.n_changes) LIMIT ?2",
            ),
            (
                "record_without_home",
                "SELECT id FROM record r WHERE org = ?1
                 AND NOT EXISTS (SELECT 1 FROM doc_home h WHERE h.org = r.org AND h.record = r.id) LIMIT ?2",
            ),
            (
                "home_without_record",
                "SELECT DISTINCT record FROM doc_home h WHERE org = ?1
                 AND NOT EXISTS (SELECT 1 FROM record r WHERE r.org = h.org AND r.id = h.record) LIMIT ?2",
            ),
            (
                "client_without_record",
                "SELECT id FROM client c WHERE org = ?1
                 AND NOT EXISTS (SELECT 1 FROM record r WHERE r.org = c.org AND r.id = c.id) LIMIT ?2",
            ),
            (
                "log_without_record",
                "SELECT DISTINCT record FROM log l WHERE org = ?1
                 AND NOT EXISTS (SELECT 1 FROM record r WHERE r.org = l.org AND r.id = l.record) LIMIT ?2",
            ),
        ] {
            let ids = self.all(sql, params![self.org, int(LISTED as u64)], |row| uuid(row, 0))?;
            found.extend(ids.into_iter().map(|id| Finding::new(code, id.to_string())));
        }
        Ok(())
    }

    fn heads_and_sums(&self, fix: bool, found: &mut Vec<Finding>) -> Result<()> {
        let records = self.all("SELECT id FROM record WHERE org = ?1", [self.org], |row| uuid(row, 0).map(RecordId))?;
        for record in records {
            let real = self.heads_from_changes(record)?;
            if real.is_empty() {
                found.push(Finding::new("record_unreadable", record.to_string()));
                continue;
            }
            let kept = self.heads(record)?.map(|(_, heads)| heads.into_iter().collect()).unwrap_or_default();
            if real != kept {
                if fix {
                    self.set_heads(record, &real)?;
                }
                found.push(Finding { fixed: fix, ..Finding::new("heads", record.to_string()) });
            }
        }
        for home in self.homes_with_records()? {
            let real = self.summed(home)?;
            if real != self.home_sum(home)? {
                if fix {
                    self.set_home_sum(home, real)?;
                }
                found.push(Finding { fixed: fix, ..Finding::new("digest", format!("{home:?}")) });
            }
        }
        Ok(())
    }
}
