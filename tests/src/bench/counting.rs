//! A transport that counts what goes through: requests and the bytes of their bodies.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use satchel_core::sync::device::{NetError, Transport};

/// What went through.
#[derive(Debug, Default)]
pub struct Counts {
    /// Requests.
    pub requests: AtomicU64,
    /// Bytes of bodies, both ways.
    pub bytes: AtomicU64,
    /// Bytes of answers.
    pub received: AtomicU64,
    /// Microseconds of the request that took longest since this was set to 0.
    pub longest: AtomicU64,
}

impl Counts {
    /// Requests, bytes both ways, bytes received so far.
    pub fn read(&self) -> (u64, u64, u64) {
        (self.requests.load(Ordering::SeqCst), self.bytes.load(Ordering::SeqCst), self.received.load(Ordering::SeqCst))
    }
}

/// Counts and passes on.
pub struct Counting {
    /// The real way.
    pub inner: Arc<dyn Transport>,
    /// What went through it.
    pub counts: Arc<Counts>,
}

impl Transport for Counting {
    fn post(&self, path: &str, bearer: Option<&str>, content_type: &str, body: &[u8]) -> Result<Vec<u8>, NetError> {
        self.counts.requests.fetch_add(1, Ordering::SeqCst);
        self.counts.bytes.fetch_add(body.len() as u64, Ordering::SeqCst);
        let began = Instant::now();
        let answer = self.inner.post(path, bearer, content_type, body)?;
        let micros = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.counts.longest.fetch_max(micros, Ordering::SeqCst);
        self.counts.bytes.fetch_add(answer.len() as u64, Ordering::SeqCst);
        self.counts.received.fetch_add(answer.len() as u64, Ordering::SeqCst);
        Ok(answer)
    }

    fn base(&self) -> &str {
        self.inner.base()
    }
}
