//! Saved views: personal ones follow their owner to every device of his, shared ones reach the department and nobody
//! else. [VIS-1]

#![allow(clippy::unwrap_used)]

use satchel_core::app::Code;
use satchel_core::app::api::*;
use satchel_core::domain::ids::UserId;
use satchel_tests::harness::{Desk, Office};

fn fields(name: &str) -> Fields {
    let columns = r#"[{"field":"name","width":280},{"field":"field_of_a_newer_version"}]"#;
    [("name", name), ("of", "client"), ("layout", "table"), ("columns", columns)]
        .into_iter()
        .map(|(key, value)| (key.to_owned(), Shown::Text(value.to_owned())))
        .collect()
}

fn keep(desk: &Desk, name: &str) -> Saved {
    desk.app.create(Create { kind: "saved_view".into(), client: None, fields: fields(name), named_in: None }).unwrap()
}

fn views(desk: &Desk) -> Vec<(String, Option<String>, Access)> {
    let views = desk.app.saved_views(Nothing {}).unwrap();
    views.into_iter().map(|view| (view.row.title, view.department.map(|it| it.title), view.access)).collect()
}

#[test]
fn vis_1_a_personal_view_is_on_its_owners_devices_and_on_no_other() {
    let office = Office::open();
    let cast = office.cast;
    let phone = Desk::of(&office, cast.anna, "phone");
    let all: Vec<(UserId, Desk)> = [cast.bohdan, cast.olena, cast.taras, cast.admin]
        .into_iter()
        .map(|user| (user, Desk::of(&office, user, "phone")))
        .collect();
    keep(&phone, "Мои стройки");
    phone.sync();
    let laptop = Desk::of(&office, cast.anna, "laptop");
    let own = ("Мои стройки".to_owned(), None, Access::Write);
    assert_eq!((views(&phone), views(&laptop)), (vec![own.clone()], vec![own]));
    for (user, desk) in &all {
        desk.sync();
        assert_eq!(views(desk), [], "{user}");
    }
}

#[test]
fn vis_1_a_shared_view_reaches_the_department_and_no_other() {
    let office = Office::open();
    let cast = office.cast;
    let olena = Desk::of(&office, cast.olena, "laptop");
    let (anna, taras, maria) = (
        Desk::of(&office, cast.anna, "phone"),
        Desk::of(&office, cast.taras, "phone"),
        Desk::of(&office, cast.maria, "phone"),
    );
    let share = |department| Share {
        kind: "saved_view".into(), department, fields: fields("Север: просроченные")
    };
    let shared = olena.app.share(share(cast.north)).unwrap();
    olena.sync();
    let seen = |access| vec![("Север: просроченные".to_owned(), Some("Север".to_owned()), access)];
    for desk in [&anna, &taras, &maria] {
        desk.sync();
    }
    assert_eq!(views(&olena), seen(Access::Write));
    assert_eq!(views(&anna), seen(Access::Read));
    assert_eq!((views(&taras), views(&maria)), (vec![], vec![]));
    let second = Desk::of(&office, cast.anna, "laptop");
    assert_eq!(views(&second), seen(Access::Read), "who comes later gets it as well");

    // What she may not do is refused here already, without asking anybody.
    let rename = |desk: &Desk| {
        let changed = [("name".to_owned(), Shown::Text("Моя".into()))].into_iter().collect();
        desk.app.edit(Edit { kind: "saved_view".into(), id: shared.id, seen: Fields::new(), changed })
    };
    assert_eq!(rename(&anna).unwrap_err().code(), Code::NotAllowed);
    assert_eq!(anna.app.share(share(cast.north)).unwrap_err().code(), Code::NotAllowed);
    assert_eq!(olena.app.share(share(cast.south)).unwrap_err().code(), Code::NotFound, "not hers looks like none");
    let client = Share { kind: "client".into(), department: cast.north, fields: fields("Клиент") };
    assert!(
        olena.app.share(Share { fields: [("name".to_owned(), Shown::Text("К".into()))].into(), ..client }).is_err()
    );

    // A correction of hers reaches everybody, and so does the trash.
    rename(&olena).unwrap();
    olena.sync();
    anna.sync();
    assert_eq!(views(&anna)[0].0, "Моя");
    olena.app.trash(RecordKey { kind: "saved_view".into(), id: shared.id }).unwrap();
    olena.sync();
    anna.sync();
    assert_eq!(views(&anna), []);
}

#[test]
fn what_a_newer_version_wrote_into_a_view_stays_when_an_older_one_edits_it() {
    let office = Office::open();
    let phone = Desk::of(&office, office.cast.anna, "phone");
    let view = keep(&phone, "Стройки");
    let changed = [("pinned".to_owned(), Shown::Bool(true))].into_iter().collect();
    phone.app.edit(Edit { kind: "saved_view".into(), id: view.id, seen: Fields::new(), changed }).unwrap();
    phone.sync();
    let laptop = Desk::of(&office, office.cast.anna, "laptop");
    let row = &laptop.app.saved_views(Nothing {}).unwrap()[0].row;
    assert_eq!(row.fields["columns"], fields("Стройки")["columns"]);
    assert_eq!(row.fields["pinned"], Shown::Bool(true));
}
