//! Address cards as other programs write them: versions 2.1, 3.0 and 4.0, read leniently and within bounds.

use std::io::{BufRead, BufReader, Read};
use std::ops::ControlFlow;

use encoding_rs::{Encoding, UTF_8, WINDOWS_1251};

use super::read::{ROW_BYTES, ReadError};

/// Most properties of one card.
const PROPERTIES: usize = 2_000;
/// Properties that hold pictures and keys: nothing of them is kept.
const SKIPPED: [&str; 4] = ["PHOTO", "LOGO", "SOUND", "KEY"];

/// One property of a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Property {
    /// The group it stands in, e.g. `item1`; empty where there is none.
    pub group: String,
    /// Its name in capitals.
    pub name: String,
    /// Its parameters, names in capitals; one without a name is a `TYPE`, as version 2.1 writes them.
    pub params: Vec<(String, String)>,
    /// Its value, letters decoded, signs still escaped.
    pub value: String,
}

impl Property {
    /// True where a parameter says the property is of a type.
    #[must_use]
    pub fn is_of(&self, wanted: &str) -> bool {
        let of_type = self.params.iter().filter(|(name, _)| name == "TYPE");
        of_type.flat_map(|(_, value)| value.split(',')).any(|one| one.trim().eq_ignore_ascii_case(wanted))
    }

    /// A parameter's value.
    #[must_use]
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// The whole value as text.
    #[must_use]
    pub fn text(&self) -> String {
        unescaped(&self.value)
    }

    /// The components between semicolons.
    #[must_use]
    pub fn parts(&self) -> Vec<String> {
        split(&self.value, ';').iter().map(|part| unescaped(part)).collect()
    }

    /// The items between commas.
    #[must_use]
    pub fn items(&self) -> Vec<String> {
        split(&self.value, ',').iter().map(|part| unescaped(part)).collect()
    }
}

/// One card.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Card {
    /// Its properties in order.
    pub properties: Vec<Property>,
}

impl Card {
    /// The first property of a name, in whatever group it stands.
    #[must_use]
    pub fn first(&self, name: &str) -> Option<&Property> {
        self.properties.iter().find(|property| property.name == name)
    }

    /// All properties of a name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Property> {
        self.properties.iter().filter(move |property| property.name == name)
    }
}

/// All cards of a file. Text that names no other letters is read as `encoding`.
///
/// # Errors
/// `RowTooLarge` for a property no card has; those of the reader and of `take`.
pub fn each<E: From<ReadError>>(
    source: impl Read,
    encoding: &'static Encoding,
    take: &mut dyn FnMut(Card) -> Result<ControlFlow<()>, E>,
) -> Result<(), E> {
    let mut lines = Lines { source: BufReader::new(source), ahead: None };
    let mut card: Option<Card> = None;
    let mut size = 0;
    // A card may stand inside another one, as an assistant's; it is none of its own.
    let mut depth = 0_u32;
    while let Some(line) = lines.logical()? {
        let Some(property) = property(&line, encoding) else { continue };
        let is_card = property.value.trim().eq_ignore_ascii_case("VCARD");
        match property.name.as_str() {
            "BEGIN" if is_card => {
                depth += 1;
                if depth == 1 {
                    (card, size) = (Some(Card::default()), 0);
                }
            }
            "END" if is_card => {
                depth = depth.saturating_sub(1);
                if depth == 0
                    && let Some(done) = card.take()
                    && take(done)?.is_break()
                {
                    return Ok(());
                }
            }
            _ if depth == 1 => {
                let Some(card) = &mut card else { continue };
                size += line.len();
                if size > ROW_BYTES || card.properties.len() >= PROPERTIES {
                    return Err(ReadError::RowTooLarge.into());
                }
                if !SKIPPED.contains(&property.name.as_str()) {
                    card.properties.push(property);
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// Lines as they stand in the file, put together where one was folded.
struct Lines<R> {
    source: BufReader<R>,
    ahead: Option<Vec<u8>>,
}

impl<R: Read> Lines<R> {
    fn physical(&mut self) -> Result<Option<Vec<u8>>, ReadError> {
        if let Some(line) = self.ahead.take() {
            return Ok(Some(line));
        }
        let mut line = Vec::new();
        let n = self.source.by_ref().take(ROW_BYTES as u64 + 1).read_until(b'\n', &mut line)?;
        if n == 0 {
            return Ok(None);
        }
        if n > ROW_BYTES {
            return Err(ReadError::RowTooLarge);
        }
        while line.last().is_some_and(|byte| matches!(byte, b'\n' | b'\r')) {
            line.pop();
        }
        Ok(Some(line))
    }

    fn logical(&mut self) -> Result<Option<Vec<u8>>, ReadError> {
        let Some(mut line) = self.physical()? else { return Ok(None) };
        let head = head_of(&line);
        let is_skipped = SKIPPED.iter().any(|name| named(&head, name));
        let is_quoted = head.contains("QUOTED-PRINTABLE");
        let is_base64 = head.contains("BASE64") || head.contains("ENCODING=B");
        loop {
            let soft = is_quoted && line.last() == Some(&b'=');
            let Some(next) = self.physical()? else { break };
            let folded = matches!(next.first(), Some(b' ' | b'\t'));
            // Old programs do not indent the lines of a picture; no sign of base64 can stand in a property's head.
            let picture = is_base64 && !next.is_empty() && !next.contains(&b':');
            if !(soft || folded || picture) {
                self.ahead = Some(next);
                break;
            }
            if is_skipped {
                continue;
            }
            if soft {
                line.pop();
            }
            line.extend_from_slice(if folded && !soft { &next[1..] } else { &next });
            if line.len() > ROW_BYTES {
                return Err(ReadError::RowTooLarge);
            }
        }
        Ok(Some(line))
    }
}

/// What stands before the value, in capitals.
fn head_of(line: &[u8]) -> String {
    let head = &line[..line.iter().position(|byte| *byte == b':').unwrap_or(0)];
    String::from_utf8_lossy(head).to_uppercase()
}

fn named(head: &str, name: &str) -> bool {
    let bare = head.split(';').next().unwrap_or_default();
    bare.rsplit('.').next() == Some(name)
}

fn property(line: &[u8], encoding: &'static Encoding) -> Option<Property> {
    let mut quoted = false;
    let colon = line.iter().position(|byte| {
        quoted ^= *byte == b'"';
        *byte == b':' && !quoted
    });
    let colon = colon.or_else(|| line.iter().position(|byte| *byte == b':'))?;
    let head = text(&line[..colon], encoding);
    let mut pieces = split_outside_quotes(&head).into_iter();
    let full = pieces.next()?.trim().to_uppercase();
    let (group, name) = full.rsplit_once('.').unwrap_or(("", &full));
    let param = |piece: String| match piece.split_once('=') {
        Some((name, value)) => (name.trim().to_uppercase(), value.trim().replace('"', "")),
        None => bare_param(piece.trim()),
    };
    let params: Vec<(String, String)> = pieces.map(param).collect();
    let said = |wanted: &str| params.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.to_uppercase());
    let bytes = match said("ENCODING").as_deref() {
        Some("QUOTED-PRINTABLE" | "Q") => from_quoted(&line[colon + 1..]),
        _ => line[colon + 1..].to_vec(),
    };
    let letters = said("CHARSET").and_then(|name| Encoding::for_label(name.as_bytes())).unwrap_or(encoding);
    Some(Property { group: group.to_owned(), name: name.to_owned(), params, value: text(&bytes, letters) })
}

/// Version 2.1 leaves the names of parameters out.
fn bare_param(value: &str) -> (String, String) {
    let name = match value.to_uppercase().as_str() {
        "QUOTED-PRINTABLE" | "BASE64" | "8BIT" | "7BIT" => "ENCODING",
        _ => "TYPE",
    };
    (name.to_owned(), value.to_owned())
}

/// Programs that forget to name their letters write UTF-8 or those of Windows.
fn text(bytes: &[u8], letters: &'static Encoding) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) if letters == UTF_8 || text.is_ascii() => text.to_owned(),
        Err(_) if letters == UTF_8 => WINDOWS_1251.decode(bytes).0.into_owned(),
        _ => letters.decode_without_bom_handling(bytes).0.into_owned(),
    }
}

fn from_quoted(bytes: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let [byte, after @ ..] = rest {
        let pair = after.get(..2).and_then(|pair| std::str::from_utf8(pair).ok());
        match (byte, pair.and_then(|pair| u8::from_str_radix(pair, 16).ok())) {
            (b'=', Some(value)) => {
                decoded.push(value);
                rest = &after[2..];
            }
            _ => {
                decoded.push(*byte);
                rest = after;
            }
        }
    }
    decoded
}

fn split_outside_quotes(head: &str) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut quoted = false;
    for sign in head.chars() {
        quoted ^= sign == '"';
        match pieces.last_mut() {
            Some(_) if sign == ';' && !quoted => pieces.push(String::new()),
            Some(piece) => piece.push(sign),
            None => {}
        }
    }
    pieces
}

/// Parts at signs that are not escaped.
fn split(value: &str, at: char) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut escaped = false;
    for sign in value.chars() {
        if sign == at && !escaped {
            parts.push(String::new());
            continue;
        }
        escaped = sign == '\\' && !escaped;
        if let Some(part) = parts.last_mut() {
            part.push(sign);
        }
    }
    parts
}

fn unescaped(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    let mut signs = value.chars();
    while let Some(sign) = signs.next() {
        match (sign, sign == '\\') {
            (_, true) => match signs.next() {
                Some('n' | 'N') => text.push('\n'),
                Some(other @ (',' | ';' | ':' | '\\')) => text.push(other),
                Some(other) => text.extend(['\\', other]),
                None => text.push('\\'),
            },
            (sign, _) => text.push(sign),
        }
    }
    text.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cards(bytes: &[u8]) -> Vec<Card> {
        let mut cards = Vec::new();
        each(bytes, UTF_8, &mut |card| -> Result<_, ReadError> {
            cards.push(card);
            Ok(ControlFlow::Continue(()))
        })
        .unwrap();
        cards
    }

    #[test]
    fn quoted_cyrillic_with_soft_breaks_is_read() {
        let card = &cards(
            b"BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=D0=A8=D0=B5=D0=B2=\r\n=D1=87\
              =D0=B5=D0=BD=D0=BA=D0=BE;=D0=A2=D0=B0=D1=80=D0=B0=D1=81;;;\r\nTEL;CELL;PREF:+380501112233\r\nEND:VCARD\r\n",
        )[0];
        assert_eq!(card.first("N").unwrap().parts(), ["Шевченко", "Тарас", "", "", ""]);
        assert!(card.first("TEL").unwrap().is_of("cell"));
    }

    #[test]
    fn folded_lines_groups_and_escapes_are_read() {
        let text = "BEGIN:VCARD\nVERSION:3.0\nNOTE:перша\\nдру\n га\\, третя\nitem1.TEL:1\nitem1.X-ABLabel:_$!<Work>!$_\n\
                    item2.ADR;TYPE=\"work;home\":;;вул. Лесі\\; 5;Київ;;01001;\nEND:VCARD\nBEGIN:VCARD\nFN:B\nEND:VCARD\n";
        let cards = cards(text.as_bytes());
        assert_eq!(cards.len(), 2);
        assert_eq!(cards[0].first("NOTE").unwrap().text(), "перша\nдруга, третя");
        assert_eq!(cards[0].first("TEL").unwrap().group, "ITEM1");
        assert_eq!(cards[0].first("ADR").unwrap().parts()[2..4], ["вул. Лесі; 5", "Київ"]);
    }

    #[test]
    fn a_picture_is_skipped_however_it_is_written() {
        let picture = "QUJD".repeat(20);
        let text = format!(
            "BEGIN:VCARD\nVERSION:2.1\nPHOTO;ENCODING=BASE64;JPEG:{picture}\n{picture}\n {picture}\n\nTEL:1\nEND:VCARD\n"
        );
        let names: Vec<String> = cards(text.as_bytes())[0].properties.iter().map(|it| it.name.clone()).collect();
        assert_eq!(names, ["VERSION", "TEL"]);
    }

    #[test]
    fn letters_of_windows_are_read_where_they_are_named_and_where_nobody_said() {
        let bytes = WINDOWS_1251.encode("Ромашка").0.into_owned();
        let named = [b"BEGIN:VCARD\nFN;CHARSET=windows-1251:".as_slice(), &bytes, b"\nEND:VCARD\n"].concat();
        let unnamed = [b"BEGIN:VCARD\nFN:".as_slice(), &bytes, b"\nEND:VCARD\n"].concat();
        for source in [named, unnamed] {
            assert_eq!(cards(&source)[0].first("FN").unwrap().text(), "Ромашка");
        }
    }

    #[test]
    fn a_card_within_a_card_is_no_card_of_its_own() {
        let text = "BEGIN:VCARD\nFN:A\nAGENT:\nBEGIN:VCARD\nFN:B\nEND:VCARD\nTEL:1\nEND:VCARD\n";
        let cards = cards(text.as_bytes());
        assert_eq!(cards.len(), 1);
        assert!(cards[0].first("TEL").is_some());
    }

    #[test]
    fn a_line_without_end_is_refused_before_it_fills_the_memory() {
        let text = format!("BEGIN:VCARD\nNOTE:{}", "x".repeat(ROW_BYTES * 2));
        let read = each(text.as_bytes(), UTF_8, &mut |_| -> Result<_, ReadError> { Ok(ControlFlow::Continue(())) });
        assert!(matches!(read, Err(ReadError::RowTooLarge)));
    }
}
