//! Two clients that look like one and are not (C-009): said once by whoever supervises both, and remembered for all who
//! do. It lives in the department, whose people see it without seeing both clients: it names neither of them.

use sha2::{Digest, Sha256};

crate::kind! {
    distinction, title: PAIR, home: PersonalOrDepartment, {
        /// What stands for the two ([`pair`]).
        PAIR: String = text("pair").required().fixed();
        /// They are not the same; taken back, the record stays.
        APART: bool = flag("apart");
    }
}

/// What stands for two clients, whichever of them is named first. Whoever does not know both ids reads nothing in it:
/// each has 74 random bits.
#[must_use]
pub fn pair(one: RecordId, other: RecordId) -> String {
    let (first, second) = if one < other { (one, other) } else { (other, one) };
    let digest = Sha256::new()
        .chain_update(b"satchel two clients")
        .chain_update(first.bytes())
        .chain_update(second.bytes())
        .finalize();
    digest[..16].iter().map(|byte| format!("{byte:02x}")).collect()
}
