//! Puts tool calls together from the fragments in which servers send them.
//!
//! The specification numbers fragments by `index` and names a call once. Real servers leave the
//! index out, give every call index 0, send whole calls in one piece, or forget the id.

use crate::mind::Call;
use serde_json::Value;

/// The most that all calls of one answer may hold, in bytes. They are kept until the answer ends,
/// so an endless call would fill the memory.
const MOST: usize = 1 << 20;

/// The calls of one answer, as far as they have arrived.
#[derive(Debug, Default)]
pub(super) struct Calls {
    open: Vec<Open>,
    /// About how many bytes they hold.
    held: usize,
}

#[derive(Debug, Default)]
struct Open {
    index: Option<u64>,
    call: Call,
}

impl Calls {
    /// Takes the `tool_calls` of one event; true if there was anything in it.
    pub(super) fn take(&mut self, fragments: &Value) -> bool {
        match fragments {
            Value::Array(fragments) => {
                for fragment in fragments {
                    self.take_one(fragment);
                }
                !fragments.is_empty()
            }
            Value::Object(_) => {
                self.take_one(fragments);
                true
            }
            _ => false,
        }
    }

    /// Whether they hold more than any honest call does.
    pub(super) fn are_too_long(&self) -> bool {
        self.held > MOST
    }

    /// The finished calls. `made` is how many calls this conversation had before: an id that the
    /// server forgot is made from the number of the call, so that no two are alike.
    pub(super) fn finish(self, made: usize) -> Vec<Call> {
        let calls = self.open.into_iter().map(|open| open.call);
        let named = calls.filter(|call| !call.name.is_empty());
        named
            .enumerate()
            .map(|(number, mut call)| {
                if call.id.is_empty() {
                    call.id = format!("call_{}", made + number + 1);
                }
                if call.arguments.trim().is_empty() {
                    call.arguments.replace_range(.., "{}");
                }
                call
            })
            .collect()
    }

    fn take_one(&mut self, fragment: &Value) {
        let function = fragment.get("function").unwrap_or(fragment);
        let text =
            |value: &'_ Value, key| value.get(key).and_then(Value::as_str).map(str::to_owned);
        let id = text(fragment, "id").unwrap_or_default();
        let name = text(function, "name").unwrap_or_default();
        let index = fragment.get("index").and_then(Value::as_u64);
        let arguments = match function.get("arguments") {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(arguments)) => arguments.clone(),
            // Already parsed, by servers that mean well.
            Some(arguments) => arguments.to_string(),
        };
        // An empty call takes room too.
        self.held += size_of::<Open>() + id.len() + name.len() + arguments.len();
        if let Some(open) = self.belongs_to(index, &id, &name) {
            open.call.arguments.push_str(&arguments);
            if open.call.name.is_empty() {
                open.call.name = name;
            }
            if open.call.id.is_empty() {
                open.call.id = id;
            }
        } else {
            let call = Call {
                id,
                name,
                arguments,
            };
            self.open.push(Open { index, call });
        }
    }

    /// The call that a fragment continues, if it does not begin one.
    fn belongs_to(&mut self, index: Option<u64>, id: &str, name: &str) -> Option<&mut Open> {
        let open = match index {
            Some(_) => self
                .open
                .iter_mut()
                .rev()
                .find(|open| open.index == index)?,
            None if id.is_empty() => self.open.last_mut()?,
            None => self.open.iter_mut().rev().find(|open| open.call.id == id)?,
        };
        let another_id = !id.is_empty() && !open.call.id.is_empty() && open.call.id != id;
        // Without an id, a name begins a new call unless the call at hand still lacks one, or
        // its arguments are not complete and the server only repeats the name.
        let another_name = id.is_empty()
            && !name.is_empty()
            && !open.call.name.is_empty()
            && (open.call.name != name
                || serde_json::from_str::<Value>(&open.call.arguments).is_ok());
        (!another_id && !another_name).then_some(open)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calls(events: &[&str]) -> Vec<(String, String, String)> {
        let mut calls = Calls::default();
        for event in events {
            calls.take(&serde_json::from_str(event).unwrap());
        }
        let finished = calls.finish(0).into_iter();
        finished
            .map(|call| (call.id, call.name, call.arguments))
            .collect()
    }

    fn call(id: &str, name: &str, arguments: &str) -> (String, String, String) {
        (id.to_owned(), name.to_owned(), arguments.to_owned())
    }

    #[test]
    fn fragments_are_put_together_by_index() {
        let events = [
            r#"[{"index":0,"id":"a","type":"function","function":{"name":"now","arguments":""}}]"#,
            r#"[{"index":1,"id":"b","function":{"name":"roll","arguments":"{\"n\""}}]"#,
            r#"[{"index":0,"function":{"arguments":"{\"zone\":"}}]"#,
            r#"[{"index":0,"function":{"arguments":"\"UTC\"}"}},{"index":1,"function":{"arguments":":2}"}}]"#,
        ];
        assert_eq!(
            calls(&events),
            [
                call("a", "now", r#"{"zone":"UTC"}"#),
                call("b", "roll", r#"{"n":2}"#)
            ]
        );
    }

    #[test]
    fn what_servers_leave_out_is_made_up_for() {
        type Table<'a> = &'a [(&'a [&'a str], &'a [(&'a str, &'a str, &'a str)])];
        let table: Table<'_> = &[
            // Whole calls in one piece, all with index 0.
            (
                &[
                    r#"[{"index":0,"id":"a","function":{"name":"x","arguments":"{}"}},
                      {"index":0,"id":"b","function":{"name":"x","arguments":"{}"}}]"#,
                ],
                &[("a", "x", "{}"), ("b", "x", "{}")],
            ),
            // No id, no index; the arguments as an object.
            (
                &[
                    r#"[{"function":{"name":"x","arguments":{"n":1}}},{"function":{"name":"x","arguments":{"n":2}}}]"#,
                ],
                &[("call_1", "x", r#"{"n":1}"#), ("call_2", "x", r#"{"n":2}"#)],
            ),
            // No index: the rest follows the last call.
            (
                &[
                    r#"[{"id":"a","function":{"name":"x","arguments":"{\"n\""}}]"#,
                    r#"[{"function":{"arguments":":1}"}}]"#,
                ],
                &[("a", "x", r#"{"n":1}"#)],
            ),
            // Id and name repeated with every fragment.
            (
                &[
                    r#"[{"index":0,"id":"a","function":{"name":"x","arguments":"{\"n\""}}]"#,
                    r#"[{"index":0,"id":"a","function":{"name":"x","arguments":":1}"}}]"#,
                ],
                &[("a", "x", r#"{"n":1}"#)],
            ),
            // An empty id with later fragments, null for what is not there.
            (
                &[
                    r#"[{"index":0,"id":"a","function":{"name":"x","arguments":null}}]"#,
                    r#"[{"index":0,"id":"","function":{"name":"","arguments":"{}"}}]"#,
                ],
                &[("a", "x", "{}")],
            ),
            // No arguments at all; one call outside a list; a call without a name.
            (
                &[r#"{"id":"a","function":{"name":"x"}}"#],
                &[("a", "x", "{}")],
            ),
            (
                &[r#"[{"id":"a","function":{}}, 7, null]"#, "null", "[]"],
                &[],
            ),
        ];
        for (events, expected) in table {
            let expected: Vec<_> = expected.iter().map(|(i, n, a)| call(i, n, a)).collect();
            assert_eq!(calls(events), expected, "{events:?}");
        }
    }

    #[test]
    fn a_made_up_id_differs_from_those_of_earlier_calls() {
        let mut calls = Calls::default();
        calls.take(&serde_json::json!([{ "function": { "name": "x" } }]));
        assert_eq!(calls.finish(3)[0].id, "call_4");
    }
}
