//! Who is away, who stands in, who could: what people see of absences. The orders themselves are in [`super::orders`].

use std::collections::{BTreeMap, BTreeSet};

use super::api::*;
use super::orders::shown_given;
use super::pending::{Foreseen, Pending};
use super::people::People;
use super::shown::Titles;
use super::status::count;
use super::{App, Code, Error};
use crate::domain::absence::{Absence, Stage, StandIn};
use crate::domain::authority::Role;
use crate::domain::cover::missing;
use crate::domain::cover_plan::{Colleague, Orphan, Proposed, Stretch, clash, propose};
use crate::domain::decide::{OfficeView, supervises};
use crate::domain::ids::*;
use crate::domain::kinds::interaction;
use crate::domain::order::Order as Ordered;
use crate::store::records::ViewRow;
use crate::store::{Store, StoreError};
use crate::sync::wire::AbsenceState;

/// Days an absence that is over stays in the list.
const SHOWN_DAYS: i64 = 30;
/// Plans of one person looked at.
const PLANS: u32 = 500;
/// How long a plan without an end is taken to last.
const VISIT: chrono::Duration = chrono::Duration::minutes(60);

impl App {
    /// Absences as they will stand once the orders given here are carried out: running, coming, lately over.
    ///
    /// # Errors
    /// Those of the database.
    pub fn absences(&self, _: Nothing) -> Result<Vec<AbsenceRow>, Error> {
        let store = self.store()?;
        let (people, view, pending) = (People::of(&store)?, Foreseen::of(&store)?, Pending::of(&store)?);
        let me = store.me()?.user;
        let mut known: BTreeMap<AbsenceId, AbsenceState> =
            store.absences()?.into_iter().map(|state| (state.absence.id, state)).collect();
        for absence in view.absences() {
            let state = known.entry(absence.id).or_insert_with(|| AbsenceState {
                absence: absence.clone(),
                stands_in: false,
                gone: false,
            });
            state.absence = absence.clone();
        }
        let oldest = self.now() - chrono::Duration::days(SHOWN_DAYS);
        let mut rows = Vec::new();
        for state in known.into_values() {
            let absence = &state.absence;
            let waits = pending.absences().filter(|command| command.order.absence() == Some(absence.id)).last();
            let lately = absence.stage == Stage::Over && absence.until.is_none_or(|until| until >= oldest);
            if !(absence.is_alive() || lately || waits.is_some()) {
                continue;
            }
            let supervised = may_order(&view, me, absence.person);
            let substitutes = absence.substitutes().into_iter().map(|user| share(absence, &people, user)).collect();
            rows.push(AbsenceRow {
                id: absence.id,
                person: people.person(absence.person),
                reason: absence.reason.clone(),
                from: absence.from,
                until: absence.until,
                stage: absence.stage.key().to_owned(),
                mine: absence.person == me,
                stands_in: state.stands_in,
                may_change: supervised && absence.is_alive(),
                substitutes,
                clients: absence.clients.iter().map(shown_given).collect(),
                interactions: absence.interactions.iter().map(shown_given).collect(),
                pending: waits.map_or("", |command| waiting_for(&command.order)).to_owned(),
                command: waits.map(|command| command.id),
            });
        }
        rows.sort_by_key(|row| (stage_rank(&row.stage), row.from, row.id));
        Ok(rows)
    }

    /// Who could stand in for somebody, by what this device knows.
    ///
    /// # Errors
    /// `not_found` for an unknown person, `not_allowed` for one this person does not supervise, `absence_period`.
    pub fn propose_cover(&self, argument: ProposeCover) -> Result<CoverProposal, Error> {
        let store = self.store()?;
        let (people, view) = (People::of(&store)?, Foreseen::of(&store)?);
        let person = view.user(argument.person).ok_or(Code::NotFound)?;
        if !may_order(&view, store.me()?.user, person.id) {
            return Err(Code::NotAllowed.into());
        }
        if argument.until.is_some_and(|until| until <= argument.from) {
            return Err(Code::AbsencePeriod.into());
        }
        let plans = store.planned_for(person.id, None, argument.until, 0, PLANS)?.rows;
        let mut colleagues = BTreeMap::new();
        let mut listed = Vec::new();
        for user in store.users()? {
            let chosen = argument.colleagues.as_ref().is_none_or(|chosen| chosen.contains(&user.id));
            if user.id == person.id || !user.active || !chosen {
                continue;
            }
            let load = store.workload(user.id, &self.viewed(), self.now())?;
            let away = view.absences_of(user.id).iter().any(|one| one.overlaps(argument.from, argument.until));
            let busy = store.planned_for(user.id, Some(argument.from), argument.until, 0, PLANS)?;
            if let Some(person) = people.person(user.id) {
                let (n_clients, n_open) = (count(load.n_clients), count(load.n_open));
                listed.push(CoverColleague { person, n_clients, n_open, away });
            }
            // Who supervises is asked to stand in only where he is named.
            if user.role != Role::Rep && argument.colleagues.is_none() {
                continue;
            }
            colleagues.insert(
                user.id,
                Colleague {
                    n_clients: load.n_clients,
                    n_open: load.n_open,
                    same_department: user.department == person.department,
                    regions: store.regions_of(user.id)?,
                    busy: busy.rows.iter().filter_map(stretch).collect(),
                    away,
                },
            );
        }
        let orphans = orphans(&store, &view.clients_of(person.id), &plans)?;
        let proposed = propose(&colleagues, &orphans);
        Ok(CoverProposal {
            clients: proposed_clients(&store, &orphans, &proposed)?,
            interactions: proposed_interactions(&store, &colleagues, &proposed, &plans)?,
            colleagues: listed,
        })
    }

    /// What stands in the way of finishing a dismissal, by what this device knows.
    ///
    /// # Errors
    /// `not_found`.
    pub fn dismissal(&self, argument: AbsenceKey) -> Result<DismissalState, Error> {
        let store = self.store()?;
        let view = Foreseen::of(&store)?;
        let absence = view.absence(argument.absence).filter(Absence::is_for_good).ok_or(Code::NotFound)?;
        let missing = missing(&view, &absence);
        let open = store.rows(&missing.interactions)?;
        let clients = open.iter().filter_map(|row| row.client).chain(missing.clients.iter().copied());
        let titles = Titles::of(&store, [], clients.map(|client| client.0))?;
        let devices = view.devices_of(absence.person);
        let unsettled = devices.iter().filter(|device| missing.devices.contains(&device.id));
        let subject = |row: &ViewRow| {
            let client = row.client.map(|client| titles.title(client.0)).unwrap_or_default();
            let title = if row.title.is_empty() { client } else { row.title.clone() };
            Reference { id: row.id.to_string(), title }
        };
        Ok(DismissalState {
            ready: missing.is_empty() && absence.stage == Stage::Running,
            clients: missing.clients.iter().map(|client| titles.reference(client.0)).collect(),
            interactions: open.iter().map(subject).collect(),
            devices: unsettled
                .map(|device| UnsettledDevice {
                    id: device.id,
                    name: device.name.clone(),
                    contact_at: device.contact_at,
                    n_unsent: device.n_unsent,
                    n_purges: device.n_purges,
                })
                .collect(),
        })
    }
}

fn may_order(view: &dyn OfficeView, me: UserId, person: UserId) -> bool {
    let (Some(me), Some(person)) = (view.user(me), view.user(person)) else { return false };
    supervises(view, &me, person.department)
}

fn stage_rank(stage: &str) -> u8 {
    match stage {
        "running" => 0,
        "coming" => 1,
        _ => 2,
    }
}

fn waiting_for(order: &Ordered) -> &'static str {
    match order {
        Ordered::RecordAbsence { .. } => "record",
        Ordered::ChangeAbsence { .. } => "change",
        Ordered::EndAbsence { .. } => "end",
        Ordered::WithdrawAbsence { .. } => "withdraw",
        Ordered::FinishDismissal { .. } => "finish",
        _ => "",
    }
}

fn share(absence: &Absence, people: &People, user: UserId) -> AbsenceShare {
    let n = |list: &[StandIn]| count(list.iter().filter(|given| given.to == user).count() as u64);
    AbsenceShare {
        person: people.person(user),
        n_clients: n(&absence.clients),
        n_interactions: n(&absence.interactions),
    }
}

fn stretch(row: &ViewRow) -> Option<Stretch> {
    let from = row.get(interaction::STARTS_AT)?;
    Some((from, row.get(interaction::ENDS_AT).filter(|ends| *ends > from).unwrap_or(from + VISIT)))
}

fn orphans(store: &Store, clients: &[RecordId], plans: &[ViewRow]) -> Result<Vec<Orphan>, StoreError> {
    let mut met = store.acquaintance(clients)?;
    let regions = store.region_of(clients)?;
    let orphan = |client: &RecordId| Orphan {
        client: *client,
        region: regions.get(client).copied(),
        met: met.remove(client).unwrap_or_default(),
        planned: plans.iter().filter(|row| row.client == Some(*client)).filter_map(stretch).collect(),
    };
    Ok(clients.iter().map(orphan).collect())
}

fn proposed_clients(
    store: &Store,
    orphans: &[Orphan],
    proposed: &[Proposed],
) -> Result<Vec<ProposedClient>, StoreError> {
    let titles = Titles::of(store, [], orphans.iter().map(|orphan| orphan.client.0))?;
    let line = |orphan: &Orphan| {
        let found = proposed.iter().find(|one| one.client == orphan.client);
        ProposedClient {
            client: titles.reference(orphan.client.0),
            to: found.map(|one| one.to),
            why: found.map(|one| one.why.iter().map(|why| why.key().to_owned()).collect()).unwrap_or_default(),
            n_planned: count(orphan.planned.len() as u64),
            n_clashes: count(found.map_or(0, |one| one.n_clashes)),
        }
    };
    let mut lines: Vec<ProposedClient> = orphans.iter().map(line).collect();
    lines.sort_by(|a, b| (&a.client.title, &a.client.id).cmp(&(&b.client.title, &b.client.id)));
    Ok(lines)
}

/// Plans go to whoever stands in for their client; those with clients of others to whoever is freest.
fn proposed_interactions(
    store: &Store,
    colleagues: &BTreeMap<UserId, Colleague>,
    proposed: &[Proposed],
    plans: &[ViewRow],
) -> Result<Vec<ProposedInteraction>, StoreError> {
    let clients: BTreeSet<RecordId> = plans.iter().filter_map(|row| row.client).collect();
    let titles = Titles::of(store, [], clients.iter().map(|client| client.0))?;
    let others: Vec<RecordId> =
        clients.iter().filter(|client| !proposed.iter().any(|one| one.client == **client)).copied().collect();
    let elsewhere = propose(colleagues, &orphans(store, &others, plans)?);
    let line = |row: &ViewRow| {
        let found = proposed.iter().chain(&elsewhere).find(|one| Some(one.client) == row.client);
        let his = found.and_then(|one| colleagues.get(&one.to));
        let at = stretch(row);
        let clash = at.is_some_and(|at| his.is_some_and(|his| his.busy.iter().any(|other| clash(at, *other))));
        ProposedInteraction {
            interaction: row.id,
            subject: row.title.clone(),
            channel: row.get(interaction::CHANNEL).unwrap_or_default(),
            client: row.client.map(|client| titles.reference(client.0)),
            starts_at: row.get(interaction::STARTS_AT),
            to: found.map(|one| one.to),
            clash,
        }
    };
    Ok(plans.iter().map(line).collect())
}

/// Who stands in for whom, looked up once for a whole answer.
pub(super) struct Covers {
    by_client: BTreeMap<RecordId, Cover>,
    states: Vec<AbsenceState>,
}

impl Covers {
    /// Reads them; of most devices there is nothing to read.
    pub fn of(store: &Store, people: &People) -> Result<Self, StoreError> {
        let states = store.absences()?;
        let mut by_client = BTreeMap::new();
        let running = || states.iter().filter(|state| state.absence.stage == Stage::Running);
        for AbsenceState { absence, .. } in running().filter(|state| !state.absence.is_for_good()) {
            for given in &absence.clients {
                let cover = Cover {
                    absence: absence.id,
                    person: people.person(absence.person),
                    substitute: people.person(given.to),
                    by_me: false,
                    until: absence.until,
                };
                by_client.insert(given.record, cover);
            }
        }
        if states.iter().any(|state| state.stands_in) {
            let me = store.me()?.user;
            for (client, absence) in store.covered()? {
                let Some(state) = states.iter().find(|state| state.absence.id == absence) else { continue };
                let cover = Cover {
                    absence,
                    person: people.person(state.absence.person),
                    substitute: people.person(me),
                    by_me: true,
                    until: state.absence.until,
                };
                by_client.insert(client, cover);
            }
        }
        Ok(Self { by_client, states })
    }

    /// Who stands in for a client's person.
    pub fn of_client(&self, client: RecordId) -> Option<Cover> {
        self.by_client.get(&client).cloned()
    }

    /// Whom the person at this device stands in for.
    pub fn mine(&self, people: &People) -> Vec<CoverLine> {
        let mine = self.states.iter().filter(|state| state.stands_in && state.absence.is_alive());
        let line = |state: &AbsenceState| {
            let absence = &state.absence;
            let clients = self.by_client.values().filter(|cover| cover.by_me && cover.absence == absence.id);
            CoverLine {
                absence: absence.id,
                person: people.person(absence.person),
                from: absence.from,
                until: absence.until,
                coming: absence.stage == Stage::Coming,
                n_clients: count(clients.count() as u64),
            }
        };
        mine.map(line).collect()
    }
}
