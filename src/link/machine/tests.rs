//! Plays lives of the line with values, then states what never happens in any of them.

use super::*;
use crate::link::count::Moved;
use proptest::prelude::*;

fn at(ms: u64) -> Moment {
    Moment::from_ms(ms)
}

/// Round numbers, no jitter: the seed is chosen so that the draws below are the first ones.
fn settings() -> LinkSettings {
    LinkSettings {
        connect_timeout: Duration::from_secs(8),
        greeting_timeout: Duration::from_secs(10),
        heartbeat: Duration::from_secs(30),
        ping_after: Duration::from_secs(10),
        pong_timeout: Duration::from_secs(5),
        close_timeout: Duration::from_secs(2),
        steady: Duration::from_secs(2),
        reconnect: true,
        attempts: 5,
        backoff: Duration::from_secs(1),
        backoff_cap: Duration::from_mins(1),
        seed: 1,
        max_message: 1024,
        max_recording: 1024,
    }
}

fn lost() -> Cause {
    Cause::Lost {
        why: "reset".into(),
    }
}

fn closed(cause: Cause) -> Event {
    Event::Closed { cause }
}

/// A machine that was greeted at `ms`.
fn up_at(ms: u64, settings: LinkSettings) -> Machine {
    let mut machine = Machine::new(settings);
    machine.on(at(ms), Event::Dial);
    machine.on(at(ms), Event::Connected { unverified: false });
    machine.on(at(ms), Event::Frame(Arrived::Greeting));
    machine.on(at(ms), Event::Frame(Arrived::Pong(0)));
    assert!(machine.is_up());
    machine
}

#[test]
fn a_person_who_has_something_to_do_first_is_waited_for_longer_than_a_connection() {
    let mut machine = Machine::new(settings());
    machine.on(at(0), Event::Dial);
    machine.on(at(500), Event::Patience(at(300_000)));
    assert_eq!(machine.deadline(), Some(at(300_000)));
    assert_eq!(machine.on(at(8_000), Event::Tick), []);
    // Once it is known where to connect, that may take as long as usual.
    machine.on(at(100_000), Event::Opening);
    assert_eq!(machine.deadline(), Some(at(108_000)));
    assert_ne!(machine.on(at(108_000), Event::Tick), []);
    // A line that is up, or that nobody wants, has no use for it.
    for mut machine in [up_at(0, settings()), Machine::new(settings())] {
        let before = machine.deadline();
        assert_eq!(machine.on(at(1), Event::Patience(at(300_000))), []);
        assert_eq!(machine.deadline(), before);
    }
}

#[test]
fn in_a_call_a_line_that_dies_silently_is_known_to_be_dead_within_three_seconds() {
    let dies_after = |hurry: bool| {
        let mut machine = up_at(0, settings());
        machine.on(at(100), Event::Hurry(hurry));
        machine.on(at(1_000), Event::Frame(Arrived::Other));
        // From here on nothing is heard any more.
        let mut now = at(1_000);
        while machine.is_up() {
            now = machine.deadline().unwrap();
            machine.on(now, Event::Tick);
        }
        now.since(at(1_000))
    };
    assert_eq!(
        [true, false].map(dies_after),
        [Duration::from_secs(2), Duration::from_secs(15)]
    );
}

#[test]
fn a_line_is_up_once_the_backend_has_greeted_us() {
    let mut machine = Machine::new(settings());
    assert_eq!(machine.deadline(), None);
    assert_eq!(
        machine.on(at(0), Event::Dial),
        [
            Command::Connect,
            Command::Report(Line::Dialing { attempt: 1 }),
        ]
    );
    assert_eq!(machine.epoch(), Epoch(1));
    assert_eq!(machine.deadline(), Some(at(8_000)));
    assert_eq!(
        machine.on(at(20), Event::Connected { unverified: false }),
        []
    );
    assert_eq!(machine.deadline(), Some(at(10_020)));
    assert_eq!(machine.on(at(30), Event::Frame(Arrived::Other)), []);
    assert!(!machine.is_up());
    assert_eq!(
        machine.on(at(40), Event::Frame(Arrived::Greeting)),
        [
            Command::Report(Line::Up(Health::default())),
            Command::Ping(0)
        ]
    );
    let rtt = Some(Duration::from_millis(7));
    assert_eq!(
        machine.on(at(47), Event::Frame(Arrived::Pong(0))),
        [Command::Report(Line::Up(Health {
            rtt,
            ..Health::default()
        }))]
    );
}

#[test]
fn every_step_on_the_way_up_has_its_limit() {
    let mut machine = Machine::new(settings());
    machine.on(at(0), Event::Dial);
    assert_eq!(machine.on(at(7_999), Event::Tick), []);
    let why = "no answer within 8 s".to_owned();
    let cause = Cause::Unreachable { why };
    let (attempt, until) = (2, at(8_000));
    assert_eq!(
        machine.on(at(8_000), Event::Tick),
        [
            Command::Drop,
            Command::Report(Line::Waiting {
                attempt,
                until,
                cause
            }),
            Command::Connect,
            Command::Report(Line::Dialing { attempt }),
        ]
    );
    machine.on(at(9_000), Event::Connected { unverified: false });
    assert_eq!(machine.on(at(18_999), Event::Tick), []);
    let commands = machine.on(at(19_000), Event::Tick);
    let after = Duration::from_secs(10);
    assert!(
        matches!(
            &commands[..],
            [Command::Drop, Command::Report(Line::Waiting { cause: Cause::NoGreeting { after: a }, .. })]
            if *a == after
        ),
        "{commands:?}"
    );
}

#[test]
fn silence_is_asked_about_and_then_believed() {
    let mut machine = up_at(0, settings());
    assert_eq!(machine.on(at(9_999), Event::Tick), []);
    assert_eq!(machine.on(at(10_000), Event::Tick), [Command::Ping(1)]);
    assert_eq!(machine.deadline(), Some(at(15_000)));
    assert_eq!(machine.on(at(14_999), Event::Tick), []);
    let commands = machine.on(at(15_000), Event::Tick);
    let cause = Cause::Silent {
        after: Duration::from_secs(15),
    };
    assert_eq!(
        commands,
        [
            Command::Drop,
            Command::Report(Line::Waiting {
                attempt: 1,
                until: at(15_000),
                cause
            }),
            Command::Connect,
            Command::Report(Line::Dialing { attempt: 1 }),
        ]
    );
}

#[test]
fn any_traffic_is_life_and_a_late_pong_still_measures() {
    let mut machine = up_at(0, settings());
    machine.on(at(10_000), Event::Tick);
    machine.on(at(14_000), Event::Frame(Arrived::Other));
    assert_eq!(machine.deadline(), Some(at(24_000)));
    assert_eq!(machine.on(at(15_000), Event::Tick), []);
    let rtt = Some(Duration::from_secs(6));
    assert_eq!(
        machine.on(at(16_000), Event::Frame(Arrived::Pong(1))),
        [Command::Report(Line::Up(Health {
            rtt,
            quality: Quality::Poor,
            ..Health::default()
        }))]
    );
    assert_eq!(machine.on(at(16_001), Event::Frame(Arrived::Pong(1))), []);
    assert_eq!(machine.on(at(16_002), Event::Frame(Arrived::Pong(99))), []);
}

#[test]
fn a_busy_line_is_never_pinged_but_beats_all_the_same() {
    let mut machine = up_at(0, settings());
    let mut commands = vec![];
    for second in 1..=95 {
        commands.extend(machine.on(at(second * 1000), Event::Frame(Arrived::Other)));
        commands.extend(machine.on(at(second * 1000), Event::Tick));
    }
    assert_eq!(commands, vec![Command::Beat; 3]);
}

#[test]
fn silence_is_asked_about_sooner_on_a_bad_line_and_while_an_answer_is_awaited() {
    let mut machine = up_at(0, settings());
    assert_eq!(machine.deadline(), Some(at(10_000)));
    machine.on(at(100), Event::Asked(TurnId(7)));
    assert_eq!(machine.deadline(), Some(at(2_500)));
    machine.on(at(200), Event::Frame(Arrived::Answered(None)));
    assert_eq!(machine.deadline(), Some(at(10_200)));

    // Lost and found twice: fair. Once more, with a question that nobody answered: poor.
    let mut now = 3_000;
    let mut words = vec![];
    for _ in 0..4 {
        machine.on(at(now), closed(lost()));
        machine.on(at(now), Event::Connected { unverified: false });
        machine.on(at(now), Event::Frame(Arrived::Greeting));
        let told = machine.on(at(now), Event::Frame(Arrived::Pong(0)));
        let [Command::Report(Line::Up(health))] = &told[..] else {
            panic!("{told:?}")
        };
        let asks_after = machine.deadline().unwrap().since(at(now)).as_millis();
        words.push((health.quality, asks_after));
        now += 3_000;
    }
    let expected = [
        (Quality::Good, 10_000),
        (Quality::Fair, 5_000),
        (Quality::Poor, 2_500),
        (Quality::Poor, 2_500),
    ];
    assert_eq!(words, expected);
}

#[test]
fn a_question_without_an_answer_is_told_when_the_next_goes_out() {
    let mut machine = up_at(0, settings());
    machine.on(at(10_000), Event::Tick);
    machine.on(at(14_000), Event::Frame(Arrived::Other));
    assert_eq!(
        machine.on(at(24_000), Event::Tick),
        [
            Command::Report(Line::Up(Health::default())),
            Command::Ping(2)
        ]
    );
}

#[test]
fn a_line_that_brought_an_answer_has_worked_however_short_its_life_was() {
    for (answered, code, rests) in [
        (Some(TurnId(7)), Some(1000), true),
        (Some(TurnId(7)), None, true),
        (Some(TurnId(8)), Some(1000), false),
        (None, Some(1000), false),
    ] {
        let mut machine = up_at(0, settings());
        machine.on(at(100), Event::Asked(TurnId(7)));
        if answered.is_some() {
            machine.on(at(500), Event::Frame(Arrived::Answered(answered)));
        }
        let reason = String::new();
        let cause = Cause::ClosedByPeer { code, reason };
        let told = machine.on(at(600), closed(cause.clone()));
        let rested = told == [Command::Report(Line::Resting { cause })];
        assert_eq!(rested, rests, "{answered:?}: {told:?}");
        // The next life has to show itself that it works.
        machine.on(at(700), Event::Dial);
        machine.on(at(700), Event::Connected { unverified: false });
        machine.on(at(700), Event::Frame(Arrived::Greeting));
        let reason = String::new();
        let cause = Cause::ClosedByPeer { code, reason };
        let told = machine.on(at(800), closed(cause.clone()));
        assert_eq!(told, [Command::Report(Line::Refused { cause })]);
    }
}

#[test]
fn a_long_sleep_is_followed_by_one_beat_not_by_a_burst() {
    let mut machine = up_at(0, settings());
    let woken = at(3_600_000);
    assert_eq!(
        machine.on(woken, Event::Tick),
        [Command::Beat, Command::Ping(1)]
    );
    assert_eq!(machine.on(woken, Event::Tick), []);
}

#[test]
fn a_slow_line_gets_more_patience_but_not_without_end() {
    let mut machine = Machine::new(settings());
    machine.on(at(0), Event::Dial);
    machine.on(at(0), Event::Connected { unverified: false });
    machine.on(at(0), Event::Frame(Arrived::Greeting));
    machine.on(at(3_000), Event::Frame(Arrived::Pong(0)));
    assert_eq!(machine.on(at(13_000), Event::Tick), [Command::Ping(1)]);
    assert_eq!(machine.deadline(), Some(at(25_000)), "four times 3 s");
    machine.on(at(14_000), Event::Frame(Arrived::Other));
    machine.on(at(600_000), Event::Frame(Arrived::Pong(1)));
    machine.on(at(610_000), Event::Tick);
    let patience = machine.deadline().map(|end| end.since(at(610_000)));
    assert_eq!(patience, Some(Duration::from_secs(20)));
}

#[test]
fn the_round_trip_is_told_at_most_once_a_second() {
    let mut machine = up_at(
        0,
        LinkSettings {
            ping_after: Duration::from_millis(100),
            ..settings()
        },
    );
    let mut reports = 0;
    for ms in 1..=10_000 {
        for command in machine.on(at(ms), Event::Tick) {
            if let Command::Ping(number) = command {
                let answer = machine.on(at(ms), Event::Frame(Arrived::Pong(number)));
                reports += answer.len();
            }
        }
    }
    assert!((9..=10).contains(&reports), "{reports}");
}

#[test]
fn hanging_up_is_final_whatever_the_line_was_doing() {
    let up = || up_at(0, settings());
    let mut dialing = Machine::new(settings());
    dialing.on(at(0), Event::Dial);
    let mut greeting = dialing.clone();
    greeting.on(at(0), Event::Connected { unverified: false });
    let mut waiting = up();
    waiting.on(at(100), closed(lost()));
    assert_eq!(
        waiting.state,
        State::Waiting {
            until: waiting.deadline().unwrap(),
            knocking: false,
        }
    );
    let told = || Command::Report(Line::Closed);
    for (mut machine, expected) in [
        (Machine::new(settings()), vec![]),
        (dialing, vec![Command::Drop, told()]),
        (greeting, vec![Command::Close, told()]),
        (up(), vec![Command::Close, told()]),
        (waiting, vec![told()]),
    ] {
        assert_eq!(machine.on(at(500), Event::HangUp), expected);
        assert_eq!(machine.on(at(600), Event::HangUp), []);
        machine.on(at(700), closed(lost()));
        assert!(machine.on(at(99_000_000), Event::Tick).len() <= 1);
        assert!(machine.is_down());
    }
}

#[test]
fn a_peer_that_does_not_confirm_our_goodbye_is_left_after_two_seconds() {
    let mut machine = up_at(0, settings());
    machine.on(at(0), Event::HangUp);
    assert_eq!(machine.on(at(1_999), Event::Tick), []);
    assert_eq!(machine.on(at(2_000), Event::Tick), [Command::Drop]);
    assert_eq!(machine.deadline(), None);
}

#[test]
fn dialing_while_we_say_goodbye_lets_go_of_the_old_socket() {
    let mut machine = up_at(0, settings());
    machine.on(at(0), Event::HangUp);
    assert_eq!(
        machine.on(at(10), Event::Dial),
        [
            Command::Drop,
            Command::Connect,
            Command::Report(Line::Dialing { attempt: 1 }),
        ]
    );
    assert_eq!(machine.epoch(), Epoch(2));
}

/// Fails every dial at once and notes how long the machine waits each time, in whole seconds.
fn waits(machine: &mut Machine, mut now: Moment) -> (Vec<u64>, Vec<Command>) {
    let mut waits = vec![];
    loop {
        let why = "refused".to_owned();
        let cause = Cause::Unreachable { why };
        let commands = machine.on(now, Event::ConnectFailed { cause, wait: None });
        let Some(until) = machine.deadline() else {
            return (waits, commands);
        };
        if commands.contains(&Command::Connect) {
            waits.push(0);
            continue;
        }
        waits.push(until.since(now).as_secs());
        now = until;
        let commands = machine.on(now, Event::Tick);
        assert!(commands.contains(&Command::Connect));
        if waits.len() == 12 {
            return (waits, commands);
        }
    }
}

#[test]
fn the_first_retry_is_immediate_and_patience_doubles_until_we_give_up() {
    let mut machine = Machine::new(settings());
    machine.on(at(0), Event::Dial);
    let (waited, last) = waits(&mut machine, at(0));
    assert_eq!(waited, [0, 1, 2, 4]);
    let cause = Cause::Unreachable {
        why: "refused".into(),
    };
    let attempts = 5;
    assert_eq!(last, [Command::Report(Line::GivenUp { attempts, cause })]);

    let endless = LinkSettings {
        attempts: 0,
        ..settings()
    };
    let mut machine = Machine::new(endless);
    machine.on(at(0), Event::Dial);
    let (waited, _) = waits(&mut machine, at(0));
    assert_eq!(&waited[..4], [0, 1, 2, 4]);
    assert!(waited[8..].iter().all(|wait| (60..=66).contains(wait)));
}

/// Fails every dial until one at `back` or later, and gives when each was made.
fn knocks(machine: &mut Machine, mut now: Moment, back: Moment) -> Vec<Moment> {
    let mut dialed = vec![];
    loop {
        dialed.push(now);
        if now >= back {
            return dialed;
        }
        let cause = Cause::Unreachable {
            why: "refused".into(),
        };
        let commands = machine.on(now, Event::ConnectFailed { cause, wait: None });
        if commands.contains(&Command::Connect) {
            continue;
        }
        now = machine.deadline().expect("it goes on");
        assert!(machine.on(now, Event::Tick).contains(&Command::Connect));
    }
}

#[test]
fn a_backend_that_returns_within_two_seconds_is_found_within_a_quarter_of_one() {
    for ms in (0..2_000).step_by(37) {
        let mut machine = up_at(0, settings());
        let broke = at(10_000);
        assert!(
            machine
                .on(broke, closed(lost()))
                .contains(&Command::Connect)
        );
        let back = at(10_000 + ms);
        let dialed = knocks(&mut machine, broke, back);
        let found = dialed.last().unwrap().since(back);
        assert!(
            found <= Duration::from_millis(170),
            "back after {ms}: {found:?}"
        );
        // To the user it is the first attempt all the time.
        assert_eq!(machine.tries.dials, 1);
    }
}

#[test]
fn a_backend_that_stays_away_gets_the_doubling_patience_all_the_same() {
    let endless = LinkSettings {
        attempts: 0,
        ..settings()
    };
    let mut machine = up_at(0, endless);
    let broke = at(10_000);
    machine.on(broke, closed(lost()));
    let dialed = knocks(&mut machine, broke, at(300_000));
    let gaps: Vec<u64> = dialed
        .windows(2)
        .map(|pair| pair[1].since(pair[0]).as_secs())
        .filter(|gap| *gap > 0)
        .collect();
    assert_eq!(&gaps[..5], [1, 2, 4, 8, 16]);
    assert!(gaps[6..].iter().all(|gap| (60..=66).contains(gap)));
    assert!(dialed.len() < 30, "{} dials", dialed.len());

    // And with a limit, five attempts are five attempts.
    let mut machine = up_at(0, settings());
    machine.on(broke, closed(lost()));
    let mut now = broke;
    let given_up = loop {
        let cause = lost();
        let commands = machine.on(now, Event::ConnectFailed { cause, wait: None });
        let Some(until) = machine.deadline() else {
            break commands;
        };
        now = until;
        machine.on(now, Event::Tick);
    };
    let (attempts, cause) = (5, lost());
    assert_eq!(
        given_up,
        [Command::Report(Line::GivenUp { attempts, cause })]
    );
    let waited = now.since(broke).as_secs();
    assert!(
        (17..=19).contains(&waited),
        "2 + 1 + 2 + 4 + 8 and jitter: {waited}"
    );
}

#[test]
fn an_idle_line_that_is_put_away_rests_until_the_user_acts() {
    let idle = || Cause::ClosedByPeer {
        code: Some(1000),
        reason: "idle".into(),
    };
    let mut machine = up_at(0, settings());
    machine.on(at(1_000), Event::Asked(TurnId(7)));
    machine.on(at(3_000), Event::Frame(Arrived::Answered(None)));
    let resting = Command::Report(Line::Resting { cause: idle() });
    assert_eq!(machine.on(at(300_000), closed(idle())), [resting]);
    assert_eq!(machine.deadline(), None, "nothing wakes it");
    let dialing = [
        Command::Connect,
        Command::Report(Line::Dialing { attempt: 1 }),
    ];
    assert_eq!(machine.on(at(900_000), Event::Dial), dialing);

    // In the middle of an answer the same goodbye is a loss.
    let mut machine = up_at(0, settings());
    machine.on(at(1_000), Event::Asked(TurnId(7)));
    machine.on(at(3_000), closed(idle()));
    assert!(machine.deadline().is_some());

    // So it is after the end of an older answer.
    let mut machine = up_at(0, settings());
    machine.on(at(1_000), Event::Asked(TurnId(7)));
    machine.on(at(1_000), Event::Asked(TurnId(8)));
    machine.on(at(2_000), Event::Frame(Arrived::Answered(Some(TurnId(7)))));
    machine.on(at(3_000), closed(idle()));
    assert!(machine.deadline().is_some());
}

#[test]
fn the_user_may_always_try_again_at_once() {
    let mut machine = Machine::new(settings());
    machine.on(at(0), Event::Dial);
    waits(&mut machine, at(0));
    assert!(machine.is_down());
    let dialing = [
        Command::Connect,
        Command::Report(Line::Dialing { attempt: 1 }),
    ];
    assert_eq!(machine.on(at(20_000), Event::Dial), dialing);

    let mut waiting = up_at(0, settings());
    waiting.on(at(100), closed(lost()));
    assert_eq!(waiting.on(at(200), Event::Dial), dialing);
}

#[test]
fn when_the_network_changes_what_waits_is_tried_and_what_is_up_is_probed() {
    let dialing = |attempt| {
        let dialing = Command::Report(Line::Dialing { attempt });
        [Command::Connect, dialing]
    };
    let nobody = || Event::ConnectFailed {
        cause: Cause::Unreachable { why: "no".into() },
        wait: None,
    };
    // Given up.
    let mut machine = Machine::new(settings());
    machine.on(at(0), Event::Dial);
    waits(&mut machine, at(0));
    assert!(machine.is_down());
    assert_eq!(machine.on(at(60_000), Event::Nudged), dialing(1));
    // Nobody there, yet; the next change comes a millisecond later, and is not forgotten.
    machine.on(at(60_000), nobody());
    machine.on(at(60_000), nobody());
    assert_eq!(machine.on(at(60_001), Event::Nudged), []);
    assert_eq!(machine.deadline(), Some(at(60_040)));
    machine.on(at(60_040), Event::Tick);
    // An attempt that began on another network.
    assert_eq!(machine.on(at(60_200), Event::Nudged), []);
    let anew = [Command::Drop, Command::Connect];
    assert_eq!(machine.on(at(61_100), Event::Nudged), anew);
    machine.on(at(61_110), Event::Connected { unverified: false });
    assert_eq!(machine.on(at(61_120), Event::Nudged), []);
    machine.on(at(61_130), Event::Frame(Arrived::Greeting));
    machine.on(at(61_150), Event::Frame(Arrived::Pong(0)));
    // Up: asked, once, and given a second.
    assert_eq!(machine.on(at(65_000), Event::Nudged), [Command::Ping(1)]);
    assert_eq!(machine.on(at(65_900), Event::Nudged), []);
    assert_eq!(machine.deadline(), Some(at(66_000)));
    let commands = machine.on(at(66_000), Event::Tick);
    assert!(commands.contains(&Command::Connect), "{commands:?}");
}

#[test]
fn a_change_of_the_network_dials_no_line_that_is_not_wanted() {
    let refused = || Event::ConnectFailed {
        cause: Cause::Unusable { why: "no".into() },
        wait: None,
    };
    let mut machine = Machine::new(settings());
    assert_eq!(machine.on(at(0), Event::Nudged), []);
    machine.on(at(1), Event::Dial);
    machine.on(at(2), refused());
    assert_eq!(machine.on(at(3), Event::Nudged), []);
    machine.on(at(4), Event::Dial);
    waits(&mut machine, at(4));
    machine.on(at(60_000), Event::HangUp);
    assert_eq!(machine.on(at(60_001), Event::Nudged), []);
    // A backend that asked for time gets it on any network.
    machine.on(at(60_002), Event::Dial);
    let busy = Event::ConnectFailed {
        cause: Cause::Denied {
            status: Some(503),
            reason: String::new(),
        },
        wait: Some(Duration::from_mins(2)),
    };
    machine.on(at(60_003), busy);
    assert_eq!(machine.on(at(60_004), Event::Nudged), []);
    assert_eq!(machine.deadline(), Some(at(180_003)));
}

#[test]
fn a_no_is_not_asked_about_again() {
    for (cause, wait) in [
        (
            Cause::Denied {
                status: Some(401),
                reason: "Unauthorized".into(),
            },
            None,
        ),
        (
            Cause::NotABackend { why: "HTML".into() },
            Some(Duration::from_secs(1)),
        ),
    ] {
        let mut machine = Machine::new(settings());
        machine.on(at(0), Event::Dial);
        let failed = Event::ConnectFailed {
            cause: cause.clone(),
            wait,
        };
        assert_eq!(
            machine.on(at(1), failed),
            [Command::Report(Line::Refused { cause })]
        );
        assert!(machine.is_down());
    }
}

#[test]
fn a_backend_that_asks_for_time_gets_it_within_reason() {
    for (asked, given) in [(7, 7), (1_000_000, 3_600), (0, 1)] {
        let mut machine = Machine::new(settings());
        machine.on(at(0), Event::Dial);
        let cause = Cause::Denied {
            status: Some(503),
            reason: String::new(),
        };
        let wait = Some(Duration::from_secs(asked));
        machine.on(at(0), Event::ConnectFailed { cause, wait });
        assert_eq!(machine.deadline().unwrap().0.as_secs(), given);
    }
}

#[test]
fn with_reconnecting_switched_off_a_loss_is_told_and_left() {
    let off = LinkSettings {
        reconnect: false,
        ..settings()
    };
    let mut machine = up_at(0, off);
    let cause = lost();
    assert_eq!(
        machine.on(at(50_000), closed(lost())),
        [Command::Report(Line::GivenUp { attempts: 0, cause })]
    );
}

#[test]
fn a_greeting_resets_the_count_but_a_flapping_line_is_dialed_once_a_second() {
    let mut machine = up_at(0, settings());
    let mut now = at(10);
    for _ in 0..100 {
        machine.on(now, closed(lost()));
        let until = machine.deadline().expect("it waits");
        assert!((1_000..=1_100).contains(&until.since(now).as_millis()));
        now = until;
        machine.on(now, Event::Tick);
        machine.on(now, Event::Connected { unverified: false });
        machine.on(now, Event::Frame(Arrived::Greeting));
        assert!(machine.is_up());
    }
}

#[test]
fn an_idle_embedded_line_acts_once_per_heartbeat() {
    let mut machine = up_at(0, settings().embedded());
    let mut now = at(0);
    for _ in 0..100 {
        now = machine.deadline().unwrap();
        assert_eq!(machine.on(now, Event::Tick), [Command::Beat]);
        assert_eq!(machine.on(now, Event::Frame(Arrived::Other)), []);
    }
    assert_eq!(now, at(100 * 30_000));
}

fn any_event() -> impl Strategy<Value = Event> {
    let why = String::new;
    let causes = vec![
        Cause::Unreachable { why: why() },
        Cause::Lost { why: why() },
        Cause::NotABackend { why: why() },
        Cause::Garbled { why: why() },
        Cause::ClosedByPeer {
            code: Some(1012),
            reason: why(),
        },
        Cause::ClosedByPeer {
            code: Some(1008),
            reason: why(),
        },
    ];
    let cause = prop::sample::select(causes);
    prop_oneof![
        1 => Just(Event::Dial),
        1 => Just(Event::HangUp),
        1 => (0_u64..400_000).prop_map(|ms| Event::Patience(at(ms))),
        1 => Just(Event::Opening),
        3 => Just(Event::Connected { unverified: false }),
        3 => Just(Event::Frame(Arrived::Greeting)),
        2 => Just(Event::Frame(Arrived::Other)),
        1 => Just(Event::Frame(Arrived::Answered(None))),
        1 => (0_u64..4).prop_map(|n| Event::Frame(Arrived::Pong(n))),
        3 => cause.clone().prop_map(|cause| Event::Closed { cause }),
        1 => (cause, prop::option::of(0_u64..10_000)).prop_map(|(cause, s)| Event::ConnectFailed {
            cause,
            wait: s.map(Duration::from_secs),
        }),
        1 => Just(Event::Asked(TurnId(1))),
        2 => Just(Event::Nudged),
        1 => any::<bool>().prop_map(Event::Hurry),
        1 => (0_usize..2_000, 0_usize..1_000_000).prop_map(|(read, written)| {
            let drained = written / 2;
            Event::Moved(Moved { read, written, drained })
        }),
        4 => Just(Event::Tick),
    ]
}

proptest! {
    #[test]
    fn in_no_life_is_a_rule_broken(
        events in prop::collection::vec((any_event(), 0_u64..20_000), 0..200),
        attempts in 0_u32..4,
        seed: u64,
    ) {
        let mut machine = Machine::new(LinkSettings { attempts, seed, ..settings() });
        let mut now = at(0);
        // What a driver would have: a dial or a socket under way, and a greeting on it.
        let (mut socket, mut connected, mut greeted, mut wanted) = (false, false, false, false);
        for (event, later) in events {
            now = now + Duration::from_millis(later);
            match &event {
                Event::Dial => wanted = true,
                Event::HangUp => wanted = false,
                Event::Connected { .. } | Event::ConnectFailed { .. } if !socket || connected => continue,
                Event::Frame(_) | Event::Closed { .. } if !connected => continue,
                Event::Connected { .. } => connected = true,
                Event::Frame(Arrived::Greeting) => greeted = true,
                Event::Closed { .. } | Event::ConnectFailed { .. } => {
                    (socket, connected, greeted) = (false, false, false);
                }
                Event::Frame(_)
                | Event::Asked(_)
                | Event::Moved(_)
                | Event::Hurry(_)
                | Event::Patience(_)
                | Event::Opening
                | Event::Nudged
                | Event::Tick => {}
            }
            let epoch = machine.epoch();
            let commands = machine.on(now, event.clone());
            let mut dials = 0;
            for command in &commands {
                match command {
                    Command::Connect => {
                        prop_assert!(!socket, "two sockets at once after {event:?}");
                        prop_assert!(wanted, "dialed although nobody wants it");
                        dials += 1;
                        (socket, connected, greeted) = (true, false, false);
                    }
                    Command::Drop => (socket, connected, greeted) = (false, false, false),
                    Command::Close | Command::Ping(_) | Command::Beat => prop_assert!(connected),
                    Command::Report(Line::Up(_)) => prop_assert!(greeted, "up, not greeted"),
                    Command::Report(_) => {}
                }
            }
            prop_assert_eq!(machine.epoch().0, epoch.0 + dials, "one epoch for every dial");
            prop_assert!(!machine.is_up() || greeted);
            prop_assert!(!machine.is_down() || !socket, "a socket nobody watches");
            if event == Event::Tick {
                prop_assert!(machine.deadline().is_none_or(|end| end > now), "a deadline is left");
            }
        }
    }
}
