//! Properties of address cards that mean nothing here and something to the program that wrote them: kept as the lines
//! they are, and written again.

use super::vcard::{Card, Property};

/// Most bytes of such lines a card may have.
const BYTES: usize = 16 * 1024;
/// Those with fields of their own here, and those that mean something only beside another property.
const KNOWN: [&str; 7] = ["X-INN", "X-KPP", "X-OGRN", "X-EDRPOU", "X-ABSHOWAS", "X-ABLABEL", "X-ABADR"];

/// The lines of a card that are kept; what goes beyond the bound is not.
#[must_use]
pub fn of(card: &Card) -> String {
    let mut lines = String::new();
    for line in card.properties.iter().filter_map(line) {
        if lines.len() + line.len() >= BYTES {
            break;
        }
        if !lines.is_empty() {
            lines.push('\n');
        }
        lines.push_str(&line);
    }
    lines
}

/// The lines of what is kept that may stand in a card; what somebody typed there and is none is left out.
pub fn each(kept: &str) -> impl Iterator<Item = &str> {
    kept.lines().map(str::trim).filter(|line| is_line(line))
}

fn line(property: &Property) -> Option<String> {
    // Such a property of a group says something of another one in it.
    if !property.group.is_empty() {
        return None;
    }
    let mut line = property.name.clone();
    for (name, value) in &property.params {
        let decoded = name == "CHARSET" || (name == "ENCODING" && value.eq_ignore_ascii_case("quoted-printable"));
        if decoded || value.contains('"') {
            continue;
        }
        let quote = if value.contains([':', ';', ',']) { "\"" } else { "" };
        line.push_str(&format!(";{name}={quote}{value}{quote}"));
    }
    line.push(':');
    for sign in property.value.trim().chars() {
        match sign {
            '\n' => line.push_str("\\n"),
            sign if sign.is_control() => {}
            sign => line.push(sign),
        }
    }
    is_line(&line).then_some(line)
}

fn is_line(line: &str) -> bool {
    let Some((head, value)) = line.split_once(':') else { return false };
    let name = head.split(';').next().unwrap_or_default();
    let is_name = name.starts_with("X-") && name.chars().all(|sign| sign.is_ascii_alphanumeric() || sign == '-');
    is_name && !KNOWN.contains(&name) && !value.is_empty() && !line.contains(|sign: char| sign.is_control())
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use encoding_rs::UTF_8;

    use super::*;
    use crate::exchange::read::ReadError;
    use crate::exchange::vcard;

    fn kept(text: &str) -> String {
        let mut lines = String::new();
        vcard::each(text.as_bytes(), UTF_8, &mut |card| -> Result<_, ReadError> {
            lines = of(&card);
            Ok(ControlFlow::Continue(()))
        })
        .unwrap();
        lines
    }

    #[test]
    fn what_another_program_knows_is_kept_as_it_stands_and_what_is_ours_is_not() {
        let lines = kept(
            "BEGIN:VCARD\nVERSION:3.0\nFN:A\nX-SKYPE;TYPE=home:taras\\, a\nX-INN:7707083893\nitem1.X-ABLabel:Work\n\
             X-ABShowAs:COMPANY\nx-phonetic-last-name;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=D0=A8=0A=D0=B5\n\
             X-EMPTY:\nX-TIME;TZ=\"a:b\":10\nNICKNAME:B\nEND:VCARD\n",
        );
        let wanted = ["X-SKYPE;TYPE=home:taras\\, a", "X-PHONETIC-LAST-NAME:Ш\\nе", "X-TIME;TZ=\"a:b\":10"];
        assert_eq!(lines.lines().collect::<Vec<_>>(), wanted);
        assert_eq!(each(&lines).collect::<Vec<_>>(), wanted);
    }

    #[test]
    fn what_somebody_typed_there_does_not_become_a_card() {
        let typed = "END:VCARD\nBEGIN:VCARD\nX-INN:1\nX-A B:1\nNOTE:x\nX-OK:1\nпросто текст";
        assert_eq!(each(typed).collect::<Vec<_>>(), ["X-OK:1"]);
    }

    #[test]
    fn a_card_of_nothing_else_is_kept_up_to_a_bound() {
        let text = format!("BEGIN:VCARD\nFN:A\n{}END:VCARD\n", format!("X-A:{}\n", "x".repeat(1000)).repeat(50));
        assert!((BYTES - 1100..BYTES).contains(&kept(&text).len()));
    }
}
