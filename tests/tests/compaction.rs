//! Long histories are folded into snapshots, and nothing else changes (rule 11): no edit is lost, none is doubled, and
//! a new device pays for what a record is more than for what was done to it.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use chrono::{DateTime, Duration, Utc};
use satchel_core::docs::Doc;
use satchel_core::docs::snapshot::is_snapshot;
use satchel_core::domain::authority::Home;
use satchel_core::domain::ids::*;
use satchel_core::domain::kinds::client;
use satchel_core::domain::order::Order;
use satchel_core::domain::patch::Patch;
use satchel_core::sync::wire::{Down, Frame, Outcome, RecordKey, Up};
use satchel_server::storage::{Compacted, CompactionRule};
use satchel_tests::harness::{Device, Office, Probe, Writes, group};
use satchel_tests::tap;

/// Folds whatever can be folded.
fn fold(office: &Office) -> Compacted {
    let before = office.now() + Duration::seconds(1);
    office.storage().compact(&CompactionRule { least: 2, before, at_most: 1000 }).unwrap()
}

fn card() -> Patch {
    Patch::new()
        .set(client::NAME, "ТОВ «Ромашка»".to_owned())
        .set(client::STATUS, "active".to_owned())
        .set(client::CITY, "Київ".to_owned())
        .set(client::WEBSITE, "https://romashka.example".to_owned())
        .set(client::ADDRESS, "вул. Садова, 5, під’їзд 2, домофон 17".to_owned())
        .set(client::IS_CLIENT, true)
        .set(client::SOURCE, "выставка".to_owned())
        .set(client::CONTACT_EVERY, 14)
        .set(client::NOTE, "Звонить утром, спросить Ольгу Петровну; склад работает до пятнадцати часов".to_owned())
}

fn nth_edit(n: usize) -> Patch {
    let patch = Patch::new();
    match n % 4 {
        0 => patch.set(client::STATUS, ["prospect", "active", "paused"][n % 3].to_owned()),
        1 => patch.set(client::CONTACT_EVERY, (n * 7 % 90) as i64),
        2 => patch.set(client::ADDRESS, format!("вул. Садова, {}, кв. {}", n * 13 % 200, n * 31 % 100)),
        _ => patch.set(client::SOURCE, ["сайт", "звонок", "рекомендация"][n / 4 % 3].to_owned()),
    }
}

/// A client of the probe's person with so many edits after its making, each pushed in a group of its own. Returns also
/// every change, in order.
fn history(office: &Office, probe: &mut Probe, n: usize) -> (RecordId, Vec<Vec<u8>>) {
    let firm = RecordId(office.ids.fresh());
    let mut frame = group(GroupId(office.ids.fresh()), office.now());
    probe.create(&mut frame, &client::KIND, firm, Home::Client(firm), &card()).unwrap();
    let mut changes = frame.blobs.clone();
    let mut doc = Doc::load(&changes.concat()).unwrap();
    probe.queue(frame);
    for at in 0..n {
        let then = office.now() - Duration::days(60) + Duration::minutes(37 * at as i64);
        let made = doc.edit(&client::KIND, &nth_edit(at), &probe.actor(), then).unwrap();
        probe.queue(push_of(office, firm, made.clone()).1);
        changes.extend(made);
    }
    let outcomes = probe.push(&*office.ids).unwrap();
    assert!(outcomes.values().all(|outcome| *outcome == Outcome::Accepted), "{outcomes:?}");
    (firm, changes)
}

fn push_of(office: &Office, record: RecordId, changes: Vec<Vec<u8>>) -> (GroupId, Frame<Up>) {
    let id = GroupId(office.ids.fresh());
    let mut frame = group(id, office.now());
    let Up::Group(made) = &mut frame.message else { unreachable!("a group was made a line above") };
    let n = u32::try_from(changes.len()).unwrap();
    made.items.push(satchel_core::sync::wire::Item::Changes { record: RecordKey { id: record, generation: 0 }, n });
    frame.blobs = changes;
    (id, frame)
}

fn verdict(office: &Office, probe: &mut Probe, record: RecordId, changes: Vec<Vec<u8>>) -> Outcome {
    let (id, frame) = push_of(office, record, changes);
    probe.queue(frame);
    probe.push(&*office.ids).unwrap().remove(&id).unwrap()
}

fn heads(device: &Device, record: RecordId) -> Vec<u8> {
    device.kept(record).0
}

fn is_folded(device: &Device, record: RecordId) -> bool {
    is_snapshot(&device.kept(record).1)
}

/// Bytes that came over the wire in pages, as they came.
fn wire_bytes(device: &Device) -> usize {
    device.line.log().iter().map(|one| one.received.len()).sum()
}

/// What a device keeps of a record's document.
fn kept_bytes(device: &Device, record: RecordId) -> usize {
    let (_, chunks, stamps) = device.kept(record);
    chunks.len() + stamps as usize
}

fn record_frames(device: &Device, record: RecordId) -> Vec<(u32, Vec<Vec<u8>>)> {
    let mut found = Vec::new();
    for one in device.line.log() {
        for frame in tap::down(&one.received).unwrap_or_default() {
            let Down::Page(page) = frame.message else { continue };
            let mut blobs = frame.blobs.into_iter();
            for part in page.records {
                let own: Vec<Vec<u8>> = blobs.by_ref().take(part.n as usize).collect();
                if part.record.id == record {
                    found.push((part.folded, own));
                }
            }
        }
    }
    found
}

#[test]
fn conv_1_a_new_device_gets_the_snapshot_and_shows_what_the_old_one_shows() {
    let office = Office::open();
    let old = office.ready(office.cast.anna, "phone");
    let mut probe = office.probe(office.cast.anna);
    let (firm, changes) = history(&office, &mut probe, 200);
    old.sync();
    let done = fold(&office);
    assert_eq!((done.n_records, done.n_changes), (1, changes.len() as u64));
    assert_eq!(fold(&office).n_records, 0, "there is nothing more to fold");
    probe.pull().unwrap();
    let more = probe.edit_by_hand(&office, firm, Patch::new().set(client::CITY, "Львів".to_owned()));
    assert_eq!(more, Outcome::Accepted);
    old.sync();

    let new = office.ready(office.cast.anna, "tablet");
    let [(folded, blobs)] = record_frames(&new, firm).try_into().unwrap();
    assert_eq!(folded as usize, changes.len());
    assert!(is_snapshot(&blobs[0]) && blobs.len() == 3, "the snapshot, its stamps and what came after");
    assert_eq!(heads(&new, firm), heads(&old, firm));
    assert_eq!(new.sees(firm).unwrap().record, old.sees(firm).unwrap().record);
    assert_eq!(new.text(firm, client::CITY), "Львів");
    // Edits of either reach the other.
    for (one, other, name) in [(&new, &old, "Альфа"), (&old, &new, "Бета")] {
        one.types(firm, client::NAME, name);
        one.sync();
        other.sync();
        assert_eq!(other.text(firm, client::NAME), name);
        assert_eq!(heads(other, firm), heads(one, firm));
    }
    // Whoever asks whether he holds the same does (rule 23), and the server finds nothing amiss.
    for device in [&old, &new] {
        device.store().check_soon().unwrap();
        let report = device.sync().report;
        assert!(report.repaired.is_nothing(), "{:?}", report.repaired);
    }
    assert_eq!(office.storage().examine(false).unwrap(), []);
    // When each change came is still known.
    let received: BTreeSet<DateTime<Utc>> = (changes.iter().skip(5).step_by(50))
        .map(|change| satchel_core::docs::change::inspect(change).unwrap())
        .map(|info| new.store().stamp(firm, &info.hash).unwrap().received_at.unwrap())
        .collect();
    assert_eq!(received.len(), 1, "all were pushed in one moment: {received:?}");
}

#[test]
fn a_new_device_pays_for_the_state_and_little_for_the_history() {
    let office = Office::open();
    let mut probe = office.probe(office.cast.anna);
    let short = history(&office, &mut probe, 0).0;
    let base = office.ready(office.cast.anna, "one");
    let (state, kept_state) = (wire_bytes(&base), kept_bytes(&base, short));
    let (firm, _) = history(&office, &mut probe, 400);
    let long = office.ready(office.cast.anna, "two");
    let (unfolded, kept_unfolded) = (wire_bytes(&long) - state, kept_bytes(&long, firm));
    fold(&office);
    let new = office.ready(office.cast.anna, "three");
    let (folded, kept) = (wire_bytes(&new) - state, kept_bytes(&new, firm));
    println!("wire {state} {unfolded} {folded}; kept {kept_state} {kept_unfolded} {kept}");
    assert!(folded * 6 < unfolded, "{folded} bytes of {unfolded}");
    assert!(folded < state * 4, "{folded} bytes, and {state} for everything with a record without a history");
    assert!(kept * 6 < kept_unfolded, "{kept} bytes of {kept_unfolded}");
    assert!(kept < kept_state * 12, "{kept} bytes, and {kept_state} for a record without a history");
}

#[test]
fn who_depends_on_a_change_in_the_middle_of_a_snapshot_is_merged() {
    let office = Office::open();
    let mut probe = office.probe(office.cast.anna);
    let (firm, changes) = history(&office, &mut probe, 40);
    let tablet = office.ready(office.cast.anna, "tablet");
    // Somebody who knows the first twenty only, by an actor of his own.
    let mut other = office.probe(office.cast.anna);
    let mut early = Doc::load(&changes[..20].concat()).unwrap();
    let edit = Patch::new().set(client::CITY, "Одеса".to_owned());
    let late = early.edit(&client::KIND, &edit, &other.actor(), office.now()).unwrap();
    fold(&office);
    assert_eq!(verdict(&office, &mut other, firm, late), Outcome::Accepted);
    tablet.sync();
    assert_eq!(tablet.text(firm, client::CITY), "Одеса");
    assert_eq!(fold(&office).n_records, 0, "one change more is not worth it");
    let new = office.ready(office.cast.anna, "desk");
    assert_eq!((new.text(firm, client::CITY), heads(&new, firm)), ("Одеса".to_owned(), heads(&tablet, firm)));
}

#[test]
fn dur_4_a_folded_change_delivered_again_is_a_duplicate_and_a_wrong_number_is_refused() {
    let office = Office::open();
    let mut probe = office.probe(office.cast.anna);
    let (firm, changes) = history(&office, &mut probe, 30);
    fold(&office);
    let n = office.storage().n_changes(firm).unwrap();
    for again in [changes[7..8].to_vec(), changes.clone(), changes[29..].to_vec()] {
        assert_eq!(verdict(&office, &mut probe, firm, again), Outcome::Accepted);
    }
    assert_eq!(office.storage().n_changes(firm).unwrap(), n);
    // The same actor writes a number it has used, over an early state.
    let mut early = Doc::load(&changes[..20].concat()).unwrap();
    let edit = Patch::new().set(client::CITY, "Одеса".to_owned());
    let forged = early.edit(&client::KIND, &edit, &probe.actor(), office.now()).unwrap();
    assert_eq!(verdict(&office, &mut probe, firm, forged), Outcome::Refused("refused_malformed".to_owned()));
    assert_eq!(office.storage().n_changes(firm).unwrap(), n);
}

#[test]
fn off_1_unsent_edits_survive_a_snapshot_that_comes_over_them() {
    let office = Office::open();
    let tablet = office.ready(office.cast.anna, "tablet");
    let mut probe = office.probe(office.cast.anna);
    let (firm, _) = history(&office, &mut probe, 40);
    tablet.sync();
    probe.pull().unwrap();
    tablet.offline();
    tablet.types(firm, client::NAME, "Офлайн");
    tablet.types(firm, client::CITY, "Львів");
    let one = probe.edit_by_hand(&office, firm, Patch::new().set(client::SOURCE, "сайт2".to_owned()));
    assert_eq!(one, Outcome::Accepted);
    fold(&office);
    // What is held of the record is damaged: it is fetched again in full, as a snapshot, under the unsent edits.
    tablet.tamper("UPDATE documents SET chunks = x'00'");
    tablet.store().check_soon().unwrap();
    tablet.online();
    tablet.line.expect([]);
    tablet.sync();
    tablet.sync();
    probe.pull().unwrap();
    let record = probe.held.records[&firm].doc().unwrap().read(&client::KIND).unwrap();
    for (field, value) in [(client::NAME, "Офлайн"), (client::CITY, "Львів"), (client::SOURCE, "сайт2")]
    {
        assert_eq!(record.get(field).as_deref(), Some(value));
        assert_eq!(tablet.text(firm, field), value);
    }
    assert!(tablet.everything_unsent().is_empty());
    assert_eq!(record.competing.len(), 0, "nothing was written twice: {:?}", record.competing);
}

#[test]
fn a_device_folds_what_is_acknowledged_and_still_takes_back_what_is_refused() {
    let office = Office::open();
    let (tablet, olena) = (office.ready(office.cast.anna, "tablet"), office.ready(office.cast.olena, "laptop"));
    tablet.store().fold_from(4).unwrap();
    let firm = tablet.client("Альфа");
    for n in 0..12 {
        tablet.types(firm, client::ADDRESS, format!("Садова, {n}"));
        tablet.sync();
    }
    assert!(is_folded(&tablet, firm), "it folded by itself");
    olena.sync();
    tablet.offline();
    tablet.types(firm, client::CITY, "Отвергнуто");
    tablet.types(firm, client::SOURCE, "Отвергнуто");
    olena.move_clients(&[firm], office.cast.anna, office.cast.bohdan);
    olena.sync();
    // Set aside: the record leaves, and comes back without what was not taken in.
    tablet.online().sync();
    olena.sync();
    for proposal in olena.proposals() {
        olena.decide(proposal, false);
    }
    olena.move_clients(&[firm], office.cast.bohdan, office.cast.anna);
    olena.sync();
    tablet.sync();
    tablet.sync();
    assert_eq!(
        (tablet.text(firm, client::CITY), tablet.text(firm, client::ADDRESS)),
        (String::new(), "Садова, 11".into())
    );
    assert_eq!(heads(&tablet, firm), heads(&olena, firm));
    tablet.types(firm, client::CITY, "Львів");
    tablet.sync();
    olena.sync();
    assert_eq!(olena.text(firm, client::CITY), "Львів");
}

#[test]
fn unsent_changes_are_never_folded() {
    let office = Office::open();
    let tablet = office.ready(office.cast.anna, "tablet");
    tablet.store().fold_from(4).unwrap();
    let firm = tablet.client("Альфа");
    tablet.sync();
    tablet.offline();
    for n in 0..20 {
        tablet.types(firm, client::ADDRESS, format!("Садова, {n}"));
    }
    assert!(!is_folded(&tablet, firm), "nothing of it is acknowledged");
    // The database is a copy by now: what is unsent is written again by another actor, and the old changes are gone.
    let twin = tablet.cloned(office.line());
    twin.online();
    twin.sync();
    tablet.online().sync();
    tablet.sync();
    twin.sync();
    assert_eq!(tablet.text(firm, client::ADDRESS), "Садова, 19");
    assert_eq!(heads(&tablet, firm), heads(&twin, firm));
    tablet.types(firm, client::CITY, "Львів");
    assert!(is_folded(&tablet, firm), "now it is");
    tablet.sync();
    twin.sync();
    assert_eq!(twin.text(firm, client::CITY), "Львів");
}

#[test]
fn dur_3_a_fold_that_breaks_off_leaves_everything_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("server.db");
    let office = Office::in_file(&file);
    let mut probe = office.probe(office.cast.anna);
    let (firm, changes) = history(&office, &mut probe, 20);
    let by_hand = rusqlite::Connection::open(&file).unwrap();
    by_hand
        .execute_batch(
            "CREATE TRIGGER breaks BEFORE UPDATE OF bytes ON change WHEN new.ordinal = 10 BEGIN SELECT RAISE(FAIL, 'broken'); END",
        )
        .unwrap();
    let before = office.now() + Duration::seconds(1);
    let rule = CompactionRule { least: 2, before, at_most: 1 };
    assert!(office.storage().compact(&rule).is_err());
    by_hand.execute_batch("DROP TRIGGER breaks").unwrap();
    let n: i64 = by_hand.query_row("SELECT count(*) FROM snapshot", [], |row| row.get(0)).unwrap();
    let whole: i64 =
        by_hand.query_row("SELECT count(*) FROM change WHERE length(bytes) > 0", [], |row| row.get(0)).unwrap();
    assert_eq!((n, whole), (0, changes.len() as i64));
    assert_eq!(fold(&office).n_records, 1);
    assert_eq!(office.storage().examine(false).unwrap(), []);
    // A row that has lost its snapshot is found.
    by_hand.execute_batch("DELETE FROM snapshot").unwrap();
    let found = office.storage().examine(false).unwrap();
    assert!(found.iter().any(|one| one.code == "record_unreadable" && one.at == firm.to_string()), "{found:?}");
}

#[test]
fn era_1_erasure_takes_the_snapshot_along() {
    const MARKER: &str = "zQ8-маркер-Гриб";
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("server.db");
    let office = Office::in_file(&file);
    let mut probe = office.probe(office.cast.anna);
    let (firm, _) = history(&office, &mut probe, 20);
    probe.pull().unwrap();
    for n in 0..10 {
        let patch = Patch::new().set(client::NOTE, format!("{MARKER} {n}"));
        assert_eq!(probe.edit_by_hand(&office, firm, patch), Outcome::Accepted);
        probe.pull().unwrap();
    }
    let holds = || tap::pages_of(&file, None).unwrap().hold(MARKER.as_bytes());
    assert!(holds());
    assert_eq!(fold(&office).n_records, 1);
    office.backup(&file, &folder.path().join("copy.db"));
    assert!(
        tap::pages_of(&folder.path().join("copy.db"), None).unwrap().hold(MARKER.as_bytes()),
        "the tap looks into snapshots"
    );
    let (admin, tablet) = (office.ready(office.cast.admin, "desk"), office.ready(office.cast.anna, "tablet"));
    assert!(tablet.text(firm, client::NOTE).contains(MARKER));
    admin.order(Order::Erase { records: vec![firm], after_seconds: 0 });
    admin.sync();
    admin.sync();
    tablet.sync();
    assert!(!holds());
    assert_eq!(tablet.text(firm, client::NOTE), "");
    let pages = tap::pages_of(tablet.path(), Some(tablet.key())).unwrap();
    assert!(!pages.hold(MARKER.as_bytes()));
    assert_eq!(office.storage().examine(false).unwrap(), []);
    let new = office.ready(office.cast.anna, "new");
    assert_eq!(heads(&new, firm), heads(&tablet, firm));
}

#[test]
fn dur_7_a_server_restored_from_before_the_folding_takes_everything_back() {
    let folder = tempfile::tempdir().unwrap();
    let (file, backup) = (folder.path().join("server.db"), folder.path().join("backup.db"));
    let mut office = Office::in_file(&file);
    let mut probe = office.probe(office.cast.anna);
    let (firm, _) = history(&office, &mut probe, 20);
    fold(&office);
    let tablet = office.ready(office.cast.anna, "tablet");
    tablet.store().fold_from(3).unwrap();
    office.backup(&file, &backup);
    for n in 0..10 {
        tablet.types(firm, client::ADDRESS, format!("Лесная, {n}"));
        tablet.sync();
    }
    fold(&office);
    office.restore(&backup, &file);
    assert_eq!(office.storage().examine(false).unwrap(), []);
    assert!(tablet.try_sync().is_err(), "it brings back what it holds, and hears that data does not flow yet");
    office.door().release().unwrap();
    tablet.sync();
    tablet.sync();
    assert_eq!(tablet.text(firm, client::ADDRESS), "Лесная, 9");
    let new = office.ready(office.cast.anna, "new");
    assert_eq!((new.text(firm, client::ADDRESS), heads(&new, firm)), ("Лесная, 9".to_owned(), heads(&tablet, firm)));
    assert_eq!(office.storage().examine(false).unwrap(), []);
}

#[test]
fn an_older_client_gets_every_change_by_itself_as_it_was_written() {
    let office = Office::open();
    let mut probe = office.probe(office.cast.anna);
    let (firm, changes) = history(&office, &mut probe, 60);
    fold(&office);
    // Probes do not say that they take snapshots, like devices of 0.1.
    let mut older = office.probe(office.cast.anna);
    older.pull().unwrap();
    assert_eq!(older.held.records[&firm].changes, changes);
}

#[test]
fn dur_3_a_device_behind_the_folding_gets_what_it_lacks_in_the_transactions_it_was_written_in() {
    let office = Office::open();
    let tablet = office.ready(office.cast.anna, "tablet");
    let (first, second) = (tablet.client("Альфа"), tablet.client("Бета"));
    tablet.sync();
    let phone = office.ready(office.cast.anna, "phone");
    for n in 0..12 {
        let both = |text: String| Patch::new().set(client::ADDRESS, text);
        let (one, other) = (both(format!("Садова, {n}")), both(format!("Садова, {n}")));
        tablet.write(Writes::new().edit(first, one).edit(second, other)).unwrap();
        tablet.sync();
    }
    phone.line.take_log();
    assert_eq!(fold(&office).n_records, 2);
    phone.sync();
    for record in [first, second] {
        assert_eq!(heads(&phone, record), heads(&tablet, record));
        let [(folded, blobs)] = record_frames(&phone, record).try_into().unwrap();
        assert_eq!((folded, blobs.len()), (0, 12), "only what it lacked");
    }
    // Both records of a transaction come together, however small the page.
    let mut probe = office.probe(office.cast.anna);
    probe.pull().unwrap();
    let changes = |record: RecordId| probe.held.records[&record].changes.len();
    assert_eq!(changes(first), changes(second));
}

#[test]
fn changes_of_the_last_day_stay_as_they_were_written() {
    let office = Office::open();
    let mut probe = office.probe(office.cast.anna);
    history(&office, &mut probe, 100);
    assert_eq!(office.door().compact().unwrap().n_records, 0);
    office.clock.forward(Duration::hours(25));
    let done = office.door().compact().unwrap();
    assert_eq!((done.n_records, done.more), (1, false));
    assert!(done.bytes_after * 5 < done.bytes_before, "{done:?}");
}
