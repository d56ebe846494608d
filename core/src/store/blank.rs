//! An empty database that belongs to nobody yet, made once and copied for every new device. The app makes one database
//! in its life and needs none of this; whoever plays thousands of devices does.

use std::io::Write;
use std::path::Path;

use super::error::StoreError;
use super::open::{DatabaseKey, Store, blank_file, lock};
use super::state::Identity;
use crate::domain::kind::Registry;

/// The bytes of a database file with all its tables and no owner.
pub struct Blank {
    bytes: Vec<u8>,
    key: DatabaseKey,
    registry: Registry,
}

impl std::fmt::Debug for Blank {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Blank({} bytes)", self.bytes.len())
    }
}

impl Blank {
    /// Makes it in an empty folder, where nothing is left behind but the file.
    ///
    /// # Errors
    /// `Exists`, `DiskFull`, `Io`.
    pub fn make(folder: &Path, key: DatabaseKey, registry: Registry) -> Result<Self, StoreError> {
        let path = folder.join("blank.satchel");
        blank_file(&path, &key, &registry)?;
        Ok(Self { bytes: std::fs::read(path)?, key, registry })
    }

    /// The key that opens every copy.
    #[must_use]
    pub fn key(&self) -> &DatabaseKey {
        &self.key
    }

    /// Makes a copy the database of a freshly enrolled device. Never writes over an existing file.
    ///
    /// # Errors
    /// `Exists`, `InUse`, `DiskFull`, `Io`.
    pub fn create(&self, path: &Path, identity: &Identity) -> Result<Store, StoreError> {
        let mut lock = lock(path)?;
        if path.exists() {
            return Err(StoreError::Exists(path.to_owned()));
        }
        lock.write_all(&self.key.mark())?;
        std::fs::write(path, &self.bytes)?;
        Store::with_lock(lock, path, &self.key, self.registry.clone(), Some(identity))
    }
}
