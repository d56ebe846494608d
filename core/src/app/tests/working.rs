//! Records without a server: lists, edits, search, warnings.

use super::*;

fn card(app: &App, id: RecordId) -> Value {
    run(app, "client_card", json!({ "client": id }))
}

fn edit(id: RecordId, seen: Value, changed: Value) -> Value {
    json!({ "kind": "client", "id": id, "seen": seen, "changed": changed })
}

#[test]
fn a_client_is_made_with_his_legal_entity_and_the_card_shows_both() {
    let machine = Machine::new();
    let app = machine.local();
    let id = client(&app, "Ромашка");
    let card = card(&app, id);
    assert_eq!(card["record"]["title"], "Ромашка");
    assert_eq!(card["record"]["access"], "write");
    assert_eq!(card["record"]["fields"]["phones"][0]["value"], "+380 44 123-45-67");
    let entity = &card["legal_entities"][0];
    assert_eq!(entity["fields"]["registered_name"], "Ромашка");
    assert_eq!(entity["fields"]["tax_number"], "14360570");
    assert_eq!(entity["warnings"], json!([]));
    assert_eq!(card["responsible"]["name"], "Ольга");
}

#[test]
fn an_edit_writes_what_was_changed_and_nothing_else() {
    let machine = Machine::new();
    let app = machine.local();
    let id = client(&app, "Ромашка");
    run(&app, "edit", edit(id, json!({ "city": "Чернігів" }), json!({ "city": "Київ" })));
    let fields = card(&app, id)["record"]["fields"].clone();
    assert_eq!((fields["city"].as_str(), fields["name"].as_str()), (Some("Київ"), Some("Ромашка")));
    assert_eq!(fields["phones"][0]["value"], "+380 44 123-45-67");
}

#[test]
fn a_field_that_changed_after_it_was_seen_comes_back_with_its_value_now() {
    let machine = Machine::new();
    let app = machine.local();
    let id = client(&app, "Ромашка");
    run(&app, "edit", edit(id, json!({ "city": "Чернігів" }), json!({ "city": "Київ" })));
    let late = edit(id, json!({ "city": "Чернігів" }), json!({ "city": "Львів" }));
    let failure = dispatch(&app, "edit", late).unwrap_err();
    assert_eq!(failure.code, "changed_meanwhile");
    assert_eq!(failure.fields["city"], Shown::Text("Київ".to_owned()));
    assert_eq!(card(&app, id)["record"]["fields"]["city"], "Київ");
}

#[test]
fn entries_are_added_changed_and_taken_away_one_by_one() {
    let machine = Machine::new();
    let app = machine.local();
    let id = client(&app, "Ромашка");
    let first = card(&app, id)["record"]["fields"]["phones"][0].clone();
    run(&app, "edit", edit(id, json!({}), json!({ "phones": [{ "value": "112" }] })));
    assert_eq!(card(&app, id)["record"]["fields"]["phones"].as_array().unwrap().len(), 2);
    let gone = json!({ "phones": [{ "entry": first["entry"], "value": "", "removed": true }] });
    run(&app, "edit", edit(id, json!({ "phones": [first] }), gone));
    let phones = card(&app, id)["record"]["fields"]["phones"].clone();
    assert_eq!((phones.as_array().unwrap().len(), phones[0]["value"].as_str()), (1, Some("112")));
}

#[test]
fn a_required_field_is_not_emptied() {
    let machine = Machine::new();
    let app = machine.local();
    let id = client(&app, "Ромашка");
    let failure = dispatch(&app, "edit", edit(id, json!({}), json!({ "name": "  " }))).unwrap_err();
    assert_eq!((failure.code.as_str(), failure.params["field"].as_str()), ("required", "name"));
}

#[test]
fn what_is_in_the_trash_is_out_of_lists_until_it_is_taken_out() {
    let machine = Machine::new();
    let app = machine.local();
    let id = client(&app, "Ромашка");
    let list = json!({ "kind": "client", "limit": 10 });
    run(&app, "trash", json!({ "kind": "client", "id": id }));
    assert_eq!(run(&app, "list", list.clone())["total"], 0);
    assert_eq!(run(&app, "list", json!({ "kind": "client", "limit": 10, "trashed": true }))["total"], 1);
    assert_eq!(run(&app, "record", json!({ "kind": "client", "id": id }))["trashed"], true);
    run(&app, "restore", json!({ "kind": "client", "id": id }));
    assert_eq!(titles(&run(&app, "list", list)), ["Ромашка"]);
}

#[test]
fn search_finds_part_of_a_name_phone_tax_number_and_note() {
    let machine = Machine::new();
    let app = machine.local();
    let id = client(&app, "Завод «Ёлка»");
    client(&app, "Інша");
    run(&app, "edit", edit(id, json!({}), json!({ "note": "возит кирпич по вторникам" })));
    let found = |text: &str| {
        let hits = run(&app, "search", json!({ "text": text, "limit": 10 }));
        let clients = hits.as_array().unwrap().iter().map(|hit| hit["client"]["id"].as_str().unwrap().to_owned());
        clients.collect::<std::collections::BTreeSet<_>>()
    };
    let only = std::collections::BTreeSet::from([id.to_string()]);
    assert_eq!(found("елк"), only);
    assert_eq!(found("кирпич"), only);
    assert!(found("123-45").contains(&id.to_string()));
    assert!(found("436057").contains(&id.to_string()), "part of a tax number opens the client");
    assert!(found("пароход").is_empty());
}

#[test]
fn lists_filter_sort_and_page() {
    let machine = Machine::new();
    let app = machine.local();
    for name in ["Вишня", "Абрикос", "Єлей", "Банан"] {
        client(&app, name);
    }
    let page = run(&app, "list", json!({ "kind": "client", "limit": 2, "offset": 1 }));
    assert_eq!((page["total"].as_u64(), titles(&page)), (Some(4), vec!["Банан", "Вишня"]));
    let by_name = json!([{ "field": "name", "descending": true }]);
    let page = run(&app, "list", json!({ "kind": "client", "limit": 1, "sort": by_name }));
    assert_eq!(titles(&page), ["Єлей"]);
    let holds = json!([{ "field": "name", "op": "contains", "value": "анан" }]);
    let page = run(&app, "list", json!({ "kind": "client", "limit": 10, "conditions": holds, "scope": "mine" }));
    assert_eq!(titles(&page), ["Банан"]);
}

#[test]
fn a_doubtful_tax_number_is_warned_about_and_saved() {
    let machine = Machine::new();
    let app = machine.local();
    let saved = run(
        &app,
        "create_client",
        json!({
            "client": { "name": "Ромашка" },
            "legal_entity": { "country": "ua", "entity_kind": "legal_entity", "tax_number": "14360571" },
        }),
    );
    let card = run(&app, "client_card", json!({ "client": saved["id"] }));
    let expected = json!([{ "field": "tax_number", "entry": null, "code": "wrong_check_digit" }]);
    assert_eq!(card["legal_entities"][0]["warnings"], expected);
    let typed = json!({ "kind": "legal_entity", "fields": { "country": "ua", "tax_number": "1436" } });
    assert_eq!(run(&app, "check_fields", typed)[0]["code"], "wrong_length");
}

#[test]
fn a_record_is_found_under_its_own_kind_only() {
    let machine = Machine::new();
    let app = machine.local();
    let id = client(&app, "Ромашка");
    assert_eq!(fails(&app, "record", json!({ "kind": "person", "id": id })), "not_found");
    assert_eq!(fails(&app, "trash", json!({ "kind": "person", "id": id })), "not_found");
}

#[test]
fn writes_tell_the_interface_what_to_ask_for_again() {
    let machine = Machine::new();
    let app = machine.local();
    let told: Arc<Mutex<Vec<Topic>>> = Arc::default();
    let ear = Arc::clone(&told);
    app.subscribe(Box::new(move |topics| ear.lock().unwrap().extend_from_slice(topics)));
    let id = client(&app, "Ромашка");
    let told = told.lock().unwrap();
    assert!(told.contains(&Topic::Kind("client".to_owned())));
    assert!(told.contains(&Topic::Record(id)));
    assert!(told.contains(&Topic::Status));
}

#[test]
fn a_client_about_to_be_made_is_compared_with_those_at_hand() {
    let machine = Machine::new();
    let app = machine.local();
    let id = client(&app, "ТОВ «Ромашка»");
    let other = client(&app, "Василёк");
    run(&app, "edit", edit(other, json!({}), json!({ "emails": [{ "value": "info@vasilek.example" }] })));
    let like = |client: Value, entity: Value| {
        let found = run(&app, "similar_clients", json!({ "client": client, "legal_entity": entity }));
        let each = found.as_array().unwrap().iter();
        each.map(|one| (one["client"]["id"].as_str().unwrap().to_owned(), one["reasons"].clone())).collect::<Vec<_>>()
    };
    let both = json!(["number"]);
    assert_eq!(like(json!({ "name": "Ромашка" }), json!({})), [(id.to_string(), json!(["name"]))]);
    let numbered = like(json!({}), json!({ "tax_number": "14 36 05 70" }));
    assert_eq!(numbered, [(id.to_string(), both.clone()), (other.to_string(), both)]);
    let phones = json!({ "name": "Ромашка", "phones": [{ "value": "044 123 45 67" }] });
    assert_eq!(like(phones, json!({}))[0], (id.to_string(), json!(["phone", "name"])));
    assert_eq!(like(json!({ "emails": [{ "value": "INFO@vasilek.example " }] }), json!({})).len(), 1);
    assert!(like(json!({ "name": "Північ" }), json!({ "tax_number": "12" })).is_empty());

    run(&app, "trash", json!({ "kind": "client", "id": id }));
    assert!(like(json!({ "name": "Ромашка" }), json!({})).is_empty(), "not while he lies in the trash");
}

#[test]
fn what_belongs_to_a_record_is_told_by_kind_and_field() {
    let machine = Machine::new();
    let app = machine.local();
    let (first, second) = (client(&app, "Ромашка"), client(&app, "Василёк"));
    let region =
        run(&app, "create", json!({ "kind": "business_region", "fields": { "name": "Північ" } }))["id"].clone();
    run(&app, "edit", edit(first, json!({}), json!({ "region": region })));
    let person =
        run(&app, "create", json!({ "kind": "person", "client": first, "fields": { "name": "Анна" } }))["id"].clone();
    let talk = json!({ "channel": "call", "state": "held", "subject": "цена", "persons": [{ "value": person }] });
    run(&app, "create", json!({ "kind": "interaction", "client": first, "fields": talk }));
    let told = |kind: &str, id: &Value| {
        let tabs = run(&app, "related", json!({ "kind": kind, "id": id }));
        let each = tabs.as_array().unwrap().iter();
        each.map(|tab| (tab["kind"].as_str().unwrap().to_owned(), tab["field"].clone(), tab["total"].as_u64().unwrap()))
            .collect::<Vec<_>>()
    };
    assert_eq!(told("business_region", &region), [("client".to_owned(), json!("region"), 1)]);
    assert_eq!(told("person", &person), [("interaction".to_owned(), json!("persons"), 1)]);
    let under = ["person", "legal_entity", "entity_link", "interaction"].map(|kind| (kind.to_owned(), Value::Null, 1));
    assert_eq!(told("client", &json!(first)), under);
    assert_eq!(told("client", &json!(second)).len(), 2);
    assert_eq!(fails(&app, "related", json!({ "kind": "person", "id": first })), "not_found");
}

#[test]
fn phones_are_shown_as_people_read_them_and_doubted_where_no_country_has_them() {
    let machine = Machine::new();
    let app = machine.enrolled();
    let id = client(&app, "Ромашка");
    let add = json!({ "phones": [{ "value": "0441234", "label": "" }] });
    run(&app, "edit", json!({ "kind": "client", "id": id, "seen": {}, "changed": add }));
    let view = run(&app, "record", json!({ "kind": "client", "id": id }));
    let phones = view["fields"]["phones"].as_array().unwrap();
    let phone = |value: &str| phones.iter().find(|one| one["value"] == value).unwrap();
    // An Ukrainian organisation: its own numbers nationally; what was typed stays.
    assert_eq!(phone("+380 44 123-45-67")["title"], "044 123 4567");
    assert_eq!(phone("0441234")["title"], "0441234");
    let wrong = json!([{ "field": "phones", "entry": phone("0441234")["entry"], "code": "unknown_phone" }]);
    assert_eq!(view["warnings"], wrong);

    let read = |number: &str| run(&app, "read_phone", json!({ "number": number }));
    assert_eq!(read("(044) 123 45 67 "), json!({ "shown": "044 123 4567", "doubtful": false }));
    assert_eq!(read("+380 44 123"), json!({ "shown": "+380 44 123", "doubtful": true }));
    // Asked for the same of a caller nobody knows: as it was typed.
    let called = |number: &str| run(&app, "who_calls", json!({ "number": number }))["shown"].clone();
    assert_eq!(called("+3804499"), "+3804499");
    assert_eq!(called("+380441234567"), "044 123 4567");
    assert_eq!(called("+380 44 999-00-11"), "+380 44 999-00-11", "its groups are those of whoever gave it");
    let asked = json!({ "kind": "person", "fields": { "phones": [{ "value": "12 34 56 7" }] } });
    assert_eq!(run(&app, "check_fields", asked)[0]["code"], "unknown_phone");
}

#[test]
fn a_legal_entity_stands_for_several_clients_and_a_client_has_several() {
    let machine = Machine::new();
    let app = machine.local();
    let (first, second) = (client(&app, "Ромашка"), client(&app, "Василёк"));
    let card = |id: RecordId| run(&app, "client_card", json!({ "client": id }));
    let names = |id: RecordId| -> Vec<String> {
        let card = card(id);
        let entities = card["legal_entities"].as_array().unwrap();
        entities.iter().map(|one| one["title"].as_str().unwrap().to_owned()).collect()
    };
    let shared = card(first)["legal_entities"][0]["id"].clone();
    let link = json!({ "client": second, "legal_entity": shared });
    run(&app, "link_legal_entity", link.clone());
    assert_eq!(fails(&app, "link_legal_entity", link.clone()), "nothing_to_do");
    assert_eq!(names(second), ["Василёк", "Ромашка"]);
    assert_eq!(card(second)["ties"][1]["others"][0]["title"], "Ромашка");
    assert_eq!(card(first)["ties"][0]["others"][0]["title"], "Василёк");

    run(&app, "lead_legal_entity", link.clone());
    assert_eq!(names(second), ["Ромашка", "Василёк"]);
    let mains: Vec<bool> = (0..2).map(|at| card(second)["ties"][at]["main"] == true).collect();
    assert_eq!(mains, [true, false]);

    // Taken from one client it stays with the other; the last one takes it along into the trash.
    run(&app, "unlink_legal_entity", link);
    assert_eq!((names(first), names(second)), (vec!["Ромашка".to_owned()], vec!["Василёк".to_owned()]));
    run(&app, "unlink_legal_entity", json!({ "client": first, "legal_entity": shared }));
    assert_eq!(names(first), [""; 0]);
    assert_eq!(run(&app, "record", json!({ "kind": "legal_entity", "id": shared }))["trashed"], true);
    run(&app, "undo", Value::Null);
    assert_eq!(names(first), ["Ромашка"]);

    let fields = json!({ "registered_name": "Новая Ромашка" });
    run(&app, "link_legal_entity", json!({ "client": first, "fields": fields }));
    assert_eq!(names(first), ["Ромашка", "Новая Ромашка"]);
    assert_eq!(fails(&app, "link_legal_entity", json!({ "client": first, "fields": {} })), "required");
    assert_eq!(run(&app, "undo", Value::Null)["n_records"], 2, "entity and link are one action");
}

#[test]
fn dur_5_a_damaged_record_does_not_keep_the_others_from_being_told_of_when_they_call() {
    let machine = Machine::new();
    let app = machine.local();
    let (broken, whole) = (client(&app, "Ромашка"), client(&app, "Василёк"));
    crate::store::tests::damage::spoil(&app.store().unwrap(), broken);
    let caller = run(&app, "who_calls", json!({ "number": "+380 44 123-45-67" }));
    let owners: Vec<_> = caller["owners"].as_array().unwrap().iter().map(|owner| owner["id"].clone()).collect();
    assert_eq!(owners, [json!(whole)]);
}
