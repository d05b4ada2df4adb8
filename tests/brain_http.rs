//! The brain behind an address, against a real server on a real socket that misbehaves in every
//! way known of the field.

mod support;

use hearsay::core::backend::{BrainInfo, Usage};
use hearsay::core::line::Distrust;
use hearsay::core::words::Lang;
use hearsay::mind::openai::OpenAi;
use hearsay::mind::probe::{self, Target};
use hearsay::mind::{
    Ask, Brain, BrainError, Call, Endpoint, Finish, Said, Secret, Thought, ToolSpec,
};
use serde_json::{Value, json};
use std::time::Duration;
use support::model_server::{ModelServer, Reply, finish, sse, text};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

/// Far more than anything here takes; a test that needs it has found a fault.
const LONG: Duration = Duration::from_mins(1);
/// How long a server that says nothing is waited for here.
const SHORT: Duration = Duration::from_millis(150);

fn endpoint(base: &str) -> Endpoint {
    Endpoint {
        model: Some("m".to_owned()),
        first_token: LONG,
        between_tokens: LONG,
        ..Endpoint::new(base)
    }
}

fn hello() -> Ask {
    Ask {
        said: vec![Said::User("hello".to_owned())],
        ..Ask::default()
    }
}

fn with_tools() -> Ask {
    Ask {
        tools: vec![ToolSpec {
            name: "now".to_owned(),
            description: "tells the time".to_owned(),
            parameters: json!({ "type": "object", "properties": {} }),
        }],
        ..hello()
    }
}

/// All thoughts of an answer, neighbours of one kind joined, and how it ended.
async fn think(endpoint: Endpoint, ask: Ask) -> (Vec<Thought>, Result<Finish, BrainError>) {
    let brain = OpenAi::new(endpoint, "test");
    let (out, mut inbox) = mpsc::channel(2);
    let mut thoughts: Vec<Thought> = Vec::new();
    let listen = async {
        while let Some(thought) = inbox.recv().await {
            match (thoughts.last_mut(), thought) {
                (Some(Thought::Text(last)), Thought::Text(more))
                | (Some(Thought::Reasoning(last)), Thought::Reasoning(more)) => {
                    last.push_str(&more);
                }
                (_, thought) => thoughts.push(thought),
            }
        }
    };
    let both = async { tokio::join!(brain.think(ask, out), listen).0 };
    let end = tokio::time::timeout(LONG, both)
        .await
        .expect("the answer ends");
    (thoughts, end)
}

async fn answer_to(reply: Reply) -> (Vec<Thought>, Result<Finish, BrainError>) {
    let server = ModelServer::start([reply]).await;
    let (thoughts, end) = think(endpoint(&server.base()), hello()).await;
    (
        thoughts,
        end.map_err(|error| without_base(error, &server.base())),
    )
}

/// The error with the random port replaced, so that whole values can be compared.
fn without_base(error: BrainError, base: &str) -> BrainError {
    let b = || "B".to_owned();
    match error {
        BrainError::Cut { base: at } if at == base => BrainError::Cut { base: b() },
        BrainError::Page { base: at } if at == base => BrainError::Page { base: b() },
        BrainError::Stopped { base: at, said } if at == base => {
            BrainError::Stopped { base: b(), said }
        }
        BrainError::Busy {
            base: at,
            said,
            retry_after,
        } if at == base => BrainError::Busy {
            base: b(),
            said,
            retry_after,
        },
        BrainError::Unreadable { base: at, why } if at == base => {
            BrainError::Unreadable { base: b(), why }
        }
        BrainError::KeyWanted { base: at, said } if at == base => {
            BrainError::KeyWanted { base: b(), said }
        }
        BrainError::ModelUnknown {
            base: at,
            model,
            said,
        } if at == base => BrainError::ModelUnknown {
            base: b(),
            model,
            said,
        },
        BrainError::NotFound { base: at, said } if at == base => {
            BrainError::NotFound { base: b(), said }
        }
        BrainError::Faulty {
            base: at,
            status,
            said,
            retry_after,
        } if at == base => BrainError::Faulty {
            base: b(),
            status,
            said,
            retry_after,
        },
        BrainError::Redirected { base: at, to } if at == base => {
            BrainError::Redirected { base: b(), to }
        }
        other => other,
    }
}

fn said(text: &str) -> Thought {
    Thought::Text(text.to_owned())
}

fn thought(text: &str) -> Thought {
    Thought::Reasoning(text.to_owned())
}

/// A stream with everything in it that a decoder can trip over.
fn rich_stream() -> String {
    let first = json!({ "choices": [{ "delta": { "role": "assistant", "content": null } }] });
    let thinking = json!({ "choices": [{ "delta": { "reasoning_content": "想想" } }] });
    let call = json!({ "choices": [{ "delta": { "tool_calls": [
        { "index": 0, "id": "a", "function": { "name": "now", "arguments": "{\"zone\":" } },
    ] } }] });
    let rest = json!({ "choices": [{ "delta": { "tool_calls": [
        { "index": 0, "function": { "arguments": "\"UTC\"}" } },
    ] } }] });
    let usage = json!({ "choices": [], "usage": { "prompt_tokens": 5, "completion_tokens": 7 } });
    format!(
        ": PROCESSING\r\n\r\ndata: {first}\r\n\r\ndata:{thinking}\n\ndata: {}\r\rdata: {}\n\n\
         event: chunk\ndata: {call}\n\ndata: {rest}\n\ndata: {}\n\ndata: {usage}\n\ndata: [DONE]",
        text("你好, 👩‍👩‍👧 "),
        text("é"),
        finish("tool_calls"),
    )
}

fn rich_thoughts() -> Vec<Thought> {
    let call = Call {
        id: "a".to_owned(),
        name: "now".to_owned(),
        arguments: r#"{"zone":"UTC"}"#.to_owned(),
    };
    let usage = Usage {
        prompt: 5,
        completion: 7,
    };
    vec![
        thought("想想"),
        said("你好, 👩‍👩‍👧 é"),
        Thought::Call(call),
        Thought::Usage(usage),
    ]
}

#[tokio::test]
async fn an_answer_split_at_every_byte_equals_the_unsplit_one() {
    let expected = (rich_thoughts(), Ok(Finish::Calls));
    assert_eq!(answer_to(Reply::stream(rich_stream())).await, expected);
    assert_eq!(
        answer_to(Reply::stream(rich_stream()).by_bytes()).await,
        expected
    );
    let chunks = Reply::stream(rich_stream()).by_bytes().chunked();
    assert_eq!(answer_to(chunks).await, expected);
}

#[tokio::test]
async fn what_servers_do_differently_is_understood() {
    let words = |content: &str| json!({ "choices": [{ "message": { "role": "assistant", "content": content } }] });
    let inline = ["<th", "ink>h", "m</thi", "nk>\n\n", "yes"].map(text);
    let table = [
        (
            Reply::words(&["he", "llo"]),
            vec![said("hello")],
            Finish::Stop,
        ),
        (
            Reply::json(200, &words("whole")),
            vec![said("whole")],
            Finish::Stop,
        ),
        (
            Reply::of(200, "text/plain", sse(&[text("odd type"), finish("stop")])),
            vec![said("odd type")],
            Finish::Stop,
        ),
        (
            Reply::stream(sse(&[text("no done"), finish("stop")])),
            vec![said("no done")],
            Finish::Stop,
        ),
        (
            Reply::stream(sse(&[text("no done"), finish("stop")])).broken(),
            vec![said("no done")],
            Finish::Stop,
        ),
        (
            Reply::events(&[text("no reason")]),
            vec![said("no reason")],
            Finish::Stop,
        ),
        (
            Reply::events(&inline),
            vec![thought("hm"), said("yes")],
            Finish::Stop,
        ),
        (
            Reply::events(&[
                json!({ "choices": [{ "delta": { "reasoning": "hm" } }] }),
                text("yes"),
            ]),
            vec![thought("hm"), said("yes")],
            Finish::Stop,
        ),
        (
            Reply::events(&[text("a"), finish("length")]),
            vec![said("a")],
            Finish::Length,
        ),
        (
            Reply::events(&[finish("content_filter")]),
            vec![],
            Finish::Filtered,
        ),
    ];
    for (reply, thoughts, end) in table {
        let name = format!("{reply:?}");
        assert_eq!(answer_to(reply).await, (thoughts, Ok(end)), "{name}");
    }
}

#[tokio::test]
async fn what_goes_wrong_is_told_apart_and_what_came_before_is_kept() {
    let base = || "B".to_owned();
    let words = str::to_owned;
    let error = |message: &str| json!({ "error": { "message": message, "code": null } });
    let table = [
        (
            Reply::stream(sse(&[text("a")])),
            vec![said("a")],
            BrainError::Cut { base: base() },
        ),
        (
            Reply::stream(sse(&[text("a")])).broken(),
            vec![said("a")],
            BrainError::Cut { base: base() },
        ),
        (Reply::stream(""), vec![], BrainError::Cut { base: base() }),
        (
            Reply::stream(sse(&[text("a"), error("out of memory")])).then_hang(),
            vec![said("a")],
            BrainError::Stopped {
                base: base(),
                said: words("out of memory"),
            },
        ),
        (
            Reply::stream("event: error\ndata: {\"message\":\"gone\"}\n\n"),
            vec![],
            BrainError::Stopped {
                base: base(),
                said: words("gone"),
            },
        ),
        (
            Reply::json(
                200,
                &json!({ "error": { "message": "slow down", "code": 429 } }),
            ),
            vec![],
            BrainError::Busy {
                base: base(),
                said: words("slow down"),
                retry_after: None,
            },
        ),
        (
            Reply::of(200, "text/html", "<html>sign in</html>").then_hang(),
            vec![],
            BrainError::Page { base: base() },
        ),
        (
            Reply::of(200, "text/plain", "good day"),
            vec![],
            BrainError::Unreadable {
                base: base(),
                why: words("it is neither a stream of events nor JSON"),
            },
        ),
        (
            Reply::stream("data: {\"odd\":1}\n\ndata: nonsense\n\ndata: [DONE]\n\n"),
            vec![],
            BrainError::Unreadable {
                base: base(),
                why: words("it is not JSON of the expected form"),
            },
        ),
        (
            Reply::stream("data: ".to_owned() + &"x".repeat(3 << 20)),
            vec![],
            BrainError::Unreadable {
                base: base(),
                why: words("an event is longer than 1 MiB"),
            },
        ),
        (
            Reply::json(401, &error("who are you?")),
            vec![],
            BrainError::KeyWanted {
                base: base(),
                said: words("who are you?"),
            },
        ),
        (
            Reply::json(404, &json!({ "error": "model \"m\" not found" })),
            vec![],
            BrainError::ModelUnknown {
                base: base(),
                model: words("m"),
                said: words("model \"m\" not found"),
            },
        ),
        (
            Reply::json(404, &json!({ "detail": "Not Found" })),
            vec![],
            BrainError::NotFound {
                base: base(),
                said: words("Not Found"),
            },
        ),
        (
            Reply::json(429, &error("slow down")).header("Retry-After", "7"),
            vec![],
            BrainError::Busy {
                base: base(),
                said: words("slow down"),
                retry_after: Some(Duration::from_secs(7)),
            },
        ),
        (
            Reply::of(503, "text/plain", "")
                .header("Date", "Sun, 06 Nov 1994 08:49:37 GMT")
                .header("Retry-After", "Sun, 06 Nov 1994 08:50:07 GMT"),
            vec![],
            BrainError::Busy {
                base: base(),
                said: words(""),
                retry_after: Some(Duration::from_secs(30)),
            },
        ),
        (
            Reply::of(500, "text/html", "<html>500</html>"),
            vec![],
            BrainError::Faulty {
                base: base(),
                status: 500,
                said: words(""),
                retry_after: None,
            },
        ),
    ];
    for (reply, thoughts, error) in table {
        let name = format!("{reply:.200?}");
        assert_eq!(answer_to(reply).await, (thoughts, Err(error)), "{name}");
    }
}

#[tokio::test]
async fn a_question_carries_model_key_and_the_wish_for_token_counts() {
    let server = ModelServer::start([Reply::words(&["hi"])]).await;
    let endpoint = Endpoint {
        key: Some(Secret::new("sk-canary")),
        ..endpoint(&server.base())
    };
    assert_eq!(think(endpoint, hello()).await.1, Ok(Finish::Stop));
    let asked = server.asked();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].method, "POST");
    assert_eq!(asked[0].path, "/v1/chat/completions");
    assert_eq!(asked[0].headers["authorization"], "Bearer sk-canary");
    assert_eq!(asked[0].headers["content-type"], "application/json");
    let body = json!({
        "model": "m",
        "messages": [{ "role": "user", "content": "hello" }],
        "stream": true,
        "stream_options": { "include_usage": true },
    });
    assert_eq!(asked[0].body, body);
}

#[tokio::test]
async fn a_server_that_stumbles_is_asked_again_without_what_it_stumbles_over() {
    let refuse = |status, message: &str| Reply::json(status, &json!({ "error": message }));
    let server = ModelServer::start([
        refuse(400, "unknown field stream_options"),
        refuse(400, "m does not support tools"),
        Reply::words(&["hi"]),
    ])
    .await;
    let (thoughts, end) = think(endpoint(&server.base()), with_tools()).await;
    assert_eq!((thoughts, end), (vec![said("hi")], Ok(Finish::Stop)));
    let has = |body: &Value| {
        (
            body.get("stream_options").is_some(),
            body.get("tools").is_some(),
        )
    };
    let asked: Vec<_> = server
        .asked()
        .iter()
        .map(|asked| has(&asked.body))
        .collect();
    assert_eq!(asked, [(true, true), (false, true), (false, false)]);

    // Once for each, not for ever.
    let server = ModelServer::start([refuse(400, "no tools, no stream_options")]).await;
    let (_, end) = think(endpoint(&server.base()), with_tools()).await;
    assert!(
        matches!(end, Err(BrainError::Rejected { status: 400, .. })),
        "{end:?}"
    );
    assert_eq!(server.asked().len(), 3);
}

#[tokio::test]
async fn a_server_once_known_to_stumble_over_token_counts_is_not_asked_for_them_again() {
    let refuse = Reply::json(
        422,
        &json!({ "detail": [
        { "loc": ["body", "stream_options"], "msg": "extra fields not permitted" },
    ] }),
    );
    let server = ModelServer::start([refuse, Reply::words(&["hi"])]).await;
    let brain = OpenAi::new(endpoint(&server.base()), "test");
    for _ in 0..2 {
        let (out, _inbox) = mpsc::channel(64);
        assert_eq!(brain.think(hello(), out).await, Ok(Finish::Stop));
    }
    assert_eq!(server.asked().len(), 3);
}

#[tokio::test]
async fn a_server_that_never_answers_is_loading_first_and_given_up_then() {
    for reply in [
        Reply::silence(),
        Reply::stream("").then_hang(),
        Reply::stream("").then_drip(b':', Duration::from_millis(40)),
    ] {
        let mut server = ModelServer::start([reply]).await;
        let patient = Endpoint {
            first_token: SHORT,
            ..endpoint(&server.base())
        };
        let (thoughts, end) = think(patient, hello()).await;
        let silent = BrainError::Silent {
            base: server.base(),
            waited: SHORT,
        };
        assert_eq!(end, Err(silent));
        assert!(thoughts.len() <= 1 && thoughts.iter().all(|t| *t == Thought::Loading));
        server.until_hung_up().await;
    }
}

#[tokio::test]
async fn a_server_that_says_it_is_loading_is_asked_again() {
    let loading = || Reply::json(503, &json!({ "error": { "message": "Loading model" } }));
    let server = ModelServer::start([loading(), Reply::words(&["hi"])]).await;
    let answer = think(endpoint(&server.base()), hello()).await;
    assert_eq!(
        answer,
        (vec![Thought::Loading, said("hi")], Ok(Finish::Stop))
    );

    let server = ModelServer::start([loading()]).await;
    let impatient = Endpoint {
        first_token: SHORT,
        ..endpoint(&server.base())
    };
    let error = BrainError::Loading {
        base: server.base(),
        retry_after: None,
    };
    assert_eq!(think(impatient, hello()).await, (vec![], Err(error)));
}

#[tokio::test]
async fn an_answer_that_stops_in_the_middle_is_given_up_and_what_came_is_kept() {
    for reply in [
        Reply::stream(sse(&[text("half")])).then_hang(),
        Reply::stream(sse(&[text("half")])).then_drip(b'\n', Duration::from_millis(40)),
        Reply::stream(sse(&[text("half")])).then_drip(b'x', Duration::from_millis(40)),
    ] {
        let mut server = ModelServer::start([reply]).await;
        let patient = Endpoint {
            between_tokens: SHORT,
            ..endpoint(&server.base())
        };
        let (thoughts, end) = think(patient, hello()).await;
        let stalled = BrainError::Stalled {
            base: server.base(),
            waited: SHORT,
        };
        assert_eq!((thoughts, end), (vec![said("half")], Err(stalled)));
        server.until_hung_up().await;
    }
}

#[tokio::test]
async fn dropping_the_thinking_hangs_up_before_and_during_the_answer() {
    for reply in [
        Reply::silence(),
        Reply::stream(sse(&[text("half")])).then_hang(),
    ] {
        let mut server = ModelServer::start([reply]).await;
        let brain = OpenAi::new(endpoint(&server.base()), "test");
        let (out, mut inbox) = mpsc::channel(8);
        {
            let thinking = brain.think(hello(), out);
            tokio::pin!(thinking);
            tokio::select! {
                end = &mut thinking => panic!("{end:?}"),
                _ = inbox.recv() => {}
                () = server.until_asked(1) => {}
            }
        }
        tokio::time::timeout(LONG, server.until_hung_up())
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn when_nobody_listens_any_longer_the_answer_ends_early() {
    let mut server = ModelServer::start([Reply::stream(sse(&[text("half")])).then_hang()]).await;
    let brain = OpenAi::new(endpoint(&server.base()), "test");
    let (out, mut inbox) = mpsc::channel(1);
    let listen = async move {
        assert_eq!(inbox.recv().await, Some(said("half")));
    };
    let (end, ()) = tokio::join!(brain.think(hello(), out), listen);
    assert_eq!(end, Ok(Finish::Stop));
    tokio::time::timeout(LONG, server.until_hung_up())
        .await
        .unwrap();
}

#[tokio::test]
async fn a_redirect_is_not_followed_with_the_key() {
    let other = ModelServer::start([Reply::words(&["stolen"])]).await;
    let to = format!("{}/chat/completions", other.base());
    let redirect = Reply::of(307, "text/plain", "").header("Location", &to);
    let server = ModelServer::start([redirect]).await;
    let keyed = Endpoint {
        key: Some(Secret::new("sk-canary")),
        ..endpoint(&server.base())
    };
    let redirected = BrainError::Redirected {
        base: server.base(),
        to,
    };
    assert_eq!(think(keyed, hello()).await, (vec![], Err(redirected)));
    assert_eq!(other.asked(), []);
}

#[tokio::test]
async fn the_key_is_never_told_not_even_when_the_server_repeats_it() {
    let error = json!({ "error": { "message": "Incorrect API key provided: sk-canary" } });
    for status in [400, 401, 429, 500] {
        let server = ModelServer::start([Reply::json(status, &error)]).await;
        let keyed = Endpoint {
            key: Some(Secret::new("sk-canary")),
            ..endpoint(&server.base())
        };
        let brain = OpenAi::new(keyed.clone(), "test");
        let (thoughts, end) = think(keyed.clone(), hello()).await;
        let told = format!(
            "{keyed:?} {brain:?} {thoughts:?} {end:?} {:?}",
            brain.info()
        );
        let sentence = end.unwrap_err().to_string();
        assert!(
            !told.contains("canary") && !sentence.contains("canary"),
            "{told} {sentence}"
        );
    }
}

#[tokio::test]
async fn a_key_is_not_sent_over_plain_http_to_another_machine() {
    let keyed = Endpoint {
        key: Some(Secret::new("sk-canary")),
        ..endpoint("http://192.0.2.1/v1")
    };
    let base = || "http://192.0.2.1/v1".to_owned();
    let withheld = BrainError::KeyOverPlainHttp { base: base() };
    assert_eq!(think(keyed, hello()).await, (vec![], Err(withheld.clone())));
    let key = Secret::new("sk-canary");
    assert_eq!(probe::describe(&base(), Some(&key)).await, Err(withheld));
}

/// A port on which nobody listens just now.
async fn closed_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await;
    let address = listener.and_then(|listener| listener.local_addr());
    address.expect("this machine has a free port").port()
}

#[tokio::test]
async fn refused_unknown_and_untrusted_are_told_apart() {
    let base = format!("http://127.0.0.1:{}/v1", closed_port().await);
    let nobody = BrainError::NobodyThere { base: base.clone() };
    assert_eq!(think(endpoint(&base), hello()).await, (vec![], Err(nobody)));

    // The server behind this address speaks plain HTTP.
    let server = ModelServer::start([Reply::hang_up()]).await;
    let base = server.base().replace("http://", "https://");
    let (_, end) = think(endpoint(&base), hello()).await;
    let why = Distrust::NoTls;
    assert_eq!(end, Err(BrainError::Tls { base, why }));

    // `.invalid` never exists; behind a proxy it is the proxy that does not find it.
    if std::env::var_os("http_proxy").is_none() && std::env::var_os("ALL_PROXY").is_none() {
        let unknown = BrainError::HostUnknown {
            host: "hearsay.invalid".to_owned(),
        };
        let asked = think(endpoint("http://hearsay.invalid/v1"), hello()).await;
        assert_eq!(asked, (vec![], Err(unknown)));
    }

    let server = ModelServer::start([Reply::hang_up()]).await;
    let (_, end) = think(endpoint(&server.base()), hello()).await;
    let base = server.base();
    assert_eq!(end, Err(BrainError::HungUp { base }));
}

fn target(name: &'static str, port: u16, list: &'static str) -> Target {
    Target { name, port, list }
}

#[tokio::test]
async fn the_probe_finds_what_answers_in_the_order_of_the_targets() {
    let tags = json!({ "models": [
        { "name": "nomic-embed-text:latest" }, { "name": "llama3:latest" }, { "name": "qwen3:8b" },
    ] });
    let list = json!({ "object": "list", "data": [{ "id": "a.gguf", "owned_by": "llamacpp" }] });
    let ollama = ModelServer::start([])
        .await
        .with("/api/tags", Reply::json(200, &tags));
    let llama = ModelServer::start([])
        .await
        .with("/v1/models", Reply::json(200, &list));
    let loading = Reply::json(503, &json!({ "error": { "message": "Loading model" } }));
    let loads = ModelServer::start([]).await.with("/v1/models", loading);
    let page = Reply::of(200, "text/html", "<html>");
    let website = ModelServer::start([]).await.with("/v1/models", page);
    let silent = ModelServer::start([])
        .await
        .with("/v1/models", Reply::silence());
    let found = probe::probe(&[
        target("silent", silent.port, "/v1/models"),
        target("nobody", closed_port().await, "/v1/models"),
        target("website", website.port, "/v1/models"),
        target("loads", loads.port, "/v1/models"),
        target("Ollama", ollama.port, "/api/tags"),
        target("LM Studio", llama.port, "/v1/models"),
    ])
    .await;
    let names: Vec<_> = found.iter().map(|found| found.info.name.as_str()).collect();
    assert_eq!(names, ["loads", "Ollama", "llama.cpp"]);
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let picked = probe::pick(&found).unwrap();
    let info = BrainInfo {
        id: ollama.base(),
        name: "Ollama".to_owned(),
        models: names(&["nomic-embed-text:latest", "llama3:latest", "qwen3:8b"]),
        model: Some("llama3:latest".to_owned()),
    };
    assert_eq!(picked.info, info);
    let why = format!(
        "took Ollama at http://127.0.0.1:{}: it answered with 3 models",
        ollama.port
    );
    assert_eq!(picked.why(Lang::En), why);
}

#[tokio::test]
async fn a_configured_server_is_described_and_v1_is_added_where_only_that_answers() {
    let list = json!({ "data": [{ "id": "text-embedding-3" }, { "id": "chatty" }] });
    let server = ModelServer::start([])
        .await
        .with("/v1/models", Reply::json(200, &list));
    let root = format!("http://127.0.0.1:{}/", server.port);
    let key = Secret::new("sk-canary");
    for base in [root, server.base()] {
        let described = probe::describe(&base, Some(&key)).await.unwrap();
        assert_eq!(described.trouble, None);
        assert_eq!(described.info.id, server.base());
        assert_eq!(described.info.name, format!("127.0.0.1:{}", server.port));
        assert_eq!(described.info.model.as_deref(), Some("chatty"));
        assert_eq!(described.info.models, ["text-embedding-3", "chatty"]);
    }
    assert!(
        server
            .asked()
            .iter()
            .all(|asked| asked.headers["authorization"] == "Bearer sk-canary")
    );
}

#[tokio::test]
async fn a_configured_server_that_lists_nothing_may_still_chat() {
    let server = ModelServer::start([]).await;
    let described = probe::describe(&server.base(), None).await.unwrap();
    let trouble = BrainError::NotFound {
        base: server.base(),
        said: String::new(),
    };
    assert_eq!(described.trouble, Some(trouble));
    assert_eq!(described.info.id, server.base());
    assert_eq!(
        (described.info.models, described.info.model),
        (vec![], None)
    );
}
