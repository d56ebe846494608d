//! Orders to the office: rehearsed, given, confirmed, taken back (rules 1 to 3).

use std::collections::BTreeSet;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::api::*;
use super::handle::{Open, Rehearsed, locked};
pub(super) use super::pending::{Foreseen, Pending};
use super::people::People;
use super::records::told;
use super::rehearsal::{Telling, clash};
use super::undo::kept_values;
use super::{App, Code, Error};
use crate::domain::absence::{REASONS, StandIn};
use crate::domain::authority::Device;
use crate::domain::decide::{OfficeView, decide};
use crate::domain::ids::*;
use crate::domain::kinds::interaction;
use crate::domain::order as office;
use crate::domain::order::{Event, Mark, Plan};
use crate::store::deeds::Deed;
use crate::store::office::Office;
use crate::store::outbox::{ItemState, OutboxEntry};
use crate::store::{Store, StoreError};
use crate::sync::device::identity;
use crate::sync::wire::RehearsalAnswer;

/// How long a rehearsal waits for the server before this device answers.
const BUDGET: Duration = Duration::from_secs(3);
/// Orders the list shows.
const SHOWN: u32 = 200;
/// Days a colleague sees the client beyond the day of the interaction he got.
const GRANT_DAYS: i64 = 14;

impl App {
    /// What an order would do: the server says where it can be reached in time, this device otherwise.
    ///
    /// # Errors
    /// `not_found`, `not_allowed`, `nothing_to_do`, `person_inactive`, `changed_meanwhile_by_office`, `cannot_undo`.
    pub fn rehearse(&self, argument: RehearseOrder) -> Result<Rehearsal, Error> {
        let open = self.opened()?;
        let (people, view) = (People::of(&open.store)?, Foreseen::of(&open.store)?);
        let telling = Telling { store: &open.store, people: &people, view: &view };
        let command = self.command(self.order(&open.store, &view, &argument.order)?, None);
        let (plan, shown) = match self.ask_server(&open, &command)? {
            Some(answer) => {
                let told = |code: String| match &answer.refusal {
                    Some(refusal) => telling.refused(refusal),
                    None => Error::told(&code),
                };
                let plan = answer.plan.map_err(told)?;
                let shown = telling.rehearsal(&plan, None, Some(answer.people), &answer.devices)?;
                (plan, shown)
            }
            None => {
                let me = open.store.me()?.user;
                let plan = decide(&view, me, &command, self.now()).map_err(|refusal| telling.refused(&refusal))?;
                let facts = open.store.sync_facts()?;
                let as_of = facts.synced_at.or(facts.contact_at).unwrap_or_else(|| self.now());
                let shown = telling.rehearsal(&plan, Some(as_of), None, &open.store.devices()?)?;
                (plan, shown)
            }
        };
        let rehearsed = Rehearsed { order: argument.order, shown: shown.clone(), mark: plan.mark() };
        *locked(&self.inner.rehearsed) = Some(rehearsed);
        Ok(shown)
    }

    /// Gives an order; it is applied in order at the next contact. An order not sent yet is taken back instead of
    /// being undone.
    ///
    /// # Errors
    /// As [`App::rehearse`], where this device is sure; `not_ready` in local-only use.
    pub fn give_order(&self, argument: GiveOrder) -> Result<CommandView, Error> {
        let open = self.opened()?;
        let store = &open.store;
        if open.net.is_none() {
            return Err(Code::NotReady.into());
        }
        if let Order::Undo { command } = &argument.order
            && let Some(view) = self.take_back(store, *command)?
        {
            return Ok(CommandView { kept: self.take_edits_back(store, *command)?, ..view });
        }
        // Its record lives on in another one: what is taken in goes there.
        if let Order::AcceptProposal { proposal } = &argument.order
            && let Some(fields) = self.late_for_merged(store, *proposal)?
        {
            return self.pick_values(PickValues { proposal: *proposal, fields });
        }
        let (people, view) = (People::of(store)?, Foreseen::of(store)?);
        let order = self.order(store, &view, &argument.order)?;
        let plan = decide(&view, store.me()?.user, &self.command(order.clone(), None), self.now());
        // Of another's device and of what others have changed this one cannot be sure.
        let sure = matches!(
            argument.order,
            Order::RedirectInteraction { .. }
                | Order::MoveClients { .. }
                | Order::MergeClients { .. }
                | Order::RecordAbsence { .. }
        );
        if let (true, Err(refusal)) = (sure, &plan) {
            return Err(Telling { store, people: &people, view: &view }.refused(refusal));
        }
        let mark = argument.confirmed.and_then(|confirmed| self.confirmed(&argument.order, &confirmed, plan.ok()));
        let (id, touched) = store.queue_command(order, mark, self.now(), self.ids())?;
        self.written(&touched);
        let kept = match &argument.order {
            Order::Undo { command } => self.take_edits_back(store, *command)?,
            _ => Vec::new(),
        };
        Ok(CommandView { kept, ..Shelf::of(store, self.now())?.view(&store.command(id)?)? })
    }

    /// What this device knows an order will do.
    ///
    /// # Errors
    /// `not_ready` in local-only use; why it cannot be done.
    pub(super) fn sure_of(&self, store: &Store, order: &Order) -> Result<Plan, Error> {
        if self.opened()?.net.is_none() {
            return Err(Code::NotReady.into());
        }
        let (people, view) = (People::of(store)?, Foreseen::of(store)?);
        let plan = decide(&view, store.me()?.user, &self.command(self.order(store, &view, order)?, None), self.now());
        plan.map_err(|refusal| Telling { store, people: &people, view: &view }.refused(&refusal))
    }

    /// Gives an order together with the edits it makes no sense without; both are taken back together.
    pub(super) fn do_deed(&self, store: &Store, deed: &Deed) -> Result<CommandId, Error> {
        let (id, touched) = store.do_deed(deed, self.ids()).map_err(|error| told(store, error))?;
        self.written(&touched);
        Ok(id)
    }

    /// An order is taken back: so are the edits that belong to it, where nothing has changed since. Tells what stays.
    pub(super) fn take_edits_back(&self, store: &Store, command: CommandId) -> Result<Vec<KeptValue>, Error> {
        let undone = store.undo_along(command, self.now(), self.ids())?;
        self.written(&undone.written.touched);
        Ok(kept_values(undone.kept))
    }

    /// Orders given here, latest first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn orders(&self, _: Nothing) -> Result<Vec<CommandView>, Error> {
        let store = self.store()?;
        let entries = store.commands(SHOWN)?;
        let shelf = Shelf::of(&store, self.now())?;
        Ok(entries.iter().map(|entry| shelf.view(entry)).collect::<Result<_, _>>()?)
    }

    /// Confirms an order that was sent back: as the server would carry it out, or with what is known now.
    ///
    /// # Errors
    /// `not_found`; `nothing_to_do` for an item nobody asks about; why it cannot be done now.
    pub fn confirm_item(&self, argument: OutboxKey) -> Result<Nothing, Error> {
        let store = self.store()?;
        let entry = super::outbox::find(&store, &argument.id)?;
        let command = entry.command.ok_or(Code::NothingToDo)?;
        if entry.state != ItemState::NeedsConfirmation {
            return Err(Code::NothingToDo.into());
        }
        let (order, mark) = match entry.plan {
            Some(plan) => (command.order, plan.mark()),
            None => self.renewed(&store, &command.order)?,
        };
        let (_, touched) = store.replace_command(command.id, order, Some(mark), self.now(), self.ids())?;
        self.written(&touched);
        Ok(Nothing {})
    }

    /// An order with the values of now, and what it would do now.
    pub(super) fn renewed(&self, store: &Store, order: &office::Order) -> Result<(office::Order, Mark), Error> {
        let (people, view) = (People::of(store)?, Foreseen::of(store)?);
        let order = self.order(store, &view, &given(order))?;
        let plan = decide(&view, store.me()?.user, &self.command(order.clone(), None), self.now());
        let plan = plan.map_err(|refusal| Telling { store, people: &people, view: &view }.refused(&refusal))?;
        Ok((order, plan.mark()))
    }

    /// What a renewed order would do, for somebody who is to confirm it.
    pub(super) fn found(&self, store: &Store, entry: &OutboxEntry) -> Result<Option<Rehearsal>, Error> {
        let Some(command) = &entry.command else { return Ok(None) };
        let (people, view) = (People::of(store)?, Foreseen::of(store)?);
        let telling = Telling { store, people: &people, view: &view };
        let plan = match &entry.plan {
            Some(plan) => Some(plan.clone()),
            None => self
                .order(store, &view, &given(&command.order))
                .ok()
                .and_then(|order| decide(&view, store.me().ok()?.user, &self.command(order, None), self.now()).ok()),
        };
        let devices = store.devices()?;
        Ok(plan.map(|plan| telling.rehearsal(&plan, None, None, &devices)).transpose()?)
    }

    fn take_back(&self, store: &Store, id: CommandId) -> Result<Option<CommandView>, Error> {
        let entry = match store.command(id) {
            Ok(entry) => entry,
            Err(StoreError::NotFound) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        if !matches!(entry.state, ItemState::Waiting | ItemState::DependsOn | ItemState::NeedsConfirmation) {
            return Ok(None);
        }
        match store.withdraw(entry.id, self.now(), self.ids()) {
            Ok(written) => {
                self.written(&written.touched);
                let entry = store.command(id).unwrap_or(OutboxEntry { state: ItemState::Withdrawn, ..entry });
                Ok(Some(Shelf::of(store, self.now())?.view(&entry)?))
            }
            // It may be at the server already: then it is undone in order behind itself.
            Err(StoreError::WrongState | StoreError::MaybeSent) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    pub(super) fn command(&self, order: office::Order, confirmed: Option<Mark>) -> office::Command {
        let id = CommandId(self.ids().fresh());
        office::Command { id, at: self.now(), order, builds_on: Vec::new(), confirmed }
    }

    /// What the person confirmed by giving `shown` back; a rehearsal of an earlier run is made again here.
    pub(super) fn confirmed(&self, order: &Order, shown: &Rehearsal, plan: Option<Plan>) -> Option<Mark> {
        let rehearsed = locked(&self.inner.rehearsed);
        let same = rehearsed.as_ref().filter(|last| last.order == *order && last.shown == *shown);
        same.map(|last| last.mark.clone()).or_else(|| plan.map(|plan| plan.mark()))
    }

    /// Asks the server within the budget. Orders that wait here are unknown there, so then only this device can tell.
    fn ask_server(&self, open: &Open, command: &office::Command) -> Result<Option<RehearsalAnswer>, Error> {
        let Some(net) = open.net.as_ref().map(Arc::clone) else { return Ok(None) };
        let waiting = open
            .store
            .commands(SHOWN)?
            .iter()
            .any(|entry| matches!(entry.state, ItemState::Waiting | ItemState::DependsOn));
        if waiting {
            return Ok(None);
        }
        let (store, now) = (open.store.clone(), self.now());
        if !self.inner.config.background {
            return Ok(identity::rehearse(&store, net.as_ref(), command, now).ok());
        }
        let command = command.clone();
        let (sender, answer) = mpsc::channel();
        let asking = std::thread::Builder::new().name("rehearse".to_owned());
        let asked = asking.spawn(move || {
            // Nobody listens any more where the budget is spent.
            let _ = sender.send(identity::rehearse(&store, net.as_ref(), &command, now));
        });
        match asked {
            Ok(_) => Ok(answer.recv_timeout(BUDGET).ok().and_then(Result::ok)),
            Err(_) => Ok(None),
        }
    }

    /// An order as the office reads it, with the values the person sees as those he expects to change.
    pub(super) fn order(&self, store: &Store, view: &dyn OfficeView, order: &Order) -> Result<office::Order, Error> {
        Ok(match order {
            Order::RedirectInteraction { interaction, to, comment } => office::Order::RedirectInteraction {
                interaction: *interaction,
                from: view.interaction(*interaction).ok_or(Code::NotFound)?.assigned,
                to: *to,
                comment: comment.trim().to_owned(),
                until: self.until(store, *interaction)?,
            },
            Order::MoveClients { clients, to, reason } => {
                if !REASONS.contains(&reason.as_str()) {
                    return Err(Error::with(Code::BadValue, "field", "reason"));
                }
                let expected = |client: &RecordId| {
                    let from = view.client(*client).ok_or(Code::NotFound)?.responsible;
                    Ok(office::Move { client: *client, from })
                };
                let moves = clients.iter().map(expected).collect::<Result<Vec<_>, Error>>()?;
                office::Order::MoveClients { moves, to: *to, reason: reason.clone() }
            }
            Order::MergeClients { into, others } => {
                let expected = |client: &RecordId| {
                    let from = view.client(*client).ok_or(Code::NotFound)?.responsible;
                    Ok(office::Move { client: *client, from })
                };
                let others = others.iter().map(expected).collect::<Result<Vec<_>, Error>>()?;
                office::Order::MergeClients { into: expected(into)?, others }
            }
            Order::Undo { command } => office::Order::Undo { command: *command },
            Order::RevokeDevice { device, wipe } => {
                office::Order::RevokeDevice { device: *device, wipe: wipe.map(Into::into) }
            }
            Order::RevokePerson { user, wipe } => {
                office::Order::RevokePerson { user: *user, wipe: wipe.map(Into::into) }
            }
            Order::Erase { records, after_seconds } => {
                office::Order::Erase { records: with_parts(store, records)?, after_seconds: *after_seconds }
            }
            Order::WithdrawWipe { device } => office::Order::WithdrawWipe { device: *device },
            Order::AcceptProposal { proposal } => office::Order::AcceptProposal { proposal: *proposal },
            Order::DeclineProposal { proposal, picked } => {
                office::Order::DeclineProposal { proposal: *proposal, picked: picked.clone() }
            }
            Order::RecordAbsence { absence, person, reason, from, until, clients, interactions } => {
                if !REASONS.contains(&reason.as_str()) {
                    return Err(Error::with(Code::BadValue, "field", "reason"));
                }
                office::Order::RecordAbsence {
                    absence: absence.unwrap_or_else(|| AbsenceId(self.ids().fresh())),
                    person: *person,
                    reason: reason.clone(),
                    from: *from,
                    until: *until,
                    clients: clients.iter().map(to_given).collect(),
                    interactions: interactions.iter().map(to_given).collect(),
                }
            }
            Order::ChangeAbsence { absence, from, until, clients, interactions } => office::Order::ChangeAbsence {
                absence: *absence,
                revision: view.absence(*absence).ok_or(Code::NotFound)?.revision,
                from: *from,
                until: *until,
                clients: clients.iter().map(to_given).collect(),
                interactions: interactions.iter().map(to_given).collect(),
            },
            Order::EndAbsence { absence } => office::Order::EndAbsence { absence: *absence },
            Order::WithdrawAbsence { absence } => office::Order::WithdrawAbsence { absence: *absence },
            Order::FinishDismissal { absence } => office::Order::FinishDismissal { absence: *absence },
        })
    }

    fn until(&self, store: &Store, id: RecordId) -> Result<DateTime<Utc>, Error> {
        let row = store.row(id)?;
        let ends = row.and_then(|row| row.get(interaction::ENDS_AT).or_else(|| row.get(interaction::STARTS_AT)));
        Ok(self.granted_until(ends))
    }

    /// How long whoever is given an interaction sees its client.
    pub(super) fn granted_until(&self, ends: Option<DateTime<Utc>>) -> DateTime<Utc> {
        ends.map_or_else(|| self.now(), |ends| ends.max(self.now())) + chrono::Duration::days(GRANT_DAYS)
    }
}

/// Records and, of clients, those that were merged into them: their own records are out of sight, and as personal.
fn with_parts(store: &Store, records: &[RecordId]) -> Result<Vec<RecordId>, StoreError> {
    let mut all: Vec<RecordId> = Vec::new();
    let mut left: Vec<RecordId> = records.iter().rev().copied().collect();
    while let Some(next) = left.pop() {
        if !all.contains(&next) {
            all.push(next);
            left.extend(store.merged_into(next)?.into_iter().map(|(part, _)| part));
        }
    }
    Ok(all)
}

/// An order as a person gives it, without what he expected.
fn given(order: &office::Order) -> Order {
    match order {
        office::Order::RedirectInteraction { interaction, to, comment, .. } => {
            Order::RedirectInteraction { interaction: *interaction, to: *to, comment: comment.clone() }
        }
        office::Order::MoveClients { moves, to, reason } => Order::MoveClients {
            clients: moves.iter().map(|item| item.client).collect(),
            to: *to,
            reason: reason.clone(),
        },
        office::Order::MergeClients { into, others } => {
            Order::MergeClients { into: into.client, others: others.iter().map(|item| item.client).collect() }
        }
        office::Order::Undo { command } => Order::Undo { command: *command },
        office::Order::RevokeDevice { device, wipe } => {
            Order::RevokeDevice { device: *device, wipe: wipe.map(Into::into) }
        }
        office::Order::RevokePerson { user, wipe } => Order::RevokePerson { user: *user, wipe: wipe.map(Into::into) },
        office::Order::Erase { records, after_seconds } => {
            Order::Erase { records: records.clone(), after_seconds: *after_seconds }
        }
        office::Order::WithdrawWipe { device } => Order::WithdrawWipe { device: *device },
        office::Order::AcceptProposal { proposal } => Order::AcceptProposal { proposal: *proposal },
        office::Order::DeclineProposal { proposal, picked } => {
            Order::DeclineProposal { proposal: *proposal, picked: picked.clone() }
        }
        office::Order::RecordAbsence { absence, person, reason, from, until, clients, interactions } => {
            Order::RecordAbsence {
                absence: Some(*absence),
                person: *person,
                reason: reason.clone(),
                from: *from,
                until: *until,
                clients: clients.iter().map(shown_given).collect(),
                interactions: interactions.iter().map(shown_given).collect(),
            }
        }
        office::Order::ChangeAbsence { absence, from, until, clients, interactions, .. } => Order::ChangeAbsence {
            absence: *absence,
            from: *from,
            until: *until,
            clients: clients.iter().map(shown_given).collect(),
            interactions: interactions.iter().map(shown_given).collect(),
        },
        office::Order::EndAbsence { absence } => Order::EndAbsence { absence: *absence },
        office::Order::WithdrawAbsence { absence } => Order::WithdrawAbsence { absence: *absence },
        office::Order::FinishDismissal { absence } => Order::FinishDismissal { absence: *absence },
    }
}

fn to_given(given: &GivenTo) -> StandIn {
    StandIn { record: given.record, to: given.to }
}

pub(super) fn shown_given(given: &StandIn) -> GivenTo {
    GivenTo { record: given.record, to: given.to }
}

/// Orders as people read them, with what they share looked up once.
pub(super) struct Shelf<'a> {
    store: &'a Store,
    people: People,
    office: Office,
    devices: Vec<Device>,
    undone: BTreeSet<CommandId>,
    now: DateTime<Utc>,
}

impl<'a> Shelf<'a> {
    pub fn of(store: &'a Store, now: DateTime<Utc>) -> Result<Self, StoreError> {
        let stands = |entry: &OutboxEntry| !matches!(entry.state, ItemState::Refused | ItemState::Withdrawn);
        let undone = store.commands(SHOWN)?.into_iter().filter(stands).filter_map(|entry| match entry.command?.order {
            office::Order::Undo { command } => Some(command),
            _ => None,
        });
        let undone = undone.collect();
        Ok(Self { store, people: People::of(store)?, office: store.office()?, devices: store.devices()?, undone, now })
    }

    /// An order with what became of it.
    pub fn view(&self, entry: &OutboxEntry) -> Result<CommandView, StoreError> {
        let command = entry.command.as_ref().ok_or(StoreError::NotFound)?;
        let telling = Telling { store: self.store, people: &self.people, view: &self.office };
        let effect = entry.plan.as_ref().map(|plan| match entry.state {
            ItemState::Applied => telling.done(plan, &self.devices),
            _ => telling.rehearsal(plan, None, None, &self.devices),
        });
        let effect = effect.transpose()?;
        Ok(CommandView {
            id: command.id,
            order: given(&command.order),
            state: match entry.state {
                ItemState::Waiting | ItemState::DependsOn | ItemState::SetAside => OrderState::Pending,
                ItemState::NeedsConfirmation => OrderState::NeedsConfirmation,
                ItemState::Refused => OrderState::Refused,
                ItemState::Applied => OrderState::Applied,
                ItemState::Withdrawn => OrderState::Withdrawn,
            },
            at: command.at,
            effect,
            code: code_of(entry),
            clash: clash(&self.people, entry.met.as_ref()),
            can_undo: self.can_undo(entry, command),
            kept: Vec::new(),
        })
    }

    /// True while an order waits, or was applied and nobody has taken it back so far.
    fn can_undo(&self, entry: &OutboxEntry, command: &office::Command) -> bool {
        let runs = |event: &Event| matches!(event, Event::ErasureOrdered { due, .. } if self.now < *due);
        match (entry.state, &command.order) {
            (ItemState::Waiting | ItemState::DependsOn | ItemState::NeedsConfirmation, _) => true,
            (
                ItemState::Applied,
                office::Order::MoveClients { .. }
                | office::Order::MergeClients { .. }
                | office::Order::RedirectInteraction { .. }
                | office::Order::RecordAbsence { .. }
                | office::Order::ChangeAbsence { .. }
                | office::Order::EndAbsence { .. }
                | office::Order::WithdrawAbsence { .. },
            ) => !self.undone.contains(&command.id),
            // For good once its delay is over.
            (ItemState::Applied, office::Order::Erase { .. }) => {
                !self.undone.contains(&command.id) && entry.plan.iter().flat_map(|plan| &plan.events).any(runs)
            }
            _ => false,
        }
    }
}

/// The code of an item that was refused or sent back; empty otherwise.
pub(super) fn code_of(entry: &OutboxEntry) -> String {
    if entry.code.is_empty() { entry.refusal.clone().unwrap_or_default() } else { entry.code.clone() }
}
