//! Fields an organisation makes for itself: from their definitions to declarations of the same sort as the built-in
//! ones (docs/adr/0021). A definition names a kind and a type for ever; everything else about it may change.
//!
//! Declarations live as long as the program, like those of the product. Each set of definitions of a kind is made once,
//! so that what is held grows with the versions of definitions seen and with nothing else.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, OnceLock, PoisonError};

use super::ids::RecordId;
use super::kind::{FieldDecl, FieldType, HomeRule, Kind, Registry, Source};
use super::kinds::custom_field;
use super::labels::LANGUAGES;
use super::limits;
use super::value::Value;

/// What keys of such fields begin with.
pub const PREFIX: &str = "x.";

/// Label of a value that is not offered any more. Its entry stays: a removed one would lose the word, and records that
/// hold the value with it.
const FORMER: &str = "former";

/// A field as its definition says.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Definition {
    /// The definition's record, which gives the field its key.
    pub id: RecordId,
    /// Key of the kind.
    pub of: String,
    /// Key of the type.
    pub holds: String,
    /// Of a reference: the kind pointed at.
    pub target: String,
    /// Of a choice: values with their words, in order.
    pub choices: Vec<(String, String)>,
    /// Of a choice: values that are not offered any more, with their words. Records that hold one still say it.
    pub former: Vec<(String, String)>,
    /// Its names in the order of [`LANGUAGES`].
    pub names: [String; 3],
    /// Forms want it filled.
    pub required: bool,
    /// Part of the list before anybody chose columns.
    pub in_list: bool,
    /// Part of the search index.
    pub search: bool,
    /// Says something of a natural person.
    pub personal: bool,
    /// Place among the others.
    pub place: i64,
    /// Not offered any more.
    pub archived: bool,
}

impl Definition {
    /// Reads a definition; `None` where it names no type of this version, or nothing to belong to.
    #[must_use]
    pub fn read(id: RecordId, values: &BTreeMap<String, Value>, trashed: bool) -> Option<Self> {
        let text = |key: &str| match values.get(key) {
            Some(Value::Text(text)) => text.trim().to_owned(),
            _ => String::new(),
        };
        let flag = |key: &str| values.get(key) == Some(&Value::Bool(true));
        let (of, holds, target) =
            (text(custom_field::OF.key()), text(custom_field::TYPE.key()), text(custom_field::TARGET.key()));
        type_of(&holds, "", &[])?;
        if of.is_empty() || (holds == "reference" && target.is_empty()) {
            return None;
        }
        let name = text(custom_field::NAME.key());
        let named = |key: &str| Some(text(key)).filter(|own| !own.is_empty()).unwrap_or_else(|| name.clone());
        let choices = |former: bool| match values.get(custom_field::CHOICES.key()) {
            Some(Value::Entries(entries)) => {
                let live = entries.iter().filter(|entry| !entry.removed);
                live.filter(|entry| (entry.label == FORMER) == former)
                    .filter_map(|entry| match entry.value.as_ref() {
                        Value::Text(word) => Some((entry.id.to_string(), word.clone())),
                        _ => None,
                    })
                    .collect()
            }
            _ => Vec::new(),
        };
        // What is kept as a number or an id is nothing anybody types.
        let searchable = matches!(holds.as_str(), "text" | "memo" | "phone" | "email" | "url");
        let archived = trashed || flag(custom_field::ARCHIVED.key());
        Some(Self {
            id,
            of,
            holds,
            target,
            choices: choices(false),
            former: choices(true),
            names: [custom_field::NAME_EN, custom_field::NAME_RU, custom_field::NAME_UK]
                .map(|field| named(field.key())),
            required: flag(custom_field::REQUIRED.key()) && !archived,
            in_list: flag(custom_field::IN_LIST.key()) && !archived,
            search: flag(custom_field::SEARCH.key()) && !archived && searchable,
            personal: flag(custom_field::PERSONAL.key()),
            place: match values.get(custom_field::PLACE.key()) {
                Some(Value::Int(place)) => *place,
                _ => 0,
            },
            archived,
        })
    }

    /// The field's key in documents, for ever.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{PREFIX}{}", self.id)
    }
}

/// True for kinds an organisation may add fields to: those people fill in, and not what only arranges the product.
#[must_use]
pub fn customisable(kind: &Kind) -> bool {
    !matches!(kind.home, HomeRule::OrganisationByAdmin | HomeRule::Personal | HomeRule::PersonalOrDepartment)
        && kind.fields.iter().any(|field| field.key == kind.title && field.field_type == FieldType::Text)
}

/// What is wrong with a new definition, by the name of its field.
#[must_use]
pub fn flaw(registry: &Registry, values: &BTreeMap<String, Value>) -> Option<&'static str> {
    let Some(definition) = Definition::read(RecordId(uuid::Uuid::nil()), values, false) else {
        let reference = values.get(custom_field::TYPE.key()) == Some(&Value::Text("reference".to_owned()));
        return Some(if reference { custom_field::TARGET.key() } else { custom_field::TYPE.key() });
    };
    let room = |kind: &Kind| kind.fields.iter().filter(|field| field.is_custom()).count() < limits::CUSTOM_FIELDS;
    let fits = registry.kind(&definition.of).is_some_and(|kind| customisable(kind) && room(kind));
    let points = || registry.kind(&definition.target).is_some_and(customisable);
    match definition.holds.as_str() {
        _ if !fits => Some(custom_field::OF.key()),
        "reference" if !points() => Some(custom_field::TARGET.key()),
        "choice" if definition.choices.is_empty() => Some(custom_field::CHOICES.key()),
        _ => None,
    }
}

/// The kinds with the fields defined for them. Definitions of kinds nobody knows wait for a newer version.
#[must_use]
pub fn with_fields(kinds: &[&'static Kind], definitions: &[Definition]) -> Vec<&'static Kind> {
    let with = |kind: &'static Kind| {
        let mut own: Vec<Definition> = definitions.iter().filter(|one| one.of == kind.key).cloned().collect();
        if own.is_empty() || !customisable(kind) {
            return kind;
        }
        // Everybody leaves out the same ones, in whatever order they came.
        own.sort_by_key(|one| one.id);
        own.dedup_by_key(|one| one.id);
        own.truncate(limits::CUSTOM_FIELDS);
        own.sort_by_key(|one| (one.place, one.id));
        made(kind, own)
    };
    kinds.iter().copied().map(with).collect()
}

type Made = Mutex<HashMap<(usize, Vec<Definition>), &'static Kind>>;

fn made(base: &'static Kind, own: Vec<Definition>) -> &'static Kind {
    static MADE: OnceLock<Made> = OnceLock::new();
    let made = MADE.get_or_init(Made::default);
    let key = (std::ptr::from_ref(base) as usize, own);
    let mut made = made.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(kind) = made.get(&key) {
        return kind;
    }
    let kind = declare(base, &key.1);
    made.insert(key, kind);
    kind
}

fn declare(base: &'static Kind, own: &[Definition]) -> &'static Kind {
    let mut fields = base.fields.to_vec();
    let mut labels = base.own_labels.to_vec();
    for one in own {
        let key = leaked(one.key());
        let Some(field_type) = type_of(&one.holds, &one.target, &one.choices) else { continue };
        fields.push(FieldDecl {
            key,
            field_type,
            many: false,
            required: one.required,
            search: one.search,
            personal: one.personal,
            in_list: one.in_list,
            leading: false,
            fixed: false,
            archived: one.archived,
            source: Source::Document,
        });
        for (language, name) in LANGUAGES.into_iter().zip(&one.names) {
            labels.push((language, leaked(format!("{}-{key}", base.key)), leaked(name.clone())));
            for (value, word) in one.choices.iter().chain(&one.former) {
                labels.push((language, leaked(format!("{}-{key}.{value}", base.key)), leaked(word.clone())));
            }
        }
    }
    Box::leak(Box::new(Kind { fields: fields.leak(), own_labels: labels.leak(), ..*base }))
}

fn type_of(holds: &str, target: &str, choices: &[(String, String)]) -> Option<FieldType> {
    Some(match holds {
        "text" => FieldType::Text,
        "memo" => FieldType::Memo,
        "choice" if choices.is_empty() => FieldType::Choice(&[]),
        "choice" => {
            let values: Vec<&'static str> = choices.iter().map(|(value, _)| leaked(value.clone())).collect();
            FieldType::Choice(values.leak())
        }
        "day" => FieldType::Day,
        "bool" => FieldType::Bool,
        "int" => FieldType::Int,
        "phone" => FieldType::Phone,
        "email" => FieldType::Email,
        "url" => FieldType::Url,
        "reference" if target.is_empty() => FieldType::Reference(""),
        "reference" => FieldType::Reference(leaked(target.to_owned())),
        _ => return None,
    })
}

fn leaked(text: String) -> &'static str {
    text.leak()
}
