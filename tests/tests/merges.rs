//! Clients made twice become one, whoever was offline meanwhile, and come apart again.
#![allow(clippy::unwrap_used)]

use satchel_core::domain::ids::*;
use satchel_core::domain::kinds::{client, interaction, person};
use satchel_core::domain::order::{Move, Order};
use satchel_core::domain::patch::Patch;
use satchel_core::domain::value::Value;
use satchel_core::store::interactions::HistoryFilter;
use satchel_core::store::outbox::ItemState;
use satchel_tests::harness::{Device, Office, Writes};

struct Scene {
    office: Office,
    anna: Device,
    /// Anna's other device.
    tablet: Device,
    bohdan: Device,
    olena: Device,
    /// Anna's two cards of one client, and Bohdan's.
    first: RecordId,
    second: RecordId,
    bohdans: RecordId,
    visit: RecordId,
}

fn scene() -> Scene {
    let office = Office::open();
    let (anna, tablet) = (office.ready(office.cast.anna, "phone"), office.ready(office.cast.anna, "tablet"));
    let (bohdan, olena) = (office.ready(office.cast.bohdan, "phone"), office.ready(office.cast.olena, "laptop"));
    let (first, second) = (anna.client("Ромашка"), anna.client("ТОВ Ромашка"));
    let bohdans = bohdan.client("Ромашка-Сервіс");
    let visit = anna.plan(second, "визит");
    anna.log(second, "первый разговор");
    anna.person(second, "Петренко");
    for device in [&anna, &bohdan, &tablet, &olena] {
        device.sync();
    }
    Scene { office, anna, tablet, bohdan, olena, first, second, bohdans, visit }
}

impl Scene {
    /// Everybody hears of everything; nothing is left to say or to judge.
    fn settle(&self) {
        for _ in 0..3 {
            for device in [&self.anna, &self.tablet, &self.bohdan, &self.olena] {
                device.online().sync();
            }
        }
    }

    fn merge(&self, by: &Device, into: (RecordId, UserId), other: (RecordId, UserId)) -> CommandId {
        let into = Move { client: into.0, from: into.1 };
        by.order(Order::MergeClients { into, others: vec![Move { client: other.0, from: other.1 }] })
    }

    fn anna_merges(&self) -> CommandId {
        let anna = self.office.cast.anna;
        self.merge(&self.anna, (self.first, anna), (self.second, anna))
    }
}

fn lists(device: &Device) -> Vec<RecordId> {
    let mut shown: Vec<RecordId> =
        device.rows("client").into_iter().filter(|row| !row.trashed).map(|row| row.id).collect();
    shown.sort();
    shown
}

/// The last and the next contact of every client are those of what lives under it.
fn contacts_agree(device: &Device) {
    for row in device.rows("client") {
        let under = device.store().rows_under(row.id, "interaction").unwrap();
        let of = |state: &str| {
            let wanted = under.iter().filter(|it| it.get(interaction::STATE).as_deref() == Some(state));
            wanted.filter_map(|it| it.get(interaction::STARTS_AT)).collect::<Vec<_>>()
        };
        let (last, next) = (of("held").into_iter().max(), of("planned").into_iter().min());
        assert_eq!((row.get(client::LAST_CONTACT), row.get(client::NEXT_CONTACT)), (last, next), "{}", row.title);
    }
}

fn lives_under(device: &Device, record: RecordId) -> Option<RecordId> {
    device.sees(record).and_then(|stored| stored.row.client)
}

#[test]
fn what_lives_under_a_client_made_twice_lives_under_the_one_that_stays_on_every_device() {
    let scene = scene();
    scene.anna_merges();
    scene.settle();
    let Scene { anna, tablet, olena, bohdan, first, second, visit, .. } = &scene;
    for device in [anna, tablet, olena] {
        assert!(lists(device).contains(first) && !lists(device).contains(second));
        assert_eq!(lives_under(device, *visit), Some(*first));
        assert_eq!(device.store().history(*first, &HistoryFilter::default(), 0, 10).unwrap().total, 1);
        assert_eq!(device.store().rows_under(*first, "person").unwrap().len(), 1);
        let merged = device.store().authority(*second).unwrap().merged.unwrap();
        assert_eq!((merged.into, merged.by), (*first, scene.office.cast.anna));
        assert!(!device.notices().contains(&"client_left".to_owned()), "it is here, as part of another one");
        assert!(!device.sees(*second).unwrap().may_edit);
    }
    assert!(bohdan.sees(*first).is_none() && bohdan.sees(*second).is_none() && bohdan.sees(*visit).is_none());
    // A device that comes later has the same.
    let late = scene.office.ready(scene.office.cast.anna, "new");
    late.sync();
    assert_eq!(lists(&late), lists(anna));
    assert_eq!(lives_under(&late, *visit), Some(*first));
}

#[test]
fn what_is_made_offline_for_the_client_that_went_is_found_at_the_one_that_stays() {
    let scene = scene();
    let made = scene.tablet.offline().log(scene.second, "разговор в дороге");
    scene.tablet.types(scene.visit, interaction::DESCRIPTION, "взять образцы");
    scene.anna_merges();
    scene.anna.sync();
    scene.settle();
    for device in [&scene.anna, &scene.tablet, &scene.olena] {
        assert_eq!(lives_under(device, made), Some(scene.first));
        assert_eq!(device.text(scene.visit, interaction::DESCRIPTION), "взять образцы");
    }
    assert!(scene.tablet.everything_unsent().is_empty());
}

#[test]
fn off_3_a_late_edit_of_the_client_that_went_waits_for_whoever_has_the_one_that_stays() {
    let scene = scene();
    scene.tablet.offline().types(scene.second, client::CITY, "Чернігів");
    scene.anna_merges();
    scene.anna.sync();
    scene.settle();
    let asked = scene.anna.store().proposals().unwrap();
    assert_eq!(asked.len(), 1);
    assert_eq!((asked[0].state.client, asked[0].state.record.id), (scene.first, scene.second));
    assert_eq!(asked[0].after["city"], Value::Text("Чернігів".into()));
    assert_eq!(asked[0].state.ended.cause.order, "merge_clients");
    assert_eq!(scene.anna.text(scene.first, client::CITY), "", "nothing is merged silently");
    assert!(scene.tablet.tray().contains("Чернігів"), "nor lost");
}

#[test]
fn vis_only_whoever_supervises_both_merges_clients_of_two_people() {
    let scene = scene();
    let (anna, bohdan) = (scene.office.cast.anna, scene.office.cast.bohdan);
    // What Anna does not see she cannot tell from what is not there.
    scene.merge(&scene.anna, (scene.first, anna), (scene.bohdans, bohdan));
    scene.anna.sync();
    let refused = scene.anna.commands(ItemState::Refused);
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0].code, "not_found");

    let visit = scene.bohdan.plan(scene.bohdans, "звонок");
    scene.bohdan.sync();
    let late = scene.bohdan.offline().log(scene.bohdans, "без сети");
    scene.bohdan.types(visit, interaction::DESCRIPTION, "в дороге");
    scene.merge(&scene.olena, (scene.first, anna), (scene.bohdans, bohdan));
    scene.olena.sync();
    scene.settle();
    for device in [&scene.anna, &scene.olena] {
        assert_eq!(lives_under(device, visit), Some(scene.first));
        assert_eq!(device.assigned(visit), Some(anna));
    }
    assert!(scene.bohdan.sees(scene.bohdans).is_none() && scene.bohdan.sees(visit).is_none());
    assert!(scene.bohdan.sees(scene.first).is_none());
    assert!(scene.bohdan.notices().contains(&"client_left".to_owned()));
    // OFF-3: what Bohdan did without knowing waits for Anna.
    let proposed = scene.anna.proposed_records();
    assert!(proposed.contains(&late) && proposed.contains(&visit), "{proposed:?}");
    for proposal in scene.anna.proposals() {
        scene.anna.decide(proposal, true);
    }
    scene.settle();
    assert_eq!(lives_under(&scene.anna, late), Some(scene.first));
    assert_eq!(scene.anna.text(visit, interaction::DESCRIPTION), "в дороге");
    assert!(scene.bohdan.sees(late).is_none());
}

#[test]
fn whoever_was_handed_a_visit_goes_on_seeing_it_with_the_client_that_stays() {
    let scene = scene();
    let (anna, bohdan) = (scene.office.cast.anna, scene.office.cast.bohdan);
    scene.anna.redirect(scene.visit, anna, bohdan);
    scene.settle();
    assert!(scene.bohdan.sees(scene.visit).is_some());
    scene.anna_merges();
    scene.settle();
    assert_eq!(lives_under(&scene.bohdan, scene.visit), Some(scene.first));
    assert_eq!(scene.bohdan.text(scene.first, client::NAME), "Ромашка");
    scene.bohdan.types(scene.visit, interaction::RESULT, "договорились");
    scene.settle();
    assert_eq!(scene.anna.text(scene.visit, interaction::RESULT), "договорились");
}

#[test]
fn one_undo_takes_everything_apart_again_also_what_was_made_meanwhile() {
    let scene = scene();
    let (anna, bohdan) = (scene.office.cast.anna, scene.office.cast.bohdan);
    let visit = scene.bohdan.plan(scene.bohdans, "звонок");
    scene.bohdan.sync();
    scene.olena.sync();
    let before: Vec<_> = [&scene.anna, &scene.bohdan, &scene.olena].map(lists).to_vec();
    let late = scene.tablet.offline().log(scene.second, "разговор в дороге");
    let own = scene.anna_merges();
    scene.anna.sync();
    let others = scene.merge(&scene.olena, (scene.first, anna), (scene.bohdans, bohdan));
    scene.olena.sync();
    scene.settle();
    assert_eq!(lives_under(&scene.anna, late), Some(scene.first));
    scene.office.clock.forward(chrono::Duration::hours(1));
    let mine = scene.anna.log(scene.first, "после слияния");
    scene.settle();
    for device in [&scene.anna, &scene.tablet, &scene.olena] {
        contacts_agree(device);
    }

    scene.olena.undo(others);
    scene.olena.sync();
    scene.anna.undo(own);
    scene.settle();
    let after: Vec<_> = [&scene.anna, &scene.bohdan, &scene.olena].map(lists).to_vec();
    assert_eq!(before, after);
    for device in [&scene.anna, &scene.tablet, &scene.olena] {
        assert_eq!(lives_under(device, scene.visit), Some(scene.second));
        assert_eq!(lives_under(device, late), Some(scene.second));
        assert_eq!(lives_under(device, mine), Some(scene.first));
        assert!(device.sees(scene.second).unwrap().may_edit);
        assert!(device.store().authority(scene.second).unwrap().merged.is_none());
    }
    for device in [&scene.anna, &scene.tablet, &scene.bohdan, &scene.olena] {
        contacts_agree(device);
    }
    assert_eq!(lives_under(&scene.bohdan, visit), Some(scene.bohdans));
    assert_eq!(scene.bohdan.assigned(visit), Some(bohdan));
    assert!(scene.anna.sees(visit).is_none() && scene.anna.sees(scene.bohdans).is_none());
}

#[test]
fn a_merge_given_offline_is_confirmed_anew_where_the_client_went_to_somebody_else() {
    let scene = scene();
    let (anna, bohdan) = (scene.office.cast.anna, scene.office.cast.bohdan);
    let admin = scene.office.ready(scene.office.cast.admin, "laptop");
    scene.anna.offline();
    scene.anna_merges();
    let order = scene.merge(admin.offline(), (scene.first, anna), (scene.second, anna));
    scene.olena.move_clients(&[scene.second], anna, bohdan);
    scene.olena.sync();
    assert_eq!(admin.online().sync().awaiting_confirmation(), [order]);
    scene.settle();
    // Of a client that is not hers any more Anna learns nothing.
    assert_eq!(scene.anna.commands(ItemState::Refused)[0].code, "not_found");
    assert!(lists(&scene.bohdan).contains(&scene.second), "nothing was merged");
}

#[test]
fn rule_23_sums_agree_after_a_merge_and_after_its_undo() {
    let scene = scene();
    let order = scene.anna_merges();
    scene.settle();
    let sound = |office: &Office| {
        let found = office.storage().examine(false).unwrap();
        assert!(found.is_empty(), "{found:?}");
    };
    sound(&scene.office);
    scene.anna.undo(order);
    scene.settle();
    sound(&scene.office);
}

#[test]
fn what_was_typed_with_a_late_edit_of_a_merged_client_is_decided_on_by_itself() {
    let scene = scene();
    let (anna, bohdan) = (scene.office.cast.anna, scene.office.cast.bohdan);
    scene.bohdan.offline();
    let made = scene.bohdan.fresh();
    let patch = Patch::new().set(client::CITY, "Чернігів".to_owned());
    let name = Patch::new().set(person::NAME, "Ірина".to_owned());
    let both = Writes::new().edit(scene.bohdans, patch).create("person", made, Some(scene.bohdans), name);
    scene.bohdan.write(both).unwrap();
    scene.merge(&scene.olena, (scene.first, anna), (scene.bohdans, bohdan));
    scene.olena.sync();
    scene.settle();
    let asked = |of: RecordId| {
        let all = scene.anna.store().proposals().unwrap();
        all.iter().find(|one| one.state.record.id == of && one.state.accepted.is_none()).map(|one| one.state.id)
    };
    // The card that went is written no more, so what is new in it is never simply taken in.
    scene.anna.decide(asked(scene.bohdans).unwrap(), true);
    scene.settle();
    assert!(asked(scene.bohdans).is_some() && asked(made).is_some());
    // The person is, and the edit of the card waits on.
    scene.anna.decide(asked(made).unwrap(), true);
    scene.settle();
    assert_eq!(lives_under(&scene.anna, made), Some(scene.first));
    assert_eq!(scene.anna.text(made, person::NAME), "Ірина");
    assert!(asked(scene.bohdans).is_some());
    scene.anna.decide(asked(scene.bohdans).unwrap(), false);
    scene.settle();
    assert!(asked(scene.bohdans).is_none());
    assert_eq!(scene.anna.text(made, person::NAME), "Ірина");
}

#[test]
fn what_was_made_for_a_client_merged_twice_goes_back_with_either() {
    let scene = scene();
    let anna = scene.office.cast.anna;
    let third = scene.anna.client("Ромашка Плюс");
    scene.settle();
    scene.tablet.offline();
    let first = scene.anna_merges();
    let second = scene.merge(&scene.anna, (third, anna), (scene.first, anna));
    scene.anna.sync();
    let late = scene.tablet.log(scene.second, "разговор в дороге");
    scene.settle();
    assert_eq!(lives_under(&scene.anna, late), Some(third));
    scene.anna.undo(second);
    scene.settle();
    assert_eq!(lives_under(&scene.anna, late), Some(scene.first));
    scene.anna.undo(first);
    scene.settle();
    assert_eq!(lives_under(&scene.anna, late), Some(scene.second));
}

#[test]
fn what_waits_to_be_made_in_a_client_is_for_whoever_has_it_once_it_is_parted() {
    let scene = scene();
    let (anna, bohdan) = (scene.office.cast.anna, scene.office.cast.bohdan);
    scene.bohdan.offline().log(scene.bohdans, "разговор в дороге");
    let merged = scene.merge(&scene.olena, (scene.first, anna), (scene.bohdans, bohdan));
    scene.olena.sync();
    scene.settle();
    assert_eq!(scene.anna.proposals().len(), 1);
    scene.olena.undo(merged);
    scene.settle();
    assert!(scene.anna.proposals().is_empty(), "the client is not hers any more, so neither is the decision");
    assert_eq!(scene.bohdan.proposals().len(), 1);
}
