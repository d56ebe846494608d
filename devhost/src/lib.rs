//! The whole app in an ordinary browser: the same commands and the same built interface as in the window, over
//! loopback, one device per data folder. It holds no rule; it only lets in whoever has the token.

mod gate;
mod ipc;
mod pages;

use std::net::SocketAddr;
use std::path::PathBuf;

use axum::extract::DefaultBodyLimit;
use axum::{Router, middleware};
use satchel_core::app::App;
use tokio::net::TcpListener;
use tokio::sync::watch;

pub use gate::{Gate, Token};

/// A command's argument is at most a form with its notes; a long note escaped as JSON stays far below.
const BODY_LIMIT: usize = 4 * 1024 * 1024;

/// A listener that only this machine can reach.
///
/// # Errors
/// Where `address` is not a loopback address or is taken.
pub async fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    if !address.ip().is_loopback() {
        return Err(std::io::Error::other("the browser host listens on loopback addresses only"));
    }
    TcpListener::bind(address).await
}

/// Serves `app` on `listener` until `stop` becomes true; running commands are finished, event streams ended.
///
/// # Errors
/// Where the listener fails.
pub async fn serve(
    app: App,
    listener: TcpListener,
    token: Token,
    ui: Option<PathBuf>,
    stop: watch::Receiver<bool>,
) -> std::io::Result<()> {
    let gate = Gate::new(listener.local_addr()?, token);
    let router = router(app, gate, ui, stop.clone());
    let mut stop = stop;
    axum::serve(listener, router)
        .with_graceful_shutdown(async move {
            // A closed channel means that nobody is left to ask for a stop.
            let _ = stop.wait_for(|stopping| *stopping).await;
        })
        .await
}

fn router(app: App, gate: Gate, ui: Option<PathBuf>, stop: watch::Receiver<bool>) -> Router {
    let inside = ipc::routes(app, stop).layer(DefaultBodyLimit::max(BODY_LIMIT));
    let inside = pages::with_pages(inside, ui);
    inside.layer(middleware::from_fn_with_state(gate, gate::admit)).layer(middleware::from_fn(pages::headers))
}
