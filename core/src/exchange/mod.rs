//! Files other programs make and read: tables and address cards, in both directions.
//!
//! Reading is pure: bytes become rows of cells, cells become values of declared fields, and nothing here knows a
//! database. Nothing is held whole: a file of any length passes row by row, and what a single row may take is bounded.

pub mod cell;
pub mod columns;
pub mod csv_rows;
pub mod encoding;
pub mod keys;
pub mod names;
pub mod neutral;
pub mod read;
pub mod row;
pub mod values;
pub mod vcard;
pub mod vcard_lines;
pub mod vcard_out;
pub mod vcard_rows;
pub mod words;
pub mod write;
pub mod xlsx_rows;
