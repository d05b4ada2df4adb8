//! What becomes of a pull under everything that one hub can answer.

use super::house::{GRAPH, House, TOKENS, graph, hash, hub, tokens, troubles};
use super::support::hub::{Act, Hub, say, tag};
use hearsay::mind::BrainError;
use hearsay::mind::models::{self, Mask, State, Step, Trouble, Trust};
use std::time::Duration;

/// The ranges that were asked for of the graph.
fn ranges(hub: &Hub) -> Vec<Option<String>> {
    let asked = hub.asked().into_iter().filter(|asked| asked.path == GRAPH);
    asked.map(|asked| asked.range).collect()
}

/// Everything is here, right, and nothing else is.
fn assert_whole(house: &House) {
    assert_eq!(house.read("graph.onnx").unwrap(), graph());
    assert_eq!(house.read("tokens.txt").unwrap(), tokens());
    assert!(house.is_clean("graph.onnx") && house.is_clean("tokens.txt"));
    let receipt = house.shelf.receipt("tiny").unwrap();
    assert!(receipt.whole);
    assert_eq!(
        receipt.get("graph.onnx").unwrap().sha256,
        hash(&graph()),
        "the receipt tells what is here"
    );
    assert!(house.shelf.ready(house.entry()).is_some());
}

#[test]
fn a_model_comes_whole_and_says_that_nobody_vouches_for_it() {
    let (house, hub) = (House::new(), hub());
    assert_eq!(house.shelf.state(house.entry()), State::Absent);
    let receipt = house.pull(&[&hub.base()]).unwrap();
    assert_whole(&house);
    assert_eq!(receipt.revision, None);
    assert_eq!(receipt.source, format!("{}/test/tiny", hub.base()));
    let trusts: Vec<_> = receipt.files.iter().map(|kept| kept.trust).collect();
    assert_eq!(trusts, [Trust::FirstUse, Trust::FirstUse]);
    // What is here is not fetched again.
    assert_eq!(house.pull(&[&hub.base()]).unwrap(), receipt);
    assert_eq!(hub.asked().len(), 2);
}

#[test]
fn a_hub_that_tells_hashes_and_commits_is_held_to_them() {
    let (house, hub) = (House::new(), hub());
    let commit = "c0ffee77".repeat(5);
    let wanted = hash(&graph()).to_string();
    hub.tell(&commit, &[(GRAPH, &wanted)]);
    // The second file is asked for in the state of the first.
    let tokens_there = TOKENS.replace("main", &commit);
    hub.replace(&tokens_there, &tokens());
    let receipt = house.pull(&[&hub.base()]).unwrap();
    assert_whole(&house);
    assert_eq!(receipt.revision, Some(commit));
    let trusts: Vec<_> = receipt.files.iter().map(|kept| kept.trust).collect();
    assert_eq!(trusts, [Trust::Hub, Trust::FirstUse]);
    assert_eq!(hub.asked()[1].path, tokens_there);
}

#[test]
fn a_large_file_is_fetched_from_where_the_hub_keeps_it_without_the_token() {
    let house = House::new();
    let store = Hub::start(&[("blob", &graph())]);
    let hub = hub();
    hub.tell(&"a".repeat(40), &[(GRAPH, &hash(&graph()).to_string())]);
    hub.replace(&TOKENS.replace("main", &"a".repeat(40)), &tokens());
    hub.plan(GRAPH, [Act::Redirect(format!("{}/blob", store.base()))]);
    let settings = models::Hub {
        base: hub.base(),
        token: Some(hearsay::mind::Secret::new("canary")),
        ..models::Hub::default()
    };
    let receipt = house.pull_from(&settings, &mut |_step| {}).unwrap();
    assert_whole(&house);
    assert_eq!(receipt.files[0].trust, Trust::Hub);
    let token = Some("Bearer canary".to_owned());
    assert!(hub.asked().iter().all(|asked| asked.token == token));
    assert_eq!(store.asked()[0].token, None);
}

#[test]
fn a_cut_file_goes_on_where_it_was_cut_as_often_as_it_takes() {
    let (house, hub) = (House::new(), hub());
    // More cuts than tries: each got further.
    hub.plan(
        GRAPH,
        [50_000, 50_000, 50_000, 50_000, 50_000].map(Act::Cut),
    );
    house.pull(&[&hub.base()]).unwrap();
    assert_whole(&house);
    let from = |bytes: usize| Some(format!("bytes={bytes}-"));
    assert_eq!(
        ranges(&hub),
        [
            None,
            from(50_000),
            from(100_000),
            from(150_000),
            from(200_000),
            from(250_000)
        ]
    );
    let tags: Vec<_> = hub.asked().into_iter().map(|one| one.if_range).collect();
    assert_eq!(tags[1], Some(tag(&graph())));
}

#[test]
fn a_hub_that_cuts_at_the_same_place_for_ever_is_given_up() {
    let (house, hub) = (House::new(), hub());
    hub.plan(GRAPH, [1000, 0, 0, 0, 0].map(Act::Cut));
    let (got, of) = (1000, Some(graph().len() as u64));
    assert_eq!(
        troubles(house.pull(&[&hub.base()])),
        [Trouble::Cut { got, of }]
    );
    // The first got further than nothing, and then there were two in vain.
    assert_eq!(hub.asked().len(), 3);
    assert_eq!(
        house.shelf.state(house.entry()),
        State::Partial { bytes: 1000 }
    );
}

#[test]
fn the_rest_is_never_joined_to_something_else() {
    let other: Vec<u8> = graph().iter().map(|byte| byte ^ 0x55).collect();
    for act in [
        // All of it comes where the rest was wanted.
        Act::Whole,
        // The rest comes from elsewhere in the file.
        Act::Misplaced,
        // The rest is of another state of the file.
        Act::Retagged("\"other\""),
    ] {
        let (house, hub) = (House::new(), hub());
        hub.plan(GRAPH, [Act::Cut(70_000), act]);
        house.pull(&[&hub.base()]).unwrap();
        assert_whole(&house);
    }
    // The file changed between two pulls.
    let (house, hub) = (House::new(), hub());
    hub.plan(GRAPH, [Act::Cut(70_000)]);
    hub.plan(GRAPH, [0; 3].map(Act::Cut));
    troubles(house.pull(&[&hub.base()]));
    hub.replace(GRAPH, &other);
    house.pull(&[&hub.base()]).unwrap();
    assert_eq!(house.read("graph.onnx").unwrap(), other);
}

#[test]
fn what_nobody_can_tell_the_state_of_begins_anew() {
    let (house, hub) = (House::new(), hub());
    hub.forget_tags();
    hub.plan(GRAPH, [Act::Cut(70_000)]);
    house.pull(&[&hub.base()]).unwrap();
    assert_whole(&house);
    assert_eq!(ranges(&hub), [None, None]);
}

#[test]
fn a_file_that_came_whole_unnoticed_is_not_fetched_again() {
    let (house, hub) = (House::new(), hub());
    let place = house.shelf.place("tiny");
    std::fs::create_dir_all(&place).unwrap();
    std::fs::write(place.join("graph.onnx.part"), graph()).unwrap();
    let note = format!("validator: {}\n", tag(&graph()));
    std::fs::write(place.join("graph.onnx.part.from"), note).unwrap();
    house.pull(&[&hub.base()]).unwrap();
    assert_whole(&house);
    // The hub said that there is no rest, and how long the file is: HTTP 416.
    assert_eq!(ranges(&hub), [Some(format!("bytes={}-", graph().len()))]);

    // One that is longer than the file is of no use.
    let house = House::new();
    let place = house.shelf.place("tiny");
    std::fs::create_dir_all(&place).unwrap();
    std::fs::write(place.join("graph.onnx.part"), [graph(), graph()].concat()).unwrap();
    let note = format!("validator: {}\n", tag(&graph()));
    std::fs::write(place.join("graph.onnx.part.from"), note).unwrap();
    house.pull(&[&hub.base()]).unwrap();
    assert_whole(&house);
}

#[test]
fn what_is_not_the_model_is_never_kept_as_it() {
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n";
    let html = [("Content-Type", "text/html; charset=utf-8")];
    let plain = [("Content-Type", "application/octet-stream")];
    let packed = [("Content-Encoding", "gzip")];
    let odd = |why: &str| Trouble::Odd {
        why: why.to_owned(),
    };
    let table = [
        (
            say("200 OK", &html, "log in first"),
            Trouble::Masked(Mask::Page),
        ),
        (
            say("200 OK", &plain, "<!DOCTYPE html><p>log in first"),
            Trouble::Masked(Mask::Page),
        ),
        (
            say("200 OK", &plain, "{\"error\": \"no\"}"),
            Trouble::Masked(Mask::Message),
        ),
        (
            say("200 OK", &plain, pointer),
            Trouble::Masked(Mask::Pointer),
        ),
        (say("200 OK", &plain, ""), Trouble::Masked(Mask::Empty)),
        (
            say("200 OK", &packed, "abc"),
            odd("the answer is compressed, though that was not asked for"),
        ),
        (say("204 No Content", &[], ""), odd("HTTP 204")),
        (
            say("401 Unauthorized", &[], ""),
            Trouble::Denied { status: 401 },
        ),
        (
            say("403 Forbidden", &html, "<html>"),
            Trouble::Denied { status: 403 },
        ),
        (
            say("404 Not Found", &[], ""),
            Trouble::Missing { status: 404 },
        ),
        (
            say("302 Found", &[("Location", "ftp://x/y")], ""),
            odd("it sends us on to nowhere"),
        ),
        (say("302 Found", &[], ""), odd("it sends us on to nowhere")),
    ];
    for (act, trouble) in table {
        let (house, hub) = (House::new(), hub());
        hub.plan(GRAPH, [act.clone()]);
        assert_eq!(troubles(house.pull(&[&hub.base()])), [trouble], "{act:?}");
        assert_eq!(hub.asked().len(), 1, "it is not asked again: {act:?}");
        assert!(house.read("graph.onnx").is_none());
        assert!(house.is_clean("graph.onnx"), "nothing is left of it");
        assert_eq!(house.shelf.state(house.entry()), State::Absent);
    }
}

#[test]
fn what_may_pass_is_asked_again() {
    let soon = [("Retry-After", "0")];
    for act in [
        Act::HangUp,
        say("429 Too Many Requests", &soon, ""),
        say("429 Too Many Requests", &[], ""),
        say("503 Service Unavailable", &soon, ""),
        say("500 Internal Server Error", &[], ""),
        say("502 Bad Gateway", &[], "<html>"),
        say("504 Gateway Timeout", &[], ""),
    ] {
        let (house, hub) = (House::new(), hub());
        hub.plan(GRAPH, [act.clone(), act]);
        house.pull(&[&hub.base()]).unwrap();
        assert_whole(&house);
    }
    let (house, hub) = (House::new(), hub());
    let faulty = say("500 Internal Server Error", &[], "");
    hub.plan(GRAPH, [faulty.clone(), faulty.clone(), faulty]);
    let trouble = Trouble::Faulty { status: 500 };
    assert_eq!(troubles(house.pull(&[&hub.base()])), [trouble]);
}

#[test]
fn who_asks_to_be_left_alone_for_long_is_left_alone() {
    let (house, hub) = (House::new(), hub());
    let busy = say("429 Too Many Requests", &[("Retry-After", "3600")], "");
    hub.plan(GRAPH, [busy]);
    let done = house.pull(&[&hub.base()]);
    let told = done.as_ref().unwrap_err().to_string();
    assert!(told.contains("it asks to wait for 3600 s"), "{told}");
    let wait = Some(Duration::from_hours(1));
    assert_eq!(troubles(done), [Trouble::Busy { status: 429, wait }]);
    assert_eq!(hub.asked().len(), 1);
}

#[test]
fn nobody_is_followed_for_ever() {
    let (house, hub) = (House::new(), hub());
    let round = || Act::Redirect(format!("/{GRAPH}"));
    hub.plan(GRAPH, (0..50).map(|_| round()));
    assert_eq!(troubles(house.pull(&[&hub.base()])), [Trouble::Loop]);
    assert_eq!(hub.asked().len(), 11);
}

#[test]
fn silence_and_next_to_silence_end() {
    for act in [Act::Hold(1000), Act::Drip] {
        let (mut house, hub) = (House::new(), hub());
        house.limits.stall = Duration::from_millis(150);
        house.limits.tries = 1;
        hub.plan(GRAPH, [act]);
        let waited = house.limits.stall;
        assert_eq!(
            troubles(house.pull(&[&hub.base()])),
            [Trouble::Stalled { waited }]
        );
        // What came is kept, and the next pull goes on.
        house.limits.stall = Duration::from_mins(1);
        house.pull(&[&hub.base()]).unwrap();
        assert_whole(&house);
        assert!(ranges(&hub)[1].is_some());
    }
}

#[test]
fn wrong_bytes_are_thrown_away_where_somebody_vouches() {
    let (house, hub) = (House::new(), hub());
    hub.tell(&"b".repeat(40), &[(GRAPH, &hash(&graph()).to_string())]);
    hub.replace(&TOKENS.replace("main", &"b".repeat(40)), &tokens());
    hub.plan(GRAPH, [Act::Wrong]);
    let mut changed = graph();
    let middle = changed.len() / 2;
    changed[middle] ^= 1;
    assert_eq!(
        troubles(house.pull(&[&hub.base()])),
        [Trouble::Hash {
            expected: hash(&graph()),
            got: hash(&changed),
            trust: Trust::Hub,
            stale: false
        }]
    );
    assert!(house.read("graph.onnx").is_none());
    house.pull(&[&hub.base()]).unwrap();
    assert_whole(&house);
}

#[test]
fn a_hub_that_gives_more_than_was_agreed_is_cut_off() {
    let mut house = House::new();
    let list = super::house::LIST.replace(
        "{ path = \"onnx/graph.onnx\" }",
        "{ path = \"onnx/graph.onnx\", size = 300002 }",
    );
    house.catalogue = models::Catalogue::with(&list).unwrap();
    let hub = hub();
    let long = [graph(), vec![7; 10]].concat();
    let size = graph().len() as u64;
    hub.plan(GRAPH, [say("200 OK", &[], &long)]);
    let told = size + 10;
    assert_eq!(
        troubles(house.pull(&[&hub.base()])),
        [Trouble::Length { size, told }]
    );
    // One that does not say how much it gives is cut off at the first byte too many.
    let mut endless = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n".to_vec();
    endless.extend(&long);
    hub.plan(GRAPH, [Act::Say(endless)]);
    assert!(matches!(
        troubles(house.pull(&[&hub.base()]))[..],
        [Trouble::Length { size: found, .. }] if found == size
    ));
    house.pull(&[&hub.base()]).unwrap();
    assert_whole(&house);
}

#[test]
fn a_hub_that_is_not_there_is_told_apart() {
    let house = House::new();
    let gone = {
        let hub = hub();
        hub.base()
    };
    let settings = models::Hub {
        base: gone.clone(),
        ..models::Hub::default()
    };
    let mut again = 0;
    let done = house.pull_from(&settings, &mut |step| {
        again += usize::from(matches!(step, Step::Again { .. }));
    });
    assert!(done.as_ref().unwrap_err().is_no_connection());
    let nobody = Trouble::Line(BrainError::NobodyThere { base: gone });
    assert_eq!(troubles(done), [nobody]);
    // Whoever never was there is not waited for.
    assert_eq!(again, 1);
}

#[test]
fn a_hub_that_goes_is_waited_for_longer_than_one_that_never_was_there() {
    let house = House::new();
    let mut hub = Some(hub());
    let settings = models::Hub {
        base: hub.as_ref().unwrap().base(),
        ..models::Hub::default()
    };
    let mut again = 0;
    let done = house.pull_from(&settings, &mut |step| match step {
        Step::Kept { .. } => hub = None,
        Step::Again { .. } => again += 1,
        _ => {}
    });
    assert!(done.unwrap_err().is_no_connection());
    assert_eq!(again, house.limits.tries - 1);
}
