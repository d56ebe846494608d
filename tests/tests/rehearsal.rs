//! What a rehearsal shows is what the order then does.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use satchel_core::domain::absence::{Stage, StandIn};
use satchel_core::domain::ids::*;
use satchel_core::domain::order::{Command, Event, Move, Order, Plan};
use satchel_core::store::outbox::ItemState;
use satchel_core::sync::device::identity;
use satchel_tests::harness::{Device, Office};

/// A random office: clients of three people, plans, some of them handed on.
fn furnish(office: &Office, seed: &[(u8, u8, u8)]) -> (Vec<Device>, Vec<RecordId>, Vec<RecordId>) {
    let cast = &office.cast;
    let devices: Vec<Device> =
        [cast.anna, cast.bohdan, cast.taras, cast.olena].into_iter().map(|user| office.ready(user, "device")).collect();
    let (mut clients, mut visits) = (Vec::new(), Vec::new());
    for (owner, n_plans, hand_on) in seed {
        let device = &devices[usize::from(owner % 3)];
        let client = device.client("Фирма");
        clients.push(client);
        for n in 0..n_plans % 3 {
            let visit = device.plan(client, "визит");
            visits.push(visit);
            if (hand_on + n).is_multiple_of(3) {
                device.redirect(visit, device.user, devices[usize::from((owner + 1) % 3)].user);
            }
        }
        device.sync();
    }
    for device in &devices {
        device.sync();
    }
    (devices, clients, visits)
}

fn order_of(office: &Office, what: u8, clients: &[RecordId], visits: &[RecordId], picks: (u8, u8, u8)) -> Order {
    let people = [office.cast.anna, office.cast.bohdan, office.cast.taras];
    let to = people[usize::from(picks.1 % 3)];
    let from = people[usize::from(picks.2 % 3)];
    let at = |list: &[RecordId]| list[usize::from(picks.0) % list.len()];
    if what.is_multiple_of(3) && !visits.is_empty() {
        let until = office.now() + chrono::Duration::days(3);
        return Order::RedirectInteraction { interaction: at(visits), from, to, comment: String::new(), until };
    }
    let n = 1 + usize::from(what) % clients.len();
    if what % 3 == 1 {
        let given = |list: &[RecordId]| list.iter().take(n).map(|record| StandIn { record: *record, to }).collect();
        return Order::RecordAbsence {
            absence: AbsenceId(office.ids.fresh()),
            person: from,
            reason: "holiday".into(),
            // Some have begun already, some are to come.
            from: office.now() + chrono::Duration::days(i64::from(what) - 4),
            until: Some(office.now() + chrono::Duration::days(20)),
            clients: given(clients),
            interactions: given(visits),
        };
    }
    let moves = clients.iter().take(n).map(|client| Move { client: *client, from }).collect();
    Order::MoveClients { moves, to, reason: "holiday".into() }
}

/// The same plan under another order's id, which absences carry.
fn under(mut plan: Plan, command: CommandId) -> Plan {
    for event in &mut plan.events {
        if let Event::AbsenceSet { after, .. } = event {
            after.command = command;
        }
    }
    plan
}

/// Nothing has happened yet; on the first day exactly what was rehearsed does.
fn continue_from_the_first_day(office: &Office, plan: &Plan) -> Result<(), TestCaseError> {
    let Some(Event::AbsenceSet { after, .. }) = plan.events.first() else {
        return Err(TestCaseError::fail("a coming absence is set first"));
    };
    prop_assert_eq!(plan.events.len(), 1);
    office.clock.forward(after.from - office.now());
    office.door().keep_time().unwrap();
    let now = office.auditor();
    for given in &after.interactions {
        prop_assert_eq!(now.held.records[&given.record].authority.assigned, Some(given.to));
    }
    for given in &after.clients {
        let mut probe = office.probe(given.to);
        probe.pull().unwrap();
        prop_assert!(probe.held.records.contains_key(&given.record), "he sees what he was to see");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn the_rehearsed_plan_is_what_is_applied(
        seed in prop::collection::vec((0u8..3, 0u8..3, 0u8..6), 1..5),
        what in 0u8..12, picks in (0u8..20, 0u8..3, 0u8..3),
    ) {
        let office = Office::open();
        let (devices, clients, visits) = furnish(&office, &seed);
        let olena = &devices[3];
        let order = order_of(&office, what, &clients, &visits, picks);
        let command = Command {
            id: CommandId(office.ids.fresh()),
            at: office.now(),
            order: order.clone(),
            builds_on: Vec::new(),
            confirmed: None,
        };
        let before = office.auditor();
        let rehearsed = identity::rehearse(olena.store(), &*olena.line, &command, office.now()).unwrap();
        let after = office.auditor();
        let authority = |id: &RecordId, probe: &satchel_tests::harness::Probe| probe.held.records[id].authority.clone();
        for id in clients.iter().chain(&visits) {
            prop_assert_eq!(authority(id, &before), authority(id, &after), "a rehearsal changes nothing");
        }

        // The device's own rehearsal, made offline, comes to the same wherever it knows all that the order touches.
        let offline = satchel_core::domain::decide::decide(&olena.store().office().unwrap(), olena.user, &command, office.now());

        let given = olena.order(order);
        olena.sync();
        let entry = olena.store().command(given).unwrap();
        match &rehearsed.plan {
            Ok(plan) => {
                prop_assert_eq!(entry.state, ItemState::Applied);
                prop_assert_eq!(entry.plan.as_ref(), Some(&under(plan.clone(), given)));
                if let Ok(offline) = offline
                    && offline.refused == plan.refused
                {
                    prop_assert_eq!(offline.mark(), plan.mark());
                }
                // And what the events say is what stands afterwards.
                let now = office.auditor();
                for (client, _, to) in &plan.mark().moves {
                    prop_assert_eq!(authority(client, &now).client.unwrap().responsible, *to);
                }
                let begun = plan.events.iter().all(|event| {
                    !matches!(event, Event::AbsenceSet { after, .. } if after.stage == Stage::Coming)
                });
                if !begun {
                    continue_from_the_first_day(&office, plan)?;
                    return Ok(());
                }
                for (visit, _, to) in &plan.mark().hand_overs {
                    prop_assert_eq!(authority(visit, &now).assigned, Some(*to));
                }
            }
            Err(code) => {
                prop_assert_ne!(entry.state, ItemState::Applied);
                prop_assert_eq!(entry.refusal.as_deref().unwrap_or(&entry.code), code.as_str());
            }
        }
    }
}

#[test]
fn a_plan_that_now_means_other_people_waits_for_a_second_confirmation() {
    let office = Office::open();
    let (anna, olena) = (office.ready(office.cast.anna, "phone"), office.ready(office.cast.olena, "laptop"));
    let (first, second) = (anna.client("Альфа"), anna.client("Бета"));
    anna.sync();
    olena.sync();
    let moves: Vec<Move> =
        [first, second].iter().map(|client| Move { client: *client, from: office.cast.anna }).collect();
    let order = Order::MoveClients { moves, to: office.cast.bohdan, reason: "other".into() };
    let command = Command {
        id: CommandId(office.ids.fresh()),
        at: office.now(),
        order: order.clone(),
        builds_on: vec![],
        confirmed: None,
    };
    let shown = identity::rehearse(olena.store(), &*olena.line, &command, office.now()).unwrap().plan.unwrap();
    // Meanwhile one of the two goes elsewhere.
    let admin = office.ready(office.cast.admin, "laptop");
    admin.move_clients(&[second], office.cast.anna, office.cast.taras);
    admin.sync();
    let given = olena.order_confirmed(order, shown.mark());
    assert_eq!(olena.sync().awaiting_confirmation(), [given]);
    assert_eq!(olena.responsible(first), Some(office.cast.anna));
    let found = olena.store().command(given).unwrap().plan.unwrap();
    assert_eq!(found.mark().moves.len(), 1);
    assert_eq!(found.refused.len(), 1);
}
