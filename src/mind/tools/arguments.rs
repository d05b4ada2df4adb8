//! Reads arguments as models really write them: numbers as strings, `null` and `""` for what is
//! absent, an object inside a string, or nothing at all.

use super::ToolError;
use serde_json::{Map, Value};

/// The longest text an argument may hold, in characters.
pub(super) const LONGEST: usize = 4_000;

/// The arguments of one call.
#[derive(Debug)]
pub(in crate::mind) struct Arguments(Map<String, Value>);

impl Arguments {
    /// Reads what the model wrote.
    pub(in crate::mind) fn read(text: &str) -> Result<Self, ToolError> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(Self(Map::new()));
        }
        let value = serde_json::from_str(text).map_err(|_no_json| ToolError::Arguments)?;
        match value {
            Value::Object(arguments) => Ok(Self(arguments)),
            Value::Null => Ok(Self(Map::new())),
            // Written twice; once more is no mistake that models make.
            Value::String(inner) => match serde_json::from_str(&inner) {
                Ok(Value::Object(arguments)) => Ok(Self(arguments)),
                _ if inner.trim().is_empty() => Ok(Self(Map::new())),
                _ => Err(ToolError::Arguments),
            },
            _ => Err(ToolError::Arguments),
        }
    }

    /// The text of an argument; `None` when it is absent in one of the many ways.
    pub(in crate::mind) fn text(&self, name: &'static str) -> Result<Option<String>, ToolError> {
        let text = match self.0.get(name) {
            None | Some(Value::Null) => return Ok(None),
            Some(Value::String(text)) => text.trim().to_owned(),
            Some(Value::Number(number)) => number.to_string(),
            Some(Value::Bool(flag)) => flag.to_string(),
            Some(Value::Array(_) | Value::Object(_)) => {
                let needs = "must be text";
                return Err(ToolError::Argument { name, needs });
            }
        };
        if text.chars().count() > LONGEST {
            return Err(ToolError::TooLong { most: LONGEST });
        }
        let absent = matches!(text.as_str(), "" | "null" | "none" | "None" | "undefined");
        Ok((!absent).then_some(text))
    }

    /// The text of an argument that must be there.
    pub(super) fn needed(&self, name: &'static str) -> Result<String, ToolError> {
        let needs = "is missing";
        self.text(name)?.ok_or(ToolError::Argument { name, needs })
    }

    /// A whole number.
    pub(super) fn integer(&self, name: &'static str) -> Result<Option<i64>, ToolError> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        let digits = text
            .strip_suffix(".0")
            .unwrap_or(&text)
            .replace([',', '_'], "");
        let needs = "must be a whole number";
        let number = digits
            .parse()
            .map_err(|_no| ToolError::Argument { name, needs })?;
        Ok(Some(number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absence_is_written_in_many_ways() {
        for text in [
            "",
            "  ",
            "{}",
            "null",
            r#""""#,
            r#""{}""#,
            r#"{"a":null}"#,
            r#"{"a":""}"#,
            r#"{"a":" null "}"#,
            r#"{"b":1}"#,
        ] {
            let arguments = Arguments::read(text).unwrap();
            assert_eq!(arguments.text("a"), Ok(None), "{text}");
            assert_eq!(arguments.integer("a"), Ok(None), "{text}");
        }
    }

    #[test]
    fn numbers_may_be_strings_and_strings_numbers() {
        for text in [
            r#"{"a":12}"#,
            r#"{"a":"12"}"#,
            r#"{"a":12.0}"#,
            r#""{\"a\":\"12\"}""#,
        ] {
            let arguments = Arguments::read(text).unwrap();
            assert_eq!(arguments.integer("a"), Ok(Some(12)), "{text}");
        }
        let arguments = Arguments::read(r#"{"a":1.5}"#).unwrap();
        assert_eq!(arguments.text("a"), Ok(Some("1.5".to_owned())));
        assert_eq!(
            arguments.integer("a").unwrap_err().to_string(),
            "`a` must be a whole number"
        );
    }

    #[test]
    fn what_is_no_object_is_refused_with_a_sentence() {
        for text in ["[]", "7", "{", r#""x""#, "true"] {
            let error = Arguments::read(text).unwrap_err();
            assert_eq!(error.to_string(), "the arguments are no JSON object");
        }
        let arguments = Arguments::read(r#"{"a":[1]}"#).unwrap();
        assert_eq!(
            arguments.text("a").unwrap_err().to_string(),
            "`a` must be text"
        );
        assert_eq!(
            arguments.needed("b").unwrap_err().to_string(),
            "`b` is missing"
        );
    }
}
