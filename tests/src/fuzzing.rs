//! What is fed with nonsense: by cargo-fuzz for as long as one likes (fuzz/), and by `tests/fuzz_corpus.rs` with the
//! committed corpus and seeded mutations of it, on the stable compiler. A panic is the finding.

use std::ops::ControlFlow;

use satchel_core::docs::Doc;
use satchel_core::docs::{change, check};
use satchel_core::domain::kind::Registry;
use satchel_core::domain::kinds::client;
use satchel_core::domain::limits;
use satchel_core::exchange::cell::Row;
use satchel_core::exchange::columns;
use satchel_core::exchange::read::{self, FileFormat, ReadError};
use satchel_core::exchange::row::Drafter;
use satchel_core::exchange::values::{Known, Reader};
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

/// A file as somebody wants it imported: found out, looked at, and gone through row by row.
///
/// # Panics
/// Where a row is larger than any row may be.
pub fn files(bytes: &[u8]) {
    let mut source = std::io::Cursor::new(bytes);
    for name in ["file", "cards.vcf"] {
        let Ok(reading) = read::detect(&mut source, name, "ua") else { continue };
        let Ok(looked) = read::look(&mut source, &reading) else { continue };
        let columns = columns::propose(&Registry::built_in(), &client::KIND, &looked.columns);
        let drafter = Drafter {
            kinds: columns::together(&Registry::built_in(), &client::KIND),
            columns: &columns,
            defaults: Vec::new(),
            country: "ua",
            lenient: reading.format == FileFormat::Vcard,
            reader: Reader { month_first: reading.month_first, zone: chrono_tz::UTC, known: Known::default() },
        };
        let _ = read::each_row(&mut source, &reading, &mut |row: Row| -> Result<_, ReadError> {
            let size: usize = row.cells.iter().map(|cell| cell.text().len()).sum();
            assert!(reading.format == FileFormat::Xlsx || size <= 4 * read::ROW_BYTES, "a row of {size} bytes passed");
            if let Ok(draft) = drafter.draft(&row) {
                let _ = draft.keys("ua");
            }
            Ok(ControlFlow::Continue(()))
        });
    }
}
