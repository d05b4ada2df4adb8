//! Our own client with our own server, in each of the languages that both speak: over real sockets
//! through the real link, and with the whole program and files in the place of sound devices.

#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    reason = "a test ends where it finds something wrong"
)]

#[path = "dialects/client.rs"]
#[expect(dead_code, reason = "every test takes the part it needs")]
mod client;
#[path = "voice/house.rs"]
#[expect(dead_code, reason = "every test takes the part it needs")]
mod house;
#[path = "serve/house.rs"]
#[expect(
    dead_code,
    unreachable_pub,
    reason = "every test takes the part it needs"
)]
mod served;
mod support;

use client::Client;
use hearsay::core::backend::{Down, Up};
use hearsay::core::ids::TurnId;
use hearsay::core::sound::{Sound, Speech};
use hearsay::wire::Place;
use house::House;
use served::Server;
use std::path::Path;
use std::process::{Command, Stdio};
use support::model_server::ModelServer;
use support::tones;

const FIRST: [&str; 5] = ["what", "is", "two", "plus", "three"];
const SECOND: [&str; 5] = ["what", "is", "two", "plus", "two"];
/// What is answered at length.
const LONG: [&str; 3] = ["can", "you", "help"];

/// The program, with an empty environment and everything it keeps below `home`.
fn hearsay(home: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hearsay"));
    command
        .args(arguments)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", home)
        .env("TMPDIR", home)
        .env("LANG", "C.UTF-8")
        .env("TZ", "UTC")
        .env("HEARSAY_DATA_DIR", home.join("data"))
        .env("HEARSAY_CONFIG", home.join("config.toml"))
        .env("PULSE_SERVER", "unix:/none")
        .env("ALSA_CONFIG_PATH", "/dev/null")
        .current_dir(home)
        .stdin(Stdio::null());
    if let Some(profile) = std::env::var_os("LLVM_PROFILE_FILE") {
        command.env("LLVM_PROFILE_FILE", profile);
    }
    command
}

/// A server of ours that hears and speaks in tones, and where its clients live.
struct Both {
    house: House,
    server: Server,
    _engines: ModelServer,
}

impl Both {
    fn new() -> Self {
        let house = House::new();
        let engines = house.engines(&[]);
        let elsewhere = house.path("server");
        std::fs::create_dir(&elsewhere).unwrap();
        std::fs::write(elsewhere.join("config.toml"), "").unwrap();
        let base = engines.base();
        let settings = [("HEARSAY_EARS", &*base), ("HEARSAY_VOICE", &*base)];
        let server = Server::start(&elsewhere, &[], &settings);
        Self {
            house,
            server,
            _engines: engines,
        }
    }

    fn url(&self, path: &str) -> String {
        self.server.url.replace("/ws/chat", path)
    }

    /// A client that leaves it to the server where the turns of a call end.
    async fn calling(&self, path: &str) -> Client {
        let mut client = Client::dial(Place {
            url: self.url(path),
            more: [("turn_detection", "server".to_owned())].into(),
            ..Place::default()
        })
        .await;
        client.up().await;
        client
    }

    /// These words and silence behind them, as a microphone gives them.
    fn said(&self, words: &[&str]) -> Vec<Vec<i16>> {
        let file = self.house.record("said.wav", words, 2_500);
        let file = std::fs::read(file.trim_start_matches("file:")).unwrap();
        let (samples, _rate) = tones::read_wav(&file).unwrap();
        samples.chunks(640).map(<[i16]>::to_vec).collect()
    }

    /// A microphone that hears these, each with so many milliseconds of silence behind it.
    fn microphone(&self, said: &[(&[&str], usize)]) -> String {
        let samples = said.iter().map(|(words, silence_ms)| {
            let file = self.house.record("part.wav", words, *silence_ms);
            let file = std::fs::read(file.trim_start_matches("file:")).unwrap();
            tones::read_wav(&file).unwrap().0
        });
        let samples: Vec<Vec<i16>> = samples.collect();
        let path = self.house.path("mic.wav");
        std::fs::write(&path, tones::wav(&samples.concat(), tones::RATE)).unwrap();
        format!("file:{}", path.display())
    }

    /// The program's settings lead to the server, in the language of this path.
    fn settle(&self, path: &str) {
        let config = format!(
            "backend = \"ours\"\n[backends.ours]\nurl = \"{}\"\nturn_detection = \"server\"\n\
             [sound]\necho = \"off\"\n",
            self.url(path)
        );
        std::fs::write(self.house.path("config.toml"), config).unwrap();
    }

    /// Plays these steps with the whole program, and tells what came out of its loudspeaker.
    fn play(&self, path: &str, steps: &str, more: &[&str]) -> Vec<String> {
        self.settle(path);
        let arguments = [&["--speaker", "file:out.wav"], more].concat();
        self.house.script(steps, &arguments).held();
        self.house.spoken("out.wav")
    }
}

/// The words of what is played next, up to its end.
async fn spoken(client: &mut Client, turn: u128) -> String {
    let (mut samples, mut rate) = (vec![], 0);
    loop {
        match client.played().await {
            Speech::More {
                turn: about,
                sound:
                    Sound::Samples {
                        rate: of,
                        samples: more,
                    },
            } => {
                assert_eq!(about, TurnId(turn));
                rate = of;
                samples.extend(Vec::from(more));
            }
            Speech::Words { .. } => {}
            Speech::End { turn: about } => {
                assert_eq!(about, TurnId(turn));
                return tones::text(&tones::hear(&samples, rate));
            }
            other @ Speech::More { .. } => panic!("{other:?}"),
        }
    }
}

/// Says this in a call, up to where its words are known.
async fn turn(client: &mut Client, turn: u128, said: Vec<Vec<i16>>) -> String {
    for piece in said {
        client.stream(1, piece).await;
    }
    let over = Down::Hearing {
        turn: Some(TurnId(turn)),
    };
    client.down(|down| (*down == over).then_some(())).await;
    let next = TurnId(turn + 1);
    client.order(Up::Attend { turn: next }).await;
    client
        .down(|down| match down {
            Down::Transcript { turn: about, text } if *about == Some(TurnId(turn)) => {
                Some(text.clone())
            }
            _ => None,
        })
        .await
}

/// A call in either language: two questions, the second of which cuts into a long answer.
async fn a_call(path: &str) {
    let both = tokio::task::spawn_blocking(Both::new).await.unwrap();
    let mut client = both.calling(path).await;
    client.call(1).await;
    let heard = turn(&mut client, 1, both.said(&FIRST)).await;
    assert_eq!(heard, FIRST.join(" "));
    client.want(1, &heard).await;
    let answer = client.answer(1).await.unwrap();
    assert!(answer.contains("= 5"), "{answer}");
    let words = spoken(&mut client, 1).await;
    assert!(words.contains("five"), "{words}");
    // The second answer is long, and a third question cuts into it.
    let heard = turn(&mut client, 2, both.said(&LONG)).await;
    client.want(2, &heard).await;
    assert!(matches!(
        client.played().await,
        Speech::More { .. } | Speech::Words { .. }
    ));
    let heard = turn(&mut client, 3, both.said(&SECOND)).await;
    assert_eq!(heard, SECOND.join(" "));
    client.interrupt(2).await;
    client.want(3, &heard).await;
    let answer = client.answer(3).await.unwrap();
    assert!(answer.contains("= 4"), "{answer}");
    // What was on its way of the second one is over before the third begins.
    while client.played().await != (Speech::End { turn: TurnId(3) }) {}
}

#[tokio::test]
async fn our_client_leads_a_yychat_call_with_our_server() {
    a_call("/ws/chat").await;
}

#[tokio::test]
async fn our_client_leads_a_realtime_call_with_our_server() {
    a_call("/v1/realtime").await;
}

/// Typed, pushed to talk, and a call into whose long answer the next question cuts.
const CONVERSATION: &str = r#"
[[step]]
type = "what is 6 * 7?"
[[step]]
expect = "42"
[[step]]
wait = "idle"
[[step]]
say = "question.wav"
[[step]]
expect_heard = "what is two plus three"
[[step]]
expect = "= 5"
[[step]]
wait = "idle"
[[step]]
do = "call"
[[step]]
wait = "voice_call"
[[step]]
expect_heard = "can you help"
[[step]]
expect_spoken_ms = { min = 300 }
[[step]]
expect_heard = "what is two plus two"
[[step]]
expect = "= 4"
[[step]]
expect_spoken_ms = { min = 300 }
[[step]]
expect_state = "voice_call"
[[step]]
do = "call"
[[step]]
wait = "idle"
"#;

#[test]
#[ignore = "it plays in real time, and needs a machine that has nothing else to do"]
fn the_whole_program_talks_with_our_server_in_both_languages() {
    for path in ["/ws/chat", "/v1/realtime"] {
        let both = Both::new();
        both.house.record("question.wav", &FIRST, 0);
        let microphone = both.microphone(&[(&[], 500), (&LONG, 5_000), (&SECOND, 60_000)]);
        let spoken = both.play(path, CONVERSATION, &["--mic", &microphone]);
        assert!(spoken.contains(&"four".to_owned()), "{path}: {spoken:?}");
    }
}

/// Who ends an answer only when all of it was spoken is a good server all the same.
#[test]
fn the_doctor_finds_our_server_well() {
    let both = Both::new();
    both.settle("/v1/realtime");
    let walked = hearsay(both.house.home(), &["doctor", "--wire", "ours"]).output();
    let walked = walked.unwrap();
    let told = String::from_utf8(walked.stdout).unwrap();
    assert!(walked.status.success(), "{told}");
    for expected in [
        "characters",
        "the words are told",
        "the server cuts their turns",
    ] {
        assert!(told.contains(expected), "{expected}: {told}");
    }
}
