//! Clients that go from one colleague to another: nothing is lost, nobody keeps what is not his any more.

use satchel_core::domain::authority::Home;
use satchel_core::domain::ids::*;
use satchel_core::domain::kinds::{client, interaction};
use satchel_core::domain::order::Order;
use satchel_core::store::interactions::HistoryFilter;
use satchel_core::store::outbox::ItemState;
use satchel_tests::harness::{Device, Office};
use satchel_tests::tap;

struct Scene {
    office: Office,
    anna: Device,
    bohdan: Device,
    olena: Device,
    firm: RecordId,
    visit: RecordId,
}

/// Anna has a client with a history and a plan; everybody has met the office.
fn scene() -> Scene {
    let office = Office::open();
    let (anna, bohdan) = (office.ready(office.cast.anna, "phone"), office.ready(office.cast.bohdan, "phone"));
    let olena = office.ready(office.cast.olena, "laptop");
    let firm = anna.client("Альфа Маркер-Ромашка");
    let visit = anna.plan(firm, "визит");
    anna.log(firm, "первый разговор");
    anna.sync();
    olena.sync();
    bohdan.sync();
    Scene { office, anna, bohdan, olena, firm, visit }
}

impl Scene {
    /// Olena moves the client to Bohdan; Anna does not know yet.
    fn moved(&self) -> CommandId {
        let order = self.olena.move_clients(&[self.firm], self.office.cast.anna, self.office.cast.bohdan);
        self.olena.sync();
        order
    }
}

#[test]
fn the_second_of_two_contradicting_moves_comes_back_for_confirmation() {
    let Scene { office, olena, firm, .. } = scene();
    let admin = office.ready(office.cast.admin, "laptop");
    let (anna, bohdan, taras) = (office.cast.anna, office.cast.bohdan, office.cast.taras);
    let (x, y) = (olena.offline(), admin.offline());
    x.move_clients(&[firm], anna, bohdan);
    let second = y.move_clients(&[firm], anna, taras);
    x.online().sync();
    assert_eq!(y.online().sync().awaiting_confirmation(), [second]);
    assert_eq!(admin.responsible(firm), Some(bohdan));

    // Given anew as the world is now, it goes through.
    let moves = vec![satchel_core::domain::order::Move { client: firm, from: bohdan }];
    admin.replace(second, Order::MoveClients { moves, to: taras, reason: "other".into() }).unwrap();
    admin.sync();
    assert_eq!(admin.responsible(firm), Some(taras));
    assert!(admin.waiting(ItemState::NeedsConfirmation).is_empty());
}

#[test]
fn the_new_person_has_the_client_with_its_history_and_open_plans() {
    let scene = scene();
    scene.moved();
    let Scene { office, bohdan, firm, visit, .. } = scene;
    bohdan.sync();
    assert_eq!(bohdan.text(firm, client::NAME), "Альфа Маркер-Ромашка");
    assert_eq!(bohdan.responsible(firm), Some(office.cast.bohdan));
    assert_eq!(bohdan.assigned(visit), Some(office.cast.bohdan));
    assert_eq!(bohdan.store().history(firm, &HistoryFilter::default(), 0, 10).unwrap().total, 1);
    assert!(bohdan.notices().contains(&"client_came".to_owned()));
}

#[test]
fn unsent_edits_go_up_before_the_client_leaves_and_become_proposals() {
    let scene = scene();
    scene.anna.offline().types(scene.firm, client::CITY, "Чернігів");
    scene.moved();
    let Scene { office, anna, bohdan, firm, .. } = scene;
    anna.online().sync();
    assert!(anna.sees(firm).is_none() && !anna.holds_home(firm));
    assert!(anna.notices().contains(&"client_left".to_owned()));
    // She can still read what she typed, until somebody decides.
    assert!(anna.tray().contains("Чернігів"));
    assert_eq!(anna.waiting(ItemState::SetAside).len(), 1);

    bohdan.sync();
    assert_eq!(bohdan.text(firm, client::CITY), "", "nothing is merged silently");
    let asked = bohdan.store().proposals().unwrap();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].state.author, office.cast.anna);
    assert_eq!(asked[0].after["city"], satchel_core::domain::value::Value::Text("Чернігів".into()));
    bohdan.decide(asked[0].state.id, true);
    bohdan.sync();
    assert_eq!(bohdan.text(firm, client::CITY), "Чернігів");
    assert!(bohdan.proposals().is_empty());

    anna.sync();
    assert!(anna.notices().contains(&"edit_accepted".to_owned()));
    assert!(anna.waiting(ItemState::SetAside).is_empty());
    assert!(anna.sees(firm).is_none(), "an accepted edit gives no access back");
}

#[test]
fn a_declined_late_edit_leaves_only_a_receipt() {
    let scene = scene();
    scene.anna.offline().types(scene.firm, client::CITY, "Чернігів");
    scene.moved();
    let Scene { anna, bohdan, firm, .. } = scene;
    anna.online().sync();
    bohdan.sync();
    bohdan.decide(bohdan.proposals()[0], false);
    bohdan.sync();
    anna.sync();
    assert_eq!(bohdan.text(firm, client::CITY), "");
    assert!(anna.notices().contains(&"edit_declined".to_owned()));
    assert!(anna.waiting(ItemState::SetAside).is_empty());
}

#[test]
fn what_the_second_device_typed_before_it_knew_is_a_proposal_too() {
    let scene = scene();
    let laptop = scene.office.ready(scene.office.cast.anna, "laptop");
    laptop.offline().types(scene.firm, client::ADDRESS, "ул. Садовая, 3");
    scene.moved();
    scene.anna.sync();
    laptop.online().sync();
    assert_eq!(laptop.waiting(ItemState::SetAside).len(), 1);
    scene.bohdan.sync();
    assert_eq!(scene.bohdan.proposals().len(), 1);
}

#[test]
fn an_edit_that_comes_after_the_purge_was_acknowledged_is_refused_and_kept_by_its_author() {
    let scene = scene();
    let (anna, firm) = (&scene.anna, scene.firm);
    // A copy of the disk from before, as after a restored backup, still knows the client.
    anna.offline();
    let copy = anna.cloned(scene.office.line());
    anna.online();
    copy.types(firm, client::CITY, "Ужгород");
    scene.moved();
    anna.sync();
    anna.sync();
    if copy.try_sync().is_err() {
        copy.sign_in(satchel_tests::harness::PASSWORD).unwrap();
    }
    copy.sync();
    let refused = copy.waiting(ItemState::Refused);
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0].code, "no_access");
    assert!(copy.tray().contains("Ужгород"));
    let late = scene.office.storage().audit_rows(100).unwrap();
    assert!(late.iter().any(|row| row.action == "late_edit_refused" && row.subject == firm.bytes()));
    scene.bohdan.sync();
    assert!(scene.bohdan.proposals().is_empty());
    assert_eq!(scene.bohdan.text(firm, client::CITY), "");
}

#[test]
fn vis_3_after_the_purge_no_page_of_the_database_holds_a_word_of_the_client() {
    let scene = scene();
    let anna = &scene.anna;
    let pages = || tap::pages_of(&anna.snapshot(), Some(anna.key())).unwrap();
    assert!(pages().hold("Маркер-Ромашка".as_bytes()), "the tap finds what is there");
    assert!(!tap::holds(&std::fs::read(anna.path()).unwrap(), "Маркер-Ромашка".as_bytes()), "the file is encrypted");
    scene.moved();
    anna.sync();
    assert!(!pages().hold("Маркер-Ромашка".as_bytes()));
    assert!(!pages().hold("первый разговор".as_bytes()));
}

#[test]
fn a_move_taken_back_brings_everything_back_as_it_was() {
    let scene = scene();
    let order = scene.moved();
    scene.anna.sync();
    scene.bohdan.sync();
    let Scene { office, anna, bohdan, olena, firm, visit } = scene;
    olena.undo(order);
    olena.sync();
    anna.sync();
    bohdan.sync();
    assert_eq!(anna.responsible(firm), Some(office.cast.anna));
    assert_eq!(anna.assigned(visit), Some(office.cast.anna));
    assert_eq!(anna.text(firm, client::NAME), "Альфа Маркер-Ромашка");
    assert!(bohdan.sees(firm).is_none());
    anna.types(firm, client::CITY, "Одеса");
    anna.sync();
    olena.sync();
    assert_eq!(olena.text(firm, client::CITY), "Одеса");
}

#[test]
fn a_move_is_taken_back_only_where_the_client_is_still_where_it_put_him() {
    let scene = scene();
    let other = scene.anna.client("Бета");
    scene.anna.sync();
    scene.olena.sync();
    let (anna, bohdan, taras) = (scene.office.cast.anna, scene.office.cast.bohdan, scene.office.cast.taras);
    let both = scene.olena.move_clients(&[scene.firm, other], anna, bohdan);
    scene.olena.sync();
    scene.olena.move_clients(&[other], bohdan, taras);
    scene.olena.sync();
    scene.olena.undo(both);
    let synced = scene.olena.sync();
    assert!(synced.awaiting_confirmation().is_empty());
    let auditor = scene.office.auditor();
    let has = |id| auditor.held.records[&id].authority.client.unwrap().responsible;
    assert_eq!((has(scene.firm), has(other)), (anna, taras));
}

#[test]
fn a_client_made_and_given_away_before_the_first_contact_leaves_the_device() {
    let office = Office::open();
    let olena = office.ready(office.cast.olena, "laptop");
    let firm = olena.offline().client("Гамма");
    olena.move_clients(&[firm], office.cast.olena, office.cast.taras);
    olena.online().sync();
    olena.sync();
    assert!(olena.sees(firm).is_none(), "Taras works in a department Olena does not supervise");
    assert_eq!(office.ready(office.cast.taras, "phone").text(firm, client::NAME), "Гамма");
}

#[test]
fn orders_given_offline_are_pending_and_apply_in_their_order() {
    let scene = scene();
    let (anna, bohdan) = (scene.office.cast.anna, scene.office.cast.bohdan);
    let olena = scene.olena.offline();
    olena.move_clients(&[scene.firm], anna, bohdan);
    olena.move_clients(&[scene.firm], bohdan, scene.office.cast.olena);
    assert_eq!(olena.store().pending_commands_on(scene.firm).unwrap().len(), 2);
    assert!(olena.online().sync().outbox().is_empty());
    assert_eq!(olena.responsible(scene.firm), Some(scene.office.cast.olena));
    scene.anna.sync();
    assert!(scene.anna.sees(scene.firm).is_none());
}

#[test]
fn vis_5_nobody_is_ever_without_a_responsible_person() {
    let scene = scene();
    scene.moved();
    // Whatever moment Bohdan and Anna come at, exactly the server's one answer is there.
    scene.bohdan.sync();
    scene.anna.sync();
    assert!(scene.bohdan.holds_home(scene.firm));
    assert!(!scene.anna.holds_home(scene.firm));
    let grants = scene.bohdan.store().grants(Home::Client(scene.firm)).unwrap();
    assert_eq!(grants.len(), 1);
}

#[test]
fn results_typed_by_the_former_person_are_never_merged_behind_the_new_ones_back() {
    let scene = scene();
    scene.anna.offline().types(scene.visit, interaction::RESULT, "я там была");
    let log = scene.anna.log(scene.firm, "и звонила");
    scene.moved();
    scene.anna.online().sync();
    let Scene { bohdan, visit, .. } = scene;
    bohdan.sync();
    assert_eq!(bohdan.text(visit, interaction::RESULT), "");
    assert!(bohdan.sees(log).is_none());
    let records = bohdan.proposed_records();
    assert!(records.contains(&visit) && records.contains(&log));
    for proposal in bohdan.proposals() {
        bohdan.decide(proposal, true);
    }
    bohdan.sync();
    assert_eq!(bohdan.text(visit, interaction::RESULT), "я там была");
    assert_eq!(bohdan.text(log, interaction::RESULT), "и звонила");
}
