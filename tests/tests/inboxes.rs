//! Inboxes people understand: competing values with author, device and time (OFF-4), late edits decided on with all
//! there is to know (OFF-3), a receipt for every edit that was not simply taken in (OFF-1), why a client is seen,
//! and what devices have acknowledged.
#![allow(clippy::unwrap_used)]

use chrono::{DateTime, Duration, Utc};
use satchel_core::app::api::*;
use satchel_core::app::{App, Code};
use satchel_core::docs::change::inspect;
use satchel_core::domain::authority::actor_device;
use satchel_core::domain::ids::*;
use satchel_core::domain::kinds::{client, interaction};
use satchel_core::domain::patch::Patch;
use satchel_core::domain::value::Value;
use satchel_core::store::outbox::ItemState;
use satchel_tests::harness::{Desk, Office, Writes};

const NOTHING: Nothing = Nothing {};

fn text(text: &str) -> Shown {
    Shown::Text(text.to_owned())
}

fn city(app: &App, client: RecordId, value: &str) {
    edit(app, client, "city", value);
}

fn edit(app: &App, client: RecordId, field: &str, value: &str) {
    let seen = app.record(RecordKey { kind: "client".into(), id: client }).unwrap().row.fields;
    let seen = Fields::from([(field.to_owned(), seen.get(field).cloned().unwrap_or(Shown::Empty))]);
    let changed = Fields::from([(field.to_owned(), text(value))]);
    app.edit(Edit { kind: "client".into(), id: client, seen, changed }).unwrap();
}

fn firm(desk: &Desk, name: &str) -> RecordId {
    let client = Fields::from([("name".to_owned(), text(name))]);
    desk.app.create_client(CreateClient { client, legal_entity: Fields::new() }).unwrap().id
}

fn give(desk: &Desk, order: Order) -> CommandView {
    desk.app.give_order(GiveOrder { order, confirmed: None }).unwrap()
}

fn move_to(desk: &Desk, client: RecordId, to: UserId, reason: &str) {
    give(desk, Order::MoveClients { clients: vec![client], to, reason: reason.into() });
    desk.sync();
}

fn bohdan_device(office: &Office, desk: &Desk) -> DeviceId {
    let rows = desk.app.devices(NOTHING).unwrap();
    rows.into_iter().find(|row| row.this_device && row.user == office.cast.bohdan).unwrap().id
}

fn receipts(desk: &Desk) -> Vec<ReceiptView> {
    desk.app.receipts(NOTHING).unwrap()
}

/// Anna edited a client offline whom Olena gave to Bohdan meanwhile, because Anna is ill.
fn late() -> (Office, Desk, Desk, RecordId) {
    let office = Office::open();
    let anna = Desk::of(&office, office.cast.anna, "annas phone");
    let bohdan = Desk::of(&office, office.cast.bohdan, "bohdan");
    let olena = Desk::of(&office, office.cast.olena, "olena");
    let firm = firm(&anna, "Альфа");
    city(&anna.app, firm, "Киев");
    anna.sync();
    olena.sync();
    office.clock.forward(Duration::hours(3));
    anna.line.unplug();
    city(&anna.app, firm, "Киев, Подол");
    edit(&anna.app, firm, "address", "Садовая, 7");
    move_to(&olena, firm, office.cast.bohdan, "illness");
    bohdan.sync();
    city(&bohdan.app, firm, "Київ");
    bohdan.sync();
    anna.line.plug_in();
    anna.sync();
    bohdan.sync();
    (office, anna, bohdan, firm)
}

#[test]
fn off_4_every_competing_value_names_author_device_and_both_times() {
    let office = Office::open();
    let phone = Desk::of(&office, office.cast.anna, "phone");
    let laptop = Desk::of(&office, office.cast.anna, "laptop");
    let olena = Desk::of(&office, office.cast.olena, "olena");
    let firm = firm(&phone, "Альфа");
    for desk in [&phone, &laptop, &olena] {
        desk.sync();
    }
    let parted = office.now();
    laptop.line.unplug();
    office.clock.forward(Duration::hours(2));
    city(&laptop.app, firm, "Львов");
    let typed: DateTime<Utc> = office.now();
    olena.sync();
    city(&olena.app, firm, "Львів");
    olena.sync();
    let told = office.now();
    office.clock.forward(Duration::hours(1));
    let mine = |desk: &Desk| {
        let review = desk.app.reviews(NOTHING).unwrap().remove(0);
        assert_eq!((review.id, review.field.as_str()), (firm, "city"));
        review.values
    };
    laptop.line.plug_in();
    laptop.sync();
    let back = office.now();
    phone.sync();
    olena.sync();
    for desk in [&phone, &laptop, &olena] {
        let values = mine(desk);
        let late = values.iter().find(|one| one.value == text("Львов")).unwrap();
        assert_eq!((late.author.as_str(), late.device.as_str()), ("Анна Белова", "laptop"));
        assert_eq!((late.at, late.received_at), (Some(typed), Some(back)));
        assert_eq!((late.away_since, late.skew, late.unsent), (Some(parted), 0, false));
        let live = values.iter().find(|one| one.value == text("Львів")).unwrap();
        assert_eq!((live.author.as_str(), live.device.as_str()), ("Олена Шевчук", "olena"));
        assert_eq!(live.received_at, Some(told));
    }
    assert_eq!(mine(&phone)[0].value, mine(&laptop)[0].value, "all show the same one meanwhile");

    // A device that begins now is told the same.
    let fresh = Desk::of(&office, office.cast.anna, "tablet");
    let late = mine(&fresh).into_iter().find(|one| one.value == text("Львов")).unwrap();
    assert_eq!((late.received_at, late.away_since), (Some(back), Some(parted)));
}

#[test]
fn off_4_a_choice_is_a_new_change_and_the_other_value_stays_in_the_history() {
    let office = Office::open();
    let (phone, laptop) = (office.ready(office.cast.anna, "phone"), office.ready(office.cast.anna, "laptop"));
    let firm = phone.client("Альфа");
    phone.sync();
    laptop.sync();
    phone.offline().types(firm, client::CITY, "Киев");
    laptop.offline().types(firm, client::CITY, "Київ");
    for device in [phone.online(), laptop.online(), &phone] {
        device.sync();
    }
    let before = office.storage().counts().unwrap().changes;
    phone.types(firm, client::CITY, "Київ, Поділ");
    phone.sync();
    laptop.sync();
    assert_eq!(office.storage().counts().unwrap().changes, before + 1);
    assert_eq!(laptop.text(firm, client::CITY), "Київ, Поділ");
    assert_eq!(laptop.store().n_reviews().unwrap(), 0);
}

#[test]
fn off_4_a_clock_that_is_wrong_is_marked_and_hides_nothing() {
    let office = Office::open();
    let mut phone = office.ready(office.cast.anna, "phone");
    let laptop = office.ready(office.cast.anna, "laptop");
    let firm = laptop.client("Альфа");
    laptop.sync();
    phone.skew(Duration::hours(26));
    phone.sync();
    let parted = office.now();
    office.clock.forward(Duration::minutes(40));
    phone.offline().types(firm, client::CITY, "Киев");
    laptop.types(firm, client::CITY, "Київ");
    laptop.sync();
    phone.online().sync();
    laptop.sync();
    let stored = laptop.sees(firm).unwrap();
    let wrong = stored.record.competing["city"].iter().find(|one| one.value == Value::Text("Киев".into())).unwrap();
    let stamp = laptop.store().stamp(firm, &wrong.hash).unwrap();
    assert_eq!(stamp.skew, 26 * 3600);
    assert_eq!(stamp.received_at, Some(office.now()));
    assert_eq!(stamp.away_since, Some(parted));
}

#[test]
fn off_4_an_entry_taken_away_while_another_edits_it_comes_to_review() {
    let office = Office::open();
    let (phone, laptop) = (office.ready(office.cast.anna, "phone"), office.ready(office.cast.anna, "laptop"));
    let firm = phone.client("Альфа");
    let entry = EntryId(phone.fresh().0);
    let number = |value: &str| Patch::new().entry("phones", entry, Value::Text(value.into()), "work");
    phone.write(Writes::new().edit(firm, number("+380 44 111 11 11"))).unwrap();
    phone.sync();
    laptop.sync();
    let mut gone = number("+380 44 111 11 11");
    if let Some(Value::Entries(entries)) = gone.set.get_mut("phones") {
        entries[0].removed = true;
    }
    phone.offline().write(Writes::new().edit(firm, gone)).unwrap();
    laptop.offline().write(Writes::new().edit(firm, number("+380 44 222 22 22"))).unwrap();
    for device in [phone.online(), laptop.online(), &phone] {
        device.sync();
    }
    for device in [&phone, &laptop] {
        let competing = device.sees(firm).unwrap().record.competing;
        let mut values: Vec<Value> = competing.values().next().unwrap().iter().map(|one| one.value.clone()).collect();
        values.sort();
        assert_eq!(values, [Value::Empty, Value::Text("+380 44 222 22 22".into())]);
    }
}

#[test]
fn off_3_a_late_edit_shows_what_its_author_saw_what_stands_now_and_why_it_waits() {
    let (office, _, bohdan, firm) = late();
    let proposals = bohdan.app.proposals(NOTHING).unwrap();
    let on = |field: &str| proposals.iter().find(|one| one.after.contains_key(field)).unwrap();
    let row = on("city");
    assert_eq!((row.record, row.author.as_ref().unwrap().id), (firm, office.cast.anna));
    assert_eq!(row.device, "annas phone");
    assert_eq!(row.before["city"], text("Киев"));
    assert_eq!(row.now["city"], text("Київ"));
    assert_eq!(row.after["city"], text("Киев, Подол"));
    assert_eq!(row.after["address"], text("Садовая, 7"));
    assert_eq!((row.ended.order.as_str(), row.ended.reason.as_str()), ("move_clients", "illness"));
    assert_eq!(row.ended.by.as_ref().unwrap().id, office.cast.olena);
    assert_eq!(row.ended.now_with.as_ref().unwrap().id, office.cast.bohdan);
    assert!(row.away_since.is_some() && row.may_pick);
}

#[test]
fn off_3_accepted_the_edit_is_merged_and_the_author_keeps_only_the_receipt() {
    let (office, anna, bohdan, firm) = late();
    let waiting = receipts(&anna);
    assert_eq!(waiting.len(), 2);
    assert!(waiting.iter().all(|one| one.fate == Fate::Waiting && !one.fields.is_empty()));
    let ended = waiting[0].ended.clone().unwrap();
    assert_eq!((ended.order.as_str(), ended.reason.as_str()), ("move_clients", "illness"));
    assert_eq!(ended.now_with.unwrap().id, office.cast.bohdan);
    let proposal = bohdan.app.proposals(NOTHING).unwrap()[0].id;
    give(&bohdan, Order::AcceptProposal { proposal });
    bohdan.sync();
    anna.sync();
    for receipt in receipts(&anna) {
        assert_eq!(receipt.fate, Fate::Accepted);
        assert_eq!(receipt.answered_by.as_ref().unwrap().id, office.cast.bohdan);
        assert!(receipt.fields.is_empty() && !receipt.keys.is_empty());
    }
    let card = bohdan.app.record(RecordKey { kind: "client".into(), id: firm }).unwrap();
    assert_eq!(card.row.fields["address"], text("Садовая, 7"));
}

#[test]
fn off_3_declined_the_edit_is_left_out_and_the_author_is_told_by_whom() {
    let (office, anna, bohdan, firm) = late();
    let proposal = bohdan.app.proposals(NOTHING).unwrap()[0].id;
    give(&bohdan, Order::DeclineProposal { proposal, picked: Vec::new() });
    bohdan.sync();
    anna.sync();
    for receipt in receipts(&anna) {
        assert_eq!((receipt.fate, receipt.picked.len()), (Fate::Declined, 0));
        assert_eq!(receipt.answered_by.as_ref().unwrap().id, office.cast.bohdan);
        assert!(receipt.fields.is_empty());
    }
    let card = bohdan.app.record(RecordKey { kind: "client".into(), id: firm }).unwrap();
    assert_eq!((&card.row.fields["city"], card.row.fields.contains_key("address")), (&text("Київ"), false));
}

#[test]
fn off_3_one_decision_on_edits_of_two_devices_reaches_both() {
    let office = Office::open();
    let phone = Desk::of(&office, office.cast.anna, "annas phone");
    let laptop = Desk::of(&office, office.cast.anna, "annas laptop");
    let bohdan = Desk::of(&office, office.cast.bohdan, "bohdan");
    let olena = Desk::of(&office, office.cast.olena, "olena");
    let firm = firm(&phone, "Альфа");
    for desk in [&phone, &laptop, &olena] {
        desk.sync();
    }
    city(&phone.app, firm, "Киев, Подол");
    edit(&laptop.app, firm, "address", "Садовая, 7");
    move_to(&olena, firm, office.cast.bohdan, "illness");
    for desk in [&phone, &laptop, &bohdan] {
        desk.sync();
    }
    let proposal = bohdan.app.proposals(NOTHING).unwrap()[0].id;
    give(&bohdan, Order::DeclineProposal { proposal, picked: Vec::new() });
    bohdan.sync();
    for desk in [&phone, &laptop] {
        desk.sync();
        let fates: Vec<_> = receipts(desk).iter().map(|receipt| receipt.fate).collect();
        assert_eq!(fates, [Fate::Declined]);
        assert!(desk.app.outbox(NOTHING).unwrap().is_empty());
    }
}

#[test]
fn off_3_single_values_picked_are_the_deciders_own_change() {
    let (office, anna, bohdan, firm) = late();
    let proposal = bohdan.app.proposals(NOTHING).unwrap()[0].id;
    let fields = vec!["address".to_owned()];
    bohdan.app.pick_values(PickValues { proposal, fields: fields.clone() }).unwrap();
    assert_eq!(bohdan.app.proposals(NOTHING).unwrap()[0].pending, "decline");
    bohdan.sync();
    anna.sync();
    let card = bohdan.app.record(RecordKey { kind: "client".into(), id: firm }).unwrap();
    assert_eq!((&card.row.fields["city"], &card.row.fields["address"]), (&text("Київ"), &text("Садовая, 7")));
    assert_eq!(card.row.n_reviews, 0);
    let receipt = receipts(&anna).into_iter().find(|one| !one.picked.is_empty()).unwrap();
    assert_eq!((receipt.fate, receipt.picked), (Fate::Declined, fields));
    let changes = office.auditor().held.records[&firm].changes.clone();
    let last = inspect(changes.last().unwrap()).unwrap();
    let author = bohdan_device(&office, &bohdan);
    assert_eq!(actor_device(&last.actor).unwrap().0, author, "the picked value is not hers in the history");
}

#[test]
fn off_1_every_fate_has_a_receipt() {
    let office = Office::open();
    let anna = Desk::of(&office, office.cast.anna, "phone");
    let olena = Desk::of(&office, office.cast.olena, "olena");
    let (kept, lost) = (firm(&anna, "Остаётся"), firm(&anna, "Уходит"));
    anna.sync();
    olena.sync();
    assert!(receipts(&anna).is_empty(), "what is taken in needs none");

    // Withdrawn by its author.
    anna.line.unplug();
    city(&anna.app, kept, "Тверь");
    let item = anna.app.outbox(NOTHING).unwrap().remove(0).id;
    anna.app.withdraw_item(OutboxKey { id: item }).unwrap();
    assert_eq!(receipts(&anna)[0].fate, Fate::Withdrawn);
    assert_eq!(receipts(&anna)[0].keys, ["city"]);

    // Set aside.
    city(&anna.app, lost, "Псков");
    move_to(&olena, lost, office.cast.bohdan, "dismissal");
    anna.line.plug_in();
    anna.sync();
    let aside = receipts(&anna).remove(0);
    assert_eq!((aside.fate, &aside.fields["city"]), (Fate::Waiting, &text("Псков")));
    assert_eq!(aside.ended.unwrap().reason, "dismissal");
    let waits = anna.app.forget_receipt(ReceiptKey { id: aside.id }).unwrap_err();
    assert_eq!(waits.code(), Code::NothingToDo, "one that waits stays");
    assert_eq!(receipts(&anna).len(), 2);
}

#[test]
fn off_1_late_results_taken_in_after_access_ran_out_need_no_receipt() {
    let office = Office::open();
    let (anna, bohdan) = (office.ready(office.cast.anna, "phone"), office.ready(office.cast.bohdan, "phone"));
    let firm = anna.client("Альфа");
    let visit = anna.plan(firm, "визит");
    anna.redirect(visit, office.cast.anna, office.cast.bohdan);
    anna.sync();
    bohdan.sync();
    bohdan.offline().types(visit, interaction::RESULT, "показал");
    office.clock.forward(Duration::days(15));
    bohdan.online().sync();
    anna.sync();
    assert_eq!(anna.text(visit, interaction::RESULT), "показал");
    assert!(bohdan.store().receipts().unwrap().is_empty());
}

#[test]
fn a_note_typed_after_a_refused_one_does_not_bring_it_back() {
    let office = Office::open();
    let (anna, olena) = (office.ready(office.cast.anna, "phone"), office.ready(office.cast.olena, "laptop"));
    let firm = anna.client("Альфа");
    anna.types(firm, client::NOTE, "Склад справа.");
    anna.sync();
    olena.sync();
    anna.offline().types(firm, client::NOTE, "Склад справа. Пропуск у охраны.");
    let first = anna.waiting(ItemState::Waiting)[0].id;
    anna.types(firm, client::NOTE, "Склад справа. Пропуск у охраны. Звонить утром.");
    anna.withdraw(first).unwrap();
    assert_eq!(anna.text(firm, client::NOTE), "Склад справа. Звонить утром.");
    anna.online().sync();
    olena.sync();
    assert_eq!(olena.text(firm, client::NOTE), "Склад справа. Звонить утром.");
}

#[test]
fn an_order_sent_back_names_whom_it_expected_and_whom_it_found() {
    let office = Office::open();
    let anna = office.ready(office.cast.anna, "phone");
    let (olena, admin) = (Desk::of(&office, office.cast.olena, "olena"), Desk::of(&office, office.cast.admin, "admin"));
    let firm = anna.client("Альфа");
    anna.sync();
    olena.sync();
    admin.sync();
    olena.line.unplug();
    let waits =
        give(&olena, Order::MoveClients { clients: vec![firm], to: office.cast.bohdan, reason: "other".into() });
    move_to(&admin, firm, office.cast.taras, "other");
    move_to(&admin, firm, office.cast.olena, "other");
    olena.line.plug_in();
    olena.sync();
    let back = olena.app.orders(NOTHING).unwrap().into_iter().find(|one| one.id == waits.id).unwrap();
    assert_eq!(back.state, OrderState::NeedsConfirmation);
    let clash = back.clash.unwrap();
    assert_eq!((clash.expected.as_str(), clash.found.as_str()), ("Анна Белова", "Олена Шевчук"));
}

#[test]
fn notices_say_who_and_why() {
    let (_, anna, bohdan, firm) = late();
    let left = anna.app.notices(NOTHING).unwrap().into_iter().find(|one| one.what == "client_left").unwrap();
    assert_eq!(left.params["by"], "Олена Шевчук");
    assert_eq!(left.params["user"], "Богдан Гнатюк");
    assert_eq!((left.params["order"].as_str(), left.params["reason"].as_str()), ("move_clients", "illness"));
    let came = bohdan.app.notices(NOTHING).unwrap().into_iter().find(|one| one.what == "client_came").unwrap();
    assert_eq!(came.client.unwrap().id, firm.to_string());
    assert_eq!(came.params["by"], "Олена Шевчук");
    assert_eq!(came.params["user"], "Анна Белова");
    assert_eq!(came.params["reason"], "illness");
}

#[test]
fn why_i_see_a_client_is_answered_offline_with_what_it_hangs_on() {
    let office = Office::open();
    let anna = office.ready(office.cast.anna, "phone");
    let bohdan = Desk::of(&office, office.cast.bohdan, "bohdan");
    let olena = Desk::of(&office, office.cast.olena, "olena");
    let admin = Desk::of(&office, office.cast.admin, "admin");
    let firm = anna.client("Альфа");
    let visit = anna.plan(firm, "показать образцы");
    anna.redirect(visit, office.cast.anna, office.cast.bohdan);
    anna.sync();
    for desk in [&bohdan, &olena, &admin] {
        desk.sync();
        desk.line.unplug();
    }
    let why = |desk: &Desk| desk.app.why_client(ClientKey { client: firm }).unwrap();
    let assigned = &why(&bohdan)[0];
    assert_eq!((assigned.reason.as_str(), assigned.level), ("assigned", Access::Add));
    let one = &assigned.interactions[0];
    assert_eq!((one.id, one.subject.as_str(), one.by.as_str()), (visit, "показать образцы", "Анна Белова"));
    assert!(one.until.is_some());
    let supervisor = &why(&olena)[0];
    assert_eq!(
        (supervisor.reason.as_str(), supervisor.departments.as_slice()),
        ("supervisor", &["Север".to_owned()][..])
    );
    assert_eq!(why(&admin)[0].reason, "admin");
    let taras = Desk::of(&office, office.cast.taras, "taras");
    let unseen = taras.app.why_client(ClientKey { client: firm }).unwrap_err();
    assert_eq!(unseen.code(), Code::NotFound);
}

#[test]
fn a_supervisor_sees_what_devices_hold_owe_and_have_not_sent() {
    let office = Office::open();
    let anna = Desk::of(&office, office.cast.anna, "phone");
    let olena = Desk::of(&office, office.cast.olena, "olena");
    let (one, other) = (firm(&anna, "Альфа"), firm(&anna, "Бета"));
    anna.sync();
    office.clock.forward(Duration::minutes(2));
    anna.sync();
    let held = office.now();
    olena.sync();
    office.clock.forward(Duration::hours(5));
    anna.line.unplug();
    city(&anna.app, one, "Тверь");
    move_to(&olena, other, office.cast.bohdan, "other");
    let row = |desk: &Desk| {
        desk.app.sync_now(NOTHING).unwrap();
        let rows = desk.app.devices(NOTHING).unwrap();
        rows.into_iter().find(|row| row.name == "phone").unwrap()
    };
    let away = row(&olena);
    assert_eq!((away.contact_at, away.acked_at), (Some(held), Some(held)));
    assert_eq!((away.n_purges, away.n_unsent, away.app.as_str()), (1, 0, "tests"));
    assert_eq!(away.as_of, Some(office.now()));
    anna.line.plug_in();
    for _ in 0..2 {
        office.clock.forward(Duration::minutes(2));
        anna.sync();
    }
    let back = row(&olena);
    assert_eq!((back.n_purges, back.acked_at), (0, Some(office.now())));
    // A rep is told of his own devices only.
    assert!(anna.app.devices(NOTHING).unwrap().iter().all(|row| row.user == office.cast.anna));
}

#[test]
fn a_plan_for_the_whole_of_today_is_not_overdue_before_the_day_ends() {
    let office = Office::open();
    let anna = Desk::of(&office, office.cast.anna, "phone");
    let firm = firm(&anna, "Альфа");
    anna.app.today(TodayRequest { user: None, zone: "UTC".into() }).unwrap();
    let today = office.now().date_naive().and_hms_opt(0, 0, 0).unwrap().and_utc();
    let plan = |subject: &str, starts_at: DateTime<Utc>| {
        let plan = PlanInteraction {
            client: firm,
            persons: Vec::new(),
            channel: "call".into(),
            subject: subject.into(),
            description: String::new(),
            starts_at,
            ends_at: None,
        };
        anna.app.plan_interaction(plan).unwrap();
    };
    plan("весь день", today);
    plan("опоздал", today + Duration::minutes(1));
    plan("вчера", today - Duration::days(1));
    plan("завтра", today + Duration::days(1));
    let of = |class: &str| {
        let conditions = vec![Condition::test("class", Op::Is, class)];
        let request = ListRequest { kind: "interaction".into(), conditions, limit: 10, ..ListRequest::default() };
        let page = anna.app.interactions(request).unwrap();
        let mut subjects: Vec<String> = page.rows.into_iter().map(|row| row.subject).collect();
        subjects.sort();
        subjects
    };
    assert!(office.now() > today + Duration::minutes(1), "the test's day has begun");
    assert_eq!(of("overdue"), ["вчера", "опоздал"]);
    assert_eq!(of("current"), ["весь день"]);
    assert_eq!(of("planned"), ["завтра"]);
}
