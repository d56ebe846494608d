//! Looking this device over when its person asks, and rescuing what a damaged file still holds.

use std::time::Duration;

use super::api::*;
use super::handle::{Stage, locked, open_stage};
use super::status::count;
use super::{App, Code, Error};
use crate::store::{Store, StoreError};

/// How long a rescue waits for what still reads in the file, in steps of [`STEP`].
const WAITS: u32 = 100;
const STEP: Duration = Duration::from_millis(50);

impl App {
    /// Looks over file, records and views of this device; puts right what can be. While it runs, `status` says how far
    /// it is.
    ///
    /// # Errors
    /// Those of the database.
    pub fn check_device(&self, _: Nothing) -> Result<DeviceCheck, Error> {
        let store = self.store()?;
        let told = |done: u64, of: u64| {
            *locked(&self.inner.checking) = Some(count(done * 100 / of.max(1)));
            self.emit(&[Topic::Status]);
        };
        told(0, 1);
        let found = store.check_up(&told);
        *locked(&self.inner.checking) = None;
        self.emit(&[Topic::Status]);
        let found = found?;
        if found.n_pages > 0 {
            tracing::error!(n_pages = found.n_pages, "this device's database is damaged");
        }
        if found.n_views + found.n_records > 0 {
            tracing::warn!(n_views = found.n_views, n_records = found.n_records, "this device was put right");
            self.emit_all();
            self.inner.desk.ask_soon();
        }
        let outcome = match () {
            () if found.n_pages > 0 => CheckOutcome::Damaged,
            () if found.n_views + found.n_records > 0 => CheckOutcome::Repaired,
            () => CheckOutcome::Well,
        };
        Ok(DeviceCheck {
            outcome,
            n_views: count(found.n_views),
            n_records: count(found.n_records),
            n_pages: count(found.n_pages),
        })
    }

    /// Makes a new database of all that can be read of a damaged one, unsent edits first; what is missing is fetched
    /// from the server. The damaged file is kept.
    ///
    /// # Errors
    /// `damaged` where not even that can be read whose file it is, `not_ready` where none is open or damaged,
    /// `database_newer`, `database_in_use`, `disk_full`.
    pub fn rescue_device(&self, _: Nothing) -> Result<DeviceRescue, Error> {
        let _one_at_a_time = locked(&self.inner.entry);
        let (profile, key) = match self.stage() {
            Stage::Open(open) => (open.profile, open.store.key().clone()),
            Stage::Damaged(_, code @ Code::DatabaseNewer, _) => return Err(code.into()),
            Stage::Damaged(profile, _, key) => (profile, key),
            _ => return Err(Code::NotReady.into()),
        };
        let config = &self.inner.config;
        // Lets go of the database, so that its file can give way to another.
        let no_round_runs = self.inner.desk.turn();
        self.enter(Stage::New);
        let (path, stamp) = (profile.database(&config.data_dir), self.now().format("%Y%m%dT%H%M%S").to_string());
        let mut waits = 0;
        let rescued = loop {
            match Store::rescue(&path, &key, &stamp, self.ids()) {
                // Somebody is still in the middle of reading.
                Err(StoreError::InUse) if waits < WAITS => waits += 1,
                outcome => break outcome,
            }
            std::thread::sleep(STEP);
        };
        drop(no_round_runs);
        self.enter(open_stage(config, profile, &key)?);
        self.emit_all();
        let rescued = rescued?;
        tracing::warn!(?rescued, "a damaged database was replaced by what could be read of it");
        Ok(DeviceRescue {
            n_records: count(rescued.n_records),
            n_unsent: count(rescued.n_unsent),
            whole: rescued.n_torn == 0,
        })
    }

    fn emit_all(&self) {
        let registry = self.registry();
        let kinds = registry.iter().map(|kind| Topic::Kind(kind.key.to_owned()));
        let topics: Vec<Topic> = kinds.chain([Topic::Status, Topic::Office, Topic::Outbox]).collect();
        self.emit(&topics);
    }
}
