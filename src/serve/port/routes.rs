//! Which paths there are, and who answers there.

use super::message::{Refusal, Reply, Request};
use hyper::upgrade::Upgraded;
use hyper::{Method, StatusCode};
use hyper_util::rt::TokioIo;
use std::pin::Pin;
use std::sync::Arc;
use tokio_tungstenite::WebSocketStream;

/// A WebSocket whose upgrade was answered.
pub type Socket = WebSocketStream<TokioIo<Upgraded>>;

pub(super) type Later<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// What goes on with a WebSocket.
pub(super) type Attend = Arc<dyn Fn(Request, Socket) -> Later<()> + Send + Sync>;

/// What answers at a path.
pub(super) enum Answer {
    /// The same for everybody, whoever asks.
    Open(fn() -> Reply),
    Http(Box<dyn Fn(Request) -> Later<Result<Reply, Refusal>> + Send + Sync>),
    Socket(Attend),
    /// The same, for clients that show a token as `code` in the query, and look for a refusal in
    /// how the WebSocket is closed.
    Coded(Attend),
}

struct Route {
    method: Method,
    /// Its parts; one in braces stands for anything.
    parts: Vec<&'static str>,
    path: &'static str,
    answer: Answer,
}

/// All paths.
#[derive(Default)]
pub struct Routes(Vec<Route>);

/// What a path leads to, and what its open parts are.
pub(super) type Found<'a> = (&'a Answer, Vec<(String, String)>);

impl Routes {
    /// Those that the backend itself answers.
    pub fn new() -> Self {
        let mut routes = Self::default();
        super::status::routes(&mut routes);
        super::chat::routes(&mut routes);
        super::lists::routes(&mut routes);
        super::audio::routes(&mut routes);
        routes
    }

    pub fn get<F, R>(&mut self, path: &'static str, answer: F)
    where
        F: Fn(Request) -> R + Send + Sync + 'static,
        R: Future<Output = Result<Reply, Refusal>> + Send + 'static,
    {
        self.http(Method::GET, path, answer);
    }

    pub fn http<F, R>(&mut self, method: Method, path: &'static str, answer: F)
    where
        F: Fn(Request) -> R + Send + Sync + 'static,
        R: Future<Output = Result<Reply, Refusal>> + Send + 'static,
    {
        let answer = Answer::Http(Box::new(move |request| Box::pin(answer(request))));
        self.add(method, path, answer);
    }

    pub fn socket<F, R>(&mut self, path: &'static str, answer: F)
    where
        F: Fn(Request, Socket) -> R + Send + Sync + 'static,
        R: Future<Output = ()> + Send + 'static,
    {
        let answer = move |request, socket| Box::pin(answer(request, socket)) as Later<()>;
        self.add(Method::GET, path, Answer::Socket(Arc::new(answer)));
    }

    /// A WebSocket whose clients may show their token as `code` in the query.
    pub fn coded_socket<F, R>(&mut self, path: &'static str, answer: F)
    where
        F: Fn(Request, Socket) -> R + Send + Sync + 'static,
        R: Future<Output = ()> + Send + 'static,
    {
        let answer = move |request, socket| Box::pin(answer(request, socket)) as Later<()>;
        self.add(Method::GET, path, Answer::Coded(Arc::new(answer)));
    }

    /// Nothing is asked of who comes here.
    pub(super) fn open(&mut self, path: &'static str, answer: fn() -> Reply) {
        self.add(Method::GET, path, Answer::Open(answer));
    }

    fn add(&mut self, method: Method, path: &'static str, answer: Answer) {
        self.0.push(Route {
            method,
            parts: path.split('/').collect(),
            path,
            answer,
        });
    }

    /// Who answers there.
    pub(super) fn find(&self, method: &Method, path: &str) -> Result<Found<'_>, Refusal> {
        let parts: Vec<&str> = path.split('/').collect();
        let mut known = None;
        for route in &self.0 {
            let Some(parameters) = fit(&route.parts, &parts) else {
                continue;
            };
            if route.method == *method {
                return Ok((&route.answer, parameters));
            }
            known = Some(&route.method);
        }
        let path: String = path.chars().take(100).collect();
        Err(match known {
            Some(other) => Refusal::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "method_not_allowed",
                format!("`{path}` does not take this method"),
            )
            .hint(format!("use {other}")),
            None => Refusal::new(
                StatusCode::NOT_FOUND,
                "not_found",
                format!("nothing is at `{path}`"),
            )
            .hint(format!("there are {}", self.paths().join(", "))),
        })
    }

    fn paths(&self) -> Vec<&'static str> {
        let mut paths: Vec<_> = self.0.iter().map(|route| route.path).collect();
        paths.dedup();
        paths
    }
}

/// What the open parts of a path are, if the path fits.
fn fit(route: &[&str], parts: &[&str]) -> Option<Vec<(String, String)>> {
    if route.len() != parts.len() {
        return None;
    }
    let mut parameters = vec![];
    for (wanted, part) in route.iter().zip(parts) {
        match wanted
            .strip_prefix('{')
            .and_then(|name| name.strip_suffix('}'))
        {
            Some(name) => {
                let part = decoded(part)?;
                // What is one name here is one name wherever it is used.
                if part.is_empty() || part.contains(['/', '\\', '\0']) {
                    return None;
                }
                parameters.push((name.to_owned(), part));
            }
            None if wanted == part => {}
            None => return None,
        }
    }
    Some(parameters)
}

/// What the query of an address says.
pub(super) fn query(text: &str) -> Vec<(String, String)> {
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    let pairs = pairs.filter_map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let plain = |text: &str| decoded(&text.replace('+', " "));
        Some((plain(name)?, plain(value)?))
    });
    pairs.collect()
}

/// Text of an address as it was meant; `None`: it is no text.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let mut digit = || char::from(rest.next()?).to_digit(16);
        bytes.push(match byte {
            b'%' => u8::try_from(digit()? << 4 | digit()?).ok()?,
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_fits_part_by_part_and_an_open_part_is_one_name() {
        let route: Vec<&str> = "/plugin/{id}/logs".split('/').collect();
        let found = |path: &str| {
            let parts: Vec<&str> = path.split('/').collect();
            let parameters = fit(&route, &parts)?;
            parameters.first().map(|(_, value)| value.clone())
        };
        for (path, wanted) in [
            ("/plugin/a/logs", Some("a")),
            ("/plugin/%E4%BD%A0/logs", Some("你")),
            ("/plugin/a%20b/logs", Some("a b")),
            ("/plugin//logs", None),
            ("/plugin/a/logs/", None),
            ("/plugin/a%2fb/logs", None),
            ("/plugin/a%5Cb/logs", None),
            ("/plugin/%00/logs", None),
            ("/plugin/%ff/logs", None),
            ("/plugin/%4/logs", None),
            ("/plugin/a/other", None),
        ] {
            assert_eq!(found(path).as_deref(), wanted, "{path}");
        }
    }

    #[test]
    fn a_query_is_read_with_its_signs() {
        let pairs = query("a=1&b=x+y%26z&c&=&bad=%zz");
        let pairs: Vec<_> = pairs
            .iter()
            .map(|(n, v)| (n.as_str(), v.as_str()))
            .collect();
        assert_eq!(pairs, [("a", "1"), ("b", "x y&z"), ("c", ""), ("", "")]);
    }

    #[test]
    fn a_wrong_method_is_told_from_a_wrong_path() {
        let routes = Routes::new();
        let status = |method, path| {
            routes
                .find(&method, path)
                .err()
                .map(|no| no.status.as_u16())
        };
        assert_eq!(status(Method::GET, "/v1/models"), None);
        assert_eq!(status(Method::PUT, "/v1/models"), Some(405));
        assert_eq!(status(Method::GET, "/v1/other"), Some(404));
    }
}
