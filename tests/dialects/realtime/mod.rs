//! Conversations with a Realtime server over a real socket, held by the real program in an empty
//! home: typed, spoken into the microphone, cut short, and through everything such servers do.

mod server;

use crate::house::{House, Ran};
use crate::support::tones;
use server::{Fault, Server};
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
    house.write("talk.toml", steps);
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
