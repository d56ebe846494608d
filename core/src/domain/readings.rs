//! What somebody may have meant by what he typed: letters of the other alphabet, the wrong keyboard layout, names
//! spelled the Russian, Ukrainian or Latin way, numbers however they are grouped.
//!
//! All of it is made from the query; the index knows nothing of it.

use super::fold::{digits, fold, is_number, other_layouts};
use super::spelling::{Spelling, Word};

/// Fewest digits that are looked for as a number.
const NUMBER: usize = 3;
/// Fewest digits that must be left of a phone without its country or trunk prefix.
const REST: usize = 4;

/// What people leave out of a phone, or write in their own way: countries, trunks, the way abroad.
pub const PREFIXES: [&str; 8] = ["00", "380", "38", "375", "80", "7", "8", "0"];

/// Words to look for, most likely meaning first.
#[must_use]
pub fn readings(text: &str) -> Vec<Vec<Word>> {
    let mut readings = Vec::new();
    let number = digits(text);
    if is_number(text) && number.len() >= NUMBER {
        let ways = number_ways(&number);
        readings.push(vec![Word::of(ways.into_iter().map(|way| Spelling::text(way, 0)))]);
    }
    let mut words: Vec<Word> = text.split_whitespace().map(word).collect();
    words.retain(|word| !word.spellings().is_empty());
    // A dash between words is no word, unless there is nothing else.
    let says_something =
        |word: &Word| word.spellings()[0].exact().is_some_and(|text| text.chars().any(char::is_alphanumeric));
    if words.iter().any(says_something) {
        words.retain(says_something);
    }
    if !words.is_empty() {
        readings.push(words);
    }
    readings
}

/// A number without what people leave out or write in their own way before it: +7 or 8, +380 or 0, +375 or 80, 00.
fn number_ways(number: &str) -> Vec<String> {
    let mut ways = vec![number.to_owned()];
    for prefix in PREFIXES {
        if let Some(rest) = number.strip_prefix(prefix)
            && rest.len() >= REST
        {
            ways.push(rest.to_owned());
            if prefix == "00" {
                ways.extend(number_ways(rest));
            }
        }
    }
    ways
}

/// A word as typed, in the other keyboard layouts, and in the other alphabets.
fn word(typed: &str) -> Word {
    let lower = typed.to_lowercase();
    let mut spellings = Vec::new();
    let bare = lower.trim_end_matches([',', '.', ';', ':', '!', '?', ')', ']']);
    let as_typed = fold(if bare.is_empty() { &lower } else { bare });
    if !as_typed.is_empty() {
        spellings.push(Spelling::text(as_typed, 0));
    }
    spellings.extend(transliterated(bare, 1));
    for turned in other_layouts(&lower) {
        let folded = fold(&turned);
        if folded.is_empty() || !folded.chars().any(char::is_alphabetic) {
            continue;
        }
        spellings.push(Spelling::text(folded, 1));
        if could_be_said(&turned) {
            spellings.extend(transliterated(&turned, 2));
        }
    }
    Word::of(spellings)
}

/// A quarter of the letters are vowels: nobody means `hjvfirf`.
fn could_be_said(text: &str) -> bool {
    let n_vowels = text.chars().filter(|letter| "aeiouyаеёиоуыэюяіїє".contains(*letter)).count();
    n_vowels * 4 >= text.chars().count()
}

/// The word in the other alphabet, and as neighbours would spell it in the same one; nothing for mixed letters.
fn transliterated(lower: &str, cost: u8) -> Vec<Spelling> {
    let letters: Vec<char> = lower.chars().filter(|letter| letter.is_alphabetic()).collect();
    let spelled = |table: &[(&str, &[&str])]| Some(Spelling::loose(places(lower, table)?, cost));
    match () {
        () if letters.len() < 2 => Vec::new(),
        () if letters.iter().all(char::is_ascii) => spelled(LATIN).into_iter().collect(),
        () if letters.iter().all(|letter| ('\u{400}'..='\u{4ff}').contains(letter)) => {
            [spelled(CYRILLIC), spelled(NEIGHBOURS)].into_iter().flatten().collect()
        }
        () => Vec::new(),
    }
}

/// One place after the other by the table, the longest key first; `None` where no place has a choice other than itself.
fn places(lower: &str, table: &[(&str, &[&str])]) -> Option<Vec<Vec<String>>> {
    let mut places = Vec::new();
    let mut rest = lower;
    let mut differs = false;
    while let Some(letter) = rest.chars().next() {
        let known = table.iter().filter(|(key, _)| rest.starts_with(key)).max_by_key(|(key, _)| key.len());
        if let Some((key, ways)) = known {
            places.push(ways.iter().map(|way| fold(way)).collect());
            rest = &rest[key.len()..];
            differs = true;
        } else {
            let own = fold(&rest[..letter.len_utf8()]);
            if !own.is_empty() {
                places.push(vec![own]);
            }
            rest = &rest[letter.len_utf8()..];
        }
    }
    differs.then_some(places)
}

/// Latin letters and what they stand for in Russian and Ukrainian words.
const LATIN: &[(&str, &[&str])] = &[
    ("shch", &["щ", "щь", "шч"]),
    ("sch", &["щ", "ш", "сч"]),
    ("zgh", &["зг"]),
    ("sh", &["ш", "шь", "сх"]),
    ("ch", &["ч", "чь", "х"]),
    ("zh", &["ж", "жь", "зг"]),
    ("kh", &["х", "кг"]),
    ("ph", &["ф"]),
    ("ts", &["ц", "ць", "тс", "тсь"]),
    ("tz", &["ц"]),
    ("ya", &["я", "ья", "ъя", "ыа"]),
    ("ia", &["я", "ья", "ъя", "ия", "ія", "иа", "іа"]),
    ("ja", &["я", "ья", "джа", "йа"]),
    ("yu", &["ю", "ью", "ъю"]),
    ("iu", &["ю", "ью", "ию", "ію", "иу", "іу"]),
    ("ju", &["ю", "ью", "джу", "жу"]),
    ("yo", &["е", "ье", "йо", "ьо"]),
    ("io", &["е", "ио", "іо", "йо", "ьо"]),
    ("jo", &["е", "йо", "джо", "жо"]),
    ("ye", &["е", "є", "ье", "ъе", "ые"]),
    ("ie", &["е", "є", "ъе", "ие", "іе", "иє", "ье", "ьє"]),
    ("je", &["е", "є", "ье", "дже", "же"]),
    ("ey", &["ей", "ій", "єй"]),
    ("ei", &["ей", "ій", "єй", "еи"]),
    ("yia", &["ыя", "ия", "ія"]),
    ("yie", &["ые", "ие", "іє"]),
    ("yiu", &["ыю", "ию", "ію"]),
    ("yi", &["ї", "иї", "ий", "ый", "ій", "ыи"]),
    ("a", &["а"]),
    ("b", &["б", "бь"]),
    ("c", &["к", "с", "ц"]),
    ("d", &["д", "дь"]),
    ("e", &["е", "є", "э", "ье"]),
    ("f", &["ф", "фь"]),
    ("g", &["г"]),
    ("h", &["г", "х"]),
    ("i", &["и", "і", "й", "ї", "ы"]),
    ("j", &["й", "дж", "ж"]),
    ("k", &["к"]),
    ("l", &["л", "ль"]),
    ("m", &["м", "мь"]),
    ("n", &["н", "нь"]),
    ("o", &["о"]),
    ("p", &["п", "пь"]),
    ("q", &["к"]),
    ("r", &["р", "рь"]),
    ("s", &["с", "сь"]),
    ("t", &["т", "ть"]),
    ("u", &["у", "ю"]),
    ("v", &["в", "вь"]),
    ("w", &["в", "у"]),
    ("x", &["кс", "х"]),
    ("y", &["и", "й", "ы", "і", "у"]),
    ("z", &["з", "зь"]),
    ("'", &["ь", ""]),
];

/// Russian and Ukrainian letters and how people write them in Latin ones.
const CYRILLIC: &[(&str, &[&str])] = &[
    ("кс", &["ks", "x"]),
    ("дж", &["dzh", "j"]),
    ("ий", &["y", "iy", "ij", "yi", "ii", "yy", "i"]),
    ("ый", &["y", "yy", "yi", "iy"]),
    ("ій", &["ii", "iy", "ij", "y", "i", "ey", "ei"]),
    ("ей", &["ey", "ei", "ej", "iy", "ii"]),
    ("ье", &["ye", "ie", "e"]),
    ("ьє", &["ye", "ie"]),
    ("ья", &["ya", "ia", "ja"]),
    ("ью", &["yu", "iu", "ju"]),
    ("ия", &["ia", "iya", "ija", "iia"]),
    ("ія", &["ia", "iya", "iia"]),
    ("а", &["a"]),
    ("б", &["b"]),
    ("в", &["v", "w"]),
    ("г", &["g", "h"]),
    ("ґ", &["g"]),
    ("д", &["d"]),
    ("е", &["e", "ye", "ie", "je"]),
    ("ё", &["e", "yo", "io", "jo"]),
    ("є", &["e", "ye", "ie", "je"]),
    ("ж", &["zh", "j"]),
    ("з", &["z"]),
    ("и", &["i", "y"]),
    ("і", &["i"]),
    ("ї", &["i", "yi", "ji"]),
    ("й", &["y", "i", "j"]),
    ("к", &["k", "c"]),
    ("л", &["l"]),
    ("м", &["m"]),
    ("н", &["n"]),
    ("о", &["o"]),
    ("п", &["p"]),
    ("р", &["r"]),
    ("с", &["s"]),
    ("т", &["t"]),
    ("у", &["u", "oo"]),
    ("ф", &["f", "ph"]),
    ("х", &["kh", "h", "x"]),
    ("ц", &["ts", "c", "tz"]),
    ("ч", &["ch"]),
    ("ш", &["sh"]),
    ("щ", &["shch", "sch"]),
    ("ъ", &[""]),
    ("ы", &["y", "i"]),
    ("ь", &[""]),
    ("э", &["e"]),
    ("ю", &["yu", "iu", "ju", "u"]),
    ("я", &["ya", "ia", "ja", "a"]),
];

/// Letters that Russian and Ukrainian spell differently in the same names.
const NEIGHBOURS: &[(&str, &[&str])] = &[
    ("ей", &["ей", "ій", "єй"]),
    ("ий", &["ий", "ій", "ый", "ей"]),
    ("ій", &["ій", "ий", "ей"]),
    ("ый", &["ый", "ий"]),
    ("ьо", &["ьо", "е", "йо"]),
    ("йо", &["йо", "е"]),
    ("ьє", &["ьє", "ье", "е"]),
    ("ье", &["ье", "ьє", "є"]),
    ("е", &["е", "є", "э"]),
    ("ё", &["е", "йо", "ьо"]),
    ("є", &["є", "е", "ье"]),
    ("э", &["э", "е"]),
    ("и", &["и", "і", "ы"]),
    ("і", &["і", "и"]),
    ("ї", &["ї", "и", "йи"]),
    ("ы", &["ы", "и"]),
    ("ъ", &["ъ", ""]),
    ("ь", &["ь", ""]),
];

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::domain::spelling::Fit;

    #[rstest]
    // As typed, and letters that look alike.
    #[case("Ромашка", "ООО «Ромашка»", 0)]
    #[case("ёлка", "Елка", 0)]
    #[case("обʼєднання", "Об'єднання", 0)]
    #[case("BMK", "ВМК", 0)]
    #[case("Ромашка,", "Ромашка", 0)]
    // Layouts.
    #[case("ghbdtn", "привет", 1)]
    #[case("rb]d", "Київ", 1)]
    #[case("{fhrjd", "Харков", 1)]
    #[case("руддщ", "Hello", 1)]
    #[case("Киъв", "Київ", 1)]
    #[case("Ыван", "Іван", 1)]
    #[case("Івсм", "Ывсм", 1)]
    // Latin for Cyrillic.
    #[case("Ivanenko", "Иваненко", 1)]
    #[case("Ivanenko", "Іваненко", 1)]
    #[case("Olga", "Ольга", 1)]
    #[case("Olha", "Ольга", 1)]
    #[case("Kharkiv", "Харків", 1)]
    #[case("Kharkov", "Харьков", 1)]
    #[case("Shevchenko", "Шевченко", 1)]
    #[case("Scherbakov", "Щербаков", 1)]
    #[case("Zaporizhzhia", "Запоріжжя", 1)]
    #[case("Evgeny", "Евгений", 1)]
    #[case("Yevhen", "Євген", 1)]
    #[case("Alexey", "Алексей", 1)]
    #[case("Yuriy", "Юрій", 1)]
    #[case("Natalia", "Наталья", 1)]
    #[case("Natalia", "Наталія", 1)]
    #[case("Solovyov", "Соловьёв", 1)]
    #[case("Kiev", "Киев", 1)]
    #[case("Kyiv", "Київ", 1)]
    #[case("Tsoy", "Цой", 1)]
    // Cyrillic for Latin.
    #[case("Иваненко", "Ivanenko LLC", 1)]
    #[case("Вестфалия", "Westfalia", 1)]
    #[case("Максим", "Maxim", 1)]
    #[case("Хельга", "Helga", 1)]
    #[case("Щукин", "Shchukin", 1)]
    // Russian for Ukrainian and back.
    #[case("Иваненко", "Іваненко", 1)]
    #[case("Сергій", "Сергей", 1)]
    #[case("Евгения", "Євгенія", 1)]
    // Layout and alphabet at once.
    #[case("шмфтутлщ", "Иваненко", 2)]
    #[case("bdfytyrj", "Ivanenko", 2)]
    fn is_meant(#[case] typed: &str, #[case] meant: &str, #[case] cost: u8) {
        let readings = readings(typed);
        let found = readings[0][0].find(&fold(meant)).unwrap_or_else(|| panic!("{readings:?}"));
        assert_eq!(found.cost, cost, "{found:?}");
        assert!(found.fit <= Fit::Beginning, "{found:?}");
    }

    /// As passports and road signs spell them.
    #[rstest]
    #[case("красный", "krasnyi")]
    #[case("новая", "novaia")]
    #[case("белые", "belyie")]
    #[case("чёрный", "chernyi")]
    #[case("связь", "sviaz")]
    #[case("любовь", "liubov")]
    #[case("семь", "sem")]
    #[case("печь", "pech")]
    #[case("сельхоз", "selkhoz")]
    #[case("мойка", "moika")]
    #[case("объект", "obiekt")]
    #[case("юность", "iunost")]
    #[case("энергия", "energiia")]
    #[case("цемент", "tsement")]
    #[case("щебень", "shcheben")]
    #[case("ярмарка", "iarmarka")]
    #[case("їжачок", "izhachok")]
    #[case("їжачок", "yizhachok")]
    #[case("україна", "ukraina")]
    #[case("україна", "ukrayina")]
    #[case("єдність", "yednist")]
    #[case("гордість", "hordist")]
    #[case("знам'янка", "znamianka")]
    #[case("тернопіль", "ternopil")]
    #[case("хмельницький", "khmelnytskyi")]
    #[case("хмельницький", "khmelnytskyy")]
    #[case("карпатський", "karpatskii")]
    #[case("луцьк", "lutsk")]
    #[case("згурівка", "zghurivka")]
    #[case("южноукраїнськ", "yuzhnoukrainsk")]
    fn a_name_is_found_as_a_passport_has_it(#[case] meant: &str, #[case] typed: &str) {
        assert!(readings(typed)[0][0].find(&fold(meant)).is_some());
    }

    #[rstest]
    #[case("Ivan", "Диван")]
    #[case("кит", "кот")]
    #[case("Olga", "Волга")]
    #[case("Маша", "Misha")]
    fn is_not_meant(#[case] typed: &str, #[case] other: &str) {
        assert_eq!(readings(typed)[0][0].find(&fold(other)), None);
    }

    #[rstest]
    #[case("+7 (912) 345-67-89", "89123456789")]
    #[case("8 912 345 67 89", "79123456789")]
    #[case("067 123-45-67", "380671234567")]
    #[case("+380 67 123 45 67", "0671234567")]
    #[case("+375 29 123-45-67", "80291234567")]
    #[case("00380671234567", "0671234567")]
    #[case("45-67", "380671234567")]
    fn numbers_are_found_without_their_prefixes(#[case] typed: &str, #[case] digits: &str) {
        assert!(readings(typed)[0][0].find(digits).is_some());
    }

    #[test]
    fn what_says_nothing_is_left_out() {
        assert!(readings("«»").is_empty());
        assert!(readings("").is_empty());
        assert_eq!(readings("Ромашка — Юг").last().unwrap().len(), 2);
    }

    /// Whatever the index is asked for must let through all that is found afterwards.
    #[test]
    fn the_index_never_leaves_out_what_would_be_found() {
        let pairs = [("Ivanenko", "Иваненко"), ("Solovyov", "Соловьев"), ("Natalia", "Наталія"), ("Сергій", "Sergey")];
        for (typed, meant) in pairs {
            let word = &readings(typed)[0][0];
            let folded = fold(meant);
            assert!(word.find(&folded).is_some(), "{typed}");
            for spelling in word.spellings().iter().filter(|spelling| spelling.find(&folded).is_some()) {
                let alone = Word::of([spelling.clone()]).query(2).unwrap();
                for group in alone.trim_matches(['(', ')']).split(" AND ") {
                    let mut threes = group.split(" OR ").map(|three| three.trim_matches(['(', ')', '"']));
                    assert!(threes.any(|three| folded.contains(three)), "{typed}: {group}");
                }
            }
        }
    }
}
