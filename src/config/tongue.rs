//! A language that the program does not bring: a file of sentences in `words` beside the
//! configuration, which stand for the English ones.

use super::Loaded;
use super::beside::{self, Beside};
use crate::core::defuse::is_harmless;
use crate::core::words::{self, Lang, Word, fill};
use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::Path;
use toml_edit::{Document, DocumentMut, value};

/// More wrong sentences than this are told by their number.
const MOST_DOUBTS: usize = 10;

/// Takes over the sentences of the language that the user wishes or the environment names, and
/// tells among the warnings what is wrong with them. Where there is no file, the screen is
/// English; only a language that was asked for is missed.
pub(super) fn adopt(loaded: &mut Loaded) {
    let Some(tongue) = loaded.settings.tongue.take() else {
        return;
    };
    let folder = (loaded.file.as_deref())
        .and_then(Path::parent)
        .map(|folder| folder.join("words"));
    // A region speaks its language: `de-AT` is content with `de`.
    let language = tongue.split('-').next().unwrap_or_default();
    let file = [tongue.as_str(), language].into_iter().find_map(|name| {
        let path = folder.as_ref()?.join(format!("{name}.toml"));
        path.exists().then(|| beside::read(path)).flatten()
    });
    let Some(file) = file else {
        if loaded.is_said("lang") {
            let path = folder.unwrap_or_default().join(format!("{language}.toml"));
            let told = [tongue.as_str(), &path.display().to_string()];
            let doubt = Word::DoubtNoWords.text(loaded.settings.lang);
            loaded.warnings.push(fill(doubt, &told));
        }
        return;
    };
    let (sentences, doubts) = sentences(&file);
    loaded.warnings.extend(doubts);
    words::adopt(sentences);
    loaded.settings.tongue = Some(tongue);
}

/// The sentences of a file, and a sentence about each that cannot be used. Of those left out the
/// English ones stay.
fn sentences(file: &Beside) -> (Vec<(Word, String)>, Vec<String>) {
    let path = file.path.display().to_string();
    let tell = |word: Word, line: usize, why: &str| {
        fill(word.text(Lang::En), &[&path, &line.to_string(), why])
    };
    let text = match &file.text {
        Ok(text) => text,
        Err(why) => return (vec![], vec![tell(Word::DoubtWordsFile, 1, why)]),
    };
    let line = |at: usize| 1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count();
    let document = match Document::parse(text.as_str()) {
        Ok(document) => document,
        Err(error) => {
            let at = error.span().map_or(0, |span| span.start);
            let why = error.message().lines().collect::<Vec<_>>().join(", ");
            return (vec![], vec![tell(Word::DoubtWordsFile, line(at), &why)]);
        }
    };
    let known: HashMap<_, _> = Word::ALL.iter().map(|word| (word.name(), *word)).collect();
    let (mut good, mut doubts) = (vec![], vec![]);
    for (name, item) in document.iter() {
        match sentence(&known, name, item.as_str()) {
            Ok(sentence) => good.push(sentence),
            Err(why) => {
                let at = item.span().map_or(0, |span| span.start);
                doubts.push(tell(Word::DoubtWords, line(at), &why));
            }
        }
    }
    if doubts.len() > MOST_DOUBTS {
        let more = (doubts.len() - MOST_DOUBTS).to_string();
        doubts.truncate(MOST_DOUBTS);
        doubts.push(fill(Word::DoubtWordsMore.text(Lang::En), &[&path, &more]));
    }
    (good, doubts)
}

fn sentence(
    known: &HashMap<&str, Word>,
    name: &str,
    text: Option<&str>,
) -> Result<(Word, String), String> {
    let say = |word: Word, arguments: &[&str]| fill(word.text(Lang::En), arguments);
    let word = *known
        .get(name)
        .ok_or_else(|| say(Word::WordsName, &[name]))?;
    let text = text
        .filter(|text| !text.trim().is_empty())
        .filter(|text| text.chars().all(|c| is_harmless(c) && !c.is_control()))
        .ok_or_else(|| say(Word::WordsText, &[]))?;
    let english = word.text(Lang::En);
    if !words::same_arguments(english, text) {
        return Err(say(Word::WordsArguments, &[english]));
    }
    Ok((word, text.to_owned()))
}

/// All sentences as such a file, in a language: what somebody who brings another one begins with.
pub fn template(lang: Lang) -> String {
    let mut document = DocumentMut::new();
    for word in Word::ALL {
        document.insert(word.name(), value(word.text(lang)));
    }
    let mut text = String::from(
        "# The sentences of hearsay, each with its name. {0}, {1} .. stand for what is put in; a\n\
         # language may order them as it likes. A sentence that is taken out stays English.\n",
    );
    // Writing into a string cannot fail.
    let _ = write!(text, "{document}");
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    fn file(text: &str) -> Beside {
        Beside {
            path: PathBuf::from("de.toml"),
            name: "de".to_owned(),
            text: Ok(text.to_owned()),
        }
    }

    #[test]
    fn good_sentences_are_taken_and_the_others_told_with_their_line() {
        let (good, doubts) = sentences(&file(
            "StateIdle = \"bereit\"\n\
             StateWrong = \"nie\"\n\
             StateError = 3\n\
             StateVoiceCall = \"\\u001b[2J\"\n\
             PlainListMore = \"noch mehr\"\n\
             PlainSays = \"{1}, sagt {0}\"\n",
        ));
        assert_eq!(
            good,
            [
                (Word::StateIdle, "bereit".to_owned()),
                (Word::PlainSays, "{1}, sagt {0}".to_owned())
            ]
        );
        let told: Vec<_> = doubts
            .iter()
            .map(|doubt| doubt.strip_suffix("; this sentence stays English").unwrap())
            .collect();
        let no_text = "a sentence is a text in quotes, not empty and without control characters";
        assert_eq!(
            told,
            [
                "de.toml:2: no sentence is called `StateWrong`",
                &format!("de.toml:3: {no_text}"),
                &format!("de.toml:4: {no_text}"),
                "de.toml:5: it takes other arguments than the English one: \
                 `{0} more; words narrow the list`",
            ]
        );
    }

    #[test]
    fn a_file_that_is_no_toml_or_no_text_leaves_the_screen_english() {
        let (good, doubts) = sentences(&file("StateIdle = \"bereit\"\nStateError ="));
        assert_eq!(good, []);
        assert!(doubts[0].starts_with("de.toml:2: "), "{doubts:?}");
        let torn = Beside {
            text: Err("torn".to_owned()),
            ..file("")
        };
        let told = "de.toml:1: torn; the screen stays English".to_owned();
        assert_eq!(sentences(&torn), (vec![], vec![told]));
        let many: Vec<_> = (0..50).map(|n| format!("No{n} = \"x\"\n")).collect();
        let many = many.concat();
        let (_, doubts) = sentences(&file(&many));
        assert_eq!(doubts.len(), MOST_DOUBTS + 1);
        let last = doubts.last().unwrap();
        assert!(last.starts_with("de.toml: 40 more sentences"), "{last}");
    }

    #[test]
    fn the_template_is_a_file_of_all_sentences() {
        for lang in [Lang::En, Lang::Zh] {
            let (good, doubts) = sentences(&file(&template(lang)));
            assert_eq!(doubts, Vec::<String>::new());
            let all = Word::ALL.iter().map(|word| (*word, word.text(lang)));
            assert!(
                good.iter()
                    .map(|(word, text)| (*word, text.as_str()))
                    .eq(all)
            );
        }
    }
}
