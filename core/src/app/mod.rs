//! Everything a person can do, as functions of [`App`]; the shells only pass them on.

mod absences;
pub mod api;
mod background;
pub mod bindings;
mod callers;
mod clients;
pub mod commands;
mod completeness;
mod config;
mod desk;
mod doctor;
mod entry;
mod error;
mod exporting;
mod handle;
mod importing;
mod inbox;
mod interactions;
mod keys;
mod lists;
mod many;
mod merging;
mod orders;
mod outbox;
mod past;
mod pending;
mod people;
mod profile;
mod records;
mod rehearsal;
mod searching;
mod shown;
mod similar;
mod status;
#[cfg(test)]
mod tests;
mod trash;
mod twins;
mod undo;
mod why;
mod wipe;

pub use config::{AppConfig, KeyStore, KeyStoreError, TransportFactory, http};
pub use error::{Code, Error, ErrorKind};
pub use handle::{App, Subscriber};
pub use keys::unwrap_database_key;
