//! What each type of frame makes the backend do: the one table of them. Whatever cannot be read
//! is answered with an error, and the connection stays.

use super::call::CALL;
use super::client::{Asked, Client};
use super::error::ServeError;
use super::question::Question;
use super::speak::{Form, How};
use crate::core::backend::{self, VoiceWish};
use crate::core::transcript::Role;
use crate::core::words::Lang;
use crate::wire::yychat::binary::Binary;
use crate::wire::yychat::frames::{
    BINARY, ClientFrame, Earlier, Ids, RECORDING, ServerFrame, Speaker, Spoken,
};
use bytes::Bytes;
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::borrow::Cow;
use std::time::Duration;

/// The questions of the common protocol about parts that need a voice.
const VOICE_QUERIES: [&str; 1] = ["audio_cache"];

/// What looks at every message before it is carried out, and may refuse it.
type Look = fn(&mut Client, &str, Duration) -> Result<(), ServeError>;

/// Those that look, in order.
pub(super) const BEFORE: [(&str, Look); 3] = [("count", count), ("rate", rate), ("size", size)];

#[expect(clippy::unnecessary_wraps, reason = "one of those that look")]
fn count(client: &mut Client, _text: &str, _now: Duration) -> Result<(), ServeError> {
    client.house.figures.read();
    Ok(())
}

fn rate(client: &mut Client, _text: &str, now: Duration) -> Result<(), ServeError> {
    client.count(now)
}

fn size(client: &mut Client, text: &str, _now: Duration) -> Result<(), ServeError> {
    let most = client.house.served.terms.longest;
    if text.len() <= most || is_recording(text) {
        return Ok(());
    }
    let length = text.len();
    Err(ServeError::TooLarge { length, most })
}

/// Carries out a text frame that came after so long a life of the connection.
pub(super) fn route(client: &mut Client, text: &str, now: Duration) {
    let stopped = BEFORE
        .iter()
        .find_map(|(_, look)| look(client, text, now).err());
    let outcome = match stopped {
        Some(error) => Err(error),
        None => match serde_json::from_str(text) {
            Ok(frame) => carry_out(client, frame),
            Err(error) => Err(diagnosis(text, &error)),
        },
    };
    if let Err(error) = outcome {
        tracing::debug!("a message was not carried out: {}", error.code());
        let ids = ids(text, &client.id);
        client.refuse(&error, ids);
    }
}

/// Carries out a frame without text.
pub(super) fn sound(client: &mut Client, bytes: &Bytes) {
    client.house.figures.read();
    match Binary::read(bytes) {
        Some(Binary::Recording { turn, samples }) => client.record(turn, &samples),
        Some(Binary::Speech { .. }) | None => {
            let length = bytes.len();
            client.refuse(&ServeError::Binary { length }, Ids::default());
        }
    }
}

/// The table.
fn carry_out(client: &mut Client, frame: ClientFrame) -> Result<(), ServeError> {
    match frame {
        ClientFrame::Heartbeat { client_id, .. } => heartbeat(client, client_id),
        ClientFrame::Ping { client_id, .. } => ping(client, client_id),
        ClientFrame::GetStatus {} => status(client),
        ClientFrame::TextMessage {
            content,
            conversation_id,
            message_id,
            personality_id,
            use_tools,
            stream,
            brain,
            model,
            lang,
            history,
            errands,
            enable_voice,
            spoken,
        } => {
            // One that we do not speak leaves it at the one before.
            client.lang = lang.as_deref().and_then(Lang::of).unwrap_or(client.lang);
            let turn = message_id.unwrap_or_else(|| client.name_message());
            let voice = enable_voice.unwrap_or(false);
            let question = Question {
                voice: voice.then(|| how(&turn, spoken, client.lang)),
                turn,
                // Without a name, everything said on this connection is one conversation.
                conversation: conversation_id.unwrap_or_else(|| client.id.clone()),
                text: content,
                persona: personality_id,
                instructions: None,
                tools: use_tools.unwrap_or(true),
                errands,
                stream: stream.unwrap_or(true),
                brain,
                model,
                lang: client.lang,
                history: history.into_iter().filter_map(earlier).collect(),
            };
            client.ask(question);
            Ok(())
        }
        ClientFrame::Speak {
            content,
            conversation_id,
            message_id,
            spoken,
        } => {
            let message = message_id.unwrap_or_else(|| client.name_message());
            let conversation = conversation_id.unwrap_or_else(|| client.id.clone());
            let how = how(&message, spoken, client.lang);
            client.read_aloud(message, conversation, &content, how);
            Ok(())
        }
        ClientFrame::AudioInput(input) => match input.scenario.as_deref() {
            None | Some(RECORDING) => client.listen(input),
            Some(_) => Err(ServeError::NoVoice {
                command: "audio_input".to_owned(),
            }),
        },
        ClientFrame::AudioStream {
            audio_base64,
            sample_rate,
        } => client.hear_call(audio_base64.as_deref(), sample_rate),
        ClientFrame::AudioComplete { scenario, .. } if scenario.as_deref() == Some(CALL) => {
            client.cut_call()
        }
        ClientFrame::AudioComplete { message_id, .. } => {
            client.recorded(message_id.as_deref());
            Ok(())
        }
        ClientFrame::Interrupt {
            session_id,
            message_id,
            heard,
        } => {
            client.interrupt(message_id, session_id, heard.as_deref());
            Ok(())
        }
        ClientFrame::VoiceCommand {
            command,
            conversation_id,
            voice,
            personality_id,
        } => {
            let asked = Asked {
                conversation: conversation_id,
                voice,
                persona: personality_id,
                ..Asked::default()
            };
            voice_command(client, &command, asked)
        }
        ClientFrame::StatusQuery { query_type } => status_query(client, query_type),
        ClientFrame::ErrandReport {
            errand_id,
            result,
            error,
            ..
        } => {
            let report = match (result, error) {
                (Some(result), None) => Ok(result),
                (_, error) => Err(error.unwrap_or_else(|| "it could not be done".to_owned())),
            };
            client.errands.report(&errand_id, report);
            Ok(())
        }
        ClientFrame::ListTools { again } => {
            client.list_tools(again);
            Ok(())
        }
        ClientFrame::GetPrompt { message_id } => {
            client.tell_prompt(message_id);
            Ok(())
        }
        ClientFrame::JoinConversation { conversation_id } => {
            client.join(conversation_id);
            Ok(())
        }
        ClientFrame::ListBrains { again } => {
            client.look(again);
            Ok(())
        }
    }
}

fn heartbeat(client: &mut Client, named: Option<String>) -> Result<(), ServeError> {
    check_name(client, named)?;
    // A sign of life of the client is as good an occasion as any: another program may have set a
    // timer, or this machine may have slept through one.
    client.house.bell.look.notify_one();
    client.reply(ServerFrame::HeartbeatResponse {
        timestamp: client.house.timestamp(),
        client_id: client.id.clone(),
    });
    Ok(())
}

fn ping(client: &mut Client, named: Option<String>) -> Result<(), ServeError> {
    check_name(client, named)?;
    client.reply(ServerFrame::Pong {
        timestamp: client.house.timestamp(),
        client_id: client.id.clone(),
    });
    Ok(())
}

fn check_name(client: &Client, named: Option<String>) -> Result<(), ServeError> {
    match named {
        Some(named) if named != client.id => Err(ServeError::ClientId {
            client: brief(&named),
        }),
        Some(_) | None => Ok(()),
    }
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "an entry of the table like the others"
)]
fn status(client: &mut Client) -> Result<(), ServeError> {
    let house = &client.house;
    let data = house.figures.data(house.memory().count());
    client.reply(ServerFrame::StatusResponse {
        data,
        timestamp: client.house.timestamp(),
        client_id: client.id.clone(),
    });
    Ok(())
}

fn voice_command(client: &mut Client, command: &str, asked: Asked) -> Result<(), ServeError> {
    match command {
        "clear_conversation" => client.forget(asked.conversation),
        "start_voice_call" => client.start_call(asked),
        "stop_voice_call" => client.stop_call(),
        "change_voice" => client.change_voice(asked),
        "start_recording" => client.reply(ServerFrame::RecordingStarted {
            client_id: client.id.clone(),
            timestamp: client.house.timestamp(),
        }),
        "stop_recording" => client.reply(ServerFrame::RecordingStopped {
            client_id: client.id.clone(),
            timestamp: client.house.timestamp(),
        }),
        unknown => {
            return Err(ServeError::CommandUnknown {
                command: brief(unknown),
            });
        }
    }
    Ok(())
}

fn status_query(client: &mut Client, query: Option<String>) -> Result<(), ServeError> {
    let Some(query) = query else {
        return Err(ServeError::Field {
            kind: "status_query".to_owned(),
            why: "missing field `query_type`".to_owned(),
        });
    };
    match query.as_str() {
        "connection" => status(client),
        known if VOICE_QUERIES.contains(&known) => Err(ServeError::NoVoice { command: query }),
        unknown => Err(ServeError::QueryUnknown {
            query: brief(unknown),
        }),
    }
}

/// Why a text is none of our frames.
fn diagnosis(text: &str, error: &serde_json::Error) -> ServeError {
    if let Err(error) = serde_json::from_str::<IgnoredAny>(text) {
        let why = error.to_string();
        return ServeError::NotJson { why };
    }
    if !text.trim_start().starts_with('{') {
        return ServeError::NotAnObject;
    }
    match serde_json::from_str::<Kind<'_>>(text) {
        Err(_) => ServeError::NoType,
        Ok(Kind { kind }) if ClientFrame::TYPES.contains(&&*kind) => ServeError::Field {
            kind: kind.into_owned(),
            // It may quote a page of the client's.
            why: super::budget::beginning(&error.to_string(), 200).to_owned(),
        },
        Ok(Kind { kind }) => ServeError::TypeUnknown { kind: brief(&kind) },
    }
}

/// The type of a frame. Nothing else of it is kept: a frame that cannot be read may hold anything,
/// and building it would cost many times its length.
#[derive(Deserialize)]
struct Kind<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
}

/// Which message a frame is about.
#[derive(Default, Deserialize)]
struct Names {
    #[serde(rename = "message_id")]
    message: Option<String>,
    #[serde(rename = "conversation_id")]
    conversation: Option<String>,
    #[serde(rename = "session_id")]
    session: Option<String>,
}

/// Which message a frame is about that is not carried out: its sender waits for an answer.
fn ids(text: &str, client: &str) -> Ids {
    let names: Names = serde_json::from_str(text).unwrap_or_default();
    Ids {
        message_id: names.message,
        session_id: names.conversation.or(names.session),
        client_id: Some(client.to_owned()),
    }
}

/// Is this a recording? It may be longer than anything else.
fn is_recording(text: &str) -> bool {
    serde_json::from_str(text).is_ok_and(|Kind { kind }| kind == "audio_input")
}

/// How a client wants something to be spoken. Only a message whose name fits into a frame without
/// text can be spoken in such frames.
fn how(message: &str, spoken: Spoken, lang: Lang) -> How {
    let binary = spoken.audio.is_some_and(|audio| audio == BINARY);
    How {
        wish: VoiceWish {
            voice: spoken.voice,
            speed: spoken.speed.unwrap_or(1.0),
            engine: spoken.engine,
        },
        form: match message.parse() {
            Ok(name) if binary => Form::Binary(name),
            _ => Form::Files,
        },
        lang,
    }
}

/// The beginning of a name that a stranger chose.
fn brief(name: &str) -> String {
    name.chars().take(60).collect()
}

/// What the client says was said; a message whose name is none of ours cannot be told from others.
fn earlier(said: Earlier) -> Option<backend::Earlier> {
    Some(backend::Earlier {
        turn: said.message_id.parse().ok()?,
        role: match said.role {
            Speaker::User => Role::User,
            Speaker::Assistant => Role::Assistant,
        },
        text: said.content,
        cut: said.cut,
        by: None,
    })
}
