//! Offers our tools to the server: JSON-RPC 2.0 as the Model Context Protocol uses it, with us as
//! the side that has the tools. Nothing is remembered between messages, because servers count
//! their requests from one again and again.
//!
//! [Model Context Protocol](https://modelcontextprotocol.io/specification/2024-11-05)

use crate::core::backend::{Offer, ToolCall};
use serde_json::{Map, Value, json};

/// The version of the protocol that devices speak.
const PROTOCOL: &str = "2024-11-05";
/// A page of tools is no longer, in bytes, with what is around it: some transports of this
/// language take no more than 8000 at once.
const PAGE: usize = 7_500;
/// The longest outcome that is told, in bytes.
const LONGEST: usize = 6_000;
/// What the names of a device's tools begin with.
const PREFIX: &str = "self.";

/// The codes of [JSON-RPC](https://www.jsonrpc.org/specification#error_object).
const UNKNOWN_METHOD: i32 = -32601;
const BAD_PARAMETERS: i32 = -32602;

/// What a message of the server means.
#[derive(Debug, PartialEq)]
pub(super) enum Meaning {
    /// It is answered with this.
    Answer(Value),
    /// A tool is to be used; what comes of it is [`outcome`].
    Use(ToolCall),
    /// It needs no answer.
    Nothing,
}

/// What a message means to who offers these tools.
pub(super) fn read(payload: &Value, offers: &[Offer]) -> Meaning {
    // Some servers wrap the message once more.
    let unwrapped = payload.as_str().map(serde_json::from_str::<Value>);
    let message = match &unwrapped {
        Some(Ok(inner)) => inner,
        _ => payload,
    };
    let Some(method) = message.get("method").and_then(Value::as_str) else {
        return Meaning::Nothing;
    };
    let Some(id) = message.get("id").filter(|id| !id.is_null()) else {
        // A notification is not answered, whatever it says.
        return Meaning::Nothing;
    };
    let parameters = message.get("params");
    let result = match method {
        _ if method.starts_with("notifications") => return Meaning::Nothing,
        "initialize" => json!({
            "protocolVersion": PROTOCOL,
            "capabilities": { "tools": {} },
            "serverInfo": { "name": "hearsay", "version": env!("CARGO_PKG_VERSION") },
        }),
        "ping" => json!({}),
        "tools/list" => match page(parameters, offers) {
            Some(page) => page,
            None => return wrong(id, BAD_PARAMETERS, "no such cursor"),
        },
        "tools/call" => {
            let name = (parameters.and_then(|params| params.get("name"))).and_then(Value::as_str);
            let Some(name) = name else {
                return wrong(id, BAD_PARAMETERS, "`name` is missing");
            };
            let Some(offer) = offers.iter().find(|offer| is_called(offer, name)) else {
                return wrong(
                    id,
                    BAD_PARAMETERS,
                    &format!("unknown tool: {}", brief(name)),
                );
            };
            return Meaning::Use(ToolCall {
                id: id.to_string(),
                name: offer.name.clone(),
                arguments: arguments(parameters.and_then(|params| params.get("arguments"))),
            });
        }
        unknown => {
            let why = format!("method not implemented: {}", brief(unknown));
            return wrong(id, UNKNOWN_METHOD, &why);
        }
    };
    Meaning::Answer(json!({ "jsonrpc": "2.0", "id": id, "result": result }))
}

/// What came of the use of a tool, as the server is told.
pub(super) fn outcome(id: &str, outcome: &Result<String, String>) -> Value {
    let id: Value = serde_json::from_str(id).unwrap_or(Value::Null);
    let (text, failed) = match outcome {
        Ok(text) => (text, false),
        Err(text) => (text, true),
    };
    let text = text.get(..text.floor_char_boundary(LONGEST));
    json!({
        "jsonrpc": "2.0",
        "id": id,
        "result": { "content": [{ "type": "text", "text": text }], "isError": failed },
    })
}

/// Whether a name means this tool. Models see underscores where we write dots.
pub(super) fn is_called(offer: &Offer, name: &str) -> bool {
    let bare = name.strip_prefix(PREFIX).or(name.strip_prefix("self_"));
    bare.unwrap_or(name) == offer.name
}

/// The tools from where the last page ended; `None` if it ended nowhere.
fn page(parameters: Option<&Value>, offers: &[Offer]) -> Option<Value> {
    let cursor = parameters.and_then(|params| params.get("cursor"));
    let cursor = cursor.and_then(Value::as_str).unwrap_or_default();
    let start = match cursor {
        "" => 0,
        name => offers.iter().position(|offer| is_called(offer, name))?,
    };
    let (mut tools, mut bytes, mut next) = (vec![], 0, None);
    for offer in offers.iter().skip(start) {
        let name = format!("{PREFIX}{}", offer.name);
        let tool = json!({
            "name": name,
            "description": offer.description,
            "inputSchema": offer.parameters,
        });
        bytes += tool.to_string().len() + 1;
        if bytes > PAGE && !tools.is_empty() {
            next = Some(name);
            break;
        }
        tools.push(tool);
    }
    let mut page = Map::new();
    page.insert("tools".to_owned(), tools.into());
    page.extend(next.map(|name| ("nextCursor".to_owned(), name.into())));
    Some(page.into())
}

/// Arguments as text of JSON; some servers send them so.
fn arguments(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => "{}".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
    }
}

fn wrong(id: &Value, code: i32, message: &str) -> Meaning {
    let error = json!({ "code": code, "message": message });
    Meaning::Answer(json!({ "jsonrpc": "2.0", "id": id, "error": error }))
}

fn brief(name: &str) -> String {
    name.chars().take(80).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn offer(name: &str, length: usize) -> Offer {
        Offer {
            name: name.to_owned(),
            description: "x".repeat(length),
            parameters: json!({ "type": "object", "properties": {} }),
        }
    }

    fn answer(payload: &Value, offers: &[Offer]) -> Value {
        match read(payload, offers) {
            Meaning::Answer(answer) => answer,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn edge_13_every_request_is_answered_for_itself_whatever_its_number() {
        let offers = [offer("volume", 3)];
        let call = |id| {
            json!({"jsonrpc":"2.0","id":id,"method":"tools/call",
                "params":{"name":"self.volume","arguments":{"volume":30}}})
        };
        for _ in 0..2 {
            let initialize = json!({"jsonrpc":"2.0","id":1,"method":"initialize",
                "params":{"protocolVersion":"2024-11-05","capabilities":{"vision":{"url":"x"}}}});
            let told = answer(&initialize, &offers);
            assert_eq!(told["id"], 1);
            assert_eq!(told["result"]["protocolVersion"], PROTOCOL);
            // The first page is asked for without any parameters.
            let list = json!({"jsonrpc":"2.0","id":2,"method":"tools/list"});
            let told = answer(&list, &offers);
            assert_eq!(told["result"]["tools"][0]["name"], "self.volume");
            assert_eq!(told["result"].get("nextCursor"), None);
            let used = Meaning::Use(ToolCall {
                id: "1".to_owned(),
                name: "volume".to_owned(),
                arguments: r#"{"volume":30}"#.to_owned(),
            });
            assert_eq!(read(&call(1), &offers), used);
        }
        let told = outcome("1", &Ok("done".to_owned()));
        let content = json!({"content":[{"type":"text","text":"done"}],"isError":false});
        assert_eq!(told, json!({"jsonrpc":"2.0","id":1,"result":content}));
        let told = outcome("\"a\"", &Err("no".to_owned()));
        assert_eq!(
            (&told["id"], &told["result"]["isError"]),
            (&json!("a"), &json!(true))
        );
    }

    #[test]
    fn what_is_no_request_is_not_answered_and_what_is_unknown_is_refused() {
        let offers = [offer("volume", 3)];
        for payload in [
            json!({"jsonrpc":"2.0","method":"notifications/initialized"}),
            json!({"jsonrpc":"2.0","id":9,"method":"notifications/x"}),
            json!({"jsonrpc":"2.0","method":"tools/list"}),
            json!({"jsonrpc":"2.0","id":3,"result":{}}),
            json!(null),
            json!([1, 2]),
            json!("nonsense"),
        ] {
            assert_eq!(read(&payload, &offers), Meaning::Nothing, "{payload}");
        }
        for (method, params, code) in [
            ("resources/list", json!({}), UNKNOWN_METHOD),
            ("tools/call", json!({"arguments":{}}), BAD_PARAMETERS),
            ("tools/call", json!({"name":"self.rm"}), BAD_PARAMETERS),
            ("tools/list", json!({"cursor":"self.rm"}), BAD_PARAMETERS),
        ] {
            let payload = json!({"jsonrpc":"2.0","id":7,"method":method,"params":params});
            let told = answer(&payload, &offers);
            assert_eq!(
                (&told["id"], &told["error"]["code"]),
                (&json!(7), &json!(code))
            );
        }
        let wrapped = json!(json!({"jsonrpc":"2.0","id":7,"method":"ping"}).to_string());
        assert_eq!(answer(&wrapped, &offers)["result"], json!({}));
    }

    #[test]
    fn a_long_outcome_is_cut_between_characters() {
        let long = "好".repeat(5_000);
        let told = outcome("1", &Ok(long));
        let text = told["result"]["content"][0]["text"].as_str().unwrap();
        assert_eq!(text, "好".repeat(LONGEST / 3));
    }

    proptest! {
        #[test]
        fn the_pages_hold_every_tool_once_and_none_is_too_long(
            lengths in prop::collection::vec(0_usize..4_000, 0..30),
        ) {
            let offers: Vec<Offer> = (lengths.iter().enumerate())
                .map(|(at, length)| offer(&format!("t{at}"), *length))
                .collect();
            let mut names = vec![];
            let mut params = json!({});
            for _ in 0..=offers.len() {
                let list = json!({"jsonrpc":"2.0","id":2,"method":"tools/list","params":params});
                let told = answer(&list, &offers);
                prop_assert!(told.to_string().len() < 8_000);
                let tools = told["result"]["tools"].as_array().unwrap();
                names.extend(tools.iter().map(|tool| tool["name"].as_str().unwrap().to_owned()));
                match told["result"].get("nextCursor") {
                    Some(next) => params = json!({ "cursor": next }),
                    None => break,
                }
            }
            let expected: Vec<String> =
                offers.iter().map(|offer| format!("self.{}", offer.name)).collect();
            prop_assert_eq!(names, expected);
        }
    }
}
