//! Verdicts, and what is rebuilt because of them.

use super::fixture::*;
use crate::docs::Doc;
use crate::domain::authority::{DeviceId as _, *};
