//! Who could stand in: a proposal for every client of somebody who is away, weighed by load, region, acquaintance and
//! the calendar. A proposal only; people change it by hand before they confirm.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::ids::*;

/// A stretch of somebody's calendar: from, to.
pub type Stretch = (DateTime<Utc>, DateTime<Utc>);

/// A colleague who might stand in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Colleague {
    /// Clients he is responsible for.
    pub n_clients: u64,
    /// Interactions he is to do.
    pub n_open: u64,
    /// He works in the department of the absent person.
    pub same_department: bool,
    /// Regions his own clients are in.
    pub regions: BTreeSet<RecordId>,
    /// What he has planned in the time of the absence.
    pub busy: Vec<Stretch>,
    /// He is away himself in that time.
    pub away: bool,
}

/// A client that needs somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Orphan {
    /// The client.
    pub client: RecordId,
    /// Its region.
    pub region: Option<RecordId>,
    /// How often colleagues were in touch with it.
    pub met: BTreeMap<UserId, u64>,
    /// What the absent person has planned with it in that time.
    pub planned: Vec<Stretch>,
}

/// Why a colleague is proposed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// He has been in touch with the client.
    KnowsClient,
    /// He works in its region.
    SameRegion,
    /// He works in the same department.
    SameDepartment,
    /// He has the least to do.
    LeastLoad,
}

impl Why {
    /// The key of its words.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::KnowsClient => "knows_client",
            Self::SameRegion => "same_region",
            Self::SameDepartment => "same_department",
            Self::LeastLoad => "least_load",
        }
    }
}

/// Somebody for a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposed {
    /// The client.
    pub client: RecordId,
    /// Who might stand in.
    pub to: UserId,
    /// Why he.
    pub why: Vec<Why>,
    /// How many of the client's plans fall into his own.
    pub n_clashes: u64,
}

/// Points for a contact with the client; more than a few contacts say no more than a few.
const KNOWS: i64 = 15;
const MOST_KNOWN: u64 = 4;
const REGION: i64 = 25;
const DEPARTMENT: i64 = 20;
/// Points taken away for a plan that falls into one of his.
const CLASH: i64 = 30;
/// Points taken away for each client he gets in this proposal and each interaction that comes with it.
const GIVEN: i64 = 6;
/// Points taken away for what he has to do anyway, in the share of the busiest.
const LOAD: i64 = 40;

/// Proposes somebody for every client; nothing where there is nobody. The same facts give the same proposal.
#[must_use]
pub fn propose(colleagues: &BTreeMap<UserId, Colleague>, orphans: &[Orphan]) -> Vec<Proposed> {
    let mut desks: BTreeMap<UserId, Desk<'_>> = colleagues
        .iter()
        .filter(|(_, one)| !one.away)
        .map(|(user, one)| (*user, Desk { colleague: one, taken: Vec::new(), n_given: 0 }))
        .collect();
    let busiest = desks.values().map(Desk::load).max().unwrap_or(0).max(1);
    // Whoever is known best is placed first, so that acquaintance is not lost to an even spread.
    let mut order: Vec<&Orphan> = orphans.iter().collect();
    order.sort_by_key(|orphan| {
        let best = orphan.met.iter().filter(|(user, _)| desks.contains_key(user)).map(|(_, n)| *n).max();
        (std::cmp::Reverse(best.unwrap_or(0)), orphan.client)
    });
    let mut proposed: BTreeMap<RecordId, Proposed> = BTreeMap::new();
    for orphan in order {
        let score =
            |(user, desk): &(&UserId, &Desk<'_>)| (desk.score(**user, orphan, busiest), std::cmp::Reverse(**user));
        let Some(user) = desks.iter().max_by_key(score).map(|(user, _)| *user) else { break };
        let least = desks.values().map(Desk::burden).min();
        let Some(desk) = desks.get_mut(&user) else { break };
        let mut why = desk.why(user, orphan);
        if Some(desk.burden()) == least {
            why.push(Why::LeastLoad);
        }
        let n_clashes = desk.clashes(orphan);
        desk.taken.extend(&orphan.planned);
        desk.n_given += 1 + orphan.planned.len() as u64;
        proposed.insert(orphan.client, Proposed { client: orphan.client, to: user, why, n_clashes });
    }
    orphans.iter().filter_map(|orphan| proposed.remove(&orphan.client)).collect()
}

/// True where two stretches have a moment in common; one without length takes its moment.
#[must_use]
pub fn clash(a: Stretch, b: Stretch) -> bool {
    a == b || (a.0 < b.1.max(b.0 + chrono::Duration::minutes(1)) && b.0 < a.1.max(a.0 + chrono::Duration::minutes(1)))
}

struct Desk<'a> {
    colleague: &'a Colleague,
    taken: Vec<Stretch>,
    n_given: u64,
}

impl Desk<'_> {
    fn load(&self) -> u64 {
        self.colleague.n_clients + 2 * self.colleague.n_open
    }

    fn burden(&self) -> u64 {
        self.load() + 2 * self.n_given
    }

    fn clashes(&self, orphan: &Orphan) -> u64 {
        let his = || self.colleague.busy.iter().chain(&self.taken);
        orphan.planned.iter().filter(|plan| his().any(|other| clash(**plan, *other))).count() as u64
    }

    fn why(&self, user: UserId, orphan: &Orphan) -> Vec<Why> {
        let mut why = Vec::new();
        if orphan.met.get(&user).is_some_and(|n| *n > 0) {
            why.push(Why::KnowsClient);
        }
        if orphan.region.is_some_and(|region| self.colleague.regions.contains(&region)) {
            why.push(Why::SameRegion);
        }
        if self.colleague.same_department {
            why.push(Why::SameDepartment);
        }
        why
    }

    fn score(&self, user: UserId, orphan: &Orphan, busiest: u64) -> i64 {
        let known = orphan.met.get(&user).copied().unwrap_or(0).min(MOST_KNOWN);
        let points: i64 = self
            .why(user, orphan)
            .into_iter()
            .map(|why| match why {
                Why::KnowsClient => KNOWS * i64::try_from(known).unwrap_or(0),
                Why::SameRegion => REGION,
                Why::SameDepartment => DEPARTMENT,
                Why::LeastLoad => 0,
            })
            .sum();
        let signed = |n: u64| i64::try_from(n).unwrap_or(i64::MAX / 1_000_000);
        let load = LOAD * signed(self.load()) / signed(busiest);
        points - load - GIVEN * signed(self.n_given) - CLASH * signed(self.clashes(orphan))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn user(n: u8) -> UserId {
        UserId(Uuid::from_bytes([n; 16]))
    }

    fn record(n: u8) -> RecordId {
        RecordId(Uuid::from_bytes([n; 16]))
    }

    fn at(hour: i64) -> Stretch {
        let from = DateTime::from_timestamp(1_790_000_000 + hour * 3600, 0).unwrap();
        (from, from + chrono::Duration::hours(1))
    }

    fn orphan(n: u8) -> Orphan {
        Orphan { client: record(n), region: None, met: BTreeMap::new(), planned: vec![] }
    }

    fn two() -> BTreeMap<UserId, Colleague> {
        BTreeMap::from([(user(1), Colleague::default()), (user(2), Colleague::default())])
    }

    #[test]
    fn whoever_knows_the_client_is_proposed() {
        let known = Orphan { met: BTreeMap::from([(user(2), 3)]), ..orphan(9) };
        let proposed = propose(&two(), &[known]);
        assert_eq!((proposed[0].to, proposed[0].why.first()), (user(2), Some(&Why::KnowsClient)));
    }

    #[test]
    fn a_region_and_a_free_calendar_count_and_nobody_who_is_away_is_named() {
        let mut colleagues = two();
        colleagues.get_mut(&user(2)).unwrap().regions.insert(record(77));
        let there = Orphan { region: Some(record(77)), ..orphan(9) };
        assert_eq!(propose(&colleagues, std::slice::from_ref(&there))[0].to, user(2));
        let busy = Orphan { planned: vec![at(3)], ..there.clone() };
        colleagues.get_mut(&user(2)).unwrap().busy.push(at(3));
        assert_eq!(propose(&colleagues, std::slice::from_ref(&busy))[0].to, user(1));
        colleagues.get_mut(&user(1)).unwrap().away = true;
        let only = propose(&colleagues, std::slice::from_ref(&busy));
        assert_eq!((only[0].to, only[0].n_clashes), (user(2), 1));
        colleagues.get_mut(&user(2)).unwrap().away = true;
        assert!(propose(&colleagues, &[busy]).is_empty());
    }

    #[test]
    fn equal_colleagues_share_evenly_and_the_busy_one_gets_less() {
        let orphans: Vec<Orphan> = (10..30).map(orphan).collect();
        let n = |colleagues: &BTreeMap<UserId, Colleague>, who: u8| {
            propose(colleagues, &orphans).iter().filter(|one| one.to == user(who)).count()
        };
        assert_eq!((n(&two(), 1), n(&two(), 2)), (10, 10));
        let mut uneven = two();
        uneven.get_mut(&user(1)).unwrap().n_open = 40;
        assert!(n(&uneven, 1) < n(&uneven, 2), "{} and {}", n(&uneven, 1), n(&uneven, 2));
    }

    proptest! {
        #[test]
        fn every_client_gets_somebody_and_the_order_of_asking_is_no_matter(
            loads in prop::collection::vec((0u64..50, 0u64..50, any::<bool>()), 1..6),
            met in prop::collection::vec((0u8..6, 0u64..9), 0..20),
        ) {
            let colleagues: BTreeMap<UserId, Colleague> = (0u8..).zip(loads).map(|(n, (n_clients, n_open, away))| {
                (user(n), Colleague { n_clients, n_open, away: away && n > 0, ..Colleague::default() })
            }).collect();
            let mut orphans: Vec<Orphan> = (100u8..).zip(met).map(|(n, (who, times))| {
                Orphan { met: BTreeMap::from([(user(who), times)]), ..orphan(n) }
            }).collect();
            let mut first = propose(&colleagues, &orphans);
            prop_assert_eq!(first.len(), orphans.len());
            prop_assert!(first.iter().all(|one| !colleagues[&one.to].away));
            orphans.reverse();
            let mut second = propose(&colleagues, &orphans);
            first.sort_by_key(|one| one.client);
            second.sort_by_key(|one| one.client);
            prop_assert_eq!(first, second);
        }
    }
}
