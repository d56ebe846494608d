//! Legal entities: who pays.

use rand::Rng;
use serde::Serialize;

use super::numbers::{account, edrpou, inn_of_firm, inn_of_person, kpp, ogrn, ogrnip, rnokpp};
use super::{Dice, Land};

/// A legal entity or sole trader.
#[derive(Clone, Debug, Serialize)]
pub struct Entity {
    /// Name in the register.
    pub registered_name: String,
    /// `legal_entity` or `sole_trader`.
    pub entity_kind: &'static str,
    /// `ru` or `ua`.
    pub country: &'static str,
    /// INN or RNOKPP; empty where the country's firms have none of their own.
    pub tax_number: String,
    /// OGRN, OGRNIP or EDRPOU.
    pub registry_number: String,
    /// KPP.
    pub branch_number: String,
    /// Settlement account or IBAN.
    pub account: String,
}

pub(super) fn entity(land: Land, name: &str, sole_trader: bool, dice: &mut Dice) -> Entity {
    let entity_kind = if sole_trader { "sole_trader" } else { "legal_entity" };
    let (country, tax_number, registry_number, branch_number) = match (land, sole_trader) {
        (Land::Ru, false) => {
            let inn = inn_of_firm(dice);
            let branch = kpp(&inn, dice);
            ("ru", inn, ogrn(dice), branch)
        }
        (Land::Ru, true) => ("ru", inn_of_person(dice), ogrnip(dice), String::new()),
        (Land::Ua, false) => ("ua", String::new(), edrpou(dice), String::new()),
        (Land::Ua, true) => ("ua", rnokpp(dice), String::new(), String::new()),
    };
    Entity {
        registered_name: registered(land, name, sole_trader),
        entity_kind,
        country,
        tax_number,
        registry_number,
        branch_number,
        account: if dice.random_bool(0.8) { account(land, dice) } else { String::new() },
    }
}

/// The register writes out what people abbreviate.
fn registered(land: Land, name: &str, sole_trader: bool) -> String {
    let (short, rest) = name.split_once(' ').unwrap_or(("", name));
    let form = match (land, sole_trader, short) {
        (Land::Ru, true, _) => "Индивидуальный предприниматель",
        (Land::Ua, true, _) => "Фізична особа — підприємець",
        (_, _, "ООО") => "Общество с ограниченной ответственностью",
        (_, _, "АО") => "Акционерное общество",
        (_, _, "НПО") => "Научно-производственное объединение",
        (_, _, "ТОВ") => "Товариство з обмеженою відповідальністю",
        (_, _, "ПП") => "Приватне підприємство",
        (_, _, "ПрАТ") => "Приватне акціонерне товариство",
        (Land::Ru, _, _) => "Торговый дом",
        (Land::Ua, _, _) => "Торговий дім",
    };
    format!("{form} {rest}")
}
