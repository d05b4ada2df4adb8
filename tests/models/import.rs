//! Models that come by other ways than a hub.

use super::house::{House, graph, hash, hub, tokens};
use hearsay::mind::models::{Imported, ModelsError, State, Trouble, Trust};
use std::fs;
use std::path::Path;
use std::process::Command;

fn import(house: &House, from: &Path, model: Option<&str>) -> Result<Imported, ModelsError> {
    house
        .shelf
        .import(from, model, &house.catalogue, &mut |_file| {})
}

fn whole() -> Imported {
    let files = ["graph.onnx", "tokens.txt"].map(str::to_owned);
    Imported {
        model: "tiny".to_owned(),
        taken: files.to_vec(),
        missing: vec![],
    }
}

/// A folder of the published form.
fn published(house: &House, name: &str) -> std::path::PathBuf {
    let folder = house.folder.path().join(name);
    fs::create_dir_all(folder.join("onnx")).unwrap();
    fs::write(folder.join("onnx/graph.onnx"), graph()).unwrap();
    fs::write(folder.join("tokens.txt"), tokens()).unwrap();
    fs::write(folder.join("README.md"), "of no use here").unwrap();
    folder
}

#[test]
fn a_folder_is_taken_over_as_it_was_published_or_as_it_is_here() {
    let house = House::new();
    let folder = published(&house, "somewhere");
    // Only one model has files of these names.
    assert_eq!(import(&house, &folder, None).unwrap(), whole());
    assert!(house.shelf.ready(house.entry()).is_some());
    let receipt = house.shelf.receipt("tiny").unwrap();
    assert_eq!(receipt.source, folder.display().to_string());
    assert_eq!(receipt.files[0].trust, Trust::FirstUse);

    let other = House::new();
    assert_eq!(
        import(&other, &house.shelf.place("tiny"), None).unwrap(),
        whole()
    );
    assert_eq!(other.read("graph.onnx").unwrap(), graph());
}

#[cfg(unix)]
#[test]
fn a_cache_of_links_is_taken_over() {
    let house = House::new();
    let blobs = house.folder.path().join("blobs");
    let snapshot = house.folder.path().join("snapshots/c0ffee/onnx");
    fs::create_dir_all(&blobs).unwrap();
    fs::create_dir_all(&snapshot).unwrap();
    for (blob, bytes, link) in [
        ("1", graph(), snapshot.join("graph.onnx")),
        ("2", tokens(), snapshot.join("../tokens.txt")),
    ] {
        fs::write(blobs.join(blob), bytes).unwrap();
        std::os::unix::fs::symlink(blobs.join(blob), link).unwrap();
    }
    assert_eq!(
        import(&house, house.folder.path(), Some("tiny")).unwrap(),
        whole()
    );
}

#[test]
fn an_archive_of_tar_is_taken_over_with_what_was_vouched_for() {
    let house = House::new();
    let hub = hub();
    hub.tell(
        &"f".repeat(40),
        &[(super::house::GRAPH, &hash(&graph()).to_string())],
    );
    hub.replace(
        &super::house::TOKENS.replace("main", &"f".repeat(40)),
        &tokens(),
    );
    house.pull(&[&hub.base()]).unwrap();
    let archive = house.folder.path().join("any.tar");
    let tar = Command::new("tar")
        .arg("-cf")
        .arg(&archive)
        .arg("-C")
        .arg(house.shelf.folder())
        .arg("tiny")
        .status();
    if !tar.is_ok_and(|status| status.success()) {
        println!("skipped: there is no `tar` here");
        return;
    }
    let other = House::new();
    assert_eq!(import(&other, &archive, None).unwrap(), whole());
    let receipt = other.shelf.receipt("tiny").unwrap();
    assert_eq!(receipt.files[0].trust, Trust::Hub);
    assert_eq!(receipt.revision, Some("f".repeat(40)));

    // A bit of the archive fell over on the way.
    let mut bytes = fs::read(&archive).unwrap();
    let part = &graph()[1000..1032];
    let at = bytes.windows(32).position(|found| found == part).unwrap();
    bytes[at] ^= 1;
    fs::write(&archive, bytes).unwrap();
    let third = House::new();
    let error = import(&third, &archive, None).unwrap_err();
    assert!(
        matches!(
            &error,
            ModelsError::Wrong {
                trouble: Trouble::Hash {
                    trust: Trust::Hub,
                    ..
                },
                ..
            }
        ),
        "{error:?}"
    );
    assert!(third.read("graph.onnx").is_none() && third.is_clean("graph.onnx"));

    // It was cut on the way.
    let bytes = fs::read(&archive).unwrap();
    fs::write(&archive, &bytes[..100_000]).unwrap();
    let error = import(&House::new(), &archive, Some("tiny")).unwrap_err();
    assert!(matches!(
        error,
        ModelsError::Wrong {
            trouble: Trouble::Cut { .. },
            ..
        }
    ));
}

#[test]
fn single_files_make_a_model_one_after_another() {
    let house = House::new();
    let folder = published(&house, "x");
    let graph_alone = folder.join("onnx/graph.onnx");
    let error = import(&house, &graph_alone, None).unwrap_err();
    assert!(matches!(error, ModelsError::Unnamed { .. }), "{error:?}");
    let imported = import(&house, &graph_alone, Some("tiny")).unwrap();
    assert_eq!(imported.missing, ["tokens.txt"]);
    assert!(matches!(
        house.shelf.state(house.entry()),
        State::Partial { .. }
    ));
    let imported = import(&house, &folder.join("tokens.txt"), Some("tiny")).unwrap();
    assert!(imported.missing.is_empty());
    assert!(house.shelf.ready(house.entry()).is_some());
}

#[test]
fn a_compressed_archive_is_unpacked_on_the_way() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("tiny");
    fs::create_dir_all(folder.join("onnx")).unwrap();
    fs::write(folder.join("onnx/graph.onnx"), graph()).unwrap();
    fs::write(folder.join("tokens.txt"), tokens()).unwrap();
    let run = |line: &str| {
        let mut command = Command::new("/bin/sh");
        let status = command.args(["-c", line]).current_dir(root.path()).status();
        status.is_ok_and(|status| status.success())
    };
    if !run("tar -cf m.tar tiny") {
        println!("skipped: there is no `tar` here");
        return;
    }
    for program in ["gzip", "bzip2", "xz", "zstd"] {
        if !run(&format!("{program} -c m.tar > m.tar.{program}")) {
            println!("skipped: there is no `{program}` here");
            continue;
        }
        let house = House::new();
        let archive = root.path().join(format!("m.tar.{program}"));
        assert_eq!(
            import(&house, &archive, None).unwrap(),
            whole(),
            "{program}"
        );
        assert!(house.shelf.ready(house.entry()).is_some());
        // What was unpacked on the way is gone.
        let left = fs::read_dir(house.shelf.folder()).unwrap().flatten();
        let left: Vec<_> = left.map(|entry| entry.file_name()).collect();
        assert!(
            left.iter()
                .all(|name| *name == "tiny" || *name == "tiny.lock"),
            "{left:?}"
        );

        let half = fs::read(&archive).unwrap();
        let torn = root.path().join(format!("torn.tar.{program}"));
        fs::write(&torn, &half[..half.len() / 2]).unwrap();
        let house = House::new();
        let error = import(&house, &torn, None).unwrap_err();
        assert!(
            matches!(&error, ModelsError::Archive { .. }),
            "{program}: {error:?}"
        );
        assert!(house.shelf.receipt("tiny").is_none());
    }
}

#[test]
fn what_cannot_be_taken_over_is_told() {
    let house = House::new();
    let root = house.folder.path();
    let of = |name: &str, bytes: &[u8]| {
        let path = root.join(name);
        fs::write(&path, bytes).unwrap();
        path
    };
    let told = |path: &Path, model| {
        let error = import(&house, path, model).unwrap_err();
        let text = error.to_string();
        text.replace(&root.display().to_string(), "ROOT")
    };
    assert_eq!(
        told(&of("m.zip", b"PK\x03\x04"), Some("tiny")),
        "`ROOT/m.zip` cannot be read as it is packed: zip"
    );
    let torn = told(&of("m.tar.gz", b"\x1f\x8b\x08"), Some("tiny"));
    let begins = "`ROOT/m.tar.gz` cannot be read as it is packed: gzip";
    assert!(torn.starts_with(begins), "{torn}");
    // Nothing is left of what was tried.
    let left = fs::read_dir(house.shelf.folder())
        .into_iter()
        .flatten()
        .count();
    assert_eq!(left, 0);
    assert_eq!(
        told(&of("other.onnx", b"\x08"), Some("tiny")),
        "`ROOT/other.onnx` holds no file of the model; wanted are `onnx/graph.onnx`, `tokens.txt`"
    );
    assert_eq!(
        told(&of("graph.onnx", b"<html>"), Some("tiny")),
        "`ROOT/graph.onnx` was not taken over: a web page came in the place of the file"
    );
    assert_eq!(
        told(&of("tokens.txt", b""), Some("tinny")),
        "no model is called `tinny`"
    );
    let gone = told(&root.join("gone"), Some("tiny"));
    assert!(gone.starts_with("`ROOT/gone`: No such file"), "{gone}");
    assert!(house.shelf.receipt("tiny").is_none());
}
