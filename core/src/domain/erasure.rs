//! Erasing what is personal in records, for good: an admin's order with a delay in which it can be taken back (ERA-1).

use std::collections::BTreeSet;

use chrono::{DateTime, Duration, Utc};

use super::authority::{Role, User};
use super::decide::OfficeView;
use super::ids::*;
use super::order::{Event, LONGEST_DELAY, Plan, Refusal};

/// Most records of one order; one person's data are a handful.
const RECORDS: usize = 100;

pub(super) fn erase(
    view: &dyn OfficeView,
    by: &User,
    records: &[RecordId],
    (order, after_seconds, now): (CommandId, u32, DateTime<Utc>),
) -> Result<Plan, Refusal> {
    // Said before anything is looked at: who may not erase learns nothing of what there is.
    if by.role != Role::Admin {
        return Err(Refusal::NotAllowed);
    }
    let due = now + Duration::seconds(after_seconds.min(LONGEST_DELAY).into());
    let mut plan = Plan::default();
    for record in records.iter().take(RECORDS).collect::<BTreeSet<_>>() {
        if !view.exists(*record) {
            plan.refused.push((*record, Refusal::NotFound));
        } else if view.erasure(*record).is_some() {
            plan.refused.push((*record, Refusal::Nothing));
        } else {
            plan.events.push(Event::ErasureOrdered { record: *record, order, due });
        }
    }
    match plan.refused.first() {
        Some((_, refusal)) if plan.events.is_empty() => Err(refusal.clone()),
        None if plan.events.is_empty() => Err(Refusal::Nothing),
        _ => Ok(plan),
    }
}

/// Takes one erasure back while its delay runs (rule 3).
pub(super) fn withdraw(
    view: &dyn OfficeView,
    by: &User,
    plan: &mut Plan,
    (record, order): (RecordId, CommandId),
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    if by.role != Role::Admin {
        return Err(Refusal::NotFound);
    }
    match view.erasure(record) {
        Some((standing, due)) if standing == order && now < due => {
            plan.events.push(Event::ErasureWithdrawn { record, order });
            Ok(())
        }
        _ => Err(Refusal::TooLate),
    }
}
