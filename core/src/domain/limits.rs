//! Limits at the door (promises.md). The server refuses past them; the device does not produce what is past them.

/// Largest request or page body, compressed or not, in bytes.
pub const BODY_BYTES: usize = 8 * 1024 * 1024;
/// Longest headers of all frames of one request, in bytes.
pub const HEADER_BYTES: usize = 2 * 1024 * 1024;
/// Most records a group makes or changes.
pub const ITEMS_PER_GROUP: usize = 2_000;
/// Most items one order names.
pub const ITEMS_PER_ORDER: usize = 10_000;
/// Most changes in one push.
pub const CHANGES_PER_PUSH: usize = 1_000;
/// Most operations in one change.
pub const OPERATIONS_PER_CHANGE: u64 = 10_000;
/// Most operations, and most changes, in a snapshot of a record's history.
pub const OPERATIONS_PER_SNAPSHOT: u64 = 1_000_000;
/// Most fields an organisation makes for one kind.
pub const CUSTOM_FIELDS: usize = 200;
/// Characters of pasted text after which the device splits it into changes of one group.
pub const PASTED_CHARACTERS: usize = 8_000;
/// Largest record, as the sum of its changes, in bytes.
pub const RECORD_BYTES: usize = 16 * 1024 * 1024;
/// Longest map key in bytes.
pub const KEY_BYTES: usize = 256;
/// Deepest nesting of a document.
pub const DEPTH: usize = 16;
/// Minutes an access token lives.
pub const ACCESS_MINUTES: i64 = 10;
/// Minutes an enrolment link lives unless the admin says otherwise.
pub const LINK_MINUTES: i64 = 15;
/// Days a device may be out of contact before it locks itself, unless the organisation says otherwise.
pub const LEASE_DAYS: u32 = 30;
/// Most days an organisation may set.
pub const LONGEST_LEASE_DAYS: u32 = 180;
/// Seconds in which a used refresh token still gets the same answer, for answers lost on the way.
pub const REFRESH_GRACE_SECONDS: i64 = 60;
