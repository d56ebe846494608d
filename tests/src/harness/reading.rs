//! What a device shows, and the orders given at it.

use std::collections::BTreeSet;

use chrono::Duration;
use satchel_core::domain::absence::{Absence, StandIn};
use satchel_core::domain::authority::Home;
use satchel_core::domain::clock::Clock;
use satchel_core::domain::ids::*;
use satchel_core::domain::kind::Field;
use satchel_core::domain::order::{Mark, Move, Order};
use satchel_core::store::StoreError;
use satchel_core::store::lists::ListQuery;
use satchel_core::store::outbox::{ItemState, OutboxEntry};
use satchel_core::store::records::{Stored, ViewRow};

use super::Device;

impl Device {
    /// A record as its card shows it; `None` where it is not on this device.
    ///
    /// # Panics
    /// Where the database does not read.
    #[must_use]
    pub fn sees(&self, record: RecordId) -> Option<Stored> {
        match self.store().record(record) {
            Ok(stored) => Some(stored),
            Err(StoreError::NotFound) => None,
            Err(error) => panic!("reading {record}: {error}"),
        }
    }

    /// A text field of a record; empty where there is nothing.
    ///
    /// # Panics
    /// Where the record is not on this device.
    #[must_use]
    pub fn text(&self, record: RecordId, field: Field<String>) -> String {
        let stored = self.sees(record).expect("the record is on this device");
        stored.record.get(field).unwrap_or_default()
    }

    /// What the person must be told, by its keys.
    ///
    /// # Panics
    /// Where the database does not read.
    #[must_use]
    pub fn notices(&self) -> Vec<String> {
        self.store().notices().expect("notices read").into_iter().map(|notice| notice.what).collect()
    }

    /// Everything that waits in the outbox in this state.
    ///
    /// # Panics
    /// Where the database does not read.
    #[must_use]
    pub fn waiting(&self, state: ItemState) -> Vec<OutboxEntry> {
        let outbox = self.store().outbox().expect("the outbox reads");
        outbox.into_iter().filter(|item| item.state == state).collect()
    }

    /// Whether anything of a client is held.
    ///
    /// # Panics
    /// Where the database does not read.
    #[must_use]
    pub fn holds_home(&self, client: RecordId) -> bool {
        self.store().level(Home::Client(client)).expect("levels read").is_some()
    }

    /// Rows of a kind, as a list without conditions shows them.
    ///
    /// # Panics
    /// Where the database does not read.
    #[must_use]
    pub fn rows(&self, kind: &str) -> Vec<ViewRow> {
        let query = ListQuery { kind: kind.to_owned(), limit: 500, ..ListQuery::default() };
        self.store().list(&query).expect("lists read").rows
    }

    /// Every record on the device that is not in the trash.
    #[must_use]
    pub fn all_records(&self) -> BTreeSet<RecordId> {
        let kinds = self.registry.iter().map(|kind| kind.key);
        kinds.flat_map(|kind| self.rows(kind)).map(|row| row.id).collect()
    }

    /// Who has a client, as far as this device knows.
    #[must_use]
    pub fn responsible(&self, client: RecordId) -> Option<UserId> {
        Some(self.store().authority(client).ok()?.client?.responsible)
    }

    /// Who is to do an interaction, as far as this device knows.
    #[must_use]
    pub fn assigned(&self, interaction: RecordId) -> Option<UserId> {
        self.store().authority(interaction).ok()?.assigned
    }

    /// Orders given here that stand so.
    ///
    /// # Panics
    /// Where the database does not read.
    #[must_use]
    pub fn commands(&self, state: ItemState) -> Vec<OutboxEntry> {
        let commands = self.store().commands(500).expect("commands read");
        commands.into_iter().filter(|command| command.state == state).collect()
    }

    /// Late edits this person is asked about.
    ///
    /// # Panics
    /// Where the database does not read.
    #[must_use]
    pub fn proposals(&self) -> Vec<ProposalId> {
        self.store().proposals().expect("proposals read").into_iter().map(|one| one.state.id).collect()
    }

    /// The records those are about.
    ///
    /// # Panics
    /// Where the database does not read.
    #[must_use]
    pub fn proposed_records(&self) -> BTreeSet<RecordId> {
        self.store().proposals().expect("proposals read").into_iter().map(|one| one.state.record.id).collect()
    }

    /// Everything of the person's own words that is not in a document: what is not sent, set aside, refused, and what
    /// notices keep.
    ///
    /// # Panics
    /// Where the database does not read.
    #[must_use]
    pub fn tray(&self) -> String {
        let notices = self.store().notices().expect("notices read");
        let notices: Vec<String> = notices.iter().map(|notice| format!("{:?}", notice.values)).collect();
        format!("{} {}", self.everything_unsent(), notices.join(" "))
    }

    /// What is in the outbox, with its values.
    ///
    /// # Panics
    /// Where the database does not read.
    #[must_use]
    pub fn everything_unsent(&self) -> String {
        let outbox = self.store().outbox().expect("the outbox reads");
        let writes = outbox.iter().flat_map(|item| &item.writes).map(|write| format!("{:?}", write.values));
        writes.collect::<Vec<_>>().join(" ")
    }

    /// Records of which a late edit was declined, as the notices say.
    ///
    /// # Panics
    /// Where the database does not read.
    #[must_use]
    pub fn declined(&self) -> BTreeSet<RecordId> {
        let notices = self.store().notices().expect("notices read");
        notices.into_iter().filter(|notice| notice.what == "edit_declined").filter_map(|notice| notice.record).collect()
    }

    /// Gives an order.
    ///
    /// # Panics
    /// Where the app does not take it.
    pub fn order(&self, order: Order) -> CommandId {
        let queued = self.store().queue_command(order, None, self.clock.now(), &*self.ids);
        queued.expect("the order is queued").0
    }

    /// Gives an order with what its rehearsal had shown.
    ///
    /// # Panics
    /// Where the app does not take it.
    pub fn order_confirmed(&self, order: Order, mark: Mark) -> CommandId {
        let queued = self.store().queue_command(order, Some(mark), self.clock.now(), &*self.ids);
        queued.expect("the order is queued").0
    }

    /// Moves clients from the person believed responsible to another.
    pub fn move_clients(&self, clients: &[RecordId], from: UserId, to: UserId) -> CommandId {
        let moves = clients.iter().map(|client| Move { client: *client, from }).collect();
        self.order(Order::MoveClients { moves, to, reason: "other".to_owned() })
    }

    /// Hands a planned interaction to a colleague for two weeks.
    pub fn redirect(&self, interaction: RecordId, from: UserId, to: UserId) -> CommandId {
        let until = self.clock.now() + Duration::days(14);
        self.order(Order::RedirectInteraction {
            interaction, from, to, comment: "не успеваю".to_owned(), until
        })
    }

    /// Records that somebody is away for some days from now on, or until he is back; clients and interactions go to
    /// colleagues.
    pub fn record_absence(
        &self,
        person: UserId,
        days: (i64, Option<i64>),
        clients: &[(RecordId, UserId)],
        interactions: &[(RecordId, UserId)],
    ) -> (CommandId, AbsenceId) {
        let absence = AbsenceId(self.ids.fresh());
        let given = |list: &[(RecordId, UserId)]| {
            list.iter().map(|(record, to)| StandIn { record: *record, to: *to }).collect()
        };
        let order = self.order(Order::RecordAbsence {
            absence,
            person,
            reason: "illness".to_owned(),
            from: self.clock.now() + Duration::days(days.0),
            until: days.1.map(|until| self.clock.now() + Duration::days(until)),
            clients: given(clients),
            interactions: given(interactions),
        });
        (order, absence)
    }

    /// An absence as this device knows it.
    ///
    /// # Panics
    /// Where the database does not read.
    #[must_use]
    pub fn absence(&self, id: AbsenceId) -> Option<Absence> {
        self.store().absence(id).expect("absences read").map(|state| state.absence)
    }

    /// Clients this person sees because he stands in.
    ///
    /// # Panics
    /// Where the database does not read.
    #[must_use]
    pub fn covered(&self) -> Vec<RecordId> {
        self.store().covered().expect("grants read").into_iter().map(|(client, _)| client).collect()
    }

    /// Takes an order back.
    pub fn undo(&self, command: CommandId) -> CommandId {
        self.order(Order::Undo { command })
    }

    /// Accepts or declines a late edit.
    pub fn decide(&self, proposal: ProposalId, accept: bool) -> CommandId {
        self.order(if accept {
            Order::AcceptProposal { proposal }
        } else {
            Order::DeclineProposal { proposal, picked: Vec::new() }
        })
    }

    /// Takes an item back.
    ///
    /// # Errors
    /// What the app would show.
    pub fn withdraw(&self, item: GroupId) -> Result<(), StoreError> {
        self.store().withdraw(item, self.clock.now(), &*self.ids).map(|_| ())
    }

    /// Tries a refused item again.
    ///
    /// # Errors
    /// What the app would show.
    pub fn retry(&self, item: GroupId) -> Result<Option<GroupId>, StoreError> {
        self.store().retry(item, self.clock.now(), &*self.ids).map(|written| written.group)
    }

    /// Gives an order anew that came back.
    ///
    /// # Errors
    /// What the app would show.
    pub fn replace(&self, old: CommandId, order: Order) -> Result<(), StoreError> {
        self.store().replace_command(old, order, None, self.clock.now(), &*self.ids).map(|_| ())
    }
}
