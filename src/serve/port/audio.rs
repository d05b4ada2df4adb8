//! Hearing and speaking as OpenAI's endpoints offer them, with the ears and the voice of this
//! backend.

use super::message::{Refusal, Reply, Request};
use super::routes::Routes;
use super::{chat, multipart};
use crate::codec::resample::Resampler;
use crate::codec::{Decoder, from_i16, to_i16, wav};
use crate::core::backend::VoiceWish;
use crate::core::sound::RATE;
use crate::core::words::Lang;
use crate::mind::SpeechError;
use crate::mind::ears::Recording;
use crate::mind::speakable::{self, Cutter};
use crate::mind::speech::Part;
use crate::mind::voice::{Pcm, Utterance, Voice};
use crate::serve::{ServeError, hear};
use bytes::Bytes;
use hyper::{Method, StatusCode, header};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::mpsc;

/// The largest file that is heard, and the form around it.
const FILE: usize = 25 << 20;
const FORM: usize = FILE + (64 << 10);

/// The longest text that is spoken, in characters, and its request in bytes.
const TEXT: usize = 4096;
const BODY: usize = 64 << 10;

/// The rate of bare samples, as OpenAI has it.
const BARE: u32 = 24_000;

/// Pieces of sound that may wait; the voice waits beyond them.
const PIECES: usize = 8;

pub(super) fn routes(routes: &mut Routes) {
    routes.http(Method::POST, "/v1/audio/transcriptions", transcriptions);
    routes.http(Method::POST, "/v1/audio/speech", speech);
    routes.get("/v1/audio/voices", voices);
}

fn bad(code: &'static str, what: impl Into<String>) -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, code, what)
}

async fn transcriptions(mut request: Request) -> Result<Reply, Refusal> {
    let kind = request
        .header(header::CONTENT_TYPE)
        .unwrap_or_default()
        .to_owned();
    let Some(boundary) = multipart::boundary(&kind) else {
        return Err(bad(
            "invalid_form",
            "the recording has to come as `multipart/form-data`",
        ));
    };
    let lang = request.lang();
    let body = request.body(FORM).await?;
    let Some(fields) = multipart::fields(&body, boundary) else {
        return Err(bad("invalid_form", "a form that is not whole"));
    };
    let of = |name: &str| fields.iter().find(|field| field.name == name);
    let text = |name: &str| of(name).and_then(|field| std::str::from_utf8(&field.content).ok());
    let format = text("response_format").unwrap_or("json").to_owned();
    if !["json", "text", "verbose_json"].contains(&format.as_str()) {
        let what = format!(
            "`{}` is not offered",
            format.chars().take(20).collect::<String>()
        );
        return Err(bad("unsupported", what).hint("ask for `json`, `text` or `verbose_json`"));
    }
    let file = of("file")
        .or_else(|| of("audio_file"))
        .filter(|file| !file.content.is_empty());
    let Some(file) = file else {
        return Err(bad("audio_unreadable", "there is no sound in it")
            .hint("send a WAV or MP3 file in the field `file`"));
    };
    let told = |error: ServeError| Refusal::of(&error, lang);
    let house = &request.backend.house;
    let _place = house.place().map_err(told)?;
    let content = file.content.clone();
    let decoded = tokio::task::spawn_blocking(move || samples(&content)).await;
    let samples = decoded.expect("decoders work contained").map_err(told)?;
    let seconds = samples.len() as f64 / f64::from(RATE);
    let language = text("language").filter(|language| !language.is_empty());
    let recording = Recording {
        samples,
        rest: None,
        language: language.map(str::to_owned),
    };
    let ears = (house.ears)(None, lang).map_err(|error| told(ServeError::Ears(error)))?;
    let (partials, _guesses) = mpsc::channel(1);
    let words = ears.hear(recording, partials).await;
    let words = words.map_err(|error| told(ServeError::Ears(error)))?;
    let heard = words.text.trim();
    if text("stream").is_some_and(|stream| stream.eq_ignore_ascii_case("true")) {
        let delta = json!({"type": "transcript.text.delta", "delta": heard});
        let done = json!({"type": "transcript.text.done", "text": heard});
        let events = chat::event(&delta) + &chat::event(&done);
        return Ok(Reply::bytes(chat::EVENT_STREAM, events));
    }
    Ok(match format.as_str() {
        "text" => Reply::bytes("text/plain; charset=utf-8", format!("{heard}\n")),
        "verbose_json" => Reply::json(&json!({
            "task": "transcribe",
            "language": words.language,
            "duration": seconds,
            "text": heard,
        })),
        _ => Reply::json(&json!({"text": heard})),
    })
}

/// The samples of a file, as ears take them.
fn samples(file: &[u8]) -> Result<Vec<i16>, ServeError> {
    let unreadable = |error: crate::codec::CodecError| ServeError::Audio {
        why: error.to_string(),
    };
    let mut decoder = Decoder::new();
    let mut resampler: Option<Resampler> = None;
    let (mut pulled, mut out) = (vec![], vec![]);
    decoder.push(file).map_err(unreadable)?;
    decoder.finish().map_err(unreadable)?;
    while decoder.pull(&mut pulled) {
        let rate = decoder.rate();
        let resampler = resampler.get_or_insert_with(|| Resampler::new(rate, RATE));
        resampler.add(&pulled, &mut out);
        pulled.clear();
        if out.len() > hear::MOST {
            return Err(ServeError::TooLong {
                minutes: hear::MINUTES,
            });
        }
    }
    if let Some(mut resampler) = resampler {
        resampler.finish(&mut out);
    }
    Ok(out.into_iter().map(to_i16).collect())
}

/// What is to be spoken.
#[derive(Deserialize)]
struct Speak {
    input: String,
    #[serde(default)]
    voice: Option<String>,
    #[serde(default)]
    speed: Option<f32>,
    #[serde(default)]
    response_format: Option<String>,
}

async fn speech(mut request: Request) -> Result<Reply, Refusal> {
    let wanted: Speak = request.json(BODY).await?;
    let lang = request.lang();
    let bare = match wanted.response_format.as_deref() {
        None | Some("wav") => false,
        Some("pcm") => true,
        Some(other) => {
            let other: String = other.chars().take(20).collect();
            return Err(bad("unsupported", format!("`{other}` is not offered"))
                .hint("ask for `wav`, or for `pcm` of 24000 Hz"));
        }
    };
    let speed = wanted.speed.unwrap_or(1.0);
    if !(0.25..=4.0).contains(&speed) {
        return Err(bad("invalid_speed", "`speed` is from 0.25 to 4"));
    }
    if wanted.input.chars().count() > TEXT {
        let what = format!("more than {TEXT} characters");
        return Err(bad("input_too_long", what).hint("speak it in parts"));
    }
    let mut cutter = Cutter::default();
    let mut sentences: Vec<String> = cutter.push(&wanted.input).into_iter().collect();
    sentences.extend(cutter.finish());
    let told = |error: ServeError| Refusal::of(&error, lang);
    if sentences.is_empty() {
        return Err(told(ServeError::NoWords));
    }
    let house = &request.backend.house;
    let place = house.place().map_err(told)?;
    let voice = (house.voice)(None, lang).map_err(|error| told(ServeError::Voice(error)))?;
    let wish = VoiceWish {
        voice: wanted
            .voice
            .filter(|voice| !USUAL.contains(&voice.as_str())),
        speed,
        engine: None,
    };
    let (sound, mut pieces) = mpsc::channel(PIECES);
    tokio::spawn(async move {
        let outcome = speak(&*voice, sentences, wish, lang, &sound).await;
        if let Err(error) = outcome {
            let _ = sound.send(Err(error)).await;
        }
        drop(place);
    });
    // Whether it can be spoken at all shows in the first piece.
    let first = match pieces.recv().await {
        Some(Ok(first)) => first,
        Some(Err(error)) => return Err(told(ServeError::Voice(error))),
        None => Pcm {
            rate: BARE,
            samples: vec![],
        },
    };
    let rate = if bare { BARE } else { first.rate };
    let (bytes, body) = mpsc::channel(PIECES);
    tokio::spawn(async move {
        let mut outlet = Outlet {
            rate,
            resampler: None,
        };
        let head = if bare { vec![] } else { head(rate) };
        let mut piece = [head, outlet.bytes(&first)].concat();
        loop {
            if bytes.send(Bytes::from(piece)).await.is_err() {
                return;
            }
            piece = match pieces.recv().await {
                Some(Ok(more)) => outlet.bytes(&more),
                Some(Err(error)) => {
                    tracing::warn!("speech ended early: {}", error.tell(Lang::En));
                    return;
                }
                None => return,
            };
        }
    });
    let kind = if bare { "audio/pcm" } else { "audio/wav" };
    Ok(Reply::stream(kind, body))
}

/// The voices of OpenAI, which every client names: the usual one speaks in their place.
const USUAL: [&str; 13] = [
    "alloy", "ash", "ballad", "cedar", "coral", "echo", "fable", "marin", "nova", "onyx", "sage",
    "shimmer", "verse",
];

async fn speak(
    voice: &dyn Voice,
    sentences: Vec<String>,
    wish: VoiceWish,
    lang: Lang,
    sound: &mpsc::Sender<Result<Pcm, SpeechError>>,
) -> Result<(), SpeechError> {
    for text in sentences {
        let (out, mut pieces) = mpsc::channel(PIECES);
        let speaking = voice.speak(
            Utterance {
                lang: speakable::language(&text, lang),
                text,
                wish: wish.clone(),
            },
            out,
        );
        let pass_on = async {
            while let Some(piece) = pieces.recv().await {
                if sound.send(Ok(piece)).await.is_err() {
                    return;
                }
            }
        };
        tokio::select! {
            () = sound.closed() => return Ok(()),
            (outcome, ()) = async { tokio::join!(speaking, pass_on) } => outcome?,
        }
    }
    Ok(())
}

/// Makes bytes of sound, all of one rate.
struct Outlet {
    rate: u32,
    resampler: Option<(u32, Resampler)>,
}

impl Outlet {
    fn bytes(&mut self, pcm: &Pcm) -> Vec<u8> {
        if pcm.rate == self.rate || pcm.rate == 0 {
            return wav::bytes(&pcm.samples).collect();
        }
        if self
            .resampler
            .as_ref()
            .is_none_or(|(rate, _)| *rate != pcm.rate)
        {
            self.resampler = Some((pcm.rate, Resampler::new(pcm.rate, self.rate)));
        }
        let mut out = vec![];
        if let Some((_, resampler)) = &mut self.resampler {
            let samples: Vec<f32> = pcm.samples.iter().copied().map(from_i16).collect();
            resampler.add(&samples, &mut out);
        }
        let out: Vec<i16> = out.into_iter().map(to_i16).collect();
        wav::bytes(&out).collect()
    }
}

/// The head of a file whose length nobody knows yet.
fn head(rate: u32) -> Vec<u8> {
    let mut head = wav::write(&[], rate);
    for at in [4, 40] {
        if let Some(length) = head.get_mut(at..at + 4) {
            length.fill(0xff);
        }
    }
    head
}

/// What may be chosen to speak with.
async fn voices(request: Request) -> Result<Reply, Refusal> {
    let choices = (request.backend.house.choices)(Part::Voice, request.lang());
    let voices = choices
        .into_iter()
        .map(|(id, name)| json!({"id": id, "name": name}));
    Ok(Reply::json(
        &json!({"voices": voices.collect::<Vec<Value>>()}),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_any_rate_is_heard_at_ours() {
        for rate in [8_000, 16_000, 44_100, 48_000] {
            let file = wav::write(&vec![1000; rate as usize], rate);
            let length = samples(&file).unwrap().len();
            assert!(length.abs_diff(RATE as usize) < 400, "{rate}: {length}");
        }
        for file in [
            &b""[..],
            b"RIFF",
            b"no sound at all, but long enough to tell",
        ] {
            assert!(matches!(samples(file), Err(ServeError::Audio { .. })));
        }
    }

    #[test]
    fn a_stream_of_sound_begins_with_a_head_that_promises_no_length() {
        let head = head(22_050);
        assert_eq!(head.len(), 44);
        let mut file = head;
        file.extend(wav::bytes(&[7; 100]));
        let mut decoder = Decoder::new();
        decoder.push(&file).unwrap();
        decoder.finish().unwrap();
        let mut pulled = vec![];
        while decoder.pull(&mut pulled) {}
        assert_eq!((decoder.rate(), pulled.len()), (22_050, 100));
    }
}
