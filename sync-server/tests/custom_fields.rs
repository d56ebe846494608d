//! Fields the organisation made, at the door: values are judged by the type of the definitions the server has taken in,
//! and what a definition says for ever stays.
#![allow(clippy::unwrap_used)]

mod support;

use satchel_core::docs::Doc;
use satchel_core::domain::authority::Home;
use satchel_core::domain::clock::Clock;
use satchel_core::domain::custom::Definition;
use satchel_core::domain::ids::*;
use satchel_core::domain::kind::{Kind, Registry};
use satchel_core::domain::kinds::{client, custom_field};
use satchel_core::domain::patch::Patch;
use satchel_core::domain::value::Value;
use satchel_core::sync::wire::*;
use satchel_server::{Office, Settings};
use support::*;

fn definition(holds: &str) -> Patch {
    Patch::new()
        .set(custom_field::NAME, "Мест".into())
        .set(custom_field::OF, "client".into())
        .set(custom_field::TYPE, holds.into())
}

/// The client as whoever takes the field for this sees it.
fn client_with(field: RecordId, holds: &str) -> &'static Kind {
    let read = Definition::read(field, &definition(holds).set, false).unwrap();
    Registry::built_in().with_fields(&[read]).kind("client").unwrap()
}

fn defined(admin: &mut Device, holds: &str) -> (RecordId, String) {
    let (id, create) = admin.create(&custom_field::KIND, |_| Home::Organisation, &definition(holds));
    admin.must_push(&create);
    (id, format!("x.{id}"))
}

#[test]
fn a_value_is_judged_by_the_type_its_definition_gives_it() {
    let w = World::new();
    let (mut admin, mut phone) = (w.device(w.admin), w.device(w.anna));
    let (id, create) = phone.new_client("Ромашка");
    phone.must_push(&create);
    let (field, key) = defined(&mut admin, "int");
    // A device that takes the number for a text.
    let wrong = Patch::new().set_key(&key, Value::Text("много".into()));
    let edit = phone.clone().edit(id, client_with(field, "text"), &wrong);
    assert_eq!(phone.push_one(&edit), refused("refused_malformed"));
    // Also on another node, and after a restart.
    let again =
        Office::open(w.storage.clone(), w.clock.clone(), w.ids.clone(), Registry::built_in(), Settings::for_tests());
    phone.office = again.unwrap();
    let edit = phone.clone().edit(id, client_with(field, "text"), &wrong);
    assert_eq!(phone.push_one(&edit), refused("refused_malformed"));
    let right = phone.clone().edit(id, client_with(field, "int"), &Patch::new().set_key(&key, Value::Int(12)));
    assert_eq!(phone.push_one(&right), Outcome::Accepted);
}

#[test]
fn a_value_of_a_field_the_server_has_not_heard_of_is_kept() {
    let w = World::new();
    let mut phone = w.device(w.anna);
    let (id, create) = phone.new_client("Ромашка");
    phone.must_push(&create);
    let unheard = RecordId(w.ids.fresh());
    let patch = Patch::new().set_key(&format!("x.{unheard}"), Value::Int(12));
    let edit = phone.clone().edit(id, client_with(unheard, "int"), &patch);
    assert_eq!(phone.push_one(&edit), Outcome::Accepted);
    let mut laptop = w.device(w.anna);
    laptop.pull();
    let read = laptop.read(id, client_with(unheard, "int"));
    assert_eq!(read.values.get(&format!("x.{unheard}")), Some(&Value::Int(12)));
}

#[test]
fn what_a_definition_says_for_ever_is_not_said_again() {
    let w = World::new();
    let mut admin = w.device(w.admin);
    let (field, key) = defined(&mut admin, "int");
    for patch in [definition("text"), Patch::new().set(custom_field::OF, "person".into())] {
        let edit = admin.clone().edit(field, &custom_field::KIND, &patch);
        assert_eq!(admin.push_one(&edit), refused("refused_malformed"));
    }
    // Nor by beginning the document once more beside what is there.
    let actor = admin.actor();
    let (_, chunks) = Doc::create(&custom_field::KIND, &definition("text"), &actor, w.clock.now()).unwrap();
    let record = RecordKey { id: field, generation: 0 };
    let group = admin.group(vec![Item::Changes { record, n: chunks.len() as u32 }], chunks);
    assert!(matches!(admin.push_one(&group), Outcome::Refused(_)));
    let rename = Patch::new().set(custom_field::NAME, "Посадочных мест".into());
    let edit = admin.clone().edit(field, &custom_field::KIND, &rename);
    assert_eq!(admin.push_one(&edit), Outcome::Accepted);

    let mut phone = w.device(w.anna);
    let (id, create) = phone.new_client("Ромашка");
    phone.must_push(&create);
    let wrong = Patch::new().set_key(&key, Value::Text("много".into()));
    let edit = phone.clone().edit(id, client_with(field, "text"), &wrong);
    assert_eq!(phone.push_one(&edit), refused("refused_malformed"));
}

#[test]
fn who_is_no_admin_makes_and_changes_no_fields() {
    let w = World::new();
    let mut admin = w.device(w.admin);
    let (field, _) = defined(&mut admin, "int");
    for user in [w.boss, w.anna] {
        let mut device = w.device(user);
        device.pull();
        let (_, create) = device.create(&custom_field::KIND, |_| Home::Organisation, &definition("text"));
        assert_eq!(device.push_one(&create), refused("read_only"));
        let rename = Patch::new().set(custom_field::NAME, "Иначе".into());
        let edit = device.clone().edit(field, &custom_field::KIND, &rename);
        assert_eq!(device.push_one(&edit), refused("read_only"));
    }
    let plain = Patch::new().set(client::NAME, "Ромашка".into());
    let (_, create) = admin.create(&client::KIND, Home::Client, &plain);
    admin.must_push(&create);
}
