//! Reading a file: what it is, how it is written down, and its rows one by one.

use std::io::{Read, Seek, SeekFrom};
use std::ops::ControlFlow;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::cell::Row;
use super::{columns, csv_rows, encoding, vcard_rows, xlsx_rows};

/// Rows looked at before anything is decided, and shown to the person.
pub const PREVIEW_ROWS: usize = 20;
/// Rows among which the heading is looked for.
const HEADING_ROWS: usize = 10;
/// Most bytes one row, card or cell may take.
pub const ROW_BYTES: usize = 1024 * 1024;

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum FileFormat {
    /// Text with values between signs.
    Csv,
    /// A workbook.
    Xlsx,
    /// Address cards.
    Vcard,
}

/// How a file is read; found by looking at it, and the person may say otherwise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Reading {
    /// What it is.
    pub format: FileFormat,
    /// Name of the encoding, e.g. `UTF-8`, `windows-1251`; empty for workbooks.
    pub encoding: String,
    /// The sign between values: `;`, `,`, a tab or `|`; empty where there is none.
    pub delimiter: String,
    /// The sheet read; empty where there are none.
    pub sheet: String,
    /// Which row holds the names of columns, from 1; 0 where none does.
    pub heading: u32,
    /// Whose phones and tax numbers they are: `ru`, `ua`, `by`, `kz` or `other`.
    pub country: String,
    /// Days written with slashes begin with the month.
    pub month_first: bool,
}

/// Why a file cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It cannot be what it says it is.
    #[error("reading the file")]
    Malformed,
    /// One row is larger than any row can be: a quote that is never closed.
    #[error("a row is too large")]
    RowTooLarge,
    /// The old workbook, or one with a password.
    #[error("a workbook of another sort")]
    OtherWorkbook,
    /// The bytes do not come.
    #[error("reading the bytes of the file")]
    Io(#[from] std::io::Error),
}

/// What is seen of a file before anything is done with it.
#[derive(Clone, Debug, PartialEq)]
pub struct Looked {
    /// How it is read.
    pub reading: Reading,
    /// Sheets of a workbook.
    pub sheets: Vec<String>,
    /// Names of the columns; empty where nothing is written over one.
    pub columns: Vec<String>,
    /// The first filled value of each column.
    pub samples: Vec<String>,
    /// The first rows below the heading.
    pub rows: Vec<Row>,
}

/// Takes rows; a break ends the reading.
pub type TakeRow<'a, E> = &'a mut dyn FnMut(Row) -> Result<ControlFlow<()>, E>;

/// Finds out how a file is to be read. `name` is what it is called.
///
/// # Errors
/// `OtherWorkbook` for workbooks of the old kind, those of reading.
pub fn detect<S: Read + Seek>(source: &mut S, name: &str, country: &str) -> Result<Reading, ReadError> {
    let mut head = [0; 512];
    source.seek(SeekFrom::Start(0))?;
    let n = source.read(&mut head)?;
    let head = &head[..n];
    let mut reading = Reading {
        format: FileFormat::Csv,
        encoding: String::new(),
        delimiter: String::new(),
        sheet: String::new(),
        heading: 0,
        country: country.to_owned(),
        month_first: false,
    };
    if head.starts_with(b"PK\x03\x04") {
        reading.format = FileFormat::Xlsx;
        reading.sheet = xlsx_rows::sheets(&mut *source)?.into_iter().next().unwrap_or_default();
    } else if head.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
        return Err(ReadError::OtherWorkbook);
    } else {
        source.seek(SeekFrom::Start(0))?;
        let found = encoding::detect(&mut *source)?;
        reading.encoding = found.name().to_owned();
        source.seek(SeekFrom::Start(0))?;
        if is_cards(&mut *source, found, name)? {
            reading.format = FileFormat::Vcard;
            return Ok(reading);
        }
        source.seek(SeekFrom::Start(0))?;
        reading.delimiter = csv_rows::find_delimiter(&mut *source, found)?.to_string();
    }
    let first = first_rows(source, &reading, HEADING_ROWS)?;
    reading.heading = heading(&first);
    let names = names_of(&first, reading.heading);
    reading.month_first = columns::is_american(&names);
    Ok(reading)
}

fn is_cards(source: impl Read, found: &'static encoding_rs::Encoding, name: &str) -> Result<bool, ReadError> {
    let mut text = String::new();
    encoding::Decoded::new(source, found).take(256).read_to_string(&mut text).or_else(|error| match error.kind() {
        // Cut in the middle of a letter.
        std::io::ErrorKind::InvalidData => Ok(0),
        _ => Err(error),
    })?;
    // It may stand in a group: `home.begin:vcard`.
    let first = text.trim_start().lines().next().unwrap_or_default().trim_end().to_uppercase();
    let begins = first == "BEGIN:VCARD" || first.ends_with(".BEGIN:VCARD");
    Ok(begins || name.to_lowercase().ends_with(".vcf"))
}

/// Looks at a file that is read in a given way.
///
/// # Errors
/// Those of reading.
pub fn look<S: Read + Seek>(source: &mut S, reading: &Reading) -> Result<Looked, ReadError> {
    let sheets = match reading.format {
        FileFormat::Xlsx => xlsx_rows::sheets(&mut *source)?,
        _ => Vec::new(),
    };
    let first = first_rows(source, reading, reading.heading as usize + PREVIEW_ROWS)?;
    let mut names = match reading.format {
        FileFormat::Vcard => vcard_rows::COLUMNS.iter().map(|column| column.name.to_owned()).collect(),
        _ => names_of(&first, reading.heading),
    };
    let rows: Vec<Row> = first.into_iter().filter(|row| row.number > u64::from(reading.heading)).collect();
    let width = rows.iter().map(|row| row.cells.len()).max().unwrap_or(0).max(names.len());
    names.resize(width, String::new());
    let sample = |at: usize| rows.iter().filter_map(|row| row.cells.get(at)).find(|cell| !cell.is_empty());
    let samples = (0..width).map(|at| sample(at).map(super::cell::Cell::text).unwrap_or_default()).collect();
    Ok(Looked { reading: reading.clone(), sheets, columns: names, samples, rows })
}

/// All rows below the heading, blank ones left out.
///
/// # Errors
/// Those of reading, and those of `take`.
pub fn each_row<S: Read + Seek, E: From<ReadError>>(
    source: &mut S,
    reading: &Reading,
    take: TakeRow<'_, E>,
) -> Result<(), E> {
    let heading = u64::from(reading.heading);
    all_rows(source, reading, &mut |row: Row| {
        if row.number <= heading || row.is_blank() { Ok(ControlFlow::Continue(())) } else { take(row) }
    })
}

fn all_rows<S: Read + Seek, E: From<ReadError>>(
    source: &mut S,
    reading: &Reading,
    take: TakeRow<'_, E>,
) -> Result<(), E> {
    source.seek(SeekFrom::Start(0)).map_err(ReadError::Io)?;
    let named = encoding_rs::Encoding::for_label(reading.encoding.as_bytes()).unwrap_or(encoding_rs::UTF_8);
    match reading.format {
        FileFormat::Csv => csv_rows::each(source, named, reading.delimiter.bytes().next().unwrap_or(b';'), take),
        FileFormat::Xlsx => xlsx_rows::each(source, &reading.sheet, take),
        FileFormat::Vcard => vcard_rows::each(source, named, take),
    }
}

fn first_rows<S: Read + Seek>(source: &mut S, reading: &Reading, n: usize) -> Result<Vec<Row>, ReadError> {
    let mut rows = Vec::new();
    all_rows(source, reading, &mut |row: Row| -> Result<_, ReadError> {
        rows.push(row);
        Ok(if rows.len() < n { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
    })?;
    Ok(rows)
}

/// The row whose cells are known as names of columns; otherwise the first with more than one word and no number.
fn heading(rows: &[Row]) -> u32 {
    let known = |row: &Row| row.cells.iter().filter(|cell| columns::is_known(&cell.text())).count();
    // Of equals the last counts: a heading in two rows names the columns in its second.
    let best = rows.iter().max_by_key(|row| known(row));
    let number = |row: &Row| u32::try_from(row.number).unwrap_or(0);
    if let Some(best) = best.filter(|row| known(row) > 0) {
        return number(best);
    }
    let words = |row: &&Row| {
        let filled: Vec<String> = row.cells.iter().filter(|cell| !cell.is_empty()).map(|it| it.text()).collect();
        filled.len() > 1 && filled.iter().all(|text| text.chars().all(|sign| !sign.is_ascii_digit() && sign != '@'))
    };
    rows.first().filter(words).map_or(0, number)
}

/// Names of the columns; below a merged heading they stand in its second row, elsewhere the first one's word holds.
fn names_of(rows: &[Row], heading: u32) -> Vec<String> {
    let Some(at) = rows.iter().position(|row| heading > 0 && row.number == u64::from(heading)) else {
        return Vec::new();
    };
    let text = |row: &Row, at: usize| row.cells.get(at).map(super::cell::Cell::text).unwrap_or_default();
    let above = at.checked_sub(1).and_then(|above| rows.get(above)).filter(|row| {
        row.number + 1 == u64::from(heading) && row.cells.iter().filter(|cell| !cell.is_empty()).count() > 1
    });
    let width = rows[at].cells.len().max(above.map_or(0, |row| row.cells.len()));
    let name = |column: usize| match text(&rows[at], column) {
        name if name.is_empty() => above.map(|row| text(row, column)).unwrap_or_default(),
        name => name,
    };
    (0..width).map(|column| name(column).split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}
