//! Sync: frames and state machines both sides share (`wire`), and the device's half (`device`).

pub mod device;
pub mod wire;
