//! What the client says and hears over HTTP.

use super::super::api::{Document, escaped};
use super::super::asked::About;
use super::super::beside::{Chat, Task, Way};
use super::super::catalog::List;
use super::super::frames::ClientFrame;
use super::super::reply::{Reply, Said};
use super::{Yychat, written};
use crate::core::backend::{Down, Say, Trouble, VoiceWish};
use crate::core::ids::{ConversationId, TurnId};
use crate::core::sound::{Sound, Speech};
use crate::core::words::{Word, fill};
use crate::wire::{Answer, Errand, Out, Piece};
use serde_json::{Value, json};

/// So many characters are read out in one go.
const MOST_READ: usize = 4096;

impl Yychat {
    /// Says something, whichever way this server takes it.
    pub(super) fn say(&mut self, say: &Say, out: &mut Out) {
        if let (Some(engine), Some(api)) = (&say.brain, &mut self.beside.api)
            && self.beside.catalog.is_other_engine(engine)
        {
            let path = format!("/v1/engines/switch?engine_name={}", escaped(engine));
            let request = api.post(&path, None);
            let task = Task::Switch {
                engine: engine.clone(),
                say: Box::new(say.clone()),
                document: Document::default(),
            };
            self.beside.tasks.insert(request.number, task);
            out.errands.push(Errand::Ask(request));
            return;
        }
        if let Some(wish) = &say.voice {
            self.spoken.ask(say.turn, say.conversation);
            self.change_voice(say, wish, out);
        }
        if self.beside.way == Way::Http {
            self.ask_aside(say, false, out);
        } else {
            self.on_socket(say, out);
        }
    }

    fn on_socket(&mut self, say: &Say, out: &mut Out) {
        self.asked.ask(say.turn);
        if self.is_plain() {
            self.beside.try_socket(say);
        }
        let frame = self.text_message(say);
        out.frames.push(written(&frame));
    }

    /// Has a server that speaks with one voice at a time take the one that is wished for.
    fn change_voice(&mut self, say: &Say, wish: &VoiceWish, out: &mut Out) {
        let beside = &mut self.beside;
        let Some(voice) = beside.catalog.voice(wish) else {
            return;
        };
        if beside.voice.as_ref() != Some(&voice) {
            beside.voice = Some(voice.clone());
            out.frames.push(written(&ClientFrame::VoiceCommand {
                command: "change_voice".to_owned(),
                conversation_id: Some(say.conversation.to_string()),
                voice: Some(voice),
                personality_id: beside.persona(say),
            }));
        }
    }

    /// Asks over HTTP. `on_socket`: it was said there before.
    fn ask_aside(&mut self, say: &Say, on_socket: bool, out: &mut Out) {
        let beside = &mut self.beside;
        let persona = beside.persona(say);
        let models = &beside.catalog.models;
        let fits = |model: &&String| models.is_empty() || models.contains(model);
        let model = say.model.as_ref().filter(fits).or(models.first());
        let mut body = json!({
            // There has to be one, and such servers have their own.
            "model": model.map_or("default", String::as_str),
            "messages": beside.memory.with(say),
            "stream": true,
            "conversation_id": say.conversation.to_string(),
            "message_id": say.turn.to_string(),
            "use_tools": say.tools,
            "enable_voice": say.voice.is_some(),
        });
        let more = [
            ("personality_id", persona),
            ("client_id", self.client_id.clone()),
        ];
        for (name, value) in more {
            if let (Some(value), Some(body)) = (value, body.as_object_mut()) {
                body.insert(name.to_owned(), Value::String(value));
            }
        }
        let Some(api) = &mut beside.api else {
            return;
        };
        let request = api.post("/v1/chat/completions", Some(&body));
        let chat = Chat {
            say: say.clone(),
            reply: Reply::new(api.host(), say.lang),
            answer: String::new(),
            on_socket,
        };
        beside
            .tasks
            .insert(request.number, Task::Chat(Box::new(chat)));
        out.errands.push(Errand::Ask(request));
    }

    /// The server answers a question on the socket: it needs not be asked elsewhere.
    pub(super) fn socket_answers(&mut self, about: About) {
        let Some(turn) = about.turn() else {
            return;
        };
        let beside = &mut self.beside;
        let before = beside.trials.len();
        beside.trials.retain(|trial| trial.say.turn != turn);
        let tried = beside.chat_of(turn);
        if tried.is_some() || beside.trials.len() < before {
            beside.found(Way::Socket);
        }
        if let Some(number) = tried {
            beside.tasks.remove(&number);
            beside.dropped.push(number);
        }
    }

    /// Whether this is what a server says on the socket about a question that is being answered
    /// over HTTP.
    pub(super) fn is_second_answer(&self, about: About) -> bool {
        self.beside.way == Way::Http && !matches!(about, About::Open(_))
    }

    /// The user has enough of a turn: nobody waits for what is asked about it.
    pub(super) fn leave(&mut self, turn: TurnId, heard: Option<&str>, out: &mut Out) {
        let beside = &mut self.beside;
        beside.trials.retain(|trial| trial.say.turn != turn);
        if let Some(number) = beside.chat_of(turn) {
            out.errands.push(Errand::Drop(number));
            if let Some(Task::Chat(chat)) = beside.tasks.remove(&number) {
                let answer = heard.map_or(chat.answer, str::to_owned);
                beside.memory.keep(&chat.say, answer);
            }
        }
    }

    /// Asks the server what it has; `false` if it cannot be asked.
    pub(super) fn list(&mut self, out: &mut Out) -> bool {
        let beside = &mut self.beside;
        let Some(api) = &mut beside.api else {
            return false;
        };
        for list in List::ALL {
            let request = api.get(list.path());
            let task = Task::List(list, Document::default());
            beside.tasks.insert(request.number, task);
            out.errands.push(Errand::Ask(request));
        }
        true
    }

    /// Asks how much the server remembers of the conversation.
    pub(super) fn ask_memory(&mut self, out: &mut Out) {
        let beside = &mut self.beside;
        if let (Some(api), Some(conversation)) = (&mut beside.api, beside.memory.conversation()) {
            let request = api.get(&format!("/v1/conversations/{conversation}/memory"));
            let task = Task::Memory(Document::default());
            beside.tasks.insert(request.number, task);
            out.errands.push(Errand::Ask(request));
            beside.hold_status(self.now);
        }
    }

    /// Has the server forget a conversation.
    pub(super) fn forget(&mut self, conversation: ConversationId, out: &mut Out) {
        let beside = &mut self.beside;
        beside.memory.forget(conversation);
        if let Some(api) = &mut beside.api {
            let request = api.delete(&format!("/v1/conversations/{conversation}/memory"));
            beside.tasks.insert(request.number, Task::Passing);
            out.errands.push(Errand::Ask(request));
        }
    }

    /// Has these words read out; `false` if that is not possible.
    pub(super) fn read_out(
        &mut self,
        turn: TurnId,
        text: &str,
        wish: &VoiceWish,
        out: &mut Out,
    ) -> bool {
        let beside = &mut self.beside;
        let Some(api) = &mut beside.api else {
            return false;
        };
        if text.chars().count() > MOST_READ {
            return false;
        }
        let mut body = json!({
            "model": "tts-1",
            "input": text,
            "speed": f64::from(wish.speed).clamp(0.25, 4.0),
            "response_format": "wav",
        });
        let voice = beside.catalog.voice(wish);
        if let (Some(voice), Some(body)) = (voice, body.as_object_mut()) {
            body.insert("voice".to_owned(), Value::String(voice));
        }
        let request = api.post("/v1/audio/speech", Some(&body));
        let document = Document::default();
        beside
            .tasks
            .insert(request.number, Task::Aloud { turn, document });
        out.errands.push(Errand::Ask(request));
        true
    }

    /// Time has passed.
    pub(super) fn due_aside(&mut self, out: &mut Out) {
        for say in self.beside.silent(self.now) {
            self.ask_aside(&say, true, out);
        }
        out.downs.extend(self.beside.overdue(self.now));
    }

    /// Something came of a request.
    pub(super) fn heard_aside(&mut self, answer: Answer, out: &mut Out) {
        let Answer { number, piece } = answer;
        let left = match self.beside.tasks.remove(&number) {
            Some(Task::Chat(chat)) => self.chat(number, chat, piece, out),
            Some(Task::List(list, mut document)) => match document.take(piece) {
                None => Some(Task::List(list, document)),
                Some(whole) => {
                    self.listed(list, whole.ok().as_deref(), out);
                    None
                }
            },
            Some(Task::Switch {
                engine,
                say,
                mut document,
            }) => match document.take(piece) {
                None => Some(Task::Switch {
                    engine,
                    say,
                    document,
                }),
                Some(whole) => {
                    self.switched(engine, &say, whole.is_ok(), out);
                    None
                }
            },
            Some(Task::Memory(mut document)) => match document.take(piece) {
                None => Some(Task::Memory(document)),
                Some(whole) => {
                    let count = whole.ok().and_then(|whole| count(&whole));
                    out.downs.extend(self.beside.memories(count));
                    None
                }
            },
            Some(Task::Aloud { turn, mut document }) => match document.take(piece) {
                None => Some(Task::Aloud { turn, document }),
                Some(whole) => {
                    let sound = whole.ok().filter(|bytes| !bytes.is_empty());
                    let sound = sound.map(Sound::File);
                    let more = sound.map(|sound| Down::Speech(Speech::More { turn, sound }));
                    out.downs.extend(more);
                    out.downs.push(Down::Speech(Speech::End { turn }));
                    None
                }
            },
            Some(Task::Passing) => match piece {
                Piece::End | Piece::Failed { .. } => None,
                Piece::Head { .. } | Piece::Body(_) => Some(Task::Passing),
            },
            None => None,
        };
        if let Some(task) = left {
            self.beside.tasks.insert(number, task);
        }
    }

    /// A piece of an answer. The request goes on behind the end of the text, because the server
    /// takes it as a sign that its speech is still wanted.
    fn chat(
        &mut self,
        number: u64,
        mut chat: Box<Chat>,
        piece: Piece,
        out: &mut Out,
    ) -> Option<Task> {
        let over = matches!(piece, Piece::End | Piece::Failed { .. });
        let id = chat.say.turn;
        let turn = Some(id);
        let (mut told, mut failed) = (vec![], false);
        chat.reply.take(piece, &mut told);
        for said in told {
            match said {
                Said::Begun => {
                    self.beside.found(Way::Http);
                    if std::mem::take(&mut chat.on_socket) {
                        self.asked.end(About::Open(id));
                    }
                    out.downs.push(Down::Thinking { turn });
                }
                Said::Text(more) => {
                    chat.answer.push_str(&more);
                    out.downs.push(Down::Text { turn, more });
                }
                Said::Reasoning(more) => out.downs.push(Down::Reasoning { turn, more }),
                Said::Done => {
                    let answer = std::mem::take(&mut chat.answer);
                    self.beside.memory.keep(&chat.say, answer);
                    self.spoken.written(id, self.now);
                    out.downs.push(Down::Done {
                        turn,
                        full: None,
                        by: None,
                        usage: None,
                    });
                }
                Said::NoRoute(_) if !self.beside.fixed => {
                    failed = true;
                    self.beside.way = Way::Socket;
                    if !chat.on_socket {
                        self.on_socket(&chat.say, out);
                    }
                }
                Said::Trouble(trouble) | Said::NoRoute(trouble) => {
                    failed = true;
                    self.spoken.hush(id, false);
                    let answer = std::mem::take(&mut chat.answer);
                    self.beside.memory.keep(&chat.say, answer);
                    if std::mem::take(&mut chat.on_socket) {
                        self.asked.end(About::Open(id));
                    }
                    out.downs.push(Down::Trouble { turn, trouble });
                }
            }
        }
        match (over, failed) {
            (false, false) => return Some(Task::Chat(chat)),
            (false, true) => out.errands.push(Errand::Drop(number)),
            (true, false) => self.spoken.synthesised(id, self.now),
            (true, true) => {}
        }
        None
    }

    fn listed(&mut self, list: List, document: Option<&[u8]>, out: &mut Out) {
        let beside = &mut self.beside;
        if !document.is_some_and(|document| beside.catalog.take(list, document)) {
            return;
        }
        let catalog = &beside.catalog;
        match list {
            List::Personas => {
                let personas = catalog.personas.clone();
                out.downs.push(Down::Offers {
                    personas,
                    voices: vec![],
                });
                // Whoever lists these over HTTP answers there, too.
                beside.found(Way::Http);
            }
            List::Voices => out.downs.push(Down::Offers {
                personas: vec![],
                voices: catalog.voices.clone(),
            }),
            List::Models | List::Engines => self.tell_brains(out),
            List::Tools | List::BorrowedTools => {}
        }
    }

    fn tell_brains(&self, out: &mut Out) {
        let host = self.beside.api.as_ref().map_or("", |api| api.host());
        let brains = self.beside.catalog.brains(host, host);
        out.downs.extend(brains.map(Down::Brains));
    }

    /// Another engine answers from here on, or cannot.
    fn switched(&mut self, engine: String, say: &Say, done: bool, out: &mut Out) {
        if done {
            self.beside.catalog.switched(engine);
            self.tell_brains(out);
            self.say(say, out);
            return;
        }
        let what = fill(Word::EngineRefused.text(say.lang), &[&engine]);
        let trouble = Trouble {
            code: "brain_unknown".to_owned(),
            what,
            ..Trouble::default()
        };
        out.downs.push(Down::Trouble {
            turn: Some(say.turn),
            trouble,
        });
    }
}

/// How many entries there are, as the server counts them or as they stand there.
fn count(document: &[u8]) -> Option<u64> {
    let document: Value = serde_json::from_slice(document).ok()?;
    let listed = document.get("data").and_then(Value::as_array);
    let total = document.get("total").and_then(Value::as_u64);
    total.or_else(|| listed.map(|list| list.len() as u64))
}
