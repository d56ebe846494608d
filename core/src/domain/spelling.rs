//! A word somebody typed into the search, with all the ways it may have been meant, and where it stands in a text.
//!
//! Texts are as [`fold`](super::fold::fold) leaves them. The ways themselves are made in
//! [`readings`](super::readings).

/// Alternatives a window of a loose spelling may have before it stops narrowing anything down.
const MOST_ALTERNATIVES: usize = 48;
/// Windows of a loose spelling asked of the index; what it lets through is compared letter by letter anyway.
const MOST_WINDOWS: usize = 4;
/// Letters of a word asked of the index.
const MOST_LETTERS: usize = 24;

/// One way a word may be spelled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spelling {
    shape: Shape,
    /// How far it is from what was typed: 0 is as typed.
    pub cost: u8,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Shape {
    Text(String),
    /// One place after the other, each with what may stand there, the longest first. Only looked for where words begin.
    Loose(Vec<Vec<String>>),
}

/// How well a word stands where it was found; the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fit {
    /// It is a whole word of the text.
    Whole,
    /// A word of the text begins with it.
    Beginning,
    /// It stands in the middle of one.
    Inside,
}

/// Where a word was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// First byte.
    pub from: usize,
    /// The byte after the last one.
    pub to: usize,
    /// How well.
    pub fit: Fit,
    /// Cost of the spelling found.
    pub cost: u8,
}

impl Spelling {
    /// Exactly this text, wherever it stands.
    #[must_use]
    pub fn text(folded: String, cost: u8) -> Self {
        Self { shape: Shape::Text(folded), cost }
    }

    /// One of the alternatives at each place, where a word begins.
    #[must_use]
    pub fn loose(mut places: Vec<Vec<String>>, cost: u8) -> Self {
        for place in &mut places {
            place.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
            place.dedup();
        }
        Self { shape: Shape::Loose(places), cost }
    }

    /// What texts it stands for begin with, where that is exactly one thing.
    #[must_use]
    pub fn exact(&self) -> Option<&str> {
        match &self.shape {
            Shape::Text(text) => Some(text),
            Shape::Loose(_) => None,
        }
    }

    /// The best place in `text`.
    #[must_use]
    pub fn find(&self, text: &str) -> Option<Found> {
        let mut best: Option<Found> = None;
        let mut note = |from: usize, to: usize, fit: Fit| {
            if best.is_none_or(|best| fit < best.fit) {
                best = Some(Found { from, to, fit, cost: self.cost });
            }
            fit == Fit::Whole
        };
        match &self.shape {
            Shape::Text(word) => {
                for (from, _) in text.match_indices(word.as_str()) {
                    let to = from + word.len();
                    let fit = match () {
                        () if !begins_a_word(text, from) => Fit::Inside,
                        () if ends_a_word(text, to) => Fit::Whole,
                        () => Fit::Beginning,
                    };
                    if note(from, to, fit) {
                        break;
                    }
                }
            }
            Shape::Loose(places) => {
                let mut before = None;
                for (from, letter) in text.char_indices() {
                    let begins = letter.is_alphanumeric() && !before.is_some_and(char::is_alphanumeric);
                    before = Some(letter);
                    if !begins {
                        continue;
                    }
                    if let Some(to) = stands_at(text, from, places) {
                        let fit = if ends_a_word(text, to) { Fit::Whole } else { Fit::Beginning };
                        if note(from, to, fit) {
                            break;
                        }
                    }
                }
            }
        }
        best
    }

    /// Groups of three letters: of every group one stands in each text it is found in. Empty where nothing so long is
    /// certain.
    fn windows(&self) -> Vec<Vec<String>> {
        match &self.shape {
            Shape::Text(text) => {
                let letters: Vec<char> = text.chars().take(MOST_LETTERS).collect();
                letters.windows(3).map(|three| vec![three.iter().collect()]).collect()
            }
            Shape::Loose(places) => {
                let mut windows: Vec<Vec<String>> = (0..places.len())
                    .filter_map(|at| {
                        let mut threes = Vec::new();
                        extend(&places[at..], String::new(), &mut threes).then_some(threes)
                    })
                    .collect();
                windows.sort_by_key(Vec::len);
                windows.truncate(MOST_WINDOWS);
                windows
            }
        }
    }
}

/// A typed word.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Word {
    spellings: Vec<Spelling>,
}

impl Word {
    /// A word of these spellings; each once, the cheapest first.
    #[must_use]
    pub fn of(spellings: impl IntoIterator<Item = Spelling>) -> Self {
        let mut word = Self::default();
        for spelling in spellings {
            if !word.spellings.iter().any(|other| other.shape == spelling.shape) {
                word.spellings.push(spelling);
            }
        }
        word.spellings.sort_by_key(|spelling| spelling.cost);
        word
    }

    /// All of them.
    #[must_use]
    pub fn spellings(&self) -> &[Spelling] {
        &self.spellings
    }

    /// Whether it has a spelling of this cost.
    #[must_use]
    pub fn costs(&self, cost: u8) -> bool {
        self.spellings.iter().any(|spelling| spelling.cost == cost)
    }

    /// The best place in `text`: how far from what was typed and how well it stands weigh alike.
    #[must_use]
    pub fn find(&self, text: &str) -> Option<Found> {
        let weight = |found: &Found| (found.fit as u8 + found.cost, found.cost);
        self.spellings.iter().filter_map(|spelling| spelling.find(text)).min_by_key(weight)
    }

    /// What to ask an index of trigrams for, with spellings that cost no more; `None` where any text may have it.
    #[must_use]
    pub fn query(&self, cost: u8) -> Option<String> {
        let mut ways = Vec::new();
        for spelling in self.spellings.iter().filter(|spelling| spelling.cost <= cost) {
            let windows = spelling.windows();
            if windows.is_empty() {
                if spelling.cost == 0 {
                    return None;
                }
                continue;
            }
            let group = |threes: &Vec<String>| {
                let quoted: Vec<String> = threes.iter().map(|three| format!("\"{three}\"")).collect();
                if quoted.len() == 1 { quoted.concat() } else { format!("({})", quoted.join(" OR ")) }
            };
            ways.push(format!("({})", windows.iter().map(group).collect::<Vec<_>>().join(" AND ")));
        }
        (!ways.is_empty()).then(|| format!("({})", ways.join(" OR ")))
    }
}

/// What to ask an index of trigrams for, so that no text with all the words is left out; `None` where it cannot help.
#[must_use]
pub fn query(words: &[Word], cost: u8) -> Option<String> {
    let parts: Vec<String> = words.iter().filter_map(|word| word.query(cost)).collect();
    (!parts.is_empty()).then(|| parts.join(" AND "))
}

/// True where a word of the text begins at this byte, or the text itself.
#[must_use]
pub fn begins_a_word(text: &str, at: usize) -> bool {
    text[..at].chars().next_back().is_none_or(|before| !before.is_alphanumeric())
}

fn ends_a_word(text: &str, at: usize) -> bool {
    text[at..].chars().next().is_none_or(|after| !after.is_alphanumeric())
}

/// The end of the longest way the places stand in `text` from this byte on.
fn stands_at(text: &str, from: usize, places: &[Vec<String>]) -> Option<usize> {
    let Some((place, rest)) = places.split_first() else { return Some(from) };
    place
        .iter()
        .filter(|way| text[from..].starts_with(way.as_str()))
        .find_map(|way| stands_at(text, from + way.len(), rest))
}

/// All beginnings of three letters; false where one is shorter or they are too many.
fn extend(places: &[Vec<String>], begun: String, threes: &mut Vec<String>) -> bool {
    let n = begun.chars().count();
    if n >= 3 {
        let three: String = begun.chars().take(3).collect();
        if !threes.contains(&three) {
            threes.push(three);
        }
        return threes.len() <= MOST_ALTERNATIVES;
    }
    let Some((place, rest)) = places.split_first() else { return false };
    place.iter().all(|way| extend(rest, format!("{begun}{way}"), threes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(of: &[&[&str]]) -> Vec<Vec<String>> {
        of.iter().map(|place| place.iter().map(|way| (*way).to_owned()).collect()).collect()
    }

    #[test]
    fn whole_words_are_better_than_beginnings_and_those_than_middles() {
        let word = Spelling::text("мир".to_owned(), 0);
        assert_eq!(word.find("кумир мирный мир").unwrap().fit, Fit::Whole);
        assert_eq!(word.find("кумир мирный").unwrap().fit, Fit::Beginning);
        assert_eq!(word.find("кумир").unwrap().fit, Fit::Inside);
        assert_eq!(word.find("мор"), None);
    }

    #[test]
    fn loose_spellings_take_any_way_through_and_stand_only_where_words_begin() {
        let word = Spelling::loose(places(&[&["о"], &["л", "ль"], &["г", "х"], &["а"]]), 1);
        assert_eq!(word.find("иванова ольга").unwrap().fit, Fit::Whole);
        assert_eq!(word.find("олха-сервис").unwrap().fit, Fit::Whole);
        assert_eq!(word.find("волга"), None);
    }

    #[test]
    fn the_index_is_asked_for_windows_that_every_way_has() {
        let word = Word::of([Spelling::loose(places(&[&["о"], &["л", "ль"], &["г"], &["а"]]), 1)]);
        assert_eq!(word.query(1).unwrap(), "(((\"оль\" OR \"олг\") AND (\"льг\" OR \"лга\")))");
        assert_eq!(word.query(0), None);
    }

    #[test]
    fn a_short_word_as_typed_narrows_nothing_down() {
        let word = Word::of([Spelling::text("щи".to_owned(), 0), Spelling::text("shchi".to_owned(), 1)]);
        assert_eq!(word.query(1), None);
    }
}
