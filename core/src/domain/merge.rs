//! Clients made twice become one, and come apart again (docs/adr/0014).
//!
//! What lives under the one that goes lives under the one that stays from then on, and so is seen by whoever sees that
//! one. The one that goes keeps its own record, which nobody writes any more.

use std::collections::BTreeSet;

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

use super::absence::{BACK_DAYS, Stage, StandIn};
use super::authority::{ClientAuthority, Home, Level, Reason, User};
use super::decide::{OfficeView, end_grant, supervises};
use super::ids::*;
use super::order::{Event, Move, Plan, Refusal};
use super::{cover, order};

/// What became of a client that was made twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Merged {
    /// The client that stayed.
    pub into: RecordId,
    /// Who said so.
    pub by: UserId,
    /// By the server's clock.
    pub at: DateTime<Utc>,
    /// The order, by which it is taken back.
    pub command: CommandId,
}

/// Merges clients into one. Whoever may write all of them may; where they are different people's, whoever supervises
/// all of these.
pub(super) fn merge(view: &dyn OfficeView, by: &User, into: &Move, others: &[Move]) -> Result<Plan, Refusal> {
    let stays = writable(view, by, into)?;
    let mut plan = Plan::default();
    let (mut done, mut given) = (BTreeSet::from([into.client]), Vec::new());
    let mut goes = Vec::new();
    for item in others {
        if !done.insert(item.client) {
            continue;
        }
        match mergeable(view, by, item, &stays) {
            Ok(()) => {
                goes.push(item);
                if item.from != stays.responsible {
                    given.push((item.client, item.from, stays.responsible));
                }
            }
            Err(refusal) => plan.refused.push((item.client, refusal)),
        }
    }
    // Half of what somebody chose to be one is not what he chose.
    if let Some((_, refusal)) = plan.refused.first() {
        return Err(refusal.clone());
    }
    if goes.is_empty() {
        return Err(Refusal::Nothing);
    }
    cover::end_covers(view, &mut plan, &given);
    for item in goes {
        merge_one(view, &mut plan, item, (into.client, stays.responsible));
    }
    Ok(plan)
}

/// True where somebody may make one client of these two, as far as his rights go.
#[must_use]
pub fn may_merge(view: &dyn OfficeView, by: &User, one: RecordId, other: RecordId) -> bool {
    let held = |client| view.client(client).map(|held| Move { client, from: held.responsible });
    let (Some(one), Some(other)) = (held(one), held(other)) else { return false };
    writable(view, by, &one).is_ok_and(|stays| mergeable(view, by, &other, &stays).is_ok())
}

/// The same of a client and one he is about to make.
#[must_use]
pub fn may_merge_with_new(view: &dyn OfficeView, by: &User, client: RecordId) -> bool {
    let new = ClientAuthority { responsible: by.id, department: by.department };
    view.client(client).is_some_and(|held| mergeable(view, by, &Move { client, from: held.responsible }, &new).is_ok())
}

fn writable(view: &dyn OfficeView, by: &User, item: &Move) -> Result<ClientAuthority, Refusal> {
    let held = view.client(item.client).ok_or(Refusal::NotFound)?;
    let grants = view.grants(Home::Client(item.client), by.id);
    let writes = supervises(view, by, held.department) || grants.iter().any(|grant| grant.level == Level::Write);
    if !(writes || held.responsible == by.id) {
        return Err(if grants.is_empty() { Refusal::NotFound } else { Refusal::NotAllowed });
    }
    if held.responsible != item.from {
        return Err(Refusal::Expected { expected: item.from, found: held.responsible });
    }
    Ok(held)
}

fn mergeable(view: &dyn OfficeView, by: &User, item: &Move, stays: &ClientAuthority) -> Result<(), Refusal> {
    let held = writable(view, by, item)?;
    let over = |client: &ClientAuthority| supervises(view, by, client.department);
    if held.responsible != stays.responsible && !(over(&held) && over(stays)) {
        return Err(Refusal::NotAllowed);
    }
    Ok(())
}

fn merge_one(view: &dyn OfficeView, plan: &mut Plan, goes: &Move, (into, responsible): (RecordId, UserId)) {
    let (from, to) = (Home::Client(goes.client), Home::Client(into));
    let mut moved: BTreeSet<RecordId> = plan.events.iter().filter_map(assigned).collect();
    if goes.from == responsible {
        cover_moves(view, plan, goes, into);
    } else {
        // What its person was still to do there goes to the one who has the client from now on.
        for interaction in view.open_interactions(goes.client, goes.from) {
            if moved.insert(interaction) {
                end_grant(view, plan, from, goes.from, Reason::Assigned(interaction));
                let (from, to, comment) = (goes.from, responsible, String::new());
                plan.events.push(Event::InteractionAssigned { interaction, client: into, from, to, comment });
            }
        }
    }
    for (user, grant) in view.holders(from) {
        let reason = grant.reason;
        let ended = plan.events.iter().any(|event| {
            matches!(event, Event::GrantEnded { home, user: whose, reason: of, .. }
                if (*home, *whose, *of) == (from, user, reason))
        });
        // Nobody keeps a reason to see what is empty: it would show him the client once it is parted again.
        if !ended {
            plan.events.push(Event::GrantEnded { home: from, user, reason, by_itself: false });
        }
        // Whoever works on an interaction goes on working on it, where it lives now.
        if let Reason::Assigned(interaction) = reason
            && !moved.contains(&interaction)
            && user != responsible
        {
            let (level, until) = (grant.level, grant.until);
            plan.events.push(Event::GrantGiven { home: to, user, reason, level, until });
        }
    }
    plan.events.push(Event::ClientMerged { client: goes.client, into, from: goes.from, to: responsible });
}

fn assigned(event: &Event) -> Option<RecordId> {
    match event {
        Event::InteractionAssigned { interaction, .. } => Some(*interaction),
        _ => None,
    }
}

/// Both are the same absent person's: whoever stands in for the one that stays goes on; where nobody does, whoever
/// stood in for the one that goes does it there.
fn cover_moves(view: &dyn OfficeView, plan: &mut Plan, goes: &Move, into: RecordId) {
    for held in view.absences_of(goes.from) {
        let Some(given) = held.clients.iter().find(|given| given.record == goes.client).copied() else { continue };
        if held.stage != Stage::Running || held.is_for_good() {
            continue;
        }
        let reason = Reason::Substitute(held.id);
        end_grant(view, plan, Home::Client(goes.client), given.to, reason);
        // Another of his that went before has changed it already.
        let changed = plan.events.iter_mut().find_map(|event| match event {
            Event::AbsenceSet { after, .. } if after.id == held.id => Some(after),
            _ => None,
        });
        let mut after = changed.as_ref().map_or_else(|| held.clone(), |after| (***after).clone());
        after.clients.retain(|given| given.record != goes.client);
        let stands_in = after.substitute_for(into).is_none();
        if stands_in {
            after.clients.push(StandIn { record: into, to: given.to });
        }
        match changed {
            Some(changed) => **changed = after,
            None => {
                let before = Some(Box::new(held.clone()));
                plan.events.push(Event::AbsenceSet { before, after: Box::new(after) });
            }
        }
        if stands_in {
            let (home, user, level, until) = (Home::Client(into), given.to, Level::Write, held.until);
            plan.events.push(Event::GrantGiven { home, user, reason, level, until });
        }
    }
}

/// Takes a merge back: everything that came with a client goes with it again, also what was made there later by those
/// who did not know.
pub(super) fn part(
    view: &dyn OfficeView,
    (by, own): (&User, bool),
    undone: CommandId,
    events: &[Event],
    now: DateTime<Utc>,
) -> Result<Plan, Refusal> {
    let mut plan = Plan::default();
    for event in events {
        let Event::ClientMerged { client, from, .. } = event else { continue };
        match parted(view, (by, own), (*client, undone)) {
            Ok((into, stays)) => part_one(view, &mut plan, (*client, *from), (into, &stays), (events, now)),
            Err(refusal) if own || refusal != Refusal::NotFound => plan.refused.push((*client, refusal)),
            Err(_) => {}
        }
    }
    cover::cover_again(view, &mut plan, events);
    match plan.refused.first() {
        Some((_, refusal)) if plan.events.is_empty() => Err(refusal.clone()),
        None if plan.events.is_empty() => Err(Refusal::NoUndo),
        _ => Ok(plan),
    }
}

/// The client it was merged into, where that is so still and the person may say so.
fn parted(
    view: &dyn OfficeView,
    (by, own): (&User, bool),
    (client, undone): (RecordId, CommandId),
) -> Result<(RecordId, ClientAuthority), Refusal> {
    let merged = view.merged(client).filter(|merged| merged.command == undone).ok_or(Refusal::Nothing)?;
    let stays = view.client(merged.into).ok_or(Refusal::NotFound)?;
    let grants = view.grants(Home::Client(merged.into), by.id);
    let writes = stays.responsible == by.id || grants.iter().any(|grant| grant.level == Level::Write);
    if !(supervises(view, by, stays.department) || own && writes) {
        return Err(Refusal::NotFound);
    }
    Ok((merged.into, stays))
}

fn part_one(
    view: &dyn OfficeView,
    plan: &mut Plan,
    (client, from): (RecordId, UserId),
    (into, stays): (RecordId, &ClientAuthority),
    (events, now): (&[Event], DateTime<Utc>),
) {
    // Whoever had it has it again; where he has left, it stays with the other one's person.
    let back = view.user(from).filter(|user| user.active).or_else(|| view.user(stays.responsible));
    let Some(back) = back else { return plan.refused.push((client, Refusal::Inactive)) };
    let (home, from_home) = (Home::Client(client), Home::Client(into));
    let (reason, level, until) = (Reason::Responsible, Level::Write, None);
    plan.events.push(Event::GrantGiven { home, user: back.id, reason, level, until });
    let came = view.came_with(client);
    let holders = view.holders(from_home);
    for (user, grant) in holders.iter().cloned() {
        if let Reason::Assigned(interaction) = grant.reason
            && came.contains(&interaction)
        {
            plan.events.push(Event::GrantEnded { home: from_home, user, reason: grant.reason, by_itself: false });
            if user != back.id {
                let (reason, level, until) = (grant.reason, grant.level, grant.until);
                plan.events.push(Event::GrantGiven { home, user, reason, level, until });
            }
        }
    }
    for event in events {
        let Event::InteractionAssigned { interaction, from: gave, to: took, .. } = event else { continue };
        let held = view.interaction(*interaction).filter(|held| held.open && held.assigned == *took);
        if *gave == back.id && held.is_some() && came.contains(interaction) {
            let (interaction, from, to, comment) = (*interaction, *took, *gave, String::new());
            plan.events.push(Event::InteractionAssigned { interaction, client, from, to, comment });
        }
    }
    let returned: BTreeSet<RecordId> = plan.events.iter().filter_map(assigned).collect();
    for interaction in came.difference(&returned) {
        // Who needed no reason of his own while both were one sees the client for what he is still to do there.
        let Some(held) = view.interaction(*interaction).filter(|held| held.open && held.assigned != back.id) else {
            continue;
        };
        let (user, reason) = (held.assigned, Reason::Assigned(*interaction));
        if !holders.iter().any(|(holder, grant)| *holder == user && grant.reason == reason) {
            let until = Some(now + Duration::days(BACK_DAYS));
            plan.events.push(Event::GrantGiven { home, user, reason, level: Level::Add, until });
        }
    }
    let (to, department) = (back.id, back.department);
    plan.events.push(order::Event::ClientParted { client, from: into, to, department });
}
