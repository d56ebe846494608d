//! What the office says on a live connection: answers to a device's messages, and pages nobody asked for. Which
//! connection gets one and when is `crate::live`'s business.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use satchel_core::sync::wire::{
    Credential, Credit, Cursor, Denied, Down, Frame, Hello, Welcome, compress, lay_out, pack,
};

use super::Office;
use super::door::{DeniedBy, denied};
use super::exchange::take_apart;
use crate::identity::secrets;
use crate::pull::{Due, Pulled};
use crate::storage::{Access, Session};

/// Pages up to this size are looked up among those packed a moment ago: in a fan-out most are equal.
const SHARED_BYTES: usize = 64 * 1024;

/// Who is at the other end of a live connection.
#[derive(Clone, Debug)]
pub struct Standing {
    /// Who asks.
    pub session: Session,
    /// Hash of the access token shown last.
    pub access: [u8; 32],
    /// Where the device says it stands; counts once, at the beginning.
    pub cursor: Cursor,
    /// Whether it takes snapshots.
    pub snapshots: bool,
}

/// What a message of a device comes to.
#[derive(Debug)]
pub struct Heard {
    /// The answer to a hello, as a body; to be sent before any further page.
    pub answer: Option<Vec<u8>>,
    /// Who says so, where it began with a hello.
    pub standing: Option<Standing>,
    /// Room for pages.
    pub credit: Vec<Credit>,
}

/// A page ready to be sent.
#[derive(Clone, Debug)]
pub struct LivePage {
    /// Where the device stands once it has it.
    pub cursor: Cursor,
    /// There is more.
    pub more: bool,
    /// The body.
    pub body: Arc<[u8]>,
}

impl Office {
    /// Takes in a message on a live connection of `known`; the first one, of nobody yet, has to begin with a hello.
    ///
    /// # Errors
    /// The refusal as a body, to be sent before the connection ends.
    pub fn hear(&self, body: &[u8], known: Option<Session>) -> Result<Heard, Vec<u8>> {
        let heard = catch_unwind(AssertUnwindSafe(|| self.take_message(body, known)));
        let heard = heard.unwrap_or_else(|_| {
            tracing::error!("answering a device panicked");
            Err(DeniedBy(denied("internal")))
        });
        heard.map_err(|refused| refusal(refused.0))
    }

    fn take_message(&self, body: &[u8], known: Option<Session>) -> Result<Heard, DeniedBy> {
        let request = take_apart(body)?;
        let Some((hello, groups)) = request.asks else {
            // Credit is worth nothing by itself: every page is preceded by a look at the token.
            return match known {
                Some(_) => Ok(Heard { answer: None, standing: None, credit: request.credit }),
                None => Err(DeniedBy(denied("malformed"))),
            };
        };
        // What there is to bring back goes over HTTP (rule 24).
        let organisation = self.organisation()?;
        if organisation.held || hello.epoch != organisation.epoch {
            return Err(DeniedBy(denied("held")));
        }
        let (session, answer) = self.converse(&hello, groups)?;
        if known.is_some_and(|known| known != session) {
            return Err(DeniedBy(denied("malformed")));
        }
        let (access, snapshots) = (token_of(&hello, &answer), hello.snapshots);
        let standing = Standing { session, access, cursor: hello.cursor, snapshots };
        let answer = pack(&answer).map_err(|_| DeniedBy(denied("internal")))?;
        Ok(Heard { answer: Some(answer), standing: Some(standing), credit: request.credit })
    }

    /// The refusal that ends a connection whose token is no longer good.
    #[must_use]
    pub fn refusal_of(&self, access: &[u8; 32]) -> Option<Vec<u8>> {
        match self.inner.storage.access(access, self.inner.clock.now()) {
            Ok(Access::Session(_)) => None,
            Ok(Access::Revoked) => Some(refusal(denied("revoked"))),
            Ok(Access::Unknown) => Some(refusal(denied("signed_out"))),
            Err(error) => Some(refusal(DeniedBy::from(error).0)),
        }
    }

    /// Reads the next pages of live connections in one snapshot. `take` is given each as soon as it is ready with its
    /// place in `due`: the page, `None` where there is nothing to say, or a refusal that ends the connection.
    pub fn live_pages(&self, due: &[Due], take: &mut dyn FnMut(usize, Result<Option<LivePage>, Vec<u8>>)) {
        let mut waiting: Vec<bool> = vec![true; due.len()];
        let mut mark = |idx: usize, outcome| {
            waiting[idx] = false;
            take(idx, outcome);
        };
        let done = catch_unwind(AssertUnwindSafe(|| self.read_pages(due, &mut mark)));
        let refused = match done {
            Ok(Ok(())) => None,
            Ok(Err(refused)) => Some(refused.0),
            Err(_) => {
                tracing::error!("reading pages panicked");
                Some(denied("internal"))
            }
        };
        for idx in (0..due.len()).filter(|idx| waiting[*idx]) {
            let outcome = match &refused {
                None => Ok(None),
                Some(refused) => Err(refusal(refused.clone())),
            };
            take(idx, outcome);
        }
    }

    fn read_pages(
        &self,
        due: &[Due],
        take: &mut dyn FnMut(usize, Result<Option<LivePage>, Vec<u8>>),
    ) -> Result<(), DeniedBy> {
        let now = self.keep_time()?;
        let mut packed: HashMap<Vec<u8>, Arc<[u8]>> = HashMap::new();
        let mut given: HashMap<usize, LivePage> = HashMap::new();
        self.inner.storage.pull_each(due, now, &mut |idx, pulled| {
            let outcome = match pulled {
                Pulled::Revoked => Err(refusal(denied("revoked"))),
                Pulled::SignedOut => Err(refusal(denied("signed_out"))),
                Pulled::Page { page, blobs } => {
                    let (cursor, more) = (page.cursor.clone(), page.more);
                    match pack_once(&mut packed, &Frame { message: Down::Page(page), blobs }) {
                        Some(body) => {
                            let page = LivePage { cursor, more, body };
                            given.insert(idx, page.clone());
                            Ok(Some(page))
                        }
                        None => Err(refusal(denied("internal"))),
                    }
                }
                Pulled::Same(other) => match given.get(&other) {
                    Some(page) => Ok(Some(page.clone())),
                    None => Err(refusal(denied("internal"))),
                },
            };
            take(idx, outcome);
        })?;
        Ok(())
    }
}

/// Packs a page, or takes what an equal one was packed into: equal bytes, whoever they are for.
fn pack_once(packed: &mut HashMap<Vec<u8>, Arc<[u8]>>, page: &Frame<Down>) -> Option<Arc<[u8]>> {
    let plain = lay_out(std::slice::from_ref(page)).ok()?;
    if let Some(body) = packed.get(&plain) {
        return Some(body.clone());
    }
    let body: Arc<[u8]> = compress(&plain).ok()?.into();
    if plain.len() <= SHARED_BYTES {
        packed.insert(plain, body.clone());
    }
    Some(body)
}

/// The hash of the token to look at before every page: the one shown, or the one just given for it.
fn token_of(hello: &Hello, answer: &[Frame<Down>]) -> [u8; 32] {
    let given = answer.iter().find_map(|frame| match &frame.message {
        Down::Welcome(Welcome { tokens: Some(tokens), .. }) => Some(tokens.access.as_str()),
        _ => None,
    });
    match (&hello.credential, given) {
        (_, Some(access)) => secrets::hash(access),
        (Credential::Access(access), None) | (Credential::Refresh(access, _), None) => secrets::hash(access),
    }
}

fn refusal(denied: Denied) -> Vec<u8> {
    pack(&[Frame::bare(Down::Refused(denied))]).unwrap_or_default()
}
