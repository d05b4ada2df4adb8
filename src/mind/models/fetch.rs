//! Fetches one file from one place, again and again while that gets somewhere.
//!
//! Works on a runtime of its own thread: it writes and hashes what comes between two waits.
//! Dropping it stops it, and what came so far stays.

use super::Limits;
use super::hash::Hash;
use super::hub::Place;
use super::looks::{ENOUGH, unmask};
use super::part::{Note, Part};
use super::receipt::Trust;
use super::reply::{self, Asked, ContentRange, Head, Reply};
use super::space;
use super::trouble::{Again, Trouble};
use crate::mind::BrainError;
use crate::mind::endpoint::{Address, is_loopback};
use crate::mind::http::{self, Clients};
use crate::mind::openai::refusal::retry_after;
use reqwest::header::{
    ACCEPT_ENCODING, AUTHORIZATION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE,
    ETAG, HeaderMap, IF_RANGE, LAST_MODIFIED, LOCATION, RANGE,
};
use reqwest::{Response, Url};
use std::io;
use std::pin::pin;
use std::time::Duration;
use tokio::time::{Instant, sleep_until, timeout};

/// A file without an announced end is not read further than this.
const ENDLESS: u64 = 64 << 30;

/// What is known of the file beforehand.
#[derive(Clone, Debug)]
pub(super) struct Known {
    /// Its name, for what it must look like.
    pub(super) name: String,
    pub(super) size: Option<u64>,
    pub(super) hash: Option<(Hash, Trust)>,
}

/// A file that came, and is right as far as anybody vouches for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Came {
    pub(super) hash: Hash,
    pub(super) size: u64,
    pub(super) trust: Trust,
    /// The state of the repository that it is from.
    pub(super) commit: Option<String>,
}

/// What happens meanwhile.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Event<'a> {
    Bytes { done: u64, total: Option<u64> },
    Again { why: &'a Trouble, wait: Duration },
}

/// Why it did not come.
#[derive(Debug)]
pub(super) enum Failure {
    Disk(io::Error),
    Space { needed: u64, free: u64 },
    Trouble(Trouble),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Disk(error)
    }
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        Self::Trouble(trouble)
    }
}

/// What a hub tells about a file beside its bytes.
#[derive(Debug, Default)]
struct Declared {
    commit: Option<String>,
    hash: Option<Hash>,
    size: Option<u64>,
}

impl Declared {
    /// Adds what an answer tells. Hubs tell it where they send us on to the store of large files.
    fn hear(&mut self, headers: &HeaderMap) {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let is_commit =
            |text: &&str| text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if let Some(commit) = text("x-repo-commit").filter(is_commit) {
            self.commit = Some(commit.to_owned());
        }
        if let Some(tag) = text("x-linked-etag") {
            let tag = tag.trim_start_matches("W/").trim_matches('"');
            self.hash = Hash::read(tag).or(self.hash);
        }
        if let Some(size) = text("x-linked-size").and_then(|size| size.parse().ok()) {
            self.size = Some(size);
        }
    }
}

/// What fetches.
pub(super) struct Fetch<'a> {
    pub(super) clients: &'a Clients,
    pub(super) limits: &'a Limits,
    pub(super) tell: &'a mut dyn FnMut(Event<'_>),
    /// Something came before, so there is a network.
    pub(super) met: bool,
    /// When progress was told last.
    pub(super) told: Option<Instant>,
}

impl Fetch<'_> {
    /// Fetches the rest of a file from a place.
    pub(super) async fn fetch(
        &mut self,
        place: &Place,
        known: &Known,
        part: &mut Part,
    ) -> Result<Came, Failure> {
        let (mut tries, mut farthest) = (0_u32, part.length());
        let mut commit = None;
        loop {
            let trouble = match self.attempt(place, known, part, &mut commit).await {
                Err(Failure::Trouble(trouble)) => trouble,
                other => return other,
            };
            // Whatever gets further is not in vain, however often it is cut.
            if part.length() > farthest {
                farthest = part.length();
                tries = 0;
            }
            tries += 1;
            self.met |= part.length() > 0 || !trouble.is_absence();
            let most = if self.met {
                self.limits.tries
            } else {
                self.limits.knocks
            };
            let usual = self.limits.pause * (1 << (tries - 1_u32).min(5));
            let wait = match trouble.again() {
                Again::Later => usual,
                Again::After(wait) if wait <= self.limits.longest_wait => wait.max(usual),
                Again::After(_) | Again::Never => return Err(trouble.into()),
            };
            if tries >= most {
                return Err(trouble.into());
            }
            (self.tell)(Event::Again {
                why: &trouble,
                wait,
            });
            sleep_until(Instant::now() + wait).await;
        }
    }

    /// Asks once, or twice where what is here turns out to be of no use.
    async fn attempt(
        &mut self,
        place: &Place,
        known: &Known,
        part: &mut Part,
        commit: &mut Option<String>,
    ) -> Result<Came, Failure> {
        for _twice in 0..2 {
            if let Some(size) = known.size.or(part.note().total) {
                if part.length() > size {
                    part.restart(Note::default())?;
                } else if part.length() == size {
                    return check(known, part, commit.clone());
                }
            }
            let vouched = known.hash.is_some() || part.note().hash.is_some();
            if part.length() > 0 && !vouched && part.note().validator.is_none() {
                // Nobody could tell whether the rest belongs to it.
                part.restart(Note::default())?;
            }
            let from = part.length();
            let was = part.note().clone();
            let validator = was.validator.as_deref().filter(|_| !vouched && from > 0);
            let (response, declared) = self.ask(place, from, validator).await?;
            if declared.commit.is_some() {
                commit.clone_from(&declared.commit);
            }
            if let (Some((expected, trust)), Some(got)) = (known.hash, declared.hash)
                && expected != got
            {
                return Err(mismatch(expected, got, trust, false).into());
            }
            let head = head_of(&response);
            let size = known.size.or(declared.size);
            let asked = Asked {
                from,
                validator,
                size,
            };
            // The file behind the address is another one by now.
            let replaced =
                matches!((was.hash, declared.hash), (Some(was), Some(is)) if was != is) && from > 0;
            match reply::read(&head, asked) {
                Reply::Append { .. } | Reply::Whole | Reply::Anew if replaced => {
                    part.restart(Note::default())?;
                }
                Reply::Anew => part.restart(Note::default())?,
                Reply::Whole => return check(known, part, commit.clone()),
                Reply::No(trouble) => return Err(trouble.into()),
                Reply::Append { total } => {
                    self.stream(response, known, part, total).await?;
                    return check(known, part, commit.clone());
                }
                Reply::Begin { total } => {
                    part.restart(Note {
                        validator: head.validator,
                        total,
                        hash: declared.hash,
                    })?;
                    self.stream(response, known, part, total).await?;
                    return check(known, part, commit.clone());
                }
            }
        }
        Err(Trouble::Odd {
            why: "it gives no beginning of the file".to_owned(),
        }
        .into())
    }

    /// Asks, and follows to where the file is. The token goes to nobody but the place itself.
    async fn ask(
        &self,
        place: &Place,
        from: u64,
        validator: Option<&str>,
    ) -> Result<(Response, Declared), Failure> {
        let mut url = place.url.clone();
        let mut declared = Declared::default();
        for _hop in 0..=self.limits.hops {
            let client = self.clients.client(&url).map_err(Trouble::Line)?;
            let mut request = client.get(url.clone()).header(ACCEPT_ENCODING, "identity");
            if let Some(bearer) = &place.bearer
                && url.origin() == place.url.origin()
            {
                request = request.header(AUTHORIZATION, bearer);
            }
            if from > 0 {
                request = request.header(RANGE, format!("bytes={from}-"));
            }
            if let Some(validator) = validator {
                request = request.header(IF_RANGE, validator);
            }
            let waited = self.limits.stall;
            let response = match timeout(waited, request.send()).await {
                Err(_elapsed) => return Err(Trouble::Stalled { waited }.into()),
                Ok(Err(error)) => return Err(Trouble::Line(unreached(&error, &url)).into()),
                Ok(Ok(response)) => response,
            };
            declared.hear(response.headers());
            if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
                return Ok((response, declared));
            }
            url = onward(&url, response.headers())?;
        }
        Err(Trouble::Loop.into())
    }

    /// Takes the body in.
    async fn stream(
        &mut self,
        mut response: Response,
        known: &Known,
        part: &mut Part,
        total: Option<u64>,
    ) -> Result<(), Failure> {
        if let Some(total) = total {
            let needed = total.saturating_sub(part.length());
            let free = part.path().parent().and_then(space::free);
            if let Some(free) = free.filter(|free| *free < needed) {
                return Err(Failure::Space { needed, free });
            }
        }
        let waited = self.limits.stall;
        let (mut since, mut then) = (Instant::now(), part.length());
        let mut looked = part.length() > 0;
        loop {
            self.progress(part, total, false);
            let mut next = pin!(response.chunk());
            let soon = timeout(self.limits.progress, &mut next).await;
            let piece = match soon {
                Ok(came) => Ok(came),
                Err(_elapsed) => {
                    // Whoever watches is to see how far it is where it stands still.
                    self.progress(part, total, true);
                    timeout(waited, next).await
                }
            };
            let piece = match piece {
                Err(_elapsed) => return Err(Trouble::Stalled { waited }.into()),
                // The library can say why, in words for nobody: what matters is that the rest is
                // missing.
                Ok(Err(_)) => return Err(cut(part, total).into()),
                Ok(Ok(None)) => break,
                Ok(Ok(Some(piece))) => piece,
            };
            let length = part.length() + piece.len() as u64;
            if length > total.unwrap_or(ENDLESS) {
                part.restart(Note::default())?;
                let size = total.unwrap_or(ENDLESS);
                return Err(Trouble::Length { size, told: length }.into());
            }
            part.append(&piece)?;
            if !looked && part.head().len() == ENOUGH {
                looked = true;
                masked(known, part)?;
            }
            if since.elapsed() >= waited {
                // A byte now and then is no life.
                if part.length() - then < self.limits.least {
                    return Err(Trouble::Stalled { waited }.into());
                }
                (since, then) = (Instant::now(), part.length());
            }
        }
        match total {
            Some(total) if part.length() < total => Err(cut(part, Some(total)).into()),
            _ => {
                self.progress(part, total, true);
                Ok(())
            }
        }
    }

    fn progress(&mut self, part: &Part, total: Option<u64>, last: bool) {
        let now = Instant::now();
        let quiet = self
            .told
            .is_some_and(|told| now.duration_since(told) < self.limits.progress);
        if last || !quiet {
            self.told = Some(now);
            (self.tell)(Event::Bytes {
                done: part.length(),
                total,
            });
        }
    }
}

fn cut(part: &Part, total: Option<u64>) -> Trouble {
    Trouble::Cut {
        got: part.length(),
        of: total,
    }
}

fn mismatch(expected: Hash, got: Hash, trust: Trust, stale: bool) -> Trouble {
    Trouble::Hash {
        expected,
        got,
        trust,
        stale,
    }
}

/// Throws away what cannot be the file.
fn masked(known: &Known, part: &mut Part) -> Result<(), Failure> {
    match unmask(&known.name, part.head()) {
        None => Ok(()),
        Some(mask) => {
            part.restart(Note::default())?;
            Err(Trouble::Masked(mask).into())
        }
    }
}

/// Whether what came is what was meant, as far as anybody vouches for it.
fn check(known: &Known, part: &mut Part, commit: Option<String>) -> Result<Came, Failure> {
    masked(known, part)?;
    let hash = part.hash();
    let told = part.note().hash.map(|hash| (hash, Trust::Hub));
    let vouched = known.hash.or(told);
    if let Some((expected, trust)) = vouched
        && expected != hash
    {
        let stale = part.is_stale();
        part.restart(Note::default())?;
        return Err(mismatch(expected, hash, trust, stale).into());
    }
    Ok(Came {
        hash,
        size: part.length(),
        trust: vouched.map_or(Trust::FirstUse, |(_, trust)| trust),
        commit,
    })
}

fn head_of(response: &Response) -> Head {
    let headers = response.headers();
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    // A weak tag tells that two states mean the same, not that they are the same bytes.
    let tag = text(ETAG).filter(|tag| !tag.starts_with("W/"));
    Head {
        status: response.status().as_u16(),
        length: text(CONTENT_LENGTH).and_then(|length| length.parse().ok()),
        range: text(CONTENT_RANGE).and_then(ContentRange::read),
        validator: tag.or_else(|| text(LAST_MODIFIED)).map(str::to_owned),
        encoded: text(CONTENT_ENCODING).is_some_and(|coding| coding != "identity"),
        page: text(CONTENT_TYPE).is_some_and(|kind| kind.trim_start().starts_with("text/html")),
        wait: retry_after(headers),
    }
}

/// Where an answer sends us on to.
fn onward(url: &Url, headers: &HeaderMap) -> Result<Url, Trouble> {
    let to = headers.get(LOCATION).and_then(|to| to.to_str().ok());
    let next = to.and_then(|to| url.join(to).ok());
    let next = next.filter(|next| matches!(next.scheme(), "http" | "https"));
    let next = next.ok_or_else(|| Trouble::Odd {
        why: "it sends us on to nowhere".to_owned(),
    })?;
    if url.scheme() == "https" && next.scheme() == "http" && !is_loopback(&next) {
        let to = next.origin().ascii_serialization();
        return Err(Trouble::Unsafe { to });
    }
    Ok(next)
}

/// Why there is no connection.
fn unreached(error: &reqwest::Error, url: &Url) -> BrainError {
    match Address::parse(&url.origin().ascii_serialization()) {
        Ok(address) => http::explain(error, &address),
        Err(why) => why,
    }
}
