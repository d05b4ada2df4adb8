//! Renders the example file from the schema: every setting as a comment with its default.
//!
//! Prose begins with `# `, a setting with `#` alone: taking that one sign away sets it.

use super::kind::Kind;
use super::schema::{CONTEXTS, FIELDS, KEYS};
use std::fmt::Write;

const HEAD: &str = "\
# The configuration of hearsay. Every setting is here, with its default: remove the `#` in front
# of a line to change it. What stays a comment follows the defaults of the version you run.
#
# Later layers win: default, this file, environment, flags. Every setting has a variable, HEARSAY_
# and its name: HEARSAY_LINK_PING_MS sets link.ping_ms. `hearsay config explain` shows where each
# value comes from.
";

const BACKENDS: &str = "
# Backends to talk to, by a name of your choice; `backend = \"home\"` then means this one.
#[backends.home]
";

const MCP: &str = "
# Servers of tools that speak the Model Context Protocol, by a name of your choice. The first is a
# program that is started here, the second an address. Their tools ask before they are used, but for
# those that are allowed; `/mcp` shows them.
#[mcp.files]
#command = \"npx -y @modelcontextprotocol/server-filesystem /home/me/notes\"
#env = \"NODE_OPTIONS, LOG=quiet\"
#allow = \"read_text_file, list_directory\"
#never = \"write_file\"
#timeout_s = 60
#
#[mcp.home]
#url = \"https://example.org/mcp\"
#token = \"env:HOME_MCP_TOKEN\"
#allow = \"*\"
";

const BINDINGS: &str = "
# Keys: a chord and the action it means, or \"none\". The help screen lists both.
";

/// The text of the example file.
pub fn render() -> String {
    let mut text = HEAD.to_owned();
    let mut last = "";
    for key in KEYS {
        let (section, name) = key.split();
        text.push('\n');
        if section != last {
            let _infallible = write!(text, "[{section}]\n\n");
            last = section;
        }
        for line in wrapped(key.comment) {
            let _infallible = writeln!(text, "# {line}");
        }
        let _infallible = writeln!(text, "# {}", about(key));
        let _infallible = writeln!(text, "#{name} = {}", key.default.to_toml());
    }
    text.push_str(BACKENDS);
    for field in FIELDS {
        for line in wrapped(field.comment) {
            let _infallible = writeln!(text, "# {line}");
        }
        let _infallible = writeln!(text, "#{} = {}", field.name(), field.example);
    }
    text.push_str(MCP);
    text.push_str(BINDINGS);
    for context in CONTEXTS {
        let _infallible = write!(text, "[keys.{context}]\n#f12 = \"none\"\n\n");
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

/// What it may be, and who else sets it.
fn about(key: &super::schema::Key) -> String {
    let mut about = match key.kind {
        Kind::Text | Kind::Path | Kind::Secret | Kind::Store => String::new(),
        kind => kind.wants().replace('`', ""),
    };
    let others: Vec<_> = [key.flag]
        .iter()
        .chain(key.variables)
        .filter(|name| !name.is_empty() && !name.starts_with("HEARSAY_"))
        .copied()
        .collect();
    if !others.is_empty() {
        let joint = if about.is_empty() { "also" } else { "; also" };
        let _infallible = write!(about, "{joint} {}", others.join(", "));
    }
    if about.is_empty() {
        "any text".clone_into(&mut about);
    }
    format!("({about})")
}

/// Lines of at most 98 columns.
fn wrapped(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last_mut().expect("begins with one line");
        if line.is_empty() {
            line.push_str(word);
        } else if line.len() + word.len() < 98 {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}
