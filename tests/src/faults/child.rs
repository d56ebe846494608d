//! The two processes that are made to fail. Both do all their writing on one thread: the fault is injected at the
//! n-th call of a thread, so that with one thread every call is met exactly once.

use std::io::{BufRead, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use satchel_core::app::{App, AppConfig, commands};
use satchel_core::domain::kind::Registry;
use satchel_core::system::{SystemClock, SystemIds};
use satchel_server::storage::sqlite::SqliteStorage;
use satchel_server::{Office, Settings};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::harness::KeyFile;

/// The app on a folder, with its key in a file beside the database and no work in the background.
///
/// # Errors
/// Where it does not open.
pub fn open_app(dir: &Path) -> Result<App> {
    std::fs::create_dir_all(dir)?;
    let config = AppConfig {
        data_dir: dir.to_owned(),
        keys: Arc::new(KeyFile(dir.join("key"))),
        clock: Arc::new(SystemClock),
        ids: Arc::new(SystemIds),
        registry: Registry::built_in(),
        transport: satchel_core::app::http(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        passphrase: None,
        background: false,
    };
    App::open(config).context("opening the app")
}

/// One command of the app, or a whole contact with the office.
///
/// # Errors
/// The failure as the interface is told it.
pub fn ask(app: &App, command: &str, argument: Value) -> std::result::Result<Value, Value> {
    let told = |failure| serde_json::to_value(failure).unwrap_or_default();
    if command == "sync" {
        let report = app.sync_once(None).map_err(|error| told(error.failure()))?;
        return Ok(json!({ "complete": report.complete }));
    }
    commands::dispatch(app, command, argument).map_err(told)
}

/// A device: commands on its input, answers on its output, until the input ends.
///
/// # Errors
/// Where the app does not open or the input cannot be read.
pub fn serve_commands(dir: &Path) -> Result<()> {
    let mut out = std::io::stdout();
    let app = match open_app(dir) {
        Ok(app) => app,
        Err(error) => {
            writeln!(out, "{}", json!({ "error": { "code": "not_opened", "why": format!("{error:#}") } }))?;
            return Err(error);
        }
    };
    writeln!(out, "{}", json!({ "ok": "ready" }))?;
    for line in std::io::stdin().lock().lines() {
        let question: Value = serde_json::from_str(&line?)?;
        let command = question["command"].as_str().unwrap_or_default();
        let answer = match ask(&app, command, question["argument"].clone()) {
            Ok(value) => json!({ "ok": value }),
            Err(failure) => json!({ "error": failure }),
        };
        // A whole line in one call: half an answer is no answer.
        writeln!(out, "{answer}")?;
    }
    Ok(())
}

/// The server over HTTP on its own data, until its input ends.
///
/// # Errors
/// Where it does not open or the socket fails.
pub fn serve_office(data: &Path, address: SocketAddr) -> Result<()> {
    let (stop, stopped) = oneshot::channel::<()>();
    std::thread::spawn(move || {
        for _ in std::io::stdin().lock().lines() {}
        let _ = stop.send(());
    });
    run_office(data, address, stopped, || {
        println!("{}", json!({ "ok": "ready" }));
    })
}

/// The server of this process, on one thread for requests, until told to stop.
///
/// # Errors
/// Where it does not open or the socket fails.
pub fn run_office(
    data: &Path,
    address: SocketAddr,
    stopped: oneshot::Receiver<()>,
    ready: impl FnOnce(),
) -> Result<()> {
    answer_for(|| open_office(data, &format!("http://{address}")), address, stopped, ready)
}

/// The same for a server however it is opened.
///
/// # Errors
/// Where it does not open or the socket fails.
pub fn answer_for(
    open: impl FnOnce() -> Result<Office>,
    address: SocketAddr,
    stopped: oneshot::Receiver<()>,
    ready: impl FnOnce(),
) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().max_blocking_threads(1).build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind(address).await.with_context(|| format!("listening on {address}"))?;
        let office = open()?;
        ready();
        let stop = async {
            let _ = stopped.await;
        };
        satchel_server::http::serve::serve(office, (listener, None), false, stop).await.context("serving")
    })
}

/// The server without its sockets.
///
/// # Errors
/// Where the data does not open.
pub fn open_office(data: &Path, url: &str) -> Result<Office> {
    std::fs::create_dir_all(data)?;
    let storage =
        SqliteStorage::open(&data.join(satchel_server::cli::DATABASE)).context("opening the server's data")?;
    let settings = Settings { public_url: Some(url.to_owned()), ..Settings::for_tests() };
    let office =
        Office::open(Arc::new(storage), Arc::new(SystemClock), Arc::new(SystemIds), Registry::built_in(), settings)?;
    Ok(office)
}
