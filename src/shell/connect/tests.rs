use super::*;
use crate::config::{Flags, load};
use crate::sound::desk::DeskSettings;
use std::fs;
use std::sync::mpsc as std_mpsc;
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// A configuration in a folder of its own, and everything to connect with.
struct Stand {
    folder: TempDir,
    runtime: Runtime,
    bench: Bench,
    ready: mpsc::UnboundedReceiver<NewLine>,
}

const BEFORE: &str =
    "# mine\nlang = \"en\" # not Chinese\n\n[backends.old]\nurl = \"ws://old/ws\"\n";

impl Stand {
    fn new(secret: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config.toml");
        fs::write(&file, BEFORE).unwrap();
        let flags = Flags {
            config: Some(file.clone()),
            data_dir: Some(folder.path().join("data").display().to_string()),
            ..Flags::default()
        };
        let loaded = load(&flags, &|_name| None).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let (fresh, ready) = mpsc::unbounded_channel();
        let clips = DeskSettings::new(folder.path().join("clips"));
        let bench = Bench {
            loaded,
            file: Some(file),
            secret: secret.to_owned(),
            store: store::spawn(folder.path().join("hearsay.db"), |_kept| {}),
            sound: Desk::new(clips, |_event| {}, |_part| false),
            clock: Clock::start(),
            lang: Lang::En,
            runtime: runtime.handle().clone(),
            fresh,
        };
        Self {
            folder,
            runtime,
            bench,
            ready,
        }
    }

    fn file(&self) -> String {
        fs::read_to_string(self.folder.path().join("config.toml")).unwrap()
    }

    /// Keeps a draft, and says what came of it.
    fn keep(&self, draft: &Draft) -> ConnectEvent {
        let (tell, told) = std_mpsc::channel();
        let order = ConnectOrder::Keep {
            nth: 7,
            draft: draft.clone(),
        };
        self.bench
            .carry_out(order, &|event| tell.send(event).unwrap());
        told.recv().unwrap()
    }
}

fn yychat(token: Token) -> Draft {
    Draft {
        token,
        address: "ws://pi.local:9800/ws/chat".into(),
        name: "pi".into(),
        ..Draft::new(Kind::Yychat)
    }
}

#[test]
fn an_address_needs_no_more_than_people_know() {
    for (kind, text, expected) in [
        (Kind::Yychat, "pi.local", "ws://pi.local:9800/ws/chat"),
        (
            Kind::Yychat,
            "127.0.0.1:9801",
            "ws://127.0.0.1:9801/ws/chat",
        ),
        (Kind::Yychat, "wss://h", "wss://h/ws/chat"),
        (Kind::Yychat, "wss://h/", "wss://h/ws/chat"),
        (Kind::Yychat, "wss://h/own", "wss://h/own"),
        (Kind::Yychat, "wss://h?x=1", "wss://h?x=1"),
        (Kind::Xiaozhi, "h:8000", "ws://h:8000/xiaozhi/v1/"),
        (Kind::Xiaozhi, "https://h/ota/", "https://h/ota/"),
        (
            Kind::Realtime,
            "api.openai.com",
            "wss://api.openai.com/v1/realtime",
        ),
        (
            Kind::Realtime,
            "ws://h:1/v1/realtime",
            "ws://h:1/v1/realtime",
        ),
        (
            Kind::ModelServer,
            "localhost:11434",
            "http://localhost:11434",
        ),
        (Kind::ModelServer, "https://h/v1/", "https://h/v1/"),
    ] {
        assert_eq!(whole(kind, text), expected, "{text}");
    }
}

#[test]
fn an_answer_that_cannot_be_is_refused_with_what_it_must_be() {
    let stand = Stand::new("");
    let take = |step, draft: Draft| stand.bench.take(step, draft);
    let at = |address: &str| Draft {
        address: address.into(),
        ..yychat(Token::None)
    };
    let named = |name: &str| Draft {
        name: name.into(),
        ..yychat(Token::None)
    };
    assert!(take(Step::Address, at("what is that")).is_err());
    assert!(take(Step::Address, at("ftp://h/ws")).is_err());
    assert!(take(Step::Name, named("two words")).is_err());
    assert!(take(Step::Name, named("embedded")).is_err());
    let (what, hint) = take(Step::Name, named("old")).unwrap_err();
    assert_eq!(what, "`old` is the name of another backend");
    assert_eq!(hint, "choose another name");
    let unset = Token::At("env:HEARSAY_TEST_NO_SUCH_VARIABLE".into());
    let (what, _) = take(Step::Token, yychat(unset)).unwrap_err();
    assert!(what.contains("HEARSAY_TEST_NO_SUCH_VARIABLE"), "{what}");
    let missing = Token::At("file:no-such-file".into());
    assert!(take(Step::Token, yychat(missing)).is_err());
    assert!(take(Step::Name, named("pi")).is_ok());
}

#[test]
fn a_name_is_offered_that_nobody_has() {
    let stand = Stand::new("");
    for (address, name) in [
        ("ws://pi.local:9800/ws/chat", "pi"),
        ("wss://api.example.org/ws", "example"),
        ("ws://127.0.0.1:9800/ws/chat", "yychat"),
        ("ws://localhost:9800/ws/chat", "yychat"),
        ("wss://old.example.org/ws", "old-2"),
    ] {
        let draft = Draft {
            address: address.into(),
            ..Draft::new(Kind::Yychat)
        };
        let (draft, _) = stand.bench.take(Step::Address, draft).unwrap();
        assert_eq!(draft.name, name, "{address}");
    }
}

#[test]
fn what_is_kept_stands_in_the_file_and_the_token_in_one_of_its_own() {
    let mut stand = Stand::new("hunter2-hunter2");
    let event = stand.keep(&yychat(Token::Typed(15)));
    let ConnectEvent::Ready { nth: 7, now } = event else {
        panic!("{event:?}");
    };
    assert_eq!(now.backend, "pi");
    let expected = "# mine\nlang = \"en\" # not Chinese\nbackend = \"pi\"\n\n[backends.old]\nurl = \"ws://old/ws\"\n\n\
         [backends.pi]\nurl = \"ws://pi.local:9800/ws/chat\"\ntoken = \"file:tokens/pi\"\nlanguage = \"yychat\"\n";
    assert_eq!(stand.file(), expected);
    let token = stand.folder.path().join("tokens/pi");
    assert_eq!(fs::read_to_string(&token).unwrap(), "hunter2-hunter2\n");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(&token).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let line = stand.ready.try_recv().unwrap();
    let Backend::Remote(named) = &line.loaded.settings.backend else {
        panic!("it is still the old one");
    };
    assert_eq!(
        named.token.read().unwrap().as_deref(),
        Some("hunter2-hunter2")
    );
    drop(line);
    // Again, without a token: what stood there is taken out of force.
    assert!(matches!(
        stand.keep(&yychat(Token::None)),
        ConnectEvent::Ready { .. }
    ));
    stand.runtime.shutdown_background();
}

#[test]
fn a_model_server_is_tried_first_from_now_on() {
    let stand = Stand::new("key");
    let draft = Draft {
        address: "http://127.0.0.1:1/v1".into(),
        token: Token::Typed(3),
        model: "qwen3:8b".into(),
        ..Draft::new(Kind::ModelServer)
    };
    let event = stand.keep(&draft);
    let ConnectEvent::Ready { now, .. } = event else {
        panic!("{event:?}");
    };
    assert_eq!((now.backend.as_str(), now.choice.brain), ("embedded", None));
    assert_eq!(now.choice.model.as_deref(), Some("qwen3:8b"));
    let file = stand.file();
    for line in [
        "url = \"http://127.0.0.1:1/v1\"",
        "key = \"file:tokens/model-server\"",
        "model = \"qwen3:8b\"",
        "use = \"auto\"",
    ] {
        assert!(file.contains(line), "{file}");
    }
    stand.runtime.shutdown_background();
}

#[test]
fn nothing_is_written_where_something_is_wrong() {
    let stand = Stand::new("");
    let event = stand.keep(&Draft::known("nobody"));
    assert!(matches!(event, ConnectEvent::Failed { .. }), "{event:?}");
    assert_eq!(stand.file(), BEFORE);
    let event = stand.keep(&Draft::known("old"));
    assert!(matches!(event, ConnectEvent::Ready { .. }), "{event:?}");
    assert!(stand.file().contains("backend = \"old\""));
    stand.runtime.shutdown_background();
}
