//! Hints over a WebSocket: "something changed", and nothing else. The first text message is an access token. For
//! clients of 0.1, which know no live connection.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::State;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use satchel_core::domain::ids::UserId;
use tokio::sync::Notify;
use tokio::sync::watch;

use crate::live::Roster;
use crate::office::Office;
use crate::storage::Session;

/// How long a socket may stay without saying who it is.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often the head is looked at, for transactions of other processes (the command line, other nodes).
const POLL: Duration = Duration::from_secs(1);
/// How often a quiet socket is asked whether it is still there, and whether it still may be.
const PING: Duration = Duration::from_secs(30);

/// Who waits for hints.
#[derive(Clone, Default)]
pub struct Hints {
    waiting: Arc<Mutex<HashMap<UserId, Vec<Arc<Notify>>>>>,
}

impl Hints {
    /// Wakes the sockets of these people; several hints before a socket gets to write become one.
    pub fn wake(&self, users: &[UserId]) {
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        for notify in users.iter().filter_map(|user| waiting.get(user)).flatten() {
            notify.notify_one();
        }
    }

    fn join(&self, user: UserId) -> Arc<Notify> {
        let notify = Arc::new(Notify::new());
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.entry(user).or_default().push(notify.clone());
        notify
    }

    fn leave(&self, user: UserId, notify: &Arc<Notify>) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(of_user) = waiting.get_mut(&user) {
            of_user.retain(|other| !Arc::ptr_eq(other, notify));
            if of_user.is_empty() {
                waiting.remove(&user);
            }
        }
    }
}

/// What the WebSocket needs.
#[derive(Clone)]
pub struct Line {
    pub office: Office,
    pub hints: Hints,
    pub closing: watch::Receiver<bool>,
}

/// Does what the clock is to do, and wakes people for transactions of this and every other process, until the server
/// closes.
pub async fn watch_head(line: Line, roster: Roster) {
    let mut closing = line.closing.clone();
    let mut seen = blocking(&line.office, |office| office.storage().head().ok()).await.flatten();
    loop {
        tokio::select! {
            () = tokio::time::sleep(POLL) => {}
            _ = closing.changed() => return,
        }
        let after = seen.unwrap_or(0);
        let found = blocking(&line.office, move |office| {
            // Nobody may be asking when a cover ends or an erasure is due. What cannot be carried out holds nobody up.
            if let Err(error) = office.keep_time() {
                tracing::error!(error = &error as &dyn std::error::Error, "carrying out what is due");
            }
            let head = office.storage().head().ok()?;
            let touched = if head > after { office.storage().touched_after(after).ok()? } else { Default::default() };
            Some((head, touched))
        });
        if let Some((head, touched)) = found.await.flatten() {
            let touched: Vec<UserId> = touched.into_iter().collect();
            line.hints.wake(&touched);
            roster.touched(&touched);
            seen = Some(head);
        }
    }
}

/// The route's answer.
pub async fn upgrade(State(line): State<Line>, socket: WebSocketUpgrade) -> Response {
    socket.max_message_size(4096).on_upgrade(move |socket| attend(line, socket))
}

async fn attend(line: Line, mut socket: WebSocket) {
    let Some(session) = greet(&line, &mut socket).await else {
        let _ = socket.send(Message::Close(None)).await;
        return;
    };
    let notify = line.hints.join(session.user);
    let mut closing = line.closing.clone();
    loop {
        let message = tokio::select! {
            () = notify.notified() => Message::Binary(b"!".as_slice().into()),
            () = tokio::time::sleep(PING) => Message::Ping(Default::default()),
            received = socket.recv() => match received {
                Some(Ok(Message::Close(_)) | Err(_)) | None => break,
                Some(Ok(_)) => continue,
            },
            _ = closing.changed() => break,
        };
        let alive = blocking(&line.office, move |office| office.storage().alive(session.device).unwrap_or(false)).await;
        if alive != Some(true) || socket.send(message).await.is_err() {
            break;
        }
    }
    line.hints.leave(session.user, &notify);
    let _ = socket.send(Message::Close(None)).await;
}

async fn greet(line: &Line, socket: &mut WebSocket) -> Option<Session> {
    let first = tokio::time::timeout(PATIENCE, socket.recv()).await.ok()??.ok()?;
    let Message::Text(access) = first else { return None };
    blocking(&line.office, move |office| office.session(access.as_str()).ok()).await?
}

async fn blocking<T: Send + 'static>(office: &Office, work: impl FnOnce(&Office) -> T + Send + 'static) -> Option<T> {
    let office = office.clone();
    tokio::task::spawn_blocking(move || work(&office)).await.ok()
}
