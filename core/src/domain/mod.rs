//! What the business is made of: record kinds, values, homes, authority and the office's decisions.
//!
//! No I/O, no clock, no SQL, no JSON: time, ids and the actor are arguments.

pub mod absence;
pub mod authority;
pub mod clock;
pub mod cover;
pub mod cover_plan;
pub mod custom;
pub mod decide;
pub mod digest;
mod erasure;
pub mod fold;
pub mod identifiers;
pub mod ids;
pub mod interactions;
pub mod kind;
pub mod kinds;
pub mod labels;
pub mod likeness;
pub mod limits;
pub mod listing;
mod lost;
pub mod merge;
pub mod order;
pub mod patch;
pub mod phone;
pub mod ranking;
pub mod readings;
pub mod spelling;
pub mod value;
pub mod visibility;

#[cfg(test)]
mod cover_tests;
#[cfg(test)]
mod decide_tests;
#[cfg(test)]
mod reasons_tests;
