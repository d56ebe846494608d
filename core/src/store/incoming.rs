//! Decoding a page's records before its transaction begins, on all cores.

use super::documents;
use crate::docs::snapshot::{self, Made};
use crate::docs::{self, Hash, Record};
use crate::domain::kind::{Kind, Registry};
use crate::sync::wire::PageRecord;

/// A record of a page with what its changes make of it, decoded before the transaction begins.
pub(crate) struct Incoming {
    pub(super) page: PageRecord,
    pub(super) blobs: Vec<Vec<u8>>,
    /// The record's first changes, where they came in one; `blobs` are those after it.
    pub(super) snapshot: Option<Snapshot>,
    /// For records sent in full: what they are, if nothing else is held of them. `None` inside: damaged.
    pub(super) decoded: Option<Option<Decoded>>,
}

pub(super) struct Decoded {
    pub record: Record,
    pub heads: Vec<Hash>,
}

/// A snapshot that was looked at and read.
pub(super) struct Snapshot {
    /// As it is kept.
    pub bytes: Vec<u8>,
    /// What is in it.
    pub made: Vec<Made>,
    /// When that reached the server, packed.
    pub stamps: Vec<u8>,
}

impl Incoming {
    /// All that came of the record, as it is kept.
    pub(super) fn chunks(&self) -> Vec<u8> {
        let mut chunks = self.snapshot.as_ref().map(|snapshot| snapshot.bytes.clone()).unwrap_or_default();
        self.blobs.iter().for_each(|blob| chunks.extend_from_slice(blob));
        chunks
    }

    /// Hashes of all that came.
    pub(super) fn hashes(&self) -> impl Iterator<Item = Hash> {
        let folded = self.snapshot.iter().flat_map(|snapshot| &snapshot.made).map(|made| made.hash);
        folded.chain(self.blobs.iter().map(|blob| documents::hash(blob)))
    }

    /// Takes the snapshot off the blobs. One that is not what it is said to be leaves a record that cannot be read, to
    /// be fetched again like any other.
    fn open(&mut self) {
        let mut blobs = std::mem::take(&mut self.blobs).into_iter();
        let opened = blobs.next().zip(blobs.next()).and_then(|(bytes, stamps)| {
            let mut doc = snapshot::receive(&bytes).ok()?;
            let made = doc.made();
            let as_said = made.len() as u64 == u64::from(self.page.folded);
            Some(Snapshot { bytes: doc.at_rest().ok()?, made, stamps }).filter(|_| as_said)
        });
        self.blobs = match opened {
            Some(_) => blobs.collect(),
            None => vec![vec![0]],
        };
        self.snapshot = opened;
    }
}

/// Deals a page's blobs out to its records and decodes those sent in full, on all cores.
pub(crate) fn decode(registry: &Registry, records: Vec<PageRecord>, blobs: Vec<Vec<u8>>) -> Option<Vec<Incoming>> {
    let mut blobs = blobs.into_iter();
    let mut incoming = Vec::with_capacity(records.len());
    for page in records {
        let n = page.n as usize;
        let blobs: Vec<Vec<u8>> = blobs.by_ref().take(n).collect();
        if blobs.len() < n || (page.folded > 0 && !page.full) {
            return None;
        }
        incoming.push(Incoming { page, blobs, snapshot: None, decoded: None });
    }
    let workers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(8);
    let share = incoming.len().div_ceil(workers).max(64);
    std::thread::scope(|scope| {
        for part in incoming.chunks_mut(share) {
            scope.spawn(move || {
                for one in part.iter_mut().filter(|one| one.page.full) {
                    if one.page.folded > 0 {
                        one.open();
                    }
                    one.decoded = Some(read(registry.kind(&one.page.kind), &one.chunks()));
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
