//! The app as a shell uses it: on a real database in a folder of its own, with a key store, a clock and a network
//! that tests turn.

mod doctoring;
mod entering;
mod exchanging;
mod foreign_files;
mod interacting;
mod keeping;
mod lease;
mod listing;
mod ordering;
mod own_fields;
mod remembering;
mod working;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::api::*;
use super::commands::dispatch;
use super::{App, AppConfig, KeyStore, KeyStoreError};
use crate::domain::authority::{Role, User};
use crate::domain::clock::Clock;
use crate::domain::ids::*;
use crate::domain::kind::Registry;
use crate::sync::device::{NetError, Transport};
use crate::sync::wire::{EnrolAnswer, Tokens, paths};
use crate::system::SystemIds;

/// A machine with a data folder.
struct Machine {
    folder: TempDir,
    keys: Arc<Keys>,
    clock: Arc<TestClock>,
    net: Arc<Net>,
    passphrase: Option<String>,
}

impl Machine {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            keys: Arc::default(),
            clock: Arc::new(TestClock(Mutex::new(at("2026-11-22T10:00:00Z")))),
            net: Arc::default(),
            passphrase: None,
        }
    }

    fn open(&self) -> App {
        let net = Arc::clone(&self.net);
        App::open(AppConfig {
            data_dir: self.folder.path().to_owned(),
            keys: Arc::clone(&self.keys) as _,
            clock: Arc::clone(&self.clock) as _,
            ids: Arc::new(SystemIds),
            registry: Registry::built_in(),
            transport: Arc::new(move |_| Arc::clone(&net) as _),
            version: "1.2.3".to_owned(),
            passphrase: self.passphrase.clone(),
            background: false,
        })
        .unwrap()
    }

    /// An app that works without a server.
    fn local(&self) -> App {
        let app = self.open();
        app.start_local(StartLocal { name: "Ольга".to_owned(), passphrase: None }).unwrap();
        app
    }

    /// An app enrolled at a server that is not within reach afterwards.
    fn enrolled(&self) -> App {
        let app = self.open();
        app.enrol(join("https://crm.example/join/abc")).unwrap();
        app
    }

    fn databases(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().path());
        entries.filter(|path| path.extension().is_some_and(|ending| ending == "satchel")).collect()
    }

    fn pass(&self, hours: i64) {
        *self.clock.0.lock().unwrap() += chrono::Duration::hours(hours);
    }
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn join(link: &str) -> Enrol {
    Enrol {
        link: link.to_owned(),
        password: "long enough".to_owned(),
        device_name: "Phone".to_owned(),
        passphrase: None,
    }
}

/// Runs a command as a shell does.
fn run(app: &App, name: &str, argument: Value) -> Value {
    dispatch(app, name, argument).unwrap_or_else(|failure| panic!("{name}: {failure:?}"))
}

/// Code and kind of a command that fails.
fn fails(app: &App, name: &str, argument: Value) -> String {
    dispatch(app, name, argument).expect_err("it should fail").code
}

/// A client with a phone and a tax number.
fn client(app: &App, name: &str) -> RecordId {
    let saved = run(
        app,
        "create_client",
        json!({
            "client": { "name": name, "city": "Чернігів", "phones": [{ "value": "+380 44 123-45-67", "label": "work" }] },
            "legal_entity": { "country": "ua", "entity_kind": "legal_entity", "tax_number": "14360570" },
        }),
    );
    saved["id"].as_str().unwrap().parse().unwrap()
}

fn titles(page: &Value) -> Vec<&str> {
    page["rows"].as_array().unwrap().iter().map(|row| row["title"].as_str().unwrap()).collect()
}

#[derive(Default)]
struct Keys {
    held: Mutex<BTreeMap<String, Vec<u8>>>,
    gone: AtomicBool,
}

impl Keys {
    fn answer(&self) -> Result<(), KeyStoreError> {
        if self.gone.load(Ordering::SeqCst) {
            return Err(KeyStoreError::Unavailable("no bus".to_owned()));
        }
        Ok(())
    }
}

impl KeyStore for Keys {
    fn get(&self, name: &str) -> Result<Option<Vec<u8>>, KeyStoreError> {
        self.answer()?;
        Ok(self.held.lock().unwrap().get(name).cloned())
    }

    fn set(&self, name: &str, secret: &[u8]) -> Result<(), KeyStoreError> {
        self.answer()?;
        self.held.lock().unwrap().insert(name.to_owned(), secret.to_vec());
        Ok(())
    }

    fn delete(&self, name: &str) -> Result<(), KeyStoreError> {
        self.answer()?;
        self.held.lock().unwrap().remove(name);
        Ok(())
    }
}

struct TestClock(Mutex<DateTime<Utc>>);

impl Clock for TestClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap()
    }
}

/// A server that enrols everybody and is out of reach for everything else.
#[derive(Default)]
struct Net {
    refuses: Mutex<Option<NetError>>,
    n_requests: AtomicUsize,
}

impl Transport for Net {
    fn post(&self, path: &str, _: Option<&str>, _: &str, _: &[u8]) -> Result<Vec<u8>, NetError> {
        self.n_requests.fetch_add(1, Ordering::SeqCst);
        if let Some(error) = self.refuses.lock().unwrap().clone() {
            return Err(error);
        }
        if path != paths::ENROL {
            return Err(NetError::Offline);
        }
        let answer = EnrolAnswer {
            organisation: OrganisationId(uuid::Uuid::from_u128(1)),
            organisation_name: "Полудень".to_owned(),
            language: "uk".to_owned(),
            user: User {
                id: UserId(uuid::Uuid::from_u128(2)),
                name: "Іван".to_owned(),
                role: Role::Rep,
                department: DepartmentId(uuid::Uuid::from_u128(3)),
                active: true,
            },
            device: DeviceId(SystemIds.fresh()),
            tokens: Tokens {
                access: "a".to_owned(),
                access_until: at("2026-11-22T10:10:00Z"),
                refresh: "r".to_owned(),
            },
            epoch: 1,
        };
        Ok(serde_json::to_vec(&answer).unwrap())
    }

    fn base(&self) -> &str {
        "https://crm.example"
    }
}

fn files_hold(folder: &Path, marker: &[u8]) -> bool {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.is_file()).any(|path| {
        let bytes = std::fs::read(path).unwrap();
        bytes.windows(marker.len()).any(|window| window == marker)
    })
}
