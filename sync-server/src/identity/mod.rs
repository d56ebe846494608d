//! Who somebody is: passwords, links, device keys, tokens, and how often they may be tried.

pub mod attempts;
pub mod password;
pub mod secrets;
