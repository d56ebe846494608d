//! How frames become the bytes of a body, and back.
//!
//! A body is zstd over a sequence of frames. A frame is the length of its header as a big-endian `u32`, the header in
//! CBOR (`Envelope`: the message and the lengths of its blobs), then the blobs.

use std::io::{Read, Write};
use std::sync::{Mutex, PoisonError};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use zstd::bulk::{Compressor, Decompressor};

use crate::domain::limits;

/// What a frame's header holds.
#[derive(Debug, Serialize, Deserialize)]
struct Envelope<M> {
    message: M,
    #[serde(deserialize_with = "lengths")]
    blobs: Vec<u32>,
}

/// Most blobs any frame lists: a change is never shorter than this many bytes of the largest body.
const BLOBS: usize = limits::BODY_BYTES / 32;

/// Reads lengths of blobs no further than there can be any.
fn lengths<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<u32>, D::Error> {
    struct Bounded;

    impl<'de> serde::de::Visitor<'de> for Bounded {
        type Value = Vec<u32>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("lengths of blobs")
        }

        fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut list: A) -> Result<Vec<u32>, A::Error> {
            let mut lengths = Vec::new();
            while let Some(length) = list.next_element()? {
                if lengths.len() == BLOBS {
                    return Err(serde::de::Error::custom("too many blobs"));
                }
                lengths.push(length);
            }
            Ok(lengths)
        }
    }
    deserializer.deserialize_seq(Bounded)
}

/// A message with its blobs.
#[derive(Clone, Debug)]
pub struct Frame<M> {
    /// The message.
    pub message: M,
    /// Raw change chunks.
    pub blobs: Vec<Vec<u8>>,
}

impl<M> Frame<M> {
    /// A message without blobs.
    pub fn bare(message: M) -> Self {
        Self { message, blobs: Vec::new() }
    }
}

/// Why bytes are not frames.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    /// Longer than the limit, packed or unpacked.
    #[error("body is longer than the limit")]
    TooLarge,
    /// Not frames.
    #[error("body is malformed")]
    Malformed,
}

/// Frames → body.
///
/// # Errors
/// `Malformed` where a message cannot be written, which no message of this module does.
pub fn pack<M: Serialize>(frames: &[Frame<M>]) -> Result<Vec<u8>, WireError> {
    // Compressed in one piece: of a size known beforehand the tables are as large as the body needs, and most bodies are
    // a few hundred bytes.
    compress(&lay_out(frames)?)
}

/// Frames as they stand before compression: equal frames give equal bytes. [`compress`] makes a body of them.
///
/// # Errors
/// As [`pack`].
pub fn lay_out<M: Serialize>(frames: &[Frame<M>]) -> Result<Vec<u8>, WireError> {
    let mut plain = Vec::new();
    write_frames(frames, &mut plain)?;
    Ok(plain)
}

/// Frames as [`lay_out`] gives them → body.
///
/// # Errors
/// As [`pack`].
pub fn compress(plain: &[u8]) -> Result<Vec<u8>, WireError> {
    let mut compressor = COMPRESSORS.take(|| {
        let mut compressor = Compressor::new(3)?;
        // A byte that arrives as another one is noticed, whoever carried it.
        compressor.include_checksum(true)?;
        Ok(compressor)
    })?;
    let body = compressor.compress(plain).map_err(|_| WireError::Malformed)?;
    COMPRESSORS.give_back(compressor);
    Ok(body)
}

fn write_frames<M: Serialize>(frames: &[Frame<M>], to: &mut impl Write) -> Result<(), WireError> {
    let mut write = |bytes: &[u8]| to.write_all(bytes).map_err(|_| WireError::Malformed);
    for frame in frames {
        let blobs = frame.blobs.iter().map(|blob| u32::try_from(blob.len())).collect::<Result<_, _>>();
        let envelope = Envelope { message: &frame.message, blobs: blobs.map_err(|_| WireError::TooLarge)? };
        let mut header = Vec::new();
        ciborium::into_writer(&envelope, &mut header).map_err(|_| WireError::Malformed)?;
        let length = u32::try_from(header.len()).map_err(|_| WireError::TooLarge)?;
        write(&length.to_be_bytes())?;
        write(&header)?;
        for blob in &frame.blobs {
            write(blob)?;
        }
    }
    Ok(())
}

/// Most of what a body may hold.
#[derive(Clone, Copy, Debug)]
struct Bounds {
    /// Frames.
    frames: usize,
    /// Bytes of all headers: reading them takes time and memory by the byte.
    header_bytes: usize,
    /// Blobs, which take memory also where they are empty.
    blobs: usize,
}

/// Request of a device → frames; never reads past the limits of promises.md.
///
/// # Errors
/// `TooLarge` past a limit, `Malformed` for anything that is not frames.
pub fn unpack_request<M: DeserializeOwned>(body: &[u8]) -> Result<Vec<Frame<M>>, WireError> {
    unpack_within(
        body,
        Bounds {
            frames: limits::CHANGES_PER_PUSH + 1,
            header_bytes: limits::HEADER_BYTES,
            blobs: limits::CHANGES_PER_PUSH,
        },
    )
}

/// Body of whatever direction → frames; never reads past the largest body.
///
/// # Errors
/// As [`unpack_request`].
pub fn unpack<M: DeserializeOwned>(body: &[u8]) -> Result<Vec<Frame<M>>, WireError> {
    unpack_within(body, Bounds { frames: BLOBS, header_bytes: limits::BODY_BYTES, blobs: BLOBS })
}

fn unpack_within<M: DeserializeOwned>(body: &[u8], mut left: Bounds) -> Result<Vec<Frame<M>>, WireError> {
    let plain = inflate(body)?;
    let mut rest = plain.as_slice();
    let mut frames = Vec::new();
    while !rest.is_empty() {
        let (length, tail) = rest.split_at_checked(4).ok_or(WireError::Malformed)?;
        let length = u32::from_be_bytes(length.try_into().map_err(|_| WireError::Malformed)?) as usize;
        let (header, mut tail) = tail.split_at_checked(length).ok_or(WireError::Malformed)?;
        left.frames = left.frames.checked_sub(1).ok_or(WireError::TooLarge)?;
        left.header_bytes = left.header_bytes.checked_sub(length).ok_or(WireError::TooLarge)?;
        let envelope: Envelope<M> =
            ciborium::de::from_reader_with_recursion_limit(header, 64).map_err(|_| WireError::Malformed)?;
        left.blobs = left.blobs.checked_sub(envelope.blobs.len()).ok_or(WireError::TooLarge)?;
        let mut blobs = Vec::with_capacity(envelope.blobs.len());
        for length in envelope.blobs {
            let (blob, after) = tail.split_at_checked(length as usize).ok_or(WireError::Malformed)?;
            blobs.push(blob.to_vec());
            tail = after;
        }
        frames.push(Frame { message: envelope.message, blobs });
        rest = tail;
    }
    Ok(frames)
}

/// Unpacks zstd, never to more than the largest body; also what a wire tap looks into.
///
/// # Errors
/// As [`unpack`].
pub fn inflate(body: &[u8]) -> Result<Vec<u8>, WireError> {
    if body.len() > limits::BODY_BYTES {
        return Err(WireError::TooLarge);
    }
    // A body of ours says how long it becomes, so it is unpacked in one piece; what says nothing is read piecemeal.
    let length = zstd::zstd_safe::get_frame_content_size(body).map_err(|_| WireError::Malformed)?;
    let Some(length) = length else { return inflate_stream(body) };
    let length = usize::try_from(length).ok().filter(|it| *it <= limits::BODY_BYTES).ok_or(WireError::TooLarge)?;
    let mut decompressor = DECOMPRESSORS.take(Decompressor::new)?;
    let mut plain = Vec::with_capacity(length);
    decompressor.decompress_to_buffer(body, &mut plain).map_err(|_| WireError::Malformed)?;
    DECOMPRESSORS.give_back(decompressor);
    Ok(plain)
}

fn inflate_stream(body: &[u8]) -> Result<Vec<u8>, WireError> {
    let mut decoder = zstd::Decoder::new(body).map_err(|_| WireError::Malformed)?;
    // A frame may ask for a window of gigabytes, whatever it holds.
    decoder.window_log_max(WINDOW_LOG).map_err(|_| WireError::Malformed)?;
    let (mut plain, mut piece) = (Vec::new(), vec![0; 64 * 1024]);
    loop {
        let n = decoder.read(&mut piece).map_err(|_| WireError::Malformed)?;
        if n == 0 {
            return Ok(plain);
        }
        if plain.len() + n > limits::BODY_BYTES {
            return Err(WireError::TooLarge);
        }
        if plain.len() + n > plain.capacity() {
            // Twice the room each time, and never more than the largest body.
            let room = (plain.capacity() * 2).clamp(plain.len() + n, limits::BODY_BYTES);
            plain.reserve_exact(room - plain.len());
        }
        plain.extend_from_slice(&piece[..n]);
    }
}

/// Largest window of a zstd frame: that of the largest body.
const WINDOW_LOG: u32 = limits::BODY_BYTES.ilog2();

/// Contexts of zstd between two uses: making one costs more than the few hundred bytes most bodies have.
struct Pool<T>(Mutex<Vec<T>>);

/// Contexts kept of each sort.
const CONTEXTS: usize = 4;
static COMPRESSORS: Pool<Compressor<'static>> = Pool(Mutex::new(Vec::new()));
static DECOMPRESSORS: Pool<Decompressor<'static>> = Pool(Mutex::new(Vec::new()));

impl<T> Pool<T> {
    fn take(&self, make: impl FnOnce() -> std::io::Result<T>) -> Result<T, WireError> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        kept.map_or_else(make, Ok).map_err(|_| WireError::Malformed)
    }

    /// One that failed is not given back: what it was left in is nobody's business.
    fn give_back(&self, context: T) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() < CONTEXTS {
            kept.push(context);
        }
    }
}
