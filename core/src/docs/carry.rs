//! Carrying an edit over to another state of its record: what a person typed, without what he only had before him.

use automerge::transaction::Transactable;
use automerge::{ActorId, AutoCommit, ObjId, ObjType, ROOT, ReadDoc};

use super::doc::{Doc, DocError, guarded};
use crate::domain::kind::{FieldType, Kind};
use crate::domain::patch::Patch;
use crate::domain::value::Value;

impl Doc {
    /// The patch's values as they are to be written here. A note is kept as a whole text, of which the person typed
    /// only what differs from what he saw: that alone goes into the note as it stands here, so that text of an edit
    /// that was refused does not come back with the next one.
    ///
    /// # Errors
    /// `Damaged` where the document cannot be read.
    pub fn carried_over(&mut self, kind: &Kind, patch: &Patch) -> Result<Patch, DocError> {
        let mut carried = Patch { set: patch.set.clone(), ..Patch::default() };
        let notes: Vec<_> = kind
            .document_fields()
            .filter(|field| field.field_type == FieldType::Note && !field.many)
            .filter_map(|field| Some((field, text(patch.seen.get(field.key)?)?, text(patch.set.get(field.key)?)?)))
            .collect();
        if notes.is_empty() {
            return Ok(carried);
        }
        let here = self.read(kind)?;
        for (field, seen, typed) in notes {
            let now = here.values.get(field.key).and_then(text).unwrap_or_default();
            let merged = if now == seen { typed.to_owned() } else { merge(seen, now, typed)? };
            let value = if merged.is_empty() { Value::Empty } else { Value::Text(merged) };
            carried.set.insert(field.key.to_owned(), value);
        }
        Ok(carried)
    }
}

fn text(value: &Value) -> Option<&str> {
    match value {
        Value::Text(text) => Some(text),
        Value::Empty => Some(""),
        _ => None,
    }
}

/// Both changes of a text, merged as two people's are.
fn merge(base: &str, one: &str, other: &str) -> Result<String, DocError> {
    guarded(|| {
        let damaged = |_| DocError::Damaged;
        let mut first = AutoCommit::new().with_actor(ActorId::from([0]));
        let object = first.put_object(ROOT, "text", ObjType::Text).map_err(damaged)?;
        first.splice_text(&object, 0, 0, base).map_err(damaged)?;
        let mut second = first.fork().with_actor(ActorId::from([2]));
        first.set_actor(ActorId::from([1]));
        rewrite(&mut first, &object, one)?;
        rewrite(&mut second, &object, other)?;
        first.merge(&mut second).map_err(damaged)?;
        first.text(&object).map_err(damaged)
    })
}

/// Writes a text over another, touching only what differs.
fn rewrite(am: &mut AutoCommit, object: &ObjId, text: &str) -> Result<(), DocError> {
    let old: Vec<char> = am.text(object).map_err(|_| DocError::Damaged)?.chars().collect();
    let new: Vec<char> = text.chars().collect();
    let prefix = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let suffix = old[prefix..].iter().rev().zip(new[prefix..].iter().rev()).take_while(|(a, b)| a == b).count();
    let piece: String = new[prefix..new.len() - suffix].iter().collect();
    let deleted = isize::try_from(old.len() - prefix - suffix).map_err(|_| DocError::Damaged)?;
    am.splice_text(object, prefix, deleted, &piece).map_err(|_| DocError::Damaged)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("", "", "Пропуск", "Пропуск")]
    #[case("Секрет. ", "", "Секрет. Пропуск", "Пропуск")]
    #[case("Раз. Два.", "Раз. Два. Три.", "Ноль. Раз. Два.", "Ноль. Раз. Два. Три.")]
    #[case("Раз. Два.", "Раз.", "Раз. Два!", "Раз.!")]
    fn only_what_was_typed_is_carried_over(
        #[case] seen: &str,
        #[case] now: &str,
        #[case] typed: &str,
        #[case] merged: &str,
    ) {
        assert_eq!(merge(seen, now, typed).unwrap(), merged);
    }
}
