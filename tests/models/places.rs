//! Mirrors, being offline, what was trusted before, other programs, and disks.

use super::house::{GRAPH, House, LIST, TOKENS, graph, hash, hub, tokens, troubles};
use super::support::disk::Mounted;
use super::support::hub::{Act, Hub, say};
use hearsay::mind::models::{self, Catalogue, ModelsError, Shelf, State, Step, Trouble, Trust};
use std::fs;

#[test]
fn a_mirror_goes_on_where_the_hub_stopped_if_its_hash_is_known() {
    let house = House::new();
    let (first, second) = (hub(), hub());
    let wanted = hash(&graph()).to_string();
    for hub in [&first, &second] {
        hub.tell(&"d".repeat(40), &[(GRAPH, &wanted)]);
        hub.replace(&TOKENS.replace("main", &"d".repeat(40)), &tokens());
    }
    first.plan(GRAPH, [Act::Cut(90_000), say("403 Forbidden", &[], "")]);
    let receipt = house.pull(&[&first.base(), &second.base()]).unwrap();
    assert!(receipt.whole);
    assert_eq!(house.read("graph.onnx").unwrap(), graph());
    assert_eq!(
        second.asked()[0].range.as_deref(),
        Some("bytes=90000-"),
        "what came is not fetched twice"
    );
}

#[test]
fn each_mirror_is_asked_once_the_one_before_it_gave_up_and_all_are_told() {
    let house = House::new();
    let (first, second, third) = (Hub::start(&[]), hub(), hub());
    second.plan(GRAPH, [say("200 OK", &[], "<html>a portal")]);
    let mut elsewhere = vec![];
    let settings = models::Hub {
        base: first.base(),
        mirrors: vec![second.base(), third.base()],
        ..models::Hub::default()
    };
    let done = house.pull_from(&settings, &mut |step| {
        if let Step::Elsewhere { why, .. } = step {
            elsewhere.push(why.clone());
        }
    });
    assert!(done.unwrap().whole);
    assert_eq!(
        elsewhere[..2],
        [
            Trouble::Missing { status: 404 },
            Trouble::Masked(models::Mask::Page)
        ]
    );

    let house = House::new();
    let done = house.pull(&[&first.base(), &format!("{}/x", first.base())]);
    let error = done.as_ref().unwrap_err();
    let told = error.to_string();
    let url = format!("{}/{GRAPH}", first.base());
    let other = format!("{}/x/{GRAPH}", first.base());
    assert_eq!(
        told,
        format!(
            "`graph.onnx` of `tiny` was not fetched; {url}: it is not there (HTTP 404); \
             {other}: it is not there (HTTP 404)"
        )
    );
    let place = house.shelf.place("tiny").display().to_string();
    assert_eq!(
        error.hint(hearsay::core::words::Lang::En).unwrap(),
        format!(
            "run `hearsay models pull tiny` to try again; or fetch the file by other means and run \
             `hearsay models import FILE --as tiny`, which puts it into `{place}`"
        )
    );
    assert_eq!(troubles(done).len(), 2);
}

#[test]
fn offline_nothing_is_asked_and_what_is_missing_is_told() {
    let (house, hub) = (House::new(), hub());
    let settings = models::Hub {
        base: hub.base(),
        offline: true,
        ..models::Hub::default()
    };
    let error = house.pull_from(&settings, &mut |_| {}).unwrap_err();
    let told = error.to_string();
    assert!(
        told.contains(&format!("`graph.onnx` from {}/{GRAPH}", hub.base())),
        "{told}"
    );
    let hint = error.hint(hearsay::core::words::Lang::En).unwrap();
    assert!(
        hint.contains("`hearsay models import FOLDER --as tiny`"),
        "{hint}"
    );
    // Files that somebody put there are found, without asking anybody.
    let place = house.shelf.place("tiny");
    fs::write(place.join("graph.onnx"), graph()).unwrap();
    fs::write(place.join("tokens.txt"), tokens()).unwrap();
    let receipt = house.pull_from(&settings, &mut |_| {}).unwrap();
    assert!(receipt.whole);
    assert_eq!(receipt.files[0].trust, Trust::FirstUse);
    assert!(hub.asked().is_empty());
}

#[test]
fn a_damaged_file_is_mended_by_the_one_that_was_trusted_and_by_no_other() {
    let (house, hub) = (House::new(), hub());
    let receipt = house.pull(&[&hub.base()]).unwrap();
    let mut damaged = graph();
    damaged[1000] ^= 1;
    fs::write(house.path("graph.onnx"), &damaged).unwrap();
    // By its length it looks right; by its bytes it is not.
    assert!(house.shelf.ready(house.entry()).is_some());
    let findings = house.shelf.verify("tiny", &mut |_| {}).unwrap();
    let verdicts: Vec<_> = findings.iter().map(|one| &one.verdict).collect();
    assert_eq!(
        verdicts,
        [
            &models::Verdict::Corrupt {
                expected: hash(&graph()),
                got: hash(&damaged)
            },
            &models::Verdict::Good(Trust::FirstUse)
        ]
    );
    assert_eq!(house.pull(&[&hub.base()]).unwrap(), receipt);
    assert_eq!(house.read("graph.onnx").unwrap(), graph());

    // The hub has another file by now.
    let mut other = graph();
    other[5] ^= 1;
    hub.replace(GRAPH, &other);
    fs::remove_file(house.path("graph.onnx")).unwrap();
    assert_eq!(
        house.shelf.state(house.entry()),
        State::Damaged {
            files: vec!["graph.onnx".to_owned()]
        }
    );
    let done = house.pull(&[&hub.base()]);
    let hint = done
        .as_ref()
        .unwrap_err()
        .hint(hearsay::core::words::Lang::En)
        .unwrap();
    assert!(hint.contains("`hearsay models rm`"), "{hint}");
    assert_eq!(
        troubles(done),
        [Trouble::Hash {
            expected: hash(&graph()),
            got: hash(&other),
            trust: Trust::FirstUse,
            stale: false
        }]
    );
    // Whoever trusts it starts over.
    house.shelf.remove("tiny").unwrap();
    assert_eq!(house.shelf.state(house.entry()), State::Absent);
    assert!(house.pull(&[&hub.base()]).unwrap().whole);
}

#[test]
fn a_published_hash_wins_over_everybody() {
    let mut house = House::new();
    let mut other = graph();
    other[5] ^= 1;
    let pinned = format!("sha256 = \"{}\"", hash(&graph()));
    let list = LIST.replace(
        "{ path = \"onnx/graph.onnx\" }",
        &format!("{{ path = \"onnx/graph.onnx\", {pinned} }}"),
    );
    house.catalogue = Catalogue::with(&list).unwrap();
    let (liar, honest) = (hub(), hub());
    liar.replace(GRAPH, &other);
    let receipt = house.pull(&[&liar.base(), &honest.base()]).unwrap();
    assert_eq!(house.read("graph.onnx").unwrap(), graph());
    assert_eq!(receipt.files[0].trust, Trust::Catalogue);
    // One that tells beforehand that it has another file is not even listened to.
    let house = House {
        catalogue: Catalogue::with(&list).unwrap(),
        ..House::new()
    };
    liar.tell(&"e".repeat(40), &[(GRAPH, &hash(&other).to_string())]);
    let done = troubles(house.pull(&[&liar.base()]));
    assert!(matches!(
        done[..],
        [Trouble::Hash {
            trust: Trust::Catalogue,
            ..
        }]
    ));
}

#[test]
fn a_second_program_waits_and_then_has_nothing_to_do() {
    let (house, hub) = (House::new(), hub());
    // The first one holds what both want until the second one says that it waits.
    let (waits, waited) = std::sync::mpsc::channel();
    let shelf = house.shelf.clone();
    let base = hub.base();
    std::thread::scope(|scope| {
        let (began, begun) = std::sync::mpsc::channel();
        let first = {
            let (house, base) = (&house, base.clone());
            scope.spawn(move || {
                let settings = models::Hub {
                    base,
                    ..models::Hub::default()
                };
                let mut held = false;
                house.pull_from(&settings, &mut |step| {
                    if matches!(step, Step::Bytes { .. }) && !held {
                        held = true;
                        began.send(()).unwrap();
                        waited.recv().unwrap();
                    }
                })
            })
        };
        begun.recv().unwrap();
        let other = House {
            shelf,
            ..House::new()
        };
        let settings = models::Hub {
            base,
            ..models::Hub::default()
        };
        let second = other.pull_from(&settings, &mut |step| {
            if step == Step::Waiting {
                waits.send(()).unwrap();
            }
        });
        assert_eq!(first.join().unwrap().unwrap(), second.unwrap());
    });
    assert_eq!(hub.asked().len(), 2, "each file was fetched once");
    // And nobody removes what another one is bringing.
    let _held = models_lock(&house.shelf);
    let error = house.shelf.remove("tiny").unwrap_err();
    assert!(matches!(error, ModelsError::Busy { .. }));
}

/// Holds a model as another program would.
fn models_lock(shelf: &Shelf) -> fs::File {
    let path = shelf.folder().join("tiny.lock");
    let file = fs::OpenOptions::new().write(true).open(path).unwrap();
    file.lock().unwrap();
    file
}

#[test]
fn a_disk_without_room_is_told_before_and_a_full_one_keeps_what_came() {
    let mut house = House::new();
    let place = house.folder.path().join("data");
    let Some(_mounted) = Mounted::new(place.clone(), "size=512k") else {
        return;
    };
    house.shelf = Shelf::new(&place);
    let hub = hub();
    // The list says that the model weighs a megabyte.
    let error = house.pull(&[&hub.base()]).unwrap_err();
    assert!(
        matches!(
            error,
            ModelsError::Space {
                needed: 1_000_000,
                ..
            }
        ),
        "{error:?}"
    );
    assert!(hub.asked().is_empty(), "nothing was fetched");
    // The list says nothing, and the hub tells how much there is to come.
    let list = LIST.replace("about_mb = 1\n", "");
    house.catalogue = Catalogue::with(&list).unwrap();
    let long = vec![8; 600_000];
    hub.replace(GRAPH, &long);
    let error = house.pull(&[&hub.base()]).unwrap_err();
    assert!(
        matches!(
            error,
            ModelsError::Space {
                needed: 600_000,
                ..
            }
        ),
        "{error:?}"
    );
    // Nobody says anything, and the disk is full in the middle.
    let mut endless = b"HTTP/1.1 200 OK\r\nConnection: close\r\nETag: \"a\"\r\n\r\n".to_vec();
    endless.extend(&long);
    hub.plan(GRAPH, [Act::Say(endless)]);
    let error = house.pull(&[&hub.base()]).unwrap_err();
    assert!(
        matches!(&error, ModelsError::Disk { source, .. }
            if source.kind() == std::io::ErrorKind::StorageFull),
        "{error:?}"
    );
    let State::Partial { bytes } = house.shelf.state(house.entry()) else {
        panic!("nothing was kept");
    };
    assert!(bytes > 300_000, "{bytes}");
}
