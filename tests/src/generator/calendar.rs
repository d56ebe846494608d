//! Interactions around a day: some held, some overdue, some of today, some planned.

use chrono::{DateTime, Duration, NaiveDate, NaiveTime, Utc};
use rand::Rng;
use serde::Serialize;

use super::words::{result, subject};
use super::{Dice, Land, pick};

/// Where an interaction stands against the day the data was made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Moment {
    /// It happened.
    Held,
    /// It should have happened.
    Overdue,
    /// It is due on the day itself.
    Today,
    /// It is to come.
    Ahead,
}

/// A visit, call or plan.
#[derive(Clone, Debug, Serialize)]
pub struct Contact {
    /// Language of its words.
    pub land: Land,
    /// Where it stands.
    pub moment: Moment,
    /// `visit`, `call`, `open` …
    pub channel: &'static str,
    /// Topic.
    pub subject: String,
    /// When it was or is due.
    pub starts_at: DateTime<Utc>,
    /// `agreed`, `call_back` …; empty while planned.
    pub outcome: &'static str,
    /// What came of it; about 120 characters, empty while planned.
    pub result: String,
    /// Minutes it took.
    pub effort: Option<i64>,
    /// Day agreed for the next contact.
    pub next_contact: Option<NaiveDate>,
}

impl Contact {
    /// Makes it one that happened.
    pub fn hold(&mut self, dice: &mut Dice) {
        self.moment = Moment::Held;
        if self.channel == "open" {
            self.channel = "call";
        }
        self.outcome = pick(&["reached", "agreed", "agreed", "refused", "call_back", "other"], dice);
        self.result = result(self.land, 120, dice);
        self.effort = Some(pick(&[5, 10, 15, 30, 45, 60, 90], dice));
    }
}

pub(super) fn history(land: Land, n: usize, today: NaiveDate, dice: &mut Dice) -> Vec<Contact> {
    let mut contacts: Vec<Contact> = (0..n).map(|at| contact(land, at, today, dice)).collect();
    contacts.sort_by_key(|contact| contact.starts_at);
    contacts
}

fn contact(land: Land, at: usize, today: NaiveDate, dice: &mut Dice) -> Contact {
    // Four in five were held; the rest are what a rep's day is made of.
    let moment = match (at % 5, dice.random_range(0..10u8)) {
        (4, 0 | 1) => Moment::Overdue,
        (4, 2 | 3) => Moment::Today,
        (4, 4..=8) => Moment::Ahead,
        _ => Moment::Held,
    };
    let days = match moment {
        Moment::Held => -dice.random_range(1..360i64),
        Moment::Overdue => -dice.random_range(1..12i64),
        Moment::Today => 0,
        Moment::Ahead => dice.random_range(1..40i64),
    };
    let time = NaiveTime::from_num_seconds_from_midnight_opt(dice.random_range(6 * 4..14 * 4u32) * 900, 0);
    let starts_at = (today + Duration::days(days)).and_time(time.unwrap_or_default()).and_utc();
    let channels: &[&str] = match moment {
        Moment::Held => &["call", "call", "call", "visit", "visit", "meeting", "email", "sms"],
        _ => &["call", "call", "visit", "visit", "meeting", "open"],
    };
    let mut contact = Contact {
        land,
        moment,
        channel: pick(channels, dice),
        subject: subject(land, dice),
        starts_at,
        outcome: "",
        result: String::new(),
        effort: None,
        next_contact: None,
    };
    if moment == Moment::Held {
        contact.hold(dice);
        contact.next_contact =
            dice.random_bool(0.2).then(|| starts_at.date_naive() + Duration::days(dice.random_range(3..60)));
    }
    contact
}
