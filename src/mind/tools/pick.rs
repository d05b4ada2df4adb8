//! Finds things on a list the way people name them: by number, by words, the only one, or all.

use super::error::Kind;
use super::numeral::to_digits;
use super::{ToolError, tell};

/// Which of `items` are meant by `which`; nothing said means the only one.
pub(super) fn pick<'a, T>(
    items: &'a [T],
    text: fn(&T) -> &str,
    which: Option<&str>,
    kind: Kind,
) -> Result<Vec<&'a T>, ToolError> {
    let told = which.unwrap_or_default().trim();
    let wanted = to_digits(told);
    let wanted = wanted
        .trim()
        .trim_start_matches(['#', '第'])
        .trim_end_matches(['条', '个', '项']);
    let no_such = || ToolError::NoSuch {
        kind,
        which: told.to_owned(),
    };
    if matches!(wanted, "all" | "everything" | "全部" | "所有" | "*") {
        return Ok(items.iter().collect());
    }
    if let Ok(number) = wanted.parse::<usize>() {
        let item = number.checked_sub(1).and_then(|at| items.get(at));
        return item.map(|item| vec![item]).ok_or_else(no_such);
    }
    let fits = |item: &&T, wanted: &str| {
        let text = to_digits(text(item));
        wanted.split_whitespace().all(|word| text.contains(word))
    };
    let exact = items
        .iter()
        .find(|item| to_digits(text(item)).trim() == wanted);
    let found: Vec<&T> = match exact {
        Some(exact) if !wanted.is_empty() => vec![exact],
        _ => items.iter().filter(|item| fits(item, wanted)).collect(),
    };
    match found.as_slice() {
        [] => Err(no_such()),
        [_] => Ok(found),
        _ => {
            let numbered = items.iter().zip(1..).filter(|(item, _)| fits(item, wanted));
            let fitting: Vec<String> = numbered
                .take(5)
                .map(|(item, at)| match text(item) {
                    "" => format!("{at}"),
                    text => format!("{at} {}", tell::quoted(text)),
                })
                .collect();
            let fitting = fitting.join(", ");
            Err(ToolError::Several { kind, fitting })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_are_found_by_number_by_words_or_as_the_only_one() {
        let items = ["buy milk", "call mum", "buy bread"];
        let found = |which: &str| {
            let found = pick(&items, |item| item, Some(which), Kind::Note)?;
            Ok::<_, ToolError>(found.into_iter().copied().collect::<Vec<_>>().join("+"))
        };
        assert_eq!(found("2").as_deref(), Ok("call mum"));
        assert_eq!(found("#three").as_deref(), Ok("buy bread"));
        assert_eq!(found("第一条").as_deref(), Ok("buy milk"));
        assert_eq!(found("MUM").as_deref(), Ok("call mum"));
        assert_eq!(found("bread buy").as_deref(), Ok("buy bread"));
        assert_eq!(found("all").as_deref(), Ok("buy milk+call mum+buy bread"));
        assert_eq!(
            found("buy").unwrap_err().to_string(),
            "several notes fit, say which one: 1 “buy milk”, 3 “buy bread”"
        );
        assert_eq!(found("9").unwrap_err().to_string(), "there is no note `9`");
        let only = pick(&["tea"], |item| item, None, Kind::Timer);
        assert_eq!(only, Ok(vec![&"tea"]));
    }
}
