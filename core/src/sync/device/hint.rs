//! Hints of the server that something changed. Only hints: a lost one costs time, never data.

use std::net::{Shutdown, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tungstenite::stream::MaybeTlsStream;
use tungstenite::{Message, WebSocket};

use crate::sync::wire::paths;

/// How long the line may be silent before the server is asked whether it is there; it pings more often than that.
const SILENCE: Duration = Duration::from_secs(75);
/// The step in which pauses and silences are looked at.
const STEP: Duration = Duration::from_millis(200);

/// Listens for hints on a thread of its own until dropped.
pub struct HintListener {
    state: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    stopped: AtomicBool,
    /// The socket in use, so that stopping ends a read at once.
    socket: Mutex<Option<TcpStream>>,
}

/// What the listener asks its owner.
struct Owner {
    access: Box<dyn Fn() -> Option<String> + Send>,
    pause: Box<dyn Fn(u32) -> Duration + Send>,
    on_hint: Box<dyn Fn() + Send>,
}

impl HintListener {
    /// Starts listening at the server of `base`. `access` gives the access token for each attempt, or `None` where
    /// there is none now; `pause` says how long to wait before the n-th attempt in a row (from 1); `on_hint` is
    /// called once per connection made, because something may have happened before, and once per hint.
    #[must_use]
    pub fn start(
        base: &str,
        access: Box<dyn Fn() -> Option<String> + Send>,
        pause: Box<dyn Fn(u32) -> Duration + Send>,
        on_hint: Box<dyn Fn() + Send>,
    ) -> Self {
        let state = Arc::new(Shared::default());
        let url = format!("{}{}", base.trim_end_matches('/').replacen("http", "ws", 1), paths::HINT);
        let owner = Owner { access, pause, on_hint };
        let shared = state.clone();
        let spawned = std::thread::Builder::new().name("hints".to_owned()).spawn(move || listen(&url, &owner, &shared));
        if let Err(error) = spawned {
            tracing::warn!(%error, "starting to listen for hints");
        }
        Self { state }
    }
}

impl Drop for HintListener {
    fn drop(&mut self) {
        self.state.stopped.store(true, Ordering::Release);
        let socket = self.state.socket.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(socket) = socket {
            let _ = socket.shutdown(Shutdown::Both);
        }
    }
}

impl Shared {
    fn stopped(&self) -> bool {
        self.stopped.load(Ordering::Acquire)
    }

    fn wait(&self, pause: Duration) {
        let until = Instant::now() + pause;
        while !self.stopped() && Instant::now() < until {
            std::thread::sleep(STEP.min(pause));
        }
    }
}

fn listen(url: &str, owner: &Owner, shared: &Shared) {
    let mut attempt = 0;
    while !shared.stopped() {
        let heard = match (owner.access)() {
            Some(access) => attend(url, &access, owner, shared),
            None => false,
        };
        attempt = if heard { 1 } else { attempt + 1 };
        shared.wait((owner.pause)(attempt));
    }
}

/// One connection, till it ends; true where the server took the token.
fn attend(url: &str, access: &str, owner: &Owner, shared: &Shared) -> bool {
    let Ok((mut socket, _)) = tungstenite::connect(url) else { return false };
    let Some(stream) = plain(&socket) else { return false };
    // Reads return often, so that a silent line is noticed.
    let kept = stream.set_read_timeout(Some(Duration::from_secs(15))).and_then(|()| stream.try_clone());
    let Ok(kept) = kept else { return false };
    *shared.socket.lock().unwrap_or_else(PoisonError::into_inner) = Some(kept);
    if shared.stopped() || socket.send(Message::text(access)).is_err() {
        return false;
    }
    (owner.on_hint)();
    let began = Instant::now();
    let mut last = Instant::now();
    while !shared.stopped() && last.elapsed() < SILENCE {
        match socket.read() {
            Ok(Message::Close(_)) => break,
            Ok(message) => {
                last = Instant::now();
                if message.is_binary() {
                    (owner.on_hint)();
                }
            }
            Err(tungstenite::Error::Io(error)) if quiet(&error) => {}
            Err(_) => break,
        }
    }
    // A server that hangs up at once did not like the token.
    last > began || began.elapsed() > Duration::from_secs(15)
}

fn quiet(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut)
}

fn plain(socket: &WebSocket<MaybeTlsStream<TcpStream>>) -> Option<&TcpStream> {
    match socket.get_ref() {
        MaybeTlsStream::Plain(stream) => Some(stream),
        MaybeTlsStream::Rustls(stream) => Some(stream.get_ref()),
        _ => None,
    }
}
