//! Declarations: a record kind is a value that exists at run time, so that kinds an organisation makes are of the
//! same type as the built-in ones. Document shape, view table, search, form, list and types derive from it.

use std::marker::PhantomData;

use super::value::FieldValue;

/// Where a field's value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The record's document: anyone who may write the record edits it, offline too.
    Document,
    /// The office: changed by orders only, never in a document.
    Authority,
    /// Computed from other records when it is shown; never stored in a document.
    Computed,
}

impl Source {
    /// The key the interface reads.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Document => "document",
            Self::Authority => "authority",
            Self::Computed => "computed",
        }
    }
}

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldType {
    /// One line; the last writer's value is shown, competing ones go to review.
    Text,
    /// Several lines, merged like [`FieldType::Text`].
    Memo,
    /// Long text in which two people's typing merges letter by letter.
    Note,
    /// One of declared values; an open string in the document.
    Choice(&'static [&'static str]),
    /// A phone number as typed.
    Phone,
    /// A mail address as typed.
    Email,
    /// A web address as typed.
    Url,
    /// A calendar day.
    Day,
    /// A moment, in milliseconds of UTC.
    Instant,
    /// Yes or no.
    Bool,
    /// A whole number.
    Int,
    /// A record of another kind.
    Reference(&'static str),
    /// A colleague.
    User,
}

impl FieldType {
    /// The key the interface reads.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Memo => "memo",
            Self::Note => "note",
            Self::Choice(_) => "choice",
            Self::Phone => "phone",
            Self::Email => "email",
            Self::Url => "url",
            Self::Day => "day",
            Self::Instant => "instant",
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Reference(_) => "reference",
            Self::User => "user",
        }
    }

    /// Longest value in bytes (promises.md, limits at the door).
    #[must_use]
    pub const fn max_bytes(self) -> usize {
        match self {
            Self::Note => 256 * 1024,
            _ => 64 * 1024,
        }
    }
}

/// A field of a record kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldDecl {
    /// Key in documents, for ever.
    pub key: &'static str,
    /// What it holds.
    pub field_type: FieldType,
    /// A collection of entries instead of one value.
    pub many: bool,
    /// Forms want it filled; the server never refuses for it.
    pub required: bool,
    /// Part of the search index.
    pub search: bool,
    /// Says something of a natural person; erased with him.
    pub personal: bool,
    /// Part of the list before anybody chose columns.
    pub in_list: bool,
    /// Among the folded facts on a phone.
    pub leading: bool,
    /// Set where the record is made and never after.
    pub fixed: bool,
    /// Not offered: kept for files, or made by the organisation and given up. What it holds is shown and stays.
    pub archived: bool,
    /// Where the value comes from.
    pub source: Source,
}

impl FieldDecl {
    /// Made by the organisation, not by the product.
    #[must_use]
    pub fn is_custom(&self) -> bool {
        self.key.starts_with(super::custom::PREFIX)
    }
}

/// A typed handle on a field.
#[derive(Debug)]
pub struct Field<T> {
    /// The declaration.
    pub decl: FieldDecl,
    holds: PhantomData<fn() -> T>,
}

impl<T> Clone for Field<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Field<T> {}

impl<T> Field<T> {
    const fn of(key: &'static str, field_type: FieldType, many: bool) -> Self {
        let decl = FieldDecl {
            key,
            field_type,
            many,
            required: false,
            search: false,
            personal: false,
            in_list: false,
            leading: false,
            fixed: false,
            archived: false,
            source: Source::Document,
        };
        Self { decl, holds: PhantomData }
    }

    /// The field's key.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        self.decl.key
    }

    /// Forms want it filled.
    #[must_use]
    pub const fn required(mut self) -> Self {
        self.decl.required = true;
        self
    }

    /// Part of the search index.
    #[must_use]
    pub const fn search(mut self) -> Self {
        self.decl.search = true;
        self
    }

    /// Says something of a natural person.
    #[must_use]
    pub const fn personal(mut self) -> Self {
        self.decl.personal = true;
        self
    }

    /// Part of the list before anybody chose columns.
    #[must_use]
    pub const fn in_list(mut self) -> Self {
        self.decl.in_list = true;
        self
    }

    /// Among the folded facts on a phone.
    #[must_use]
    pub const fn leading(mut self) -> Self {
        self.decl.leading = true;
        self
    }

    /// Set where the record is made and never after.
    #[must_use]
    pub const fn fixed(mut self) -> Self {
        self.decl.fixed = true;
        self
    }

    /// Kept for files and the programs they come from: shown where it is filled, offered nowhere.
    #[must_use]
    pub const fn for_files(mut self) -> Self {
        self.decl.archived = true;
        self
    }

    /// Comes from the office, not from the document.
    #[must_use]
    pub const fn from_authority(mut self) -> Self {
        self.decl.source = Source::Authority;
        self
    }

    /// Computed when shown.
    #[must_use]
    pub const fn computed(mut self) -> Self {
        self.decl.source = Source::Computed;
        self
    }
}

macro_rules! builders {
    ($($(#[$doc:meta])* $name:ident($($arg:ident: $ty:ty)?) -> $field_type:expr, $rust:ty;)*) => {$(
        $(#[$doc])*
        #[must_use]
        pub const fn $name(key: &'static str $(, $arg: $ty)?) -> Field<$rust> {
            Field::of(key, $field_type, false)
        }
    )*};
}

builders! {
    /// One line of text.
    text() -> FieldType::Text, String;
    /// Several lines, merged as one value.
    memo() -> FieldType::Memo, String;
    /// Long text, merged letter by letter.
    note() -> FieldType::Note, String;
    /// One of declared values.
    choice(values: &'static [&'static str]) -> FieldType::Choice(values), String;
    /// A phone number.
    phone() -> FieldType::Phone, String;
    /// A mail address.
    email() -> FieldType::Email, String;
    /// A web address.
    url() -> FieldType::Url, String;
    /// A calendar day.
    day() -> FieldType::Day, chrono::NaiveDate;
    /// A moment.
    instant() -> FieldType::Instant, chrono::DateTime<chrono::Utc>;
    /// Yes or no.
    flag() -> FieldType::Bool, bool;
    /// A whole number.
    int() -> FieldType::Int, i64;
    /// A record of another kind.
    reference(kind: &'static str) -> FieldType::Reference(kind), super::ids::RecordId;
    /// A colleague.
    user() -> FieldType::User, super::ids::UserId;
}

/// A collection of entries of the same type as `one`; each entry is a root key `key/<entry id>` (rule 6).
#[must_use]
pub const fn many<T: FieldValue>(one: Field<T>) -> Field<Vec<super::value::EntryOf<T>>> {
    Field::of(one.decl.key, one.decl.field_type, true)
}

/// Under which home new records of a kind are made (rule 13).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HomeRule {
    /// The record makes a client home of its own id.
    OwnClient,
    /// Under a client; needs `write` there.
    UnderClient,
    /// Under a client; `add` is enough to make one.
    UnderClientByAdd,
    /// Under the organisation: catalogues, written by supervisors and admins.
    Organisation,
    /// Under the organisation, written by admins only: what changes the product for everybody.
    OrganisationByAdmin,
    /// Under the person who makes it.
    Personal,
    /// Under the person who makes it, or under a department by somebody who may write there.
    PersonalOrDepartment,
}

impl HomeRule {
    /// True where records live under a client's home, the client itself not counted.
    #[must_use]
    pub const fn under_client(self) -> bool {
        matches!(self, Self::UnderClient | Self::UnderClientByAdd)
    }
}

/// A record kind.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// Key in documents, tables and on the wire, for ever.
    pub key: &'static str,
    /// Fields in the order of the form.
    pub fields: &'static [FieldDecl],
    /// Field whose value names a record.
    pub title: &'static str,
    /// Where new records live.
    pub home: HomeRule,
    /// Field and value that mean "still to be done"; such records follow their client when he is moved.
    pub open_when: Option<(&'static str, &'static str)>,
    /// Labels of kinds an organisation made stand here: (language, key, label); built-in ones are in Fluent files.
    pub own_labels: &'static [(&'static str, &'static str, &'static str)],
}

impl Kind {
    /// The declaration of a field, if the kind has it.
    #[must_use]
    pub fn field(&self, key: &str) -> Option<&'static FieldDecl> {
        self.fields.iter().find(|field| field.key == key)
    }

    /// Fields kept in the document.
    pub fn document_fields(&self) -> impl Iterator<Item = &'static FieldDecl> {
        self.fields.iter().filter(|field| field.source == Source::Document)
    }
}

/// All kinds a device or a server knows.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    kinds: Vec<&'static Kind>,
}

impl Registry {
    /// The kinds the product brings.
    #[must_use]
    pub fn built_in() -> Self {
        Self { kinds: super::kinds::ALL.to_vec() }
    }

    /// The same with one more kind.
    #[must_use]
    pub fn with(mut self, kind: &'static Kind) -> Self {
        self.kinds.push(kind);
        self
    }

    /// The same with the fields an organisation made for itself.
    #[must_use]
    pub fn with_fields(&self, definitions: &[super::custom::Definition]) -> Self {
        Self { kinds: super::custom::with_fields(&self.kinds, definitions) }
    }

    /// The kind of a key; `None` for a kind of a newer version.
    #[must_use]
    pub fn kind(&self, key: &str) -> Option<&'static Kind> {
        self.kinds.iter().copied().find(|kind| kind.key == key)
    }

    /// All kinds.
    pub fn iter(&self) -> impl Iterator<Item = &'static Kind> {
        self.kinds.iter().copied()
    }
}

/// Declares a record kind in one place: one typed handle per field and one static [`Kind`] listing them.
///
/// To be called in a module of its own, whose name is the kind's.
#[macro_export]
macro_rules! kind {
    ($name:ident, title: $title:ident, home: $home:ident, open_when: $open:expr, {
        $($(#[$field_doc:meta])* $field:ident: $holds:ty = $decl:expr;)*
    }) => {
        #[allow(unused_imports)]
        use $crate::domain::{ids::*, kind::*, value::*};

        $($(#[$field_doc])* pub const $field: Field<$holds> = $decl;)*

        const FIELDS: &[FieldDecl] = &[$($field.decl),*];

        /// The kind itself.
        pub static KIND: Kind = Kind {
            key: stringify!($name),
            fields: FIELDS,
            title: $title.decl.key,
            home: HomeRule::$home,
            open_when: $open,
            own_labels: &[],
        };
    };
    ($name:ident, title: $title:ident, home: $home:ident, { $($rest:tt)* }) => {
        $crate::kind! { $name, title: $title, home: $home, open_when: None, { $($rest)* } }
    };
}
