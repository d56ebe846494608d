//! What a record went through, the trash, and taking one's own actions back.

use super::*;

fn edit(app: &App, id: RecordId, seen: Value, changed: Value) -> Value {
    run(app, "edit", json!({ "kind": "client", "id": id, "seen": seen, "changed": changed }))
}

fn history(app: &App, id: RecordId, more: Value) -> Value {
    let mut asked = json!({ "kind": "client", "id": id, "limit": 100 });
    asked.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    run(app, "record_history", asked)
}

fn fields(app: &App, id: RecordId) -> Value {
    run(app, "record", json!({ "kind": "client", "id": id }))["fields"].clone()
}

/// A client that moved twice and lost a phone.
fn moved(machine: &Machine) -> (App, RecordId) {
    let app = machine.local();
    let id = client(&app, "Ромашка");
    let phone = fields(&app, id)["phones"][0].clone();
    machine.pass(1);
    edit(&app, id, json!({ "city": "Чернігів" }), json!({ "city": "Київ" }));
    machine.pass(1);
    let gone = json!({ "entry": phone["entry"], "value": "", "removed": true });
    edit(&app, id, json!({ "phones": [phone] }), json!({ "city": "Львів", "note": "спросить Анну", "phones": [gone] }));
    (app, id)
}

#[test]
fn history_tells_who_changed_what_and_when_the_latest_first() {
    let machine = Machine::new();
    let (app, id) = moved(&machine);
    let told = history(&app, id, json!({}));
    assert_eq!(told["total"], 3);
    let step = &told["steps"][0];
    assert_eq!((step["person"]["name"].as_str(), step["at"].as_str()), (Some("Ольга"), Some("2026-11-22T12:00:00Z")));
    assert_eq!((step["skew"].as_i64(), step["creates"].as_bool()), (Some(0), Some(false)));
    let changes: Vec<_> =
        step["changes"].as_array().unwrap().iter().map(|one| one["field"].as_str().unwrap()).collect();
    assert_eq!(changes, ["phones", "city", "note"]);
    assert_eq!(
        (step["changes"][1]["before"].clone(), step["changes"][1]["after"].clone()),
        (json!("Київ"), json!("Львів"))
    );
    assert_eq!(step["changes"][0]["before"], "+380 44 123-45-67");
    assert_eq!(step["changes"][2]["pieces"], json!([{ "what": "typed", "text": "спросить Анну" }]));
    assert_eq!(told["steps"][2]["creates"], true);
    assert_eq!(told["people"][0]["name"], "Ольга");

    let cities = history(&app, id, json!({ "field": "city", "limit": 1, "offset": 1 }));
    assert_eq!((cities["total"].as_u64(), cities["steps"].as_array().unwrap().len()), (Some(3), 1));
    assert_eq!(cities["steps"][0]["changes"][0]["after"], "Київ");
    assert_eq!(history(&app, id, json!({ "person": uuid::Uuid::from_u128(9) }))["total"], 0);
}

#[test]
fn a_record_is_shown_as_it_was_and_single_fields_are_put_back() {
    let machine = Machine::new();
    let (app, id) = moved(&machine);
    let change = history(&app, id, json!({}))["steps"][2]["change"].clone();
    let asked = json!({ "kind": "client", "id": id, "change": change });
    let then = run(&app, "record_then", asked);
    assert_eq!((then["then"]["city"].as_str(), then["now"]["city"].as_str()), (Some("Чернігів"), Some("Львів")));
    assert_eq!(then["differing"], json!(["phones", "city", "note"]));
    assert_eq!((then["may_edit"].as_bool(), then["was_trashed"].as_bool()), (Some(true), Some(false)));

    let mut back = json!({ "kind": "client", "id": id, "change": change, "fields": ["phones"], "seen": {} });
    run(&app, "put_back", back.clone());
    assert_eq!(fields(&app, id)["phones"][0]["value"], "+380 44 123-45-67");
    assert_eq!(fields(&app, id)["city"], "Львів");
    assert_eq!(fails(&app, "put_back", back.clone()), "nothing_to_do");

    back["fields"] = json!(["city", "note"]);
    back["seen"] = json!({ "city": "Київ" });
    assert_eq!(fails(&app, "put_back", back.clone()), "changed_meanwhile");
    back["seen"] = json!({ "city": "Львів", "note": "спросить Анну" });
    run(&app, "put_back", back);
    assert_eq!((fields(&app, id)["city"].clone(), fields(&app, id)["note"].clone()), (json!("Чернігів"), Value::Null));
    assert_eq!(history(&app, id, json!({}))["total"], 5, "what is put back is a change like any other");
}

#[test]
fn history_of_another_kind_or_of_no_change_looks_like_none() {
    let machine = Machine::new();
    let (app, id) = moved(&machine);
    assert_eq!(fails(&app, "record_history", json!({ "kind": "person", "id": id, "limit": 1 })), "not_found");
    for change in ["", "ff", "zz", &"0".repeat(64), &"ё".repeat(32)] {
        assert_eq!(fails(&app, "record_then", json!({ "kind": "client", "id": id, "change": change })), "not_found");
    }
}

#[test]
fn the_trash_shows_every_kind_the_last_first_with_who_and_when() {
    let machine = Machine::new();
    let app = machine.local();
    let (first, second) = (client(&app, "Ромашка"), client(&app, "Василёк"));
    let person = run(&app, "create", json!({ "kind": "person", "client": second, "fields": { "name": "Анна" } }));
    run(&app, "trash", json!({ "kind": "client", "id": second }));
    machine.pass(1);
    run(&app, "trash", json!({ "kind": "person", "id": person["id"] }));
    machine.pass(1);
    run(&app, "trash", json!({ "kind": "client", "id": first }));
    let bin = run(&app, "trash_bin", json!({ "limit": 10 }));
    assert_eq!((bin["total"].as_u64(), titles(&bin)), (Some(3), vec!["Ромашка", "Анна", "Василёк"]));
    assert_eq!(bin["rows"][1]["client"]["title"], "Василёк");
    assert_eq!(
        (bin["rows"][2]["person"]["name"].as_str(), bin["rows"][2]["at"].as_str()),
        (Some("Ольга"), Some("2026-11-22T10:00:00Z"))
    );
    // Legal entity and link; the person lies in the trash herself.
    assert_eq!(bin["rows"][2]["n_under"], 2);
    assert_eq!(titles(&run(&app, "trash_bin", json!({ "limit": 10, "text": "василек" }))), ["Василёк"]);
    assert_eq!(titles(&run(&app, "trash_bin", json!({ "limit": 10, "kind": "person" }))), ["Анна"]);
    assert_eq!(titles(&run(&app, "trash_bin", json!({ "limit": 1, "offset": 1 }))), ["Анна"]);

    let nobody = uuid::Uuid::from_u128(7);
    let keys = json!({ "records": [{ "kind": "client", "id": first }, { "kind": "person", "id": person["id"] }, { "kind": "client", "id": nobody }] });
    assert_eq!(run(&app, "restore_many", keys), json!({ "n": 2, "left": [nobody] }));
    assert_eq!(titles(&run(&app, "trash_bin", json!({ "limit": 10 }))), ["Василёк"]);
}

#[test]
fn undo_takes_back_one_action_after_the_other_also_after_a_restart() {
    let machine = Machine::new();
    let app = machine.local();
    let id = client(&app, "Ромашка");
    edit(&app, id, json!({ "city": "Чернігів" }), json!({ "city": "Київ" }));
    run(&app, "trash", json!({ "kind": "client", "id": id }));
    drop(app);

    let app = machine.open();
    let undone = run(&app, "undo", Value::Null);
    assert_eq!((undone["what"].as_str(), undone["title"].as_str()), (Some("trash"), Some("Ромашка")));
    assert_eq!(undone["record"], json!({ "kind": "client", "id": id }));
    assert_eq!(run(&app, "record", json!({ "kind": "client", "id": id }))["trashed"], false);
    assert_eq!(run(&app, "undo", Value::Null)["what"], "edit");
    assert_eq!(fields(&app, id)["city"], "Чернігів");
    let undone = run(&app, "undo", Value::Null);
    assert_eq!((undone["what"].as_str(), undone["n_records"].as_u64()), (Some("create"), Some(3)));
    assert_eq!(run(&app, "list", json!({ "kind": "client", "limit": 1 }))["total"], 0);
    assert_eq!(run(&app, "trash_bin", json!({ "limit": 10 }))["total"], 3);
    assert_eq!(run(&app, "undo", Value::Null)["what"], "nothing");
}

#[test]
fn an_order_is_not_taken_back_by_undo_and_hides_nothing_behind_it() {
    let machine = Machine::new();
    let app = machine.enrolled();
    let id = client(&app, "Ромашка");
    edit(&app, id, json!({ "city": "Чернігів" }), json!({ "city": "Київ" }));
    let order = json!({ "order": { "order": "revoke_device", "device": uuid::Uuid::from_u128(12) } });
    let given = run(&app, "give_order", order);
    let undone = run(&app, "undo", Value::Null);
    assert_eq!((undone["what"].as_str(), undone["command"].clone()), (Some("order"), given["id"].clone()));
    assert_eq!(run(&app, "orders", Value::Null)[0]["state"], "pending");
    assert_eq!(fields(&app, id)["city"], "Київ");
    assert_eq!(run(&app, "undo", Value::Null)["what"], "edit");
    assert_eq!(fields(&app, id)["city"], "Чернігів");
}

#[test]
fn a_toast_takes_back_just_what_it_tells_of() {
    let machine = Machine::new();
    let app = machine.local();
    let (first, second) = (client(&app, "Ромашка"), client(&app, "Василёк"));
    let one = run(&app, "trash", json!({ "kind": "client", "id": first }));
    let many = run(&app, "trash_many", json!({ "kind": "client", "ids": [second], "trashed": true }));
    edit(&app, first, json!({ "city": "Чернігів" }), json!({ "city": "Київ" }));
    let trashed = |id: RecordId| run(&app, "record", json!({ "kind": "client", "id": id }))["trashed"] == true;

    let undone = run(&app, "undo", json!({ "actions": many["actions"] }));
    assert_eq!((undone["what"].as_str(), undone["title"].as_str()), (Some("trash"), Some("Василёк")));
    assert_eq!((trashed(first), trashed(second)), (true, false));
    let undone = run(&app, "undo", json!({ "actions": [one["action"]] }));
    assert_eq!(undone["title"], "Ромашка");
    assert_eq!((trashed(first), fields(&app, first)["city"].as_str()), (false, Some("Київ")), "what came later stays");
    assert_eq!(run(&app, "undo", json!({ "actions": [one["action"]] }))["what"], "nothing", "it is forgotten");
    assert_eq!(run(&app, "undo", Value::Null)["what"], "edit", "taking back is no action to be taken back");
}

#[test]
fn what_was_made_from_a_field_goes_back_with_the_field() {
    let machine = Machine::new();
    let app = machine.local();
    let id = client(&app, "Ромашка");
    let (first, region) = (json!({ "kind": "client", "id": id, "field": "region", "seen": null }), "business_region");
    let made = run(&app, "create", json!({ "kind": region, "fields": { "name": "Полісся" }, "named_in": first }));
    assert_eq!(fields(&app, id)["region"]["title"], "Полісся");
    assert_eq!(run(&app, "undo", Value::Null)["what"], "create");
    assert_eq!(fields(&app, id)["region"], Value::Null);
    assert_eq!(run(&app, "record", json!({ "kind": region, "id": made["id"] }))["trashed"], true);

    // A collection gains an entry; of a client's people, within the client.
    let plan = json!({ "client": id, "channel": "call", "subject": "Ціни", "starts_at": "2026-11-23T08:00:00Z" });
    let plan = run(&app, "plan_interaction", plan)["id"].clone();
    let naming = json!({ "kind": "interaction", "id": plan, "field": "persons", "seen": null });
    let asked = json!({ "kind": "person", "client": id, "fields": { "name": "Петренко" }, "named_in": naming });
    run(&app, "create", asked);
    let persons = || run(&app, "client_card", json!({ "client": id }))["planned"][0]["persons"].clone();
    assert_eq!(persons()[0]["title"], "Петренко");
    run(&app, "undo", Value::Null);
    assert_eq!(persons(), json!([]));

    // Another kind does not belong into that field, and what somebody put there meanwhile is not written over.
    let wrong = json!({ "kind": "client", "id": id, "field": "category", "seen": null });
    let asked = json!({ "kind": region, "fields": { "name": "Поділля" }, "named_in": wrong });
    assert_eq!(fails(&app, "create", asked), "bad_value");
    let asked = |name: &str, seen: Value| {
        let naming = json!({ "kind": "client", "id": id, "field": "region", "seen": seen });
        json!({ "kind": region, "fields": { "name": name }, "named_in": naming })
    };
    run(&app, "create", asked("Поділля", Value::Null));
    assert_eq!(fails(&app, "create", asked("Волинь", Value::Null)), "changed_meanwhile");
    assert_eq!(titles(&run(&app, "list", json!({ "kind": region, "limit": 9 }))), ["Поділля"]);
}
