//! A record of absence: somebody is away for a while, and his clients or his planned interactions go to colleagues
//! until he is back. It is authority, not a document: the office sets it, the server's clock begins and ends it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::ids::*;

/// Why somebody is away; what a person chooses from.
pub const REASONS: [&str; 4] = ["illness", "holiday", DISMISSAL, "other"];
/// The reason that has no return: clients go for good, and access ends with them.
pub const DISMISSAL: &str = "dismissal";
/// Days somebody sees a client of a colleague for an interaction that came back to him after an absence.
pub const BACK_DAYS: i64 = 14;

/// How far an absence has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Stage {
    /// It has not begun.
    Coming,
    /// Colleagues stand in.
    Running,
    /// Its time is over: what was still open has gone back.
    Over,
    /// Somebody took it back.
    Withdrawn,
}

impl Stage {
    /// The key of its words.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Coming => "coming",
            Self::Running => "running",
            Self::Over => "over",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// One client or interaction, and who stands in for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct StandIn {
    /// The client or the interaction.
    pub record: RecordId,
    /// The colleague.
    pub to: UserId,
}

/// Somebody is away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Absence {
    /// Made by the device of whoever recorded it.
    pub id: AbsenceId,
    /// Who is away.
    pub person: UserId,
    /// One of [`REASONS`]; empty for those whose business it is not.
    pub reason: String,
    /// The first moment he is away.
    pub from: DateTime<Utc>,
    /// The first moment he is back; open while `None`.
    pub until: Option<DateTime<Utc>>,
    /// How far it has come.
    pub stage: Stage,
    /// When others began to stand in, by the server's clock.
    #[serde(default)]
    pub begun_at: Option<DateTime<Utc>>,
    /// Rises with every order that changes it, not with the clock.
    pub revision: u32,
    /// Who recorded or changed it last.
    pub by: UserId,
    /// The order it came from or was changed by last.
    pub command: CommandId,
    /// Clients, each with its substitute.
    pub clients: Vec<StandIn>,
    /// Interactions, each with its substitute. While it runs: those really handed over.
    pub interactions: Vec<StandIn>,
}

impl Absence {
    /// True for a dismissal, from which nothing comes back.
    #[must_use]
    pub fn is_for_good(&self) -> bool {
        self.reason == DISMISSAL
    }

    /// True until it is over or taken back.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        matches!(self.stage, Stage::Coming | Stage::Running)
    }

    /// When the clock will turn it next; `None` where only an order can.
    #[must_use]
    pub fn due(&self) -> Option<DateTime<Utc>> {
        match self.stage {
            Stage::Coming => Some(self.from),
            Stage::Running => self.until,
            Stage::Over | Stage::Withdrawn => None,
        }
    }

    /// True where both cover some moment.
    #[must_use]
    pub fn overlaps(&self, from: DateTime<Utc>, until: Option<DateTime<Utc>>) -> bool {
        until.is_none_or(|until| self.from < until) && self.until.is_none_or(|ends| from < ends)
    }

    /// Who stands in for a client.
    #[must_use]
    pub fn substitute_for(&self, client: RecordId) -> Option<UserId> {
        self.clients.iter().find(|given| given.record == client).map(|given| given.to)
    }

    /// Everybody who stands in, each once, in order.
    #[must_use]
    pub fn substitutes(&self) -> Vec<UserId> {
        let mut all: Vec<UserId> = self.clients.iter().chain(&self.interactions).map(|given| given.to).collect();
        all.sort();
        all.dedup();
        all
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use uuid::Uuid;

    use super::*;

    fn day(n: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_790_000_000 + n * 86_400, 0).unwrap()
    }

    fn away(from: i64, until: Option<i64>) -> Absence {
        Absence {
            id: AbsenceId(Uuid::nil()),
            person: UserId(Uuid::nil()),
            reason: "holiday".into(),
            from: day(from),
            until: until.map(day),
            stage: Stage::Coming,
            begun_at: None,
            revision: 0,
            by: UserId(Uuid::nil()),
            command: CommandId(Uuid::nil()),
            clients: vec![],
            interactions: vec![],
        }
    }

    #[rstest]
    #[case::apart(3, Some(5), false)]
    #[case::back_on_the_day_it_begins(2, Some(4), false)]
    #[case::inside(1, Some(2), true)]
    #[case::around(-1, Some(9), true)]
    #[case::open_before(-3, None, true)]
    #[case::open_after(2, None, false)]
    fn the_day_of_the_return_belongs_to_the_person(#[case] from: i64, #[case] until: Option<i64>, #[case] both: bool) {
        assert_eq!(away(0, Some(2)).overlaps(day(from), until.map(day)), both);
        assert_eq!(away(from, until).overlaps(day(0), Some(day(2))), both);
    }

    #[test]
    fn the_clock_turns_what_comes_and_what_runs() {
        let coming = away(1, Some(4));
        assert_eq!(coming.due(), Some(day(1)));
        assert_eq!(Absence { stage: Stage::Running, ..coming.clone() }.due(), Some(day(4)));
        assert_eq!(Absence { stage: Stage::Over, ..coming }.due(), None);
    }
}
