//! What a key, a palette entry, a slash command or a script may ask for: one list, one text form.
//!
//! `core::keys` binds chords to actions, `core::update` carries them out. An action added here
//! appears in the palette, the help screen and the configuration by itself.

use super::ids::{ConversationId, MessageId};
use super::words::{Lang, Word};
use std::fmt;
use std::str::FromStr;

/// Something the user may want done. Its text form is its name, followed by its argument if it
/// takes one: `send`, `use-persona friendly`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// One without an argument.
    Plain(Plain),
    /// Think with this brain from the next turn on: `auto`, `builtin`, `local`,
    /// `model:NAME` or a base URL.
    UseBrain(String),
    /// Use this model from the next turn on.
    UseModel(String),
    /// Let this persona answer from the next turn on.
    UsePersona(String),
    /// Speak this language from now on.
    UseLang(Lang),
    /// Look like this from now on: `auto`, or a theme's name.
    UseTheme(String),
    /// Open a stored conversation.
    Open(ConversationId),
    /// Give the open conversation a name.
    Rename(String),
    /// Find stored messages by their words.
    Find(String),
    /// Read this message out.
    Read(MessageId),
    /// Put this question into the composer, to be asked otherwise.
    Edit(MessageId),
    /// Copy this message.
    CopyMessage(MessageId),
    /// Copy a block of code of this message: the nth, counted from 0.
    CopyBlock(MessageId, usize),
    /// Play the recording of this message.
    Replay(MessageId),
    /// Hear with this microphone from now on: its id, or `default`.
    UseMicrophone(String),
    /// Speak through this loudspeaker from now on: its id, or `default`.
    UseLoudspeaker(String),
    /// Let these ears hear from the next recording on: `auto`, or what the backend calls them.
    UseEars(String),
    /// Let this speak from the next answer on: `auto`, or what the backend calls it.
    UseVoice(String),
    /// Write the last recording to a file.
    ExportRecording(String),
    /// Bring this model for hearing or speaking here, once the user has agreed to it.
    PullModel(String),
    /// Ask this, whatever is written in the composer.
    Say(String),
    /// Show another log than our own: a file, a URL, or an id of the backend's.
    ReadLog(String),
    /// Change this setting.
    Change(String),
    /// Bring in the conversations of this file.
    Import(String),
    /// Write the open conversation into a file: a format, and perhaps a place.
    Export(String),
    /// Put this part into the report of a fault, or leave it out.
    BundleWith(String),
    /// Take this setting out of the file, so that its default counts.
    Default(String),
    /// Connect to this: a kind of server, perhaps with its address, or a name of the settings.
    ConnectTo(String),
}

macro_rules! plain {
    ($($name:ident $text:literal $word:ident $shown:literal;)*) => {
        /// The actions without an argument.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Plain { $($name,)* }

        impl Plain {
            /// All of them, in the order in which help lists them.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The name used in the configuration, the palette and scripts.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// What it does, for help and palette.
            pub const fn word(self) -> Word {
                match self { $(Self::$name => Word::$word,)* }
            }

            /// Whether the palette offers it (moving the cursor is no palette matter).
            pub const fn in_palette(self) -> bool {
                match self { $(Self::$name => $shown,)* }
            }
        }
    };
}

plain! {
    Send "send" ActSend false;
    SendOtherWay "send-other-way" ActSendOtherWay true;
    Newline "newline" ActNewline false;
    Insert "insert" ActInsert false;
    Append "append" ActAppend false;
    AppendEnd "append-end" ActAppendEnd false;
    Talk "talk" ActTalk true;
    Cancel "cancel" ActCancel false;
    Break "break" ActBreak false;
    Palette "palette" ActPalette false;
    Help "help" ActHelp true;
    NewConversation "new" ActNew true;
    Conversations "conversations" ActConversations true;
    Again "again" ActAgain true;
    Regenerate "regenerate" ActRegenerate true;
    EditLast "edit" ActEditLast true;
    Edits "edit-messages" ActEdits true;
    Branch "branch" ActBranch true;
    PreviousVersion "previous-version" ActPreviousVersion true;
    NextVersion "next-version" ActNextVersion true;
    Compare "compare-versions" ActCompare true;
    CopyReply "copy" ActCopy true;
    Copies "copy-messages" ActCopies true;
    Blocks "copy-code" ActBlocks true;
    CopyAll "copy-conversation" ActCopyAll true;
    Export "export" ActExport true;
    Find "find-here" ActFind true;
    TakeBack "take-back" ActTakeBack true;
    Call "call" ActCall true;
    Mute "mute" ActMute true;
    Hold "hold" ActHold true;
    ToggleAskAhead "toggle-ask-ahead" ActToggleAskAhead true;
    ReadAloud "read-aloud" ActReadAloud true;
    Messages "read-message" ActMessages true;
    Pause "pause" ActPause true;
    Louder "louder" ActLouder true;
    Softer "softer" ActSofter true;
    Faster "faster" ActFaster true;
    Slower "slower" ActSlower true;
    ToggleSpeech "toggle-speech" ActToggleSpeech true;
    ToggleReview "toggle-review" ActToggleReview true;
    Microphones "microphones" ActMicrophones true;
    Loudspeakers "loudspeakers" ActLoudspeakers true;
    Ears "ears" ActEars true;
    Voices "voices" ActVoices true;
    ReplayRecording "replay-recording" ActReplayRecording true;
    Recordings "recordings" ActRecordings true;
    DeleteRecording "delete-recording" ActDeleteRecording true;
    Brains "brains" ActBrains true;
    LookForBrains "look-for-brains" ActLookForBrains true;
    Models "models" ActModels true;
    SpeechModels "speech-models" ActSpeechModels true;
    StopPull "stop-pull" ActStopPull true;
    Personas "personas" ActPersonas true;
    Themes "theme" ActThemes true;
    ToggleTools "toggle-tools" ActToggleTools true;
    ToggleReasoning "toggle-reasoning" ActToggleReasoning true;
    ToggleDetails "toggle-details" ActToggleDetails true;
    ToggleMouse "toggle-mouse" ActToggleMouse true;
    TogglePanel "toggle-panel" ActTogglePanel true;
    Tools "mcp" ActTools true;
    Status "status" ActStatus true;
    Doctor "doctor" ActDoctor true;
    Settings "settings" ActSettings true;
    Connect "connect" ActConnect true;
    Welcome "welcome" ActWelcome true;
    Log "log" ActLog true;
    TurnLog "turn-log" ActTurnLog true;
    Inspect "inspect" ActInspect true;
    Bundle "bundle" ActBundle true;
    WriteBundle "write-bundle" ActWriteBundle false;
    Times "times" ActTimes true;
    DialNow "dial-now" ActDialNow true;
    HangUp "hang-up" ActHangUp true;
    Forget "forget" ActForget true;
    Delete "delete-conversation" ActDelete true;
    Undelete "undelete" ActUndelete true;
    Pin "pin" ActPin true;
    Retitle "retitle" ActRetitle true;
    Redraw "redraw" ActRedraw true;
    Suspend "suspend" ActSuspend false;
    Quit "quit" ActQuit true;
    ScrollUp "scroll-up" ActScrollUp false;
    ScrollDown "scroll-down" ActScrollDown false;
    PageUp "page-up" ActPageUp false;
    PageDown "page-down" ActPageDown false;
    Top "top" ActTop false;
    Bottom "bottom" ActBottom false;
    Left "left" ActLeft false;
    Right "right" ActRight false;
    Up "up" ActUp false;
    Down "down" ActDown false;
    WordLeft "word-left" ActWordLeft false;
    WordRight "word-right" ActWordRight false;
    LineStart "line-start" ActLineStart false;
    LineEnd "line-end" ActLineEnd false;
    TextStart "text-start" ActTextStart false;
    TextEnd "text-end" ActTextEnd false;
    Backspace "backspace" ActBackspace false;
    DeleteRight "delete" ActDeleteRight false;
    DeleteWordLeft "delete-word-left" ActDeleteWordLeft false;
    DeleteWordRight "delete-word-right" ActDeleteWordRight false;
    KillToStart "kill-to-start" ActKillToStart false;
    KillToEnd "kill-to-end" ActKillToEnd false;
    Yank "yank" ActYank false;
    Transpose "transpose" ActTranspose false;
    Undo "undo" ActUndo false;
    Redo "redo" ActRedo false;
    OlderInput "older-input" ActOlderInput false;
    NewerInput "newer-input" ActNewerInput false;
    Search "search" ActSearch false;
    NextHit "next-hit" ActNextHit false;
    PreviousHit "previous-hit" ActPreviousHit false;
    OnlyText "only-text" ActOnlyText false;
    OnlyLevel "only-level" ActOnlyLevel false;
    OnlyTime "only-time" ActOnlyTime false;
    AllLines "all-lines" ActAllLines false;
    Follow "follow" ActFollow false;
    Mark "mark" ActMark false;
    NextMark "next-mark" ActNextMark false;
    PreviousMark "previous-mark" ActPreviousMark false;
}

/// The text is no action.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAnAction {
    /// It needs an argument that is missing or makes no sense.
    #[error("`{name}` needs {}", needs.text(Lang::En))]
    Argument { name: &'static str, needs: Word },
    /// Something follows an action that takes nothing: carrying it out would lose those words.
    #[error("`{name}` takes nothing after its name")]
    Surplus { name: &'static str },
    /// No action has this name; `nearest` is the most similar one.
    #[error("no action is called `{name}`")]
    Unknown {
        name: String,
        nearest: Option<&'static str>,
    },
}

/// The names of the actions that take an argument, and what the argument is.
pub const WITH_ARGUMENT: &[(&str, Word)] = &[
    ("use-brain", Word::NeedsBrain),
    ("use-model", Word::NeedsModel),
    ("use-persona", Word::NeedsPersona),
    ("use-lang", Word::NeedsLang),
    ("use-theme", Word::NeedsTheme),
    ("open", Word::NeedsConversation),
    ("rename", Word::NeedsTitle),
    ("find", Word::NeedsWords),
    ("read", Word::NeedsMessage),
    ("edit-message", Word::NeedsMessage),
    ("copy-message", Word::NeedsMessage),
    ("copy-block", Word::NeedsBlock),
    ("replay", Word::NeedsMessage),
    ("use-microphone", Word::NeedsDevice),
    ("use-loudspeaker", Word::NeedsDevice),
    ("use-ears", Word::NeedsEars),
    ("use-voice", Word::NeedsVoice),
    ("export-recording", Word::NeedsFile),
    ("pull-model", Word::NeedsSpeechModel),
    ("say", Word::NeedsQuestion),
    ("read-log", Word::NeedsLog),
    ("change", Word::NeedsSetting),
    ("export", Word::NeedsFormat),
    ("bundle-with", Word::NeedsPart),
    ("default", Word::NeedsSetting),
    ("connect-to", Word::NeedsConnection),
    ("import", Word::NeedsFile),
];

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain(plain) => f.write_str(plain.name()),
            Self::UseBrain(brain) => write!(f, "use-brain {brain}"),
            Self::UseModel(model) => write!(f, "use-model {model}"),
            Self::UsePersona(persona) => write!(f, "use-persona {persona}"),
            Self::UseLang(lang) => write!(f, "use-lang {}", lang.code()),
            Self::UseTheme(theme) => write!(f, "use-theme {theme}"),
            Self::Open(id) => write!(f, "open {id}"),
            Self::Rename(title) => write!(f, "rename {title}"),
            Self::Find(words) => write!(f, "find {words}"),
            Self::Read(id) => write!(f, "read {id}"),
            Self::Edit(id) => write!(f, "edit-message {id}"),
            Self::CopyMessage(id) => write!(f, "copy-message {id}"),
            Self::CopyBlock(id, nth) => write!(f, "copy-block {id} {nth}"),
            Self::Replay(id) => write!(f, "replay {id}"),
            Self::UseMicrophone(id) => write!(f, "use-microphone {id}"),
            Self::UseLoudspeaker(id) => write!(f, "use-loudspeaker {id}"),
            Self::UseEars(ears) => write!(f, "use-ears {ears}"),
            Self::UseVoice(voice) => write!(f, "use-voice {voice}"),
            Self::ExportRecording(path) => write!(f, "export-recording {path}"),
            Self::PullModel(model) => write!(f, "pull-model {model}"),
            Self::Say(text) => write!(f, "say {text}"),
            Self::ReadLog(source) => write!(f, "read-log {source}"),
            Self::Change(key) => write!(f, "change {key}"),
            Self::Import(path) => write!(f, "import {path}"),
            Self::Export(how) => write!(f, "export {how}"),
            Self::BundleWith(part) => write!(f, "bundle-with {part}"),
            Self::Default(key) => write!(f, "default {key}"),
            Self::ConnectTo(what) => write!(f, "connect-to {what}"),
        }
    }
}

/// The name that somebody may have meant who wrote this one: one that holds it as a word or begins
/// with it, or else the one with the fewest letters to change.
fn nearest(name: &str) -> Option<&'static str> {
    let known = || {
        let plain = Plain::ALL.iter().map(|plain| plain.name());
        plain.chain(WITH_ARGUMENT.iter().map(|(known, _)| *known))
    };
    let few = || {
        known()
            .map(|known| (strsim::damerau_levenshtein(known, name), known))
            .filter(|(distance, known)| *distance <= 1 + known.len() / 4)
            .min()
            .map(|(_, known)| known)
    };
    let word = || known().find(|known| known.split('-').any(|word| word == name));
    let begins = || known().find(|known| name.len() > 2 && known.starts_with(name));
    word().or_else(begins).or_else(few)
}

impl FromStr for Action {
    type Err = NotAnAction;

    fn from_str(text: &str) -> Result<Self, NotAnAction> {
        let text = text.trim();
        let (name, argument) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let argument = argument.trim();
        let takes = WITH_ARGUMENT.iter().find(|(known, _)| *known == name);
        // Some may be asked for in both ways.
        let bare = argument.is_empty() || takes.is_none();
        let plain = Plain::ALL.iter().find(|plain| plain.name() == name);
        if let Some(plain) = plain.filter(|_| bare) {
            let name = plain.name();
            return match argument {
                "" => Ok(Self::Plain(*plain)),
                _ => Err(NotAnAction::Surplus { name }),
            };
        }
        let Some((name, needs)) = takes else {
            let nearest = nearest(name);
            return Err(NotAnAction::Unknown {
                name: name.to_owned(),
                nearest,
            });
        };
        let missing = NotAnAction::Argument {
            name,
            needs: *needs,
        };
        if argument.is_empty() {
            return Err(missing);
        }
        let argument = argument.to_owned();
        Ok(match *name {
            "use-brain" => Self::UseBrain(argument),
            "use-model" => Self::UseModel(argument),
            "use-persona" => Self::UsePersona(argument),
            "use-lang" => Self::UseLang(Lang::of(&argument).ok_or(missing)?),
            "use-theme" => Self::UseTheme(argument),
            "open" => Self::Open(argument.parse().map_err(|_not_an_id| missing)?),
            "rename" => Self::Rename(argument),
            "find" => Self::Find(argument),
            "read" => Self::Read(argument.parse().map_err(|_not_an_id| missing)?),
            "edit-message" => Self::Edit(argument.parse().map_err(|_not_an_id| missing)?),
            "copy-message" => Self::CopyMessage(argument.parse().map_err(|_not_an_id| missing)?),
            "copy-block" => argument
                .split_once(' ')
                .and_then(|(id, nth)| Some(Self::CopyBlock(id.parse().ok()?, nth.parse().ok()?)))
                .ok_or(missing)?,
            "replay" => Self::Replay(argument.parse().map_err(|_not_an_id| missing)?),
            "use-microphone" => Self::UseMicrophone(argument),
            "use-loudspeaker" => Self::UseLoudspeaker(argument),
            "use-ears" => Self::UseEars(argument),
            "use-voice" => Self::UseVoice(argument),
            "export-recording" => Self::ExportRecording(argument),
            "pull-model" => Self::PullModel(argument),
            "say" => Self::Say(argument),
            "read-log" => Self::ReadLog(argument),
            "change" => Self::Change(argument),
            "export" => Self::Export(argument),
            "bundle-with" => Self::BundleWith(argument),
            "default" => Self::Default(argument),
            "connect-to" => Self::ConnectTo(argument),
            "import" => Self::Import(argument),
            _ => return Err(missing),
        })
    }
}

impl From<Plain> for Action {
    fn from(plain: Plain) -> Self {
        Self::Plain(plain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_survives_its_text_form() {
        let id = crate::core::ids::Seed::new(1).conversation();
        let with_argument = [
            Action::UseBrain("http://localhost:11434/v1".into()),
            Action::UseModel("qwen3:8b".into()),
            Action::UsePersona("friendly".into()),
            Action::UseLang(Lang::Zh),
            Action::UseTheme("contrast".into()),
            Action::Open(id),
            Action::Rename("东京 trip".into()),
            Action::Find("red umbrella".into()),
            Action::Read(crate::core::ids::Seed::new(1).message()),
            Action::Edit(crate::core::ids::Seed::new(5).message()),
            Action::CopyMessage(crate::core::ids::Seed::new(2).message()),
            Action::CopyBlock(crate::core::ids::Seed::new(3).message(), 2),
            Action::Replay(crate::core::ids::Seed::new(4).message()),
            Action::UseMicrophone("pulseaudio:mic 2".into()),
            Action::UseLoudspeaker("default".into()),
            Action::UseEars("pocketsphinx".into()),
            Action::UseVoice("espeak-ng".into()),
            Action::ExportRecording("/tmp/a b.wav".into()),
            Action::PullModel("moonshine-base".into()),
            Action::Say("what time is it?".into()),
            Action::ReadLog("ws://localhost:48916/ws/logs/_server".into()),
            Action::Change("ui.bell".into()),
            Action::Export("html /tmp/a b.html".into()),
            Action::BundleWith("audio".into()),
            Action::Default("ui.bell".into()),
            Action::ConnectTo("model-server http://h:1/v1".into()),
            Action::Import("/tmp/conversations 1.json".into()),
        ];
        assert_eq!(with_argument.len(), WITH_ARGUMENT.len());
        for action in Plain::ALL
            .iter()
            .map(|plain| Action::Plain(*plain))
            .chain(with_argument)
        {
            assert_eq!(action.to_string().parse(), Ok(action));
        }
    }

    #[test]
    fn a_typo_is_answered_with_the_nearest_name() {
        let nearest = |text: &str| match text.parse::<Action>() {
            Err(NotAnAction::Unknown { nearest, .. }) => nearest,
            other => panic!("{other:?}"),
        };
        assert_eq!(nearest("quti"), Some("quit"));
        assert_eq!(nearest("use-persna x"), Some("use-persona"));
        assert_eq!(nearest("xyzzy"), None);
        // A part of the name is more than a likeness.
        assert_eq!(nearest("compare"), Some("compare-versions"));
        assert_eq!(nearest("mouse"), Some("toggle-mouse"));
        assert_eq!(nearest("conv"), Some("conversations"));
        assert_eq!(
            "use-lang fr".parse::<Action>(),
            Err(NotAnAction::Argument {
                name: "use-lang",
                needs: Word::NeedsLang
            })
        );
    }
}
