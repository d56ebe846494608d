//! What went over the wire, unpacked.

use std::collections::HashSet;

use satchel_core::sync::wire::{Down, Frame, Up, WireError, inflate, unpack};

/// The frames of a request.
///
/// # Errors
/// Where the body is no request.
pub fn up(body: &[u8]) -> Result<Vec<Frame<Up>>, WireError> {
    unpack(body)
}

/// The frames of an answer.
///
/// # Errors
/// Where the body is no answer.
pub fn down(body: &[u8]) -> Result<Vec<Frame<Down>>, WireError> {
    unpack(body)
}

/// The bytes behind the compression; the body itself where it is not compressed.
#[must_use]
pub fn plain(body: &[u8]) -> Vec<u8> {
    inflate(body).unwrap_or_else(|_| body.to_vec())
}

/// How many bytes of changes a body carries, either way.
#[must_use]
pub fn change_bytes(body: &[u8]) -> usize {
    let blobs = match (up(body), down(body)) {
        (Ok(frames), _) => frames.into_iter().flat_map(|frame| frame.blobs).collect::<Vec<_>>(),
        (_, Ok(frames)) => frames.into_iter().flat_map(|frame| frame.blobs).collect(),
        _ => Vec::new(),
    };
    blobs.iter().map(Vec::len).sum()
}

/// Which of the ids stand in the bytes; one pass, whatever their number.
#[must_use]
pub fn ids_among(bytes: &[u8], ids: &HashSet<[u8; 16]>) -> HashSet<[u8; 16]> {
    let mut found = HashSet::new();
    let Some(first) = ids.iter().next().map(|id| id[0]) else { return found };
    let mut rest = bytes;
    // Ids begin with the time, so that all of one history share their first byte.
    while let Some(at) = rest.iter().position(|byte| *byte == first) {
        rest = &rest[at..];
        if let Some(id) = rest.first_chunk::<16>()
            && ids.contains(id)
        {
            found.insert(*id);
        }
        rest = &rest[1..];
    }
    found
}

/// True where the needle stands in the haystack.
#[must_use]
pub fn holds(haystack: &[u8], needle: &[u8]) -> bool {
    let Some(first) = needle.first() else { return true };
    let mut rest = haystack;
    while let Some(at) = rest.iter().position(|byte| byte == first) {
        rest = &rest[at..];
        if rest.starts_with(needle) {
            return true;
        }
        rest = &rest[1..];
    }
    false
}
