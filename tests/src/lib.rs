//! What the tests, the demo, the story and the benches share. No product rule lives here.
//!
//! `generator` makes plausible data from a seed, `harness` gives an office, devices, a network that can be cut and a
//! clock that is turned by hand, `tap` looks into bytes on the wire and on the disk, `simulator` plays seeded
//! histories against an oracle of its own, `seed` fills the demo's organisation; `story` plays the main job on real
//! `processes`, `bench` measures what users wait for, `faults` makes machines and networks fail.

pub mod bench;
pub mod faults;
pub mod fuzzing;
pub mod generator;
pub mod harness;
pub mod processes;
pub mod seed;
pub mod simulator;
pub mod story;
pub mod tap;
