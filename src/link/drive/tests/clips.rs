//! Recordings on their way up, and speech on its way down.

use super::*;
use crate::core::sound::{Hear, Sound};
use crate::wire::yychat::binary;

const OURS: &str =
    r#"{"type":"connection_established","client_id":"c1","capabilities":["clips","stream_ids"]}"#;

fn begin(turn: u128) -> ClipPart {
    ClipPart::Begin(Hear {
        turn: TurnId(turn),
        conversation: ConversationId(2),
        language: None,
        ears: None,
    })
}

fn more(turn: u128, samples: Vec<i16>) -> ClipPart {
    let turn = TurnId(turn);
    ClipPart::More { turn, samples }
}

fn end(turn: u128) -> ClipPart {
    let turn = TurnId(turn);
    ClipPart::End { turn }
}

fn unheard(epoch: u64, turn: u128) -> LinkEvent {
    LinkEvent::Unheard {
        epoch: Epoch(epoch),
        turn: TurnId(turn),
    }
}

impl Bench {
    /// Serves the next dial as a backend that takes recordings in pieces.
    async fn greet_ours(&mut self) -> Peer {
        let mut peer = self.accept().await;
        peer.send(Message::text(OURS)).await.unwrap();
        while !matches!(
            self.event().await,
            LinkEvent::Heard {
                down: Down::Greeting(_),
                ..
            }
        ) {}
        text_free(&mut peer).await;
        peer
    }

    async fn ours() -> (Self, Peer) {
        let mut bench = Self::new(patient());
        bench.order(LinkOrder::Dial).await;
        let peer = bench.greet_ours().await;
        (bench, peer)
    }

    async fn record(&self, parts: impl IntoIterator<Item = ClipPart>) {
        for part in parts {
            self.clips.send(part).await.unwrap();
        }
    }

    /// The next event that is not about the line.
    async fn told(&mut self) -> LinkEvent {
        loop {
            match self.event().await {
                LinkEvent::Line { .. } => {}
                event => return event,
            }
        }
    }
}

/// The next message of ours that holds words or sound.
async fn next(peer: &mut Peer) -> Message {
    loop {
        match peer.next().await.unwrap().unwrap() {
            Message::Ping(_) => {}
            message => return message,
        }
    }
}

fn kind(message: &Message) -> String {
    match message {
        Message::Text(text) => {
            let frame: serde_json::Value = serde_json::from_str(text.as_str()).unwrap();
            frame["type"].as_str().unwrap().to_owned()
        }
        Message::Binary(bytes) => format!("{} bytes", bytes.len()),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_recording_goes_up_in_pieces_and_speech_goes_past_the_model() {
    let (mut bench, mut peer) = Bench::ours().await;
    bench.record([begin(1), more(1, vec![1, -2]), end(1)]).await;
    let mut kinds = vec![];
    for _ in 0..3 {
        kinds.push(kind(&next(&mut peer).await));
    }
    assert_eq!(kinds, ["audio_input", "21 bytes", "audio_complete"]);
    let heard = format!(
        r#"{{"type":"transcription_result","text":"hello","message_id":"{}"}}"#,
        TurnId(1)
    );
    peer.send(Message::text(heard)).await.unwrap();
    let (turn, text) = (Some(TurnId(1)), "hello".into());
    let (epoch, down) = (Epoch(1), Down::Transcript { turn, text });
    assert_eq!(bench.told().await, LinkEvent::Heard { epoch, down });

    let mut spoken = say("hello");
    if let Up::Say(say) = &mut spoken {
        say.voice = Some(crate::core::backend::VoiceWish {
            voice: None,
            speed: 1.0,
            engine: None,
        });
    }
    bench.order(LinkOrder::Say(spoken)).await;
    next(&mut peer).await;
    let turn = TurnId(1);
    let speech = binary::speech(turn, 8000, &[7, 8]);
    peer.send(Message::binary(speech)).await.unwrap();
    let complete = format!(r#"{{"type":"synthesis_complete","message_id":"{turn}"}}"#);
    peer.send(Message::text(complete)).await.unwrap();
    peer.send(Message::text(r#"{"type":"ring","label":"x"}"#))
        .await
        .unwrap();
    let ring = Down::Ring { label: "x".into() };
    assert_eq!(
        bench.told().await,
        LinkEvent::Heard { epoch, down: ring },
        "the model is not told of speech"
    );
    let (rate, samples) = (8000, vec![7, 8].into());
    let sound = Sound::Samples { rate, samples };
    assert_eq!(bench.played.try_recv(), Ok(Speech::More { turn, sound }));
    assert_eq!(bench.played.try_recv(), Ok(Speech::End { turn }));
}

#[tokio::test(start_paused = true)]
async fn a_recording_for_a_line_that_is_not_up_is_told_of_once() {
    let mut bench = Bench::new(patient());
    bench
        .record([begin(1), more(1, vec![0; 320]), end(1)])
        .await;
    bench
        .record([begin(2), ClipPart::Broken { turn: TurnId(2) }])
        .await;
    assert_eq!(bench.event().await, unheard(0, 1));
    assert_eq!(bench.event().await, unheard(0, 2));
    bench.order(LinkOrder::Say(say("x"))).await;
    assert!(matches!(bench.event().await, LinkEvent::Unsent { .. }));
}

#[tokio::test(start_paused = true)]
async fn what_was_recorded_for_a_life_of_the_line_that_is_over_is_not_sent_in_the_next() {
    let (mut bench, mut peer) = Bench::ours().await;
    // Long enough to count as steady.
    tokio::time::advance(Duration::from_secs(3)).await;
    bench.record([begin(1), more(1, vec![0; 320])]).await;
    assert_eq!(kind(&next(&mut peer).await), "audio_input");
    drop(peer);
    let mut peer = bench.greet_ours().await;
    bench.record([more(1, vec![0; 320]), end(1)]).await;
    assert_eq!(bench.told().await, unheard(2, 1));
    bench.record([begin(1), end(1)]).await;
    assert_eq!(kind(&next(&mut peer).await), "audio_input");
    assert_eq!(kind(&next(&mut peer).await), "audio_complete");
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_does_not_read_holds_up_who_records_and_nobody_else() {
    let (mut bench, mut peer) = Bench::ours().await;
    bench.record([begin(1)]).await;
    let clips = bench.clips.clone();
    let piece = || more(1, vec![0; 320]);
    let mut taken = 0;
    while let Ok(sent) = timeout(Duration::from_millis(100), clips.send(piece())).await {
        sent.unwrap();
        taken += 1;
    }
    // The stream holds 64 KiB and the lane so many pieces.
    let stream = 64 * 1024 / 657;
    assert!((CLIPS..=CLIPS + stream + 2).contains(&taken), "{taken}");
    bench.order(LinkOrder::Say(say("still there?"))).await;
    let recorder = tokio::spawn(async move {
        for _ in taken..1000 {
            clips.send(piece()).await.unwrap();
        }
        clips.send(end(1)).await.unwrap();
    });
    let (mut pieces, mut asked) = (0, false);
    loop {
        match &*kind(&next(&mut peer).await) {
            "657 bytes" => pieces += 1,
            "text_message" => asked = true,
            "audio_complete" => break,
            _ => {}
        }
    }
    recorder.await.unwrap();
    assert_eq!((pieces, asked), (1000, true));
    let none = timeout(Duration::from_secs(1), bench.told()).await;
    assert!(none.is_err(), "{none:?}");
}

#[tokio::test(start_paused = true)]
async fn a_recording_that_a_plain_backend_would_have_to_take_in_one_piece_may_be_too_long() {
    let small = LinkSettings {
        max_recording: 4000,
        ..patient()
    };
    let (mut bench, mut peer) = Bench::up(small).await;
    text_free(&mut peer).await;
    bench
        .record([begin(1), more(1, vec![0; 1000]), end(1)])
        .await;
    bench.record([begin(2)]).await;
    bench.record((0..3).map(|_| more(2, vec![0; 1000]))).await;
    bench.record([end(2)]).await;
    assert_eq!(bench.told().await, unheard(1, 2));
    assert_eq!(kind(&next(&mut peer).await), "audio_input");
    let after = timeout(Duration::from_secs(1), next(&mut peer)).await;
    assert!(after.is_err(), "{after:?}");
}

#[tokio::test(start_paused = true)]
async fn a_flood_lets_everybody_else_have_a_turn_after_so_many_frames() {
    let (bench, mut peer) = Bench::ours().await;
    let mut spoken = say("go on");
    if let Up::Say(say) = &mut spoken {
        say.voice = Some(crate::core::backend::VoiceWish {
            voice: None,
            speed: 1.0,
            engine: None,
        });
    }
    bench.order(LinkOrder::Say(spoken)).await;
    next(&mut peer).await;
    let (all, piece) = (20 * GULP, binary::speech(TurnId(1), 8000, &[7]));
    let flood = tokio::spawn(async move {
        for _ in 0..all {
            peer.feed(Message::binary(piece.clone())).await.unwrap();
        }
        peer.flush().await.unwrap();
        peer
    });
    let (mut before, mut most) = (0, 0);
    while before < all {
        tokio::task::yield_now().await;
        // One for each frame; nobody takes them.
        let now = bench.played.len();
        most = most.max(now - before);
        before = now;
    }
    // The socket's buffers hold more.
    assert_eq!(most, GULP);
    flood.await.unwrap();
}
