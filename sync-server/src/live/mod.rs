//! Live connections without their sockets: who is connected, whose turn it is, what is sent next. Nothing here decides
//! who may see what; pages come from [`crate::Office::live_pages`], read for each connection's own person.

mod roster;
mod seat;

pub use roster::Roster;
pub use seat::{Next, Seat};

/// Largest page on a live connection, in bytes before compression: a connection holds at most one.
pub const PAGE_BYTES: u32 = 1024 * 1024;
/// Largest page in a fan-out, where others wait behind it; what does not fit follows by itself.
pub const FAN_OUT_BYTES: u32 = 64 * 1024;
/// Most pages a device may have room for.
pub const MOST_CREDIT: u32 = 64;
