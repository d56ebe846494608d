//! Pages: whatever happens between them and wherever they are cut, a device ends with what its person sees, and
//! never gets anything else.
#![allow(clippy::unwrap_used)]

mod support;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Duration, Utc};
use proptest::prelude::*;
use satchel_core::domain::authority::{Home, Reason, Role};
use satchel_core::domain::clock::Clock;
use satchel_core::domain::ids::*;
use satchel_core::domain::kinds::{client, interaction};
use satchel_core::domain::order::{Event, Move, Order};
use satchel_core::domain::patch::Patch;
use satchel_core::sync::wire::*;
use support::*;

#[test]
fn a_page_is_cut_by_its_credit_and_the_transfer_goes_on_where_it_stopped() {
    let w = World::new();
    let mut anna = w.device(w.anna);
    let (id, create) = anna.new_client("Ромашка");
    anna.must_push(&create);
    for n in 0..80 {
        let (_, person) = anna.new_person(id, &format!("Иванова {n}"));
        anna.must_push(&person);
    }
    let mut laptop = w.device(w.anna);
    laptop.credit = 4_000;
    assert!(laptop.pull_page());
    let announced = laptop.last.announced.unwrap();
    assert_eq!(announced.n_records, 81);
    let bytes: usize = anna.records.values().flat_map(|held| &held.chunks).map(Vec::len).sum();
    assert_eq!(announced.n_bytes, bytes as u64);
    let mut sent = BTreeSet::new();
    let mut seen = |device: &Device| {
        for record in &device.last.records {
            assert!(sent.insert(record.record.id), "sent twice");
        }
    };
    seen(&laptop);
    while laptop.pull_page() {
        seen(&laptop);
        assert!(laptop.last.announced.is_none() && laptop.last.granted.is_empty());
        assert!(laptop.last.records.len() < 20, "{}", laptop.last.records.len());
    }
    seen(&laptop);
    assert_eq!(laptop.records.len(), 81);
    assert!(laptop.n_pages > 5);
}

#[test]
fn a_credit_of_one_byte_still_brings_one_record_a_page() {
    let w = World::new();
    let mut anna = w.device(w.anna);
    for n in 0..5 {
        let (_, create) = anna.new_client(&format!("Ромашка {n}"));
        anna.must_push(&create);
    }
    let mut laptop = w.device(w.anna);
    laptop.credit = 1;
    laptop.pull();
    assert_eq!(laptop.records.len(), 5);
    assert_eq!(laptop.n_pages, 6, "one of authority, one for each record");
}

#[test]
fn edits_made_while_a_backfill_runs_are_neither_lost_nor_sent_too_early() {
    let w = World::new();
    let (mut anna, mut laptop) = (w.device(w.anna), w.device(w.anna));
    let mut clients = Vec::new();
    for n in 0..6 {
        let (id, create) = anna.new_client(&format!("Ромашка {n}"));
        anna.must_push(&create);
        clients.push(id);
    }
    laptop.credit = 1;
    for id in clients.clone() {
        laptop.pull_page();
        let edit = anna.edit_city(id, "Київ");
        anna.must_push(&edit);
    }
    laptop.pull();
    for id in clients {
        assert_eq!(laptop.read(id, &client::KIND).get(client::CITY).unwrap(), "Київ");
    }
}

/// Who sees what, told from plans alone, apart from the server's tables.
struct Oracle {
    roles: BTreeMap<UserId, (Role, DepartmentId)>,
    clients: BTreeMap<RecordId, (UserId, DepartmentId)>,
    client_of: BTreeMap<RecordId, RecordId>,
    grants: BTreeSet<(UserId, RecordId, Option<RecordId>)>,
    until: BTreeMap<(UserId, RecordId, RecordId), DateTime<Utc>>,
}

impl Oracle {
    fn sees(&self, user: UserId, record: RecordId) -> bool {
        let client = self.client_of[&record];
        let (role, department) = self.roles[&user];
        let (_, of) = self.clients[&client];
        match role {
            Role::Admin => true,
            Role::Supervisor if of == department => true,
            _ => self.grants.iter().any(|(who, what, _)| *who == user && *what == client),
        }
    }

    fn apply(&mut self, events: &[Event]) {
        for event in events {
            match event {
                Event::ClientMoved { client, to, department, .. } => {
                    self.clients.insert(*client, (*to, *department));
                }
                Event::GrantGiven { home: Home::Client(client), user, reason, until, .. } => {
                    self.grants.insert((*user, *client, of(reason)));
                    if let (Some(interaction), Some(until)) = (of(reason), until) {
                        self.until.insert((*user, *client, interaction), *until);
                    }
                }
                Event::GrantEnded { home: Home::Client(client), user, reason, .. } => {
                    self.grants.remove(&(*user, *client, of(reason)));
                }
                _ => {}
            }
        }
    }

    fn expire(&mut self, now: DateTime<Utc>) {
        let until = &self.until;
        self.grants.retain(|(user, client, interaction)| match interaction {
            Some(interaction) => until.get(&(*user, *client, *interaction)).is_none_or(|until| now < *until),
            None => true,
        });
    }
}

fn of(reason: &Reason) -> Option<RecordId> {
    match reason {
        Reason::Assigned(interaction) => Some(*interaction),
        _ => None,
    }
}

#[derive(Clone, Copy, Debug)]
enum Step {
    NewClient(usize),
    NewInteraction(usize, usize),
    Edit(usize, usize),
    Move(usize, usize, usize),
    Redirect(usize, usize, usize),
    Undo(usize),
    Decide(usize, usize, bool),
    PullPage(usize),
    PullAll(usize),
    Days(i64),
}

fn step() -> impl Strategy<Value = Step> {
    let (d, n) = (0usize..7, 0usize..64);
    prop_oneof![
        2 => d.clone().prop_map(Step::NewClient),
        2 => (d.clone(), n.clone()).prop_map(|(d, n)| Step::NewInteraction(d, n)),
        4 => (d.clone(), n.clone()).prop_map(|(d, n)| Step::Edit(d, n)),
        3 => (d.clone(), n.clone(), d.clone()).prop_map(|(d, n, to)| Step::Move(d, n, to)),
        3 => (d.clone(), n.clone(), d.clone()).prop_map(|(d, n, to)| Step::Redirect(d, n, to)),
        1 => n.clone().prop_map(Step::Undo),
        2 => (d.clone(), n, any::<bool>()).prop_map(|(d, n, accepted)| Step::Decide(d, n, accepted)),
        8 => d.clone().prop_map(Step::PullPage),
        2 => d.prop_map(Step::PullAll),
        1 => (1i64..5).prop_map(Step::Days),
    ]
}

struct Run {
    w: World,
    devices: Vec<Device>,
    oracle: Oracle,
    commands: Vec<(usize, CommandId)>,
    n_edits: usize,
}

impl Run {
    fn new(credits: &[u32]) -> Self {
        let w = World::new();
        let people = [w.anna, w.anna, w.boris, w.clara, w.boss, w.dora, w.admin];
        let mut devices: Vec<Device> = people.iter().map(|user| w.device(*user)).collect();
        for (device, credit) in devices.iter_mut().zip(credits.iter().cycle()) {
            device.credit = *credit;
        }
        let roles = w.office.users().unwrap().into_iter().map(|user| (user.id, (user.role, user.department))).collect();
        let oracle = Oracle {
            roles,
            clients: BTreeMap::new(),
            client_of: BTreeMap::new(),
            grants: BTreeSet::new(),
            until: BTreeMap::new(),
        };
        Self { w, devices, oracle, commands: Vec::new(), n_edits: 0 }
    }

    fn all(&self) -> Vec<RecordId> {
        self.oracle.client_of.keys().copied().collect()
    }

    fn pick(&self, kind: &str, n: usize) -> Option<RecordId> {
        let clients: BTreeSet<RecordId> = self.oracle.clients.keys().copied().collect();
        let of_kind: Vec<RecordId> =
            self.all().into_iter().filter(|id| clients.contains(id) == (kind == "client")).collect();
        (!of_kind.is_empty()).then(|| of_kind[n % of_kind.len()])
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::NewClient(d) => {
                let (id, create) = self.devices[d].new_client(&format!("клиент {}", self.oracle.client_of.len()));
                self.devices[d].records.remove(&id);
                self.devices[d].must_push(&create);
                let user = self.devices[d].user;
                self.oracle.clients.insert(id, (user, self.oracle.roles[&user].1));
                self.oracle.client_of.insert(id, id);
                self.oracle.grants.insert((user, id, None));
            }
            Step::NewInteraction(d, n) => {
                let held: Vec<RecordId> =
                    self.held(d).into_iter().filter(|id| self.oracle.clients.contains_key(id)).collect();
                if held.is_empty() {
                    return;
                }
                let client = held[n % held.len()];
                let (id, create) = self.devices[d].new_interaction(client, "звонок");
                self.devices[d].records.remove(&id);
                let outcome = self.push(d, &create);
                if outcome == Outcome::Accepted {
                    self.oracle.client_of.insert(id, client);
                }
            }
            Step::Edit(d, n) => {
                let held = self.held(d);
                if held.is_empty() {
                    return;
                }
                let id = held[n % held.len()];
                let before = self.devices[d].records[&id].clone();
                self.n_edits += 1;
                let value = format!("правка {}", self.n_edits);
                let edit = match before.kind.as_str() {
                    "client" => self.devices[d].edit_city(id, &value),
                    _ => {
                        let patch = Patch::new().set(interaction::RESULT, value);
                        self.devices[d].edit(id, &interaction::KIND, &patch)
                    }
                };
                if self.push(d, &edit) != Outcome::Accepted {
                    // Rebase: the record as it was, and another actor from now on (rule 12).
                    self.devices[d].records.insert(id, before);
                    self.devices[d].incarnation += 1;
                }
            }
            Step::Move(d, n, to) => {
                let Some(client) = self.pick("client", n) else { return };
                let (from, to) = (self.oracle.clients[&client].0, self.devices[to].user);
                self.order(d, Order::MoveClients { moves: vec![Move { client, from }], to, reason: "other".into() });
            }
            Step::Redirect(d, n, to) => {
                let Some(interaction) = self.pick("interaction", n) else { return };
                let to = self.devices[to].user;
                let until = self.w.clock.now() + Duration::days(3);
                for from in [self.w.anna, self.w.boris, self.w.clara, self.w.boss, self.w.dora, self.w.admin] {
                    let comment = String::new();
                    self.order(d, Order::RedirectInteraction { interaction, from, to, comment, until });
                }
            }
            Step::Undo(n) => {
                if self.commands.is_empty() {
                    return;
                }
                let (d, command) = self.commands[n % self.commands.len()];
                self.order(d, Order::Undo { command });
            }
            Step::Decide(d, n, accepted) => {
                let waiting: Vec<ProposalState> =
                    self.devices[d].proposals.iter().filter(|it| it.accepted.is_none()).cloned().collect();
                if waiting.is_empty() {
                    return;
                }
                let chosen = &waiting[n % waiting.len()];
                let proposal = chosen.id;
                let order = match accepted {
                    true => Order::AcceptProposal { proposal },
                    false => Order::DeclineProposal { proposal, picked: Vec::new() },
                };
                if self.order(d, order) && accepted && chosen.creates {
                    self.oracle.client_of.insert(chosen.record.id, chosen.client);
                }
            }
            Step::PullPage(d) => self.pull_page(d),
            Step::PullAll(d) => {
                self.pull_page(d);
                while self.devices[d].last.more {
                    self.pull_page(d);
                }
            }
            Step::Days(days) => self.w.clock.forward(Duration::days(days)),
        }
    }

    fn held(&self, d: usize) -> Vec<RecordId> {
        self.devices[d].records.keys().copied().filter(|id| self.oracle.client_of.contains_key(id)).collect()
    }

    fn push(&mut self, d: usize, group: &Frame<Group>) -> Outcome {
        let outcome = self.devices[d].push_one(group);
        self.oracle.expire(self.w.clock.now());
        outcome
    }

    fn order(&mut self, d: usize, order: Order) -> bool {
        let (id, group) = self.devices[d].command(order);
        let Outcome::Applied(plan) = self.push(d, &group) else { return false };
        self.oracle.apply(&plan.events);
        self.commands.push((d, id));
        true
    }

    fn pull_page(&mut self, d: usize) {
        self.devices[d].pull_page();
        self.oracle.expire(self.w.clock.now());
        let device = &self.devices[d];
        for record in &device.last.records {
            assert!(self.oracle.sees(device.user, record.record.id), "a record that is not his");
        }
        for granted in &device.last.granted {
            if let Home::Client(client) = granted.home {
                assert!(self.oracle.sees(device.user, client), "a home that is not his");
            }
        }
    }

    fn settle(&mut self) {
        for d in 0..self.devices.len() {
            self.step(Step::PullAll(d));
            self.pull_page(d);
            let last = &self.devices[d].last;
            assert!(last.records.is_empty() && last.granted.is_empty() && !last.more, "not quiet");
        }
        let all = &self.devices[6];
        for device in &self.devices {
            let expected: BTreeSet<RecordId> =
                self.all().into_iter().filter(|id| self.oracle.sees(device.user, *id)).collect();
            let held: BTreeSet<RecordId> = device.records.keys().copied().collect();
            assert_eq!(held, expected, "device of {:?}", device.user);
            for (id, held) in &device.records {
                let chunks = |chunks: &[Vec<u8>]| chunks.iter().map(|chunk| hash_of(chunk)).collect::<BTreeSet<_>>();
                assert_eq!(chunks(&held.chunks), chunks(&all.records[id].chunks));
                assert_eq!(held.authority, all.records[id].authority);
                assert_eq!(held.homes, BTreeSet::from([Home::Client(self.oracle.client_of[id])]));
            }
            for home in device.homes.keys() {
                if let Home::Client(client) = home {
                    assert!(self.oracle.sees(device.user, *client));
                }
            }
        }
        for (client, (responsible, department)) in &self.oracle.clients {
            let told = all.records[client].authority.client.unwrap();
            assert_eq!((told.responsible, told.department), (*responsible, *department));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, max_shrink_iters: 200, ..ProptestConfig::default() })]
    #[test]
    fn devices_end_with_what_their_people_see(
        steps in prop::collection::vec(step(), 10..90),
        credits in prop::collection::vec(prop_oneof![Just(1u32), 200u32..3000, Just(0u32)], 1..7),
    ) {
        let mut run = Run::new(&credits);
        for step in steps {
            run.step(step);
        }
        run.settle();
    }
}
