//! Calls: a client that sends all it hears, and is told whose turn is what.

use super::rig::{self, Peer, Scripted, Step, missing, say, start};
use crate::codec::base64;
use crate::codec::resample::Resampler;
use crate::core::sound::RATE;
use crate::mind::Finish;
use crate::mind::ears::{Ears, Hearing, Partial, Recording};
use crate::mind::voice::{Pcm, Speaking, Utterance, Voice};
use crate::serve::Backend;
use crate::serve::call::CALL_RATE;
use crate::sound::vad::like_speech;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use tokio::sync::mpsc;

/// Ears that know beforehand what is said, and keep how long it was.
#[derive(Default)]
pub(crate) struct Knowing {
    pub(crate) words: Mutex<VecDeque<&'static str>>,
    long_ms: Mutex<Vec<usize>>,
}

impl Ears for Knowing {
    fn name(&self) -> String {
        "knowing".to_owned()
    }

    fn hear(&self, recording: Recording, _partials: mpsc::Sender<Partial>) -> Hearing<'_> {
        let long = recording.samples.len() * 1000 / RATE as usize;
        self.long_ms.lock().unwrap().push(long);
        let words = self.words.lock().unwrap().pop_front().unwrap_or_default();
        Box::pin(async move { Ok(words.to_owned().into()) })
    }
}

/// A voice that takes a tenth of a second for anything.
pub(crate) struct Brief;

impl Voice for Brief {
    fn name(&self) -> String {
        "brief".to_owned()
    }

    fn speak(&self, _utterance: Utterance, out: mpsc::Sender<Pcm>) -> Speaking<'_> {
        Box::pin(async move {
            let samples = vec![1000; 800];
            let _ = out
                .send(Pcm {
                    rate: 8000,
                    samples,
                })
                .await;
            Ok(())
        })
    }
}

struct Bench {
    peer: Peer,
    ears: Arc<Knowing>,
    _backend: Backend,
}

impl Bench {
    async fn new(words: &[&'static str], scripts: Vec<Vec<Step>>) -> Self {
        let ears = Arc::new(Knowing::default());
        ears.words.lock().unwrap().extend(words);
        let hears = Arc::clone(&ears);
        let backend = start(
            Scripted::new(scripts),
            rig::store().0,
            Arc::new(move |_wish, _lang| Ok(Arc::clone(&hears) as Arc<dyn Ears>)),
            Arc::new(|_wish, _lang| Ok(Arc::new(Brief) as Arc<dyn Voice>)),
        );
        Self {
            peer: Peer::dial(&backend).await,
            ears,
            _backend: backend,
        }
    }

    async fn command(&mut self, command: &str) {
        let frame = json!({"type": "voice_command", "command": command, "conversation_id": "conv"});
        self.peer.say(frame).await;
    }

    /// Something is said, and then nothing for long enough.
    async fn speak(&mut self, ms: usize) {
        for audio in spoken(ms) {
            let frame =
                json!({"type": "audio_stream", "scenario": "voice_call", "audio_base64": audio});
            self.peer.say(frame).await;
        }
    }
}

/// Something that is said, and nothing for a while after it, as it is sent.
pub(crate) fn spoken(ms: usize) -> Vec<String> {
    let (mut resampler, mut sound) = (Resampler::new(RATE, CALL_RATE), vec![]);
    resampler.add(&like_speech(ms), &mut sound);
    sound.extend(vec![0.0; 5 * CALL_RATE as usize / 2]);
    let whole = |sample: &f32| ((sample * 32_768.0) as i16).to_le_bytes();
    let pieces = sound.chunks(4096);
    let pieces = pieces.map(|piece| piece.iter().flat_map(whole).collect::<Vec<u8>>());
    pieces.map(|bytes| base64::encode(&bytes)).collect()
}

fn kinds(frames: &[Value]) -> Vec<&str> {
    let kinds = frames.iter().map(|frame| frame["type"].as_str().unwrap());
    kinds.collect()
}

fn answer(text: &str) -> Vec<Step> {
    vec![say(text), Step::End(Ok(Finish::Stop))]
}

#[tokio::test(start_paused = true)]
async fn what_is_said_in_a_call_is_heard_and_answered_aloud() {
    let mut bench = Bench::new(&["what is tea?"], vec![answer("A drink.")]).await;
    // Without a call it is passed over.
    bench.speak(300).await;
    bench.command("start_voice_call").await;
    assert_eq!(bench.peer.hear().await["type"], "voice_call_started");
    // Whoever is in a call already is told nothing.
    bench.command("start_voice_call").await;
    bench.speak(1200).await;
    let heard = bench.peer.hear_until("synthesis_complete").await;
    assert_eq!(
        kinds(&heard),
        [
            "speech_started",
            "speech_stopped",
            "transcription_result",
            "transcription_result",
            "audio_stream",
            "synthesis_complete"
        ]
    );
    let item = &heard[0]["message_id"];
    for frame in &heard {
        assert_eq!(
            (&frame["message_id"], &frame["session_id"]),
            (item, &json!("conv"))
        );
    }
    let [_, _, asked, said, sound, end] = &*heard else {
        panic!("{heard:?}");
    };
    for (frame, role, text) in [
        (asked, "user", "what is tea?"),
        (said, "assistant", "A drink."),
    ] {
        let told = (&frame["scenario"], &frame["role"], &frame["text"]);
        assert_eq!(told, (&json!("voice_call"), &json!(role), &json!(text)));
    }
    assert_eq!(said["assistant_text"], "A drink.");
    assert_eq!((&sound["item_id"], &end["item_id"]), (item, item));
    assert_eq!(sound["codec"], "audio/pcm;rate=24000");
    let bytes = base64::decode(sound["audio"].as_str().unwrap()).unwrap();
    let ms = bytes.len() / 2 * 1000 / CALL_RATE as usize;
    assert!((90..=101).contains(&ms), "{ms}");
    let long = bench.ears.long_ms.lock().unwrap().clone();
    assert!(
        matches!(*long, [ms] if (1200..3700).contains(&ms)),
        "{long:?}"
    );
    bench.command("stop_voice_call").await;
    let heard = bench.peer.hear_until("voice_call_stopped").await;
    assert_eq!(kinds(&heard), ["stop_playback", "voice_call_stopped"]);
}

#[tokio::test(start_paused = true)]
async fn words_stop_the_answer_before_them_and_what_is_no_word_does_not() {
    let hanging = vec![say("Once upon a time. "), Step::Hang];
    let scripts = vec![hanging, answer("Fine.")];
    let mut bench = Bench::new(&["tell me a story", "", "stop it"], scripts).await;
    bench.command("start_voice_call").await;
    bench.speak(1200).await;
    let heard = bench.peer.hear_until("audio_stream").await;
    let item = heard.last().unwrap()["item_id"].clone();
    bench.speak(1200).await;
    let heard = bench.peer.hear_until("transcription_result").await;
    assert_eq!(heard.last().unwrap()["text"], "");
    assert!(!kinds(&heard).contains(&"stop_playback"), "{heard:?}");
    bench.speak(1200).await;
    let heard = bench.peer.hear_until("synthesis_complete").await;
    let stopped = heard.iter().find(|frame| frame["type"] == "stop_playback");
    assert_eq!(stopped.unwrap()["message_id"], item, "{heard:?}");
    assert_ne!(heard.last().unwrap()["item_id"], item);
}

#[tokio::test(start_paused = true)]
async fn an_interrupt_stops_what_is_said_and_hanging_up_all_of_it() {
    let hanging = || vec![say("Once upon a time. "), Step::Hang];
    let mut bench = Bench::new(&["one", "two"], vec![hanging(), hanging()]).await;
    bench.command("start_voice_call").await;
    bench.speak(1200).await;
    let heard = bench.peer.hear_until("audio_stream").await;
    let item = heard.last().unwrap()["item_id"].clone();
    bench
        .peer
        .say(json!({"type": "interrupt", "message_id": item}))
        .await;
    let heard = bench.peer.hear_until("stop_playback").await;
    assert_eq!(heard[0]["type"], "interrupt_confirmed");
    assert_eq!(heard[0]["message_id"], item);
    bench.speak(1200).await;
    bench.peer.hear_until("audio_stream").await;
    bench.command("stop_voice_call").await;
    bench.peer.hear_until("voice_call_stopped").await;
    bench.peer.say(json!({"type": "ping"})).await;
    assert_eq!(bench.peer.hear().await["type"], "pong");
}

#[tokio::test(start_paused = true)]
async fn a_call_that_cannot_begin_and_sound_that_is_none_are_refused() {
    let deaf = start(
        Scripted::new([]),
        rig::store().0,
        Arc::new(|_wish, _lang| Err(missing("ears"))),
        Arc::new(|_wish, _lang| Ok(Arc::new(Brief) as Arc<dyn Voice>)),
    );
    let mut peer = Peer::dial(&deaf).await;
    let call = json!({"type": "voice_command", "command": "start_voice_call"});
    peer.say(call).await;
    let error = peer.hear_until("error").await.pop().unwrap();
    assert_eq!(
        (&error["error"]["type"], &error["error"]["code"]),
        (&json!("voice_call_error"), &json!("no_ears"))
    );
    let mut bench = Bench::new(&[], vec![]).await;
    bench.command("start_voice_call").await;
    assert_eq!(bench.peer.hear().await["type"], "voice_call_started");
    for audio in [json!("!"), json!("AAAA"), Value::Null] {
        bench
            .peer
            .say(json!({"type": "audio_stream", "audio_base64": audio}))
            .await;
        let error = bench.peer.hear().await;
        assert_eq!(error["error"]["code"], "audio_unreadable", "{audio}");
    }
}
