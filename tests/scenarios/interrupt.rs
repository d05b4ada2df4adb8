//! The third: somebody talks into a long answer: a murmur lets it go on, words end it where they came.

use crate::house::{EARS, House, VOICE, hearing_with};
use crate::room::{Room, WORDS};
use crate::support::model_server::{ModelServer, Reply};
use crate::support::pty::missing;
use crate::{F10, leave, page, rig};
use serde_json::{Value, json};

const QUESTION: &str = "which train should I take?";
const MURMUR: &str = "mm-hm";
const INTERRUPT: &str = "no, the other one";

/// Long enough to be cut in on, in words that the tones know.
fn long_answer() -> String {
    let times = "You can help the time now. ";
    "There are two. The first one is the slow one. ".to_owned() + &times.repeat(30)
}

fn heard(text: &str) -> Reply {
    Reply::json(200, &json!({ "text": text }))
}

fn questions(brain: &ModelServer) -> Vec<Value> {
    let asked = brain.asked().into_iter();
    let asked = asked.filter(|asked| asked.path.ends_with("/chat/completions"));
    asked.map(|asked| asked.body["messages"].clone()).collect()
}

#[test]
fn words_cut_in_and_a_murmur_does_not() {
    if missing() {
        return;
    }
    // Nothing of the loudspeaker comes back, and tones are no voice to whoever cleans sound.
    let house = House::with("[sound]\necho = \"off\"\n");
    let ears = [QUESTION, MURMUR, INTERRUPT].map(|text| (EARS, heard(text)));
    let engines = house.engines(&ears);
    let answers = [
        Reply::words(&[&long_answer()]),
        Reply::words(&["Then the fast one, at ten."]),
    ];
    let brain = house.runtime.block_on(ModelServer::start(answers));
    let (room, engine) = (Room::new(&house), hearing_with(&engines));
    let base = brain.base();
    let mut arguments: Vec<_> = engine.iter().map(String::as_str).collect();
    arguments.extend(["--brain", &base, "--model", "tiny"]);
    arguments.extend(["--mic", &room.microphone, "--speaker", "file:out.wav"]);
    let mut pty = house.opened(&arguments, &[]);
    pty.wait_for_text("connected");
    pty.keys(F10);
    pty.wait_for_text("listening");
    room.says(&WORDS);
    pty.wait_for_text(QUESTION);
    page::screen("3.1", &pty, &["speaking", "The first one", " dB"]);
    let times_heard = || {
        let asked = engines.asked();
        asked.iter().filter(|asked| asked.path == EARS).count()
    };
    let spoken_to = |seconds: u64| rig::wait_for_file(&house.path("out.wav"), seconds * 48_000);
    let second = |path: &std::path::Path| path.metadata().map_or(0, |file| file.len() / 48_000);
    spoken_to(second(&house.path("out.wav")) + 2);
    room.says(&WORDS[..2]);
    while times_heard() < 2 {
        pty.wait_for_text("in a call");
        std::thread::park_timeout(std::time::Duration::from_millis(20));
    }
    // It goes on, and nothing was asked.
    pty.wait_for_text("speaking");
    spoken_to(second(&house.path("out.wav")) + 3);
    pty.wait_for_text("speaking");
    assert_eq!(questions(&brain).len(), 1, "{}", pty.picture());
    room.says(&WORDS);
    pty.wait_for_text("you cut in after");
    pty.wait_for_text(INTERRUPT);
    page::screen(
        "3.2",
        &pty,
        &[
            "Then the fast one, at ten.",
            "you cut in after",
            "listening",
        ],
    );
    pty.keys(F10);
    pty.wait_for_text("idle");
    leave(pty);

    let asked = questions(&brain);
    assert_eq!(asked.len(), 2);
    let messages = asked[1].as_array().unwrap();
    let text = |value: &Value| value["content"].as_str().unwrap_or_default().to_owned();
    let [.., said, last] = messages.as_slice() else {
        panic!("{messages:?}");
    };
    assert_eq!(
        (&last["role"], text(last)),
        (&json!("user"), INTERRUPT.to_owned())
    );
    // The conversation holds what was heard of the answer, and no more.
    let said = text(said);
    let kept = said.split(['[', '(']).next().unwrap_or_default().trim();
    let kept = kept.trim_end_matches(['…', '-', '—']).trim();
    assert!(
        long_answer().starts_with(kept) && !kept.is_empty(),
        "{said}"
    );
    assert!(kept.len() < long_answer().trim().len(), "{said}");
    // The murmur is in no conversation.
    assert!(house.said().iter().all(|(_, text)| text != MURMUR));
    assert!(engines.asked().iter().any(|asked| asked.path == VOICE));
}
