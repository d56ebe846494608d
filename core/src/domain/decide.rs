//! The office's decisions: `decide(view, command) → plan | refusal`, pure. The server applies the plan; a rehearsal
//! is the same function without applying; a device rehearses offline on its own mirror (rule 1).

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::absence::{Absence, Stage};
use super::authority::{Assignment, ClientAuthority, Department, Device, Grant, Home, Level, Reason, Role, User};
use super::cover;
use super::ids::*;
use super::merge::{self, Merged};
use super::order::{Command, Event, Move, Order, Plan, Refusal};
use super::{erasure, lost};

/// What a decision has to know. The server answers from its tables within one transaction, a device from its mirror.
pub trait OfficeView {
    /// A colleague.
    fn user(&self, id: UserId) -> Option<User>;
    /// A department.
    fn department(&self, id: DepartmentId) -> Option<Department>;
    /// Who has a client.
    fn client(&self, id: RecordId) -> Option<ClientAuthority>;
    /// Who is to do an interaction.
    fn interaction(&self, id: RecordId) -> Option<Assignment>;
    /// Open interactions with a client that are assigned to a person, in id order.
    fn open_interactions(&self, client: RecordId, assigned: UserId) -> Vec<RecordId>;
    /// The reasons a person has for a home itself, departments above it not counted.
    fn grants(&self, home: Home, user: UserId) -> Vec<Grant>;
    /// A device.
    fn device(&self, id: DeviceId) -> Option<Device>;
    /// True where there is such a record.
    fn exists(&self, record: RecordId) -> bool;
    /// The order to erase what is personal in a record that stands, and when it is due.
    fn erasure(&self, record: RecordId) -> Option<(CommandId, DateTime<Utc>)>;
    /// A person's devices, in id order.
    fn devices_of(&self, user: UserId) -> Vec<Device>;
    /// A set-aside edit.
    fn proposal(&self, id: ProposalId) -> Option<Proposed>;
    /// Who gave a command that was applied, and its events.
    fn applied(&self, id: CommandId) -> Option<(UserId, Vec<Event>)>;
    /// An absence.
    fn absence(&self, id: AbsenceId) -> Option<Absence>;
    /// Absences of a person that are not over or taken back.
    fn absences_of(&self, person: UserId) -> Vec<Absence>;
    /// Clients a person is responsible for, in id order.
    fn clients_of(&self, person: UserId) -> Vec<RecordId>;
    /// Open interactions a person is to do, in id order.
    fn open_of(&self, person: UserId) -> Vec<RecordId>;
    /// Everybody who has a home for a reason of its own, departments above it not counted.
    fn holders(&self, home: Home) -> Vec<(UserId, Grant)>;
    /// What became of a client that was merged into another.
    fn merged(&self, client: RecordId) -> Option<Merged>;
    /// Records that came to another client together with a merged one; a device does not know them.
    fn came_with(&self, client: RecordId) -> BTreeSet<RecordId>;
}

/// What a decision has to know of a set-aside edit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proposed {
    /// What it is an edit of.
    pub record: RecordId,
    /// The client it is for; one that is not there where the edit makes it.
    pub client: RecordId,
    /// Who typed it.
    pub author: UserId,
    /// It was decided on.
    pub decided: bool,
}

/// What the office makes of a command given by `by`.
///
/// # Errors
/// A refusal where nothing of it can be done; parts that cannot are in the plan's `refused`.
pub fn decide(view: &dyn OfficeView, by: UserId, command: &Command, now: DateTime<Utc>) -> Result<Plan, Refusal> {
    let by = view.user(by).filter(|user| user.active).ok_or(Refusal::NotFound)?;
    obey(view, &by, command, now).map(|plan| hand_on(view, plan))
}

fn obey(view: &dyn OfficeView, by: &User, command: &Command, now: DateTime<Utc>) -> Result<Plan, Refusal> {
    match &command.order {
        Order::RedirectInteraction { interaction, from, to, comment, until } => {
            let order = Redirect { interaction: *interaction, from: *from, to: *to, comment, until: *until };
            redirect(view, by, &order, now)
        }
        Order::MoveClients { moves, to, .. } => move_clients(view, by, moves, *to),
        Order::MergeClients { into, others } => merge::merge(view, by, into, others),
        Order::Undo { command: undone } => undo(view, by, *undone, command.id, now),
        Order::RevokeDevice { device, wipe } => lost::revoke_device(view, by, *device, (*wipe, command.id, now)),
        Order::RevokePerson { user, wipe } => lost::revoke_person(view, by, *user, (*wipe, command.id, now)),
        Order::Erase { records, after_seconds } => erasure::erase(view, by, records, (command.id, *after_seconds, now)),
        Order::WithdrawWipe { device } => lost::withdraw_wipe(view, by, *device, now),
        Order::AcceptProposal { proposal } => decide_proposal(view, by, *proposal, None),
        Order::DeclineProposal { proposal, picked } => decide_proposal(view, by, *proposal, Some(picked)),
        Order::RecordAbsence { absence, person, reason, from, until, clients, interactions } => {
            let new = Absence {
                id: *absence,
                person: *person,
                reason: reason.clone(),
                from: *from,
                until: *until,
                stage: Stage::Coming,
                begun_at: None,
                revision: 0,
                by: by.id,
                command: command.id,
                clients: clients.clone(),
                interactions: interactions.clone(),
            };
            cover::record(view, by, new, now)
        }
        Order::ChangeAbsence { absence, revision, from, until, clients, interactions } => {
            let (revision, from, until) = (*revision, *from, *until);
            let wanted = cover::Wanted { revision, from, until, clients, interactions };
            cover::change(view, by, (*absence, command.id), &wanted, now)
        }
        Order::EndAbsence { absence } => cover::end(view, by, (*absence, command.id), now),
        Order::WithdrawAbsence { absence } => cover::withdraw(view, by, (*absence, command.id), now),
        Order::FinishDismissal { absence } => cover::finish(view, by, (*absence, command.id)),
    }
}

/// Whoever does not see a client once a plan is carried out cannot do anything there: what the plan would have given
/// him, and what he had still planned, is for whoever stands in for the client or has it.
pub(super) fn hand_on(view: &dyn OfficeView, mut plan: Plan) -> Plan {
    let merged: BTreeMap<RecordId, RecordId> = plan
        .events
        .iter()
        .filter_map(|event| match event {
            Event::ClientMerged { client, into, .. } => Some((*client, *into)),
            _ => None,
        })
        .collect();
    let heir_of = |plan: &Plan, client: RecordId, user: UserId| {
        let lives = merged.get(&client).copied().unwrap_or(client);
        let (heir, department) = taken_care_of(view, plan, lives)?;
        let boss = view.user(user).is_some_and(|user| supervises(view, &user, department));
        let sees = boss || heir == user || sees(view, plan, Home::Client(lives), user);
        (!sees).then_some(heir)
    };
    let (mut given, mut losers) = (BTreeSet::new(), BTreeSet::new());
    let mut at = 0;
    while let Some(event) = plan.events.get(at) {
        match event {
            Event::InteractionAssigned { interaction, client, from, to, .. } => {
                let (interaction, client, had, user) = (*interaction, *client, *from, *to);
                given.insert(interaction);
                match heir_of(&plan, client, user) {
                    Some(heir) if heir == had => {
                        plan.events.remove(at);
                        continue;
                    }
                    Some(heir) => {
                        if let Some(Event::InteractionAssigned { to, .. }) = plan.events.get_mut(at) {
                            *to = heir;
                        }
                    }
                    None => {}
                }
            }
            Event::GrantEnded { home: Home::Client(client), user, .. } => {
                losers.insert((*client, *user));
            }
            // What came with a client goes with it again, and whoever does it with that.
            Event::ClientParted { client, .. } => given.extend(view.came_with(*client)),
            _ => {}
        }
        at += 1;
    }
    for (client, user) in losers {
        let Some(heir) = heir_of(&plan, client, user) else { continue };
        for interaction in view.open_interactions(client, user) {
            if given.insert(interaction) {
                let (from, to, comment) = (user, heir, String::new());
                plan.events.push(Event::InteractionAssigned { interaction, client, from, to, comment });
            }
        }
    }
    plan
}

/// Who has a client once a plan is carried out, and its department.
pub(super) fn has_then(view: &dyn OfficeView, plan: &Plan, client: RecordId) -> Option<(UserId, DepartmentId)> {
    let moved = plan.events.iter().rev().find_map(|event| match event {
        Event::ClientMoved { client: moved, to, department, .. }
        | Event::ClientParted { client: moved, to, department, .. }
            if *moved == client =>
        {
            Some((*to, *department))
        }
        _ => None,
    });
    moved.or_else(|| view.client(client).map(|held| (held.responsible, held.department)))
}

/// Who stands in for a client or has it once a plan is carried out, and its department.
fn taken_care_of(view: &dyn OfficeView, plan: &Plan, client: RecordId) -> Option<(UserId, DepartmentId)> {
    let (responsible, department) = has_then(view, plan, client)?;
    let stands_in = plan.events.iter().rev().find_map(|event| match event {
        Event::GrantGiven { home: Home::Client(of), user, reason: Reason::Substitute(_), .. } if *of == client => {
            Some(*user)
        }
        _ => None,
    });
    Some((stands_in.unwrap_or(responsible), department))
}

/// Whether somebody has a reason of his own to see a home once a plan is carried out.
fn sees(view: &dyn OfficeView, plan: &Plan, home: Home, user: UserId) -> bool {
    let mut reasons: BTreeSet<Reason> = view.grants(home, user).into_iter().map(|grant| grant.reason).collect();
    for event in &plan.events {
        match event {
            Event::GrantGiven { home: at, user: whose, reason, .. } if (*at, *whose) == (home, user) => {
                reasons.insert(*reason);
            }
            Event::GrantEnded { home: at, user: whose, reason, .. } if (*at, *whose) == (home, user) => {
                reasons.remove(reason);
            }
            _ => {}
        }
    }
    !reasons.is_empty()
}

/// A plan as whoever gave the order may read it. Of an absence of somebody he does not supervise, which ended a cover by
/// the way, he learns nothing: it names clients that are not his to know of (VIS-2).
#[must_use]
pub fn shown_to(view: &dyn OfficeView, by: UserId, mut plan: Plan) -> Plan {
    let Some(by) = view.user(by) else { return Plan::default() };
    plan.events.retain(|event| match event {
        Event::AbsenceSet { after, .. } => {
            let person = view.user(after.person);
            after.person == by.id || person.is_some_and(|person| supervises(view, &by, person.department))
        }
        _ => true,
    });
    plan
}

/// True where `by` supervises the department or one above it, or is an admin.
#[must_use]
pub fn supervises(view: &dyn OfficeView, by: &User, department: DepartmentId) -> bool {
    match by.role {
        Role::Admin => true,
        Role::Rep => false,
        Role::Supervisor => {
            let mut at = Some(department);
            // A department tree deeper than this is a loop made by hand; stop instead of spinning.
            for _ in 0..32 {
                match at {
                    Some(id) if id == by.department => return true,
                    Some(id) => at = view.department(id).and_then(|department| department.parent),
                    None => return false,
                }
            }
            false
        }
    }
}

struct Redirect<'a> {
    interaction: RecordId,
    from: UserId,
    to: UserId,
    comment: &'a str,
    until: DateTime<Utc>,
}

fn redirect(view: &dyn OfficeView, by: &User, order: &Redirect<'_>, now: DateTime<Utc>) -> Result<Plan, Refusal> {
    let held = view.interaction(order.interaction).ok_or(Refusal::NotFound)?;
    let client = view.client(held.client).ok_or(Refusal::NotFound)?;
    let assigned_department = view.user(held.assigned).map(|user| user.department);
    let supervisor = supervises(view, by, client.department)
        || assigned_department.is_some_and(|department| supervises(view, by, department));
    // Somebody who sees neither the client nor the interaction must not learn that it exists.
    let sees = supervisor || held.assigned == by.id || !view.grants(Home::Client(held.client), by.id).is_empty();
    if !sees {
        return Err(Refusal::NotFound);
    }
    if !(supervisor || held.assigned == by.id || client.responsible == by.id) {
        return Err(Refusal::NotAllowed);
    }
    let to = view.user(order.to).filter(|user| user.active).ok_or(Refusal::Inactive)?;
    if held.assigned != order.from {
        return Err(Refusal::Expected { expected: order.from, found: held.assigned });
    }
    if held.assigned == order.to || !held.open {
        return Err(Refusal::Nothing);
    }

    let mut plan = Plan::default();
    let home = Home::Client(held.client);
    let reason = Reason::Assigned(order.interaction);
    end_grant(view, &mut plan, home, held.assigned, reason);
    plan.events.push(Event::InteractionAssigned {
        interaction: order.interaction,
        client: held.client,
        from: held.assigned,
        to: to.id,
        comment: order.comment.to_owned(),
    });
    if to.id != client.responsible {
        let latest = now + chrono::Duration::days(180);
        let until = Some(order.until.clamp(now, latest));
        plan.events.push(Event::GrantGiven { home, user: to.id, reason, level: Level::Add, until });
    }
    Ok(plan)
}

fn move_clients(view: &dyn OfficeView, by: &User, moves: &[Move], to: UserId) -> Result<Plan, Refusal> {
    let to = view.user(to).filter(|user| user.active).ok_or(Refusal::Inactive)?;
    let mut plan = Plan::default();
    let (mut done, mut moved) = (BTreeSet::new(), Vec::new());
    for item in moves {
        if !done.insert(item.client) {
            continue;
        }
        match movable(view, by, item, &to) {
            Ok(()) => {
                move_one(view, &mut plan, (item.client, &BTreeSet::new()), item.from, &to);
                moved.push((item.client, item.from, to.id));
            }
            Err(refusal) => plan.refused.push((item.client, refusal)),
        }
    }
    cover::end_covers(view, &mut plan, &moved);
    match plan.refused.first() {
        // One contradicting client asks for confirmation of the whole; several different troubles are listed.
        Some((_, refusal)) if plan.events.is_empty() => Err(refusal.clone()),
        None if plan.events.is_empty() => Err(Refusal::Nothing),
        _ => Ok(plan),
    }
}

fn movable(view: &dyn OfficeView, by: &User, item: &Move, to: &User) -> Result<(), Refusal> {
    let client = view.client(item.client).ok_or(Refusal::NotFound)?;
    if !supervises(view, by, client.department) {
        let sees = client.responsible == by.id || !view.grants(Home::Client(item.client), by.id).is_empty();
        return Err(if sees { Refusal::NotAllowed } else { Refusal::NotFound });
    }
    if client.responsible != item.from {
        return Err(Refusal::Expected { expected: item.from, found: client.responsible });
    }
    if client.responsible == to.id {
        return Err(Refusal::Nothing);
    }
    Ok(())
}

/// Moves a client with what its person is still to do there; interactions named in `apart` go their own ways.
pub(super) fn move_one(
    view: &dyn OfficeView,
    plan: &mut Plan,
    (client, apart): (RecordId, &BTreeSet<RecordId>),
    from: UserId,
    to: &User,
) {
    let home = Home::Client(client);
    // The new person's grant stands before the old one's ends: nobody finds a client without a responsible (VIS-5).
    plan.events.push(Event::GrantGiven {
        home,
        user: to.id,
        reason: Reason::Responsible,
        level: Level::Write,
        until: None,
    });
    end_grant(view, plan, home, from, Reason::Responsible);
    plan.events.push(Event::ClientMoved { client, from, to: to.id, department: to.department });
    for interaction in view.open_interactions(client, from) {
        if apart.contains(&interaction) {
            continue;
        }
        end_grant(view, plan, home, from, Reason::Assigned(interaction));
        plan.events.push(Event::InteractionAssigned { interaction, client, from, to: to.id, comment: String::new() });
    }
}

pub(super) fn end_grant(view: &dyn OfficeView, plan: &mut Plan, home: Home, user: UserId, reason: Reason) {
    lose_grant(view, plan, (home, user), reason, false);
}

/// Ends a grant where there is one; `by_itself` where its time was over.
pub(super) fn lose_grant(
    view: &dyn OfficeView,
    plan: &mut Plan,
    (home, user): (Home, UserId),
    reason: Reason,
    by_itself: bool,
) {
    if view.grants(home, user).iter().any(|grant| grant.reason == reason) {
        plan.events.push(Event::GrantEnded { home, user, reason, by_itself });
    }
}

fn undo(
    view: &dyn OfficeView,
    by: &User,
    undone: CommandId,
    command: CommandId,
    now: DateTime<Utc>,
) -> Result<Plan, Refusal> {
    let (author, events) = view.applied(undone).ok_or(Refusal::NoUndo)?;
    let own = author == by.id;
    // Of somebody else's order he learns only what it did where he has a say (VIS-2).
    if events.iter().any(|event| matches!(event, Event::ClientMerged { .. })) {
        let parted = merge::part(view, (by, own), undone, &events, now);
        return parted.map_err(|refusal| if own || refusal != Refusal::NotFound { refusal } else { Refusal::NoUndo });
    }
    // What else an order about an absence did follows from the absence.
    if let Some(Event::AbsenceSet { before, after }) = events.first() {
        let undone = cover::undo(view, by, (before.as_deref(), after), command, now);
        return undone.map_err(|refusal| if own || refusal != Refusal::NotFound { refusal } else { Refusal::NoUndo });
    }
    let shown = |refusal: &Refusal| own || *refusal != Refusal::NotFound;
    let mut plan = Plan::default();
    let mut undoable = false;
    let mut stayed = BTreeMap::new();
    for event in &events {
        match event {
            Event::ClientMoved { client, from, to, .. } => {
                let outcome = undo_move(view, (by, own), &mut plan, *client, *from, *to);
                undoable |= outcome.as_ref().err().is_none_or(shown);
                if let Err(refusal) = outcome {
                    stayed.insert(*client, refusal.clone());
                    if shown(&refusal) {
                        plan.refused.push((*client, refusal));
                    }
                }
            }
            Event::InteractionAssigned { interaction, client, from, to, .. } => {
                let may = own || may_supervise_client(view, by, *client);
                // What went along with a client that stays where it is stays there, too.
                let outcome = if let Some(refusal) = stayed.get(client) {
                    Err(refusal.clone())
                } else if may {
                    let until = lost_grant(&events, *interaction, *from);
                    undo_hand_over(view, &mut plan, *interaction, (*from, until), *to)
                } else {
                    Err(Refusal::NotFound)
                };
                undoable |= outcome.as_ref().err().is_none_or(shown);
                if let Err(refusal) = outcome
                    && shown(&refusal)
                {
                    plan.refused.push((*interaction, refusal));
                }
            }
            Event::ErasureOrdered { record, order, .. } => {
                undoable = true;
                if let Err(refusal) = erasure::withdraw(view, by, &mut plan, (*record, *order), now) {
                    plan.refused.push((*record, refusal));
                }
            }
            _ => {}
        }
    }
    if !undoable {
        return Err(Refusal::NoUndo);
    }
    let moved: Vec<_> = plan
        .events
        .iter()
        .filter_map(|event| match event {
            Event::ClientMoved { client, from, to, .. } => Some((*client, *from, *to)),
            _ => None,
        })
        .collect();
    cover::end_covers(view, &mut plan, &moved);
    cover::cover_again(view, &mut plan, &events);
    match plan.refused.first() {
        Some((_, refusal)) if plan.events.is_empty() => Err(refusal.clone()),
        _ => Ok(plan),
    }
}

fn may_supervise_client(view: &dyn OfficeView, by: &User, client: RecordId) -> bool {
    view.client(client).is_some_and(|client| supervises(view, by, client.department))
}

fn undo_move(
    view: &dyn OfficeView,
    (by, own): (&User, bool),
    plan: &mut Plan,
    client: RecordId,
    from: UserId,
    to: UserId,
) -> Result<(), Refusal> {
    let held = view.client(client).ok_or(Refusal::NotFound)?;
    let back = view.user(from);
    // A supervisor who gave a client away to another department may still take his own order back.
    let gave = own && back.as_ref().is_some_and(|back| supervises(view, by, back.department));
    if !(gave || supervises(view, by, held.department)) {
        return Err(Refusal::NotFound);
    }
    let back = back.filter(|user| user.active).ok_or(Refusal::Inactive)?;
    if held.responsible != to {
        return Err(Refusal::Expected { expected: to, found: held.responsible });
    }
    let home = Home::Client(client);
    plan.events.push(Event::GrantGiven {
        home,
        user: from,
        reason: Reason::Responsible,
        level: Level::Write,
        until: None,
    });
    end_grant(view, plan, home, to, Reason::Responsible);
    plan.events.push(Event::ClientMoved { client, from: to, to: from, department: back.department });
    Ok(())
}

fn undo_hand_over(
    view: &dyn OfficeView,
    plan: &mut Plan,
    interaction: RecordId,
    (from, until): (UserId, Option<DateTime<Utc>>),
    to: UserId,
) -> Result<(), Refusal> {
    let held = view.interaction(interaction).ok_or(Refusal::NotFound)?;
    if held.assigned != to {
        return Err(Refusal::Expected { expected: to, found: held.assigned });
    }
    if !held.open {
        return Err(Refusal::Nothing);
    }
    let back = view.user(from).filter(|user| user.active).ok_or(Refusal::Inactive)?;
    let home = Home::Client(held.client);
    let reason = Reason::Assigned(interaction);
    end_grant(view, plan, home, to, reason);
    plan.events.push(Event::InteractionAssigned {
        interaction,
        client: held.client,
        from: to,
        to: back.id,
        comment: String::new(),
    });
    if until.is_some() {
        plan.events.push(Event::GrantGiven { home, user: back.id, reason, level: Level::Add, until });
    }
    Ok(())
}

/// Where the hand-over took from `from` the grant he saw the client by: until when the new grant ran, which is how
/// long he gets it back for.
fn lost_grant(events: &[Event], interaction: RecordId, from: UserId) -> Option<DateTime<Utc>> {
    let lost = events.iter().any(|event| {
        matches!(event, Event::GrantEnded { user, reason: Reason::Assigned(of), .. } if *user == from && *of == interaction)
    });
    let until = events.iter().find_map(|event| match event {
        Event::GrantGiven { reason: Reason::Assigned(of), until, .. } if *of == interaction => *until,
        _ => None,
    });
    until.filter(|_| lost)
}

/// Field keys a decision may name as taken over; far more than any kind declares.
const PICKED: usize = 100;

/// `declined` holds the fields taken over by hand; `None` takes the edit in whole.
fn decide_proposal(
    view: &dyn OfficeView,
    by: &User,
    proposal: ProposalId,
    declined: Option<&[String]>,
) -> Result<Plan, Refusal> {
    let proposed = view.proposal(proposal).ok_or(Refusal::NotFound)?;
    if !may_decide(view, by, &proposed) {
        return Err(Refusal::NotFound);
    }
    if proposed.decided {
        return Err(Refusal::Decided);
    }
    // Merged since he looked: what is taken over of it goes into the client that stayed, which is another decision.
    if declined.is_none() && view.merged(proposed.record).is_some() {
        return Err(Refusal::Nothing);
    }
    let keys = declined.unwrap_or_default().iter().filter(|key| key.len() <= 64).take(PICKED);
    let picked = keys.cloned().collect();
    let decided = Event::ProposalDecided { proposal, accepted: declined.is_none(), picked };
    Ok(Plan { events: vec![decided], refused: Vec::new() })
}

/// Whoever has the client decides, and his supervisors. What a lost device made for a client that is nowhere else goes
/// to its author and those who supervise him (rule 13).
fn may_decide(view: &dyn OfficeView, by: &User, proposed: &Proposed) -> bool {
    match view.client(proposed.client) {
        Some(held) => held.responsible == by.id || supervises(view, by, held.department),
        None => {
            let author = view.user(proposed.author);
            proposed.author == by.id || author.is_some_and(|author| supervises(view, by, author.department))
        }
    }
}
