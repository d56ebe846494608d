//! Finding what a person looks for as he types it.

use rstest::rstest;

use super::fixture::*;
use crate::domain::ids::*;
use crate::domain::kinds::{client, legal_entity, person};
use crate::domain::patch::Patch;
use crate::domain::value::Value;

fn stocked() -> (Bag, RecordId) {
    let device = Bag::new();
    let id = device.client("ООО «Ромашка-Ёлочка»");
    let phone = Value::Text("+7 (912) 345-67-89".to_owned());
    let patch = Patch::new()
        .set(client::CITY, "Київ".to_owned())
        .set(client::NOTE, "Любит, когда звонят до обеда. Об'єднання садоводов.".to_owned())
        .entry("phones", EntryId(device.ids.fresh()), phone, "work");
    device.edit(id, patch).unwrap();
    let patch = Patch::new()
        .set(legal_entity::REGISTERED_NAME, "Общество Ромашка".to_owned())
        .set(legal_entity::TAX_NUMBER, "7707083893".to_owned());
    device.create("legal_entity", Some(id), patch);
    device.create("person", Some(id), Patch::new().set(person::NAME, "Ґалаґан Їжак".to_owned()));
    device.client("Василёк");
    device.client("Ива");
    (device, id)
}

#[rstest]
#[case("ромаш", "client")]
#[case("РОМАШКА елоч", "client")]
#[case("hjvfirf", "client")]
#[case("Pомaш", "client")]
#[case("до обе", "client")]
#[case("обєднання", "client")]
#[case("київ", "client")]
#[case("3456789", "client")]
#[case("912 345", "client")]
#[case("8 912 345", "client")]
#[case("67-89", "client")]
#[case("070838", "legal_entity")]
#[case("галаган", "person")]
#[case("ї", "person")]
#[case("ел", "client")]
#[case("и", "client")]
fn is_found(#[case] typed: &str, #[case] kind: &str) {
    let (device, _) = stocked();
    let hits = device.store.search(typed, 20).unwrap();
    assert!(hits.iter().any(|hit| hit.kind == kind), "{typed}: {hits:?}");
}

#[rstest]
#[case("ромашкин")]
#[case("999999")]
#[case("василек ромашка")]
#[case("«»")]
#[case("")]
#[case("\"OR\" *")]
fn is_not_found(#[case] typed: &str) {
    let (device, _) = stocked();
    assert_eq!(device.store.search(typed, 20).unwrap(), []);
}

#[test]
fn titles_come_first_and_text_shows_what_matched() {
    let (device, id) = stocked();
    let other = device.client("Сосна");
    device.edit(other, Patch::new().set(client::NOTE, "конкурент фирмы Ромашка на рынке".to_owned())).unwrap();
    let hits = device.store.search("ромашка", 20).unwrap();
    assert_eq!(hits[0].id, id);
    assert_eq!(hits[0].snippet, "");
    let last = hits.last().unwrap();
    assert_eq!(last.id, other);
    assert!(last.snippet.contains("Ромашка"), "{last:?}");
}

#[test]
fn what_was_changed_or_trashed_is_found_no_more() {
    let (device, id) = stocked();
    device
        .edit(id, Patch::new().set(client::NAME, "Тюльпан".to_owned()).set(client::CITY, "Львов".to_owned()))
        .unwrap();
    assert!(device.store.search("елочка", 5).unwrap().is_empty());
    assert_eq!(device.store.search("тюльп", 5).unwrap()[0].id, id);
    device.edit(id, Patch::new().set_key("trashed", Value::Bool(true))).unwrap();
    assert!(device.store.search("тюльп", 5).unwrap().is_empty());
}
