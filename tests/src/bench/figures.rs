//! Figures and their table.

use std::collections::BTreeMap;

use serde::Serialize;

/// One figure.
#[derive(Clone, Debug, Serialize)]
pub struct Figure {
    /// What was measured; a name that stays.
    pub name: &'static str,
    /// At how many records.
    pub records: usize,
    /// The value.
    pub value: f64,
    /// Its unit.
    pub unit: &'static str,
}

/// Prints the table, or one JSON line per figure.
pub fn print(figures: &[Figure], json: bool) {
    if json {
        for figure in figures {
            if let Ok(line) = serde_json::to_string(figure) {
                println!("{line}");
            }
        }
        return;
    }
    let mut sizes: Vec<usize> = figures.iter().map(|figure| figure.records).collect();
    sizes.sort_unstable();
    sizes.dedup();
    let mut rows: Vec<(&str, &str)> = Vec::new();
    let mut cells: BTreeMap<(&str, usize), f64> = BTreeMap::new();
    for figure in figures {
        if !rows.contains(&(figure.name, figure.unit)) {
            rows.push((figure.name, figure.unit));
        }
        cells.insert((figure.name, figure.records), figure.value);
    }
    print!("{:<32}{:>10}", "figure", "unit");
    for size in &sizes {
        print!("{:>14}", format!("{size}"));
    }
    println!();
    for (name, unit) in rows {
        print!("{name:<32}{unit:>10}");
        for size in &sizes {
            match cells.get(&(name, *size)) {
                Some(value) if *value >= 100.0 => print!("{value:>14.0}"),
                Some(value) => print!("{value:>14.2}"),
                None => print!("{:>14}", "–"),
            }
        }
        println!();
    }
}
