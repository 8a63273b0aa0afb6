//! The sources of this checkout as one reads them: lines, with and without comments and strings; paths, functions, tests.
#![allow(unreachable_pub, reason = "the test's own room")]

use std::fs;
use std::path::{Path, PathBuf};

/// One file, as three readings of the same lines.
pub struct Source {
    /// relative to the checkout, with forward slashes
    pub name: String,
    pub text: Vec<String>,
    /// comments blanked
    pub without_comments: Vec<String>,
    /// comments and the insides of strings blanked
    pub code: Vec<String>,
    /// how many lines come before the tests
    pub tests_begin: usize,
}

impl Source {
    pub fn read(path: &Path) -> Self {
        let content = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let name = path.strip_prefix(root()).expect("below the root").to_string_lossy().replace('\\', "/");
        Self::of(&name, &content)
    }

    pub fn of(name: &str, content: &str) -> Self {
        let (without_comments, code) = blank(content);
        let split = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
        let text = split(content);
        let is_test = name.ends_with("/tests.rs") || name.contains("/tests/");
        let tests_begin =
            match text.windows(2).position(|pair| pair[0] == "#[cfg(test)]" && pair[1].starts_with("mod ")) {
                _ if is_test && name.starts_with("src/") => 0,
                Some(line) if name.ends_with(".rs") => line,
                _ => text.len(),
            };
        Self {
            name: name.to_owned(),
            text,
            without_comments: split(&without_comments),
            code: split(&code),
            tests_begin,
        }
    }

    /// The lines of a reading before the tests, numbered from 1.
    pub fn lines<'a>(&self, reading: &'a [String]) -> impl Iterator<Item = (usize, &'a str)> {
        reading.iter().take(self.tests_begin).enumerate().map(|(index, line)| (index + 1, line.as_str()))
    }

    /// `src/xmpp/jid.rs` is the module `xmpp::jid`; `src/xmpp/mod.rs` and `src/xmpp.rs` are `xmpp`.
    pub fn module(&self) -> Vec<String> {
        let inner = self.name.trim_start_matches("src/").trim_end_matches(".rs");
        inner.split('/').filter(|part| !matches!(*part, "mod" | "lib")).map(str::to_owned).collect()
    }

    pub fn room(&self) -> Option<String> {
        self.module().first().cloned()
    }

    /// Every path into this crate, `use` or written out, as absolute module paths with the line they are on.
    pub fn imports(&self) -> Vec<(usize, Vec<String>)> {
        let mut found = Vec::new();
        let body = self.lines(&self.code).fold(String::new(), |all, (_, line)| all + line + "\n");
        for start in ["crate::", "super::"] {
            for (at, _) in body.match_indices(start) {
                let before = body[..at].chars().next_back();
                if before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | ':' | '$')) {
                    continue;
                }
                let line = body[..at].matches('\n').count() + 1;
                found.extend(self.absolute(&body[at..]).into_iter().map(|path| (line, path)));
            }
        }
        found
    }

    /// `super::super::x::{y, z}` seen from this file, from the crate's root.
    fn absolute(&self, mut text: &str) -> Vec<Vec<String>> {
        let mut base = Vec::new();
        if let Some(rest) = text.strip_prefix("crate::") {
            text = rest;
        } else {
            base = self.module();
            while let Some(rest) = text.strip_prefix("super::") {
                base.pop();
                text = rest;
            }
        }
        let tails = expand(text);
        tails.into_iter().map(|tail| base.iter().cloned().chain(tail).collect()).collect()
    }

    /// Name, first line and number of lines of every function, tests included.
    pub fn functions(&self) -> Vec<(String, usize, usize)> {
        let mut found = Vec::new();
        for (index, line) in self.code.iter().enumerate() {
            let Some(at) = line.find("fn ").filter(|at| *at == 0 || line[..*at].ends_with(' ')) else {
                continue;
            };
            let name: String =
                line[at + 3..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            if name.is_empty() {
                continue;
            }
            if let Some(length) = body_lines(&self.code[index..], at) {
                found.push((name, index + 1, length));
            }
        }
        found
    }
}

/// From a signature to the brace that closes its body; `None` for one without a body.
fn body_lines(lines: &[String], column: usize) -> Option<usize> {
    let mut depth = 0_i32;
    for (index, line) in lines.iter().enumerate() {
        let from = if index == 0 { column } else { 0 };
        for c in line[from..].chars() {
            match c {
                '{' | '(' | '[' => depth += 1,
                '}' if depth == 1 => return Some(index + 1),
                '}' | ')' | ']' => depth -= 1,
                ';' if depth == 0 => return None,
                _ => {}
            }
        }
    }
    None
}

/// The paths of `a::{b, c::d}`, each as its parts.
fn expand(text: &str) -> Vec<Vec<String>> {
    let Some(inner) = text.strip_prefix('{') else {
        let name: String = text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        let rest = &text[name.len()..];
        let tails = rest.strip_prefix("::").map_or_else(|| vec![Vec::new()], expand);
        return if name.is_empty() {
            vec![Vec::new()]
        } else {
            tails.into_iter().map(|tail| [name.clone()].into_iter().chain(tail).collect()).collect()
        };
    };
    let mut found = Vec::new();
    let mut depth = 0_i32;
    let mut start = 0;
    for (at, c) in inner.char_indices() {
        match c {
            '{' => depth += 1,
            ',' | '}' if depth == 0 => {
                let part = inner[start..at].trim();
                if !part.is_empty() {
                    found.extend(expand(part));
                }
                start = at + 1;
                if c == '}' {
                    break;
                }
            }
            '}' => depth -= 1,
            _ => {}
        }
    }
    found
}

/// The content without comments, and also without what is inside strings; line breaks stay.
fn blank(content: &str) -> (String, String) {
    let (mut without_comments, mut code) = (String::new(), String::new());
    let mut rest = content;
    while let Some(c) = rest.chars().next() {
        let (length, comment, text) = token(rest);
        let (piece, after) = rest.split_at(length.max(c.len_utf8()));
        let hollow = || piece.chars().map(|c| if c == '\n' { '\n' } else { ' ' }).collect::<String>();
        without_comments.push_str(&if comment { hollow() } else { piece.to_owned() });
        code.push_str(&if comment || text { hollow() } else { piece.to_owned() });
        rest = after;
    }
    (without_comments, code)
}

/// How long the piece at the beginning is, and whether it is a comment or a string (or character) literal.
fn token(rest: &str) -> (usize, bool, bool) {
    if rest.starts_with("//") {
        return (rest.find('\n').unwrap_or(rest.len()), true, false);
    }
    if rest.starts_with("/*") {
        return (rest.find("*/").map_or(rest.len(), |at| at + 2), true, false);
    }
    if rest.starts_with("r\"") || rest.starts_with("r#") {
        let hashes = rest[1..].chars().take_while(|c| *c == '#').count();
        let end = format!("\"{}", "#".repeat(hashes));
        let open = 2 + hashes;
        if rest[1 + hashes..].starts_with('"') {
            return (rest[open..].find(&end).map_or(rest.len(), |at| open + at + end.len()), false, true);
        }
    }
    if let Some(inner) = rest.strip_prefix('"') {
        let mut escaped = false;
        let end = inner.find(|c| {
            let ends = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            ends
        });
        return (end.map_or(rest.len(), |at| at + 2), false, true);
    }
    if let Some(inner) = rest.strip_prefix('\'') {
        let skip = if inner.starts_with('\\') { 2 } else { inner.chars().next().map_or(0, char::len_utf8) };
        if let Some(at) =
            inner.get(skip..).and_then(|tail| tail.find('\'')).filter(|at| *at == 0 || skip == 2 && *at < 9)
        {
            return (1 + skip + at + 1, false, true);
        }
    }
    (0, false, false)
}

pub fn words(text: &str) -> Vec<&str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty()).collect()
}

pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

pub fn sources(folder: &str) -> Vec<Source> {
    files_below(&root().join(folder), &["rs"]).iter().map(|path| Source::read(path)).collect()
}

pub fn all_rust() -> Vec<Source> {
    sources("")
}

/// What we write in JavaScript.
pub fn scripts() -> Vec<Source> {
    files_below(&root(), &["mjs", "js", "ts"]).iter().map(|path| Source::read(path)).collect()
}

/// Files with one of these endings, in order, without what is made or fetched.
pub fn files_below(folder: &Path, endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)
        .map_or_else(|_| Vec::new(), |entries| entries.flatten().map(|entry| entry.path()).collect());
    entries.sort();
    for path in entries {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if path.is_dir() {
            let made =
                matches!(name.as_str(), "target" | "node_modules" | "dist") || path.ends_with("docs/api");
            if !name.starts_with('.') && !made {
                found.extend(files_below(&path, endings));
            }
        } else if path.extension().is_some_and(|ending| endings.iter().any(|it| ending == *it)) {
            found.push(path);
        }
    }
    found
}
