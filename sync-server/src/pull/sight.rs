//! When and why somebody saw a home: arithmetic on intervals, apart from tables.

use chrono::{DateTime, Utc};
use satchel_core::domain::authority::{Cause, EndedBy, Given, Grant, Home};
use satchel_core::domain::ids::UserId;
use satchel_core::domain::visibility::{Change, Interval, compare, stretches};
use satchel_core::sync::wire::{Granted, Revoked};

/// One reason for which a person had a home, and for how long.
#[derive(Clone, Debug)]
pub struct Spell {
    /// The reason and its level.
    pub grant: Grant,
    /// For how long.
    pub interval: Interval,
    /// What ended it.
    pub ended_by: EndedBy,
    /// Who ended it.
    pub by: Option<UserId>,
    /// Who had the client from then on, where he may be told.
    pub now_with: Option<UserId>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// Which order ended it.
    pub cause: Cause,
    /// How it came about; `None` where nobody ordered it.
    pub given: Option<Given>,
}

impl Spell {
    /// True while it is in force.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.interval.removed.is_none()
    }
}

/// What a page says of a home.
#[derive(Debug)]
pub enum Word {
    /// Nothing.
    Nothing,
    /// It came and went since. From where this cursor stands nothing was sent of it; but the cursor may be that of a
    /// request which was long on its way, and the device knows better what it holds.
    CameAndWent(Revoked),
    /// Seen now; `since` where its records have to be brought.
    Granted(Granted, Option<u64>),
    /// Seen no more.
    Revoked(Revoked),
}

/// What became of a home between a device's cursor and now.
#[must_use]
pub fn word(home: Home, spells: &[Spell], cursor: u64, now: u64) -> Word {
    let intervals: Vec<Interval> = spells.iter().map(|spell| spell.interval).collect();
    match compare(&intervals, cursor, now) {
        Change::Never => match last_end(&intervals) {
            Some(number) if number > cursor => Word::CameAndWent(revoked(home, spells, number)),
            _ => Word::Nothing,
        },
        Change::Kept => {
            let after = |at: u64| at > cursor;
            let changed = intervals.iter().any(|it| after(it.added) || it.removed.is_some_and(after));
            if changed { Word::Granted(granted(home, spells, false, cursor), None) } else { Word::Nothing }
        }
        Change::Granted { since } => Word::Granted(granted(home, spells, false, cursor), Some(since)),
        Change::Regranted { since } => Word::Granted(granted(home, spells, true, cursor), Some(since)),
        Change::Revoked => Word::Revoked(revoked(home, spells, last_end(&intervals).unwrap_or(now))),
    }
}

/// Since which transaction a home is seen without a gap till now; `None` where it is not seen.
#[must_use]
pub fn since(spells: &[Spell], now: u64) -> Option<u64> {
    let intervals: Vec<Interval> = spells.iter().map(|spell| spell.interval).collect();
    stretches(&intervals).iter().find(|stretch| stretch.covers(now)).map(|stretch| stretch.added)
}

fn last_end(intervals: &[Interval]) -> Option<u64> {
    stretches(intervals).iter().filter_map(|stretch| stretch.removed).max()
}

/// A home as it is seen now, for a device that stands at `cursor`.
#[must_use]
pub fn granted(home: Home, spells: &[Spell], anew: bool, cursor: u64) -> Granted {
    let mut grants: Vec<Grant> =
        spells.iter().filter(|spell| spell.is_open()).map(|spell| spell.grant.clone()).collect();
    grants.sort_by_key(|grant| grant.reason);
    // A device that begins has everything to learn, and nothing of it is news.
    let news = spells.iter().filter(|spell| cursor > 0 && spell.is_open() && spell.interval.added > cursor);
    let given = news.max_by_key(|spell| spell.interval.added).and_then(|spell| spell.given.clone());
    Granted { home, grants, anew, given }
}

fn revoked(home: Home, spells: &[Spell], number: u64) -> Revoked {
    let ended: Vec<&Spell> = spells.iter().filter(|spell| spell.interval.removed == Some(number)).collect();
    let by_itself = !ended.is_empty() && ended.iter().all(|spell| spell.ended_by == EndedBy::Itself);
    Revoked {
        home,
        number,
        ended_by: if by_itself { EndedBy::Itself } else { EndedBy::Somebody },
        now_with: ended.iter().find_map(|spell| spell.now_with),
        by: ended.iter().find_map(|spell| spell.by),
        at: ended.iter().find_map(|spell| spell.ended_at).unwrap_or_default(),
        cause: ended
            .iter()
            .map(|spell| &spell.cause)
            .find(|cause| !cause.order.is_empty())
            .cloned()
            .unwrap_or_default(),
    }
}
