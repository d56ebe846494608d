//! What stands in one place of a table, whatever file it came from.

use chrono::{NaiveDate, NaiveDateTime};

/// The content of one place of a table.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Cell {
    /// Nothing.
    #[default]
    Empty,
    /// Text as typed.
    Text(String),
    /// A number of a spreadsheet.
    Number(f64),
    /// A day of a spreadsheet.
    Day(NaiveDate),
    /// A day with a time of a spreadsheet, in nobody's zone.
    Moment(NaiveDateTime),
    /// Yes or no.
    Bool(bool),
}

/// Numbers from here on have more digits than a spreadsheet keeps.
const KEPT_DIGITS: f64 = 1e15;

impl Cell {
    /// From text; blanks around it are dropped.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let text = text.trim();
        if text.is_empty() { Self::Empty } else { Self::Text(text.to_owned()) }
    }

    /// True where there is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Empty)
    }

    /// True for a number that has lost digits on its way through a spreadsheet.
    #[must_use]
    pub fn has_lost_digits(&self) -> bool {
        matches!(self, Self::Number(number) if number.abs() >= KEPT_DIGITS)
    }

    /// As a person reads it; days in the order of a sorted list.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) => text.clone(),
            Self::Number(number) if number.fract() == 0.0 && number.abs() < KEPT_DIGITS => format!("{number:.0}"),
            Self::Number(number) => number.to_string(),
            Self::Day(day) => day.format("%Y-%m-%d").to_string(),
            Self::Moment(at) => at.format("%Y-%m-%d %H:%M").to_string(),
            Self::Bool(flag) => flag.to_string(),
        }
    }
}

/// A row of a table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row {
    /// Its number in the file as a person counts: lines of a table from 1, cards from 1.
    pub number: u64,
    /// Its cells; shorter rows end early.
    pub cells: Vec<Cell>,
}

impl Row {
    /// True where nothing stands in it.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.cells.iter().all(Cell::is_empty)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_as_it_was_typed_as_long_as_it_is_whole() {
        assert_eq!(Cell::Number(7_707_083_893.0).text(), "7707083893");
        assert_eq!(Cell::Number(1.5).text(), "1.5");
        assert!(!Cell::Number(500_100_732_259.0).has_lost_digits());
        assert!(Cell::Number(40_817_810_938_160_925_982.0).has_lost_digits());
    }
}
