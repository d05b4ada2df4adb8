//! The whole program on a server of the xiaozhi family: written and spoken turns, tools, codes,
//! refusals and goodbyes, over real sockets and with files in the place of sound devices.
#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may fail, and the server takes its time like a real one"
)]

#[path = "voice/house.rs"]
#[expect(dead_code, reason = "every test takes the part it needs")]
mod house;
#[path = "xiaozhi/server.rs"]
mod server;
mod support;

use house::House;
use server::{Habits, Server};
use support::microphone::Cue;
use support::tones;

fn play(house: &House, backend: &str, steps: &str, more: &[&str]) -> String {
    let arguments = [&["--backend", backend, "--speaker", "file:out.wav"], more].concat();
    house.script(steps, &arguments).held().out
}

#[test]
fn a_typed_question_is_answered_and_spoken_if_that_is_wished_for() {
    let house = House::new();
    let server = Server::start(&house.runtime, Habits::default());
    let steps = r#"
[[step]]
type = "what is two plus three?"
[[step]]
wait = "text_tts"
[[step]]
wait = "idle"
[[step]]
expect = "it is five yes"
[[step]]
type = "nothing"
[[step]]
wait = "idle"
"#;
    play(&house, &server.socket(), steps, &["--speak"]);
    assert_eq!(house.spoken("out.wav"), ["it", "is", "five", "yes"]);
    let said = server.said();
    assert_eq!(said[0], "hello");
    assert_eq!(
        said.iter().filter(|said| *said == "listen detect").count(),
        2
    );
    server.seen(|seen| {
        assert_eq!(seen.headers["protocol-version"], "1");
        assert_eq!(seen.headers["device-id"].len(), 17);
        assert_eq!(seen.headers["client-id"].len(), 36);
        assert_eq!(seen.headers.get("authorization"), None);
        let listed = &seen.outcomes[1]["result"]["tools"];
        assert!(listed.as_array().unwrap().len() > 5, "{listed}");
    });
}

#[test]
fn a_spoken_question_is_heard_by_the_server_answered_and_spoken() {
    let house = House::new();
    let habits = Habits {
        terse: true,
        ..Habits::default()
    };
    let server = Server::start(&house.runtime, habits);
    house.record("question.wav", &["what", "is", "two", "plus", "three"], 0);
    let steps = r#"
[[step]]
say = "question.wav"
[[step]]
wait = "voice_tts"
[[step]]
wait = "idle"
[[step]]
expect_heard = "what is two plus three"
[[step]]
expect = "it is five yes"
[[step]]
expect_spoken_ms = { min = 500, max = 2500 }
"#;
    play(&house, &server.socket(), steps, &[]);
    assert_eq!(house.spoken("out.wav"), ["it", "is", "five", "yes"]);
    assert_eq!(server.said(), ["hello", "listen start", "listen stop"]);
    // A second and a half, in packets of 60 ms.
    assert!(server.seen(|seen| (10..40).contains(&seen.packets)));
    assert_eq!(house.recordings(), []);
}

#[test]
fn an_answer_is_broken_off_and_the_next_question_is_answered() {
    let house = House::new();
    let server = Server::start(&house.runtime, Habits::default());
    let steps = r#"
[[step]]
type = "count"
[[step]]
interrupt_after_ms = 100
[[step]]
wait = "idle"
[[step]]
type = "what is two plus three?"
[[step]]
expect = "it is five yes"
[[step]]
wait = "idle"
"#;
    play(&house, &server.socket(), steps, &["--speak"]);
    let said = server.said();
    let talk: Vec<&str> = (said.iter().map(String::as_str))
        .filter(|said| !matches!(*said, "hello" | "mcp"))
        .collect();
    assert_eq!(talk, ["listen detect", "abort", "listen detect"]);
}

#[test]
fn in_a_call_a_second_question_cuts_into_the_answer_to_the_first() {
    // Nothing of the loudspeaker comes back, and tones are no voice to whoever cleans sound.
    let house = House::with("[sound]\necho = \"off\"\n");
    let server = Server::start(&house.runtime, Habits::default());
    let first = house.record("first.wav", &["can", "you", "help"], 2_400);
    let question = ["what", "is", "two", "plus", "three"];
    let second = house.record("second.wav", &question, 60_000);
    let samples = |path: &str| {
        let bytes = std::fs::read(path.trim_start_matches("file:")).unwrap();
        tones::read_wav(&bytes).unwrap().0
    };
    let both = [samples(&first), samples(&second)].concat();
    let path = house.path("both.wav");
    std::fs::write(&path, tones::wav(&both, tones::RATE)).unwrap();
    let microphone = format!("file:{}", path.display());
    let steps = r#"
[[step]]
do = "call"
[[step]]
wait = "voice_call"
[[step]]
expect_heard = "can you help"
[[step]]
expect = "one two three"
[[step]]
expect_heard = "what is two plus three"
[[step]]
expect = "it is five yes"
[[step]]
expect_spoken_ms = { min = 500 }
[[step]]
expect_state = "voice_call"
[[step]]
do = "call"
[[step]]
wait = "idle"
"#;
    play(&house, &server.socket(), steps, &["--mic", &microphone]);
    let said = server.said();
    let talk: Vec<&str> = (said.iter().map(String::as_str))
        .filter(|said| !matches!(*said, "hello" | "mcp"))
        .collect();
    let expected = [
        "listen start",
        "listen stop",
        "abort",
        "listen start",
        "listen stop",
    ];
    assert_eq!(talk, expected);
    let spoken = house.spoken("out.wav");
    assert_eq!(spoken.first().map(String::as_str), Some("one"));
    assert!(
        spoken.ends_with(&["it", "is", "five", "yes"].map(str::to_owned)),
        "{spoken:?}"
    );
}

/// How the server was told to listen in a call whose turns it cuts.
fn listens(seen: &server::Seen) -> Vec<String> {
    let starts = (seen.messages.iter()).filter(|one| one["state"] == "start");
    let modes = starts.map(|one| one["mode"].as_str().unwrap_or_default().to_owned());
    modes.filter(|mode| mode != "manual").collect()
}

/// A call with a server that cuts its turns, in which two things are said one after another: the
/// first when the server listens, the second on this cue. How it was told to listen.
fn call_cut_by_the_server(
    mode: &str,
    first: &[&str],
    expected: [&str; 2],
    second: impl Fn(&Server, Vec<i16>) -> Cue,
) -> Vec<String> {
    let house = House::new();
    let server = Server::start(&house.runtime, Habits::default());
    std::fs::write(
        house.path("config.toml"),
        format!(
            "[backends.toy]\nurl = \"{}\"\nturn_detection = \"{mode}\"\n[sound]\necho = \"off\"\n",
            server.socket()
        ),
    )
    .unwrap();
    let listening = server.watch(|seen| !listens(seen).is_empty());
    let question = tones::say(&["what", "is", "two", "plus", "three"]);
    let cues = vec![
        Cue::when(listening, tones::say(first)),
        second(&server, question),
    ];
    let steps = format!(
        "[[step]]\ndo = \"call\"\n[[step]]\nwait = \"voice_call\"\n\
         [[step]]\nexpect_heard = \"{}\"\n[[step]]\nexpect = \"{}\"\n\
         [[step]]\nexpect_heard = \"what is two plus three\"\n[[step]]\nexpect = \"{}\"\n\
         [[step]]\nexpect_state = \"voice_call\"\n[[step]]\ndo = \"call\"\n[[step]]\nwait = \"idle\"\n",
        first.join(" "),
        expected[0],
        expected[1]
    );
    let arguments = ["--backend", "toy", "--speaker", "file:out.wav"];
    house.script_hearing(&steps, &arguments, cues).held();
    server.seen(listens)
}

#[test]
fn a_server_that_hears_all_of_a_call_gives_way_to_who_cuts_in() {
    let expected = ["one two three", "it is five yes"];
    let into_the_answer = |_: &Server, said| Cue::told("expect one two three", said);
    let first = ["can", "you", "help"];
    let modes = call_cut_by_the_server("server", &first, expected, into_the_answer);
    assert_eq!(modes, ["realtime"]);
}

#[test]
fn a_server_that_takes_turns_is_asked_each_time_to_listen_again() {
    let expected = ["hello", "it is five yes"];
    let again = |server: &Server, said| {
        let listening = server.watch(|seen| listens(seen).len() == 2);
        Cue::when(listening, said)
    };
    let first = ["what", "time", "is", "it"];
    let modes = call_cut_by_the_server("alternate", &first, expected, again);
    // It may be hung up on before the second answer is over.
    assert_eq!(modes[..2], ["auto", "auto"], "{modes:?}");
}

#[test]
fn the_server_uses_our_tools() {
    let house = House::new();
    let server = Server::start(&house.runtime, Habits::default());
    let steps = "[[step]]\ntype = \"note this\"\n[[step]]\nexpect = \"hello\"\n\
                 [[step]]\nwait = \"idle\"\n";
    play(&house, &server.socket(), steps, &[]);
    server.seen(|seen| {
        let last = seen.outcomes.last().unwrap();
        assert_eq!(last["result"]["isError"], false, "{last}");
        let told = last["result"]["content"][0]["text"].as_str().unwrap();
        assert!(told.to_lowercase().contains("milk"), "{told}");
    });
}

#[test]
fn edge_12_a_refusal_is_told_with_its_reason_and_not_tried_again() {
    let house = House::new();
    let habits = Habits {
        refuses: true,
        ..Habits::default()
    };
    let server = Server::start(&house.runtime, habits);
    let steps = "[[step]]\ntype = \"hello\"\n[[step]]\nwait = \"idle\"\nwithin_ms = 4000\n";
    let ran = house.script(steps, &["--backend", &server.socket()]);
    assert_eq!(ran.code, Some(3), "{ran:?}");
    let told = format!("{}{}", ran.out, ran.err);
    assert!(told.contains("认证失败"), "{told}");
    server.seen(|seen| assert_eq!(seen.requests.len(), 1));
}

#[test]
fn edge_11_a_goodbye_is_heard_to_its_end_and_the_line_rests_until_it_is_needed() {
    let house = House::new();
    let server = Server::start(&house.runtime, Habits::default());
    let steps = r#"
[[step]]
type = "bye"
[[step]]
wait = "text_tts"
[[step]]
wait = "idle"
[[step]]
expect = "hello"
[[step]]
type = "what is two plus three?"
[[step]]
expect = "it is five yes"
[[step]]
wait = "idle"
"#;
    play(&house, &server.socket(), steps, &["--speak"]);
    let spoken = house.spoken("out.wav");
    assert_eq!(spoken[0], "hello", "{spoken:?}");
    server.seen(|seen| assert_eq!(seen.requests.len(), 2));
}

#[test]
fn a_server_that_dies_in_mid_answer_is_found_again() {
    let house = House::new();
    let habits = Habits {
        breaks: true,
        ..Habits::default()
    };
    let server = Server::start(&house.runtime, habits);
    let steps = r#"
[[step]]
type = "hello"
[[step]]
wait = "idle"
[[step]]
type = "what is two plus three?"
[[step]]
expect = "it is five yes"
[[step]]
wait = "idle"
"#;
    play(&house, &server.socket(), steps, &[]);
    server.seen(|seen| assert!(seen.requests.len() >= 2));
}

#[test]
fn a_code_is_shown_large_until_somebody_has_entered_it() {
    if support::pty::missing() {
        return;
    }
    let house = House::new();
    let habits = Habits {
        codes: 1,
        ..Habits::default()
    };
    let server = Server::start(&house.runtime, habits);
    let mut pty = house.opened(&["--backend", &server.ota()], &[]);
    pty.wait_for_text("xiaozhi.me");
    pty.wait_for_text("█");
    // The first time it is asked whether it was entered, it was.
    pty.wait_for("the code to go", |screen| {
        !screen.contents().contains("xiaozhi.me")
    });
    pty.say("what is two plus three?");
    pty.wait_for_text("it is five yes");
    pty.keys("\x11");
    assert!(pty.end().success());
    server.seen(|seen| {
        let kinds: Vec<&str> = (seen.requests.iter())
            .map(|line| line.split(" HTTP").next().unwrap())
            .collect();
        let expected = [
            "POST /xiaozhi/ota/",
            "POST /xiaozhi/ota/activate",
            "POST /xiaozhi/ota/",
            "GET /xiaozhi/v1/",
        ];
        assert_eq!(kinds, expected);
        assert_eq!(seen.headers["authorization"], "Bearer secret");
    });
    // It stays the same device.
    let device = std::fs::read_to_string(house.path("data/device")).unwrap();
    server.seen(|seen| assert!(device.starts_with(&seen.headers["device-id"])));
}

#[test]
fn the_token_of_the_user_is_shown_to_the_backend_and_not_to_where_it_sends_us() {
    for (tokenless, expected) in [(true, None), (false, Some("Bearer secret"))] {
        let house = House::new();
        let habits = Habits {
            tokenless,
            ..Habits::default()
        };
        let server = Server::start(&house.runtime, habits);
        // The same machine by another name, as far as names go.
        let url = server.ota().replace("127.0.0.1", "localhost");
        let config = format!("[backends.home]\nurl = \"{url}\"\ntoken = \"command:echo mine\"\n");
        std::fs::write(house.path("config.toml"), config).unwrap();
        let steps = "[[step]]\ntype = \"hello\"\n[[step]]\nexpect = \"hello\"\n";
        play(&house, "home", steps, &[]);
        server.seen(|seen| {
            assert_eq!(seen.requests.len(), 2);
            assert_eq!(seen.tokens[0].as_deref(), Some("Bearer mine"));
            assert_eq!(seen.tokens[1].as_deref(), expected);
        });
    }
}

#[test]
fn what_was_said_in_tones_survives_its_packing() {
    let words = ["what", "is", "two", "plus", "three"];
    let mut encoder = hearsay::codec::opus::Encoder::new(16_000, 60).unwrap();
    let mut decoder = hearsay::codec::opus::Decoder::new(16_000).unwrap();
    let mut heard = vec![];
    for piece in tones::say(&words).chunks(encoder.frame()) {
        let packet = encoder.encode(piece).to_vec();
        let samples = decoder.decode(&packet).iter();
        heard.extend(samples.map(|sample| hearsay::codec::to_i16(*sample)));
    }
    assert_eq!(tones::hear(&heard, 16_000), words);
}
