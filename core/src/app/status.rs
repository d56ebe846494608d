//! Where the app stands: phase, badge, counts, looks, drafts, words, diagnosis.

use std::fmt::Write;

use super::api::*;
use super::handle::{Open, Stage, locked};
use super::people::People;
use super::{App, Code, Error, ErrorKind};
use crate::domain::authority::Role;
use crate::domain::custom;
use crate::domain::kind::{FieldType, HomeRule, Registry};
use crate::domain::labels::{LANGUAGES, Labels};
use crate::store::state::SyncFacts;
use crate::sync::wire::PROTOCOL;

const THEMES: [&str; 3] = ["system", "light", "dark"];

impl App {
    /// Where the app stands: first screen, badge, counts.
    ///
    /// # Errors
    /// Those of the database.
    pub fn status(&self, _: Nothing) -> Result<Status, Error> {
        let stage = self.stage();
        let looks = self.looks();
        let mut status = Status {
            phase: Phase::New,
            me: None,
            organisation: String::new(),
            device: String::new(),
            local_only: false,
            language: looks.language,
            theme: looks.theme,
            version: self.inner.config.version.clone(),
            sync: closed_sync(""),
            n_reviews: 0,
            n_proposals: 0,
            n_twins: 0,
            n_notices: 0,
            lease_days: 0,
            checking: *locked(&self.inner.checking),
        };
        let profile = match &stage {
            Stage::New => None,
            Stage::Wiped(farewell) => {
                status.organisation.clone_from(&farewell.organisation_name);
                None
            }
            Stage::Passphrase(profile) | Stage::KeyMissing(profile, _) | Stage::Damaged(profile, ..) => Some(profile),
            Stage::Open(open) => Some(&open.profile),
        };
        if let Some(profile) = profile {
            status.organisation.clone_from(&profile.organisation_name);
            status.device.clone_from(&profile.device_name);
            status.local_only = profile.server.is_none();
            if status.language.is_empty() {
                status.language.clone_from(&profile.language);
            }
        }
        if !LANGUAGES.contains(&status.language.as_str()) {
            status.language = LANGUAGES[0].to_owned();
        }
        if status.theme.is_empty() {
            status.theme = THEMES[0].to_owned();
        }
        match stage {
            Stage::New => {}
            Stage::Wiped(_) => status.phase = Phase::Wiped,
            Stage::Passphrase(_) => status.phase = Phase::Passphrase,
            Stage::KeyMissing(_, code) => {
                status.phase = Phase::KeyMissing;
                status.sync = closed_sync(code.key());
            }
            Stage::Damaged(_, code, _) => {
                status.phase = Phase::Damaged;
                status.sync = closed_sync(code.key());
            }
            Stage::Open(open) => self.fill_open(&mut status, &open)?,
        }
        Ok(status)
    }

    /// Starts a sync and answers at once; without background threads it runs here and now.
    ///
    /// # Errors
    /// Those of the database; a round that fails is told in the answer.
    pub fn sync_now(&self, _: Nothing) -> Result<SyncStatus, Error> {
        let open = self.reachable()?;
        if open.net.is_some() {
            open.store.ask_for_devices()?;
            if self.inner.config.background {
                self.inner.desk.ask_now();
            } else if let Err(error) = self.sync_once(None)
                && error.kind() == ErrorKind::Bug
            {
                return Err(error);
            }
        }
        self.sync_status(&open)
    }

    /// Changes language or theme.
    ///
    /// # Errors
    /// `bad_value` for a language or theme there is not.
    pub fn change_settings(&self, argument: ChangeSettings) -> Result<Status, Error> {
        let known = |field: &str, value: &Option<String>, values: &[&str]| match value {
            Some(value) if !values.contains(&value.as_str()) => Err(Error::with(Code::BadValue, "field", field)),
            _ => Ok(()),
        };
        known("language", &argument.language, &LANGUAGES)?;
        known("theme", &argument.theme, &THEMES)?;
        self.change_looks(|looks| {
            if let Some(language) = argument.language {
                looks.language = language;
            }
            if let Some(theme) = argument.theme {
                looks.theme = theme;
            }
        })?;
        self.emit(&[Topic::Status]);
        self.status(Nothing {})
    }

    /// All record kinds with fields and words.
    ///
    /// # Errors
    /// None.
    pub fn declarations(&self, argument: Language) -> Result<Declarations, Error> {
        // Before there is a database nobody makes anything.
        let role = self.store().ok().and_then(|store| store.me().ok()).map_or(Role::Rep, |me| me.role);
        Ok(declare(&self.registry(), role, &argument.language))
    }

    /// Keeps half-typed text over a kill.
    ///
    /// # Errors
    /// `not_ready`, `disk_full`, `too_large`.
    pub fn save_draft(&self, argument: Draft) -> Result<Nothing, Error> {
        const LONGEST: usize = 1024 * 1024;
        if argument.text.len() > LONGEST || argument.key.len() > 256 {
            return Err(Code::TooLarge.into());
        }
        self.store()?.set_draft(&argument.key, &argument.text)?;
        Ok(Nothing {})
    }

    /// Gives half-typed text back.
    ///
    /// # Errors
    /// `not_ready`.
    pub fn draft(&self, argument: DraftKey) -> Result<Draft, Error> {
        let text = self.store()?.draft(&argument.key)?;
        Ok(Draft { key: argument.key, text })
    }

    /// Versions, counts and sync errors for support; never a name, a phone or a note.
    ///
    /// # Errors
    /// Those of the database; an app without an open database still says its version.
    pub fn diagnostics(&self, _: Nothing) -> Result<TextBody, Error> {
        let status = self.status(Nothing {})?;
        let mut text = String::new();
        let mut line = |key: &str, value: &dyn std::fmt::Display| {
            let _ = writeln!(text, "{key}: {value}");
        };
        line("version", &status.version);
        line("protocol", &format_args!("{}-{}", PROTOCOL.0, PROTOCOL.1));
        line("system", &format_args!("{} {}", std::env::consts::OS, std::env::consts::ARCH));
        line("at", &self.now().to_rfc3339());
        line("phase", &key_of(&status.phase));
        line("language", &status.language);
        line("local_only", &status.local_only);
        line("sync", &key_of(&status.sync.state));
        line("last_error", &status.sync.last_error);
        line("synced_at", &status.sync.synced_at.map(|at| at.to_rfc3339()).unwrap_or_default());
        line("contact_at", &status.sync.contact_at.map(|at| at.to_rfc3339()).unwrap_or_default());
        line("waiting", &status.sync.n_waiting);
        line("attention", &status.sync.n_attention);
        line("reviews", &status.n_reviews);
        line("proposals", &status.n_proposals);
        if let Stage::Open(open) = self.stage() {
            for (key, value) in open.store.diagnosis()? {
                line(&key, &value);
            }
        }
        Ok(TextBody { text })
    }

    fn fill_open(&self, status: &mut Status, open: &Open) -> Result<(), Error> {
        let (store, me) = (&open.store, open.store.me()?);
        status.me = People::of(store)?.person(me.user);
        status.organisation = me.organisation_name;
        status.device = me.device_name;
        status.sync = self.sync_status(open)?;
        let facts = store.sync_facts()?;
        let lease = store.lease(self.now())?;
        status.lease_days = lease.map_or(0, |lease| lease.days);
        status.phase = match (facts.revoked, lease.is_some_and(|lease| lease.is_over()), facts.signed_out) {
            (true, _, _) => Phase::Revoked,
            (false, true, _) => Phase::LeaseOver,
            (false, false, true) => Phase::SignedOut,
            (false, false, false) => Phase::Ready,
        };
        status.n_reviews = count(store.n_reviews()?);
        status.n_proposals = count(store.n_proposals()?);
        status.n_twins = super::twins::n_twins(store)?;
        status.n_notices = count(store.n_notices()?);
        Ok(())
    }

    fn sync_status(&self, open: &Open) -> Result<SyncStatus, Error> {
        let facts = open.store.sync_facts()?;
        let state = if open.net.is_none() { SyncState::LocalOnly } else { state_of(&facts, self.inner.desk.busy()) };
        Ok(SyncStatus {
            state,
            synced_at: facts.synced_at,
            contact_at: facts.contact_at,
            n_done: count(facts.n_done),
            n_planned: count(facts.n_planned),
            n_waiting: count(facts.n_waiting),
            n_attention: count(facts.n_attention),
            last_error: Code::parse(&facts.last_error).map_or(facts.last_error, |code| code.key().to_owned()),
        })
    }
}

/// Which state the badge shows. "Synced" only where the acknowledgement covers the last edit made here.
fn state_of(facts: &SyncFacts, busy: bool) -> SyncState {
    if facts.signed_out || facts.revoked {
        return SyncState::Locked;
    }
    if facts.n_attention > 0 {
        return SyncState::Attention;
    }
    if facts.last_error.is_empty() {
        let covered = facts.n_waiting == 0 && facts.synced_at.is_some() && facts.n_done >= facts.n_planned;
        // A quiet round that has nothing to send is no news.
        return if covered { SyncState::Synced } else { SyncState::Syncing };
    }
    if busy && facts.n_planned > facts.n_done {
        return SyncState::Syncing;
    }
    match Code::parse(&facts.last_error).map(Code::kind) {
        Some(ErrorKind::Quiet) => SyncState::Offline,
        _ => SyncState::Attention,
    }
}

fn closed_sync(last_error: &str) -> SyncStatus {
    SyncStatus {
        state: SyncState::Offline,
        synced_at: None,
        contact_at: None,
        n_done: 0,
        n_planned: 0,
        n_waiting: 0,
        n_attention: 0,
        last_error: last_error.to_owned(),
    }
}

fn key_of(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(key)) => key,
        _ => String::new(),
    }
}

pub(super) fn count(n: u64) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

fn declare(registry: &Registry, role: Role, language: &str) -> Declarations {
    let labels = Labels::of(language);
    let kinds = registry.iter().map(|kind| KindDeclared {
        key: kind.key.to_owned(),
        label: labels.kind(kind),
        label_many: labels.kind_many(kind),
        title: kind.title.to_owned(),
        under_client: kind.home.under_client(),
        may_make: match kind.home {
            HomeRule::Organisation => role != Role::Rep,
            HomeRule::OrganisationByAdmin => role == Role::Admin,
            _ => true,
        },
        customisable: custom::customisable(kind),
        fields: kind
            .fields
            .iter()
            .map(|field| FieldDeclared {
                key: field.key.to_owned(),
                label: labels.field(kind, field.key),
                field_type: field.field_type.key().to_owned(),
                many: field.many,
                required: field.required,
                in_list: field.in_list,
                leading: field.leading,
                fixed: field.fixed,
                archived: field.archived,
                source: field.source.key().to_owned(),
                target: match field.field_type {
                    FieldType::Reference(target) => target.to_owned(),
                    _ => String::new(),
                },
                choices: match field.field_type {
                    FieldType::Choice(values) => values
                        .iter()
                        .map(|value| ChoiceDeclared {
                            value: (*value).to_owned(),
                            label: labels.choice(kind, field.key, value),
                        })
                        .collect(),
                    _ => Vec::new(),
                },
                former: match field.field_type {
                    FieldType::Choice(values) => labels
                        .own_choices(kind, field.key)
                        .filter(|(value, _)| !values.contains(value))
                        .map(|(value, label)| ChoiceDeclared { value: value.to_owned(), label: label.to_owned() })
                        .collect(),
                    _ => Vec::new(),
                },
            })
            .collect(),
    });
    Declarations { language: labels.language().to_owned(), kinds: kinds.collect() }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn facts(change: impl FnOnce(&mut SyncFacts)) -> SyncFacts {
        let at = Some("2026-11-22T10:00:00Z".parse().unwrap());
        let mut facts = SyncFacts { synced_at: at, contact_at: at, ..SyncFacts::default() };
        change(&mut facts);
        facts
    }

    #[rstest]
    #[case::even(facts(|_| {}), SyncState::Synced)]
    #[case::an_edit_not_acknowledged(facts(|it| it.n_waiting = 1), SyncState::Syncing)]
    #[case::never_synced(facts(|it| it.synced_at = None), SyncState::Syncing)]
    #[case::no_server(facts(|it| it.last_error = "offline".to_owned()), SyncState::Offline)]
    #[case::no_server_and_edits(facts(|it| { it.last_error = "offline".to_owned(); it.n_waiting = 3; }), SyncState::Offline)]
    #[case::held(facts(|it| it.last_error = "held".to_owned()), SyncState::Offline)]
    #[case::too_old(facts(|it| it.last_error = "protocol_too_old".to_owned()), SyncState::Attention)]
    #[case::a_refused_item(facts(|it| it.n_attention = 1), SyncState::Attention)]
    #[case::signed_out(facts(|it| { it.signed_out = true; it.n_attention = 1; }), SyncState::Locked)]
    #[case::revoked(facts(|it| it.revoked = true), SyncState::Locked)]
    #[case::first_sync(facts(|it| { it.n_planned = 600; it.n_done = 10; }), SyncState::Syncing)]
    fn the_badge_says_what_is_true(#[case] facts: SyncFacts, #[case] state: SyncState) {
        assert_eq!(state_of(&facts, false), state);
    }

    #[test]
    fn declarations_come_in_the_language_asked_for() {
        let declared = declare(&Registry::built_in(), Role::Rep, "uk");
        let client = declared.kinds.iter().find(|kind| kind.key == "client").unwrap();
        assert_eq!((client.label.as_str(), client.label_many.as_str()), ("Клієнт", "Клієнти"));
        let status = client.fields.iter().find(|field| field.key == "status").unwrap();
        assert_eq!(status.choices[0].label, "Потенційний клієнт");
        assert_eq!(status.source, "document");
    }
}
