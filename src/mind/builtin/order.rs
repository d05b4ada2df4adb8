//! Understands an explicit order to use a tool by its name: `use tool files__read {"path":"a"}`.
//! This brain does not reason about what other programs can do. Pure.

use crate::core::words::Lang;
use crate::mind::tools::tell::either;
use crate::mind::{Call, ToolSpec};
use serde_json::{Value, json};

/// How an order begins.
const BEGINNINGS: [&str; 6] = [
    "use tool ",
    "use the tool ",
    "call tool ",
    "使用工具",
    "调用工具",
    "用工具",
];

/// The use of a tool that a line orders; `Err` says what is wrong with the order, `None`: it is
/// none.
pub(super) fn order(line: &str, tools: &[ToolSpec], lang: Lang) -> Option<Result<Call, String>> {
    let line = line.trim();
    let rest = BEGINNINGS.iter().find_map(|beginning| {
        let start = line.get(..beginning.len())?;
        start
            .eq_ignore_ascii_case(beginning)
            .then(|| line.get(beginning.len()..))?
    })?;
    let rest = rest.trim_start_matches([' ', ':', '：']);
    let (name, given) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let name = name.trim_matches('`');
    let Some(tool) = tools.iter().find(|tool| tool.name == name) else {
        let names: Vec<_> = tools
            .iter()
            .map(|tool| format!("`{}`", tool.name))
            .collect();
        return Some(Err(if names.is_empty() {
            either(lang, "Tools are not allowed now.", "现在不允许使用工具。").to_owned()
        } else {
            let (none, there) = match lang {
                Lang::En => ("There is no tool", "There are"),
                Lang::Zh => ("没有工具", "现有"),
            };
            format!("{none} `{name}`. {there} {}.", names.join(", "))
        }));
    };
    let arguments = arguments(given.trim(), &tool.parameters);
    Some(Ok(Call {
        id: "order".to_owned(),
        name: tool.name.clone(),
        arguments,
    }))
}

/// Arguments as JSON. Plain words are what the only thing the tool needs is.
fn arguments(given: &str, parameters: &Value) -> String {
    if given.is_empty() || given.starts_with('{') {
        return given.to_owned();
    }
    let needed: Vec<&str> = parameters["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    match needed.as_slice() {
        [only] => json!({ *only: given }).to_string(),
        _ => given.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tool_is_used_by_its_name() {
        let tools = [ToolSpec {
            name: "s__echo".to_owned(),
            description: String::new(),
            parameters: json!({ "required": ["text"] }),
        }];
        let ordered = |line: &str| {
            let order = order(line, &tools, Lang::En)?;
            Some(order.map(|call| call.arguments))
        };
        let table = [
            (
                "use tool s__echo hello there",
                Some(Ok(r#"{"text":"hello there"}"#)),
            ),
            (
                r#"Use tool `s__echo` {"text": 1}"#,
                Some(Ok(r#"{"text": 1}"#)),
            ),
            ("使用工具 s__echo 你好", Some(Ok(r#"{"text":"你好"}"#))),
            ("use the tool s__echo", Some(Ok(""))),
            (
                "use tool nothing x",
                Some(Err("There is no tool `nothing`. There are `s__echo`.")),
            ),
            ("use a hammer", None),
            ("what is a tool?", None),
        ];
        for (line, expected) in table {
            let expected = expected.map(|told| told.map(str::to_owned).map_err(str::to_owned));
            assert_eq!(ordered(line), expected, "{line}");
        }
    }
}
