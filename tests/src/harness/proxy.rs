//! A TCP proxy between one device and the server: a bad network on demand. It keeps every byte the device receives,
//! and can end the server in the middle of a push.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};

use satchel_core::domain::limits;
use satchel_core::sync::parts::Assembly;
use satchel_core::sync::wire::inflate;

/// What happens once, in the middle of the next push.
type Strike = Box<dyn FnOnce() + Send>;

/// What is wrong with connections opened from now on. Bytes are counted for each connection from its beginning.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Weather {
    /// Each piece of bytes waits so long on its way, in either direction.
    pub latency: Duration,
    /// No faster than so many bytes in a hundredth of a second, in either direction.
    pub bytes_per_tick: Option<usize>,
    /// Cut after so many bytes of the device.
    pub cut_up: Option<usize>,
    /// Cut after so many bytes of the server.
    pub cut_down: Option<usize>,
    /// After so many bytes of the server nothing more arrives, and nobody says that the connection is gone.
    pub stall_down: Option<usize>,
    /// This byte of the device arrives as another one.
    pub corrupt_up: Option<usize>,
    /// This byte of the server arrives as another one.
    pub corrupt_down: Option<usize>,
    /// Somebody else answers in the server's place, with these bytes.
    pub portal: Option<String>,
    /// Every request reaches the server twice; the device gets the second answer.
    pub twice: bool,
}

/// One device's way to the server.
#[derive(Clone)]
pub struct Proxy {
    /// Address the device is given.
    pub url: String,
    server: SocketAddr,
    received: Arc<Mutex<Vec<Vec<u8>>>>,
    sent: Arc<Mutex<Vec<usize>>>,
    strike: Arc<Mutex<Option<Strike>>>,
    cut: Arc<AtomicBool>,
    weather: Arc<Mutex<Weather>>,
}

impl Proxy {
    /// Listens on a free port and forwards to `server`.
    ///
    /// # Errors
    /// Where there is no free port.
    pub fn open(server: SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").context("opening the proxy")?;
        let proxy = Self {
            url: format!("http://{}", listener.local_addr()?),
            server,
            received: Arc::default(),
            sent: Arc::default(),
            strike: Arc::default(),
            cut: Arc::default(),
            weather: Arc::default(),
        };
        let at_work = proxy.clone();
        std::thread::spawn(move || {
            for device in listener.incoming().flatten() {
                let proxy = at_work.clone();
                std::thread::spawn(move || proxy.carry(device));
            }
        });
        Ok(proxy)
    }

    /// Cuts the network, or mends it.
    pub fn cut(&self, cut: bool) {
        self.cut.store(cut, Ordering::SeqCst);
    }

    /// What connections opened from now on meet.
    pub fn set(&self, weather: Weather) {
        *locked(&self.weather) = weather;
    }

    /// Runs `strike` when the next push is half through: the request has been forwarded up to its last bytes.
    pub fn strike_in_next_push(&self, strike: impl FnOnce() + Send + 'static) {
        *locked(&self.strike) = Some(Box::new(strike));
    }

    /// True once the strike has happened.
    #[must_use]
    pub fn has_struck(&self) -> bool {
        locked(&self.strike).is_none()
    }

    fn carry(&self, device: TcpStream) {
        if self.cut.load(Ordering::SeqCst) {
            let _ = device.shutdown(Shutdown::Both);
            return;
        }
        let weather = locked(&self.weather).clone();
        if let Some(page) = &weather.portal {
            answer_as_portal(device, page);
            return;
        }
        let Ok(server) = TcpStream::connect(self.server) else {
            let _ = device.shutdown(Shutdown::Both);
            return;
        };
        let index = {
            locked(&self.sent).push(0);
            let mut received = locked(&self.received);
            received.push(Vec::new());
            received.len() - 1
        };
        let (Ok(from_device), Ok(to_server)) = (device.try_clone(), server.try_clone()) else { return };
        let (upwards, up_weather) = (self.clone(), weather.clone());
        let copy = Arc::new(Mutex::new(Vec::new()));
        let kept = copy.clone();
        std::thread::spawn(move || upwards.carry_up(from_device, to_server, &up_weather, (index, &kept)));
        if weather.twice {
            self.carry_second(server, device, (index, &copy));
        } else {
            self.carry_down(server, device, &weather, index);
        }
    }

    fn carry_up(
        &self,
        mut device: TcpStream,
        mut server: TcpStream,
        weather: &Weather,
        (index, copy): (usize, &Mutex<Vec<u8>>),
    ) {
        let mut n_before = 0;
        let mut bytes = [0; 16 * 1024];
        let mut syncs = false;
        while let Ok(n @ 1..) = device.read(&mut bytes) {
            if self.cut.load(Ordering::SeqCst) {
                break;
            }
            if weather.twice {
                locked(copy).extend_from_slice(&bytes[..n]);
            }
            // The head of a request may come apart from its body. A hello alone is shorter, over either way.
            syncs |= contains(&bytes[..n], b"/v1/sync") || contains(&bytes[..n], b"/v1/live");
            let push = n > 600 && syncs;
            let strike = if push { locked(&self.strike).take() } else { None };
            if let Some(strike) = strike {
                let _ = server.write_all(&bytes[..n - 64]);
                strike();
                break;
            }
            corrupt(&mut bytes[..n], n_before, weather.corrupt_up);
            let whole = pass(&mut server, &bytes[..n], n_before, weather.cut_up, weather);
            n_before += n;
            locked(&self.sent)[index] = n_before;
            if !whole {
                break;
            }
        }
        let _ = server.shutdown(Shutdown::Both);
        let _ = device.shutdown(Shutdown::Both);
    }

    fn carry_down(&self, mut server: TcpStream, mut device: TcpStream, weather: &Weather, index: usize) {
        let mut n_before = 0;
        let mut bytes = [0; 16 * 1024];
        while let Ok(n @ 1..) = server.read(&mut bytes) {
            if self.cut.load(Ordering::SeqCst) {
                break;
            }
            corrupt(&mut bytes[..n], n_before, weather.corrupt_down);
            locked(&self.received)[index].extend_from_slice(&bytes[..n]);
            let until = weather.cut_down.or(weather.stall_down);
            let whole = pass(&mut device, &bytes[..n], n_before, until, weather);
            n_before += n;
            if !whole && weather.stall_down.is_some() {
                // The device's own patience ends it; whoever reads upwards notices.
                return;
            }
            if !whole {
                break;
            }
        }
        let _ = device.shutdown(Shutdown::Both);
        let _ = server.shutdown(Shutdown::Both);
    }

    /// Throws the first answer away and asks once more.
    fn carry_second(&self, mut first: TcpStream, mut device: TcpStream, (index, copy): (usize, &Mutex<Vec<u8>>)) {
        let mut bytes = [0; 16 * 1024];
        // The answer's beginning says that the request had come to its end.
        let _ = first.read(&mut bytes);
        if let Ok(mut second) = TcpStream::connect(self.server) {
            let request = locked(copy).clone();
            if second.write_all(&request).is_ok() {
                while let Ok(n @ 1..) = second.read(&mut bytes) {
                    locked(&self.received)[index].extend_from_slice(&bytes[..n]);
                    if device.write_all(&bytes[..n]).is_err() {
                        break;
                    }
                }
            }
        }
        let _ = device.shutdown(Shutdown::Both);
        let _ = first.shutdown(Shutdown::Both);
    }

    /// How many bytes the device has sent and received over its latest connection.
    #[must_use]
    pub fn n_of_latest(&self) -> (usize, usize) {
        let up = locked(&self.sent).last().copied().unwrap_or(0);
        (up, locked(&self.received).last().map_or(0, Vec::len))
    }

    /// How many bytes the device has received.
    #[must_use]
    pub fn n_received(&self) -> usize {
        locked(&self.received).iter().map(Vec::len).sum()
    }

    /// True where the marker is in anything the device received, raw or after inflating each answer's body.
    #[must_use]
    pub fn received_marker(&self, marker: &str) -> bool {
        let needle = marker.as_bytes();
        locked(&self.received).iter().any(|stream| {
            contains(stream, needle)
                || bodies(stream)
                    .iter()
                    .any(|body| contains(body, needle) || inflate(body).is_ok_and(|plain| contains(&plain, needle)))
        })
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Passes bytes on as the weather allows; false where the connection's bytes have come to their end.
fn pass(to: &mut TcpStream, bytes: &[u8], n_before: usize, until: Option<usize>, weather: &Weather) -> bool {
    let left = until.map_or(bytes.len(), |until| until.saturating_sub(n_before).min(bytes.len()));
    if !weather.latency.is_zero() {
        std::thread::park_timeout(weather.latency);
    }
    for piece in bytes[..left].chunks(weather.bytes_per_tick.unwrap_or(usize::MAX)) {
        if weather.bytes_per_tick.is_some() {
            std::thread::park_timeout(Duration::from_millis(10));
        }
        if to.write_all(piece).is_err() {
            return false;
        }
    }
    left == bytes.len()
}

fn corrupt(bytes: &mut [u8], n_before: usize, at: Option<usize>) {
    if let Some(byte) = at.and_then(|at| at.checked_sub(n_before)).and_then(|at| bytes.get_mut(at)) {
        *byte ^= 0x15;
    }
}

/// Reads a whole request, so that closing does not break the answer off, and answers in the server's place.
fn answer_as_portal(mut device: TcpStream, page: &str) {
    let mut request = Vec::new();
    let mut bytes = [0; 16 * 1024];
    while !is_whole(&request) {
        match device.read(&mut bytes) {
            Ok(n @ 1..) => request.extend_from_slice(&bytes[..n]),
            _ => break,
        }
    }
    let _ = device.write_all(page.as_bytes());
    let _ = device.shutdown(Shutdown::Both);
}

fn is_whole(request: &[u8]) -> bool {
    let Some(end) = request.windows(4).position(|window| window == b"\r\n\r\n") else { return false };
    let head = String::from_utf8_lossy(&request[..end]).to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse::<usize>().ok());
    request.len() >= end + 4 + length.unwrap_or(0)
}
/// True where `needle` stands in `hay`.
pub fn contains(hay: &[u8], needle: &[u8]) -> bool {
    hay.windows(needle.len()).any(|window| window == needle)
}

/// Bodies in what a server says over a WebSocket, their parts put together. What it sends is not masked (RFC 6455, 5.2).
fn live_bodies(mut rest: &[u8]) -> Vec<Vec<u8>> {
    const BINARY: u8 = 0x82;
    let mut bodies = Vec::new();
    let mut assembly = Assembly::default();
    while let [first, short, ..] = *rest {
        let (head, length) = match (short & 0x7f, rest) {
            (126, [_, _, high, low, ..]) => (4, usize::from(u16::from_be_bytes([*high, *low]))),
            (126 | 127, _) => break,
            (short, _) => (2, usize::from(short)),
        };
        let Some(payload) = rest.get(head..head + length) else { break };
        if first == BINARY
            && let Ok(Some(body)) = assembly.take(payload, limits::BODY_BYTES)
        {
            bodies.push(body);
        }
        rest = &rest[head + length..];
    }
    bodies
}

/// Bodies of the answers in a stream: of HTTP/1.1, or of a WebSocket from where the stream became one.
fn bodies(stream: &[u8]) -> Vec<Vec<u8>> {
    let mut bodies = Vec::new();
    let mut rest = stream;
    while let Some(end) = rest.windows(4).position(|window| window == b"\r\n\r\n") {
        let head = String::from_utf8_lossy(&rest[..end]).to_lowercase();
        rest = &rest[end + 4..];
        if head.starts_with("http/1.1 101") {
            bodies.extend(live_bodies(rest));
            break;
        }
        if head.contains("transfer-encoding: chunked") {
            let mut body = Vec::new();
            while let Some(line) = rest.windows(2).position(|window| window == b"\r\n") {
                let size = usize::from_str_radix(String::from_utf8_lossy(&rest[..line]).trim(), 16).unwrap_or(0);
                let start = (line + 2).min(rest.len());
                let stop = (start + size).min(rest.len());
                body.extend_from_slice(&rest[start..stop]);
                rest = &rest[(stop + 2).min(rest.len())..];
                if size == 0 {
                    break;
                }
            }
            bodies.push(body);
        } else {
            let length =
                head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse::<usize>().ok());
            let stop = length.unwrap_or(0).min(rest.len());
            bodies.push(rest[..stop].to_vec());
            rest = &rest[stop..];
        }
    }
    bodies
}

#[cfg(test)]
mod tests {
    use satchel_core::sync::parts::{PART_BYTES, parts};

    use super::*;

    #[test]
    fn bodies_are_found_in_the_frames_of_a_live_connection() {
        let long = vec![7; PART_BYTES + 5];
        let mut stream = b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\n\r\n\x89\x01p".to_vec();
        for part in parts(&long) {
            stream.push(0x82);
            match u8::try_from(part.len()) {
                Ok(short @ ..126) => stream.push(short),
                _ => stream.extend([&[126][..], &u16::try_from(part.len()).unwrap().to_be_bytes()].concat()),
            }
            stream.extend_from_slice(part);
        }
        assert_eq!(bodies(&stream), [long]);
    }

    #[test]
    fn bodies_are_found_by_length_and_by_chunks() {
        let stream = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nde\r\n1\r\nf\r\n0\r\n\r\n";
        assert_eq!(bodies(stream), [b"abc".to_vec(), b"def".to_vec()]);
    }
}
