//! An import whose clients go to somebody else: by an order behind the rows, so that the office decides.

#![allow(clippy::unwrap_used)]

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use satchel_core::app::api::*;
use satchel_core::app::{Code, Error};
use satchel_core::domain::ids::*;
use satchel_tests::harness::{Desk, Office};

const TABLE: &str = "Наименование;Город;Контактное лицо\nАльфа;Киев;Иван Франко\nБета;Львов;\nГамма;Одесса;\n";

/// Tries a table for an owner.
fn tried(desk: &Desk, text: &str, owner: Option<UserId>) -> Result<ImportState, Error> {
    let app = &desk.app;
    let bytes = text.len() as u64;
    let import = app.import_open(ImportOpen { name: "a.csv".into(), kind: "client".into(), bytes })?.import;
    app.import_piece(ImportPiece { import, n: 0, base64: STANDARD.encode(text) })?;
    let seen = app.import_look(ImportLook { import, reading: None, country: "ua".into() })?;
    app.import_check(ImportPlan {
        import,
        reading: seen.reading,
        columns: seen.columns.into_iter().map(|column| column.target).collect(),
        mode: ImportMode::Both,
        match_by: vec![MatchBy::NameAndCity],
        defaults: Vec::new(),
        owner,
        zone: "UTC".into(),
    })
}

fn imported(desk: &Desk, text: &str, owner: Option<UserId>) -> ImportState {
    let state = tried(desk, text, owner).unwrap();
    desk.app.import_run(ImportKey { import: state.import }).unwrap()
}

/// Names of the clients somebody is responsible for, as a device has them.
fn clients_of(desk: &Desk, user: UserId) -> Vec<String> {
    let list = ListRequest { kind: "client".into(), user: Some(user), limit: 50, ..ListRequest::default() };
    desk.app.list(list).unwrap().rows.into_iter().map(|row| row.title).collect()
}

#[test]
fn a_supervisor_imports_for_one_of_her_reps_and_known_clients_stay_where_they_are() {
    let office = Office::open();
    let (anna, bohdan) = (office.cast.anna, office.cast.bohdan);
    let (olena, phone) = (Desk::of(&office, office.cast.olena, "olena"), Desk::of(&office, anna, "anna"));
    let his = Desk::of(&office, bohdan, "bohdan");
    imported(&his, "Наименование;Город\nБета;Львов\n", None);
    his.sync();
    olena.sync();

    let state = imported(&olena, TABLE, Some(anna));
    assert_eq!((state.counts.new, state.counts.updated, state.counts.same), (2, 0, 1), "{state:?}");
    assert_eq!(state.owner, "Анна Белова");
    olena.sync();
    phone.sync();
    assert_eq!(clients_of(&phone, anna), ["Альфа", "Гамма"]);
    assert_eq!(clients_of(&olena, anna), ["Альфа", "Гамма"]);
    assert_eq!(clients_of(&olena, bohdan), ["Бета"]);
    let persons = phone.app.list(ListRequest { kind: "person".into(), limit: 5, ..ListRequest::default() }).unwrap();
    assert_eq!(persons.total, 1, "what belongs to them goes along");

    // Taken back by whoever imported, though they are somebody else's now.
    let undone = olena.app.import_undo(ImportKey { import: state.import }).unwrap();
    assert_eq!((undone.phase, undone.n_kept), (ImportPhase::Undone, 0));
    olena.sync();
    phone.sync();
    assert!(clients_of(&phone, anna).is_empty());
}

#[test]
fn nobody_is_given_clients_by_somebody_who_does_not_look_after_him() {
    let office = Office::open();
    let (anna, bohdan, taras) = (office.cast.anna, office.cast.bohdan, office.cast.taras);
    let (olena, phone) = (Desk::of(&office, office.cast.olena, "olena"), Desk::of(&office, anna, "anna"));
    assert_eq!(tried(&phone, TABLE, Some(bohdan)).unwrap_err().code(), Code::NotAllowed);
    assert_eq!(tried(&olena, TABLE, Some(taras)).unwrap_err().code(), Code::NotAllowed);
    // Oneself is nobody else.
    let own = imported(&phone, TABLE, Some(anna));
    assert_eq!((own.owner.as_str(), own.counts.new), ("", 3));
    assert!(phone.app.orders(Nothing {}).unwrap().is_empty());
}

#[test]
fn a_thousand_clients_and_more_go_by_more_than_one_order() {
    let office = Office::open();
    let anna = office.cast.anna;
    let olena = Desk::of(&office, office.cast.olena, "olena");
    let rows: String = (0..1_250).map(|n| format!("Клиент {n};Киев\n")).collect();
    imported(&olena, &format!("Наименование;Город\n{rows}"), Some(anna));
    assert_eq!(olena.app.orders(Nothing {}).unwrap().len(), 2);
    olena.sync();
    let list = ListRequest { kind: "client".into(), user: Some(anna), limit: 1, ..ListRequest::default() };
    assert_eq!(olena.app.list(list).unwrap().total, 1_250);
}
