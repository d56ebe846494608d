//! Key stores: one in memory, which can be locked, and a file.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use satchel_core::app::{KeyStore, KeyStoreError};

/// A key store in memory, which can be locked.
#[derive(Debug, Default)]
pub struct PocketKeys {
    secrets: Mutex<BTreeMap<String, Vec<u8>>>,
    locked: AtomicBool,
}

impl PocketKeys {
    /// From now on it does not answer.
    pub fn lock(&self) {
        self.locked.store(true, Ordering::SeqCst);
    }

    /// It answers again.
    pub fn unlock(&self) {
        self.locked.store(false, Ordering::SeqCst);
    }

    /// Everything in it is gone, as after a new installation of the system.
    pub fn lose_everything(&self) {
        self.with(BTreeMap::clear);
    }

    /// The database keys in it.
    #[must_use]
    pub fn secrets(&self) -> Vec<Vec<u8>> {
        self.with(|secrets| secrets.values().cloned().collect())
    }

    fn with<T>(&self, work: impl FnOnce(&mut BTreeMap<String, Vec<u8>>) -> T) -> T {
        work(&mut self.secrets.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    fn answering(&self) -> Result<(), KeyStoreError> {
        if self.locked.load(Ordering::SeqCst) {
            return Err(KeyStoreError::Unavailable("locked by the test".into()));
        }
        Ok(())
    }
}

impl KeyStore for PocketKeys {
    fn get(&self, name: &str) -> Result<Option<Vec<u8>>, KeyStoreError> {
        self.answering()?;
        Ok(self.with(|secrets| secrets.get(name).cloned()))
    }

    fn set(&self, name: &str, secret: &[u8]) -> Result<(), KeyStoreError> {
        self.answering()?;
        self.with(|secrets| secrets.insert(name.to_owned(), secret.to_vec()));
        Ok(())
    }

    fn delete(&self, name: &str) -> Result<(), KeyStoreError> {
        self.answering()?;
        self.with(|secrets| secrets.remove(name));
        Ok(())
    }
}

/// A key store of one key in a file, for processes whose key store is not what is looked at.
#[derive(Debug)]
pub struct KeyFile(pub PathBuf);

impl KeyStore for KeyFile {
    fn get(&self, _: &str) -> Result<Option<Vec<u8>>, KeyStoreError> {
        match std::fs::read(&self.0) {
            Ok(key) => Ok(Some(key)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(KeyStoreError::Unavailable(error.to_string())),
        }
    }

    fn set(&self, _: &str, secret: &[u8]) -> Result<(), KeyStoreError> {
        std::fs::write(&self.0, secret).map_err(|error| KeyStoreError::Unavailable(error.to_string()))
    }

    fn delete(&self, _: &str) -> Result<(), KeyStoreError> {
        std::fs::remove_file(&self.0).map_err(|error| KeyStoreError::Unavailable(error.to_string()))
    }
}
