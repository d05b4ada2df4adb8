//! Everything that reads what others wrote, each as a function from bytes that panics when a
//! promise is broken. The fuzzer calls them, and so do the property tests in `tests/parsers.rs`.

use hearsay::codec::base64;
use hearsay::codec::opus;
use hearsay::codec::sse::{Decoder, TooLong};
use hearsay::config::{self, Flags};
use hearsay::core::action::{Action, Plain};
use hearsay::core::backend::{Down, Up, VoiceWish};
use hearsay::core::chord::Chord;
use hearsay::core::composer::{self, Applied, Composer};
use hearsay::core::defuse::{defuse, is_harmless};
use hearsay::core::ids::{ConversationId, MessageId, TurnId};
use hearsay::core::model::{Drawn, Model, Setup};
use hearsay::core::sound::{Sound, Speech};
use hearsay::core::time::{Now, Wall};
use hearsay::core::transcript::{Message, Role};
use hearsay::core::update::update;
use hearsay::core::words::Lang;
use hearsay::link::address::Address;
use hearsay::mind::engine::{self, Tokens};
use hearsay::mind::models::{Catalogue, Receipt, Shelf};
use hearsay::mind::openai::OpenAi;
use hearsay::mind::speakable::Cutter;
use hearsay::mind::{Ask, Brain, Endpoint, Said};
use hearsay::serve::port::{Limits, Logs, Parts, Port, Routes, Welcome};
use hearsay::serve::{self, Backend, Brains, Choice, Personas, Served, Wanted};
use hearsay::shell::record::{Opening, Recorded};
use hearsay::sound::unpacked::Unpacked;
use hearsay::store::{self, Store};
use hearsay::view::text::stream::{Kind, Stream};
use hearsay::view::text::{Row, code, markdown, row_width, tame, wrap};
use hearsay::view::theme::Ink;
use hearsay::view::{self, Cache};
use hearsay::wire::logs;
use hearsay::wire::xiaozhi::Xiaozhi;
use hearsay::wire::yychat::Yychat;
use hearsay::wire::yychat::binary::{self, Binary};
use hearsay::wire::yychat::frames::{ClientFrame, ServerFrame};
use hearsay::wire::{Answer, Dialect, Frame, Language, Out, Piece, Place};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use std::cell::RefCell;
use std::fs;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// Takes bytes, and panics when a promise is broken.
pub(crate) type Parser = fn(&[u8]);

/// Each parser by its name.
pub(crate) const ALL: &[(&str, Parser)] = &[
    ("address", address),
    ("archive", archive),
    ("catalogue", catalogue),
    ("chord_and_action", chord_and_action),
    ("composer", composer),
    ("config", config),
    ("defuse", defused),
    ("guess", guess),
    ("log_frames", log_frames),
    ("markdown", set_markdown),
    ("model_file", model_file),
    ("openai", openai),
    ("opus_packets", opus_packets),
    ("realtime_client", realtime_client),
    ("port", port),
    ("receipt", receipt),
    ("replay", replay),
    ("search", search),
    ("spoken", spoken),
    ("sse", sse),
    ("tokens", tokens),
    ("unpacked", unpacked),
    ("wrap", wrapped),
    ("xiaozhi_client", xiaozhi_client),
    ("yychat_client", yychat_client),
    ("yychat_frames", yychat_frames),
    ("yychat_http", yychat_http),
    ("yychat_sound", yychat_sound),
];

/// The model whose files an archive is searched for.
const LISTED: &str = r#"[[model]]
id = "m"
task = "ears"
languages = ["en"]
licence = "MIT"
repository = "a/b"
files = [{ path = "onnx/model.onnx" }, { path = "tokens.txt" }]
"#;

/// An archive of `tar`: nothing of it gets anywhere but into the folder of its model.
pub(crate) fn archive(bytes: &[u8]) {
    thread_local! {
        static LIST: Catalogue = Catalogue::with(LISTED).expect("it is right");
    }
    FOLDER.with(|folder| {
        let from = folder.path().join("m.tar");
        // The mark of an archive: without it, it would be a file like any other.
        let mut archive = bytes.to_vec();
        if let Some(mark) = archive.get_mut(257..262) {
            mark.copy_from_slice(b"ustar");
        }
        fs::write(&from, archive).expect("there is room");
        let shelf = Shelf::new(folder.path());
        let outcome = LIST.with(|list| shelf.import(&from, Some("m"), list, &mut |_file| {}));
        if let Ok(imported) = outcome {
            for name in imported.taken {
                assert!(shelf.folder().join("m").join(name).is_file());
            }
        }
    });
}

/// A list of models: the name of none of its files leads out of the model's folder.
pub(crate) fn catalogue(bytes: &[u8]) {
    match Catalogue::with(&text(bytes)) {
        Ok(list) => {
            for file in list.all().iter().flat_map(|entry| &entry.files) {
                for name in [&file.path, &file.name] {
                    let plain = |part: &str| !matches!(part, "" | "." | "..");
                    assert!(name.split('/').all(plain), "{name}");
                    assert!(!name.contains(['\\', ':', '\0']), "{name}");
                }
            }
        }
        Err(flaw) => assert!(flaw.line > 0 && !flaw.why.is_empty()),
    }
}

/// A graph, before it is loaded.
pub(crate) fn model_file(bytes: &[u8]) {
    let checked = engine::check(std::io::Cursor::new(bytes), bytes.len() as u64);
    if let Err(why) = checked {
        assert!(!why.is_empty());
    }
}

/// How a model came here: what is written of it reads as it was.
pub(crate) fn receipt(bytes: &[u8]) {
    if let Some(read) = Receipt::read(&text(bytes)) {
        assert_eq!(Receipt::read(&read.write()), Some(read));
    }
}

/// The pieces of a model, in both of their forms.
pub(crate) fn tokens(bytes: &[u8]) {
    let text = text(bytes);
    for read in [Tokens::of_json(&text), Tokens::of_lines(&text)] {
        match read {
            Ok(tokens) => drop(tokens.text(&[0, 1, 2, 3, usize::MAX])),
            Err(why) => assert!(!why.is_empty()),
        }
    }
}

/// The first byte chooses, the others are the text.
fn chosen(bytes: &[u8]) -> (usize, String) {
    let (first, rest) = bytes.split_first().unwrap_or((&0, &[]));
    (
        usize::from(*first),
        String::from_utf8_lossy(rest).into_owned(),
    )
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

pub(crate) fn address(bytes: &[u8]) {
    match Address::read(&text(bytes)) {
        Ok(address) => {
            let again = Address::read(&address.url).expect("what it wrote, it can read");
            assert_eq!(
                (again.host, again.port),
                (address.host.clone(), address.port)
            );
            let _told: Option<String> = address.check_token().err().map(|why| why.to_string());
        }
        Err(why) => drop(why.to_string()),
    }
}

pub(crate) fn chord_and_action(bytes: &[u8]) {
    let text = text(bytes);
    match text.parse::<Chord>() {
        Ok(chord) => assert_eq!(chord.to_string().parse(), Ok(chord)),
        Err(why) => drop((why.to_string(), why.hint())),
    }
    match text.parse::<Action>() {
        Ok(action) => assert_eq!(action.to_string().parse(), Ok(action)),
        Err(why) => drop(why.to_string()),
    }
}

/// Edits as bytes: high ones are actions, a few low ones paste, undo the draft or send.
pub(crate) fn composer(bytes: &[u8]) {
    let mut composer = Composer::default();
    for piece in bytes.chunk_by(|left, right| left.is_ascii() == right.is_ascii()) {
        if piece.is_ascii() {
            match piece {
                [1, rest @ ..] => drop(composer.paste(&text(rest))),
                [2, rest @ ..] => composer.restore_draft(&text(rest)),
                [3, ..] => drop(composer.take()),
                [4, rest @ ..] => composer.history_push(&text(rest)),
                _ => composer.insert(&text(piece)),
            }
        } else {
            for byte in piece {
                let edit = Plain::ALL[usize::from(*byte) % Plain::ALL.len()];
                let _applied: Applied = composer.apply(edit);
                if *byte == 0xff {
                    composer.insert("e\u{301}👩‍👩‍👧好");
                }
            }
        }
        assert!(composer.text().is_char_boundary(composer.caret()));
        assert!(composer.text().len() <= composer::LIMIT);
        assert!(!composer.text().contains('\u{1b}'));
    }
}

thread_local! {
    static FOLDER: TempDir = tempfile::tempdir().expect("a temporary folder");
}

pub(crate) fn config(bytes: &[u8]) {
    FOLDER.with(|folder| {
        let path = folder.path().join("config.toml");
        fs::write(&path, bytes).expect("a file in a temporary folder");
        let flags = Flags {
            config: Some(path.clone()),
            data_dir: Some("/data".to_owned()),
            ..Flags::default()
        };
        let load = || config::load(&flags, &|_| None);
        match load() {
            Ok(loaded) => {
                drop(format!("{loaded:?} {:?}", loaded.explained()));
                for (key, value) in [
                    ("link.ping_ms", "3000"),
                    ("persona", "x"),
                    ("keys.chat.f5", "none"),
                ] {
                    if config::edit::set(&path, key, value, &|_| None).is_ok() {
                        load().expect("a change that was taken leaves a file that can be read");
                    }
                }
            }
            Err(why) => drop((why.to_string(), why.hint(), why.exit_code())),
        }
    });
}

pub(crate) fn defused(bytes: &[u8]) {
    let text = text(bytes);
    let harmless = defuse(&text).into_owned();
    assert!(harmless.chars().all(is_harmless), "{harmless:?}");
    assert_eq!(defuse(&harmless), harmless, "once is enough");
}

fn assert_fits(rows: &[Row], room: usize) {
    for row in rows {
        assert!(row_width(row) <= room, "{row:?} in {room}");
        for run in row {
            let fine = run.text.chars().all(|c| is_harmless(c) && c != '\n');
            assert!(fine, "{run:?}");
        }
    }
}

pub(crate) fn set_markdown(bytes: &[u8]) {
    let (choice, text) = chosen(bytes);
    let room = 1 + choice % 60;
    let harmless = defuse(&text).into_owned();
    for block in markdown::blocks(&harmless, room) {
        assert!(
            harmless.get(block.range.clone()).is_some(),
            "{:?}",
            block.range
        );
        assert_fits(&block.rows, room);
    }
    let set = |pieces: usize| {
        let mut stream = Stream::new(Kind::Markdown, room);
        for at in 1..pieces {
            let end = text.floor_char_boundary(text.len() / pieces * at);
            stream.feed(text.get(..end).unwrap_or_default(), false);
        }
        stream.feed(&text, true);
        stream.rows().cloned().collect::<Vec<_>>()
    };
    let whole = set(1);
    assert_fits(&whole, room);
    assert_eq!(set(4), whole, "in pieces and whole");
}

pub(crate) fn wrapped(bytes: &[u8]) {
    let (choice, text) = chosen(bytes);
    let room = 1 + choice % 40;
    let run = view::text::Run::new(&text, Ink::default());
    assert_fits(&wrap::wrap(std::slice::from_ref(&run), room), room);
    assert_fits(&wrap::wrap_anywhere(std::slice::from_ref(&run), room), room);
    let tamed = tame(&run.text, room).into_owned();
    assert_eq!(tame(&tamed, room), tamed);
    assert!(view::text::width(&view::text::clip(&tamed, room)) <= room);
    for language in ["rust", "python", "sh", "json", ""] {
        drop(code::highlight(language, &run.text));
    }
}

/// What a server may send, read by the brain itself over a real socket.
pub(crate) fn openai(bytes: &[u8]) {
    thread_local! {
        static RUNTIME: tokio::runtime::Runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
    }
    let (choice, _) = chosen(bytes);
    let body = bytes.get(1..).unwrap_or_default();
    let head = match choice % 4 {
        0 => "HTTP/1.1 200 OK\r\ncontent-type: application/json",
        1 => "HTTP/1.1 429 Too Many Requests\r\nretry-after: 1",
        _ => "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream",
    };
    let reply = [head.as_bytes(), b"\r\nconnection: close\r\n\r\n", body].concat();
    RUNTIME.with(|runtime| {
        runtime.block_on(async {
            let server = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
            let port = server.local_addr().expect("its address").port();
            let brain = OpenAi::new(
                Endpoint {
                    model: Some("m".to_owned()),
                    first_token: Duration::from_secs(5),
                    between_tokens: Duration::from_secs(5),
                    ..Endpoint::new(format!("http://127.0.0.1:{port}/v1"))
                },
                "fuzz",
            );
            let serve = async {
                loop {
                    let Ok((mut socket, _)) = server.accept().await else {
                        return;
                    };
                    let _read = socket.read(&mut [0; 16 * 1024]).await;
                    let _written = socket.write_all(&reply).await;
                    let _shut = socket.shutdown().await;
                }
            };
            let (out, mut thoughts) = tokio::sync::mpsc::channel(16);
            let ask = Ask {
                said: vec![Said::User("hello".to_owned())],
                ..Ask::default()
            };
            let read = async { while thoughts.recv().await.is_some() {} };
            let think = async {
                let ((), answer) = tokio::join!(read, brain.think(ask, out));
                if let Err(why) = answer {
                    drop(why.to_string());
                }
            };
            tokio::select! {
                () = serve => {}
                () = think => {}
                () = tokio::time::sleep_until(tokio::time::Instant::now() + Duration::from_secs(20)) => {
                    panic!("no end")
                }
            }
        });
    });
}

/// What anybody may send to `hearsay serve`, read by the port itself over a real socket: whatever it
/// is, the port answers or hangs up, and is there for the next one.
pub(crate) fn port(bytes: &[u8]) {
    thread_local! {
        static PORT: (tokio::runtime::Runtime, SocketAddr) = open_port();
    }
    let (choice, _) = chosen(bytes);
    let body = bytes.get(1..).unwrap_or_default();
    let post = |path: &str, kind: &str| {
        let length = body.len();
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
             content-type: {kind}\r\ncontent-length: {length}\r\n\r\n"
        );
        [head.as_bytes(), body].concat()
    };
    // Where it is not certain that a request is whole, nothing more is said.
    let (request, whole) = match choice % 8 {
        0 => (post("/v1/chat/completions", "application/json"), true),
        1 => (post("/v1/tools/call", "application/json"), true),
        2 => (post("/v1/audio/speech", "application/json"), true),
        3 => {
            let kind = "multipart/form-data; boundary=x";
            (post("/v1/audio/transcriptions", kind), true)
        }
        4 => ([&b"GET /plugin/"[..], body, b"\r\n\r\n"].concat(), false),
        5 => {
            let upgrade = b"GET /ws/chat HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\n\
                upgrade: websocket\r\nsec-websocket-version: 13\r\n\
                sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
            ([&upgrade[..], body].concat(), false)
        }
        _ => (body.to_vec(), false),
    };
    PORT.with(|(runtime, address)| {
        let told = runtime.block_on(async {
            let mut stream = tokio::net::TcpStream::connect(address)
                .await
                .expect("a port");
            // It may have read enough before the end.
            let _written = stream.write_all(&request).await;
            if !whole {
                let _shut = stream.shutdown().await;
            }
            let mut told = vec![];
            let read = stream.read_to_end(&mut told);
            let _hung_up = tokio::time::timeout(Duration::from_secs(20), read)
                .await
                .expect("an end");
            told
        });
        assert!(
            told.is_empty() || told.starts_with(b"HTTP/1."),
            "{}",
            String::from_utf8_lossy(&told)
        );
    });
}

/// A port with a backend that needs nothing but itself.
fn open_port() -> (tokio::runtime::Runtime, SocketAddr) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let folder = Arc::new(tempfile::tempdir().expect("a temporary folder"));
    fs::write(folder.path().join("own.log"), "one line\n").expect("a log");
    let listen = tokio::net::TcpListener::bind("127.0.0.1:0");
    let listener = runtime.block_on(listen).expect("a port");
    let address = listener.local_addr().expect("its address");
    let (data, own) = (folder.path().to_path_buf(), folder.path().join("own.log"));
    let seconds = Duration::from_secs;
    let parts = Parts {
        routes: Routes::new().with_logs(Logs::new(data, own, 1)),
        limits: Limits {
            connections: 16,
            rate: None,
            head: seconds(5),
            body: seconds(5),
            stall: seconds(5),
            drain: seconds(0),
        },
        welcome: Welcome::default(),
        tokens: None,
        open: Box::new(move |_owner| backend(Arc::clone(&folder))),
        tls: None,
    };
    let port = Port::new(listener, parts);
    runtime.spawn(port.run(std::future::pending()));
    (runtime, address)
}

/// Its folder goes when its store has closed its file.
fn backend(folder: Arc<TempDir>) -> Backend {
    let path = folder.path().join("x.db");
    let store = store::spawn(path, move |_kept| {
        let _held = &folder;
    });
    let missing = |what: &str| hearsay::mind::SpeechError::Missing {
        what: format!("there is no such thing as {what} here"),
        hint: String::new(),
    };
    let wanted = Wanted {
        choice: Choice::Builtin,
        url: None,
        key: Arc::new(|| Ok(None)),
        model: None,
        window: None,
        first_token: Duration::from_secs(5),
        between_tokens: Duration::from_secs(5),
        targets: vec![],
        here: None,
        any_address: false,
    };
    let parts = serve::Parts {
        brains: Brains::Choose(Box::new(wanted)),
        personas: Personas::default(),
        ears: Arc::new(move |_wish, _lang| Err(missing("ears"))),
        voice: Arc::new(move |_wish, _lang| Err(missing("a voice"))),
        choices: Arc::new(|_part, _lang| vec![]),
        tools: serve::Tools::default(),
        store: store.into(),
        memory_tokens: 1000,
        lang: Lang::En,
        clock: Arc::new(jiff::Zoned::now),
        rings: true,
        seed: hearsay::core::ids::Seed::new(1),
    };
    Backend::start_for(
        parts,
        Served {
            elsewhere: true,
            ..Served::default()
        },
    )
}

/// A recording, played and drawn as `hearsay replay` does.
pub(crate) fn replay(bytes: &[u8]) {
    let text = text(bytes);
    let mut lines = text.lines();
    let opening = lines.next().map(serde_json::from_str::<Opening>);
    let (seed, lang) = match opening {
        Some(Ok(opening)) => (opening.seed, opening.lang),
        _ => (1, Lang::En),
    };
    let mut model = Model::new(Setup {
        lang,
        size: (40, 12),
        seed,
        bell: false,
        ..Setup::default()
    });
    for line in lines.take(64) {
        let Ok(recorded) = serde_json::from_str::<Recorded>(line) else {
            break;
        };
        drop(update(&mut model, recorded.now, recorded.msg));
    }
    let mut terminal = Terminal::new(TestBackend::new(40, 12)).expect("a screen in memory");
    let mut cache = Cache::default();
    terminal
        .draw(|frame| {
            let _drawn: Drawn = view::draw(frame, &model, &mut cache);
        })
        .expect("a screen in memory");
}

pub(crate) fn search(bytes: &[u8]) {
    thread_local! {
        static STORE: RefCell<Store> = RefCell::new(FOLDER.with(|folder| {
            let mut store = Store::open(&folder.path().join("x.db")).expect("a new store");
            for (n, text) in ["green tea", "明天去北京 trip", "a \"quoted\" AND NOT b* (c)"].iter().enumerate() {
                let id = n as u128;
                let mut message = Message::new(MessageId(id), TurnId(id), Role::User, Wall(1));
                (*text).clone_into(&mut message.text);
                store.write_message(ConversationId(1), None, &message).expect("a message");
            }
            store
        }));
    }
    STORE.with_borrow(|store| {
        for found in store
            .search(&text(bytes), 10)
            .expect("any words can be looked for")
        {
            for (from, to) in found.marks {
                assert!(
                    found.excerpt.get(from..to).is_some(),
                    "{found_excerpt}",
                    found_excerpt = found.excerpt
                );
            }
        }
    });
}

/// Text on its way to a voice: it makes no difference in which pieces it came, nothing is too long for a
/// voice, and nothing of what steers a terminal is said.
pub(crate) fn spoken(bytes: &[u8]) {
    let (choice, text) = chosen(bytes);
    let said = |size: usize| {
        let mut cutter = Cutter::default();
        let mut said = vec![];
        let chars: Vec<char> = text.chars().collect();
        for piece in chars.chunks(size) {
            said.extend(cutter.push(&piece.iter().collect::<String>()));
        }
        said.extend(cutter.finish());
        said
    };
    let whole = said(text.len().max(1));
    assert_eq!(said(1 + choice), whole, "in pieces and whole");
    for sentence in whole {
        assert!(sentence.chars().count() <= 201, "{sentence}");
        assert!(
            !sentence.trim().is_empty() && !sentence.contains('\u{1b}'),
            "{sentence:?}"
        );
    }
}

pub(crate) fn sse(bytes: &[u8]) {
    let read = |pieces: &mut dyn Iterator<Item = &[u8]>| {
        let (mut decoder, mut events) = (Decoder::default(), vec![]);
        let mut each = |event: hearsay::codec::sse::Event<'_>| {
            events.push((event.name.to_owned(), event.data.to_owned()));
            Ok::<(), TooLong>(())
        };
        let mut fed = Ok(());
        for piece in pieces {
            fed = fed.and_then(|()| decoder.feed(piece, &mut each));
        }
        let ended = fed.and_then(|()| decoder.finish(&mut each));
        (events, ended)
    };
    let whole = read(&mut std::iter::once(bytes));
    assert_eq!(read(&mut bytes.chunks(1)), whole);
    assert_eq!(read(&mut bytes.chunks(3)), whole);
}

pub(crate) fn unpacked(bytes: &[u8]) {
    // The bytes as they are, and as what a head that makes sense so far is followed by.
    let begun = [b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0".as_slice(), bytes].concat();
    let frame = [b"\xff\xf3\x44\xc4".as_slice(), bytes].concat();
    for bytes in [bytes, &begun, &frame] {
        let read = |most: usize| {
            let mut sound = Unpacked::open(bytes).ok()?;
            let mut samples = vec![];
            loop {
                let before = samples.len();
                sound.read(most, &mut samples).expect("memory can be read");
                assert!(samples.len() - before <= most);
                if samples.len() == before {
                    return Some(samples);
                }
                assert!(sound.rate() > 0);
            }
        };
        let whole = read(1 + bytes.len());
        assert!(whole.iter().flatten().all(|sample| sample.abs() <= 1.001));
        assert_eq!(read(7), whole);
    }
}

fn decoded(dialect: &mut dyn Dialect, frame: &Frame) -> Vec<Down> {
    Out::of(|out| dialect.decode(frame, Now::default(), out)).downs
}

/// A backend whose address does not tell what it speaks: whatever its first frame is, it is known
/// from then on, and who asks something is answered or told that there are no words for it.
pub(crate) fn guess(bytes: &[u8]) {
    let place = Place {
        url: "ws://h/".to_owned(),
        ..Place::default()
    };
    let mut dialect = Language::of(&place).speaker(&place);
    drop(Out::of(|out| dialect.dial(Now::default(), out)));
    drop(Out::of(|out| dialect.hello(Now::default(), out)));
    let frame = match bytes.first() {
        Some(0) => Frame::Binary(bytes.to_vec().into()),
        _ => Frame::Text(text(bytes)),
    };
    for _ in 0..2 {
        drop(decoded(&mut *dialect, &frame));
    }
    assert!(dialect.encode(
        &Up::AskHabits { lang: Lang::En },
        Now::default(),
        &mut Out::default()
    ));
}

/// The first byte chooses the rate, and each one that begins a packet its length.
pub(crate) fn opus_packets(bytes: &[u8]) {
    let (choice, _) = chosen(bytes);
    let rate = opus::RATES[choice % opus::RATES.len()];
    let mut decoder = opus::Decoder::new(rate).expect("a rate of Opus");
    let mut rest = bytes.get(1..).unwrap_or_default();
    while let [length, behind @ ..] = rest {
        let (packet, next) = behind.split_at(behind.len().min(usize::from(*length)));
        let samples = decoder.decode(packet);
        assert!(samples.len() <= rate as usize * 120 / 1000);
        assert!(samples.iter().all(|sample| sample.is_finite()));
        rest = next;
    }
}

/// A session with a question in it, and in a call whose turns the server cuts.
pub(crate) fn realtime_client(bytes: &[u8]) {
    let place = Place {
        url: "ws://h/v1/realtime".to_owned(),
        ..Place::default()
    };
    let mut dialect = Language::of(&place).speaker(&place);
    let created = r#"{"type":"session.created","session":{"id":"s"}}"#;
    drop(decoded(&mut *dialect, &Frame::Text(created.to_owned())));
    drop(decoded(
        &mut *dialect,
        &Frame::Binary(bytes.to_vec().into()),
    ));
    let say = r#"{"Say":{"turn":"00000000-0000-0000-0000-000000000001","conversation":"00000000-0000-0000-0000-000000000002","text":"x","persona":null,"brain":null,"model":null,"tools":true}}"#;
    let say: Up = serde_json::from_str(say).expect("a question");
    assert!(dialect.encode(&say, Now::default(), &mut Out::default()));
    for line in text(bytes).lines() {
        let down = decoded(&mut *dialect, &Frame::Text(line.to_owned()));
        drop(format!("{down:?}"));
    }
}

/// The log of another host: its listing, and what follows.
pub(crate) fn log_frames(bytes: &[u8]) {
    if let Err(why) = logs::listing(bytes) {
        assert!(!why.is_empty());
    }
    for line in text(bytes).lines() {
        drop(format!("{:?}", logs::told(line)));
    }
}

pub(crate) fn xiaozhi_client(bytes: &[u8]) {
    let number = bytes.first().map_or(1, |byte| byte % 3 + 1);
    let place = Place {
        more: [("version", number.to_string())].into(),
        ..Place::default()
    };
    let mut dialect = Xiaozhi::new(place, 0);
    let hello = r#"{"type":"hello"}"#.to_owned();
    drop(decoded(&mut dialect, &Frame::Text(hello)));
    drop(decoded(&mut dialect, &Frame::Binary(bytes.to_vec().into())));
    for line in text(bytes).lines() {
        drop(format!(
            "{:?}",
            decoded(&mut dialect, &Frame::Text(line.to_owned()))
        ));
    }
    // The same bytes as what is answered to who asks where to connect.
    let place = Place {
        url: "http://h/ota/".to_owned(),
        ..Place::default()
    };
    let mut dialect = Xiaozhi::new(place, 0);
    let number = 1;
    let head = Piece::Head {
        status: 200,
        kind: String::new(),
        retry_after_s: None,
    };
    drop(Out::of(|out| dialect.dial(Now::default(), out)));
    for piece in [head, Piece::Body(bytes.to_vec().into()), Piece::End] {
        let answer = Answer { number, piece };
        drop(Out::of(|out| dialect.answered(answer, Now::default(), out)));
    }
}

pub(crate) fn yychat_client(bytes: &[u8]) {
    let mut dialect = Yychat::default();
    drop(decoded(&mut dialect, &Frame::Binary(bytes.to_vec().into())));
    for line in text(bytes).lines() {
        drop(format!(
            "{:?}",
            decoded(&mut dialect, &Frame::Text(line.to_owned()))
        ));
    }
}

pub(crate) fn yychat_frames(bytes: &[u8]) {
    if let Ok(frame) = serde_json::from_slice::<ClientFrame>(bytes) {
        let written = serde_json::to_string(&frame).expect("a frame can be written");
        assert_eq!(
            serde_json::from_str::<ClientFrame>(&written).expect("and read"),
            frame
        );
    }
    if let Ok(frame) = serde_json::from_slice::<ServerFrame>(bytes) {
        let written = serde_json::to_string(&frame).expect("a frame can be written");
        assert_eq!(
            serde_json::from_str::<ServerFrame>(&written).expect("and read"),
            frame
        );
    }
}

/// Speech as it comes: frames without text, and files in frames with it, in any order. The first
/// byte of each eight chooses the number of a piece.
/// Whatever comes over HTTP, a question ends once, and nothing panics.
pub(crate) fn yychat_http(bytes: &[u8]) {
    let (choice, body) = chosen(bytes);
    let mut place = Place {
        url: "ws://h/ws/chat".to_owned(),
        ..Place::default()
    };
    place.more.insert("text", "http".to_owned());
    let mut dialect = Yychat::new(&place);
    let say = r#"{"Say":{"turn":"00000000-0000-0000-0000-000000000001","conversation":"00000000-0000-0000-0000-000000000002","text":"x","persona":null,"brain":null,"model":null,"tools":true}}"#;
    let say: Up = serde_json::from_str(say).expect("a question");
    assert!(dialect.encode(&say, Now::default(), &mut Out::default()));
    let kinds = ["", "text/html", "text/event-stream", "application/json"];
    let head = Piece::Head {
        status: if choice & 4 == 0 { 200 } else { 404 },
        kind: kinds[choice % 4].to_owned(),
        retry_after_s: None,
    };
    let mut pieces = vec![head];
    let cut = 1 + choice / 8;
    pieces.extend(
        body.as_bytes()
            .chunks(cut)
            .map(|part| Piece::Body(part.to_vec().into())),
    );
    pieces.push(Piece::End);
    let mut ends = 0;
    for piece in pieces {
        let answer = Answer { number: 1, piece };
        let out = Out::of(|out| dialect.answered(answer, Now::default(), out));
        let is_end = |down: &&Down| matches!(down, Down::Done { .. } | Down::Trouble { .. });
        ends += out.downs.iter().filter(is_end).count();
    }
    assert_eq!(ends, 1);
    // The same bytes as a list of the server.
    let mut dialect = Yychat::new(&Place {
        url: "ws://h/ws/chat".to_owned(),
        ..Place::default()
    });
    let again = Up::AskBrains { again: true };
    assert!(dialect.encode(&again, Now::default(), &mut Out::default()));
    for number in 1..7 {
        let head = Piece::Head {
            status: 200,
            kind: String::new(),
            retry_after_s: None,
        };
        for piece in [head, Piece::Body(body.clone().into()), Piece::End] {
            let answer = Answer { number, piece };
            drop(Out::of(|out| dialect.answered(answer, Now::default(), out)));
        }
    }
}

pub(crate) fn yychat_sound(bytes: &[u8]) {
    let turn = TurnId(0);
    let mut dialect = Yychat::default();
    let greeting = r#"{"type":"connection_established","capabilities":["speak"]}"#;
    drop(decoded(&mut dialect, &Frame::Text(greeting.to_owned())));
    let read = Up::Read {
        turn,
        conversation: ConversationId(0),
        text: String::new(),
        voice: VoiceWish {
            voice: None,
            speed: 1.0,
            engine: None,
        },
    };
    assert!(dialect.encode(&read, Now::default(), &mut Out::default()));
    let ours = [&[2][..], &[0; 16], bytes].concat();
    for bytes in [bytes, &ours] {
        match Binary::read(&bytes.to_vec().into()) {
            Some(Binary::Recording { turn, samples }) => {
                assert!(bytes.starts_with(&binary::recording(turn, &Vec::from(samples))));
            }
            Some(Binary::Speech {
                turn,
                rate,
                samples,
            }) => {
                assert!(bytes.starts_with(&binary::speech(turn, rate, &Vec::from(samples))));
            }
            None => {}
        }
        drop(decoded(&mut dialect, &Frame::Binary(bytes.to_vec().into())));
    }
    assert_eq!(
        base64::decode(&base64::encode(bytes)).as_deref(),
        Some(bytes)
    );
    drop(base64::decode(&text(bytes)));
    if let Ok((samples, rate)) = hearsay::codec::wav::whole(bytes) {
        assert!(rate > 0 && samples.iter().all(|sample| sample.is_finite()));
    }
    let mut played = vec![];
    for piece in bytes.chunks(8) {
        // The number is in the sound as well, to see what comes out.
        let number = piece.first().copied().unwrap_or(0);
        let audio = base64::encode(&[&[number, 0, 0, 0], piece].concat());
        let frame = format!(
            r#"{{"type":"audio_stream","message_id":"{turn}","seq":{number},"audio":"{audio}"}}"#
        );
        played.extend(decoded(&mut dialect, &Frame::Text(frame)));
    }
    let end = format!(r#"{{"type":"synthesis_complete","message_id":"{turn}"}}"#);
    played.extend(decoded(&mut dialect, &Frame::Text(end)));
    assert_eq!(played.pop(), Some(Down::Speech(Speech::End { turn })));
    let numbers: Vec<i16> = played
        .iter()
        .map(|down| match down {
            Down::Speech(Speech::More {
                sound: Sound::Samples { samples, .. },
                ..
            }) => samples.iter().next().expect("a number"),
            other => panic!("{other:?}"),
        })
        .collect();
    assert!(numbers.is_sorted_by(|a, b| a < b), "{numbers:?}");
}
