//! The Satchel CRM without window, socket server or key store.
//!
//! Arrows: `domain ← docs ← store ← sync ← app`, and `domain ← exchange ← app`. The sync server uses
//! `domain`, `docs` and `sync::wire` only.

pub mod app;
pub mod docs;
pub mod domain;
pub mod exchange;
pub mod store;
pub mod sync;
pub mod system;
