//! Damage and divergence are found and put right, without anything unsent being touched (rule 23, [DUR-5]).

#![allow(clippy::unwrap_used)]

use chrono::Duration;
use satchel_core::domain::ids::RecordId;
use satchel_core::domain::kinds::{client, interaction, person};
use satchel_core::store::StoreError;
use satchel_core::store::digest::Repaired;
use satchel_core::store::outbox::ItemState;
use satchel_core::sync::wire::paths;
use satchel_tests::harness::{Device, Office};

fn hex(id: RecordId) -> String {
    format!("x'{}'", id.bytes().iter().map(|byte| format!("{byte:02x}")).collect::<String>())
}

/// Anna's phone with two clients that are also on her laptop, everything even.
fn even(office: &Office) -> (Device, Device, [RecordId; 2], RecordId) {
    let (phone, laptop) = (office.ready(office.cast.anna, "phone"), office.ready(office.cast.anna, "laptop"));
    let firms = [phone.client("Альфа"), phone.client("Бета")];
    let boss = phone.person(firms[0], "Иванова Анна");
    phone.log(firms[0], "договорились");
    phone.sync();
    laptop.sync();
    laptop.types(firms[0], client::CITY, "Київ");
    laptop.sync();
    phone.sync();
    (phone, laptop, firms, boss)
}

/// A day passes, and both sides compare what they hold.
fn a_day_later(office: &Office, device: &Device) -> Repaired {
    office.clock.forward(Duration::hours(25));
    device.sync().report.repaired
}

fn n_persons(device: &Device) -> usize {
    let lines = device.store().diagnosis().unwrap();
    lines.iter().find(|(name, _)| name == "records.person").unwrap().1.parse().unwrap()
}

fn checks(device: &Device) -> usize {
    device.line.take_log().iter().filter(|one| one.path == paths::CHECK).count()
}

#[test]
fn with_nothing_wrong_one_small_question_a_day_is_all() {
    let office = Office::open();
    let (phone, ..) = even(&office);
    checks(&phone);
    assert!(phone.sync().report.repaired.is_nothing());
    assert_eq!(checks(&phone), 0);
    office.clock.forward(Duration::hours(25));
    assert!(phone.sync().report.repaired.is_nothing());
    let log = phone.line.take_log();
    let asked: Vec<_> = log.iter().filter(|one| one.path == paths::CHECK).collect();
    assert_eq!(asked.len(), 1);
    let bytes: usize = asked.iter().map(|one| one.sent.len() + one.received.len()).sum();
    assert!(bytes <= 256, "{bytes} bytes");
    phone.sync();
    assert_eq!(checks(&phone), 0);
}

#[test]
fn edits_moves_and_unsent_work_do_not_look_like_damage() {
    let office = Office::open();
    let (phone, laptop, firms, boss) = even(&office);
    let bohdan = office.ready(office.cast.bohdan, "tablet");
    let olena = office.ready(office.cast.olena, "desk");
    for day in 0..3 {
        phone.types(firms[0], client::CITY, format!("Львів {day}"));
        laptop.types(boss, person::POSITION, format!("директор {day}"));
        olena.move_clients(
            &[firms[1]],
            [office.cast.anna, office.cast.bohdan][day % 2],
            [office.cast.bohdan, office.cast.anna][day % 2],
        );
        for device in [&phone, &laptop, &olena, &bohdan, &phone, &laptop] {
            device.sync();
        }
        for device in [&phone, &laptop, &olena, &bohdan] {
            assert!(a_day_later(&office, device).is_nothing(), "day {day}, {}", device.id);
        }
    }
    let audit = office.auditor();
    assert!(audit.held.records.len() > 3);
}

#[test]
fn dur_5_a_row_other_than_the_server_has_it_is_fetched_again() {
    let office = Office::open();
    let (phone, _, firms, boss) = even(&office);
    let unsent = phone.offline().plan(firms[1], "не отправлено");
    // Half of the client's history is gone, and with it the city.
    phone.tamper(&format!("UPDATE documents SET heads = zeroblob(32) WHERE id = {}", hex(boss)));
    phone.online();
    assert!(phone.store().outbox().unwrap().len() == 1);
    let repaired = a_day_later(&office, &phone);
    assert_eq!(repaired, Repaired { n_fetched: 1, n_dropped: 0, n_homes: 0 });
    assert_eq!(phone.text(boss, person::NAME), "Иванова Анна");
    assert_eq!(phone.text(unsent, interaction::SUBJECT), "не отправлено");
    assert!(a_day_later(&office, &phone).is_nothing());
    let lines = phone.store().diagnosis().unwrap();
    assert!(lines.iter().any(|(name, n)| name == "repaired.fetched" && n == "1"), "{lines:?}");
}

#[test]
fn dur_5_a_record_that_vanished_from_the_device_comes_back() {
    let office = Office::open();
    let (phone, laptop, _, boss) = even(&office);
    phone.tamper(&format!(
        "DELETE FROM record_homes WHERE n = (SELECT n FROM documents WHERE id = {0});
         DELETE FROM documents WHERE id = {0}",
        hex(boss)
    ));
    assert!(phone.sees(boss).is_none());
    assert_eq!(a_day_later(&office, &phone).n_fetched, 1);
    assert_eq!(phone.text(boss, person::NAME), laptop.text(boss, person::NAME));
    assert!(a_day_later(&office, &phone).is_nothing());
}

#[test]
fn a_record_the_server_does_not_list_leaves_but_not_an_unsent_one() {
    let office = Office::open();
    let (phone, _, firms, boss) = even(&office);
    let unsent = phone.offline().plan(firms[0], "не отправлено");
    // Looks like a record of Anna's client, and like acknowledged.
    let phantom = RecordId(uuid::Uuid::from_u128(77));
    phone.tamper(&format!(
        "INSERT INTO documents (id, generation, kind, client, homes, heads, chunks)
         SELECT {}, generation, kind, client, homes, heads, chunks FROM documents WHERE id = {};
         INSERT INTO record_homes (home, n) SELECT homes, n FROM documents WHERE id = {0}",
        hex(phantom),
        hex(boss)
    ));
    assert_eq!(n_persons(&phone), 2);
    assert!(phone.all_records().contains(&unsent));
    phone.online();
    let repaired = a_day_later(&office, &phone);
    assert_eq!((repaired.n_fetched, repaired.n_dropped), (0, 1));
    assert_eq!(n_persons(&phone), 1);
    assert_eq!(phone.text(unsent, interaction::SUBJECT), "не отправлено");
    assert!(a_day_later(&office, &phone).is_nothing());
}

#[test]
fn a_home_the_device_should_not_hold_leaves_and_one_it_should_comes_back() {
    let office = Office::open();
    let (phone, _, firms, _) = even(&office);
    let taras = office.ready(office.cast.taras, "tablet");
    let foreign = taras.client("Чужой");
    taras.sync();
    let home = |id: RecordId| hex(id).replace("x'", "x'03");
    phone.tamper(&format!("UPDATE grants SET home = {} WHERE home = {}", home(foreign), home(firms[1])));
    assert!(phone.holds_home(foreign) && !phone.holds_home(firms[1]));
    let repaired = a_day_later(&office, &phone);
    assert_eq!(repaired.n_homes, 0, "both sides' records agree, grants are not part of the sum");
    phone.tamper(&format!("UPDATE documents SET heads = zeroblob(32) WHERE id = {}", hex(firms[0])));
    assert_eq!(a_day_later(&office, &phone).n_homes, 2);
    assert!(!phone.holds_home(foreign) && phone.holds_home(firms[1]));
    assert!(a_day_later(&office, &phone).is_nothing());
}

#[test]
fn dur_5_a_damaged_record_is_set_aside_when_opened_and_fetched_at_the_next_contact() {
    let office = Office::open();
    let (phone, laptop, firms, _) = even(&office);
    phone.offline().types(firms[0], client::ADDRESS, "вул. Садова, 1");
    let heads_before = phone.store().record(firms[0]).unwrap().record;
    for (what, sql) in [
        ("a byte flipped", "substr(chunks, 1, 40) || x'ff' || substr(chunks, 42)"),
        ("cut short", "substr(chunks, 1, length(chunks) - 7)"),
        ("something else altogether", "x'00112233'"),
        ("nothing", "x''"),
        ("its last change missing", "substr(chunks, 1, length(chunks) - 110)"),
    ] {
        phone.tamper(&format!("UPDATE documents SET chunks = CAST({sql} AS BLOB) WHERE id = {}", hex(firms[0])));
        let opened = phone.store().record(firms[0]);
        assert!(matches!(opened, Err(StoreError::RecordDamaged(id)) if id == firms[0]), "{what}: {opened:?}");
        // The others go on, and so does what waits to be sent.
        phone.types(firms[1], client::CITY, format!("Орёл: {what}"));
        assert!(phone.try_type(firms[0], client::CITY, "нет".to_owned()).is_err());
        let n_waiting = phone.waiting(ItemState::Waiting).len();
        assert!(n_waiting >= 1);
        // A restart changes nothing of that, and rebuilding the views neither.
        phone.store().rebuild_views().unwrap();
        assert_eq!(phone.waiting(ItemState::Waiting).len(), n_waiting);
        let synced = phone.online().sync();
        assert_eq!(synced.report.repaired.n_fetched, 1, "{what}");
        assert_eq!(phone.text(firms[0], client::NAME), "Альфа");
        assert_eq!(phone.text(firms[0], client::CITY), "Київ");
        assert_eq!(phone.text(firms[0], client::ADDRESS), "вул. Садова, 1", "{what}");
        assert_eq!(phone.store().record(firms[0]).unwrap().record, heads_before, "{what}");
        phone.sync();
        laptop.sync();
        assert_eq!(laptop.text(firms[0], client::ADDRESS), "вул. Садова, 1");
        assert_eq!(laptop.text(firms[1], client::CITY), format!("Орёл: {what}"));
        phone.offline();
    }
}

#[test]
fn dur_5_unsent_edits_of_a_damaged_record_survive_it_with_their_hashes() {
    let office = Office::open();
    let (phone, laptop, firms, _) = even(&office);
    phone.offline().types(firms[0], client::ADDRESS, "вул. Садова, 1");
    phone.tamper(&format!("UPDATE documents SET chunks = x'00' WHERE id = {}", hex(firms[0])));
    phone.store().record(firms[0]).unwrap_err();
    // The push reaches the server, its answer does not reach the phone.
    phone.online().line.expect([Some(satchel_tests::harness::Fault::LoseAnswer)]);
    phone.try_sync().unwrap_err();
    phone.sync();
    laptop.sync();
    assert_eq!(phone.text(firms[0], client::ADDRESS), "вул. Садова, 1");
    assert_eq!(laptop.text(firms[0], client::ADDRESS), "вул. Садова, 1");
    assert!(phone.waiting(ItemState::Waiting).is_empty());
    assert!(laptop.store().record(firms[0]).unwrap().record.competing.is_empty());
    assert!(a_day_later(&office, &phone).is_nothing());
}

#[test]
fn vis_2_a_check_says_nothing_of_what_the_person_does_not_see() {
    use satchel_core::domain::authority::Home;
    use satchel_core::sync::device::Transport;
    use satchel_core::sync::wire::{Check, Checked, Cursor, Frame, pack, unpack};
    let office = Office::open();
    let (_, _, firms, boss) = even(&office);
    let taras = office.ready(office.cast.taras, "tablet");
    let access = taras.store().access_token(office.now()).unwrap().unwrap();
    let head = office.storage().head().unwrap();
    let cursor = Cursor { authority: head, records: head, backfills: Vec::new() };
    let ask = |check: &Check| {
        let body = pack(&[Frame::bare(check)]).unwrap();
        let answer = taras.line.post(paths::CHECK, Some(&access), "", &body).unwrap();
        unpack::<Checked>(&answer).unwrap().remove(0)
    };
    let nowhere = RecordId(uuid::Uuid::from_u128(9));
    for id in [firms[0], boss, nowhere] {
        let frame = ask(&Check::Fetch { records: vec![id], snapshots: false });
        let Checked::Page(page) = frame.message else { panic!("{:?}", frame.message) };
        assert!(page.records.is_empty() && page.authors.is_empty() && frame.blobs.is_empty());
        let homes = vec![Home::Client(id)];
        let Checked::Records(records) = ask(&Check::Records { cursor: cursor.clone(), homes }).message else {
            panic!()
        };
        assert!(records.is_empty());
    }
    let Checked::Homes(homes) = ask(&Check::Homes { cursor }).message else { panic!() };
    assert!(homes.iter().all(|sum| !matches!(sum.granted.home, Home::Client(_))));
}

#[test]
fn dur_5_after_a_rescue_unsent_edits_go_up_and_what_was_lost_comes_back() {
    let office = Office::open();
    let (mut phone, laptop, firms, boss) = even(&office);
    let more: Vec<RecordId> = (0..40).map(|n| laptop.client(&format!("Фирма {n}"))).collect();
    laptop.sync();
    phone.sync();
    let plan = phone.offline().plan(firms[1], "не отправлено");
    phone.types(firms[0], client::CITY, "Одеса");
    let last: i64 = phone.count("SELECT max(pageno) FROM dbstat WHERE name = 'documents' AND pagetype = 'leaf'");
    phone.spoil_page(usize::try_from(last).unwrap());
    let rescued = phone.rescue();
    assert!(rescued.n_torn == 1 && rescued.n_unsent == 2, "{rescued:?}");
    assert!(rescued.n_records < 45, "{rescued:?}");
    phone.online().sync();
    phone.sync();
    laptop.sync();
    assert_eq!(laptop.text(firms[0], client::CITY), "Одеса");
    assert_eq!(laptop.text(plan, interaction::SUBJECT), "не отправлено");
    assert_eq!(phone.text(boss, person::NAME), laptop.text(boss, person::NAME));
    for id in more {
        assert_eq!(phone.text(id, client::NAME), laptop.text(id, client::NAME));
    }
    assert!(a_day_later(&office, &phone).is_nothing());
    assert!(phone.store().outbox().unwrap().is_empty());
}
