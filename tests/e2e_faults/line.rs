//! Backends elsewhere that vanish in the middle of an answer and come back.

use super::{House, kill, leave};
use crate::support::model_server::{ModelServer, Reply, sse, text};
use hearsay::core::ids::Seed;
use hearsay::core::words::Lang;
use hearsay::mind::probe::Target;
use hearsay::serve::{Backend, Brains, Choice, Parts, Personas, Wanted};
use hearsay::store;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::{AbortHandle, JoinSet};

/// Dials again soon and never gives up.
const EAGER: &str = "[link]\nreconnect_interval_ms = 50\nreconnect_max_ms = 50\n\
     reconnect_attempts = 0\n";

/// A backend behind a port of this machine. It thinks with a model server and keeps what it
/// knows in a store of its own.
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

    fn start(&mut self, model: &ModelServer) {
        let _guard = self.house.runtime.enter();
        let backend = Backend::start(Parts {
            brains: Brains::Choose(Box::new(Wanted {
                choice: Choice::read(&model.base()),
                url: None,
                key: Arc::new(|| Ok(None)),
                model: Some("m".to_owned()),
                window: None,
                first_token: Duration::from_mins(5),
                between_tokens: Duration::from_mins(5),
                targets: Vec::<Target>::new(),
                here: None,
                any_address: false,
            })),
            personas: Personas::default(),
            ears: crate::support::no_ears(),
            voice: crate::support::no_voice(),
            choices: Arc::new(|_part, _lang| vec![]),
            store: store::spawn(
                self.house.folder.path().join(format!("{}.db", self.port)),
                |_kept| {},
            )
            .into(),
            tools: hearsay::serve::Tools::default(),
            memory_tokens: 1000,
            lang: Lang::En,
            clock: Arc::new(jiff::Zoned::now),
            rings: true,
            seed: Seed::new(1),
        });
        let port = self.port;
        let listening = self
            .house
            .runtime
            .block_on(TcpListener::bind(("127.0.0.1", port)));
        let listener = listening.unwrap();
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

fn asked(model: &ModelServer) -> Vec<String> {
    let questions = model
        .asked()
        .into_iter()
        .filter(|asked| asked.method == "POST");
    let last = |body: &serde_json::Value| {
        let said = body["messages"].as_array().unwrap().last().unwrap();
        said["content"].as_str().unwrap().to_owned()
    };
    questions.map(|asked| last(&asked.body)).collect()
}

#[test]
fn a_backend_that_dies_in_mid_answer_leaves_what_came_and_is_asked_again_when_back() {
    if crate::support::pty::missing() {
        return;
    }
    let house = House::new(EAGER);
    let half = Reply::stream(sse(&[text("Half an ans")])).then_hang();
    let model = house.model([half, Reply::words(&["The whole answer."])]);
    let mut far = Far::closed(&house);
    far.start(&model);
    let mut pty = house.opened(&["--backend", &far.url(), "--brain", "auto"], &[]);
    pty.wait_for_text("connected");
    pty.say("a long story");
    pty.wait_for_text("Half an ans");
    far.crash();
    pty.wait_for("the cut answer and the state of the line", |screen| {
        let text = screen.contents();
        text.contains("cut: the connection was lost") && text.contains("retry")
    });
    far.start(&model);
    pty.wait_for_text("connected");
    pty.keys(super::CTRL_R);
    pty.wait_for_text("The whole answer.");
    let count = |text: &str| pty.picture().matches(text).count();
    assert_eq!((count("Half an ans"), count("The whole answer.")), (1, 1));
    assert_eq!(asked(&model), ["a long story", "a long story"]);
    leave(pty);
}

#[test]
fn what_was_typed_while_the_line_was_down_survives_a_kill_and_is_said_once() {
    if crate::support::pty::missing() {
        return;
    }
    let house = House::new(EAGER);
    let model = house.model([
        Reply::words(&["answer one"]),
        Reply::words(&["answer two"]),
        Reply::words(&["answer three"]),
    ]);
    let mut far = Far::closed(&house);
    let url = far.url();
    let backend = ["--backend", url.as_str(), "--brain", "auto"];
    let mut pty = house.opened(&backend, &[]);
    for (number, text) in ["first", "second", "third"].iter().enumerate() {
        pty.say(text);
        let unsent = format!("{} unsent", number + 1);
        pty.wait_for("words that are kept", |screen| {
            // The mark has a dot until the store has them.
            let screen = screen.contents();
            screen.contains(&unsent) && screen.contains(&format!("› {text}"))
        });
    }
    kill(pty);
    let pty = house.opened(&backend, &[]);
    pty.wait_for("what waits", |screen| {
        let text = screen.contents();
        text.contains("third") && text.contains("3 unsent")
    });
    far.start(&model);
    pty.wait_for("all answers, each behind its question", |screen| {
        let text = screen.contents();
        let expected = [
            "› first",
            "answer one",
            "› second",
            "answer two",
            "› third",
            "answer three",
        ];
        let places = expected.map(|words| text.find(words));
        places.iter().all(Option::is_some) && places.is_sorted()
    });
    assert_eq!(asked(&model), ["first", "second", "third"]);
    leave(pty);
    // Nothing is left over for the next run.
    let pty = house.opened(&backend, &[]);
    pty.wait_for_text("connected");
    leave(pty);
    assert_eq!(asked(&model), ["first", "second", "third"]);
}

#[test]
fn another_backend_goes_on_with_the_conversation_where_one_is_away() {
    if crate::support::pty::missing() {
        return;
    }
    let house = House::new("[link]\nstandby_after_ms = 300\n");
    let (first, second) = (
        house.model([Reply::words(&["It is a herb."])]),
        house.model([Reply::words(&["As I said: a herb."])]),
    );
    let (mut main, mut spare) = (Far::closed(&house), Far::closed(&house));
    main.start(&first);
    spare.start(&second);
    let (url, other) = (main.url(), spare.url());
    let mut pty = house.opened(
        &["--backend", &url, "--brain", "auto"],
        &[("HEARSAY_LINK_STANDBY", &other)],
    );
    pty.wait_for_text("connected");
    pty.say("what is tea?");
    pty.wait_for_text("It is a herb.");
    main.crash();
    pty.wait_for_text(&format!("127.0.0.1:{}", spare.port));
    pty.say("say that again");
    pty.wait_for_text("As I said: a herb.");
    let said: Vec<_> = second
        .asked()
        .into_iter()
        .filter(|asked| asked.method == "POST")
        .flat_map(|asked| asked.body["messages"].as_array().unwrap().clone())
        .filter(|message| message["role"] != "system")
        .map(|message| message["content"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(said, ["what is tea?", "It is a herb.", "say that again"]);
    leave(pty);
}

#[test]
fn a_kill_in_mid_answer_keeps_what_was_shown() {
    if crate::support::pty::missing() {
        return;
    }
    let house = House::new("");
    let half = Reply::stream(sse(&[text("As far as it got")])).then_hang();
    let mut model = house.model([half, Reply::words(&["Once more."])]);
    let mut pty = house.thinking_with(&model);
    pty.say("tell me");
    pty.wait_for_text("As far as it got");
    // A growing reply is kept once a second.
    house.until_kept("As far as it got");
    kill(pty);
    house.runtime.block_on(model.until_hung_up());
    let env = [
        ("HEARSAY_BRAIN", model.base()),
        ("HEARSAY_MODEL", "m".to_owned()),
    ];
    let env = env.each_ref().map(|(name, value)| (*name, value.as_str()));
    let mut pty = house.opened(&["history", "resume"], &env);
    pty.wait_for("the cut answer", |screen| {
        let text = screen.contents();
        text.contains("As far as it got") && text.contains("cut:")
    });
    pty.keys(super::CTRL_R);
    pty.wait_for_text("Once more.");
    leave(pty);
}
