//! Sync: frames both sides share (`wire`), their parts on a live connection (`parts`), and the device's half (`device`).

pub mod device;
pub mod parts;
pub mod wire;
