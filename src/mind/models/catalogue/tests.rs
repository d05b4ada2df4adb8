use super::*;
use crate::mind::models::Receipt;
use proptest::prelude::*;

/// A list of one model, with this in the place of its source.
fn list(source: &str) -> String {
    format!(
        "[[model]]\nid = \"m\"\ntask = \"ears\"\nlanguages = [\"en\"]\nlicence = \"MIT\"\n{source}"
    )
}

#[test]
fn the_models_of_the_program_can_be_asked_for_and_say_what_they_are() {
    let all = Catalogue::default();
    assert!(!all.all().is_empty());
    for entry in all.all() {
        assert!(entry.weight().is_some(), "{} has no weight", entry.id);
        assert!(!entry.licence.is_empty() && entry.licence_url.is_some());
        assert!(!entry.languages.is_empty() && !entry.files.is_empty());
        assert_eq!(all.get(&entry.id), Some(entry));
        // Whose hashes are known, of that the very revision is, and the length of every file.
        let known = |file: &File| file.sha256.is_some() && file.size.is_some();
        if entry.files.iter().any(|file| file.sha256.is_some()) {
            assert!(entry.files.iter().all(known), "{}", entry.id);
            assert!(
                matches!(&entry.source, Source::Hub { revision, .. } if revision.len() == 40),
                "{}",
                entry.id
            );
        }
    }
}

#[test]
fn a_language_has_its_default_and_others_share_one() {
    let all = Catalogue::default();
    let ids = |language| {
        let found = all.defaults(language).into_iter();
        found.map(|entry| entry.id.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(ids("en-US"), ["moonshine-base"]);
    assert_eq!(ids("en"), ["moonshine-base"]);
    assert_eq!(ids("zh-CN"), ["whisper-base", "melo-zh-en"]);
    assert_eq!(ids("fr_FR"), ["whisper-base"]);
}

#[test]
fn a_list_of_the_user_adds_models_and_takes_the_place_of_others() {
    let more = r#"
        [[model]]
        id = "whisper-base"
        task = "ears"
        licence = "mine"
        url = "http://127.0.0.1:9/w/"
        files = [{ path = "a/b.onnx", as = "deep/c.onnx", size = 3 }, { path = "x/tokens.txt" }]
    "#;
    let all = Catalogue::with(more).unwrap();
    assert_eq!(all.all().len(), Catalogue::default().all().len());
    let entry = all.get("whisper-base").unwrap();
    let file = |path: &str, name: &str, size| File {
        path: path.to_owned(),
        name: name.to_owned(),
        size,
        sha256: None,
    };
    assert_eq!(
        *entry,
        Entry {
            id: "whisper-base".to_owned(),
            task: Task::Ears,
            languages: vec![],
            licence: "mine".to_owned(),
            licence_url: None,
            about_mb: None,
            default_for: vec![],
            source: Source::Url("http://127.0.0.1:9/w".to_owned()),
            files: vec![
                file("a/b.onnx", "deep/c.onnx", Some(3)),
                file("x/tokens.txt", "tokens.txt", None)
            ],
        }
    );
    assert_eq!(entry.weight(), None);
    assert_eq!(all.nearest("wisper-base"), Some("whisper-base"));
    assert_eq!(all.nearest("xyzzy"), None);
}

#[test]
fn what_is_wrong_with_a_list_is_told_with_its_line() {
    let files = "files = [{ path = \"a.onnx\" }]";
    let repository = "repository = \"o/r\"";
    let told = |text: &str| {
        let flaw = Catalogue::with(text).unwrap_err();
        format!("{}: {}", flaw.line, flaw.why)
    };
    let at_one = |rest: &str| told(&list(rest));
    assert!(Catalogue::with(&list(&format!("{repository}\n{files}"))).is_ok());
    for (rest, expected) in [
        (files.to_owned(), "1: it needs either `repository` or `url`"),
        (repository.to_owned(), "1: `files` must be a list of files"),
        (
            format!("repository = \"r\"\n{files}"),
            "1: `repository` is `owner/name`, but is: r",
        ),
        (
            format!("repository = \"../r\"\n{files}"),
            "1: `repository` is `owner/name`, but is: ../r",
        ),
        (
            format!("{repository}\nfiles = [{{ path = \"../a\" }}]"),
            "1: `../a` cannot name a file of a model",
        ),
        (
            format!("{repository}\nfiles = [{{ path = \"/a\" }}]"),
            "1: `/a` cannot name a file of a model",
        ),
        (
            format!("{repository}\nfiles = [{{ path = \"a\", as = \"model.toml\" }}]"),
            "1: `model.toml` cannot name a file of a model",
        ),
        (
            format!("{repository}\nfiles = [{{ path = \"a\", as = \"b.part\" }}]"),
            "1: `b.part` cannot name a file of a model",
        ),
        (
            format!("{repository}\nfiles = [{{ path = \"a/x\" }}, {{ path = \"b/x\" }}]"),
            "1: two files would be `x`; `as` names one",
        ),
        (
            format!("{repository}\nfiles = [{{ path = \"a\", sha256 = \"ab\" }}]"),
            "1: `sha256` must be 64 hexadecimal digits",
        ),
        (
            format!("{repository}\nfiles = [{{ path = \"a\", size = -1 }}]"),
            "1: `size` must be a number of bytes",
        ),
        (
            format!("{repository}\n{files}\nabout_mb = \"3\""),
            "1: `about_mb` must be a number of megabytes",
        ),
        (
            format!("{repository}\n{files}\nabout_mb = 99999999999999999"),
            "1: `about_mb` must be a number of megabytes",
        ),
    ] {
        assert_eq!(at_one(&rest), expected);
    }
    assert_eq!(
        told("\n[[model]]\nid = \"../x\"\n"),
        "2: `../x` cannot name a folder: letters, digits, `.`, `-` and `_` can"
    );
    assert_eq!(
        told("\nmodle = 3"),
        "2: `modle` means nothing here; a model begins with `[[model]]`"
    );
    assert!(told("[[model]\n").starts_with("1: "));
    let twice = list(&format!("{repository}\n{files}\n"));
    assert_eq!(told(&format!("{twice}{twice}")), "8: `m` is listed twice");
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "[\\[\\]{}=\",.a-z0-9 \n#/*-]{0,200}", any in any::<String>()) {
        for text in [&text, &any] {
            let _ = Catalogue::with(text);
            let _ = Catalogue::with(&list(text));
            let _ = Receipt::read(text);
        }
    }
}
