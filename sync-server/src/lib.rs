//! The Satchel sync server: identity, authority and the change log. It never writes a document.
//!
//! [`Office`] is the whole server without sockets; `http` wraps it, `cli` administers it.

pub mod cli;
pub mod http;
pub mod identity;
pub mod live;
pub mod office;
pub mod pull;
pub mod push;
pub mod storage;

pub use http::dispatch::{Answer, dispatch};
pub use office::{Office, OfficeError, Settings};
