//! A backend elsewhere that goes away while somebody talks: the recording waits, survives the end
//! of the program, and is delivered once.

use crate::house::{EARS, House};
use crate::screen::{PRESS, RELEASE, idle, leave};
use crate::support::model_server::ModelServer;
use crate::support::pty::{Pty, missing};
use hearsay::core::ids::Seed;
use hearsay::core::words::Lang;
use hearsay::mind::probe::Target;
use hearsay::mind::speech::Wanted as WantedSpeech;
use hearsay::mind::{ears, voice};
use hearsay::serve::{Backend, Brains, Choice, Parts, Personas, Wanted};
use hearsay::store;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::{AbortHandle, JoinSet};

/// Dials again soon and never gives up.
const EAGER: &str = "[link]\nreconnect_interval_ms = 50\nreconnect_max_ms = 50\n\
     reconnect_attempts = 0\n";

/// A backend behind a port of this machine, with the built-in brain and these ears and voice.
struct Far<'a> {
    house: &'a House,
    port: u16,
    running: Option<AbortHandle>,
}

impl<'a> Far<'a> {
    /// A port where nobody listens yet.
    fn closed(house: &'a House) -> Self {
        let free = house.runtime.block_on(TcpListener::bind("127.0.0.1:0"));
        let port = free.unwrap().local_addr().unwrap().port();
        Self {
            house,
            port,
            running: None,
        }
    }

    fn url(&self) -> String {
        format!("ws://127.0.0.1:{}/ws/chat", self.port)
    }

    fn start(&mut self, engines: &ModelServer) {
        let _guard = self.house.runtime.enter();
        let wanted = WantedSpeech {
            choice: engines.base(),
            ..WantedSpeech::default()
        };
        let speaks = wanted.clone();
        let backend = Backend::start(Parts {
            brains: Brains::Choose(Box::new(Wanted {
                choice: Choice::read("builtin"),
                url: None,
                key: Arc::new(|| Ok(None)),
                model: None,
                window: None,
                first_token: Duration::from_mins(5),
                between_tokens: Duration::from_mins(5),
                targets: Vec::<Target>::new(),
                here: None,
                any_address: false,
            })),
            personas: Personas::default(),
            ears: Arc::new(move |_wish, lang| ears::choose(&wanted, lang)),
            voice: Arc::new(move |_wish, lang| voice::choose(&speaks, lang)),
            choices: Arc::new(|_part, _lang| vec![]),
            store: store::spawn(self.house.path("far.db"), |_kept| {}).into(),
            tools: hearsay::serve::Tools::default(),
            memory_tokens: 1000,
            lang: Lang::En,
            clock: Arc::new(jiff::Zoned::now),
            rings: true,
            seed: Seed::new(1),
        });
        let port = self.port;
        let listening = TcpListener::bind(("127.0.0.1", port));
        let listener = self.house.runtime.block_on(listening).unwrap();
        let task = self.house.runtime.spawn(async move {
            // Whoever is served ends with the listener.
            let mut served = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                served.spawn(backend.serve(stream));
            }
        });
        self.running = Some(task.abort_handle());
    }

    /// Ends it as a crash does: sockets close, nobody says goodbye.
    fn crash(&mut self) {
        self.running.take().unwrap().abort();
    }
}

/// How often the ears were asked.
fn times_heard(engines: &ModelServer) -> usize {
    let asked = engines.asked();
    asked.iter().filter(|asked| asked.path == EARS).count()
}

/// Ends the program as nothing can refuse.
fn kill(mut pty: Pty) {
    let pid = pty.pid().to_string();
    let killed = std::process::Command::new("kill")
        .args(["-9", &pid])
        .status();
    assert!(killed.unwrap().success());
    pty.end();
}

#[test]
fn what_is_said_while_the_line_is_down_survives_a_kill_and_is_heard_once() {
    if missing() {
        return;
    }
    let house = House::with(EAGER);
    let engines = house.engines(&[]);
    let question = ["what", "is", "two", "plus", "three"];
    let microphone = house.record("question.wav", &question, 60_000);
    let mut far = Far::closed(&house);
    far.start(&engines);
    let url = far.url();
    let arguments = ["--backend", &url, "--mic", &microphone, "--speaker", "null"];
    let kitty = [("KITTY_WINDOW_ID", "1")];
    let mut pty = house.opened(&arguments, &kitty);
    pty.wait_for_text("connected");
    pty.keys(PRESS);
    pty.wait_for_text("question.wav");
    far.crash();
    pty.wait_for_text("retry");
    // All of the question is in it once somebody has spoken for so long.
    pty.wait_for("a second and more of it", |screen| {
        let text = screen.contents();
        ["● 1.", "● 2"].iter().any(|long| text.contains(long))
    });
    pty.keys(RELEASE);
    pty.wait_for_text("waits to be sent");
    pty.wait_for("a closed microphone", |screen| {
        !screen.contents().contains("microphone open")
    });
    let kept = house.recordings();
    let [(recording, 0o600)] = kept.as_slice() else {
        panic!("{kept:?}");
    };
    assert!(recording.metadata().unwrap().len() > 32_000);
    pty.wait_for("words that are kept", |screen| {
        !screen.contents().contains("›·")
    });
    kill(pty);
    assert_eq!((times_heard(&engines), house.recordings().len()), (0, 1));

    let pty = house.opened(&arguments, &kitty);
    pty.wait_for_text("waits to be sent");
    far.start(&engines);
    pty.wait_for("the question and its answer", |screen| {
        let text = screen.contents();
        let places = ["what is two plus three", "2 + 3 = 5"].map(|words| text.find(words));
        places.iter().all(Option::is_some) && places.is_sorted()
    });
    idle(&pty);
    leave(pty);
    assert_eq!((times_heard(&engines), house.recordings()), (1, vec![]));

    // Nothing is left over for the next run.
    let pty = house.opened(&arguments, &kitty);
    pty.wait_for_text("connected");
    leave(pty);
    assert_eq!(times_heard(&engines), 1);
}

#[test]
fn a_line_that_is_lost_while_the_answer_is_spoken_leaves_what_is_written() {
    if missing() {
        return;
    }
    let house = House::with(EAGER);
    let engines = house.engines(&[]);
    let mut far = Far::closed(&house);
    far.start(&engines);
    let url = far.url();
    let arguments = ["--backend", &url, "--speak", "--speaker", "file:out.wav"];
    let mut pty = house.opened(&arguments, &[]);
    pty.wait_for_text("connected");
    pty.say("help");
    pty.wait_for_text("speaking");
    far.crash();
    pty.wait_for_text("retry");
    // What came so far is heard to its end.
    idle(&pty);
    far.start(&engines);
    pty.wait_for_text("connected");
    pty.say("what is two plus three?");
    pty.wait_for_text("2 + 3 = 5");
    idle(&pty);
    leave(pty);
    let spoken = house.spoken("out.wav");
    assert!(
        spoken.ends_with(&["two", "three", "five"].map(str::to_owned)),
        "{spoken:?}"
    );
}

#[test]
fn what_was_said_until_a_kill_is_offered_again_and_not_left_lying_about() {
    if missing() {
        return;
    }
    let house = House::new();
    let engines = house.engines(&[]);
    let question = ["what", "is", "two", "plus", "three"];
    let microphone = house.record("question.wav", &question, 60_000);
    let engine = crate::house::hearing_with(&engines);
    let mut arguments: Vec<_> = engine.iter().map(String::as_str).collect();
    arguments.extend(["--mic", &microphone, "--speaker", "null"]);
    let mut pty = house.opened(&arguments, &[]);
    pty.wait_for_text("connected");
    pty.keys(" ");
    pty.wait_for_text("● 2");
    kill(pty);
    assert_eq!(house.recordings().len(), 1);
    let pty = house.opened(&arguments, &[]);
    pty.wait_for_text("what is two plus three");
    idle(&pty);
    leave(pty);
    assert_eq!(house.recordings(), []);
}
