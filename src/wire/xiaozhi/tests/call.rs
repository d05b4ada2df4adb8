//! Calls whose turns the server cuts: by turns, and both ways at once.

use super::*;

fn called(mode: &str) -> Line {
    let mut line = Line::up(&[("turn_detection", mode)]);
    let hear = Hear {
        turn: TURN,
        conversation: ConversationId(9),
        language: None,
        ears: None,
    };
    let sent = line.clip(&ClipPart::Open(hear));
    let name = if mode == "server" { "realtime" } else { "auto" };
    assert_eq!(words(&sent), [format!("listen start {name}")]);
    line
}

/// What is sent, in words.
fn words(frames: &[Frame]) -> Vec<String> {
    let word = |frame: &Frame| match frame {
        Frame::Binary(_) => "sound".to_owned(),
        Frame::Text(text) => {
            let frame: Value = serde_json::from_str(text).unwrap();
            let parts = ["type", "state", "mode"].map(|name| frame[name].as_str());
            let parts: Vec<_> = parts.into_iter().flatten().collect();
            parts.join(" ")
        }
    };
    frames.iter().map(word).collect()
}

/// Something is heard for 120 ms: how many packets leave.
fn heard(line: &mut Line) -> usize {
    let samples = vec![0; 1920];
    line.clip(&ClipPart::More {
        turn: TURN,
        samples,
    })
    .len()
}

fn want(line: &mut Line, turn: u128, text: &str) -> Vec<Down> {
    line.say(&Up::Say(Say {
        turn: TurnId(turn),
        conversation: ConversationId(9),
        text: text.to_owned(),
        persona: None,
        brain: None,
        model: None,
        tools: true,
        errands: false,
        lang: Lang::En,
        voice: Some(VoiceWish {
            voice: None,
            speed: 1.0,
            engine: None,
        }),
        clip: Some(Clip { length_ms: 900 }),
        history: vec![],
    }))
    .downs
}

fn state(line: &mut Line, state: &str) -> Out {
    let frame = json!({ "type": "tts", "state": state, "text": "Yes." });
    line.raw(&frame.to_string())
}

fn turn_of(turn: u128, text: &str) -> Vec<Down> {
    let turn = Some(TurnId(turn));
    let text = text.to_owned();
    vec![Down::Hearing { turn }, Down::Transcript { turn, text }]
}

#[test]
fn by_turns_the_server_hears_nothing_while_it_answers_and_is_asked_to_listen_again() {
    let mut line = called("alternate");
    assert_eq!(heard(&mut line), 2);
    assert_eq!(line.stt("hello"), turn_of(1, "hello"));
    let turn = TurnId(2);
    line.say(&Up::Attend { turn });
    state(&mut line, "start");
    assert_eq!(heard(&mut line), 0);
    let downs = want(&mut line, 1, "hello");
    assert!(downs.is_empty() || matches!(downs[..], [Down::Thinking { .. }]));
    assert!(matches!(
        line.tts("sentence_start")[..],
        [Down::Text { .. }, Down::Speech(_)]
    ));
    let out = state(&mut line, "stop");
    assert_eq!(words(&out.frames), ["listen start auto"]);
    assert!(matches!(
        out.downs[..],
        [Down::Speech(_), Down::Done { .. }]
    ));
    assert_eq!(heard(&mut line), 2);
    // Told once more, it would forget what it has heard meanwhile.
    assert_eq!(words(&state(&mut line, "stop").frames), [""; 0]);
    assert_eq!(line.stt("and you?"), turn_of(2, "and you?"));
    let sent = line.clip(&ClipPart::Broken { turn: TURN });
    assert_eq!(words(&sent), ["listen start manual", "listen stop"]);
}

#[test]
fn a_server_that_does_not_say_that_it_has_stopped_is_asked_to_listen_all_the_same() {
    let mut line = called("alternate");
    line.stt("hello");
    state(&mut line, "start");
    want(&mut line, 1, "hello");
    let out = line.say(&Up::Interrupt {
        turn: TURN,
        conversation: ConversationId(9),
        heard: None,
    });
    assert_eq!(words(&out.frames), ["abort"]);
    line.now.mono = line.now.mono + Duration::from_secs(3);
    let out = line.act(|client, now, out| {
        assert!(client.deadline().is_some_and(|due| due <= now.mono));
        client.due(now, out);
    });
    assert_eq!(words(&out.frames), ["listen start auto"]);
    assert_eq!(heard(&mut line), 2);
}

#[test]
fn both_ways_the_server_hears_on_and_whoever_cuts_in_is_the_next_turn() {
    let mut line = called("server");
    assert_eq!(line.stt("hello"), turn_of(1, "hello"));
    let turn = TurnId(2);
    line.say(&Up::Attend { turn });
    assert_eq!(line.stt("hello"), [], "it says so twice");
    state(&mut line, "start");
    want(&mut line, 1, "hello");
    line.tts("sentence_start");
    assert_eq!(heard(&mut line), 2);
    // The server stops by itself for whoever speaks into its answer, or goes on to the next.
    let downs = line.stt("stop, and now?");
    assert!(matches!(
        downs[..2],
        [Down::Speech(Speech::End { .. }), Down::Done { .. }]
    ));
    assert_eq!(downs[2..], turn_of(2, "stop, and now?"));
    assert_eq!(words(&state(&mut line, "stop").frames), [""; 0]);
}

#[test]
fn what_nobody_wants_of_a_call_is_broken_off() {
    let mut line = called("server");
    line.stt("mm-hm");
    state(&mut line, "start");
    line.now.mono = line.now.mono + Duration::from_secs(2);
    let out = line.act(Dialect::due);
    assert_eq!(words(&out.frames), ["abort"]);
    assert_eq!(line.tts("sentence_start"), []);
    let turn = TurnId(2);
    line.say(&Up::Attend { turn });
    assert_eq!(line.stt("what time is it"), turn_of(2, "what time is it"));
}

#[test]
fn calls_are_left_to_the_server_only_if_the_user_says_so() {
    for (mode, expected) in [
        ("", 0),
        ("own", 0),
        ("semantic", 0),
        ("server", 1),
        ("alternate", 1),
    ] {
        let mut line = Line::with(&[("turn_detection", mode)]);
        let downs = line.hear(&json!({ "type": "hello", "transport": "websocket" }));
        let [Down::Greeting(greeting)] = &downs[..] else {
            panic!("{downs:?}")
        };
        assert_eq!(greeting.capabilities.len(), expected, "{mode}");
    }
}
