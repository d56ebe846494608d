//! Tables as files: for spreadsheets, for programs, as a workbook and as JSON.

use std::io::{self, Write};

use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc};
use chrono_tz::Tz;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet, XlsxError};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{neutral, words};
use crate::domain::labels::Labels;

/// What a file of records is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ExportFormat {
    /// Text that Excel opens by itself in Russian and Ukrainian: semicolons, UTF-8 with its mark.
    CsvExcel,
    /// Text after RFC 4180, for programs: commas, moments in UTC.
    Csv,
    /// A workbook.
    Xlsx,
    /// Address cards of version 3.0, for phones and Outlook.
    Vcard3,
    /// Address cards of version 4.0.
    Vcard4,
    /// JSON, values under the keys of their fields.
    Json,
}

/// What stands in one place of a table that is written.
#[derive(Clone, Debug, PartialEq)]
pub enum Out {
    /// Nothing.
    Empty,
    /// Text.
    Text(String),
    /// A whole number.
    Int(i64),
    /// Yes or no.
    Bool(bool),
    /// A day.
    Day(NaiveDate),
    /// A moment.
    Instant(DateTime<Utc>),
}

/// Why a table cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// More rows than a sheet holds.
    #[error("more than a sheet holds")]
    TooLarge,
    /// The workbook.
    #[error("writing the workbook")]
    Workbook(#[source] XlsxError),
    /// The bytes do not go.
    #[error("writing the file")]
    Io(#[from] io::Error),
}

impl From<XlsxError> for WriteError {
    fn from(error: XlsxError) -> Self {
        match error {
            XlsxError::RowColumnLimitError | XlsxError::MaxStringLengthExceeded => Self::TooLarge,
            error => Self::Workbook(error),
        }
    }
}

impl From<csv::Error> for WriteError {
    fn from(error: csv::Error) -> Self {
        match error.into_kind() {
            csv::ErrorKind::Io(error) => Self::Io(error),
            other => Self::Io(io::Error::other(format!("{other:?}"))),
        }
    }
}

/// A table that takes rows and becomes a file.
pub trait Table {
    /// Writes one row.
    ///
    /// # Errors
    /// Those of writing.
    fn row(&mut self, cells: &[Out]) -> Result<(), WriteError>;

    /// The whole file.
    ///
    /// # Errors
    /// Those of writing.
    fn finish(self: Box<Self>) -> Result<Vec<u8>, WriteError>;
}

/// How values are put into words.
#[derive(Clone, Copy)]
pub struct Manner {
    /// Words of the viewer's language.
    pub labels: &'static Labels,
    /// The viewer's zone.
    pub zone: Tz,
}

impl Manner {
    fn day(&self, day: NaiveDate) -> String {
        let form = if self.labels.language() == "en" { "%Y-%m-%d" } else { "%d.%m.%Y" };
        day.format(form).to_string()
    }
}

/// Text that Excel opens by itself.
///
/// # Errors
/// Those of writing.
pub fn csv_excel(heading: &[String], manner: Manner) -> Result<Box<dyn Table>, WriteError> {
    let mut out = csv::WriterBuilder::new();
    out.delimiter(b';').terminator(csv::Terminator::CRLF);
    let mut table = Csv { out: out.from_writer(b"\xef\xbb\xbf".to_vec()), manner: Some(manner) };
    table.row(&heading.iter().cloned().map(Out::Text).collect::<Vec<_>>())?;
    Ok(Box::new(table))
}

/// Text after RFC 4180.
///
/// # Errors
/// Those of writing.
pub fn csv_plain(heading: &[String]) -> Result<Box<dyn Table>, WriteError> {
    let mut out = csv::WriterBuilder::new();
    out.terminator(csv::Terminator::CRLF);
    let mut table = Csv { out: out.from_writer(Vec::new()), manner: None };
    table.row(&heading.iter().cloned().map(Out::Text).collect::<Vec<_>>())?;
    Ok(Box::new(table))
}

struct Csv {
    out: csv::Writer<Vec<u8>>,
    /// `None` for programs.
    manner: Option<Manner>,
}

impl Csv {
    fn text(&self, cell: &Out) -> String {
        match (cell, &self.manner) {
            (Out::Empty, _) => String::new(),
            (Out::Text(text), Some(_)) => neutral::for_spreadsheet(text),
            (Out::Text(text), None) => neutral::for_programs(text),
            (Out::Int(number), _) => number.to_string(),
            (Out::Bool(flag), Some(manner)) => words::flag(manner.labels, *flag),
            (Out::Bool(flag), None) => flag.to_string(),
            (Out::Day(day), Some(manner)) => manner.day(*day),
            (Out::Day(day), None) => day.format("%Y-%m-%d").to_string(),
            (Out::Instant(at), Some(manner)) => {
                let local = at.with_timezone(&manner.zone);
                format!("{} {}", manner.day(local.date_naive()), local.format("%H:%M"))
            }
            (Out::Instant(at), None) => at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true),
        }
    }
}

impl Table for Csv {
    fn row(&mut self, cells: &[Out]) -> Result<(), WriteError> {
        let texts: Vec<String> = cells.iter().map(|cell| self.text(cell)).collect();
        Ok(self.out.write_record(&texts)?)
    }

    fn finish(self: Box<Self>) -> Result<Vec<u8>, WriteError> {
        self.out.into_inner().map_err(|error| WriteError::Io(io::Error::other(error.to_string())))
    }
}

/// A workbook of one sheet called `name`.
///
/// # Errors
/// Those of writing.
pub fn xlsx(name: &str, heading: &[String], manner: Manner) -> Result<Box<dyn Table>, WriteError> {
    let mut book = Workbook::new();
    // Rows leave memory as they are written; they wait in a file without a name.
    let sheet = book.add_worksheet_with_constant_memory()?;
    let bare: String = name.chars().filter(|sign| !"[]:*?/\\'".contains(*sign)).take(31).collect();
    if !bare.is_empty() {
        sheet.set_name(bare)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    let bold = Format::new().set_bold();
    for (column, text) in heading.iter().enumerate() {
        let column = u16::try_from(column).map_err(|_| WriteError::TooLarge)?;
        sheet.set_column_width(column, (text.chars().count() + 4).clamp(12, 40) as f64)?;
        sheet.write_string_with_format(0, column, text, &bold)?;
    }
    let day = Format::new().set_num_format("dd.mm.yyyy");
    let moment = Format::new().set_num_format("dd.mm.yyyy hh:mm");
    Ok(Box::new(Xlsx { book, row: 0, day, moment, manner }))
}

struct Xlsx {
    book: Workbook,
    row: u32,
    day: Format,
    moment: Format,
    manner: Manner,
}

impl Xlsx {
    fn cell(&mut self, column: u16, cell: &Out) -> Result<(), WriteError> {
        let (row, manner) = (self.row, self.manner);
        let sheet: &mut Worksheet = self.book.worksheet_from_index(0)?;
        match cell {
            Out::Empty => {}
            // A text cell is never run, whatever it begins with; it is marked so that a workbook saved as text stays safe.
            Out::Text(text) => {
                sheet.write_string(row, column, neutral::for_programs(text))?;
            }
            Out::Int(number) => {
                sheet.write_number(row, column, *number as f64)?;
            }
            Out::Bool(flag) => {
                sheet.write_string(row, column, words::flag(manner.labels, *flag))?;
            }
            Out::Day(day) => match excel_day(*day) {
                Some(at) => {
                    sheet.write_datetime_with_format(row, column, &at, &self.day)?;
                }
                None => {
                    sheet.write_string(row, column, manner.day(*day))?;
                }
            },
            Out::Instant(at) => {
                let local = at.with_timezone(&manner.zone).naive_local();
                let excel = excel_day(local.date()).and_then(|day| {
                    day.and_hms(local.hour() as u16, local.minute() as u8, f64::from(local.second())).ok()
                });
                match excel {
                    Some(excel) => {
                        sheet.write_datetime_with_format(row, column, &excel, &self.moment)?;
                    }
                    None => {
                        sheet.write_string(row, column, local.to_string())?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// Days before 1900 have no number in a spreadsheet.
fn excel_day(day: NaiveDate) -> Option<ExcelDateTime> {
    let year = u16::try_from(day.year()).ok()?;
    (year >= 1900).then(|| ExcelDateTime::from_ymd(year, day.month() as u8, day.day() as u8).ok()).flatten()
}

impl Table for Xlsx {
    fn row(&mut self, cells: &[Out]) -> Result<(), WriteError> {
        self.row += 1;
        for (column, cell) in cells.iter().enumerate() {
            self.cell(u16::try_from(column).map_err(|_| WriteError::TooLarge)?, cell)?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<Vec<u8>, WriteError> {
        Ok(self.book.save_to_buffer()?)
    }
}

/// Lists of JSON objects, written as they come.
pub struct Json {
    out: Vec<u8>,
    is_first: bool,
}

impl Default for Json {
    fn default() -> Self {
        Self { out: b"[".to_vec(), is_first: true }
    }
}

impl Json {
    /// Writes one object.
    ///
    /// # Errors
    /// Those of writing.
    pub fn object(&mut self, object: &impl Serialize) -> Result<(), WriteError> {
        self.out.write_all(if self.is_first { b"\n" } else { b",\n" })?;
        self.is_first = false;
        serde_json::to_writer(&mut self.out, object).map_err(|error| WriteError::Io(error.into()))
    }

    /// The whole file.
    #[must_use]
    pub fn finish(mut self) -> Vec<u8> {
        self.out.extend_from_slice(b"\n]\n");
        self.out
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;
    use std::ops::ControlFlow;

    use super::*;
    use crate::exchange::cell::{Cell, Row};
    use crate::exchange::read::{self, ReadError};

    fn manner() -> Manner {
        Manner { labels: Labels::of("uk"), zone: chrono_tz::Europe::Kyiv }
    }

    fn cells() -> Vec<Out> {
        vec![
            Out::Text("=cmd|'/C calc'!A0".to_owned()),
            Out::Text("40817810938160925982".to_owned()),
            Out::Text("+380441234567".to_owned()),
            Out::Int(-5),
            Out::Bool(true),
            Out::Day(NaiveDate::from_ymd_opt(1985, 4, 12).unwrap()),
            Out::Instant("2026-12-01T08:00:00Z".parse().unwrap()),
            Out::Text("а;\"б\"\nв".to_owned()),
        ]
    }

    fn heading() -> Vec<String> {
        "abcdefgh".chars().map(|letter| format!("Стовпець {letter}")).collect()
    }

    fn file(mut table: Box<dyn Table>) -> Vec<u8> {
        table.row(&cells()).unwrap();
        table.finish().unwrap()
    }

    fn back(bytes: Vec<u8>) -> Vec<Cell> {
        let mut source = Cursor::new(bytes);
        let reading = read::detect(&mut source, "x", "ua").unwrap();
        let mut rows = Vec::new();
        read::each_row(&mut source, &reading, &mut |row: Row| -> Result<_, ReadError> {
            rows.push(row.cells);
            Ok(ControlFlow::Continue(()))
        })
        .unwrap();
        rows.pop().unwrap()
    }

    #[test]
    fn text_for_excel_is_marked_and_has_its_own_line_ends() {
        let bytes = file(csv_excel(&heading()[..], manner()).unwrap());
        let text = String::from_utf8(bytes.clone()).unwrap();
        assert!(text.starts_with("\u{feff}Стовпець a;"));
        assert!(text.contains(
            "\r\n'=cmd|'/C calc'!A0;'40817810938160925982;+380441234567;-5;так;12.04.1985;01.12.2026 10:00;\"а;\"\"б\"\"\nв\"\r\n"
        ), "{text}");
        let cells = back(bytes);
        assert_eq!(cells[0].text(), "=cmd|'/C calc'!A0");
        assert_eq!(cells[1].text(), "40817810938160925982");
        assert_eq!(cells[7].text(), "а;\"б\"\nв");
    }

    #[test]
    fn text_for_programs_is_rfc_4180() {
        let text = String::from_utf8(file(csv_plain(&heading()).unwrap())).unwrap();
        assert!(text.ends_with(
            "\r\n'=cmd|'/C calc'!A0,40817810938160925982,+380441234567,-5,true,1985-04-12,2026-12-01T08:00:00.000Z,\"а;\"\"б\"\"\nв\"\r\n"
        ), "{text}");
    }

    #[test]
    fn a_workbook_keeps_types_and_reads_back() {
        let cells = back(file(xlsx("Клієнти: [усі]", &heading(), manner()).unwrap()));
        assert_eq!(cells[0].text(), "=cmd|'/C calc'!A0");
        assert_eq!(cells[1], Cell::Text("40817810938160925982".to_owned()));
        assert_eq!(cells[3], Cell::Number(-5.0));
        assert_eq!(cells[5], Cell::Day(NaiveDate::from_ymd_opt(1985, 4, 12).unwrap()));
        assert_eq!(cells[6].text(), "2026-12-01 10:00");
    }
}
