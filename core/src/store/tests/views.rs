//! Views are made from documents and nothing else.

use super::fixture::*;
use crate::domain::authority::Role;
use crate::domain::ids::*;
use crate::domain::kind::Registry;
use crate::domain::kinds::client;
use crate::domain::patch::Patch;
use crate::domain::value::Value;
use crate::store::Store;
use crate::store::StoreError;
use crate::store::lists::ListQuery;

mod before {
    crate::kind! {
        probe, title: NAME, home: Organisation, {
            /// Name.
            NAME: String = text("name").search();
        }
    }
}

mod after {
    crate::kind! {
        probe, title: NAME, home: Organisation, {
            /// Name.
            NAME: String = text("name").search();
            /// Came later.
            SIZE: i64 = int("size");
            /// Came later as well.
            STORY: String = note("story").search();
        }
    }
}

#[test]
fn views_made_anew_are_equal() {
    let device = Bag::new();
    for name in ["Ромашка", "Василёк", "Ґанок"] {
        let id = device.client(name);
        device.interaction(id, "held", -1);
        device.interaction(id, "planned", 1);
        let phone = Value::Text("+7 912 345-67-89".to_owned());
        device.edit(id, Patch::new().entry("phones", EntryId(device.ids.fresh()), phone, "work")).unwrap();
    }
    let all = |store: &Store| {
        let lists: Vec<_> = ["client", "interaction"]
            .into_iter()
            .map(|kind| store.list(&ListQuery { kind: kind.to_owned(), limit: 500, ..ListQuery::default() }).unwrap())
            .collect();
        (lists, store.search("3456789", 10).unwrap(), store.search("ромаш", 10).unwrap())
    };
    let before = all(&device.store);
    assert_eq!(before.1.len(), 3);
    assert_eq!(device.store.rebuild_views().unwrap(), 0);
    while device.store.index_pending(100).unwrap() > 0 {}
    assert_eq!(all(&device.store), before);
}

#[test]
fn a_field_added_to_a_kind_is_there_for_old_records() {
    let device = Bag::of(Role::Supervisor, Registry::built_in().with(&before::KIND));
    let (id, _) = device.create("probe", None, Patch::new().set(before::NAME, "Старый".to_owned()));
    let (_folder, store) = device.after_power_cut(Registry::built_in().with(&after::KIND));
    assert_eq!(store.row(id).unwrap().unwrap().title, "Старый");
    let writes = vec![crate::store::write::Write::Edit {
        id,
        patch: Patch::new().set(after::SIZE, 5).set(after::STORY, "длинная история".to_owned()),
    }];
    store.write_group(&crate::store::write::GroupDraft { at: device.now, writes }, &device.ids).unwrap();
    let row = store.row(id).unwrap().unwrap();
    assert_eq!(row.get(after::SIZE), Some(5));
    assert_eq!(row.get(after::STORY).as_deref(), Some("длинная история"));
    assert_eq!(store.search("история", 5).unwrap()[0].id, id);
    let sorted = ListQuery {
        kind: "probe".to_owned(),
        conditions: vec![crate::domain::listing::Condition::test("size", crate::domain::listing::Op::Is, "5")],
        limit: 5,
        ..ListQuery::default()
    };
    assert_eq!(store.list(&sorted).unwrap().total, 1);
}

#[test]
fn a_damaged_document_stands_aside_and_the_others_go_on() {
    let device = Bag::new();
    let (bad, good) = (device.client("Плохой"), device.client("Хороший"));
    device
        .store
        .write(|tx| Ok(tx.execute("UPDATE documents SET chunks = x'856f4a83ffff' WHERE id = ?", [bad.bytes()])?))
        .unwrap();
    assert!(matches!(device.store.record(bad), Err(StoreError::RecordDamaged(id)) if id == bad));
    assert_eq!(device.store.rebuild_views().unwrap(), 1);
    assert_eq!(device.store.record(good).unwrap().record.get(client::NAME).unwrap(), "Хороший");
    let list = device.store.list(&ListQuery { kind: "client".to_owned(), limit: 5, ..ListQuery::default() }).unwrap();
    assert_eq!(list.rows.iter().map(|row| row.id).collect::<Vec<_>>(), [good]);
}

#[test]
fn a_kind_no_longer_declared_leaves_no_table_behind_and_comes_back_whole() {
    let device = Bag::of(Role::Supervisor, Registry::built_in().with(&after::KIND));
    let (id, _) = device.create("probe", None, Patch::new().set(after::NAME, "Проба".to_owned()));
    let client_id = device.client("Ромашка");
    let (folder, store) = device.after_power_cut(Registry::built_in());
    assert!(store.row(id).unwrap().is_none());
    while store.index_pending(10).unwrap() > 0 {}
    assert!(store.search("проба", 5).unwrap().is_empty());
    assert_eq!(store.search("ромашка", 5).unwrap()[0].id, client_id);
    drop(store);
    let path = folder.path().join("a.satchel");
    let store = Store::open(&path, &KEY, Registry::built_in().with(&after::KIND)).unwrap();
    while store.index_pending(10).unwrap() > 0 {}
    assert_eq!(store.search("проба", 5).unwrap()[0].id, id);
}
