//! Live connections over WebSocket: the socket around `crate::live`. A body goes in parts, so that nothing large stays
//! behind in a connection that is idle.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code};
use axum::response::Response;
use satchel_core::domain::limits;
use satchel_core::sync::parts::{Assembly, PART_BYTES, parts};
use tokio::sync::{Semaphore, watch};
use tokio::time::{Instant, timeout};

use crate::live::{Next, Roster, Seat};
use crate::office::{Heard, Office};

/// How long a socket may be silent without having said who it is.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long its first message may take in full: it may bring a month of work.
const FIRST: Duration = Duration::from_secs(120);
/// How often a connection is asked whether it is still there, and its token whether it is still good.
const PING: Duration = Duration::from_secs(30);
/// A connection silent for so long is gone.
const SILENCE: Duration = Duration::from_secs(90);
/// How long the other end may take for one part.
const STALL: Duration = Duration::from_secs(60);
/// Pages read at once for connections that are behind.
const CATCHING_UP: usize = 4;

/// What live connections need.
#[derive(Clone)]
pub struct Lines {
    pub office: Office,
    pub roster: Roster,
    pub catching_up: Arc<Semaphore>,
    pub closing: watch::Receiver<bool>,
}

impl Lines {
    pub fn new(office: Office, closing: watch::Receiver<bool>) -> Self {
        Self { office, roster: Roster::default(), catching_up: Arc::new(Semaphore::new(CATCHING_UP)), closing }
    }
}

/// The route's answer.
pub async fn upgrade(State(lines): State<Lines>, socket: WebSocketUpgrade) -> Response {
    socket
        .read_buffer_size(PART_BYTES / 4)
        .write_buffer_size(0)
        .max_message_size(PART_BYTES)
        .max_frame_size(PART_BYTES)
        .on_upgrade(move |socket| {
            attend(lines, Talk { socket, heard_at: Instant::now(), assembly: Assembly::default() })
        })
}

async fn attend(lines: Lines, mut talk: Talk) {
    if let Some(seat) = greet(&lines, &mut talk).await {
        let _ = serve(&lines, &mut talk, &seat).await;
        lines.roster.leave(&seat);
    }
    // A server that goes says that it will be back.
    let parting = CloseFrame { code: close_code::RESTART, reason: "".into() };
    let parting = Some(parting).filter(|_| *lines.closing.borrow());
    let _ = timeout(STALL, talk.socket.send(Message::Close(parting))).await;
}

async fn greet(lines: &Lines, talk: &mut Talk) -> Option<Arc<Seat>> {
    let first = timeout(FIRST, async {
        loop {
            match timeout(PATIENCE, talk.receive(limits::BODY_BYTES)).await.ok()? {
                Ok(None) => {}
                received => return received.ok().flatten(),
            }
        }
    });
    let body = first.await.ok()??;
    let heard = lines.blocking(move |office| office.hear(&body, None)).await?;
    match heard {
        Err(refusal) => {
            talk.send(&refusal).await.ok()?;
            None
        }
        Ok(Heard { answer, standing, credit }) => {
            talk.send(&answer?).await.ok()?;
            Some(lines.roster.join(Seat::new(standing?, &credit)))
        }
    }
}

/// Goes on until either side ends it.
async fn serve(lines: &Lines, talk: &mut Talk, seat: &Arc<Seat>) -> Result<(), Gone> {
    let mut closing = lines.closing.clone();
    let mut message: Option<Vec<u8>> = None;
    let mut ping_at = Instant::now() + PING;
    loop {
        match seat.next(message.is_some()) {
            Next::Send(page, recheck) => {
                let device = seat.session.device;
                if recheck
                    && lines.blocking(move |office| office.storage().alive(device).ok()).await != Some(Some(true))
                {
                    return Err(Gone);
                }
                talk.send(&page).await?;
                continue;
            }
            Next::Talk => {
                let (body, session) = (message.take().unwrap_or_default(), seat.session);
                match lines.blocking(move |office| office.hear(&body, Some(session))).await.ok_or(Gone)? {
                    Err(refusal) => seat.end(refusal),
                    Ok(heard) => {
                        if let Some(answer) = heard.answer {
                            talk.send(&answer).await?;
                        }
                        seat.talked(heard.standing, &heard.credit);
                    }
                }
                continue;
            }
            Next::Read(due) => {
                let permit = lines.catching_up.clone().acquire_owned().await.map_err(|_| Gone)?;
                let seat = seat.clone();
                let read = lines.blocking(move |office| office.live_pages(&[due], &mut |_, page| seat.took(page)));
                read.await.ok_or(Gone)?;
                drop(permit);
                continue;
            }
            Next::Queue => lines.roster.queue(seat),
            Next::End(refusal) => {
                if !refusal.is_empty() {
                    talk.send(&refusal).await?;
                }
                return Ok(());
            }
            Next::Wait => {}
        }
        tokio::select! {
            () = seat.rung() => {}
            received = talk.receive(limits::BODY_BYTES), if message.is_none() => message = received?,
            () = tokio::time::sleep_until(ping_at) => {
                ping_at = Instant::now() + PING;
                let access = seat.access();
                let good = lines.blocking(move |office| office.refusal_of(&access)).await.ok_or(Gone)?;
                match good {
                    Some(refusal) => seat.end(refusal),
                    None if talk.heard_at.elapsed() > SILENCE => return Err(Gone),
                    None => talk.put(Message::Ping(Default::default())).await?,
                }
            }
            _ = closing.changed() => return Ok(()),
        }
    }
}

impl Lines {
    async fn blocking<T: Send + 'static>(&self, work: impl FnOnce(&Office) -> T + Send + 'static) -> Option<T> {
        let office = self.office.clone();
        tokio::task::spawn_blocking(move || work(&office)).await.ok()
    }
}

/// The other end has gone, or talks nonsense.
#[derive(Debug)]
struct Gone;

struct Talk {
    socket: WebSocket,
    heard_at: Instant,
    assembly: Assembly,
}

impl Talk {
    /// The next message in full; `None` for a part of one or a sign of life.
    async fn receive(&mut self, limit: usize) -> Result<Option<Vec<u8>>, Gone> {
        let received = self.socket.recv().await.ok_or(Gone)?.map_err(|_| Gone)?;
        self.heard_at = Instant::now();
        match received {
            Message::Binary(part) => self.assembly.take(&part, limit).map_err(|_| Gone),
            Message::Ping(_) | Message::Pong(_) => Ok(None),
            Message::Text(_) | Message::Close(_) => Err(Gone),
        }
    }

    async fn send(&mut self, body: &[u8]) -> Result<(), Gone> {
        for part in parts(body) {
            self.put(Message::Binary(part.to_vec().into())).await?;
        }
        Ok(())
    }

    async fn put(&mut self, message: Message) -> Result<(), Gone> {
        timeout(STALL, self.socket.send(message)).await.map_err(|_| Gone)?.map_err(|_| Gone)
    }
}
