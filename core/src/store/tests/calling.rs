//! Whose phone it is that calls [C-024].

use rstest::rstest;

use super::fixture::*;
use crate::domain::authority::Home;
use crate::domain::ids::*;
use crate::domain::kinds::person;
use crate::domain::patch::Patch;
use crate::domain::phone::{Likeness, Region};
use crate::domain::value::Value;
use crate::sync::wire::Page;

fn phone(device: &Bag, patch: Patch, number: &str) -> Patch {
    patch.entry("phones", EntryId(device.ids.fresh()), Value::Text(number.to_owned()), "work")
}

fn firm(device: &Bag, name: &str, number: &str) -> RecordId {
    let id = device.client(name);
    device.edit(id, phone(device, Patch::new(), number)).unwrap();
    id
}

/// Names with whether it surely is them.
fn owners(device: &Bag, number: &str, region: &str) -> Vec<(String, Likeness)> {
    let owners = device.store.owners_of_phone(number, Region::read(region), 10).unwrap();
    owners.into_iter().map(|owner| (owner.hit.title, owner.likeness)).collect()
}

#[rstest]
#[case("+7 (912) 345-67-89", "8 912 345 67 89", "RU")]
#[case("8 912 345-67-89", "+79123456789", "UA")]
#[case("+380 67 123 45 67", "067 123-45-67", "UA")]
#[case("0671234567", "+380671234567", "UA")]
#[case("8 (029) 123-45-67", "+375 29 1234567", "BY")]
#[case("+375291234567", "8 029 1234567", "BY")]
#[case("8 (495) 123-45-67 доб. 12", "+7 495 123-45-67", "RU")]
#[case("+49 30 901820", "0049 30 901820", "RU")]
fn a_number_is_known_in_any_spelling(#[case] stored: &str, #[case] calling: &str, #[case] region: &str) {
    let device = Bag::new();
    firm(&device, "Ромашка", stored);
    firm(&device, "Василёк", "+7 999 000-11-22");
    assert_eq!(owners(&device, calling, region), [("Ромашка".to_owned(), Likeness::Same)]);
}

#[rstest]
// The same digits in two countries.
#[case("+7 671 234 56 78", "+380 671 234 567", "UA")]
#[case("+380 44 123-45-67", "+7 744 123-45-67", "RU")]
#[case("+7 912 345-67-89", "+7 912 345-67-88", "RU")]
#[case("+7 912 345-67-89", "3456", "RU")]
#[case("", "", "RU")]
fn another_number_is_not(#[case] stored: &str, #[case] calling: &str, #[case] region: &str) {
    let device = Bag::new();
    let id = device.client("Ромашка");
    if !stored.is_empty() {
        device.edit(id, phone(&device, Patch::new(), stored)).unwrap();
    }
    assert_eq!(owners(&device, calling, region), []);
}

#[test]
fn all_who_share_a_number_are_named_and_those_without_the_code_of_a_town_come_last() {
    let device = Bag::new();
    let short = firm(&device, "Короткий", "55-66-77");
    let firm = firm(&device, "Ромашка", "8 (4872) 55-66-77");
    let patch = phone(&device, Patch::new().set(person::NAME, "Иванов".to_owned()), "+7 4872 556677");
    let (person, _) = device.create("person", Some(firm), patch);
    let owners = device.store.owners_of_phone("84872556677", Region::read("RU"), 10).unwrap();
    let found: Vec<_> = owners.iter().map(|owner| (owner.hit.id, owner.hit.client, owner.likeness)).collect();
    let expected = [(firm, None, Likeness::Same), (person, Some(firm), Likeness::Same), (short, None, Likeness::Maybe)];
    assert_eq!(found, expected);
    assert_eq!(owners[0].hit.snippet, "8 (4872) 55-66-77");
}

#[test]
fn a_number_that_was_changed_trashed_or_purged_is_nobodys() {
    let device = Bag::new();
    let [a, b, c] = ["А", "Б", "В"].map(|name| firm(&device, name, "+7 912 345-67-89"));
    let entry = match device.store.record(a).unwrap().record.values.get("phones") {
        Some(Value::Entries(entries)) => entries[0].id,
        other => panic!("{other:?}"),
    };
    let other = Patch::new().entry("phones", entry, Value::Text("+7 900 000-00-00".to_owned()), "work");
    device.edit(a, other).unwrap();
    device.edit(b, Patch::new().set_key("trashed", Value::Bool(true))).unwrap();
    assert_eq!(owners(&device, "89123456789", "RU").len(), 1);
    device.accept_all();
    let page = Page { revoked: vec![revoked(Home::Client(c), 9, device.now)], ..Page::default() };
    device.take_page(page, Vec::new());
    assert_eq!(owners(&device, "89123456789", "RU"), []);
    let left: i64 = device
        .store
        .read(|conn| {
            Ok(conn.query_row("SELECT count(*) FROM search_key WHERE key = 'p123456789'", [], |row| row.get(0))?)
        })
        .unwrap();
    assert_eq!(left, 0);
}

#[test]
fn a_database_from_before_is_indexed_for_it() {
    let device = Bag::new();
    firm(&device, "Ромашка", "+7 912 345-67-89");
    device
        .store
        .write(|tx| Ok(tx.execute_batch("DROP TABLE search_key; CREATE TABLE search_phone (row, tail)")?))
        .unwrap();
    let Bag { folder, store, ids, now } = device;
    drop(store);
    let store =
        crate::store::Store::open(&folder.path().join("a.satchel"), &KEY, crate::domain::kind::Registry::built_in())
            .unwrap();
    let device = Bag { folder, store, ids, now };
    while device.store.index_pending(100).unwrap() > 0 {}
    assert_eq!(owners(&device, "89123456789", "RU").len(), 1);
    assert!(device.store.search("ромашка", 5).unwrap().len() == 1, "and found once by name");
}

#[test]
fn a_look_up_reads_no_table_through() {
    let device = Bag::new();
    firm(&device, "Ромашка", "+7 912 345-67-89");
    let plan: String = device
        .store
        .read(|conn| {
            let sql = "EXPLAIN QUERY PLAN SELECT row FROM search_key WHERE key = 'p1' ORDER BY row LIMIT 9";
            Ok(conn.query_row(sql, [], |row| row.get(3))?)
        })
        .unwrap();
    assert!(plan.contains("search_key_key"), "{plan}");
}
