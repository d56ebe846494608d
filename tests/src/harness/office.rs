//! The office: the real server in this process, with people in two departments.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use chrono::{DateTime, Utc};
use satchel_core::domain::authority::Role;
use satchel_core::domain::clock::Clock;
use satchel_core::domain::ids::*;
use satchel_core::domain::kind::Registry;
use satchel_core::store::DatabaseKey;
use satchel_core::store::blank::Blank;
use satchel_core::sync::device::identity::{enrol, parse_link};
use satchel_server::Settings;
use satchel_server::live::Roster;
use satchel_server::storage::Storage;
use satchel_server::storage::sqlite::SqliteStorage;
use tempfile::TempDir;

use super::{Device, Line, Probe, SeededIds, Server, TestClock};

/// Everybody's password.
pub const PASSWORD: &str = "correct horse";

/// Who works in the office.
#[derive(Clone, Copy, Debug)]
pub struct Cast {
    /// The department of Anna, Bohdan and Olena.
    pub north: DepartmentId,
    /// The department of Taras and Maria.
    pub south: DepartmentId,
    /// A rep in the north.
    pub anna: UserId,
    /// Another.
    pub bohdan: UserId,
    /// Who supervises the north.
    pub olena: UserId,
    /// A rep in the south.
    pub taras: UserId,
    /// Who supervises the south.
    pub maria: UserId,
    /// Who supervises everybody.
    pub admin: UserId,
}

/// The office.
pub struct Office {
    /// Everybody's clock.
    pub clock: TestClock,
    /// Everybody's ids.
    pub ids: Arc<SeededIds>,
    /// The server, to be stopped and started.
    pub server: Server,
    /// Who is connected live.
    pub roster: Roster,
    /// Who works here.
    pub cast: Cast,
    /// What record kinds there are.
    pub registry: Registry,
    storage: Arc<dyn Storage>,
    folder: TempDir,
    blanks: Option<&'static Blanks>,
    n_devices: AtomicUsize,
}

const SERVER_FILE: &str = "server.sqlite";

/// Empty databases, to be copied.
struct Blanks {
    server: Vec<u8>,
    device: Blank,
}

impl Blanks {
    fn get() -> &'static Self {
        static MADE: OnceLock<Blanks> = OnceLock::new();
        MADE.get_or_init(|| {
            let folder = scratch();
            let path = folder.path().join(SERVER_FILE);
            drop(SqliteStorage::open(&path).expect("a new file takes a database"));
            let server = std::fs::read(&path).expect("the file reads");
            let device = Blank::make(folder.path(), DatabaseKey([7; 32]), Registry::built_in());
            Self { server, device: device.expect("a new folder takes a database") }
        })
    }
}

impl Office {
    /// An office on a database in memory.
    #[must_use]
    pub fn open() -> Self {
        Self::with(Registry::built_in())
    }

    /// An office that knows other record kinds than the product's.
    #[must_use]
    pub fn with(registry: Registry) -> Self {
        Self::founded(1, registry)
    }

    /// An office whose every id repeats from the seed, its server's database in a file. Databases are copies of empty
    /// ones made once: in thousands of offices making the tables would cost more than what is played.
    ///
    /// # Panics
    /// Where no file can be made.
    #[must_use]
    pub fn for_simulation(seed: u64) -> Self {
        let (folder, blanks) = (scratch(), Blanks::get());
        let path = folder.path().join(SERVER_FILE);
        std::fs::write(&path, &blanks.server).expect("a file can be written");
        let storage = SqliteStorage::open(&path).expect("a migrated file opens");
        let office = Self::founded_on(Arc::new(storage), seed, Registry::built_in());
        Self { folder, blanks: Some(blanks), ..office }
    }

    /// Where the server of a simulated office keeps its database.
    #[must_use]
    pub fn server_file(&self) -> PathBuf {
        self.folder.path().join(SERVER_FILE)
    }

    /// An office whose server keeps its database in a file.
    ///
    /// # Panics
    /// Where the file does not take a database.
    #[must_use]
    pub fn in_file(path: &Path) -> Self {
        let storage = SqliteStorage::open(path).expect("a new file takes a database");
        Self::founded_on(Arc::new(storage), 1, Registry::built_in())
    }

    fn founded(seed: u64, registry: Registry) -> Self {
        let storage = SqliteStorage::in_memory().expect("a database in memory opens");
        Self::founded_on(Arc::new(storage), seed, registry)
    }

    fn founded_on(storage: Arc<dyn Storage>, seed: u64, registry: Registry) -> Self {
        let clock = TestClock::new();
        let ids = Arc::new(SeededIds::new(seed, &clock));
        let office = opened(&storage, &clock, &ids, &registry);
        office.init_organisation("Тестовая контора", "ru").expect("an empty store takes an organisation");
        let department = |name, parent| office.add_department(name, parent).expect("departments can be added");
        let top = department("Контора", None);
        let (north, south) = (department("Север", Some(top)), department("Південь", Some(top)));
        let user = |name, role, at| office.add_user(name, role, at).expect("people can be added");
        let cast = Cast {
            north,
            south,
            anna: user("Анна Белова", Role::Rep, north),
            bohdan: user("Богдан Гнатюк", Role::Rep, north),
            olena: user("Олена Шевчук", Role::Supervisor, north),
            taras: user("Тарас Мороз", Role::Rep, south),
            maria: user("Марія Левченко", Role::Supervisor, south),
            admin: user("Пётр Зимин", Role::Admin, top),
        };
        let server = Server::default();
        let roster = Roster::default();
        server.start(watched(office, &roster));
        let folder = scratch();
        let n_devices = AtomicUsize::new(0);
        Self { clock, ids, server, roster, cast, registry, storage, folder, blanks: None, n_devices }
    }

    /// The server without its sockets.
    ///
    /// # Panics
    /// Where it is stopped.
    #[must_use]
    pub fn door(&self) -> satchel_server::Office {
        self.server.office().expect("the server is up")
    }

    /// Another server on the same store, set otherwise.
    ///
    /// # Panics
    /// Where the store does not open.
    #[must_use]
    pub fn door_with(&self, settings: Settings) -> satchel_server::Office {
        let (clock, ids) = (Arc::new(self.clock.clone()), self.ids.clone());
        satchel_server::Office::open(self.storage.clone(), clock, ids, self.registry.clone(), settings)
            .expect("the store opens")
    }

    /// What the server keeps, for looking on.
    #[must_use]
    pub fn storage(&self) -> &dyn Storage {
        &*self.storage
    }

    /// The server's process ends and another one begins on the same store.
    pub fn restart(&self) {
        self.server.stop();
        self.server.start(watched(opened(&self.storage, &self.clock, &self.ids, &self.registry), &self.roster));
    }

    /// The server begins anew as a later version that knows other record kinds.
    pub fn update_to(&mut self, registry: Registry) {
        self.registry = registry;
        self.restart();
    }

    /// Copies the server's database as it stands, as the command line does.
    ///
    /// # Panics
    /// Where the office does not keep its database in this file, or it cannot be copied.
    pub fn backup(&self, database: &Path, to: &Path) {
        SqliteStorage::open(database).and_then(|storage| storage.backup(to)).expect("a backup can be written");
    }

    /// The server ends, a backup takes the place of its database, and it begins anew, held.
    ///
    /// # Panics
    /// Where the backup cannot be put there.
    pub fn restore(&mut self, backup: &Path, database: &Path) {
        self.server.stop();
        self.storage = Arc::new(SqliteStorage::in_memory().expect("a database in memory opens"));
        satchel_server::storage::sqlite::restore(backup, database, self.now()).expect("a backup can be restored");
        self.storage = Arc::new(SqliteStorage::open(database).expect("the restored database opens"));
        self.restart();
    }

    /// Everybody's time.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// A way to the server.
    #[must_use]
    pub fn line(&self) -> Arc<Line> {
        Line::to(&self.server, &self.clock)
    }

    /// An enrolment link for a person.
    ///
    /// # Panics
    /// Where the server makes none.
    #[must_use]
    pub fn link(&self, user: UserId) -> String {
        self.door().invite(user, None).expect("the office invites its people").link
    }

    /// A new device of a person, enrolled and not synced yet.
    ///
    /// # Panics
    /// Where it cannot be enrolled.
    #[must_use]
    pub fn device(&self, user: UserId, name: &str) -> Device {
        let line = self.line();
        let link = parse_link(&self.link(user)).expect("the office's own link reads");
        let identity = enrol(&*line, &link, PASSWORD, name).expect("a new device enrols");
        let n = self.n_devices.fetch_add(1, Ordering::SeqCst);
        let folder = self.folder.path().join(format!("device-{n}"));
        std::fs::create_dir(&folder).expect("a folder can be made");
        let path = folder.join("device.satchel");
        let world = (self.clock.clone(), self.ids.clone(), self.registry.clone());
        match self.blanks {
            Some(blanks) => Device::copied(&blanks.device, path, &identity, line, world),
            None => Device::create(path, &identity, line, world),
        }
    }

    /// A new device of a person after its first sync.
    #[must_use]
    pub fn ready(&self, user: UserId, name: &str) -> Device {
        let device = self.device(user, name);
        device.sync();
        device
    }

    /// A folder that goes with the office.
    #[must_use]
    pub fn folder(&self, name: &str) -> PathBuf {
        let folder = self.folder.path().join(name);
        std::fs::create_dir_all(&folder).expect("a folder can be made");
        folder
    }

    /// A device without a database.
    ///
    /// # Panics
    /// Where it cannot be enrolled.
    #[must_use]
    pub fn probe(&self, user: UserId) -> Probe {
        Probe::enrol(self.line(), &self.link(user), PASSWORD, "probe").expect("a probe enrols")
    }

    /// A fresh probe of the admin, who sees everything, holding all there is.
    ///
    /// # Panics
    /// Where the server does not answer.
    #[must_use]
    pub fn auditor(&self) -> Probe {
        let mut probe = self.probe(self.cast.admin);
        probe.pull().expect("the admin may read everything");
        probe
    }
}

/// A server on a store, with everybody's clock.
///
/// # Panics
/// Where the store does not open.
pub fn opened(
    storage: &Arc<dyn Storage>,
    clock: &TestClock,
    ids: &Arc<SeededIds>,
    registry: &Registry,
) -> satchel_server::Office {
    let settings = Settings { public_url: Some("http://office.test".to_owned()), ..Settings::for_tests() };
    satchel_server::Office::open(storage.clone(), Arc::new(clock.clone()), ids.clone(), registry.clone(), settings)
        .expect("the store opens")
}

/// A server that tells who is connected live of what concerns him.
fn watched(office: satchel_server::Office, roster: &Roster) -> satchel_server::Office {
    let roster = roster.clone();
    office.on_commit(Box::new(move |users| roster.touched(users)));
    office
}

/// A folder on a file system without a disk where there is one: durability is not what these tests wait for.
///
/// # Panics
/// Where no folder can be made.
#[must_use]
pub fn scratch() -> TempDir {
    let memory = std::path::Path::new("/dev/shm");
    let folder = if memory.is_dir() { TempDir::new_in(memory) } else { TempDir::new() };
    folder.or_else(|_| TempDir::new()).expect("a folder can be made")
}
