//! Names of people: surname, first name, patronymic, in whatever order somebody typed them.

/// The parts of a person's name; empty where unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Name {
    /// Family name.
    pub surname: String,
    /// Given name.
    pub first: String,
    /// Patronymic or further given names.
    pub patronymic: String,
}

const PATRONYMICS: [&str; 14] =
    ["ович", "евич", "йович", "ьич", "мич", "кич", "овна", "евна", "івна", "ївна", "ична", "оглы", "кызы", "огли"];

impl Name {
    /// Splits a full name. A patronymic shows the order; without one the surname is taken to stand first.
    #[must_use]
    pub fn split(full: &str) -> Self {
        let words: Vec<&str> = full.split_whitespace().collect();
        let named = |surname: &str, first: &str, patronymic: &str| Self {
            surname: surname.to_owned(),
            first: first.to_owned(),
            patronymic: patronymic.to_owned(),
        };
        match words.as_slice() {
            [] => Self::default(),
            [only] => named(only, "", ""),
            [first, patronymic] if is_patronymic(patronymic) => named("", first, patronymic),
            [surname, first] => named(surname, first, ""),
            [first, patronymic, surname] if is_patronymic(patronymic) && !is_patronymic(surname) => {
                named(surname, first, patronymic)
            }
            [surname, first, rest @ ..] => named(surname, first, &rest.join(" ")),
        }
    }

    /// Surname, first name, patronymic, as the product writes them.
    #[must_use]
    pub fn full(&self) -> String {
        let parts = [&self.surname, &self.first, &self.patronymic];
        parts.iter().map(|part| part.trim()).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
    }
}

fn is_patronymic(word: &str) -> bool {
    let lower = word.to_lowercase();
    // "Кузьмич" and "Ильич" are patronymics, a surname such as "Стич" is not.
    PATRONYMICS.iter().any(|ending| lower.ends_with(ending) && lower.chars().count() > ending.chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("Шевченко Тарас Григорович", "Шевченко", "Тарас", "Григорович")]
    #[case("Тарас Григорович Шевченко", "Шевченко", "Тарас", "Григорович")]
    #[case("Анна Ильинична Петрова", "Петрова", "Анна", "Ильинична")]
    #[case("Лукич Иван Петрович", "Лукич", "Иван", "Петрович")]
    #[case("Иван Ильич", "", "Иван", "Ильич")]
    #[case("Петрова Анна", "Петрова", "Анна", "")]
    #[case("Мамедов Али Гусейн оглы", "Мамедов", "Али", "Гусейн оглы")]
    #[case("Cher", "Cher", "", "")]
    #[case("  ", "", "", "")]
    fn a_patronymic_shows_the_order(
        #[case] full: &str,
        #[case] surname: &str,
        #[case] first: &str,
        #[case] rest: &str,
    ) {
        let name = Name::split(full);
        assert_eq!((&*name.surname, &*name.first, &*name.patronymic), (surname, first, rest));
    }

    #[test]
    fn parts_are_put_together_surname_first() {
        assert_eq!(Name::split("Тарас Григорович Шевченко").full(), "Шевченко Тарас Григорович");
        assert_eq!(Name { first: "Анна".to_owned(), ..Name::default() }.full(), "Анна");
    }
}
