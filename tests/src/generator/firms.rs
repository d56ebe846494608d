//! Firms with their people, their legal entity and their history.

use chrono::NaiveDate;
use rand::Rng;
use serde::Serialize;

use super::calendar::{Contact, history};
use super::entities::{Entity, entity};
use super::numbers::phone;
use super::people::{Human, human, trader};
use super::words::{latin, note, tone};
use super::{ByLand, Dice, Land, pick};

/// A client with everything that hangs on him.
#[derive(Clone, Debug, Serialize)]
pub struct Firm {
    /// Language and numbering plan.
    pub land: Land,
    /// What everybody calls him.
    pub name: String,
    /// `prospect`, `active`, `paused` or `former`.
    pub status: &'static str,
    /// Number of his category in the catalogue.
    pub category: usize,
    /// Number of his region in the catalogue.
    pub region: usize,
    /// Phones with what they are for.
    pub phones: Vec<(String, &'static str)>,
    /// Mail addresses.
    pub emails: Vec<String>,
    /// Web site.
    pub website: String,
    /// Town.
    pub city: String,
    /// Street and house.
    pub address: String,
    /// He buys from us.
    pub is_client: bool,
    /// We buy from him.
    pub is_supplier: bool,
    /// Any other relation.
    pub is_other: bool,
    /// Where we know him from.
    pub source: String,
    /// Days between contacts, where it differs from the category's.
    pub contact_every: Option<i64>,
    /// Whatever else matters; about two hundred characters.
    pub note: String,
    /// Who pays.
    pub entity: Entity,
    /// His people.
    pub people: Vec<Human>,
    /// Visits, calls and plans, oldest first.
    pub contacts: Vec<Contact>,
}

impl Firm {
    /// The firm with this number, as of `today`. Numbers keep the names apart.
    #[must_use]
    pub fn throw(number: usize, n_contacts: usize, today: NaiveDate, dice: &mut Dice) -> Self {
        let land = Land::throw(dice);
        let sole_trader = dice.random_bool(0.12);
        let name = if sole_trader { trader(land, dice) } else { firm_name(land, number, dice) };
        let site = format!("{}{}", latin(name.rsplit(' ').next().unwrap_or_default()), tone(dice));
        let domain = format!("{site}{}.example", number);
        let people = (0..dice.random_range(1..=3)).map(|_| human(land, &domain, dice)).collect();
        let (city, address) = address(land, dice);
        let mut phones = vec![(phone(land, dice.random_bool(0.5), dice), "work")];
        if dice.random_bool(0.3) {
            phones.push((phone(land, true, dice), "mobile"));
        }
        let supplier = dice.random_bool(0.1);
        Self {
            land,
            status: pick(&["active", "active", "active", "prospect", "prospect", "paused", "former"], dice),
            category: dice.random_range(0..super::CATEGORIES.len()),
            region: dice.random_range(0..super::REGIONS.len()),
            phones,
            emails: vec![format!("office@{domain}")],
            website: format!("https://{domain}"),
            city,
            address,
            is_client: !supplier,
            is_supplier: supplier,
            is_other: false,
            source: SOURCES.pick(land, dice).to_owned(),
            contact_every: dice.random_bool(0.3).then(|| pick(&[7, 14, 30, 45, 90], dice)),
            note: note(land, 200, dice),
            entity: entity(land, &name, sole_trader, dice),
            people,
            contacts: history(land, n_contacts, today, dice),
            name,
        }
    }
}

/// A firm as the bench has them: all fifteen fields of the card filled, so many interactions held, nobody else.
#[must_use]
pub fn bench_firm(number: usize, n_contacts: usize, today: NaiveDate, dice: &mut Dice) -> Firm {
    let mut firm = Firm::throw(number, n_contacts, today, dice);
    firm.phones.truncate(1);
    firm.people.clear();
    firm.contact_every.get_or_insert(30);
    for contact in &mut firm.contacts {
        contact.hold(dice);
    }
    firm
}

fn firm_name(land: Land, number: usize, dice: &mut Dice) -> String {
    let form = match land {
        Land::Ru => pick(&["ООО", "ООО", "АО", "ТД", "НПО"], dice),
        Land::Ua => pick(&["ТОВ", "ТОВ", "ПП", "ПрАТ", "ТД"], dice),
    };
    // Walking through the parts instead of throwing dice keeps the names apart; later rounds get a number, as on gates.
    let (row, of) = (number / 3, STEMS.len());
    let (stem, step) = (STEMS[row % of], row / of);
    let (what, thing) = (ADJECTIVES.at(land, step), NOUNS.at(land, step));
    let round = step / NOUNS.ru.len();
    let tail = if round > 0 { format!(" {}", round + 1) } else { String::new() };
    match number % 3 {
        0 => format!("{form} «{} {}-{}»", ADJECTIVES.pick(land, dice), NOUNS.pick(land, dice), row + 2),
        1 => format!("{form} «{stem}-{thing}{tail}»"),
        _ => format!("{form} «{what} {stem}{tail}»"),
    }
}

fn address(land: Land, dice: &mut Dice) -> (String, String) {
    let street = STREETS.pick(land, dice);
    let house = dice.random_range(1..160u32);
    let (short, office) = match land {
        Land::Ru => ("ул.", "оф."),
        Land::Ua => ("вул.", "оф."),
    };
    let office =
        if dice.random_bool(0.5) { format!(", {office} {}", dice.random_range(1..400u32)) } else { String::new() };
    (CITIES.pick(land, dice).to_owned(), format!("{short} {street}, {house}{office}"))
}

static CITIES: ByLand<&str> = ByLand {
    ru: &[
        "Екатеринбург",
        "Новосибирск",
        "Самара",
        "Ростов-на-Дону",
        "Тверь",
        "Орёл",
        "Пермь",
        "Казань",
        "Вологда",
        "Рязань",
        "Королёв",
        "Псков",
        "Тюмень",
        "Липецк",
    ],
    ua: &[
        "Київ",
        "Харків",
        "Одеса",
        "Дніпро",
        "Львів",
        "Запоріжжя",
        "Вінниця",
        "Полтава",
        "Чернігів",
        "Чернівці",
        "Житомир",
        "Кам'янець-Подільський",
        "Ужгород",
        "Кременчук",
    ],
};

static STREETS: ByLand<&str> = ByLand {
    ru: &[
        "Заводская",
        "Садовая",
        "Речная",
        "Путейская",
        "Кузнечная",
        "Полевая",
        "Фабричная",
        "Вокзальная",
        "Озёрная",
        "Берёзовая",
        "Мостовая",
        "Северная",
    ],
    ua: &[
        "Заводська",
        "Садова",
        "Річкова",
        "Колійна",
        "Ковальська",
        "Польова",
        "Фабрична",
        "Вокзальна",
        "Озерна",
        "Березова",
        "Мостова",
        "Північна",
    ],
};

static ADJECTIVES: ByLand<&str> = ByLand {
    ru: &[
        "Северный",
        "Южный",
        "Уральский",
        "Волжский",
        "Первый",
        "Новый",
        "Красный",
        "Стальной",
        "Зелёный",
        "Дальний",
        "Городской",
        "Старый",
        "Белый",
        "Тихий",
        "Третий",
        "Большой",
    ],
    ua: &[
        "Північний",
        "Південний",
        "Карпатський",
        "Дніпровський",
        "Перший",
        "Новий",
        "Червоний",
        "Сталевий",
        "Зелений",
        "Далекий",
        "Міський",
        "Старий",
        "Білий",
        "Тихий",
        "Третій",
        "Великий",
    ],
};

static NOUNS: ByLand<&str> = ByLand {
    ru: &[
        "берег",
        "завод",
        "мост",
        "двор",
        "причал",
        "маяк",
        "цех",
        "склад",
        "карьер",
        "элеватор",
        "комбинат",
        "луг",
        "терминал",
        "парк",
        "ключ",
        "перевал",
    ],
    ua: &[
        "берег",
        "завод",
        "міст",
        "двір",
        "причал",
        "маяк",
        "цех",
        "склад",
        "кар'єр",
        "елеватор",
        "комбінат",
        "луг",
        "термінал",
        "парк",
        "ключ",
        "перевал",
    ],
};

const STEMS: &[&str] = &[
    "Агро",
    "Альянс",
    "Базис",
    "Вектор",
    "Гранит",
    "Дельта",
    "Евротех",
    "Запад",
    "Импульс",
    "Каскад",
    "Лидер",
    "Магистраль",
    "Норма",
    "Оптима",
    "Полюс",
    "Ресурс",
    "Сигма",
    "Темп",
    "Универсал",
    "Феникс",
    "Центр",
    "Эталон",
    "Юпитер",
    "Ярус",
    "Монолит",
    "Контур",
    "Фактор",
    "Резерв",
    "Проект",
    "Импорт",
    "Партнёр",
    "Стандарт",
    "Арсенал",
    "Квадрат",
    "Меридиан",
    "Горизонт",
    "Престиж",
];

static SOURCES: ByLand<&str> = ByLand {
    ru: &["выставка", "рекомендация", "сайт", "холодный звонок", "бывший поставщик", "тендер"],
    ua: &["виставка", "рекомендація", "сайт", "холодний дзвінок", "колишній постачальник", "тендер"],
};
