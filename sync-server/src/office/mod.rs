//! The whole server without sockets: what it is asked, it answers; it keeps nothing in memory that matters.

mod administer;
mod checking;
mod compacting;
mod door;
mod exchange;
mod live;
mod lost;
mod restored;

use std::sync::{Arc, PoisonError, RwLock};

use chrono::{DateTime, Utc};
use satchel_core::domain::clock::Clock;
use satchel_core::domain::ids::{DeviceId, IdSource, UserId};
use satchel_core::domain::kind::Registry;

pub use administer::Invitation;
pub use live::{Heard, LivePage, Standing};

use crate::identity::attempts::Attempts;
use crate::identity::password::{Cost, Passwords};
use crate::push::Workshop;
use crate::storage::{Storage, StorageError, Touched};

/// What the person who runs the server may set.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The address people reach the server by, for links; the one the store remembers where there is none.
    pub public_url: Option<String>,
    /// What a guessed password costs.
    pub password_cost: Cost,
    /// How much is computed at once: passwords, and records being applied.
    pub at_once: usize,
}

impl Default for Settings {
    fn default() -> Self {
        let at_once = std::thread::available_parallelism().map_or(1, usize::from);
        Self { public_url: None, password_cost: Cost::default(), at_once }
    }
}

impl Settings {
    /// Cheap passwords, for tests and the simulator only.
    #[must_use]
    pub fn for_tests() -> Self {
        Self { public_url: None, password_cost: Cost { memory_kib: 8, passes: 1 }, at_once: 1 }
    }
}

/// Why an administrator's request is not carried out.
#[derive(Debug, thiserror::Error)]
pub enum OfficeError {
    /// The store.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// `init` has not been run.
    #[error("there is no organisation yet")]
    NoOrganisation,
    /// No language of ours.
    #[error("language must be en, ru or uk")]
    Language,
    /// A name is empty.
    #[error("a name is missing")]
    NoName,
    /// The person has left.
    #[error("the person is no longer active")]
    Inactive,
    /// Not a number of days a device may be out of contact.
    #[error("a device may be out of contact for 1 to 180 days")]
    Lease,
    /// The delay in which it could be taken back is over, or there is nothing to take back.
    #[error("there is nothing that could still be taken back")]
    TooLate,
}

/// Called after a transaction with those who see something of what changed.
pub type CommitHook = Box<dyn Fn(&[UserId]) + Send + Sync>;

/// The server. Cheap to clone; every clone is the same server.
#[derive(Clone)]
pub struct Office {
    inner: Arc<Inner>,
}

struct Inner {
    storage: Arc<dyn Storage>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
    /// The kinds of this build.
    built: Registry,
    /// The same with the fields the organisation made, as of the transaction that last changed one.
    declared: RwLock<(Option<u64>, Registry)>,
    settings: Settings,
    passwords: Passwords,
    workshop: Workshop,
    by_address: Attempts<String>,
    by_device: Attempts<DeviceId>,
    hooks: RwLock<Vec<CommitHook>>,
}

impl Inner {
    /// The kinds as the definitions taken in so far make them. Another node may have taken one in: the store is asked.
    fn registry(&self) -> Result<Registry, StorageError> {
        let (known, registry) = self.declared.read().unwrap_or_else(PoisonError::into_inner).clone();
        let Some((newest, definitions)) = self.storage.definitions(known)? else { return Ok(registry) };
        let registry = self.built.with_fields(&definitions);
        *self.declared.write().unwrap_or_else(PoisonError::into_inner) = (Some(newest), registry.clone());
        Ok(registry)
    }
}

impl Office {
    /// Opens a server over a store; the organisation may be made later.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn open(
        storage: Arc<dyn Storage>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdSource>,
        registry: Registry,
        settings: Settings,
    ) -> Result<Self, OfficeError> {
        storage.organisation()?;
        let inner = Inner {
            passwords: Passwords::new(settings.password_cost, settings.at_once),
            workshop: Workshop::new(settings.at_once),
            by_address: Attempts::default(),
            by_device: Attempts::default(),
            hooks: RwLock::default(),
            storage,
            clock,
            ids,
            declared: RwLock::new((None, registry.clone())),
            built: registry,
            settings,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Adds a hook called after each transaction of this process with those who see something of it (VIS-1).
    pub fn on_commit(&self, hook: CommitHook) {
        self.inner.hooks.write().unwrap_or_else(PoisonError::into_inner).push(hook);
    }

    /// The store, for looking on in tests.
    #[must_use]
    pub fn storage(&self) -> &dyn Storage {
        &*self.inner.storage
    }

    /// Carries out what is due by the clock and tells the time: absences begin and end, grants end, erasures are done.
    /// Called before whatever is answered, and every second.
    ///
    /// # Errors
    /// Where the store refuses.
    pub fn keep_time(&self) -> Result<DateTime<Utc>, StorageError> {
        let now = self.inner.clock.now();
        let registry = self.inner.registry()?;
        self.committed(&self.inner.storage.expire(now, &registry)?);
        self.committed(&self.inner.storage.erase_due(now, &registry)?);
        Ok(now)
    }

    fn committed(&self, touched: &Touched) {
        if touched.is_empty() {
            return;
        }
        let users: Vec<UserId> = touched.iter().copied().collect();
        for hook in self.inner.hooks.read().unwrap_or_else(PoisonError::into_inner).iter() {
            hook(&users);
        }
    }
}
