//! Where this device's data lies, and opening the app on it.

use std::path::PathBuf;
use std::sync::Arc;

use satchel_core::app::api::Failure;
use satchel_core::app::{App, AppConfig, Code, Error};
use satchel_core::domain::kind::Registry;
use satchel_core::system::{SystemClock, SystemIds};
use tauri::{AppHandle, Manager};

/// Another data folder than the system's place for it; several devices on one machine each have their own.
const DATA: &str = "SATCHEL_DATA";

/// Set, the system's key store is left alone: for demonstrations.
const NO_KEYSTORE: &str = "SATCHEL_NO_KEYSTORE";

/// Size of the window, as `390x800`: for demonstrations.
#[cfg(desktop)]
const WINDOW: &str = "SATCHEL_WINDOW";

/// Opens the app of this device.
pub(crate) fn open(handle: &AppHandle) -> Result<App, Failure> {
    let data_dir = match own_folder() {
        Some(folder) => folder,
        None => handle.path().app_data_dir().map_err(|error| failed("finding the data folder", error))?,
    };
    std::fs::create_dir_all(&data_dir).map_err(|error| failed("making the data folder", error))?;
    let keys = match std::env::var_os(NO_KEYSTORE) {
        Some(_) => satchel_keystore::none("not wanted"),
        None => satchel_keystore::system(),
    };
    let config = AppConfig {
        data_dir,
        keys,
        clock: Arc::new(SystemClock),
        ids: Arc::new(SystemIds),
        registry: Registry::built_in(),
        transport: satchel_core::app::http(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        passphrase: std::env::var("SATCHEL_PASSPHRASE").ok().filter(|passphrase| !passphrase.is_empty()),
        background: true,
    };
    App::open(config).map_err(|error| error.failure())
}

/// The name under which a second start on the same data finds the first; `None` for the usual one.
#[cfg(desktop)]
pub(crate) fn instance() -> Option<String> {
    use sha2::{Digest, Sha256};
    let folder = own_folder()?;
    let folder = folder.canonicalize().unwrap_or(folder);
    let digest = Sha256::digest(folder.as_os_str().as_encoded_bytes());
    let name: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    Some(format!("org.satchelcrm.satchel.d{name}"))
}

/// Makes the window as large as asked for.
#[cfg(desktop)]
pub(crate) fn size(handle: &AppHandle) -> tauri::Result<()> {
    let asked = std::env::var(WINDOW).ok();
    let size = asked.as_deref().and_then(|size| size.split_once('x'));
    let size = size.and_then(|(width, height)| Some((width.parse::<f64>().ok()?, height.parse::<f64>().ok()?)));
    if let (Some((width, height)), Some(window)) = (size, handle.get_webview_window("main")) {
        window.set_size(tauri::LogicalSize::new(width, height))?;
    }
    Ok(())
}

fn own_folder() -> Option<PathBuf> {
    std::env::var_os(DATA).filter(|folder| !folder.is_empty()).map(PathBuf::from)
}

fn failed(doing: &str, error: impl std::error::Error) -> Failure {
    tracing::error!(%error, doing, "starting");
    Error::from(Code::Internal).failure()
}
