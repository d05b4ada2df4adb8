//! Answers that are spoken, and words that are read aloud.

use super::rig::{self, Peer, Scripted, Step, missing, say, start};
use super::{PAUSE, about, user};
use crate::codec::{base64, wav};
use crate::core::backend::VoiceWish;
use crate::core::ids::TurnId;
use crate::core::words::Lang;
use crate::mind::voice::{Pcm, Speaking, Utterance, Voice};
use crate::mind::{Call, Finish, SpeechError, Thought};
use crate::serve::Backend;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{Notify, mpsc};
use tokio::time::{Instant, sleep_until, timeout};

const ID: &str = "00000000-0000-0000-0000-000000000001";
const RATE: u32 = 8000;

/// A voice that speaks as long as a sentence has letters, a second for each; it speaks each second
/// at once and as a piece of its own. Some words mean something to it.
#[derive(Default)]
struct Stage {
    spoken: Mutex<Vec<Utterance>>,
    dropped: Arc<Notify>,
}

struct Dropped(Arc<Notify>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

impl Voice for Stage {
    fn name(&self) -> String {
        "stage".to_owned()
    }

    fn speak(&self, utterance: Utterance, out: mpsc::Sender<Pcm>) -> Speaking<'_> {
        self.spoken.lock().unwrap().push(utterance.clone());
        let number = self.spoken.lock().unwrap().len() as i16;
        let guard = Dropped(Arc::clone(&self.dropped));
        Box::pin(async move {
            let _guard = guard;
            if utterance.text.contains("slow") {
                sleep_until(Instant::now() + Duration::from_secs(3)).await;
            }
            if utterance.text.contains("fail") {
                return Err(SpeechError::Failed {
                    engine: "stage".into(),
                    why: "a cold".into(),
                });
            }
            for _ in utterance.text.chars().filter(|c| c.is_alphanumeric()) {
                let samples = vec![number; RATE as usize];
                let rate = RATE;
                if out.send(Pcm { rate, samples }).await.is_err() {
                    break;
                }
            }
            if utterance.text.contains("hang") {
                std::future::pending::<()>().await;
            }
            Ok(())
        })
    }
}

impl Stage {
    fn texts(&self) -> Vec<String> {
        let spoken = self.spoken.lock().unwrap();
        spoken.iter().map(|one| one.text.clone()).collect()
    }
}

struct Bench {
    peer: Peer,
    stage: Arc<Stage>,
    brain: Arc<Scripted>,
    backend: Backend,
}

/// What arrives: a type with its text or code, or so many seconds of a sentence.
#[derive(Clone, Debug, PartialEq)]
enum Told {
    Frame(String, String),
    Sound { sentence: i16, seconds: f64 },
}

fn frame(kind: &str, text: &str) -> Told {
    Told::Frame(kind.to_owned(), text.to_owned())
}

fn sound(sentence: i16, seconds: f64) -> Told {
    Told::Sound { sentence, seconds }
}

impl Bench {
    async fn new(scripts: impl IntoIterator<Item = Vec<Step>>) -> Self {
        let (stage, brain) = (Arc::<Stage>::default(), Scripted::new(scripts));
        let voice = Arc::clone(&stage);
        let backend = start(
            Arc::clone(&brain),
            rig::store().0,
            Arc::new(|_wish, _lang| Err(missing("ears"))),
            Arc::new(move |wish, _lang| match wish {
                None | Some("stage") => Ok(Arc::clone(&voice) as Arc<dyn Voice>),
                Some(other) => Err(missing(other)),
            }),
        );
        Self {
            peer: Peer::dial(&backend).await,
            stage,
            brain,
            backend,
        }
    }

    async fn ask(&mut self, more: Value) {
        let mut ask = json!({"type": "text_message", "content": "?", "message_id": ID,
            "conversation_id": "conv", "use_tools": false, "enable_voice": true,
            "audio": "binary"});
        ask.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        self.peer.say(ask).await;
    }

    async fn told(&mut self) -> Told {
        match self.peer.hear_any().await {
            Ok(frame) => {
                let text = ["content", "full_content", "codec"].map(|field| frame[field].as_str());
                let text = text.into_iter().flatten().next();
                let text = text.or(frame["error"]["code"].as_str()).unwrap_or_default();
                Told::Frame(frame["type"].as_str().unwrap().to_owned(), text.to_owned())
            }
            Err((turn, rate, samples)) => {
                assert_eq!((turn, rate), (TurnId(1), RATE));
                let seconds = samples.len() as f64 / f64::from(RATE);
                sound(samples[0], seconds)
            }
        }
    }

    /// What arrives up to the first frame of this type, with sound that belongs together joined.
    async fn told_until(&mut self, kind: &str) -> Vec<Told> {
        let mut all: Vec<Told> = vec![];
        loop {
            let told = self.told().await;
            if let (
                Some(Told::Sound { sentence, seconds }),
                Told::Sound {
                    sentence: its,
                    seconds: more,
                },
            ) = (all.last_mut(), &told)
                && sentence == its
            {
                *seconds += more;
                continue;
            }
            let last = matches!(&told, Told::Frame(its, _) if its == kind);
            all.push(told);
            if last {
                return all;
            }
        }
    }

    async fn silence(&mut self) {
        let more = timeout(Duration::from_mins(10), self.told()).await;
        assert!(more.is_err(), "{more:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_spoken_sentence_by_sentence_while_it_is_written() {
    let mut bench = Bench::new([vec![say("Ab! Cd"), PAUSE, say("e! Fg")], vec![say("ok")]]).await;
    bench.ask(json!({"voice": "lili", "speed": 1.5})).await;
    assert_eq!(
        bench.told_until("synthesis_complete").await,
        [
            frame("processing_start", ""),
            frame("stream_start", ""),
            frame("stream_chunk", "Ab! Cd"),
            frame("speech_words", "Ab!"),
            sound(1, 2.0),
            frame("stream_chunk", "e! Fg"),
            frame("stream_end", "Ab! Cde! Fg"),
            frame("speech_words", "Cde!"),
            sound(2, 3.0),
            frame("speech_words", "Fg"),
            sound(3, 2.0),
            frame("synthesis_complete", ""),
        ]
    );
    let wish = VoiceWish {
        voice: Some("lili".into()),
        speed: 1.5,
        engine: None,
    };
    let utterance = |text: &str| Utterance {
        text: text.into(),
        lang: Lang::En,
        wish: wish.clone(),
    };
    let expected = ["Ab!", "Cde!", "Fg"].map(utterance);
    assert_eq!(*bench.stage.spoken.lock().unwrap(), expected);
    bench.silence().await;
    // What is remembered of it is what was written.
    bench
        .ask(json!({"message_id": "m2", "enable_voice": false}))
        .await;
    bench.told_until("stream_end").await;
    let said = &bench.brain.asked()[1].said[1..];
    assert_eq!(
        said,
        [user("?"), super::assistant("Ab! Cde! Fg"), user("?")]
    );
}

#[tokio::test(start_paused = true)]
async fn who_is_wished_for_speaks_or_it_is_told_that_there_is_nobody() {
    let mut bench = Bench::new([vec![say("Ab.")], vec![say("Cd.")]]).await;
    bench.ask(json!({"engine": "stage"})).await;
    bench.told_until("synthesis_complete").await;
    assert_eq!(bench.stage.spoken.lock().unwrap().len(), 1);
    bench.ask(json!({"engine": "parrot"})).await;
    let told = bench.told_until("synthesis_complete").await;
    let trouble = told.iter().any(
        |told| matches!(told, Told::Frame(kind, text) if kind == "error" && text == "no_voice"),
    );
    assert!(trouble, "{told:?}");
    assert_eq!(bench.stage.spoken.lock().unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn writing_waits_for_no_voice() {
    let mut bench = Bench::new([vec![
        say("A slow one! "),
        PAUSE,
        say("B! "),
        PAUSE,
        say("C!"),
    ]])
    .await;
    let start = Instant::now();
    bench.ask(json!({})).await;
    bench.told_until("stream_end").await;
    assert!(start.elapsed() < Duration::from_secs(1));
    let rest = bench.told_until("synthesis_complete").await;
    assert_eq!(
        rest,
        [
            frame("speech_words", "A slow one!"),
            sound(1, 8.0),
            frame("speech_words", "B!"),
            sound(2, 1.0),
            frame("speech_words", "C!"),
            sound(3, 1.0),
            frame("synthesis_complete", "")
        ]
    );
    assert!(start.elapsed() >= Duration::from_secs(3));
}

#[tokio::test(start_paused = true)]
async fn two_sentences_are_made_at_once_and_sound_is_sent_ten_seconds_ahead() {
    let sentence = format!("{}. ", "x".repeat(20));
    let mut bench = Bench::new([vec![say(&sentence.repeat(3))]]).await;
    let start = Instant::now();
    bench.ask(json!({})).await;
    bench.told_until("stream_end").await;
    let mut sent = 0.0;
    loop {
        match bench.told().await {
            Told::Sound { sentence, seconds } => {
                sent += seconds;
                let heard = start.elapsed().as_secs_f64();
                assert!(sent <= heard + 10.0 + 1.0, "{sent} s after {heard} s");
                assert!(sent + 1.0 >= heard, "{sent} s after {heard} s: too late");
                if sentence == 1 {
                    assert!(bench.stage.texts().len() <= 2);
                }
            }
            Told::Frame(kind, _) if kind == "speech_words" => {}
            Told::Frame(kind, _) => {
                assert_eq!(kind, "synthesis_complete");
                break;
            }
        }
    }
    assert!((sent - 60.0).abs() < 0.001, "{sent}");
    let took = start.elapsed().as_secs();
    assert!((49..=51).contains(&took), "{took}");
}

#[tokio::test(start_paused = true)]
async fn plain_clients_get_one_file_for_each_sentence() {
    let mut bench = Bench::new([vec![say("Ab! C!")]]).await;
    bench.ask(json!({"audio": null, "message_id": "m"})).await;
    let heard = bench.peer.hear_until("synthesis_complete").await;
    let files: Vec<&Value> = heard
        .iter()
        .filter(|frame| frame["type"] == "audio_stream")
        .collect();
    for (n, (file, samples)) in files.iter().zip([16_000, 8000]).enumerate() {
        let number = n as i16 + 1;
        let audio = base64::encode(&wav::write(&vec![number; samples], RATE));
        let expected = json!({"codec": "audio/wav", "seq": n, "audio": audio});
        assert_eq!(**file, about("audio_stream", "m", expected));
    }
    assert_eq!(files.len(), 2);
    assert_eq!(
        *heard.last().unwrap(),
        about("synthesis_complete", "m", json!({}))
    );
}

#[tokio::test(start_paused = true)]
async fn a_voice_that_fails_is_told_once_and_the_answer_is_whole() {
    let mut bench = Bench::new([vec![say("A! fail! fail! B!"), PAUSE, say(" End.")]]).await;
    bench.ask(json!({})).await;
    let mut told = bench.told_until("synthesis_complete").await;
    told.extend(bench.told_until("stream_end").await);
    assert_eq!(
        told[2..],
        [
            frame("stream_chunk", "A! fail! fail! B!"),
            frame("speech_words", "A!"),
            sound(1, 1.0),
            frame("error", "speech_failed"),
            frame("synthesis_complete", ""),
            frame("stream_chunk", " End."),
            frame("stream_end", "A! fail! fail! B! End."),
        ]
    );
    bench.silence().await;
}

#[tokio::test(start_paused = true)]
async fn a_missing_voice_is_told_with_what_helps() {
    let brain = Scripted::new([vec![say("Hi.")]]);
    let (backend, ..) = rig::backend(&brain);
    let mut peer = Peer::dial(&backend).await;
    peer.say(
        json!({"type": "speak", "content": "Hello.", "message_id": "m",
        "conversation_id": "conv"}),
    )
    .await;
    let error = json!({"error": {"message": "there is no such thing as a voice here",
        "type": "speech_error", "code": "no_voice", "hint": "install a voice"}});
    assert_eq!(
        peer.hear_until("synthesis_complete").await,
        [
            about("error", "m", error),
            about("synthesis_complete", "m", json!({}))
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn an_interrupt_silences_the_voice_and_ends_it() {
    let mut bench = Bench::new([vec![say("hang! hang! B! C!")]]).await;
    bench.ask(json!({})).await;
    while bench.told().await != sound(1, 1.0) {}
    let dropped = Arc::clone(&bench.stage.dropped);
    bench
        .peer
        .say(json!({"type": "interrupt", "message_id": ID, "session_id": "conv"}))
        .await;
    let told = bench.told_until("stop_playback").await;
    assert_eq!(
        told[told.len() - 2..],
        [frame("interrupt_confirmed", ""), frame("stop_playback", "")]
    );
    dropped.notified().await;
    bench.silence().await;
    assert_eq!(bench.stage.texts(), ["hang!", "hang!"]);
}

#[tokio::test(start_paused = true)]
async fn no_more_of_an_answer_is_remembered_than_was_heard() {
    let answers = ["**One** two. Three four.", "**One** two. Three"];
    for (heard, remembered) in [
        (None, answers[0]),
        (Some("One two. Three"), answers[1]),
        (Some("One"), "**One"),
        (Some("of something else"), ""),
    ] {
        let mut bench = Bench::new([vec![say(answers[0])], vec![say("ok")]]).await;
        bench.ask(json!({})).await;
        bench.told_until("stream_end").await;
        let interrupt = json!({"type": "interrupt", "message_id": ID, "session_id": "conv",
            "heard": heard});
        bench.peer.say(interrupt).await;
        bench.told_until("stop_playback").await;
        bench
            .ask(json!({"message_id": "m2", "enable_voice": false}))
            .await;
        bench.told_until("stream_end").await;
        let said = &bench.brain.asked()[1].said[1..];
        let text = format!("{:?}", said.get(1));
        assert!(text.contains(remembered), "{heard:?}: {text}");
        assert!(heard.is_none() || !text.contains("four"), "{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_speaks_for_a_client_that_has_gone() {
    let mut bench = Bench::new([vec![say("hang!")]]).await;
    bench.ask(json!({})).await;
    while bench.told().await != sound(1, 1.0) {}
    let dropped = Arc::clone(&bench.stage.dropped);
    bench.peer = Peer::dial(&bench.backend).await;
    dropped.notified().await;
}

#[tokio::test(start_paused = true)]
async fn what_is_thought_and_what_tools_say_is_not_spoken() {
    let call = Call {
        id: "c".into(),
        name: "no_such_tool".into(),
        arguments: "{}".into(),
    };
    let mut bench = Bench::new([
        vec![
            Step::Think(Thought::Reasoning("Hm. Hm.".into())),
            say("Look. "),
            Step::Think(Thought::Call(call)),
            Step::End(Ok(Finish::Calls)),
        ],
        vec![say("Done.")],
    ])
    .await;
    bench.ask(json!({"use_tools": true, "stream": false})).await;
    bench.told_until("synthesis_complete").await;
    assert_eq!(bench.stage.texts(), ["Look.", "Done."]);
}

#[tokio::test(start_paused = true)]
async fn words_are_read_aloud_without_being_answered() {
    let mut bench = Bench::new([]).await;
    bench
        .peer
        .say(
            json!({"type": "speak", "message_id": ID, "conversation_id": "conv",
            "content": "好。B.", "audio": "binary"}),
        )
        .await;
    assert_eq!(
        bench.told_until("synthesis_complete").await,
        [
            frame("speech_words", "好。"),
            sound(1, 1.0),
            frame("speech_words", "B."),
            sound(2, 1.0),
            frame("synthesis_complete", "")
        ]
    );
    let spoken = bench.stage.spoken.lock().unwrap().clone();
    let langs: Vec<Lang> = spoken.iter().map(|one| one.lang).collect();
    assert_eq!(langs, [Lang::Zh, Lang::En]);
    assert_eq!(bench.brain.asked().len(), 0);
}
