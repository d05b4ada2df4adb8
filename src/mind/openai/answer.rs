//! Follows one answer, event by event, and turns it into thoughts.
//!
//! Pure: the network, its timeouts and its ends are `mind::openai`. Neighbouring pieces of text
//! are joined, so that a burst of tokens costs one message and not hundreds.

use super::calls::Calls;
use super::chunk::{Chunk, Piece};
use super::refusal::Said;
use super::think_tags::{Kind, ThinkTags};
use crate::codec::sse::{Event, TooLong};
use crate::core::backend::Usage;
use crate::mind::{Endpoint, Finish, Thought};
use serde_json::Value;

/// Why an answer is no good.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Spoiled {
    /// The server reports an error in the place of an answer.
    Said(Said),
    /// What arrives cannot be an answer.
    Senseless(String),
}

impl From<TooLong> for Spoiled {
    fn from(too_long: TooLong) -> Self {
        Self::Senseless(too_long.to_string())
    }
}

/// How an answer stands when its bytes are over.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum End {
    Complete(Finish),
    /// The end is missing.
    Cut,
    /// There was something, but no answer in it.
    Senseless(String),
}

/// One answer on its way.
#[derive(Debug)]
pub(super) struct Answer<'a> {
    endpoint: &'a Endpoint,
    /// What waits to be handed out.
    ready: Vec<Thought>,
    tags: ThinkTags,
    calls: Calls,
    /// How many calls the conversation had before this answer.
    calls_before: usize,
    usage: Option<Usage>,
    finish: Option<Finish>,
    done: bool,
    /// Counts what moved the answer on; comments and empty events do not.
    progress: u64,
    /// Why the first unreadable event was unreadable.
    unreadable: Option<serde_json::Error>,
    readable: bool,
}

impl<'a> Answer<'a> {
    pub(super) fn new(endpoint: &'a Endpoint, calls_before: usize) -> Self {
        Self {
            endpoint,
            ready: Vec::new(),
            tags: ThinkTags::new(),
            calls: Calls::default(),
            calls_before,
            usage: None,
            finish: None,
            done: false,
            progress: 0,
            unreadable: None,
            readable: false,
        }
    }

    /// Takes one event of the stream.
    pub(super) fn event(&mut self, event: Event<'_>) -> Result<(), Spoiled> {
        if event.name == "error" {
            let said = Said::from_body(event.data.as_bytes(), self.endpoint);
            return Err(Spoiled::Said(said));
        }
        self.data(event.data)
    }

    /// Takes the data of an event, or a whole body.
    pub(super) fn data(&mut self, data: &str) -> Result<(), Spoiled> {
        let data = data.trim();
        if data.is_empty() || self.done {
            return Ok(());
        }
        if data == "[DONE]" {
            self.done = true;
            return Ok(());
        }
        match serde_json::from_str(data) {
            Ok(chunk) => self.chunk(chunk),
            Err(error) => self.odd_data(data, error),
        }
    }

    /// Whether the server has said that this was all.
    pub(super) fn is_done(&self) -> bool {
        self.done
    }

    /// How often the answer has moved on.
    pub(super) fn progress(&self) -> u64 {
        self.progress
    }

    /// Whether not even an unreadable event was among what came.
    pub(super) fn saw_nothing(&self) -> bool {
        !self.readable && self.unreadable.is_none()
    }

    /// What can be handed out so far.
    pub(super) fn ready(&mut self) -> std::vec::Drain<'_, Thought> {
        self.ready.drain(..)
    }

    /// The bytes are over. What was held back is ready afterwards.
    pub(super) fn end(&mut self) -> End {
        let ready = &mut self.ready;
        self.tags.finish(&mut |kind, text| push(ready, kind, text));
        if !self.readable
            && let Some(error) = &self.unreadable
        {
            // JSON that stops in the middle was cut off; other JSON never was an answer.
            if error.is_eof() {
                return End::Cut;
            }
            return End::Senseless("it is not JSON of the expected form".to_owned());
        }
        if !self.done && self.finish.is_none() {
            return End::Cut;
        }
        let mut finish = self.finish.unwrap_or(Finish::Stop);
        let calls = std::mem::take(&mut self.calls);
        if matches!(finish, Finish::Stop | Finish::Calls) {
            let calls = calls.finish(self.calls_before);
            finish = if calls.is_empty() {
                Finish::Stop
            } else {
                Finish::Calls
            };
            self.ready.extend(calls.into_iter().map(Thought::Call));
        }
        self.ready.extend(self.usage.take().map(Thought::Usage));
        End::Complete(finish)
    }

    /// Data that is not one chunk: perhaps several lines that each are, because the blank line
    /// between them was forgotten; perhaps an error in a shape of its own.
    fn odd_data(&mut self, data: &str, error: serde_json::Error) -> Result<(), Spoiled> {
        if data.contains('\n') && !error.is_eof() {
            return data.lines().try_for_each(|line| self.data(line));
        }
        if let Ok(Value::Array(parts)) = serde_json::from_str(data)
            && parts
                .first()
                .is_some_and(|part| part.get("error").is_some())
        {
            let said = Said::from_json(&Value::Array(parts), self.endpoint);
            return Err(Spoiled::Said(said));
        }
        self.unreadable.get_or_insert(error);
        Ok(())
    }

    fn chunk(&mut self, chunk: Chunk<'_>) -> Result<(), Spoiled> {
        let trouble = chunk
            .error
            .or(chunk.detail.filter(|_| chunk.choices.is_none()));
        if let Some(trouble) = trouble {
            let wrapped = serde_json::json!({ "error": trouble });
            return Err(Spoiled::Said(Said::from_json(&wrapped, self.endpoint)));
        }
        if let Some(usage) = chunk.usage.as_ref().and_then(read_usage) {
            self.usage = Some(usage);
            self.readable = true;
            self.progress += 1;
        }
        self.readable |= chunk.choices.is_some();
        let Some(choice) = chunk.choices.and_then(|choices| choices.into_iter().next()) else {
            return Ok(());
        };
        let whole = choice.message.is_some() && choice.delta.is_none();
        if let Some(piece) = choice.delta.or(choice.message) {
            self.piece(&piece)?;
        }
        let reason = choice
            .finish_reason
            .map(|reason| reason.0)
            .unwrap_or_default();
        let finish = match reason.as_ref() {
            "" if whole => Finish::Stop,
            "" => return Ok(()),
            "length" | "max_tokens" | "model_length" => Finish::Length,
            "tool_calls" | "function_call" => Finish::Calls,
            "content_filter" => Finish::Filtered,
            "error" => return Err(Spoiled::Said(Said::default())),
            _ => Finish::Stop,
        };
        self.finish = Some(finish);
        self.progress += 1;
        Ok(())
    }

    fn piece(&mut self, piece: &Piece<'_>) -> Result<(), Spoiled> {
        // Some servers send the thinking under both names.
        let thinking = [&piece.reasoning_content, &piece.reasoning];
        let thinking = thinking
            .into_iter()
            .flatten()
            .find(|words| !words.0.is_empty());
        if let Some(words) = thinking {
            push(&mut self.ready, Kind::Reasoning, &words.0);
            self.progress += 1;
        }
        for words in [&piece.content, &piece.refusal].into_iter().flatten() {
            if !words.0.is_empty() {
                let ready = &mut self.ready;
                self.tags
                    .feed(&words.0, &mut |kind, text| push(ready, kind, text));
                self.progress += 1;
            }
        }
        if let Some(fragments) = &piece.tool_calls
            && self.calls.take(fragments)
        {
            self.progress += 1;
            if self.calls.are_too_long() {
                let why = "its tool calls are longer than 1 MiB";
                return Err(Spoiled::Senseless(why.to_owned()));
            }
        }
        Ok(())
    }
}

/// Adds to the last thought if it is of the same kind.
fn push(ready: &mut Vec<Thought>, kind: Kind, text: &str) {
    match (kind, ready.last_mut()) {
        (Kind::Text, Some(Thought::Text(last)))
        | (Kind::Reasoning, Some(Thought::Reasoning(last))) => last.push_str(text),
        (Kind::Text, _) => ready.push(Thought::Text(text.to_owned())),
        (Kind::Reasoning, _) => ready.push(Thought::Reasoning(text.to_owned())),
    }
}

/// The tokens spent; counts may be whole numbers or not, and either may be missing.
fn read_usage(value: &Value) -> Option<Usage> {
    let count = |key| {
        value
            .get(key)
            .and_then(Value::as_f64)
            .map(|count| count as u32)
    };
    let (prompt, completion) = (count("prompt_tokens"), count("completion_tokens"));
    (prompt.is_some() || completion.is_some()).then(|| Usage {
        prompt: prompt.unwrap_or(0),
        completion: completion.unwrap_or(0),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mind::Call;
    use proptest::prelude::*;

    /// All thoughts of an answer made of these data, and its end.
    fn follow(data: &[&str]) -> (Vec<Thought>, Result<End, Spoiled>) {
        let endpoint = Endpoint::new("http://h/v1");
        let mut answer = Answer::new(&endpoint, 0);
        let taken = data.iter().try_for_each(|data| answer.data(data));
        let end = taken.map(|()| answer.end());
        (answer.ready().collect(), end)
    }

    fn text(text: &str) -> Thought {
        Thought::Text(text.to_owned())
    }

    const STOP: Result<End, Spoiled> = Ok(End::Complete(Finish::Stop));

    #[test]
    fn neighbouring_pieces_are_joined_and_empty_ones_skipped() {
        let data = [
            r#"{"choices":[{"index":0,"delta":{"role":"assistant","content":null}}]}"#,
            r#"{"choices":[{"delta":{"content":""},"finish_reason":null}],"usage":null}"#,
            r#"{"choices":[{"delta":{"reasoning_content":"h","reasoning":"h"}}]}"#,
            r#"{"choices":[{"delta":{"reasoning":"m"}}]}"#,
            r#"{"choices":[{"delta":{"content":"Hel"}}]}"#,
            r#"{"choices":[{"delta":{"content":[{"type":"text","text":"lo"}]}}]}"#,
            r#"{"choices":[{"delta":{},"finish_reason":"stop"}]}"#,
            r#"{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2.0}}"#,
            "[DONE]",
        ];
        let usage = Usage {
            prompt: 3,
            completion: 2,
        };
        let thoughts = vec![
            Thought::Reasoning("hm".to_owned()),
            text("Hello"),
            Thought::Usage(usage),
        ];
        assert_eq!(follow(&data), (thoughts, STOP));
    }

    #[test]
    fn an_answer_ends_well_with_a_reason_or_with_done_and_is_cut_without_both() {
        let hi = r#"{"choices":[{"delta":{"content":"hi"}}]}"#;
        let stop = r#"{"choices":[{"delta":{},"finish_reason":"stop"}]}"#;
        let length = r#"{"choices":[{"delta":{},"finish_reason":"length"}]}"#;
        let filtered = r#"{"choices":[{"delta":{},"finish_reason":"content_filter"}]}"#;
        let new = r#"{"choices":[{"delta":{},"finish_reason":"eos_token"}]}"#;
        let table: &[(&[&str], End)] = &[
            (&[hi, stop, "[DONE]"], End::Complete(Finish::Stop)),
            (&[hi, stop], End::Complete(Finish::Stop)),
            (&[hi, "[DONE]"], End::Complete(Finish::Stop)),
            (&[hi, new], End::Complete(Finish::Stop)),
            (&[hi, length], End::Complete(Finish::Length)),
            (&[hi, filtered], End::Complete(Finish::Filtered)),
            (&[hi], End::Cut),
            (&[], End::Cut),
        ];
        for (data, end) in table {
            assert_eq!(follow(data).1.as_ref(), Ok(end), "{data:?}");
        }
    }

    #[test]
    fn a_whole_answer_instead_of_a_stream_is_understood() {
        let whole = r#"{ "choices": [ {
            "message": { "role": "assistant", "content": "hello" } } ],
            "usage": { "prompt_tokens": 1, "completion_tokens": 2 } }"#;
        let usage = Thought::Usage(Usage {
            prompt: 1,
            completion: 2,
        });
        assert_eq!(follow(&[whole]), (vec![text("hello"), usage], STOP));
    }

    #[test]
    fn events_without_the_blank_line_between_them_are_told_apart() {
        let data = "{\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\
                    {\"choices\":[{\"delta\":{\"content\":\"b\"}}]}\n[DONE]";
        assert_eq!(follow(&[data]), (vec![text("ab")], STOP));
    }

    #[test]
    fn calls_are_handed_out_at_the_end_whatever_the_reason_says() {
        for reason in ["stop", "tool_calls"] {
            let last = format!(r#"{{"choices":[{{"delta":{{}},"finish_reason":"{reason}"}}]}}"#);
            let data = [
                r#"{"choices":[{"delta":{"content":"let me see"}}]}"#,
                r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"now","arguments":""}}]}}]}"#,
                &last,
            ];
            let call = Call {
                id: "a".to_owned(),
                name: "now".to_owned(),
                arguments: "{}".to_owned(),
            };
            assert_eq!(
                follow(&data),
                (
                    vec![text("let me see"), Thought::Call(call)],
                    Ok(End::Complete(Finish::Calls))
                )
            );
        }
    }

    #[test]
    fn half_a_call_is_not_handed_out_when_the_length_ran_out() {
        let data = [
            r#"{"choices":[{"delta":{"tool_calls":[{"function":{"name":"now","arguments":"{\"zo"}}]}}]}"#,
            r#"{"choices":[{"delta":{},"finish_reason":"length"}]}"#,
        ];
        assert_eq!(follow(&data), (vec![], Ok(End::Complete(Finish::Length))));
    }

    #[test]
    fn a_call_without_end_is_refused_before_it_fills_the_memory() {
        let arguments = "x".repeat(1 << 16);
        let delta =
            serde_json::json!({ "tool_calls": [{ "function": { "arguments": arguments } }] });
        let event = serde_json::json!({ "choices": [{ "delta": delta }] }).to_string();
        let events = vec![event.as_str(); 20];
        let why = "its tool calls are longer than 1 MiB".to_owned();
        assert_eq!(follow(&events), (vec![], Err(Spoiled::Senseless(why))));
    }

    #[test]
    fn an_error_in_mid_stream_ends_the_answer_and_keeps_what_came_before() {
        let hi = r#"{"choices":[{"delta":{"content":"hi"}}]}"#;
        let said = |words: &str, status| {
            Spoiled::Said(Said {
                words: words.to_owned(),
                status,
            })
        };
        let table = [
            (
                r#"{"error":{"message":"out of memory","code":500}}"#,
                said("out of memory", Some(500)),
            ),
            (r#"{"error":"gone"}"#, said("gone", None)),
            (r#"{"detail":"gone"}"#, said("gone", None)),
            (r#"[{"error":{"message":"gone"}}]"#, said("gone", None)),
            (
                r#"{"choices":[{"delta":{},"finish_reason":"error"}]}"#,
                said("", None),
            ),
            (
                r#"{"error":{"message":"gone"},"choices":[{"delta":{"content":""},"finish_reason":"error"}]}"#,
                said("gone", None),
            ),
        ];
        for (data, spoiled) in table {
            assert_eq!(
                follow(&[hi, data]),
                (vec![text("hi")], Err(spoiled)),
                "{data}"
            );
        }
        assert_eq!(
            follow(&[r#"{"error":null,"choices":[]}"#, hi, "[DONE]"]).1,
            STOP
        );
    }

    #[test]
    fn one_unreadable_event_is_skipped_but_nothing_readable_is_told() {
        let hi = r#"{"choices":[{"delta":{"content":"hi"}}]}"#;
        let deep = "[".repeat(100_000);
        for odd in [
            "{",
            "nonsense",
            "7",
            r#"{"choices":7}"#,
            r#"{"choices":[{"delta":[]}]}"#,
            &deep,
        ] {
            assert_eq!(
                follow(&[odd, hi, "[DONE]"]),
                (vec![text("hi")], STOP),
                "{odd:.20}"
            );
        }
        let senseless = "it is not JSON of the expected form".to_owned();
        assert_eq!(
            follow(&["nonsense", "[DONE]"]).1,
            Ok(End::Senseless(senseless))
        );
        assert_eq!(follow(&[r#"{"choices":[{"mess"#]).1, Ok(End::Cut));
    }

    proptest! {
        #[test]
        fn any_data_is_survived(data in proptest::collection::vec(".{0,60}", 0..6)) {
            let data: Vec<_> = data.iter().map(String::as_str).collect();
            let (thoughts, _) = follow(&data);
            prop_assert!(thoughts.len() <= data.len() + 1);
        }
    }
}
