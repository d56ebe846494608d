//! What a key of a condition, an order or a group names: a field of the kind, or one reached from it.

use super::error::StoreError;
use super::views::{Layout, Layouts};
use crate::domain::kind::{FieldDecl, FieldType};
use crate::domain::kinds::{client, interaction};

/// The key of the event class.
pub(super) const CLASS: &str = "class";

/// What a key names.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    /// A field of the kind itself.
    Own(&'static FieldDecl),
    /// The record's name.
    Title,
    /// The record itself.
    Id,
    /// When it was made.
    CreatedAt,
    /// The client it lives under.
    Client,
    /// A field of that client.
    OfClient(&'static FieldDecl),
    /// The department of the colleague a field names.
    Department(&'static FieldDecl),
    /// The event class of an interaction.
    Class,
}

/// Finds what a key names in a kind.
pub(super) fn place(layouts: &Layouts, layout: &Layout, key: &str) -> Result<Place, StoreError> {
    let bad = || StoreError::BadValue(key.to_owned());
    if let Some(field) = layout.kind.field(key) {
        return Ok(Place::Own(field));
    }
    let under_client = layout.kind.home.under_client();
    match key.split_once('.') {
        None => match key {
            "title" => Ok(Place::Title),
            "id" => Ok(Place::Id),
            "created_at" => Ok(Place::CreatedAt),
            "client" if under_client => Ok(Place::Client),
            CLASS if layout.kind.key == interaction::KIND.key => Ok(Place::Class),
            _ => Err(bad()),
        },
        Some(("client", field)) if under_client => {
            let clients = layouts.get(client::KIND.key).ok_or_else(bad)?;
            clients.kind.field(field).map(Place::OfClient).ok_or_else(bad)
        }
        Some((user, "department")) => {
            let field = layout.kind.field(user).filter(|it| !it.many && it.field_type == FieldType::User);
            field.map(Place::Department).ok_or_else(bad)
        }
        Some(_) => Err(bad()),
    }
}

/// True for a single text that is compared as people read it.
pub(super) fn is_text(field: &FieldDecl) -> bool {
    !field.many
        && matches!(
            field.field_type,
            FieldType::Text | FieldType::Memo | FieldType::Note | FieldType::Phone | FieldType::Email | FieldType::Url
        )
}
