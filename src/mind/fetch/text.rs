//! Takes the words out of a page. Pure.
//!
//! No browser: what a script would write is not seen, and neither is what is nested in ways
//! browsers mend. It reads every page in one pass, however broken it is.

/// What stands in these is not for readers.
const UNREAD: [&str; 10] = [
    "script", "style", "noscript", "template", "svg", "head", "title", "nav", "iframe", "select",
];
/// These begin a new line.
const LINES: [&str; 26] = [
    "address",
    "article",
    "aside",
    "blockquote",
    "br",
    "dd",
    "div",
    "dt",
    "figcaption",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "li",
    "main",
    "p",
    "pre",
    "section",
    "tr",
    "ul",
];

/// The words of a page, its title first.
pub(super) fn text(page: &str) -> String {
    let mut reader = Reader::default();
    let mut rest = page;
    while let Some(at) = rest.find('<') {
        let (before, tagged) = rest.split_at(at);
        reader.words(before);
        rest = if let Some((tag, after)) = tag(tagged) {
            reader.tag(tag, after)
        } else {
            reader.words("<");
            tagged.get(1..).unwrap_or_default()
        };
    }
    reader.words(rest);
    reader.finish(page)
}

/// A tag without its brackets, and what follows it; `None` for a bracket that opens nothing.
fn tag(text: &str) -> Option<(&str, &str)> {
    if let Some(comment) = text.strip_prefix("<!--") {
        let (_, after) = comment.split_once("-->").unwrap_or((comment, ""));
        return Some(("!--", after));
    }
    let inside = text.get(1..)?;
    if !inside.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?')) {
        return None;
    }
    // A bracket in a quoted value ends nothing.
    let mut quote = None;
    for (at, c) in inside.char_indices() {
        match (c, quote) {
            ('"' | '\'', None) => quote = Some(c),
            (c, Some(open)) if c == open => quote = None,
            ('>', None) => return Some((inside.get(..at)?, inside.get(at + 1..)?)),
            _ => {}
        }
    }
    // One that never ends, perhaps because of a stray quote: ended at the first bracket.
    Some(inside.split_once('>').unwrap_or((inside, "")))
}

#[derive(Default)]
struct Reader {
    text: String,
    /// A blank, or a new line, is due before the next word.
    blank: bool,
    line: bool,
}

impl Reader {
    /// Takes a tag; what it makes unreadable is passed over. Answers with what is left.
    fn tag<'a>(&mut self, tag: &str, after: &'a str) -> &'a str {
        let closes = tag.starts_with('/');
        let name = tag.trim_start_matches('/');
        let name = name.split(|c: char| !c.is_ascii_alphanumeric()).next();
        let name = name.unwrap_or_default().to_ascii_lowercase();
        if LINES.contains(&name.as_str()) {
            self.line = true;
            if name == "li" && !closes {
                self.words("- ");
            }
        } else if matches!(name.as_str(), "td" | "th" | "option") {
            self.blank = true;
        }
        if closes || tag.ends_with('/') || !UNREAD.contains(&name.as_str()) {
            return after;
        }
        past(after, &name)
    }

    fn words(&mut self, text: &str) {
        for piece in text.split_inclusive(char::is_whitespace) {
            let word = piece.trim_end();
            if !word.is_empty() {
                if self.line && !self.text.is_empty() {
                    self.text.push('\n');
                } else if self.blank && !self.text.is_empty() && !self.text.ends_with(' ') {
                    self.text.push(' ');
                }
                (self.line, self.blank) = (false, false);
                self.text.push_str(&meant(word));
            }
            self.blank |= word.len() < piece.len();
        }
    }

    fn finish(self, page: &str) -> String {
        let title = title(page);
        match (title.is_empty(), self.text.is_empty()) {
            (true, _) => self.text,
            (false, true) => title,
            (false, false) => format!("{title}\n\n{}", self.text),
        }
    }
}

/// What follows the end of an element.
fn past<'a>(text: &'a str, name: &str) -> &'a str {
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("</") {
        let closes = after
            .get(..name.len())
            .is_some_and(|found| found.eq_ignore_ascii_case(name));
        if closes {
            return after.split_once('>').map_or("", |(_, after)| after);
        }
        rest = after;
    }
    ""
}

fn title(page: &str) -> String {
    let mut rest = page;
    while let Some((_, after)) = rest.split_once('<') {
        let is_title = after
            .get(..5)
            .is_some_and(|found| found.eq_ignore_ascii_case("title"));
        if is_title && let Some((_, inside)) = after.split_once('>') {
            let words = inside.split('<').next().unwrap_or_default();
            let words = meant(words);
            return words.split_whitespace().collect::<Vec<_>>().join(" ");
        }
        rest = after;
    }
    String::new()
}

/// A text whose entities mean what they stand for.
fn meant(text: &str) -> String {
    let mut meant = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        meant.push_str(before);
        let entity = after.split_once(';').filter(|(name, _)| name.len() <= 10);
        let known = entity.and_then(|(name, after)| Some((character(name)?, after)));
        if let Some((character, after)) = known {
            meant.push(character);
            rest = after;
        } else {
            meant.push('&');
            rest = after;
        }
    }
    meant.push_str(rest);
    meant
}

fn character(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code);
    }
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        "copy" => '©',
        "deg" => '°',
        "euro" => '€',
        "hellip" => '…',
        "laquo" => '«',
        "raquo" => '»',
        "ldquo" => '“',
        "rdquo" => '”',
        "lsquo" => '‘',
        "rsquo" => '’',
        "mdash" => '—',
        "ndash" => '–',
        "middot" => '·',
        "times" => '×',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_words_of_a_page_are_taken_out_of_it() {
        let table = [
            ("plain  words\nonly", "plain words only"),
            ("<p>one</p><p>two <b>three</b></p>", "one\ntwo three"),
            ("a<br>b<br/>c", "a\nb\nc"),
            ("<ul><li>x<li>y</ul>z", "- x\n- y\nz"),
            ("<script>if (a<b) { x() }</script>shown", "shown"),
            ("<SCRIPT src='>'></SCRIPT >shown", "shown"),
            ("<style>p { }</style><!-- <p>no --> yes", "yes"),
            (
                "<head><title>The&nbsp;title</title></head><body>text",
                "The title\n\ntext",
            ),
            ("<p title='a > b'>c", "c"),
            (
                "3 < 4 &amp;&amp; 5 &gt; 4 &unknown; &#x4f60;&#22909;",
                "3 < 4 && 5 > 4 &unknown; 你好",
            ),
            ("<td>1</td><td>2</td>", "1 2"),
            ("<p>unfinished <b", "unfinished"),
            ("<script>never closed", ""),
            ("", ""),
        ];
        for (page, words) in table {
            assert_eq!(text(page), words, "{page}");
        }
    }

    proptest! {
        #[test]
        fn any_page_is_read(page in "(<[/!]?[a-z]{0,6}[ '\"=>]?|&#?x?[0-9a-z]{0,4};?|[ a-z你\n<>\"'-]){0,60}") {
            let words = text(&page);
            prop_assert!(words.len() <= 2 * page.len() + 2, "{words}");
        }
    }
}
