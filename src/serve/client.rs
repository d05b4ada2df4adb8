//! One client as the backend knows it: its turns at work, what it is still to be told, and what
//! it may ask for. Knows nothing of sockets; `session` moves the frames.

mod call;
mod share;

use super::House;
use super::call::Call;
use super::errand::Errands;
use super::error::ServeError;
use super::hear::Recording;
use super::job::{Job, Out};
use super::kit;
use super::lobby::Sat;
use super::question::Question;
use super::speak::{How, Speaker};
use super::terms::Bucket;
use super::turn::Turn;
use crate::core::backend::{Brains, Engine, SHARED, ToolServer};
use crate::core::ids::{Seed, TurnId};
use crate::core::sound::Pcm;
use crate::core::words::{Lang, Word};
use crate::mind::SpeechError;
use crate::mind::speech::Part;
use crate::wire::yychat::frames::{AudioInput, Ids, Personality, PromptPart, ServerFrame};
use share::Share;
use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::OwnedSemaphorePermit;

/// How many messages of one client are answered or read aloud at the same time.
const TURNS: usize = 8;

/// How many recordings of one client may be on their way or wait: one is heard at a time.
const RECORDINGS: usize = 3;

/// Replies that may wait for a client that does not read; it is not listened to beyond them.
const REPLIES: usize = 64;

pub(super) use call::Asked;

/// What this backend does beyond the common protocol.
const CAPABILITIES: [&str; 19] = [
    "ws_text",
    "stream_ids",
    "interrupt",
    "brains",
    "history",
    "lang",
    "tools",
    "reasoning",
    "personalities",
    "rings",
    "clips",
    "live_clips",
    "speak",
    "voice",
    "errands",
    "prompts",
    "call_events",
    "pcm_out",
    SHARED,
];

/// One connected client.
pub(super) struct Client {
    pub(super) house: Arc<House>,
    pub(super) id: String,
    /// What it is told is told in this language: the one of its last message.
    pub(super) lang: Lang,
    seed: Seed,
    replies: VecDeque<ServerFrame>,
    /// What of it goes on beside this connection.
    sat: Sat,
    /// Counts its messages; nothing before the first.
    bucket: Option<Bucket>,
    /// Nothing new is begun, and it is told goodbye when nothing is under way.
    closing: bool,
    jobs: Vec<Job>,
    call: Option<Call>,
    /// Who is to speak in its calls.
    voice: Option<String>,
    /// On which it was sent and has not reported yet.
    pub(super) errands: Arc<Errands>,
    /// Which job is looked at first, so that none drowns the others.
    first: usize,
    looking: Option<Pin<Box<dyn Future<Output = Arc<Brains>> + Send>>>,
    /// The brains it was told of last.
    told: Option<Arc<Brains>>,
    /// The tools it was told of last; nothing if it never asked.
    tools: Option<Vec<ToolServer>>,
    /// What others say in the conversation it has open.
    share: Share,
}

impl Client {
    pub(super) fn greet(house: Arc<House>) -> Self {
        house.figures.came();
        let mut seed = house.seed();
        let id = seed.message().to_string();
        let names = house.personas.names(house.lang).into_iter();
        let personalities = names.map(|(id, name)| Personality { id, name });
        let greeting = ServerFrame::ConnectionEstablished {
            client_id: id.clone(),
            timestamp: house.timestamp(),
            message: Word::BackendGreeting.text(house.lang).to_owned(),
            capabilities: CAPABILITIES
                .iter()
                .filter(|can| **can != "rings" || house.bell.on)
                .filter(|can| **can != SHARED || house.served.elsewhere)
                .map(|can| (*can).to_owned())
                .collect(),
            personalities: personalities.collect(),
            ears: Some(engine(
                (house.ears)(None, house.lang).map(|ears| ears.name()),
                (house.choices)(Part::Ears, house.lang),
                house.lang,
            )),
            voice: Some(engine(
                (house.voice)(None, house.lang).map(|voice| voice.name()),
                (house.choices)(Part::Voice, house.lang),
                house.lang,
            )),
        };
        Self {
            sat: house.lobby.sit(&id),
            id,
            lang: house.lang,
            seed,
            replies: VecDeque::from([greeting]),
            bucket: None,
            closing: false,
            jobs: vec![],
            call: None,
            voice: None,
            errands: Arc::default(),
            first: 0,
            looking: None,
            told: None,
            tools: None,
            share: Share::default(),
            house,
        }
    }

    /// May more be asked of us before something is read?
    pub(super) fn has_room(&self) -> bool {
        self.replies.len() < REPLIES
    }

    /// One more message has come, after so long a life of the connection.
    pub(super) fn count(&mut self, now: Duration) -> Result<(), ServeError> {
        let Some(rate) = self.house.served.terms.rate else {
            return Ok(());
        };
        let bucket = self.bucket.get_or_insert_with(|| Bucket::new(rate, now));
        let counted = bucket.take(rate, now);
        counted.map_err(|wait| ServeError::Rate { rate, wait })
    }

    /// Begins nothing new from here on.
    pub(super) fn close(&mut self) {
        self.closing = true;
    }

    /// Is anything under way for it, or left to be told?
    pub(super) fn is_busy(&self) -> bool {
        !self.jobs.is_empty() || !self.replies.is_empty() || self.looking.is_some()
    }

    /// Is nothing left to be done before goodbye?
    pub(super) fn may_go(&self) -> bool {
        self.closing && !self.is_busy()
    }

    /// Tells the client something as soon as it reads.
    pub(super) fn reply(&mut self, frame: ServerFrame) {
        self.replies.push_back(frame);
    }

    /// Tells the client why something is not done.
    pub(super) fn refuse(&mut self, error: &ServeError, ids: Ids) {
        self.reply(error.frame(self.lang, ids, self.house.timestamp()));
    }

    /// Begins to answer a message.
    pub(super) fn ask(&mut self, question: Question) {
        let ids = self.ids(question.turn.clone(), question.conversation.clone());
        if let Some(place) = self.may_answer(&question.text, &ids) {
            let turn = Turn::begin(&self.house, ids, question, &self.errands, place);
            self.jobs.push(Job::Turn(Box::new(turn)));
        }
    }

    /// Begins to read something aloud.
    pub(super) fn read_aloud(
        &mut self,
        message: String,
        conversation: String,
        text: &str,
        how: How,
    ) {
        let ids = self.ids(message, conversation);
        if let Some(_place) = self.may_answer(text, &ids) {
            let mut speaker = Speaker::new(&self.house, ids, how);
            speaker.push(text);
            speaker.finish();
            self.jobs.push(Job::Reading(Box::new(speaker)));
        }
    }

    fn ids(&self, message: String, conversation: String) -> Ids {
        Ids {
            message_id: Some(message),
            session_id: Some(conversation),
            client_id: Some(self.id.clone()),
        }
    }

    /// The place of what may be answered or read aloud. If it may not, the client is told.
    fn may_answer(&mut self, text: &str, ids: &Ids) -> Option<OwnedSemaphorePermit> {
        let answers = self
            .jobs
            .iter()
            .filter(|job| !matches!(job, Job::Recording(_)));
        let (mut count, mut same) = (0, None);
        for job in answers {
            count += 1;
            same = same.or_else(|| ids.message_id.clone().filter(|id| job.is(id)));
        }
        if text.trim().is_empty() {
            self.refuse(&ServeError::NoWords, ids.clone());
        } else if let Some(message) = same {
            // An error that names the message would end the answer that is on its way.
            self.refuse(&ServeError::Duplicate { message }, Ids::default());
        } else if count == TURNS {
            self.refuse(&ServeError::Busy { most: TURNS }, ids.clone());
        } else if self.closing {
            self.refuse(&ServeError::Closing, ids.clone());
        } else {
            match self.house.place() {
                Ok(place) => return Some(place),
                Err(error) => self.refuse(&error, ids.clone()),
            }
        }
        None
    }

    /// Takes a recording, or the news that its pieces follow.
    pub(super) fn listen(&mut self, input: AudioInput) -> Result<(), ServeError> {
        let named = input.message_id.clone();
        // A plain client names nothing, and is told of nothing that it does not know.
        let ids = named.map_or_else(Ids::default, |message| {
            let conversation = input.conversation_id.clone();
            self.ids(message, conversation.unwrap_or_else(|| self.id.clone()))
        });
        if self.closing {
            return Err(ServeError::Closing);
        }
        if self.recordings() == RECORDINGS {
            return Err(ServeError::Recordings { most: RECORDINGS });
        }
        let recording = Recording::begin(&self.house, input, ids, self.lang)?;
        self.jobs.push(Job::Recording(Box::new(recording)));
        Ok(())
    }

    /// How many recordings are on their way or wait.
    fn recordings(&self) -> usize {
        let is = |job: &&Job| matches!(job, Job::Recording(_));
        self.jobs.iter().filter(is).count()
    }

    /// More of a recording has come. What is left of one that was stopped is passed over.
    pub(super) fn record(&mut self, name: TurnId, samples: &Pcm) {
        let mut recordings = self.jobs.iter_mut().filter_map(Job::recording);
        if let Some(recording) = recordings.find(|one| one.wants(name)) {
            recording.more(samples);
        }
    }

    /// All pieces of a recording have come. Nothing is said about one that was stopped.
    pub(super) fn recorded(&mut self, message_id: Option<&str>) {
        let named = message_id.and_then(|id| id.parse().ok());
        let mut recordings = self.jobs.iter_mut().filter_map(Job::recording);
        if let Some(recording) = recordings.find(|one| named.is_some_and(|name| one.wants(name))) {
            recording.complete();
        }
    }

    /// The next recording is heard as soon as the one before it was.
    fn hear(&mut self) {
        let mut recordings = self.jobs.iter_mut().filter_map(Job::recording);
        if recordings.any(|one| one.is_heard()) {
            return;
        }
        let mut recordings = self.jobs.iter_mut().filter_map(Job::recording);
        if let Some(next) = recordings.find(|one| one.waits()) {
            next.hear();
        }
    }

    /// A name for a message that has none.
    pub(super) fn name_message(&mut self) -> String {
        self.seed.turn().to_string()
    }

    /// Stops what is about the message of that name, else all of the conversation, else all. Of
    /// the message named no more is remembered than was heard, where that is told.
    pub(super) fn interrupt(
        &mut self,
        message_id: Option<String>,
        session_id: Option<String>,
        heard: Option<&str>,
    ) {
        let meant = |ids: &Ids| match (&message_id, &session_id) {
            (Some(id), _) => ids.message_id.as_ref() == Some(id),
            (None, Some(id)) => ids.session_id.as_ref() == Some(id),
            (None, None) => true,
        };
        let stopped = self.jobs.extract_if(.., |job| meant(job.ids()));
        let mut stopped: Vec<Ids> = stopped.map(|job| job.ids().clone()).collect();
        stopped.extend(self.sat.stop(meant));
        if let (Some(heard), Some(message), Some(conversation)) = (heard, &message_id, &session_id)
        {
            // What was sent of it is remembered by now.
            self.house.heard(conversation, message, heard);
        }
        if stopped.is_empty() {
            stopped.push(Ids {
                message_id,
                session_id,
                client_id: Some(self.id.clone()),
            });
        }
        for ids in stopped {
            let timestamp = self.house.timestamp();
            self.reply(ServerFrame::InterruptConfirmed {
                ids: ids.clone(),
                timestamp,
            });
            self.reply(ServerFrame::StopPlayback { ids, timestamp });
        }
    }

    /// Forgets what was said in a conversation; what is being said there is stopped first.
    pub(super) fn forget(&mut self, conversation: Option<String>) {
        let name = conversation.clone().unwrap_or_else(|| self.id.clone());
        if self.jobs.iter().any(|job| job.is_in(&name)) {
            self.interrupt(None, Some(name.clone()), None);
        }
        self.house.memory().forget(&name);
        (self.house.rooms).clear(&name, Some(&self.id), self.house.timestamp());
        if let Some(id) = self.house.kept_as(&name) {
            // It is done in its time; what was said is already out of our own memory.
            drop(self.house.store.forget(id));
        }
        self.reply(ServerFrame::ConversationCleared {
            conversation_id: conversation,
            timestamp: self.house.timestamp(),
        });
    }

    /// Looks which brains there are. Who asks again meanwhile is served by the same look.
    pub(super) fn look(&mut self, again: bool) {
        if self.looking.is_none() {
            let house = Arc::clone(&self.house);
            self.looking = Some(Box::pin(async move { house.shelf.list(again).await }));
        }
    }

    /// Which brains there are has changed.
    pub(super) fn brains_changed(&mut self, brains: Arc<Brains>) {
        if self.told.as_ref() != Some(&brains) {
            self.tell_brains(brains);
        }
    }

    /// Tells which tools there are, now and whenever that changes. Whoever asks is there: so the
    /// servers of tools are started.
    pub(super) fn list_tools(&mut self, again: bool) {
        self.house.servers.start();
        if again {
            self.house.servers.again();
        }
        let tools = kit::told(&self.house, self.lang);
        self.tell_tools(tools);
    }

    /// Tells what was sent to a brain for a question.
    pub(super) fn tell_prompt(&mut self, message: String) {
        let prompt = self.house.prompts().of(&message);
        let part = |(role, text)| PromptPart { role, text };
        self.reply(ServerFrame::Prompt {
            message_id: message,
            said: prompt.said.into_iter().map(part).collect(),
            tools: prompt.tools,
            timestamp: self.house.timestamp(),
        });
    }

    /// Something may have changed with the tools.
    pub(super) fn tools_changed(&mut self) {
        if let Some(told) = &self.tools {
            let tools = kit::told(&self.house, self.lang);
            if *told != tools {
                self.tell_tools(tools);
            }
        }
    }

    fn tell_tools(&mut self, tools: Vec<ToolServer>) {
        self.reply(ServerFrame::Tools {
            servers: tools.clone(),
            timestamp: self.house.timestamp(),
        });
        self.tools = Some(tools);
    }

    fn tell_brains(&mut self, brains: Arc<Brains>) {
        self.reply(ServerFrame::Brains {
            all: brains.all.clone(),
            current: brains.current.clone(),
            why: brains.why.clone(),
            timestamp: self.house.timestamp(),
        });
        self.told = Some(brains);
    }

    /// The next frame for the client.
    pub(super) fn poll_frame(&mut self, context: &mut Context<'_>) -> Poll<Out> {
        self.poll_work(context);
        if let Some(reply) = self.replies.pop_front() {
            return Poll::Ready(reply.into());
        }
        if let Poll::Ready(Some(speech)) = self.sat.speech.poll_recv(context) {
            return Poll::Ready(speech);
        }
        if let Poll::Ready(news) = self.poll_shared(context) {
            return Poll::Ready(news.into());
        }
        let mut at = 0;
        while at < self.jobs.len() {
            let place = (self.first + at) % self.jobs.len();
            match self.jobs[place].poll_frame(context) {
                Poll::Ready(Some(frame)) => {
                    self.first = place + 1;
                    return Poll::Ready(frame);
                }
                Poll::Ready(None) => {
                    self.jobs.remove(place);
                }
                Poll::Pending => at += 1,
            }
        }
        Poll::Pending
    }

    /// Works on, whether the client reads or not.
    pub(super) fn poll_work(&mut self, context: &mut Context<'_>) {
        if let Some(looking) = &mut self.looking
            && let Poll::Ready(brains) = looking.as_mut().poll(context)
        {
            self.looking = None;
            self.tell_brains(brains);
        }
        self.hear();
        for job in &mut self.jobs {
            job.poll_work(context);
        }
        self.answer_call();
    }
}

/// Ears or a voice, or why there are none.
fn engine(
    found: Result<String, SpeechError>,
    choices: Vec<(String, String)>,
    lang: Lang,
) -> Engine {
    match found {
        Ok(name) => Engine {
            name,
            missing: None,
            choices,
        },
        Err(error) => {
            let hint = error.hint(lang).map(|hint| format!("; {hint}"));
            Engine {
                name: String::new(),
                missing: Some(error.tell(lang) + &hint.unwrap_or_default()),
                choices,
            }
        }
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.house.figures.went();
    }
}
