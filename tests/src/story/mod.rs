//! The main job, played headless: a server and five devices as separate processes over TCP. Every printed fact is read
//! back from the device that is said to see it; any mismatch ends the story with an error.

mod acts;
mod device;

pub use acts::play;
