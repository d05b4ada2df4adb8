//! The brains within reach, and which one answers.
//!
//! Looking for them is slow compared to everything else here, so it happens once, when somebody
//! first needs to know, and again when somebody asks for it. A brain is never exchanged silently:
//! what was taken and why is told, and one that fails is not replaced behind the user's back.

use super::error::ServeError;
use super::wanted::{Brains, Choice, Wanted, same};
use crate::core::backend::{BrainInfo, Brains as Told};
use crate::core::words::{Lang, Word, fill};
use crate::mind::local::{Here, Local};
use crate::mind::openai::OpenAi;
use crate::mind::probe::{self, Found};
use crate::mind::window::Windows;
use crate::mind::{Brain, BrainError, Endpoint, Secret};
use futures_util::future::{join, join_all};
use std::sync::Arc;
use tokio::sync::{Mutex, OnceCell, watch};

/// How many addresses that clients typed are remembered.
const TYPED: usize = 16;

/// The brains of one backend.
pub(super) struct Shelf {
    builtin: Arc<dyn Brain>,
    wanted: Option<Wanted>,
    lang: Lang,
    key: OnceCell<Option<Secret>>,
    /// Held while somebody looks, so that others wait for the same look.
    books: Mutex<Books>,
    told: watch::Sender<Option<Arc<Told>>>,
}

/// What is known so far.
#[derive(Default)]
struct Books {
    looked: bool,
    /// The configured ones, then the found ones, then those that clients typed.
    all: Vec<Book>,
    /// The models on this machine, the largest first.
    here: Vec<Arc<Local>>,
    /// Which of them `auto` takes; `None`: the built-in one.
    auto: Option<String>,
    /// Why.
    why: String,
}

/// One model server.
#[derive(Clone)]
struct Book {
    /// The address as the configuration or the client wrote it.
    asked: String,
    info: BrainInfo,
    /// Why nothing can be sent there, where that is so.
    brain: Result<Arc<OpenAi>, ServeError>,
    /// Why what is known of it cannot be relied on; it is asked again before it is used.
    doubt: Option<String>,
    /// A client named it.
    typed: bool,
}

impl Books {
    /// Looks which models there are; those that were there go on running.
    fn gather(&mut self, wanted: &Wanted) {
        let now = wanted.here.iter().flat_map(Here::brains);
        let before = std::mem::take(&mut self.here);
        let same = |new: Arc<Local>| {
            let known = before.iter().find(|known| known.folder() == new.folder());
            known.map_or(new, Arc::clone)
        };
        self.here = now.map(same).collect();
    }
}

impl Book {
    fn answers_to(&self, address: &str) -> bool {
        same(&self.asked, address) || same(&self.info.id, address)
    }
}

impl Shelf {
    /// `builtin` makes the built-in brain, where one is wanted.
    pub(super) fn new(
        brains: Brains,
        builtin: impl FnOnce() -> Arc<dyn Brain>,
        lang: Lang,
    ) -> Self {
        let (builtin, wanted) = match brains {
            Brains::Only(brain) => (brain, None),
            Brains::Choose(wanted) => (builtin(), Some(*wanted)),
        };
        Self {
            builtin,
            wanted,
            lang,
            key: OnceCell::new(),
            books: Mutex::default(),
            told: watch::Sender::new(None),
        }
    }

    /// Tells which brains there are, whenever that changes.
    pub(super) fn watch(&self) -> watch::Receiver<Option<Arc<Told>>> {
        self.told.subscribe()
    }

    /// Which brains there are; looks for them if nobody has yet, or `again`.
    pub(super) async fn list(&self, again: bool) -> Arc<Told> {
        let mut books = self.books.lock().await;
        if again || !books.looked {
            self.look(&mut books).await;
        }
        self.tell(&books)
    }

    /// The brain for a turn that asks for this one, or for none in particular.
    pub(super) async fn pick(&self, asked: Option<&str>) -> Result<Arc<dyn Brain>, ServeError> {
        let unknown = |brain: &str| ServeError::BrainUnknown {
            brain: super::budget::beginning(brain, 200).to_owned(),
        };
        let Some(wanted) = &self.wanted else {
            let known = asked.is_none_or(|id| id == "auto" || id == self.builtin.info().id);
            return if known {
                Ok(Arc::clone(&self.builtin))
            } else {
                Err(unknown(asked.unwrap_or_default()))
            };
        };
        match asked.map_or_else(|| wanted.choice.clone(), Choice::read) {
            Choice::Builtin => Ok(Arc::clone(&self.builtin)),
            Choice::Local => self.local(wanted, None).await,
            Choice::Model(name) => self.local(wanted, Some(&name)).await,
            Choice::Auto => {
                let mut books = self.books.lock().await;
                let fresh = !books.looked;
                if fresh {
                    self.look(&mut books).await;
                    self.tell(&books);
                }
                match books.auto.clone() {
                    Some(id) => self.open(wanted, &mut books, &id, fresh).await,
                    None => Ok(Arc::clone(&self.builtin)),
                }
            }
            Choice::At(address) => {
                let mut books = self.books.lock().await;
                let web = address.starts_with("http://") || address.starts_with("https://");
                let welcome =
                    wanted.any_address && web || wanted.named().any(|url| same(url, &address));
                if !welcome && !books.looked {
                    self.look(&mut books).await;
                    self.tell(&books);
                }
                if !welcome && !books.all.iter().any(|book| book.answers_to(&address)) {
                    return Err(unknown(&address));
                }
                self.open(wanted, &mut books, &address, false).await
            }
        }
    }

    /// A model on this machine. Which there are is looked up each time one is not known: it may
    /// have been fetched since.
    async fn local(
        &self,
        wanted: &Wanted,
        name: Option<&str>,
    ) -> Result<Arc<dyn Brain>, ServeError> {
        let mut books = self.books.lock().await;
        let named = |brain: &&Arc<Local>| name.is_none_or(|name| brain.info().name == name);
        if !books.here.iter().any(|brain| named(&brain)) {
            books.gather(wanted);
            if books.looked {
                self.tell(&books);
            }
        }
        match books.here.iter().find(named) {
            Some(brain) => Ok(Arc::clone(brain) as Arc<dyn Brain>),
            None => Err(absent(wanted, name)),
        }
    }

    /// The brain at an address, asked what it offers if that is not known for sure, unless that
    /// has just been tried.
    async fn open(
        &self,
        wanted: &Wanted,
        books: &mut Books,
        address: &str,
        fresh: bool,
    ) -> Result<Arc<dyn Brain>, ServeError> {
        let at = books.all.iter().position(|book| book.answers_to(address));
        if let Some(book) = at.and_then(|at| books.all.get(at))
            && (fresh || book.doubt.is_none())
        {
            return Ok(book.brain.clone()?);
        }
        let before = at.map(|at| books.all.remove(at));
        let asked = before.as_ref().map_or(address, |book| book.asked.as_str());
        let mut book = self.describe(wanted, asked).await;
        let named = wanted.named().any(|url| same(url, asked));
        book.typed = before.as_ref().map_or(!named, |book| book.typed);
        let brain = book.brain.clone();
        if book.typed {
            // One that nothing can be sent to is a typing error, and not worth a place.
            if brain.is_err() {
                return Ok(brain?);
            }
            // The same server under the address it is known by.
            books.all.retain(|known| known.info.id != book.info.id);
            let typed = books.all.iter().filter(|book| book.typed).count();
            if typed == TYPED
                && let Some(oldest) = books.all.iter().position(|book| book.typed)
            {
                books.all.remove(oldest);
            }
        }
        if books
            .auto
            .as_deref()
            .is_some_and(|auto| book.answers_to(auto))
        {
            books.auto = Some(book.info.id.clone());
        }
        let place = at.unwrap_or(books.all.len()).min(books.all.len());
        books.all.insert(place, book);
        if books.looked {
            self.tell(books);
        }
        Ok(brain?)
    }

    /// Looks for everything anew.
    async fn look(&self, books: &mut Books) {
        books.looked = true;
        let Some(wanted) = &self.wanted else {
            return;
        };
        let typed = books.all.iter().filter(|book| book.typed);
        let named: Vec<_> = wanted.named().collect();
        let (described, found) = join(
            join_all(named.iter().map(|url| self.describe(wanted, url))),
            probe::probe(&wanted.targets),
        )
        .await;
        let mut all = described;
        for found in &found {
            if !all.iter().any(|book| book.info.id == found.info.id) {
                all.push(shelved(wanted, found, self.lang));
            }
        }
        for typed in typed {
            if !all.iter().any(|book| book.info.id == typed.info.id) {
                all.push(typed.clone());
            }
        }
        // A brain that is what it was keeps what it has learnt about its server.
        for book in &mut all {
            let before = books.all.iter().find(|before| before.info == book.info);
            if let (Some(Ok(before)), Ok(brain)) = (before.map(|book| &book.brain), &mut book.brain)
            {
                *brain = Arc::clone(before);
            }
        }
        let (auto, why) = self.auto(wanted, &all, &found);
        books.gather(wanted);
        books.all = all;
        books.auto = auto;
        books.why = why;
    }

    /// What `auto` takes, and why.
    fn auto(&self, wanted: &Wanted, all: &[Book], found: &[Found]) -> (Option<String>, String) {
        if let Some(book) = wanted
            .url
            .as_ref()
            .and_then(|url| all.iter().find(|book| book.answers_to(url)))
        {
            return (Some(book.info.id.clone()), String::new());
        }
        if let Some(found) = probe::pick(found) {
            return (Some(found.info.id.clone()), found.why(self.lang));
        }
        let names: Vec<_> = wanted.targets.iter().map(|target| target.name).collect();
        let why = fill(Word::BrainNoneFound.text(self.lang), &[&names.join(", ")]);
        (None, why)
    }

    /// Says what is known, and lets the clients know if it is news.
    fn tell(&self, books: &Books) -> Arc<Told> {
        let mut all: Vec<_> = books.all.iter().map(|book| book.info.clone()).collect();
        all.extend(books.here.iter().map(|brain| brain.info()));
        all.push(self.builtin.info());
        let (current, why) = self.current(books);
        let told = Arc::new(Told { all, current, why });
        self.told.send_if_modified(|before| {
            let news = before.as_ref() != Some(&told);
            *before = Some(Arc::clone(&told));
            news
        });
        told
    }

    /// The brain that answers when a turn does not ask for another, and why.
    fn current(&self, books: &Books) -> (String, String) {
        let configured = |address: &str| {
            let book = books.all.iter().find(|book| book.answers_to(address))?;
            let why = match &book.doubt {
                None => fill(
                    Word::BrainTookConfigured.text(self.lang),
                    &[&book.info.name],
                ),
                Some(doubt) => fill(
                    Word::BrainTookSilent.text(self.lang),
                    &[&book.info.name, doubt],
                ),
            };
            Some((book.info.id.clone(), why))
        };
        let builtin = (
            self.builtin.info().id,
            Word::BrainTookBuiltin.text(self.lang).to_owned(),
        );
        let Some(wanted) = &self.wanted else {
            return builtin;
        };
        let local = |name: Option<&str>| {
            let named = |info: &BrainInfo| name.is_none_or(|name| info.name == name);
            let info = books.here.iter().map(|brain| brain.info()).find(named);
            match info {
                Some(info) => (info.id, Word::BrainTookLocal.text(self.lang).to_owned()),
                None => (written(name), absent(wanted, name).tell(self.lang)),
            }
        };
        match (&wanted.choice, &books.auto) {
            (Choice::Builtin, _) => builtin,
            (Choice::Local, _) => local(None),
            (Choice::Model(name), _) => local(Some(name)),
            (Choice::At(address), _) => configured(address).unwrap_or(builtin),
            (Choice::Auto, None) => (builtin.0, books.why.clone()),
            (Choice::Auto, Some(id)) if books.why.is_empty() => configured(id).unwrap_or(builtin),
            (Choice::Auto, Some(id)) => (id.clone(), books.why.clone()),
        }
    }

    /// Asks a server that somebody named for what it offers.
    async fn describe(&self, wanted: &Wanted, url: &str) -> Book {
        let book = |info, brain, doubt| Book {
            asked: url.to_owned(),
            info,
            brain,
            doubt,
            typed: false,
        };
        let nothing = |error: ServeError| {
            let id = match &error {
                // It leaves out what must not be shown.
                ServeError::Brain(BrainError::Address { base, .. }) => base.clone(),
                _ => url.trim_end_matches('/').to_owned(),
            };
            let info = BrainInfo {
                name: id.clone(),
                id,
                ..BrainInfo::default()
            };
            let doubt = Some(error.tell(self.lang));
            book(info, Err(error), doubt)
        };
        let home = wanted.named().next().is_some_and(|keyed| same(keyed, url));
        let key = if home {
            self.key(wanted).await
        } else {
            Ok(None)
        };
        let key = match key {
            Ok(key) => key,
            Err(error) => return nothing(error),
        };
        let described = match probe::describe(url, key.as_ref()).await {
            Ok(described) => described,
            Err(error) => return nothing(error.into()),
        };
        // Somebody who was not there may be there now.
        let doubt = described.trouble.filter(|trouble| {
            matches!(
                trouble,
                BrainError::NobodyThere { .. }
                    | BrainError::HostUnknown { .. }
                    | BrainError::Unreachable { .. }
            )
        });
        let model = wanted.model.clone().filter(|_| home);
        let windows = match wanted.window.filter(|_| home) {
            Some(window) => Windows::all(window),
            None => described.windows,
        };
        let brain = brain(wanted, described.info, windows, key, model);
        let doubt = doubt.map(|trouble| trouble.tell(self.lang));
        book(brain.info(), Ok(Arc::new(brain)), doubt)
    }

    /// The key, fetched once it is needed. A failure is not remembered: a password manager may be
    /// open the next time.
    async fn key(&self, wanted: &Wanted) -> Result<Option<Secret>, ServeError> {
        let fetch = || async {
            let read = Arc::clone(&wanted.key);
            match tokio::task::spawn_blocking(move || read()).await {
                Ok(key) => key.map_err(|(why, hint)| ServeError::Key { why, hint }),
                Err(error) => Err(ServeError::Key {
                    why: format!("the key could not be read: {error}"),
                    hint: "see the log".to_owned(),
                }),
            }
        };
        self.key.get_or_try_init(fetch).await.cloned()
    }
}

/// How a model on this machine is chosen.
fn written(name: Option<&str>) -> String {
    name.map_or_else(|| "local".to_owned(), |name| format!("model:{name}"))
}

/// Why no model on this machine answers: there is none of that name, or it is for something else, or it
/// cannot be used.
fn absent(wanted: &Wanted, name: Option<&str>) -> ServeError {
    let here = wanted.here.as_ref();
    match name.and_then(|name| here?.refusal(name)) {
        Some(why) => ServeError::Brain(why),
        None => ServeError::NoLocalBrain {
            model: written(name),
        },
    }
}

fn brain(
    wanted: &Wanted,
    info: BrainInfo,
    windows: Windows,
    key: Option<Secret>,
    model: Option<String>,
) -> OpenAi {
    let endpoint = Endpoint {
        base: info.id,
        key,
        model: model.or(info.model),
        first_token: wanted.first_token,
        between_tokens: wanted.between_tokens,
    };
    OpenAi::new(endpoint, info.name)
        .offering(info.models)
        .holding(windows)
}

/// A server that was found by looking.
fn shelved(wanted: &Wanted, found: &Found, lang: Lang) -> Book {
    let windows = found.windows.clone();
    let windows = wanted.window.map_or(windows, Windows::all);
    let brain = brain(wanted, found.info.clone(), windows, None, None);
    Book {
        asked: found.info.id.clone(),
        info: brain.info(),
        brain: Ok(Arc::new(brain)),
        // Once it has loaded its model, it can also say which.
        doubt: found.loading.then(|| found.why(lang)),
        typed: false,
    }
}
