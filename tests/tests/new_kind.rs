//! A record kind declared here and nowhere else in the product: form, list, search, sync and types come from the
//! declaration alone. And a field added to a kind of which records exist.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use satchel_core::app::api::*;
use satchel_core::app::bindings;
use satchel_core::domain::kind::{Kind, Registry};
use satchel_core::domain::patch::Patch;
use satchel_tests::harness::{Desk, Office};

/// What the client has standing in his workshop.
mod machine {
    satchel_core::kind! {
        machine, title: MODEL, home: UnderClient, {
            /// What stands on its plate.
            MODEL: String = text("model").required().search().in_list();
            /// Serial number.
            SERIAL: String = text("serial").search().in_list();
            /// What it is used for.
            USE: String = choice("use", &["milling", "turning"]).in_list();
            /// When it was bought.
            BOUGHT: chrono::NaiveDate = day("bought").in_list();
            /// Who looks after it.
            KEEPER: RecordId = reference("keeper", "person");
            /// Phones on its plate.
            PHONES: Vec<EntryOf<String>> = many(phone("phones"));
            /// Whatever else matters.
            NOTE: String = note("note").search();
        }
    }
}

/// The same with its words, as an organisation would bring them.
static MACHINE: Kind = Kind { own_labels: LABELS, ..machine::KIND };
const LABELS: &[(&str, &str, &str)] = &[
    ("en", "machine", "Machine"),
    ("ru", "machine", "Станок"),
    ("ru", "machine.many", "Станки"),
    ("ru", "machine-model", "Модель"),
    ("ru", "machine-use.milling", "фрезеровка"),
    ("uk", "machine", "Верстат"),
];

fn with_machines() -> Registry {
    Registry::built_in().with(&MACHINE)
}

fn text(value: &str) -> Shown {
    Shown::Text(value.to_owned())
}

fn fields<const N: usize>(pairs: [(&str, Shown); N]) -> Fields {
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

fn with_a_machine(office: &Office) -> (Desk, satchel_core::domain::ids::RecordId, satchel_core::domain::ids::RecordId) {
    let phone = Desk::of(office, office.cast.anna, "phone");
    let client = CreateClient { client: fields([("name", text("Альфа"))]), legal_entity: BTreeMap::new() };
    let client = phone.app.create_client(client).unwrap().id;
    let create = Create {
        kind: "machine".into(),
        client: Some(client),
        fields: fields([
            ("model", text("Фрезер Ґудзь-5")),
            ("serial", text("ЗВ-00412")),
            ("use", text("milling")),
            ("bought", text("2019-03-01")),
            ("note", text("шумит на высоких оборотах")),
        ]),
        named_in: None,
    };
    let machine = phone.app.create(create).unwrap().id;
    phone.sync();
    (phone, client, machine)
}

#[test]
fn a_new_kind_has_a_form_in_the_persons_language() {
    let office = Office::with(with_machines());
    let desk = Desk::of(&office, office.cast.anna, "phone");
    let declared = desk.app.declarations(Language { language: "ru".into() }).unwrap();
    let kind = declared.kinds.iter().find(|kind| kind.key == "machine").unwrap();
    assert_eq!((kind.label.as_str(), kind.label_many.as_str(), kind.title.as_str()), ("Станок", "Станки", "model"));
    assert!(kind.under_client);
    let keys: Vec<&str> = kind.fields.iter().map(|field| field.key.as_str()).collect();
    assert_eq!(keys, ["model", "serial", "use", "bought", "keeper", "phones", "note"]);
    let model = &kind.fields[0];
    assert_eq!((model.label.as_str(), model.field_type.as_str(), model.required), ("Модель", "text", true));
    assert_eq!(kind.fields[2].choices[0].label, "фрезеровка");
    assert_eq!(kind.fields[4].target, "person");
    assert!(kind.fields[5].many);
}

#[test]
fn a_new_kind_is_listed_filtered_sorted_and_found() {
    let office = Office::with(with_machines());
    let (phone, client, machine) = with_a_machine(&office);
    let list = |conditions: Vec<Condition>| {
        let request = ListRequest {
            kind: "machine".into(),
            client: Some(client),
            conditions,
            sort: vec![SortBy { field: "bought".into(), descending: true }],
            limit: 10,
            ..ListRequest::default()
        };
        phone.app.list(request).unwrap().rows
    };
    let all = list(Vec::new());
    assert_eq!((all.len(), all[0].id, all[0].title.as_str()), (1, machine, "Фрезер Ґудзь-5"));
    assert_eq!(all[0].fields["serial"], text("ЗВ-00412"));
    assert_eq!(list(vec![Condition::test("bought", Op::Before, "2020-01-01")]).len(), 1);
    assert_eq!(list(vec![Condition::test("use", Op::Is, "turning")]).len(), 0);
    assert_eq!(list(vec![Condition::test("client.name", Op::Contains, "альф")]).len(), 1);
    let group = vec![GroupBy { field: "use".into(), unit: Unit::Month }];
    let request = ListRequest { kind: "machine".into(), group, limit: 1, ..ListRequest::default() };
    let groups = phone.app.list_groups(request).unwrap().groups;
    assert_eq!((groups.len(), &groups[0].value, groups[0].count), (1, &text("milling"), 1));
    for words in ["гудзь", "00412", "высоких обор"] {
        let hits = phone.app.search(Search { text: words.into(), limit: 10 }).unwrap();
        assert!(hits.iter().any(|hit| hit.id == machine), "{words}");
    }
}

#[test]
fn a_new_kind_goes_to_the_second_device_and_merges_there() {
    let office = Office::with(with_machines());
    let (phone, _, machine) = with_a_machine(&office);
    let laptop = Desk::of(&office, office.cast.anna, "laptop");
    let key = || RecordKey { kind: "machine".into(), id: machine };
    assert_eq!(laptop.app.record(key()).unwrap().row.fields["note"], text("шумит на высоких оборотах"));
    let edit = |field: &str, was: Shown, now: &str| Edit {
        kind: "machine".into(),
        id: machine,
        seen: fields([(field, was)]),
        changed: fields([(field, text(now))]),
    };
    phone.app.edit(edit("serial", text("ЗВ-00412"), "ЗВ-00413")).unwrap();
    laptop.app.edit(edit("use", text("milling"), "turning")).unwrap();
    phone.sync();
    laptop.sync();
    phone.sync();
    for desk in [&phone, &laptop] {
        let row = desk.app.record(key()).unwrap().row;
        assert_eq!((&row.fields["serial"], &row.fields["use"]), (&text("ЗВ-00413"), &text("turning")));
        assert_eq!(row.n_reviews, 0);
    }
}

#[test]
fn a_new_kind_has_typescript_keys() {
    let keys = bindings::key_types(&with_machines());
    assert!(keys.contains("| 'machine'"));
    assert!(keys.contains("machine: 'model' | 'serial' | 'use' | 'bought' | 'keeper' | 'phones' | 'note'"), "{keys}");
    assert!(!bindings::key_types(&Registry::built_in()).contains("machine"));
}

#[test]
fn whoever_does_not_know_the_kind_yet_carries_it_on_unharmed() {
    // The server and Anna's laptop are of an older version; her phone and Bohdan's are new.
    let office = Office::open();
    let mut phone = office.ready(office.cast.anna, "phone");
    phone.update_to(with_machines());
    let laptop = office.ready(office.cast.anna, "laptop");
    let firm = phone.client("Альфа");
    let lathe = phone.add("machine", Some(firm), Patch::new().set(machine::MODEL, "Токарный 16К20".to_owned()));
    phone.sync();
    laptop.sync();
    assert_eq!(laptop.text(firm, satchel_core::domain::kinds::client::NAME), "Альфа");
    let mut laptop = laptop;
    laptop.update_to(with_machines());
    assert_eq!(laptop.text(lathe, machine::MODEL), "Токарный 16К20");
}

// -------------------------------------------------------------------------------------------------- one field more

/// The machine as a later version declares it.
mod machine_later {
    satchel_core::kind! {
        machine, title: MODEL, home: UnderClient, {
            /// What stands on its plate.
            MODEL: String = text("model").required().search().in_list();
            /// Serial number.
            SERIAL: String = text("serial").search().in_list();
            /// Inventory number: new.
            INVENTORY: String = text("inventory").search().in_list();
            /// What happened to it: new, and a long text at that.
            HISTORY: String = note("history").search();
            /// Whatever else matters.
            NOTE: String = note("note").search();
        }
    }
}

#[test]
fn a_field_added_to_a_kind_is_there_for_the_records_that_exist() {
    let mut office = Office::with(with_machines());
    let (mut phone, mut laptop) = (office.ready(office.cast.anna, "phone"), office.ready(office.cast.anna, "laptop"));
    let firm = phone.client("Альфа");
    let patch = Patch::new().set(machine::MODEL, "Пресс".to_owned()).set(machine::NOTE, "старый".to_owned());
    let press = phone.add("machine", Some(firm), patch);
    phone.sync();
    laptop.sync();

    let later = || Registry::built_in().with(&machine_later::KIND);
    office.update_to(later());
    phone.update_to(later());
    laptop.update_to(later());
    for device in [&phone, &laptop] {
        assert_eq!(device.text(press, machine_later::MODEL), "Пресс");
        assert_eq!(device.text(press, machine_later::NOTE), "старый");
    }
    // Both begin the new long text at the same time, with no network: neither loses a letter.
    phone.offline().types(press, machine_later::HISTORY, "Ремонт в мае.");
    laptop.offline().types(press, machine_later::HISTORY, "Замена вала.");
    phone.types(press, machine_later::INVENTORY, "И-17");
    for device in [phone.online(), laptop.online(), &phone] {
        device.sync();
    }
    assert_eq!(phone.sees(press).unwrap().record, laptop.sees(press).unwrap().record);
    let history = laptop.text(press, machine_later::HISTORY);
    assert!(history.contains("Ремонт в мае.") && history.contains("Замена вала."), "{history}");
    assert_eq!(laptop.text(press, machine_later::INVENTORY), "И-17");
    let found = laptop.store().search("и-17", 5).unwrap();
    assert!(found.iter().any(|hit| hit.id == press));
    let rows = laptop.rows("machine");
    assert_eq!(rows[0].get(machine_later::INVENTORY), Some("И-17".to_owned()));
}
