//! A live connection over WebSocket: the socket at the edge of [`super::live`]. It never blocks but in
//! [`Channel::wait`], so that a large body on its way up does not keep what comes down waiting.

use std::collections::VecDeque;
use std::io::ErrorKind;
use std::net::ToSocketAddrs;
use std::time::{Duration, Instant};

use mio::{Events, Interest, Poll, Token, Waker};
use tungstenite::client::uri_mode;
use tungstenite::handshake::HandshakeError;
use tungstenite::http::Uri;
use tungstenite::protocol::WebSocketConfig;
use tungstenite::stream::{MaybeTlsStream, Mode};
use tungstenite::{Error, Message, WebSocket, client_tls_with_config};

use super::transport::{Bell, Channel, Coming, NetError};
use crate::domain::limits;
use crate::sync::parts::{Assembly, PART_BYTES, parts};
use crate::sync::wire::paths;

/// How long one address may take to answer.
const CONNECT: Duration = Duration::from_secs(5);
/// How long shaking hands may take.
const HANDSHAKE: Duration = Duration::from_secs(10);
const LINE: Token = Token(0);
const BELL: Token = Token(1);

/// Opens a live connection to the server at `base`, e.g. `https://crm.example`.
///
/// # Errors
/// `Offline` where nobody answers in time, `Foreign` where somebody answers who does not speak this.
pub fn connect(base: &str) -> Result<(Box<dyn Channel>, Bell), NetError> {
    let url = format!("{}{}", base.trim_end_matches('/').replacen("http", "ws", 1), paths::LIVE);
    let uri: Uri = url.parse().map_err(|_| NetError::Foreign)?;
    let mut stream = mio::net::TcpStream::from_std(dial(&uri)?);
    let mut poll = Poll::new().map_err(|error| why(&Error::Io(error)))?;
    poll.registry()
        .register(&mut stream, LINE, Interest::READABLE | Interest::WRITABLE)
        .map_err(|error| why(&Error::Io(error)))?;
    let waker = Waker::new(poll.registry(), BELL).map_err(|error| why(&Error::Io(error)))?;

    let config = WebSocketConfig::default()
        .read_buffer_size(PART_BYTES)
        .write_buffer_size(0)
        .max_message_size(Some(PART_BYTES))
        .max_frame_size(Some(PART_BYTES));
    let mut events = Events::with_capacity(4);
    let until = Instant::now() + HANDSHAKE;
    let mut shaking = client_tls_with_config(uri, stream, Some(config), None);
    let line = loop {
        match shaking {
            Ok((line, _)) => break line,
            Err(HandshakeError::Failure(error)) => return Err(why(&error)),
            Err(HandshakeError::Interrupted(half)) => {
                let left = until.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    return Err(NetError::Offline);
                }
                wait_for(&mut poll, &mut events, left)?;
                shaking = half.handshake();
            }
        }
    };
    let socket = Socket { line, poll, events, assembly: Assembly::default(), up: VecDeque::new() };
    // A bell that cannot be rung costs time only: the wait ends by itself.
    Ok((Box::new(socket), Box::new(move || drop(waker.wake()))))
}

fn dial(uri: &Uri) -> Result<std::net::TcpStream, NetError> {
    let host = uri.host().ok_or(NetError::Foreign)?.trim_matches(['[', ']']);
    let secure = matches!(uri_mode(uri), Ok(Mode::Tls));
    let port = uri.port_u16().unwrap_or(if secure { 443 } else { 80 });
    let addresses = (host, port).to_socket_addrs().map_err(|_| NetError::Offline)?;
    for address in addresses {
        if let Ok(stream) = std::net::TcpStream::connect_timeout(&address, CONNECT)
            && stream.set_nodelay(true).and_then(|()| stream.set_nonblocking(true)).is_ok()
        {
            return Ok(stream);
        }
    }
    Err(NetError::Offline)
}

struct Socket {
    line: WebSocket<MaybeTlsStream<mio::net::TcpStream>>,
    poll: Poll,
    events: Events,
    assembly: Assembly,
    /// Parts not handed to the line yet.
    up: VecDeque<Vec<u8>>,
}

impl Channel for Socket {
    fn send(&mut self, body: Vec<u8>) -> Result<(), NetError> {
        self.up.extend(parts(&body).map(<[u8]>::to_vec));
        self.pump()
    }

    fn wait(&mut self, patience: Duration) -> Result<Coming, NetError> {
        let until = Instant::now() + patience;
        loop {
            self.pump()?;
            match self.line.read() {
                Ok(Message::Binary(part)) => {
                    let body = self.assembly.take(&part, limits::BODY_BYTES).map_err(|_| NetError::Foreign)?;
                    return Ok(body.map_or(Coming::Sign, Coming::Body));
                }
                Ok(Message::Ping(_) | Message::Pong(_)) => return Ok(Coming::Sign),
                Ok(_) => return Err(NetError::Offline),
                Err(error) if not_yet(&error) => {}
                Err(error) => return Err(why(&error)),
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() || wait_for(&mut self.poll, &mut self.events, left)? {
                return Ok(Coming::Nothing);
            }
        }
    }
}

impl Socket {
    /// Hands over what the line takes.
    fn pump(&mut self) -> Result<(), NetError> {
        loop {
            match self.line.flush() {
                Ok(()) => {}
                Err(error) if not_yet(&error) => return Ok(()),
                Err(error) => return Err(why(&error)),
            }
            let Some(part) = self.up.pop_front() else { return Ok(()) };
            match self.line.write(Message::binary(part)) {
                Ok(()) => {}
                // It is queued all the same; the next flush goes on with it.
                Err(error) if not_yet(&error) => {}
                Err(error) => return Err(why(&error)),
            }
        }
    }
}

/// Waits till the line or the bell stirs; true where it was the bell.
fn wait_for(poll: &mut Poll, events: &mut Events, left: Duration) -> Result<bool, NetError> {
    match poll.poll(events, Some(left)) {
        Ok(()) => Ok(events.iter().any(|event| event.token() == BELL)),
        Err(error) if error.kind() == ErrorKind::Interrupted => Ok(false),
        Err(_) => Err(NetError::Offline),
    }
}

fn not_yet(error: &Error) -> bool {
    matches!(error, Error::Io(error) if error.kind() == ErrorKind::WouldBlock)
}

fn why(error: &Error) -> NetError {
    match error {
        Error::Http(_) | Error::HttpFormat(_) | Error::Protocol(_) | Error::Capacity(_) | Error::Utf8(_) => {
            NetError::Foreign
        }
        _ => NetError::Offline,
    }
}
