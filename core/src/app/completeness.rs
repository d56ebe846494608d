//! The report on contact details, and asking those responsible to complete them (C-167, C-168). Offline like anything.

use std::collections::BTreeSet;

use super::api::*;
use super::people::People;
use super::status::count;
use super::{App, Code, Error};
use crate::domain::ids::*;
use crate::domain::interactions::{OPEN_CHANNEL, purpose, state};
use crate::domain::kinds::{client, interaction, person};
use crate::domain::labels::Labels;
use crate::domain::order as office;
use crate::domain::patch::Patch;
use crate::store::completeness::{Gap, GapQuery};
use crate::store::deeds::Deed;
use crate::store::write::Write;

/// Details looked for before anybody chose.
const FIRST: [&str; 5] = ["phones", "emails", "city", "person.name", "person.phones"];
/// Most details one may choose: each is a column of one query.
const MOST: usize = 40;
/// Where the choice is kept.
const CHOSEN: &str = "details_wanted";
/// Rows of one window.
const WINDOW: u32 = 500;
/// Most clients asked about at once.
const AT_ONCE: u32 = 200;
/// Most clients one may name.
const NAMED: usize = 10_000;

impl App {
    /// How complete the contact details of clients are, by person responsible; remembers which are wanted.
    ///
    /// # Errors
    /// `bad_value` with a detail nobody can ask for.
    pub fn details_report(&self, argument: DetailsWanted) -> Result<DetailsReport, Error> {
        let store = self.store()?;
        let kept = store.setting(CHOSEN)?.map(|kept| kept.lines().map(str::to_owned).collect::<Vec<_>>());
        let chosen = !argument.details.is_empty();
        let mut details = match (chosen, &kept) {
            (true, _) => argument.details,
            (false, Some(kept)) => kept.clone(),
            (false, None) => FIRST.map(str::to_owned).to_vec(),
        };
        let mut met = BTreeSet::new();
        // A field that was chosen once may be gone or archived since.
        details.retain(|detail| met.insert(detail.clone()) && (chosen || self.is_detail(detail)));
        if details.len() > MOST {
            return Err(Error::with(Code::BadValue, "field", "details"));
        }
        let people = People::of(&store)?;
        let mut total = DetailsCount { missing: vec![0; details.len()], ..DetailsCount::default() };
        let mut rows = Vec::new();
        for found in store.completeness(&details)? {
            let one = DetailsCount {
                n_clients: count(found.n_clients),
                n_complete: count(found.n_complete),
                n_asked: count(found.n_asked),
                missing: found.missing.into_iter().map(count).collect(),
            };
            total.n_clients += one.n_clients;
            total.n_complete += one.n_complete;
            total.n_asked += one.n_asked;
            total.missing.iter_mut().zip(&one.missing).for_each(|(sum, n)| *sum += n);
            rows.extend(people.person(found.user).map(|person| DetailsRow { person, count: one }));
        }
        rows.sort_by(|a, b| {
            let (left, right) = (&a.count, &b.count);
            let share = u64::from(left.n_complete) * u64::from(right.n_clients);
            let other = u64::from(right.n_complete) * u64::from(left.n_clients);
            share.cmp(&other).then_with(|| a.person.name.cmp(&b.person.name))
        });
        if chosen && kept.as_ref() != Some(&details) {
            store.set_setting(CHOSEN, &details.join("\n"))?;
        }
        Ok(DetailsReport { details, rows, total })
    }

    /// Clients that lack something.
    ///
    /// # Errors
    /// As [`App::details_report`].
    pub fn details_gaps(&self, argument: DetailsGapsRequest) -> Result<DetailsGaps, Error> {
        let store = self.store()?;
        let people = People::of(&store)?;
        let query = GapQuery {
            details: argument.details,
            user: argument.user,
            lacking: argument.lacking,
            offset: argument.offset,
            limit: argument.limit.min(WINDOW),
            ..GapQuery::default()
        };
        let (total, gaps) = store.gaps(&query)?;
        let row = |gap: Gap| DetailsGap {
            id: gap.client,
            title: gap.title,
            person: people.person(gap.user),
            missing: gap.missing.iter().map(|at| query.details[*at].clone()).collect(),
            asked: gap.asked,
        };
        Ok(DetailsGaps { total: count(total), rows: gaps.into_iter().map(row).collect() })
    }

    /// Plans an interaction for the person responsible of each client that lacks something, unless one is planned
    /// already; what is missing is its text.
    ///
    /// # Errors
    /// `required` without a topic, `nothing_to_do` for nobody's clients, `bad_argument` for more than 10,000 named,
    /// `disk_full`. A client that cannot be asked about leaves the others alone.
    pub fn ask_details(&self, argument: AskDetails) -> Result<DetailsAsked, Error> {
        let open = self.opened()?;
        let store = &open.store;
        let subject = super::entry::filled(interaction::SUBJECT.key(), &argument.subject)?;
        if argument.user.is_none() && argument.clients.is_empty() {
            return Err(Code::NothingToDo.into());
        }
        if argument.clients.len() > NAMED {
            return Err(Error::BadArgument(format!("more than {NAMED} clients")));
        }
        let query = GapQuery {
            details: argument.details.clone(),
            user: argument.user,
            clients: argument.clients,
            ..GapQuery::default()
        };
        let (all, _) = store.gaps(&query)?;
        let (unasked, missing) = store.gaps(&GapQuery { unasked: true, limit: AT_ONCE, ..query })?;
        let people: BTreeSet<UserId> = missing.iter().map(|gap| gap.user).collect();
        let mut done = DetailsAsked {
            n_asked: count(missing.len() as u64),
            n_people: count(people.len() as u64),
            // Two questions: something may have come in between.
            n_open: count(all.saturating_sub(unasked)),
            n_left: count(unasked.saturating_sub(missing.len() as u64)),
            ..DetailsAsked::default()
        };
        if argument.rehearse || missing.is_empty() {
            return Ok(done);
        }
        let me = store.me()?.user;
        for gap in &missing {
            let wanted: Vec<String> =
                gap.missing.iter().map(|at| self.detail_words(&argument.details[*at], &argument.language)).collect();
            let patch = Patch::new()
                .set(interaction::CHANNEL, OPEN_CHANNEL.to_owned())
                .set(interaction::STATE, state::PLANNED.to_owned())
                .set(interaction::PURPOSE, purpose::DETAILS.to_owned())
                .set(interaction::SUBJECT, subject.to_owned())
                .set(interaction::DESCRIPTION, wanted.iter().map(|word| format!("— {word}\n")).collect::<String>())
                .set(interaction::STARTS_AT, argument.due);
            let id = RecordId(self.ids().fresh());
            let kind = interaction::KIND.key.to_owned();
            let edits = vec![Write::Create { kind, id, client: Some(gap.client), patch }];
            let asked = if gap.user == me || open.net.is_none() {
                self.save(store, id, edits).map(|_| None)
            } else {
                let order = office::Order::RedirectInteraction {
                    interaction: id,
                    from: me,
                    to: gap.user,
                    comment: String::new(),
                    until: self.granted_until(Some(argument.due)),
                };
                let deed = Deed { at: self.now(), edits, order, confirmed: None, then: Vec::new() };
                self.do_deed(store, &deed).map(Some)
            };
            match asked {
                Ok(command) => {
                    done.interactions.push(id);
                    done.commands.extend(command);
                }
                Err(error) if matches!(error.code(), Code::NotFound | Code::NotAllowed) => {}
                Err(error) if done.interactions.is_empty() => return Err(error),
                // What was done is told, so that it can be taken back.
                Err(_) => break,
            }
        }
        let n_done = count(done.interactions.len() as u64);
        (done.n_left, done.n_asked) = (done.n_left + done.n_asked - n_done, n_done);
        Ok(done)
    }

    /// Takes back what [`App::ask_details`] did: the orders, then the interactions.
    ///
    /// # Errors
    /// Those of the database; what cannot be taken back any more stays.
    pub fn take_details_back(&self, argument: DetailsAsked) -> Result<EditedMany, Error> {
        for command in argument.commands {
            match self.give_order(GiveOrder { order: Order::Undo { command }, confirmed: None }) {
                Ok(_) => {}
                // Nothing is left of it: the interaction goes all the same.
                Err(error) if matches!(error.code(), Code::NothingToDo | Code::CannotUndo | Code::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        let kind = interaction::KIND.key.to_owned();
        self.trash_many(TrashMany { kind, ids: argument.interactions, trashed: true, rehearse: None })
    }

    fn is_detail(&self, detail: &str) -> bool {
        let registry = self.registry();
        let (kind, field) = match detail.split_once('.') {
            Some(("person", field)) => (person::KIND.key, field),
            _ => (client::KIND.key, detail),
        };
        registry.kind(kind).and_then(|kind| kind.field(field)).is_some_and(|field| !field.archived)
    }

    fn detail_words(&self, detail: &str, language: &str) -> String {
        let (registry, labels) = (self.registry(), Labels::of(language));
        let word = |kind: &str, field: &str| match registry.kind(kind) {
            Some(kind) => (labels.kind(kind), labels.field(kind, field)),
            None => (kind.to_owned(), field.to_owned()),
        };
        match detail.split_once('.') {
            Some(("person", field)) => {
                let (of, name) = word(person::KIND.key, field);
                format!("{of}: {name}")
            }
            _ => word(client::KIND.key, detail).1,
        }
    }
}
