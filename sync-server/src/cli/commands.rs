//! `init`, `user`, `device`, `department`.

use anyhow::{Context, bail};
use chrono::Duration;
use satchel_core::domain::authority::{Department, Role, User};
use satchel_core::domain::ids::{DepartmentId, DeviceId, RecordId, UserId};
use satchel_core::domain::order::Wipe;
use serde_json::json;

use super::arguments::{Common, DepartmentTask, DeviceTask, Init, UserTask};
use super::{open, print};
use crate::office::{Office, Settings};

pub fn init(task: Init) -> anyhow::Result<()> {
    let names = task.departments.iter().chain([&task.name, &task.admin]);
    if names.into_iter().any(|name| name.trim().is_empty()) {
        bail!("the organisation, its departments and the admin need names");
    }
    let office = open(&task.common.data, true, Settings::default())?;
    let organisation = office.init_organisation(&task.name, &task.language)?;
    let mut departments = Vec::new();
    for name in &task.departments {
        departments.push(json!({ "id": office.add_department(name, None)?, "name": name }));
    }
    let first = office.departments()?.into_iter().find(|department| Some(&department.name) == task.departments.first());
    let first = first.context("finding the first department")?;
    let admin = office.add_user(&task.admin, Role::Admin, first.id)?;
    let made = json!({
        "organisation": organisation,
        "name": task.name,
        "language": task.language,
        "departments": departments,
        "admin": { "id": admin, "name": task.admin },
    });
    let next = format!("made {}; next: satchel-server user invite \"{}\"", task.name, task.admin);
    print::one(task.common.json, &made, &next);
    Ok(())
}

pub fn user(task: UserTask) -> anyhow::Result<()> {
    match task {
        UserTask::Add { common, name, role, department } => {
            let office = opened(&common)?;
            let role = Role::parse(&role).context("the role must be rep, supervisor or admin")?;
            let department = find_department(&office, &department)?;
            let id = office.add_user(&name, role, department.id)?;
            let made = json!({ "id": id, "name": name, "role": role.key(), "department": department.name });
            print::one(common.json, &made, &format!("{id}  {name}"));
        }
        UserTask::List { common } => {
            let office = opened(&common)?;
            let departments = office.departments()?;
            let mut users = office.users()?;
            users.sort_by(|a, b| a.name.cmp(&b.name));
            let users: Vec<_> = users
                .iter()
                .map(|user| {
                    let department = departments.iter().find(|department| department.id == user.department);
                    json!({
                        "id": user.id,
                        "name": user.name,
                        "role": user.role.key(),
                        "department": department.map(|department| &department.name),
                        "active": user.active,
                    })
                })
                .collect();
            print::list(common.json, &users, &["id", "name", "role", "department", "active"]);
        }
        UserTask::Invite { common, user, lifetime, url } => {
            let settings = Settings { public_url: url, ..Settings::default() };
            let office = open(&common.data, false, settings)?;
            let user = find_user(&office, &user)?;
            let lifetime = lifetime.map(|minutes| Duration::minutes(i64::from(minutes)));
            let invitation = office.invite(user.id, lifetime)?;
            let made = json!({
                "user": user.id,
                "name": user.name,
                "link": invitation.link,
                "expires_at": invitation.expires_at,
            });
            print::one(common.json, &made, &invitation.link);
        }
        UserTask::Deactivate { common, user } => {
            let office = opened(&common)?;
            let user = find_user(&office, &user)?;
            office.deactivate(user.id)?;
            print::one(
                common.json,
                &json!({ "id": user.id, "active": false }),
                &format!("{} is no longer active", user.name),
            );
        }
    }
    Ok(())
}

pub fn device(task: DeviceTask) -> anyhow::Result<()> {
    match task {
        DeviceTask::List { common, user } => {
            let office = opened(&common)?;
            let of = user.map(|user| find_user(&office, &user)).transpose()?;
            let users = office.users()?;
            let devices = office.devices(of.map(|user| user.id))?;
            let devices: Vec<_> = devices
                .iter()
                .map(|device| {
                    let user = users.iter().find(|user| user.id == device.user);
                    json!({
                        "id": device.id,
                        "name": device.name,
                        "user": device.user,
                        "user_name": user.map(|user| &user.name),
                        "enrolled_at": device.enrolled_at,
                        "contact_at": device.contact_at,
                        "n_purges": device.n_purges,
                        "revoked": device.revoked,
                    })
                })
                .collect();
            print::list(common.json, &devices, &["id", "name", "user_name", "contact_at", "n_purges", "revoked"]);
        }
        DeviceTask::Revoke { common, device, wipe, rescue, after } => {
            let office = opened(&common)?;
            let device: DeviceId = device.parse().context("reading the device's id")?;
            office.revoke_device(device, wipe.then_some(Wipe { rescue, after_seconds: after }))?;
            let order = office.devices(None)?.into_iter().find(|other| other.id == device).and_then(|it| it.wipe);
            let due = order.as_ref().map(|order| order.due);
            let text = match due {
                Some(due) => format!("{device} is revoked; it is to be emptied at its first contact after {due}"),
                None => format!("{device} is revoked"),
            };
            print::one(common.json, &json!({ "id": device, "revoked": true, "wipe_due": due }), &text);
        }
        DeviceTask::KeepData { common, device } => {
            let office = opened(&common)?;
            let device: DeviceId = device.parse().context("reading the device's id")?;
            office.withdraw_wipe(device)?;
            print::one(common.json, &json!({ "id": device, "wipe_due": null }), &format!("{device} keeps its data"));
        }
        DeviceTask::Wipes { common, all } => {
            let office = opened(&common)?;
            let users = office.users()?;
            let mut wipes = Vec::new();
            for device in office.devices(None)? {
                let Some(wipe) = device.wipe.filter(|wipe| all || wipe.done_at.is_none()) else { continue };
                let user = users.iter().find(|user| user.id == device.user);
                wipes.push(json!({
                    "id": device.id,
                    "name": device.name,
                    "user": device.user,
                    "user_name": user.map(|user| &user.name),
                    "due": wipe.due,
                    "rescue": wipe.rescue,
                    "rescued_at": wipe.rescued_at,
                    "done_at": wipe.done_at,
                    "contact_at": device.contact_at,
                }));
            }
            print::list(
                common.json,
                &wipes,
                &["id", "name", "user_name", "due", "rescued_at", "done_at", "contact_at"],
            );
        }
    }
    Ok(())
}

pub fn lease(common: &Common, days: Option<u32>) -> anyhow::Result<()> {
    let office = opened(common)?;
    if let Some(days) = days {
        office.set_lease(days)?;
    }
    let days = office.organisation()?.lease_days;
    print::one(common.json, &json!({ "days": days }), &format!("{days} days"));
    Ok(())
}

pub fn erase(common: &Common, record: &str, after: u32, withdraw: bool) -> anyhow::Result<()> {
    let office = opened(common)?;
    let record: RecordId = record.parse().context("reading the record's id")?;
    if withdraw {
        office.withdraw_erasure(record)?;
        print::one(common.json, &json!({ "id": record, "due": null }), &format!("{record} is not erased"));
        return Ok(());
    }
    let due = office.erase(record, after)?;
    print::one(common.json, &json!({ "id": record, "due": due }), &format!("{record} is erased at {due}"));
    Ok(())
}

pub fn alerts(common: &Common) -> anyhow::Result<()> {
    let office = opened(common)?;
    let users = office.users()?;
    let alerts: Vec<_> = office
        .storage()
        .alerts(1_000)?
        .into_iter()
        .map(|alert| {
            let user = users.iter().find(|user| user.id == alert.user);
            json!({
                "at": alert.at,
                "what": alert.what,
                "device": alert.device,
                "device_name": alert.device_name,
                "user": alert.user,
                "user_name": user.map(|user| &user.name),
            })
        })
        .collect();
    print::list(common.json, &alerts, &["at", "what", "user_name", "device_name", "device"]);
    Ok(())
}

pub fn department(task: DepartmentTask) -> anyhow::Result<()> {
    match task {
        DepartmentTask::Add { common, name, parent } => {
            let office = opened(&common)?;
            let parent = parent.map(|parent| find_department(&office, &parent)).transpose()?;
            let id = office.add_department(&name, parent.map(|parent| parent.id))?;
            print::one(common.json, &json!({ "id": id, "name": name }), &format!("{id}  {name}"));
        }
        DepartmentTask::List { common } => {
            let office = opened(&common)?;
            let departments = office.departments()?;
            let departments: Vec<_> = departments
                .iter()
                .map(|department| json!({ "id": department.id, "name": department.name, "parent": department.parent }))
                .collect();
            print::list(common.json, &departments, &["id", "name", "parent"]);
        }
    }
    Ok(())
}

pub(super) fn opened(common: &Common) -> anyhow::Result<Office> {
    open(&common.data, false, Settings::default())
}

fn find_user(office: &Office, wanted: &str) -> anyhow::Result<User> {
    let id: Option<UserId> = wanted.parse().ok();
    let mut found = office.users()?.into_iter().filter(|user| Some(user.id) == id || user.name == wanted);
    match (found.next(), found.next()) {
        (Some(user), None) => Ok(user),
        (None, _) => bail!("there is nobody called \"{wanted}\""),
        (Some(_), Some(_)) => bail!("several people are called \"{wanted}\"; use an id from `user list`"),
    }
}

fn find_department(office: &Office, wanted: &str) -> anyhow::Result<Department> {
    let id: Option<DepartmentId> = wanted.parse().ok();
    let mut found =
        office.departments()?.into_iter().filter(|department| Some(department.id) == id || department.name == wanted);
    match (found.next(), found.next()) {
        (Some(department), None) => Ok(department),
        (None, _) => bail!("there is no department \"{wanted}\""),
        (Some(_), Some(_)) => bail!("several departments are called \"{wanted}\"; use an id from `department list`"),
    }
}
