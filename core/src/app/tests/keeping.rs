//! What stays: over a restart, on the disk, and what must never be in a file for support.

use super::*;

#[test]
fn records_drafts_and_looks_survive_a_restart() {
    let machine = Machine::new();
    let app = machine.local();
    client(&app, "Ромашка");
    run(&app, "save_draft", json!({ "key": "quick", "text": "{\"result\":\"напівсло" }));
    run(&app, "change_settings", json!({ "language": "ru", "theme": "dark" }));
    drop(app);
    let app = machine.open();
    assert_eq!(run(&app, "draft", json!({ "key": "quick" }))["text"], "{\"result\":\"напівсло");
    let status = run(&app, "status", Value::Null);
    assert_eq!((status["language"].as_str(), status["theme"].as_str()), (Some("ru"), Some("dark")));
    assert_eq!((status["phase"].as_str(), status["sync"]["state"].as_str()), (Some("ready"), Some("local_only")));
    assert_eq!(titles(&run(&app, "list", json!({ "kind": "client", "limit": 10 }))), ["Ромашка"]);
    run(&app, "save_draft", json!({ "key": "quick", "text": "" }));
    assert_eq!(run(&app, "draft", json!({ "key": "quick" }))["text"], "");
}

#[test]
fn nothing_a_person_typed_lies_readable_on_the_disk() {
    let machine = Machine::new();
    let app = machine.local();
    client(&app, "Marker7731");
    run(&app, "save_draft", json!({ "key": "quick", "text": "Marker7732" }));
    assert!(!files_hold(machine.folder.path(), b"Marker773"));
    drop(app);
    assert!(!files_hold(machine.folder.path(), b"Marker773"));
    assert!(files_hold(machine.folder.path(), b".satchel"), "the search does find what is readable");
}

#[test]
fn diagnostics_say_versions_and_counts_and_no_names() {
    let machine = Machine::new();
    let app = machine.enrolled();
    client(&app, "Маркер7731");
    let text = run(&app, "diagnostics", Value::Null)["text"].as_str().unwrap().to_owned();
    assert!(text.contains("version: 1.2.3"), "{text}");
    assert!(text.contains("phase: ready"));
    assert!(text.contains("waiting: 1"));
    for secret in ["Маркер7731", "Чернігів", "123-45", "14360570", "Іван", "Полудень"] {
        assert!(!text.contains(secret), "{secret} is in {text}");
    }
}

#[test]
fn edits_made_without_the_server_wait_and_are_listed_with_what_was_typed() {
    let machine = Machine::new();
    let app = machine.enrolled();
    let id = client(&app, "Ромашка");
    assert_eq!(app.sync_once(None).unwrap_err().code().key(), "offline");
    let status = app.status(Nothing {}).unwrap();
    assert_eq!((status.sync.state, status.sync.n_waiting), (SyncState::Offline, 1));
    let outbox = run(&app, "outbox", Value::Null);
    assert_eq!(outbox.as_array().unwrap().len(), 1, "client, legal entity and link are one group");
    assert_eq!((outbox[0]["what"].as_str(), outbox[0]["waiting"].as_str()), (Some("create"), Some("not_sent")));
    assert_eq!((outbox[0]["title"].as_str(), outbox[0]["kind"].as_str()), (Some("Ромашка"), Some("client")));
    assert_eq!(outbox[0]["fields"]["name"], "Ромашка");
    let card = run(&app, "client_card", json!({ "client": id }));
    assert_eq!(card["record"]["unsent"], true);
    assert!(card["record"]["unsent_fields"].as_array().unwrap().contains(&json!("name")));
}

#[test]
fn signing_out_is_refused_while_edits_are_not_sent() {
    let machine = Machine::new();
    let app = machine.enrolled();
    client(&app, "Ромашка");
    let failure = dispatch(&app, "sign_out", Value::Null).unwrap_err();
    assert_eq!((failure.code.as_str(), failure.params["n"].as_str()), ("unsent_edits", "1"));
    assert_eq!(app.status(Nothing {}).unwrap().phase, Phase::Ready);
}

#[test]
fn signing_out_keeps_the_records_and_asks_for_the_password_before_the_next_sync() {
    let machine = Machine::new();
    let app = machine.enrolled();
    let status = app.sign_out(Nothing {}).unwrap();
    assert_eq!((status.phase, status.sync.state), (Phase::SignedOut, SyncState::Locked));
    client(&app, "Ромашка");
    assert_eq!(titles(&run(&app, "list", json!({ "kind": "client", "limit": 10 }))), ["Ромашка"]);
    assert_eq!(app.sync_once(None).unwrap_err().code().key(), "signed_out");
}

#[test]
fn an_edit_not_sent_can_be_taken_back() {
    let machine = Machine::new();
    let app = machine.enrolled();
    let id = client(&app, "Ромашка");
    let edit = json!({ "kind": "client", "id": id, "seen": { "city": "Чернігів" }, "changed": { "city": "Київ" } });
    let saved = run(&app, "edit", edit);
    run(&app, "withdraw_item", json!({ "id": saved["group"] }));
    assert_eq!(run(&app, "record", json!({ "kind": "client", "id": id }))["fields"]["city"], "Чернігів");
    assert_eq!(run(&app, "outbox", Value::Null).as_array().unwrap().len(), 1);
}

#[test]
fn local_work_has_nothing_to_send() {
    let machine = Machine::new();
    let app = machine.local();
    client(&app, "Ромашка");
    assert_eq!(run(&app, "outbox", Value::Null), json!([]));
    assert_eq!(run(&app, "sync_now", Value::Null)["state"], "local_only");
    assert_eq!(fails(&app, "sign_out", Value::Null), "not_ready");
    assert_eq!(fails(&app, "add_device", Value::Null), "not_ready");
}
