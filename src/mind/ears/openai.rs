//! Ears at an address: any OpenAI-compatible `/audio/transcriptions`.

use super::{Ears, Hearing, Partial, Recording, language_code, length};
use crate::codec::sse::{Decoder, TooLong};
use crate::core::sound::RATE;
use crate::mind::SpeechError;
use crate::mind::speech::{Answer, Body, Server, write};
use serde_json::Value;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::mpsc;

/// The model that cannot answer piece by piece, and says nothing when it is asked to.
const WHOLE_ONLY: &str = "whisper-1";

/// Between the parts of the body. WAV of speech cannot hold it: it has no place for text.
const BOUNDARY: &str = "hearsay-7c1f5e0b9a34d286";

/// A server that hears.
#[derive(Debug)]
pub(super) struct OpenAi {
    server: Server,
    /// It stumbled over `stream` once; it is not asked for it again.
    no_stream: AtomicBool,
}

impl OpenAi {
    pub(super) fn new(server: Server) -> Self {
        let no_stream = AtomicBool::new(["", WHOLE_ONLY].contains(&server.model()));
        Self { server, no_stream }
    }

    async fn transcribe(
        &self,
        mut recording: Recording,
        partials: mpsc::Sender<Partial>,
    ) -> Result<String, SpeechError> {
        recording.whole(self.server.limits()).await;
        let work = length(&recording, self.server.limits(), &self.server.base())?;
        let language = recording.language.as_deref().map(language_code);
        let file = write(&recording.samples, RATE);
        drop(recording.samples);
        let ask = async |stream| {
            let body = || form(&file, self.server.model(), language.as_deref(), stream);
            self.server.ask("audio/transcriptions", work, body).await
        };
        let stream = !self.no_stream.load(Ordering::Relaxed);
        let mut answer = match ask(stream).await {
            Err(no) if stream && matches!(no.status, Some(400 | 422)) && no.speaks_of("stream") => {
                self.no_stream.store(true, Ordering::Relaxed);
                ask(false).await?
            }
            asked => asked?,
        };
        // Who was asked for a stream may answer in one piece, and the other way round.
        if answer.kind().starts_with("text/event-stream") {
            follow(&mut answer, &partials).await
        } else {
            let body = answer.all().await?;
            words(&answer.kind(), &body).ok_or_else(|| answer.nonsense(&body))
        }
    }
}

/// The question as browsers send files.
fn form(file: &[u8], model: &str, language: Option<&str>, stream: bool) -> Body {
    let mut body = Vec::with_capacity(file.len() + 1024);
    let fields = [
        ("model", Some(model).filter(|model| !model.is_empty())),
        ("language", language.filter(|language| !language.is_empty())),
        ("response_format", Some("json")),
        ("stream", stream.then_some("true")),
    ];
    for (name, value) in fields {
        let Some(value) = value else { continue };
        let part = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
        );
        body.extend_from_slice(part.as_bytes());
    }
    let head = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"speech.wav\"\
         \r\nContent-Type: audio/wav\r\n\r\n"
    );
    body.extend_from_slice(head.as_bytes());
    body.extend_from_slice(file);
    body.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
    (format!("multipart/form-data; boundary={BOUNDARY}"), body)
}

/// The words in an answer of one piece.
fn words(kind: &str, body: &[u8]) -> Option<String> {
    if let Ok(answer) = serde_json::from_slice::<Value>(body) {
        return Some(answer.get("text")?.as_str()?.trim().to_owned());
    }
    // Some give the bare words whatever they are asked for.
    let text = str::from_utf8(body).ok()?.trim();
    (kind.starts_with("text/plain") && !text.starts_with(['<', '{'])).then(|| text.to_owned())
}

/// What comes of a stream.
enum Heard {
    More(String),
    Whole(String),
    /// It gave up on the way.
    Trouble(String),
}

/// Follows an answer that comes piece by piece.
async fn follow(
    answer: &mut Answer<'_>,
    partials: &mpsc::Sender<Partial>,
) -> Result<String, SpeechError> {
    let (mut decoder, mut so_far, mut whole) = (Decoder::default(), String::new(), None);
    loop {
        let piece = answer.next().await?;
        let mut heard = vec![];
        let mut take = |event: crate::codec::sse::Event<'_>| {
            heard.extend(read_event(event.data));
            Ok::<_, TooLong>(())
        };
        let fed = match &piece {
            Some(bytes) => decoder.feed(bytes, &mut take),
            None => decoder.finish(&mut take),
        };
        fed.map_err(|error| answer.nonsense(error.to_string().as_bytes()))?;
        for heard in heard {
            match heard {
                Heard::More(more) => {
                    // What was sent once stays.
                    let stable = so_far.trim().len();
                    so_far.push_str(&more);
                    let text = so_far.trim().to_owned();
                    // Partials are for who wants them, and the next one makes up for this one.
                    let _ = partials.try_send(Partial { text, stable });
                }
                Heard::Whole(text) => whole = Some(text),
                Heard::Trouble(said) => return Err(answer.nonsense(said.as_bytes())),
            }
        }
        if whole.is_some() || piece.is_none() {
            break;
        }
    }
    match whole {
        Some(text) => Ok(text.trim().to_owned()),
        // Without its last event it may be any part of what was said.
        None => Err(answer.cut()),
    }
}

fn read_event(data: &str) -> Option<Heard> {
    let event: Value = serde_json::from_str(data).ok()?;
    if event.get("error").is_some_and(|error| !error.is_null()) {
        return Some(Heard::Trouble(data.to_owned()));
    }
    let text = |key| event.get(key).and_then(Value::as_str).map(str::to_owned);
    match event.get("type")?.as_str()? {
        "transcript.text.delta" => text("delta").map(Heard::More),
        "transcript.text.done" => text("text").map(Heard::Whole),
        _ => None,
    }
}

impl Ears for OpenAi {
    fn name(&self) -> String {
        match self.server.model() {
            "" => self.server.base(),
            model => format!("{model} ({})", self.server.base()),
        }
    }

    fn hear(&self, recording: Recording, partials: mpsc::Sender<Partial>) -> Hearing<'_> {
        Box::pin(async { Ok(self.transcribe(recording, partials).await?.into()) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_is_what_browsers_send() {
        let (kind, body) = form(b"RIFF", "m", Some("zh"), true);
        assert_eq!(kind, format!("multipart/form-data; boundary={BOUNDARY}"));
        let field = |name: &str, value: &str| {
            format!(
                "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            )
        };
        let expected = [
            field("model", "m"),
            field("language", "zh"),
            field("response_format", "json"),
            field("stream", "true"),
            format!(
                "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; \
                 filename=\"speech.wav\"\r\nContent-Type: audio/wav\r\n\r\nRIFF\r\n"
            ),
            format!("--{BOUNDARY}--\r\n"),
        ];
        assert_eq!(String::from_utf8(body).unwrap(), expected.concat());
        let (_, bare) = form(b"", "", None, false);
        let bare = String::from_utf8(bare).unwrap();
        assert_eq!(bare.matches("name=").count(), 3, "{bare}");
    }

    #[test]
    fn the_words_are_found_in_every_shape_of_answer() {
        let table: &[(&str, &str, Option<&str>)] = &[
            ("application/json", r#"{"text":" hello "}"#, Some("hello")),
            ("application/json", r#"{"text":""}"#, Some("")),
            ("text/plain; charset=utf-8", "hello\n", Some("hello")),
            ("text/plain", r#"{"text":"hello"}"#, Some("hello")),
            ("application/json", "hello", None),
            ("text/plain", "<html>", None),
            ("application/json", r#"{"error":"no"}"#, None),
        ];
        for (kind, body, words_in_it) in table {
            assert_eq!(
                words(kind, body.as_bytes()).as_deref(),
                *words_in_it,
                "{kind} {body}"
            );
        }
    }
}
