//! Enrolling, signing in, tokens.

use chrono::{DateTime, Duration, Utc};
use satchel_core::domain::ids::*;
use satchel_core::domain::limits;
use satchel_core::sync::wire::{
    Credential, Denied, EnrolAnswer, EnrolRequest, LinkAnswer, PROTOCOL, SignInRequest, Tokens, refresh_challenge,
    sign_in_challenge,
};

use super::{Office, OfficeError};
use crate::identity::password::{Busy, LONGEST, SHORTEST};
use crate::identity::secrets;
use crate::storage::{Access, Issue, LinkRow, NewDevice, Refreshed, Session, StorageError};

/// How far a device's clock may be off when it signs in.
pub(super) const SKEW: Duration = Duration::minutes(10);
/// How much longer than the lease a refresh token lives, so that it is still good on the last day (OFF-2).
const BEYOND_LEASE: Duration = Duration::days(1);
/// Wrong passwords after which a link is of no use any more.
const LINK_FAILURES: u32 = 10;
/// Longest name of a device, in bytes.
const DEVICE_NAME: usize = 200;

pub(super) fn denied(code: &str) -> Denied {
    Denied { code: code.to_owned() }
}

impl From<StorageError> for DeniedBy {
    fn from(error: StorageError) -> Self {
        // Logged here, where it stops travelling; the device learns no more than that it was not its fault.
        tracing::error!(error = &error as &dyn std::error::Error, "answering a device");
        Self(denied("internal"))
    }
}

impl From<Busy> for DeniedBy {
    fn from(_: Busy) -> Self {
        Self(denied("too_many_requests"))
    }
}

impl From<OfficeError> for DeniedBy {
    fn from(error: OfficeError) -> Self {
        match error {
            OfficeError::Storage(error) => error.into(),
            OfficeError::NoOrganisation
            | OfficeError::Language
            | OfficeError::NoName
            | OfficeError::Inactive
            | OfficeError::Lease
            | OfficeError::TooLate => Self(denied("not_found")),
        }
    }
}

/// A refusal on its way to the device.
#[derive(Debug)]
pub(super) struct DeniedBy(pub Denied);

fn deny<T>(code: &str) -> Result<T, DeniedBy> {
    Err(DeniedBy(denied(code)))
}

impl Office {
    /// Enrols a device by a link. `address` is where the request came from, for counting wrong tries.
    ///
    /// # Errors
    /// `link_unknown`, `link_used`, `link_expired`, `wrong_password`, `password_too_short`, `too_many_requests` …
    pub fn enrol(&self, request: &EnrolRequest, address: Option<&str>) -> Result<EnrolAnswer, Denied> {
        self.enrol_device(request, address).map_err(|refused| refused.0)
    }

    fn enrol_device(&self, request: &EnrolRequest, address: Option<&str>) -> Result<EnrolAnswer, DeniedBy> {
        let inner = &self.inner;
        let now = inner.clock.now();
        self.knock(address, now)?;
        if request.protocol.1 < PROTOCOL.0 {
            return deny("protocol_too_old");
        }
        let Some(key) = secrets::device_key(&request.device_key) else { return deny("malformed") };
        let hash = secrets::hash(&request.token);
        let link = inner.storage.link(&hash)?;
        let password = match &link {
            Some(link) => inner.storage.password(link.user)?,
            None => None,
        };
        let Some((link, password)) = link.zip(password) else {
            inner.passwords.verify(&request.password, None)?;
            self.failed(address, now);
            return deny("link_unknown");
        };
        if link.failures >= LINK_FAILURES || (link.used.is_some() && !is_repeat(&link, &key)) {
            inner.passwords.verify(&request.password, None)?;
            self.failed(address, now);
            return deny("link_used");
        }
        if link.expires_at <= now {
            return deny("link_expired");
        }
        let first = self.first_password(&request.password, password.as_deref(), &hash)?;
        let organisation = self.organisation()?;
        let Some(user) = self.users()?.into_iter().find(|user| user.id == link.user) else {
            return deny("link_unknown");
        };
        let (tokens, issue) = self.issue(None, now);
        let device = match &link.used {
            // The answer to the first try was lost on the way.
            Some((device, _)) => {
                inner.storage.sign_in(*device, &issue)?;
                *device
            }
            None => {
                let new = NewDevice {
                    id: DeviceId(inner.ids.fresh()),
                    user: link.user,
                    name: device_name(&request.device_name),
                    key,
                    link: hash,
                    password: first,
                    at: now,
                };
                if !inner.storage.enrol(&new, &issue)? {
                    return deny("link_used");
                }
                new.id
            }
        };
        Ok(EnrolAnswer {
            organisation: organisation.id,
            organisation_name: organisation.name,
            language: organisation.language,
            user,
            device,
            tokens,
            epoch: organisation.epoch,
        })
    }

    /// The hash of a first password, or nothing where the one that is set was proved.
    fn first_password(&self, given: &str, kept: Option<&[u8]>, link: &[u8; 32]) -> Result<Option<Vec<u8>>, DeniedBy> {
        let Some(kept) = kept else {
            if given.chars().count() < SHORTEST || given.len() > LONGEST {
                return deny("password_too_short");
            }
            return Ok(Some(self.inner.passwords.hash(given)?));
        };
        if self.inner.passwords.verify(given, Some(kept))? {
            return Ok(None);
        }
        self.inner.storage.link_failed(link)?;
        deny("wrong_password")
    }

    /// Proves the password again after a token family ended.
    ///
    /// # Errors
    /// `wrong_password`, `clock_wrong`, `revoked`, `too_many_requests`.
    pub fn sign_in(&self, request: &SignInRequest, address: Option<&str>) -> Result<Tokens, Denied> {
        self.sign_device_in(request, address).map_err(|refused| refused.0)
    }

    fn sign_device_in(&self, request: &SignInRequest, address: Option<&str>) -> Result<Tokens, DeniedBy> {
        let inner = &self.inner;
        let now = inner.clock.now();
        let login = inner.storage.login(request.device)?;
        let challenge = sign_in_challenge(request.device, request.at);
        let login = login.filter(|login| secrets::signed(&login.key, &challenge, &request.proof));
        let Some(login) = login else {
            // Without the device's key nothing counts for the device: nobody can lock it out from outside.
            self.knock(address, now)?;
            inner.passwords.verify(&request.password, None)?;
            self.failed(address, now);
            return deny("wrong_password");
        };
        if !inner.by_device.allows(&request.device, now) {
            return deny("too_many_requests");
        }
        if (now - request.at).abs() > SKEW {
            return deny("clock_wrong");
        }
        if !inner.passwords.verify(&request.password, login.password.as_deref())? {
            inner.by_device.failed(&request.device, now);
            return deny("wrong_password");
        }
        inner.by_device.succeeded(&request.device);
        if login.revoked {
            return deny("revoked");
        }
        let (tokens, issue) = self.issue(None, now);
        inner.storage.sign_in(request.device, &issue)?;
        Ok(tokens)
    }

    /// A link for the signed-in person's next device.
    ///
    /// # Errors
    /// `signed_out`, `revoked`.
    pub fn link(&self, access: &str) -> Result<LinkAnswer, Denied> {
        let session = self.session(access)?;
        let invitation = self.invite(session.user, None).map_err(|error| DeniedBy::from(error).0)?;
        Ok(LinkAnswer { link: invitation.link, expires_at: invitation.expires_at })
    }

    /// Who an access token belongs to.
    ///
    /// # Errors
    /// `signed_out`, `revoked`.
    pub fn session(&self, access: &str) -> Result<Session, Denied> {
        let found = self.inner.storage.access(&secrets::hash(access), self.inner.clock.now());
        match found.map_err(|error| DeniedBy::from(error).0)? {
            Access::Session(session) => Ok(session),
            Access::Revoked => Err(denied("revoked")),
            Access::Unknown => Err(denied("signed_out")),
        }
    }

    pub(super) fn authenticate(
        &self,
        device: DeviceId,
        credential: &Credential,
    ) -> Result<(Session, Option<Tokens>), DeniedBy> {
        match credential {
            Credential::Access(access) => {
                let session = self.session(access).map_err(DeniedBy)?;
                if session.device == device { Ok((session, None)) } else { deny("signed_out") }
            }
            Credential::Refresh(refresh, proof) => {
                let Some(login) = self.inner.storage.login(device)? else { return deny("signed_out") };
                if !secrets::signed(&login.key, &refresh_challenge(device, refresh), proof) {
                    return deny("signed_out");
                }
                let (tokens, issue) = self.issue(Some(refresh), self.inner.clock.now());
                let (refreshed, touched) = self.inner.storage.refresh(device, &secrets::hash(refresh), &issue)?;
                self.committed(&touched);
                match refreshed {
                    Refreshed::Session(session) => Ok((session, Some(tokens))),
                    Refreshed::Revoked => deny("revoked"),
                    Refreshed::Unknown => deny("signed_out"),
                    Refreshed::Reused => {
                        tracing::warn!(%device, "a refresh token was used twice");
                        deny("signed_out")
                    }
                }
            }
        }
    }

    pub(super) fn issue(&self, after: Option<&str>, now: DateTime<Utc>) -> (Tokens, Issue) {
        let organisation = self.organisation();
        let lease_days = organisation.as_ref().map_or(limits::LEASE_DAYS, |organisation| organisation.lease_days);
        let refresh = match (after, organisation) {
            (Some(refresh), Ok(organisation)) => secrets::successor(&organisation.secret, refresh),
            _ => secrets::fresh::<32>(),
        };
        let access = secrets::fresh::<32>();
        let access_until = now + Duration::minutes(limits::ACCESS_MINUTES);
        let issue = Issue {
            family: self.inner.ids.fresh(),
            access: secrets::hash(&access),
            access_until,
            refresh: secrets::hash(&refresh),
            refresh_until: now + Duration::days(lease_days.into()) + BEYOND_LEASE,
            at: now,
        };
        (Tokens { access, access_until, refresh }, issue)
    }

    pub(super) fn knock(&self, address: Option<&str>, now: DateTime<Utc>) -> Result<(), DeniedBy> {
        match address {
            Some(address) if !self.inner.by_address.allows(&address.to_owned(), now) => deny("too_many_requests"),
            _ => Ok(()),
        }
    }

    pub(super) fn failed(&self, address: Option<&str>, now: DateTime<Utc>) {
        if let Some(address) = address {
            self.inner.by_address.failed(&address.to_owned(), now);
        }
    }
}

fn is_repeat(link: &LinkRow, key: &[u8; 32]) -> bool {
    link.used.as_ref().is_some_and(|(_, used)| used == key)
}

fn device_name(name: &str) -> String {
    let mut name = name.trim().to_owned();
    while name.len() > DEVICE_NAME {
        name.pop();
    }
    name
}
