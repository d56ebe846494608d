//! The server over HTTP: one table of routes, each with its access rule.

pub mod dispatch;
mod hint;
mod join;
mod live;
mod metrics;
pub mod serve;
mod tidy;
