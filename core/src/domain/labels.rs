//! What people call kinds, fields and choices, in three languages. The words stand in `core/labels/*.ftl` by kind and
//! field; those of kinds an organisation made stand in their declaration.

use std::sync::OnceLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentError, FluentResource};
use unic_langid::LanguageIdentifier;

use super::kind::Kind;

/// Languages there are words in; the first is used where a language is not known.
pub const LANGUAGES: [&str; 3] = ["en", "ru", "uk"];

const FILES: [&str; 3] =
    [include_str!("../../labels/en.ftl"), include_str!("../../labels/ru.ftl"), include_str!("../../labels/uk.ftl")];

/// Words that stand in files made for people, beside those of declarations.
const IN_FILES: [&str; 3] = [
    include_str!("../../labels/exchange.en.ftl"),
    include_str!("../../labels/exchange.ru.ftl"),
    include_str!("../../labels/exchange.uk.ftl"),
];

/// The words of one language.
pub struct Labels {
    language: &'static str,
    bundle: FluentBundle<FluentResource>,
}

impl Labels {
    /// The words of a language, English where it is not known.
    #[must_use]
    pub fn of(language: &str) -> &'static Self {
        static ALL: OnceLock<[Labels; 3]> = OnceLock::new();
        let all = ALL.get_or_init(|| [0, 1, 2].map(Self::load));
        let idx = LANGUAGES.iter().position(|known| *known == language).unwrap_or(0);
        &all[idx]
    }

    /// The language's key.
    #[must_use]
    pub fn language(&self) -> &'static str {
        self.language
    }

    /// One record of the kind.
    #[must_use]
    pub fn kind(&self, kind: &Kind) -> String {
        self.word(kind, kind.key, None, kind.key)
    }

    /// Several records of the kind.
    #[must_use]
    pub fn kind_many(&self, kind: &Kind) -> String {
        self.word(kind, kind.key, Some("many"), kind.key)
    }

    /// A field of the kind.
    #[must_use]
    pub fn field(&self, kind: &Kind, field: &str) -> String {
        self.word(kind, &format!("{}-{field}", kind.key), None, field)
    }

    /// A value of a choice; values nobody declared are shown as they are.
    #[must_use]
    pub fn choice(&self, kind: &Kind, field: &str, value: &str) -> String {
        self.word(kind, &format!("{}-{field}", kind.key), Some(value), value)
    }

    /// Every value of a choice there are own words for, also those that are not offered any more.
    pub fn own_choices(&self, kind: &'static Kind, field: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
        let (language, prefix) = (self.language, format!("{}-{field}.", kind.key));
        let own = kind.own_labels.iter().filter(move |(of, ..)| *of == language);
        own.filter_map(move |(_, key, label)| Some((key.strip_prefix(&prefix)?, *label)))
    }

    /// A word that stands in a file made for people; its key where there is none.
    #[must_use]
    pub fn said(&self, key: &str) -> String {
        self.find(key, None).unwrap_or_else(|| key.to_owned())
    }

    /// Own labels are keyed like the Fluent files: `kind`, `kind.many`, `kind-field`, `kind-field.choice`.
    fn word(&self, kind: &Kind, id: &str, attribute: Option<&str>, otherwise: &str) -> String {
        let own_key = attribute.map_or_else(|| id.to_owned(), |attribute| format!("{id}.{attribute}"));
        let own = kind.own_labels.iter().find(|(language, key, _)| *language == self.language && *key == own_key);
        if let Some((_, _, label)) = own {
            return (*label).to_owned();
        }
        self.find(id, attribute).unwrap_or_else(|| otherwise.to_owned())
    }

    fn find(&self, id: &str, attribute: Option<&str>) -> Option<String> {
        let message = self.bundle.get_message(id)?;
        let pattern = match attribute {
            Some(attribute) => message.get_attribute(attribute)?.value(),
            None => message.value()?,
        };
        let mut errors: Vec<FluentError> = Vec::new();
        Some(self.bundle.format_pattern(pattern, None, &mut errors).into_owned())
    }

    fn load(idx: usize) -> Self {
        let language = LANGUAGES[idx];
        let id: LanguageIdentifier = language.parse().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![id]);
        bundle.set_use_isolating(false);
        // A broken line costs its own label only; the test below fails on it.
        for file in [FILES[idx], IN_FILES[idx]] {
            let resource = FluentResource::try_new(file.to_owned()).unwrap_or_else(|(resource, _)| resource);
            bundle.add_resource_overriding(resource);
        }
        Self { language, bundle }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::kind::{FieldType, Registry};

    /// Words that are the same in English by their nature.
    const SAME: &[&str] = &[];

    fn all_ids() -> Vec<(String, Option<String>)> {
        let mut ids = Vec::new();
        for kind in Registry::built_in().iter() {
            ids.push((kind.key.to_owned(), None));
            ids.push((kind.key.to_owned(), Some("many".to_owned())));
            for field in kind.fields {
                let id = format!("{}-{}", kind.key, field.key);
                if let FieldType::Choice(values) = field.field_type {
                    ids.extend(values.iter().map(|value| (id.clone(), Some((*value).to_owned()))));
                }
                ids.push((id, None));
            }
        }
        ids
    }

    #[test]
    fn every_kind_field_and_choice_has_words_in_every_language() {
        for language in LANGUAGES {
            for (id, attribute) in all_ids() {
                let word = Labels::of(language).find(&id, attribute.as_deref());
                assert!(word.is_some_and(|word| !word.is_empty()), "{language}: {id} {attribute:?}");
            }
        }
    }

    #[test]
    fn the_files_have_no_broken_lines_and_no_words_nobody_asks_for() {
        let known = all_ids();
        for (file, language) in FILES.iter().zip(LANGUAGES) {
            let resource = FluentResource::try_new((*file).to_owned());
            assert!(resource.is_ok(), "{language} has a broken line");
            let ids = file.lines().filter(|line| !line.starts_with([' ', '#']));
            for id in ids.filter_map(|line| line.split_once(" =").map(|(id, _)| id)) {
                assert!(known.iter().any(|(other, _)| other == id), "{language}: {id} is no kind and no field");
            }
        }
    }

    #[test]
    fn russian_and_ukrainian_words_are_not_left_in_english() {
        for (id, attribute) in all_ids() {
            let english = Labels::of("en").find(&id, attribute.as_deref());
            for language in ["ru", "uk"] {
                let word = Labels::of(language).find(&id, attribute.as_deref());
                let same = word == english && !SAME.contains(&english.as_deref().unwrap_or_default());
                assert!(!same, "{language}: {id} {attribute:?} is still English");
            }
        }
    }

    #[test]
    fn a_kind_of_the_organisation_brings_its_own_words_and_falls_back_to_its_keys() {
        static OWN: Kind = Kind {
            key: "machine",
            fields: &[],
            title: "name",
            home: crate::domain::kind::HomeRule::UnderClient,
            open_when: None,
            own_labels: &[("ru", "machine", "Станок"), ("ru", "machine-name", "Марка")],
        };
        assert_eq!(Labels::of("ru").kind(&OWN), "Станок");
        assert_eq!(Labels::of("ru").field(&OWN, "name"), "Марка");
        assert_eq!(Labels::of("uk").kind(&OWN), "machine");
        assert_eq!(Labels::of("uk").field(&OWN, "name"), "name");
    }

    #[test]
    fn a_language_nobody_knows_gets_english_words() {
        assert_eq!(Labels::of("de").kind(&crate::domain::kinds::client::KIND), "Client");
    }
}
