//! What a list is asked for: conditions, order, groups. The same words travel between screens, saved views and the
//! database; what they mean in days is worked out for the viewer's zone when they are asked, and never stored.

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Groups within groups a condition may be nested in.
pub const CONDITION_DEPTH: usize = 8;
/// Most single tests of one request.
pub const TESTS: usize = 200;
/// Groups within groups.
pub const GROUP_DEPTH: usize = 2;

/// Whose records a list shows (C-082). "All" is all that the server lets this person see.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// The person is responsible (clients), it is assigned to him (interactions), or its client is his.
    Mine,
    /// Everything on this device.
    #[default]
    All,
    /// The people of the departments he supervises, himself left out.
    Staff,
}

/// What must hold: one test, or several joined.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(untagged)]
pub enum Condition {
    /// Each must hold; an empty list holds.
    All {
        /// The conditions.
        all: Vec<Condition>,
    },
    /// At least one must hold; an empty list holds as well, so that a group nobody filled hides nothing.
    Any {
        /// The conditions.
        any: Vec<Condition>,
    },
    /// One test of one field.
    Test(Test),
}

/// One test of one field.
///
/// Besides the fields of the kind: `id`, `created_at`, `client` and `client.<field>` of what lives under a client,
/// `<field>.department` of a field that names a colleague, `class` of interactions (`overdue`, `current`, `planned`,
/// `closed`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Test {
    /// Field key.
    pub field: String,
    /// What must hold.
    pub op: Op,
    /// Compared with; days and instants as text, and a day stands for the whole of it. Colleagues also as `me`,
    /// `my_department`, `my_staff`, departments as `mine`. For `during` see there.
    #[serde(default)]
    pub value: String,
    /// For `one_of` and `none_of` all of them, for `between` the first and the last.
    #[serde(default)]
    #[ts(optional, as = "Option<Vec<String>>")]
    pub values: Vec<String>,
}

/// How a test compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Op {
    /// Equal; of a collection one entry is.
    Is,
    /// Different, or nothing there.
    IsNot,
    /// Equal to one of several.
    OneOf,
    /// Equal to none of several, or nothing there.
    NoneOf,
    /// Contains, case and ё/е folded.
    Contains,
    /// Begins with, folded.
    Begins,
    /// Nothing there.
    Empty,
    /// Something there.
    Filled,
    /// Less or earlier.
    Before,
    /// Greater or later, or equal.
    From,
    /// Greater or later.
    After,
    /// Less or earlier, or equal.
    Until,
    /// From the first to the last, both included.
    Between,
    /// In a stretch of days counted from today: `today`, `yesterday`, `tomorrow`, `this_week`, `last_week`,
    /// `next_week`, `this_month`, `last_month`, `next_month`, `last_days:7` and `next_days:7` (today included),
    /// `past` and `future` (from this very moment for instants, from today for days).
    During,
}

/// One key of the order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SortBy {
    /// Field key; also `title`, `created_at`, and those of [`Test::field`].
    pub field: String,
    /// Greatest first; rows without a value stand last either way.
    #[serde(default)]
    pub descending: bool,
}

/// By what rows are put together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct GroupBy {
    /// Field key, as in [`Test::field`]; no collections and no long texts.
    pub field: String,
    /// For days and instants: how much falls together.
    #[serde(default)]
    #[ts(optional, as = "Option<Unit>")]
    pub unit: Unit,
}

/// How many days fall together in a group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Each by itself.
    Day,
    /// From Monday on.
    Week,
    /// A month.
    #[default]
    Month,
    /// A year.
    Year,
}

impl Condition {
    /// One test with one value.
    #[must_use]
    pub fn test(field: &str, op: Op, value: &str) -> Self {
        Self::Test(Test { field: field.to_owned(), op, value: value.to_owned(), values: Vec::new() })
    }

    /// One test with several values.
    #[must_use]
    pub fn test_of(field: &str, op: Op, values: &[&str]) -> Self {
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        Self::Test(Test { field: field.to_owned(), op, value: String::new(), values })
    }
}

impl Unit {
    /// The first day of the stretch a day falls into.
    #[must_use]
    pub fn begin(self, day: NaiveDate) -> NaiveDate {
        match self {
            Self::Day => day,
            Self::Week => day - Days::new(day.weekday().num_days_from_monday().into()),
            Self::Month => day.with_day(1).unwrap_or(day),
            Self::Year => NaiveDate::from_ymd_opt(day.year(), 1, 1).unwrap_or(day),
        }
    }
}

/// From whose moment a list is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Now.
    pub now: DateTime<Utc>,
    /// The viewer's zone.
    pub zone: Tz,
}

impl Default for Moment {
    fn default() -> Self {
        Self { now: DateTime::UNIX_EPOCH, zone: Tz::UTC }
    }
}

impl Moment {
    /// The viewer's day.
    #[must_use]
    pub fn today(&self) -> NaiveDate {
        self.now.with_timezone(&self.zone).date_naive()
    }
}

/// A stretch of days counted from today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stretch {
    /// From the first day, before the second.
    Days(NaiveDate, NaiveDate),
    /// What is over.
    Past,
    /// What is to come.
    Future,
}

/// Reads a stretch as [`Op::During`] names it; `None` for nonsense.
#[must_use]
pub fn stretch(name: &str, today: NaiveDate) -> Option<Stretch> {
    let week = Unit::Week.begin(today);
    let month = Unit::Month.begin(today);
    let days = |from: NaiveDate, n: u64| Some(Stretch::Days(from, from.checked_add_days(Days::new(n))?));
    let back = |n: u64| today.checked_sub_days(Days::new(n));
    if let Some((name, n)) = name.split_once(':') {
        let n: u64 = n.parse().ok().filter(|n| (1..=36_500).contains(n))?;
        return match name {
            "last_days" => days(back(n - 1)?, n),
            "next_days" => days(today, n),
            _ => None,
        };
    }
    match name {
        "today" => days(today, 1),
        "yesterday" => days(back(1)?, 1),
        "tomorrow" => days(today.succ_opt()?, 1),
        "this_week" => days(week, 7),
        "last_week" => days(week.checked_sub_days(Days::new(7))?, 7),
        "next_week" => days(week.checked_add_days(Days::new(7))?, 7),
        "this_month" => Some(Stretch::Days(month, month.checked_add_months(Months::new(1))?)),
        "last_month" => Some(Stretch::Days(month.checked_sub_months(Months::new(1))?, month)),
        "next_month" => {
            Some(Stretch::Days(month.checked_add_months(Months::new(1))?, month.checked_add_months(Months::new(2))?))
        }
        "past" => Some(Stretch::Past),
        "future" => Some(Stretch::Future),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    // 22 November 2026 is a Sunday: the last day of its week.
    #[rstest]
    #[case("today", "2026-11-22", "2026-11-23")]
    #[case("yesterday", "2026-11-21", "2026-11-22")]
    #[case("tomorrow", "2026-11-23", "2026-11-24")]
    #[case("this_week", "2026-11-16", "2026-11-23")]
    #[case("last_week", "2026-11-09", "2026-11-16")]
    #[case("next_week", "2026-11-23", "2026-11-30")]
    #[case("this_month", "2026-11-01", "2026-12-01")]
    #[case("last_month", "2026-10-01", "2026-11-01")]
    #[case("next_month", "2026-12-01", "2027-01-01")]
    #[case("last_days:7", "2026-11-16", "2026-11-23")]
    #[case("next_days:7", "2026-11-22", "2026-11-29")]
    fn stretches_are_counted_from_today(#[case] name: &str, #[case] from: &str, #[case] before: &str) {
        assert_eq!(stretch(name, day("2026-11-22")), Some(Stretch::Days(day(from), day(before))));
    }

    #[rstest]
    #[case("last_days:0")]
    #[case("last_days:x")]
    #[case("last_days")]
    #[case("someday")]
    #[case("")]
    fn nonsense_is_no_stretch(#[case] name: &str) {
        assert_eq!(stretch(name, day("2026-11-22")), None);
    }
}
