//! Emptying this device when the organisation wants it (REV-2): key, database and what stands beside it go; what is
//! left says that it happened, so that it can be confirmed and finished after a kill.

use std::fs::OpenOptions;
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::handle::{Open, Stage, locked};
use super::profile::{self, Looks, Profile};
use super::{App, AppConfig, Code, Error};
use crate::sync::device::lost::{self, Fate};
use crate::sync::device::{SyncError, Transport};
use crate::sync::wire::Wiped;

const FILE: &str = "wiped.json";

/// What is left of a device that was emptied. No secrets, nobody's name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Farewell {
    /// File name of the database.
    file: String,
    /// Name of its key in the key store.
    key: String,
    /// Who wanted it.
    pub organisation_name: String,
    /// Language of the screen that says so.
    pub language: String,
    /// Where it is to be confirmed.
    server: String,
    /// The confirmation, signed before the device's key went.
    wiped: Wiped,
    /// Everything is gone.
    done: bool,
    /// The server knows.
    confirmed: bool,
}

impl Farewell {
    fn read(data_dir: &Path) -> Option<Self> {
        profile::read(&data_dir.join(FILE)).ok().flatten()
    }

    fn write(&self, data_dir: &Path) -> Result<(), Error> {
        profile::write(&data_dir.join(FILE), self)
    }

    fn forget(data_dir: &Path) {
        // Left behind it would only be confirmed once more.
        let _ = std::fs::remove_file(data_dir.join(FILE));
    }

    /// Removes everything that is still there; may be killed at any point and called again.
    fn finish(&mut self, config: &AppConfig) -> Result<(), Error> {
        if self.done {
            return Ok(());
        }
        // The key first: without it what is left of the file is noise.
        let key_gone = config.keys.delete(&self.key);
        remove_database(&config.data_dir, &self.file)?;
        let his = Profile::read(&config.data_dir)?.is_some_and(|profile| profile.file == self.file);
        if his {
            remove(&config.data_dir.join("profile.json"))?;
        }
        Looks { language: self.language.clone(), ..Looks::default() }.write(&config.data_dir)?;
        profile::sync_folder(&config.data_dir);
        if let Err(error) = key_gone {
            tracing::warn!(%error, "removing the key of a wiped database; tried again at the next start");
            return Ok(());
        }
        self.done = true;
        self.write(&config.data_dir)
    }
}

/// What a data folder says of a wipe; one that was cut off is finished first.
pub(super) fn left_behind(config: &AppConfig) -> Result<Option<Farewell>, Error> {
    let Some(mut farewell) = Farewell::read(&config.data_dir) else { return Ok(None) };
    farewell.finish(config)?;
    Ok(Some(farewell))
}

impl App {
    /// The server does not know this device any more, or not its tokens: asks what is to become of it, by its key, and
    /// does that. Answers why there was no round.
    pub(super) fn shut_out(&self, open: Open, stopped: SyncError) -> Error {
        match self.fate(&open) {
            Ok(Fate::SignsIn) => stopped.into(),
            Ok(Fate::Stays) => self.remember_revoked(&open),
            Ok(Fate::Waits(until)) => {
                self.inner.desk.look_again(until - self.now());
                self.remember_revoked(&open)
            }
            Ok(Fate::Wipe(wiped)) => match self.wipe(open, wiped) {
                Ok(()) => Code::Wiped.into(),
                Err(error) => error,
            },
            Err(error) => {
                tracing::info!(code = error.code(), "asking what is to become of this device");
                stopped.into()
            }
        }
    }

    fn fate(&self, open: &Open) -> Result<Fate, SyncError> {
        let net = open.net.as_ref().ok_or(SyncError::LocalOnly)?;
        let _one_at_a_time = self.inner.desk.turn();
        lost::last_words(&open.store, net.as_ref(), self.inner.config.clock.as_ref(), self.ids())
    }

    fn remember_revoked(&self, open: &Open) -> Error {
        let revoked = SyncError::Revoked;
        if let Err(error) = open.store.attempt_ended(&revoked.code(), false, self.now()) {
            return error.into();
        }
        self.emit(&[super::api::Topic::Status, super::api::Topic::Outbox]);
        revoked.into()
    }

    fn wipe(&self, open: Open, wiped: Wiped) -> Result<(), Error> {
        let config = &self.inner.config;
        let language = self.looks().language;
        let mut farewell = Farewell {
            file: open.profile.file.clone(),
            key: open.profile.key.clone(),
            organisation_name: open.profile.organisation_name.clone(),
            language: if language.is_empty() { open.profile.language.clone() } else { language },
            server: open.profile.server.clone().unwrap_or_default(),
            wiped,
            done: false,
            confirmed: false,
        };
        // From here on a start of the app finishes what is begun.
        farewell.write(&config.data_dir)?;
        let net = open.net.clone();
        drop(open);
        self.enter(Stage::Wiped(farewell.clone()));
        locked(&self.inner.left).clear();
        *locked(&self.inner.rehearsed) = None;
        farewell.finish(config)?;
        tracing::warn!("this device was emptied by order of the organisation");
        self.forget_looks();
        if let Some(net) = net {
            self.confirm(&mut farewell, net.as_ref());
        }
        self.enter(Stage::Wiped(farewell));
        Ok(())
    }

    /// Says that this device was emptied, until the server has heard it.
    pub(super) fn confirm_wiped(&self) -> Result<(), Error> {
        let Some(mut farewell) = left_behind(&self.inner.config)? else { return Ok(()) };
        if !farewell.confirmed {
            let net = (self.inner.config.transport)(&farewell.server);
            self.confirm(&mut farewell, net.as_ref());
        }
        Ok(())
    }

    fn confirm(&self, farewell: &mut Farewell, net: &dyn Transport) {
        match lost::confirm(net, &farewell.wiped) {
            Ok(()) => {
                farewell.confirmed = true;
                if let Err(error) = farewell.write(&self.inner.config.data_dir) {
                    tracing::warn!(code = error.code().key(), "noting that a wipe was confirmed");
                }
            }
            Err(error) => tracing::info!(code = error.code(), "confirming a wipe"),
        }
    }

    /// A device that was emptied has begun anew: nothing is left to be said once the server knows.
    pub(super) fn past_the_wipe(&self) {
        let data_dir = &self.inner.config.data_dir;
        if Farewell::read(data_dir).is_some_and(|farewell| farewell.done && farewell.confirmed) {
            Farewell::forget(data_dir);
        }
    }
}

/// Overwrites and removes a database with all that stands beside it, copies set aside earlier included.
fn remove_database(data_dir: &Path, file: &str) -> Result<(), Error> {
    let listed = std::fs::read_dir(data_dir).map_err(|error| Error::io("reading the data folder", error))?;
    for entry in listed.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        // The lock goes last: it is what keeps another process out.
        if name.starts_with(file) && !name.ends_with(".lock") {
            overwrite(&entry.path())?;
            remove(&entry.path())?;
        }
    }
    remove(&data_dir.join(format!("{file}.lock")))
}

/// Zeros over what stood there. A disk may keep old blocks all the same; what they hold is encrypted with a key that
/// is gone.
fn overwrite(path: &Path) -> Result<(), Error> {
    let doing = |error| Error::io("overwriting a wiped database", error);
    let mut file = OpenOptions::new().write(true).open(path).map_err(doing)?;
    let mut left = file.metadata().map_err(doing)?.len();
    file.seek(SeekFrom::Start(0)).map_err(doing)?;
    let zeros = [0; 64 * 1024];
    while left > 0 {
        let n = usize::try_from(left).unwrap_or(zeros.len()).min(zeros.len());
        file.write_all(&zeros[..n]).map_err(doing)?;
        left -= n as u64;
    }
    file.sync_all().map_err(doing)
}

fn remove(path: &Path) -> Result<(), Error> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Error::io("removing a wiped database", error))
        }
        _ => Ok(()),
    }
}
