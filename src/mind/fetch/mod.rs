//! Reads a page of the web for a brain: its text, and not for long, and from no address that only
//! somebody inside may reach.
//!
//! Where a page may come from is `guard`, what its words are is `text`.

mod guard;
mod text;

use super::ToolSpec;
use super::endpoint::Address;
use super::http;
use super::tools::Arguments;
use guard::is_public;
use reqwest::header::{ACCEPT, CONTENT_TYPE, LOCATION};
use reqwest::{Response, Url};
use serde_json::json;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::time::timeout;

/// What the tool is called.
pub const NAME: &str = "fetch";

/// How long it may take, redirects included.
const LIMIT: Duration = Duration::from_secs(20);
/// How much of a page is read.
const LONGEST: usize = 2 << 20;
/// How much of its text is handed on.
const WORDS: usize = 32 << 10;
/// So many redirects are followed.
const REDIRECTS: usize = 5;

/// Why a page was not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    #[error("`{url}` is no address of a page: {why}")]
    Address { url: String, why: String },
    #[error("the page is written in {charset}, which cannot be read here; only UTF-8 can")]
    Charset { charset: String },
    #[error("the page could not be had: {why}")]
    Failed { why: String },
    #[error("it is no text, but {kind}")]
    NoText { kind: String },
    #[error("the page was not there within {} s", LIMIT.as_secs())]
    Late,
    #[error("{host} leads to this machine or the local network, which may not be read")]
    Private { host: String },
    #[error("the server answers {status}")]
    Refused { status: u16 },
    #[error("it leads on and on")]
    Round,
}

/// What a model is told of it.
pub fn spec() -> ToolSpec {
    ToolSpec {
        name: NAME.to_owned(),
        description: "Reads a page of the web and returns its text.".to_owned(),
        parameters: json!({
            "type": "object",
            "properties": { "url": { "type": "string", "description": "It begins with https://" } },
            "required": ["url"],
            "additionalProperties": false
        }),
    }
}

/// A page that may be asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    url: Url,
    /// This machine and the local network may be read, too.
    private: bool,
}

/// The page a call is about; `Err` is told to the model.
pub fn page(arguments: &str, private: bool) -> Result<Page, String> {
    let arguments = Arguments::read(arguments).map_err(|error| error.to_string())?;
    let url = arguments.text("url").map_err(|error| error.to_string())?;
    let url = url.ok_or("`url` must be the address of a page")?;
    checked(&url, private).map_err(|error| error.to_string())
}

fn checked(address: &str, private: bool) -> Result<Page, FetchError> {
    let wrong = |why: String| FetchError::Address {
        url: address.chars().take(200).collect(),
        why,
    };
    let url = Url::parse(address).map_err(|error| wrong(error.to_string()))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong("it holds a user name or a password".to_owned()));
    }
    if url.scheme() != "https" && !(private && url.scheme() == "http") {
        return Err(wrong("it does not begin with `https://`".to_owned()));
    }
    Ok(Page { url, private })
}

/// Reads a page; answers with its text. Dropping this calls it off.
pub async fn fetch(page: Page) -> Result<String, FetchError> {
    timeout(LIMIT, follow(page))
        .await
        .unwrap_or(Err(FetchError::Late))
}

async fn follow(mut page: Page) -> Result<String, FetchError> {
    for _ in 0..=REDIRECTS {
        let response = ask(&page).await?;
        let status = response.status();
        if status.is_redirection()
            && let Some(to) = response.headers().get(LOCATION)
        {
            let to = to.to_str().unwrap_or_default();
            let next = page.url.join(to).map_err(|error| FetchError::Address {
                url: to.chars().take(200).collect(),
                why: error.to_string(),
            })?;
            page = checked(next.as_str(), page.private)?;
            continue;
        }
        if !status.is_success() {
            return Err(FetchError::Refused {
                status: status.as_u16(),
            });
        }
        return read(response).await;
    }
    Err(FetchError::Round)
}

async fn ask(page: &Page) -> Result<Response, FetchError> {
    let failed = |why: String| FetchError::Failed { why };
    let host = page.url.host_str().unwrap_or_default().to_owned();
    let bare = host
        .trim_start_matches('[')
        .trim_end_matches(']')
        .to_owned();
    let port = page.url.port_or_known_default().unwrap_or(443);
    let found = tokio::net::lookup_host((bare.as_str(), port)).await;
    let found: Vec<SocketAddr> = found.map_err(|error| failed(error.to_string()))?.collect();
    let public = |address: &SocketAddr| is_public(address.ip());
    if !page.private && !found.iter().all(public) {
        return Err(FetchError::Private { host });
    }
    if page.url.scheme() == "http" && found.iter().any(public) {
        return Err(FetchError::Address {
            url: page.url.to_string(),
            why: "without encryption only the local network is read".to_owned(),
        });
    }
    // Asked is who was judged: a name may lead elsewhere a moment later. A proxy would look the
    // name up for itself, so there is none.
    let client = http::builder(page.url.scheme() == "https")
        .map_err(failed)?
        .resolve_to_addrs(&host, &found)
        .no_proxy()
        .build()
        .map_err(|error| failed(error.to_string()))?;
    let asked = client.get(page.url.clone());
    let asked = asked.header(
        ACCEPT,
        "text/html, text/plain, text/markdown, application/json",
    );
    let sent = asked.send().await;
    sent.map_err(|error| match Address::parse(page.url.as_str()) {
        Ok(address) => failed(http::explain(&error, &address).to_string()),
        Err(odd) => failed(odd.to_string()),
    })
}

async fn read(mut response: Response) -> Result<String, FetchError> {
    let kind = response.headers().get(CONTENT_TYPE);
    let kind = kind
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or("text/html");
    let kind = kind.to_ascii_lowercase();
    let (form, rest) = kind.split_once(';').unwrap_or((&kind, ""));
    let form = form.trim().to_owned();
    let readable =
        form.starts_with("text/") || ["json", "xml"].iter().any(|one| form.ends_with(one));
    if !readable {
        return Err(FetchError::NoText { kind: form });
    }
    let charset = rest.split("charset=").nth(1).unwrap_or("utf-8");
    let charset = charset.split(';').next().unwrap_or_default();
    let charset = charset.trim().trim_matches('"').to_owned();
    if !matches!(charset.as_str(), "" | "utf-8" | "utf8" | "us-ascii") {
        return Err(FetchError::Charset { charset });
    }
    let body = http::body(&mut response, LONGEST).await;
    let body = body.map_err(|error| FetchError::Failed {
        why: error.without_url().to_string(),
    })?;
    let body = String::from_utf8_lossy(&body);
    let mut words = if form.contains("html") {
        text::text(&body)
    } else {
        body.into_owned()
    };
    if words.len() > WORDS {
        words.truncate(words.floor_char_boundary(WORDS));
        words.push_str("\n[the rest of the page is left out]");
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    #[test]
    fn what_is_no_page_is_refused_with_a_reason() {
        let why = |arguments: &str, private| page(arguments, private).unwrap_err();
        for (arguments, part) in [
            ("{}", "must be the address"),
            (r#"{"url":"example.org"}"#, "relative URL"),
            (r#"{"url":"http://example.org"}"#, "https://"),
            (r#"{"url":"file:///etc/passwd"}"#, "https://"),
            (r#"{"url":"https://a:b@example.org"}"#, "a password"),
        ] {
            assert!(why(arguments, false).contains(part), "{arguments}");
        }
        assert!(why(r#"{"url":"ftp://example.org"}"#, true).contains("https://"));
        assert!(page(r#"{"url":"https://example.org/a?b"}"#, false).is_ok());
        assert!(page(r#"{"url":"http://192.168.1.1"}"#, true).is_ok());
    }

    /// A server that gives these answers, one to each who comes.
    async fn server(answers: Vec<String>) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            for answer in answers {
                let (mut stream, _) = listener.accept().await.unwrap();
                let _asked = stream.read(&mut [0; 4096]).await.unwrap();
                // Who has read enough may hang up.
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        base
    }

    fn answer(head: &str, body: &str) -> String {
        format!("HTTP/1.1 {head}\r\nconnection: close\r\n\r\n{body}")
    }

    async fn read_from(answers: Vec<String>) -> Result<String, FetchError> {
        let base = server(answers).await;
        fetch(checked(&base, true).unwrap()).await
    }

    #[tokio::test]
    async fn a_page_is_read_bounded_and_what_is_no_text_is_refused() {
        let html = "200 OK\r\ncontent-type: text/html; charset=utf-8";
        let page = read_from(vec![answer(html, "<title>T</title><p>你好 <b>there")]).await;
        assert_eq!(page.as_deref(), Ok("T\n\n你好 there"));
        let long = read_from(vec![answer(html, &"word ".repeat(LONGEST))])
            .await
            .unwrap();
        assert!(long.ends_with("[the rest of the page is left out]"));
        assert!(long.len() < WORDS + 50);
        for (head, error) in [
            ("404 Not Found", "the server answers 404"),
            (
                "200 OK\r\ncontent-type: image/png",
                "it is no text, but image/png",
            ),
            (
                "200 OK\r\ncontent-type: text/html; charset=gbk",
                "the page is written in gbk, which cannot be read here; only UTF-8 can",
            ),
        ] {
            let told = read_from(vec![answer(head, "x")]).await.unwrap_err();
            assert_eq!(told.to_string(), error);
        }
    }

    #[tokio::test]
    async fn redirects_are_judged_like_any_address_and_end() {
        let to = |place: &str| answer(&format!("302 Found\r\nlocation: {place}"), "");
        let there = answer("200 OK\r\ncontent-type: text/plain", "there");
        let page = read_from(vec![to("/b"), there]).await;
        assert_eq!(page.as_deref(), Ok("there"));
        let out = read_from(vec![to("http://93.184.216.34/")])
            .await
            .unwrap_err();
        assert!(matches!(out, FetchError::Address { .. }), "{out}");
        let round = read_from(vec![to("/a"); REDIRECTS + 1]).await.unwrap_err();
        assert_eq!(round, FetchError::Round);
    }

    #[tokio::test]
    async fn this_machine_is_not_read_unless_that_is_allowed() {
        for url in [
            "https://127.0.0.1:1/",
            "https://localhost/",
            "https://[::1]/",
        ] {
            let told = fetch(checked(url, false).unwrap()).await.unwrap_err();
            assert!(matches!(told, FetchError::Private { .. }), "{url}: {told}");
        }
    }
}
