//! The app itself: which database is open, who listens, and what every command needs of both.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use chrono::{DateTime, Utc};

use super::api::{Order, Rehearsal, Topic};
use super::desk::Desk;
use super::keys::{self, Found};
use super::profile::{Looks, Profile};
use super::wipe::{self, Farewell};
use super::{AppConfig, Code, Error};
use crate::domain::ids::*;
use crate::domain::order::Mark;
use crate::store::write::Touched;
use crate::store::{DatabaseKey, Store, StoreError};
use crate::sync::device::Transport;

/// The app; clones are the same app.
#[derive(Clone)]
pub struct App {
    pub(super) inner: Arc<Inner>,
}

/// Told what changed.
pub type Subscriber = Box<dyn Fn(&[Topic]) + Send + Sync>;

pub(super) struct Inner {
    pub config: AppConfig,
    pub desk: Arc<Desk>,
    stage: RwLock<Stage>,
    looks: Mutex<Looks>,
    subscribers: Mutex<Vec<Subscriber>>,
    /// Enrolment, start, unlocking: one at a time.
    pub entry: Mutex<()>,
    /// What the last rehearsal showed, so that it can be confirmed.
    pub rehearsed: Mutex<Option<Rehearsed>>,
    /// How far looking this device over is, in hundredths.
    pub checking: Mutex<Option<u32>>,
    /// Names of clients that left while the app runs: for notices at hand, kept nowhere else.
    pub left: Mutex<BTreeMap<RecordId, String>>,
    /// The import at work.
    pub importing: Mutex<super::importing::Importing>,
    /// The file made last, until it was fetched.
    pub made: Mutex<Option<super::exporting::Made>>,
}

/// A rehearsal with what the person would confirm by it.
pub(super) struct Rehearsed {
    pub order: Order,
    pub shown: Rehearsal,
    pub mark: Mark,
}

/// Which database is open.
#[derive(Clone)]
pub(super) enum Stage {
    /// None was made yet.
    New,
    /// The passphrase is asked for.
    Passphrase(Profile),
    /// The key store does not give the key.
    KeyMissing(Profile, Code),
    /// The file cannot be read; the key is the right one.
    Damaged(Profile, Code, DatabaseKey),
    /// The organisation has emptied this device.
    Wiped(Farewell),
    /// Open.
    Open(Open),
}

/// An open database.
#[derive(Clone)]
pub(super) struct Open {
    pub profile: Profile,
    pub store: Store,
    /// `None` in local-only use.
    pub net: Option<Arc<dyn Transport>>,
}

impl App {
    /// Opens what the data folder holds. A missing key or a damaged file is a phase, not an error.
    ///
    /// # Errors
    /// `locked` where another process has the database open; those of the file system.
    pub fn open(config: AppConfig) -> Result<Self, Error> {
        std::fs::create_dir_all(&config.data_dir).map_err(|error| Error::io("making the data folder", error))?;
        let stage = first_stage(&config)?;
        let looks = Looks::read(&config.data_dir);
        let app = Self {
            inner: Arc::new(Inner {
                config,
                desk: Arc::default(),
                stage: RwLock::new(Stage::New),
                looks: Mutex::new(looks),
                subscribers: Mutex::default(),
                entry: Mutex::default(),
                rehearsed: Mutex::default(),
                checking: Mutex::default(),
                left: Mutex::default(),
                importing: Mutex::default(),
                made: Mutex::default(),
            }),
        };
        app.enter(stage);
        Ok(app)
    }

    /// Calls `subscriber` with what changed, on whatever thread changed it; it must not block.
    pub fn subscribe(&self, subscriber: Subscriber) {
        locked(&self.inner.subscribers).push(subscriber);
    }

    /// The kinds this app works with, with the fields the organisation made once a database is open.
    #[must_use]
    pub fn registry(&self) -> crate::domain::kind::Registry {
        match self.stage() {
            Stage::Open(open) => open.store.registry(),
            _ => self.inner.config.registry.clone(),
        }
    }

    pub(super) fn stage(&self) -> Stage {
        self.inner.stage.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes a new stage and starts what belongs to it.
    pub(super) fn enter(&self, stage: Stage) {
        let open = match &stage {
            Stage::Open(open) => open.net.is_some(),
            // There is something left to be said to the server.
            Stage::Wiped(_) => true,
            _ => false,
        };
        self.inner.desk.end_line();
        *self.inner.stage.write().unwrap_or_else(PoisonError::into_inner) = stage;
        if open && self.inner.config.background {
            self.start_background();
        }
        self.emit(&[Topic::Status, Topic::Office, Topic::Outbox]);
    }

    /// The open database, or the code that says why there is none or nobody may look into it.
    ///
    /// # Errors
    /// Those of [`Self::reachable`]; `lease_over`.
    pub(super) fn opened(&self) -> Result<Open, Error> {
        let open = self.reachable()?;
        match open.store.lease(self.now())? {
            Some(lease) if lease.is_over() => Err(Code::LeaseOver.into()),
            _ => Ok(open),
        }
    }

    /// The open database, also while it is locked for being out of contact: for syncing and saying where it stands.
    pub(super) fn reachable(&self) -> Result<Open, Error> {
        match self.stage() {
            Stage::Open(open) => Ok(open),
            Stage::New => Err(Code::NotReady.into()),
            Stage::Passphrase(_) => Err(Code::PassphraseNeeded.into()),
            Stage::KeyMissing(_, code) | Stage::Damaged(_, code, _) => Err(code.into()),
            Stage::Wiped(_) => Err(Code::Wiped.into()),
        }
    }

    pub(super) fn store(&self) -> Result<Store, Error> {
        Ok(self.opened()?.store)
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        self.inner.config.clock.now()
    }

    pub(super) fn ids(&self) -> &dyn IdSource {
        self.inner.config.ids.as_ref()
    }

    pub(super) fn looks(&self) -> Looks {
        locked(&self.inner.looks).clone()
    }

    pub(super) fn change_looks(&self, change: impl FnOnce(&mut Looks)) -> Result<(), Error> {
        let mut looks = locked(&self.inner.looks);
        let before = looks.clone();
        change(&mut looks);
        if *looks == before {
            return Ok(());
        }
        looks.write(&self.inner.config.data_dir)
    }

    /// Only the language stays, as it stands in the file.
    pub(super) fn forget_looks(&self) {
        *locked(&self.inner.looks) = Looks::read(&self.inner.config.data_dir);
    }

    pub(super) fn emit(&self, topics: &[Topic]) {
        for subscriber in locked(&self.inner.subscribers).iter() {
            subscriber(topics);
        }
    }

    /// Tells the interface what a write or a round of sync touched.
    pub(super) fn emit_touched(&self, touched: &Touched) {
        if !touched.is_empty() {
            self.emit(&topics(touched));
        }
    }

    /// After a write: tells the interface, and has it sent soon.
    pub(super) fn written(&self, touched: &Touched) {
        self.emit_touched(touched);
        self.inner.desk.ask_soon();
    }
}

fn topics(touched: &Touched) -> Vec<Topic> {
    let mut topics = BTreeSet::from([Topic::Status]);
    topics.extend(touched.kinds.iter().cloned().map(Topic::Kind));
    topics.extend(touched.records.iter().copied().map(Topic::Record));
    if touched.office {
        topics.insert(Topic::Office);
    }
    if touched.outbox {
        topics.insert(Topic::Outbox);
    }
    topics.into_iter().collect()
}

/// A lock held by a thread that panicked is still a lock: what it guards is replaced whole.
pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn first_stage(config: &AppConfig) -> Result<Stage, Error> {
    let farewell = wipe::left_behind(config)?;
    let Some(profile) = Profile::read(&config.data_dir)? else {
        return Ok(farewell.map_or(Stage::New, Stage::Wiped));
    };
    if !profile.database(&config.data_dir).exists() {
        // Killed between the profile and the database: nothing was ever written, the link was used up.
        return Ok(Stage::New);
    }
    match keys::find(config, &profile)? {
        Found::Key(key) => open_stage(config, profile, &key),
        Found::Wrapped => Ok(Stage::Passphrase(profile)),
        Found::Missing(code) => Ok(Stage::KeyMissing(profile, code)),
    }
}

/// Opens the database; damage is a stage.
pub(super) fn open_stage(config: &AppConfig, profile: Profile, key: &DatabaseKey) -> Result<Stage, Error> {
    let path = profile.database(&config.data_dir);
    match Store::open(Path::new(&path), key, config.registry.clone()) {
        Ok(store) => Ok(Stage::Open(opened(config, profile, store))),
        Err(StoreError::WrongKey) => Ok(Stage::KeyMissing(profile, Code::KeyMissing)),
        Err(StoreError::NotADatabase | StoreError::Damaged(_)) => {
            Ok(Stage::Damaged(profile, Code::Damaged, key.clone()))
        }
        Err(StoreError::Newer { .. }) => Ok(Stage::Damaged(profile, Code::DatabaseNewer, key.clone())),
        Err(StoreError::Missing(_)) => Ok(Stage::New),
        Err(error) => Err(error.into()),
    }
}

pub(super) fn opened(config: &AppConfig, profile: Profile, store: Store) -> Open {
    let net = profile.server.as_deref().map(|server| (config.transport)(server));
    Open { profile, store, net }
}
