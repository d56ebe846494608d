//! Rows of a text file with values between signs.

use std::cell::Cell as Counter;
use std::io::{self, Read};
use std::rc::Rc;

use csv::{ErrorKind, ReaderBuilder, StringRecord};
use encoding_rs::Encoding;

use super::cell::{Cell, Row};
use super::encoding::Decoded;
use super::neutral;
use super::read::{ROW_BYTES, ReadError, TakeRow};

const SIGNS: [char; 4] = [';', ',', '\t', '|'];
/// How much of a file is looked at to find the sign between its values.
const LOOKED_AT: u64 = 64 * 1024;
const TOO_LARGE: &str = "row too large";

/// The sign that parts most rows into equally many values.
///
/// # Errors
/// Those of the reader.
pub fn find_delimiter(source: impl Read, encoding: &'static Encoding) -> Result<char, ReadError> {
    let mut bytes = Vec::new();
    Decoded::new(source, encoding).take(LOOKED_AT).read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    if let Some(said) = said(&text) {
        return Ok(said);
    }
    let score = |sign: char| {
        let mut widths: Vec<usize> = Vec::new();
        let mut rows = builder(sign as u8).from_reader(text.as_bytes());
        let mut record = StringRecord::new();
        while widths.len() < 100 && matches!(rows.read_record(&mut record), Ok(true)) {
            widths.push(record.len());
        }
        if widths.len() > 1 && bytes.len() as u64 == LOOKED_AT {
            // The last one is cut.
            widths.pop();
        }
        let of = |width: usize| widths.iter().filter(|other| **other == width).count();
        let usual = widths.iter().copied().filter(|width| *width > 1).max_by_key(|width| (of(*width), *width));
        let agreed = |width: &usize| of(*width) * 2 > widths.len();
        usual.filter(agreed).map_or((0, 0), |width| (of(width) * 20 / widths.len(), width))
    };
    Ok(SIGNS.into_iter().rev().max_by_key(|sign| score(*sign)).filter(|sign| score(*sign).1 > 1).unwrap_or(';'))
}

/// A first line `sep=;` says so itself.
fn said(text: &str) -> Option<char> {
    let line = text.lines().next()?.trim_matches(['\u{feff}', '"']);
    let sign = line.get(..4).filter(|begin| begin.eq_ignore_ascii_case("sep=")).and(line.get(4..))?;
    sign.chars().next().filter(|sign| SIGNS.contains(sign))
}

fn builder(delimiter: u8) -> ReaderBuilder {
    let mut builder = ReaderBuilder::new();
    builder.delimiter(delimiter).flexible(true).has_headers(false);
    builder
}

/// All rows.
///
/// # Errors
/// `RowTooLarge` where a quote is never closed; those of the reader and of `take`.
pub fn each<E: From<ReadError>>(
    source: impl Read,
    encoding: &'static Encoding,
    delimiter: u8,
    take: TakeRow<'_, E>,
) -> Result<(), E> {
    let since = Rc::new(Counter::new(0));
    let bounded = Bounded { source: Decoded::new(source, encoding), since: Rc::clone(&since) };
    let mut rows = builder(delimiter).from_reader(bounded);
    let mut record = StringRecord::new();
    let mut number = 0;
    loop {
        since.set(0);
        match rows.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => return Ok(()),
            Err(error) => return Err(why(error).into()),
        }
        number += 1;
        let cells = record.iter().map(|text| Cell::of(neutral::unmarked(text))).collect();
        if take(Row { number, cells })?.is_break() {
            return Ok(());
        }
    }
}

fn why(error: csv::Error) -> ReadError {
    match error.into_kind() {
        ErrorKind::Io(error) if error.get_ref().is_some_and(|cause| cause.to_string() == TOO_LARGE) => {
            ReadError::RowTooLarge
        }
        ErrorKind::Io(error) => ReadError::Io(error),
        _ => ReadError::Malformed,
    }
}

/// Stops where one row takes more than any row can.
struct Bounded<R> {
    source: R,
    since: Rc<Counter<usize>>,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.since.get() > ROW_BYTES {
            return Err(io::Error::other(TOO_LARGE));
        }
        let n = self.source.read(into)?;
        self.since.set(self.since.get() + n);
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use encoding_rs::UTF_8;
    use rstest::rstest;

    use super::*;

    fn rows(text: &str, delimiter: u8) -> Result<Vec<Vec<String>>, ReadError> {
        let mut rows = Vec::new();
        each(text.as_bytes(), UTF_8, delimiter, &mut |row: Row| -> Result<_, ReadError> {
            rows.push(row.cells.iter().map(Cell::text).collect());
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(rows)
    }

    #[rstest]
    #[case("a;b;c\n1,5;2,5;3\n", ';')]
    #[case("a,b,c\n\"x;y;z\",2,3\n", ',')]
    #[case("a\tb\n1,5\t2;3\n", '\t')]
    #[case("sep=,\na;b,c;d\n", ',')]
    #[case("one column\nmore, of it\n", ';')]
    fn the_sign_between_values_is_found(#[case] text: &str, #[case] sign: char) {
        assert_eq!(find_delimiter(text.as_bytes(), UTF_8).unwrap(), sign);
    }

    #[test]
    fn quotes_line_ends_and_short_rows_are_read_as_meant() {
        let read = rows("a;\"б \"\"в\"\"\nг\";c\r\nООО \"Ромашка\";x\r\n", b';').unwrap();
        assert_eq!(read, [vec!["a", "б \"в\"\nг", "c"], vec!["ООО \"Ромашка\"", "x"]]);
    }

    #[test]
    fn a_quote_that_is_never_closed_does_not_take_the_whole_file_into_memory() {
        let text = format!("a;\"b\n{}", "x;y\n".repeat(ROW_BYTES));
        assert!(matches!(rows(&text, b';'), Err(ReadError::RowTooLarge)));
    }
}
