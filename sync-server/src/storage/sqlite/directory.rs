//! Organisation, departments, people and devices.

use chrono::{DateTime, Utc};
use rusqlite::params;
use satchel_core::domain::authority::{Department, Device, Home, Level, Reason, Role, User};
use satchel_core::domain::ids::*;

use super::sql::*;
use super::{Ledger, memo};
use crate::pull::sight::Spell;
use crate::storage::{NewOrganisation, NewWipe, Organisation, StorageError, role_code};

impl Ledger<'_> {
    pub(super) fn create_organisation(&self, new: &NewOrganisation) -> Result<()> {
        if self.organisation()?.is_some() {
            return Err(StorageError::Exists);
        }
        self.run(
            "INSERT INTO organisation (org, id, name, language, secret, seq, epoch) VALUES (1, ?1, ?2, ?3, ?4, 0, ?5)",
            params![new.id.bytes(), new.name.as_bytes(), new.language.as_bytes(), new.secret, int(new.epoch)],
        )?;
        Ledger::new(self.conn, 1).begin_audit()
    }

    pub(super) fn organisation(&self) -> Result<Option<Organisation>> {
        self.one(
            "SELECT id, name, language, public_url, secret, epoch, lease_days, held FROM organisation ORDER BY org LIMIT 1",
            [],
            |row| {
                let url: Option<Vec<u8>> = row.get(3)?;
                Ok(Organisation {
                    id: OrganisationId(uuid(row, 0)?),
                    name: text(row, 1)?,
                    language: text(row, 2)?,
                    public_url: url.map(|url| String::from_utf8_lossy(&url).into_owned()),
                    secret: row.get(4)?,
                    epoch: uint(row, 5)?,
                    lease_days: small(row, 6)?,
                    held: row.get::<_, i64>(7)? != 0,
                })
            },
        )
    }

    pub(super) fn set_public_url(&self, url: &str) -> Result<()> {
        self.run("UPDATE organisation SET public_url = ?2 WHERE org = ?1", params![self.org, url.as_bytes()])?;
        Ok(())
    }

    pub(super) fn set_lease(&self, days: u32) -> Result<()> {
        self.run("UPDATE organisation SET lease_days = ?2 WHERE org = ?1", params![self.org, days])?;
        Ok(())
    }

    pub(super) fn add_department(&self, new: &Department) -> Result<()> {
        if let Some(parent) = new.parent {
            self.department_row(parent)?.ok_or(StorageError::NotFound("department"))?;
        }
        let seq = self.next_seq()?;
        self.run(
            "INSERT INTO department (org, id, name, parent, changed_seq) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![self.org, new.id.bytes(), new.name.as_bytes(), new.parent.map(|id| *id.bytes()), int(seq)],
        )?;
        for user in self.users()?.into_iter().filter(|user| user.active) {
            if self.is_over(&user, new.id)? {
                self.supervise(user.id, new.id, seq)?;
            }
        }
        self.touch_all(seq)
    }

    pub(super) fn departments(&self) -> Result<Vec<Department>> {
        self.departments_after(None)
    }

    pub(super) fn departments_after(&self, seq: Option<u64>) -> Result<Vec<Department>> {
        self.all(
            "SELECT id, name, parent FROM department WHERE org = ?1 AND changed_seq > ?2",
            params![self.org, seq.map_or(-1, int)],
            read_department,
        )
    }

    pub(super) fn department_row(&self, id: DepartmentId) -> Result<Option<Department>> {
        self.one(
            "SELECT id, name, parent FROM department WHERE org = ?1 AND id = ?2",
            params![self.org, id.bytes()],
            read_department,
        )
    }

    pub(super) fn add_user(&self, new: &User) -> Result<()> {
        self.department_row(new.department)?.ok_or(StorageError::NotFound("department"))?;
        let seq = self.next_seq()?;
        self.run(
            "INSERT INTO account (org, id, name, role, department, active, changed_seq, touched_seq, authority_seq)
             VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6, ?6, ?6)",
            params![
                self.org,
                new.id.bytes(),
                new.name.as_bytes(),
                role_code(new.role),
                new.department.bytes(),
                int(seq)
            ],
        )?;
        let catalogues = if new.role == Role::Rep { Level::Read } else { Level::Write };
        self.open_home(new.id, Home::Organisation, &Reason::Everybody, catalogues, None, seq)?;
        self.open_home(new.id, Home::User(new.id), &Reason::Member, Level::Write, None, seq)?;
        self.open_home(new.id, Home::Department(new.department), &Reason::Member, Level::Read, None, seq)?;
        for department in self.departments()? {
            if self.is_over(new, department.id)? {
                self.supervise(new.id, department.id, seq)?;
            }
        }
        self.touch_all(seq)
    }

    fn supervise(&self, user: UserId, department: DepartmentId, seq: u64) -> Result<()> {
        let reason = Reason::Supervisor(department);
        self.open_home(user, Home::Department(department), &reason, Level::Write, None, seq)
    }

    /// True where the person supervises the department.
    pub(super) fn is_over(&self, user: &User, department: DepartmentId) -> Result<bool> {
        match user.role {
            Role::Admin => return Ok(true),
            Role::Rep => return Ok(false),
            Role::Supervisor => {}
        }
        let mut at = Some(department);
        for _ in 0..32 {
            match at {
                Some(id) if id == user.department => return Ok(true),
                Some(id) => at = self.department_row(id)?.and_then(|row| row.parent),
                None => break,
            }
        }
        Ok(false)
    }

    pub(super) fn users(&self) -> Result<Vec<User>> {
        self.users_after(None)
    }

    pub(super) fn users_after(&self, seq: Option<u64>) -> Result<Vec<User>> {
        self.all(
            "SELECT id, name, role, department, active FROM account WHERE org = ?1 AND changed_seq > ?2",
            params![self.org, seq.map_or(-1, int)],
            read_user,
        )
    }

    pub(super) fn user_row(&self, id: UserId) -> Result<Option<User>> {
        self.one(
            "SELECT id, name, role, department, active FROM account WHERE org = ?1 AND id = ?2",
            params![self.org, id.bytes()],
            read_user,
        )
    }

    pub(super) fn deactivate(&self, user: UserId, now: DateTime<Utc>) -> Result<()> {
        self.user_row(user)?.ok_or(StorageError::NotFound("user"))?;
        let seq = self.next_seq()?;
        for device in self.devices(Some(user))? {
            self.end_device(device.id, now)?;
        }
        self.end_person(user, (None, None), now, seq)
    }

    /// Ends a person's rights; those of his devices end apart.
    pub(super) fn end_person(
        &self,
        user: UserId,
        by: (Option<UserId>, Option<DeviceId>),
        now: DateTime<Utc>,
        seq: u64,
    ) -> Result<()> {
        self.run(
            "UPDATE account SET active = 0, changed_seq = ?3 WHERE org = ?1 AND id = ?2",
            params![self.org, user.bytes(), int(seq)],
        )?;
        self.audit(now, by, "user_deactivated", user.bytes())?;
        self.touch_all(seq)
    }

    /// Ends a device's rights and every kind of its tokens (REV-1).
    pub(super) fn end_device(&self, device: DeviceId, now: DateTime<Utc>) -> Result<()> {
        self.run(
            "UPDATE device SET revoked_at = coalesce(revoked_at, ?3) WHERE org = ?1 AND id = ?2",
            params![self.org, device.bytes(), millis(now)],
        )?;
        self.end_families(device, now)
    }

    pub(super) fn revoke_device(&self, device: DeviceId, wipe: Option<&NewWipe>, now: DateTime<Utc>) -> Result<()> {
        let owner = self.device_account(device)?.ok_or(StorageError::NotFound("device"))?;
        self.end_device(device, now)?;
        if let Some(wipe) = wipe {
            self.order_wipe(device, wipe, None)?;
        }
        self.audit(now, (None, Some(device)), "device_revoked", device.bytes())?;
        let seq = self.next_seq()?;
        self.touch(owner, seq)
    }

    pub(super) fn device_account(&self, device: DeviceId) -> Result<Option<UserId>> {
        self.one("SELECT account FROM device WHERE org = ?1 AND id = ?2", params![self.org, device.bytes()], |row| {
            uuid(row, 0).map(UserId)
        })
    }

    pub(super) fn device_name(&self, device: DeviceId) -> Result<Option<(String, UserId)>> {
        memo::or_read(
            self,
            |memo| &memo.devices,
            device,
            || {
                self.one(
                    "SELECT name, account FROM device WHERE org = ?1 AND id = ?2",
                    params![self.org, device.bytes()],
                    |row| Ok((text(row, 0)?, UserId(uuid(row, 1)?))),
                )
            },
        )
    }

    pub(super) fn devices(&self, of: Option<UserId>) -> Result<Vec<Device>> {
        let mut devices = self.all(
            &format!("{DEVICE} WHERE org = ?1 AND (?2 IS NULL OR account = ?2)"),
            params![self.org, of.map(|user| *user.bytes())],
            read_device,
        )?;
        for device in &mut devices {
            device.n_purges = self.n_purges(device.id, device.user)?;
            device.wipe = self.wipe_of(device.id)?;
        }
        Ok(devices)
    }

    pub(super) fn device_row(&self, id: DeviceId) -> Result<Option<Device>> {
        let found =
            self.one(&format!("{DEVICE} WHERE org = ?1 AND id = ?2"), params![self.org, id.bytes()], read_device)?;
        let Some(mut device) = found else { return Ok(None) };
        device.wipe = self.wipe_of(id)?;
        Ok(Some(device))
    }

    /// Homes a device has yet to purge; one that came back is not waited for.
    fn n_purges(&self, device: DeviceId, user: UserId) -> Result<u32> {
        let lost = self.all(
            "SELECT DISTINCT home FROM purge WHERE org = ?1 AND device = ?2 AND acked_at IS NULL",
            params![self.org, device.bytes()],
            |row| home(row, 0),
        )?;
        let mut n = 0;
        for home in lost {
            n += u32::from(!self.spells(user, home)?.iter().any(Spell::is_open));
        }
        Ok(n)
    }

    /// Devices somebody may know of: his own and those of people he supervises.
    pub(super) fn devices_for(&self, user: UserId) -> Result<Vec<Device>> {
        let Some(user) = self.user_row(user)? else { return Ok(Vec::new()) };
        let mut devices = Vec::new();
        for device in self.devices(None)? {
            let owner = self.user_row(device.user)?;
            let supervised = match owner {
                Some(owner) => self.is_over(&user, owner.department)?,
                None => false,
            };
            if device.user == user.id || supervised {
                devices.push(device);
            }
        }
        Ok(devices)
    }

    pub(super) fn touched_after(&self, seq: u64) -> Result<crate::storage::Touched> {
        let users = self.all(
            "SELECT id FROM account WHERE org = ?1 AND touched_seq > ?2",
            params![self.org, int(seq)],
            |row| uuid(row, 0).map(UserId),
        )?;
        Ok(users.into_iter().collect())
    }
}

const DEVICE: &str =
    "SELECT id, account, name, enrolled_at, contact_at, revoked_at, app, n_unsent, acked_at FROM device";

fn read_device(row: &rusqlite::Row<'_>) -> rusqlite::Result<Device> {
    Ok(Device {
        id: DeviceId(uuid(row, 0)?),
        user: UserId(uuid(row, 1)?),
        name: text(row, 2)?,
        enrolled_at: time(row, 3)?,
        contact_at: opt_time(row, 4)?,
        n_purges: 0,
        revoked: opt_time(row, 5)?.is_some(),
        app: row
            .get::<_, Option<Vec<u8>>>(6)?
            .map(|app| String::from_utf8_lossy(&app).into_owned())
            .unwrap_or_default(),
        n_unsent: small(row, 7)?,
        acked_at: opt_time(row, 8)?,
        wipe: None,
    })
}

fn read_department(row: &rusqlite::Row<'_>) -> rusqlite::Result<Department> {
    Ok(Department { id: DepartmentId(uuid(row, 0)?), name: text(row, 1)?, parent: opt_uuid(row, 2)?.map(DepartmentId) })
}

fn read_user(row: &rusqlite::Row<'_>) -> rusqlite::Result<User> {
    Ok(User {
        id: UserId(uuid(row, 0)?),
        name: text(row, 1)?,
        role: role(row, 2)?,
        department: DepartmentId(uuid(row, 3)?),
        active: row.get::<_, i64>(4)? != 0,
    })
}
