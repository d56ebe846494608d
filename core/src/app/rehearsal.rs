//! What a plan means to people: clients, hand-overs, who gains, who loses, whose devices are told.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::api::*;
use super::people::People;
use super::shown::Titles;
use super::status::count;
use super::{Code, Error};
use crate::domain::authority::{self, ClientAuthority, Device, Home};
use crate::domain::decide::{OfficeView, supervises};
use crate::domain::ids::*;
use crate::domain::order::{Event, Plan, Refusal};
use crate::store::{Store, StoreError};

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
        let mut clients: Vec<RecordId> = Vec::new();
        let mut n_interactions = 0;
        for event in &plan.events {
            let client = match event {
                Event::ClientMoved { client, .. } => *client,
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
        let counts = counts.unwrap_or_else(|| self.effects(plan));
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

    /// Clients each person gains and loses, as far as this device can tell.
    fn effects(&self, plan: &Plan) -> Vec<(UserId, u32, u32)> {
        let mut concerned: BTreeSet<(UserId, RecordId)> = BTreeSet::new();
        let mut after: BTreeMap<RecordId, ClientAuthority> = BTreeMap::new();
        let mut people: BTreeSet<UserId> = BTreeSet::new();
        for event in &plan.events {
            match event {
                Event::ClientMoved { client, from, to, department } => {
                    after.insert(*client, ClientAuthority { responsible: *to, department: *department });
                    concerned.extend([(*from, *client), (*to, *client)]);
                }
                Event::InteractionAssigned { client, from, to, .. } => {
                    concerned.extend([(*from, *client), (*to, *client)]);
                }
                Event::GrantGiven { home: Home::Client(client), user, .. }
                | Event::GrantEnded { home: Home::Client(client), user, .. } => {
                    concerned.insert((*user, *client));
                }
                Event::DeviceRevoked { user, .. } => {
                    people.insert(*user);
                }
                _ => {}
            }
        }
        let mut counts: BTreeMap<UserId, (u64, u64)> = people.into_iter().map(|user| (user, (0, 0))).collect();
        for (user, client) in concerned {
            let Some(now) = self.view.client(client) else { continue };
            let then = after.get(&client).copied().unwrap_or(now);
            let (sees, will_see) = (self.sees(user, client, now), self.will_see(user, client, then, plan));
            let (gained, lost) = counts.entry(user).or_default();
            *gained += u64::from(!sees && will_see);
            *lost += u64::from(sees && !will_see);
        }
        counts.into_iter().map(|(user, (gained, lost))| (user, count(gained), count(lost))).collect()
    }

    fn sees(&self, user: UserId, client: RecordId, authority: ClientAuthority) -> bool {
        authority.responsible == user
            || self.supervises(user, authority.department)
            || !self.view.grants(Home::Client(client), user).is_empty()
    }

    fn will_see(&self, user: UserId, client: RecordId, authority: ClientAuthority, plan: &Plan) -> bool {
        let home = Home::Client(client);
        let mut reasons: BTreeSet<authority::Reason> =
            self.view.grants(home, user).into_iter().map(|grant| grant.reason).collect();
        for event in &plan.events {
            match event {
                Event::GrantGiven { home: at, user: whose, reason, .. } if *at == home && *whose == user => {
                    reasons.insert(*reason);
                }
                Event::GrantEnded { home: at, user: whose, reason } if *at == home && *whose == user => {
                    reasons.remove(reason);
                }
                _ => {}
            }
        }
        // Responsibility follows the client whether or not this device knows the grant.
        reasons.remove(&authority::Reason::Responsible);
        authority.responsible == user || self.supervises(user, authority.department) || !reasons.is_empty()
    }

    fn supervises(&self, user: UserId, department: DepartmentId) -> bool {
        self.view.user(user).is_some_and(|user| supervises(self.view, &user, department))
    }
}
