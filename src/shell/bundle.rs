//! Gathers a report of a fault: one text file that can be read before it is sent. Whatever is in it,
//! secrets are taken out at the end; what was said is in it only if that is wanted.

use super::doctor::{self, Look};
use super::export::{self, Format, Manner};
use super::{inspect, logs};
use crate::codec::base64;
use crate::config::{ConfigError, Loaded};
use crate::core::bundle::{Order, Part};
use crate::core::checkup::Depth;
use crate::core::defuse::defuse;
use crate::core::redact::redact_known;
use crate::core::words::{Lang, Word};
use crate::store::Store;
use anyhow::Context as _;
use jiff::tz::TimeZone;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// What the file is called, unless somebody says.
const NAME: &str = "hearsay-report.txt";
/// So many lines of the log.
const LINES: usize = 400;
/// Nothing shorter is a secret of the environment.
const SHORTEST: usize = 6;
/// Columns of a recording.
const COLUMNS: usize = 76;

/// Gathers it and writes it to a new file, and answers which.
pub fn write(
    settled: Result<&Loaded, &ConfigError>,
    order: &Order,
    lang: Lang,
) -> anyhow::Result<PathBuf> {
    let text = gather(settled, order, lang);
    if let Some(place) = &order.place {
        let name = place.display();
        export::save(place, text.as_bytes(), false).with_context(|| format!("`{name}`"))?;
        return Ok(place.clone());
    }
    let here = std::env::current_dir().unwrap_or_default();
    let path = here.join(NAME);
    export::add(&path, text.as_bytes()).or_else(|error| match settled {
        Ok(loaded) => export::add(&loaded.settings.data_dir.join(NAME), text.as_bytes()),
        Err(_nowhere_else) => Err(error),
    })
}

/// The whole text.
pub fn gather(settled: Result<&Loaded, &ConfigError>, order: &Order, lang: Lang) -> String {
    let mut text = String::new();
    for part in Part::ALL.into_iter().filter(|part| order.parts.has(*part)) {
        let told = match part {
            Part::Version => version(),
            Part::Doctor => checks(settled, lang),
            Part::Settings => settings(settled),
            Part::Lines => settled.map_or_else(|_| String::new(), lines),
            Part::Log => settled.map_or_else(|_| String::new(), log),
            Part::Timeline => order.timeline.join("\n"),
            Part::Texts => settled.map_or_else(|_| String::new(), |loaded| said(loaded, order)),
            // It goes in last: no filter of words is to be run over it.
            Part::Audio => continue,
        };
        // Writing into a string cannot fail.
        let _ = writeln!(text, "== {} ==\n{}\n", part.name(), told.trim_end());
    }
    let mut text = clean(&text, settled.ok());
    if order.parts.has(Part::Audio)
        && let (Ok(loaded), Some(turn)) = (settled, order.turn)
    {
        let clip = loaded
            .settings
            .data_dir
            .join("clips")
            .join(format!("{turn}.wav"));
        let sound = std::fs::read(clip)
            .map(|bytes| base64::encode(&bytes))
            .unwrap_or_default();
        let _ = writeln!(text, "== {} ==", Part::Audio.name());
        for line in sound.as_bytes().chunks(COLUMNS) {
            let _ = writeln!(text, "{}", String::from_utf8_lossy(line));
        }
    }
    text
}

/// Without secrets, without the name of the user's home, and harmless on a terminal.
fn clean(text: &str, loaded: Option<&Loaded>) -> String {
    let mut secrets = loaded.map(Loaded::secrets).unwrap_or_default();
    let telling = |name: &str| {
        let name = name.to_ascii_uppercase();
        ["KEY", "TOKEN", "SECRET", "PASSW"]
            .iter()
            .any(|sign| name.contains(sign))
    };
    secrets.extend(
        std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .filter(|(name, value)| telling(name) && value.len() >= SHORTEST)
            .map(|(_, value)| value),
    );
    // A longer one may begin like a shorter one.
    secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    let mut text = redact_known(text, &secrets);
    let home = std::env::var("HOME").unwrap_or_default();
    if home.len() > 1 {
        text = text.replace(&home, "~");
    }
    defuse(&text).into_owned()
}

fn version() -> String {
    let (os, arch) = (std::env::consts::OS, std::env::consts::ARCH);
    let build = if cfg!(debug_assertions) {
        "debug"
    } else {
        "release"
    };
    let variable = |name: &str| std::env::var(name).unwrap_or_else(|_| "-".to_owned());
    let terminal = ["TERM", "COLORTERM", "LANG"].map(|name| format!("{name}={}", variable(name)));
    format!(
        "hearsay {} ({build})\n{os} {arch}\n{}",
        env!("CARGO_PKG_VERSION"),
        terminal.join(" ")
    )
}

fn checks(settled: Result<&Loaded, &ConfigError>, lang: Lang) -> String {
    let look = Look {
        depth: Depth::Whole,
        in_use: None,
    };
    let mut text = String::new();
    doctor::examine(settled, &look, lang, &mut |check| {
        let state = check.state.name();
        let _ = writeln!(text, "{} {state}: {}", check.part.name(), check.found);
        if let Some(hint) = &check.hint {
            let _ = writeln!(text, "  hint: {hint}");
        }
    });
    text
}

fn settings(settled: Result<&Loaded, &ConfigError>) -> String {
    match settled {
        Err(error) => error.to_string(),
        Ok(loaded) => {
            let all = loaded.explained().into_iter();
            let lines = all.map(|one| {
                if one.secret {
                    format!("# {} {}", one.key, one.value)
                } else {
                    format!("{} = {} # {}", one.key, one.toml, one.origin)
                }
            });
            lines.collect::<Vec<_>>().join("\n")
        }
    }
}

/// What was counted of lines, a line of JSON for each backend.
fn lines(loaded: &Loaded) -> String {
    let path = &loaded.settings.store.path;
    if !path.exists() {
        return String::new();
    }
    match Store::open(path).and_then(|store| store.lines()) {
        Err(error) => error.to_string(),
        Ok(lines) => {
            let lines = lines
                .iter()
                .filter_map(|line| serde_json::to_string(line).ok());
            lines.collect::<Vec<_>>().join("\n")
        }
    }
}

fn log(loaded: &Loaded) -> String {
    inspect::tail(&loaded.settings.data_dir.join(logs::NAME), LINES)
}

/// What was said in the conversation.
fn said(loaded: &Loaded, order: &Order) -> String {
    let manner = Manner {
        lang: loaded.settings.lang,
        zone: TimeZone::system(),
    };
    let mut document = vec![];
    let path: &Path = &loaded.settings.store.path;
    let written = Store::open(path)
        .map_err(anyhow::Error::from)
        .and_then(|store| {
            let summary = store.summary(order.conversation)?;
            export::write(&store, &summary, Format::Txt, &manner, &mut document)
        });
    match written {
        Ok(()) => String::from_utf8_lossy(&document).into_owned(),
        Err(error) => format!("{error:#}"),
    }
}

/// What a person is shown before it is written: each part, and whether it will be in it.
pub fn list(order: &Order, lang: Lang) -> String {
    let mut text = format!("{}\n", Word::TitleBundle.text(lang));
    for part in Part::ALL {
        let tick = if order.parts.has(part) { "[x]" } else { "[ ]" };
        let _ = writeln!(
            text,
            "  {tick} {:9} {}",
            part.name(),
            part.word().text(lang)
        );
    }
    text
}
