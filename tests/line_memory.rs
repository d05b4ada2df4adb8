//! What the line asks memory for: as little as can be for a piece of sound, of which fifty come and
//! go in a second for as long as somebody speaks, and no more than its limit for a peer that never
//! stops.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends where it finds something wrong"
)]

#[path = "support/counting.rs"]
mod counting;

use counting::{counted, held};
use hearsay::codec::base64;
use hearsay::core::backend::{Down, Say, Up, VoiceWish};
use hearsay::core::ids::{ConversationId, TurnId};
use hearsay::core::line::{Line, LinkEvent, LinkOrder};
use hearsay::core::sound::{ClipPart, Hear, Sound, Speech};
use hearsay::core::time::{Now, Wall};
use hearsay::core::words::Lang;
use hearsay::link::{self, Clock, Ends, LinkSettings, Play, Remote, Target};
use hearsay::wire::realtime::Realtime;
use hearsay::wire::yychat::{Yychat, binary};
use hearsay::wire::{self, Dialect, Out, Place};
use std::io::Write as _;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use tokio::sync::{Notify, mpsc};
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use tokio_tungstenite::tungstenite::{Message, WebSocket, accept};

const TURN: TurnId = TurnId(7);

/// 20 ms at the rate of recordings.
const PIECE: usize = 320;

/// So many are spoken in a row.
const PIECES: usize = 1000;

const GREETING: &str = r#"{"type":"connection_established","capabilities":["clips","speak"]}"#;

/// A client that was greeted by a server of ours.
fn greeted() -> Yychat {
    let mut yychat = Yychat::default();
    let greeting = wire::Frame::Text(GREETING.to_owned());
    assert_eq!(decoded(&mut yychat, &greeting).len(), 1);
    yychat
}

fn decoded(yychat: &mut Yychat, frame: &wire::Frame) -> Vec<Down> {
    Out::of(|out| yychat.decode(frame, Now::default(), out)).downs
}

fn clip(yychat: &mut Yychat, part: &ClipPart) -> Vec<wire::Frame> {
    Out::of(|out| assert!(yychat.clip(part, Now::default(), out))).frames
}

/// How often memory was asked for by each of a hundred rounds of this.
fn asked(mut work: impl FnMut()) -> u64 {
    work();
    let (before, _) = counted();
    for _ in 0..100 {
        work();
    }
    (counted().0 - before) / 100
}

/// What the client asks to be read aloud.
fn read() -> Up {
    Up::Read {
        turn: TURN,
        conversation: ConversationId(1),
        text: "x".to_owned(),
        voice: VoiceWish {
            voice: None,
            speed: 1.0,
            engine: None,
        },
    }
}

/// What is asked, with a spoken answer.
fn say() -> Up {
    Up::Say(Say {
        turn: TURN,
        conversation: ConversationId(1),
        text: "x".to_owned(),
        persona: None,
        brain: None,
        model: None,
        tools: false,
        errands: false,
        lang: Lang::En,
        voice: Some(VoiceWish {
            voice: None,
            speed: 1.0,
            engine: None,
        }),
        clip: None,
        history: vec![],
    })
}

#[test]
fn a_piece_of_speech_costs_nothing_beyond_its_frame() {
    let mut yychat = greeted();
    assert!(yychat.encode(&read(), Now::default(), &mut Out::default()));
    let frame = wire::Frame::Binary(binary::speech(TURN, 24_000, &[3; PIECE]).into());
    let expected = [Down::Speech(Speech::More {
        turn: TURN,
        sound: Sound::Samples {
            rate: 24_000,
            samples: vec![3; PIECE].into(),
        },
    })];
    assert_eq!(decoded(&mut yychat, &frame), expected);
    let mut out = Out::default();
    let times = asked(|| {
        yychat.decode(&frame, Now::default(), &mut out);
        out.downs.clear();
    });
    println!("memory is asked for {times} times for each piece of speech");
    assert_eq!(times, 0);
}

/// How often memory is asked for by each piece of speech that is in this text.
fn asked_in_text(dialect: &mut dyn Dialect, text: String) -> u64 {
    let frame = wire::Frame::Text(text);
    let mut out = Out::default();
    dialect.decode(&frame, Now::default(), &mut out);
    assert!(matches!(out.downs[..], [Down::Speech(Speech::More { .. })]));
    asked(|| {
        dialect.decode(&frame, Now::default(), &mut out);
        out.downs.clear();
    })
}

#[test]
fn a_piece_of_speech_in_text_costs_nothing_beyond_its_sound() {
    let audio = base64::encode(&[3; 2 * PIECE]);
    let mut yychat = greeted();
    assert!(yychat.encode(&read(), Now::default(), &mut Out::default()));
    let times = asked_in_text(
        &mut yychat,
        format!(
            r#"{{"type":"audio_stream","client_id":null,"message_id":"{TURN}","codec":"audio/pcm;rate=24000","audio":"{audio}"}}"#
        ),
    );
    println!("memory is asked for {times} times for each piece of speech in text");
    assert_eq!(times, 1);

    let mut realtime = Realtime::new(&Place::default());
    let created = r#"{"type":"session.created","session":{"id":"s"}}"#;
    let begun = r#"{"type":"response.created","response":{"id":"r"}}"#;
    let mut out = Out::default();
    for (text, asked) in [(created, true), (begun, false)] {
        let frame = wire::Frame::Text(text.to_owned());
        realtime.decode(&frame, Now::default(), &mut out);
        if asked {
            assert!(realtime.encode(&say(), Now::default(), &mut out));
        }
    }
    let times = asked_in_text(
        &mut realtime,
        format!(
            r#"{{"type":"response.output_audio.delta","event_id":"e","response_id":"r","item_id":"i","output_index":0,"content_index":0,"delta":"{audio}"}}"#
        ),
    );
    println!("and {times} times in a session");
    assert_eq!(times, 1);
}

/// A server on a thread of its own, which greets and then does this.
fn server(then: impl FnOnce(&mut WebSocket<TcpStream>) + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        let (stream, _client) = listener.accept().unwrap();
        let mut socket = accept(stream).unwrap();
        socket.send(Message::text(GREETING)).unwrap();
        then(&mut socket);
        // Until the client has gone.
        while socket.read().is_ok() {}
    });
    address
}

/// A line that works in this thread.
struct Client {
    orders: mpsc::Sender<LinkOrder>,
    events: mpsc::Receiver<LinkEvent>,
}

impl Client {
    /// One that is up.
    async fn dial(to: SocketAddr, speech: Play) -> Self {
        let mut client = Self::dialing(to, speech).await;
        while !matches!(client.line().await, Line::Up(_)) {}
        client
    }

    /// One that is on its way up.
    async fn dialing(to: SocketAddr, speech: Play) -> Self {
        let (orders, taken) = mpsc::channel(4);
        let (told, events) = mpsc::channel(16);
        let ends = Ends {
            orders: taken,
            events: told,
            clips: mpsc::channel(1).1,
            speech,
        };
        let target = Target::Url(Remote {
            url: format!("ws://{to}"),
            ..Remote::default()
        });
        let clock = Clock::new(Instant::now(), Wall(0));
        link::spawn(
            target,
            Box::<Yychat>::default(),
            LinkSettings::default(),
            ends,
            clock,
        );
        let client = Self { orders, events };
        client.orders.send(LinkOrder::Dial).await.unwrap();
        client
    }

    async fn line(&mut self) -> Line {
        loop {
            if let LinkEvent::Line { line, .. } = self.events.recv().await.unwrap() {
                return line;
            }
        }
    }
}

#[tokio::test]
async fn a_piece_of_speech_costs_nothing_between_its_socket_and_whoever_plays_it() {
    let address = server(|socket| {
        while !socket.read().unwrap().is_text() {}
        let piece = binary::speech(TURN, 24_000, &[3; PIECE]);
        for _ in 0..PIECES {
            socket.send(Message::binary(piece.clone())).unwrap();
        }
    });
    let counts = Arc::new(Mutex::new(Vec::with_capacity(PIECES)));
    let all = Arc::new(Notify::new());
    let (noted, last) = (Arc::clone(&counts), Arc::clone(&all));
    let play = Arc::new(move |speech| {
        let mut noted = noted.lock().unwrap();
        noted.push(counted().0);
        drop(speech);
        if noted.len() == PIECES {
            last.notify_one();
        }
    });
    let client = Client::dial(address, play).await;
    client.orders.send(LinkOrder::Say(read())).await.unwrap();
    all.notified().await;
    let counts = counts.lock().unwrap();
    let times = counts[PIECES - 1] - counts[0];
    println!("memory is asked for {times} times for {PIECES} pieces of speech");
    // The line's own signs of life may need some meanwhile.
    assert!(times * 100 < PIECES as u64, "{times}");
}

#[tokio::test]
async fn a_message_without_an_end_takes_no_more_memory_than_the_largest_one() {
    let address = server(|socket| {
        let piece = vec![b'x'; 1 << 20];
        let begin = Frame::message(piece.clone(), OpCode::Data(Data::Text), false);
        let more = Frame::message(piece, OpCode::Data(Data::Continue), false);
        let mut sent = socket.send(Message::Frame(begin));
        while sent.is_ok() {
            sent = socket.send(Message::Frame(more.clone()));
        }
    });
    let limit = LinkSettings::default().max_message as i64;
    let mut client = Client::dial(address, link::silent()).await;
    let (most, line) = held(async {
        loop {
            match client.line().await {
                Line::Up(_) => {}
                line => return line,
            }
        }
    })
    .await;
    assert!(matches!(line, Line::Waiting { .. }), "{line:?}");
    println!("{} KiB above the limit", (most - limit) >> 10);
    assert!(most < limit + (8 << 20), "{most}");
}

/// A server that answers a request with these bytes for as long as they are taken.
fn flood(begin: &'static [u8], more: &'static [u8]) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let more = more.repeat(1 << 16);
            let mut sent = stream.write_all(begin);
            while sent.is_ok() {
                sent = stream.write_all(&more);
            }
        }
    });
    address
}

#[tokio::test]
async fn a_head_without_an_end_takes_no_memory() {
    for (begin, more) in [
        (&b"HTTP/1.1 101 x\r\n"[..], &b"a: b\r\n"[..]),
        (b"HTTP/1.1 101 x\r\na: ", b"b"),
        (b"HTTP/1.1 101 ", b"x"),
    ] {
        let mut client = Client::dialing(flood(begin, more), link::silent()).await;
        let (most, line) = held(async {
            loop {
                match client.line().await {
                    Line::Dialing { .. } => {}
                    line => return line,
                }
            }
        })
        .await;
        println!("{} KiB: {line:?}", most >> 10);
        assert!(most < 1 << 20, "{most}");
    }
}

#[tokio::test]
async fn a_frame_that_claims_to_be_large_takes_no_memory() {
    for length in [17_u64 << 20, 1 << 40, 1 << 63] {
        let address = server(move |socket| {
            let mut bytes = vec![0x82, 127];
            bytes.extend(length.to_be_bytes());
            bytes.extend([0; 1000]);
            socket.get_mut().write_all(&bytes).unwrap();
        });
        let mut client = Client::dial(address, link::silent()).await;
        let (most, line) = held(async {
            loop {
                match client.line().await {
                    Line::Up(_) => {}
                    line => return line,
                }
            }
        })
        .await;
        assert!(matches!(line, Line::Waiting { .. }), "{line:?}");
        println!("{} KiB for {length} bytes", most >> 10);
        assert!(most < 1 << 20, "{most}");
    }
}

#[test]
fn a_piece_of_a_recording_costs_its_frame_and_the_list_it_is_in() {
    let mut yychat = greeted();
    let hear = Hear {
        turn: TURN,
        conversation: ConversationId(1),
        language: None,
        ears: None,
    };
    clip(&mut yychat, &ClipPart::Begin(hear));
    let more = ClipPart::More {
        turn: TURN,
        samples: vec![3; PIECE],
    };
    let frames = clip(&mut yychat, &more);
    assert_eq!(
        frames.first().unwrap(),
        &wire::Frame::Binary(binary::recording(TURN, &[3; PIECE]).into())
    );
    let times = asked(|| drop(clip(&mut yychat, &more)));
    println!("memory is asked for {times} times for each piece of a recording");
    assert_eq!(times, 2);
}
