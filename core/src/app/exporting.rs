//! Exporting: a list as it is shown, or everything a person holds, as a file that is fetched piece by piece.

use std::collections::BTreeSet;
use std::io::Write as _;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono_tz::Tz;
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;
use zip::write::SimpleFileOptions;

use super::api::*;
use super::handle::locked;
use super::importing::each;
use super::shown::Titles;
use super::status::count;
use super::{App, Code, Error};
use crate::domain::ids::*;
use crate::domain::kind::{FieldDecl, FieldType, Kind};
use crate::domain::kinds::{client, legal_entity, person};
use crate::domain::labels::Labels;
use crate::domain::value::Value;
use crate::exchange::vcard_out::{CardOut, Version};
use crate::exchange::write::{self, ExportFormat, Json, Manner, Out, Table};
use crate::store::Store;
use crate::store::lists::ListQuery;
use crate::store::records::ViewRow;

/// Media types of the files that are made.
pub(super) const CSV: &str = "text/csv";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const VCARD: &str = "text/vcard";
const JSON: &str = "application/json";
const ZIP: &str = "application/zip";
/// Rows read at once.
const PAGE: u32 = 500;
/// Bytes of a file given at once.
const PIECE: usize = 512 * 1024;

/// A file that was made and waits to be fetched; in memory only, so that nothing readable lies on the disk.
pub(super) struct Made {
    file: Uuid,
    bytes: Vec<u8>,
}

impl App {
    /// Makes a file of a list as it is shown.
    ///
    /// # Errors
    /// As [`App::list`]; `bad_value` for a column the kind does not have, and for cards of what is neither client nor
    /// person; `too_large` for more rows than a sheet holds.
    pub fn export(&self, argument: ExportRequest) -> Result<FileMade, Error> {
        let store = self.store()?;
        let kind = self.kind(&argument.list.kind)?;
        let fields = columns(kind, &argument.columns)?;
        let zone: Tz = argument.zone.parse().map_err(|_| Error::with(Code::BadValue, "field", "zone"))?;
        let manner = Manner { labels: Labels::of(&argument.language), zone };
        let wanted: BTreeSet<RecordId> = argument.ids.iter().copied().collect();
        let query = ListQuery { marks: Vec::new(), ..self.query(argument.list) };
        let rows = Rows { store: &store, query, wanted };
        let heading = heading(kind, &fields, manner.labels);
        match argument.format {
            ExportFormat::CsvExcel => self.table(&rows, &fields, write::csv_excel(&heading, manner)?, manner, CSV),
            ExportFormat::Csv => self.table(&rows, &fields, write::csv_plain(&heading)?, manner, CSV),
            ExportFormat::Xlsx => {
                let name = manner.labels.kind_many(kind);
                self.table(&rows, &fields, write::xlsx(&name, &heading, manner)?, manner, XLSX)
            }
            ExportFormat::Json => self.json(&rows, &fields),
            ExportFormat::Vcard3 => self.cards(&rows, kind, Version::V3),
            ExportFormat::Vcard4 => self.cards(&rows, kind, Version::V4),
        }
    }

    /// Makes an archive of everything this person holds here: one file of JSON lines per kind, and what they are.
    ///
    /// # Errors
    /// Those of the database.
    pub fn export_all(&self, _: Nothing) -> Result<FileMade, Error> {
        let store = self.store()?;
        let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        let bad = |error: zip::result::ZipError| Error::internal("writing the archive", error);
        let options = SimpleFileOptions::default();
        let mut kinds = Vec::new();
        let mut n_records = 0;
        for kind in self.registry().iter() {
            archive.start_file(format!("{}.jsonl", kind.key), options).map_err(bad)?;
            let (mut n, mut failed) = (0_u32, None);
            each(&store, kind.key, &mut |row| {
                n += 1;
                if failed.is_none() {
                    failed = line(&store, &row).and_then(|text| Ok(archive.write_all(text.as_bytes())?)).err();
                }
            })?;
            if let Some(error) = failed {
                return Err(error);
            }
            n_records += n;
            let fields: Vec<_> = kind
                .fields
                .iter()
                .map(|it| json!({ "key": it.key, "type": it.field_type.key(), "many": it.many }))
                .collect();
            kinds.push(
                json!({ "kind": kind.key, "file": format!("{}.jsonl", kind.key), "records": n, "fields": fields }),
            );
        }
        archive.start_file("manifest.json", options).map_err(bad)?;
        let me = store.me()?.user;
        let name = store.user(me)?.map(|user| user.name).unwrap_or_default();
        let manifest = json!({
            "format": "satchel-archive", "version": 1, "made_at": self.now(), "app": self.inner.config.version,
            "person": { "id": me, "name": name }, "kinds": kinds,
        });
        archive.write_all(format!("{manifest:#}\n").as_bytes())?;
        let bytes = archive.finish().map_err(bad)?.into_inner();
        self.keep_file(bytes, n_records, ZIP)
    }

    /// A piece of a file that was made.
    ///
    /// # Errors
    /// `not_found` once it was fetched, or another one was made.
    pub fn file_piece(&self, argument: FilePieceRequest) -> Result<FilePiece, Error> {
        let mut made = locked(&self.inner.made);
        let file = made.as_ref().filter(|made| made.file == argument.file).ok_or(Code::NotFound)?;
        let from = usize::try_from(argument.offset).map_or(file.bytes.len(), |from| from.min(file.bytes.len()));
        let to = (from + PIECE).min(file.bytes.len());
        let base64 = STANDARD.encode(&file.bytes[from..to]);
        if to == file.bytes.len() {
            *made = None;
        }
        Ok(FilePiece { base64 })
    }

    /// Keeps a file until it is fetched; the one before is forgotten.
    pub(super) fn keep_file(&self, bytes: Vec<u8>, n_records: u32, media_type: &str) -> Result<FileMade, Error> {
        let file = self.ids().fresh();
        let made = FileMade { file, bytes: bytes.len() as u64, n_records, media_type: media_type.to_owned() };
        *locked(&self.inner.made) = Some(Made { file, bytes });
        Ok(made)
    }

    fn table(
        &self,
        rows: &Rows<'_>,
        fields: &[&'static FieldDecl],
        mut table: Box<dyn Table>,
        manner: Manner,
        media_type: &str,
    ) -> Result<FileMade, Error> {
        let kind = self.kind(&rows.query.kind)?;
        let n = rows.each(&mut |page| {
            let titles = titles(rows.store, page)?;
            for row in page {
                let mut cells = vec![Out::Text(row.id.to_string())];
                if kind.home.under_client() {
                    cells.push(Out::Text(row.client.map(|client| titles.title(client.0)).unwrap_or_default()));
                }
                cells.extend(fields.iter().map(|field| cell(kind, field, row.values.get(field.key), &titles, manner)));
                table.row(&cells)?;
            }
            Ok(())
        })?;
        self.keep_file(table.finish()?, n, media_type)
    }

    fn json(&self, rows: &Rows<'_>, fields: &[&'static FieldDecl]) -> Result<FileMade, Error> {
        let mut file = Json::default();
        let n = rows.each(&mut |page| {
            let titles = titles(rows.store, page)?;
            for row in page {
                let wanted = row.values.iter().filter(|(key, _)| fields.iter().any(|field| field.key == *key));
                let values = wanted.map(|(key, value)| (key.clone(), value.clone())).collect();
                file.object(&Exported {
                    id: row.id,
                    kind: &row.kind,
                    client: row.client.map(|client| titles.reference(client.0)),
                    fields: titles.fields(&values),
                })?;
            }
            Ok(())
        })?;
        self.keep_file(file.finish(), n, JSON)
    }

    fn cards(&self, rows: &Rows<'_>, kind: &Kind, version: Version) -> Result<FileMade, Error> {
        let mut out = String::new();
        let mut n = 0;
        let store = rows.store;
        rows.each(&mut |page| {
            let titles = titles(store, page)?;
            for row in page {
                if kind.key == client::KIND.key {
                    self.client_card_out(store, row, &titles)?.write(version, &mut out);
                    n += 1;
                    for person in store.rows_under(row.id, person::KIND.key)? {
                        self.person_card_out(&person, &row.title).write(version, &mut out);
                        n += 1;
                    }
                } else if kind.key == person::KIND.key {
                    let client = row.client.map(|client| titles.title(client.0)).unwrap_or_default();
                    self.person_card_out(row, &client).write(version, &mut out);
                    n += 1;
                } else {
                    return Err(Error::with(Code::BadValue, "field", "format"));
                }
            }
            Ok(())
        })?;
        self.keep_file(out.into_bytes(), n, VCARD)
    }

    fn client_card_out(&self, store: &Store, row: &ViewRow, titles: &Titles) -> Result<CardOut, Error> {
        let entity = store.rows_under(row.id, legal_entity::KIND.key)?.into_iter().next();
        let number = |field: crate::domain::kind::Field<String>| entity.as_ref().and_then(|entity| entity.get(field));
        let ukrainian = number(legal_entity::COUNTRY).as_deref() == Some("ua");
        let registry = if ukrainian { "X-EDRPOU" } else { "X-OGRN" };
        let numbers = [
            ("X-INN", number(legal_entity::TAX_NUMBER)),
            ("X-KPP", number(legal_entity::BRANCH_NUMBER)),
            (registry, number(legal_entity::REGISTRY_NUMBER)),
        ];
        Ok(CardOut {
            id: row.id.0,
            is_org: true,
            name: row.title.clone(),
            phones: entries(row, client::PHONES.key()),
            emails: entries(row, client::EMAILS.key()),
            url: row.get(client::WEBSITE).unwrap_or_default(),
            street: row.get(client::ADDRESS).unwrap_or_default(),
            city: row.get(client::CITY).unwrap_or_default(),
            note: row.get(client::NOTE).unwrap_or_default(),
            categories: row
                .get(client::CATEGORY)
                .map(|id| titles.title(id.0))
                .filter(|it| !it.is_empty())
                .into_iter()
                .collect(),
            written_at: self.now(),
            lines: row.get(client::CARD_LINES).unwrap_or_default(),
            numbers: numbers.into_iter().filter_map(|(name, number)| Some((name, number?))).collect(),
            ..CardOut::default()
        })
    }

    fn person_card_out(&self, row: &ViewRow, organisation: &str) -> CardOut {
        CardOut {
            id: row.id.0,
            name: row.title.clone(),
            organisation: organisation.to_owned(),
            title: row.get(person::POSITION).unwrap_or_default(),
            phones: entries(row, person::PHONES.key()),
            emails: entries(row, person::EMAILS.key()),
            birthday: row.get(person::BIRTHDAY),
            note: row.get(person::NOTE).unwrap_or_default(),
            lines: row.get(person::CARD_LINES).unwrap_or_default(),
            written_at: self.now(),
            ..CardOut::default()
        }
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Self::io("writing the file", error)
    }
}

/// All rows of a list, page by page.
struct Rows<'a> {
    store: &'a Store,
    query: ListQuery,
    wanted: BTreeSet<RecordId>,
}

impl Rows<'_> {
    fn each(&self, take: &mut dyn FnMut(&[ViewRow]) -> Result<(), Error>) -> Result<u32, Error> {
        let mut query = ListQuery { offset: 0, limit: PAGE, ..self.query.clone() };
        let mut n = 0;
        loop {
            let mut page = self.store.list(&query)?;
            let n_page = page.rows.len();
            if !self.wanted.is_empty() {
                page.rows.retain(|row| self.wanted.contains(&row.id));
            }
            n += page.rows.len();
            take(&page.rows)?;
            if n_page < PAGE as usize {
                return Ok(count(n as u64));
            }
            query.offset += PAGE;
        }
    }
}

#[derive(Serialize)]
struct Exported<'a> {
    id: RecordId,
    kind: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    client: Option<Reference>,
    fields: Fields,
}

/// A record as a line of the archive.
fn line(store: &Store, row: &ViewRow) -> Result<String, Error> {
    let titles = titles(store, std::slice::from_ref(row))?;
    let line = json!({
        "id": row.id, "kind": row.kind, "client": row.client, "trashed": row.trashed, "created_at": row.created_at,
        "fields": titles.fields(&row.values),
    });
    Ok(format!("{line}\n"))
}

fn titles(store: &Store, rows: &[ViewRow]) -> Result<Titles, Error> {
    let clients = rows.iter().filter_map(|row| row.client).map(|client| client.0);
    Ok(Titles::of(store, rows.iter().flat_map(|row| row.values.values()), clients)?)
}

fn columns(kind: &'static Kind, wanted: &[String]) -> Result<Vec<&'static FieldDecl>, Error> {
    if wanted.is_empty() {
        return Ok(kind.fields.iter().filter(|field| !field.archived).collect());
    }
    let bad = |key: &String| Error::with(Code::BadValue, "field", key);
    // The title names a record wherever it stands; the list's own name for it is understood.
    let field = |key: &String| kind.field(if key == "title" { kind.title } else { key }).ok_or_else(|| bad(key));
    wanted.iter().map(field).collect()
}

fn heading(kind: &'static Kind, fields: &[&'static FieldDecl], labels: &Labels) -> Vec<String> {
    let mut heading = vec!["id".to_owned()];
    if kind.home.under_client() {
        heading.push(labels.kind(&client::KIND));
    }
    heading.extend(fields.iter().map(|field| labels.field(kind, field.key)));
    heading
}

fn cell(kind: &Kind, field: &FieldDecl, value: Option<&Value>, titles: &Titles, manner: Manner) -> Out {
    match value {
        None | Some(Value::Empty) => Out::Empty,
        Some(Value::Text(text)) => match field.field_type {
            FieldType::Choice(_) => Out::Text(manner.labels.choice(kind, field.key, text)),
            _ => Out::Text(text.clone()),
        },
        Some(Value::Bool(flag)) => Out::Bool(*flag),
        Some(Value::Int(number)) => Out::Int(*number),
        Some(Value::Day(day)) => Out::Day(*day),
        Some(Value::Instant(at)) => Out::Instant(*at),
        Some(Value::Id(id)) => Out::Text(titles.title(*id)),
        Some(Value::Entries(all)) => {
            let texts = all.iter().filter(|entry| !entry.removed).map(|entry| match entry.value.as_ref() {
                Value::Id(id) => titles.title(*id),
                other => super::shown::text_of(other),
            });
            Out::Text(texts.collect::<Vec<_>>().join("; "))
        }
    }
}

fn entries(row: &ViewRow, field: &str) -> Vec<(String, String)> {
    match row.values.get(field) {
        Some(Value::Entries(entries)) => {
            let live = entries.iter().filter(|entry| !entry.removed);
            live.map(|entry| (super::shown::text_of(&entry.value), entry.label.clone())).collect()
        }
        _ => Vec::new(),
    }
}
