//! Contact persons and colleagues.

use chrono::NaiveDate;
use rand::Rng;
use serde::Serialize;

use super::numbers::phone;
use super::words::{latin, note};
use super::{ByLand, Dice, Land, pick};

/// A contact person.
#[derive(Clone, Debug, Serialize)]
pub struct Human {
    /// Surname, first name, patronymic.
    pub name: String,
    /// What he does there.
    pub position: String,
    /// Phones with what they are for.
    pub phones: Vec<(String, &'static str)>,
    /// Mail addresses.
    pub emails: Vec<String>,
    /// Birthday.
    pub birthday: Option<NaiveDate>,
    /// Whatever else matters.
    pub note: String,
}

/// Surname, first name, patronymic; man and woman alike.
#[must_use]
pub fn full_name(land: Land, dice: &mut Dice) -> String {
    let woman = dice.random_bool(0.5);
    let (surname, her_surname) = SURNAMES.pick(land, dice);
    let father = FATHERS.pick(land, dice);
    let names = if woman { &WOMEN } else { &MEN };
    let name = names.pick(land, dice);
    if woman {
        return format!("{her_surname} {name} {}", father.1);
    }
    format!("{surname} {name} {}", father.0)
}

pub(super) fn human(land: Land, domain: &str, dice: &mut Dice) -> Human {
    let name = full_name(land, dice);
    let mut phones = vec![(phone(land, true, dice), "mobile")];
    if dice.random_bool(0.3) {
        phones.push((phone(land, false, dice), "work"));
    }
    let surname = name.split(' ').next().unwrap_or_default();
    let emails = if dice.random_bool(0.6) { vec![format!("{}@{domain}", latin(surname))] } else { Vec::new() };
    let birthday = dice.random_bool(0.4).then(|| {
        let (year, day) = (dice.random_range(1958..2002), dice.random_range(1..=365));
        NaiveDate::from_yo_opt(year, day)
    });
    Human {
        position: POSITIONS.pick(land, dice).to_owned(),
        note: if dice.random_bool(0.25) { note(land, 60, dice) } else { String::new() },
        birthday: birthday.flatten(),
        name,
        phones,
        emails,
    }
}

/// A colleague's name, short as people call each other: first name and surname.
pub(super) fn colleague(land: Land, dice: &mut Dice) -> String {
    let woman = dice.random_bool(0.5);
    let (surname, her_surname) = SURNAMES.pick(land, dice);
    let names = if woman { &WOMEN } else { &MEN };
    format!("{} {}", names.pick(land, dice), if woman { her_surname } else { surname })
}

/// Surname of a sole trader, for his firm's name.
pub(super) fn trader(land: Land, dice: &mut Dice) -> String {
    let name = full_name(land, dice);
    let kind = match land {
        Land::Ru => "ИП",
        Land::Ua => "ФОП",
    };
    format!("{kind} {name}")
}

static SURNAMES: ByLand<(&str, &str)> = ByLand {
    ru: &[
        ("Абрамов", "Абрамова"),
        ("Белов", "Белова"),
        ("Воронцов", "Воронцова"),
        ("Голубев", "Голубева"),
        ("Дорофеев", "Дорофеева"),
        ("Ершов", "Ершова"),
        ("Жуков", "Жукова"),
        ("Зимин", "Зимина"),
        ("Ильин", "Ильина"),
        ("Калинин", "Калинина"),
        ("Лапшин", "Лапшина"),
        ("Мельников", "Мельникова"),
        ("Новиков", "Новикова"),
        ("Осипов", "Осипова"),
        ("Панфилов", "Панфилова"),
        ("Рябов", "Рябова"),
        ("Селезнёв", "Селезнёва"),
        ("Титов", "Титова"),
        ("Уваров", "Уварова"),
        ("Фомин", "Фомина"),
        ("Хохлов", "Хохлова"),
        ("Цветков", "Цветкова"),
        ("Чернов", "Чернова"),
        ("Шубин", "Шубина"),
        ("Щукин", "Щукина"),
        ("Юдин", "Юдина"),
        ("Яковлев", "Яковлева"),
        ("Ёлкин", "Ёлкина"),
    ],
    ua: &[
        ("Бондаренко", "Бондаренко"),
        ("Василенко", "Василенко"),
        ("Гнатюк", "Гнатюк"),
        ("Ґудзь", "Ґудзь"),
        ("Дем'яненко", "Дем'яненко"),
        ("Єфименко", "Єфименко"),
        ("Журавель", "Журавель"),
        ("Зінченко", "Зінченко"),
        ("Іваницький", "Іваницька"),
        ("Їжак", "Їжак"),
        ("Коваленко", "Коваленко"),
        ("Левченко", "Левченко"),
        ("Мороз", "Мороз"),
        ("Назаренко", "Назаренко"),
        ("Олійник", "Олійник"),
        ("Поліщук", "Поліщук"),
        ("Романюк", "Романюк"),
        ("Савченко", "Савченко"),
        ("Ткачук", "Ткачук"),
        ("Усик", "Усик"),
        ("Федорук", "Федорук"),
        ("Харченко", "Харченко"),
        ("Чайка", "Чайка"),
        ("Шевчук", "Шевчук"),
        ("Щербина", "Щербина"),
        ("Юрченко", "Юрченко"),
        ("Яремчук", "Яремчук"),
        ("Стрілець", "Стрілець"),
    ],
};

static MEN: ByLand<&str> = ByLand {
    ru: &[
        "Алексей",
        "Борис",
        "Виктор",
        "Глеб",
        "Дмитрий",
        "Егор",
        "Игорь",
        "Кирилл",
        "Лев",
        "Михаил",
        "Николай",
        "Олег",
        "Павел",
        "Роман",
        "Сергей",
        "Тимур",
        "Фёдор",
        "Юрий",
        "Артём",
        "Пётр",
    ],
    ua: &[
        "Андрій",
        "Богдан",
        "Василь",
        "Гнат",
        "Дмитро",
        "Євген",
        "Ігор",
        "Кирило",
        "Лесь",
        "Микола",
        "Назар",
        "Олексій",
        "Петро",
        "Роман",
        "Сергій",
        "Тарас",
        "Федір",
        "Юрій",
        "Ярослав",
        "В'ячеслав",
    ],
};

static WOMEN: ByLand<&str> = ByLand {
    ru: &[
        "Алёна",
        "Вера",
        "Галина",
        "Дарья",
        "Елена",
        "Жанна",
        "Зинаида",
        "Ирина",
        "Ксения",
        "Лариса",
        "Марина",
        "Наталья",
        "Ольга",
        "Полина",
        "Раиса",
        "Светлана",
        "Татьяна",
        "Ульяна",
        "Юлия",
        "Анна",
    ],
    ua: &[
        "Оксана",
        "Галина",
        "Дарина",
        "Євгенія",
        "Жанна",
        "Зоряна",
        "Ірина",
        "Катерина",
        "Леся",
        "Марія",
        "Наталія",
        "Олена",
        "Поліна",
        "Руслана",
        "Світлана",
        "Тетяна",
        "Уляна",
        "Христина",
        "Юлія",
        "Мар'яна",
    ],
};

static FATHERS: ByLand<(&str, &str)> = ByLand {
    ru: &[
        ("Алексеевич", "Алексеевна"),
        ("Борисович", "Борисовна"),
        ("Викторович", "Викторовна"),
        ("Геннадьевич", "Геннадьевна"),
        ("Дмитриевич", "Дмитриевна"),
        ("Ефимович", "Ефимовна"),
        ("Игоревич", "Игоревна"),
        ("Львович", "Львовна"),
        ("Михайлович", "Михайловна"),
        ("Олегович", "Олеговна"),
        ("Семёнович", "Семёновна"),
        ("Юрьевич", "Юрьевна"),
    ],
    ua: &[
        ("Андрійович", "Андріївна"),
        ("Богданович", "Богданівна"),
        ("Васильович", "Василівна"),
        ("Григорович", "Григорівна"),
        ("Дмитрович", "Дмитрівна"),
        ("Євгенович", "Євгенівна"),
        ("Іванович", "Іванівна"),
        ("Миколайович", "Миколаївна"),
        ("Олексійович", "Олексіївна"),
        ("Петрович", "Петрівна"),
        ("Сергійович", "Сергіївна"),
        ("Ярославович", "Ярославівна"),
    ],
};

static POSITIONS: ByLand<&str> = ByLand {
    ru: &[
        "директор",
        "главный бухгалтер",
        "начальник отдела снабжения",
        "закупщик",
        "главный инженер",
        "заведующая складом",
        "коммерческий директор",
        "механик",
        "секретарь",
        "технолог",
        "учредитель",
        "логист",
    ],
    ua: &[
        "директор",
        "головний бухгалтер",
        "начальник відділу постачання",
        "закупівельник",
        "головний інженер",
        "завідувачка складу",
        "комерційний директор",
        "механік",
        "секретарка",
        "технолог",
        "засновник",
        "логіст",
    ],
};

/// First and last letters of a surname, so that a list of colleagues stays in one alphabet.
pub(super) fn of_either_land(dice: &mut Dice) -> Land {
    pick(&[Land::Ru, Land::Ua], dice)
}
