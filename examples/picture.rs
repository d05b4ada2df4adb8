//! Draws the picture of the screen that the readme shows: `cargo run --example picture` writes
//! `docs/screen.svg`.
//!
//! Nothing in it is painted by hand. A conversation goes message by message through `update`,
//! `view` draws the model as it does in a terminal, and the cells become an SVG. A test holds the
//! committed file against what is drawn now.

use hearsay::core::backend::{BrainInfo, Brains, By, Down, Greeting, ToolUse};
use hearsay::core::ids::Epoch;
use hearsay::core::line::{Health, Line, LinkEvent};
use hearsay::core::model::{Choice, Model, Setup};
use hearsay::core::msg::{Msg, Phase};
use hearsay::core::record::Kept;
use hearsay::core::time::{Moment, Now, Wall};
use hearsay::core::update::update;
use hearsay::view::text::width;
use hearsay::view::theme::looks::Looks;
use hearsay::view::theme::{Background, Depth};
use hearsay::view::{self, Cache};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::Position;
use ratatui::style::{Color, Modifier, Style};
use std::fmt::Write;
use std::time::Duration;

const COLUMNS: u16 = 92;
const ROWS: u16 = 34;

/// Pixels of a cell, and around the screen.
const CELL: (f32, f32) = (8.4, 17.0);
const MARGIN: f32 = 18.0;
/// The height of the window's title bar.
const BAR: f32 = 36.0;

const PAPER: &str = "#16181d";
const INK: &str = "#d5d8de";

fn main() -> anyhow::Result<()> {
    std::fs::create_dir_all("docs")?;
    std::fs::write("docs/screen.svg", picture()?)?;
    Ok(())
}

/// The screen in the middle of a conversation, as SVG.
fn picture() -> anyhow::Result<String> {
    let model = conversation()?;
    let mut terminal = Terminal::new(TestBackend::new(COLUMNS, ROWS))?;
    let mut cache = Cache::new(Looks::new(Depth::Truecolor, Background::Dark, vec![]));
    terminal.draw(|frame| {
        view::draw(frame, &model, &mut cache);
    })?;
    let caret = terminal.get_cursor_position()?;
    Ok(svg(terminal.backend().buffer(), caret))
}

/// What the built-in brain and a model server answered.
const TIMER: &str = "Your timer **tea** rings in 4 minutes, at 16:24.";
const TRIP: &str = r"## Kyoto in two days

1. **Fushimi Inari** at sunrise, before the crowds
   - about two hours to the summit and back
2. **Arashiyama** by the *Sagano* line

| day | where           |  yen |
|----:|:----------------|-----:|
|   1 | Fushimi Inari 伏見稲荷 |    0 |
|   2 | Arashiyama 嵐山 |  500 |

> Temples close at four.

```python
def euro(yen: int) -> float:  # today's rate
    return yen * 0.0061
```

For both days, count";

fn conversation() -> anyhow::Result<Model> {
    let mut talk = Talk::new();
    talk.ask("remind me of the tea in 4 minutes")?;
    talk.hear(|turn| Down::Tool {
        turn,
        tool: ToolUse {
            name: "timer".into(),
            arguments: r#"{"label":"tea","minutes":4}"#.into(),
            outcome: Some(Ok("rings at 16:24".into())),
        },
    });
    talk.hear(|turn| Down::Text {
        turn,
        more: TIMER.into(),
    });
    talk.hear(|turn| Down::Done {
        turn,
        full: None,
        by: Some(By {
            brain: "builtin".into(),
            model: None,
        }),
        usage: None,
    });
    talk.store();
    talk.act("use-brain http://127.0.0.1:11434/v1")?;
    talk.ask("what should I see in Kyoto? 我只有两天")?;
    talk.pass(2_350);
    talk.hear(|turn| Down::Text {
        turn,
        more: TRIP.into(),
    });
    talk.tell(Msg::Paste("and Osaka?".into()));
    Ok(talk.model)
}

/// A program without a world: messages go in, nothing else happens.
struct Talk {
    model: Model,
    now: Now,
}

impl Talk {
    fn new() -> Self {
        let model = Model::new(Setup {
            size: (COLUMNS, ROWS),
            choice: Choice {
                persona: Some("friendly".into()),
                tools: true,
                ..Choice::default()
            },
            show_reasoning: false,
            bell: false,
            ..Setup::default()
        });
        let mut talk = Self {
            model,
            now: Now {
                mono: Moment::default(),
                wall: Wall(1_795_000_000_000),
            },
        };
        talk.tell(Msg::Start { resume: None });
        for line in [
            Line::Dialing { attempt: 1 },
            Line::Up(Health {
                rtt: Some(Duration::from_micros(180)),
                ..Health::default()
            }),
        ] {
            let epoch = Epoch(1);
            talk.tell(Msg::Link(LinkEvent::Line { epoch, line }));
        }
        talk.hear(|_turn| {
            Down::Greeting(Greeting {
                personas: vec![("friendly".into(), "Friendly".into())],
                ..Greeting::default()
            })
        });
        let brain = |id: &str, name: &str, model: Option<&str>| BrainInfo {
            id: id.into(),
            name: name.into(),
            models: model.iter().map(|name| (*name).to_owned()).collect(),
            model: model.map(str::to_owned),
        };
        talk.hear(|_turn| {
            Down::Brains(Brains {
                all: vec![
                    brain("builtin", "built-in", None),
                    brain("http://127.0.0.1:11434/v1", "Ollama", Some("llama3.2:3b")),
                ],
                current: "builtin".into(),
                why: String::new(),
            })
        });
        talk
    }

    fn tell(&mut self, msg: Msg) {
        update(&mut self.model, self.now, msg);
    }

    fn hear(&mut self, down: impl FnOnce(Option<hearsay::core::ids::TurnId>) -> Down) {
        let down = down(self.model.turn.as_ref().map(|turn| turn.id));
        let epoch = Epoch(1);
        self.tell(Msg::Link(LinkEvent::Heard { epoch, down }));
    }

    fn ask(&mut self, text: &str) -> anyhow::Result<()> {
        self.tell(Msg::Paste(text.into()));
        self.tell(Msg::Key {
            chord: "enter".parse()?,
            phase: Phase::Press,
        });
        self.store();
        Ok(())
    }

    fn act(&mut self, action: &str) -> anyhow::Result<()> {
        self.tell(Msg::Act(action.parse()?));
        self.pass(6_000);
        Ok(())
    }

    fn pass(&mut self, ms: u64) {
        self.now.mono = self.now.mono + Duration::from_millis(ms);
        self.tell(Msg::Due);
    }

    /// The store has written what was said so far.
    fn store(&mut self) {
        let messages = self.model.conversation.transcript.messages().iter();
        let written: Vec<_> = messages
            .map(|message| (message.id, message.revision))
            .collect();
        for (message, revision) in written {
            self.tell(Msg::Kept(Kept::Message { message, revision }));
        }
    }
}

/// Cells as SVG: one `text` for each run of a style, every wide character by itself, so that
/// columns stay right whatever font draws them.
fn svg(buffer: &Buffer, caret: Position) -> String {
    let (cell, line) = CELL;
    let (columns, rows) = (f32::from(buffer.area.width), f32::from(buffer.area.height));
    let wide = columns * cell + 2.0 * MARGIN;
    let high = rows * line + BAR + MARGIN;
    let mut out = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide:.1} {high:.1}" width="{wide:.0}" height="{high:.0}" xml:space="preserve" font-family="DejaVu Sans Mono, Menlo, Consolas, Noto Sans Mono CJK SC, monospace" font-size="14" fill="{INK}">
<rect width="{wide:.1}" height="{high:.1}" rx="10" fill="{PAPER}"/>
"#
    );
    for (nth, colour) in ["#f0786e", "#ebc364", "#82c878"].iter().enumerate() {
        let x = MARGIN + 4.0 + 20.0 * nth as f32;
        let _ = writeln!(
            out,
            r#"<circle cx="{x:.1}" cy="19" r="5.5" fill="{colour}"/>"#
        );
    }
    let at = |x: u16, y: u16| {
        let (x, y) = (f32::from(x), f32::from(y));
        (MARGIN + x * cell, BAR + y * line)
    };
    let (x, y) = at(caret.x, caret.y);
    let _ = writeln!(
        out,
        r#"<rect x="{x:.1}" y="{y:.1}" width="{cell}" height="{line}" fill="{INK}" opacity="0.7"/>"#
    );
    for y in 0..buffer.area.height {
        for (x, text, style) in runs(buffer, y) {
            let (left, top) = at(x, y);
            let (base, length) = (top + 13.0, width(&text) as f32 * cell);
            let look = attributes(style);
            let _ = writeln!(
                out,
                r#"<text x="{left:.1}" y="{base:.1}" textLength="{length:.1}"{look}>{}</text>"#,
                escaped(&text)
            );
        }
    }
    out + "</svg>\n"
}

/// The pieces of a row that share a style, with their columns. Blanks alone are left out.
fn runs(buffer: &Buffer, y: u16) -> Vec<(u16, String, Style)> {
    let mut runs: Vec<(u16, String, Style)> = vec![];
    let (mut x, mut joins) = (0, false);
    while x < buffer.area.width {
        let cell = &buffer[(x, y)];
        let (symbol, style) = (cell.symbol(), cell.style());
        let columns = width(symbol).max(1) as u16;
        match runs.last_mut() {
            Some((_, text, last)) if joins && columns == 1 && *last == style => {
                text.push_str(symbol);
            }
            _ => runs.push((x, symbol.to_owned(), style)),
        }
        joins = columns == 1;
        x += columns;
    }
    for (x, text, _) in &mut runs {
        let trimmed = text.trim_start_matches(' ');
        *x += (text.len() - trimmed.len()) as u16;
        *text = trimmed.trim_end().to_owned();
    }
    runs.retain(|(_, text, _)| !text.is_empty());
    runs
}

fn attributes(style: Style) -> String {
    let mut look = String::new();
    if let Some(Color::Rgb(red, green, blue)) = style.fg {
        let _ = write!(look, r##" fill="#{red:02x}{green:02x}{blue:02x}""##);
    }
    for (modifier, attribute) in [
        (Modifier::BOLD, r#" font-weight="bold""#),
        (Modifier::ITALIC, r#" font-style="italic""#),
        (Modifier::UNDERLINED, r#" text-decoration="underline""#),
    ] {
        if style.add_modifier.contains(modifier) {
            look.push_str(attribute);
        }
    }
    look
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_picture_is_what_the_view_draws() {
        let committed = include_str!("../docs/screen.svg").replace("\r\n", "\n");
        assert!(
            committed == picture().unwrap(),
            "the screen looks different now: `cargo run --example picture` draws it anew"
        );
    }
}
