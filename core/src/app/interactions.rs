//! Interactions: Today, logging, planning, results, lists of them.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::absences::Covers;
use super::api::*;
use super::orders::Pending;
use super::people::People;
use super::records::rows;
use super::shown::Titles;
use super::status::count;
use super::{App, Code, Error};
use crate::domain::ids::*;
use crate::domain::interactions::{Came, Class, Next, Viewed, follow_up, state, zone};
use crate::domain::kind::Field;
use crate::domain::kinds::{client, interaction};
use crate::domain::patch::Patch;
use crate::domain::value::{EntryOf, Value};
use crate::store::records::ViewRow;
use crate::store::write::Write;
use crate::store::{Store, StoreError};

/// Most rows of Today's overdue and current.
const TODAY: u32 = 500;
/// Rows of what is planned.
const PLANNED: u32 = 50;
/// Days without contact after which a client counts as forgotten where neither he nor his category says.
const FORGOTTEN_AFTER: u32 = 30;
/// Forgotten clients proposed for an empty day.
const FORGOTTEN: u32 = 10;

impl App {
    /// The start screen, in the viewer's zone.
    ///
    /// # Errors
    /// Those of the database.
    pub fn today(&self, argument: TodayRequest) -> Result<Today, Error> {
        let store = self.store()?;
        // The zone also counts for cards and lists, which are asked for without one.
        self.change_looks(|looks| looks.zone = zone(&argument.zone).name().to_owned())?;
        let (me, viewed) = (store.me()?.user, self.viewed());
        let user = argument.user.unwrap_or(me);
        let (people, pending) = (People::of(&store)?, Pending::of(&store)?);
        let lines = Lines { viewed, people: &people, pending: &pending };
        // What a person gave away is off his desk at once; it comes back if the office says no.
        let his = |row: &InteractionRow| user != me || !pending.given_away(row.id);
        let due = store.planned_for(user, None, Some(viewed.tomorrow), 0, TODAY)?;
        let due = lines.rows(&store, &due.rows)?.into_iter().filter(his);
        let (overdue, current) = due.partition(|row: &InteractionRow| row.class == EventClass::Overdue);
        let planned = store.planned_for(user, Some(viewed.tomorrow), None, 0, PLANNED)?;
        let n_planned = count(planned.total);
        let planned: Vec<_> = lines.rows(&store, &planned.rows)?.into_iter().filter(his).collect();
        let forgotten = store.forgotten(user, viewed.now, FORGOTTEN_AFTER, FORGOTTEN)?;
        let covers = if user == me { Covers::of(&store, &people)?.mine(&people) } else { Vec::new() };
        let forgotten = rows(&store, &forgotten)?;
        Ok(Today { overdue, current, planned, n_planned, forgotten, covers, now: viewed.now })
    }

    /// Logs an interaction that has happened, with the next contact as an interaction of its own, all or nothing.
    ///
    /// # Errors
    /// `not_found`, `not_allowed`, `required`, `disk_full`.
    pub fn log_interaction(&self, argument: LogInteraction) -> Result<Saved, Error> {
        let store = self.store()?;
        self.client_there(&store, argument.client)?;
        let channel = super::entry::filled(interaction::CHANNEL.key(), &argument.channel)?;
        let id = RecordId(self.ids().fresh());
        let next = argument.next.map(next);
        let came = Came {
            outcome: argument.outcome,
            result: argument.result,
            contactor: Some(store.me()?.user),
            next_day: next.as_ref().map(|next| next.day),
        };
        let mut patch = came
            .patch()
            .set(interaction::CHANNEL, channel.to_owned())
            .set_some(interaction::SUBJECT, filled_text(&argument.subject))
            .set(interaction::STARTS_AT, millis(argument.at.unwrap_or_else(|| self.now())));
        self.add_persons(&mut patch, &argument.persons);
        let mut writes = vec![create(id, argument.client, patch)];
        if let Some(next) = next {
            let mut patch = follow_up(id, &argument.subject, &next);
            self.add_persons(&mut patch, &argument.persons);
            writes.push(create(RecordId(self.ids().fresh()), argument.client, patch));
        }
        self.save(&store, id, writes)
    }

    /// Plans an interaction.
    ///
    /// # Errors
    /// As [`App::log_interaction`]; `bad_value` for an end before the beginning.
    pub fn plan_interaction(&self, argument: PlanInteraction) -> Result<Saved, Error> {
        let store = self.store()?;
        self.client_there(&store, argument.client)?;
        let channel = super::entry::filled(interaction::CHANNEL.key(), &argument.channel)?;
        if argument.ends_at.is_some_and(|ends_at| ends_at < argument.starts_at) {
            return Err(Error::with(Code::BadValue, "field", interaction::ENDS_AT.key()));
        }
        let mut patch = Patch::new()
            .set(interaction::CHANNEL, channel.to_owned())
            .set(interaction::STATE, state::PLANNED.to_owned())
            .set_some(interaction::SUBJECT, filled_text(&argument.subject))
            .set_some(interaction::DESCRIPTION, filled_text(&argument.description))
            .set(interaction::STARTS_AT, millis(argument.starts_at))
            .set_some(interaction::ENDS_AT, argument.ends_at.map(millis));
        self.add_persons(&mut patch, &argument.persons);
        let id = RecordId(self.ids().fresh());
        self.save(&store, id, vec![create(id, argument.client, patch)])
    }

    /// Notes what came of a planned interaction; the next contact becomes an interaction of its own.
    ///
    /// # Errors
    /// `nothing_to_do` where it was done already; as [`App::log_interaction`].
    pub fn note_result(&self, argument: NoteResult) -> Result<Saved, Error> {
        let store = self.store()?;
        let row = store.row(argument.interaction)?.filter(|row| row.kind == interaction::KIND.key);
        let row = row.ok_or(Code::NotFound)?;
        if matches!(row.get(interaction::STATE).as_deref(), Some(state::HELD | state::CANCELLED)) {
            return Err(Code::NothingToDo.into());
        }
        let now = millis(self.now());
        let next = argument.next.map(next);
        let came = Came {
            outcome: argument.outcome,
            result: argument.result,
            contactor: Some(store.me()?.user),
            next_day: next.as_ref().map(|next| next.day),
        };
        let mut patch = came.patch().set_some(interaction::CHANNEL, argument.channel.as_deref().and_then(filled_text));
        // Done ahead of its time: history must not show it in the future.
        if row.get(interaction::STARTS_AT).is_none_or(|starts_at| starts_at > now) {
            patch = patch.set(interaction::STARTS_AT, now);
            if row.get(interaction::ENDS_AT).is_some_and(|ends_at| ends_at > now) {
                patch = patch.clear(interaction::ENDS_AT);
            }
        }
        let mut writes = vec![Write::Edit { id: row.id, patch }];
        if let Some((next, client)) = next.zip(row.client) {
            let subject = row.get(interaction::SUBJECT).unwrap_or_default();
            let persons: Vec<RecordId> = persons(&row).into_iter().map(|entry| entry.value).collect();
            let mut patch = follow_up(row.id, &subject, &next);
            self.add_persons(&mut patch, &persons);
            writes.push(create(RecordId(self.ids().fresh()), client, patch));
        }
        self.save(&store, row.id, writes)
    }

    /// Interactions by list request, with everything a row of them shows.
    ///
    /// # Errors
    /// As [`App::list`].
    pub fn interactions(&self, argument: ListRequest) -> Result<InteractionPage, Error> {
        let store = self.store()?;
        let (people, pending, viewed) = (People::of(&store)?, Pending::of(&store)?, self.viewed());
        let page = store.list(&self.query(ListRequest { kind: interaction::KIND.key.to_owned(), ..argument }))?;
        let lines = Lines { viewed, people: &people, pending: &pending };
        Ok(InteractionPage { total: count(page.total), rows: lines.rows(&store, &page.rows)? })
    }

    /// Now, as the person sees it.
    pub(super) fn viewed(&self) -> Viewed {
        Viewed::at(self.now(), zone(&self.looks().zone))
    }

    fn client_there(&self, store: &Store, id: RecordId) -> Result<(), Error> {
        match store.row(id)? {
            Some(row) if row.kind == client::KIND.key => Ok(()),
            _ => Err(Code::NotFound.into()),
        }
    }

    fn add_persons(&self, patch: &mut Patch, persons: &[RecordId]) {
        let distinct: BTreeSet<RecordId> = persons.iter().copied().collect();
        for person in distinct {
            let entry = crate::domain::value::Entry {
                id: EntryId(self.ids().fresh()),
                value: Box::new(Value::Id(person.0)),
                label: String::new(),
                removed: false,
            };
            patch.push_entry(interaction::PERSONS.key(), entry);
        }
    }
}

/// What rows of interactions are made with.
pub(super) struct Lines<'a> {
    pub viewed: Viewed,
    pub people: &'a People,
    pub pending: &'a Pending,
}

impl Lines<'_> {
    /// Rows of interactions, names looked up once for all.
    pub fn rows(&self, store: &Store, rows: &[ViewRow]) -> Result<Vec<InteractionRow>, StoreError> {
        let ids = rows.iter().flat_map(|row| {
            let persons = persons(row).into_iter().map(|entry| entry.value.0);
            persons.chain(row.client.map(|client| client.0))
        });
        let titles = Titles::of(store, [], ids.collect::<Vec<Uuid>>())?;
        rows.iter().map(|row| self.row(store, &titles, row)).collect()
    }

    fn row(&self, store: &Store, titles: &Titles, row: &ViewRow) -> Result<InteractionRow, StoreError> {
        let text = |field: Field<String>| row.get(field).unwrap_or_default();
        let (state, starts_at, ends_at) =
            (text(interaction::STATE), row.get(interaction::STARTS_AT), row.get(interaction::ENDS_AT));
        let person = |user: UserId| self.people.person(user);
        let hand_overs = store.authority(row.id)?.hand_overs;
        Ok(InteractionRow {
            id: row.id,
            channel: text(interaction::CHANNEL),
            class: match self.viewed.class(&state, starts_at, ends_at) {
                Class::Overdue => EventClass::Overdue,
                Class::Current => EventClass::Current,
                Class::Planned => EventClass::Planned,
                Class::Closed => EventClass::Closed,
            },
            state,
            subject: text(interaction::SUBJECT),
            description: text(interaction::DESCRIPTION),
            starts_at,
            ends_at,
            outcome: text(interaction::OUTCOME),
            result: text(interaction::RESULT),
            next_contact: row.get(interaction::NEXT_CONTACT),
            client: row.client.map(|client| titles.reference(client.0)),
            persons: persons(row).into_iter().map(|entry| titles.reference(entry.value.0)).collect(),
            assigned: row.get(interaction::ASSIGNED).and_then(person),
            contactor: row.get(interaction::CONTACTOR).and_then(person),
            hand_overs: hand_overs
                .into_iter()
                .map(|hand_over| HandOverView {
                    from: person(hand_over.from),
                    to: person(hand_over.to),
                    by: person(hand_over.by),
                    at: hand_over.at,
                    comment: hand_over.comment,
                })
                .collect(),
            pending_to: self.pending.redirect_of(row.id).and_then(person),
            unsent: row.unsent,
            n_reviews: row.n_reviews,
        })
    }
}

fn persons(row: &ViewRow) -> Vec<EntryOf<RecordId>> {
    row.get(interaction::PERSONS).unwrap_or_default()
}

fn create(id: RecordId, client: RecordId, patch: Patch) -> Write {
    Write::Create { kind: interaction::KIND.key.to_owned(), id, client: Some(client), patch }
}

fn next(next: NextContact) -> Next {
    Next { day: next.day, starts_at: millis(next.starts_at), channel: next.channel }
}

fn filled_text(text: &str) -> Option<String> {
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// Documents keep milliseconds.
fn millis(at: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(at.timestamp_millis()).unwrap_or(at)
}
