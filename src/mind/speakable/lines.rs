//! Takes off what makes headings, quotes, lists, tables and code of lines. Pure.

use super::Part;

/// The most of a line that is kept to find out what it is; longer rows are cut.
const LONGEST: usize = 4_000;

/// The longest start of a line that may still be a mark.
const LONGEST_START: usize = 200;

/// Reads lines, character by character.
#[derive(Clone, Debug, Default)]
pub(super) struct Lines {
    state: State,
}

#[derive(Clone, Debug)]
enum State {
    /// At the start of a line, with what may yet be a mark.
    Start(String),
    /// In the middle of a line of text.
    Text,
    /// In a row of a table.
    Row(String),
    /// In the line that begins code.
    Opening(Fence, String),
    /// In code: its lines so far, and the one that is arriving.
    Code(Fence, usize, String),
}

impl Default for State {
    fn default() -> Self {
        Self::Start(String::new())
    }
}

/// What code is between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Fence {
    mark: char,
    length: usize,
}

impl Fence {
    fn of(line: &str) -> Option<Self> {
        let mark = line.chars().next().filter(|c| matches!(c, '`' | '~'))?;
        let length = line.chars().take_while(|c| *c == mark).count();
        (length >= 3).then_some(Self { mark, length })
    }

    fn is_closed_by(self, line: &str) -> bool {
        let line = line.trim();
        Self::of(line).is_some_and(|other| other.mark == self.mark && other.length >= self.length)
            && line.chars().all(|c| c == self.mark)
    }
}

/// What the start of a line shows.
enum Shown {
    /// Nothing yet.
    Nothing,
    /// Text from here on.
    Text(String),
    Row,
    Fence(Fence),
}

impl Lines {
    pub(super) fn take(&mut self, c: char, out: &mut Vec<Part>) {
        match &mut self.state {
            _ if c == '\n' => {
                self.end_line(out);
                out.push(Part::Break);
            }
            State::Text => out.push(Part::Char(c)),
            State::Row(line) | State::Code(_, _, line) => keep(line, c),
            State::Opening(fence, line) => {
                keep(line, c);
                // More of them would be more of the mark.
                if c == fence.mark && line.chars().all(|c| c == fence.mark) {
                    fence.length += 1;
                }
            }
            State::Start(start) => {
                start.push(c);
                match shown(start) {
                    Shown::Nothing if start.len() < LONGEST_START => {}
                    Shown::Nothing => {
                        out.extend(start.chars().map(Part::Char));
                        self.state = State::Text;
                    }
                    Shown::Text(text) => {
                        self.state = State::Text;
                        out.extend(text.chars().map(Part::Char));
                    }
                    Shown::Row => self.state = State::Row(String::new()),
                    Shown::Fence(fence) => self.state = State::Opening(fence, String::new()),
                }
            }
        }
    }

    /// The text is over.
    pub(super) fn finish(&mut self, out: &mut Vec<Part>) {
        if let State::Code(fence, lines, line) = &self.state
            && !line.trim().is_empty()
            && !fence.is_closed_by(line)
        {
            out.extend([Part::Break, Part::Code(lines + 1), Part::Break]);
        } else if let State::Code(_, lines, _) = &self.state {
            out.extend([Part::Break, Part::Code(*lines), Part::Break]);
        } else {
            self.end_line(out);
        }
        *self = Self::default();
    }

    fn end_line(&mut self, out: &mut Vec<Part>) {
        self.state = match std::mem::take(&mut self.state) {
            State::Text => State::default(),
            State::Start(start) => {
                if !is_rule(&start) {
                    out.extend(start.chars().map(Part::Char));
                }
                State::default()
            }
            State::Row(line) => {
                out.extend(row(&line).chars().map(Part::Char));
                State::default()
            }
            State::Opening(fence, _) => State::Code(fence, 0, String::new()),
            State::Code(fence, lines, line) if fence.is_closed_by(&line) => {
                out.extend([Part::Break, Part::Code(lines)]);
                State::default()
            }
            State::Code(fence, lines, _) => State::Code(fence, lines + 1, String::new()),
        };
    }
}

fn keep(line: &mut String, c: char) {
    if line.len() < LONGEST {
        line.push(c);
    }
}

/// What the start of a line is, as soon as it is sure.
fn shown(start: &str) -> Shown {
    let (mut rest, mut listed) = (start.trim_start(), false);
    loop {
        if let Some(quoted) = rest.strip_prefix('>') {
            rest = quoted.trim_start();
            continue;
        }
        let Some(first) = rest.chars().next() else {
            return Shown::Nothing;
        };
        match first {
            '|' => return Shown::Row,
            '`' | '~' => {
                return match Fence::of(rest) {
                    Some(fence) => Shown::Fence(fence),
                    None if rest.len() < 3 && rest.chars().all(|c| c == first) => Shown::Nothing,
                    None => Shown::Text(rest.to_owned()),
                };
            }
            '#' => {
                let title = rest.trim_start_matches('#');
                let marks = rest.len() - title.len();
                return if title.trim_start().is_empty() && marks <= 6 {
                    Shown::Nothing
                } else if title.starts_with(' ') {
                    Shown::Text(title.trim_start().to_owned())
                } else {
                    Shown::Text(rest.to_owned())
                };
            }
            '-' | '*' | '+' | '=' | '_' | '•' | ':' => {
                if is_rule(rest) {
                    return Shown::Nothing;
                }
                let after = rest.split_at(first.len_utf8()).1;
                match after.strip_prefix([' ', '\t']) {
                    Some(item) if matches!(first, '-' | '*' | '+' | '•') => {
                        rest = item.trim_start();
                        listed = true;
                    }
                    _ => return Shown::Text(rest.to_owned()),
                }
            }
            '[' if listed => {
                // A box of a to-do list, ticked or not.
                for tick in ["[ ] ", "[x] ", "[X] "] {
                    if let Some(item) = rest.strip_prefix(tick) {
                        return Shown::Text(item.to_owned());
                    }
                    if tick.starts_with(rest) {
                        return Shown::Nothing;
                    }
                }
                return Shown::Text(rest.to_owned());
            }
            '0'..='9' => {
                let after = rest.trim_start_matches(|c: char| c.is_ascii_digit());
                let number = rest.len() - after.len();
                if number > 3 || !matches!(after.chars().next(), None | Some('.' | ')')) {
                    return Shown::Text(rest.to_owned());
                }
                return match after.chars().nth(1) {
                    None => Shown::Nothing,
                    // The number of an item is worth saying, but it is no sentence.
                    Some(' ') => {
                        let (number, _) = rest.split_at(number);
                        Shown::Text(format!("{number}, "))
                    }
                    Some(_) => Shown::Text(rest.to_owned()),
                };
            }
            _ => return Shown::Text(rest.to_owned()),
        }
    }
}

/// A line that only divides, or could still become one.
fn is_rule(line: &str) -> bool {
    let mark = |c: char| matches!(c, '-' | '*' | '_' | '=' | '+' | ':' | '|' | '•' | '#' | '>');
    line.chars().all(|c| c.is_whitespace() || mark(c))
}

/// A row as a list of its cells; nothing for the row that only divides.
fn row(line: &str) -> String {
    if is_rule(line) {
        return String::new();
    }
    let cells = line.split('|').map(str::trim);
    let cells: Vec<_> = cells.filter(|cell| !cell.is_empty()).collect();
    cells.join(", ")
}
