//! Lost devices: rights end at once, the device empties itself when it is told to, and what it had not sent is rescued
//! (REV-1, REV-2).

#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};

use chrono::Duration;
use satchel_core::app::api::{Enrol, Nothing, Phase, SignIn};
use satchel_core::app::commands::dispatch as dispatch_command;
use satchel_core::app::{Code, KeyStore};
use satchel_core::domain::authority::{Device as DeviceFacts, WipeState};
use satchel_core::domain::ids::*;
use satchel_core::domain::kinds::{client, person};
use satchel_core::domain::order::{Order, Wipe};
use satchel_core::store::outbox::ItemState;
use satchel_core::sync::device::lost::{Fate, confirm, last_words};
use satchel_core::sync::device::{SyncError, Transport};
use satchel_core::sync::wire::*;
use satchel_server::http::dispatch::{Access, Method, ROUTES, Request, dispatch};
use satchel_tests::harness::{Desk, Device, Fault, Office, PASSWORD};
use satchel_tests::tap;
use serde_json::{Value, json};

const NOW: Wipe = Wipe { rescue: false, after_seconds: 0 };
const RESCUE: Wipe = Wipe { rescue: true, after_seconds: 0 };

fn facts(office: &Office, device: DeviceId) -> DeviceFacts {
    office.door().devices(None).unwrap().into_iter().find(|one| one.id == device).unwrap()
}

fn wipe_of(office: &Office, device: DeviceId) -> Option<WipeState> {
    facts(office, device).wipe
}

fn id_of(desk: &Desk) -> DeviceId {
    let text = std::fs::read_to_string(desk.folder().join("profile.json")).unwrap();
    serde_json::from_str::<Value>(&text).unwrap()["device"].as_str().unwrap().parse().unwrap()
}

fn files(folder: &Path) -> Vec<String> {
    let listed = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = listed.map(|one| one.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn phase(desk: &Desk) -> Phase {
    desk.app.status(Nothing {}).unwrap().phase
}

fn ends(desk: &Desk) -> Code {
    desk.app.sync_once(None).unwrap_err().code()
}

/// A contact after a time in which the tokens may have ended.
fn again(device: &Device) {
    if matches!(device.try_sync(), Err(SyncError::SignedOut)) {
        device.sign_in(PASSWORD).unwrap();
    }
    device.sync();
}

fn order(by: &Device, device: DeviceId, wipe: Option<Wipe>) {
    by.order(Order::RevokeDevice { device, wipe });
    by.sync();
    assert!(by.waiting(ItemState::Refused).is_empty());
}

// ------------------------------------------------------------------------------------------------ revocation

/// Everything a device may show to be let in, on every route there is.
fn asked_everywhere(office: &Office, device: &Device) -> Vec<(String, u16, Vec<u8>)> {
    let secret = device.store().sync_facts().map(|_| ()).ok();
    assert!(secret.is_some());
    device.line.take_log();
    let _ = device.try_sync();
    let _ = device.sign_in(PASSWORD);
    let mut answers: Vec<_> =
        device.line.take_log().into_iter().map(|one| (one.path, one.status, one.received)).collect();
    let access = device.store().access_token(office.now()).unwrap().unwrap_or_default();
    for route in &ROUTES {
        let path = route.path.replace("{token}", &access);
        let request = Request { bearer: Some(&access), body: b"", address: None };
        let answer = dispatch(&office.door(), route.method, &path, &request);
        if matches!(route.access, Access::SignedIn(_)) {
            assert_eq!(answer.status, 401, "{path}");
        }
        if route.method == Method::Post {
            answers.push((path, answer.status, answer.body));
        }
    }
    answers
}

#[test]
fn rev_1_no_route_gives_a_revoked_device_or_person_any_data() {
    let office = Office::open();
    let (anna, olena) = (office.ready(office.cast.anna, "phone"), office.ready(office.cast.olena, "laptop"));
    let tablet = office.ready(office.cast.anna, "tablet");
    let firm = anna.client("Маркер-Альфа");
    anna.sync();
    tablet.sync();
    olena.sync();
    order(&olena, anna.id, None);
    // Another of hers writes on: there would be something to send.
    tablet.types(firm, client::CITY, "Маркер-Львів");
    tablet.sync();
    for (path, status, body) in asked_everywhere(&office, &anna) {
        let plain = tap::plain(&body);
        assert!(!tap::holds(&plain, "Маркер".as_bytes()) && !tap::holds(&plain, firm.bytes()), "{path} {status}");
        assert_eq!(tap::change_bytes(&body), 0, "{path}");
        assert!(!tap::holds(&plain, b"access_until"), "no new tokens: {path}");
    }
    // Ending the person's rights ends those of the devices that were left.
    olena.order(Order::RevokePerson { user: office.cast.anna, wipe: None });
    olena.sync();
    assert!(facts(&office, tablet.id).revoked);
    for (path, _, body) in asked_everywhere(&office, &tablet) {
        assert!(!tap::holds(&tap::plain(&body), "Маркер".as_bytes()), "{path}");
    }
    assert!(office.door().invite(office.cast.anna, None).is_err());
    assert!(matches!(tablet.try_sync(), Err(SyncError::Revoked)));
    assert!(!olena.store().users().unwrap().iter().any(|user| user.id == office.cast.anna && user.active));
}

// ------------------------------------------------------------------------------------------------ wipe

/// A phone with a client on it, and who supervises its person.
fn phone(office: &Office) -> (Desk, Device, RecordId) {
    let desk = Desk::of(office, office.cast.anna, "phone");
    let made = makes(&desk, "Маркер-Альфа");
    desk.sync();
    let olena = office.ready(office.cast.olena, "laptop");
    (desk, olena, made)
}

fn makes(desk: &Desk, name: &str) -> RecordId {
    let made = dispatch_command(&desk.app, "create_client", json!({ "client": { "name": name } })).unwrap();
    made["id"].as_str().unwrap().parse().unwrap()
}

fn types(desk: &Desk, client: RecordId, field: &str, value: &str) {
    let edit = json!({ "kind": "client", "id": client, "changed": { field: value }, "seen": {} });
    dispatch_command(&desk.app, "edit", edit).unwrap();
}

#[test]
fn rev_2_a_lost_phone_empties_itself_at_its_first_contact_and_can_begin_anew() {
    let office = Office::open();
    let (desk, olena, firm) = phone(&office);
    let device = id_of(&desk);
    order(&olena, device, Some(NOW));
    assert!(wipe_of(&office, device).unwrap().done_at.is_none(), "the server lists it as not confirmed");
    types(&desk, firm, "city", "Маркер-Львів");
    desk.line.take_log();
    assert_eq!(ends(&desk), Code::Wiped);
    for one in desk.line.take_log() {
        assert!(!tap::holds(&tap::plain(&one.received), "Маркер".as_bytes()), "{} answers no data", one.path);
    }
    assert_eq!(phase(&desk), Phase::Wiped);
    assert_eq!(desk.app.status(Nothing {}).unwrap().organisation, "Тестовая контора");
    assert!(desk.keys.secrets().is_empty(), "the key is gone");
    assert_eq!(files(&desk.folder()), ["looks.json", "wiped.json"]);
    assert!(wipe_of(&office, device).unwrap().done_at.is_some());
    assert_eq!(desk.app.people(Nothing {}).unwrap_err().code(), Code::Wiped);

    // A start later it still says so, and takes a link.
    let desk = desk.reopen(None).unwrap();
    assert_eq!(phase(&desk), Phase::Wiped);
    let link = office.link(office.cast.anna);
    let enrol = Enrol { link, password: PASSWORD.into(), device_name: "phone".into(), passphrase: None };
    desk.app.enrol(enrol).unwrap();
    desk.sync();
    assert_eq!(phase(&desk), Phase::Ready);
    assert!(dispatch_command(&desk.app, "record", json!({ "kind": "client", "id": firm })).is_ok());
    assert!(!files(&desk.folder()).contains(&"wiped.json".to_owned()));
}

#[test]
fn rev_2_a_wipe_waits_for_its_delay_and_can_be_withdrawn_till_then() {
    let office = Office::open();
    let (desk, olena, _) = phone(&office);
    let device = id_of(&desk);
    order(&olena, device, Some(Wipe { rescue: false, after_seconds: 3600 }));
    assert_eq!(ends(&desk), Code::Revoked, "revocation itself never waits");
    assert_eq!(phase(&desk), Phase::Revoked);
    office.clock.forward(Duration::minutes(59));
    assert_eq!(ends(&desk), Code::Revoked);
    olena.order(Order::WithdrawWipe { device });
    olena.sync();
    office.clock.forward(Duration::hours(1));
    assert_eq!(ends(&desk), Code::Revoked);
    assert_eq!(phase(&desk), Phase::Revoked, "its data stay, its rights do not come back");

    // Ordered again, it is too late to take it back once the delay is over.
    order(&olena, device, Some(Wipe { rescue: false, after_seconds: 60 }));
    office.clock.forward(Duration::minutes(2));
    olena.order(Order::WithdrawWipe { device });
    olena.sync();
    assert_eq!(olena.waiting(ItemState::Refused)[0].code, "too_late");
    assert_eq!(ends(&desk), Code::Wiped);
}

#[test]
fn rev_2_what_was_not_sent_is_rescued_for_whoever_has_the_client() {
    let office = Office::open();
    let (desk, olena, firm) = phone(&office);
    let laptop = office.ready(office.cast.anna, "laptop");
    let device = id_of(&desk);
    desk.line.unplug();
    types(&desk, firm, "city", "Львів");
    let beta = makes(&desk, "Бета, только с телефона");
    types(&desk, beta, "city", "Харків");
    desk.line.plug_in();
    order(&olena, device, Some(RESCUE));
    assert_eq!(ends(&desk), Code::Wiped);
    let wipe = wipe_of(&office, device).unwrap();
    assert!(wipe.rescued_at.is_some() && wipe.done_at.is_some());

    // Nothing was merged silently; Anna, who has the client, and her supervisor find it in their trays.
    laptop.sync();
    olena.sync();
    assert_eq!(laptop.text(firm, client::CITY), "");
    for decider in [&laptop, &olena] {
        assert!(decider.proposed_records().contains(&firm) && decider.proposed_records().contains(&beta));
    }
    for proposal in laptop.proposals() {
        laptop.decide(proposal, true);
    }
    laptop.sync();
    laptop.sync();
    assert_eq!(laptop.text(firm, client::CITY), "Львів");
    assert_eq!(laptop.text(beta, client::NAME), "Бета, только с телефона");
    assert_eq!(laptop.text(beta, client::CITY), "Харків");
    assert_eq!(laptop.responsible(beta), Some(office.cast.anna));
    assert!(laptop.proposals().is_empty());
}

#[test]
fn rev_2_what_somebody_made_who_has_left_is_his_supervisors_to_take_in() {
    let office = Office::open();
    let (phone, olena) = (office.ready(office.cast.anna, "phone"), office.ready(office.cast.olena, "laptop"));
    let beta = phone.client("Бета");
    let contact = phone.person(beta, "Ирина");
    let taras = office.ready(office.cast.taras, "phone");
    olena.order(Order::RevokePerson { user: office.cast.anna, wipe: Some(RESCUE) });
    olena.sync();
    assert!(matches!(phone.try_sync(), Err(SyncError::Revoked)));
    let fate = last_words(phone.store(), &*phone.line, &office.clock, &*office.ids).unwrap();
    assert!(matches!(fate, Fate::Wipe(_)), "{fate:?}");
    olena.sync();
    taras.sync();
    assert!(taras.proposals().is_empty(), "somebody else's supervisor or colleague sees nothing of it");
    let proposal = *olena.proposals().first().unwrap();
    olena.decide(proposal, true);
    olena.sync();
    olena.sync();
    assert_eq!(olena.responsible(beta), Some(office.cast.olena));
    assert_eq!(olena.text(contact, person::NAME), "Ирина");
}

#[test]
fn rev_2_an_edit_of_a_client_that_moved_after_the_revocation_is_rescued_for_who_has_it_now() {
    let office = Office::open();
    let (anna, bohdan) = (office.cast.anna, office.cast.bohdan);
    let (phone, olena) = (office.ready(anna, "phone"), office.ready(office.cast.olena, "laptop"));
    let tablet = office.ready(bohdan, "tablet");
    let firm = phone.client("Альфа");
    phone.sync();
    olena.sync();
    phone.types(firm, client::CITY, "Львів");
    order(&olena, phone.id, Some(RESCUE));
    // A device whose rights have ended hears of no move; what it had not sent is no less late for that.
    olena.move_clients(&[firm], anna, bohdan);
    olena.sync();
    assert!(matches!(phone.try_sync(), Err(SyncError::Revoked)));
    let fate = last_words(phone.store(), &*phone.line, &office.clock, &*office.ids).unwrap();
    assert!(matches!(fate, Fate::Wipe(_)), "{fate:?}");
    tablet.sync();
    assert!(tablet.proposed_records().contains(&firm));
    assert_eq!(tablet.text(firm, client::CITY), "");
}

#[test]
fn rev_2_a_disk_from_a_backup_is_rescued_all_the_same() {
    let office = Office::open();
    let mut phone = office.ready(office.cast.anna, "phone");
    let (laptop, olena) = (office.ready(office.cast.anna, "laptop"), office.ready(office.cast.olena, "laptop"));
    let firm = phone.client("Альфа");
    phone.sync();
    let backup = phone.snapshot();
    phone.types(firm, client::CITY, "Львів");
    phone.sync();
    // The number of the next change is taken: the server has one by it, which this disk has forgotten.
    phone.wake_from(backup);
    phone.types(firm, client::ADDRESS, "Площа Ринок, 1");
    olena.sync();
    order(&olena, phone.id, Some(RESCUE));
    assert!(matches!(phone.try_sync(), Err(SyncError::Revoked)));
    let fate = last_words(phone.store(), &*phone.line, &office.clock, &*office.ids).unwrap();
    assert!(matches!(fate, Fate::Wipe(_)), "{fate:?}");
    laptop.sync();
    let proposal = *laptop.proposals().first().expect("what was typed on the disk from the backup");
    laptop.decide(proposal, true);
    laptop.sync();
    laptop.sync();
    assert_eq!(laptop.text(firm, client::ADDRESS), "Площа Ринок, 1");
    assert_eq!(laptop.text(firm, client::CITY), "Львів");
}

#[test]
fn rev_2_a_rescue_cut_off_at_any_point_loses_nothing_and_repeats_nothing() {
    for fault in [Fault::Cut, Fault::LoseAnswer, Fault::Twice] {
        for at in 0..6 {
            let office = Office::open();
            let (desk, olena, firm) = phone(&office);
            let laptop = office.ready(office.cast.anna, "laptop");
            types(&desk, firm, "city", "Львів");
            order(&olena, id_of(&desk), Some(RESCUE));
            let device = id_of(&desk);
            desk.line.expect((0..at).map(|_| None).chain([Some(fault)]));
            let _ = desk.app.sync_once(None);
            desk.line.expect([]);
            // Switched off and on again, it goes on where it was.
            let desk = desk.reopen(None).unwrap();
            let _ = desk.app.sync_once(None);
            assert_eq!(phase(&desk), Phase::Wiped, "{fault:?} at {at}");
            assert!(wipe_of(&office, device).unwrap().done_at.is_some(), "{fault:?} at {at}");
            laptop.sync();
            assert_eq!(laptop.proposals().len(), 1, "{fault:?} at {at}");
        }
    }
}

fn copied(from: &Path, to: &Path) {
    for name in files(from) {
        std::fs::copy(from.join(&name), to.join(&name)).unwrap();
    }
}

#[test]
fn rev_2_a_kill_in_the_middle_of_a_wipe_finishes_it_at_the_next_start() {
    let office = Office::open();
    let (desk, olena, _) = phone(&office);
    let before: PathBuf = office.folder("before");
    copied(&desk.folder(), &before);
    let kept = desk.keys.secrets()[0].clone();
    let name = {
        let text = std::fs::read_to_string(before.join("profile.json")).unwrap();
        serde_json::from_str::<Value>(&text).unwrap()["key"].as_str().unwrap().to_owned()
    };
    order(&olena, id_of(&desk), Some(NOW));
    // The key store refuses just then: all else goes, and the key at the next start.
    desk.keys.lock();
    assert_eq!(ends(&desk), Code::Wiped);
    assert_eq!(files(&desk.folder()), ["looks.json", "wiped.json"]);
    desk.keys.unlock();
    assert_eq!(desk.keys.secrets().len(), 1);
    let begun = std::fs::read(desk.folder().join("wiped.json")).unwrap();
    let desk = desk.reopen(None).unwrap();
    assert!(desk.keys.secrets().is_empty());

    // Killed right after the first step: everything still stands there but for the note that says what was begun.
    desk.keys.set(&name, &kept).unwrap();
    copied(&before, &desk.folder());
    std::fs::write(desk.folder().join("wiped.json"), begun).unwrap();
    let desk = desk.reopen(None).unwrap();
    assert_eq!(phase(&desk), Phase::Wiped);
    assert!(desk.keys.secrets().is_empty());
    assert_eq!(files(&desk.folder()), ["looks.json", "wiped.json"]);
}

#[test]
fn rev_2_a_device_that_was_signed_out_is_still_reached() {
    let office = Office::open();
    let (desk, olena, _) = phone(&office);
    let device = id_of(&desk);
    desk.app.sign_out(Nothing {}).unwrap();
    assert_eq!(ends(&desk), Code::SignedOut);
    order(&olena, device, Some(NOW));
    assert_eq!(ends(&desk), Code::Wiped);
}

#[test]
fn rev_2_only_the_device_itself_hears_and_confirms_its_order() {
    let office = Office::open();
    let (anna, olena) = (office.ready(office.cast.anna, "phone"), office.ready(office.cast.olena, "laptop"));
    order(&olena, anna.id, Some(NOW));
    let hello = RevokedHello {
        organisation: olena.store().me().unwrap().organisation,
        device: anna.id,
        at: office.now(),
        proof: String::new(),
        incarnation: 0,
        push_counter: None,
        push_id: None,
        n_unsent: 0,
        rescued: false,
    };
    let body = pack(&[Frame::bare(RevokedUp::Hello(hello))]).unwrap();
    let answer = olena.line.post(paths::WIPE, None, "application/octet-stream", &body).unwrap();
    let frames: Vec<Frame<RevokedDown>> = unpack(&answer).unwrap();
    assert!(matches!(&frames[0].message, RevokedDown::Refused(denied) if denied.code == "signed_out"));
    let order = wipe_of(&office, anna.id).unwrap().order;
    let forged = Wiped { device: anna.id, order, proof: String::new() };
    assert!(confirm(&*olena.line, &forged).is_err());
    assert!(wipe_of(&office, anna.id).unwrap().done_at.is_none());
    // A device in good standing is told so, and is not emptied by its own question.
    let fate = last_words(olena.store(), &*olena.line, &office.clock, &*office.ids).unwrap();
    assert_eq!(fate, Fate::SignsIn);
}

#[test]
fn rev_2_without_a_rescue_a_revoked_device_hands_nothing_over() {
    let office = Office::open();
    let (anna, olena) = (office.ready(office.cast.anna, "phone"), office.ready(office.cast.olena, "laptop"));
    let firm = anna.client("Альфа");
    anna.sync();
    anna.types(firm, client::CITY, "Львів");
    order(&olena, anna.id, Some(NOW));
    let fate = last_words(anna.store(), &*anna.line, &office.clock, &*office.ids).unwrap();
    assert!(matches!(fate, Fate::Wipe(_)));
    olena.sync();
    assert!(olena.proposals().is_empty());
    assert_eq!(anna.line.log().iter().filter(|one| one.path == paths::WIPE).count(), 1);
}

// ------------------------------------------------------------------------------------------------ lease

#[test]
fn rev_3_the_next_contact_unlocks_a_device_and_its_edits_go_up_first() {
    let office = Office::open();
    let (desk, olena, firm) = phone(&office);
    desk.line.unplug();
    types(&desk, firm, "city", "Львів");
    office.clock.forward(Duration::days(30) + Duration::hours(1));
    assert_eq!(phase(&desk), Phase::LeaseOver);
    assert_eq!(desk.app.people(Nothing {}).unwrap_err().code(), Code::LeaseOver);
    desk.line.plug_in();
    desk.line.take_log();
    desk.sync();
    assert_eq!(phase(&desk), Phase::Ready);
    let first = &desk.line.log()[0];
    assert!(tap::change_bytes(&first.sent) > 0, "the first request carries the edit");
    olena.sync();
    assert_eq!(olena.text(firm, client::CITY), "Львів");
}

#[test]
fn off_2_thirty_days_offline_and_everything_uploads_without_a_password() {
    for days in [30, 180] {
        let office = Office::open();
        office.door().set_lease(days).unwrap();
        let (desk, olena, firm) = phone(&office);
        desk.line.unplug();
        types(&desk, firm, "city", "Львів");
        office.clock.forward(Duration::days(days.into()));
        office.restart();
        desk.line.plug_in();
        assert_eq!(phase(&desk), Phase::Ready, "the lease of {days} days is not over");
        desk.sync();
        again(&olena);
        assert_eq!(olena.text(firm, client::CITY), "Львів");
    }
}

#[test]
fn rev_3_long_after_its_lease_a_device_asks_for_the_password_and_loses_nothing() {
    let office = Office::open();
    let (desk, olena, firm) = phone(&office);
    desk.line.unplug();
    types(&desk, firm, "city", "Львів");
    office.clock.forward(Duration::days(40));
    desk.line.plug_in();
    assert_eq!(ends(&desk), Code::SignedOut);
    let status = desk.app.status(Nothing {}).unwrap();
    assert_eq!((status.phase, status.sync.last_error.as_str()), (Phase::LeaseOver, "signed_out"));
    desk.app.sign_in(SignIn { password: PASSWORD.into() }).unwrap();
    assert_eq!(phase(&desk), Phase::LeaseOver, "the password alone is no contact that says what is allowed");
    desk.sync();
    assert_eq!(phase(&desk), Phase::Ready);
    again(&olena);
    assert_eq!(olena.text(firm, client::CITY), "Львів");
}

#[test]
fn rev_3_a_lease_is_one_to_a_hundred_and_eighty_days() {
    let office = Office::open();
    assert!(office.door().set_lease(0).is_err() && office.door().set_lease(181).is_err());
    let (desk, ..) = phone(&office);
    office.door().set_lease(2).unwrap();
    desk.sync();
    assert_eq!(desk.app.status(Nothing {}).unwrap().lease_days, 2);
    office.clock.forward(Duration::days(2) + Duration::minutes(1));
    assert_eq!(phase(&desk), Phase::LeaseOver);
}

// ------------------------------------------------------------------------------------------------ copied tokens

#[test]
fn rev_4_a_refresh_token_used_twice_ends_its_family_and_alarms_the_supervisors() {
    let office = Office::open();
    let (desk, olena, _) = phone(&office);
    let bohdan = office.ready(office.cast.bohdan, "phone");
    let maria = office.ready(office.cast.maria, "laptop");
    // Somebody has copied the whole disk, device key included, and goes on from it.
    let copy = Desk::copy_of(&desk, &office, "copy");
    office.clock.forward(Duration::minutes(11));
    desk.sync();
    office.clock.forward(Duration::minutes(11));
    assert_eq!(ends(&copy), Code::SignedOut);
    assert_eq!(ends(&desk), Code::SignedOut, "the family has ended for both");
    for device in [&olena, &bohdan, &maria] {
        again(device);
    }
    let alarm = |device: &Device| device.store().notices().unwrap().into_iter().find(|one| one.what == "token_reused");
    let found = alarm(&olena).unwrap();
    assert_eq!(found.params["device"], "phone");
    assert_eq!(found.params["user"], office.cast.anna.to_string());
    assert!(alarm(&bohdan).is_none() && alarm(&maria).is_none(), "nobody else is told");
    assert_eq!(office.storage().alerts(9).unwrap().len(), 1);
    assert_eq!(office.storage().audit_rows(1).unwrap()[0].action, "refresh_token_reused");
    // Her password starts a new family; the copy does not know it.
    desk.app.sign_in(SignIn { password: PASSWORD.into() }).unwrap();
    desk.sync();
}
