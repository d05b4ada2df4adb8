//! Measures the brain behind the backend of the settings: how soon it begins to answer, and how
//! fast it goes on.

use super::{Out, lines, times};
use crate::config::Loaded;
use crate::core::backend::{Down, Say, Up};
use crate::core::ids::Seed;
use crate::core::line::{Line, LinkEvent, LinkOrder};
use crate::core::time::Moment;
use crate::core::words::Word;
use crate::link;
use crate::shell::boot;
use crate::shell::clock::Clock;
use serde_json::json;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;
use tokio::time::timeout_at;

/// What is asked where no file says otherwise.
const QUESTIONS: [&str; 4] = [
    "What is 17 times 23?",
    "Tell me in three sentences how a sailing boat can go against the wind.",
    "用三句话解释月亮为什么有圆缺。",
    "Name the planets.",
];

/// One answer.
#[derive(Default)]
struct Answer {
    first: Option<Moment>,
    text: String,
    tokens: Option<u32>,
    brain: String,
}

pub(super) async fn measure(
    file: Option<&Path>,
    out: Out,
    loaded: Loaded,
) -> anyhow::Result<ExitCode> {
    let questions = lines(file, &QUESTIONS)?;
    let clock = Clock::start();
    let mut seed = Seed::new(boot::seed());
    let store = crate::store::spawn(loaded.settings.store.path.clone(), |_kept| {});
    let mut line = boot::line(&loaded, &store, clock, link::silent(), &[])?;
    line.orders.send(LinkOrder::Dial).await?;
    let budget = boot::budgets(&loaded.settings).sse;
    let choice = boot::choice(&loaded.settings);
    let (mut firsts, mut failed, mut brain) = (vec![], 0, String::new());
    let (mut tokens, mut characters, mut speaking) = (Some(0_u64), 0_usize, Duration::ZERO);
    let mut up = false;
    for text in &questions {
        let mut say = Some(Say {
            voice: None,
            clip: None,
            history: vec![],
            turn: seed.turn(),
            // Each stands for itself.
            conversation: seed.conversation(),
            text: text.clone(),
            persona: choice.persona.clone(),
            brain: choice.brain.clone(),
            model: choice.model.clone(),
            tools: choice.tools,
            errands: false,
            lang: out.lang,
        });
        let mut asked = clock.now().mono;
        let mut answer = Answer::default();
        let until = clock.instant(asked + budget.allowed(text.chars().count()));
        let outcome = loop {
            if up && let Some(say) = say.take() {
                asked = clock.now().mono;
                line.orders.send(LinkOrder::Say(Up::Say(say))).await?;
            }
            let event = match timeout_at(until.into(), line.events.recv()).await {
                Err(_late) => break Err(out.say(Word::NoAnswer, &["?"])),
                Ok(None) => break Err(Word::AskLineEnded.text(out.lang).to_owned()),
                Ok(Some(event)) => event,
            };
            match event {
                LinkEvent::Line { line: state, .. } => match state {
                    Line::Up(_) => up = true,
                    Line::Refused { cause } | Line::GivenUp { cause, .. } => {
                        break Err(cause.tell(out.lang));
                    }
                    _ => {}
                },
                LinkEvent::Heard { down, .. } => match down {
                    Down::Text { more, .. } if !more.is_empty() => {
                        answer.first.get_or_insert_with(|| clock.now().mono);
                        answer.text.push_str(&more);
                    }
                    Down::Done {
                        full, by, usage, ..
                    } => {
                        if answer.text.is_empty() {
                            answer.text = full.unwrap_or_default();
                        }
                        answer.tokens = usage.map(|usage| usage.completion);
                        let by = by.unwrap_or_default();
                        answer.brain = by.model.unwrap_or(by.brain);
                        break Ok(());
                    }
                    Down::Trouble { trouble, .. } => break Err(trouble.what),
                    _ => {}
                },
                _ => {}
            }
        };
        if let Err(why) = outcome {
            failed += 1;
            let json = json!({"text": text, "error": why});
            out.line(&out.say(Word::BenchFailed, &[text, &why]), &json)?;
            if !up {
                break;
            }
            continue;
        }
        let done = clock.now().mono;
        let first = answer.first.unwrap_or(done);
        firsts.push(first.since(asked));
        speaking += done.since(first);
        characters += answer.text.chars().count();
        tokens = tokens
            .zip(answer.tokens)
            .map(|(all, its)| all + u64::from(its));
        brain = answer.brain;
        let (first, took) = (
            first.since(asked).as_millis(),
            done.since(asked).as_millis(),
        );
        let json = json!({
            "text": text, "answer": answer.text, "first_ms": first, "took_ms": took,
            "tokens": answer.tokens,
        });
        out.line(&format!("{first} ms, {took} ms: {text}"), &json)?;
    }
    let count = firsts.len().to_string();
    let mut lines = vec![out.say(Word::BenchBrain, &[&brain, &count])];
    let first = times(firsts);
    let rate = |count: f64| count / speaking.as_secs_f64().max(0.001);
    if let Some((middle, slowest)) = first {
        let figures = [&*middle.to_string(), &*slowest.to_string()];
        lines.push(out.say(Word::BenchThought, &figures));
        lines.push(match tokens {
            Some(tokens) => out.say(Word::BenchTokens, &[&format!("{:.1}", rate(tokens as f64))]),
            None => out.say(
                Word::BenchCharacters,
                &[&format!("{:.1}", rate(characters as f64))],
            ),
        });
    }
    let json = json!({
        "brain": brain, "first_ms": first.map(|first| first.0), "failed": failed,
        "tokens_per_second": tokens.map(|tokens| rate(tokens as f64)),
        "characters_per_second": rate(characters as f64),
    });
    out.summary(&lines, &json)?;
    let code = if failed == 0 {
        ExitCode::SUCCESS
    } else {
        super::super::Exit::Unanswered.into()
    };
    Ok(code)
}
