//! Sessions of the realtime API, event by event.

use super::attend;
use crate::codec::base64;
use crate::core::words::Lang;
use crate::mind::Finish;
use crate::mind::ears::Ears;
use crate::mind::voice::Voice;
use crate::serve::Backend;
use crate::serve::tests::call::{Brief, Knowing, spoken};
use crate::serve::tests::rig::{self, Scripted, Step, missing, say, start};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::io::DuplexStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::Role;

struct Bench {
    socket: WebSocketStream<DuplexStream>,
    brain: Arc<Scripted>,
    _backend: Backend,
}

impl Bench {
    /// Ears that hear these words, a brain that answers so, and a session that was greeted.
    async fn new(words: &[&'static str], scripts: Vec<Vec<Step>>) -> Self {
        let ears = Arc::new(Knowing::default());
        ears.words.lock().unwrap().extend(words);
        let deaf = words.is_empty();
        let brain = Scripted::new(scripts);
        let backend = start(
            Arc::clone(&brain),
            rig::store().0,
            Arc::new(move |_wish, _lang: Lang| {
                if deaf {
                    return Err(missing("ears"));
                }
                Ok(Arc::clone(&ears) as Arc<dyn Ears>)
            }),
            Arc::new(|_wish, _lang| Ok(Arc::new(Brief) as Arc<dyn Voice>)),
        );
        let (ours, theirs) = tokio::io::duplex(64 * 1024);
        let house = Arc::clone(&backend.house);
        let closing = backend.open.subscribe();
        tokio::spawn(async move {
            let socket = WebSocketStream::from_raw_socket(theirs, Role::Server, None).await;
            attend(house, socket, closing, None).await;
        });
        let mut bench = Self {
            socket: WebSocketStream::from_raw_socket(ours, Role::Client, None).await,
            brain,
            _backend: backend,
        };
        assert_eq!(bench.hear().await["type"], "session.created");
        bench
    }

    async fn say(&mut self, event: Value) {
        self.socket
            .send(Message::text(event.to_string()))
            .await
            .unwrap();
    }

    async fn speak(&mut self, ms: usize) {
        for audio in spoken(ms) {
            self.say(json!({"type": "input_audio_buffer.append", "audio": audio}))
                .await;
        }
    }

    async fn hear(&mut self) -> Value {
        let message = self.socket.next().await.unwrap().unwrap();
        serde_json::from_str(message.to_text().unwrap()).unwrap()
    }

    async fn until(&mut self, kind: &str) -> Vec<Value> {
        let mut heard = vec![];
        loop {
            heard.push(self.hear().await);
            if heard.last().unwrap()["type"] == kind {
                return heard;
            }
        }
    }

    async fn settle(&mut self, session: Value) -> Value {
        self.say(json!({"type": "session.update", "session": session}))
            .await;
        self.hear().await
    }
}

fn kinds(events: &[Value]) -> Vec<&str> {
    let kinds = events.iter().map(|event| event["type"].as_str().unwrap());
    kinds.collect()
}

fn answer(text: &str) -> Vec<Step> {
    vec![say(text), Step::End(Ok(Finish::Stop))]
}

/// What an answer in sound is told in.
const SPOKEN: [&str; 12] = [
    "response.created",
    "response.output_item.added",
    "conversation.item.added",
    "response.content_part.added",
    "response.output_audio_transcript.delta",
    "response.output_audio.delta",
    "response.output_audio.done",
    "response.output_audio_transcript.done",
    "response.content_part.done",
    "response.output_item.done",
    "conversation.item.done",
    "response.done",
];

#[tokio::test(start_paused = true)]
async fn what_is_said_is_found_heard_and_answered() {
    let mut bench = Bench::new(&["what is tea?"], vec![answer("A drink.")]).await;
    bench.speak(1200).await;
    let heard = bench.until("response.done").await;
    let before = [
        "input_audio_buffer.speech_started",
        "input_audio_buffer.speech_stopped",
        "input_audio_buffer.committed",
        "conversation.item.added",
        "conversation.item.done",
        "conversation.item.input_audio_transcription.completed",
    ];
    assert_eq!(kinds(&heard), [&before[..], &SPOKEN].concat());
    assert!(heard.iter().all(|event| event["event_id"].is_string()));
    assert_eq!(heard[5]["transcript"], "what is tea?");
    assert_eq!(heard[5]["item_id"], heard[0]["item_id"]);
    let sound = heard
        .iter()
        .find(|event| event["type"] == SPOKEN[5])
        .unwrap();
    let bytes = base64::decode(sound["delta"].as_str().unwrap()).unwrap();
    assert!(bytes.len() > 4000, "{}", bytes.len());
    let response = &heard.last().unwrap()["response"];
    assert_eq!(response["status"], "completed");
    let told = &response["output"][0];
    assert_eq!(told["content"][0]["transcript"], "A drink.");
    assert_eq!(told["id"], sound["item_id"]);
    // A tenth of a second was sent of it, and no more can have been heard.
    for (ms, wanted) in [(50, "conversation.item.truncated"), (5000, "error")] {
        bench
            .say(
                json!({"type": "conversation.item.truncate", "item_id": told["id"],
                "content_index": 0, "audio_end_ms": ms}),
            )
            .await;
        assert_eq!(bench.hear().await["type"], wanted);
    }
}

#[tokio::test(start_paused = true)]
async fn words_are_answered_with_words_and_what_was_said_before_is_known() {
    let mut bench = Bench::new(&[], vec![answer("Green, black.")]).await;
    let settled = bench
        .settle(
            json!({"type": "realtime", "instructions": "be brief", "output_modalities": ["text"]}),
        )
        .await;
    assert_eq!(settled["type"], "session.updated");
    assert_eq!(settled["session"]["instructions"], "be brief");
    for (role, kind, text) in [
        ("user", "input_text", "what is tea?"),
        ("assistant", "output_text", "A drink."),
        ("user", "input_text", "which kinds?"),
    ] {
        let item =
            json!({"type": "message", "role": role, "content": [{"type": kind, "text": text}]});
        bench
            .say(json!({"type": "conversation.item.create", "item": item}))
            .await;
        let heard = bench.until("conversation.item.done").await;
        assert_eq!(heard[0]["type"], "conversation.item.added");
    }
    bench.say(json!({"type": "response.create"})).await;
    let heard = bench.until("response.done").await;
    let text: String = heard
        .iter()
        .filter(|event| event["type"] == "response.output_text.delta")
        .map(|event| event["delta"].as_str().unwrap())
        .collect();
    assert_eq!(text, "Green, black.");
    let done = heard
        .iter()
        .find(|event| event["type"] == "response.output_text.done");
    assert_eq!(done.unwrap()["text"], "Green, black.");
    assert_eq!(heard.last().unwrap()["response"]["status"], "completed");
    let asked = format!("{:?}", bench.brain.asked());
    for part in ["be brief", "what is tea?", "A drink.", "which kinds?"] {
        assert!(asked.contains(part), "{part}: {asked}");
    }
}

#[tokio::test(start_paused = true)]
async fn who_settles_a_session_in_the_older_shape_is_understood() {
    let mut bench = Bench::new(&[], vec![answer("Green."), answer("Black.")]).await;
    let settled = bench
        .settle(
            json!({"modalities": ["text"], "voice": "alloy", "input_audio_format": "pcm16",
            "output_audio_format": "pcm16", "turn_detection": null}),
        )
        .await;
    let session = &settled["session"];
    assert_eq!(session["output_modalities"], json!(["text"]));
    assert_eq!(session["audio"]["input"]["turn_detection"], Value::Null);
    for (wished, ends) in [
        (json!({}), "response.output_text.done"),
        (
            json!({"modalities": ["audio", "text"]}),
            "response.output_audio_transcript.done",
        ),
    ] {
        let said = json!([{"type": "input_text", "text": "which tea?"}]);
        let item = json!({"type": "message", "role": "user", "content": said});
        bench
            .say(json!({"type": "conversation.item.create", "item": item}))
            .await;
        bench
            .say(json!({"type": "response.create", "response": wished}))
            .await;
        let heard = bench.until("response.done").await;
        assert!(kinds(&heard).contains(&ends), "{wished}: {heard:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn where_the_client_ends_a_turn_it_is_answered_when_it_says_so() {
    let mut bench = Bench::new(&["what is tea?"], vec![answer("A drink.")]).await;
    bench
        .settle(json!({"type": "realtime", "audio": {"input": {"turn_detection": null}}}))
        .await;
    let commit = json!({"type": "input_audio_buffer.commit", "event_id": "e1"});
    bench.say(commit.clone()).await;
    let refused = bench.hear().await;
    assert_eq!(
        (&refused["error"]["code"], &refused["error"]["event_id"]),
        (&json!("input_audio_buffer_commit_empty"), &json!("e1"))
    );
    bench.speak(1200).await;
    bench.say(json!({"type": "input_audio_buffer.clear"})).await;
    assert_eq!(bench.hear().await["type"], "input_audio_buffer.cleared");
    bench.speak(1200).await;
    bench.say(commit).await;
    // The words are not known yet.
    bench.say(json!({"type": "response.create"})).await;
    let heard = bench.until("response.done").await;
    let before = [
        "input_audio_buffer.committed",
        "conversation.item.added",
        "conversation.item.done",
        "conversation.item.input_audio_transcription.completed",
    ];
    assert_eq!(kinds(&heard), [&before[..], &SPOKEN].concat());
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_stopped_by_who_speaks_and_by_who_says_so() {
    let hanging = || vec![say("Once upon a time. "), Step::Hang];
    let scripts = vec![hanging(), hanging()];
    let mut bench = Bench::new(&["one", "two"], scripts).await;
    bench.speak(1200).await;
    bench.until("response.output_audio.delta").await;
    bench.say(json!({"type": "response.create"})).await;
    let refused = bench.until("error").await.pop().unwrap();
    let code = &refused["error"]["code"];
    assert_eq!(code, "conversation_already_has_active_response");
    bench.speak(1200).await;
    let done = bench.until("response.done").await.pop().unwrap();
    let why = (
        &done["response"]["status"],
        &done["response"]["status_details"]["reason"],
    );
    assert_eq!(why, (&json!("cancelled"), &json!("turn_detected")));
    bench.until("response.output_audio.delta").await;
    bench.say(json!({"type": "response.cancel"})).await;
    let done = bench.until("response.done").await.pop().unwrap();
    let why = (
        &done["response"]["status"],
        &done["response"]["status_details"]["reason"],
    );
    assert_eq!(why, (&json!("cancelled"), &json!("client_cancelled")));
    bench.say(json!({"type": "response.cancel"})).await;
    let refused = bench.until("error").await.pop().unwrap();
    assert_eq!(refused["error"]["code"], "response_cancel_not_active");
}

#[tokio::test(start_paused = true)]
async fn whatever_cannot_be_done_is_told_and_the_session_stays() {
    let mut bench = Bench::new(&[], vec![]).await;
    for text in ["", "x", "[]", "null", "{}", r#"{"type":7}"#] {
        bench.socket.send(Message::text(text)).await.unwrap();
        assert_eq!(bench.hear().await["type"], "error", "{text}");
    }
    let session = |session: Value| json!({"type": "session.update", "session": session});
    for (event, code) in [
        (json!({"type": "other"}), "unknown_event"),
        (session(json!({"tools": [{}]})), "invalid_value"),
        (
            session(json!({"output_modalities": ["smell"]})),
            "invalid_value",
        ),
        (session(json!({"modalities": []})), "invalid_value"),
        (
            session(json!({"audio": {"output": {"format": {"type": "audio/pcmu"}}}})),
            "invalid_value",
        ),
        (
            session(json!({"input_audio_format": "g711_ulaw"})),
            "invalid_value",
        ),
        (
            json!({"type": "input_audio_buffer.append"}),
            "audio_unreadable",
        ),
        (
            json!({"type": "input_audio_buffer.append", "audio": "AAAA"}),
            "audio_unreadable",
        ),
        // Nothing here hears, which is told once.
        (
            json!({"type": "input_audio_buffer.append", "audio": "AAAAAA=="}),
            "no_ears",
        ),
        (
            json!({"type": "conversation.item.create", "item": {"type": "function_call_output"}}),
            "invalid_value",
        ),
        (
            json!({"type": "conversation.item.truncate", "item_id": "x", "audio_end_ms": 1}),
            "item_not_found",
        ),
        (json!({"type": "response.create"}), "conversation_empty"),
    ] {
        bench.say(event.clone()).await;
        let heard = bench.hear().await;
        assert_eq!(heard["error"]["code"], code, "{event}: {heard}");
    }
    bench
        .say(json!({"type": "input_audio_buffer.append", "audio": "AAAAAA=="}))
        .await;
    let item = json!({"type": "message", "role": "user", "content": [{"type": "input_text", "text": "x"}]});
    bench
        .say(json!({"type": "conversation.item.create", "item": item}))
        .await;
    assert_eq!(bench.hear().await["type"], "conversation.item.added");
}
