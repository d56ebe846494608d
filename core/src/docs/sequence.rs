//! The letters of a note in their merged order, as far as telling needs it: what each change typed and struck out.

use std::collections::HashMap;

use super::history::Id;

/// Letters kept on either side of what was changed.
const AROUND: usize = 32;
/// Stands for what is left out between two changed places.
const CUT: char = '…';

/// A piece of a note as a change left it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// It stood there and stays; of long ones the middle is left out.
    Same(String),
    /// The change put it there.
    Typed(String),
    /// The change took it away.
    Struck(String),
}

/// All letters ever typed, struck ones included: a list through an arena, so that putting one in moves none.
#[derive(Default)]
pub(super) struct Letters {
    all: Vec<Letter>,
    at: HashMap<Id, usize>,
    first: Option<usize>,
    /// The change being read did something.
    touched: bool,
}

struct Letter {
    id: Id,
    text: String,
    next: Option<usize>,
    struck: bool,
    /// What the change being read did.
    mark: Mark,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    None,
    Typed,
    Struck,
}

impl Letters {
    /// A letter behind another one, `None` at the beginning. Where several were put at one place the greatest name
    /// comes first, as Automerge has it.
    pub fn insert(&mut self, id: Id, after: Option<Id>, text: &str) {
        let mut before = match after {
            None => None,
            Some(after) => match self.at.get(&after) {
                Some(at) => Some(*at),
                None => return,
            },
        };
        while let Some(next) = self.next(before)
            && self.all[next].id > id
        {
            before = Some(next);
        }
        let next = self.next(before);
        let here = self.all.len();
        self.all.push(Letter { id, text: text.to_owned(), next, struck: false, mark: Mark::Typed });
        self.at.insert(id, here);
        match before {
            Some(before) => self.all[before].next = Some(here),
            None => self.first = Some(here),
        }
        self.touched = true;
    }

    pub fn delete(&mut self, id: Option<Id>) {
        let Some(at) = id.and_then(|id| self.at.get(&id)) else { return };
        let letter = &mut self.all[*at];
        if letter.struck {
            return;
        }
        letter.struck = true;
        // Typed and struck by the same change: nobody ever saw it.
        letter.mark = if letter.mark == Mark::Typed { Mark::None } else { Mark::Struck };
        self.touched = true;
    }

    fn next(&self, at: Option<usize>) -> Option<usize> {
        match at {
            Some(at) => self.all[at].next,
            None => self.first,
        }
    }

    /// What the change just read did, and forgets that it did.
    pub fn taken(&mut self) -> Vec<Piece> {
        if !std::mem::take(&mut self.touched) {
            return Vec::new();
        }
        let mut runs: Vec<(Mark, String)> = Vec::new();
        let mut at = self.first;
        while let Some(here) = at {
            let letter = &mut self.all[here];
            at = letter.next;
            let mark = std::mem::replace(&mut letter.mark, Mark::None);
            if mark == Mark::None && letter.struck {
                continue;
            }
            match runs.last_mut() {
                Some((last, text)) if *last == mark => text.push_str(&letter.text),
                _ => runs.push((mark, letter.text.clone())),
            }
        }
        if runs.iter().all(|(mark, _)| *mark == Mark::None) {
            return Vec::new();
        }
        // What was struck stands before what was typed in its place.
        for at in 1..runs.len() {
            if (runs[at - 1].0, runs[at].0) == (Mark::Typed, Mark::Struck) {
                runs.swap(at - 1, at);
            }
        }
        let last = runs.len() - 1;
        let piece = |(at, (mark, text)): (usize, (Mark, String))| match mark {
            Mark::None => Piece::Same(shortened(&text, at == 0, at == last)),
            Mark::Typed => Piece::Typed(text),
            Mark::Struck => Piece::Struck(text),
        };
        runs.into_iter().enumerate().map(piece).collect()
    }

    #[cfg(test)]
    pub fn text(&self) -> String {
        let mut text = String::new();
        let mut at = self.first;
        while let Some(here) = at {
            let letter = &self.all[here];
            if !letter.struck {
                text.push_str(&letter.text);
            }
            at = letter.next;
        }
        text
    }
}

fn shortened(text: &str, first: bool, last: bool) -> String {
    let letters: Vec<char> = text.chars().collect();
    let head = if first { 0 } else { AROUND };
    let tail = if last { 0 } else { AROUND };
    if letters.len() <= head + tail + 1 {
        return text.to_owned();
    }
    let mut short: String = letters[..head].iter().collect();
    short.push(CUT);
    short.extend(&letters[letters.len() - tail..]);
    short
}
