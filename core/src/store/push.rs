//! What goes to the server next, and what came back of it.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use rusqlite::Connection;

use super::error::StoreError;
use super::open::Store;
use super::outbox::{self, Item};
use super::state::{self, keys};
use super::write::Touched;
use super::{cells, lease, mirror, purge, returning, verdicts};
use crate::domain::authority::Device;
use crate::domain::ids::*;
use crate::domain::limits;
use crate::sync::wire::{self, Cursor, PurgeAck, RecordKey, Tokens, Told, Verdict, Welcome};

/// Bytes of changes after which a push is full.
const PUSH_BYTES: usize = 4 * 1024 * 1024;

/// What a hello says of this device, and the groups that go along.
pub(crate) struct Outgoing {
    pub organisation: OrganisationId,
    pub device: DeviceId,
    pub tokens: Option<Tokens>,
    pub device_key: Option<[u8; 32]>,
    /// The server's clock minus this device's, in milliseconds.
    pub skew: i64,
    pub epoch: u64,
    pub incarnation: u32,
    pub push_counter: u64,
    pub push_id: Option<GroupId>,
    pub cursor: Cursor,
    pub purged: Vec<PurgeAck>,
    /// Groups without a verdict that do not go along.
    pub n_unsent: u32,
    pub groups: Vec<(wire::Group, Vec<Vec<u8>>)>,
}

/// What requests outside the rounds prove themselves with.
pub(crate) struct Credentials {
    pub device: DeviceId,
    pub device_key: Option<[u8; 32]>,
    /// The server's clock minus this device's, in milliseconds.
    pub skew: i64,
}

/// What an answer did to the database.
#[derive(Debug, Default)]
pub(crate) struct Received {
    pub touched: Touched,
    pub left: Vec<(RecordId, String)>,
    /// The server gave a new incarnation: what was to be sent has been written again.
    pub reincarnated: bool,
}

impl Store {
    /// Prepares a request: picks the groups that go along, `tried` left out, and notes that they are under way.
    pub(crate) fn outgoing(&self, tried: &BTreeSet<GroupId>, ids: &dyn IdSource) -> Result<Outgoing, StoreError> {
        self.write(|tx| {
            let (groups, n_unsent) = pick(tx, tried)?;
            let mut push_id: Option<GroupId> = state::get(tx, keys::PUSH_ID)?;
            if push_id.is_none() && !groups.is_empty() {
                let fresh = GroupId(ids.fresh());
                state::set(tx, keys::PUSH_ID, &fresh)?;
                push_id = Some(fresh);
            }
            let me = state::me(tx)?;
            Ok(Outgoing {
                organisation: me.organisation,
                device: me.device,
                tokens: state::get(tx, keys::TOKENS)?,
                device_key: state::get(tx, keys::DEVICE_KEY)?,
                skew: state::get(tx, keys::SKEW)?.unwrap_or(0),
                epoch: state::get(tx, keys::EPOCH)?.unwrap_or(0),
                incarnation: state::get(tx, keys::INCARNATION)?.unwrap_or(0),
                push_counter: state::get(tx, keys::PUSH_COUNTER)?.unwrap_or(0),
                push_id,
                cursor: state::get(tx, keys::CURSOR)?.unwrap_or_default(),
                purged: purge::acks(tx)?,
                n_unsent,
                groups,
            })
        })
    }

    /// A request went out and reached nobody: its groups may still be taken back.
    pub(crate) fn reached_nobody(&self, groups: &[GroupId]) -> Result<(), StoreError> {
        self.write(|tx| {
            let mut statement = tx.prepare_cached("UPDATE outbox SET sent = sent - 1 WHERE id = ? AND sent > 0")?;
            groups.iter().try_for_each(|group| statement.execute([group.0.as_bytes()]).map(drop))?;
            Ok(())
        })
    }

    /// The server knows the device: tokens, clock, counters. Stored before anything else of the answer is looked at,
    /// because the refresh token it replaces is spent.
    pub(crate) fn welcomed(
        &self,
        welcome: &Welcome,
        told: &[PurgeAck],
        now: DateTime<Utc>,
        ids: &dyn IdSource,
    ) -> Result<Received, StoreError> {
        self.write(|tx| {
            if let Some(tokens) = &welcome.tokens {
                state::set(tx, keys::TOKENS, tokens)?;
            }
            state::set(tx, keys::CONTACT_AT, &now)?;
            state::set(tx, keys::SKEW, &(welcome.now - now).num_milliseconds())?;
            let epoch: u64 = state::get(tx, keys::EPOCH)?.unwrap_or(welcome.epoch);
            if epoch != welcome.epoch {
                returning::begin(tx)?;
            }
            state::set(tx, keys::EPOCH, &welcome.epoch)?;
            state::set(tx, keys::PUSH_COUNTER, &welcome.push_counter)?;
            state::remove(tx, keys::PUSH_ID)?;
            lease::renew(tx, welcome.lease_days, now)?;
            state::remove(tx, keys::SIGNED_OUT)?;
            state::remove(tx, keys::REVOKED)?;
            purge::forget_acks(tx, told)?;
            let mut received = Received::default();
            if let Some(devices) = &welcome.devices {
                mirror::put_devices(tx, devices)?;
                state::set(tx, keys::DEVICES_AT, &now)?;
                state::remove(tx, keys::DEVICES_ASKED)?;
                received.touched.office = true;
            }
            if let Some(incarnation) = welcome.incarnation {
                verdicts::reincarnate(tx, self.layouts(), incarnation, ids, &mut received.touched)?;
                received.reincarnated = true;
            }
            Ok(received)
        })
    }

    /// What the server says of the pushes of a revoked device. True where its disk is a copy or from a backup: what it
    /// had not sent was written anew, and is to be sent again (rule 9).
    pub(crate) fn counted(&self, told: &Told, ids: &dyn IdSource) -> Result<bool, StoreError> {
        let Some(push_counter) = told.push_counter else { return Ok(false) };
        self.write(|tx| {
            state::set(tx, keys::PUSH_COUNTER, &push_counter)?;
            state::remove(tx, keys::PUSH_ID)?;
            let Some(incarnation) = told.incarnation else { return Ok(false) };
            verdicts::reincarnate(tx, self.layouts(), incarnation, ids, &mut Touched::default())?;
            Ok(true)
        })
    }

    /// Applies the verdicts of one answer; homes lost before are purged where nothing waits in them any more.
    pub(crate) fn judged(
        &self,
        given: &[Verdict],
        now: DateTime<Utc>,
        ids: &dyn IdSource,
    ) -> Result<Received, StoreError> {
        self.write(|tx| {
            let mut received = Received::default();
            verdicts::apply(tx, self.layouts(), given, now, ids, &mut received.touched)?;
            received.left = purge::purge_due(tx, self.layouts(), now, &mut received.touched)?;
            Ok(received)
        })
    }

    /// How an attempt ended: the code of its failure, or empty with whether both sides are even.
    pub(crate) fn attempt_ended(&self, code: &str, even: bool, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.write(|tx| {
            state::set(tx, keys::LAST_ERROR, &code)?;
            match code {
                "signed_out" => state::set(tx, keys::SIGNED_OUT, &true)?,
                "revoked" => state::set(tx, keys::REVOKED, &true)?,
                _ => {}
            }
            // What was written since the last push keeps "synced" away (promises: covers the last local edit).
            if even && outbox::counts(tx)?.0 == 0 {
                state::set(tx, keys::SYNCED_AT, &now)?;
            }
            Ok(())
        })
    }

    /// True where the server has to be told something: groups (those in `spent` left out), or purges.
    pub(crate) fn has_to_say(&self, spent: &BTreeSet<GroupId>) -> Result<bool, StoreError> {
        self.read(|conn| {
            if !purge::acks(conn)?.is_empty() {
                return Ok(true);
            }
            let mut statement = conn.prepare_cached("SELECT id FROM outbox WHERE state <= 1")?;
            let ids = statement.query_map([], |row| cells::id(row, 0).map(GroupId))?;
            for id in ids {
                if !spent.contains(&id?) {
                    return Ok(true);
                }
            }
            Ok(false)
        })
    }

    /// What changes whenever this device talks to the server: where it stands, and how often it pushed.
    pub(crate) fn standing(&self) -> Result<(Cursor, u64), StoreError> {
        self.read(|conn| {
            let cursor = state::get(conn, keys::CURSOR)?.unwrap_or_default();
            Ok((cursor, state::get(conn, keys::PUSH_COUNTER)?.unwrap_or(0)))
        })
    }

    /// True where the list of devices is older than a quarter of an hour, or than a minute while one is to be emptied, or
    /// somebody wants it.
    pub(crate) fn wants_devices(&self, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let awaited = |device: &Device| device.wipe.as_ref().is_some_and(|wipe| wipe.done_at.is_none());
        let minutes = if self.devices()?.iter().any(awaited) { 1 } else { 15 };
        self.read(|conn| {
            let asked: Option<DateTime<Utc>> = state::get(conn, keys::DEVICES_AT)?;
            let old = asked.is_none_or(|asked| (now - asked).num_minutes().abs() >= minutes);
            Ok(old || state::get(conn, keys::DEVICES_ASKED)?.unwrap_or(false))
        })
    }

    /// What requests outside the rounds prove themselves with.
    pub(crate) fn credentials(&self) -> Result<Credentials, StoreError> {
        self.read(|conn| {
            let skew = state::get(conn, keys::SKEW)?.unwrap_or(0);
            Ok(Credentials { device: state::me(conn)?.device, device_key: state::get(conn, keys::DEVICE_KEY)?, skew })
        })
    }

    /// Keeps tokens after the password was proved again.
    pub(crate) fn signed_in(&self, tokens: &Tokens) -> Result<(), StoreError> {
        self.write(|tx| {
            state::set(tx, keys::TOKENS, tokens)?;
            state::remove(tx, keys::SIGNED_OUT)?;
            state::remove(tx, keys::LAST_ERROR)
        })
    }
}

type Group = (wire::Group, Vec<Vec<u8>>);

fn pick(conn: &Connection, tried: &BTreeSet<GroupId>) -> Result<(Vec<Group>, u32), StoreError> {
    let n_waiting = outbox::counts(conn)?.0;
    let mut groups = Vec::new();
    let (mut n_changes, mut n_bytes) = (0, 0);
    let mut after = 0;
    'full: loop {
        // In slices, so that a month of edits is not read for every push.
        let items = outbox::select(conn, "state <= 1 AND seq > ? ORDER BY seq LIMIT 200", [after])?;
        if items.is_empty() {
            break;
        }
        for item in items {
            after = item.seq;
            if tried.contains(&item.id) {
                continue;
            }
            let group = compose(conn, &item)?;
            n_changes += group.1.len().max(1);
            n_bytes += group.1.iter().map(Vec::len).sum::<usize>() + 256;
            if !groups.is_empty() && (n_changes > limits::CHANGES_PER_PUSH || n_bytes > PUSH_BYTES) {
                break 'full;
            }
            conn.prepare_cached("UPDATE outbox SET sent = sent + 1 WHERE seq = ?")?.execute([item.seq])?;
            groups.push(group);
        }
    }
    let n_unsent = u32::try_from(n_waiting.saturating_sub(groups.len() as u64)).unwrap_or(u32::MAX);
    Ok((groups, n_unsent))
}

fn compose(conn: &Connection, item: &Item) -> Result<Group, StoreError> {
    let mut items = Vec::new();
    let mut blobs = Vec::new();
    if let Some(command) = &item.command {
        items.push(wire::Item::Command(command.clone()));
    }
    let mut chained = BTreeSet::new();
    for write in outbox::writes_of(conn, item.seq)? {
        let record = RecordKey { id: write.record, generation: write.generation };
        if write.creates {
            items.push(wire::Item::Create { record, kind: write.kind.clone(), homes: write.homes.clone() });
        }
        if item.whole_chain && !chained.insert(write.record) {
            continue;
        }
        let chunks = verdicts::chunks_to_send(conn, item, &write)?;
        items.push(wire::Item::Changes { record, n: u32::try_from(chunks.len()).unwrap_or(u32::MAX) });
        blobs.extend(chunks);
    }
    let group = wire::Group { id: item.id, at: item.at, depends_on: item.depends_on.clone(), items };
    Ok((group, blobs))
}
