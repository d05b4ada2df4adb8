//! A backend elsewhere: behind a port of this machine, started and ended by a test.

use super::House;
use crate::support::model_server::ModelServer;
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
pub(super) const EAGER: &str = "[link]\nreconnect_interval_ms = 50\nreconnect_max_ms = 50\n\
     reconnect_attempts = 0\n";

/// A backend behind a port of this machine. It thinks with a model server and keeps what it
/// knows in a store of its own.
pub(super) struct Far<'a> {
    house: &'a House,
    pub(super) port: u16,
    running: Option<AbortHandle>,
}

impl<'a> Far<'a> {
    /// A port where nobody listens yet.
    pub(super) fn closed(house: &'a House) -> Self {
        let free = house.runtime.block_on(TcpListener::bind("127.0.0.1:0"));
        let port = free.unwrap().local_addr().unwrap().port();
        Self {
            house,
            port,
            running: None,
        }
    }

    pub(super) fn url(&self) -> String {
        format!("ws://127.0.0.1:{}/ws/chat", self.port)
    }

    pub(super) fn start(&mut self, model: &ModelServer) {
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
    pub(super) fn crash(&mut self) {
        self.running.take().unwrap().abort();
    }
}

/// The last words of every question that the model was asked.
pub(super) fn asked(model: &ModelServer) -> Vec<String> {
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
