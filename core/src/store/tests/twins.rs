//! Clients that look like ones made twice [C-009].

use rstest::rstest;

use super::fixture::*;
use crate::domain::authority::{Department, Home, Role, User};
use crate::domain::ids::*;
use crate::domain::kind::Registry;
use crate::domain::kinds::{client, distinction, legal_entity, person};
use crate::domain::patch::Patch;
use crate::domain::value::Value;
use crate::store::similar::Alike;
use crate::store::write::Write;
use crate::sync::wire::{Page, RecordAuthority};

fn entry(device: &Bag, patch: Patch, field: &str, text: &str) -> Patch {
    patch.entry(field, EntryId(device.ids.fresh()), Value::Text(text.to_owned()), "work")
}

fn firm(device: &Bag, name: &str, city: &str) -> RecordId {
    let patch = Patch::new().set(client::NAME, name.to_owned()).set(client::CITY, city.to_owned());
    device.create("client", None, patch).0
}

fn contact(device: &Bag, client: RecordId, phone: &str) -> RecordId {
    let patch = Patch::new().set(person::NAME, "Иванов".to_owned());
    device.create("person", Some(client), entry(device, patch, "phones", phone)).0
}

fn numbered(device: &Bag, client: RecordId, number: &str) -> RecordId {
    let patch = Patch::new().set(legal_entity::REGISTERED_NAME, "ООО".to_owned());
    device.create("legal_entity", Some(client), patch.set(legal_entity::TAX_NUMBER, number.to_owned())).0
}

fn with(device: &Bag, client: RecordId, field: &str, text: &str) {
    device.edit(client, entry(device, Patch::new(), field, text)).unwrap();
}

/// What pairs of clients have in common, as one of them is asked.
fn reasons(device: &Bag, of: RecordId) -> Vec<(RecordId, Vec<Alike>)> {
    let found = device.store.twins_of(of).unwrap();
    let other = |one, other| if one == of { other } else { one };
    found.iter().map(|it| (other(it.one, it.other), it.reasons.keys().copied().collect())).collect()
}

#[test]
fn clients_with_a_number_a_phone_an_address_or_a_name_in_one_town_are_twins() {
    let device = Bag::new();
    let [a, b] = ["ООО «Ромашка»", "Ромашка"].map(|name| firm(&device, name, "Псков"));
    assert_eq!(reasons(&device, a), [(b, vec![Alike::Name])]);
    with(&device, a, "phones", "8 (912) 345-67-89");
    contact(&device, b, "+7 912 345-67-89 доб. 4");
    numbered(&device, a, "7707083893");
    numbered(&device, b, "77 07 08 38 93");
    with(&device, a, "emails", "Info@romashka.example");
    with(&device, b, "emails", "info@romashka.example ");
    assert_eq!(reasons(&device, b), [(a, vec![Alike::Number, Alike::Phone, Alike::Email, Alike::Name])]);
    let values: Vec<String> = device.store.twins_of(a).unwrap()[0].reasons.values().cloned().collect();
    assert_eq!(values, ["7707083893", "+79123456789", "info@romashka.example", ""]);
}

#[rstest]
#[case::another_town("Ромашка", "Ромашка", "Псков", "Тула")]
#[case::no_town("Ромашка", "Ромашка", "", "")]
#[case::another_name("Ромашка", "Ромашки", "Псков", "Псков")]
#[case::a_legal_form_alone("ООО", "ООО", "Псков", "Псков")]
fn others_are_not(#[case] one: &str, #[case] other: &str, #[case] here: &str, #[case] there: &str) {
    let device = Bag::new();
    let (one, _) = (firm(&device, one, here), firm(&device, other, there));
    assert_eq!(reasons(&device, one), []);
}

#[test]
fn the_same_digits_in_two_countries_and_numbers_without_a_town_are_nobodys() {
    let device = Bag::new();
    let [a, b, c, d] = ["А", "Б", "В", "Г"].map(|name| firm(&device, name, "Псков"));
    with(&device, a, "phones", "+7 744 123-45-67");
    with(&device, b, "phones", "+380 44 123-45-67");
    with(&device, c, "phones", "55-66-77");
    with(&device, d, "phones", "55-66-77");
    assert_eq!((reasons(&device, a), reasons(&device, c)), (vec![], vec![]));
}

#[test]
fn what_one_client_has_twice_is_no_twin_of_his_own() {
    let device = Bag::new();
    let a = firm(&device, "Ромашка", "Псков");
    with(&device, a, "phones", "+7 912 345-67-89");
    contact(&device, a, "+7 912 345-67-89");
    contact(&device, a, "8 912 345 67 89");
    assert_eq!(reasons(&device, a), []);
    assert_eq!(n_shared(&device), 0);
}

#[test]
fn what_many_have_in_common_names_none_of_them() {
    let device = Bag::new();
    let all: Vec<RecordId> = (0..9).map(|n| firm(&device, &format!("Клиент {n}"), "Псков")).collect();
    for (n, id) in all.iter().enumerate() {
        with(&device, *id, "phones", "+7 800 555-35-35");
        assert_eq!(reasons(&device, all[0]).len(), if n < 8 { n } else { 0 });
    }
}

fn n_shared(device: &Bag) -> i64 {
    let n = device.store.read(|conn| Ok(conn.query_row("SELECT count(*) FROM search_shared", [], |row| row.get(0))?));
    n.unwrap()
}

#[test]
fn vis_3_nothing_is_left_of_a_twin_that_was_changed_trashed_or_purged() {
    let device = Bag::new();
    let all = ["А", "Б", "В", "Г"].map(|name| firm(&device, name, "Псков"));
    for id in all {
        with(&device, id, "phones", "+7 912 345-67-89");
    }
    let [a, b, c, d] = all;
    let others = |of| reasons(&device, of).into_iter().map(|(id, _)| id).collect::<Vec<_>>();
    assert_eq!(others(a), [b, c, d]);
    let held = match device.store.record(b).unwrap().record.values.get("phones") {
        Some(Value::Entries(entries)) => entries[0].id,
        other => panic!("{other:?}"),
    };
    device.edit(b, Patch::new().entry("phones", held, Value::Text("+7 900 000-00-00".to_owned()), "work")).unwrap();
    assert_eq!(others(a), [c, d]);
    device.edit(c, Patch::new().set_key("trashed", Value::Bool(true))).unwrap();
    assert_eq!(others(a), [d]);
    device.edit(c, Patch::new().set_key("trashed", Value::Bool(false))).unwrap();
    assert_eq!(others(a), [c, d], "and he is one again once he comes back");
    device.edit(c, Patch::new().set_key("trashed", Value::Bool(true))).unwrap();
    device.accept_all();
    assert_eq!(n_shared(&device), 1);
    device.take_page(Page { revoked: vec![revoked(Home::Client(d), 9, device.now)], ..Page::default() }, Vec::new());
    assert_eq!((others(a), n_shared(&device)), (vec![], 0));
}

#[test]
fn a_person_of_a_client_in_the_trash_makes_no_twin() {
    let device = Bag::new();
    let [a, b] = ["А", "Б"].map(|name| firm(&device, name, "Псков"));
    with(&device, a, "phones", "+7 912 345-67-89");
    contact(&device, b, "+7 912 345-67-89");
    assert_eq!(reasons(&device, a).len(), 1);
    device.edit(b, Patch::new().set_key("trashed", Value::Bool(true))).unwrap();
    assert_eq!(reasons(&device, a), []);
}

/// What the office says of a client.
fn held_in(device: &Bag, id: RecordId, department: DepartmentId) {
    let held = crate::domain::authority::ClientAuthority { responsible: user_id(2), department };
    let authority = RecordAuthority { client: Some(held), ..RecordAuthority::default() };
    device
        .store
        .write(|tx| {
            let n = tx.query_row("SELECT n FROM documents WHERE id = ?", [id.bytes()], |row| row.get(0))?;
            crate::store::mirror::put_authority(tx, n, &authority)
        })
        .unwrap();
}

#[test]
fn a_supervisor_is_told_of_his_own_people_and_not_of_those_told_apart() {
    let device = Bag::of(Role::Supervisor, Registry::built_in());
    let (below, elsewhere) = (DepartmentId(uuid::Uuid::from_u128(1)), DepartmentId(uuid::Uuid::from_u128(2)));
    let departments = [(department_id(), None), (below, Some(department_id())), (elsewhere, None)];
    let departments = departments.map(|(id, parent)| Department { id, name: "Отдел".to_owned(), parent });
    let users = [User { department: below, ..person(2, Role::Rep) }];
    let page = Page { departments: departments.to_vec(), users: users.to_vec(), ..Page::default() };
    device.take_page(page, Vec::new());
    let all = ["А", "Б", "В"].map(|name| firm(&device, name, "Псков"));
    for (id, department) in all.into_iter().zip([department_id(), below, elsewhere]) {
        with(&device, id, "phones", "+7 912 345-67-89");
        held_in(&device, id, department);
    }
    let [a, b, _] = all;
    let pairs = || device.store.twins().unwrap().iter().map(|it| (it.one, it.other)).collect::<Vec<_>>();
    assert_eq!(pairs(), [(a, b)]);
    let patch = |apart| Patch::new().set(distinction::PAIR, distinction::pair(b, a)).set(distinction::APART, apart);
    let (said, _) = device.create("distinction", None, patch(true));
    assert_eq!(pairs(), []);
    assert_eq!(device.store.distinction(a, b).unwrap(), Some((said, true)));
    device.write(vec![Write::Edit { id: said, patch: Patch::new().set(distinction::APART, false) }]).unwrap();
    assert_eq!(pairs(), [(a, b)]);
    assert_eq!(reasons(&device, a).len(), 2, "the card speaks of all he sees");

    let rep = Bag::new();
    for name in ["А", "Б"] {
        let id = firm(&rep, name, "Псков");
        with(&rep, id, "phones", "+7 912 345-67-89");
        held_in(&rep, id, department_id());
    }
    assert_eq!(rep.store.twins().unwrap().len(), 0, "a rep supervises nobody");
}

#[test]
fn asking_reads_no_table_through() {
    let device = Bag::of(Role::Supervisor, Registry::built_in());
    firm(&device, "Ромашка", "Псков");
    let plans = device
        .store
        .read(|conn| {
            let mut plans = Vec::new();
            for sql in crate::store::known::asked() {
                let mut statement = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
                let params: Vec<i64> = vec![1; statement.parameter_count()];
                let rows = statement.query_map(rusqlite::params_from_iter(params), |row| row.get::<_, String>(3))?;
                plans.extend(rows.collect::<Result<Vec<_>, _>>()?);
            }
            Ok(plans)
        })
        .unwrap();
    assert!(plans.len() > 8, "{plans:?}");
    for step in plans {
        // The keys several clients have: what there is to tell.
        assert!(!step.starts_with("SCAN") || step.starts_with("SCAN search_shared"), "{step}");
    }
}
