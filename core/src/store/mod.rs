//! The device's database: one SQLCipher file per (organisation, user), one writer, a small read pool.
//!
//! Documents are the truth, view tables and search are made from them and may be dropped at any time. The outbox,
//! the mirror of authority, receipts, settings and the state of sync stand beside them. No SQL outside this folder.

pub mod absences;
mod access;
mod arrange;
pub mod blank;
pub mod callers;
pub mod checkup;
pub mod commands;
pub mod completeness;
pub mod deeds;
pub mod diagnosis;
pub mod digest;
pub mod error;
pub mod imports;
pub mod interactions;
pub mod lease;
pub mod lists;
pub mod merges;
pub mod mirror;
pub mod notices;
pub mod office;
pub mod open;
mod opened;
pub mod outbox;
pub mod past;
pub mod proposals;
pub mod receipts;
pub mod records;
pub mod related;
pub mod rescue;
pub mod search;
pub mod settings;
pub mod similar;
pub mod stamps;
pub mod state;
pub mod trash;
pub mod twins;
pub mod undo;
pub mod write;

mod cells;
mod collate;
mod columns;
mod conditions;
mod contacts;
mod custom;
mod documents;
mod erasure;
mod folding;
mod incoming;
mod index;
mod known;
mod purge;
mod ranking;
mod rebase;
mod schema;
mod scrub;
mod tray;
mod verdicts;
mod views;

pub(crate) mod pages;
pub(crate) mod push;
pub(crate) mod returning;

pub use error::StoreError;
pub use open::{DatabaseKey, Store};

#[cfg(test)]
pub(crate) mod tests;
