//! What the database must and must not do.

mod arranging;
mod bench;
mod calling;
pub(crate) mod damage;
mod deeds;
mod doctoring;
mod family;
pub(crate) mod fixture;
mod folding;
mod lists;
mod mending;
mod opening;
mod purging;
mod rebasing;
mod receipts;
mod searching;
mod twins;
mod undoing;
mod views;
mod writing;
