//! What a plan means to people: clients, hand-overs, who gains, who loses, whose devices are told.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::api::*;
use super::people::People;
use super::shown::Titles;
use super::status::count;
use super::{Code, Error};
use crate::domain::absence::Stage;
use crate::domain::authority::{self, ClientAuthority, Device, Home};
use crate::domain::cover;
use crate::domain::decide::{OfficeView, supervises};
use crate::domain::ids::*;
use crate::domain::order::{Event, Plan, Refusal};
use crate::store::{Store, StoreError};

/// Whether a plan lies ahead or was carried out.
#[derive(Clone, Copy, PartialEq, Eq)]
enum When {
    Ahead,
    Done,
}

/// Whom an order expected and whom it found, by name.
pub(super) fn clash(people: &People, refusal: Option<&Refusal>) -> Option<Clash> {
    match refusal {
        Some(Refusal::Expected { expected, found }) => {
            Some(Clash { expected: people.name(*expected), found: people.name(*found) })
        }
        _ => None,
    }
}

/// What a plan is shown with.
pub(super) struct Telling<'a> {
    pub store: &'a Store,
    pub people: &'a People,
    pub view: &'a dyn OfficeView,
}

impl Telling<'_> {
    /// A plan as a person reads it. `people` and `devices` are the server's counts, where it gave some.
    pub fn rehearsal(
        &self,
        plan: &Plan,
        as_of: Option<DateTime<Utc>>,
        counts: Option<Vec<(UserId, u32, u32)>>,
        devices: &[Device],
    ) -> Result<Rehearsal, StoreError> {
        let counts = counts.unwrap_or_else(|| self.effects(plan, When::Ahead));
        self.told(plan, as_of, counts, devices)
    }

    /// What a plan that was carried out did.
    pub fn done(&self, plan: &Plan, devices: &[Device]) -> Result<Rehearsal, StoreError> {
        self.told(plan, None, self.effects(plan, When::Done), devices)
    }

    fn told(
        &self,
        plan: &Plan,
        as_of: Option<DateTime<Utc>>,
        counts: Vec<(UserId, u32, u32)>,
        devices: &[Device],
    ) -> Result<Rehearsal, StoreError> {
        let mut clients: Vec<RecordId> = Vec::new();
        let mut n_interactions = 0;
        for event in &plan.events {
            let client = match event {
                Event::AbsenceSet { after, .. } if after.is_alive() => {
                    // Of a coming absence nothing else has happened yet.
                    n_interactions += if after.stage == Stage::Coming { after.interactions.len() as u32 } else { 0 };
                    clients.extend(after.clients.iter().map(|given| given.record));
                    continue;
                }
                Event::ClientMoved { client, .. } => *client,
                Event::ClientMerged { client, into, .. } => {
                    clients.extend([*into, *client].into_iter().filter(|id| !clients.contains(id)).collect::<Vec<_>>());
                    continue;
                }
                Event::ClientParted { client, .. } => *client,
                Event::InteractionAssigned { client, .. } => {
                    n_interactions += 1;
                    *client
                }
                _ => continue,
            };
            if !clients.contains(&client) {
                clients.push(client);
            }
        }
        let refused = plan.refused.iter().map(|(record, _)| record.0);
        let titles = Titles::of(self.store, [], clients.iter().map(|client| client.0).chain(refused))?;
        let name_of = |user: UserId| {
            let his = devices.iter().filter(|device| device.user == user && !device.revoked);
            his.map(|device| device.name.clone()).collect()
        };
        let people = counts.into_iter().map(|(user, n_gained, n_lost)| Effect {
            user,
            name: self.people.name(user),
            n_gained,
            n_lost,
            devices: name_of(user),
        });
        Ok(Rehearsal {
            as_of,
            clients: clients.iter().map(|client| titles.reference(client.0)).collect(),
            n_interactions,
            people: people.collect(),
            refused: plan
                .refused
                .iter()
                .map(|(record, refusal)| RefusedItem {
                    record: *record,
                    title: titles.title(record.0),
                    code: refusal.code().to_owned(),
                    clash: clash(self.people, Some(refusal)),
                })
                .collect(),
        })
    }

    /// Why an order cannot be done, with the names in it.
    pub fn refused(&self, refusal: &Refusal) -> Error {
        if let Refusal::Expected { expected, found } = refusal {
            let name = |user: &UserId| self.people.name(*user);
            let params = [("expected".to_owned(), name(expected)), ("found".to_owned(), name(found))];
            return Error::Told(Code::ChangedMeanwhileByOffice, BTreeMap::from(params));
        }
        Error::told(refusal.code())
    }

    /// Clients each person gains and loses, as far as this device can tell. Of a plan that was carried out the state
    /// before is what the plan changed, turned back.
    fn effects(&self, plan: &Plan, when: When) -> Vec<(UserId, u32, u32)> {
        // A coming absence is shown as what it will bring.
        let begun = plan.events.iter().find_map(|event| match event {
            Event::AbsenceSet { after, .. } if after.stage == Stage::Coming => {
                cover::turn(self.view, after, after.from)
            }
            _ => None,
        });
        if let Some(begun) = begun.filter(|begun| begun.events.len() > 1) {
            return self.effects(&begun, When::Ahead);
        }
        let mut concerned: BTreeSet<(UserId, RecordId)> = BTreeSet::new();
        let mut moved: BTreeMap<RecordId, (ClientAuthority, ClientAuthority)> = BTreeMap::new();
        let mut people: BTreeSet<UserId> = BTreeSet::new();
        for event in &plan.events {
            match event {
                Event::ClientMoved { client, from, to, department } => {
                    let home = self.view.user(*from).map_or(*department, |user| user.department);
                    let before = ClientAuthority { responsible: *from, department: home };
                    let after = ClientAuthority { responsible: *to, department: *department };
                    moved.insert(*client, (before, after));
                    concerned.extend([(*from, *client), (*to, *client)]);
                }
                Event::ClientMerged { client, from, .. } => {
                    concerned.insert((*from, *client));
                }
                Event::InteractionAssigned { client, from, to, .. } => {
                    concerned.extend([(*from, *client), (*to, *client)]);
                }
                Event::GrantGiven { home: Home::Client(client), user, .. }
                | Event::GrantEnded { home: Home::Client(client), user, .. } => {
                    concerned.insert((*user, *client));
                }
                Event::DeviceRevoked { user, .. } | Event::PersonRevoked { user } => {
                    people.insert(*user);
                }
                Event::AbsenceSet { after, .. } => {
                    people.extend(after.substitutes());
                    people.insert(after.person);
                }
                _ => {}
            }
        }
        let mut counts: BTreeMap<UserId, (u64, u64)> = people.into_iter().map(|user| (user, (0, 0))).collect();
        for (user, client) in concerned {
            let Some(now) = self.view.client(client) else { continue };
            let (before, after) = match (moved.get(&client), when) {
                (Some((_, after)), When::Ahead) => (now, *after),
                (Some(both), When::Done) => *both,
                (None, _) => (now, now),
            };
            let (had, has) = self.reasons(user, client, plan, when);
            let sees = self.sees(user, before, &had);
            let will_see = self.sees(user, after, &has);
            let (gained, lost) = counts.entry(user).or_default();
            *gained += u64::from(!sees && will_see);
            *lost += u64::from(sees && !will_see);
        }
        counts.into_iter().map(|(user, (gained, lost))| (user, count(gained), count(lost))).collect()
    }

    fn sees(&self, user: UserId, authority: ClientAuthority, reasons: &BTreeSet<authority::Reason>) -> bool {
        authority.responsible == user || self.supervises(user, authority.department) || !reasons.is_empty()
    }

    /// Reasons a person has for a client before and after the plan; being responsible is looked at apart, because
    /// it follows the client whether or not this device knows the grant.
    fn reasons(
        &self,
        user: UserId,
        client: RecordId,
        plan: &Plan,
        when: When,
    ) -> (BTreeSet<authority::Reason>, BTreeSet<authority::Reason>) {
        let home = Home::Client(client);
        let other = |reason: &authority::Reason| {
            !matches!(reason, authority::Reason::Responsible | authority::Reason::Supervisor(_))
        };
        let now: BTreeSet<_> =
            self.view.grants(home, user).into_iter().map(|grant| grant.reason).filter(other).collect();
        let mut turned = now.clone();
        for event in &plan.events {
            let (gives, reason) = match event {
                Event::GrantGiven { home: at, user: whose, reason, .. } if *at == home && *whose == user => {
                    (true, *reason)
                }
                Event::GrantEnded { home: at, user: whose, reason, .. } if *at == home && *whose == user => {
                    (false, *reason)
                }
                _ => continue,
            };
            if other(&reason) && gives == (when == When::Ahead) {
                turned.insert(reason);
            } else {
                turned.remove(&reason);
            }
        }
        match when {
            When::Ahead => (now, turned),
            When::Done => (turned, now),
        }
    }

    fn supervises(&self, user: UserId, department: DepartmentId) -> bool {
        self.view.user(user).is_some_and(|user| supervises(self.view, &user, department))
    }
}
