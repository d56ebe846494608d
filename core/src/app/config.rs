//! What a shell gives the app: where the data lies, the key store, the clock, and how the server is reached.

use std::path::PathBuf;
use std::sync::Arc;

use crate::domain::clock::Clock;
use crate::domain::ids::IdSource;
use crate::domain::kind::Registry;
use crate::sync::device::Transport;
use crate::sync::device::http::Http;

/// Makes the connection to a server from its base address.
pub type TransportFactory = Arc<dyn Fn(&str) -> Arc<dyn Transport> + Send + Sync>;

/// Reaches servers over HTTP.
#[must_use]
pub fn http() -> TransportFactory {
    Arc::new(|base| Arc::new(Http::new(base)))
}

/// What the app needs from its shell.
#[derive(Clone)]
pub struct AppConfig {
    /// Folder of the profile and the database.
    pub data_dir: PathBuf,
    /// The operating system's key store.
    pub keys: Arc<dyn KeyStore>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Fresh ids.
    pub ids: Arc<dyn IdSource>,
    /// Record kinds.
    pub registry: Registry,
    /// How a server is reached.
    pub transport: TransportFactory,
    /// The product's version.
    pub version: String,
    /// Opens a database wrapped with a passphrase without asking.
    pub passphrase: Option<String>,
    /// Whether threads sync by themselves; tests and the simulator call `sync_once` instead.
    pub background: bool,
}

/// A place for secrets outside the data folder.
pub trait KeyStore: Send + Sync {
    /// The secret; `Ok(None)` only where nothing is stored under the name.
    ///
    /// # Errors
    /// `Unavailable` in every other case: it must never make a new key.
    fn get(&self, name: &str) -> Result<Option<Vec<u8>>, KeyStoreError>;

    /// Stores a secret.
    ///
    /// # Errors
    /// `Unavailable` where the store does not take it.
    fn set(&self, name: &str, secret: &[u8]) -> Result<(), KeyStoreError>;

    /// Forgets a secret; none being there is no error.
    ///
    /// # Errors
    /// `Unavailable` where the store does not answer.
    fn delete(&self, name: &str) -> Result<(), KeyStoreError>;
}

/// Why the key store gives nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyStoreError {
    /// There is none, or it is locked.
    #[error("key store does not answer: {0}")]
    Unavailable(String),
}
