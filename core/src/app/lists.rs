//! Lists of any kind: windows, groups, all ids; saved views of them.

use std::collections::BTreeMap;

use chrono::Timelike;
use uuid::Uuid;

use super::api::*;
use super::records::{access, rows};
use super::shown::{Titles, all_filled, patch};
use super::status::count;
use super::{App, Error};
use crate::domain::authority::Home;
use crate::domain::ids::*;
use crate::domain::interactions::zone;
use crate::domain::kinds::saved_view;
use crate::domain::listing::Moment;
use crate::domain::value::Value;
use crate::store::StoreError;
use crate::store::lists::{Group, GroupKey, ListQuery, WINDOW};
use crate::store::write::Write;

impl App {
    /// A window of a list.
    ///
    /// # Errors
    /// `unknown_kind`, `bad_value` with the field of a condition, an order or a group that does not fit it.
    pub fn list(&self, argument: ListRequest) -> Result<ListPage, Error> {
        let store = self.store()?;
        let page = store.list(&self.query(argument))?;
        let mut rows = rows(&store, &page.rows)?;
        for (row, marks) in rows.iter_mut().zip(page.marks) {
            row.marks = marks;
        }
        Ok(ListPage { total: count(page.total), rows })
    }

    /// The groups of a list with their counts and sums.
    ///
    /// # Errors
    /// As [`App::list`].
    pub fn list_groups(&self, argument: ListRequest) -> Result<ListGroups, Error> {
        let store = self.store()?;
        let keys = argument.sums.clone();
        let found = store.groups(&self.query(argument))?;
        let mut ids = Vec::new();
        collect(&found.groups, &mut ids);
        let departments: BTreeMap<Uuid, String> =
            store.departments()?.into_iter().map(|department| (department.id.0, department.name)).collect();
        let titles = Titles::of(&store, [], ids)?;
        let names = Names { titles: &titles, departments: &departments, sums: &keys };
        Ok(ListGroups {
            total: count(found.total as u64),
            sums: names.sums(&found.sums),
            groups: names.groups(&found.groups),
        })
    }

    /// The ids of all rows of a list, in its order.
    ///
    /// # Errors
    /// As [`App::list`].
    pub fn list_ids(&self, argument: ListRequest) -> Result<Vec<RecordId>, Error> {
        Ok(self.store()?.list_ids(&self.query(argument))?)
    }

    /// The saved views this person sees, by place and name.
    ///
    /// # Errors
    /// Those of the database.
    pub fn saved_views(&self, _: Nothing) -> Result<Vec<SavedView>, Error> {
        let store = self.store()?;
        let sort = ["place", "title"].map(|field| SortBy { field: field.to_owned(), descending: false });
        let query = ListQuery {
            kind: saved_view::KIND.key.to_owned(),
            sort: sort.to_vec(),
            limit: WINDOW,
            ..ListQuery::default()
        };
        let departments = store.departments()?;
        let mut views = Vec::new();
        for row in rows(&store, &store.list(&query)?.rows)? {
            let stored = match store.record(row.id) {
                Ok(stored) => stored,
                // It left meanwhile, or cannot be read: the others are there.
                Err(StoreError::NotFound | StoreError::RecordDamaged(_)) => continue,
                Err(error) => return Err(error.into()),
            };
            let shared = stored.homes.iter().find_map(|home| match home {
                Home::Department(id) => departments.iter().find(|department| department.id == *id),
                _ => None,
            });
            let department = shared.map(|it| Reference { id: it.id.to_string(), title: it.name.clone() });
            views.push(SavedView { row, department, access: access(&stored) });
        }
        Ok(views)
    }

    /// Makes a record everybody of a department sees.
    ///
    /// # Errors
    /// `not_allowed` where the person does not supervise it, or for a kind that is not shared; `required`,
    /// `bad_value`, `disk_full`.
    pub fn share(&self, argument: Share) -> Result<Saved, Error> {
        let store = self.store()?;
        let kind = self.kind(&argument.kind)?;
        let patch = patch(kind, &argument.fields, &Fields::new(), self.ids())?;
        all_filled(kind, &patch)?;
        let id = RecordId(self.ids().fresh());
        let write = Write::Share { kind: argument.kind, id, department: argument.department, patch };
        self.save(&store, id, vec![write])
    }

    /// A request as the database reads it, as of this minute: within it a list is worked out once.
    pub(super) fn query(&self, request: ListRequest) -> ListQuery {
        let now = self.now();
        let minute = now.with_second(0).and_then(|now| now.with_nanosecond(0)).unwrap_or(now);
        ListQuery {
            kind: request.kind,
            scope: request.scope,
            client: request.client,
            user: request.user,
            conditions: request.conditions,
            text: request.text,
            sort: request.sort,
            group: request.group,
            sums: request.sums,
            marks: request.marks,
            offset: request.offset,
            limit: request.limit.min(WINDOW),
            trashed: request.trashed.unwrap_or(false),
            moment: Moment { now: minute, zone: zone(&self.looks().zone) },
        }
    }
}

fn collect(groups: &[Group], ids: &mut Vec<Uuid>) {
    for group in groups {
        if let GroupKey::Id(id) = group.key {
            ids.push(id);
        }
        collect(&group.groups, ids);
    }
}

/// The words of groups.
struct Names<'a> {
    titles: &'a Titles,
    departments: &'a BTreeMap<Uuid, String>,
    sums: &'a [String],
}

impl Names<'_> {
    fn groups(&self, groups: &[Group]) -> Vec<ListGroup> {
        let group = |group: &Group| ListGroup {
            value: self.value(&group.key),
            rest: group.key == GroupKey::Rest,
            first: count(group.first as u64),
            count: count(group.count as u64),
            sums: self.sums(&group.sums),
            groups: self.groups(&group.groups),
        };
        groups.iter().map(group).collect()
    }

    fn value(&self, key: &GroupKey) -> Shown {
        match key {
            GroupKey::Flag(flag) => Shown::Bool(*flag),
            GroupKey::Int(number) => Shown::Int(*number),
            GroupKey::Text(text) => Shown::Text(text.clone()),
            GroupKey::Day(day) => self.titles.shown(&Value::Day(*day)),
            GroupKey::Empty | GroupKey::Rest => Shown::Empty,
            GroupKey::Id(id) => match self.departments.get(id) {
                Some(name) => Shown::Reference(Reference { id: id.to_string(), title: name.clone() }),
                None => Shown::Reference(self.titles.reference(*id)),
            },
        }
    }

    fn sums(&self, sums: &[i64]) -> BTreeMap<String, i64> {
        self.sums.iter().cloned().zip(sums.iter().copied()).collect()
    }
}
