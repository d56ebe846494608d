//! A device as a person uses it: the whole app behind its commands.

use std::path::PathBuf;
use std::sync::Arc;

use satchel_core::app::api::Enrol;
use satchel_core::app::{App, AppConfig, Error};
use satchel_core::domain::ids::UserId;
use satchel_core::domain::kind::Registry;

use super::{Line, Office, PASSWORD, PocketKeys};

/// The whole app, without a window.
pub struct Desk {
    /// The app.
    pub app: App,
    /// Its key store.
    pub keys: Arc<PocketKeys>,
    /// Its way to the office.
    pub line: Arc<Line>,
    config: AppConfig,
}

impl Desk {
    /// A fresh installation that has seen no office yet.
    ///
    /// # Panics
    /// Where the app does not open.
    #[must_use]
    pub fn fresh(office: &Office, folder: &str) -> Self {
        let (keys, line) = (Arc::new(PocketKeys::default()), office.line());
        let to = line.clone();
        let config = AppConfig {
            data_dir: office.folder(folder),
            keys: keys.clone(),
            clock: Arc::new(office.clock.clone()),
            ids: office.ids.clone(),
            registry: office.registry.clone(),
            transport: Arc::new(move |_| to.clone()),
            version: "tests".to_owned(),
            passphrase: None,
            background: false,
        };
        let app = App::open(config.clone()).expect("the app opens");
        Self { app, keys, line, config }
    }

    /// The same, enrolled for a person and synced.
    ///
    /// # Panics
    /// Where that fails.
    #[must_use]
    pub fn of(office: &Office, user: UserId, folder: &str) -> Self {
        let desk = Self::fresh(office, folder);
        let enrol = Enrol {
            link: office.link(user),
            password: PASSWORD.to_owned(),
            device_name: folder.to_owned(),
            passphrase: None,
        };
        desk.app.enrol(enrol).expect("the app enrols");
        desk.sync();
        desk
    }

    /// Somebody else's machine with a copy of this one's disk and key store.
    ///
    /// # Panics
    /// Where the copy does not open.
    #[must_use]
    pub fn copy_of(original: &Self, office: &Office, folder: &str) -> Self {
        let line = office.line();
        let (data_dir, to) = (office.folder(folder), line.clone());
        for entry in std::fs::read_dir(&original.config.data_dir).expect("the folder reads").flatten() {
            std::fs::copy(entry.path(), data_dir.join(entry.file_name())).expect("a file can be copied");
        }
        let config = AppConfig { data_dir, transport: Arc::new(move |_| to.clone()), ..original.config.clone() };
        let app = App::open(config.clone()).expect("the copy opens");
        Self { app, keys: original.keys.clone(), line, config }
    }

    /// One contact with the office.
    ///
    /// # Panics
    /// Where it fails.
    pub fn sync(&self) {
        self.app.sync_once(None).expect("the round goes well");
    }

    /// Where the app keeps its files.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        self.config.data_dir.clone()
    }

    /// Closes the app and opens it again, perhaps as a later version with other record kinds.
    ///
    /// # Errors
    /// What the app would show.
    pub fn reopen(self, registry: Option<Registry>) -> Result<Self, Error> {
        let Self { app, keys, line, mut config } = self;
        drop(app);
        if let Some(registry) = registry {
            config.registry = registry;
        }
        let app = App::open(config.clone())?;
        Ok(Self { app, keys, line, config })
    }
}
