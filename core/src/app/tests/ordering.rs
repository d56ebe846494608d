//! Orders while the server is out of reach: queued, shown as pending, taken back.

use super::*;

#[test]
fn a_redirect_to_nobody_known_is_refused_at_once() {
    let machine = Machine::new();
    let app = machine.enrolled();
    let id = client(&app, "Ромашка");
    let planned = run(
        &app,
        "plan_interaction",
        json!({ "client": id, "channel": "meeting", "subject": "x", "starts_at": "2026-11-22T12:00:00Z" }),
    );
    let order = json!({ "order": { "order": "redirect_interaction", "interaction": planned["id"], "to": uuid::Uuid::from_u128(77), "comment": "" } });
    assert_eq!(fails(&app, "give_order", order), "person_inactive");
    assert_eq!(run(&app, "orders", Value::Null), json!([]));
}

#[test]
fn orders_about_what_is_not_there_look_like_orders_about_what_is_not_ours() {
    let machine = Machine::new();
    let app = machine.enrolled();
    let nobody = uuid::Uuid::from_u128(77);
    let order = json!({ "order": { "order": "move_clients", "clients": [nobody], "to": nobody, "reason": "holiday" } });
    assert_eq!(fails(&app, "give_order", order.clone()), "not_found");
    assert_eq!(fails(&app, "rehearse", order), "not_found");
}

#[test]
fn a_rep_does_not_move_clients() {
    let machine = Machine::new();
    let app = machine.enrolled();
    let id = client(&app, "Ромашка");
    let me = app.status(Nothing {}).unwrap().me.unwrap().id;
    let order = json!({ "order": { "order": "move_clients", "clients": [id], "to": me, "reason": "holiday" } });
    assert_eq!(fails(&app, "give_order", order), "not_allowed");
}

#[test]
fn a_revocation_waits_its_turn_and_can_be_taken_back() {
    let machine = Machine::new();
    let app = machine.enrolled();
    let device = uuid::Uuid::from_u128(12);
    let given = run(&app, "give_order", json!({ "order": { "order": "revoke_device", "device": device } }));
    assert_eq!((given["state"].as_str(), given["can_undo"].as_bool()), (Some("pending"), Some(true)));
    let outbox = run(&app, "outbox", Value::Null);
    assert_eq!(
        (outbox[0]["what"].as_str(), outbox[0]["command"]["id"].clone()),
        (Some("revoke_device"), given["id"].clone())
    );
    let undone = run(&app, "give_order", json!({ "order": { "order": "undo", "command": given["id"] } }));
    assert_eq!((undone["id"].clone(), undone["state"].as_str()), (given["id"].clone(), Some("withdrawn")));
    assert_eq!(run(&app, "outbox", Value::Null), json!([]));
}

#[test]
fn local_work_has_no_office_to_order() {
    let machine = Machine::new();
    let app = machine.local();
    let order = json!({ "order": { "order": "revoke_device", "device": uuid::Uuid::from_u128(12) } });
    assert_eq!(fails(&app, "give_order", order), "not_ready");
    assert_eq!(run(&app, "team", Value::Null), json!([]));
    assert_eq!(run(&app, "proposals", Value::Null), json!([]));
    assert_eq!(run(&app, "notices", Value::Null), json!([]));
    assert_eq!(run(&app, "people", Value::Null)[0]["name"], "Ольга");
}

#[test]
fn several_interactions_are_handed_over_by_an_order_each() {
    let machine = Machine::new();
    let app = machine.enrolled();
    let id = client(&app, "Ромашка");
    let plan = |subject: &str| {
        let asked = json!({ "client": id, "channel": "call", "subject": subject, "starts_at": "2026-11-23T08:00:00Z" });
        run(&app, "plan_interaction", asked)["id"].clone()
    };
    let (first, second) = (plan("один"), plan("два"));
    let nobody = json!({ "interactions": [first, second], "to": uuid::Uuid::from_u128(77), "rehearse": true });
    let said = run(&app, "hand_over_many", nobody.clone());
    assert_eq!((said["commands"].clone(), said["rehearsal"]["n_interactions"].clone()), (json!([]), json!(0)));
    let refused = said["rehearsal"]["refused"].as_array().unwrap().clone();
    let why: Vec<_> =
        refused.iter().map(|one| (one["title"].as_str().unwrap(), one["code"].as_str().unwrap())).collect();
    assert_eq!(why, [("один", "person_inactive"), ("два", "person_inactive")]);
    assert_eq!(run(&app, "orders", Value::Null), json!([]), "a rehearsal gives no order");
}
