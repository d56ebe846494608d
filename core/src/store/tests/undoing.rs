//! Taking one's own actions back where others have worked on meanwhile (rule 3), and what is remembered for it.

use uuid::Uuid;

use super::fixture::*;
use crate::docs::{Doc, TRASHED};
use crate::domain::authority::*;
use crate::domain::ids::*;
use crate::domain::kinds::{client, person};
use crate::domain::patch::Patch;
use crate::domain::value::Value;
use crate::store::documents;
use crate::store::undo::{Action, Kept, Undone, Why};
use crate::store::write::{GroupDraft, Write};
use crate::sync::wire::*;

fn act(device: &Bag, writes: Vec<Write>) {
    device.store.act(&GroupDraft { at: device.now, writes }, &device.ids).unwrap();
}

fn edit(device: &Bag, id: RecordId, patch: Patch) {
    act(device, vec![Write::Edit { id, patch }]);
}

fn undo(device: &Bag) -> Undone {
    device.store.undo(device.now, &device.ids).unwrap()
}

fn city(name: &str) -> Patch {
    Patch::new().set(client::CITY, name.to_owned())
}

fn values(device: &Bag, id: RecordId) -> std::collections::BTreeMap<String, Value> {
    device.store.record(id).unwrap().record.values
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

/// A colleague's edit of what the server has comes with a page.
fn colleague(device: &Bag, id: RecordId, patch: &Patch) {
    device.accept_all();
    let chunks = device.store.read(|conn| Ok(documents::find(conn, id)?.unwrap().chunks)).unwrap();
    let other = actor_bytes(DeviceId(Uuid::from_bytes([0xee; 16])), 1);
    let mut doc = Doc::load(&chunks).unwrap();
    let changes = doc.edit(&client::KIND, patch, &other, device.now).unwrap();
    let mut record = full(id, "client", vec![Home::Client(id)], &changes);
    record.full = false;
    device.take_page(Page { records: vec![record], ..Page::default() }, changes);
}

#[test]
fn undo_leaves_alone_what_somebody_changed_since_and_says_so() {
    let device = Bag::new();
    let id = device.client("Ромашка");
    edit(&device, id, city("Київ"));
    let phone = EntryId(Uuid::from_u128(5));
    let other = EntryId(Uuid::from_u128(6));
    let phones =
        |a: &str, b: &str| Patch::new().entry("phones", phone, text(a), "").entry("phones", other, text(b), "");
    edit(&device, id, phones("111", "222"));
    let mine = Patch {
        set: [city("Львів").set, phones("112", "223").set].into_iter().flatten().collect(),
        ..Patch::new()
    };
    edit(&device, id, mine.set(client::SOURCE, "выставка".to_owned()));
    colleague(
        &device,
        id,
        &Patch {
            set: [city("Одеса").set, phones("999", "223").set].into_iter().flatten().collect(), ..Patch::new()
        },
    );

    let undone = undo(&device);
    let kept = |field: &str| Kept {
        record: id,
        kind: "client".to_owned(),
        title: "Ромашка".to_owned(),
        field: field.to_owned(),
        why: Why::Changed,
    };
    assert_eq!((undone.what, undone.n_records, undone.kept), (Action::Edit, 1, vec![kept("city"), kept("phones")]));
    let now = values(&device, id);
    assert_eq!((now.get("city"), now.get("source")), (Some(&text("Одеса")), None));
    let Some(Value::Entries(phones)) = now.get("phones") else { panic!("no phones") };
    assert_eq!(phones.iter().map(|one| (*one.value).clone()).collect::<Vec<_>>(), [text("999"), text("222")]);
}

#[test]
fn undo_of_a_note_takes_back_the_own_words_only() {
    let device = Bag::new();
    let id = device.client("Ромашка");
    let note = |words: &str| Patch::new().set(client::NOTE, words.to_owned());
    edit(&device, id, note("Звонить утром."));
    edit(&device, id, note("Звонить утром. Спросить Анну."));
    colleague(&device, id, &note("Важно! Звонить утром. Спросить Анну."));
    assert_eq!(undo(&device).kept, []);
    assert_eq!(values(&device, id).get("note"), Some(&text("Важно! Звонить утром.")));
}

#[test]
fn what_was_made_is_not_taken_back_once_others_built_on_it() {
    let device = Bag::new();
    let id = RecordId(device.ids.fresh());
    let patch = Patch::new().set(client::NAME, "Ромашка".to_owned());
    act(&device, vec![Write::Create { kind: "client".to_owned(), id, client: None, patch }]);
    device.create("person", Some(id), Patch::new().set(person::NAME, "Анна".to_owned()));
    let undone = undo(&device);
    assert_eq!((undone.what, undone.n_records, undone.kept[0].why), (Action::Create, 0, Why::InUse));
    assert!(!device.store.record(id).unwrap().record.trashed);
}

#[test]
fn what_was_made_and_changed_by_others_stays() {
    let device = Bag::new();
    let id = RecordId(device.ids.fresh());
    let patch = Patch::new().set(client::NAME, "Ромашка".to_owned());
    act(&device, vec![Write::Create { kind: "client".to_owned(), id, client: None, patch }]);
    colleague(&device, id, &city("Одеса"));
    assert_eq!(undo(&device).kept[0].why, Why::Changed);
    assert!(!device.store.record(id).unwrap().record.trashed);
}

#[test]
fn undo_is_an_edit_that_is_sent_and_not_one_to_be_undone() {
    let device = Bag::new();
    let id = device.client("Ромашка");
    edit(&device, id, Patch::new().set_key(TRASHED, Value::Bool(true)));
    device.accept_all();
    let undone = undo(&device);
    assert_eq!((undone.what, undone.written.group.is_some()), (Action::Trash, true));
    assert_eq!(device.sent().len(), 1);
    assert_eq!(undo(&device).what, Action::Nothing);
}

#[test]
fn fifty_actions_are_remembered() {
    let device = Bag::new();
    let id = device.client("Ромашка");
    for n in 0..60 {
        edit(&device, id, city(&format!("город {n}")));
    }
    let taken = std::iter::repeat_with(|| undo(&device)).take_while(|undone| undone.what == Action::Edit).count();
    assert_eq!(taken, 50);
    assert_eq!(values(&device, id).get("city"), Some(&text("город 9")));
}

#[test]
fn an_edit_that_changes_nothing_is_not_remembered() {
    let device = Bag::new();
    let id = device.client("Ромашка");
    edit(&device, id, city("Київ"));
    edit(&device, id, city("Київ"));
    assert_eq!(undo(&device).what, Action::Edit);
    assert_eq!(values(&device, id).get("city"), None);
}

#[test]
fn vis_3_what_is_remembered_of_a_record_leaves_the_device_with_it() {
    let device = Bag::new();
    let id = device.client("Ромашка");
    let kept = device.client("Василёк");
    edit(&device, kept, city("Київ"));
    edit(&device, id, city("Тайноград"));
    device.accept_all();
    device.take_page(Page { revoked: vec![revoked(Home::Client(id), 9, device.now)], ..Page::default() }, Vec::new());
    let sql = "SELECT count(*) FROM undo_writes WHERE record = ?";
    let n = device.store.read(|conn| Ok(conn.query_row(sql, [id.bytes()], |row| row.get::<_, i64>(0))?));
    assert_eq!(n.unwrap(), 0);
    let undone = undo(&device);
    assert_eq!(undone.record, Some(kept));
}

#[test]
fn who_put_a_record_into_the_trash_reads_the_same_with_and_without_loading_it() {
    let actor = |n: u8| actor_bytes(DeviceId(Uuid::from_bytes([n; 16])), 1);
    let at = |minute: i64| chrono::DateTime::from_timestamp(1_790_000_000 + minute * 60, 0).unwrap();
    let (mut doc, mut chunks) =
        Doc::create(&client::KIND, &Patch::new().set(client::NAME, "Ромашка".to_owned()), &actor(1), at(0)).unwrap();
    for (minute, flag) in [(1, true), (2, false), (3, true)] {
        let patch = Patch::new().set_key(TRASHED, Value::Bool(flag));
        chunks.extend(doc.edit(&client::KIND, &patch, &actor(2), at(minute)).unwrap());
    }
    let plain = crate::docs::read(Some(&client::KIND), &chunks.concat()).unwrap().0;
    let stroke = plain.trashed_by.clone().unwrap();
    assert_eq!((stroke.actor, stroke.at), (actor(2).to_vec(), at(3)));
    assert_eq!(doc.read(&client::KIND).unwrap(), plain);
}
