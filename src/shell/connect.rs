//! Tries other model servers and backends, writes down which one is to be used, and makes a line
//! that leads there. All of it happens on a thread of its own: a look-up, a password manager or a
//! disk may be slow.

use super::boot::{self, NewLine};
use super::clock::Clock;
use super::doctor;
use super::record::private;
use crate::config::settings::{Backend, Named};
use crate::config::{ConfigError, Loaded, Origin, Secret, edit, process_env};
use crate::core::checkup::{Check, Part};
use crate::core::connect::{
    ConnectEvent, ConnectOrder, Draft, EMBEDDED, InUse, Kind, Step, Token, Written,
};
use crate::core::words::{Lang, Word, fill};
use crate::mind::{self, BrainError, probe};
use crate::sound::desk::Desk;
use crate::store;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use tokio::runtime::Handle;
use tokio::sync::mpsc;

/// What the settings call the token of a model server.
const MODEL_SERVER: &str = "model-server";

/// What is needed to try something and to change to it.
pub struct Bench {
    pub loaded: Loaded,
    /// Where settings are written, if anywhere.
    pub file: Option<PathBuf>,
    /// The token that was typed.
    pub secret: String,
    pub store: store::Handle,
    pub sound: Desk,
    pub clock: Clock,
    pub lang: Lang,
    /// Where the tasks of a line live.
    pub runtime: Handle,
    /// Takes the line that is ready.
    pub fresh: mpsc::UnboundedSender<NewLine>,
}

/// Does what is asked, beside whoever asks. The thread ends with it; nobody waits for it when the
/// program ends.
pub fn work(bench: Bench, order: ConnectOrder, tell: impl Fn(ConnectEvent) + Send + 'static) {
    let begun = std::thread::Builder::new()
        .name("connect".to_owned())
        .spawn(move || bench.carry_out(order, &tell));
    if let Err(error) = begun {
        tracing::error!("no thread to connect with: {error}");
    }
}

/// Why something cannot be, and what helps: both for people.
type No = (String, String);

fn no(error: &ConfigError) -> No {
    (error.to_string(), error.hint())
}

impl Bench {
    fn carry_out(&self, order: ConnectOrder, tell: &dyn Fn(ConnectEvent)) {
        match order {
            ConnectOrder::Look => tell(self.look()),
            ConnectOrder::Take { nth, step, draft } => tell(match self.take(step, draft) {
                Ok((draft, offers)) => ConnectEvent::Taken {
                    nth,
                    step,
                    draft,
                    offers,
                },
                Err((what, hint)) => ConnectEvent::Refused { nth, what, hint },
            }),
            ConnectOrder::Test { nth, draft } => {
                let found = |check| tell(ConnectEvent::Found { nth, check });
                self.test(&draft, &found);
                tell(ConnectEvent::Over { nth });
            }
            ConnectOrder::Keep { nth, draft } => {
                let kept = self.keep(&draft);
                tell(self.ready(nth, kept));
            }
            ConnectOrder::Renew { nth } => {
                let again = self.loaded.again().map_err(|error| no(&error));
                tell(self.ready(nth, again.map(|loaded| (loaded, None))));
            }
        }
    }

    /// Makes a line that leads where these settings say.
    fn ready(&self, nth: u32, kept: Result<(Loaded, Option<Written>), No>) -> ConnectEvent {
        let made = kept.and_then(|(loaded, written)| {
            let _within = self.runtime.enter();
            let made = boot::new_line(loaded, &self.store, &self.sound, self.clock);
            let line = made.map_err(|error| (format!("{error:#}"), String::new()))?;
            Ok((line, written))
        });
        match made {
            Ok((line, written)) => {
                let settings = &line.loaded.settings;
                let now = InUse {
                    backend: settings.backend.name().to_owned(),
                    choice: boot::choice(settings),
                    personas: line.personas.clone(),
                    written,
                };
                // The loop is gone only when the program ends.
                let _ = self.fresh.send(line);
                ConnectEvent::Ready { nth, now }
            }
            Err((what, hint)) => ConnectEvent::Failed { nth, what, hint },
        }
    }

    /// Which model servers are here, and which backends the settings know.
    fn look(&self) -> ConnectEvent {
        let servers = block_on(probe::probe(&probe::TARGETS)).unwrap_or_default();
        let servers = servers.into_iter().map(|found| found.info);
        // A file that cannot be read now is told when something is to be written.
        let again = self.loaded.again().ok();
        let settings = &again.as_ref().unwrap_or(&self.loaded).settings;
        let backends = settings.backends.iter();
        ConnectEvent::Looked {
            servers: servers.map(|info| (info.name, info.id)).collect(),
            backends: backends
                .map(|named| {
                    let url = crate::config::kind::without_password(&named.url);
                    (named.name.clone(), url.into_owned())
                })
                .collect(),
        }
    }

    /// Whether this can be the answer; the draft as it is understood, and what to offer next.
    fn take(&self, step: Step, mut draft: Draft) -> Result<(Draft, Vec<String>), No> {
        let must = |wants: String| {
            let must = fill(Word::SettingMust.text(self.lang), &[&wants]);
            (must, String::new())
        };
        let mut offers = vec![];
        match step {
            Step::Address => {
                draft.address = whole(draft.kind, &draft.address);
                let key = match draft.kind {
                    Kind::ModelServer => "brain.url",
                    _ => "backends.NAME.url",
                };
                edit::check(key, &draft.address, self.lang).map_err(must)?;
                offers = token_offers(draft.kind);
            }
            Step::Token => {
                let token = self.token(&draft)?;
                if draft.kind == Kind::ModelServer {
                    offers = models(&draft.address, token.as_deref(), self.lang)?;
                }
            }
            Step::Model => {}
            Step::Name => {
                let key = format!("backends.{}.url", draft.name);
                edit::check(&key, &draft.address, self.lang).map_err(|_wants| {
                    let about = Word::ConnectName.text(self.lang).to_owned();
                    (about, String::new())
                })?;
                let again = self.loaded.again().map_err(|error| no(&error))?;
                let taken = again
                    .settings
                    .backends
                    .iter()
                    .any(|named| named.name == draft.name && named.url != draft.address);
                if taken || draft.name == EMBEDDED {
                    let what = fill(Word::ConnectTaken.text(self.lang), &[&draft.name]);
                    return Err((what, Word::ConnectTakenHint.text(self.lang).to_owned()));
                }
            }
        }
        if draft.name.is_empty() && draft.kind.steps().contains(&Step::Name) {
            draft.name = self.name(&draft);
        }
        Ok((draft, offers))
    }

    /// A name for a backend that nobody else has: that of its host, or what it speaks.
    fn name(&self, draft: &Draft) -> String {
        let host = draft.address.split_once("://").map_or("", |(_, rest)| rest);
        let host = host.split(['/', ':', '?']).next().unwrap_or_default();
        let label = host.split('.').find(|one| !matches!(*one, "www" | "api"));
        let speaks = label.is_some_and(|label| label.chars().any(|c| c.is_ascii_alphabetic()));
        let base = match label {
            Some(label)
                if speaks && label != "localhost" && crate::config::kind::is_name(label) =>
            {
                label
            }
            _ => draft.kind.name(),
        };
        let taken = |name: &str| {
            let mut known = self.loaded.settings.backends.iter();
            name == EMBEDDED || known.any(|named| named.name == name && named.url != draft.address)
        };
        let numbered = (2..).map(|nth| format!("{base}-{nth}"));
        let mut names = std::iter::once(base.to_owned()).chain(numbered);
        names.find(|name| !taken(name)).unwrap_or_default()
    }

    /// The token itself, if it wants one.
    fn token(&self, draft: &Draft) -> Result<Option<String>, No> {
        let token = self.secret(draft).read().map_err(|error| no(&error))?;
        match &draft.token {
            Token::At(place) if token.is_none() => {
                let name = place.trim_start_matches("env:");
                Err((
                    fill(Word::ConnectUnset.text(self.lang), &[name]),
                    Word::ConnectUnsetHint.text(self.lang).to_owned(),
                ))
            }
            Token::At(_) | Token::None | Token::Typed(_) => Ok(token),
        }
    }

    fn secret(&self, draft: &Draft) -> Secret {
        let key = match draft.kind {
            Kind::ModelServer => "brain.key".to_owned(),
            _ => format!("backends.{}.token", draft.name),
        };
        let text = match &draft.token {
            Token::None => "",
            Token::At(place) => place,
            Token::Typed(_) => &self.secret,
        };
        let folder = self.file.as_deref().and_then(Path::parent);
        Secret::written(&key, text, folder.unwrap_or(Path::new("")), &process_env)
    }

    /// The settings with this in use, whatever file and flags say.
    fn with(&self, mut loaded: Loaded, draft: &Draft) -> Result<Loaded, No> {
        let settings = &mut loaded.settings;
        match draft.kind {
            Kind::Known if draft.name == EMBEDDED => settings.backend = Backend::Embedded,
            Kind::Known => {
                let mut known = settings.backends.iter();
                let named = known.find(|named| named.name == draft.name).cloned();
                let named = named.ok_or_else(|| {
                    (
                        fill(Word::ConnectUnknown.text(self.lang), &[&draft.name]),
                        Word::ConnectUnknownHint.text(self.lang).to_owned(),
                    )
                })?;
                settings.backend = Backend::Remote(named);
            }
            Kind::ModelServer => {
                settings.backend = Backend::Embedded;
                "auto".clone_into(&mut settings.brain.choice);
                settings.brain.url = Some(draft.address.clone());
                settings.brain.key = self.secret(draft);
                settings.brain.model = Some(draft.model.clone()).filter(|model| !model.is_empty());
            }
            Kind::Realtime | Kind::Xiaozhi | Kind::Yychat => {
                let mut more = std::collections::BTreeMap::new();
                more.insert("language", draft.kind.name().to_owned());
                if !draft.model.is_empty() {
                    more.insert("model", draft.model.clone());
                }
                settings.backend = Backend::Remote(Named {
                    name: draft.name.clone(),
                    url: draft.address.clone(),
                    token: self.secret(draft),
                    more,
                });
            }
        }
        Ok(loaded)
    }

    /// Connects and asks one question.
    fn test(&self, draft: &Draft, found: &dyn Fn(Check)) {
        let broken = |what: String, hint: String| {
            let hint = Some(hint).filter(|hint| !hint.is_empty());
            found(Check::broken(Part::Configuration, what, hint));
        };
        let again = self.loaded.again().map_err(|error| no(&error));
        let trial = again.and_then(|loaded| self.with(loaded, draft));
        let mut trial = match trial {
            Ok(trial) => trial,
            Err((what, hint)) => return broken(what, hint),
        };
        trial.settings.lang = self.lang;
        trial.settings.standby.clear();
        if draft.kind == Kind::ModelServer {
            // Nobody else is to answer for it.
            trial.settings.brain.choice.clone_from(&draft.address);
        }
        if let Err(error) = doctor::brief(&trial, &mut |check| found(check)) {
            broken(format!("{error:#}"), String::new());
        }
    }

    /// Writes down what is to be used; answers the settings with it in use.
    fn keep(&self, draft: &Draft) -> Result<(Loaded, Option<Written>), No> {
        let mut written = Written::default();
        if let Some(file) = &self.file {
            let again = self.loaded.again().map_err(|error| no(&error))?;
            // Whatever is wrong with it is told before anything is written.
            self.with(again.clone(), draft)?;
            let kept = self.keep_token(file, draft)?;
            for (key, value) in lines(&again, draft, &kept) {
                edit::set(file, &key, &value, &process_env).map_err(|error| no(&error))?;
            }
            written.file = Some(file.display().to_string());
        }
        let again = self.loaded.again().map_err(|error| no(&error))?;
        written.beaten = winner(&again, draft);
        Ok((self.with(again, draft)?, Some(written)))
    }

    /// Puts a typed token into a file of its own; answers what the settings are to say of it.
    fn keep_token(&self, file: &Path, draft: &Draft) -> Result<String, No> {
        let name = match draft.kind {
            Kind::ModelServer => MODEL_SERVER,
            _ => draft.name.as_str(),
        };
        match &draft.token {
            Token::None => Ok(String::new()),
            Token::At(place) => Ok(place.clone()),
            Token::Typed(_) => {
                let place = format!("tokens/{name}");
                let path = file.parent().unwrap_or(Path::new("")).join(&place);
                put(&path, &self.secret).map_err(|error| {
                    let path = path.clone();
                    no(&ConfigError::Unwritable {
                        path,
                        source: error,
                    })
                })?;
                Ok(format!("file:{place}"))
            }
        }
    }
}

/// What the file is to say. The line that switches comes last.
fn lines(loaded: &Loaded, draft: &Draft, token: &str) -> Vec<(String, String)> {
    let line = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    let settings = &loaded.settings;
    let mut lines = match draft.kind {
        Kind::Known => vec![line("backend", &draft.name)],
        Kind::ModelServer => vec![
            line("brain.url", &draft.address),
            line("brain.key", token),
            line("brain.model", &draft.model),
            line("brain.use", "auto"),
            line("backend", EMBEDDED),
        ],
        Kind::Realtime | Kind::Xiaozhi | Kind::Yychat => {
            let own = |field: &str, value: &str| {
                (format!("backends.{}.{field}", draft.name), value.to_owned())
            };
            vec![
                own("url", &draft.address),
                own("token", token),
                own("language", draft.kind.name()),
                own("model", &draft.model),
                line("backend", &draft.name),
            ]
        }
    };
    // What is empty, and was, need not be said.
    let says = |key: &str| match key {
        "brain.key" => settings.brain.key.is_set(),
        "brain.model" => settings.brain.model.is_some(),
        _ => {
            let mut known = settings.backends.iter();
            known.any(|named| named.name == draft.name)
        }
    };
    lines.retain(|(key, value)| !value.is_empty() || says(key));
    lines
}

/// Where the token may be, as far as the environment shows.
fn token_offers(kind: Kind) -> Vec<String> {
    let known = match kind {
        Kind::Realtime | Kind::ModelServer => vec!["OPENAI_API_KEY"],
        _ => vec![],
    };
    let set = |name: &&str| process_env(name).is_some_and(|value| !value.is_empty());
    let known = known.into_iter().filter(set);
    known.map(|name| format!("env:{name}")).collect()
}

/// An address with what people leave out.
fn whole(kind: Kind, text: &str) -> String {
    let (scheme, path) = match kind {
        Kind::ModelServer => ("http", ""),
        Kind::Realtime => ("wss", "/v1/realtime"),
        Kind::Xiaozhi => ("ws", "/xiaozhi/v1/"),
        Kind::Known | Kind::Yychat => ("ws", "/ws/chat"),
    };
    let text = if text.contains("://") {
        text.to_owned()
    } else {
        format!("{scheme}://{text}")
    };
    let rest = text.split_once("://").map_or("", |(_, rest)| rest);
    let bare = !rest.trim_end_matches('/').contains(['/', '?', '#']);
    if !bare {
        return text;
    }
    let text = text.trim_end_matches('/');
    // A bare host of a yychat server of ours listens there.
    let port = if kind == Kind::Yychat && text.starts_with("ws://") && !rest.contains(':') {
        ":9800"
    } else {
        ""
    };
    format!("{text}{port}{path}")
}

/// Which models a server offers; one that does not say may answer all the same.
fn models(address: &str, key: Option<&str>, lang: Lang) -> Result<Vec<String>, No> {
    let key = key.map(mind::Secret::new);
    let told = |error: &BrainError| (error.tell(lang), error.hint(lang));
    let described = match block_on(probe::describe(address, key.as_ref())) {
        Some(described) => described.map_err(|error| told(&error))?,
        None => return Ok(vec![]),
    };
    if let Some(
        trouble @ (BrainError::KeyRefused { .. }
        | BrainError::KeyWanted { .. }
        | BrainError::KeyUnusable { .. }
        | BrainError::KeyOverPlainHttp { .. }),
    ) = &described.trouble
    {
        return Err(told(trouble));
    }
    let mut models = described.info.models;
    // The one that would be taken comes first.
    if let Some(first) = &described.info.model {
        models.retain(|model| model != first);
        models.insert(0, first.clone());
    }
    Ok(models)
}

fn block_on<T>(work: impl Future<Output = T>) -> Option<T> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .ok()?;
    let done = runtime.block_on(work);
    // A name lookup may still hang in a thread of the runtime.
    runtime.shutdown_background();
    Some(done)
}

/// What wins over the file at the next start, if anything does.
fn winner(again: &Loaded, draft: &Draft) -> Option<String> {
    let keys: &[&str] = match draft.kind {
        Kind::ModelServer => &[
            "backend",
            "brain.use",
            "brain.url",
            "brain.key",
            "brain.model",
        ],
        _ => &["backend"],
    };
    let all = again.explained();
    let mut ours = all.iter().filter(|one| keys.contains(&one.key.as_str()));
    ours.find_map(|one| match &one.origin {
        Origin::Env { name } => Some(name.clone()),
        Origin::Flag { name } => Some((*name).to_owned()),
        Origin::Default | Origin::File { .. } => None,
    })
}

/// Writes a token where only its owner can read it.
fn put(path: &Path, token: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        let mut builder = std::fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.recursive(true).create(folder)?;
    }
    let mut file = private(path)?;
    writeln!(file, "{}", token.trim())?;
    file.sync_all()
}

#[cfg(test)]
mod tests;
