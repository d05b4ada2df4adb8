//! Voices at an address: any OpenAI-compatible `/audio/speech`.
//!
//! Bare samples are asked for, because they can be played as they come. What does come is found
//! out by looking: servers send WAV instead, or what they would send to a browser.

use super::outlet::Outlet;
use super::wish::speed;
use super::{Pcm, Speaking, Utterance, Voice};
use crate::codec::{Decoder, Kind, TELLING, USUAL_RATE, sniff};
use crate::mind::SpeechError;
use crate::mind::speech::{Answer, Body, Server};
use serde_json::json;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::mpsc::Sender;

/// Who speaks when nobody is wished for: every server has somebody of this name.
const ANYBODY: &str = "alloy";

/// A server that speaks.
#[derive(Debug)]
pub(super) struct OpenAi {
    server: Server,
    /// It does not give bare samples; WAV is asked for at once.
    wav: AtomicBool,
}

impl OpenAi {
    pub(super) fn new(server: Server) -> Self {
        Self {
            server,
            wav: AtomicBool::new(false),
        }
    }

    async fn say(&self, utterance: &Utterance, out: &Sender<Pcm>) -> Result<(), SpeechError> {
        let ask = async |format| {
            let body = || self.question(utterance, format);
            self.server.ask("audio/speech", Duration::ZERO, body).await
        };
        let mut answer = if self.wav.load(Ordering::Relaxed) {
            ask("wav").await?
        } else {
            match ask("pcm").await {
                Err(no) if matches!(no.status, Some(400 | 422)) => match ask("wav").await {
                    Ok(answer) => {
                        self.wav.store(true, Ordering::Relaxed);
                        answer
                    }
                    // It was something else that it did not like.
                    Err(_again) => return Err(no.into()),
                },
                asked => asked?,
            }
        };
        play(&mut answer, &self.server.base(), out).await
    }

    fn question(&self, utterance: &Utterance, format: &str) -> Body {
        let voice = utterance.wish.voice.as_deref().map(str::trim);
        let mut question = json!({
            "input": utterance.text,
            "voice": voice.filter(|voice| !voice.is_empty()).unwrap_or(ANYBODY),
            "response_format": format,
            "speed": (f64::from(speed(&utterance.wish)) * 100.0).round() / 100.0,
        });
        if !self.server.model().is_empty() {
            question["model"] = self.server.model().into();
        }
        ("application/json".to_owned(), question.to_string().into())
    }
}

/// Hands on the sound as it comes.
async fn play(answer: &mut Answer<'_>, engine: &str, out: &Sender<Pcm>) -> Result<(), SpeechError> {
    let kind = answer.kind();
    let (mut start, mut over) = (vec![], false);
    while start.len() < TELLING && !over {
        match answer.next().await? {
            Some(piece) => start.extend(piece),
            None => over = true,
        }
    }
    let decoder = match what(&kind, &start) {
        What::File => Decoder::new(),
        What::Bare(rate) => Decoder::bare(rate),
        What::Words => {
            while start.len() < 4096
                && let Some(piece) = answer.next().await?
            {
                start.extend(piece);
            }
            return Err(answer.nonsense(&start));
        }
        What::Other(why) => {
            let engine = engine.to_owned();
            return Err(SpeechError::Odd { engine, why });
        }
    };
    let mut outlet = Outlet::new(engine, decoder, answer.most(), out);
    let mut piece = start;
    loop {
        if !outlet.push(&piece).await? {
            return Ok(());
        }
        match answer.next().await? {
            Some(more) => piece = more,
            None => return outlet.finish().await,
        }
    }
}

/// What an answer is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum What {
    /// Bare samples at this rate.
    Bare(u32),
    /// A file that tells itself what it is.
    File,
    /// Text, which tells of a trouble.
    Words,
    /// Something we cannot play, by its name.
    Other(String),
}

/// What an answer is, from what the server calls it and from how it begins. The bytes are to be
/// believed where they are sure; bare samples may begin with any, and quiet ones often begin like
/// a frame of MP3.
fn what(kind: &str, start: &[u8]) -> What {
    let named = kind.split(';').next().unwrap_or_default().trim();
    let bare = matches!(
        named,
        "audio/pcm" | "audio/l16" | "audio/x-pcm" | "audio/raw"
    );
    let sure = !(bare && start.starts_with(&[0xff]));
    match sniff(start) {
        Kind::Wav | Kind::Mp3 if sure => return What::File,
        Kind::Other(name) if sure => return What::Other(name.to_owned()),
        _ => {}
    }
    match named {
        _ if bare => What::Bare(rate(kind)),
        "application/json" | "application/problem+json" => What::Words,
        _ if named.starts_with("text/") => What::Words,
        "" | "application/octet-stream" | "binary/octet-stream" => match start {
            [b'{' | b'<', ..] => What::Words,
            _ => What::Bare(USUAL_RATE),
        },
        // The name may be left over from the usual format, with the wanted samples inside.
        "audio/mpeg" | "audio/mp3" => What::Bare(rate(kind)),
        other => What::Other(other.to_owned()),
    }
}

/// The rate that a kind such as `audio/pcm; rate=16000` names.
fn rate(kind: &str) -> u32 {
    let named = kind.split(';').skip(1).find_map(|part| {
        let (name, value) = part.split_once('=')?;
        (name.trim() == "rate").then(|| value.trim().parse().ok())?
    });
    named
        .filter(|rate| (4_000..=384_000).contains(rate))
        .unwrap_or(USUAL_RATE)
}

impl Voice for OpenAi {
    fn name(&self) -> String {
        match self.server.model() {
            "" => self.server.base(),
            model => format!("{model} ({})", self.server.base()),
        }
    }

    fn speak(&self, utterance: Utterance, out: Sender<Pcm>) -> Speaking<'_> {
        Box::pin(async move {
            tokio::select! {
                spoken = self.say(&utterance, &out) => spoken,
                () = out.closed() => Ok(()),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_is_shows_in_the_bytes_and_else_in_the_name() {
        let other = |name: &str| What::Other(name.to_owned());
        let table: &[(&str, &[u8], What)] = &[
            ("audio/pcm", b"\0\0\x01\0", What::Bare(24_000)),
            ("audio/pcm; rate=16000", b"\xff\xfb", What::Bare(16_000)),
            ("audio/l16;rate=1", b"{}", What::Bare(24_000)),
            ("audio/pcm", b"RIFF", What::File),
            ("audio/mpeg", b"RIFF", What::File),
            ("audio/mpeg", b"\xff\xf3\x44\xc4", What::File),
            ("", b"\xff\xf3\x44\xc4", What::File),
            ("audio/pcm", b"\xff\xf3\x44\xc4", What::Bare(24_000)),
            ("audio/mpeg", b"\0\0\0", What::Bare(24_000)),
            ("audio/pcm", b"ID3\x04", What::File),
            ("audio/ogg", b"OggS", other("Ogg")),
            ("audio/aac", b"\xff\xf1", other("audio/aac")),
            ("", b"\0\0", What::Bare(24_000)),
            ("application/octet-stream", b"{\"error", What::Words),
            ("application/json", b"{\"detail", What::Words),
            ("text/html; charset=utf-8", b"<html>", What::Words),
        ];
        for (kind, start, expected) in table {
            assert_eq!(what(kind, start), *expected, "{kind} {start:?}");
        }
    }
}
