//! Colleagues, devices, workload: what everybody may see of the office.

use std::collections::BTreeMap;

use chrono::Duration;

use super::api::*;
use super::status::count;
use super::{App, Error};
use crate::domain::authority;
use crate::domain::ids::*;
use crate::store::{Store, StoreError};

/// Days that count as "lately held".
const LATELY: i64 = 7;

/// All colleagues this device knows, by id.
pub(super) struct People(BTreeMap<UserId, Person>);

impl People {
    /// Reads them once for a whole answer.
    pub fn of(store: &Store) -> Result<Self, StoreError> {
        let departments: BTreeMap<_, _> = store.departments()?.into_iter().map(|it| (it.id, it.name)).collect();
        let people = store.users()?.into_iter().map(|user| {
            let department_name = departments.get(&user.department).cloned().unwrap_or_default();
            let person = Person {
                id: user.id,
                name: user.name,
                role: user.role.key().to_owned(),
                department: Some(user.department),
                department_name,
                active: user.active,
            };
            (person.id, person)
        });
        Ok(Self(people.collect()))
    }

    /// A colleague.
    pub fn person(&self, id: UserId) -> Option<Person> {
        self.0.get(&id).cloned()
    }

    /// His name; empty where this device does not know him.
    pub fn name(&self, id: UserId) -> String {
        self.0.get(&id).map(|person| person.name.clone()).unwrap_or_default()
    }
}

impl App {
    /// All colleagues, by name.
    ///
    /// # Errors
    /// `not_ready` and those of the database.
    pub fn people(&self, _: Nothing) -> Result<Vec<Person>, Error> {
        let store = self.store()?;
        let people = People::of(&store)?;
        Ok(store.users()?.into_iter().filter_map(|user| people.person(user.id)).collect())
    }

    /// The people a supervisor looks after, with their load; nobody for reps.
    ///
    /// # Errors
    /// `not_ready` and those of the database.
    pub fn team(&self, _: Nothing) -> Result<Vec<TeamRow>, Error> {
        let store = self.store()?;
        let (people, viewed) = (People::of(&store)?, self.viewed());
        let devices = device_rows(&store)?;
        let mut team = Vec::new();
        for user in store.staff()? {
            let Some(person) = people.person(user.id) else { continue };
            let load = store.workload(user.id, &viewed, viewed.now - Duration::days(LATELY))?;
            team.push(TeamRow {
                person,
                n_clients: count(load.n_clients),
                n_open: count(load.n_open),
                n_overdue: count(load.n_overdue),
                n_held: count(load.n_held),
                devices: devices.iter().filter(|device| device.user == user.id).cloned().collect(),
            });
        }
        Ok(team)
    }

    /// The devices this person may see: his own and those of the people he looks after.
    ///
    /// # Errors
    /// `not_ready` and those of the database.
    pub fn devices(&self, _: Nothing) -> Result<Vec<DeviceRow>, Error> {
        Ok(device_rows(&self.store()?)?)
    }
}

fn device_rows(store: &Store) -> Result<Vec<DeviceRow>, StoreError> {
    let (here, as_of) = (store.me()?.device, store.devices_as_of()?);
    let row = |device: authority::Device| DeviceRow {
        id: device.id,
        user: device.user,
        name: device.name,
        this_device: device.id == here,
        enrolled_at: device.enrolled_at,
        contact_at: device.contact_at,
        n_purges: device.n_purges,
        revoked: device.revoked,
        app: device.app,
        n_unsent: device.n_unsent,
        acked_at: device.acked_at,
        as_of,
        wipe: device.wipe.map(|wipe| WipeRow {
            rescue: wipe.rescue,
            due: wipe.due,
            rescued_at: wipe.rescued_at,
            done_at: wipe.done_at,
        }),
    };
    Ok(store.devices()?.into_iter().map(row).collect())
}
