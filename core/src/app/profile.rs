//! Which database belongs to this data folder, and how the app looks before one is open. No secrets.

use std::io::Write;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::Error;
use crate::domain::ids::*;

/// The database of this data folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Profile {
    /// File name of the database.
    pub file: String,
    /// Name of its key in the key store. Holds the device's id, so that a second enrolment of the same person on the
    /// same machine never overwrites the key of the first.
    pub key: String,
    /// The organisation.
    pub organisation: OrganisationId,
    /// Its name; empty in local-only use.
    pub organisation_name: String,
    /// The person.
    pub user: UserId,
    /// His name, for the screens before the database is open.
    pub user_name: String,
    /// The device.
    pub device: DeviceId,
    /// Its name.
    pub device_name: String,
    /// Base address of the server; `None` in local-only use.
    pub server: Option<String>,
    /// The organisation's language.
    pub language: String,
}

impl Profile {
    pub fn read(data_dir: &Path) -> Result<Option<Self>, Error> {
        read(&data_dir.join("profile.json"))
    }

    pub fn write(&self, data_dir: &Path) -> Result<(), Error> {
        write(&data_dir.join("profile.json"), self)
    }

    pub fn database(&self, data_dir: &Path) -> PathBuf {
        data_dir.join(&self.file)
    }

    pub fn wrapped_key(&self, data_dir: &Path) -> PathBuf {
        data_dir.join(format!("{}.key", self.file))
    }
}

/// Looks of the app, known before a database is open.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Looks {
    /// `en`, `ru`, `uk`, or empty where nobody chose.
    pub language: String,
    /// `system`, `light`, `dark`, or empty.
    pub theme: String,
    /// IANA name of the zone the person was last seen in.
    pub zone: String,
}

impl Looks {
    /// Looks are never worth an error: unreadable ones are forgotten.
    pub fn read(data_dir: &Path) -> Self {
        read(&data_dir.join("looks.json")).ok().flatten().unwrap_or_default()
    }

    pub fn write(&self, data_dir: &Path) -> Result<(), Error> {
        write(&data_dir.join("looks.json"), self)
    }
}

/// Moves a database and what stands beside it out of the way; nothing is deleted.
pub(super) fn set_aside(database: &Path, stamp: &str) -> Result<(), Error> {
    let Some(name) = database.file_name().map(|name| name.to_string_lossy().into_owned()) else { return Ok(()) };
    for ending in ["", "-wal", "-shm", ".key"] {
        let from = database.with_file_name(format!("{name}{ending}"));
        let to = database.with_file_name(format!("{name}.set-aside-{stamp}{ending}"));
        if from.exists() {
            std::fs::rename(&from, &to).map_err(|error| Error::io("setting a database aside", error))?;
        }
    }
    Ok(())
}

pub(super) fn read<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, Error> {
    let text = match std::fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Error::io("reading the profile", error)),
    };
    serde_json::from_slice(&text).map(Some).map_err(|error| Error::internal("reading the profile", error))
}

/// All or nothing: a kill leaves the old file or the new one.
pub(super) fn write<T: Serialize>(path: &Path, value: &T) -> Result<(), Error> {
    let doing = "writing the profile";
    let text = serde_json::to_vec_pretty(value).map_err(|error| Error::internal(doing, error))?;
    let beside = path.with_extension("new");
    let mut file = std::fs::File::create(&beside).map_err(|error| Error::io(doing, error))?;
    file.write_all(&text).and_then(|()| file.sync_all()).map_err(|error| Error::io(doing, error))?;
    std::fs::rename(&beside, path).map_err(|error| Error::io(doing, error))?;
    if let Some(folder) = path.parent() {
        sync_folder(folder);
    }
    Ok(())
}

/// Makes renames and removals in a folder durable, where the system lets a folder be synced.
pub(super) fn sync_folder(folder: &Path) {
    if let Ok(folder) = std::fs::File::open(folder) {
        let _ = folder.sync_all();
    }
}
