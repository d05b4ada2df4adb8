//! Conversations with a Realtime server over a real socket, held by the real program in an empty
//! home: typed, spoken into the microphone, cut short, and through everything such servers do.

mod server;

use crate::client::Client;
use crate::house::{House, Ran};
use crate::support::microphone::{self, Cue};
use crate::support::patience::patient;
use crate::support::tones;
use hearsay::core::backend::{Down, NO_TURNS, Up};
use hearsay::core::ids::TurnId;
use hearsay::core::line::{Line, LinkEvent};
use hearsay::wire::Place;
use server::{Fault, Seen, Server};
use std::fs;

/// A recording of these words, with silence around them.
fn wav(house: &House, name: &str, words: &[&str]) {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: tones::RATE,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut file = hound::WavWriter::create(house.home().join(name), spec).unwrap();
    let pause = vec![0; tones::RATE as usize / 2];
    for sample in pause.iter().chain(&tones::say(words)).chain(&pause) {
        file.write_sample(*sample).unwrap();
    }
    file.finalize().unwrap();
}

/// Plays these steps against a server.
fn play(house: &House, server: &Server, steps: &str, speaker: &str) -> Ran {
    house.write("talk.toml", patient(steps));
    let url = server.url();
    let home = house.home().to_str().unwrap().to_owned();
    let env = [
        ("TMPDIR", &*home),
        ("HEARSAY_BACKEND", &*url),
        ("HEARSAY_SOUND_MICROPHONE", "null"),
        ("HEARSAY_SOUND_LOUDSPEAKER", speaker),
    ];
    house.run_with(&["script", "talk.toml"], &env, b"")
}

/// What came out of the loudspeaker.
fn spoken(house: &House) -> Vec<String> {
    let mut file = hound::WavReader::open(house.home().join("out.wav")).unwrap();
    let rate = file.spec().sample_rate;
    let samples: Vec<i16> = file.samples::<i16>().map(Result::unwrap).collect();
    tones::hear(&samples, rate)
}

fn held(ran: &Ran) {
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{}", ran.out);
}

#[test]
fn a_typed_and_a_spoken_turn_are_answered_aloud() {
    let (house, server) = (House::new(), Server::start(Fault::None));
    wav(&house, "question.wav", &["what", "time", "is", "it"]);
    let steps = r#"
[[step]]
type = "hello you"
[[step]]
expect = "hello you"
[[step]]
wait = "idle"
[[step]]
say = "question.wav"
[[step]]
expect_heard = "what time is it"
[[step]]
expect = "what time is it"
[[step]]
wait = "idle"
"#;
    let ran = play(&house, &server, steps, "file:out.wav");
    held(&ran);
    assert_eq!(spoken(&house).join(" "), "what time is it");
    let seen = server.seen();
    assert_eq!(
        seen.upgrades,
        [("/v1/realtime?model=tones".to_owned(), None)]
    );
    assert_eq!(server.told("response.create").len(), 2);
    assert_eq!(server.told("input_audio_buffer.commit").len(), 1);
}

#[test]
fn an_answer_that_is_cut_short_is_truncated_where_it_was_heard_last() {
    let (house, server) = (House::new(), Server::start(Fault::None));
    wav(&house, "question.wav", &["what", "time"]);
    let steps = r#"
[[step]]
say = "question.wav"
[[step]]
interrupt_after_ms = 400
[[step]]
wait = "idle"
[[step]]
type = "hello"
[[step]]
expect = "hello"
[[step]]
wait = "idle"
"#;
    held(&play(&house, &server, steps, "null"));
    let truncated = server.told("conversation.item.truncate");
    assert_eq!(truncated.len(), 1, "{truncated:?}");
    let ms = truncated[0]["audio_end_ms"].as_u64().unwrap();
    assert!((100..3_000).contains(&ms), "{ms}");
}

#[test]
fn a_server_that_does_not_tell_what_it_heard_answers_all_the_same() {
    let (house, server) = (House::new(), Server::start(Fault::Deaf));
    wav(&house, "question.wav", &["what", "time"]);
    let steps = "[[step]]\nsay = \"question.wav\"\n[[step]]\nexpect = \"what time\"\n[[step]]\nwait = \"idle\"\n";
    held(&play(&house, &server, steps, "null"));
    assert_eq!(server.told("response.create").len(), 1);
}

#[test]
fn a_session_that_ends_is_begun_anew_with_what_was_said() {
    let (house, server) = (House::new(), Server::start(Fault::Expires));
    let steps = r#"
[[step]]
type = "hello you"
[[step]]
expect = "hello you"
[[step]]
wait = "idle"
[[step]]
type = "what time"
[[step]]
expect = "what time"
[[step]]
wait = "idle"
"#;
    held(&play(&house, &server, steps, "null"));
    let told = server.told("conversation.item.create");
    let said: Vec<_> = told
        .iter()
        .map(|event| {
            let item = &event["item"];
            (
                item["role"].as_str().unwrap(),
                item["content"][0]["text"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        said,
        [
            ("user", "hello you"),
            ("user", "hello you"),
            ("assistant", "hello you"),
            ("user", "what time")
        ]
    );
}

#[test]
fn a_server_that_restarts_in_an_answer_is_asked_again_by_one_key() {
    let (house, server) = (House::new(), Server::start(Fault::Restart));
    let steps = r#"
[[step]]
type = "hello you"
[[step]]
wait = "text_sse"
[[step]]
wait = "idle"
[[step]]
do = "again"
[[step]]
expect = "hello you"
[[step]]
wait = "idle"
"#;
    let ran = play(&house, &server, steps, "null");
    held(&ran);
    assert_eq!(server.seen().upgrades.len(), 2, "{}", ran.out);
}

#[test]
fn a_refusal_is_told_with_its_reason_and_not_hammered() {
    for (fault, reason) in [
        (Fault::Full, "one session at a time"),
        (
            Fault::Older,
            "The Realtime Beta API is no longer supported.",
        ),
    ] {
        let (house, server) = (House::new(), Server::start(fault));
        let steps = "[[step]]\ntype = \"hello\"\n[[step]]\nwait = \"idle\"\n";
        let ran = play(&house, &server, steps, "null");
        assert_eq!(ran.code, Some(3), "{ran:?}");
        assert!(ran.err.contains(reason), "{ran:?}");
        assert_eq!(server.seen().upgrades.len(), 1);
    }
}

#[test]
fn the_key_goes_into_the_upgrade_and_nowhere_else() {
    let server = Server::start(Fault::None);
    let house = House::with_config(format!(
        "backend = \"work\"\n[backends.work]\nurl = \"{}\"\ntoken = \"k-secret\"\nvoice = \"cedar\"\n\
         instructions = \"be brief\"\n",
        server.url()
    ));
    let ran = house.run(&["ask", "hello"]);
    assert_eq!((ran.code, &*ran.out), (Some(0), "hello\n"), "{ran:?}");
    let [(_, key)] = &server.seen().upgrades[..] else {
        panic!("it is dialed once");
    };
    assert_eq!(key.as_deref(), Some("Bearer k-secret"));
    let update = &server.told("session.update")[0]["session"];
    assert_eq!(update["audio"]["output"]["voice"], "cedar");
    assert_eq!(update["instructions"], "be brief");
    assert!(
        !server
            .seen()
            .events
            .iter()
            .any(|event| event.to_string().contains("k-secret"))
    );
    let log = fs::read_to_string(house.home().join(".local/share/hearsay/hearsay.log"));
    assert!(!log.unwrap_or_default().contains("k-secret"));
}

/// A client that leaves it to the server where the turns of a call end.
async fn calling(server: &Server) -> Client {
    let mut client = Client::dial(Place {
        url: server.url(),
        more: [("turn_detection", "server".to_owned())].into(),
        ..Place::default()
    })
    .await;
    client.up().await;
    client
}

/// These words as they reach the server, with silence behind them: pieces of 40 ms.
fn pieces(words: &[&str]) -> Vec<Vec<i16>> {
    let said = [tones::say(words), vec![0; tones::RATE as usize]].concat();
    said.chunks(640).map(<[i16]>::to_vec).collect()
}

async fn transcript(client: &mut Client, turn: u128) -> String {
    client
        .down(|down| match down {
            Down::Transcript { turn: about, text } if *about == Some(TurnId(turn)) => {
                Some(text.clone())
            }
            _ => None,
        })
        .await
}

#[tokio::test]
async fn a_server_cuts_the_turns_of_a_call_and_is_asked_for_each_answer() {
    let server = Server::start(Fault::None);
    let mut client = calling(&server).await;
    client.call(1).await;
    for (turn, words) in [(1, ["what", "time"]), (2, ["set", "timer"])] {
        for piece in pieces(&words) {
            client.stream(1, piece).await;
        }
        let began = |down: &Down| (*down == Down::Began).then_some(());
        client.down(began).await;
        let over = Down::Hearing {
            turn: Some(TurnId(turn)),
        };
        client.down(|down| (*down == over).then_some(())).await;
        client
            .order(Up::Attend {
                turn: TurnId(turn + 1),
            })
            .await;
        assert_eq!(transcript(&mut client, turn).await, words.join(" "));
        client.ask(turn, &words.join(" "), false).await;
        assert!(client.answer(turn).await.unwrap().contains(words[1]));
    }
    assert_eq!(server.told("response.create").len(), 2);
    assert_eq!(server.told("input_audio_buffer.commit").len(), 0);
    let asked = &server.told("session.update")[1]["session"]["audio"]["input"]["turn_detection"];
    assert_eq!(asked["type"], "server_vad");
    assert_eq!(asked["create_response"], false);
}

#[tokio::test]
async fn a_server_that_goes_in_mid_sentence_is_sent_the_recording_when_it_is_back() {
    let server = Server::start(Fault::DropsCall);
    let mut client = calling(&server).await;
    client.call(1).await;
    let words = ["what", "time", "is", "it"];
    for piece in pieces(&words) {
        client.stream(1, piece).await;
    }
    // The line may be lost before or after the last piece was taken: one more is not heard.
    let (mut lost, mut up, mut unheard) = (false, true, false);
    for more in [true, false] {
        client
            .until(|event| {
                match event {
                    LinkEvent::Line { line, .. } => {
                        up = matches!(line, Line::Up(_));
                        lost |= !up;
                    }
                    LinkEvent::Unheard { .. } => unheard = true,
                    _ => {}
                }
                let enough = if more { lost } else { up && unheard };
                enough.then_some(())
            })
            .await;
        if more {
            client.stream(1, vec![0; 640]).await;
        }
    }
    client.record(1, tones::say(&words)).await;
    assert_eq!(transcript(&mut client, 1).await, "what time is it");
    assert_eq!(server.seen().upgrades.len(), 2);
}

#[tokio::test]
async fn a_server_that_cuts_nothing_leaves_it_to_us() {
    let server = Server::start(Fault::CutsNothing);
    let mut client = calling(&server).await;
    client.call(1).await;
    let refused = client
        .down(|down| match down {
            Down::Trouble { turn, trouble } => Some((*turn, trouble.code.clone())),
            _ => None,
        })
        .await;
    assert_eq!(refused, (Some(TurnId(1)), NO_TURNS.to_owned()));
}

/// The server was told to say where turns end.
fn cuts_turns(seen: &Seen) -> bool {
    (seen.events.iter())
        .any(|event| event["session"]["audio"]["input"]["turn_detection"]["type"] == "server_vad")
}

#[test]
fn a_call_of_the_whole_program_is_cut_by_the_server() {
    let server = Server::start(Fault::None);
    let house = House::with_config(format!(
        "backend = \"work\"\n[backends.work]\nurl = \"{}\"\nturn_detection = \"server\"\n\
         [sound]\nmicrophone = \"stdin\"\nloudspeaker = \"null\"\necho = \"off\"\n",
        server.url()
    ));
    let steps = "[[step]]\ndo = \"call\"\n[[step]]\nexpect_heard = \"set timer\"\n\
         [[step]]\nexpect = \"set timer\"\n[[step]]\ndo = \"call\"\n[[step]]\nwait = \"idle\"\n";
    house.write("talk.toml", patient(steps));
    let said = tones::say(&["set", "timer"]);
    let cues = vec![Cue::when(server.watch(cuts_turns), said)];
    held(&house.run_fed(&["script", "talk.toml"], &[], |child| {
        microphone::hold(child, cues)
    }));
    assert_eq!(server.told("input_audio_buffer.commit").len(), 0);
    assert_eq!(server.told("response.create").len(), 1);
}
