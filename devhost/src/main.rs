//! `satchel-devhost`: the app of one data folder in a browser.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, anyhow};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::Parser;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use satchel_core::app::{App, AppConfig};
use satchel_core::domain::kind::Registry;
use satchel_core::system::{SystemClock, SystemIds};
use satchel_devhost::{Token, listen, serve};
use tokio::sync::watch;

/// The Satchel app in an ordinary browser, one device per data folder.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Folder of this device's database.
    #[arg(long)]
    data: PathBuf,
    /// Loopback address to listen on; port 0 picks one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Secret every request carries; made up where none is given.
    #[arg(long, env = "SATCHEL_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// Folder of the built interface; found beside the workspace where none is given.
    #[arg(long)]
    ui: Option<PathBuf>,
    /// Do not use the system's key store: a passphrase protects the database.
    #[arg(long)]
    no_keystore: bool,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "warn".into());
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let arguments = Arguments::parse();

    let secret = match arguments.token.clone() {
        Some(secret) => secret,
        None => made_up_secret()?,
    };
    let token = Token::new(&secret).context("a token is letters, digits and signs that may stand in a cookie")?;
    let listener = listen(arguments.listen).await.with_context(|| format!("listening on {}", arguments.listen))?;
    let address = listener.local_addr().context("asking for the address")?;
    let ui = arguments.ui.clone().or_else(built_ui);
    if ui.is_none() {
        tracing::warn!("no built interface found: only commands are served");
    }

    let app = tokio::task::spawn_blocking(move || open(&arguments)).await.context("opening the app")??;
    let (stop, stopping) = watch::channel(false);
    stop_on_signal(stop)?;
    say_ready(address, &secret)?;
    serve(app, listener, token, ui, stopping).await.context("serving")
}

fn open(arguments: &Arguments) -> anyhow::Result<App> {
    let keys = if arguments.no_keystore { satchel_keystore::none("not wanted") } else { satchel_keystore::system() };
    std::fs::create_dir_all(&arguments.data).with_context(|| format!("making {}", arguments.data.display()))?;
    let config = AppConfig {
        data_dir: arguments.data.clone(),
        keys,
        clock: Arc::new(SystemClock),
        ids: Arc::new(SystemIds),
        registry: Registry::built_in(),
        transport: satchel_core::app::http(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        passphrase: std::env::var("SATCHEL_PASSPHRASE").ok().filter(|passphrase| !passphrase.is_empty()),
        background: true,
    };
    App::open(config).map_err(|error| anyhow!(error).context("opening the database"))
}

/// The interface as built in the workspace this program was built in.
fn built_ui() -> Option<PathBuf> {
    let program = std::env::current_exe().ok()?;
    program.ancestors().map(|folder| folder.join("ui/build")).find(|folder| folder.join("index.html").is_file())
}

fn made_up_secret() -> anyhow::Result<String> {
    let mut bytes = [0; 24];
    getrandom::fill(&mut bytes).map_err(|error| anyhow!("making a token: {error}"))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// One line for programs on the standard output; the address for a person, with the token, beside it.
fn say_ready(address: SocketAddr, secret: &str) -> anyhow::Result<()> {
    eprintln!("open http://{address}/?token={}", utf8_percent_encode(secret, NON_ALPHANUMERIC));
    let mut out = std::io::stdout();
    let line = serde_json::json!({ "url": format!("http://{address}"), "pid": std::process::id() });
    writeln!(out, "{line}").and_then(|()| out.flush()).context("saying that it is ready")
}

#[cfg(unix)]
fn stop_on_signal(stop: watch::Sender<bool>) -> anyhow::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate()).context("listening for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("listening for SIGINT")?;
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        // Nobody waits any more only when serving has ended by itself.
        let _ = stop.send(true);
    });
    Ok(())
}

#[cfg(not(unix))]
fn stop_on_signal(stop: watch::Sender<bool>) -> anyhow::Result<()> {
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            let _ = stop.send(true);
        }
    });
    Ok(())
}
