//! Words that stand in files made for people: why a row was not taken, and what columns of our own are called.

use super::values::Why;
use crate::domain::labels::Labels;

/// Why a row was not taken, in a sentence.
#[must_use]
pub fn why(labels: &Labels, why: Why) -> String {
    labels.said(&format!("import-{}", why.key().replace('_', "-")))
}

/// What the column is called that says why.
#[must_use]
pub fn reason(labels: &Labels) -> String {
    labels.said("import-reason")
}

/// What the column is called that names the field at fault.
#[must_use]
pub fn field(labels: &Labels) -> String {
    labels.said("import-field")
}

/// Yes or no.
#[must_use]
pub fn flag(labels: &Labels, flag: bool) -> String {
    labels.said(if flag { "export-yes" } else { "export-no" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::labels::LANGUAGES;

    #[test]
    fn every_reason_has_words_in_every_language() {
        for language in LANGUAGES {
            let labels = Labels::of(language);
            for one in Why::ALL {
                let words = why(labels, one);
                assert!(words.len() > 8 && !words.starts_with("import-"), "{language}: {}", one.key());
                assert!(language == "en" || words != why(Labels::of("en"), one), "{language}: {}", one.key());
            }
            for words in [reason(labels), field(labels), flag(labels, true), flag(labels, false)] {
                assert!(!words.is_empty() && !words.contains("port-"), "{language}: {words}");
            }
        }
    }
}
