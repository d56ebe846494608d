//! Clients that look as if they had been made twice: told to whoever supervises both, merged or told apart (C-009,
//! docs/adr/0015).

use std::collections::BTreeSet;

use super::api::*;
use super::pending::{Foreseen, Pending};
use super::people::People;
use super::records::told;
use super::similar::{shown, similar_client};
use super::status::count;
use super::{App, Code, Error};
use crate::domain::authority::{Home, Level, User};
use crate::domain::decide::OfficeView;
use crate::domain::ids::*;
use crate::domain::kind::Field;
use crate::domain::kinds::{client, distinction};
use crate::domain::merge;
use crate::domain::patch::Patch;
use crate::domain::phone::{self, Region};
use crate::domain::value::EntryOf;
use crate::store::records::ViewRow;
use crate::store::similar::Alike;
use crate::store::twins::Twins as Found;
use crate::store::write::{GroupDraft, Write};
use crate::store::{Store, StoreError};

/// More than this nobody looks through at once; what is dealt with makes room.
const SHOWN: usize = 100;
/// Departments one above the other; a deeper tree is a loop made by hand.
const DEEPEST: usize = 32;

impl App {
    /// Clients of one's people that may have been made twice, those with the strongest reasons first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn twins(&self, _: Nothing) -> Result<Twins, Error> {
        let store = self.store()?;
        let (people, rights, region) = (People::of(&store)?, MergeRights::of(self, &store)?, store.region()?);
        let found = undecided(&store)?;
        let mut pairs = Vec::new();
        for twins in found.iter().take(SHOWN) {
            pairs.push(TwinPair {
                one: twin(&store, &people, twins.one)?,
                other: twin(&store, &people, twins.other)?,
                reasons: twins.reasons.iter().map(|(why, value)| reason(*why, value, region)).collect(),
                may_merge: rights.of_both(twins.one, twins.other),
            });
        }
        Ok(Twins { total: count(found.len() as u64), pairs })
    }

    /// Clients here that are known by something this one is known by as well.
    ///
    /// # Errors
    /// `not_found`.
    pub fn alike_clients(&self, argument: ClientKey) -> Result<Vec<SimilarClient>, Error> {
        let store = self.store()?;
        self.kind_of(&store, client::KIND.key, argument.client)?;
        let (people, rights) = (People::of(&store)?, MergeRights::of(self, &store)?);
        let mut alike = Vec::new();
        for twins in not_pending(&store, &store.twins_of(argument.client)?)? {
            let other = if twins.one == argument.client { twins.other } else { twins.one };
            let one = similar_client(&store, &people, other, twins.reasons.keys().map(|why| shown(*why)).collect())?;
            alike.push(SimilarClient { may_merge: rights.of_both(argument.client, other), ..one });
        }
        Ok(alike)
    }

    /// Says that two clients are not the same, or takes that back: for everybody who supervises both where this person
    /// does, otherwise for himself.
    ///
    /// # Errors
    /// `not_found`, `bad_argument` for one client twice, `disk_full`.
    pub fn tell_apart(&self, argument: TellApart) -> Result<Saved, Error> {
        let store = self.store()?;
        let TellApart { one, other, apart } = argument;
        for id in [one, other] {
            self.kind_of(&store, client::KIND.key, id)?;
        }
        if one == other {
            return Err(Code::BadArgument.into());
        }
        let kind = distinction::KIND.key.to_owned();
        let known = match store.distinction(one, other)? {
            Some((id, _)) if store.may_edit(&[id])? == [true] => Some(id),
            _ => None,
        };
        let fresh = RecordId(self.ids().fresh());
        let patch = Patch::new().set(distinction::PAIR, distinction::pair(one, other)).set(distinction::APART, apart);
        let (id, write) = match (known, common_department(&store, one, other)?) {
            (Some(id), _) => (id, Write::Edit { id, patch: Patch::new().set(distinction::APART, apart) }),
            (None, Some(department)) => (fresh, Write::Share { kind, id: fresh, department, patch }),
            (None, None) => (fresh, Write::Create { kind, id: fresh, client: None, patch }),
        };
        // Not remembered for undo: what was said is taken back by saying the opposite, and never lies in the trash.
        let draft = GroupDraft { at: self.now(), writes: vec![write] };
        let written = store.write_group(&draft, self.ids()).map_err(|error| told(&store, error))?;
        Ok(self.saved(id, &written))
    }
}

/// How many pairs wait for this person.
pub(super) fn n_twins(store: &Store) -> Result<u32, StoreError> {
    Ok(count(undecided(store)?.len() as u64))
}

fn undecided(store: &Store) -> Result<Vec<Found>, StoreError> {
    not_pending(store, &store.twins()?)
}

/// Those of which neither waits to be merged.
fn not_pending(store: &Store, found: &[Found]) -> Result<Vec<Found>, StoreError> {
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let pending = Pending::of(store)?;
    let waits = |id: RecordId| pending.merge_of(id).is_some();
    Ok(found.iter().filter(|twins| !waits(twins.one) && !waits(twins.other)).cloned().collect())
}

fn reason(why: Alike, value: &str, region: Option<Region>) -> TwinReason {
    let read = (why == Alike::Phone).then(|| phone::read(value, region)).flatten();
    TwinReason { why: shown(why), value: read.map_or_else(|| value.to_owned(), |phone| phone.shown(region, "")) }
}

fn twin(store: &Store, people: &People, id: RecordId) -> Result<TwinClient, Error> {
    let row = store.row(id)?.ok_or(Code::NotFound)?;
    Ok(TwinClient {
        city: row.get(client::CITY).unwrap_or_default(),
        address: row.get(client::ADDRESS).unwrap_or_default(),
        phones: entries(&row, client::PHONES),
        emails: entries(&row, client::EMAILS),
        responsible: store.authority(id)?.client.and_then(|held| people.person(held.responsible)),
        created_at: row.created_at,
        under: store.under(id)?.into_iter().map(|(kind, n)| (kind, count(n))).collect(),
        client: Reference { id: id.to_string(), title: row.title },
    })
}

fn entries(row: &ViewRow, field: Field<Vec<EntryOf<String>>>) -> Vec<String> {
    row.get(field).unwrap_or_default().into_iter().map(|entry| entry.value).collect()
}

/// The lowest department above both clients in which this person may write.
fn common_department(store: &Store, one: RecordId, other: RecordId) -> Result<Option<DepartmentId>, StoreError> {
    let office = store.office()?;
    let above = |id: RecordId| {
        let mut chain = Vec::new();
        let mut at = office.client(id).map(|held| held.department);
        while let Some(id) = at.filter(|_| chain.len() < DEEPEST) {
            chain.push(id);
            at = office.department(id).and_then(|department| department.parent);
        }
        chain
    };
    let others: BTreeSet<DepartmentId> = above(other).into_iter().collect();
    for department in above(one).into_iter().filter(|id| others.contains(id)) {
        if store.level(Home::Department(department))? == Some(Level::Write) {
            return Ok(Some(department));
        }
    }
    Ok(None)
}

/// What this person may merge.
pub(super) struct MergeRights {
    /// Nothing without a server: merging is an order.
    office: Option<(Foreseen, User)>,
}

impl MergeRights {
    pub fn of(app: &App, store: &Store) -> Result<Self, Error> {
        if app.opened()?.net.is_none() {
            return Ok(Self { office: None });
        }
        let view = Foreseen::of(store)?;
        let me = view.user(store.me()?.user).ok_or(Code::NotReady)?;
        Ok(Self { office: Some((view, me)) })
    }

    /// These two.
    pub fn of_both(&self, one: RecordId, other: RecordId) -> bool {
        self.office.as_ref().is_some_and(|(view, me)| merge::may_merge(view, me, one, other))
    }

    /// This one with a client he is about to make.
    pub fn with_new(&self, id: RecordId) -> bool {
        self.office.as_ref().is_some_and(|(view, me)| merge::may_merge_with_new(view, me, id))
    }
}
