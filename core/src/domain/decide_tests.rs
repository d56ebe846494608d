//! What the office decides, on a small office of two departments.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Duration, Utc};
use proptest::prelude::*;
use uuid::Uuid;

use super::absence::*;
use super::authority::*;
use super::decide::{OfficeView, Proposed, decide};
use super::ids::*;
use super::merge::Merged;
use super::order::*;

pub(super) const NORTH: u8 = 1;
pub(super) const SOUTH: u8 = 2;
pub(super) const ADMIN: u8 = 10;
pub(super) const NORTH_HEAD: u8 = 11;
pub(super) const SOUTH_HEAD: u8 = 12;
pub(super) const ANNA: u8 = 13;
pub(super) const BOHDAN: u8 = 14;
pub(super) const SOUTHERNER: u8 = 15;
pub(super) const CLIENT: u8 = 20;
pub(super) const VISIT: u8 = 30;

pub(super) fn id(n: u8) -> Uuid {
    Uuid::from_bytes([n; 16])
}

pub(super) fn user(n: u8) -> UserId {
    UserId(id(n))
}

pub(super) fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).unwrap()
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Small {
    pub(super) users: BTreeMap<UserId, User>,
    pub(super) clients: BTreeMap<RecordId, ClientAuthority>,
    pub(super) interactions: BTreeMap<RecordId, Assignment>,
    pub(super) grants: Vec<(Home, UserId, Grant)>,
    pub(super) absences: BTreeMap<AbsenceId, Absence>,
    pub(super) devices: BTreeMap<DeviceId, Device>,
    pub(super) applied: BTreeMap<CommandId, (UserId, Vec<Event>)>,
    pub(super) erasures: BTreeMap<RecordId, (CommandId, DateTime<Utc>)>,
    pub(super) merged: BTreeMap<RecordId, (Merged, BTreeSet<RecordId>)>,
}

impl Small {
    pub(super) fn open() -> Self {
        let mut office = Self {
            users: BTreeMap::new(),
            clients: BTreeMap::new(),
            interactions: BTreeMap::new(),
            grants: Vec::new(),
            absences: BTreeMap::new(),
            applied: BTreeMap::new(),
            devices: BTreeMap::new(),
            erasures: BTreeMap::new(),
            merged: BTreeMap::new(),
        };
        for (n, role, department) in [
            (ADMIN, Role::Admin, NORTH),
            (NORTH_HEAD, Role::Supervisor, NORTH),
            (SOUTH_HEAD, Role::Supervisor, SOUTH),
            (ANNA, Role::Rep, NORTH),
            (BOHDAN, Role::Rep, NORTH),
            (SOUTHERNER, Role::Rep, SOUTH),
        ] {
            let department = DepartmentId(id(department));
            let one = User { id: user(n), name: n.to_string(), role, department, active: true };
            let device = Device {
                id: DeviceId(one.id.0),
                user: one.id,
                name: "phone".into(),
                enrolled_at: now(),
                contact_at: None,
                n_purges: 0,
                revoked: false,
                app: String::new(),
                n_unsent: 0,
                acked_at: None,
                wipe: None,
            };
            office.devices.insert(device.id, device);
            office.users.insert(one.id, one);
        }
        office.give(CLIENT, ANNA);
        let visit = Assignment { client: RecordId(id(CLIENT)), assigned: user(ANNA), open: true, hand_overs: vec![] };
        office.interactions.insert(RecordId(id(VISIT)), visit);
        office
    }

    pub(super) fn give(&mut self, client: u8, to: u8) {
        let department = self.users[&user(to)].department;
        self.clients.insert(RecordId(id(client)), ClientAuthority { responsible: user(to), department });
        let grant = Grant { reason: Reason::Responsible, level: Level::Write, until: None };
        self.grants.push((Home::Client(RecordId(id(client))), user(to), grant));
    }

    pub(super) fn order(&mut self, by: u8, n: u8, order: Order) -> Result<Plan, Refusal> {
        let command = Command { id: CommandId(id(n)), at: now(), order, builds_on: vec![], confirmed: None };
        let plan = decide(self, user(by), &command, now())?;
        self.apply(&plan);
        for (merged, _) in self.merged.values_mut().filter(|(merged, _)| merged.command == CommandId(id(0))) {
            (merged.command, merged.by) = (command.id, user(by));
        }
        self.applied.insert(command.id, (user(by), plan.events.clone()));
        Ok(plan)
    }

    pub(super) fn apply(&mut self, plan: &Plan) {
        for event in &plan.events {
            match event {
                Event::ClientMoved { client, to, department, .. } => {
                    self.clients.insert(*client, ClientAuthority { responsible: *to, department: *department });
                }
                Event::ClientMerged { client, into, from, .. } => {
                    let its = self.interactions.iter_mut().filter(|(_, one)| one.client == *client);
                    let came = its.map(|(id, one)| {
                        one.client = *into;
                        *id
                    });
                    let came = came.collect();
                    self.clients.remove(client);
                    let command = CommandId(id(0));
                    self.merged.insert(*client, (Merged { into: *into, by: *from, at: now(), command }, came));
                }
                Event::ClientParted { client, to, department, .. } => {
                    let (_, came) = self.merged.remove(client).unwrap();
                    came.iter().for_each(|one| self.interactions.get_mut(one).unwrap().client = *client);
                    self.clients.insert(*client, ClientAuthority { responsible: *to, department: *department });
                }
                Event::InteractionAssigned { interaction, to, .. } => {
                    self.interactions.get_mut(interaction).unwrap().assigned = *to;
                }
                Event::GrantGiven { home, user, reason, level, until } => {
                    self.grants.retain(|(h, u, grant)| !(h == home && u == user && grant.reason == *reason));
                    self.grants.push((*home, *user, Grant { reason: *reason, level: *level, until: *until }));
                }
                Event::GrantEnded { home, user, reason, .. } => {
                    self.grants.retain(|(h, u, grant)| !(h == home && u == user && grant.reason == *reason));
                }
                Event::DeviceRevoked { device, .. } => {
                    self.devices.get_mut(device).unwrap().revoked = true;
                }
                Event::WipeOrdered { device, order, rescue, due, .. } => {
                    let wipe = WipeState { order: *order, rescue: *rescue, due: *due, rescued_at: None, done_at: None };
                    self.devices.get_mut(device).unwrap().wipe = Some(wipe);
                }
                Event::WipeWithdrawn { device, .. } => self.devices.get_mut(device).unwrap().wipe = None,
                Event::ErasureOrdered { record, order, due } => {
                    self.erasures.insert(*record, (*order, *due));
                }
                Event::ErasureWithdrawn { record, .. } => {
                    self.erasures.remove(record);
                }
                Event::PersonRevoked { user } => self.users.get_mut(user).unwrap().active = false,
                Event::AbsenceSet { after, .. } => {
                    self.absences.insert(after.id, (**after).clone());
                }
                Event::ProposalDecided { .. } => {}
            }
        }
    }

    /// Exactly one person is responsible, and exactly he has the grant that goes with it.
    pub(super) fn is_sound(&self) -> bool {
        self.clients.iter().all(|(client, held)| {
            let responsible: Vec<_> = self
                .grants
                .iter()
                .filter(|(home, _, grant)| *home == Home::Client(*client) && grant.reason == Reason::Responsible)
                .map(|(_, user, _)| *user)
                .collect();
            responsible == [held.responsible]
        })
    }
}

impl OfficeView for Small {
    fn user(&self, id: UserId) -> Option<User> {
        self.users.get(&id).cloned()
    }

    fn department(&self, id: DepartmentId) -> Option<Department> {
        Some(Department { id, name: String::new(), parent: None })
    }

    fn client(&self, id: RecordId) -> Option<ClientAuthority> {
        self.clients.get(&id).copied()
    }

    fn interaction(&self, id: RecordId) -> Option<Assignment> {
        self.interactions.get(&id).cloned()
    }

    fn open_interactions(&self, client: RecordId, assigned: UserId) -> Vec<RecordId> {
        let open =
            self.interactions.iter().filter(|(_, one)| one.open && one.client == client && one.assigned == assigned);
        open.map(|(id, _)| *id).collect()
    }

    fn grants(&self, home: Home, user: UserId) -> Vec<Grant> {
        self.grants.iter().filter(|(h, u, _)| *h == home && *u == user).map(|(_, _, grant)| grant.clone()).collect()
    }

    fn device(&self, id: DeviceId) -> Option<Device> {
        self.devices.get(&id).cloned()
    }

    fn exists(&self, record: RecordId) -> bool {
        self.clients.contains_key(&record) || self.interactions.contains_key(&record)
    }

    fn erasure(&self, record: RecordId) -> Option<(CommandId, DateTime<Utc>)> {
        self.erasures.get(&record).copied()
    }

    fn devices_of(&self, user: UserId) -> Vec<Device> {
        self.devices.values().filter(|device| device.user == user).cloned().collect()
    }

    fn proposal(&self, _: ProposalId) -> Option<Proposed> {
        Some(Proposed {
            record: RecordId(id(CLIENT)),
            client: RecordId(id(CLIENT)),
            author: user(ANNA),
            decided: false,
        })
    }

    fn applied(&self, id: CommandId) -> Option<(UserId, Vec<Event>)> {
        self.applied.get(&id).cloned()
    }

    fn absence(&self, id: AbsenceId) -> Option<Absence> {
        self.absences.get(&id).cloned()
    }

    fn absences_of(&self, person: UserId) -> Vec<Absence> {
        self.absences.values().filter(|one| one.person == person && one.is_alive()).cloned().collect()
    }

    fn clients_of(&self, person: UserId) -> Vec<RecordId> {
        self.clients.iter().filter(|(_, held)| held.responsible == person).map(|(id, _)| *id).collect()
    }

    fn holders(&self, home: Home) -> Vec<(UserId, Grant)> {
        self.grants.iter().filter(|(h, ..)| *h == home).map(|(_, user, grant)| (*user, grant.clone())).collect()
    }

    fn merged(&self, client: RecordId) -> Option<Merged> {
        self.merged.get(&client).map(|(merged, _)| *merged)
    }

    fn came_with(&self, client: RecordId) -> BTreeSet<RecordId> {
        self.merged.get(&client).map(|(_, came)| came.clone()).unwrap_or_default()
    }

    fn open_of(&self, person: UserId) -> Vec<RecordId> {
        self.interactions.iter().filter(|(_, one)| one.open && one.assigned == person).map(|(id, _)| *id).collect()
    }
}

pub(super) fn redirect(from: u8, to: u8) -> Order {
    Order::RedirectInteraction {
        interaction: RecordId(id(VISIT)),
        from: user(from),
        to: user(to),
        comment: "не успеваю".into(),
        until: now() + Duration::days(14),
    }
}

pub(super) fn move_to(from: u8, to: u8) -> Order {
    let moves = vec![Move { client: RecordId(id(CLIENT)), from: user(from) }];
    Order::MoveClients { moves, to: user(to), reason: "other".into() }
}

#[test]
fn a_rep_hands_his_own_visit_over_and_the_colleague_may_add() {
    let mut office = Small::open();
    office.order(ANNA, 1, redirect(ANNA, BOHDAN)).unwrap();
    assert_eq!(office.interactions[&RecordId(id(VISIT))].assigned, user(BOHDAN));
    let grants = office.grants(Home::Client(RecordId(id(CLIENT))), user(BOHDAN));
    assert_eq!(grants.len(), 1);
    assert_eq!((grants[0].level, grants[0].until), (Level::Add, Some(now() + Duration::days(14))));
}

#[test]
fn a_stranger_cannot_tell_a_foreign_visit_from_none() {
    let mut office = Small::open();
    assert_eq!(office.order(SOUTHERNER, 1, redirect(ANNA, SOUTHERNER)), Err(Refusal::NotFound));
    assert_eq!(office.order(SOUTH_HEAD, 1, move_to(ANNA, SOUTHERNER)), Err(Refusal::NotFound));
    office.clients.clear();
    assert_eq!(office.order(SOUTH_HEAD, 1, move_to(ANNA, SOUTHERNER)), Err(Refusal::NotFound));
}

#[test]
fn a_rep_may_not_move_even_his_own_client() {
    assert_eq!(Small::open().order(ANNA, 1, move_to(ANNA, BOHDAN)), Err(Refusal::NotAllowed));
}

#[test]
fn open_visits_go_along_with_their_client() {
    let mut office = Small::open();
    office.order(NORTH_HEAD, 1, move_to(ANNA, SOUTHERNER)).unwrap();
    assert_eq!(office.interactions[&RecordId(id(VISIT))].assigned, user(SOUTHERNER));
    assert_eq!(office.clients[&RecordId(id(CLIENT))].department, DepartmentId(id(SOUTH)));
    assert!(office.grants(Home::Client(RecordId(id(CLIENT))), user(ANNA)).is_empty());
}

#[test]
fn what_was_held_stays_with_whoever_held_it() {
    let mut office = Small::open();
    office.interactions.get_mut(&RecordId(id(VISIT))).unwrap().open = false;
    office.order(NORTH_HEAD, 1, move_to(ANNA, BOHDAN)).unwrap();
    assert_eq!(office.interactions[&RecordId(id(VISIT))].assigned, user(ANNA));
}

#[test]
fn the_second_of_two_contradicting_moves_names_who_has_it_now() {
    let mut office = Small::open();
    office.order(NORTH_HEAD, 1, move_to(ANNA, BOHDAN)).unwrap();
    let second = office.order(ADMIN, 2, move_to(ANNA, SOUTHERNER));
    assert_eq!(second, Err(Refusal::Expected { expected: user(ANNA), found: user(BOHDAN) }));
}

#[test]
fn undo_gives_back_only_what_still_stands() {
    let mut office = Small::open();
    let before = office.clone();
    office.order(NORTH_HEAD, 1, move_to(ANNA, SOUTHERNER)).unwrap();
    let undo = || Order::Undo { command: CommandId(id(1)) };
    office.order(NORTH_HEAD, 2, undo()).unwrap();
    assert_eq!((&office.clients, &office.interactions), (&before.clients, &before.interactions));
    assert!(office.is_sound());

    assert!(matches!(office.order(NORTH_HEAD, 3, undo()), Err(Refusal::Expected { .. })));
    assert_eq!(office.order(NORTH_HEAD, 4, Order::Undo { command: CommandId(id(99)) }), Err(Refusal::NoUndo));
}

#[test]
fn undoing_a_second_hand_over_gives_the_first_colleague_his_access_back() {
    let mut office = Small::open();
    office.order(ANNA, 1, redirect(ANNA, BOHDAN)).unwrap();
    office.order(BOHDAN, 2, redirect(BOHDAN, SOUTHERNER)).unwrap();
    let home = Home::Client(RecordId(id(CLIENT)));
    assert!(office.grants(home, user(BOHDAN)).is_empty());
    office.order(BOHDAN, 3, Order::Undo { command: CommandId(id(2)) }).unwrap();
    assert_eq!(office.grants(home, user(BOHDAN)).len(), 1);
    assert!(office.grants(home, user(SOUTHERNER)).is_empty());
}

#[test]
fn whoever_has_no_say_cannot_tell_somebodys_order_from_none() {
    let mut office = Small::open();
    office.order(ADMIN, 40, move_to(ANNA, SOUTHERNER)).unwrap();
    office.order(SOUTHERNER, 41, redirect(SOUTHERNER, BOHDAN)).unwrap();
    for by in [ANNA, BOHDAN, NORTH_HEAD] {
        for n in [40, 41, 99] {
            let undo = Order::Undo { command: CommandId(id(n)) };
            assert_eq!(office.order(by, 50, undo), Err(Refusal::NoUndo), "{by} {n}");
        }
    }
}

#[test]
fn a_supervisor_takes_back_his_part_of_an_order_and_is_told_of_no_other() {
    let mut office = Small::open();
    office.give(21, SOUTHERNER);
    let moves = [(CLIENT, ANNA), (21, SOUTHERNER)];
    let moves = moves.map(|(client, from)| Move { client: RecordId(id(client)), from: user(from) }).to_vec();
    office.order(ADMIN, 40, Order::MoveClients { moves, to: user(BOHDAN), reason: "other".to_owned() }).unwrap();
    // One of the two goes on to the south.
    let on = Order::MoveClients {
        moves: vec![Move { client: RecordId(id(21)), from: user(BOHDAN) }],
        to: user(SOUTHERNER),
        reason: "other".to_owned(),
    };
    office.order(ADMIN, 41, on).unwrap();
    let plan = office.order(NORTH_HEAD, 50, Order::Undo { command: CommandId(id(40)) }).unwrap();
    assert_eq!(plan.refused, []);
    assert!(!format!("{plan:?}").contains(&RecordId(id(21)).to_string()));
    assert_eq!(office.clients[&RecordId(id(CLIENT))].responsible, user(ANNA));
}

#[test]
fn a_supervisor_takes_back_his_own_order_even_out_of_another_department() {
    let mut office = Small::open();
    office.order(NORTH_HEAD, 40, move_to(ANNA, SOUTHERNER)).unwrap();
    office.order(NORTH_HEAD, 50, Order::Undo { command: CommandId(id(40)) }).unwrap();
    assert_eq!(office.clients[&RecordId(id(CLIENT))].responsible, user(ANNA));
}

#[test]
fn devices_are_revoked_by_their_owner_or_his_supervisors_only() {
    let revoke = || Order::RevokeDevice { device: DeviceId(id(ANNA)), wipe: None };
    for (by, may) in [(ANNA, true), (NORTH_HEAD, true), (ADMIN, true), (BOHDAN, false), (SOUTH_HEAD, false)] {
        assert_eq!(Small::open().order(by, by, revoke()).is_ok(), may, "by {by}");
    }
}

fn wipe(device: u8, after_seconds: u32) -> Order {
    Order::RevokeDevice { device: DeviceId(id(device)), wipe: Some(Wipe { rescue: true, after_seconds }) }
}

#[test]
fn a_wipe_may_follow_a_revocation_and_is_ordered_once() {
    let mut office = Small::open();
    office.order(ANNA, 1, Order::RevokeDevice { device: DeviceId(id(ANNA)), wipe: None }).unwrap();
    let plan = office.order(NORTH_HEAD, 2, wipe(ANNA, 60)).unwrap();
    let due = now() + Duration::seconds(60);
    let (device, user, order) = (DeviceId(id(ANNA)), user(ANNA), CommandId(id(2)));
    assert_eq!(plan.events, [Event::WipeOrdered { device, user, order, rescue: true, due }]);
    assert_eq!(office.order(NORTH_HEAD, 3, wipe(ANNA, 0)), Err(Refusal::Nothing));
}

#[test]
fn a_wipe_is_withdrawn_within_its_delay_only() {
    let mut office = Small::open();
    let withdraw = || Order::WithdrawWipe { device: DeviceId(id(ANNA)) };
    assert_eq!(office.order(NORTH_HEAD, 1, withdraw()), Err(Refusal::Nothing));
    office.order(NORTH_HEAD, 2, wipe(ANNA, 60)).unwrap();
    assert_eq!(office.order(SOUTH_HEAD, 3, withdraw()), Err(Refusal::NotFound));
    office.order(NORTH_HEAD, 4, withdraw()).unwrap();
    assert!(office.devices[&DeviceId(id(ANNA))].revoked, "its rights stay ended");
    office.order(NORTH_HEAD, 5, wipe(ANNA, 0)).unwrap();
    assert_eq!(office.order(NORTH_HEAD, 6, withdraw()), Err(Refusal::TooLate));
}

#[test]
fn only_an_admin_erases_and_takes_it_back_within_the_delay_only() {
    let erase = |after_seconds| Order::Erase { records: vec![RecordId(id(CLIENT))], after_seconds };
    let mut office = Small::open();
    for by in [ANNA, NORTH_HEAD] {
        assert_eq!(office.order(by, 1, erase(60)), Err(Refusal::NotAllowed));
        let nothing = Order::Erase { records: vec![RecordId(id(99))], after_seconds: 60 };
        assert_eq!(office.order(by, 1, nothing), Err(Refusal::NotAllowed), "whether it is there or not");
    }
    office.order(ADMIN, 2, erase(60)).unwrap();
    assert_eq!(office.order(ADMIN, 3, erase(60)), Err(Refusal::Nothing));
    assert_eq!(office.order(NORTH_HEAD, 4, Order::Undo { command: CommandId(id(2)) }), Err(Refusal::NotFound));
    office.order(ADMIN, 5, Order::Undo { command: CommandId(id(2)) }).unwrap();
    office.order(ADMIN, 6, erase(0)).unwrap();
    assert_eq!(office.order(ADMIN, 7, Order::Undo { command: CommandId(id(6)) }), Err(Refusal::TooLate));
}

#[test]
fn a_person_is_shut_out_with_all_his_devices_by_those_above_him_only() {
    let shut = |by: u8, whom: u8| Small::open().order(by, 1, Order::RevokePerson { user: user(whom), wipe: None });
    let plan = shut(NORTH_HEAD, ANNA).unwrap();
    let device = Event::DeviceRevoked { device: DeviceId(id(ANNA)), user: user(ANNA) };
    assert_eq!(plan.events, [Event::PersonRevoked { user: user(ANNA) }, device]);
    assert_eq!(shut(ANNA, BOHDAN), Err(Refusal::NotFound));
    assert_eq!(shut(SOUTH_HEAD, ANNA), Err(Refusal::NotFound));
    assert_eq!(shut(NORTH_HEAD, NORTH_HEAD), Err(Refusal::NotAllowed));
    assert_eq!(shut(NORTH_HEAD, ADMIN), Err(Refusal::NotAllowed));
    assert!(shut(ADMIN, NORTH_HEAD).is_ok());
}

#[test]
fn a_confirmed_plan_that_now_means_other_people_does_not_agree() {
    let mut office = Small::open();
    let shown = office.clone().order(NORTH_HEAD, 1, move_to(ANNA, BOHDAN)).unwrap().mark();
    assert!(shown.agrees_with(&shown.clone()));
    office.order(ADMIN, 2, move_to(ANNA, SOUTHERNER)).unwrap();
    let now = office.order(ADMIN, 3, move_to(SOUTHERNER, BOHDAN)).unwrap().mark();
    assert!(!shown.agrees_with(&now));
}

proptest! {
    #[test]
    fn every_client_always_has_exactly_one_responsible_person(
        steps in prop::collection::vec((0u8..4, 10u8..16, 13u8..16, 13u8..16, 1u8..20), 1..25)
    ) {
        let mut office = Small::open();
        for (n, (what, by, from, to, earlier)) in (40u8..).zip(steps) {
            let order = match what {
                0 => move_to(from, to),
                1 => redirect(from, to),
                2 => Order::Undo { command: CommandId(id(40 + earlier)) },
                _ => move_to(from, from),
            };
            // Refusals are part of the history; what matters is what stands afterwards.
            let _ = office.order(by, n, order);
            prop_assert!(office.is_sound());
            prop_assert!(office.clients.len() == 1);
        }
    }

    #[test]
    fn who_is_refused_changes_nothing(by in 13u8..16, from in 13u8..16, to in 13u8..16) {
        let mut office = Small::open();
        let before = office.clone();
        if office.order(by, 1, move_to(from, to)).is_err() {
            prop_assert_eq!(office, before);
        }
    }
}

fn merge(into: (u8, u8), other: (u8, u8)) -> Order {
    let item = |(client, from): (u8, u8)| Move { client: RecordId(id(client)), from: user(from) };
    Order::MergeClients { into: item(into), others: vec![item(other)] }
}

const TWIN: u8 = 71;

#[test]
fn a_merge_is_for_whoever_writes_both_and_of_two_peoples_clients_for_their_supervisor() {
    let mut office = Small::open();
    office.give(TWIN, BOHDAN);
    assert_eq!(office.order(ANNA, 1, merge((CLIENT, ANNA), (TWIN, BOHDAN))), Err(Refusal::NotFound));
    assert_eq!(office.order(SOUTH_HEAD, 2, merge((CLIENT, ANNA), (TWIN, BOHDAN))), Err(Refusal::NotFound));
    let wrong = Refusal::Expected { expected: user(ANNA), found: user(BOHDAN) };
    assert_eq!(office.order(NORTH_HEAD, 3, merge((CLIENT, ANNA), (TWIN, ANNA))), Err(wrong));
    assert_eq!(office.order(NORTH_HEAD, 4, merge((CLIENT, ANNA), (CLIENT, ANNA))), Err(Refusal::Nothing));
    // Somebody who stands in for Anna and has a client of his own may write both; it is not his to say that her client
    // is his.
    let covers = Grant { reason: Reason::Substitute(AbsenceId(id(9))), level: Level::Write, until: None };
    office.grants.push((Home::Client(RecordId(id(CLIENT))), user(BOHDAN), covers));
    assert_eq!(office.order(BOHDAN, 5, merge((TWIN, BOHDAN), (CLIENT, ANNA))), Err(Refusal::NotAllowed));
    office.order(NORTH_HEAD, 6, merge((TWIN, BOHDAN), (CLIENT, ANNA))).unwrap();
    assert_eq!(office.interactions[&RecordId(id(VISIT))].assigned, user(BOHDAN), "her plans go along");
    assert!(office.is_sound());
    assert_eq!(office.order(NORTH_HEAD, 7, move_to(ANNA, BOHDAN)), Err(Refusal::NotFound), "it is no client any more");
}

#[test]
fn a_merge_and_its_undo_leave_everybody_with_what_he_had() {
    let mut office = Small::open();
    office.give(TWIN, BOHDAN);
    office.order(ANNA, 1, redirect(ANNA, SOUTHERNER)).unwrap();
    let sorted = |office: &Small| {
        let mut grants: Vec<String> = office.grants.iter().map(|grant| format!("{grant:?}")).collect();
        grants.sort();
        (grants, office.clients.clone(), office.interactions.clone())
    };
    let before = sorted(&office);
    office.order(NORTH_HEAD, 2, merge((TWIN, BOHDAN), (CLIENT, ANNA))).unwrap();
    let sees = |office: &Small, client| !office.grants(Home::Client(RecordId(id(client))), user(SOUTHERNER)).is_empty();
    assert!(sees(&office, TWIN) && !sees(&office, CLIENT), "whoever works on a visit goes on seeing its client");
    office.order(NORTH_HEAD, 3, Order::Undo { command: CommandId(id(2)) }).unwrap();
    assert_eq!(sorted(&office), before);
    assert_eq!(office.order(NORTH_HEAD, 4, Order::Undo { command: CommandId(id(2)) }), Err(Refusal::Nothing));
}
