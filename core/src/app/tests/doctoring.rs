//! A person has this device looked over, and a damaged file gives out what it still holds.

use super::*;
use crate::store::tests::damage;

const PAGE: usize = 4096;

/// Spoils a page of a table in the file of an app that has gone.
fn spoil(machine: &Machine, app: App, table: &str) {
    let page = damage::last_leaf(&app.store().unwrap(), table);
    drop(app);
    let file = &machine.databases()[0];
    let mut bytes = std::fs::read(file).unwrap();
    bytes[(page as usize - 1) * PAGE + 800..][..300].fill(0);
    std::fs::write(file, bytes).unwrap();
}

#[test]
fn a_device_that_is_well_is_said_to_be_well() {
    let machine = Machine::new();
    let app = machine.local();
    client(&app, "Ромашка");
    let told = Arc::new(AtomicUsize::new(0));
    let heard = Arc::clone(&told);
    let watching = app.clone();
    app.subscribe(Box::new(move |_| {
        if watching.inner.checking.lock().unwrap().is_some() {
            heard.fetch_add(1, Ordering::SeqCst);
        }
    }));
    let found = run(&app, "check_device", Value::Null);
    assert_eq!(found, json!({ "outcome": "well", "n_views": 0, "n_records": 0, "n_pages": 0 }));
    assert_eq!(told.load(Ordering::SeqCst), 2, "at the beginning and after the first records");
    assert_eq!(app.status(Nothing {}).unwrap().checking, None);
}

#[test]
fn dur_5_rows_damaged_behind_the_back_of_the_app_are_made_again() {
    let machine = Machine::new();
    let app = machine.local();
    client(&app, "Ромашка");
    damage::rename_rows(&app.store().unwrap());
    let found = run(&app, "check_device", Value::Null);
    assert_eq!((found["outcome"].as_str(), found["n_views"].as_u64()), (Some("repaired"), Some(1)));
    assert_eq!(titles(&run(&app, "list", json!({ "kind": "client", "limit": 10 }))), ["Ромашка"]);
}

#[test]
fn dur_5_a_damaged_file_is_told_of_and_rescued_with_its_unsent_edits() {
    let machine = Machine::new();
    let app = machine.enrolled();
    for n in 0..30 {
        client(&app, &format!("Ромашка {n}"));
    }
    run(&app, "save_draft", json!({ "key": "quick", "text": "{}" }));
    spoil(&machine, app, "documents");
    let app = machine.open();
    let found = run(&app, "check_device", Value::Null);
    assert_eq!(found["outcome"], "damaged");
    let rescued = run(&app, "rescue_device", Value::Null);
    assert_eq!((rescued["n_unsent"].as_u64(), rescued["whole"].as_bool()), (Some(30), Some(false)));
    assert_eq!(app.status(Nothing {}).unwrap().phase, Phase::Ready);
    assert_eq!(run(&app, "outbox", Value::Null).as_array().unwrap().len(), 30);
    assert_eq!(run(&app, "draft", json!({ "key": "quick" }))["text"], "{}");
    assert_eq!(run(&app, "check_device", Value::Null)["n_pages"], 0);
    let names = std::fs::read_dir(machine.folder.path()).unwrap().map(|file| file.unwrap().file_name());
    assert_eq!(names.filter(|name| name.to_string_lossy().ends_with(".damaged-20261122T100000")).count(), 1);
}

#[test]
fn dur_5_a_file_that_does_not_open_is_rescued_from_the_screen_that_says_so() {
    let machine = Machine::new();
    let app = machine.local();
    client(&app, "Ромашка");
    spoil(&machine, app, "view_kinds");
    let app = machine.open();
    assert_eq!(app.status(Nothing {}).unwrap().phase, Phase::Damaged);
    assert_eq!(fails(&app, "check_device", Value::Null), "damaged");
    run(&app, "rescue_device", Value::Null);
    assert_eq!(app.status(Nothing {}).unwrap().phase, Phase::Ready);
    assert_eq!(titles(&run(&app, "list", json!({ "kind": "client", "limit": 10 }))), ["Ромашка"]);
}

#[test]
fn a_file_nothing_can_be_read_of_stays_as_it_is() {
    let machine = Machine::new();
    let app = machine.local();
    client(&app, "Ромашка");
    spoil(&machine, app, "state");
    let before = std::fs::read(&machine.databases()[0]).unwrap();
    let app = machine.open();
    assert_eq!(fails(&app, "rescue_device", Value::Null), "damaged");
    assert_eq!(std::fs::read(&machine.databases()[0]).unwrap(), before);
    assert_eq!(fails(&Machine::new().open(), "rescue_device", Value::Null), "not_ready");
}
