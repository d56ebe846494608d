//! A device too long out of contact locks itself (REV-3).

use super::*;

#[test]
fn rev_3_a_device_locks_itself_when_its_lease_is_over_and_loses_nothing() {
    let machine = Machine::new();
    let app = machine.enrolled();
    let id = client(&app, "Альфа");
    machine.pass(30 * 24);
    assert_eq!(run(&app, "status", json!({}))["phase"], "ready");
    machine.pass(1);
    let status = run(&app, "status", json!({}));
    assert_eq!((&status["phase"], &status["lease_days"]), (&json!("lease_over"), &json!(30)));
    assert_eq!(status["sync"]["n_waiting"], 1, "what waits to be sent is still said");
    assert_eq!(fails(&app, "record", json!({ "kind": "client", "id": id })), "lease_over");
    assert_eq!(fails(&app, "search", json!({ "text": "Альфа", "limit": 5 })), "lease_over");
    // A start later it is locked as before, and everything is there.
    drop(app);
    let app = machine.open();
    assert_eq!(run(&app, "status", json!({}))["phase"], "lease_over");
    assert_eq!(machine.databases().len(), 1);
}

#[test]
fn rev_3_setting_the_clock_back_does_not_make_a_device_younger() {
    let machine = Machine::new();
    let app = machine.enrolled();
    let look = || run(&app, "status", json!({}))["phase"].clone();
    look();
    machine.pass(20 * 24);
    assert_eq!(look(), "ready");
    machine.pass(-20 * 24);
    assert_eq!(look(), "ready");
    machine.pass(11 * 24);
    assert_eq!(look(), "lease_over", "twenty days and eleven");
    // Nor does it open again.
    machine.pass(-40 * 24);
    assert_eq!(look(), "lease_over");
    drop(app);
    assert_eq!(run(&machine.open(), "status", json!({}))["phase"], "lease_over");
}

#[test]
fn rev_3_time_before_a_restart_counts_even_if_the_clock_was_set_back_meanwhile() {
    let machine = Machine::new();
    let app = machine.enrolled();
    for _ in 0..3 {
        machine.pass(9 * 24);
        run(&app, "status", json!({}));
    }
    drop(app);
    machine.pass(-27 * 24);
    let app = machine.open();
    assert_eq!(run(&app, "status", json!({}))["phase"], "ready");
    machine.pass(4 * 24);
    assert_eq!(run(&app, "status", json!({}))["phase"], "lease_over");
}

#[test]
fn without_a_server_there_is_no_lease() {
    let machine = Machine::new();
    let app = machine.local();
    machine.pass(400 * 24);
    let status = run(&app, "status", json!({}));
    assert_eq!((&status["phase"], &status["lease_days"]), (&json!("ready"), &json!(0)));
}
