//! The tools of a server as a model is told of them, and what came of a use as text. Pure.

use super::McpError;
use crate::mind::ToolSpec;
use rmcp::model::{CallToolResult, ContentBlock, JsonObject, ResourceContents, Tool};
use serde_json::{Value, json};

/// More tools of one server than this are left out.
pub(super) const TOOLS: usize = 128;
/// The longest description, in characters.
const DESCRIPTION: usize = 1_000;
/// The longest schema, in bytes of JSON: models read all of it with every question.
const SCHEMA: usize = 16 << 10;
/// The longest outcome, in bytes.
const OUTCOME: usize = 64 << 10;
/// The longest name that model servers take.
const NAME: usize = 64;

/// One tool of one server.
#[derive(Clone, Debug, PartialEq)]
pub struct Offer {
    /// The user's name for the server.
    pub server: String,
    /// The server's name for the tool.
    pub tool: String,
    pub spec: ToolSpec,
}

/// The tools that can be offered, and how many are left out.
pub(super) fn offers(server: &str, tools: Vec<Tool>) -> (Vec<Offer>, usize) {
    let all = tools.len();
    let mut offers: Vec<Offer> = vec![];
    for tool in tools {
        if offers.len() == TOOLS {
            break;
        }
        if let Some(offer) = offer(server, &tool)
            && offers
                .iter()
                .all(|known| known.spec.name != offer.spec.name)
        {
            offers.push(offer);
        }
    }
    let left_out = all - offers.len();
    (offers, left_out)
}

fn offer(server: &str, tool: &Tool) -> Option<Offer> {
    let parameters = parameters(&tool.input_schema);
    if tool.name.is_empty() || parameters.to_string().len() > SCHEMA {
        return None;
    }
    let about = tool.description.as_deref().or(tool.title.as_deref());
    let description = about.unwrap_or_default().trim();
    Some(Offer {
        server: server.to_owned(),
        tool: tool.name.clone().into_owned(),
        spec: ToolSpec {
            name: name(server, &tool.name),
            description: description.chars().take(DESCRIPTION).collect(),
            parameters,
        },
    })
}

/// What a model calls it: the server's name in front, in the letters that every model server
/// takes.
fn name(server: &str, tool: &str) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || matches!(c, '_' | '-') {
            c
        } else {
            '_'
        }
    };
    let whole = format!("{server}__{tool}");
    whole.chars().map(plain).take(NAME).collect()
}

/// Model servers insist on an object.
fn parameters(schema: &JsonObject) -> Value {
    let mut schema = schema.clone();
    schema.insert("type".to_owned(), json!("object"));
    schema.entry("properties").or_insert_with(|| json!({}));
    schema.remove("$schema");
    Value::Object(schema)
}

/// The arguments as the model wrote them.
pub(super) fn arguments(text: &str) -> Result<JsonObject, McpError> {
    let text = text.trim();
    if text.is_empty() || text == "null" {
        return Ok(JsonObject::new());
    }
    let read = serde_json::from_str(text).map_err(|error| McpError::Arguments {
        why: error.to_string(),
    })?;
    match read {
        Value::Object(arguments) => Ok(arguments),
        // Written twice, as some models do.
        Value::String(inner) => match serde_json::from_str(&inner) {
            Ok(Value::Object(arguments)) => Ok(arguments),
            _ => Err(not_an_object()),
        },
        _ => Err(not_an_object()),
    }
}

fn not_an_object() -> McpError {
    McpError::Arguments {
        why: "they are no JSON object".to_owned(),
    }
}

/// What came of a use, as text.
pub(super) fn outcome(result: &CallToolResult) -> Result<String, McpError> {
    let mut text = String::new();
    for block in &result.content {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&told(block));
        if text.len() > OUTCOME {
            break;
        }
    }
    if text.trim().is_empty()
        && let Some(value) = &result.structured_content
    {
        text = value.to_string();
    }
    text.truncate(text.floor_char_boundary(OUTCOME));
    if result.is_error == Some(true) {
        return Err(McpError::Refused { why: text });
    }
    Ok(text)
}

fn told(block: &ContentBlock) -> String {
    let left_out = |kind: &str, form: &str, length: usize| {
        format!(
            "[{kind} of type {form}, {} KiB, left out]",
            length.div_ceil(1024)
        )
    };
    match block {
        ContentBlock::Text(text) => text.text.clone(),
        ContentBlock::Image(image) => left_out("an image", &image.mime_type, image.data.len()),
        ContentBlock::Audio(audio) => left_out("sound", &audio.mime_type, audio.data.len()),
        ContentBlock::Resource(embedded) => match &embedded.resource {
            ResourceContents::TextResourceContents { text, .. } => text.clone(),
            ResourceContents::BlobResourceContents {
                mime_type, blob, ..
            } => left_out(
                "a file",
                mime_type.as_deref().unwrap_or("unknown"),
                blob.len(),
            ),
            _ => "[a resource of a new kind, left out]".to_owned(),
        },
        ContentBlock::ResourceLink(link) => link.uri.clone(),
        _ => "[something of a new kind, left out]".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tool(value: Value) -> Tool {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn a_tool_is_told_as_models_take_it() {
        let read = tool(json!({
            "name": "read file", "description": "Reads.\n",
            "inputSchema": { "$schema": "x", "properties": { "path": { "type": "string" } } },
        }));
        let (offers, left_out) = offers("my-files", vec![read.clone(), read]);
        assert_eq!(left_out, 1, "no two are called alike");
        assert_eq!(
            offers,
            [Offer {
                server: "my-files".to_owned(),
                tool: "read file".to_owned(),
                spec: ToolSpec {
                    name: "my-files__read_file".to_owned(),
                    description: "Reads.".to_owned(),
                    parameters: json!({
                        "type": "object",
                        "properties": { "path": { "type": "string" } },
                    }),
                },
            }]
        );
    }

    #[test]
    fn thousands_of_tools_and_endless_schemas_are_bounded() {
        let many = (0..5_000).map(|n| tool(json!({ "name": format!("t{n}"), "inputSchema": {} })));
        let (kept, left_out) = offers("s", many.collect());
        assert_eq!((kept.len(), left_out), (TOOLS, 5_000 - TOOLS));
        let long = "x".repeat(SCHEMA);
        let endless = tool(json!({ "name": "a", "inputSchema": { "title": long } }));
        let (kept, left_out) = offers("s", vec![endless]);
        assert_eq!((kept.len(), left_out), (0, 1));
        let wordy = tool(json!({
            "name": "好".repeat(99), "description": "好".repeat(9_000), "inputSchema": {}
        }));
        let (kept, _) = offers("s", vec![wordy]);
        assert_eq!(kept[0].spec.name.len(), NAME);
        assert_eq!(kept[0].spec.description.chars().count(), DESCRIPTION);
    }

    #[test]
    fn bad_arguments_are_told_back() {
        for good in ["", "null", "{}", r#""{}""#] {
            assert_eq!(arguments(good), Ok(JsonObject::new()), "{good}");
        }
        for (bad, why) in [
            (r#"{"a":"#, "EOF while parsing"),
            ("[1]", "no JSON object"),
            ("path=x", "expected value"),
            (r#""x""#, "no JSON object"),
        ] {
            let told = arguments(bad).unwrap_err().to_string();
            assert!(told.contains(why), "{bad}: {told}");
        }
    }

    #[test]
    fn what_is_no_text_is_named_and_what_is_huge_is_cut() {
        let result = |value| serde_json::from_value::<CallToolResult>(value).unwrap();
        let mixed = result(json!({ "content": [
            { "type": "text", "text": "one" },
            { "type": "image", "data": "AAAA", "mimeType": "image/png" },
            { "type": "resource", "resource": { "uri": "file:///a", "text": "two" } },
        ] }));
        assert_eq!(
            outcome(&mixed).unwrap(),
            "one\n[an image of type image/png, 1 KiB, left out]\ntwo"
        );
        let only = result(json!({ "content": [], "structuredContent": { "a": 1 } }));
        assert_eq!(outcome(&only).unwrap(), r#"{"a":1}"#);
        let failed =
            result(json!({ "content": [{ "type": "text", "text": "no" }], "isError": true }));
        assert_eq!(
            outcome(&failed),
            Err(McpError::Refused {
                why: "no".to_owned()
            })
        );
        let huge = "好".repeat(OUTCOME);
        let huge = result(json!({ "content": [{ "type": "text", "text": huge }] }));
        assert!(outcome(&huge).unwrap().len() <= OUTCOME);
    }
}
