//! Writes a question the way `POST /chat/completions` wants it.

use crate::mind::{Ask, Said, ToolSpec};
use serde_json::{Value, json};

/// What is left out of a question for servers that stumble over it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Without {
    pub(super) stream_options: bool,
    pub(super) tools: bool,
}

/// The body of the request.
pub(super) fn body(ask: &Ask, model: Option<&str>, without: Without) -> Value {
    let mut body = json!({
        "messages": messages(&ask.said),
        "stream": true,
    });
    if let Some(model) = model {
        body["model"] = json!(model);
    }
    if !without.stream_options {
        body["stream_options"] = json!({ "include_usage": true });
    }
    if !without.tools && !ask.tools.is_empty() {
        body["tools"] = ask.tools.iter().map(tool).collect();
    }
    body
}

/// How many calls the conversation holds already.
pub(super) fn calls_before(ask: &Ask) -> usize {
    let calls = ask.said.iter().map(|said| match said {
        Said::Assistant { calls, .. } => calls.len(),
        Said::System(_) | Said::User(_) | Said::Tool { .. } => 0,
    });
    calls.sum()
}

/// What was said, without two of the user's messages in a row: many a model takes none, and after
/// one question that found no answer every further one would fail.
fn messages(said: &[Said]) -> Vec<Value> {
    let alike = |one: &Said, next: &Said| matches!((one, next), (Said::User(_), Said::User(_)));
    let written = said.chunk_by(alike).map(|together| match together {
        [one] => message(one),
        questions => {
            let words = questions.iter().filter_map(|said| match said {
                Said::User(text) => Some(text.as_str()),
                Said::System(_) | Said::Assistant { .. } | Said::Tool { .. } => None,
            });
            message(&Said::User(words.collect::<Vec<_>>().join("\n\n")))
        }
    });
    written.collect()
}

fn message(said: &Said) -> Value {
    match said {
        Said::System(text) => json!({ "role": "system", "content": text }),
        Said::User(text) => json!({ "role": "user", "content": text }),
        Said::Assistant { text, calls } if calls.is_empty() => {
            json!({ "role": "assistant", "content": text })
        }
        Said::Assistant { text, calls } => {
            let calls: Vec<_> = calls
                .iter()
                .map(|call| {
                    json!({
                        "id": call.id,
                        "type": "function",
                        "function": { "name": call.name, "arguments": call.arguments },
                    })
                })
                .collect();
            let text = Some(text).filter(|text| !text.is_empty());
            json!({ "role": "assistant", "content": text, "tool_calls": calls })
        }
        Said::Tool { call, text } => {
            json!({ "role": "tool", "tool_call_id": call, "content": text })
        }
    }
}

fn tool(tool: &ToolSpec) -> Value {
    json!({
        "type": "function",
        "function": {
            "name": tool.name,
            "description": tool.description,
            "parameters": tool.parameters,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mind::Call;

    #[test]
    fn questions_without_an_answer_are_asked_together_with_the_next() {
        let user = |text: &str| Said::User(text.to_owned());
        let answer = |text: &str| Said::Assistant {
            text: text.to_owned(),
            calls: vec![],
        };
        let said = [
            user("one"),
            answer("1"),
            user("two"),
            user("three"),
            user("four"),
        ];
        assert_eq!(
            messages(&said),
            [
                json!({ "role": "user", "content": "one" }),
                json!({ "role": "assistant", "content": "1" }),
                json!({ "role": "user", "content": "two\n\nthree\n\nfour" }),
            ]
        );
    }

    #[test]
    fn a_conversation_with_a_tool_is_written_as_the_protocol_wants_it() {
        let call = Call {
            id: "call_1".to_owned(),
            name: "now".to_owned(),
            arguments: "{}".to_owned(),
        };
        let ask = Ask {
            lang: crate::core::words::Lang::En,
            said: vec![
                Said::System("be brief".to_owned()),
                Said::User("what time is it?".to_owned()),
                Said::Assistant {
                    text: String::new(),
                    calls: vec![call],
                },
                Said::Tool {
                    call: "call_1".to_owned(),
                    text: "noon".to_owned(),
                },
                Said::Assistant {
                    text: "noon".to_owned(),
                    calls: vec![],
                },
            ],
            model: None,
            tools: vec![ToolSpec {
                name: "now".to_owned(),
                description: "tells the time".to_owned(),
                parameters: json!({ "type": "object" }),
            }],
        };
        let messages = json!([
            { "role": "system", "content": "be brief" },
            { "role": "user", "content": "what time is it?" },
            { "role": "assistant", "content": null, "tool_calls": [{
                "id": "call_1", "type": "function",
                "function": { "name": "now", "arguments": "{}" },
            }] },
            { "role": "tool", "tool_call_id": "call_1", "content": "noon" },
            { "role": "assistant", "content": "noon" },
        ]);
        assert_eq!(
            body(&ask, Some("m"), Without::default()),
            json!({
                "model": "m",
                "messages": messages,
                "stream": true,
                "stream_options": { "include_usage": true },
                "tools": [{ "type": "function", "function": {
                    "name": "now", "description": "tells the time",
                    "parameters": { "type": "object" },
                } }],
            })
        );
        let bare = Without {
            stream_options: true,
            tools: true,
        };
        assert_eq!(
            body(&ask, None, bare),
            json!({ "messages": messages, "stream": true })
        );
        assert_eq!(calls_before(&ask), 1);
    }
}
