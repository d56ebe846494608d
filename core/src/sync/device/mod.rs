//! The device's half of sync: transport, identity, rounds of push and pull over HTTP and on a live connection, last
//! words of a revoked device.

mod check;
pub mod http;
pub mod identity;
pub mod live;
pub mod lost;
mod returning;
pub mod round;
pub mod socket;
pub mod transport;

pub use round::{Progress, Report, SyncError, sync_once};
pub use transport::{Bell, Channel, Coming, NetError, Transport};

#[cfg(test)]
mod tests;
