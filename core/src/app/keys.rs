//! The database's key: random, kept by the operating system, or wrapped with a passphrase where there is no key store.
//! Nothing here ever makes a new key for a database that exists.

use std::path::Path;

use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::profile::{self, Profile};
use super::{AppConfig, Code, Error, KeyStore};
use crate::store::DatabaseKey;

/// Fewest characters of a passphrase or password.
pub(super) const SHORTEST: usize = 8;

/// Where a new key is to be kept.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Keeper {
    /// The operating system.
    Store,
    /// A file beside the database, wrapped with this passphrase.
    Passphrase(String),
}

/// Looks where a new key can be kept, before anything irrevocable such as using up an enrolment link.
pub(super) fn keeper(config: &AppConfig, passphrase: Option<&str>) -> Result<Keeper, Error> {
    if store_works(config.keys.as_ref()) {
        return Ok(Keeper::Store);
    }
    let given = passphrase.or(config.passphrase.as_deref()).filter(|text| !text.is_empty());
    let passphrase = given.ok_or(Code::PassphraseNeeded)?;
    if passphrase.chars().count() < SHORTEST {
        return Err(Error::with(Code::PassphraseTooShort, "min", SHORTEST));
    }
    Ok(Keeper::Passphrase(passphrase.to_owned()))
}

/// Makes a key for a new database and keeps it.
pub(super) fn make(config: &AppConfig, profile: &Profile, keeper: &Keeper) -> Result<DatabaseKey, Error> {
    let key = DatabaseKey(random()?);
    match keeper {
        Keeper::Store => {
            let kept = config.keys.set(&profile.key, &key.0).and_then(|()| config.keys.get(&profile.key));
            // A store that takes a key and does not give it back would lose the database at the next start.
            if kept != Ok(Some(key.0.to_vec())) {
                return Err(Code::KeyStoreUnavailable.into());
            }
        }
        Keeper::Passphrase(passphrase) => {
            profile::write(&profile.wrapped_key(&config.data_dir), &Wrapped::new(&key, passphrase)?)?;
        }
    }
    Ok(key)
}

/// The key of an existing database.
pub(super) enum Found {
    /// Here it is.
    Key(DatabaseKey),
    /// It is wrapped: the passphrase is asked for.
    Wrapped,
    /// The key store does not have it, or does not answer.
    Missing(Code),
}

/// Looks for the key of an existing database.
pub(super) fn find(config: &AppConfig, profile: &Profile) -> Result<Found, Error> {
    let wrapped = profile.wrapped_key(&config.data_dir);
    if wrapped.exists() {
        let Some(passphrase) = config.passphrase.as_deref() else { return Ok(Found::Wrapped) };
        return match unwrap(&wrapped, passphrase) {
            Err(error) if error.code() == Code::WrongPassphrase => Ok(Found::Wrapped),
            other => other.map(Found::Key),
        };
    }
    Ok(match config.keys.get(&profile.key) {
        Ok(Some(bytes)) => match bytes.try_into() {
            Ok(bytes) => Found::Key(DatabaseKey(bytes)),
            Err(_) => Found::Missing(Code::KeyMissing),
        },
        Ok(None) => Found::Missing(Code::KeyMissing),
        Err(_) => Found::Missing(Code::KeyStoreUnavailable),
    })
}

/// Unwraps a key with its passphrase.
pub(super) fn unwrap(path: &Path, passphrase: &str) -> Result<DatabaseKey, Error> {
    let text = std::fs::read(path).map_err(|error| Error::io("reading the wrapped key", error))?;
    let wrapped: Wrapped = serde_json::from_slice(&text).map_err(|_| Code::KeyMissing)?;
    wrapped.open(passphrase)
}

/// The key of the one database in a data folder that is wrapped with a passphrase: for tests and rescue work that look
/// into the file itself.
///
/// # Errors
/// `key_missing` where no wrapped key lies there, `wrong_passphrase`.
pub fn unwrap_database_key(data_dir: &Path, passphrase: &str) -> Result<[u8; 32], Error> {
    let listed = std::fs::read_dir(data_dir).map_err(|error| Error::io("reading the data folder", error))?;
    let mut paths = listed.flatten().map(|entry| entry.path());
    let path = paths.find(|path| path.extension().is_some_and(|it| it == "key")).ok_or(Code::KeyMissing)?;
    Ok(unwrap(&path, passphrase)?.0)
}

/// A key wrapped with a passphrase. Argon2id gives 64 bytes: a pad used for this one key only, and the key of a tag
/// that tells a wrong passphrase from a damaged database.
#[derive(Serialize, Deserialize)]
struct Wrapped {
    version: u32,
    memory_kib: u32,
    passes: u32,
    salt: String,
    key: String,
    tag: String,
}

impl Wrapped {
    const MEMORY_KIB: u32 = 64 * 1024;
    const PASSES: u32 = 3;

    fn new(key: &DatabaseKey, passphrase: &str) -> Result<Self, Error> {
        let salt: [u8; 16] = random()?;
        let (pad, tag_key) = stretch(passphrase, &salt, Self::MEMORY_KIB, Self::PASSES)?;
        let masked = xor(&key.0, &pad);
        Ok(Self {
            version: 1,
            memory_kib: Self::MEMORY_KIB,
            passes: Self::PASSES,
            salt: STANDARD.encode(salt),
            key: STANDARD.encode(masked),
            tag: STANDARD.encode(tag(&tag_key, &salt, &masked)),
        })
    }

    fn open(&self, passphrase: &str) -> Result<DatabaseKey, Error> {
        let decode = |text: &str| STANDARD.decode(text).map_err(|_| Error::from(Code::KeyMissing));
        let salt = decode(&self.salt)?;
        let masked: [u8; 32] = decode(&self.key)?.try_into().map_err(|_| Code::KeyMissing)?;
        let (pad, tag_key) = stretch(passphrase, &salt, self.memory_kib, self.passes)?;
        let expected = tag(&tag_key, &salt, &masked);
        let given = decode(&self.tag)?;
        let differs =
            given.len() != expected.len() || given.iter().zip(&expected).fold(0, |sum, (a, b)| sum | (a ^ b)) != 0;
        if differs {
            return Err(Code::WrongPassphrase.into());
        }
        Ok(DatabaseKey(xor(&masked, &pad)))
    }
}

fn stretch(passphrase: &str, salt: &[u8], memory_kib: u32, passes: u32) -> Result<([u8; 32], [u8; 32]), Error> {
    // A file somebody edited must not ask for all memory there is.
    let params = Params::new(memory_kib.min(1024 * 1024), passes.min(64), 1, Some(64)).map_err(|_| Code::KeyMissing)?;
    let mut bytes = [0; 64];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.as_bytes(), salt, &mut bytes)
        .map_err(|_| Code::KeyMissing)?;
    let (mut pad, mut tag_key) = ([0; 32], [0; 32]);
    pad.copy_from_slice(&bytes[..32]);
    tag_key.copy_from_slice(&bytes[32..]);
    Ok((pad, tag_key))
}

/// Inputs are of fixed length and the key is used once, so a keyed hash over a hash is enough of a tag.
fn tag(tag_key: &[u8; 32], salt: &[u8], masked: &[u8; 32]) -> [u8; 32] {
    let inner = Sha256::new().chain_update(tag_key).chain_update(salt).chain_update(masked).finalize();
    Sha256::new().chain_update(tag_key).chain_update(inner).finalize().into()
}

fn xor(a: &[u8; 32], b: &[u8; 32]) -> [u8; 32] {
    std::array::from_fn(|idx| a[idx] ^ b[idx])
}

fn random<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| Error::Internal(format!("asking for randomness: {error}"), None))?;
    Ok(bytes)
}

/// Only a real round trip tells whether a key store works: some say they do and then refuse.
fn store_works(keys: &dyn KeyStore) -> bool {
    let (Ok(probe), Ok(name)) = (random::<16>(), random::<8>()) else { return false };
    // A name of its own: another instance that looks at the same moment must not take this one's probe away.
    let name = format!("satchel/probe-{:016x}", u64::from_be_bytes(name));
    let kept = keys.set(&name, &probe).is_ok();
    let works = kept && keys.get(&name) == Ok(Some(probe.to_vec()));
    keys.delete(&name).is_ok() && works
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrapped_key_opens_with_its_passphrase_only() {
        let key = DatabaseKey(random().unwrap());
        let wrapped = Wrapped::new(&key, "correct horse").unwrap();
        assert_eq!(wrapped.open("correct horse").unwrap(), key);
        assert_eq!(wrapped.open("correct horsf").unwrap_err().code(), Code::WrongPassphrase);
        assert!(!serde_json::to_string(&wrapped).unwrap().contains(&STANDARD.encode(key.0)));
    }

    #[test]
    fn a_tampered_key_file_is_not_taken_for_a_key() {
        let mut wrapped = Wrapped::new(&DatabaseKey(random().unwrap()), "correct horse").unwrap();
        wrapped.key = STANDARD.encode([7; 32]);
        assert_eq!(wrapped.open("correct horse").unwrap_err().code(), Code::WrongPassphrase);
    }
}
