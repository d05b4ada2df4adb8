//! Recordings, from the client that sends them to the words that come back.

use super::about;
use super::rig::{self, Peer, Scripted, missing, start};
use crate::codec::{base64, wav};
use crate::core::words::Lang;
use crate::mind::SpeechError;
use crate::mind::ears::{Ears, Hearing, Partial, Recording};
use crate::serve::Backend;
use crate::wire::yychat::binary;
use futures_util::SinkExt;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

const ONE: &str = "00000000-0000-0000-0000-000000000001";
const TWO: &str = "00000000-0000-0000-0000-000000000002";

/// What somebody is asked to hear, and where the words go.
struct Heard {
    recording: Recording,
    partials: mpsc::Sender<Partial>,
    words: oneshot::Sender<Result<String, SpeechError>>,
}

/// Ears at the other end of a channel.
struct Stage {
    out: mpsc::UnboundedSender<Heard>,
    dropped: Arc<Notify>,
}

struct Dropped(Arc<Notify>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

impl Ears for Stage {
    fn name(&self) -> String {
        "stage".to_owned()
    }

    fn hear(&self, recording: Recording, partials: mpsc::Sender<Partial>) -> Hearing<'_> {
        let (words, heard) = oneshot::channel();
        let asked = Heard {
            recording,
            partials,
            words,
        };
        assert!(self.out.send(asked).is_ok());
        let guard = Dropped(Arc::clone(&self.dropped));
        Box::pin(async move {
            let _guard = guard;
            Ok(heard.await.unwrap()?.into())
        })
    }
}

/// Which ears are wished for, and the language of who wishes.
type Wish = (Option<String>, Lang);

struct Bench {
    peer: Peer,
    heard: mpsc::UnboundedReceiver<Heard>,
    /// The ears that were wished for.
    wished: Arc<Mutex<Vec<Wish>>>,
    dropped: Arc<Notify>,
    _backend: Backend,
}

impl Bench {
    async fn new() -> Self {
        let (out, heard) = mpsc::unbounded_channel();
        let (wished, dropped) = (Arc::default(), Arc::default());
        let stage = Arc::new(Stage {
            out,
            dropped: Arc::clone(&dropped),
        });
        let wishes: Arc<Mutex<Vec<Wish>>> = Arc::clone(&wished);
        let backend = start(
            Scripted::new([]),
            rig::store().0,
            Arc::new(move |wish, lang| {
                wishes.lock().unwrap().push((wish.map(str::to_owned), lang));
                if wish == Some("none") {
                    return Err(missing("ears"));
                }
                Ok(Arc::clone(&stage) as Arc<dyn Ears>)
            }),
            Arc::new(|_wish, _lang| Err(missing("a voice"))),
        );
        Self {
            peer: Peer::dial(&backend).await,
            heard,
            wished,
            dropped,
            _backend: backend,
        }
    }

    /// The pieces of a recording.
    async fn pieces(&mut self, id: &str, pieces: &[&[i16]]) {
        let turn = id.parse().unwrap();
        for samples in pieces {
            let frame = Message::binary(binary::recording(turn, samples));
            self.peer.socket.send(frame).await.unwrap();
        }
    }

    async fn begin(&mut self, id: &str, more: Value) {
        let mut frame = json!({"type": "audio_input", "message_id": id, "conversation_id": "conv",
            "audio_format": "pcm", "sample_rate": 16000, "chunked": true});
        frame
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        self.peer.say(frame).await;
    }

    async fn end(&mut self, id: &str) {
        self.peer
            .say(json!({"type": "audio_complete", "message_id": id, "scenario": "voice_recording"}))
            .await;
    }

    /// Nothing more is said.
    async fn silence(&mut self) {
        let more = timeout(Duration::from_mins(1), self.peer.hear()).await;
        assert!(more.is_err(), "{more:?}");
    }
}

fn file(samples: &[i16]) -> String {
    base64::encode(&wav::write(samples, 16_000))
}

#[tokio::test(start_paused = true)]
async fn a_file_of_any_form_is_heard_and_what_is_none_is_told() {
    let mut bench = Bench::new().await;
    // A tenth of a second of two channels at 32 kHz.
    let mut stereo = wav::write(&[1000, 3000].repeat(3200), 32_000);
    stereo[22] = 2;
    // Bare samples may be a file all the same.
    for format in ["wav", "pcm"] {
        let audio = base64::encode(&stereo);
        let frame = json!({"type": "audio_input", "audio": audio, "audio_format": format});
        bench.peer.say(frame).await;
        bench.peer.hear().await;
        let heard = bench.heard.recv().await.unwrap();
        let samples = heard.recording.samples;
        assert_eq!(samples.len(), 1600);
        assert!((1990..=2010).contains(&samples[800]), "{}", samples[800]);
        heard.words.send(Ok("hello".to_owned())).unwrap();
        bench.peer.hear().await;
    }
    stereo[34] = 12;
    for (bytes, told) in [
        (stereo.as_slice(), "WAV, code 1, 12 bit"),
        (&stereo[..30], "WAV that ends before the sound begins"),
        (b"OggS....", "a file that begins with `OggS....`"),
    ] {
        let frame = json!({"type": "audio_input", "audio": base64::encode(bytes)});
        bench.peer.say(frame).await;
        let error = bench.peer.hear().await;
        let told = format!("Audio processing failed: this recording cannot be read: {told}");
        assert_eq!(error["message"], told);
    }
}

#[tokio::test(start_paused = true)]
async fn a_plain_client_is_answered_as_by_a_plain_server() {
    let mut bench = Bench::new().await;
    let wav = file(&[1, 2, 3]);
    let data = format!("data:audio/wav;base64,{wav}");
    for frame in [
        json!({"type": "audio_input", "audio_base64": wav, "audio_format": "wav",
            "sample_rate": 16000}),
        json!({"type": "audio_input", "audio_b64": wav}),
        json!({"type": "audio_input", "payload": {"data": data}}),
        json!({"type": "audio_input", "audio": "AQACAAMA", "audio_format": "pcm"}),
    ] {
        bench.peer.say(frame).await;
        assert_eq!(
            bench.peer.hear().await,
            json!({"type": "audio_processing_start"})
        );
        let heard = bench.heard.recv().await.unwrap();
        assert_eq!(heard.recording.samples, [1, 2, 3]);
        heard.words.send(Ok(" hello \n".to_owned())).unwrap();
        assert_eq!(
            bench.peer.hear().await,
            json!({"type": "transcription_result", "text": "hello",
                "scenario": "voice_recording"})
        );
    }
    bench.peer.say(json!({"type": "audio_input"})).await;
    let error = bench.peer.hear().await;
    assert_eq!(
        error["message"],
        "Audio processing failed: there is no sound in it"
    );
    let id = bench.peer.id.clone();
    for (command, kind) in [
        ("start_recording", "recording_started"),
        ("stop_recording", "recording_stopped"),
    ] {
        bench
            .peer
            .say(json!({"type": "voice_command", "command": command, "client_id": id}))
            .await;
        assert_eq!(
            bench.peer.hear().await,
            json!({"type": kind, "client_id": "C"})
        );
    }
    for quiet in [
        json!({"type": "audio_stream", "scenario": "voice_call", "audio_base64": wav}),
        json!({"type": "audio_complete", "scenario": "voice_call"}),
    ] {
        bench.peer.say(quiet).await;
    }
    bench.silence().await;
}

#[tokio::test(start_paused = true)]
async fn a_recording_in_pieces_is_heard_as_a_whole_and_guesses_come_on_the_way() {
    let mut bench = Bench::new().await;
    bench
        .begin(ONE, json!({"language": "zh-CN", "ears": "other"}))
        .await;
    bench.pieces(ONE, &[&[1, 2], &[], &[3]]).await;
    bench.pieces(TWO, &[&[9]]).await;
    bench.end(ONE).await;
    assert_eq!(
        bench.peer.hear().await,
        about("audio_processing_start", ONE, json!({}))
    );
    let heard = bench.heard.recv().await.unwrap();
    assert_eq!(heard.recording.samples, [1, 2, 3]);
    assert_eq!(heard.recording.language.as_deref(), Some("zh-CN"));
    let partial = Partial {
        text: "he".to_owned(),
        stable: 0,
    };
    heard.partials.send(partial).await.unwrap();
    assert_eq!(
        bench.peer.hear().await,
        about("transcription_partial", ONE, json!({"text": "he"}))
    );
    heard.words.send(Ok(String::new())).unwrap();
    let result = json!({"text": "", "scenario": "voice_recording"});
    assert_eq!(
        bench.peer.hear().await,
        about("transcription_result", ONE, result)
    );
    let other = (Some("other".to_owned()), Lang::En);
    assert_eq!(*bench.wished.lock().unwrap(), [(None, Lang::En), other]);
    // Nobody is asked to hear nothing.
    bench.begin(TWO, json!({})).await;
    bench.end(TWO).await;
    let result = json!({"text": "", "scenario": "voice_recording"});
    assert_eq!(
        bench.peer.hear().await,
        about("transcription_result", TWO, result)
    );
}

#[tokio::test(start_paused = true)]
async fn recordings_are_heard_one_after_another_and_only_so_many_wait() {
    let mut bench = Bench::new().await;
    for id in [ONE, TWO, "three", "four"] {
        let frame = json!({"type": "audio_input", "message_id": id, "audio": file(&[1])});
        bench.peer.say(frame).await;
    }
    let mut told = vec![];
    for _ in 0..2 {
        let frame = bench.peer.hear().await;
        told.push(format!("{} {}", frame["type"], frame["message_id"]));
        if frame["type"] == "error" {
            assert_eq!(frame["error"]["code"], "too_many_recordings");
        }
    }
    told.sort();
    let start = format!(r#""audio_processing_start" "{ONE}""#);
    assert_eq!(told, [start, r#""error" "four""#.to_owned()]);
    let first = bench.heard.recv().await.unwrap();
    assert!(bench.heard.try_recv().is_err());
    let failed = SpeechError::Failed {
        engine: "stage".into(),
        why: "no".into(),
    };
    first.words.send(Err(failed)).unwrap();
    let error = bench.peer.hear().await;
    assert_eq!(error["message_id"], ONE);
    assert_eq!(
        error["error"],
        json!({"message": "`stage` gave up: no", "type": "audio_processing_error",
            "code": "hearing_failed"})
    );
    let second = bench.peer.hear().await;
    assert_eq!(second["type"], "audio_processing_start");
    assert_eq!(second["message_id"], TWO);
}

#[tokio::test(start_paused = true)]
async fn an_interrupt_stops_the_hearing_and_the_rest_of_a_recording_is_passed_over() {
    let mut bench = Bench::new().await;
    bench.begin(ONE, json!({})).await;
    bench.pieces(ONE, &[&[1]]).await;
    let stop = |id: &str| json!({"type": "interrupt", "message_id": id, "session_id": "conv"});
    bench.peer.say(stop(ONE)).await;
    bench.pieces(ONE, &[&[2]]).await;
    bench.end(ONE).await;
    bench.begin(TWO, json!({})).await;
    bench.pieces(TWO, &[&[3]]).await;
    bench.end(TWO).await;
    bench.heard.recv().await.unwrap();
    let dropped = Arc::clone(&bench.dropped);
    bench.peer.say(stop(TWO)).await;
    dropped.notified().await;
    let mut told = vec![];
    for _ in 0..5 {
        let frame = bench.peer.hear().await;
        told.push((frame["type"].clone(), frame["message_id"].clone()));
    }
    let expected = [
        ("interrupt_confirmed", ONE),
        ("stop_playback", ONE),
        ("audio_processing_start", TWO),
        ("interrupt_confirmed", TWO),
        ("stop_playback", TWO),
    ];
    assert_eq!(told, expected.map(|(kind, id)| (json!(kind), json!(id))));
    bench.silence().await;
}

#[tokio::test(start_paused = true)]
async fn ears_that_are_missing_are_told_with_what_helps_and_the_connection_stays() {
    let mut bench = Bench::new().await;
    bench.begin(ONE, json!({"ears": "none"})).await;
    bench.pieces(ONE, &[&[1]]).await;
    bench.end(ONE).await;
    assert_eq!(
        bench.peer.hear().await,
        about(
            "error",
            ONE,
            json!({"message": "Audio processing failed: there is no such thing as ears here",
                "error": {"message": "there is no such thing as ears here",
                    "type": "audio_processing_error", "code": "no_ears", "hint": "install ears"}})
        )
    );
    bench.peer.say(json!({"type": "ping"})).await;
    assert_eq!(bench.peer.hear().await["type"], "pong");
}

#[tokio::test(start_paused = true)]
async fn a_recording_may_last_ten_minutes_and_be_longer_than_any_other_message() {
    let mut bench = Bench::new().await;
    let minute = vec![7; 60 * 16_000];
    bench.begin(ONE, json!({})).await;
    for _ in 0..10 {
        bench.pieces(ONE, &[&minute]).await;
    }
    bench.end(ONE).await;
    assert_eq!(bench.peer.hear().await["type"], "audio_processing_start");
    let mut heard = bench.heard.recv().await.unwrap();
    let mut length = heard.recording.samples.len();
    while let Some(rest) = &mut heard.recording.rest {
        match rest.recv().await {
            Some(more) => length += more.len(),
            None => heard.recording.rest = None,
        }
    }
    assert_eq!(length, 9_600_000);
    heard.words.send(Ok("long".into())).unwrap();
    assert_eq!(bench.peer.hear().await["text"], "long");

    bench.begin(TWO, json!({})).await;
    for _ in 0..10 {
        bench.pieces(TWO, &[&minute]).await;
    }
    bench.pieces(TWO, &[&[1]]).await;
    bench.end(TWO).await;
    let error = bench.peer.hear().await;
    assert_eq!(error["error"]["code"], "recording_too_long");
    assert_eq!(
        error["error"]["message"],
        "the recording is longer than 10 minutes"
    );
    // It was heard as far as it had come.
    bench.heard.recv().await.unwrap();

    let whole = json!({"type": "audio_input", "audio": file(&vec![7; 2_000_000])});
    bench.peer.say(whole).await;
    assert_eq!(bench.peer.hear().await["type"], "audio_processing_start");
    let heard = bench.heard.recv().await.unwrap();
    assert_eq!(heard.recording.samples.len(), 2_000_000);
}

/// So many samples, as pieces of a tenth of a second.
fn tenths(count: usize) -> Vec<Vec<i16>> {
    (0..count).map(|n| vec![n as i16; 1600]).collect()
}

#[tokio::test(start_paused = true)]
async fn a_recording_is_heard_while_it_is_spoken_and_its_words_follow_its_end() {
    let mut bench = Bench::new().await;
    bench.begin(ONE, json!({})).await;
    let tenths = tenths(3);
    bench.pieces(ONE, &[&tenths[0]]).await;
    // Nobody has said that this is all of it.
    let mut heard = bench.heard.recv().await.unwrap();
    assert_eq!(heard.recording.samples, tenths[0]);
    let guess = |text: &str| Partial {
        text: text.to_owned(),
        stable: 0,
    };
    heard.partials.send(guess("what")).await.unwrap();
    assert_eq!(
        bench.peer.hear().await,
        about("transcription_partial", ONE, json!({"text": "what"}))
    );
    // Those who speak on are heard on, the smallest rest included.
    bench.pieces(ONE, &[&tenths[1], &[7]]).await;
    let mut rest = heard.recording.rest.take().unwrap();
    assert_eq!(rest.recv().await.as_ref(), Some(&tenths[1]));
    bench.end(ONE).await;
    assert_eq!(rest.recv().await, Some(vec![7]));
    assert_eq!(rest.recv().await, None);
    assert_eq!(
        bench.peer.hear().await,
        about("audio_processing_start", ONE, json!({}))
    );
    heard.words.send(Ok("what time is it".to_owned())).unwrap();
    let result = json!({"text": "what time is it", "scenario": "voice_recording"});
    assert_eq!(
        bench.peer.hear().await,
        about("transcription_result", ONE, result)
    );
}

#[tokio::test(start_paused = true)]
async fn ears_that_give_up_early_are_told_of_at_the_end_of_a_recording() {
    let mut bench = Bench::new().await;
    bench.begin(ONE, json!({})).await;
    let tenths = tenths(2);
    bench.pieces(ONE, &[&tenths[0]]).await;
    let heard = bench.heard.recv().await.unwrap();
    let failed = SpeechError::Failed {
        engine: "stage".into(),
        why: "no".into(),
    };
    heard.words.send(Err(failed)).unwrap();
    bench.pieces(ONE, &[&tenths[1]]).await;
    bench.peer.say(json!({"type": "ping"})).await;
    assert_eq!(bench.peer.hear().await["type"], "pong");
    bench.end(ONE).await;
    let error = bench.peer.hear().await;
    assert_eq!(error["error"]["code"], "hearing_failed");
    assert_eq!(error["message_id"], ONE);
}
