//! Tells by its first bytes what is certainly not the file that was asked for. Pure.
//!
//! Hubs, mirrors and networks answer "200 OK" with other things than the file: a page that wants
//! one to log in, a message that says no, the note that a repository keeps in place of a large
//! file. What it really is, only its hash or its engine can tell.

use super::catalogue::ends_in;

/// So many bytes are enough to tell.
pub(super) const ENOUGH: usize = 512;

/// What came in the place of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mask {
    /// Nothing at all.
    Empty,
    /// Words for programs, where a model was asked for.
    Message,
    /// A page for people.
    Page,
    /// The note that git keeps in the place of a large file.
    Pointer,
}

/// What these first bytes of a file are instead of it; `None` if they may be it.
pub(super) fn unmask(name: &str, head: &[u8]) -> Option<Mask> {
    if head.is_empty() {
        return Some(Mask::Empty);
    }
    if head.starts_with(b"version https://git-lfs") || head.starts_with(b"version https://hawser") {
        return Some(Mask::Pointer);
    }
    let start = head.trim_ascii_start();
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    let begins = |text: &str| {
        let start = start.get(..text.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(text.as_bytes()))
    };
    // Lists of tokens begin with `<blk>` or `<unk>`, so an angle bracket alone tells nothing.
    if ["<!doctype", "<html", "<head", "<?xml", "<body"]
        .into_iter()
        .any(begins)
    {
        return Some(Mask::Page);
    }
    let words = start.first() == Some(&b'{') && !ends_in(name, "json");
    words.then_some(Mask::Message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_the_file_is_told_by_how_it_begins() {
        let table: &[(&str, &[u8], Option<Mask>)] = &[
            ("m.onnx", b"", Some(Mask::Empty)),
            ("m.onnx", b"\x08\x07\x12\x07pytorch", None),
            (
                "m.onnx",
                b"version https://git-lfs.github.com/spec/v1\noid sha256:ab",
                Some(Mask::Pointer),
            ),
            ("m.onnx", b"<!DOCTYPE html><html>", Some(Mask::Page)),
            ("m.onnx", b"\r\n  <HTML lang=en>", Some(Mask::Page)),
            ("m.onnx", b"\xef\xbb\xbf<html>", Some(Mask::Page)),
            (
                "t.txt",
                b"<?xml version='1.0'?><Error>denied",
                Some(Mask::Page),
            ),
            (
                "m.onnx",
                b"{\"error\":\"Repository not found\"}",
                Some(Mask::Message),
            ),
            ("tokenizer.json", b"{\"version\":\"1.0\"}", None),
            ("tokenizer.json", b"<!doctype html>", Some(Mask::Page)),
            ("tokens.txt", b"<blk> 0\n<unk> 2\n", None),
            ("tokens.txt", b"<unk> 0\n<s> 1\n", None),
            ("m.onnx", b"<", None),
        ];
        for (name, head, mask) in table {
            assert_eq!(unmask(name, head), *mask, "{name} {head:?}");
        }
    }
}
