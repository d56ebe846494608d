//! A TCP proxy between one device and the server. It keeps every byte the device receives, and can end the server
//! in the middle of a push.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use anyhow::{Context, Result};

use satchel_core::sync::wire::inflate;

/// What happens once, in the middle of the next push.
type Strike = Box<dyn FnOnce() + Send>;

/// One device's way to the server.
#[derive(Clone)]
pub struct Proxy {
    /// Address the device is given.
    pub url: String,
    server: SocketAddr,
    received: Arc<Mutex<Vec<Vec<u8>>>>,
    strike: Arc<Mutex<Option<Strike>>>,
    cut: Arc<AtomicBool>,
}

impl Proxy {
    /// Listens on a free port and forwards to `server`.
    pub fn open(server: SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").context("opening the proxy")?;
        let proxy = Self {
            url: format!("http://{}", listener.local_addr()?),
            server,
            received: Arc::default(),
            strike: Arc::default(),
            cut: Arc::default(),
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

    /// Runs `strike` when the next push is half through: the request has been forwarded up to its last bytes.
    pub fn strike_in_next_push(&self, strike: impl FnOnce() + Send + 'static) {
        *self.strike.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(Box::new(strike));
    }

    /// True once the strike has happened.
    pub fn has_struck(&self) -> bool {
        self.strike.lock().unwrap_or_else(std::sync::PoisonError::into_inner).is_none()
    }

    fn carry(&self, device: TcpStream) {
        if self.cut.load(Ordering::SeqCst) {
            let _ = device.shutdown(Shutdown::Both);
            return;
        }
        let Ok(server) = TcpStream::connect(self.server) else {
            let _ = device.shutdown(Shutdown::Both);
            return;
        };
        let index = {
            let mut received = self.received.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            received.push(Vec::new());
            received.len() - 1
        };
        let (Ok(mut from_device), Ok(mut to_server)) = (device.try_clone(), server.try_clone()) else { return };
        let upwards = self.clone();
        std::thread::spawn(move || {
            let mut bytes = [0; 16 * 1024];
            while let Ok(n @ 1..) = from_device.read(&mut bytes) {
                if upwards.cut.load(Ordering::SeqCst) {
                    break;
                }
                let push = bytes[..n].windows(8).any(|window| window == b"/v1/sync") && n > 600;
                let strike = if push {
                    upwards.strike.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take()
                } else {
                    None
                };
                if let Some(strike) = strike {
                    let _ = to_server.write_all(&bytes[..n - 64]);
                    strike();
                    break;
                }
                if to_server.write_all(&bytes[..n]).is_err() {
                    break;
                }
            }
            let _ = to_server.shutdown(Shutdown::Both);
            let _ = from_device.shutdown(Shutdown::Both);
        });
        let (mut from_server, mut to_device) = (server, device);
        let mut bytes = [0; 16 * 1024];
        while let Ok(n @ 1..) = from_server.read(&mut bytes) {
            if self.cut.load(Ordering::SeqCst) {
                break;
            }
            self.received.lock().unwrap_or_else(std::sync::PoisonError::into_inner)[index]
                .extend_from_slice(&bytes[..n]);
            if to_device.write_all(&bytes[..n]).is_err() {
                break;
            }
        }
        let _ = to_device.shutdown(Shutdown::Both);
        let _ = from_server.shutdown(Shutdown::Both);
    }

    /// How many bytes the device has received.
    pub fn n_received(&self) -> usize {
        self.received.lock().unwrap_or_else(std::sync::PoisonError::into_inner).iter().map(Vec::len).sum()
    }

    /// True where the marker is in anything the device received, raw or after inflating each answer's body.
    pub fn received_marker(&self, marker: &str) -> bool {
        let received = self.received.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let needle = marker.as_bytes();
        received.iter().any(|stream| {
            contains(stream, needle)
                || bodies(stream)
                    .iter()
                    .any(|body| contains(body, needle) || inflate(body).is_ok_and(|plain| contains(&plain, needle)))
        })
    }
}

/// True where `needle` stands in `hay`.
pub fn contains(hay: &[u8], needle: &[u8]) -> bool {
    hay.windows(needle.len()).any(|window| window == needle)
}

/// Bodies of the HTTP/1.1 answers in a stream.
fn bodies(stream: &[u8]) -> Vec<Vec<u8>> {
    let mut bodies = Vec::new();
    let mut rest = stream;
    while let Some(end) = rest.windows(4).position(|window| window == b"\r\n\r\n") {
        let head = String::from_utf8_lossy(&rest[..end]).to_lowercase();
        rest = &rest[end + 4..];
        if head.starts_with("http/1.1 101") {
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
    use super::*;

    #[test]
    fn bodies_are_found_by_length_and_by_chunks() {
        let stream = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nde\r\n1\r\nf\r\n0\r\n\r\n";
        assert_eq!(bodies(stream), [b"abc".to_vec(), b"def".to_vec()]);
    }
}
