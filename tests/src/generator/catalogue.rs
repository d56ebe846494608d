//! What the demo's organisation is made of before anybody works in it.

use rand::Rng;

use super::people::{colleague, of_either_land};
use super::{Dice, Land};

/// Departments: name and the number of the one above.
pub const DEPARTMENTS: &[(&str, Option<usize>)] = &[("Продажи", None), ("Север", Some(0)), ("Південь", Some(0))];

/// Business regions.
pub const REGIONS: &[&str] = &["Центр", "Северо-Запад", "Поволжье", "Урал", "Захід", "Схід", "Причорномор'я"];

/// Categories with days between contacts.
pub const CATEGORIES: &[Category] = &[
    Category { name: "А — ключевые", contact_every: 14 },
    Category { name: "Б — постоянные", contact_every: 30 },
    Category { name: "В — разовые", contact_every: 90 },
    Category { name: "Потенційні", contact_every: 45 },
];

/// A category of clients.
#[derive(Clone, Copy, Debug)]
pub struct Category {
    /// Its name.
    pub name: &'static str,
    /// Days between contacts.
    pub contact_every: i64,
}

/// A colleague of the demo.
#[derive(Clone, Debug)]
pub struct Staff {
    /// His name.
    pub name: String,
    /// `rep`, `supervisor` or `admin`.
    pub role: &'static str,
    /// Number of his department.
    pub department: usize,
}

/// Twelve reps, two supervisors and an admin, all of different names.
#[must_use]
pub fn staff(dice: &mut Dice) -> Vec<Staff> {
    let mut names = std::collections::BTreeSet::new();
    let mut fresh = |land: Land, dice: &mut Dice| loop {
        let name = colleague(land, dice);
        if names.insert(name.clone()) {
            return name;
        }
    };
    let mut staff = Vec::new();
    for number in 0..12 {
        // The first half works in the north, the second in the south.
        let department = 1 + number / 6;
        let land = if dice.random_bool(0.8) { [Land::Ru, Land::Ua][department - 1] } else { of_either_land(dice) };
        staff.push(Staff { name: fresh(land, dice), role: "rep", department });
    }
    for department in 1..=2 {
        staff.push(Staff { name: fresh([Land::Ru, Land::Ua][department - 1], dice), role: "supervisor", department });
    }
    staff.push(Staff { name: fresh(Land::Ru, dice), role: "admin", department: 0 });
    staff
}
