//! Whatever is ordered in whatever order: nobody has a reason to see a client that does not hold any more, and nobody
//! is without one he needs (VIS-1, VIS-5).

use chrono::{DateTime, Duration, Utc};
use proptest::prelude::*;

use super::absence::*;
use super::authority::*;
use super::cover::turn;
use super::decide::{OfficeView, supervises};
use super::decide_tests::*;
use super::ids::*;
use super::order::*;

const CLIENTS: [u8; 5] = [CLIENT, 21, 22, 23, 24];
const VISITS: [u8; 5] = [VISIT, 31, 32, 33, 34];
const PEOPLE: [u8; 3] = [ANNA, BOHDAN, SOUTHERNER];

/// Something somebody does, of numbers that mean what they can.
#[derive(Clone, Copy, Debug)]
struct Step {
    what: u8,
    client: usize,
    other: usize,
    who: usize,
    to: usize,
    nth: u8,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = (0u8..14, 0usize..5, 0usize..5, 0usize..3, 0usize..3, 0u8..20);
    let step = step.prop_map(|(what, client, other, who, to, nth)| Step { what, client, other, who, to, nth });
    prop::collection::vec(step, 1..24)
}

struct Office {
    small: Small,
    day: i64,
    n: u8,
    log: Vec<String>,
}

impl Office {
    fn open() -> Self {
        let mut small = Small::open();
        for (at, client) in CLIENTS.into_iter().enumerate().skip(1) {
            small.give(client, PEOPLE[at % 3]);
        }
        let like = small.interactions[&RecordId(id(VISIT))].clone();
        for (at, visit) in VISITS.into_iter().enumerate().skip(1) {
            let (client, assigned) = (RecordId(id(CLIENTS[at])), user(PEOPLE[at % 3]));
            small.interactions.insert(RecordId(id(visit)), Assignment { client, assigned, ..like.clone() });
        }
        Self { small, day: 0, n: 100, log: Vec::new() }
    }

    fn order(&mut self, order: Order) -> u8 {
        self.n += 1;
        // What cannot be done is refused, and has done nothing.
        let done = self.small.order(ADMIN, self.n, order.clone());
        self.log.push(format!("{}: {order:?}: {done:?}", self.n));
        self.n
    }

    fn take(&mut self, step: Step) {
        let client = RecordId(id(CLIENTS[step.client]));
        let visit = RecordId(id(VISITS[step.client]));
        let (who, to) = (user(PEOPLE[step.who]), user(PEOPLE[step.to]));
        match step.what {
            0 | 1 => {
                let Some(from) = self.small.client(client).map(|held| held.responsible) else { return };
                let moves = vec![Move { client, from }];
                self.order(Order::MoveClients { moves, to, reason: "other".into() });
            }
            2 => {
                let from = self.small.interactions[&visit].assigned;
                let until = now() + Duration::days(30);
                let comment = String::new();
                self.order(Order::RedirectInteraction { interaction: visit, from, to, comment, until });
            }
            3 | 4 => self.is_away(step, who, to),
            5 => {
                let running: Vec<AbsenceId> = self.small.absences.keys().copied().collect();
                let Some(absence) = running.get(usize::from(step.nth) % running.len().max(1)).copied() else { return };
                let order = match step.to {
                    0 => Order::EndAbsence { absence },
                    _ => Order::WithdrawAbsence { absence },
                };
                self.order(order);
            }
            6..9 => self.merge(step),
            9 => {
                let command = CommandId(id(101 + step.nth));
                self.order(Order::Undo { command });
            }
            10 => {
                self.day += 1 + i64::from(step.nth % 3);
                let due: Vec<Absence> = self.small.absences.values().cloned().collect();
                for absence in due {
                    if let Some(plan) = turn(&self.small, &absence, self.at()) {
                        self.log.push(format!("the clock: {plan:?}"));
                        self.small.apply(&plan);
                    }
                }
            }
            11 => self.small.interactions.get_mut(&visit).unwrap().open = false,
            _ => {
                // Whoever sees a client plans something there.
                let sees = !self.small.grants(Home::Client(client), who).is_empty();
                let n = 40 + self.small.interactions.len() as u8;
                if sees && self.small.client(client).is_some() {
                    let like = self.small.interactions[&visit].clone();
                    let made = Assignment { client, assigned: who, open: true, ..like };
                    self.small.interactions.insert(RecordId(id(n)), made);
                    self.log.push(format!("{who:?} plans {n} at {client:?}"));
                }
            }
        }
    }

    fn at(&self) -> DateTime<Utc> {
        now() + Duration::days(self.day)
    }

    fn is_away(&mut self, step: Step, who: UserId, to: UserId) {
        let given = |records: &[u8]| -> Vec<StandIn> {
            let some =
                records.iter().enumerate().filter(|(at, _)| at % 2 == usize::from(step.nth) % 2 || step.nth > 12);
            // Two stand in, so that what is merged may have been covered by either.
            let other = user(PEOPLE[(step.to + 1) % 3]);
            some.map(|(at, n)| StandIn { record: RecordId(id(*n)), to: if at < 3 { to } else { other } }).collect()
        };
        let for_good = step.other == 0;
        self.order(Order::RecordAbsence {
            absence: AbsenceId(id(200 - self.n % 60)),
            person: who,
            reason: if for_good { DISMISSAL } else { "illness" }.into(),
            from: now() + Duration::days(i64::from(step.nth % 2)),
            until: (!for_good && step.other < 4).then(|| now() + Duration::days(4)),
            clients: given(&CLIENTS),
            interactions: given(&VISITS),
        });
    }

    fn merge(&mut self, step: Step) {
        let item = |small: &Small, n: u8| {
            let client = RecordId(id(n));
            small.client(client).map(|held| Move { client, from: held.responsible })
        };
        let mut others = vec![CLIENTS[step.other]];
        if step.nth.is_multiple_of(2) {
            others.push(CLIENTS[(step.other + 1) % 5]);
        }
        others.retain(|other| *other != CLIENTS[step.client]);
        let others: Vec<Move> = others.into_iter().filter_map(|other| item(&self.small, other)).collect();
        if let (Some(into), false) = (item(&self.small, CLIENTS[step.client]), others.is_empty()) {
            self.order(Order::MergeClients { into, others });
        }
    }

    fn check(&self) -> Result<(), String> {
        let small = &self.small;
        if !small.is_sound() {
            return Err("a client has not exactly one person".to_owned());
        }
        for (home, who, grant) in &small.grants {
            let Home::Client(client) = home else { continue };
            let holds = match grant.reason {
                Reason::Responsible => small.client(*client).is_some_and(|held| held.responsible == *who),
                Reason::Substitute(absence) => small.absences.get(&absence).is_some_and(|absence| {
                    let given = StandIn { record: *client, to: *who };
                    absence.stage == Stage::Running && absence.clients.contains(&given)
                }),
                Reason::Assigned(visit) => small.interactions[&visit].client == *client,
                _ => true,
            };
            if !holds || !small.clients.contains_key(client) {
                return Err(format!("{who:?} sees {client:?} for {:?}", grant.reason));
            }
        }
        for (visit, task) in small.interactions.iter().filter(|(_, task)| task.open) {
            let boss = small.client(task.client).zip(small.user(task.assigned));
            let boss = boss.is_some_and(|(client, user)| supervises(small, &user, client.department));
            if !boss && small.grants(Home::Client(task.client), task.assigned).is_empty() {
                return Err(format!("{:?} is to do {visit:?} and does not see {:?}", task.assigned, task.client));
            }
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]
    #[test]
    fn nobody_has_a_reason_that_does_not_hold_and_whoever_is_to_do_something_sees_it(steps in steps()) {
        let mut office = Office::open();
        for step in steps {
            office.take(step);
            let found = office.check();
            prop_assert!(found.is_ok(), "{}\n{}", found.unwrap_err(), office.log.join("\n"));
        }
    }
}
