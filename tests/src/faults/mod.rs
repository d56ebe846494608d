//! What happens when the machine fails: processes killed at every call that writes, a full or broken disk, crash
//! images, a bad network. Played by `satchel-faults`, a sample of it with every run of the tests.

mod child;
mod ground;
mod images;
mod injected;
mod play;
mod report;

pub use child::{serve_commands, serve_office};
pub use ground::Served;
pub use images::run_images;
pub use injected::{Side, Trouble};
pub use play::{Options, run};
pub use report::{Line, Tally};
