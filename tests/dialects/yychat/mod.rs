//! Conversations with a yychat server as it is today.

mod server;

use crate::client::Client;
use crate::house::House;
use crate::support::microphone::{self, Cue};
use crate::support::patience::patient;
use crate::support::tones;
use hearsay::core::backend::{Down, NO_TURNS, Up};
use hearsay::core::ids::TurnId;
use hearsay::core::line::{Cause, Line, LinkEvent};
use hearsay::core::sound::{Sound, Speech};
use hearsay::wire::Place;
use server::{Habits, Server};

fn place(server: &Server) -> Place {
    Place {
        url: server.url(),
        token: Some("secret".to_owned()),
        ..Place::default()
    }
}

/// The container of the next piece that is played, and its turn.
async fn file(client: &mut Client) -> Vec<u8> {
    match client.played().await {
        Speech::More {
            sound: Sound::File(bytes),
            ..
        } => bytes,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_typed_turn_finds_its_way_over_http_and_the_next_goes_there_at_once() {
    // It lists nothing, so that only its silence on the socket tells.
    let server = Server::start(Habits {
        lists: false,
        ..Habits::default()
    })
    .await;
    let mut client = Client::dial(place(&server)).await;
    client.up().await;
    client.ask(1, "hello", false).await;
    assert_eq!(client.answer(1).await.unwrap(), "you said: hello");
    client.ask(2, "and?", false).await;
    assert_eq!(client.answer(2).await.unwrap(), "you said: and?");
    assert_eq!(
        server.count("text_message"),
        1,
        "the second one went over HTTP at once"
    );
    let bodies = server.bodies();
    assert_eq!(bodies.len(), 2);
    assert_eq!(bodies[1]["client_id"], "client-1");
    assert_eq!(
        bodies[1]["messages"].as_array().unwrap().len(),
        3,
        "what was said goes along"
    );
    assert_eq!(
        bodies[1]["conversation_id"],
        "00000000-0000-0000-0000-00000000000c"
    );
}

#[tokio::test]
async fn a_server_of_the_first_stage_is_talked_to_on_the_socket() {
    let server = Server::start(Habits {
        ws_text: true,
        http: false,
        ..Habits::default()
    })
    .await;
    let mut client = Client::dial(place(&server)).await;
    client.up().await;
    for turn in 1..3 {
        client.ask(turn, "hello", false).await;
        assert_eq!(client.answer(turn).await.unwrap(), "you said: hello");
    }
    assert_eq!(server.count("text_message"), 2);
}

#[tokio::test]
async fn what_it_lists_is_offered() {
    let server = Server::start(Habits::default()).await;
    let mut client = Client::dial(place(&server)).await;
    let (mut personas, mut voices, mut brains) = (vec![], vec![], None);
    while personas.is_empty() || voices.is_empty() || brains.is_none() {
        let told = client.down(|down| match down {
            Down::Offers { .. } | Down::Brains(_) => Some(down.clone()),
            _ => None,
        });
        match told.await {
            Down::Offers {
                personas: some,
                voices: others,
            } => {
                personas.extend(some);
                voices.extend(others);
            }
            Down::Brains(found) => brains = Some(found),
            _ => {}
        }
    }
    assert_eq!(personas, [("friendly".to_owned(), "友好伙伴".to_owned())]);
    assert_eq!(voices.len(), 6);
    client.order(Up::AskStatus).await;
    let figures = client
        .down(|down| match down {
            Down::Status(figures) => Some(figures.clone()),
            _ => None,
        })
        .await;
    assert!(
        figures
            .iter()
            .any(|(name, value)| name == "uptime" && value == "0"),
        "{figures:?}"
    );
}

#[tokio::test]
async fn edges_23_to_26_speech_comes_back_on_the_socket_whatever_its_labels_and_order() {
    let server = Server::start(Habits {
        foreign_audio: true,
        ..Habits::default()
    })
    .await;
    let mut client = Client::dial(place(&server)).await;
    client.up().await;
    listed(&mut client).await;
    client.ask(1, "one. two. three.", true).await;
    for sentence in 0..3_u8 {
        let file = file(&mut client).await;
        assert!(file.starts_with(b"RIFF"), "it was called audio/mpeg");
        assert_eq!(file.last(), Some(&sentence), "they came in another order");
    }
    assert!(matches!(client.played().await, Speech::End { .. }));
    assert!(client.is_silent(), "what is for others is not heard");
    assert!(client.answer(1).await.is_ok());
}

/// Waits until the server has shown that it answers over HTTP.
async fn listed(client: &mut Client) {
    client
        .down(|down| match down {
            Down::Offers { personas, .. } if !personas.is_empty() => Some(()),
            _ => None,
        })
        .await;
}

#[tokio::test]
async fn push_to_talk_is_heard_then_answered_and_silence_is_none() {
    let server = Server::start(Habits::default()).await;
    let mut client = Client::dial(place(&server)).await;
    client.up().await;
    listed(&mut client).await;
    for (turn, samples, words) in [
        (1, vec![9; 1600], "what time is it"),
        (2, vec![0; 1600], ""),
    ] {
        client.record(turn, samples).await;
        let heard = client
            .down(|down| match down {
                Down::Transcript { text, .. } => Some(text.clone()),
                _ => None,
            })
            .await;
        assert_eq!(heard, words);
    }
    client.ask(1, "what time is it", true).await;
    assert_eq!(client.answer(1).await.unwrap(), "you said: what time is it");
    assert!(matches!(client.played().await, Speech::More { .. }));
    assert_eq!(server.bodies()[0]["enable_voice"], true);
}

#[tokio::test]
async fn edge_22_an_interrupted_answer_is_dropped_and_what_is_still_spoken_is_not_heard() {
    let server = Server::start(Habits {
        hangs: true,
        ..Habits::default()
    })
    .await;
    let mut client = Client::dial(place(&server)).await;
    client.up().await;
    listed(&mut client).await;
    client.ask(1, "hello", true).await;
    client
        .down(|down| matches!(down, Down::Text { .. }).then_some(()))
        .await;
    client.interrupt(1).await;
    server.until("hung up").await;
    server.until("interrupt").await;
    server.speak(1);
    // The answer to this comes behind what was spoken.
    client.order(Up::AskStatus).await;
    client
        .down(|down| matches!(down, Down::Status(_)).then_some(()))
        .await;
    assert!(client.is_silent());
}

#[tokio::test]
async fn edge_27_a_restart_in_the_middle_cuts_the_answer_and_the_next_line_has_a_new_name() {
    let server = Server::start(Habits {
        hangs: true,
        ..Habits::default()
    })
    .await;
    let mut client = Client::dial(place(&server)).await;
    client.up().await;
    listed(&mut client).await;
    client.ask(1, "hello", false).await;
    client
        .down(|down| matches!(down, Down::Text { .. }).then_some(()))
        .await;
    server.close(1012);
    client.line(|line| !matches!(line, Line::Up(_))).await;
    client.up().await;
    server.mend();
    client.ask(2, "again", false).await;
    assert_eq!(client.answer(2).await.unwrap(), "you said: again");
    assert_eq!(server.bodies().last().unwrap()["client_id"], "client-2");
    assert_eq!(
        server.count("text_message"),
        0,
        "how it takes words is remembered"
    );
}

#[tokio::test]
async fn edge_27_an_idle_line_is_put_away_and_rests() {
    let server = Server::start(Habits::default()).await;
    let mut client = Client::dial(place(&server)).await;
    client.up().await;
    server.close(1000);
    let line = client.line(|line| !matches!(line, Line::Up(_))).await;
    assert!(matches!(line, Line::Resting { .. }), "{line:?}");
}

#[tokio::test]
async fn edge_27_a_full_server_and_a_wrong_token_are_refusals() {
    let server = Server::start(Habits {
        full: true,
        ..Habits::default()
    })
    .await;
    let mut client = Client::dial(place(&server)).await;
    let line = client
        .line(|line| matches!(line, Line::Refused { .. }))
        .await;
    let Line::Refused {
        cause: Cause::Denied { status, .. },
    } = line
    else {
        panic!("{line:?}");
    };
    assert_eq!(status, Some(403));

    let server = Server::start(Habits::default()).await;
    let mut stranger = place(&server);
    stranger.token = Some("wrong".to_owned());
    stranger.more.insert("text", "http".to_owned());
    let mut client = Client::dial(stranger).await;
    client.up().await;
    client.ask(1, "hello", false).await;
    assert_eq!(
        client.answer(1).await.unwrap_err(),
        "key_refused: Incorrect API key provided"
    );
}

#[tokio::test]
async fn edges_39_and_40_what_is_no_answer_is_told_in_words() {
    for (fault, expected) in [
        (server::Fault::Page, "not_an_answer: `"),
        (server::Fault::Cut, "connection_lost: the answer broke off"),
        (server::Fault::Exception, "backend_failed: 发生错误: boom"),
    ] {
        let server = Server::start(Habits {
            fault: Some(fault),
            ..Habits::default()
        })
        .await;
        let mut client = Client::dial(place(&server)).await;
        client.up().await;
        listed(&mut client).await;
        client.ask(1, "hello", false).await;
        let told = client.answer(1).await.unwrap_err();
        assert!(told.starts_with(expected), "{fault:?}: {told}");
    }
}

#[tokio::test]
async fn a_text_frame_of_ten_mebibytes_is_survived() {
    let server = Server::start(Habits::default()).await;
    let mut client = Client::dial(place(&server)).await;
    client.up().await;
    listed(&mut client).await;
    server.push(&format!(
        r#"{{"type":"audio_stream","message_id":"x","audio":"{}"}}"#,
        "A".repeat(10 << 20)
    ));
    let told = client
        .until(|event| match event {
            LinkEvent::Heard {
                down: Down::Unreadable { why },
                ..
            } => Some(why.clone()),
            _ => None,
        })
        .await;
    assert!(told.contains("not ours"), "{told}");
    client.ask(1, "hello", false).await;
    assert!(client.answer(1).await.is_ok());
}

#[tokio::test]
async fn edges_20_and_21_a_server_leads_a_call_and_one_that_cannot_leaves_it_to_us() {
    let server = Server::start(Habits::default()).await;
    let (url, begun) = (server.url(), server.watch("start_voice_call"));
    let program = tokio::task::spawn_blocking(move || a_call(&url, begun));
    program.await.unwrap();
    assert_eq!(server.count("start_voice_call"), 1);
    assert_eq!(server.count("audio_input"), 0);
    let server = Server::start(Habits {
        calls: false,
        ws_text: true,
        ..Habits::default()
    })
    .await;
    let mut client = Client::dial(Place {
        more: [("turn_detection", "server".to_owned())].into(),
        ..place(&server)
    })
    .await;
    client.up().await;
    client.call(1).await;
    let refused = client
        .down(|down| match down {
            Down::Trouble { turn, trouble } => Some((*turn, trouble.code.clone())),
            _ => None,
        })
        .await;
    assert_eq!(refused, (Some(TurnId(1)), NO_TURNS.to_owned()));
}

fn a_call(url: &str, begun: impl Fn() -> bool + Send + 'static) {
    let house = House::with_config(format!(
        "backend = \"work\"\n[backends.work]\nurl = \"{url}\"\ntoken = \"secret\"\n\
         turn_detection = \"server\"\n\
         [sound]\nmicrophone = \"stdin\"\nloudspeaker = \"file:out.wav\"\necho = \"off\"\n",
    ));
    let steps = "[[step]]\ndo = \"call\"\n[[step]]\nexpect_heard = \"set timer\"\n\
         [[step]]\nexpect = \"you asked: set timer\"\n[[step]]\nexpect_spoken_ms = { min = 300 }\n\
         [[step]]\nexpect_heard = \"what time\"\n[[step]]\nexpect = \"you asked: what time\"\n\
         [[step]]\nexpect_state = \"voice_call\"\n[[step]]\ndo = \"call\"\n[[step]]\nwait = \"idle\"\n";
    house.write("talk.toml", patient(steps));
    let home = house.home().to_str().unwrap().to_owned();
    let cues = vec![
        Cue::when(begun, tones::say(&["set", "timer"])),
        Cue::told("expect_spoken_ms", tones::say(&["what", "time"])),
    ];
    let ran = house.run_fed(&["script", "talk.toml"], &[("TMPDIR", &*home)], |child| {
        microphone::hold(child, cues)
    });
    assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
}

#[tokio::test]
async fn the_whole_program_talks_and_the_doctor_walks() {
    let server = Server::start(Habits::default()).await;
    let url = server.url();
    let program = tokio::task::spawn_blocking(move || the_whole_program(&url));
    program.await.unwrap();
}

fn the_whole_program(url: &str) {
    let house = House::new();
    house.write(
        "talk.toml",
        r#"
        [[step]]
        type = "hello"
        [[step]]
        expect = "you said: hello"
        [[step]]
        wait = "idle"
        "#,
    );
    house.write(
        "config.toml",
        format!("backend = \"home\"\n[backends.home]\nurl = \"{url}\"\ntoken = \"secret\"\n"),
    );
    let home = house.home().to_str().unwrap().to_owned();
    let env = [
        ("TMPDIR", home.as_str()),
        ("HEARSAY_EARS", "command:true"),
        ("HEARSAY_VOICE", "none"),
        ("HEARSAY_SOUND_MICROPHONE", "null"),
        ("HEARSAY_SOUND_LOUDSPEAKER", "null"),
    ];
    let ran = house.run_with(
        &["script", "talk.toml", "--config", "config.toml"],
        &env,
        b"",
    );
    assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
    let ran = house.run_with(
        &["doctor", "--wire", "home", "--config", "config.toml"],
        &env,
        b"",
    );
    assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
    for expected in [
        "greeting",
        "over HTTP",
        "out of order",
        "of another kind than they say",
        "notified only",
        "1 personalities, 1 models, 2 engines, 6 voices, 2 tools",
    ] {
        assert!(ran.out.contains(expected), "{expected}: {}", ran.out);
    }
}
