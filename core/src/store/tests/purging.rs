//! Losing homes: nothing of them stays.

use std::collections::BTreeSet;

use super::fixture::*;
use crate::docs::Doc;
use crate::domain::authority::*;
use crate::domain::ids::*;
use crate::domain::kinds::{client, interaction};
use crate::domain::patch::Patch;
use crate::domain::value::Value;
use crate::store::Store;
use crate::store::lists::ListQuery;
use crate::sync::wire::*;

/// All pages of the database as SQLite sees them, decrypted, free ones included, and what the log holds.
fn pages(store: &Store) -> Vec<u8> {
    store
        .maintain(|conn| {
            let mut statement = conn.prepare("SELECT data FROM sqlite_dbpage")?;
            let pages = statement.query_map([], |row| row.get::<_, Vec<u8>>(0))?;
            Ok(pages.collect::<Result<Vec<_>, _>>()?.concat())
        })
        .unwrap()
}

fn holds(haystack: &[u8], needle: &str) -> bool {
    haystack.windows(needle.len()).any(|part| part == needle.as_bytes())
}

/// Numbers of the clients of which a marker stands anywhere in these bytes.
fn marked(bytes: &[u8]) -> BTreeSet<usize> {
    let marker = b"marker";
    let mut found = BTreeSet::new();
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|byte| *byte == b'm') {
        rest = &rest[at..];
        if rest.starts_with(marker)
            && let Some(number) = rest.get(6..10).and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok())
        {
            found.insert(number);
        }
        rest = &rest[1..];
    }
    found
}

fn made(kind: &'static crate::domain::kind::Kind, patch: &Patch) -> Vec<Vec<u8>> {
    let actor = actor_bytes(DeviceId(uuid::Uuid::from_bytes([0xee; 16])), 1);
    Doc::create(kind, patch, &actor, chrono::Utc::now()).unwrap().1
}

/// Many clients with interactions, as a first sync brings them; every one carries a marker of its own.
fn stocked(device: &Bag, n: usize) -> Vec<RecordId> {
    let mut page = Page::default();
    let mut blobs = Vec::new();
    let mut clients = Vec::new();
    for at in 0..n {
        let id = RecordId(device.ids.fresh());
        let home = Home::Client(id);
        page.granted.push(granted(home));
        let patch = Patch::new()
            .set(client::NAME, format!("Клиент marker{at:04}name {}", "я".repeat(at % 40)))
            .set(client::NOTE, format!("заметка marker{at:04}note {}", "ю".repeat(at * 7 % 300)))
            .entry("phones", EntryId(device.ids.fresh()), Value::Text(format!("+7 900 marker{at:04}phone")), "work");
        let changes = made(&client::KIND, &patch);
        page.records.push(full(id, "client", vec![home], &changes));
        blobs.extend(changes);
        for turn in 0..3 {
            let patch = Patch::new()
                .set(interaction::SUBJECT, format!("marker{at:04}subject{turn}"))
                .set(interaction::STATE, "held".to_owned())
                .set(interaction::RESULT, format!("итог marker{at:04}result {}", "э".repeat(at * 13 % 500)));
            let changes = made(&interaction::KIND, &patch);
            page.records.push(full(RecordId(device.ids.fresh()), "interaction", vec![home], &changes));
            blobs.extend(changes);
        }
        clients.push(id);
    }
    device.take_page(page, blobs);
    while device.store.index_pending(50).unwrap() > 0 {}
    clients
}

#[test]
fn a_purge_leaves_no_byte_of_the_client() {
    let device = Bag::new();
    let clients = stocked(&device, 300);
    // Growing some records makes SQLite move cells between pages.
    for (at, id) in clients.iter().enumerate().filter(|(at, _)| at % 7 == 0) {
        let note = format!("заметка marker{at:04}note {}", "ы".repeat(1200));
        device.edit(*id, Patch::new().set(client::NOTE, note)).unwrap();
    }
    device.accept_all();
    let lost: Vec<usize> = (0..300).filter(|at| at % 3 == 0).collect();
    assert_eq!(marked(&pages(&device.store)), (0..300).collect());

    let revoked = lost.iter().map(|at| revoked(Home::Client(clients[*at]), 9, device.now)).collect();
    let applied = device.take_page(Page { revoked, ..Page::default() }, Vec::new());
    assert_eq!(applied.left.len(), lost.len());
    device.store.scrub().unwrap();
    let kept = (0..300).filter(|at| at % 3 != 0).collect();
    assert_eq!(marked(&pages(&device.store)), kept);
    let wal = std::fs::metadata(device.folder.path().join("a.satchel-wal")).map_or(0, |file| file.len());
    assert_eq!(wal, 0, "the log is empty");
    assert!(device.store.check_pages().unwrap().is_empty());
    let sound: String =
        device.store.read(|conn| Ok(conn.query_row("PRAGMA integrity_check", [], |row| row.get(0))?)).unwrap();
    assert_eq!(sound, "ok");
    let list = ListQuery { kind: "client".to_owned(), limit: 500, ..ListQuery::default() };
    assert_eq!(device.store.list(&list).unwrap().total, 200);
    assert!(device.store.search("marker0003", 5).unwrap().is_empty());
    assert_eq!(device.store.search("marker0004", 50).unwrap().len(), 4);
}

#[test]
fn trigrams_of_a_purged_client_leave_the_index_as_well() {
    let device = Bag::new();
    let clients = stocked(&device, 20);
    device
        .edit(clients[3], Patch::new().set(client::SOURCE, "ёжwzqж".to_owned()).set(client::NAME, "qzw".to_owned()))
        .unwrap();
    device.accept_all();
    assert!(holds(&pages(&device.store), "qzw"));
    let page = Page { revoked: vec![revoked(Home::Client(clients[3]), 9, device.now)], ..Page::default() };
    device.take_page(page, Vec::new());
    device.store.scrub().unwrap();
    assert!(!holds(&pages(&device.store), "qzw"));
}

#[test]
fn unsent_edits_of_a_lost_client_get_their_verdict_before_it_goes() {
    let device = Bag::new();
    let id = stocked(&device, 2)[0];
    let group = device.edit(id, Patch::new().set(client::CITY, "mytown".to_owned())).unwrap();
    let page = Page { revoked: vec![revoked(Home::Client(id), 9, device.now)], ..Page::default() };
    let applied = device.take_page(page, Vec::new());
    assert!(applied.left.is_empty());
    assert!(device.store.row(id).unwrap().is_some(), "the edit has no verdict yet");
    assert!(device.edit(id, Patch::new().set(client::CITY, "no more".to_owned())).is_err());
    assert!(device.store.outgoing(&Default::default(), &device.ids).unwrap().purged.is_empty());

    let proposal = ProposalId(uuid::Uuid::from_bytes([5; 16]));
    let received = device.judge(vec![(group, Outcome::SetAside(proposal))]);
    assert_eq!(received.left.len(), 1);
    assert!(device.store.row(id).unwrap().is_none());
    let out = device.store.outgoing(&Default::default(), &device.ids).unwrap();
    assert_eq!(out.purged, [PurgeAck { home: Home::Client(id), revoked: 9 }]);
    let notices = device.store.notices().unwrap();
    let left = notices.iter().find(|notice| notice.what == "client_left").unwrap();
    assert_eq!((left.params["n_edits"].as_str(), left.params["n_set_aside"].as_str()), ("1", "1"));
    assert_eq!(left.params["user"], user_id(2).to_string());
    device.store.scrub().unwrap();
    let pages = pages(&device.store);
    assert!(!holds(&pages, "marker0000"));
    assert!(holds(&pages, "mytown"), "what he typed himself stays until the decision");
    let receipt =
        Receipt { proposal, group, record: id, accepted: true, by: user_id(2), at: device.now, picked: Vec::new() };
    device.take_page(Page { receipts: vec![receipt], ..Page::default() }, Vec::new());
    assert_eq!(device.store.notices().unwrap()[0].what, "edit_accepted");
}

#[test]
fn a_record_in_two_homes_stays_while_one_is_held() {
    let device = Bag::new();
    let (one, other, shared) =
        (RecordId(device.ids.fresh()), RecordId(device.ids.fresh()), RecordId(device.ids.fresh()));
    let homes = vec![Home::Client(one), Home::Client(other)];
    let changes = made(&interaction::KIND, &Patch::new().set(interaction::SUBJECT, "общее".to_owned()));
    let page = Page {
        granted: homes.iter().copied().map(granted).collect(),
        records: vec![full(shared, "interaction", homes, &changes)],
        ..Page::default()
    };
    device.take_page(page, changes);
    device.take_page(Page { revoked: vec![revoked(Home::Client(one), 3, device.now)], ..Page::default() }, Vec::new());
    assert_eq!(device.store.record(shared).unwrap().homes, [Home::Client(other)]);
    device
        .take_page(Page { revoked: vec![revoked(Home::Client(other), 4, device.now)], ..Page::default() }, Vec::new());
    assert!(device.store.row(shared).unwrap().is_none());
}

#[test]
fn a_home_given_back_after_a_gap_is_emptied_first() {
    let device = Bag::new();
    let id = stocked(&device, 1)[0];
    let old = device.store.rows_under(id, "interaction").unwrap();
    assert_eq!(old.len(), 3);
    let changes = made(&client::KIND, &Patch::new().set(client::NAME, "Другое имя".to_owned()));
    let anew = Granted { anew: true, ..granted(Home::Client(id)) };
    let records = vec![full(id, "client", vec![Home::Client(id)], &changes)];
    device.take_page(Page { granted: vec![anew], records, ..Page::default() }, changes);
    assert_eq!(device.store.row(id).unwrap().unwrap().title, "Другое имя");
    assert!(device.store.rows_under(id, "interaction").unwrap().is_empty());
}

#[test]
fn a_page_that_brings_nothing_new_changes_nothing() {
    let device = Bag::new();
    let id = RecordId(device.ids.fresh());
    let changes = made(&client::KIND, &Patch::new().set(client::NAME, "Ромашка".to_owned()));
    let page = || Page {
        granted: vec![granted(Home::Client(id))],
        records: vec![full(id, "client", vec![Home::Client(id)], &changes)],
        ..Page::default()
    };
    device.take_page(page(), changes.clone());
    let before = device.store.record(id).unwrap();
    device.take_page(page(), changes.clone());
    let after = device.store.record(id).unwrap();
    assert_eq!((before.row, before.record), (after.row, after.record));
}

#[test]
fn one_bad_record_of_a_page_is_set_aside_and_comes_back_when_sent_again() {
    let device = Bag::new();
    let (bad, good) = (RecordId(device.ids.fresh()), RecordId(device.ids.fresh()));
    let changes = made(&client::KIND, &Patch::new().set(client::NAME, "Ромашка".to_owned()));
    let home = |id| vec![Home::Client(id)];
    let broken = vec![vec![1, 2, 3]];
    let page = Page {
        granted: vec![granted(Home::Client(bad)), granted(Home::Client(good))],
        records: vec![full(bad, "client", home(bad), &broken), full(good, "client", home(good), &changes)],
        ..Page::default()
    };
    let applied = device.take_page(page, [broken, changes.clone()].concat());
    assert_eq!(applied.damaged, [bad]);
    assert_eq!(device.store.row(good).unwrap().unwrap().title, "Ромашка");
    device.take_page(Page { records: vec![full(bad, "client", home(bad), &changes)], ..Page::default() }, changes);
    assert_eq!(device.store.record(bad).unwrap().row.title, "Ромашка");
}

#[test]
fn a_client_given_away_before_the_server_ever_granted_it_leaves() {
    let device = Bag::new();
    let (id, made) = device.create("client", None, Patch::new().set(client::NAME, "Гамма".to_owned()));
    device.interaction(id, "held", -1);
    device.take_page(Page::default(), Vec::new());
    assert!(device.store.row(id).unwrap().is_some(), "not acknowledged yet");
    let sent = device.sent();
    device.judge(vec![(made, Outcome::Accepted), (sent[1].0.id, Outcome::Accepted)]);
    device.take_page(Page { more: true, ..Page::default() }, Vec::new());
    assert!(device.store.row(id).unwrap().is_some(), "the server has more to say");
    let applied = device.take_page(Page::default(), Vec::new());
    assert_eq!(applied.left, [(id, "Гамма".to_owned())]);
    assert_eq!(device.store.notices().unwrap()[0].what, "client_left");
    assert!(device.store.outgoing(&Default::default(), &device.ids).unwrap().purged.is_empty());
}
