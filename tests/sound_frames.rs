//! How often memory is asked for on the way of a piece of sound through the language on the wire:
//! fifty times a second each way, for as long as somebody speaks.

use hearsay::core::backend::{Down, Up, VoiceWish};
use hearsay::core::ids::{ConversationId, TurnId};
use hearsay::core::sound::{ClipPart, Hear, Sound, Speech};
use hearsay::core::time::Wall;
use hearsay::wire::yychat::{Yychat, binary};
use hearsay::wire::{Dialect, Frame};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    static ASKED: Cell<u64> = const { Cell::new(0) };
}

struct Counting;

#[expect(unsafe_code, reason = "an allocator cannot be written without")]
// SAFETY: it counts, and leaves the rest to the allocator of the system.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ASKED.set(ASKED.get() + 1);
        // SAFETY: the caller promises what the system asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

const TURN: TurnId = TurnId(7);

/// 20 ms at the rate of recordings.
const PIECE: usize = 320;

/// A client that was greeted by a server of ours.
fn greeted() -> Yychat {
    let mut yychat = Yychat::default();
    let greeting = r#"{"type":"connection_established","capabilities":["clips","speak"]}"#;
    assert_eq!(yychat.decode(&Frame::Text(greeting.to_owned())).len(), 1);
    yychat
}

/// How often memory was asked for by each of a hundred rounds of this.
fn asked(mut work: impl FnMut()) -> u64 {
    work();
    let before = ASKED.get();
    for _ in 0..100 {
        work();
    }
    (ASKED.get() - before) / 100
}

#[test]
fn a_piece_of_speech_costs_its_samples_and_the_list_it_is_in() {
    let mut yychat = greeted();
    let read = Up::Read {
        turn: TURN,
        conversation: ConversationId(1),
        text: "x".to_owned(),
        voice: VoiceWish {
            voice: None,
            speed: 1.0,
            engine: None,
        },
    };
    yychat.encode(&read, Wall(0));
    let frame = Frame::Binary(binary::speech(TURN, 24_000, &[3; PIECE]));
    let expected = [Down::Speech(Speech::More {
        turn: TURN,
        sound: Sound::Samples {
            rate: 24_000,
            samples: vec![3; PIECE],
        },
    })];
    assert_eq!(yychat.decode(&frame), expected);
    let times = asked(|| drop(yychat.decode(&frame)));
    println!("memory is asked for {times} times for each piece of speech");
    assert_eq!(times, 2);
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
    yychat.clip(&ClipPart::Begin(hear), Wall(0));
    let more = ClipPart::More {
        turn: TURN,
        samples: vec![3; PIECE],
    };
    let frames = yychat.clip(&more, Wall(0));
    assert_eq!(
        frames.first().unwrap(),
        &Frame::Binary(binary::recording(TURN, &[3; PIECE]))
    );
    let times = asked(|| drop(yychat.clip(&more, Wall(0))));
    println!("memory is asked for {times} times for each piece of a recording");
    assert_eq!(times, 2);
}
