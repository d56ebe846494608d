//! Interactions without a server: logging, planning, results, Today.

use super::*;

fn today(app: &App) -> Value {
    run(app, "today", json!({ "zone": "Europe/Kyiv" }))
}

fn plan(app: &App, client: RecordId, subject: &str, starts_at: &str) -> Value {
    let argument = json!({ "client": client, "channel": "meeting", "subject": subject, "starts_at": starts_at });
    run(app, "plan_interaction", argument)["id"].clone()
}

fn subjects(rows: &Value) -> Vec<&str> {
    rows.as_array().unwrap().iter().map(|row| row["subject"].as_str().unwrap()).collect()
}

#[test]
fn a_call_is_logged_with_its_next_contact_as_an_interaction_of_its_own() {
    let machine = Machine::new();
    let app = machine.local();
    let id = client(&app, "Ромашка");
    let person = run(&app, "create", json!({ "kind": "person", "client": id, "fields": { "name": "Петренко" } }));
    let logged = run(
        &app,
        "log_interaction",
        json!({
            "client": id, "persons": [person["id"]], "channel": "call", "outcome": "agreed", "result": "беруть дві",
            "subject": "Замовлення",
            "next": { "day": "2026-11-25", "starts_at": "2026-11-24T22:00:00Z", "channel": "visit" },
        }),
    );
    let card = run(&app, "client_card", json!({ "client": id }));
    let held = &card["history"][0];
    assert_eq!((held["id"].clone(), held["state"].as_str()), (logged["id"].clone(), Some("held")));
    assert_eq!((held["outcome"].as_str(), held["result"].as_str()), (Some("agreed"), Some("беруть дві")));
    assert_eq!((held["next_contact"].as_str(), held["class"].as_str()), (Some("2026-11-25"), Some("closed")));
    assert_eq!(held["contactor"]["name"], "Ольга");
    assert_eq!(held["persons"][0]["title"], "Петренко");
    let next = &card["planned"][0];
    assert_eq!((next["channel"].as_str(), next["subject"].as_str()), (Some("visit"), Some("Замовлення")));
    assert_eq!(next["persons"][0]["title"], "Петренко");
    let view = run(&app, "record", json!({ "kind": "interaction", "id": next["id"] }));
    assert_eq!(view["fields"]["previous"]["id"], logged["id"]);
}

#[test]
fn a_call_with_an_unknown_client_leaves_nothing_behind() {
    let machine = Machine::new();
    let app = machine.local();
    let argument = json!({ "client": uuid::Uuid::from_u128(5), "channel": "call", "outcome": "reached" });
    assert_eq!(fails(&app, "log_interaction", argument), "not_found");
    assert_eq!(run(&app, "interactions", json!({ "kind": "interaction", "limit": 10 }))["total"], 0);
}

#[test]
fn today_shows_overdue_current_and_planned_in_the_viewers_zone() {
    let machine = Machine::new();
    let app = machine.local();
    let id = client(&app, "Ромашка");
    plan(&app, id, "yesterday", "2026-11-21T08:00:00Z");
    plan(&app, id, "this morning", "2026-11-22T07:00:00Z");
    plan(&app, id, "this evening", "2026-11-22T17:00:00Z");
    plan(&app, id, "all day", "2026-11-21T22:00:00Z");
    plan(&app, id, "after midnight", "2026-11-22T22:30:00Z");
    let today = today(&app);
    assert_eq!(subjects(&today["overdue"]), ["yesterday", "this morning"]);
    assert_eq!(subjects(&today["current"]), ["all day", "this evening"]);
    assert_eq!(subjects(&today["planned"]), ["after midnight"]);
    assert_eq!(today["n_planned"], 1);
    // The same moment in Lisbon is still today.
    let there = run(&app, "today", json!({ "zone": "Europe/Lisbon" }));
    assert!(subjects(&there["current"]).contains(&"after midnight"));
}

#[test]
fn a_card_uses_the_zone_of_the_last_today() {
    let machine = Machine::new();
    let app = machine.local();
    let id = client(&app, "Ромашка");
    plan(&app, id, "late", "2026-11-22T22:30:00Z");
    today(&app);
    assert_eq!(run(&app, "client_card", json!({ "client": id }))["planned"][0]["class"], "planned");
    run(&app, "today", json!({ "zone": "Europe/Lisbon" }));
    assert_eq!(run(&app, "client_card", json!({ "client": id }))["planned"][0]["class"], "current");
}

#[test]
fn a_result_closes_the_plan_and_opens_the_next_contact() {
    let machine = Machine::new();
    let app = machine.local();
    let id = client(&app, "Ромашка");
    let planned = plan(&app, id, "Ціни", "2026-11-23T08:00:00Z");
    let argument = json!({
        "interaction": planned, "channel": "call", "outcome": "call_back", "result": "зайняті",
        "next": { "day": "2026-11-24", "starts_at": "2026-11-23T22:00:00Z", "channel": "" },
    });
    run(&app, "note_result", argument.clone());
    let card = run(&app, "client_card", json!({ "client": id }));
    let held = &card["history"][0];
    assert_eq!((held["state"].as_str(), held["channel"].as_str()), (Some("held"), Some("call")));
    assert_eq!(held["starts_at"], "2026-11-22T10:00:00Z", "done ahead of time, it stands at the moment it was done");
    assert_eq!(subjects(&card["planned"]), ["Ціни"]);
    assert_eq!(card["planned"][0]["channel"], "open");
    // A second tap does not plan a second contact.
    assert_eq!(fails(&app, "note_result", argument), "nothing_to_do");
    assert_eq!(run(&app, "client_card", json!({ "client": id }))["planned"].as_array().unwrap().len(), 1);
}

#[test]
fn history_comes_in_pages_latest_first() {
    let machine = Machine::new();
    let app = machine.local();
    let id = client(&app, "Ромашка");
    for day in 1..=5 {
        let at = format!("2026-11-0{day}T08:00:00Z");
        let argument =
            json!({ "client": id, "channel": "visit", "subject": day.to_string(), "outcome": "reached", "at": at });
        run(&app, "log_interaction", argument);
    }
    let page = run(&app, "client_history", json!({ "client": id, "offset": 1, "limit": 2 }));
    assert_eq!((page["total"].as_u64(), subjects(&page["rows"])), (Some(5), vec!["4", "3"]));
}

#[test]
fn a_day_with_nothing_planned_shows_clients_not_seen_for_long() {
    let machine = Machine::new();
    let app = machine.local();
    let id = client(&app, "Ромашка");
    run(&app, "log_interaction", json!({ "client": id, "channel": "call", "outcome": "reached" }));
    assert!(today(&app)["forgotten"].as_array().unwrap().is_empty());
    machine.pass(24 * 40);
    assert_eq!(today(&app)["forgotten"][0]["title"], "Ромашка");
}

#[test]
fn a_plan_that_ends_before_it_begins_is_refused() {
    let machine = Machine::new();
    let app = machine.local();
    let id = client(&app, "Ромашка");
    let argument = json!({
        "client": id, "channel": "meeting", "subject": "x",
        "starts_at": "2026-11-23T08:00:00Z", "ends_at": "2026-11-23T07:00:00Z",
    });
    let failure = dispatch(&app, "plan_interaction", argument).unwrap_err();
    assert_eq!((failure.code.as_str(), failure.params["field"].as_str()), ("bad_value", "ends_at"));
}

#[test]
fn history_is_narrowed_by_what_by_whom_and_to_the_viewers_days() {
    let machine = Machine::new();
    let app = machine.local();
    let id = client(&app, "Ромашка");
    let person = run(&app, "create", json!({ "kind": "person", "client": id, "fields": { "name": "Петренко" } }));
    let log = |subject: &str, channel: &str, at: &str, persons: Value| {
        run(
            &app,
            "log_interaction",
            json!({ "client": id, "persons": persons, "channel": channel, "outcome": "reached", "subject": subject, "at": at }),
        );
    };
    log("visit", "visit", "2026-11-10T08:00:00Z", json!([person["id"]]));
    log("late call", "call", "2026-11-19T22:30:00Z", json!([]));
    log("letter", "email", "2026-11-21T08:00:00Z", json!([person["id"]]));
    today(&app);
    let asked = |more: Value| {
        let mut argument = json!({ "client": id, "offset": 0, "limit": 10 });
        argument.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let page = run(&app, "client_history", argument);
        assert_eq!(page["total"], page["rows"].as_array().unwrap().len());
        subjects(&page["rows"]).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(asked(json!({})), ["letter", "late call", "visit"]);
    assert_eq!(asked(json!({ "channels": ["visit", "email"] })), ["letter", "visit"]);
    assert_eq!(asked(json!({ "person": person["id"] })), ["letter", "visit"]);
    let card = run(&app, "client_card", json!({ "client": id }));
    assert_eq!(asked(json!({ "person": card["responsible"]["id"] })).len(), 3);
    // Half past ten in London is the next day in Kyiv.
    assert_eq!(asked(json!({ "from": "2026-11-20", "until": "2026-11-20" })), ["late call"]);
    assert_eq!(asked(json!({ "until": "2026-11-19" })), ["visit"]);
    assert_eq!(asked(json!({ "from": "2026-11-21", "channels": ["visit"] })), [""; 0]);

    assert_eq!(card["facets"]["channels"], json!(["call", "email", "visit"]));
    assert_eq!(card["facets"]["colleagues"][0]["name"], "Ольга");
    assert_eq!(card["facets"]["persons"], json!([{ "id": person["id"], "title": "Петренко" }]));
}
