//! The way in: enrolment, starting without a server, the passphrase, signing in and out, the next device.

use super::api::*;
use super::handle::{Stage, locked, open_stage, opened};
use super::keys::{self, SHORTEST};
use super::profile::{Profile, set_aside};
use super::{App, Code, Error};
use crate::domain::authority::{Role, User};
use crate::domain::ids::*;
use crate::store::state::Identity;
use crate::store::{Store, StoreError};
use crate::sync::device::identity;

impl App {
    /// Enrols this device. The passphrase and the password are looked at first, because a link works once.
    ///
    /// # Errors
    /// `link_*`, `password_too_short`, `wrong_password`, `passphrase_*`, `offline`, `wrong_server`, `already_enrolled`.
    pub fn enrol(&self, argument: Enrol) -> Result<Status, Error> {
        let _one_at_a_time = locked(&self.inner.entry);
        self.may_start_anew()?;
        let link = identity::parse_link(&argument.link).ok_or(Code::LinkMalformed)?;
        if argument.password.chars().count() < SHORTEST {
            return Err(Error::with(Code::PasswordTooShort, "min", SHORTEST));
        }
        let name = filled("device_name", &argument.device_name)?;
        let keeper = keys::keeper(&self.inner.config, argument.passphrase.as_deref())?;
        let net = (self.inner.config.transport)(&link.server);
        let identity = identity::enrol(net.as_ref(), &link, &argument.password, name)?;
        self.make_database(&identity, &keeper)?;
        self.status(Nothing {})
    }

    /// Starts without a server: the person is his own organisation.
    ///
    /// # Errors
    /// `required`, `passphrase_*`, `already_enrolled`, `disk_full`, and the code of the phase where a database cannot be
    /// opened.
    pub fn start_local(&self, argument: StartLocal) -> Result<Status, Error> {
        let _one_at_a_time = locked(&self.inner.entry);
        // A database that cannot be opened may be opened again later; only an enrolment, which brings the records back
        // from the server, sets it aside.
        match self.stage() {
            Stage::New | Stage::Wiped(_) => {}
            Stage::KeyMissing(_, code) | Stage::Damaged(_, code, _) => return Err(code.into()),
            Stage::Passphrase(_) | Stage::Open(_) => return Err(Code::AlreadyEnrolled.into()),
        }
        let name = filled("name", &argument.name)?;
        let keeper = keys::keeper(&self.inner.config, argument.passphrase.as_deref())?;
        let ids = self.ids();
        let user = User {
            id: UserId(ids.fresh()),
            name: name.to_owned(),
            role: Role::Admin,
            department: DepartmentId(ids.fresh()),
            active: true,
        };
        let identity = Identity {
            organisation: OrganisationId(ids.fresh()),
            organisation_name: String::new(),
            language: String::new(),
            user,
            device: DeviceId(ids.fresh()),
            device_name: String::new(),
            server: None,
            device_key: None,
            tokens: None,
            epoch: 0,
        };
        self.make_database(&identity, &keeper)?;
        self.status(Nothing {})
    }

    /// Opens a database that is wrapped with a passphrase.
    ///
    /// # Errors
    /// `wrong_passphrase`, `not_ready` where none is asked for.
    pub fn unlock(&self, argument: Unlock) -> Result<Status, Error> {
        let _one_at_a_time = locked(&self.inner.entry);
        let profile = match self.stage() {
            Stage::Passphrase(profile) => profile,
            Stage::Open(_) => return self.status(Nothing {}),
            _ => return Err(Code::NotReady.into()),
        };
        let config = &self.inner.config;
        let key = keys::unwrap(&profile.wrapped_key(&config.data_dir), &argument.passphrase)?;
        self.enter(open_stage(config, profile, &key)?);
        self.status(Nothing {})
    }

    /// Proves the password after the tokens ended.
    ///
    /// # Errors
    /// `wrong_password`, `offline`, `revoked`, `too_many_requests`.
    pub fn sign_in(&self, argument: SignIn) -> Result<Status, Error> {
        let open = self.reachable()?;
        let net = open.net.as_ref().ok_or(Code::NotReady)?;
        identity::sign_in(&open.store, net.as_ref(), &argument.password, self.now())?;
        self.inner.desk.ask_now();
        self.emit(&[Topic::Status]);
        self.status(Nothing {})
    }

    /// Forgets the tokens. Records and outbox stay; still it is refused while edits are not sent, because the person
    /// who signs out seldom comes back to send them.
    ///
    /// # Errors
    /// `unsent_edits` with `params.n`; `not_ready` in local-only use.
    pub fn sign_out(&self, _: Nothing) -> Result<Status, Error> {
        let open = self.opened()?;
        if open.net.is_none() {
            return Err(Code::NotReady.into());
        }
        let n_waiting = open.store.sync_facts()?.n_waiting;
        if n_waiting > 0 {
            return Err(Error::with(Code::UnsentEdits, "n", n_waiting));
        }
        open.store.forget_tokens()?;
        self.emit(&[Topic::Status]);
        self.status(Nothing {})
    }

    /// Makes a link for the person's next device.
    ///
    /// # Errors
    /// `offline`, `signed_out`, `revoked`.
    pub fn add_device(&self, _: Nothing) -> Result<DeviceLink, Error> {
        let open = self.opened()?;
        let net = open.net.as_ref().ok_or(Code::NotReady)?;
        let answer = identity::link(&open.store, net.as_ref(), self.now())?;
        Ok(DeviceLink { link: answer.link, expires_at: answer.expires_at })
    }

    /// A database that works is never replaced; one that cannot be opened is set aside by an enrolment, not deleted.
    fn may_start_anew(&self) -> Result<(), Error> {
        match self.stage() {
            Stage::New | Stage::KeyMissing(..) | Stage::Damaged(..) | Stage::Wiped(_) => Ok(()),
            Stage::Open(open) if open.store.sync_facts()?.revoked => Ok(()),
            Stage::Passphrase(_) | Stage::Open(_) => Err(Code::AlreadyEnrolled.into()),
        }
    }

    fn make_database(&self, identity: &Identity, keeper: &keys::Keeper) -> Result<(), Error> {
        let config = &self.inner.config;
        let file = format!("{}-{}.satchel", identity.organisation, identity.user.id);
        let profile = Profile {
            key: format!("satchel/{file}/{}", identity.device),
            file,
            organisation: identity.organisation,
            organisation_name: identity.organisation_name.clone(),
            user: identity.user.id,
            user_name: identity.user.name.clone(),
            device: identity.device,
            device_name: identity.device_name.clone(),
            server: identity.server.clone(),
            language: identity.language.clone(),
        };
        // Lets go of a revoked database, so that its file can be moved.
        let _no_round_runs = self.inner.desk.turn();
        self.enter(Stage::New);
        if let Some(old) = Profile::read(&config.data_dir)? {
            set_aside(&old.database(&config.data_dir), &self.now().format("%Y%m%dT%H%M%S").to_string())?;
        }
        let key = keys::make(config, &profile, keeper)?;
        profile.write(&config.data_dir)?;
        let path = profile.database(&config.data_dir);
        let store = match Store::create(&path, &key, config.registry.clone(), identity) {
            Err(StoreError::Exists(_)) => return Err(Code::AlreadyEnrolled.into()),
            other => other?,
        };
        self.enter(Stage::Open(opened(config, profile, store)));
        self.past_the_wipe();
        Ok(())
    }
}

pub(super) fn filled<'a>(field: &str, text: &'a str) -> Result<&'a str, Error> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Error::with(Code::Required, "field", field));
    }
    Ok(text)
}
