//! What a client settles for its session. Pure.

use serde_json::{Value, json};

/// How a session goes on.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Settings {
    model: Option<String>,
    pub(super) instructions: Option<String>,
    /// Answers in words alone.
    pub(super) text: bool,
    pub(super) voice: Option<String>,
    /// `None`: the client says where a turn ends.
    pub(super) detection: Option<Detection>,
}

/// What is done where a turn was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Detection {
    pub(super) answer: bool,
    pub(super) interrupt: bool,
}

const DETECTION: Detection = Detection {
    answer: true,
    interrupt: true,
};

impl Settings {
    pub(super) fn new(model: Option<String>) -> Self {
        Self {
            model,
            instructions: None,
            text: false,
            voice: None,
            detection: Some(DETECTION),
        }
    }

    /// As they are told.
    pub(super) fn told(&self, id: &str) -> Value {
        let format = json!({"type": "audio/pcm", "rate": 24000});
        let detection = self.detection.map(|detection| {
            json!({"type": "server_vad", "create_response": detection.answer,
                "interrupt_response": detection.interrupt})
        });
        json!({
            "type": "realtime",
            "object": "realtime.session",
            "id": format!("sess_{id}"),
            "model": self.model.as_deref().unwrap_or("hearsay"),
            "instructions": self.instructions.as_deref().unwrap_or_default(),
            "output_modalities": [if self.text { "text" } else { "audio" }],
            "audio": {
                "input": {"format": format, "turn_detection": detection, "transcription": {"model": "hearsay"}},
                "output": {"format": format, "voice": self.voice, "speed": 1.0},
            },
            "tools": [],
            "tool_choice": "auto",
        })
    }

    /// These settings with what is wished for; `Err`: why not.
    pub(super) fn with(&self, wished: &Value) -> Result<Self, String> {
        let mut new = self.clone();
        if !matches!(
            wished.get("type").and_then(Value::as_str),
            None | Some("realtime")
        ) {
            return Err("a session here is of the type `realtime`".to_owned());
        }
        let given = |value: Option<&Value>| value.filter(|value| !value.is_null()).cloned();
        if let Some(tools) = given(wished.get("tools"))
            && tools.as_array().is_none_or(|tools| !tools.is_empty())
        {
            return Err(
                "tools of clients are not offered; those of the server are used".to_owned(),
            );
        }
        if let Some(instructions) = given(wished.get("instructions")) {
            let text = instructions.as_str().ok_or("`instructions` is a text")?;
            new.instructions = Some(text.to_owned()).filter(|text| !text.is_empty());
        }
        if let Some(modalities) = modalities(wished) {
            new.text = is_text(modalities)?;
        }
        let audio = wished.get("audio");
        let input = audio.and_then(|audio| audio.get("input"));
        let output = audio.and_then(|audio| audio.get("output"));
        for side in [input, output].into_iter().flatten() {
            if let Some(format) = given(side.get("format")) {
                let kind = format.get("type").and_then(Value::as_str);
                let rate = format.get("rate").and_then(Value::as_u64);
                if kind != Some("audio/pcm") || !matches!(rate, None | Some(24_000)) {
                    return Err(FORMAT.to_owned());
                }
            }
        }
        // As clients of the older shape say it.
        for side in ["input_audio_format", "output_audio_format"] {
            if given(wished.get(side)).is_some_and(|format| format != "pcm16") {
                return Err(FORMAT.to_owned());
            }
        }
        let voice = output.and_then(|output| output.get("voice"));
        if let Some(voice) = given(voice.or_else(|| wished.get("voice"))) {
            let name = voice.as_str().ok_or("`voice` is a name")?;
            // What OpenAI calls its voices is the usual one here.
            new.voice = Some(name.to_owned()).filter(|name| !THEIRS.contains(&name.as_str()));
        }
        let detection = input.and_then(|input| input.get("turn_detection"));
        match detection.or_else(|| wished.get("turn_detection")) {
            None => {}
            Some(Value::Null) => new.detection = None,
            Some(wished) => {
                let kind = wished.get("type").and_then(Value::as_str);
                if !matches!(kind, Some("server_vad" | "semantic_vad")) {
                    return Err(
                        "`turn_detection` is `server_vad`, `semantic_vad` or null".to_owned()
                    );
                }
                let flag = |name| wished.get(name).and_then(Value::as_bool).unwrap_or(true);
                new.detection = Some(Detection {
                    answer: flag("create_response"),
                    interrupt: flag("interrupt_response"),
                });
            }
        }
        Ok(new)
    }
}

/// What is wrong with any other sound.
const FORMAT: &str = "sound is `audio/pcm` of 24000 Hz";

/// The voices of OpenAI.
const THEIRS: [&str; 10] = [
    "alloy", "ash", "ballad", "cedar", "coral", "echo", "marin", "sage", "shimmer", "verse",
];

/// How an answer is wished for, by the name of today or the older one.
pub(super) fn modalities(wished: &Value) -> Option<&Value> {
    let named = |name| wished.get(name).filter(|value: &&Value| !value.is_null());
    named("output_modalities").or_else(|| named("modalities"))
}

/// Whether an answer is wanted in words alone. Whoever wants to hear it gets its words, too.
pub(super) fn is_text(modalities: &Value) -> Result<bool, String> {
    let modalities = modalities.as_array().map(Vec::as_slice).unwrap_or_default();
    let known = |one: &Value| one == "text" || one == "audio";
    if modalities.is_empty() || !modalities.iter().all(known) {
        return Err("`output_modalities` is `[\"audio\"]` or `[\"text\"]`".to_owned());
    }
    Ok(modalities.iter().all(|one| one == "text"))
}
