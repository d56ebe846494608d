//! What is fed with nonsense: by cargo-fuzz for as long as one likes (fuzz/), and by `tests/fuzz_corpus.rs` with the
//! committed corpus and seeded mutations of it, on the stable compiler. A panic is the finding.

use satchel_core::docs::Doc;
use satchel_core::docs::{change, check};
use satchel_core::domain::kind::Registry;
use satchel_core::domain::limits;
use satchel_core::sync::wire::{Down, Up, unpack, unpack_request};

/// A body as it arrives: as it is, and as what is inside the compression.
pub fn frames(bytes: &[u8]) {
    let packed = zstd::encode_all(bytes, 1).unwrap_or_default();
    for body in [bytes, &packed] {
        let _ = unpack_request::<Up>(body);
        let _ = unpack::<Down>(body);
    }
}

/// A change as a device sends it: looked at, measured against each kind, and applied where it is let through.
///
/// # Panics
/// Where a limit let something pass that is past it.
pub fn ingestion(bytes: &[u8]) {
    let Ok((info, parsed)) = change::parse(bytes) else { return };
    assert!(info.n_ops <= limits::OPERATIONS_PER_CHANGE, "{} operations passed", info.n_ops);
    let registry = Registry::built_in();
    let fits = registry.iter().filter(|kind| check::shape(Some(kind), &parsed).is_ok()).count();
    let unknown = check::shape(None, &parsed).is_ok();
    assert!(unknown || fits == 0, "an unknown kind takes whatever a known one takes");
    if unknown && let Ok(mut doc) = Doc::load(&[]) {
        // What Automerge makes of it is caught by the door; here it only must not run away.
        let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| doc.apply(&[bytes])));
    }
}
