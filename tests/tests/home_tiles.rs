//! Tiles of the home page: they follow their owner to every device of his and reach nobody else. [VIS-1]

#![allow(clippy::unwrap_used)]

use satchel_core::app::api::*;
use satchel_tests::harness::{Desk, Office};

fn tile(what: &str, place: i64) -> Create {
    let text = |value: &str| Shown::Text(value.to_owned());
    let fields =
        [("what", text(what)), ("size", text("s")), ("place", Shown::Int(place)), ("shown", Shown::Bool(true))];
    let fields = fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    Create { kind: "home_tile".into(), client: None, fields, named_in: None }
}

/// What stands on the page of this device, in the order of its places.
fn page(desk: &Desk) -> Vec<String> {
    let request = ListRequest {
        kind: "home_tile".into(),
        scope: Scope::All,
        sort: vec![SortBy { field: "place".into(), descending: false }],
        limit: 100,
        ..ListRequest::default()
    };
    let rows = desk.app.list(request).unwrap().rows;
    let shown = |row: &Row| row.fields.get("shown") == Some(&Shown::Bool(true));
    rows.into_iter().filter(shown).map(|row| row.title).collect()
}

#[test]
fn vis_1_tiles_are_on_their_owners_devices_and_on_no_other() {
    let office = Office::open();
    let cast = office.cast;
    let phone = Desk::of(&office, cast.anna, "phone");
    let supervisor = Desk::of(&office, cast.olena, "laptop");
    let admin = Desk::of(&office, cast.admin, "laptop");
    phone.app.create(tile("today", 0)).unwrap();
    phone.app.create(tile("sync", 1024)).unwrap();
    phone.sync();
    let laptop = Desk::of(&office, cast.anna, "laptop");
    assert_eq!(page(&laptop), ["today", "sync"]);
    for other in [&supervisor, &admin] {
        other.sync();
        assert_eq!(page(other), Vec::<String>::new());
    }
}

#[test]
fn tiles_added_apart_are_both_there_and_one_taken_off_leaves_everywhere() {
    let office = Office::open();
    let anna = office.cast.anna;
    let (phone, laptop) = (Desk::of(&office, anna, "phone"), Desk::of(&office, anna, "laptop"));
    let sync = phone.app.create(tile("sync", 1024)).unwrap();
    laptop.app.create(tile("forgotten", 2048)).unwrap();
    for desk in [&phone, &laptop, &phone] {
        desk.sync();
    }
    assert_eq!((page(&phone), page(&laptop)), (page(&laptop), vec!["sync".to_owned(), "forgotten".to_owned()]));
    let one = |value: bool| [("shown".to_owned(), Shown::Bool(value))].into_iter().collect();
    laptop.app.edit(Edit { kind: "home_tile".into(), id: sync.id, seen: one(true), changed: one(false) }).unwrap();
    laptop.sync();
    phone.sync();
    assert_eq!(page(&phone), ["forgotten"]);
}
