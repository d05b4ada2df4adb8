//! Clients that others wrote: the OpenAI SDK for Python, and curl. Whoever is not there is passed
//! over, with a word.

use crate::folder;
use crate::house::Server;
use std::process::{Command, Output};

/// A program that is there, or a word about it.
fn there(program: &str, arguments: &[&str], why: &str) -> bool {
    let tried = Command::new(program).args(arguments).output();
    let there = tried.is_ok_and(|tried| tried.status.success());
    if !there {
        println!("skipped: {why}");
    }
    there
}

fn printed(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// What the SDK is asked to do; each line that it prints is checked.
const SCRIPT: &str = r#"
import io, sys
from openai import OpenAI, NotFoundError, AuthenticationError

base = sys.argv[1]
client = OpenAI(base_url=base, api_key=sys.argv[2])
models = [model.id for model in client.models.list()]
print("models", models)
ask = [{"role": "system", "content": "be brief"}, {"role": "user", "content": "what is 2 + 3?"}]
told = client.chat.completions.create(model="hearsay", messages=ask)
print("whole", told.choices[0].message.content, told.choices[0].finish_reason)
text, reasons, spent = "", [], None
for chunk in client.chat.completions.create(
    model="hearsay", messages=ask, stream=True, stream_options={"include_usage": True}
):
    spent = chunk.usage or spent
    for choice in chunk.choices:
        text += choice.delta.content or ""
        reasons.append(choice.finish_reason)
print("stream", text, reasons[-1], spent is not None)
speech = client.audio.speech.create(model="tts-1", voice="alloy", input="Hello.").read()
print("speech", speech[:4])
with client.audio.speech.with_streaming_response.create(
    model="tts-1", voice="alloy", input="Hello.", response_format="pcm"
) as response:
    print("pcm", sum(len(piece) for piece in response.iter_bytes()) > 1000)
file = ("speech.wav", io.BytesIO(speech), "audio/wav")
print("heard", client.audio.transcriptions.create(model="whisper-1", file=file).text)
try:
    client.chat.completions.create(model="gpt-nothing", messages=ask)
except NotFoundError as error:
    print("unknown", error.code)
try:
    OpenAI(base_url=base, api_key="wrong", max_retries=0).models.list()
except AuthenticationError as error:
    print("refused", error.code)
"#;

/// The same for a conversation that is held aloud: typed and answered in words, and then said and
/// answered in sound.
const REALTIME: &str = r#"
import asyncio, base64, sys
from openai import AsyncOpenAI

base, key = sys.argv[1:3]

async def main():
    client = AsyncOpenAI(base_url=base, api_key=key)
    async with client.realtime.connect(model="hearsay") as line:
        await line.session.update(session={"type": "realtime", "output_modalities": ["text"]})
        part = {"type": "input_text", "text": "what is 2 + 3?"}
        await line.conversation.item.create(
            item={"type": "message", "role": "user", "content": [part]})
        await line.response.create()
        text = ""
        async for event in line:
            if event.type == "response.output_text.delta":
                text += event.delta
            if event.type == "response.done":
                print("typed", text, event.response.status)
                break
        await line.session.update(session={
            "type": "realtime", "output_modalities": ["audio"],
            "audio": {"input": {"turn_detection": None}}})
        for _ in range(10):
            await line.input_audio_buffer.append(audio=base64.b64encode(bytes(4800)).decode())
        await line.input_audio_buffer.commit()
        await line.response.create()
        sound, said = 0, ""
        async for event in line:
            if event.type == "conversation.item.input_audio_transcription.completed":
                print("heard", event.transcript)
            if event.type == "response.output_audio.delta":
                sound += len(base64.b64decode(event.delta))
            if event.type == "response.output_audio_transcript.done":
                said = event.transcript
            if event.type == "response.done":
                print("said", said, sound > 4800, event.response.status)
                break
        await line.response.cancel()
        async for event in line:
            if event.type == "error":
                print("refused", event.error.code)
                break

asyncio.run(main())
"#;

/// The Python that has the SDK, if one can do that much with it.
fn python(import: &str) -> Option<String> {
    let python = std::env::var("OPENAI_SDK_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let why = format!("no Python that can `{import}`");
    there(&python, &["-c", import], &why).then_some(python)
}

/// What a script of the SDK for Python prints, if that is installed, of a server that always hears
/// the same.
fn sdk(needs: &str, hears: &str, script: &str) -> Option<String> {
    let python = python(needs)?;
    let folder = folder();
    let token = "a-token-for-the-sdk";
    let file = folder.path().join("tokens");
    std::fs::write(&file, token).unwrap();
    let ears = format!("command:cat > /dev/null; echo {hears}");
    let server = Server::start(
        folder.path(),
        &["--token-file", file.to_str().unwrap()],
        &[("HEARSAY_EARS", &ears)],
    );
    let path = folder.path().join("sdk.py");
    std::fs::write(&path, script).unwrap();
    let ran = Command::new(python)
        .arg(&path)
        .args([&format!("{}/v1", server.base()), token])
        .env("NO_PROXY", "*")
        .output()
        .unwrap();
    Some(printed(&ran))
}

#[test]
fn the_openai_sdk_for_python_talks_aloud() {
    let Some(printed) = sdk("import openai, websockets", "what is 4 + 4", REALTIME) else {
        return;
    };
    assert_eq!(
        printed,
        "typed 2 + 3 = 5 completed\nheard what is 4 + 4\nsaid 4 + 4 = 8 True completed\n\
         refused response_cancel_not_active\n"
    );
}

#[test]
fn the_openai_sdk_for_python_is_served() {
    let Some(printed) = sdk("import openai", "good evening", SCRIPT) else {
        return;
    };
    assert_eq!(
        printed,
        "models ['hearsay', 'builtin']\nwhole 2 + 3 = 5 stop\nstream 2 + 3 = 5 stop True\n\
         speech b'RIFF'\npcm True\nheard good evening\nunknown model_not_found\n\
         refused invalid_api_key\n"
    );
}

#[test]
fn curl_is_served() {
    if !there("curl", &["--version"], "no curl") {
        return;
    }
    let folder = folder();
    let settings = [("HEARSAY_EARS", "command:cat > /dev/null; echo good evening")];
    let server = Server::start(folder.path(), &[], &settings);
    let curl = |path: &str, arguments: &[&str]| {
        let url = format!("{}{path}", server.base());
        let ran = Command::new("curl")
            .args(["-sS", "--noproxy", "*", "--fail-with-body", &url])
            .args(arguments)
            .current_dir(folder.path())
            .output();
        printed(&ran.unwrap())
    };
    let body = r#"{"stream":true,"messages":[{"role":"user","content":"what is 2 + 3?"}]}"#;
    let told = curl("/v1/chat/completions", &["-N", "-d", body]);
    assert!(
        told.contains("2 + 3 = 5") && told.ends_with("data: [DONE]\n\n"),
        "{told}"
    );
    curl(
        "/v1/audio/speech",
        &["-d", r#"{"input":"hello"}"#, "-o", "hello.wav"],
    );
    for field in ["file", "audio_file"] {
        let told = curl(
            "/v1/audio/transcriptions",
            &["-F", &format!("{field}=@hello.wav")],
        );
        assert_eq!(told, r#"{"text":"good evening"}"#);
    }
    assert!(curl("/metrics", &[]).contains("\nhearsay_requests_total 5\n"));
}
