//! Decisions about lost devices and people who have left: revocation and wipe (REV-1, REV-2).

use chrono::{DateTime, Duration, Utc};

use super::authority::{Device, Role, User};
use super::decide::{OfficeView, supervises};
use super::ids::*;
use super::order::{Event, LONGEST_DELAY, Plan, Refusal, Wipe};

/// How devices are to be emptied, by which order, and the time now.
type Emptying = (Option<Wipe>, CommandId, DateTime<Utc>);

/// Ends a device's rights; one whose rights have ended can still be told to empty itself.
pub(super) fn revoke_device(
    view: &dyn OfficeView,
    by: &User,
    device: DeviceId,
    emptying: Emptying,
) -> Result<Plan, Refusal> {
    let device = governed(view, by, device)?;
    let mut plan = Plan::default();
    shut_out(&mut plan, &device, emptying);
    if plan.events.is_empty() { Err(Refusal::Nothing) } else { Ok(plan) }
}

/// Ends a person's rights with all his devices'.
pub(super) fn revoke_person(
    view: &dyn OfficeView,
    by: &User,
    user: UserId,
    emptying: Emptying,
) -> Result<Plan, Refusal> {
    let person = view.user(user).ok_or(Refusal::NotFound)?;
    if !supervises(view, by, person.department) {
        return Err(Refusal::NotFound);
    }
    if person.id == by.id || !outranks(by, &person) {
        return Err(Refusal::NotAllowed);
    }
    let mut plan = Plan::default();
    if person.active {
        plan.events.push(Event::PersonRevoked { user });
    }
    for device in view.devices_of(user) {
        shut_out(&mut plan, &device, emptying);
    }
    if plan.events.is_empty() { Err(Refusal::Nothing) } else { Ok(plan) }
}

/// Takes a wipe back while its delay runs (rule 3).
pub(super) fn withdraw_wipe(
    view: &dyn OfficeView,
    by: &User,
    device: DeviceId,
    now: DateTime<Utc>,
) -> Result<Plan, Refusal> {
    let device = governed(view, by, device)?;
    let wipe = device.wipe.ok_or(Refusal::Nothing)?;
    if wipe.done_at.is_some() || wipe.due <= now {
        return Err(Refusal::TooLate);
    }
    let event = Event::WipeWithdrawn { device: device.id, user: device.user, order: wipe.order };
    Ok(Plan { events: vec![event], refused: Vec::new() })
}

/// A device of his own, or of somebody he supervises.
fn governed(view: &dyn OfficeView, by: &User, device: DeviceId) -> Result<Device, Refusal> {
    let device = view.device(device).ok_or(Refusal::NotFound)?;
    let supervised = view.user(device.user).is_some_and(|user| supervises(view, by, user.department));
    if device.user == by.id || supervised { Ok(device) } else { Err(Refusal::NotFound) }
}

/// Nobody ends the rights of his equals: an admin ends anybody's, a supervisor those of reps and of supervisors below.
fn outranks(by: &User, person: &User) -> bool {
    match (by.role, person.role) {
        (Role::Admin, _) | (Role::Supervisor, Role::Rep) => true,
        (Role::Supervisor, Role::Supervisor) => by.department != person.department,
        _ => false,
    }
}

fn shut_out(plan: &mut Plan, device: &Device, (wipe, order, now): Emptying) {
    let user = device.user;
    if !device.revoked {
        plan.events.push(Event::DeviceRevoked { device: device.id, user });
    }
    if let Some(wipe) = wipe.filter(|_| device.wipe.is_none()) {
        let due = now + Duration::seconds(wipe.after_seconds.min(LONGEST_DELAY).into());
        plan.events.push(Event::WipeOrdered { device: device.id, user, order, rescue: wipe.rescue, due });
    }
}
