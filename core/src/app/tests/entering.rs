//! The way in: enrolment, keys, passphrases, damage.

use rstest::rstest;

use super::*;

#[test]
fn a_new_folder_asks_for_an_enrolment_and_refuses_work() {
    let machine = Machine::new();
    let app = machine.open();
    assert_eq!(app.status(Nothing {}).unwrap().phase, Phase::New);
    assert_eq!(fails(&app, "list", json!({ "kind": "client", "limit": 10 })), "not_ready");
    assert_eq!(run(&app, "change_settings", json!({ "language": "uk" }))["language"], "uk");
}

#[test]
fn an_enrolled_device_works_and_says_whose_it_is() {
    let machine = Machine::new();
    let app = machine.enrolled();
    let status = app.status(Nothing {}).unwrap();
    assert_eq!((status.phase, status.local_only), (Phase::Ready, false));
    assert_eq!((status.organisation.as_str(), status.device.as_str()), ("Полудень", "Phone"));
    assert_eq!(status.me.unwrap().name, "Іван");
    assert_eq!(status.language, "uk");
    assert_eq!(fails(&app, "start_local", json!({ "name": "x" })), "already_enrolled");
    assert_eq!(machine.databases().len(), 1);
}

#[rstest]
#[case::used("link_used")]
#[case::expired("link_expired")]
#[case::unknown("link_unknown")]
#[case::password("wrong_password")]
#[case::slower("too_many_requests")]
fn what_the_server_says_to_an_enrolment_reaches_the_person(#[case] code: &str) {
    let machine = Machine::new();
    let body = format!("{{\"code\":\"{code}\"}}").into_bytes();
    *machine.net.refuses.lock().unwrap() = Some(NetError::Status { status: 403, body });
    let app = machine.open();
    let failure = app.enrol(join("https://crm.example/join/abc")).unwrap_err();
    assert_eq!(failure.code().key(), code);
    assert_eq!(app.status(Nothing {}).unwrap().phase, Phase::New);
    assert!(machine.databases().is_empty());
}

#[rstest]
#[case::nobody(NetError::Offline, "offline")]
#[case::a_hotel(NetError::Foreign, "wrong_server")]
#[case::another_server(NetError::Status { status: 404, body: b"<html>".to_vec() }, "wrong_server")]
fn a_server_that_is_not_ours_is_told_apart_from_none(#[case] error: NetError, #[case] code: &str) {
    let machine = Machine::new();
    *machine.net.refuses.lock().unwrap() = Some(error);
    let failure = machine.open().enrol(join("https://crm.example/join/abc")).unwrap_err();
    assert_eq!(failure.code().key(), code);
}

#[rstest]
#[case("")]
#[case("hello")]
#[case("https://crm.example")]
#[case("https://crm.example/join/")]
#[case("ftp://crm.example/join/abc")]
fn text_that_is_no_link_is_told_as_such(#[case] link: &str) {
    let machine = Machine::new();
    assert_eq!(machine.open().enrol(join(link)).unwrap_err().code().key(), "link_malformed");
    assert_eq!(machine.net.n_requests.load(Ordering::SeqCst), 0);
}

#[test]
fn a_link_is_not_used_up_where_the_key_could_not_be_kept() {
    let machine = Machine::new();
    machine.keys.gone.store(true, Ordering::SeqCst);
    let app = machine.open();
    let mut enrol = join("https://crm.example/join/abc");
    assert_eq!(app.enrol(enrol.clone()).unwrap_err().code().key(), "passphrase_needed");
    enrol.passphrase = Some("short".to_owned());
    assert_eq!(app.enrol(enrol.clone()).unwrap_err().code().key(), "passphrase_too_short");
    assert_eq!(machine.net.n_requests.load(Ordering::SeqCst), 0);
    enrol.passphrase = Some("long enough".to_owned());
    assert_eq!(app.enrol(enrol).unwrap().phase, Phase::Ready);
}

#[test]
fn a_short_password_is_told_before_the_server_is_asked() {
    let machine = Machine::new();
    let enrol = Enrol { password: "short".to_owned(), ..join("https://crm.example/join/abc") };
    let failure = machine.open().enrol(enrol).unwrap_err().failure();
    assert_eq!((failure.code.as_str(), failure.params["min"].as_str()), ("password_too_short", "8"));
    assert_eq!(machine.net.n_requests.load(Ordering::SeqCst), 0);
}

#[test]
fn a_missing_key_never_makes_a_new_database() {
    let machine = Machine::new();
    client(&machine.local(), "Ромашка");
    let held = machine.keys.held.lock().unwrap().clone();
    machine.keys.held.lock().unwrap().clear();
    let before = machine.databases();
    let app = machine.open();
    assert_eq!(app.status(Nothing {}).unwrap().phase, Phase::KeyMissing);
    assert_eq!(fails(&app, "client_card", json!({ "client": uuid::Uuid::nil() })), "key_missing");
    assert_eq!(fails(&app, "start_local", json!({ "name": "Анна" })), "key_missing");
    assert!(machine.keys.held.lock().unwrap().is_empty(), "no new key");
    assert_eq!(machine.databases(), before);
    drop(app);
    // The key is back: so is everything else.
    *machine.keys.held.lock().unwrap() = held;
    assert_eq!(titles(&run(&machine.open(), "list", json!({ "kind": "client", "limit": 10 }))), ["Ромашка"]);
}

#[test]
fn a_key_store_that_does_not_answer_is_told_apart_from_one_without_the_key() {
    let machine = Machine::new();
    drop(machine.local());
    machine.keys.gone.store(true, Ordering::SeqCst);
    let status = machine.open().status(Nothing {}).unwrap();
    assert_eq!((status.phase, status.sync.last_error.as_str()), (Phase::KeyMissing, "key_store_unavailable"));
}

#[test]
fn a_passphrase_opens_what_it_closed_and_a_wrong_one_says_so() {
    let machine = Machine::new();
    machine.keys.gone.store(true, Ordering::SeqCst);
    let start = json!({ "name": "Ольга", "passphrase": "correct horse" });
    let app = machine.open();
    run(&app, "start_local", start);
    client(&app, "Ромашка");
    drop(app);
    let app = machine.open();
    assert_eq!(app.status(Nothing {}).unwrap().phase, Phase::Passphrase);
    assert_eq!(fails(&app, "list", json!({ "kind": "client", "limit": 10 })), "passphrase_needed");
    assert_eq!(fails(&app, "unlock", json!({ "passphrase": "correct horsf" })), "wrong_passphrase");
    assert_eq!(run(&app, "unlock", json!({ "passphrase": "correct horse" }))["phase"], "ready");
    assert_eq!(titles(&run(&app, "list", json!({ "kind": "client", "limit": 10 }))), ["Ромашка"]);
}

#[test]
fn a_host_that_knows_the_passphrase_is_not_asked() {
    let mut machine = Machine::new();
    machine.keys.gone.store(true, Ordering::SeqCst);
    machine.passphrase = Some("correct horse".to_owned());
    drop(machine.local());
    assert_eq!(machine.open().status(Nothing {}).unwrap().phase, Phase::Ready);
}

#[test]
fn a_damaged_file_is_told_and_kept_and_a_new_enrolment_sets_it_aside() {
    let machine = Machine::new();
    drop(machine.local());
    let path = machine.databases().pop().unwrap();
    let size = std::fs::metadata(&path).unwrap().len();
    std::fs::write(&path, vec![0x5a; usize::try_from(size).unwrap()]).unwrap();
    let app = machine.open();
    assert_eq!(app.status(Nothing {}).unwrap().phase, Phase::Damaged);
    assert_eq!(std::fs::read(&path).unwrap()[0], 0x5a, "nothing is written over");
    assert_eq!(app.enrol(join("https://crm.example/join/abc")).unwrap().phase, Phase::Ready);
    let aside = std::fs::read_dir(machine.folder.path()).unwrap().map(|entry| entry.unwrap().path());
    let aside: Vec<_> = aside.filter(|path| path.to_string_lossy().contains("set-aside")).collect();
    assert!(aside.iter().any(|path| std::fs::read(path).unwrap().first() == Some(&0x5a)));
}

#[test]
fn a_second_device_of_one_person_on_the_same_machine_keeps_the_key_of_the_first() {
    let (first, mut second) = (Machine::new(), Machine::new());
    second.keys = Arc::clone(&first.keys);
    drop(first.enrolled());
    drop(second.enrolled());
    assert_eq!(first.open().status(Nothing {}).unwrap().phase, Phase::Ready);
    assert_eq!(second.open().status(Nothing {}).unwrap().phase, Phase::Ready);
}

#[test]
fn a_database_in_use_is_not_opened_twice() {
    let machine = Machine::new();
    let app = machine.local();
    let net = Arc::clone(&machine.net);
    let second =
        App::open(AppConfig { transport: Arc::new(move |_| Arc::clone(&net) as _), ..app.inner.config.clone() });
    assert_eq!(second.err().unwrap().code().key(), "locked");
}

#[rstest]
#[case("no_such", json!({}), "no_such_command")]
#[case("list", json!({}), "bad_argument")]
#[case("list", json!([1, 2]), "bad_argument")]
#[case("list", json!("x"), "bad_argument")]
#[case("record", json!({ "kind": "client", "id": "not an id" }), "bad_argument")]
#[case("record", json!({ "kind": "client", "id": uuid::Uuid::nil() }), "not_found")]
#[case("list", json!({ "kind": "spaceship", "limit": 1 }), "unknown_kind")]
#[case("create", json!({ "kind": "client", "fields": { "name": { "id": 5 } } }), "bad_argument")]
#[case("create", json!({ "kind": "client", "fields": { "colour": "red" } }), "bad_value")]
#[case("create", json!({ "kind": "client", "fields": {} }), "required")]
#[case("create", json!({ "kind": "person", "fields": { "name": "x" } }), "not_found")]
#[case("outbox", json!({ "unknown": true }), "")]
#[case("retry_item", json!({ "id": "x" }), "not_found")]
#[case("change_settings", json!({ "language": "xx" }), "bad_value")]
fn nonsense_gets_a_code_and_harms_nothing(#[case] name: &str, #[case] argument: Value, #[case] code: &str) {
    let machine = Machine::new();
    let app = machine.local();
    let told = dispatch(&app, name, argument).err().map(|failure| failure.code).unwrap_or_default();
    assert_eq!(told, code);
    client(&app, "Ромашка");
    assert_eq!(titles(&run(&app, "list", json!({ "kind": "client", "limit": 10 }))), ["Ромашка"]);
}
