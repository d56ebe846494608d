//! Several planned interactions given to a colleague at once: an order for each, so that each is refused, confirmed and
//! taken back by itself.

use std::collections::BTreeSet;

use super::api::*;
use super::pending::Foreseen;
use super::people::People;
use super::rehearsal::Telling;
use super::{App, Code, Error};
use crate::domain::decide::decide;
use crate::domain::ids::*;
use crate::domain::order::{Plan, Refusal};

/// Most interactions handed over at once: the list of orders shows as many.
const AT_ONCE: usize = 200;

impl App {
    /// Hands planned interactions over to a colleague, or says what that would do. Those that cannot go are named in the
    /// rehearsal and left where they are.
    ///
    /// # Errors
    /// `not_ready` in local-only use, `too_large` for more than 200, those of the database.
    pub fn hand_over_many(&self, argument: HandOverMany) -> Result<HandedOver, Error> {
        let open = self.opened()?;
        let store = &open.store;
        if open.net.is_none() {
            return Err(Code::NotReady.into());
        }
        let interactions: BTreeSet<RecordId> = argument.interactions.iter().copied().collect();
        if interactions.len() > AT_ONCE {
            return Err(Code::TooLarge.into());
        }
        let (people, view) = (People::of(store)?, Foreseen::of(store)?);
        let telling = Telling { store, people: &people, view: &view };
        let me = store.me()?.user;
        let (mut all, mut orders) = (Plan::default(), Vec::new());
        for id in interactions {
            let order =
                Order::RedirectInteraction { interaction: id, to: argument.to, comment: argument.comment.clone() };
            let decided = match self.order(store, &view, &order) {
                Ok(order) => {
                    decide(&view, me, &self.command(order.clone(), None), self.now()).map(|plan| (order, plan))
                }
                Err(error) if error.code() == Code::NotFound => Err(Refusal::NotFound),
                Err(error) => return Err(error),
            };
            match decided {
                Ok((order, plan)) => {
                    orders.push((order, plan.mark()));
                    all.events.extend(plan.events);
                }
                Err(refusal) => all.refused.push((id, refusal)),
            }
        }
        let facts = store.sync_facts()?;
        let as_of = facts.synced_at.or(facts.contact_at);
        let mut handed =
            HandedOver { rehearsal: telling.rehearsal(&all, as_of, None, &store.devices()?)?, commands: Vec::new() };
        if argument.rehearse.unwrap_or(false) {
            return Ok(handed);
        }
        for (order, mark) in orders {
            let (command, touched) = store.queue_command(order, Some(mark), self.now(), self.ids())?;
            handed.commands.push(command);
            self.written(&touched);
        }
        Ok(handed)
    }
}
