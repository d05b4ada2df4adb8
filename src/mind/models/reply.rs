//! Decides what an answer to "give me this file, from here on" means. Pure.
//!
//! Servers may give all of it when asked for the rest, the rest of another file, or say that there
//! is no rest: RFC 9110, sections 13 to 15. Whoever joined two files would have neither.

use super::looks::Mask;
use super::trouble::Trouble;
use std::time::Duration;

/// The head of an answer, as far as it matters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) status: u16,
    /// How long the body is said to be.
    pub(super) length: Option<u64>,
    /// Which part of the file it is said to be.
    pub(super) range: Option<ContentRange>,
    /// What tells this state of the file from others: a strong `ETag`, else `Last-Modified`.
    pub(super) validator: Option<String>,
    /// The body is compressed, so its bytes are not those of the file.
    pub(super) encoded: bool,
    /// It says itself that it is a page.
    pub(super) page: bool,
    /// How long it asks to be left alone.
    pub(super) wait: Option<Duration>,
}

/// `Content-Range`: `bytes 7-99/100`, or `bytes */100`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ContentRange {
    pub(super) first: Option<u64>,
    pub(super) total: Option<u64>,
}

impl ContentRange {
    pub(super) fn read(text: &str) -> Option<Self> {
        let rest = text.trim().strip_prefix("bytes")?.trim_start();
        let (range, total) = rest.split_once('/')?;
        let first = match range.trim() {
            "*" => None,
            range => Some(range.split_once('-')?.0.trim().parse().ok()?),
        };
        let total = match total.trim() {
            "*" => None,
            total => Some(total.parse().ok()?),
        };
        Some(Self { first, total })
    }
}

/// What was asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Asked<'a> {
    /// So much of it is here.
    pub(super) from: u64,
    /// The state of the file that this is of, where nothing better tells.
    pub(super) validator: Option<&'a str>,
    /// How long the file is, where that is known for certain.
    pub(super) size: Option<u64>,
}

/// What an answer means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reply {
    /// The body is what is missing; the file is so long, if that is told.
    Append {
        total: Option<u64>,
    },
    /// The body is all of it.
    Begin {
        total: Option<u64>,
    },
    /// Nothing is missing.
    Whole,
    /// What is here is of no use: to be asked again, for all of it.
    Anew,
    No(Trouble),
}

/// What an answer means to who asked.
pub(super) fn read(head: &Head, asked: Asked<'_>) -> Reply {
    let wrong = |told: Option<u64>| match (asked.size, told) {
        (Some(size), Some(told)) if size != told => Some(Trouble::Length { size, told }),
        _ => None,
    };
    let odd = |why: &str| {
        Reply::No(Trouble::Odd {
            why: why.to_owned(),
        })
    };
    match head.status {
        200 | 206 if head.encoded => odd("the answer is compressed, though that was not asked for"),
        200 | 206 if head.page => Reply::No(Trouble::Masked(Mask::Page)),
        200 => match wrong(head.length) {
            Some(trouble) => Reply::No(trouble),
            None => Reply::Begin {
                total: head.length.or(asked.size),
            },
        },
        206 if asked.from == 0 => odd("a part of it came where all was asked for"),
        206 => {
            let changed = matches!((asked.validator, &head.validator),
                (Some(was), Some(is)) if was != is);
            match head.range {
                Some(range) if range.first == Some(asked.from) && !changed => {
                    match wrong(range.total) {
                        Some(trouble) => Reply::No(trouble),
                        None => Reply::Append {
                            total: range.total.or(asked.size),
                        },
                    }
                }
                _ => Reply::Anew,
            }
        }
        416 if asked.from == 0 => odd("HTTP 416"),
        416 => match head.range.and_then(|range| range.total) {
            // All of it came, and nobody was left to notice.
            Some(total) if total == asked.from && wrong(Some(total)).is_none() => Reply::Whole,
            _ => Reply::Anew,
        },
        status @ (401 | 403 | 407 | 451) => Reply::No(Trouble::Denied { status }),
        status @ (404 | 410) => Reply::No(Trouble::Missing { status }),
        status @ (425 | 429) => Reply::No(Trouble::Busy {
            status,
            wait: head.wait,
        }),
        status @ 503 if head.wait.is_some() => Reply::No(Trouble::Busy {
            status,
            wait: head.wait,
        }),
        status @ (408 | 500..) => Reply::No(Trouble::Faulty { status }),
        status => odd(&format!("HTTP {status}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(status: u16) -> Head {
        Head {
            status,
            ..Head::default()
        }
    }

    fn ranged(status: u16, range: &str) -> Head {
        Head {
            range: ContentRange::read(range),
            ..head(status)
        }
    }

    fn tagged(mut head: Head, tag: &str) -> Head {
        head.validator = Some(tag.to_owned());
        head
    }

    #[test]
    fn an_answer_is_joined_to_what_is_here_only_where_it_goes_on() {
        let fresh = Asked::default();
        let sized = Asked {
            size: Some(100),
            ..fresh
        };
        let rest = Asked {
            from: 40,
            validator: Some("\"a\""),
            size: None,
        };
        let long = |length| Head {
            length: Some(length),
            ..head(200)
        };
        let table = [
            (head(200), fresh, Reply::Begin { total: None }),
            (long(100), sized, Reply::Begin { total: Some(100) }),
            (head(200), sized, Reply::Begin { total: Some(100) }),
            (
                long(99),
                sized,
                Reply::No(Trouble::Length {
                    size: 100,
                    told: 99,
                }),
            ),
            // All of it, though only the rest was wanted.
            (long(100), rest, Reply::Begin { total: Some(100) }),
            (
                ranged(206, "bytes 40-99/100"),
                rest,
                Reply::Append { total: Some(100) },
            ),
            (
                ranged(206, "bytes 40-99/*"),
                rest,
                Reply::Append { total: None },
            ),
            (
                tagged(ranged(206, "bytes 40-99/100"), "\"a\""),
                rest,
                Reply::Append { total: Some(100) },
            ),
            // The file is another one by now.
            (
                tagged(ranged(206, "bytes 40-99/100"), "\"b\""),
                rest,
                Reply::Anew,
            ),
            // Not from where we stopped, or from nobody knows where.
            (ranged(206, "bytes 0-99/100"), rest, Reply::Anew),
            (ranged(206, "bytes 41-99/100"), rest, Reply::Anew),
            (head(206), rest, Reply::Anew),
            (
                ranged(206, "bytes 40-98/99"),
                Asked {
                    size: Some(100),
                    ..rest
                },
                Reply::No(Trouble::Length {
                    size: 100,
                    told: 99,
                }),
            ),
            (ranged(416, "bytes */40"), rest, Reply::Whole),
            (ranged(416, "bytes */39"), rest, Reply::Anew),
            (head(416), rest, Reply::Anew),
        ];
        for (head, asked, reply) in table {
            assert_eq!(read(&head, asked), reply, "{head:?}");
        }
    }

    #[test]
    fn a_no_is_told_apart_from_other_noes() {
        let wait = Some(Duration::from_secs(7));
        let waits = |status| Head {
            wait,
            ..head(status)
        };
        let odd = |why: &str| Trouble::Odd {
            why: why.to_owned(),
        };
        let page = Head {
            page: true,
            ..head(200)
        };
        let packed = Head {
            encoded: true,
            ..head(200)
        };
        let table = [
            (page, Trouble::Masked(Mask::Page)),
            (
                packed,
                odd("the answer is compressed, though that was not asked for"),
            ),
            (
                ranged(206, "bytes 0-9/10"),
                odd("a part of it came where all was asked for"),
            ),
            (head(401), Trouble::Denied { status: 401 }),
            (head(403), Trouble::Denied { status: 403 }),
            (head(404), Trouble::Missing { status: 404 }),
            (head(410), Trouble::Missing { status: 410 }),
            (waits(429), Trouble::Busy { status: 429, wait }),
            (
                head(429),
                Trouble::Busy {
                    status: 429,
                    wait: None,
                },
            ),
            (waits(503), Trouble::Busy { status: 503, wait }),
            (head(503), Trouble::Faulty { status: 503 }),
            (head(500), Trouble::Faulty { status: 500 }),
            (head(408), Trouble::Faulty { status: 408 }),
            (head(416), odd("HTTP 416")),
            (head(418), odd("HTTP 418")),
            (head(204), odd("HTTP 204")),
        ];
        for (head, trouble) in table {
            assert_eq!(read(&head, Asked::default()), Reply::No(trouble));
        }
    }

    #[test]
    fn a_content_range_is_read_as_servers_write_it() {
        let range = |first, total| Some(ContentRange { first, total });
        for (text, expected) in [
            ("bytes 7-99/100", range(Some(7), Some(100))),
            ("bytes  7-99/*", range(Some(7), None)),
            ("bytes */100", range(None, Some(100))),
            ("bytes=7-99/100", None),
            ("items 7-99/100", None),
            ("bytes 7", None),
            ("bytes 99999999999999999999-1/2", None),
            ("", None),
        ] {
            assert_eq!(ContentRange::read(text), expected, "{text}");
        }
    }
}
