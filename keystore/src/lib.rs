//! The operating system's key store as the app wants it, for the window and the browser host.
//!
//! It must never say "nothing stored" about a key it could not read: the app would make a new key and with it a
//! new, empty database. Only the store's own "no such entry" counts; a missing bus, a locked collection or a
//! refused prompt is "unavailable".

use std::sync::Arc;

use keyring::{Entry, Error};
use satchel_core::app::{KeyStore, KeyStoreError};

/// Under which name the system's own key manager lists what is stored.
const SERVICE: &str = "satchel";

/// The system's key store if a secret can really be stored, read and forgotten in it, otherwise one that answers
/// "unavailable" to everything, so that the app falls back to a passphrase.
///
/// That a store answers says little: on a Linux desktop without an unlocked collection only a write fails.
#[must_use]
pub fn system() -> Arc<dyn KeyStore> {
    match try_out(&SystemKeys) {
        Ok(()) => Arc::new(SystemKeys),
        Err(KeyStoreError::Unavailable(why)) => {
            tracing::warn!(why, "no usable key store");
            none(&why)
        }
    }
}

/// No key store: everything is answered "unavailable", with `why` for the log.
#[must_use]
pub fn none(why: &str) -> Arc<dyn KeyStore> {
    Arc::new(NoKeys(why.to_owned()))
}

struct SystemKeys;

impl KeyStore for SystemKeys {
    fn get(&self, name: &str) -> Result<Option<Vec<u8>>, KeyStoreError> {
        found(entry(name).and_then(|entry| entry.get_secret()))
    }

    fn set(&self, name: &str, secret: &[u8]) -> Result<(), KeyStoreError> {
        entry(name).and_then(|entry| entry.set_secret(secret)).map_err(|error| unavailable(&error))
    }

    fn delete(&self, name: &str) -> Result<(), KeyStoreError> {
        found(entry(name).and_then(|entry| entry.delete_credential())).map(|_| ())
    }
}

struct NoKeys(String);

impl KeyStore for NoKeys {
    fn get(&self, _name: &str) -> Result<Option<Vec<u8>>, KeyStoreError> {
        Err(KeyStoreError::Unavailable(self.0.clone()))
    }

    fn set(&self, _name: &str, _secret: &[u8]) -> Result<(), KeyStoreError> {
        Err(KeyStoreError::Unavailable(self.0.clone()))
    }

    fn delete(&self, _name: &str) -> Result<(), KeyStoreError> {
        Err(KeyStoreError::Unavailable(self.0.clone()))
    }
}

fn entry(name: &str) -> keyring::Result<Entry> {
    Entry::new(SERVICE, name)
}

/// The one place that tells "nothing stored" from everything else.
fn found<T>(answer: keyring::Result<T>) -> Result<Option<T>, KeyStoreError> {
    match answer {
        Ok(secret) => Ok(Some(secret)),
        Err(Error::NoEntry) => Ok(None),
        Err(error) => Err(unavailable(&error)),
    }
}

/// Never carries the secret: only the kind of failure and what the store said about it.
fn unavailable(error: &Error) -> KeyStoreError {
    KeyStoreError::Unavailable(match error {
        Error::BadEncoding(_) | Error::BadDataFormat(..) => "what is stored cannot be read".to_owned(),
        Error::Ambiguous(entries) => format!("{} entries under one name", entries.len()),
        other => other.to_string(),
    })
}

/// Stores, reads and forgets a secret under a name of its own.
fn try_out(keys: &dyn KeyStore) -> Result<(), KeyStoreError> {
    let secret = random()?;
    let name = format!("probe-{}", u64::from_le_bytes(secret));
    keys.set(&name, &secret)?;
    let read = keys.get(&name);
    keys.delete(&name)?;
    if read? != Some(secret.to_vec()) || keys.get(&name)?.is_some() {
        return Err(KeyStoreError::Unavailable("it does not keep what it is given".to_owned()));
    }
    Ok(())
}

fn random() -> Result<[u8; 8], KeyStoreError> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).map_err(|error| KeyStoreError::Unavailable(error.to_string()))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Mutex;

    use super::*;

    /// A store that works, except for what a test breaks.
    #[derive(Default)]
    struct Drawer {
        secrets: Mutex<BTreeMap<String, Vec<u8>>>,
        forgets_what_it_is_given: bool,
        keeps_what_it_should_delete: bool,
    }

    impl KeyStore for Drawer {
        fn get(&self, name: &str) -> Result<Option<Vec<u8>>, KeyStoreError> {
            Ok(self.secrets.lock().unwrap().get(name).cloned())
        }

        fn set(&self, name: &str, secret: &[u8]) -> Result<(), KeyStoreError> {
            if !self.forgets_what_it_is_given {
                self.secrets.lock().unwrap().insert(name.to_owned(), secret.to_vec());
            }
            Ok(())
        }

        fn delete(&self, name: &str) -> Result<(), KeyStoreError> {
            if !self.keeps_what_it_should_delete {
                self.secrets.lock().unwrap().remove(name);
            }
            Ok(())
        }
    }

    fn failures() -> Vec<Error> {
        let cause = || Box::new(std::io::Error::other("no bus"));
        vec![
            Error::NoDefaultStore,
            Error::NoStorageAccess(cause()),
            Error::PlatformFailure(cause()),
            Error::BadEncoding(vec![1]),
            Error::BadDataFormat(vec![1], cause()),
            Error::BadStoreFormat("torn".to_owned()),
            Error::Ambiguous(Vec::new()),
            Error::NotSupportedByStore("reading".to_owned()),
            Error::Invalid("platform".to_owned(), "unknown".to_owned()),
            Error::TooLong("name".to_owned(), 3),
        ]
    }

    #[test]
    fn only_no_entry_means_that_nothing_is_stored() {
        assert_eq!(found::<Vec<u8>>(Err(Error::NoEntry)), Ok(None));
        for failure in failures() {
            let shown = format!("{failure:?}");
            assert!(matches!(found::<Vec<u8>>(Err(failure)), Err(KeyStoreError::Unavailable(_))), "{shown}");
        }
    }

    #[test]
    fn a_store_is_tried_out_with_a_real_secret() {
        let sound = Drawer::default();
        assert_eq!(try_out(&sound), Ok(()));
        assert!(sound.secrets.lock().unwrap().is_empty(), "the probe is not left behind");
        assert!(try_out(&Drawer { forgets_what_it_is_given: true, ..Drawer::default() }).is_err());
        assert!(try_out(&Drawer { keeps_what_it_should_delete: true, ..Drawer::default() }).is_err());
        assert!(try_out(&*none("asked for")).is_err());
    }

    #[test]
    fn without_a_key_store_nothing_is_ever_said_to_be_absent() {
        let keys = none("asked for");
        assert!(keys.get("a").is_err() && keys.set("a", b"b").is_err() && keys.delete("a").is_err());
    }
}
