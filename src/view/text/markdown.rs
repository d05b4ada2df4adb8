//! Turns markdown into rows, one top-level block after another.
//!
//! A block's rows depend on its text, the room, and nothing else, which is what lets
//! [`super::stream`] keep the finished blocks of a reply that is still arriving.

use super::table::{Table, set};
use super::wrap::{is_chinese, wrap, wrap_anywhere};
use super::{Row, Run, code};
use crate::view::theme::{Ink, Role};
use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};
use ratatui::style::Modifier;
use std::ops::Range;

/// One top-level block: where it stands in the text, and its rows.
pub struct Block {
    pub range: Range<usize>,
    pub rows: Vec<Row>,
    /// It is a fenced code block.
    pub fenced: bool,
}

/// The top-level blocks of a text.
pub fn blocks(text: &str, room: usize) -> Vec<Block> {
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut found: Vec<Block> = vec![];
    let mut depth = 0_usize;
    let mut painter = Painter::new(room);
    for (event, range) in Parser::new_ext(text, options).into_offset_iter() {
        if depth == 0 {
            painter = Painter::new(room);
            let fenced = matches!(
                event,
                Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(_)))
            );
            found.push(Block {
                range,
                rows: vec![],
                fenced,
            });
        }
        match event {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
        painter.event(event);
        if depth == 0
            && let Some(block) = found.last_mut()
        {
            painter.flush();
            block.rows = std::mem::take(&mut painter.rows);
        }
    }
    found
}

/// What is around the text being written.
enum Container {
    Quote,
    /// An item of a list; its mark is shown once.
    Item {
        mark: Run,
        columns: usize,
        shown: bool,
    },
}

impl Container {
    const fn columns(&self) -> usize {
        match self {
            Self::Quote => 2,
            Self::Item { columns, .. } => *columns,
        }
    }
}

struct Painter {
    room: usize,
    rows: Vec<Row>,
    /// The paragraph being collected.
    inline: Row,
    emphasis: Vec<Modifier>,
    base: Ink,
    containers: Vec<Container>,
    /// The next number of each open list; `None`: it has bullets.
    lists: Vec<Option<u64>>,
    /// A blank row is due before the next block.
    gap: bool,
    code: Option<(String, String)>,
    table: Option<Table>,
    /// Address and visible text of the link being collected.
    link: Option<(String, String)>,
    /// A line of the source ended here.
    soft: bool,
}

impl Painter {
    const fn new(room: usize) -> Self {
        Self {
            room,
            rows: vec![],
            inline: vec![],
            emphasis: vec![],
            base: Ink::of(Role::Text),
            containers: vec![],
            lists: vec![],
            gap: false,
            code: None,
            table: None,
            link: None,
            soft: false,
        }
    }

    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => match &mut self.code {
                Some((_, code)) => code.push_str(&text),
                None => self.text(&text, self.ink()),
            },
            Event::Code(code) | Event::InlineMath(code) | Event::DisplayMath(code) => {
                let ink = Ink {
                    role: Role::Code,
                    ..self.ink()
                };
                self.text(&code, ink);
            }
            Event::Html(html) | Event::InlineHtml(html) => {
                let ink = Ink {
                    role: Role::Dim,
                    ..self.ink()
                };
                self.text(&html, ink);
            }
            Event::FootnoteReference(name) => self.text(&format!("[{name}]"), self.ink()),
            Event::SoftBreak => self.soft = true,
            Event::HardBreak => {
                self.soft = false;
                self.inline.push(Run::role("\n", Role::Text));
            }
            Event::Rule => {
                self.block();
                let columns = self.room_inside().min(24);
                self.inline.push(Run::role(&"─".repeat(columns), Role::Dim));
                self.flush();
                self.gap = true;
            }
            Event::TaskListMarker(done) => {
                let mark = if done { "[x] " } else { "[ ] " };
                self.inline.push(Run::role(mark, Role::Accent));
            }
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Heading { level, .. } => {
                self.block();
                self.base = Ink::of(Role::Heading).with(match level {
                    HeadingLevel::H1 => Modifier::UNDERLINED,
                    HeadingLevel::H2 => Modifier::empty(),
                    _ => Modifier::ITALIC,
                });
            }
            Tag::BlockQuote(_) => {
                self.block();
                self.containers.push(Container::Quote);
            }
            Tag::CodeBlock(kind) => {
                self.block();
                let language = match &kind {
                    CodeBlockKind::Fenced(info) => info
                        .split([' ', ',', '{'])
                        .next()
                        .unwrap_or_default()
                        .to_owned(),
                    CodeBlockKind::Indented => String::new(),
                };
                self.code = Some((language, String::new()));
            }
            Tag::List(first) => {
                self.block();
                self.lists.push(first);
            }
            Tag::Item => {
                self.block();
                let mark = match self.lists.last_mut() {
                    Some(Some(number)) => {
                        let mark = format!("{number}. ");
                        *number = number.saturating_add(1);
                        mark
                    }
                    _ => "• ".to_owned(),
                };
                let mark = Run::role(&mark, Role::Dim);
                self.containers.push(Container::Item {
                    columns: super::width(&mark.text),
                    mark,
                    shown: false,
                });
            }
            Tag::Table(alignments) => {
                self.block();
                self.table = Some(Table {
                    alignments,
                    rows: vec![],
                });
            }
            Tag::TableHead | Tag::TableRow => {
                if let Some(table) = &mut self.table {
                    table.rows.push(vec![]);
                }
            }
            Tag::Emphasis => self.emphasis.push(Modifier::ITALIC),
            Tag::Strong => self.emphasis.push(Modifier::BOLD),
            Tag::Strikethrough => self.emphasis.push(Modifier::CROSSED_OUT),
            Tag::Link { dest_url, .. } => self.link = Some((dest_url.into_string(), String::new())),
            Tag::Image { dest_url, .. } => {
                self.text("image: ", Ink::of(Role::Dim));
                self.link = Some((dest_url.into_string(), String::new()));
            }
            Tag::Paragraph | Tag::HtmlBlock => self.block(),
            Tag::TableCell
            | Tag::FootnoteDefinition(_)
            | Tag::DefinitionList
            | Tag::DefinitionListTitle
            | Tag::DefinitionListDefinition
            | Tag::Superscript
            | Tag::Subscript
            | Tag::MetadataBlock(_) => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph | TagEnd::HtmlBlock => {
                self.flush();
                self.gap = true;
            }
            TagEnd::Heading(_) => {
                self.flush();
                self.base = Ink::of(Role::Text);
                self.gap = true;
            }
            TagEnd::BlockQuote(_) => {
                self.flush();
                self.containers.pop();
                self.gap = true;
            }
            TagEnd::CodeBlock => self.code_block(),
            TagEnd::List(_) => {
                self.lists.pop();
                self.gap |= self.lists.is_empty();
            }
            TagEnd::Item => {
                self.flush();
                if matches!(
                    self.containers.last(),
                    Some(Container::Item { shown: false, .. })
                ) {
                    self.push_rows(vec![vec![]]);
                }
                self.containers.pop();
            }
            TagEnd::Table => {
                if let Some(table) = self.table.take() {
                    let rows = set(&table, self.room_inside());
                    self.push_rows(rows);
                }
                self.gap = true;
            }
            TagEnd::TableCell => {
                let cell = std::mem::take(&mut self.inline);
                if let Some(row) = self.table.as_mut().and_then(|table| table.rows.last_mut()) {
                    row.push(cell);
                }
            }
            TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough => {
                self.emphasis.pop();
            }
            TagEnd::Link | TagEnd::Image => {
                if let Some((url, text)) = self.link.take()
                    && !url.is_empty()
                    && url != text
                    && url.strip_prefix("mailto:") != Some(&text)
                {
                    self.text(" (", Ink::of(Role::Dim));
                    self.text(&url, Ink::of(Role::Link));
                    self.text(")", Ink::of(Role::Dim));
                }
            }
            TagEnd::TableHead
            | TagEnd::TableRow
            | TagEnd::FootnoteDefinition
            | TagEnd::DefinitionList
            | TagEnd::DefinitionListTitle
            | TagEnd::DefinitionListDefinition
            | TagEnd::Superscript
            | TagEnd::Subscript
            | TagEnd::MetadataBlock(_) => {}
        }
    }

    /// The ink of the text here.
    fn ink(&self) -> Ink {
        let mut ink = self.base;
        if self.link.is_some() {
            ink.role = Role::Link;
        }
        for emphasis in &self.emphasis {
            ink = ink.with(*emphasis);
        }
        ink
    }

    fn text(&mut self, text: &str, ink: Ink) {
        if std::mem::take(&mut self.soft) {
            // Between Chinese characters the end of a source line stands for nothing.
            let before = self.inline.last().and_then(|run| run.text.chars().last());
            let joins =
                before.is_some_and(is_chinese) && text.chars().next().is_some_and(is_chinese);
            if !joins {
                self.inline.push(Run {
                    text: " ".to_owned(),
                    ink: self.base,
                });
            }
        }
        if let Some((_, seen)) = &mut self.link {
            seen.push_str(text);
        }
        self.inline.push(Run::new(text, ink));
    }

    /// A block begins: writes what came before it in the same item, and the gap if one is due.
    fn block(&mut self) {
        self.flush();
        if std::mem::take(&mut self.gap) && !self.rows.is_empty() {
            let mut row = self.prefix(true);
            while row.last().is_some_and(|run| run.text.trim().is_empty()) {
                row.pop();
            }
            self.rows.push(row);
        }
    }

    /// Writes the collected paragraph.
    fn flush(&mut self) {
        self.soft = false;
        let mut inline = std::mem::take(&mut self.inline);
        if let Some(last) = inline.last_mut() {
            let kept = last.text.trim_end_matches('\n').len();
            last.text.truncate(kept);
        }
        if inline.iter().any(|run| !run.text.is_empty()) {
            let rows = wrap(&inline, self.room_inside());
            self.push_rows(rows);
        }
    }

    fn code_block(&mut self) {
        let Some((language, text)) = self.code.take() else {
            return;
        };
        let bar = || Run::role("│ ", Role::Dim);
        let room = self.room_inside();
        let mut rows = vec![];
        if !language.is_empty() {
            let label = super::clip(&format!("┌ {language}"), room);
            rows.push(vec![Run::role(&label, Role::Dim)]);
        }
        for line in code::highlight(&language, text.trim_end_matches('\n')) {
            for piece in wrap_anywhere(&line, room.saturating_sub(2).max(1)) {
                let mut row = if room > 2 { vec![bar()] } else { vec![] };
                row.extend(piece);
                rows.push(row);
            }
        }
        self.push_rows(rows);
        self.gap = true;
    }

    /// The columns left inside the containers.
    fn room_inside(&self) -> usize {
        self.room.saturating_sub(self.taken().1).max(1)
    }

    /// How many outer containers are left out, and the columns the others take. With deep
    /// nesting on a narrow screen the outer ones give way to the text.
    fn taken(&self) -> (usize, usize) {
        let mut taken: usize = self.containers.iter().map(Container::columns).sum();
        let mut skipped = 0;
        while taken * 2 > self.room
            && let Some(container) = self.containers.get(skipped)
        {
            taken -= container.columns();
            skipped += 1;
        }
        (skipped, taken)
    }

    /// Writes rows behind what the containers put before them.
    fn push_rows(&mut self, rows: Vec<Row>) {
        for row in rows {
            let mut full = self.prefix(false);
            full.extend(row);
            self.rows.push(full);
        }
    }

    /// What the containers put before a row. `blank` leaves the marks of items for later.
    fn prefix(&mut self, blank: bool) -> Row {
        let skipped = self.taken().0;
        let mut prefix = vec![];
        for (index, container) in self.containers.iter_mut().enumerate() {
            match container {
                Container::Item { shown, .. } if index < skipped => *shown |= !blank,
                Container::Quote if index < skipped => {}
                Container::Quote => prefix.push(Run::role("▎ ", Role::Quote)),
                Container::Item {
                    mark,
                    columns,
                    shown,
                } => {
                    if blank || *shown {
                        prefix.push(Run::role(&" ".repeat(*columns), Role::Text));
                    } else {
                        *shown = true;
                        prefix.push(mark.clone());
                    }
                }
            }
        }
        prefix
    }
}

#[cfg(test)]
mod tests {
    use super::super::row_width;
    use super::super::stream::{Kind, Stream};
    use super::*;
    use proptest::prelude::*;

    fn drawn(text: &str, room: usize) -> Vec<String> {
        let mut stream = Stream::new(Kind::Markdown, room);
        stream.feed(text, true);
        stream
            .rows()
            .map(|row| row.iter().map(|run| run.text.as_str()).collect::<String>())
            .map(|row| row.trim_end().to_owned())
            .collect()
    }

    #[test]
    fn blocks_stand_apart_and_lists_stay_together() {
        let table: &[(&str, &[&str])] = &[
            ("# Title\ntext", &["Title", "", "text"]),
            (
                "- a\n- b\n  - c\n\ntext",
                &["• a", "• b", "  • c", "", "text"],
            ),
            ("9. a\n10. b", &["9. a", "10. b"]),
            ("- a\n\n- b", &["• a", "", "• b"]),
            ("- [x] done\n- [ ] open", &["• [x] done", "• [ ] open"]),
            ("> a\n>\n> > b", &["▎ a", "▎", "▎ ▎ b"]),
            ("> a\n\ntext", &["▎ a", "", "text"]),
            (
                "```rust\nlet a;\n\n  b\n```",
                &["┌ rust", "│ let a;", "│", "│   b"],
            ),
            ("    indented\n", &["│ indented"]),
            ("- a\n\n  ```\n  x\n  ```", &["• a", "", "  │ x"]),
            ("a\nb", &["a b"]),
            ("你好\n世界", &["你好世界"]),
            ("a  \nb", &["a", "b"]),
            ("[text](http://x)", &["text (http://x)"]),
            ("<http://x>", &["http://x"]),
            ("![alt](u.png)", &["image: alt (u.png)"]),
            ("<b>x</b>", &["<b>x</b>"]),
            ("<div>\nx\n</div>", &["<div>", "x", "</div>"]),
            ("---", &["────────────────────"]),
            ("-", &["•"]),
            ("&#27;[31m", &["␛[31m"]),
            (
                "| a | b |\n|---|---|\n| 1 | 2 |",
                &["a │ b", "──┼──", "1 │ 2"],
            ),
        ];
        for (text, expected) in table {
            assert_eq!(drawn(text, 20), *expected, "{text:?}");
        }
    }

    #[test]
    fn emphasis_nests() {
        let rows = blocks("**a *b* ~~c~~** `d`", 40).remove(0).rows.remove(0);
        let inks: Vec<_> = rows.iter().map(|run| (run.text.trim(), run.ink)).collect();
        let bold = Ink::of(Role::Text).with(Modifier::BOLD);
        assert_eq!(inks[0], ("a", bold));
        assert_eq!(inks[1], ("b", bold.with(Modifier::ITALIC)));
        assert_eq!(inks[3], ("c", bold.with(Modifier::CROSSED_OUT)));
        assert_eq!(inks.last(), Some(&("d", Ink::of(Role::Code))));
    }

    proptest! {
        #[test]
        fn no_row_is_wider_than_the_room(text in markdown(), room in 1..50_usize) {
            for block in blocks(&text, room) {
                for row in block.rows {
                    prop_assert!(row_width(&row) <= room, "{row:?}");
                }
            }
        }
    }

    fn markdown() -> impl Strategy<Value = String> {
        super::super::stream::tests::markdown()
    }
}
