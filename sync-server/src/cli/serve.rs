//! `serve`: sockets, signals and the one line that says the server is ready.

use std::io::Write;

use anyhow::{Context, bail};
use tokio::net::TcpListener;

use super::arguments::Serve;
use super::config::Serving;
use super::open;
use crate::http;
use crate::office::Settings;

/// Threads for requests; the work itself is bounded further in.
const REQUESTS_AT_ONCE: usize = 64;

pub fn serve(task: Serve) -> anyhow::Result<()> {
    log();
    let task = Serving::of(task)?;
    if !task.listen.ip().is_loopback() && !task.behind_tls_proxy {
        bail!("{} is not a loopback address; say --behind-tls-proxy where a proxy speaks TLS before it", task.listen);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .max_blocking_threads(REQUESTS_AT_ONCE)
        .build()
        .context("starting")?;
    runtime.block_on(run(task))
}

async fn run(task: Serving) -> anyhow::Result<()> {
    let listener = TcpListener::bind(task.listen).await.with_context(|| format!("listening on {}", task.listen))?;
    let url = format!("http://{}", listener.local_addr().context("reading the address")?);
    let remembered = open(&task.data, false, Settings::default())?.organisation()?.public_url;
    // An address nobody chose, made up from an earlier port, is of no use any more.
    let remembered = remembered.filter(|remembered| !is_loopback(remembered));
    let public_url = task.public_url.or(remembered).unwrap_or_else(|| url.clone());
    let settings = Settings { public_url: Some(public_url.clone()), ..Settings::default() };
    let office = open(&task.data, false, settings)?;
    office.set_public_url(&public_url)?;

    let metrics = match task.metrics {
        Some(address) => {
            Some(TcpListener::bind(address).await.with_context(|| format!("listening on {address} for metrics"))?)
        }
        None => None,
    };
    let mut ready = serde_json::json!({ "url": url, "pid": std::process::id() });
    if let Some(metrics) = &metrics {
        let address = metrics.local_addr().context("reading the address of the metrics")?;
        ready["metrics"] = format!("http://{address}/metrics").into();
    }

    let mut out = std::io::stdout();
    writeln!(out, "{ready}").context("saying ready")?;
    out.flush().context("saying ready")?;
    http::serve::serve(office, (listener, metrics), task.behind_tls_proxy, stopped()).await.context("serving")
}

fn is_loopback(url: &str) -> bool {
    url.starts_with("http://127.0.0.1") || url.starts_with("http://[::1]") || url.starts_with("http://localhost")
}

async fn stopped() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let Ok(mut terminate) = signal(SignalKind::terminate()) else { return std::future::pending().await };
        tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
    }
    #[cfg(not(unix))]
    {
        let _ = tokio::signal::ctrl_c().await;
    }
}

fn log() {
    // Automerge opens a span for every document it loads; making them costs more than some of what they watch.
    let usual = || "info,automerge=warn,hexane=warn".into();
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| usual());
    let _ = tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(std::io::stderr).try_init();
}
