//! Reads Rust source far enough to know which paths it names, and where.

/// A path as the source spells it, with the groups of a `use` taken apart.
#[derive(Debug, PartialEq)]
pub(crate) struct Named {
    pub(crate) line: usize,
    pub(crate) parts: Vec<String>,
    pub(crate) is_macro: bool,
    pub(crate) in_test: bool,
    /// The inline modules around it.
    around: Vec<String>,
}

impl Named {
    /// The path from the root of our crate; `None` when it leads elsewhere.
    pub(crate) fn within(&self, file: &str) -> Option<Vec<String>> {
        let stem = file.strip_suffix(".rs").unwrap_or(file);
        let mut module: Vec<String> = stem.split('/').map(str::to_owned).collect();
        if matches!(
            module.last().map(String::as_str),
            Some("mod" | "lib" | "main")
        ) {
            module.pop();
        }
        module.extend(self.around.iter().cloned());
        let mut rest = self.parts.iter();
        let mut absolute = match rest.next()?.as_str() {
            "crate" | "hearsay" => vec![],
            "self" => module,
            "super" => {
                module.pop();
                module
            }
            _ => return None,
        };
        for part in rest {
            match part.as_str() {
                "super" => drop(absolute.pop()),
                "self" => {}
                part => absolute.push(part.to_owned()),
            }
        }
        Some(absolute)
    }
}

/// What a file names, and which files hold only its tests.
#[derive(Debug, Default)]
pub(crate) struct Scan {
    pub(crate) paths: Vec<Named>,
    /// Beginnings of file names: `view/chat/tests/` means `view/chat/tests.rs` and below.
    pub(crate) test_files: Vec<String>,
}

pub(crate) fn scan(name: &str, text: &str) -> Scan {
    let tokens = tokens(text);
    let word = |at: usize| tokens.get(at).map_or("", |(_, text)| text.as_str());
    let stem = name.trim_end_matches(".rs").trim_end_matches("/mod");
    let mut found = Scan::default();
    // The depth at which the test item began, if we are in one.
    let mut test: Option<usize> = None;
    let mut about_to_test = false;
    let mut modules: Vec<(String, usize)> = vec![];
    let mut depth = 0;
    let mut at = 0;
    while at < tokens.len() {
        match word(at) {
            "#" if word(at + 1) == "[" => {
                let end = closing(&tokens, at + 1);
                let has = |name: &str| (at..end).any(|at| word(at) == name);
                if has("test") && !has("not") && test.is_none() {
                    about_to_test = true;
                }
                at = end + 1;
                continue;
            }
            "mod" if is_name(word(at + 1)) && word(at + 2) == "{" => {
                modules.push((word(at + 1).to_owned(), depth));
                at += 2;
                continue;
            }
            "mod" if is_name(word(at + 1)) && word(at + 2) == ";" && about_to_test => {
                found.test_files.push(format!("{stem}/{}/", word(at + 1)));
            }
            "{" => {
                if std::mem::take(&mut about_to_test) {
                    test = Some(depth);
                }
                depth += 1;
            }
            "}" => {
                depth -= 1;
                modules.retain(|(_, began)| *began < depth);
                test = test.filter(|began| *began < depth);
            }
            ";" => about_to_test = false,
            first if is_name(first) && !continues(&tokens, at) => {
                let around: Vec<String> = modules.iter().map(|(name, _)| name.clone()).collect();
                let mut paths = vec![];
                let end = path(&tokens, at, &[], &mut paths);
                for (line, parts) in paths {
                    found.paths.push(Named {
                        line,
                        parts,
                        is_macro: word(end) == "!",
                        in_test: test.is_some() || about_to_test,
                        around: around.clone(),
                    });
                }
                at = end;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    found
}

fn is_name(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Is the name at `at` the continuation of something before it (`x::name`, `x.name`)?
fn continues(tokens: &[(usize, String)], at: usize) -> bool {
    let back = |steps: usize| at.checked_sub(steps).map_or("", |at| tokens[at].1.as_str());
    match back(1) {
        "." => back(2) != ".",
        "::" => is_name(back(2)) || back(2) == ">",
        _ => false,
    }
}

/// Reads one path or `use` tree and answers with the place behind it.
fn path(
    tokens: &[(usize, String)],
    mut at: usize,
    before: &[String],
    paths: &mut Vec<(usize, Vec<String>)>,
) -> usize {
    let word = |at: usize| tokens.get(at).map_or("", |(_, text)| text.as_str());
    let line = tokens.get(at).map_or(0, |(line, _)| *line);
    let mut parts = before.to_vec();
    loop {
        match word(at) {
            "{" if !parts.is_empty() => {
                let end = closing(tokens, at);
                at += 1;
                while at < end {
                    if is_name(word(at)) || word(at) == "*" {
                        at = path(tokens, at, &parts, paths);
                    } else {
                        at += 1;
                    }
                }
                return end + 1;
            }
            "*" => {
                parts.push("*".to_owned());
                at += 1;
                break;
            }
            name if is_name(name) => {
                parts.push(name.to_owned());
                at += 1;
            }
            _ => break,
        }
        let goes_on =
            word(at) == "::" && (is_name(word(at + 1)) || matches!(word(at + 1), "{" | "*"));
        if !goes_on {
            break;
        }
        at += 1;
    }
    if word(at) == "as" {
        // The new name names nothing of its own.
        at += 2;
    }
    paths.push((line, parts));
    at
}

/// The place of the bracket that closes the one at `at`.
fn closing(tokens: &[(usize, String)], at: usize) -> usize {
    let mut depth = 0_usize;
    for (place, (_, token)) in tokens.iter().enumerate().skip(at) {
        match token.as_str() {
            "{" | "[" | "(" => depth += 1,
            "}" | "]" | ")" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return place;
        }
    }
    tokens.len()
}

/// The names and signs of a source text with their lines, without comments, strings, characters,
/// lifetimes and numbers.
fn tokens(text: &str) -> Vec<(usize, String)> {
    let chars: Vec<char> = text.chars().collect();
    let get = |at: usize| chars.get(at).copied().unwrap_or('\0');
    let mut tokens = vec![];
    let (mut at, mut line) = (0, 1);
    while at < chars.len() {
        let start = at;
        match (get(at), get(at + 1)) {
            ('/', '/') => at += chars[at..].iter().take_while(|c| **c != '\n').count(),
            ('/', '*') => {
                let mut depth = 0;
                loop {
                    match (get(at), get(at + 1)) {
                        ('/', '*') => (depth, at) = (depth + 1, at + 2),
                        ('*', '/') => (depth, at) = (depth - 1, at + 2),
                        _ => at += 1,
                    }
                    if depth == 0 || at >= chars.len() {
                        break;
                    }
                }
            }
            ('"', _) => at = past_quote(&chars, at, '"'),
            ('\'', '\\') => at = past_quote(&chars, at, '\''),
            ('\'', _) if get(at + 2) == '\'' => at += 3,
            // A lifetime.
            ('\'', _) => at += 2,
            (':', ':') => {
                tokens.push((line, "::".to_owned()));
                at += 2;
            }
            (c, _) if c.is_alphanumeric() || c == '_' => {
                let is_part = |c: char| c.is_alphanumeric() || c == '_';
                while is_part(get(at)) {
                    at += 1;
                }
                let name: String = chars[start..at].iter().collect();
                let hashes = chars[at..].iter().take_while(|c| **c == '#').count();
                match (name.as_str(), get(at + hashes)) {
                    ("r" | "br" | "cr", '"') => at = past_raw(&chars, at + hashes, hashes),
                    ("b" | "c", '"') => {}
                    // A raw name: `r#type`.
                    ("r", _) if hashes == 1 => at += 1,
                    _ if c.is_numeric() => {}
                    _ => tokens.push((line, name)),
                }
            }
            (c, _) => {
                if !c.is_whitespace() {
                    tokens.push((line, c.to_string()));
                }
                at += 1;
            }
        }
        let read = chars.get(start..at.min(chars.len())).unwrap_or_default();
        line += read.iter().filter(|c| **c == '\n').count();
    }
    tokens
}

fn past_quote(chars: &[char], mut at: usize, quote: char) -> usize {
    at += 1;
    while at < chars.len() && chars[at] != quote {
        at += if chars[at] == '\\' { 2 } else { 1 };
    }
    at + 1
}

fn past_raw(chars: &[char], mut at: usize, hashes: usize) -> usize {
    at += 1;
    while at < chars.len() {
        let end = chars[at] == '"' && (1..=hashes).all(|after| chars.get(at + after) == Some(&'#'));
        if end {
            return at + hashes + 1;
        }
        at += 1;
    }
    at
}
