//! Late edits of others that wait for a decision, and receipts for one's own edits (OFF-1, OFF-3).

use super::api::*;
use super::orders::{Pending, Shelf};
use super::people::People;
use super::records::minutes;
use super::shown::Titles;
use super::{App, Code, Error};
use crate::domain::authority::Ended;
use crate::domain::kind::FieldType;
use crate::domain::kinds::client;
use crate::domain::order as office;
use crate::domain::patch::Patch;
use crate::store::proposals::ProposalEntry;
use crate::store::receipts::{Fate as Kept, ReceiptEntry};
use crate::store::write::{GroupDraft, Write};
use crate::store::{Store, StoreError};

impl App {
    /// Late edits of others that wait for this person's decision.
    ///
    /// # Errors
    /// Those of the database.
    pub fn proposals(&self, _: Nothing) -> Result<Vec<ProposalRow>, Error> {
        let store = self.store()?;
        let (people, pending) = (People::of(&store)?, Pending::of(&store)?);
        let entries = store.proposals()?;
        let together = |one: &ProposalEntry| {
            let chain =
                entries.iter().filter(|other| other.state.chain.is_some() && other.state.chain == one.state.chain);
            chain.filter(|other| other.state.id != one.state.id).map(|other| other.title.clone()).collect()
        };
        entries.iter().map(|entry| proposal(&store, &people, &pending, entry, together(entry))).collect()
    }

    /// Takes single values over from a late edit, as an edit of one's own, and leaves the rest of it out.
    ///
    /// # Errors
    /// `not_found`; `nothing_to_do` where no field is named, or the edit makes a record; as [`App::edit`].
    pub fn pick_values(&self, argument: PickValues) -> Result<CommandView, Error> {
        let store = self.store()?;
        let entry = store.proposal(argument.proposal)?;
        let wanted = |key: &String| argument.fields.contains(key);
        let set: std::collections::BTreeMap<_, _> = entry
            .typed
            .iter()
            .filter(|(key, _)| wanted(key))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        if set.is_empty() || entry.state.creates {
            return Err(Code::NothingToDo.into());
        }
        let picked = set.keys().cloned().collect();
        let record = store.living(entry.state.record.id)?;
        // Of a text only what its author typed is taken over, whatever stands here.
        let kind = self.kind(&entry.state.kind)?;
        let is_text = |key: &str| kind.field(key).is_some_and(|field| field.field_type == FieldType::Note);
        let seen = entry.before.iter().filter(|(key, _)| set.contains_key(*key) && is_text(key));
        let seen = seen.map(|(key, value)| (key.clone(), value.clone())).collect();
        let patch = store.carried_over(record, &Patch { set, seen })?;
        let writes = vec![Write::Edit { id: record, patch }];
        let draft = GroupDraft { at: self.now(), writes };
        let written = store.act(&draft, self.ids()).map_err(|error| super::records::told(&store, error))?;
        self.written(&written.touched);
        let order = office::Order::DeclineProposal { proposal: argument.proposal, picked };
        let (id, touched) = store.queue_command_after(written.group, order, None, self.now(), self.ids())?;
        self.written(&touched);
        Ok(Shelf::of(&store, self.now())?.view(&store.command(id)?)?)
    }

    /// What became of one's own edits that were not simply taken in, latest first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn receipts(&self, _: Nothing) -> Result<Vec<ReceiptView>, Error> {
        let store = self.store()?;
        let people = People::of(&store)?;
        store.receipts()?.into_iter().map(|entry| self.receipt(&store, &people, entry)).collect()
    }

    /// Forgets a receipt whose matter is closed.
    ///
    /// # Errors
    /// `nothing_to_do` while somebody decides, or while what was typed is kept.
    pub fn forget_receipt(&self, argument: ReceiptKey) -> Result<Nothing, Error> {
        self.store()?.forget_receipt(argument.id)?;
        self.emit(&[Topic::Outbox]);
        Ok(Nothing {})
    }

    fn receipt(&self, store: &Store, people: &People, entry: ReceiptEntry) -> Result<ReceiptView, Error> {
        let under = entry.client.or((entry.kind == client::KIND.key).then_some(entry.record));
        let titles = Titles::of(store, entry.values.values(), under.map(|client| client.0))?;
        let client = under.map(|id| titles.reference(id.0)).filter(|client| !client.title.is_empty());
        let title = match under.filter(|_| entry.title.is_empty()) {
            Some(client) => self.left_title(client),
            None => entry.title,
        };
        Ok(ReceiptView {
            id: entry.id,
            item: (!entry.values.is_empty()).then(|| entry.group.to_string()),
            record: entry.record,
            kind: entry.kind,
            title,
            client,
            what: if entry.creates { "create" } else { "edit" }.to_owned(),
            made_at: entry.made_at,
            at: entry.at,
            fate: match entry.fate {
                Kept::Waiting => Fate::Waiting,
                Kept::Refused => Fate::Refused,
                Kept::Withdrawn => Fate::Withdrawn,
                Kept::Accepted => Fate::Accepted,
                Kept::Declined => Fate::Declined,
                Kept::SentAgain => Fate::SentAgain,
            },
            code: entry.code,
            keys: entry.fields,
            fields: entry.values.iter().map(|(key, value)| (key.clone(), titles.shown(value))).collect(),
            ended: entry.ended.map(|ended| access_ended(people, &ended)),
            answered_by: entry.answered_by.and_then(|user| people.person(user)),
            answered_at: entry.answered_at,
            picked: entry.picked,
        })
    }
}

fn proposal(
    store: &Store,
    people: &People,
    pending: &Pending,
    entry: &ProposalEntry,
    together: Vec<String>,
) -> Result<ProposalRow, Error> {
    let values = entry.before.values().chain(entry.now.values()).chain(entry.after.values());
    let titles = Titles::of(store, values, [entry.state.client.0])?;
    // A field that is to be emptied is shown as such, so empty values stay.
    let all = |values: &std::collections::BTreeMap<String, crate::domain::value::Value>| -> Fields {
        values.iter().map(|(key, value)| (key.clone(), titles.shown(value))).collect()
    };
    let state = &entry.state;
    let may_edit = match store.record(store.living(state.record.id)?) {
        Ok(stored) => stored.may_edit,
        Err(StoreError::NotFound | StoreError::RecordDamaged(_)) => false,
        Err(error) => return Err(error.into()),
    };
    Ok(ProposalRow {
        id: state.id,
        record: state.record.id,
        kind: state.kind.clone(),
        title: entry.title.clone(),
        client: Some(titles.reference(state.client.0)),
        author: people.person(state.author),
        at: state.at,
        received_at: state.received_at,
        device: store.device_name(state.device)?,
        away_since: state.away_since,
        skew: minutes(state.skew),
        ended: access_ended(people, &state.ended),
        what: if state.creates { "create" } else { "edit" }.to_owned(),
        before: all(&entry.before),
        now: all(&entry.now),
        after: all(&entry.after),
        together,
        may_pick: may_edit && !state.creates,
        pending: match pending.answer_to(state.id) {
            Some(true) => "accept".to_owned(),
            Some(false) => "decline".to_owned(),
            None => String::new(),
        },
    })
}

fn access_ended(people: &People, ended: &Ended) -> AccessEnded {
    AccessEnded {
        by: ended.by.and_then(|user| people.person(user)),
        now_with: ended.now_with.and_then(|user| people.person(user)),
        at: ended.at,
        order: ended.cause.order.clone(),
        reason: ended.cause.reason.clone(),
    }
}
