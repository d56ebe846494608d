//! Files of the first landing that every later version must read: a device's database, a server's database, and what
//! went over the wire between them. Never made again, only added to: `SATCHEL_GOLDEN=version-name` writes a new folder.

#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use satchel_core::domain::authority::Role;
use satchel_core::domain::ids::{GroupId, IdSource, RecordId};
use satchel_core::domain::kind::Registry;
use satchel_core::domain::kinds::{client, interaction};
use satchel_core::domain::patch::Patch;
use satchel_core::store::lists::ListQuery;
use satchel_core::store::{DatabaseKey, Store};
use satchel_core::sync::device::identity::{enrol, parse_link, sign_in};
use satchel_core::sync::device::sync_once;
use satchel_core::system::SystemIds;
use satchel_server::storage::sqlite::SqliteStorage;
use satchel_server::{Office, Settings};
use satchel_tests::harness::{Line, Server, TestClock, Writes};
use satchel_tests::tap;

const KEY: DatabaseKey = DatabaseKey([0x53; 32]);
const PASSWORD: &str = "золотой пароль";
const NOTE: &str = "Заезд со двора, спросить Олену";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden")
}

fn office(server: &Path, clock: &TestClock) -> Office {
    let storage = Arc::new(SqliteStorage::open(server).unwrap());
    Office::open(storage, Arc::new(clock.clone()), Arc::new(SystemIds), Registry::built_in(), Settings::for_tests())
        .unwrap()
}

fn listed(store: &Store, kind: &str) -> Vec<String> {
    let query = ListQuery { kind: kind.to_owned(), limit: 100, ..ListQuery::default() };
    store.list(&query).unwrap().rows.iter().map(|row| row.title.clone()).collect()
}

/// Makes a folder of golden files. Not part of any run unless asked for.
#[test]
fn golden_files_are_written_on_demand_only() {
    let Ok(version) = std::env::var("SATCHEL_GOLDEN") else { return };
    let to = folder().join(version);
    assert!(!to.exists(), "{} is there already and must not change", to.display());
    let scratch = tempfile::tempdir().unwrap();
    let clock = TestClock::new();
    let office = office(&scratch.path().join("server.db"), &clock);
    office.init_organisation("Золотая контора", "uk").unwrap();
    let department = office.add_department("Север", None).unwrap();
    let anna = office.add_user("Анна Белова", Role::Rep, department).unwrap();
    let link = parse_link(&office.invite(anna, None).unwrap().link).unwrap();
    let server = Server::default();
    server.start(office);
    let line = Line::to(&server, &clock);
    let identity = enrol(&*line, &link, PASSWORD, "phone").unwrap();
    let path = scratch.path().join("device.satchel");
    let store = Store::create(&path, &KEY, Registry::built_in(), &identity).unwrap();
    let sync = || sync_once(&store, &*line, &clock, &SystemIds, "0.1.0", None, &|_| {}).unwrap();
    let id = RecordId(SystemIds.fresh());
    let visit = RecordId(SystemIds.fresh());
    let made = Writes::new()
        .create("client", id, None, Patch::new().set(client::NAME, "ТОВ Ромашка".into()).set(client::NOTE, NOTE.into()))
        .create(
            "interaction",
            visit,
            Some(id),
            Patch::new().set(interaction::SUBJECT, "Звонок".into()).set(interaction::STATE, "planned".into()),
        );
    use satchel_core::domain::clock::Clock;
    store.write_group(&made.at(clock.now()), &SystemIds).unwrap();
    sync();
    // One edit stays unsent, so that a later version finds an outbox.
    let unsent = Writes::new().edit(id, Patch::new().set(client::CITY, "Львів".into()));
    store.write_group(&unsent.at(clock.now()), &SystemIds).unwrap();
    drop(store);
    server.stop();
    std::fs::create_dir_all(&to).unwrap();
    std::fs::copy(&path, to.join("device.satchel")).unwrap();
    std::fs::copy(scratch.path().join("server.db"), to.join("server.db")).unwrap();
    for (number, request) in line.log().iter().filter(|request| request.path == "/v1/sync").enumerate() {
        std::fs::write(to.join(format!("{number}-up.frames")), &request.sent).unwrap();
        std::fs::write(to.join(format!("{number}-down.frames")), &request.received).unwrap();
    }
}

fn versions() -> Vec<PathBuf> {
    let found: Vec<PathBuf> = std::fs::read_dir(folder()).unwrap().flatten().map(|entry| entry.path()).collect();
    assert!(!found.is_empty(), "golden files are part of the repository");
    found
}

#[test]
fn a_database_of_every_earlier_version_opens_and_goes_on_syncing() {
    for version in versions() {
        let scratch = tempfile::tempdir().unwrap();
        for file in ["device.satchel", "server.db"] {
            std::fs::copy(version.join(file), scratch.path().join(file)).unwrap();
        }
        let clock = TestClock::new();
        let server = Server::default();
        server.start(office(&scratch.path().join("server.db"), &clock));
        let line = Line::to(&server, &clock);
        let store = Store::open(&scratch.path().join("device.satchel"), &KEY, Registry::built_in()).unwrap();
        assert_eq!(listed(&store, "client"), ["ТОВ Ромашка"]);
        assert_eq!(listed(&store, "interaction"), ["Звонок"]);
        assert_eq!(store.search("со двора", 10).unwrap().len(), 1);
        assert_eq!(store.rebuild_views().unwrap(), 0, "no document is damaged");
        assert_eq!(listed(&store, "client"), ["ТОВ Ромашка"]);
        let report = sync_once(&store, &*line, &clock, &SystemIds, "later", None, &|_| {}).unwrap();
        assert!(report.complete && report.n_pushed == 1, "the edit that was not sent is sent: {report:?}");
        sign_in(&store, &*line, PASSWORD, satchel_core::domain::clock::Clock::now(&clock)).unwrap();
    }
}

#[test]
fn what_every_earlier_version_said_on_the_wire_still_reads() {
    for version in versions() {
        let mut n_records = 0;
        let mut n_groups: Vec<GroupId> = Vec::new();
        for entry in std::fs::read_dir(&version).unwrap().flatten() {
            let path = entry.path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let body = std::fs::read(&path).unwrap();
            if name.ends_with("-up.frames") {
                for frame in tap::up(&body).unwrap() {
                    if let satchel_core::sync::wire::Up::Group(group) = frame.message {
                        n_groups.push(group.id);
                        assert!(frame.blobs.iter().all(|blob| satchel_core::docs::change::inspect(blob).is_ok()));
                    }
                }
            } else if name.ends_with("-down.frames") {
                for frame in tap::down(&body).unwrap() {
                    if let satchel_core::sync::wire::Down::Page(page) = frame.message {
                        n_records += page.records.len();
                    }
                }
            }
        }
        assert_eq!(n_groups.len(), 1, "{}", version.display());
        assert!(n_records >= 2, "{}", version.display());
    }
}
