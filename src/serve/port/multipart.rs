//! Reads forms with files in them, as `multipart/form-data` carries them. Pure.

use bytes::Bytes;

/// One field of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) content: Bytes,
}

/// More fields than this nobody fills in.
const FIELDS: usize = 64;

/// What is between the fields, as the content type says.
pub(super) fn boundary(kind: &str) -> Option<&str> {
    let (kind, rest) = kind.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let mut settings = rest.split(';').filter_map(|one| one.trim().split_once('='));
    let (_, boundary) = settings.find(|(name, _)| name.eq_ignore_ascii_case("boundary"))?;
    let boundary = boundary.trim_matches('"');
    (!boundary.is_empty() && boundary.len() <= 70).then_some(boundary)
}

/// The fields of a form; `None`: it is none, or not whole.
pub(super) fn fields(body: &Bytes, boundary: &str) -> Option<Vec<Field>> {
    let mark = format!("--{boundary}");
    let between = format!("\r\n{mark}");
    let mut at = find(body, mark.as_bytes(), 0)? + mark.len();
    let mut fields = vec![];
    loop {
        let rest = body.get(at..)?;
        if rest.starts_with(b"--") {
            return Some(fields);
        }
        // The mark may be followed by blanks.
        let head = find(body, b"\r\n", at)?;
        let end = find(body, b"\r\n\r\n", head)?;
        let next = find(body, between.as_bytes(), end + 2)?;
        let names = std::str::from_utf8(body.get(head..end)?).ok()?;
        if fields.len() == FIELDS {
            return None;
        }
        fields.push(Field {
            name: name(names)?,
            content: body.slice((end + 4).min(next)..next),
        });
        at = next + between.len();
    }
}

/// The name of a field, from its head.
fn name(head: &str) -> Option<String> {
    let line = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.trim()
            .eq_ignore_ascii_case("content-disposition")
            .then_some(value)
    })?;
    let mut settings = line.split(';').filter_map(|one| one.trim().split_once('='));
    let (_, name) = settings.find(|(key, _)| key.eq_ignore_ascii_case("name"))?;
    Some(name.trim_matches('"').to_owned())
}

fn find(body: &[u8], wanted: &[u8], from: usize) -> Option<usize> {
    let rest = body.get(from..)?;
    let found = rest
        .windows(wanted.len())
        .position(|window| window == wanted);
    found.map(|at| from + at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FORM: &str = "before\r\n--xyz\r\nContent-Disposition: form-data; name=\"file\"; \
        filename=\"a.wav\"\r\nContent-Type: audio/wav\r\n\r\nRIFF\r\n--xy\r\n\r\n--xyz  \r\n\
        content-disposition: form-data; name=model\r\n\r\n\r\n--xyz--\r\n";

    #[test]
    fn a_form_is_its_fields_and_nothing_between_them() {
        let fields = fields(&Bytes::from_static(FORM.as_bytes()), "xyz").unwrap();
        let told: Vec<_> = fields
            .iter()
            .map(|one| (one.name.as_str(), &one.content[..]))
            .collect();
        assert_eq!(
            told,
            [("file", &b"RIFF\r\n--xy\r\n"[..]), ("model", &b""[..])]
        );
    }

    #[test]
    fn a_content_type_says_what_is_between_the_fields() {
        for (kind, wanted) in [
            ("multipart/form-data; boundary=xyz", Some("xyz")),
            (
                "Multipart/Form-Data; charset=utf-8; boundary=\"x y\"",
                Some("x y"),
            ),
            ("multipart/form-data", None),
            ("multipart/form-data; boundary=", None),
            ("application/json; boundary=xyz", None),
        ] {
            assert_eq!(boundary(kind), wanted, "{kind}");
        }
    }

    proptest! {
        #[test]
        fn whatever_comes_is_a_form_or_none(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = fields(&Bytes::from(bytes), "x");
        }

        #[test]
        fn a_form_that_is_cut_is_none(cut in 0..FORM.len() - 4) {
            let cut = Bytes::copy_from_slice(&FORM.as_bytes()[..cut]);
            prop_assert_eq!(fields(&cut, "xyz"), None);
        }
    }
}
