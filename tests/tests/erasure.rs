//! Erasing a person's data: nothing of it is found anywhere, nobody brings it back, other edits survive (ERA-1).

#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};

use chrono::{Duration, NaiveDate};
use satchel_core::domain::ids::*;
use satchel_core::domain::kinds::{client, legal_entity, person};
use satchel_core::domain::order::Order;
use satchel_core::domain::patch::Patch;
use satchel_core::domain::value::Value;
use satchel_core::store::outbox::ItemState;
use satchel_tests::harness::{Device, Office, Writes};
use satchel_tests::tap;

/// Random enough to be found nowhere by accident.
const MARKER: &str = "q7Zx-маркер-Жук";

/// An office whose server keeps its data in a file.
fn office() -> (Office, PathBuf, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("server.db");
    (Office::in_file(&file), file, folder)
}

/// A person with the marker in every personal field.
fn marked(device: &Device, firm: RecordId) -> RecordId {
    let marked = |what: &str| format!("{what} {MARKER}");
    let patch = Patch::new()
        .set(person::NAME, marked("имя"))
        .set(person::POSITION, "директор".to_owned())
        .set(person::BIRTHDAY, NaiveDate::from_ymd_opt(1971, 3, 4).unwrap())
        .set(person::NOTE, marked("записка"))
        .entry("phones", EntryId(device.fresh().0), Value::Text(marked("телефон")), "work")
        .entry("emails", EntryId(device.fresh().0), Value::Text(marked("почта")), "");
    device.add("person", Some(firm), patch)
}

fn erase(admin: &Device, record: RecordId, after_seconds: u32) -> CommandId {
    let command = admin.order(Order::Erase { records: vec![record], after_seconds });
    admin.sync();
    assert!(admin.waiting(ItemState::Refused).is_empty());
    command
}

fn device_holds(device: &Device) -> bool {
    let pages = tap::pages_of(device.path(), Some(device.key())).unwrap();
    pages.hold(MARKER.as_bytes()) || pages.hold(MARKER.to_lowercase().as_bytes())
}

fn server_holds(file: &Path) -> bool {
    let folder = file.parent().unwrap();
    let files = std::fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path());
    tap::pages_of(file, None).unwrap().hold(MARKER.as_bytes())
        || files.filter(|path| path.is_file()).any(|path| tap::holds(&std::fs::read(path).unwrap(), MARKER.as_bytes()))
}

#[test]
fn era_1_a_marker_in_every_personal_field_is_found_nowhere_afterwards() {
    let (office, file, _folder) = office();
    let (anna, admin) = (office.ready(office.cast.anna, "phone"), office.ready(office.cast.admin, "desk"));
    let olena = office.ready(office.cast.olena, "laptop");
    let firm = anna.client("Альфа");
    let human = marked(&anna, firm);
    anna.sync();
    anna.types(human, person::NOTE, format!("ещё {MARKER}"));
    anna.sync();
    for device in [&admin, &olena] {
        device.sync();
        assert!(device_holds(device), "the tap finds what is there");
    }
    assert!(server_holds(&file));
    // A review item, a draft, a notice and something set aside hold it as well.
    olena.types(human, person::NAME, format!("иначе {MARKER}"));
    anna.types(human, person::NAME, format!("и так {MARKER}"));
    anna.store().set_draft(&format!("person/{human}"), MARKER).unwrap();
    olena.sync();
    anna.sync();

    erase(&admin, human, 0);
    admin.sync();
    for device in [&anna, &olena, &admin] {
        device.sync();
        device.sync();
        assert_eq!(device.text(human, person::NAME), "", "{}", device.user);
        assert_eq!(device.text(human, person::POSITION), "директор", "what is not personal stays");
        assert!(device.store().search(MARKER, 10).unwrap().is_empty());
        assert!(!device_holds(device), "{} holds it", device.user);
    }
    assert!(!server_holds(&file));
    // Nothing of it in the audit, and none of it for whoever comes later.
    let rows = office.storage().audit_rows(100).unwrap();
    assert!(rows.iter().any(|row| row.action == "record_erased" && row.subject == human.bytes()));
    let laptop = office.ready(office.cast.anna, "laptop");
    let sent = laptop.line.received();
    assert!(!sent.iter().any(|bytes| tap::holds(bytes, MARKER.as_bytes())));
    assert_eq!(laptop.text(human, person::POSITION), "директор");
}

#[test]
fn era_1_a_stale_device_cannot_bring_it_back_and_its_other_edits_survive() {
    let (office, file, _folder) = office();
    let (anna, admin) = (office.ready(office.cast.anna, "phone"), office.ready(office.cast.admin, "desk"));
    let tablet = office.ready(office.cast.anna, "tablet");
    let firm = anna.client("Альфа");
    let human = marked(&anna, firm);
    anna.sync();
    tablet.sync();
    admin.sync();
    tablet.offline();
    tablet.types(human, person::NAME, format!("снова {MARKER}"));
    tablet.types(human, person::POSITION, "владелец");
    let both = Patch::new().set(person::NOTE, MARKER.to_owned()).set(person::POSITION, "совладелец".to_owned());
    tablet.write(Writes::new().edit(human, both)).unwrap();
    tablet.types(firm, client::CITY, "Львів");
    erase(&admin, human, 0);
    admin.sync();

    tablet.online().sync();
    tablet.sync();
    anna.sync();
    admin.sync();
    for device in [&tablet, &anna, &admin] {
        assert_eq!(device.text(human, person::NAME), "");
        assert_eq!(device.text(human, person::POSITION), "совладелец");
        assert_eq!(device.text(firm, client::CITY), "Львів");
        assert!(!device_holds(device));
    }
    assert!(tablet.store().outbox().unwrap().is_empty(), "everything has its verdict");
    assert!(!server_holds(&file));
    // A probe that pushes changes of the old generation by hand is refused.
    let mut probe = office.probe(office.cast.anna);
    probe.pull().unwrap();
    let verdict = probe.edit_by_hand(&office, human, Patch::new().set(person::NAME, MARKER.to_owned()));
    assert_eq!(verdict, satchel_core::sync::wire::Outcome::Refused("stale_generation".into()));
    // Life goes on: a new name typed now is a new name.
    anna.types(human, person::NAME, "Новая Запись");
    anna.sync();
    tablet.sync();
    assert_eq!(tablet.text(human, person::NAME), "Новая Запись");
}

#[test]
fn era_1_late_edits_set_aside_go_with_it_on_every_side() {
    let (office, file, _folder) = office();
    let (anna, admin) = (office.ready(office.cast.anna, "phone"), office.ready(office.cast.admin, "desk"));
    let (bohdan, olena) = (office.ready(office.cast.bohdan, "phone"), office.ready(office.cast.olena, "laptop"));
    let firm = anna.client("Альфа");
    let human = marked(&anna, firm);
    anna.sync();
    olena.sync();
    anna.offline();
    anna.types(human, person::NAME, format!("поздно {MARKER}"));
    olena.move_clients(&[firm], office.cast.anna, office.cast.bohdan);
    olena.sync();
    anna.online().sync();
    bohdan.sync();
    assert_eq!(bohdan.proposals().len(), 1);
    assert!(device_holds(&anna), "what she typed stays hers until the decision");
    admin.sync();
    erase(&admin, human, 0);
    for device in [&admin, &anna, &bohdan, &olena] {
        device.sync();
        device.sync();
        assert!(device.proposals().is_empty());
        assert!(!device_holds(device), "{}", device.user);
    }
    assert!(!server_holds(&file));
}

#[test]
fn era_1_an_edit_of_somebody_who_lost_the_client_is_refused_and_forgotten() {
    let (office, file, _folder) = office();
    let (anna, admin) = (office.ready(office.cast.anna, "phone"), office.ready(office.cast.admin, "desk"));
    let olena = office.ready(office.cast.olena, "laptop");
    let firm = anna.client("Альфа");
    let human = marked(&anna, firm);
    anna.sync();
    olena.sync();
    admin.sync();
    anna.offline();
    anna.types(human, person::NAME, format!("поздно {MARKER}"));
    anna.types(human, person::POSITION, "владелец");
    olena.move_clients(&[firm], office.cast.anna, office.cast.bohdan);
    olena.sync();
    erase(&admin, human, 0);
    anna.online().sync();
    anna.sync();
    assert!(anna.sees(human).is_none(), "the client has left");
    assert!(!device_holds(&anna));
    assert!(!server_holds(&file));
    let receipts = anna.store().receipts().unwrap();
    assert!(receipts.iter().any(|receipt| receipt.code == "erased"), "she is told: {receipts:?}");
}

#[test]
fn era_1_an_erasure_waits_for_its_delay_and_is_taken_back_till_then() {
    let office = Office::open();
    let (anna, admin) = (office.ready(office.cast.anna, "phone"), office.ready(office.cast.admin, "desk"));
    let firm = anna.client("Альфа");
    let human = marked(&anna, firm);
    anna.sync();
    admin.sync();
    let order = erase(&admin, human, 3600);
    office.clock.forward(Duration::minutes(59));
    anna.sync();
    assert!(anna.text(human, person::NAME).contains(MARKER));
    admin.undo(order);
    admin.sync();
    office.clock.forward(Duration::hours(2));
    anna.sync();
    assert!(anna.text(human, person::NAME).contains(MARKER), "taken back in time");
    let order = erase(&admin, human, 60);
    // Nobody is in contact when it becomes due: the server does it by itself.
    office.clock.forward(Duration::minutes(2));
    office.door().keep_time().unwrap();
    assert!(admin.undo(order).0 != order.0);
    admin.sync();
    assert_eq!(admin.waiting(ItemState::Refused)[0].code, "too_late");
    anna.sync();
    assert_eq!(anna.text(human, person::NAME), "");
}

#[test]
fn era_1_a_natural_persons_papers_are_erased_as_well() {
    let (office, file, _folder) = office();
    let (anna, admin) = (office.ready(office.cast.anna, "phone"), office.ready(office.cast.admin, "desk"));
    let firm = anna.client("ФОП");
    let papers = Patch::new()
        .set(legal_entity::REGISTERED_NAME, format!("ФОП {MARKER}"))
        .set(legal_entity::TAX_NUMBER, MARKER.to_owned())
        .set(legal_entity::COUNTRY, "ua".to_owned());
    let papers = anna.add("legal_entity", Some(firm), papers);
    anna.types(firm, client::NOTE, format!("живёт у {MARKER}"));
    anna.sync();
    admin.sync();
    let command = admin.order(Order::Erase { records: vec![firm, papers], after_seconds: 0 });
    admin.sync();
    assert!(!command.0.is_nil());
    for device in [&admin, &anna] {
        device.sync();
        device.sync();
        assert_eq!(device.text(papers, legal_entity::COUNTRY), "ua");
        assert_eq!(device.text(firm, client::NAME), "ФОП");
        assert!(!device_holds(device));
    }
    assert!(!server_holds(&file));
}
