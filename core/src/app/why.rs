//! Why this person sees a client: the reasons in force, each with what it hangs on. Answered from this device alone.

use super::api::*;
use super::people::People;
use super::{App, Code, Error};
use crate::domain::authority::{self, Grant, Home, Level, Role};
use crate::domain::ids::*;
use crate::domain::kinds::{client, interaction};
use crate::store::{Store, StoreError};

/// A department tree deeper than this is a loop made by hand.
const DEEPEST: usize = 32;

impl App {
    /// Why this person sees a client, the strongest reason first.
    ///
    /// # Errors
    /// `not_found`.
    pub fn why_client(&self, argument: ClientKey) -> Result<Vec<Reason>, Error> {
        let store = self.store()?;
        if store.row(argument.client)?.is_none_or(|row| row.kind != client::KIND.key) {
            return Err(Code::NotFound.into());
        }
        Ok(reasons(&store, argument.client)?)
    }
}

/// The reasons in force, the strongest first.
pub(super) fn reasons(store: &Store, client: RecordId) -> Result<Vec<Reason>, StoreError> {
    let (people, me) = (People::of(store)?, store.me()?);
    let mut reasons: Vec<Reason> = Vec::new();
    for grant in store.grants(Home::Client(client))? {
        let admin = me.role == Role::Admin && matches!(grant.reason, authority::Reason::Supervisor(_));
        let key = if admin { "admin" } else { grant.reason.key() };
        let mut reason = Reason {
            reason: key.to_owned(),
            person: None,
            until: grant.until,
            level: level(grant.level),
            departments: Vec::new(),
            interactions: Vec::new(),
        };
        match grant.reason {
            authority::Reason::Supervisor(supervised) if !admin => {
                reason.departments = chain(store, client, supervised)?;
            }
            authority::Reason::Substitute(absence) => {
                let person = store.absence(absence)?.map(|state| state.absence.person);
                reason.person = person.and_then(|person| people.person(person));
            }
            authority::Reason::Assigned(interaction) => {
                reason.interactions.extend(assigned(store, &people, &grant, interaction)?);
            }
            _ => {}
        }
        add(&mut reasons, reason);
    }
    reasons.sort_by_key(|reason| (rank(&reason.reason), std::cmp::Reverse(reason.level)));
    Ok(reasons)
}

/// Several interactions handed over are one reason to a reader, until the last of them ends; so are several departments
/// one above the other, of which the nearest one says enough.
fn add(reasons: &mut Vec<Reason>, reason: Reason) {
    let same = |other: &&mut Reason| other.reason == reason.reason && other.person == reason.person;
    let Some(other) = reasons.iter_mut().find(same) else {
        return reasons.push(reason);
    };
    other.until = other.until.zip(reason.until).map(|(a, b)| a.max(b));
    other.level = other.level.max(reason.level);
    other.interactions.extend(reason.interactions);
    let shorter = !reason.departments.is_empty() && reason.departments.len() < other.departments.len();
    if other.departments.is_empty() || shorter {
        other.departments = reason.departments;
    }
}

fn rank(reason: &str) -> u8 {
    match reason {
        "responsible" => 0,
        "substitute" => 1,
        "assigned" => 2,
        "supervisor" => 3,
        "admin" => 4,
        _ => 5,
    }
}

fn level(level: Level) -> Access {
    match level {
        Level::Read => Access::Read,
        Level::Add => Access::Add,
        Level::Write => Access::Write,
    }
}

/// From the client's department up to the one supervised, by name.
fn chain(store: &Store, client: RecordId, supervised: DepartmentId) -> Result<Vec<String>, StoreError> {
    let departments = store.departments()?;
    let mut at = store.authority(client)?.client.map(|client| client.department);
    let mut names = Vec::new();
    while let (Some(id), true) = (at, names.len() < DEEPEST) {
        let Some(department) = departments.iter().find(|department| department.id == id) else { break };
        names.push(department.name.clone());
        if id == supervised {
            return Ok(names);
        }
        at = department.parent;
    }
    // The way up is not known here; the department supervised still is.
    let supervised = departments.into_iter().find(|department| department.id == supervised);
    Ok(supervised.map(|department| department.name).into_iter().collect())
}

fn assigned(store: &Store, people: &People, grant: &Grant, id: RecordId) -> Result<Option<AssignedReason>, StoreError> {
    let Some(row) = store.row(id)? else { return Ok(None) };
    let by = store.authority(id)?.hand_overs.last().map(|last| people.name(last.by)).unwrap_or_default();
    Ok(Some(AssignedReason {
        id,
        subject: row.get(interaction::SUBJECT).unwrap_or_default(),
        channel: row.get(interaction::CHANNEL).unwrap_or_default(),
        starts_at: row.get(interaction::STARTS_AT),
        by,
        until: grant.until,
    }))
}
