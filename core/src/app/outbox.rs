//! What is not sent and why, and what a person must be told.

use super::api::*;
use super::handle::locked;
use super::orders::{Shelf, code_of};
use super::people::People;
use super::shown::Titles;
use super::{App, Code, Error};
use crate::domain::ids::*;
use crate::domain::order as office;
use crate::domain::value::Value;
use crate::store::notices::NoticeEntry;
use crate::store::outbox::{ItemState, OutboxEntry, OutboxWrite};
use crate::store::{Store, StoreError};

/// Most items shown that merely wait.
const SHOWN: u32 = 500;

impl App {
    /// What is not sent, and why, in the order in which it will go; of what merely waits the first 500, the status has
    /// their number.
    ///
    /// # Errors
    /// Those of the database.
    pub fn outbox(&self, _: Nothing) -> Result<Vec<OutboxItem>, Error> {
        let store = self.store()?;
        let (entries, shelf) = (store.outbox_to_show(SHOWN)?, Shelf::of(&store, self.now())?);
        entries.iter().map(|entry| self.item(&store, &shelf, entry)).collect()
    }

    /// Sends an item again: a refused one as a new edit with the same values, a waiting one at once.
    ///
    /// # Errors
    /// `not_found`, and why it cannot be written now.
    pub fn retry_item(&self, argument: OutboxKey) -> Result<Nothing, Error> {
        let store = self.store()?;
        let entry = find(&store, &argument.id)?;
        match (&entry.command, entry.state) {
            (Some(command), ItemState::Refused) => {
                let (order, mark) = self.renewed(&store, &command.order)?;
                let (_, mut touched) = store.queue_command(order, Some(mark), self.now(), self.ids())?;
                touched.join(store.withdraw(entry.id, self.now(), self.ids())?.touched);
                self.written(&touched);
            }
            (None, ItemState::Refused) => {
                let written = store.retry(entry.id, self.now(), self.ids());
                self.written(&written.map_err(|error| super::records::told(&store, error))?.touched);
            }
            _ => self.inner.desk.ask_now(),
        }
        Ok(Nothing {})
    }

    /// Takes an item back, or forgets a refused one.
    ///
    /// # Errors
    /// `not_found`; `nothing_to_do` for what others have already.
    pub fn withdraw_item(&self, argument: OutboxKey) -> Result<TakenBack, Error> {
        let store = self.store()?;
        let entry = find(&store, &argument.id)?;
        let written = store.withdraw(entry.id, self.now(), self.ids())?;
        self.written(&written.touched);
        let kept = match entry.command {
            Some(command) => self.take_edits_back(&store, command.id)?,
            None => Vec::new(),
        };
        Ok(TakenBack { kept })
    }

    /// What the person must be told.
    ///
    /// # Errors
    /// Those of the database.
    pub fn notices(&self, _: Nothing) -> Result<Vec<Notice>, Error> {
        let store = self.store()?;
        let people = People::of(&store)?;
        store.notices()?.into_iter().map(|entry| self.notice(&store, &people, entry)).collect()
    }

    /// Dismisses a notice.
    ///
    /// # Errors
    /// Those of the database.
    pub fn dismiss_notice(&self, argument: NoticeKey) -> Result<Nothing, Error> {
        self.store()?.dismiss_notice(argument.id)?;
        self.emit(&[Topic::Status, Topic::Outbox]);
        Ok(Nothing {})
    }

    fn item(&self, store: &Store, shelf: &Shelf<'_>, entry: &OutboxEntry) -> Result<OutboxItem, Error> {
        let command = entry.command.as_ref().map(|_| shelf.view(entry)).transpose()?;
        let found = if entry.state == ItemState::NeedsConfirmation { self.found(store, entry)? } else { None };
        let first = entry.writes.first();
        let values = entry.writes.iter().flat_map(|write| write.values.values());
        let titles = Titles::of(store, values, [])?;
        let mut fields = Fields::new();
        for write in &entry.writes {
            for (key, value) in &write.values {
                fields.entry(key.clone()).or_insert_with(|| titles.shown(value));
            }
        }
        let what = match &entry.command {
            Some(command) => order_key(&command.order),
            None if entry.writes.iter().any(|write| write.creates) => "create",
            None => "edit",
        };
        Ok(OutboxItem {
            id: entry.id.to_string(),
            what: what.to_owned(),
            kind: first.map(|write| write.kind.clone()).unwrap_or_default(),
            record: first.map(|write| write.record),
            title: match &entry.command {
                Some(command) => subject(store, &command.order)?,
                None => first.map(|write| self.title_of(write)).unwrap_or_default(),
            },
            at: entry.at,
            waiting: match entry.state {
                ItemState::Waiting | ItemState::Applied | ItemState::Withdrawn => Waiting::NotSent,
                ItemState::DependsOn => Waiting::DependsOn,
                ItemState::NeedsConfirmation => Waiting::NeedsConfirmation,
                ItemState::Refused => Waiting::Refused,
                ItemState::SetAside => Waiting::SetAside,
            },
            code: code_of(entry),
            fields,
            command,
            found,
        })
    }

    /// The title of a record that left is that of its client, as long as the app that saw it leave runs.
    fn title_of(&self, write: &OutboxWrite) -> String {
        if !write.title.is_empty() {
            return write.title.clone();
        }
        self.left_title(write.client.unwrap_or(write.record))
    }

    /// The name of a client that left while this app ran; empty otherwise.
    pub(super) fn left_title(&self, client: RecordId) -> String {
        locked(&self.inner.left).get(&client).cloned().unwrap_or_default()
    }

    fn notice(&self, store: &Store, people: &People, entry: NoticeEntry) -> Result<Notice, Error> {
        let titles = Titles::of(store, entry.values.values(), entry.client.map(|client| client.0))?;
        let mut params = entry.params;
        params.insert("kind".to_owned(), entry.kind);
        for key in ["user", "by"] {
            let named = params.get(key).and_then(|id| id.parse().ok()).map(|id: UserId| people.name(id));
            if let Some(name) = named {
                params.insert(key.to_owned(), name);
            }
        }
        let client = entry.client.and_then(|id| {
            let here = titles.title(id.0);
            // The name of a client that left is known only while the app that saw it leave runs.
            let title = if here.is_empty() { locked(&self.inner.left).get(&id).cloned()? } else { here.clone() };
            params.insert("client".to_owned(), title.clone());
            (!here.is_empty()).then(|| Reference { id: id.to_string(), title })
        });
        Ok(Notice {
            id: entry.id,
            what: entry.what,
            at: entry.at,
            params,
            client,
            fields: titles.fields(&entry.values),
        })
    }
}

/// An item by the id of its group or of its command.
pub(super) fn find(store: &Store, id: &str) -> Result<OutboxEntry, Error> {
    let id: uuid::Uuid = id.parse().map_err(|_| Code::NotFound)?;
    match store.outbox_entry(GroupId(id)) {
        Err(StoreError::NotFound) => Ok(store.command(CommandId(id))?),
        other => Ok(other?),
    }
}

fn order_key(order: &office::Order) -> &'static str {
    match order {
        office::Order::RedirectInteraction { .. } => "redirect_interaction",
        office::Order::MoveClients { .. } => "move_clients",
        office::Order::MergeClients { .. } => "merge_clients",
        office::Order::Undo { .. } => "undo",
        office::Order::RevokeDevice { .. } => "revoke_device",
        office::Order::RevokePerson { .. } => "revoke_person",
        office::Order::WithdrawWipe { .. } => "withdraw_wipe",
        office::Order::Erase { .. } => "erase",
        office::Order::AcceptProposal { .. } => "accept_proposal",
        office::Order::DeclineProposal { .. } => "decline_proposal",
        office::Order::RecordAbsence { .. } => "record_absence",
        office::Order::ChangeAbsence { .. } => "change_absence",
        office::Order::EndAbsence { .. } => "end_absence",
        office::Order::WithdrawAbsence { .. } => "withdraw_absence",
        office::Order::FinishDismissal { .. } => "finish_dismissal",
    }
}

/// What an order is about: a name where it is one thing, otherwise how many.
fn subject(store: &Store, order: &office::Order) -> Result<String, StoreError> {
    let one = |id: RecordId| Titles::of(store, std::iter::empty::<&Value>(), [id.0]).map(|titles| titles.title(id.0));
    match order {
        office::Order::RedirectInteraction { interaction, .. } => {
            let client = store.row(*interaction)?.and_then(|row| row.client);
            one(client.unwrap_or(*interaction))
        }
        office::Order::Erase { records, .. } if records.len() == 1 => one(records[0]),
        office::Order::Erase { records, .. } => Ok(records.len().to_string()),
        office::Order::MoveClients { moves, .. } if moves.len() == 1 => one(moves[0].client),
        office::Order::MoveClients { moves, .. } => Ok(moves.len().to_string()),
        office::Order::MergeClients { into, .. } => one(into.client),
        office::Order::RevokePerson { user, .. } => Ok(super::people::People::of(store)?.name(*user)),
        office::Order::RevokeDevice { device, .. } | office::Order::WithdrawWipe { device } => {
            let devices = store.devices()?;
            Ok(devices.into_iter().find(|other| other.id == *device).map(|found| found.name).unwrap_or_default())
        }
        office::Order::AcceptProposal { proposal } | office::Order::DeclineProposal { proposal, .. } => {
            match store.proposal(*proposal) {
                Ok(entry) => Ok(entry.title),
                Err(StoreError::NotFound) => Ok(String::new()),
                Err(error) => Err(error),
            }
        }
        office::Order::RecordAbsence { person, .. } => {
            Ok(store.user(*person)?.map(|user| user.name).unwrap_or_default())
        }
        office::Order::ChangeAbsence { absence, .. }
        | office::Order::EndAbsence { absence }
        | office::Order::WithdrawAbsence { absence }
        | office::Order::FinishDismissal { absence } => {
            let person = store.absence(*absence)?.map(|state| state.absence.person);
            let user = person.map(|person| store.user(person)).transpose()?.flatten();
            Ok(user.map(|user| user.name).unwrap_or_default())
        }
        office::Order::Undo { .. } => Ok(String::new()),
    }
}
