//! Handing one activity to a colleague: he sees the client for it, for a while, and no more than he needs (C-124).

use chrono::Duration;
use satchel_core::app::api::{ClientKey, TodayRequest};
use satchel_core::domain::authority::{Home, Level};
use satchel_core::domain::kinds::{client, interaction};
use satchel_core::store::StoreError;
use satchel_core::store::outbox::ItemState;
use satchel_tests::harness::{Desk, Office};

#[test]
fn a_redirected_visit_appears_in_the_colleagues_today_with_its_history() {
    let office = Office::open();
    let anna = office.ready(office.cast.anna, "phone");
    let bohdan = Desk::of(&office, office.cast.bohdan, "bohdan");
    let firm = anna.client("Альфа");
    let visit = anna.plan(firm, "показать образцы");
    anna.sync();
    bohdan.sync();
    let today = || bohdan.app.today(TodayRequest { user: None, zone: "Europe/Kyiv".into() }).unwrap();
    assert_eq!(today().n_planned, 0);

    anna.redirect(visit, office.cast.anna, office.cast.bohdan);
    anna.sync();
    bohdan.sync();
    let today = today();
    let row = &today.planned[0];
    assert_eq!((row.id, row.subject.as_str()), (visit, "показать образцы"));
    let over = &row.hand_overs[0];
    assert_eq!(over.from.as_ref().unwrap().id, office.cast.anna);
    assert_eq!(over.to.as_ref().unwrap().id, office.cast.bohdan);
    assert_eq!(over.comment, "не успеваю");
    let card = bohdan.app.client_card(ClientKey { client: firm }).unwrap();
    assert_eq!(card.record.row.title, "Альфа");
    assert_eq!(card.reasons[0].reason, "assigned");
    assert!(card.reasons[0].until.is_some());
}

#[test]
fn the_colleague_may_note_the_result_and_add_a_call_but_not_edit_the_card() {
    let office = Office::open();
    let (anna, bohdan) = (office.ready(office.cast.anna, "phone"), office.ready(office.cast.bohdan, "phone"));
    let firm = anna.client("Альфа");
    let (visit, other) = (anna.plan(firm, "визит"), anna.plan(firm, "ещё визит"));
    anna.redirect(visit, office.cast.anna, office.cast.bohdan);
    anna.sync();
    bohdan.sync();
    assert_eq!(bohdan.store().level(Home::Client(firm)).unwrap(), Some(Level::Add));
    bohdan.types(visit, interaction::RESULT, "всё показал");
    let call = bohdan.log(firm, "перезвонил");
    assert!(matches!(bohdan.try_type(firm, client::CITY, "Тверь".into()), Err(StoreError::NotAllowed)));
    assert!(matches!(bohdan.try_type(other, interaction::RESULT, "чужое".into()), Err(StoreError::NotAllowed)));
    bohdan.sync();
    anna.sync();
    assert_eq!(anna.text(visit, interaction::RESULT), "всё показал");
    assert_eq!(anna.text(call, interaction::RESULT), "перезвонил");
}

#[test]
fn what_the_device_would_not_allow_the_server_does_not_take_either() {
    let office = Office::open();
    let (anna, bohdan) = (office.ready(office.cast.anna, "phone"), office.ready(office.cast.bohdan, "phone"));
    let firm = anna.client("Альфа");
    let visit = anna.plan(firm, "визит");
    anna.redirect(visit, office.cast.anna, office.cast.bohdan);
    anna.sync();
    bohdan.sync();
    let mut probe = office.probe(office.cast.bohdan);
    probe.pull().unwrap();
    let verdict = probe.edit_by_hand(
        &office,
        firm,
        satchel_core::domain::patch::Patch::new().set(client::CITY, "Тверь".to_owned()),
    );
    assert_eq!(verdict, satchel_core::sync::wire::Outcome::Refused("read_only".into()));
}

#[test]
fn access_for_an_activity_ends_by_itself_and_late_results_are_still_taken() {
    let office = Office::open();
    let (anna, bohdan) = (office.ready(office.cast.anna, "phone"), office.ready(office.cast.bohdan, "phone"));
    let firm = anna.client("Альфа");
    let visit = anna.plan(firm, "визит");
    anna.redirect(visit, office.cast.anna, office.cast.bohdan);
    anna.sync();
    bohdan.sync();
    bohdan.offline().types(visit, interaction::RESULT, "был в среду");
    office.clock.forward(Duration::days(15));
    bohdan.online().sync();
    anna.sync();
    assert_eq!(anna.text(visit, interaction::RESULT), "был в среду");
    assert!(bohdan.sees(firm).is_none() && bohdan.sees(visit).is_none());
    assert!(!bohdan.holds_home(firm));
    assert!(bohdan.notices().contains(&"client_left".to_owned()));
    assert!(bohdan.waiting(ItemState::Refused).is_empty());
}

#[test]
fn an_activity_cannot_be_redirected_twice_from_the_same_hand() {
    let office = Office::open();
    let (phone, laptop) = (office.ready(office.cast.anna, "phone"), office.ready(office.cast.anna, "laptop"));
    let firm = phone.client("Альфа");
    let visit = phone.plan(firm, "визит");
    phone.sync();
    laptop.sync();
    phone.offline().redirect(visit, office.cast.anna, office.cast.bohdan);
    let second = laptop.offline().redirect(visit, office.cast.anna, office.cast.taras);
    phone.online().sync();
    assert_eq!(laptop.online().sync().awaiting_confirmation(), [second]);
    assert_eq!(laptop.assigned(visit), Some(office.cast.bohdan));
}

#[test]
fn taking_a_hand_over_back_takes_the_colleagues_view_away() {
    let office = Office::open();
    let (anna, bohdan) = (office.ready(office.cast.anna, "phone"), office.ready(office.cast.bohdan, "phone"));
    let firm = anna.client("Альфа");
    let visit = anna.plan(firm, "визит");
    let order = anna.redirect(visit, office.cast.anna, office.cast.bohdan);
    anna.sync();
    bohdan.sync();
    assert!(bohdan.sees(visit).is_some());
    anna.undo(order);
    anna.sync();
    bohdan.sync();
    assert_eq!(anna.assigned(visit), Some(office.cast.anna));
    assert!(bohdan.sees(visit).is_none() && bohdan.sees(firm).is_none());
}

#[test]
fn a_supervisor_hands_over_an_activity_of_his_people() {
    let office = Office::open();
    let (anna, olena) = (office.ready(office.cast.anna, "phone"), office.ready(office.cast.olena, "laptop"));
    let firm = anna.client("Альфа");
    let visit = anna.plan(firm, "визит");
    anna.sync();
    olena.sync();
    olena.redirect(visit, office.cast.anna, office.cast.bohdan);
    olena.sync();
    anna.sync();
    let bohdan = office.ready(office.cast.bohdan, "phone");
    assert_eq!(bohdan.assigned(visit), Some(office.cast.bohdan));
    assert_eq!(anna.assigned(visit), Some(office.cast.bohdan));
    assert_eq!(anna.responsible(firm), Some(office.cast.anna));
}
