//! Looking into bytes: every frame on the wire, every page of a database file, free ones included.

pub mod vault;
mod wire;

pub use vault::{Pages, pages_of};
pub use wire::{change_bytes, down, holds, ids_among, plain, up};
