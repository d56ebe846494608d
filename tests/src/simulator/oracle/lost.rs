//! Lost devices and people who have left: rights end at once, a device is emptied when its order is due, and what was
//! to be rescued is rescued first (REV-1, REV-2).

use chrono::{DateTime, Duration, Utc};
use satchel_core::domain::ids::*;
use satchel_core::domain::order::Wipe;
use satchel_core::sync::wire::{Frame, Item, RevokedDown, RevokedUp, Told, unpack};

use super::orders::Effect;
use super::watch::Exchange;
use super::{Fate, Oracle};

/// An order to empty a device.
#[derive(Clone, Copy, Debug)]
pub struct Emptying {
    /// What was not sent is handed over first.
    pub rescue: bool,
    /// Not before this.
    pub due: DateTime<Utc>,
    /// The device is empty.
    pub done: bool,
}

impl Oracle {
    pub(super) fn revoke_device(
        &mut self,
        by: UserId,
        device: DeviceId,
        wipe: Option<Wipe>,
        (apply, now): (bool, DateTime<Utc>),
    ) -> Option<Vec<Effect>> {
        let owner = *self.devices.get(&device)?;
        let boss = self.people.get(&owner).is_some_and(|one| self.supervises(by, one.department));
        if owner != by && !boss {
            return None;
        }
        let news = !self.revoked.contains(&device) || (wipe.is_some() && !self.wipes.contains_key(&device));
        if !news {
            // Two supervisors, or one twice while he was offline: the second may be told either way.
            return apply.then(Vec::new);
        }
        if apply {
            self.shut_out(device, wipe, now);
        }
        Some(Vec::new())
    }

    pub(super) fn revoke_person(
        &mut self,
        by: UserId,
        user: UserId,
        wipe: Option<Wipe>,
        (apply, now): (bool, DateTime<Utc>),
    ) -> Option<Vec<Effect>> {
        let person = self.people.get(&user)?.clone();
        // Nobody ends the rights of his equals, nor his own.
        if !self.supervises(by, person.department) || by == user || person.supervises {
            return None;
        }
        let his: Vec<DeviceId> =
            self.devices.iter().filter(|(_, owner)| **owner == user).map(|(device, _)| *device).collect();
        if !person.active {
            // Who has left already may still have his devices emptied; ordered a second time it may be told either way.
            if apply && wipe.is_some() {
                his.into_iter().for_each(|device| self.shut_out(device, wipe, now));
            }
            return apply.then(Vec::new);
        }
        if apply {
            self.leave(user);
            his.into_iter().for_each(|device| self.shut_out(device, wipe, now));
            self.count("people left");
        }
        Some(Vec::new())
    }

    fn shut_out(&mut self, device: DeviceId, wipe: Option<Wipe>, now: DateTime<Utc>) {
        self.revoked.insert(device);
        self.count("devices revoked");
        if let Some(wipe) = wipe {
            let due = now + Duration::seconds(wipe.after_seconds.into());
            self.wipes.entry(device).or_insert(Emptying { rescue: wipe.rescue, due, done: false });
        }
    }

    /// Takes an exchange on `/v1/wipe` into the books.
    pub fn watch_last_words(&mut self, exchange: &Exchange) {
        let (Ok(sent), Ok(received)) = (unpack::<RevokedUp>(&exchange.sent), unpack::<RevokedDown>(&exchange.received))
        else {
            return self.object("last words are not frames");
        };
        let Some(user) = self.devices.get(&exchange.device).copied() else { return };
        if received.iter().any(|frame| !frame.blobs.is_empty()) {
            self.object(format!("a revoked device of {} was answered with data", self.name(user)));
        }
        if let Some(RevokedDown::Told(told)) = received.first().map(|frame| &frame.message) {
            self.check_told(exchange.device, told);
        }
        for frame in &sent {
            if let RevokedUp::Group(group) = &frame.message {
                if group.items.iter().any(|item| matches!(item, Item::Command(_))) {
                    self.count("orders of revoked devices");
                    continue;
                }
                let verdict = received.iter().find_map(|answer: &Frame<RevokedDown>| match &answer.message {
                    RevokedDown::Verdict(verdict) if verdict.group == group.id => Some(verdict.outcome.clone()),
                    _ => None,
                });
                let Some(outcome) = verdict else { continue };
                self.judge_group(exchange.device, (group, &frame.blobs), outcome, exchange.at);
                self.count("rescued groups");
            }
        }
        self.check_view(user, exchange);
    }

    /// The device hears its order, and no other.
    fn check_told(&mut self, device: DeviceId, told: &Told) {
        if told.revoked != self.revoked.contains(&device) {
            self.object("a device was told wrongly whether its rights have ended");
        }
        let standing = self.wipes.get(&device).filter(|one| !one.done).map(|one| (one.rescue, one.due));
        let heard = told.order.map(|order| (order.rescue, order.due));
        if standing != heard {
            self.object(format!("a device was told {heard:?} of being emptied, where {standing:?} was ordered"));
        }
    }

    /// A device has emptied itself. Nothing it had not sent may be lost by that, where it was to be rescued.
    pub fn emptied(&mut self, device: DeviceId, now: DateTime<Utc>) {
        let Some(order) = self.wipes.get_mut(&device) else {
            return self.object("a device emptied itself without an order");
        };
        order.done = true;
        let Emptying { rescue, due, .. } = *order;
        if now < due {
            self.object("a device emptied itself before its order was due");
        }
        let left = self.edits().find(|(_, typed, fate)| typed.device == device && *fate == Fate::Waiting);
        if let (true, Some((edit, typed, _))) = (rescue, left) {
            self.object(format!("edit {edit} ({typed:?}) was not rescued"));
        }
        self.count("devices emptied");
    }
}
