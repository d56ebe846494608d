//! Prints documents as the app writes them, one JSON line each, for other implementations of Automerge to open.

use anyhow::{Context, Result};
use automerge::{AutoCommit, ObjId, ObjType, ROOT, ReadDoc, ScalarValue, Value as AmValue};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use satchel_core::docs::Doc;
use satchel_core::domain::clock::Clock;
use satchel_core::domain::ids::{EntryId, IdSource};
use satchel_core::domain::kind::{Kind, Registry};
use satchel_core::domain::kinds::{client, interaction, person};
use satchel_core::domain::patch::Patch;
use satchel_core::domain::value::Value as Typed;
use satchel_tests::harness::{SeededIds, TestClock};
use serde_json::{Map, Value, json};

fn main() -> Result<()> {
    let clock = TestClock::new();
    let ids = SeededIds::new(1, &clock);
    let entry = |patch: Patch, field: &str, value: &str| {
        patch.entry(field, EntryId(ids.fresh()), Typed::Text(value.to_owned()), "work")
    };
    let (first, second) = ([1; 20], [2; 20]);
    let named = Patch::new().set(client::NAME, "ТОВ «Ромашка» 🌼".to_owned());

    let (_, changes) = Doc::create(&client::KIND, &named, &first, clock.now())?;
    print("a client with a name", changes)?;

    let full = named.clone().set(client::CITY, "Київ".to_owned());
    let full = entry(entry(full, "phones", "+380 44 123-45-67"), "phones", "+380 50 765-43-21");
    let (mut doc, mut changes) = Doc::create(&client::KIND, &full, &first, clock.now())?;
    let note = |text: &str| Patch::new().set_key("note", Typed::Text(text.to_owned()));
    changes.extend(doc.edit(&client::KIND, &note("Вхід з двору."), &first, clock.now())?);
    changes.extend(doc.edit(&client::KIND, &note("Вхід з двору, код 17."), &first, clock.now())?);
    print("a client with phones and a note edited twice", changes.clone())?;

    // Two devices at once: competing values of a field, and typing into one text.
    let mut other = Doc::load(&changes.concat())?;
    let town = |name: &str| Patch::new().set(client::CITY, name.to_owned());
    let ours = doc.edit(&client::KIND, &town("Львів"), &first, clock.now())?;
    let theirs = other.edit(&client::KIND, &town("Одеса"), &second, clock.now())?;
    changes.extend(ours.into_iter().chain(theirs));
    print("a client with competing towns", changes)?;

    let (_, changes) =
        Doc::create(&person::KIND, &Patch::new().set(person::NAME, "Олена".to_owned()), &first, clock.now())?;
    print("a person", changes)?;

    let call = Patch::new()
        .set(interaction::CHANNEL, "call".to_owned())
        .set(interaction::STARTS_AT, clock.now())
        .set(interaction::EFFORT, 25)
        .set(interaction::RESULT, "довга розмова ".repeat(500));
    let (mut doc, mut changes) = Doc::create(&interaction::KIND, &call, &first, clock.now())?;
    let trash = Patch::new().set_key("trashed", Typed::Bool(true));
    changes.extend(doc.edit(&interaction::KIND, &trash, &first, clock.now())?);
    print("a call thrown away", changes)?;

    for kind in Registry::built_in().iter() {
        print(&format!("an empty {}", kind.key), empty(kind, &clock)?)?;
    }
    Ok(())
}

fn empty(kind: &'static Kind, clock: &TestClock) -> Result<Vec<Vec<u8>>> {
    let (_, changes) = Doc::create(kind, &Patch::new().set_key("trashed", Typed::Bool(true)), &[3; 20], clock.now())?;
    Ok(changes)
}

fn print(name: &str, changes: Vec<Vec<u8>>) -> Result<()> {
    let mut doc = AutoCommit::load(&changes.concat()).context("loading our own changes")?;
    let mut heads: Vec<String> = doc.get_heads().iter().map(ToString::to_string).collect();
    heads.sort();
    let changes: Vec<String> = changes.iter().map(|change| STANDARD.encode(change)).collect();
    let saved = STANDARD.encode(doc.save());
    let content = content(&doc, &ROOT)?;
    println!("{}", json!({ "name": name, "heads": heads, "content": content, "saved": saved, "changes": changes }));
    Ok(())
}

fn content(doc: &AutoCommit, of: &ObjId) -> Result<Value> {
    let mut map = Map::new();
    for key in doc.keys(of).collect::<Vec<_>>() {
        let Some((value, id)) = doc.get(of, key.as_str())? else { continue };
        let value = match value {
            AmValue::Object(ObjType::Text) => Value::String(doc.text(&id)?),
            AmValue::Object(_) => content(doc, &id)?,
            AmValue::Scalar(scalar) => match scalar.as_ref() {
                ScalarValue::Str(text) => json!(text.as_str()),
                ScalarValue::Int(n) | ScalarValue::Timestamp(n) => json!(n),
                ScalarValue::Uint(n) => json!(n),
                ScalarValue::F64(n) => json!(n),
                ScalarValue::Boolean(yes) => json!(yes),
                ScalarValue::Bytes(bytes) => json!(STANDARD.encode(bytes)),
                _ => Value::Null,
            },
        };
        map.insert(key, value);
    }
    Ok(Value::Object(map))
}
