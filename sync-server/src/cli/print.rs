//! Answers on the terminal, for people or as JSON.

use serde_json::Value;

/// Prints one thing.
pub fn one(json: bool, value: &Value, for_people: &str) {
    if json {
        println!("{value}");
    } else {
        println!("{for_people}");
    }
}

/// Prints a list: JSON as one array, for people one line each, columns apart by two spaces.
pub fn list(json: bool, values: &[Value], columns: &[&str]) {
    if json {
        println!("{}", Value::Array(values.to_vec()));
        return;
    }
    let rows: Vec<Vec<String>> =
        values.iter().map(|value| columns.iter().map(|column| cell(&value[*column])).collect()).collect();
    let width = |idx: usize| rows.iter().map(|row: &Vec<String>| row[idx].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns.len()).map(width).collect();
    for row in &rows {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        println!("{}", cells.collect::<Vec<_>>().join("  ").trim_end());
    }
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
