//! Rules of interactions: which event class one is in (C-056, D-3), and what follows from a result. The class depends
//! on the viewer's time zone and on now, and is never stored.

use chrono::{DateTime, Days, LocalResult, NaiveDate, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;

use super::ids::{RecordId, UserId};
use super::kinds::interaction;
use super::patch::Patch;

/// Choices of [`interaction::STATE`] that rules ask about.
pub mod state {
    /// Still to be done.
    pub const PLANNED: &str = "planned";
    /// It happened.
    pub const HELD: &str = "held";
    /// It will not happen.
    pub const CANCELLED: &str = "cancelled";
}

/// What a plan is for, where the product makes it.
pub mod purpose {
    /// Somebody is to complete the contact details of the client (C-168).
    pub const DETAILS: &str = "details";
}

/// The channel of a plan whose channel is not decided.
pub const OPEN_CHANNEL: &str = "open";

/// Event class of an interaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Due before now and not done.
    Overdue,
    /// Due later today, or going on.
    Current,
    /// Due after today, or not dated.
    Planned,
    /// Done or called off.
    Closed,
}

/// The viewer's moment: now, and where his day ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Viewed {
    /// The moment.
    pub now: DateTime<Utc>,
    /// First moment of his next day.
    pub tomorrow: DateTime<Utc>,
    /// First moment of his day.
    pub today: DateTime<Utc>,
}

impl Viewed {
    /// The moment as somebody in `zone` sees it.
    #[must_use]
    pub fn at(now: DateTime<Utc>, zone: Tz) -> Self {
        let day = now.with_timezone(&zone).date_naive();
        Self { now, today: begin_of(day, zone), tomorrow: begin_of(day + Days::new(1), zone) }
    }

    /// The class of an interaction.
    ///
    /// A plan for a whole day (it begins with the viewer's day and has no end) is due at the end of that day: nobody
    /// is late at nine in the morning for something to be done today.
    #[must_use]
    pub fn class(&self, state: &str, starts_at: Option<DateTime<Utc>>, ends_at: Option<DateTime<Utc>>) -> Class {
        if matches!(state, state::HELD | state::CANCELLED) {
            return Class::Closed;
        }
        let Some(starts_at) = starts_at else { return Class::Planned };
        if starts_at >= self.tomorrow {
            return Class::Planned;
        }
        if starts_at == self.today && ends_at.is_none() {
            return Class::Current;
        }
        let due = ends_at.filter(|ends_at| *ends_at > starts_at).unwrap_or(starts_at);
        if due < self.now { Class::Overdue } else { Class::Current }
    }
}

/// First moment of a day in a zone. Where the clock skips midnight the day begins when it goes on; where midnight
/// comes twice the first one counts.
#[must_use]
pub fn begin_of(day: NaiveDate, zone: Tz) -> DateTime<Utc> {
    let mut at = day.and_time(NaiveTime::MIN);
    // No zone skips more than a day (Samoa once did).
    for _ in 0..=96 {
        match zone.from_local_datetime(&at) {
            LocalResult::Single(found) | LocalResult::Ambiguous(found, _) => return found.to_utc(),
            LocalResult::None => at += chrono::Duration::minutes(15),
        }
    }
    day.and_time(NaiveTime::MIN).and_utc()
}

/// The zone of an IANA name; UTC where the name is not known.
#[must_use]
pub fn zone(name: &str) -> Tz {
    name.parse().unwrap_or(Tz::UTC)
}

/// The next contact somebody agreed on (C-052).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Next {
    /// The day.
    pub day: NaiveDate,
    /// The moment that day begins for the person.
    pub starts_at: DateTime<Utc>,
    /// The channel.
    pub channel: String,
}

/// What came of an interaction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Came {
    /// In one word.
    pub outcome: String,
    /// In words.
    pub result: String,
    /// Who of ours did it.
    pub contactor: Option<UserId>,
    /// When the next contact is to be.
    pub next_day: Option<NaiveDate>,
}

impl Came {
    /// As fields of an interaction that is held now.
    #[must_use]
    pub fn patch(&self) -> Patch {
        let text = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        Patch::new()
            .set(interaction::STATE, state::HELD.to_owned())
            .set_some(interaction::OUTCOME, text(&self.outcome))
            .set_some(interaction::RESULT, text(&self.result))
            .set_some(interaction::CONTACTOR, self.contactor)
            .set_some(interaction::NEXT_CONTACT, self.next_day)
    }
}

/// The planned interaction that follows from a result: of the agreed channel, about the same, linked to the one it
/// follows from.
#[must_use]
pub fn follow_up(previous: RecordId, subject: &str, next: &Next) -> Patch {
    let channel = if next.channel.is_empty() { OPEN_CHANNEL } else { &next.channel };
    Patch::new()
        .set(interaction::CHANNEL, channel.to_owned())
        .set(interaction::STATE, state::PLANNED.to_owned())
        .set_some(interaction::SUBJECT, Some(subject.trim().to_owned()).filter(|subject| !subject.is_empty()))
        .set(interaction::STARTS_AT, next.starts_at)
        .set(interaction::PREVIOUS, previous)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::domain::value::Value;

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    /// Now is 12:00 of 22 November in Kyiv.
    fn kyiv() -> Viewed {
        Viewed::at(utc("2026-11-22T10:00:00Z"), zone("Europe/Kyiv"))
    }

    #[rstest]
    #[case::a_minute_ago("2026-11-22T09:59:00Z", None, Class::Overdue)]
    #[case::this_very_moment("2026-11-22T10:00:00Z", None, Class::Current)]
    #[case::later_today("2026-11-22T15:00:00Z", None, Class::Current)]
    #[case::going_on("2026-11-22T09:00:00Z", Some("2026-11-22T11:00:00Z"), Class::Current)]
    #[case::over("2026-11-22T08:00:00Z", Some("2026-11-22T09:00:00Z"), Class::Overdue)]
    #[case::an_end_before_the_beginning_is_no_end("2026-11-22T09:00:00Z", Some("2026-11-22T08:00:00Z"), Class::Overdue)]
    #[case::all_of_today("2026-11-21T22:00:00Z", None, Class::Current)]
    #[case::all_of_yesterday("2026-11-20T22:00:00Z", None, Class::Overdue)]
    #[case::last_moment_of_today("2026-11-22T21:59:59Z", None, Class::Current)]
    #[case::first_moment_of_tomorrow("2026-11-22T22:00:00Z", None, Class::Planned)]
    fn the_class_follows_now_and_the_viewers_day(
        #[case] starts_at: &str,
        #[case] ends_at: Option<&str>,
        #[case] class: Class,
    ) {
        assert_eq!(kyiv().class("planned", Some(utc(starts_at)), ends_at.map(utc)), class);
    }

    #[rstest]
    #[case("held")]
    #[case("cancelled")]
    fn what_is_done_or_called_off_is_never_overdue(#[case] state: &str) {
        assert_eq!(kyiv().class(state, Some(utc("2020-01-01T00:00:00Z")), None), Class::Closed);
    }

    #[test]
    fn a_plan_without_a_date_waits_among_the_planned() {
        assert_eq!(kyiv().class("planned", None, None), Class::Planned);
    }

    #[test]
    fn two_viewers_in_different_zones_may_see_different_classes() {
        let now = utc("2026-11-22T18:30:00Z");
        let starts_at = Some(utc("2026-11-22T21:30:00Z"));
        // 21:30 in Moscow, the plan is after its midnight; 18:30 in Lisbon, the plan is today.
        assert_eq!(Viewed::at(now, zone("Europe/Moscow")).class("planned", starts_at, None), Class::Planned);
        assert_eq!(Viewed::at(now, zone("Europe/Lisbon")).class("planned", starts_at, None), Class::Current);
    }

    #[rstest]
    #[case::spring_in_kyiv("2026-03-29T09:00:00Z", "Europe/Kyiv", 23)]
    #[case::autumn_in_kyiv("2026-10-25T09:00:00Z", "Europe/Kyiv", 25)]
    #[case::no_change_in_moscow("2026-10-25T09:00:00Z", "Europe/Moscow", 24)]
    #[case::far_east("2026-11-22T10:00:00Z", "Asia/Vladivostok", 24)]
    fn a_day_is_as_long_as_the_zone_makes_it(#[case] now: &str, #[case] name: &str, #[case] hours: i64) {
        let viewed = Viewed::at(utc(now), zone(name));
        assert_eq!((viewed.tomorrow - viewed.today).num_hours(), hours);
        assert!(viewed.today <= viewed.now && viewed.now < viewed.tomorrow);
    }

    #[test]
    fn where_the_clock_skips_midnight_the_day_begins_an_hour_later() {
        // Beirut puts its clocks forward at midnight before the last Sunday of March.
        let day = NaiveDate::from_ymd_opt(2026, 3, 29).unwrap();
        assert_eq!(begin_of(day, zone("Asia/Beirut")), utc("2026-03-28T22:00:00Z"));
    }

    #[test]
    fn where_midnight_comes_twice_the_day_begins_with_the_first() {
        // Havana puts its clocks back from 1:00 to 0:00 on 1 November 2026.
        let day = NaiveDate::from_ymd_opt(2026, 11, 1).unwrap();
        assert_eq!(begin_of(day, zone("America/Havana")), utc("2026-11-01T04:00:00Z"));
    }

    #[test]
    fn an_unknown_zone_is_read_as_utc() {
        assert_eq!(Viewed::at(utc("2026-11-22T10:00:00Z"), zone("Mars/Base")).today, utc("2026-11-22T00:00:00Z"));
    }

    #[test]
    fn a_result_makes_the_interaction_held_and_leaves_out_what_was_not_said() {
        let patch = Came { outcome: "agreed".to_owned(), result: "  ".to_owned(), ..Came::default() }.patch();
        assert_eq!(patch.set["state"], Value::Text("held".to_owned()));
        assert_eq!(patch.set["outcome"], Value::Text("agreed".to_owned()));
        assert!(!patch.set.contains_key("result") && !patch.set.contains_key("next_contact"));
    }

    #[test]
    fn the_next_contact_is_a_plan_that_points_back() {
        let previous = RecordId(uuid::Uuid::from_u128(7));
        let next = Next {
            day: NaiveDate::from_ymd_opt(2026, 12, 1).unwrap(),
            starts_at: utc("2026-11-30T22:00:00Z"),
            channel: String::new(),
        };
        let patch = follow_up(previous, "Prices", &next);
        assert_eq!(patch.set["state"], Value::Text("planned".to_owned()));
        assert_eq!(patch.set["channel"], Value::Text("open".to_owned()));
        assert_eq!(patch.set["previous"], Value::Id(previous.0));
        assert_eq!(patch.set["starts_at"], Value::Instant(next.starts_at));
    }
}
