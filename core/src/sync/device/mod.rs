//! The device's half of sync: transport, identity, rounds of push and pull, hints, last words of a revoked device.

mod check;
pub mod hint;
pub mod http;
pub mod identity;
pub mod lost;
pub mod round;
pub mod transport;

pub use round::{Progress, Report, SyncError, sync_once};
pub use transport::{NetError, Transport};

#[cfg(test)]
mod tests;
