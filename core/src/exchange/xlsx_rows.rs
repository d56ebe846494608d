//! Rows of a sheet of a workbook, cell by cell as they stand in the file.

use std::io::{BufReader, Read, Seek};

use calamine::{DataRef, ExcelDateTime, Reader, Xlsx, XlsxError};
use chrono::{NaiveDate, NaiveDateTime};

use super::cell::{Cell, Row};
use super::neutral;
use super::read::{ReadError, TakeRow};

/// More columns than any table has that people keep.
const COLUMNS: usize = 1_000;

/// Names of the sheets that hold cells, in order.
///
/// # Errors
/// `OtherWorkbook` for one that is locked, `Malformed` for one that is none.
pub fn sheets<S: Read + Seek>(source: S) -> Result<Vec<String>, ReadError> {
    Ok(open(source)?.sheet_names())
}

fn open<S: Read + Seek>(source: S) -> Result<Xlsx<BufReader<S>>, ReadError> {
    Xlsx::new(BufReader::new(source)).map_err(why)
}

fn why(error: XlsxError) -> ReadError {
    match error {
        XlsxError::Password => ReadError::OtherWorkbook,
        XlsxError::Io(error) => ReadError::Io(error),
        _ => ReadError::Malformed,
    }
}

/// All rows of a sheet; of the first one where `sheet` is empty or not there.
///
/// # Errors
/// Those of the workbook and of `take`.
pub fn each<S: Read + Seek, E: From<ReadError>>(source: S, sheet: &str, take: TakeRow<'_, E>) -> Result<(), E> {
    let mut book = open(source)?;
    let names = book.sheet_names();
    let Some(name) = names.iter().find(|name| *name == sheet).or(names.first()).cloned() else { return Ok(()) };
    let mut cells = book.worksheet_cells_reader(&name).map_err(why)?;
    let mut row = Row::default();
    while let Some(cell) = cells.next_cell().map_err(why)? {
        let (line, column) = cell.get_position();
        let (number, column) = (u64::from(line) + 1, column as usize);
        if number != row.number {
            let done = std::mem::replace(&mut row, Row { number, cells: Vec::new() });
            if done.number > 0 && take(done)?.is_break() {
                return Ok(());
            }
        }
        if column < COLUMNS {
            if row.cells.len() <= column {
                row.cells.resize(column + 1, Cell::Empty);
            }
            row.cells[column] = value(cell.get_value());
        }
    }
    if row.number > 0 {
        // It is the last one, whatever the answer.
        let _ = take(row)?;
    }
    Ok(())
}

fn value(data: &DataRef<'_>) -> Cell {
    match data {
        DataRef::Empty | DataRef::Error(_) => Cell::Empty,
        DataRef::String(text) => Cell::of(neutral::unmarked(text)),
        DataRef::SharedString(text) => Cell::of(neutral::unmarked(text)),
        DataRef::Int(number) => Cell::Number(*number as f64),
        DataRef::Float(number) => Cell::Number(*number),
        DataRef::Bool(flag) => Cell::Bool(*flag),
        DataRef::DateTime(at) => moment(at),
        DataRef::DateTimeIso(text) => {
            let at = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").ok();
            let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
            at.map(Cell::Moment).or(day.map(Cell::Day)).unwrap_or_else(|| Cell::of(text))
        }
        DataRef::DurationIso(text) => Cell::of(text),
    }
}

/// A serial number of a day; the workbook says in which year counting began.
fn moment(at: &ExcelDateTime) -> Cell {
    if at.is_duration() {
        return Cell::Number(at.as_f64());
    }
    let (year, month, day, hour, minute, second, _) = at.to_ymd_hms_milli();
    let Some(date) = NaiveDate::from_ymd_opt(year.into(), month.into(), day.into()) else {
        return Cell::Number(at.as_f64());
    };
    match date.and_hms_opt(hour.into(), minute.into(), second.into()) {
        Some(time) if (hour, minute, second) != (0, 0, 0) => Cell::Moment(time),
        _ => Cell::Day(date),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;
    use std::ops::ControlFlow;

    use rust_xlsxwriter::{ExcelDateTime as Written, Format, Workbook};

    use super::*;

    fn book(change: impl FnOnce(&mut Workbook)) -> Cursor<Vec<u8>> {
        let mut book = Workbook::new();
        change(&mut book);
        Cursor::new(book.save_to_buffer().unwrap())
    }

    fn rows(source: Cursor<Vec<u8>>, sheet: &str) -> Vec<Row> {
        let mut rows = Vec::new();
        each(source, sheet, &mut |row: Row| -> Result<_, ReadError> {
            rows.push(row);
            Ok(ControlFlow::Continue(()))
        })
        .unwrap();
        rows
    }

    fn filled(book: &mut Workbook) {
        let day = Format::new().set_num_format("dd.mm.yyyy");
        let sheet = book.add_worksheet();
        sheet.write_string(0, 0, "Наименование").unwrap();
        sheet.write_string(2, 0, "'=1+1").unwrap();
        sheet.write_number(2, 1, 7_707_083_893.0).unwrap();
        let born = Written::from_ymd(1985, 4, 12).unwrap();
        sheet.write_datetime_with_format(2, 3, &born, &day).unwrap();
        sheet.write_boolean(2, 4, true).unwrap();
        book.add_worksheet().set_name("Второй").unwrap().write_string(0, 0, "другой").unwrap();
    }

    #[test]
    fn cells_keep_their_type_and_their_place() {
        let rows = rows(book(filled), "");
        assert_eq!(rows.iter().map(|row| row.number).collect::<Vec<_>>(), [1, 3]);
        let born = NaiveDate::from_ymd_opt(1985, 4, 12).unwrap();
        assert_eq!(
            rows[1].cells,
            [
                Cell::Text("=1+1".to_owned()),
                Cell::Number(7_707_083_893.0),
                Cell::Empty,
                Cell::Day(born),
                Cell::Bool(true)
            ]
        );
    }

    #[test]
    fn days_are_the_same_in_a_workbook_that_counts_from_1904() {
        let source = book(filled).into_inner();
        let counted = rows(Cursor::new(with_1904(&source)), "");
        // The same serial number means a day four years and a day later.
        assert_eq!(counted[1].cells[3], Cell::Day(NaiveDate::from_ymd_opt(1989, 4, 13).unwrap()));
    }

    #[test]
    fn the_first_sheet_is_read_unless_another_is_named() {
        assert_eq!(sheets(book(filled)).unwrap(), ["Sheet1", "Второй"]);
        assert_eq!(rows(book(filled), "Второй")[0].cells[0].text(), "другой");
    }

    #[test]
    fn what_only_looks_like_a_workbook_is_told() {
        let cut = book(filled).into_inner()[..900].to_vec();
        assert!(matches!(sheets(Cursor::new(cut)), Err(ReadError::Malformed | ReadError::Io(_))));
    }

    /// The workbook with its epoch moved, everything else as it was.
    fn with_1904(bytes: &[u8]) -> Vec<u8> {
        use std::io::Write;
        let mut old = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        let mut new = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for at in 0..old.len() {
            let mut file = old.by_index(at).unwrap();
            let mut text = Vec::new();
            file.read_to_end(&mut text).unwrap();
            let name = file.name().unwrap().into_owned();
            if name == "xl/workbook.xml" {
                let changed = String::from_utf8(text).unwrap().replace("<workbookPr", "<workbookPr date1904=\"1\"");
                text = changed.into_bytes();
            }
            new.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
            new.write_all(&text).unwrap();
        }
        new.finish().unwrap().into_inner()
    }
}
