//! Writes the files the app makes into a folder, for programs nobody here made to read, and imports those of another
//! folder, each into an app of its own. Prints one JSON line per file: what was written, and what came of what was
//! imported.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, anyhow};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clap::Parser;
use satchel_core::app::{App, AppConfig, commands};
use satchel_core::domain::kind::Registry;
use satchel_core::system::{SystemClock, SystemIds};
use satchel_tests::harness::PocketKeys;
use serde_json::{Value, json};

/// Writes the files the app makes, and imports others.
#[derive(Parser)]
struct Arguments {
    /// Folder to write into.
    #[arg(long)]
    write: Option<PathBuf>,
    /// Folder of files to import.
    #[arg(long)]
    read: Option<PathBuf>,
}

/// What is hard for a reader: signs of every format in a name, a formula, a number longer than a spreadsheet keeps,
/// noughts in front, a note over several lines.
const TABLE: &str = "Наименование;ИНН;КПП;Город;Адрес;Контактное лицо;День рождения;Телефон;E-mail;Комментарий;Расчетный счет\n\
    \"ООО \"\"Ромашка, Лютик; и Ко\"\"\";7707083893;770701001;Москва;ул. Садовая, 5;Иванов Иван Петрович;12.04.1985;\
    +7 495 000-00-00;info@romashka.example;\"первая строка\nвторая, длинная: ёжик ёжик ёжик ёжик ёжик ёжик ёжик ёжик\";\
    40817810938160925982\n\
    \"=cmd|'/C calc'!A0\";;;Київ;;Шевченко Тарас Григорович;;+380 44 123-45-67;;'лапки';\n";

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    if let Some(folder) = &arguments.write {
        write(folder)?;
    }
    if let Some(folder) = &arguments.read {
        read(folder)?;
    }
    Ok(())
}

fn write(folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder).context("making the folder")?;
    let home = tempfile::tempdir()?;
    let app = local(home.path())?;
    import(&app, "table.csv", TABLE.as_bytes())?;
    for (kind, format, name) in [
        ("client", "xlsx", "clients.xlsx"),
        ("client", "csv_excel", "clients-excel.csv"),
        ("client", "csv", "clients.csv"),
        ("client", "json", "clients.json"),
        ("client", "vcard3", "clients-3.vcf"),
        ("client", "vcard4", "clients-4.vcf"),
        ("legal_entity", "xlsx", "entities.xlsx"),
        ("person", "xlsx", "persons.xlsx"),
    ] {
        let list = json!({ "kind": kind, "limit": 0, "sort": [{ "field": "title", "descending": true }] });
        let request = json!({ "list": list, "format": format, "language": "ru", "zone": "Europe/Moscow" });
        let made = run(&app, "export", request)?;
        let bytes = fetch(&app, &made)?;
        std::fs::write(folder.join(name), &bytes).context("writing a file")?;
        println!("{}", json!({ "wrote": name, "bytes": bytes.len(), "records": made["n_records"] }));
    }
    Ok(())
}

fn read(folder: &Path) -> Result<()> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    files.sort();
    for path in files {
        let home = tempfile::tempdir()?;
        let app = local(home.path())?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let bytes = std::fs::read(&path).with_context(|| format!("reading {name}"))?;
        let state = match import(&app, &name, &bytes) {
            Ok(state) => state,
            Err(error) => {
                println!("{}", json!({ "read": name, "failed": error.to_string() }));
                continue;
            }
        };
        // The same file once more changes nothing.
        let again = import(&app, &name, &bytes)?;
        println!(
            "{}",
            json!({
                "read": name, "counts": state["counts"], "reasons": state["reasons"], "again": again["counts"],
                "client": records(&app, "client")?, "person": records(&app, "person")?,
            })
        );
    }
    Ok(())
}

/// Titles and fields of all records of a kind.
fn records(app: &App, kind: &str) -> Result<Vec<Value>> {
    let page = run(app, "list", json!({ "kind": kind, "limit": 500 }))?;
    let rows = page["rows"].as_array().cloned().unwrap_or_default();
    let mut records = Vec::new();
    for row in rows {
        let record = run(app, "record", json!({ "kind": kind, "id": row["id"] }))?;
        records.push(json!({ "title": row["title"], "fields": record["fields"] }));
    }
    Ok(records)
}

fn local(folder: &Path) -> Result<App> {
    let app = App::open(AppConfig {
        data_dir: folder.to_owned(),
        keys: Arc::new(PocketKeys::default()),
        clock: Arc::new(SystemClock),
        ids: Arc::new(SystemIds),
        registry: Registry::built_in(),
        transport: satchel_core::app::http(),
        version: "0".to_owned(),
        passphrase: None,
        background: false,
    })?;
    run(&app, "start_local", json!({ "name": "Файлы" }))?;
    Ok(app)
}

fn import(app: &App, name: &str, bytes: &[u8]) -> Result<Value> {
    let open = json!({ "name": name, "kind": "client", "bytes": bytes.len() });
    let import = run(app, "import_open", open)?["import"].clone();
    for (n, piece) in bytes.chunks(512 * 1024).enumerate() {
        run(app, "import_piece", json!({ "import": import, "n": n, "base64": STANDARD.encode(piece) }))?;
    }
    let seen = run(app, "import_look", json!({ "import": import, "country": "ru" }))?;
    let columns: Vec<&Value> = seen["columns"].as_array().into_iter().flatten().map(|it| &it["target"]).collect();
    let by = ["tax", "registry", "email", "phone", "name_and_city"];
    let plan =
        json!({ "import": import, "reading": seen["reading"], "columns": columns, "match_by": by, "zone": "UTC" });
    run(app, "import_check", plan)?;
    run(app, "import_run", json!({ "import": import }))
}

fn fetch(app: &App, made: &Value) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    while (bytes.len() as u64) < made["bytes"].as_u64().unwrap_or(0) {
        let piece = run(app, "file_piece", json!({ "file": made["file"], "offset": bytes.len() }))?;
        bytes.extend(STANDARD.decode(piece["base64"].as_str().unwrap_or_default())?);
    }
    Ok(bytes)
}

fn run(app: &App, command: &str, argument: Value) -> Result<Value> {
    commands::dispatch(app, command, argument).map_err(|failure| anyhow!("{command}: {}", failure.code))
}
