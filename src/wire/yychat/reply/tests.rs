//! Every way in which servers answer over HTTP, and what is read in it.

use super::*;
use proptest::prelude::*;

fn head(status: u16, kind: &str) -> Piece {
    Piece::Head {
        status,
        kind: kind.to_owned(),
        retry_after_s: None,
    }
}

fn stream(body: &str) -> Vec<Piece> {
    let kind = "text/event-stream; charset=utf-8";
    vec![
        head(200, kind),
        Piece::Body(body.to_owned().into()),
        Piece::End,
    ]
}

fn read(pieces: Vec<Piece>) -> Vec<Said> {
    let mut reply = Reply::new("h:9800", Lang::En);
    let mut told = vec![];
    for piece in pieces {
        reply.take(piece, &mut told);
    }
    told
}

/// What was said, shortly: troubles by their code.
fn short(said: &[Said]) -> Vec<String> {
    let short = said.iter().map(|said| match said {
        Said::Begun => "begun".to_owned(),
        Said::Text(text) => format!("+{text}"),
        Said::Reasoning(text) => format!("({text})"),
        Said::Done => "done".to_owned(),
        Said::Trouble(trouble) => format!("!{}: {}", trouble.code, trouble.what),
        Said::NoRoute(trouble) => format!("-{}: {}", trouble.code, trouble.what),
    });
    short.collect()
}

const START: &str =
    "data: {\"type\":\"stream_start\",\"message_id\":\"m\",\"session_id\":\"c\"}\n\n";
const HI: &str = "data: {\"id\":\"chatcmpl-c\",\"created\":1429,\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hi\"},\"finish_reason\":null}],\"meta\":{\"message_id\":\"m\"}}\n\n";
const STOP: &str = "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
const END: &str = "data: {\"type\":\"stream_end\",\"message_id\":\"m\",\"full_length\":2}\n\n";

#[test]
fn edge_39_every_form_of_a_stream_is_read() {
    let cut = "!connection_lost: the answer broke off: its end never came";
    for (name, body, expected) in [
        ("of yychat, without [DONE]", [START, HI, END].concat(), vec!["+hi", "done"]),
        ("a reason, then the end", [HI, STOP].concat(), vec!["+hi", "done"]),
        ("a reason, usage, [DONE]", [HI, STOP, "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1}}\n\n", "data: [DONE]\n\n"].concat(), vec!["+hi", "done"]),
        ("[DONE] without a line end", [HI, "data: [DONE]"].concat(), vec!["+hi", "done"]),
        ("stream_end without a line end", [HI, END.trim_end()].concat(), vec!["+hi", "done"]),
        ("nothing behind the end counts", [HI, END, HI].concat(), vec!["+hi", "done"]),
        ("null and empty content", [
            "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":null}}]}\n\n",
            "data: {\"choices\":[{\"delta\":{\"content\":\"\"}}]}\n\n", END].concat(), vec!["done"]),
        ("no reason at all", [
            "data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\n", END].concat(), vec!["+x", "done"]),
        ("comments and carriage returns", [": keep\r\n\r\n", &HI.replace('\n', "\r\n"), END].concat(), vec!["+hi", "done"]),
        ("thinking", [
            "data: {\"choices\":[{\"delta\":{\"reasoning_content\":\"hm\"}}]}\n\n",
            "data: {\"choices\":[{\"delta\":{\"reasoning\":\"so\",\"content\":\"x\"}}]}\n\n", END].concat(), vec!["(hm)", "(so)", "+x", "done"]),
        ("content in parts", ["data: {\"choices\":[{\"delta\":{\"content\":[{\"type\":\"text\",\"text\":\"a\"}]}}]}\n\n", END].concat(), vec!["+a", "done"]),
        ("an error as an object", [HI, "data: {\"error\":{\"message\":\"m\",\"code\":\"c\"}}\n\n"].concat(), vec!["+hi", "!c: m"]),
        ("an error as text", "data: {\"error\":\"m\"}\n\n".to_owned(), vec!["!unknown: m"]),
        ("an error under detail", "data: {\"detail\":{\"error\":{\"message\":\"m\",\"code\":\"c\"}}}\n\n".to_owned(), vec!["!c: m"]),
        ("an error of the socket's kind", "data: {\"type\":\"error\",\"error\":{\"message\":\"m\"}}\n\n".to_owned(), vec!["!unknown: m"]),
        ("an exception as content", [HI, "data: {\"choices\":[{\"delta\":{\"content\":\"boom\"},\"finish_reason\":\"error\"}]}\n\ndata: [DONE]\n\n"].concat(), vec!["+hi", "!backend_failed: boom"]),
        ("cut", HI.to_owned(), vec!["+hi", cut]),
        ("cut within an event", [HI, HI.get(..40).unwrap()].concat(), vec!["+hi", cut]),
        ("nothing", String::new(), vec![cut]),
        ("nonsense", "data: x\n\ndata: []\n\ndata: {\"choices\":7}\n\n".to_owned(), vec![cut]),
    ] {
        let mut expected: Vec<String> = expected.into_iter().map(str::to_owned).collect();
        expected.insert(0, "begun".to_owned());
        assert_eq!(short(&read(stream(&body))), expected, "{name}");
    }
}

#[test]
fn edge_40_what_is_no_stream_is_told_from_one() {
    let page = "!not_an_answer: `h:9800` sent a web page instead of an answer";
    let whole = r#"{"choices":[{"message":{"content":"hi"},"finish_reason":"stop"}]}"#;
    for (name, status, kind, body, expected) in [
        (
            "a captive portal",
            200,
            "text/html; charset=utf-8",
            "<!DOCTYPE html>",
            vec![page],
        ),
        (
            "one that hides",
            200,
            "",
            "\r\n <html>",
            vec!["begun", page],
        ),
        (
            "JSON",
            200,
            "application/json",
            whole,
            vec!["begun", "+hi", "done"],
        ),
        (
            "JSON without a name",
            200,
            "",
            whole,
            vec!["begun", "+hi", "done"],
        ),
        (
            "JSON that is an error",
            200,
            "application/json",
            r#"{"error":{"message":"m","code":"c"}}"#,
            vec!["begun", "!c: m"],
        ),
        (
            "JSON that is nothing",
            200,
            "application/json",
            "[1]",
            vec![
                "begun",
                "!not_an_answer: `h:9800` sent nothing that can be read as an answer",
            ],
        ),
        (
            "a stream without a name",
            200,
            "",
            "data: [DONE]\n\n",
            vec!["begun", "done"],
        ),
        (
            "no token",
            403,
            "application/json",
            r#"{"detail":"Not authenticated"}"#,
            vec!["!key_refused: Not authenticated"],
        ),
        (
            "a wrong token",
            401,
            "application/json",
            r#"{"detail":{"error":{"message":"m","code":"invalid_api_key"}}}"#,
            vec!["!key_refused: m"],
        ),
        (
            "no such route",
            404,
            "application/json",
            r#"{"detail":"Not Found"}"#,
            vec!["-unknown: Not Found"],
        ),
        (
            "no such route, as a page",
            404,
            "text/html",
            "<html>",
            vec!["-http_status: `h:9800` answers with status 404"],
        ),
        (
            "no such model",
            404,
            "application/json",
            r#"{"error":{"message":"no model x","code":"model_not_found"}}"#,
            vec!["!model_not_found: no model x"],
        ),
        (
            "not by POST",
            405,
            "application/json",
            r#"{"detail":"Method Not Allowed"}"#,
            vec!["-unknown: Method Not Allowed"],
        ),
        (
            "a fault",
            500,
            "text/plain",
            "Internal Server Error",
            vec!["!http_status: `h:9800` answers with status 500"],
        ),
        (
            "a redirect",
            302,
            "",
            "",
            vec!["!http_status: `h:9800` answers with status 302"],
        ),
    ] {
        let pieces = vec![
            head(status, kind),
            Piece::Body(body.to_owned().into()),
            Piece::End,
        ];
        assert_eq!(short(&read(pieces)), expected, "{name}");
    }
}

#[test]
fn a_connection_that_breaks_is_told_by_what_had_come() {
    let failed = |why: &str| Piece::Failed {
        why: why.to_owned(),
    };
    let kind = "text/event-stream";
    assert_eq!(
        short(&read(vec![failed("nobody listens")])),
        ["-unreachable: `h:9800` cannot be asked over HTTP: nobody listens"]
    );
    assert_eq!(
        short(&read(vec![
            head(200, kind),
            Piece::Body(HI.into()),
            failed("reset")
        ])),
        [
            "begun",
            "+hi",
            "!connection_lost: the answer broke off: reset"
        ]
    );
    assert_eq!(
        short(&read(vec![
            head(200, kind),
            Piece::Body([HI, STOP].concat().into()),
            failed("reset")
        ])),
        ["begun", "+hi", "done"]
    );
}

#[test]
fn how_long_to_wait_is_kept() {
    let busy = Piece::Head {
        status: 429,
        kind: String::new(),
        retry_after_s: Some(9),
    };
    let told = read(vec![busy, Piece::End]);
    assert!(matches!(&told[..], [Said::Trouble(trouble)] if trouble.retry_after_s == Some(9)));
}

proptest! {
    #[test]
    fn an_answer_is_the_same_however_it_is_cut(size in 1_usize..40) {
        let body = [START, HI, HI, STOP, END].concat();
        let mut pieces = vec![head(200, "text/event-stream")];
        pieces.extend(body.as_bytes().chunks(size).map(|part| Piece::Body(part.to_vec().into())));
        pieces.push(Piece::End);
        prop_assert_eq!(read(pieces), read(stream(&body)));
    }

    #[test]
    fn whatever_comes_it_ends_once(
        status in prop::sample::select(vec![200_u16, 204, 301, 404, 500]),
        kind in prop::sample::select(vec!["", "text/html", "application/json", "text/event-stream"]),
        body in prop::collection::vec(prop::sample::select(vec![START, HI, STOP, END, "data: ", "{", "\n", "\u{1f642}"]), 0..8),
        broken in any::<bool>(),
    ) {
        let last = if broken { Piece::Failed { why: "x".to_owned() } } else { Piece::End };
        let told = read(vec![head(status, kind), Piece::Body(body.concat().into()), last]);
        let ends = told.iter().filter(|said| matches!(said, Said::Done | Said::Trouble(_) | Said::NoRoute(_)));
        prop_assert_eq!(ends.count(), 1);
        prop_assert!(matches!(told.last(), Some(Said::Done | Said::Trouble(_) | Said::NoRoute(_))));
    }
}
