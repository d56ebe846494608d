//! Lists as the interface asks for them, and what is done to many records at once.

use super::*;

fn three(app: &App) -> Vec<RecordId> {
    let ids: Vec<RecordId> = ["Альфа", "Бета", "Гамма"].into_iter().map(|name| client(app, name)).collect();
    let edit = |id: RecordId, city: &str| {
        run(
            app,
            "edit",
            json!({ "kind": "client", "id": id, "seen": {}, "changed": { "city": city, "contact_every": 7 } }),
        );
    };
    edit(ids[0], "Київ");
    edit(ids[1], "Львів");
    ids
}

#[test]
fn conditions_groups_and_marks_travel_as_plain_words() {
    let machine = Machine::new();
    let app = machine.local();
    three(&app);
    let conditions = json!([{ "any": [
        { "field": "city", "op": "is", "value": "київ" },
        { "all": [{ "field": "city", "op": "one_of", "values": ["Чернігів", "Одеса"] }, { "field": "name", "op": "begins", "value": "га" }] },
    ] }]);
    let marks = json!([{ "field": "contact_every", "op": "filled" }]);
    let page = run(&app, "list", json!({ "kind": "client", "conditions": conditions, "marks": marks, "limit": 10 }));
    assert_eq!(titles(&page), ["Альфа", "Гамма"]);
    assert_eq!((&page["rows"][0]["marks"], &page["rows"][1]["marks"]), (&json!([0]), &json!([])));
    let asked = json!({ "kind": "client", "group": [{ "field": "city" }], "sums": ["contact_every"], "limit": 1 });
    let groups = run(&app, "list_groups", asked);
    assert_eq!((&groups["total"], &groups["sums"]["contact_every"]), (&json!(3), &json!(14)));
    let shown: Vec<_> = groups["groups"].as_array().unwrap().iter().map(|one| (&one["value"], &one["first"])).collect();
    assert_eq!(shown, [(&json!("Київ"), &json!(0)), (&json!("Львів"), &json!(1)), (&json!("Чернігів"), &json!(2))]);
    let bad =
        json!({ "kind": "client", "conditions": [{ "field": "city", "op": "during", "value": "today" }], "limit": 1 });
    let failure = dispatch(&app, "list", bad).unwrap_err();
    assert_eq!((failure.code.as_str(), failure.params["field"].as_str()), ("bad_value", "city"));
}

#[test]
fn one_value_for_many_is_rehearsed_written_and_taken_back_only_where_it_still_stands() {
    let machine = Machine::new();
    let app = machine.local();
    let ids = three(&app);
    let changes: Vec<Value> = ids.iter().map(|id| json!({ "id": id, "value": "Київ" })).collect();
    let mut asked = json!({ "kind": "client", "field": "city", "changes": changes, "rehearse": true });
    let rehearsed = run(&app, "edit_many", asked.clone());
    let city = |id: RecordId| run(&app, "record", json!({ "kind": "client", "id": id }))["fields"]["city"].clone();
    assert_eq!((rehearsed["changed"].as_array().unwrap().len(), &rehearsed["n_same"]), (2, &json!(1)));
    assert_eq!(city(ids[1]), "Львів", "a rehearsal writes nothing");
    asked["rehearse"] = json!(false);
    let done = run(&app, "edit_many", asked);
    assert_eq!(ids.iter().map(|id| city(*id)).collect::<Vec<_>>(), ["Київ", "Київ", "Київ"]);
    // Meanwhile somebody put one of them elsewhere: that stays.
    run(&app, "edit", json!({ "kind": "client", "id": ids[2], "seen": {}, "changed": { "city": "Одеса" } }));
    let back = json!({ "kind": "client", "field": "city", "changes": done["changed"], "expected": "Київ" });
    let undone = run(&app, "edit_many", back);
    assert_eq!((undone["changed"].as_array().unwrap().len(), &undone["n_differs"]), (1, &json!(1)));
    assert_eq!(ids.iter().map(|id| city(*id)).collect::<Vec<_>>(), ["Київ", "Львів", "Одеса"]);
    for (field, code) in [("responsible", "bad_value"), ("phones", "bad_value"), ("nothing", "bad_value")] {
        assert_eq!(
            fails(&app, "edit_many", json!({ "kind": "client", "field": field, "changes": [] })),
            code,
            "{field}"
        );
    }
    let empty = json!({ "kind": "client", "field": "name", "changes": [{ "id": ids[0], "value": null }] });
    assert_eq!(fails(&app, "edit_many", empty), "required");
}

#[test]
fn many_go_to_the_trash_and_come_back() {
    let machine = Machine::new();
    let app = machine.local();
    let ids = three(&app);
    let gone = RecordId(uuid::Uuid::from_u128(77));
    let asked = json!({ "kind": "client", "ids": [ids[0], ids[1], gone, ids[0]], "trashed": true });
    let done = run(&app, "trash_many", asked);
    assert_eq!((done["changed"].as_array().unwrap().len(), &done["n_not_allowed"]), (2, &json!(2)));
    let listed = || run(&app, "list_ids", json!({ "kind": "client", "limit": 0 })).as_array().unwrap().len();
    assert_eq!(listed(), 1);
    let back: Vec<&Value> = done["changed"].as_array().unwrap().iter().map(|one| &one["id"]).collect();
    run(&app, "trash_many", json!({ "kind": "client", "ids": back, "trashed": false }));
    assert_eq!(listed(), 3);
}

#[test]
fn what_one_may_only_read_is_left_out_and_the_rest_is_done() {
    let machine = Machine::new();
    let app = machine.enrolled();
    let read_only = client(&app, "Рошен");
    run(&app, "trash", json!({ "kind": "client", "id": read_only }));
    crate::store::tests::damage::only_reading(&app.store().unwrap());
    let own = client(&app, "Світоч");
    run(&app, "trash", json!({ "kind": "client", "id": own }));

    let keys = [read_only, own].map(|id| json!({ "kind": "client", "id": id }));
    assert_eq!(run(&app, "restore_many", json!({ "records": keys })), json!({ "n": 1, "left": [read_only] }));
    let changes = [read_only, own].map(|id| json!({ "id": id, "value": "Львів" }));
    let edited = run(&app, "edit_many", json!({ "kind": "client", "field": "city", "changes": changes }));
    let thrown = run(&app, "trash_many", json!({ "kind": "client", "ids": [read_only, own], "trashed": true }));
    for done in [edited, thrown] {
        let changed: Vec<&Value> = done["changed"].as_array().unwrap().iter().map(|one| &one["id"]).collect();
        assert_eq!((changed, &done["n_not_allowed"]), (vec![&json!(own)], &json!(1)), "{done}");
    }
}
