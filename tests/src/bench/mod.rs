//! What users wait for, measured on a release build: a server and every device are processes of their own on fresh
//! folders, and what both devices hold is compared before a figure is printed. benches/README.md says how each figure
//! is taken.

mod child;
mod compaction;
mod counting;
mod figures;
mod files;
mod live;
mod orders;
mod parent;
mod searching;

pub use child::serve_questions;
pub use figures::Figure;
pub use parent::{Options, run};
