//! `hearsay ask`: one question, its answer on stdout as it comes.

mod mouth;

use super::{Exit, complain, harmless};
use crate::config::Loaded;
use crate::core::backend::{Down, Say, Trouble, Up};
use crate::core::budget::{Verdict, Watch};
use crate::core::defuse::defuse;
use crate::core::ids::Seed;
use crate::core::line::{Cause, Line, LinkEvent, LinkOrder};
use crate::core::words::{Lang, Word, fill};
use crate::link;
use crate::shell::boot::{self, LineEnds};
use crate::shell::clock::Clock;
use mouth::Mouth;
use serde_json::{Value, json};
use std::io::{self, Read, Write};
use std::process::ExitCode;
use std::time::Duration;

/// How long the backend may take to say why it spoke nothing.
const REASON: Duration = Duration::from_secs(2);

/// The longest question.
const LIMIT: usize = 1 << 20;

#[derive(Debug, clap::Args)]
pub struct AskArgs {
    /// The question; `-` reads it from standard input
    #[arg(required = true, value_name = "TEXT")]
    pub text: Vec<String>,
    /// Print every event of the answer as one line of JSON
    #[arg(long)]
    pub json: bool,
}

/// Why a question was not asked or not answered.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    #[error("the question is empty")]
    Empty,
    #[error("the question is longer than {limit} bytes")]
    TooLong { limit: usize },
    #[error("the question is no valid UTF-8 text: byte {at} is wrong")]
    NotText { at: usize },
}

impl AskError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Empty => {
                "try `hearsay ask \"what time is it?\"`, or `hearsay ask -` to read the \
                            question from standard input"
                    .to_owned()
            }
            Self::TooLong { .. } => "ask about a part of it".to_owned(),
            Self::NotText { .. } => {
                "convert it first, for example with `iconv -t UTF-8`".to_owned()
            }
        })
    }
}

/// Answers the question on the command line.
pub fn run(args: &AskArgs, loaded: Loaded) -> anyhow::Result<ExitCode> {
    let text = match args.text.as_slice() {
        [dash] if dash == "-" => read()?,
        words => words.join(" "),
    };
    answer(&text, args.json, loaded)
}

/// Answers what is piped in.
pub fn piped(loaded: Loaded) -> anyhow::Result<ExitCode> {
    let text = read()?;
    answer(&text, false, loaded)
}

fn read() -> anyhow::Result<String> {
    let mut bytes = vec![];
    io::stdin()
        .lock()
        .take(LIMIT as u64 + 1)
        .read_to_end(&mut bytes)?;
    if bytes.len() > LIMIT {
        return Err(AskError::TooLong { limit: LIMIT }.into());
    }
    String::from_utf8(bytes).map_err(|error| {
        AskError::NotText {
            at: error.utf8_error().valid_up_to() + 1,
        }
        .into()
    })
}

fn answer(text: &str, json: bool, loaded: Loaded) -> anyhow::Result<ExitCode> {
    let text = text.trim();
    if text.is_empty() {
        return Err(AskError::Empty.into());
    }
    if text.len() > LIMIT {
        return Err(AskError::TooLong { limit: LIMIT }.into());
    }
    super::warn(&loaded.warnings);
    let lang = loaded.settings.lang;
    let unwritten = [
        ("--record", loaded.settings.record.is_some()),
        ("--trace", loaded.settings.trace.is_some()),
    ];
    for (name, _wanted) in unwritten.into_iter().filter(|(_name, wanted)| *wanted) {
        let text = fill(Word::AskUnrecorded.text(lang), &[name]);
        super::warn(&[text]);
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let code = runtime.block_on(async {
        tokio::select! {
            code = converse(text, Printer { json, lang, unfinished: false }, loaded) => code,
            // The shell's way to say that the user stopped it.
            _ = tokio::signal::ctrl_c() => Ok(ExitCode::from(130)),
        }
    });
    runtime.shutdown_background();
    code
}

async fn converse(text: &str, mut out: Printer, loaded: Loaded) -> anyhow::Result<ExitCode> {
    let clock = Clock::start();
    let mut seed = Seed::new(boot::seed());
    let (turn, conversation) = (seed.turn(), seed.conversation());
    let settings = &loaded.settings;
    let choice = boot::choice(settings);
    let mut mouth = Mouth::of(settings, turn);
    let mut say = Some(Say {
        voice: mouth.is_some().then(|| boot::wishes(settings).voice()),
        clip: None,
        history: vec![],
        errands: false,
        turn,
        conversation,
        text: text.to_owned(),
        persona: choice.persona,
        brain: choice.brain,
        model: choice.model,
        tools: choice.tools,
        lang: settings.lang,
    });
    let store = crate::store::spawn(settings.store.path.clone(), |_kept| {});
    let speech = mouth.as_ref().map_or_else(link::silent, Mouth::play);
    let mut line = boot::line(&loaded, &store, clock, speech, &[])?;
    line.orders.send(LinkOrder::Dial).await?;
    let budget = boot::budgets(settings).sse;
    let mut watch = Watch::start(budget, text.chars().count(), clock.now().mono);
    let mut said_anything = false;
    // So many characters are to be heard.
    let mut spoken = 0;
    let mut tools_at_work = 0_usize;
    loop {
        let now = clock.now().mono;
        if tools_at_work > 0 {
            // The backend sees to it that they come to an end.
            watch.progress(now);
        }
        if watch.verdict(now) == Verdict::Expired {
            let waited = budget.allowed(text.chars().count()).as_secs().to_string();
            let what = fill(Word::NoAnswer.text(out.lang), &[&waited]);
            return out.failed(&Trouble {
                code: "timeout".into(),
                what,
                ..Trouble::default()
            });
        }
        let until = watch.next(now).unwrap_or(now);
        let event = tokio::select! {
            event = line.events.recv() => event,
            () = tokio::time::sleep_until(clock.instant(until).into()) => continue,
        };
        let Some(event) = event else {
            return out.no_connection(Word::AskLineEnded.text(out.lang));
        };
        match event {
            LinkEvent::Line { line: state, .. } => match state {
                Line::Up(_) => {
                    if let Some(say) = say.take() {
                        line.orders.send(LinkOrder::Say(Up::Say(say))).await?;
                    }
                }
                Line::Refused { cause } | Line::GivenUp { cause, .. } => {
                    return out.no_connection(&cause.tell(out.lang));
                }
                // Closed before the question could go out: ask for the line again.
                Line::Resting { .. } if say.is_some() => line.orders.send(LinkOrder::Dial).await?,
                Line::Resting { cause } => return out.no_connection(&cause.tell(out.lang)),
                // Half an answer cannot be taken back from a pipe: asking again would repeat it.
                Line::Waiting { cause, .. } if say.is_none() => {
                    return out.no_connection(&cause.tell(out.lang));
                }
                Line::Closed if say.is_none() => {
                    return out.no_connection(&Cause::Intentional.tell(out.lang));
                }
                Line::Closed | Line::Dialing { .. } | Line::Waiting { .. } => {}
            },
            LinkEvent::Elsewhere { .. } | LinkEvent::Unsent { .. } | LinkEvent::Unheard { .. } => {}
            LinkEvent::Heard { down, .. } => {
                watch.progress(clock.now().mono);
                match down {
                    Down::Text { more, .. } => {
                        spoken += more.chars().count();
                        said_anything |= !more.is_empty();
                        out.text(&more)?;
                    }
                    Down::Reasoning { more, .. } => {
                        out.event(&json!({"type": "reasoning", "text": more}))?;
                    }
                    Down::Tool { tool, .. } => {
                        tools_at_work = match &tool.outcome {
                            None => tools_at_work + 1,
                            Some(_) => tools_at_work.saturating_sub(1),
                        };
                        let outcome = match &tool.outcome {
                            None => Value::Null,
                            Some(Ok(text)) => json!({ "result": text }),
                            Some(Err(text)) => json!({ "error": text }),
                        };
                        out.event(&json!({"type": "tool", "name": tool.name,
                            "arguments": tool.arguments, "outcome": outcome}))?;
                    }
                    Down::Done {
                        full, by, usage, ..
                    } => {
                        if !said_anything {
                            out.text(full.as_deref().unwrap_or_default())?;
                        }
                        let by = by.unwrap_or_default();
                        out.done(
                            &json!({"type": "done", "brain": by.brain, "model": by.model,
                            "usage": usage}),
                        )?;
                        let Some(mouth) = mouth else {
                            return Ok(ExitCode::SUCCESS);
                        };
                        let patience = boot::budgets(settings).tts.allowed(spoken);
                        return out.spoken(mouth, &mut line, patience).await;
                    }
                    // What goes wrong with speaking is about no turn: the answer goes on.
                    Down::Trouble { turn: None, trouble } if mouth.is_some() => {
                        mouth = None;
                        complain(&trouble.what, trouble.hint.as_deref());
                    }
                    Down::Trouble { trouble, .. } => return out.failed(&trouble),
                    Down::Activation(Some(wanted)) => {
                        let told = Word::CodeEnter.text(out.lang);
                        let told = format!("{told}: {}\n{}", wanted.code, wanted.message);
                        // Who closed stderr does not want to know.
                        let _ = writeln!(io::stderr(), "{}", defuse(&told));
                    }
                    Down::Greeting(_)
                    | Down::Beat
                    | Down::Began
                    | Down::Hearing { .. }
                    | Down::Partial { .. }
                    | Down::Transcript { .. }
                    | Down::Speech(_)
                    | Down::Opens { .. }
                    | Down::Mood { .. }
                    | Down::Activation(None)
                    // None of our tools are offered where nobody watches them.
                    | Down::Call(_)
                    | Down::Thinking { .. }
                    | Down::Loading { .. }
                    | Down::Interrupted { .. }
                    // Nobody is here to be asked, and the backend was told so.
                    | Down::Errand { .. }
                    | Down::Prompt(_)
                    | Down::Tools(_)
                    | Down::Brains(_)
                    | Down::Offers { .. }
                    | Down::Ring { .. }
                    | Down::Status(_)
                    | Down::Habits(_)
                    | Down::Shared { .. }
                    | Down::Unreadable { .. } => {}
                }
            }
        }
    }
}

/// Prints an answer: as text, or as one line of JSON for each event.
struct Printer {
    json: bool,
    lang: Lang,
    /// The last text did not end with a line break.
    unfinished: bool,
}

impl Printer {
    fn text(&mut self, text: &str) -> io::Result<()> {
        if text.is_empty() {
            return Ok(());
        }
        if self.json {
            return self.event(&json!({"type": "text", "text": text}));
        }
        self.unfinished = !text.ends_with('\n');
        let mut out = io::stdout().lock();
        out.write_all(defuse(text).as_bytes())?;
        out.flush()
    }

    /// An event that only programs want to see.
    fn event(&self, event: &Value) -> io::Result<()> {
        if !self.json {
            return Ok(());
        }
        let mut out = io::stdout().lock();
        writeln!(out, "{}", harmless(&event.to_string()))?;
        out.flush()
    }

    fn done(&mut self, event: &Value) -> io::Result<()> {
        self.event(event)?;
        self.end_line()
    }

    fn end_line(&mut self) -> io::Result<()> {
        if std::mem::take(&mut self.unfinished) {
            writeln!(io::stdout().lock())?;
        }
        Ok(())
    }

    fn failed(&mut self, trouble: &Trouble) -> anyhow::Result<ExitCode> {
        self.end_line()?;
        self.event(
            &json!({"type": "error", "code": trouble.code, "what": trouble.what,
            "hint": trouble.hint, "retry_after": trouble.retry_after_s}),
        )?;
        complain(&trouble.what, trouble.hint.as_deref());
        Ok(Exit::Unanswered.into())
    }

    /// Waits until the answer was heard.
    async fn spoken(
        &mut self,
        mut mouth: Mouth,
        line: &mut LineEnds,
        patience: Duration,
    ) -> anyhow::Result<ExitCode> {
        let until = tokio::time::Instant::now() + patience;
        let trouble = tokio::select! {
            over = mouth.over() => match over {
                Ok(true) => return Ok(ExitCode::SUCCESS),
                // The reason, if there is one, is on its way.
                Ok(false) => match tokio::time::timeout(REASON, told(line)).await {
                    Ok(trouble) => trouble,
                    Err(_elapsed) => return Ok(ExitCode::SUCCESS),
                },
                Err(error) => Trouble {
                    code: "sound".to_owned(),
                    what: error.tell(self.lang),
                    hint: Some(error.hint(self.lang)),
                    ..Trouble::default()
                },
            },
            trouble = told(line) => trouble,
            () = tokio::time::sleep_until(until) => {
                let seconds = patience.as_secs().to_string();
                Trouble {
                    code: "timeout".into(),
                    what: fill(Word::NoAnswer.text(self.lang), &[&seconds]),
                    ..Trouble::default()
                }
            }
        };
        self.failed(&trouble)
    }

    fn no_connection(&mut self, why: &str) -> anyhow::Result<ExitCode> {
        self.end_line()?;
        self.event(&json!({"type": "error", "code": "no_connection", "what": why}))?;
        complain(
            &fill(Word::AskNoConnection.text(self.lang), &[why]),
            Some(Word::AskNoConnectionHint.text(self.lang)),
        );
        Ok(Exit::NoConnection.into())
    }
}

/// What the backend says went wrong. Nothing more does once the line has ended.
async fn told(line: &mut LineEnds) -> Trouble {
    while let Some(event) = line.events.recv().await {
        if let LinkEvent::Heard {
            down: Down::Trouble { trouble, .. },
            ..
        } = event
        {
            return trouble;
        }
    }
    std::future::pending().await
}
