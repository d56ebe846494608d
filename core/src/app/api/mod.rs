//! What goes in and out of the commands: plain values, typed to TypeScript. No rule lives here.
//!
//! Instants are RFC 3339 in UTC, days are `YYYY-MM-DD`; words for people are never made here, only keys and
//! values the interface puts into words.

mod absences;
mod callers;
mod clients;
mod completeness;
mod declared;
mod doctor;
mod exchange;
mod history;
mod lists;
mod merging;
mod office;
mod records;
mod shown;
mod similar;
mod state;
mod told;
mod twins;

pub use absences::*;
pub use callers::*;
pub use clients::*;
pub use completeness::*;
pub use declared::*;
pub use doctor::*;
pub use exchange::*;
pub use history::*;
pub use lists::*;
pub use merging::*;
pub use office::*;
pub use records::*;
pub use shown::*;
pub use similar::*;
pub use state::*;
pub use told::*;
pub use twins::*;
