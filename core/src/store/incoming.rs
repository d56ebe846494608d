//! Decoding a page's records before its transaction begins, on all cores.

use crate::docs::{self, Hash, Record};
use crate::domain::kind::{Kind, Registry};
use crate::sync::wire::PageRecord;

/// A record of a page with what its changes make of it, decoded before the transaction begins.
pub(crate) struct Incoming {
    pub(super) page: PageRecord,
    pub(super) blobs: Vec<Vec<u8>>,
    /// For records sent in full: what they are, if nothing else is held of them. `None` inside: damaged.
    pub(super) decoded: Option<Option<Decoded>>,
}

pub(super) struct Decoded {
    pub record: Record,
    pub heads: Vec<Hash>,
}

/// Deals a page's blobs out to its records and decodes those sent in full, on all cores.
pub(crate) fn decode(registry: &Registry, records: Vec<PageRecord>, blobs: Vec<Vec<u8>>) -> Option<Vec<Incoming>> {
    let mut blobs = blobs.into_iter();
    let mut incoming = Vec::with_capacity(records.len());
    for page in records {
        let n = page.n as usize;
        let blobs: Vec<Vec<u8>> = blobs.by_ref().take(n).collect();
        if blobs.len() < n {
            return None;
        }
        incoming.push(Incoming { page, blobs, decoded: None });
    }
    let workers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(8);
    let share = incoming.len().div_ceil(workers).max(64);
    std::thread::scope(|scope| {
        for part in incoming.chunks_mut(share) {
            scope.spawn(move || {
                for one in part.iter_mut().filter(|one| one.page.full) {
                    one.decoded = Some(read(registry.kind(&one.page.kind), &one.blobs.concat()));
                }
            });
        }
    });
    Some(incoming)
}

/// Reads a document by its kind; `None` where it cannot be read.
pub(super) fn read(kind: Option<&Kind>, chunks: &[u8]) -> Option<Decoded> {
    let (record, heads) = docs::read(kind, chunks).ok()?;
    Some(Decoded { record, heads })
}
