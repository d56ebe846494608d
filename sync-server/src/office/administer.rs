//! What the person who runs the server does.

use chrono::{DateTime, Duration, Utc};
use satchel_core::domain::authority::{Department, Device, Role, User};
use satchel_core::domain::ids::*;
use satchel_core::domain::limits;
use satchel_core::domain::order::{LONGEST_DELAY, Wipe};

use super::{Office, OfficeError};
use crate::identity::secrets;
use crate::storage::{NewLink, NewOrganisation, NewWipe, Organisation, StorageError};

/// An enrolment link, shown once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// Its token.
    pub token: String,
    /// The whole link.
    pub link: String,
    /// When it stops working.
    pub expires_at: DateTime<Utc>,
}

impl Office {
    /// Makes the organisation.
    ///
    /// # Errors
    /// Where there is one already, or the language is none of ours.
    pub fn init_organisation(&self, name: &str, language: &str) -> Result<OrganisationId, OfficeError> {
        if !matches!(language, "en" | "ru" | "uk") {
            return Err(OfficeError::Language);
        }
        let new = NewOrganisation {
            id: OrganisationId(self.inner.ids.fresh()),
            name: named(name)?,
            language: language.to_owned(),
            secret: rand::random(),
            epoch: 1,
        };
        self.inner.storage.create_organisation(&new)?;
        if let Some(url) = &self.inner.settings.public_url {
            self.inner.storage.set_public_url(url)?;
        }
        Ok(new.id)
    }

    /// The organisation.
    ///
    /// # Errors
    /// `NoOrganisation` before it is made.
    pub fn organisation(&self) -> Result<Organisation, OfficeError> {
        self.inner.storage.organisation()?.ok_or(OfficeError::NoOrganisation)
    }

    /// Remembers the address people reach the server by.
    ///
    /// # Errors
    /// Where the store refuses.
    pub fn set_public_url(&self, url: &str) -> Result<(), OfficeError> {
        Ok(self.inner.storage.set_public_url(url.trim_end_matches('/'))?)
    }

    /// Sets how many days a device may be out of contact before it locks itself; devices hear it at their next
    /// contact (REV-3).
    ///
    /// # Errors
    /// Fewer than 1 or more than 180.
    pub fn set_lease(&self, days: u32) -> Result<(), OfficeError> {
        if !(1..=limits::LONGEST_LEASE_DAYS).contains(&days) {
            return Err(OfficeError::Lease);
        }
        self.organisation()?;
        Ok(self.inner.storage.set_lease(days)?)
    }

    /// Adds a department.
    ///
    /// # Errors
    /// Where there is no such parent.
    pub fn add_department(&self, name: &str, parent: Option<DepartmentId>) -> Result<DepartmentId, OfficeError> {
        self.organisation()?;
        let new = Department { id: DepartmentId(self.inner.ids.fresh()), name: named(name)?, parent };
        let touched = self.inner.storage.add_department(&new)?;
        self.committed(&touched);
        Ok(new.id)
    }

    /// All departments.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn departments(&self) -> Result<Vec<Department>, OfficeError> {
        Ok(self.inner.storage.departments()?)
    }

    /// Adds a person.
    ///
    /// # Errors
    /// Where there is no such department.
    pub fn add_user(&self, name: &str, role: Role, department: DepartmentId) -> Result<UserId, OfficeError> {
        self.organisation()?;
        let new = User { id: UserId(self.inner.ids.fresh()), name: named(name)?, role, department, active: true };
        let touched = self.inner.storage.add_user(&new)?;
        self.committed(&touched);
        Ok(new.id)
    }

    /// All people.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn users(&self) -> Result<Vec<User>, OfficeError> {
        Ok(self.inner.storage.users()?)
    }

    /// Ends a person's rights with all his devices'. His clients stay his until somebody moves them.
    ///
    /// # Errors
    /// Where there is no such person.
    pub fn deactivate(&self, user: UserId) -> Result<(), OfficeError> {
        let touched = self.inner.storage.deactivate(user, self.inner.clock.now())?;
        self.committed(&touched);
        Ok(())
    }

    /// Makes a link that enrols one device of a person, once.
    ///
    /// # Errors
    /// Where there is no such person, or he has left.
    pub fn invite(&self, user: UserId, lifetime: Option<Duration>) -> Result<Invitation, OfficeError> {
        let organisation = self.organisation()?;
        if self.users()?.iter().any(|other| other.id == user && !other.active) {
            return Err(OfficeError::Inactive);
        }
        let token = secrets::fresh::<16>();
        let lifetime = lifetime.unwrap_or(Duration::minutes(limits::LINK_MINUTES)).max(Duration::minutes(1));
        let expires_at = self.inner.clock.now() + lifetime;
        self.inner.storage.add_link(&NewLink { hash: secrets::hash(&token), user, expires_at })?;
        let base = self.inner.settings.public_url.clone().or(organisation.public_url);
        let base = base.unwrap_or_else(|| "http://127.0.0.1".to_owned());
        let link = format!("{}/join/{token}", base.trim_end_matches('/'));
        Ok(Invitation { token, link, expires_at })
    }

    /// Devices of a person, or all.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn devices(&self, of: Option<UserId>) -> Result<Vec<Device>, OfficeError> {
        Ok(self.inner.storage.devices(of)?)
    }

    /// Ends a device's rights; every kind of its tokens dies at once (REV-1). Of one whose rights have ended before
    /// only the wipe counts.
    ///
    /// # Errors
    /// Where there is no such device.
    pub fn revoke_device(&self, device: DeviceId, wipe: Option<Wipe>) -> Result<(), OfficeError> {
        let at = self.inner.clock.now();
        let wipe = wipe.map(|wipe| NewWipe {
            order: CommandId(self.inner.ids.fresh()),
            rescue: wipe.rescue,
            at,
            due: at + Duration::seconds(wipe.after_seconds.min(LONGEST_DELAY).into()),
        });
        let touched = self.inner.storage.revoke_device(device, wipe.as_ref(), at)?;
        self.committed(&touched);
        Ok(())
    }

    /// Erases what is personal in a record once the delay is over (ERA-1).
    ///
    /// # Errors
    /// Where there is no such record, or it is ordered already.
    pub fn erase(&self, record: RecordId, after_seconds: u32) -> Result<DateTime<Utc>, OfficeError> {
        let now = self.inner.clock.now();
        let due = now + Duration::seconds(after_seconds.min(LONGEST_DELAY).into());
        if !self.inner.storage.order_erasure(record, CommandId(self.inner.ids.fresh()), now, due)? {
            return Err(StorageError::NotFound("record to be erased").into());
        }
        self.keep_time()?;
        Ok(due)
    }

    /// Takes an erasure back while its delay runs.
    ///
    /// # Errors
    /// `TooLate` where none stands or its delay is over.
    pub fn withdraw_erasure(&self, record: RecordId) -> Result<(), OfficeError> {
        match self.inner.storage.withdraw_erasure(record, self.inner.clock.now())? {
            true => Ok(()),
            false => Err(OfficeError::TooLate),
        }
    }

    /// Takes an order to empty a device back while its delay runs.
    ///
    /// # Errors
    /// `TooLate` where none stands or its delay is over.
    pub fn withdraw_wipe(&self, device: DeviceId) -> Result<(), OfficeError> {
        match self.inner.storage.withdraw_wipe(device, self.inner.clock.now())? {
            true => Ok(()),
            false => Err(OfficeError::TooLate),
        }
    }
}

fn named(name: &str) -> Result<String, OfficeError> {
    match name.trim() {
        "" => Err(OfficeError::NoName),
        name => Ok(name.to_owned()),
    }
}
