//! The generator's plain structs as values of the product's fields.

use satchel_core::domain::ids::*;
use satchel_core::domain::kinds::{
    client, entity_link as link, interaction as contact, legal_entity as entity, person as human,
};
use satchel_core::domain::patch::Patch;
use satchel_core::domain::value::Value;

use crate::generator::{Contact, Entity, Firm, Human, Moment};

/// A client's card.
#[must_use]
pub fn client(firm: &Firm, category: Option<RecordId>, region: Option<RecordId>, ids: &dyn IdSource) -> Patch {
    let mut patch = Patch::new()
        .set(client::NAME, firm.name.clone())
        .set(client::STATUS, firm.status.to_owned())
        .set_some(client::CATEGORY, category)
        .set_some(client::REGION, region)
        .set(client::WEBSITE, firm.website.clone())
        .set(client::CITY, firm.city.clone())
        .set(client::ADDRESS, firm.address.clone())
        .set(client::IS_CLIENT, firm.is_client)
        .set(client::IS_SUPPLIER, firm.is_supplier)
        .set(client::IS_OTHER, firm.is_other)
        .set(client::SOURCE, firm.source.clone())
        .set_some(client::CONTACT_EVERY, firm.contact_every)
        .set(client::NOTE, firm.note.clone());
    for (phone, label) in &firm.phones {
        patch = entry(patch, client::PHONES.key(), phone, label, ids);
    }
    for email in &firm.emails {
        patch = entry(patch, client::EMAILS.key(), email, "work", ids);
    }
    patch
}

/// A legal entity's card.
#[must_use]
pub fn legal_entity(one: &Entity) -> Patch {
    Patch::new()
        .set(entity::REGISTERED_NAME, one.registered_name.clone())
        .set(entity::ENTITY_KIND, one.entity_kind.to_owned())
        .set(entity::COUNTRY, one.country.to_owned())
        .set_some(entity::TAX_NUMBER, filled(&one.tax_number))
        .set_some(entity::REGISTRY_NUMBER, filled(&one.registry_number))
        .set_some(entity::BRANCH_NUMBER, filled(&one.branch_number))
        .set_some(entity::ACCOUNT, filled(&one.account))
}

/// The link between the two.
#[must_use]
pub fn entity_link(partner: RecordId, legal_entity: RecordId) -> Patch {
    Patch::new().set(link::PARTNER, partner).set(link::LEGAL_ENTITY, legal_entity).set(link::MAIN, true)
}

/// A contact person's card.
#[must_use]
pub fn person(one: &Human, ids: &dyn IdSource) -> Patch {
    let mut patch = Patch::new()
        .set(human::NAME, one.name.clone())
        .set(human::POSITION, one.position.clone())
        .set_some(human::BIRTHDAY, one.birthday)
        .set_some(human::NOTE, filled(&one.note));
    for (phone, label) in &one.phones {
        patch = entry(patch, human::PHONES.key(), phone, label, ids);
    }
    for email in &one.emails {
        patch = entry(patch, human::EMAILS.key(), email, "work", ids);
    }
    patch
}

/// A visit, call or plan.
#[must_use]
pub fn interaction(one: &Contact, with: Option<RecordId>, by: UserId, ids: &dyn IdSource) -> Patch {
    let held = one.moment == Moment::Held;
    let mut patch = Patch::new()
        .set(contact::CHANNEL, one.channel.to_owned())
        .set(contact::STATE, if held { "held" } else { "planned" }.to_owned())
        .set(contact::SUBJECT, one.subject.clone())
        .set(contact::STARTS_AT, one.starts_at)
        .set_some(contact::OUTCOME, filled(one.outcome))
        .set_some(contact::RESULT, filled(&one.result))
        .set_some(contact::NEXT_CONTACT, one.next_contact)
        .set_some(contact::EFFORT, one.effort)
        .set_some(contact::CONTACTOR, held.then_some(by));
    if let Some(with) = with {
        patch = patch.entry(contact::PERSONS.key(), EntryId(ids.fresh()), Value::Id(with.0), "");
    }
    patch
}

fn entry(patch: Patch, field: &str, value: &str, label: &str, ids: &dyn IdSource) -> Patch {
    patch.entry(field, EntryId(ids.fresh()), Value::Text(value.to_owned()), label)
}

fn filled(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}
