//! The built-in brain: deterministic, instant, honest about what it is.
//!
//! It understands fixed phrases in English and Chinese and does what they want with the same
//! tools that real models have. Any other tool it uses when it is told to by name (`order`).
//! Whatever else it is told it answers with how to connect a model.

mod chinese;
mod english;
mod intent;
mod order;
mod phrase;
#[cfg(test)]
mod tests;
mod words;

use super::tools::Toolbox;
use super::{Ask, Brain, Call, Finish, Said, Thinking, Thought};
use crate::core::backend::BrainInfo;
use crate::core::words::Lang;
use intent::{Intent, intent, language};
use std::sync::Arc;
use tokio::sync::mpsc;

/// Tells how the backend is, in the language of the question.
pub type Status = Arc<dyn Fn(Lang) -> String + Send + Sync>;

/// How many of the user's last lines may say what a short question is about.
const LINES: usize = 6;

/// The built-in brain.
pub struct Builtin {
    toolbox: Arc<Toolbox>,
    status: Status,
}

impl Builtin {
    /// It works with these tools; `status` answers when it is asked how the backend is.
    pub fn new(toolbox: Arc<Toolbox>, status: Status) -> Self {
        Self { toolbox, status }
    }

    async fn answer(&self, ask: &Ask) -> Answer {
        // What a tool said that was ordered is the answer.
        if let Some(Said::Tool { text, .. }) = ask.said.last() {
            let told = text
                .split_once('\n')
                .map_or(text.as_str(), |(_, told)| told);
            return Answer::Text(told.to_owned());
        }
        let lines = ask.said.iter().filter_map(|said| match said {
            Said::User(line) => Some(line.as_str()),
            Said::System(_) | Said::Assistant { .. } | Said::Tool { .. } => None,
        });
        let lines: Vec<&str> = lines.collect();
        let lines = lines
            .get(lines.len().saturating_sub(LINES)..)
            .unwrap_or_default();
        let lang = lines
            .iter()
            .rev()
            .find_map(|line| language(line))
            .unwrap_or(ask.lang);
        let ordered = lines
            .last()
            .and_then(|line| order::order(line, &ask.tools, lang));
        match ordered {
            Some(Ok(call)) => return Answer::Call(call),
            Some(Err(told)) => return Answer::Text(told),
            None => {}
        }
        Answer::Text(self.told(lines, lang).await)
    }

    async fn told(&self, lines: &[&str], lang: Lang) -> String {
        let Some(intent) = intent(lines, &self.toolbox.now()) else {
            return words::fallback(lang);
        };
        if let Some(spoken) = words::spoken(&intent, lang) {
            return spoken;
        }
        match intent {
            Intent::Do(request) => match self.toolbox.run(request, lang).await {
                Ok(told) => told,
                Err(error) => words::excuse(&error, lang),
            },
            _ => (self.status)(lang),
        }
    }
}

impl Brain for Builtin {
    fn info(&self) -> BrainInfo {
        BrainInfo {
            id: "builtin".to_owned(),
            name: "built-in".to_owned(),
            ..BrainInfo::default()
        }
    }

    fn window(&self, _model: Option<&str>) -> Option<usize> {
        None
    }

    fn think(&self, ask: Ask, out: mpsc::Sender<Thought>) -> Thinking<'_> {
        Box::pin(async move {
            let text = match self.answer(&ask).await {
                Answer::Text(text) => text,
                Answer::Call(call) => {
                    // Nobody listens any longer: the answer is over.
                    let _ = out.send(Thought::Call(call)).await;
                    return Ok(Finish::Calls);
                }
            };
            for piece in pieces(&text) {
                // Nobody listens any longer: the answer is over.
                if out.send(Thought::Text(piece)).await.is_err() {
                    break;
                }
            }
            Ok(Finish::Stop)
        })
    }
}

/// What it answers.
enum Answer {
    Text(String),
    /// A tool is to be used first.
    Call(Call),
}

/// Cuts an answer after sentences and lines.
fn pieces(answer: &str) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut characters = answer.chars().peekable();
    while let Some(character) = characters.next() {
        if let Some(piece) = pieces.last_mut() {
            piece.push(character);
        }
        let next = characters.peek();
        let sentence = matches!(character, '.' | '!' | '?') && next == Some(&' ');
        let over = sentence || matches!(character, '。' | '！' | '？' | '\n');
        if over && next.is_some_and(|next| *next != '\n') {
            pieces.push(String::new());
        }
    }
    pieces
}
