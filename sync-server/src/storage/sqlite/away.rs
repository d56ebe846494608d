//! Under what circumstances a device made the edits it brings: without contact since when, with a clock how wrong.
//! Told to people beside the times the device itself wrote; nothing is decided by it.

use chrono::{DateTime, Duration, Utc};
use rusqlite::params;
use satchel_core::domain::ids::DeviceId;

use super::Ledger;
use super::sql::*;
use crate::storage::Stamp;

/// A device that was silent for longer counts as having been away.
const AWAY: Duration = Duration::minutes(10);
/// A clock that is wrong by more is marked.
const WRONG: Duration = Duration::seconds(120);

/// A device's last stretch without contact.
pub struct Away {
    stretch: Option<(DateTime<Utc>, DateTime<Utc>)>,
    skew: i64,
}

impl Away {
    /// The circumstances of something made at `at` by the device's own clock.
    pub fn stamp(&self, at: DateTime<Utc>) -> Stamp {
        let truly = at - Duration::seconds(self.skew);
        let away_since = self.stretch.filter(|(_, back)| truly <= *back).map(|(since, _)| since);
        Stamp { away_since, skew: self.skew }
    }
}

impl Ledger<'_> {
    /// Notes a contact of a device; to be called before the time of its last contact is replaced.
    pub(super) fn note_contact(
        &self,
        device: DeviceId,
        clock: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let last = self.one(
            "SELECT contact_at FROM device WHERE org = ?1 AND id = ?2",
            params![self.org, device.bytes()],
            |row| opt_time(row, 0),
        )?;
        if let Some(last) = last.flatten().filter(|last| now - *last > AWAY) {
            self.run(
                "UPDATE device SET away_since = ?3, back_at = ?4 WHERE org = ?1 AND id = ?2",
                params![self.org, device.bytes(), millis(last), millis(now)],
            )?;
        }
        // A device of an older version does not say what its clock shows.
        let ahead = clock.map_or(Duration::zero(), |clock| clock - now);
        let skew = if ahead.abs() > WRONG { ahead.num_seconds() } else { 0 };
        self.run(
            "UPDATE device SET skew = ?3 WHERE org = ?1 AND id = ?2 AND skew <> ?3",
            params![self.org, device.bytes(), skew],
        )?;
        Ok(())
    }

    /// The last stretch a device was away for.
    pub(super) fn away(&self, device: DeviceId) -> Result<Away> {
        let found = self.one(
            "SELECT away_since, back_at, skew FROM device WHERE org = ?1 AND id = ?2",
            params![self.org, device.bytes()],
            |row| Ok((opt_time(row, 0)?, opt_time(row, 1)?, row.get(2)?)),
        )?;
        let (since, back, skew) = found.unwrap_or_default();
        Ok(Away { stretch: since.zip(back), skew })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minute(n: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(n * 60, 0).unwrap()
    }

    #[test]
    fn only_what_was_made_before_the_device_came_back_was_made_away() {
        let away = Away { stretch: Some((minute(10), minute(100))), skew: 0 };
        assert_eq!(away.stamp(minute(60)).away_since, Some(minute(10)));
        assert_eq!(away.stamp(minute(101)).away_since, None);
    }

    #[test]
    fn a_clock_that_is_an_hour_ahead_does_not_hide_that_the_device_was_away() {
        let away = Away { stretch: Some((minute(10), minute(100))), skew: 3600 };
        assert_eq!(away.stamp(minute(150)), Stamp { away_since: Some(minute(10)), skew: 3600 });
    }
}
