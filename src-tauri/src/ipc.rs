//! The one command and the one event between the interface and the app.

use satchel_core::app::api::{Failure, Topic};
use satchel_core::app::{App, Code, Error, commands};
use serde_json::Value;
use tauri::{AppHandle, Emitter, Manager, State};

/// The app, or why it could not be opened: the window then says so, whatever it asks for.
pub(crate) struct Opened(pub(crate) Result<App, Failure>);

/// Runs a command of the app on a thread where it may take its time.
#[tauri::command]
pub(crate) async fn ipc(opened: State<'_, Opened>, command: String, argument: Option<Value>) -> Result<Value, Failure> {
    let app = opened.0.clone()?;
    let argument = argument.unwrap_or(Value::Null);
    let done = tauri::async_runtime::spawn_blocking(move || commands::dispatch(&app, &command, argument)).await;
    done.unwrap_or_else(|panicked| {
        tracing::error!(%panicked, "command panicked");
        Err(Error::from(Code::Internal).failure())
    })
}

/// Sends every change of the app to the interface.
pub(crate) fn tell_changes(handle: AppHandle, app: &App) {
    app.subscribe(Box::new(move |topics: &[Topic]| {
        if handle.webview_windows().is_empty() {
            return;
        }
        if let Err(error) = handle.emit("changed", topics) {
            tracing::warn!(%error, "telling the window what changed");
        }
    }));
}
