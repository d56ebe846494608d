//! Who may do what, and what everybody else is answered: every route and every office command, for every kind of
//! person and credential, about what is his, another's, another department's, thrown away, erased, gone, or not there
//! [VIS-1, VIS-2, VIS-4, REV-1].
//!
//! `table` is written by hand from the promises and read by nobody but these tests. `stage` prepares one office in a
//! file; each cell of the table is played on a copy of it by `cells`, so that no cell sees what another has done.
//!
//! **A new office command** does not compile until `asks::Ask` names it: add a name there, say in `Ask::order` how to
//! give it about a place, and write its rows in `table::ASKS`, one for each place. **A new route** fails
//! `every_route_has_its_rows` until `table::ROUTES` says what each credential is answered; how it is asked goes into
//! `routes::body_for`. **A new kind of person or place** is a column or a heading of the table and a line in `stage`.
//! An answer that the promises allow and the old table did not is a line changed there, with its reason beside it.

#![allow(clippy::unwrap_used)]

mod asks;
mod cells;
mod routes;
mod stage;
mod table;
