//! A device: the product's own database and its half of sync, on a line that can be cut.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::Duration;
use satchel_core::domain::clock::Clock;
use satchel_core::domain::ids::*;
use satchel_core::domain::kind::{Field, Registry};
use satchel_core::domain::kinds::{client, interaction, person};
use satchel_core::domain::patch::Patch;
use satchel_core::domain::value::{FieldValue, Value};
use satchel_core::store::blank::Blank;
use satchel_core::store::outbox::{ItemState, OutboxEntry};
use satchel_core::store::rescue::Rescued;
use satchel_core::store::state::Identity;
use satchel_core::store::{DatabaseKey, Store, StoreError};
use satchel_core::sync::device::lost::{Fate, last_words};
use satchel_core::sync::device::{Report, SyncError, identity, sync_once};

use super::{Line, SeededIds, TestClock, Writes};

/// One installation of the app, headless.
pub struct Device {
    /// Its id.
    pub id: DeviceId,
    /// Whose.
    pub user: UserId,
    /// The way to the office.
    pub line: Arc<Line>,
    pub(super) clock: TestClock,
    pub(super) ids: Arc<SeededIds>,
    pub(super) key: DatabaseKey,
    pub(super) registry: Registry,
    pub(super) path: PathBuf,
    pub(super) store: Option<Store>,
    pub(super) n_lives: usize,
}

/// What everybody in an office shares.
type World = (TestClock, Arc<SeededIds>, Registry);

/// Writes on a device that is in the middle of something else.
pub struct Typing {
    store: Store,
    clock: TestClock,
    ids: Arc<SeededIds>,
}

impl Typing {
    /// Saves edits that belong together.
    ///
    /// # Errors
    /// What the app would show.
    pub fn write(&self, writes: Writes) -> Result<Option<GroupId>, StoreError> {
        Ok(self.store.write_group(&writes.at(self.clock.now()), &*self.ids)?.group)
    }
}

/// What a contact with the office brought.
#[derive(Debug)]
pub struct Synced {
    /// The round itself.
    pub report: Report,
    outbox: Vec<OutboxEntry>,
}

impl Synced {
    /// Orders that came back because the world had changed.
    #[must_use]
    pub fn awaiting_confirmation(&self) -> Vec<CommandId> {
        let back = self.outbox.iter().filter(|item| item.state == ItemState::NeedsConfirmation);
        back.filter_map(|item| item.command.as_ref()).map(|command| command.id).collect()
    }

    /// What still waits.
    #[must_use]
    pub fn outbox(&self) -> &[OutboxEntry] {
        &self.outbox
    }
}

impl Device {
    pub(super) fn create(path: PathBuf, identity: &Identity, line: Arc<Line>, (clock, ids, registry): World) -> Self {
        let mut key = [0; 32];
        key[..16].copy_from_slice(ids.fresh().as_bytes());
        key[16..].copy_from_slice(ids.fresh().as_bytes());
        let key = DatabaseKey(key);
        let store = Store::create(&path, &key, registry.clone(), identity).expect("a new folder takes a database");
        let (id, user) = (identity.device, identity.user.id);
        Self { id, user, line, clock, ids, key, registry, path, store: Some(store), n_lives: 1 }
    }

    /// The same on a copy of an empty database.
    pub(super) fn copied(
        blank: &Blank,
        path: PathBuf,
        identity: &Identity,
        line: Arc<Line>,
        (clock, ids, registry): World,
    ) -> Self {
        let store = blank.create(&path, identity).expect("a new folder takes a database");
        let (id, user, key) = (identity.device, identity.user.id, blank.key().clone());
        Self { id, user, line, clock, ids, key, registry, path, store: Some(store), n_lives: 1 }
    }

    /// Its database.
    #[must_use]
    pub fn store(&self) -> &Store {
        self.store.as_ref().expect("the device is switched on")
    }

    /// Where its database lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The key of its database.
    #[must_use]
    pub fn key(&self) -> &[u8; 32] {
        &self.key.0
    }

    /// A fresh id.
    #[must_use]
    pub fn fresh(&self) -> RecordId {
        RecordId(self.ids.fresh())
    }

    /// Writes into its database behind the app's back.
    ///
    /// # Panics
    /// Where the database does not take it.
    pub fn tamper(&self, sql: &str) {
        let conn = rusqlite::Connection::open(&self.path).expect("the file opens");
        let digits: String = self.key.0.iter().map(|byte| format!("{byte:02x}")).collect();
        conn.execute_batch(&format!("PRAGMA key = \"x'{digits}'\";")).expect("the key opens it");
        conn.execute_batch(sql).expect("the database takes it");
    }

    /// A number its database gives behind the app's back.
    ///
    /// # Panics
    /// Where the database does not answer.
    #[must_use]
    pub fn count(&self, sql: &str) -> i64 {
        let conn = rusqlite::Connection::open(&self.path).expect("the file opens");
        let digits: String = self.key.0.iter().map(|byte| format!("{byte:02x}")).collect();
        conn.execute_batch(&format!("PRAGMA key = \"x'{digits}'\";")).expect("the key opens it");
        conn.query_row(sql, [], |row| row.get(0)).expect("the database answers")
    }

    /// Switches it off and spoils a page of its file.
    ///
    /// # Panics
    /// Where the file is not that long.
    pub fn spoil_page(&mut self, page: usize) {
        self.close();
        let mut bytes = std::fs::read(&self.path).expect("the file is there");
        bytes[(page - 1) * 4096 + 800..][..300].fill(0);
        std::fs::write(&self.path, bytes).expect("the file is there");
    }

    /// Rescues what its damaged file still holds, and switches it on.
    ///
    /// # Panics
    /// Where nothing can be rescued.
    pub fn rescue(&mut self) -> Rescued {
        self.close();
        let rescued = Store::rescue(&self.path, &self.key, "then", &*self.ids).expect("there is something to rescue");
        self.open();
        rescued
    }

    /// How a record's document is kept: hashes of its latest changes, the chunks, and how many bytes more tell when its
    /// changes reached the server.
    ///
    /// # Panics
    /// Where the database does not hold it.
    #[must_use]
    pub fn kept(&self, record: RecordId) -> (Vec<u8>, Vec<u8>, u32) {
        let conn = rusqlite::Connection::open(&self.path).expect("the file opens");
        let digits: String = self.key.0.iter().map(|byte| format!("{byte:02x}")).collect();
        conn.execute_batch(&format!("PRAGMA key = \"x'{digits}'\";")).expect("the key opens it");
        let sql = "SELECT heads, chunks, coalesce((SELECT length(packed) FROM snapshot_stamps s WHERE s.record = d.id), 0)
                       + (SELECT coalesce(sum(length(record) + length(hash) + 24), 0) FROM stamps s WHERE s.record = d.id)
                   FROM documents d WHERE id = ?";
        conn.query_row(sql, [record.bytes()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).expect("it is held")
    }

    // ------------------------------------------------------------------------------------------ power and network

    /// Goes where there is no network.
    pub fn offline(&self) -> &Self {
        self.line.unplug();
        self
    }

    /// Comes back.
    pub fn online(&self) -> &Self {
        self.line.plug_in();
        self
    }

    /// Its watch goes wrong.
    pub fn skew(&mut self, by: Duration) {
        self.clock = self.clock.skewed(by);
    }

    /// Switches it off in good order.
    pub fn close(&mut self) {
        self.store = None;
    }

    /// Switches it on.
    ///
    /// # Panics
    /// Where the database does not open.
    pub fn open(&mut self) {
        let store = Store::open(&self.path, &self.key, self.registry.clone());
        self.store = Some(store.expect("the database opens again"));
    }

    /// The same database opened by a later version of the app.
    pub fn update_to(&mut self, registry: Registry) {
        self.close();
        self.registry = registry;
        self.open();
    }

    /// What stands on its disk at this instant, as a killed process leaves it.
    #[must_use]
    pub fn snapshot(&self) -> PathBuf {
        snapshot_of(&self.path)
    }

    /// Kills it: what is not on the disk is gone.
    pub fn kill(&mut self) {
        let disk = self.snapshot();
        self.wake_from(disk);
    }

    /// Opens what a killed process left.
    pub fn wake_from(&mut self, disk: PathBuf) {
        self.close();
        self.path = disk;
        self.n_lives += 1;
        self.open();
    }

    /// A second device that goes on from a copy of this one's disk, as after restoring a backup of the phone.
    #[must_use]
    pub fn cloned(&self, line: Arc<Line>) -> Self {
        let mut copy = Self {
            id: self.id,
            user: self.user,
            line,
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            key: self.key.clone(),
            registry: self.registry.clone(),
            path: self.snapshot(),
            store: None,
            n_lives: 1,
        };
        copy.open();
        copy
    }

    /// One round with the office; what came is indexed for search afterwards, as the app does.
    ///
    /// # Errors
    /// What stopped it.
    pub fn try_sync(&self) -> Result<Report, SyncError> {
        let report = self.contact()?;
        while self.store().catch_up(500)?.1 {}
        Ok(report)
    }

    /// The same without the quiet moments after it.
    ///
    /// # Errors
    /// What stopped it.
    pub fn contact(&self) -> Result<Report, SyncError> {
        sync_once(self.store(), &*self.line, &self.clock, &*self.ids, "tests", None, &|_| {})
    }

    /// What a device hears and says that gets no answer any more (REV-2).
    ///
    /// # Errors
    /// What stopped it.
    pub fn last_words(&self) -> Result<Fate, SyncError> {
        last_words(self.store(), &*self.line, &self.clock, &*self.ids)
    }

    /// Proves the password again.
    ///
    /// # Errors
    /// What stopped it.
    pub fn sign_in(&self, password: &str) -> Result<(), SyncError> {
        identity::sign_in(self.store(), &*self.line, password, self.clock.now())
    }

    /// One round with the office, which must go well.
    ///
    /// # Panics
    /// Where it does not.
    pub fn sync(&self) -> Synced {
        let report = self.try_sync().expect("the round goes well");
        assert!(report.complete, "the round has no deadline");
        Synced { report, outbox: self.store().outbox().expect("the outbox reads") }
    }

    // ------------------------------------------------------------------------------------------ writing

    /// Saves edits that belong together.
    ///
    /// # Errors
    /// What the app would show.
    pub fn write(&self, writes: Writes) -> Result<Option<GroupId>, StoreError> {
        Ok(self.store().write_group(&writes.at(self.clock.now()), &*self.ids)?.group)
    }

    /// What it takes to write on this device while it is busy syncing.
    #[must_use]
    pub fn typing(&self) -> Typing {
        Typing { store: self.store().clone(), clock: self.clock.clone(), ids: self.ids.clone() }
    }

    /// A new client.
    pub fn client(&self, name: &str) -> RecordId {
        self.add("client", None, Patch::new().set(client::NAME, name.to_owned()))
    }

    /// A new contact person.
    pub fn person(&self, client: RecordId, name: &str) -> RecordId {
        self.add("person", Some(client), Patch::new().set(person::NAME, name.to_owned()))
    }

    /// Plans a visit for tomorrow.
    pub fn plan(&self, client: RecordId, subject: &str) -> RecordId {
        let patch = Patch::new()
            .set(interaction::CHANNEL, "visit".to_owned())
            .set(interaction::STATE, "planned".to_owned())
            .set(interaction::SUBJECT, subject.to_owned())
            .set(interaction::STARTS_AT, self.clock.now() + Duration::days(1));
        self.add("interaction", Some(client), patch)
    }

    /// Logs a call that has happened.
    pub fn log(&self, client: RecordId, result: &str) -> RecordId {
        let patch = Patch::new()
            .set(interaction::CHANNEL, "call".to_owned())
            .set(interaction::STATE, "held".to_owned())
            .set(interaction::RESULT, result.to_owned())
            .set(interaction::STARTS_AT, self.clock.now());
        self.add("interaction", Some(client), patch)
    }

    /// A new record of any kind.
    ///
    /// # Panics
    /// Where the app refuses it.
    pub fn add(&self, kind: &str, client: Option<RecordId>, patch: Patch) -> RecordId {
        let id = self.fresh();
        self.write(Writes::new().create(kind, id, client, patch)).expect("the record is saved");
        id
    }

    /// Types a value into a field, having seen what stands there now.
    ///
    /// # Errors
    /// What the app would show.
    pub fn try_type<T: FieldValue>(
        &self,
        record: RecordId,
        field: Field<T>,
        value: T,
    ) -> Result<Option<GroupId>, StoreError> {
        let mut patch = Patch::new().set(field, value);
        let seen = self.store().record(record)?.record.values.get(field.key()).cloned().unwrap_or(Value::Empty);
        patch.seen.insert(field.key().to_owned(), seen);
        self.write(Writes::new().edit(record, patch))
    }

    /// Types a value into a field; it must be saved.
    ///
    /// # Panics
    /// Where the app refuses it.
    pub fn types<T: FieldValue>(&self, record: RecordId, field: Field<T>, value: impl Into<T>) {
        self.try_type(record, field, value.into()).expect("the edit is saved");
    }
}

/// Copies a database with the files SQLite keeps beside it, and hands out the copy's path.
pub(crate) fn snapshot_of(path: &Path) -> PathBuf {
    let folder = path.parent().expect("a database lies in a folder");
    let n = (0..).find(|n| !folder.join(format!("life-{n}")).exists()).expect("there are numbers enough");
    let life = folder.join(format!("life-{n}"));
    std::fs::create_dir(&life).expect("a folder can be made");
    let name = path.file_name().expect("a database has a name").to_owned();
    for suffix in ["", "-wal", "-journal"] {
        let mut file = name.clone();
        file.push(suffix);
        let from = folder.join(&file);
        if from.exists() {
            std::fs::copy(from, life.join(&file)).expect("a file can be copied");
        }
    }
    life.join(name)
}
