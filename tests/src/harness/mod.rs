//! Devices, an office, a network that can be cut and a clock that is turned by hand, all in one process.
//!
//! ```ignore
//! let office = Office::open();
//! let (phone, laptop) = (office.device(ANNA, "phone"), office.device(ANNA, "laptop"));
//! let client = phone.offline().client("Альфа");
//! phone.online().sync();
//! laptop.sync();
//! assert_eq!(laptop.text(client, client::NAME), "Альфа");
//! ```

mod clock;
mod desk;
mod device;
mod ids;
mod keys;
mod live;
mod network;
mod office;
mod probe;
mod proxy;
mod reading;
mod writing;

pub use clock::TestClock;
pub use desk::Desk;
pub(crate) use device::snapshot_of;
pub use device::{Device, Synced, Typing};
pub use ids::SeededIds;
pub use keys::{KeyFile, PocketKeys};
pub use live::{Wired, settle};
pub use network::{Fault, Line, Moment, Onlooker, Recorded, Server};
pub use office::{Cast, Office, PASSWORD, opened, scratch};
pub use probe::{Held, HeldRecord, Probe, group};
pub use proxy::{Proxy, Weather};
pub use writing::Writes;
