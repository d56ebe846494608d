//! One rep, two devices: what he types on one comes to the other, and nothing he saved is ever lost.

use chrono::Duration;
use satchel_core::domain::kinds::{client, interaction, person};
use satchel_core::domain::patch::Patch;
use satchel_core::domain::value::Value;
use satchel_core::store::StoreError;
use satchel_core::store::outbox::ItemState;
use satchel_tests::harness::{Device, Fault, Office, PASSWORD, Writes};

fn phone_and_laptop(office: &Office) -> (Device, Device) {
    (office.ready(office.cast.anna, "phone"), office.ready(office.cast.anna, "laptop"))
}

#[test]
fn what_was_typed_on_the_phone_is_on_the_laptop_after_both_were_online() {
    let office = Office::open();
    let (phone, laptop) = phone_and_laptop(&office);
    let firm = phone.offline().client("Альфа");
    let boss = phone.person(firm, "Иванова Анна");
    let call = phone.log(firm, "договорились");
    assert!(laptop.sees(firm).is_none());
    phone.online().sync();
    laptop.sync();
    assert_eq!(laptop.text(firm, client::NAME), "Альфа");
    assert_eq!(laptop.text(boss, person::NAME), "Иванова Анна");
    assert_eq!(laptop.text(call, interaction::RESULT), "договорились");
    assert_eq!(laptop.responsible(firm), Some(office.cast.anna));
    assert!(!phone.sees(firm).unwrap().row.unsent);
}

#[test]
fn every_edit_is_marked_as_not_sent_until_it_is_acknowledged() {
    let office = Office::open();
    let (phone, _) = phone_and_laptop(&office);
    let firm = phone.client("Альфа");
    phone.sync();
    phone.offline().types(firm, client::CITY, "Орёл");
    assert!(phone.sees(firm).unwrap().row.unsent);
    assert!(phone.sees(firm).unwrap().unsent_fields.contains("city"));
    assert!(phone.try_sync().is_err());
    assert_eq!(phone.waiting(ItemState::Waiting).len(), 1);
    phone.online().sync();
    assert!(!phone.sees(firm).unwrap().row.unsent);
    assert!(phone.waiting(ItemState::Waiting).is_empty());
}

#[test]
fn offline_edits_of_different_fields_merge_silently() {
    let office = Office::open();
    let (phone, laptop) = phone_and_laptop(&office);
    let firm = phone.client("Альфа");
    phone.sync();
    laptop.sync();
    phone.offline().types(firm, client::CITY, "Київ");
    laptop.offline().types(firm, client::ADDRESS, "вул. Садова, 1");
    for device in [phone.online(), laptop.online(), &phone] {
        device.sync();
    }
    for device in [&phone, &laptop] {
        assert_eq!(device.text(firm, client::CITY), "Київ");
        assert_eq!(device.text(firm, client::ADDRESS), "вул. Садова, 1");
        assert!(device.sees(firm).unwrap().record.competing.is_empty());
    }
}

#[test]
fn offline_edits_of_the_same_field_are_both_kept_until_somebody_picks_one() {
    let office = Office::open();
    let (phone, laptop) = phone_and_laptop(&office);
    let firm = phone.client("Альфа");
    phone.sync();
    laptop.sync();
    phone.offline().types(firm, client::CITY, "Киев");
    laptop.offline().types(firm, client::CITY, "Київ");
    for device in [phone.online(), laptop.online(), &phone] {
        device.sync();
    }
    let shown = |device: &Device| -> Vec<Value> {
        let competing = device.sees(firm).unwrap().record.competing["city"].clone();
        competing.into_iter().map(|one| one.value).collect()
    };
    assert_eq!(shown(&phone), shown(&laptop), "both show the same one first");
    let mut both = shown(&phone);
    both.sort();
    assert_eq!(both, [Value::Text("Киев".into()), Value::Text("Київ".into())]);
    assert_eq!(phone.store().n_reviews().unwrap(), 1);
    let authors = phone.sees(firm).unwrap().record.competing["city"].clone();
    for one in authors {
        assert_eq!(phone.store().actor_name(&one.actor).unwrap().user, Some(office.cast.anna));
    }

    laptop.types(firm, client::CITY, "Київ");
    laptop.sync();
    phone.sync();
    for device in [&phone, &laptop] {
        assert_eq!(device.text(firm, client::CITY), "Київ");
        assert!(device.sees(firm).unwrap().record.competing.is_empty());
        assert_eq!(device.store().n_reviews().unwrap(), 0);
    }
}

#[test]
fn a_form_opened_before_somebody_else_saved_does_not_overwrite_him() {
    let office = Office::open();
    let (phone, laptop) = phone_and_laptop(&office);
    let firm = phone.client("Альфа");
    phone.sync();
    laptop.sync();
    laptop.types(firm, client::CITY, "Харків");
    laptop.sync();
    phone.sync();
    // The phone's form still shows an empty city.
    let mut stale = Patch::new().set(client::CITY, "Полтава".to_owned());
    stale.seen.insert("city".into(), Value::Empty);
    match phone.write(Writes::new().edit(firm, stale)) {
        Err(StoreError::ChangedMeanwhile { fields, .. }) => assert_eq!(fields["city"], Value::Text("Харків".into())),
        other => panic!("expected to be asked, got {other:?}"),
    }
    assert_eq!(phone.text(firm, client::CITY), "Харків");
}

#[test]
fn two_people_typing_in_one_note_lose_no_letter() {
    let office = Office::open();
    let (phone, laptop) = phone_and_laptop(&office);
    let firm = phone.client("Альфа");
    phone.types(firm, client::NOTE, "Пропуск заказать.");
    phone.sync();
    laptop.sync();
    phone.offline().types(firm, client::NOTE, "Сначала позвонить. Пропуск заказать.");
    laptop.offline().types(firm, client::NOTE, "Пропуск заказать. Склад справа.");
    for device in [phone.online(), laptop.online(), &phone] {
        device.sync();
    }
    let note = phone.text(firm, client::NOTE);
    assert_eq!(note, laptop.text(firm, client::NOTE));
    assert_eq!(note, "Сначала позвонить. Пропуск заказать. Склад справа.");
}

#[test]
fn two_first_phones_added_offline_are_both_there() {
    let office = Office::open();
    let (phone, laptop) = phone_and_laptop(&office);
    let firm = phone.client("Альфа");
    phone.sync();
    laptop.sync();
    for (device, number) in [(phone.offline(), "+7 900 111-11-11"), (laptop.offline(), "+380 50 222 22 22")] {
        let entry = satchel_core::domain::ids::EntryId(device.fresh().0);
        let patch = Patch::new().entry("phones", entry, Value::Text(number.into()), "work");
        device.write(Writes::new().edit(firm, patch)).unwrap();
    }
    for device in [phone.online(), laptop.online(), &phone] {
        device.sync();
    }
    assert_eq!(phone.sees(firm).unwrap().record.get(client::PHONES).unwrap().len(), 2);
    assert_eq!(phone.sees(firm).unwrap().record, laptop.sees(firm).unwrap().record);
}

#[test]
fn dur_1_a_killed_phone_wakes_up_with_every_edit_it_called_saved() {
    let office = Office::open();
    let mut phone = office.ready(office.cast.anna, "phone");
    let firm = phone.offline().client("Альфа");
    for n in 0..20 {
        phone.types(firm, client::CITY, format!("город {n}"));
        phone.kill();
        assert_eq!(phone.text(firm, client::CITY), format!("город {n}"));
    }
    assert_eq!(phone.waiting(ItemState::Waiting).len(), 21);
    phone.online().sync();
    let laptop = office.ready(office.cast.anna, "laptop");
    assert_eq!(laptop.text(firm, client::CITY), "город 19");
}

#[test]
fn dur_4_a_push_repeated_after_a_lost_answer_makes_one_state_and_one_audit_row_per_change() {
    let count = |faults: &[Option<Fault>]| {
        let office = Office::open();
        let phone = office.ready(office.cast.anna, "phone");
        let firm = phone.client("Альфа");
        phone.types(firm, client::CITY, "Самара");
        phone.line.expect(faults.iter().copied());
        while phone.try_sync().is_err() {}
        phone.line.expect([]);
        phone.sync();
        let audit = office.storage().audit_rows(1_000).unwrap().len();
        let counts = office.storage().counts().unwrap();
        (counts.records, counts.changes, audit, phone.text(firm, client::CITY))
    };
    let quiet = count(&[]);
    assert_eq!(count(&[Some(Fault::LoseAnswer), Some(Fault::LoseAnswer), Some(Fault::Twice)]), quiet);
    assert_eq!(count(&[Some(Fault::Twice), Some(Fault::Cut), Some(Fault::LoseAnswer)]), quiet);
}

#[test]
fn a_phone_cut_off_in_mid_sync_goes_on_where_it_stopped() {
    let office = Office::open();
    let (phone, laptop) = phone_and_laptop(&office);
    let firms: Vec<_> = (0..30).map(|n| phone.client(&format!("Фирма {n}"))).collect();
    phone.line.expect([Some(Fault::LoseAnswer), Some(Fault::Cut)]);
    assert!(phone.try_sync().is_err());
    assert!(phone.try_sync().is_err());
    phone.sync();
    laptop.line.expect([Some(Fault::LoseAnswer)]);
    assert!(laptop.try_sync().is_err());
    laptop.sync();
    for firm in firms {
        assert_eq!(laptop.sees(firm).map(|one| one.record), phone.sees(firm).map(|one| one.record));
    }
}

#[test]
fn a_phone_from_a_backup_of_before_it_took_something_back_goes_on_as_another() {
    let office = Office::open();
    let mut phone = office.ready(office.cast.anna, "phone");
    let firm = phone.client("Альфа");
    phone.sync();
    let backup = phone.snapshot();
    // Taking an edit back makes the phone write on under the next name; what was typed before goes under the old one.
    phone.types(firm, client::SOURCE, "выставка");
    phone.types(firm, client::CITY, "Вологда");
    let last = phone.waiting(ItemState::Waiting).last().unwrap().id;
    phone.withdraw(last).unwrap();
    phone.sync();
    phone.wake_from(backup);
    phone.types(firm, client::ADDRESS, "ул. Речная, 5");
    if phone.try_sync().is_err() {
        phone.sign_in(PASSWORD).unwrap();
        phone.sync();
    }
    assert!(phone.waiting(ItemState::Refused).is_empty(), "{:?}", phone.waiting(ItemState::Refused));
    let truth = office.ready(office.cast.anna, "laptop");
    for device in [&phone, &truth] {
        assert_eq!(device.text(firm, client::SOURCE), "выставка");
        assert_eq!(device.text(firm, client::ADDRESS), "ул. Речная, 5");
    }
}

#[test]
fn a_copied_phone_writes_under_its_own_name_and_nothing_of_either_is_lost() {
    let office = Office::open();
    let phone = office.ready(office.cast.anna, "phone");
    let firm = phone.client("Альфа");
    phone.sync();
    phone.offline().types(firm, client::CITY, "Вологда");
    let copy = phone.cloned(office.line());
    copy.types(firm, client::ADDRESS, "ул. Речная, 5");
    phone.types(firm, client::SOURCE, "выставка");
    phone.online().sync();
    // The copy shows a token the phone has used since: it is asked for the password, and keeps everything.
    if copy.try_sync().is_err() {
        copy.sign_in(PASSWORD).unwrap();
    }
    copy.sync();
    phone.try_sync().or_else(|_| phone.sign_in(PASSWORD).and_then(|()| phone.try_sync())).unwrap();
    let truth = office.ready(office.cast.anna, "laptop");
    for device in [&phone, &copy, &truth] {
        assert_eq!(device.text(firm, client::CITY), "Вологда");
        assert_eq!(device.text(firm, client::ADDRESS), "ул. Речная, 5");
        assert_eq!(device.text(firm, client::SOURCE), "выставка");
    }
    assert!(copy.waiting(ItemState::Waiting).is_empty());
    // From here on both write without getting in each other's way.
    copy.types(firm, client::CITY, "Псков");
    copy.sync();
    phone.sync();
    phone.types(firm, client::SOURCE, "сайт");
    phone.sync();
    copy.sync();
    assert_eq!((phone.text(firm, client::CITY), copy.text(firm, client::SOURCE)), ("Псков".into(), "сайт".into()));
}

#[test]
fn a_restored_backup_that_starts_anew_by_itself_is_still_recognised() {
    let office = Office::open();
    let mut phone = office.ready(office.cast.anna, "phone");
    let (firm, other) = (phone.client("Альфа"), phone.client("Бета"));
    phone.sync();
    let backup = phone.snapshot();
    phone.types(firm, client::CITY, "Вологда");
    phone.sync();
    phone.wake_from(backup);
    phone.types(firm, client::ADDRESS, "ул. Речная, 5");
    phone.types(other, client::SOURCE, "выставка");
    // An edit taken back makes the device write under a new name before the office could have noticed anything.
    let last = phone.waiting(ItemState::Waiting).pop().unwrap();
    phone.withdraw(last.id).unwrap();
    phone.try_sync().or_else(|_| phone.sign_in(PASSWORD).and_then(|()| phone.try_sync())).unwrap();
    phone.sync();
    assert!(phone.waiting(ItemState::Refused).is_empty(), "{:?}", phone.waiting(ItemState::Refused));
    let truth = office.ready(office.cast.anna, "laptop");
    for device in [&phone, &truth] {
        assert_eq!(device.text(firm, client::CITY), "Вологда");
        assert_eq!(device.text(firm, client::ADDRESS), "ул. Речная, 5");
    }
}

#[test]
fn off_1_what_may_have_reached_the_office_is_not_called_withdrawn() {
    let office = Office::open();
    let phone = office.ready(office.cast.anna, "phone");
    let firm = phone.client("Альфа");
    phone.sync();
    phone.offline().types(firm, client::CITY, "Вологда");
    assert!(phone.try_sync().is_err());
    let item = phone.waiting(ItemState::Waiting).pop().unwrap();
    phone.withdraw(item.id).expect("a request that reached nobody is no obstacle");
    assert_eq!(phone.text(firm, client::CITY), "");
    phone.types(firm, client::CITY, "Псков");
    phone.online().line.expect([Some(Fault::LoseAnswer)]);
    assert!(phone.try_sync().is_err());
    let item = phone.waiting(ItemState::Waiting).pop().unwrap();
    assert!(matches!(phone.withdraw(item.id), Err(StoreError::MaybeSent)));
    phone.sync();
    assert_eq!(phone.text(firm, client::CITY), "Псков");
}

#[test]
fn thirty_days_offline_and_everything_goes_up() {
    let office = Office::open();
    let phone = office.ready(office.cast.anna, "phone");
    let firm = phone.offline().client("Альфа");
    for day in 0..30 {
        phone.types(firm, client::CITY, format!("день {day}"));
        office.clock.forward(Duration::days(1));
    }
    office.restart();
    phone.online().sync();
    assert!(phone.waiting(ItemState::Waiting).is_empty());
    assert_eq!(office.ready(office.cast.anna, "laptop").text(firm, client::CITY), "день 29");
}

#[test]
fn conv_3_reconnecting_with_nothing_changed_is_one_request_of_less_than_a_kilobyte() {
    let office = Office::open();
    let phone = office.ready(office.cast.anna, "phone");
    for n in 0..50 {
        phone.client(&format!("Фирма {n}"));
    }
    phone.sync();
    phone.sync();
    phone.line.take_log();
    office.clock.forward(Duration::hours(1));
    phone.sync();
    let log = phone.line.take_log();
    assert_eq!(log.len(), 1);
    let bytes = log[0].sent.len() + log[0].received.len();
    assert!(bytes < 1_024, "{bytes} bytes");
}

#[test]
fn dur_3_a_group_of_edits_that_belong_together_is_never_half_there() {
    let office = Office::open();
    let (phone, laptop) = phone_and_laptop(&office);
    let firm = phone.client("Альфа");
    phone.sync();
    let (first, second) = (phone.fresh(), phone.fresh());
    let held = Patch::new().set(interaction::CHANNEL, "call".to_owned()).set(interaction::STATE, "held".to_owned());
    let bad = Patch::new().set_key("no_such_field", Value::Bool(true));
    let group =
        Writes::new().create("interaction", first, Some(firm), held).create("interaction", second, Some(firm), bad);
    assert!(phone.write(group).is_err());
    assert!(phone.sees(first).is_none() && phone.sees(second).is_none());
    phone.sync();
    laptop.sync();
    assert!(laptop.sees(first).is_none());
}
