//! Holds the house to its rules by reading it: ranks, circles, lengths, words, links. Each finding says where it is and
//! what to do about it. The rules themselves are the tables at the top; there is no list of exceptions.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that cannot read its own tree has failed"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// Ground floor first; a room imports only from rooms of lower rank.
const RANKS: &[&[&str]] = &[
    &["time", "rng", "secret", "limits", "map"],
    &["xml", "effect", "timers"],
    &["xmpp", "shapes"],
    &["finesse"],
    &["link"],
    &["session", "recovery", "resync", "requests", "presence"],
    &["keeper"],
    &["web"],
];
const FUNCTION_LINES: usize = 70;
const FILE_LINES: usize = 600;
const BROWSER_CRATES: &[&str] =
    &["web_sys", "js_sys", "wasm_bindgen", "wasm_bindgen_futures", "serde_wasm_bindgen", "gloo"];
const NAMESPACES: &[&str] = &["\"urn:", "\"http://jabber.org", "\"http://etherx"];
/// Where namespaces live; a finding anywhere else.
const NAMESPACE_FILE: &str = "src/xmpp/ns.rs";

#[test]
fn rooms_import_only_from_lower_ranks() {
    let mut findings = Findings::default();
    for file in sources("src") {
        let Some(room) = file.room() else { continue };
        let Some(rank) = rank(&room) else {
            findings.add(&file, 1, &format!("the room `{room}` has no rank; give it one in RANKS here"));
            continue;
        };
        for (line, path) in file.imports() {
            let other = path.first().map_or("", String::as_str);
            match rank_of_import(&room, other) {
                Import::Fine => {}
                Import::Unknown => findings.add(
                    &file,
                    line,
                    &format!("`crate::{other}` is not a room; import from the room that has it"),
                ),
                Import::Rank(theirs) if theirs < rank => {}
                Import::Rank(theirs) => findings.add(
                    &file,
                    line,
                    &format!(
                        "`{room}` (rank {rank}) imports `{other}` (rank {theirs}); move what it needs to a rank below \
                         both, or let the room above both carry it"
                    ),
                ),
            }
        }
    }
    findings.report();
}

#[test]
fn modules_of_a_room_form_no_circle() {
    let mut findings = Findings::default();
    let files = sources("src");
    let modules: BTreeSet<Vec<String>> = files.iter().map(Source::module).collect();
    let mut graph: BTreeMap<Vec<String>, BTreeSet<Vec<String>>> = BTreeMap::new();
    for file in &files {
        let from = file.module();
        for (_, path) in file.imports() {
            let known =
                (1..=path.len()).rev().map(|length| path[..length].to_vec()).find(|it| modules.contains(it));
            // a room's door may know its own parts and they it: that is one module in several files
            if let Some(to) = known.filter(|to| !from.starts_with(to) && !to.starts_with(&from)) {
                graph.entry(from.clone()).or_default().insert(to);
            }
        }
    }
    for start in graph.keys() {
        // told once, from its first module
        if let Some(circle) = circle_from(start, &graph).filter(|circle| circle.iter().all(|it| it >= start))
        {
            let names: Vec<String> = circle.iter().map(|module| module.join("::")).collect();
            let file = files.iter().find(|file| &file.module() == start).expect("it was read");
            let remedy = "take what they share into a module below both";
            findings.add(file, 1, &format!("a circle of imports: {}; {remedy}", names.join(" -> ")));
        }
    }
    findings.report();
}

#[test]
fn functions_fit_on_a_screen() {
    let mut findings = Findings::default();
    for file in all_rust() {
        for (name, line, length) in file.functions() {
            if length > FUNCTION_LINES {
                let what = format!(
                    "`{name}` has {length} lines, more than {FUNCTION_LINES}; name its parts as functions"
                );
                findings.add(&file, line, &what);
            }
        }
    }
    findings.report();
}

#[test]
fn files_are_short() {
    let mut findings = Findings::default();
    for file in all_rust().into_iter().chain(scripts()) {
        let length = file.tests_begin;
        let written_by_a_test = file.text.first().is_some_and(|line| line.contains("Written by `UPDATE=1"));
        if length > FILE_LINES && !written_by_a_test {
            let what = format!(
                "{length} lines without tests, more than {FILE_LINES}; split it by what is known, not by who calls"
            );
            findings.add(&file, 1, &what);
        }
    }
    findings.report();
}

#[test]
fn namespaces_live_in_one_file() {
    let mut findings = Findings::default();
    for file in sources("src").iter().filter(|file| file.name != NAMESPACE_FILE) {
        for (line, text) in file.lines(&file.without_comments) {
            if NAMESPACES.iter().any(|start| text.contains(start)) {
                findings.add(file, line, &format!("a namespace; name it in {NAMESPACE_FILE} and use that"));
            }
        }
    }
    findings.report();
}

#[test]
fn browsers_exist_only_in_web() {
    let mut findings = Findings::default();
    for file in sources("src").iter().filter(|file| file.room().as_deref() != Some("web")) {
        for (line, text) in file.lines(&file.code) {
            let words = words(text);
            if let Some(name) =
                BROWSER_CRATES.iter().find(|name| words.iter().any(|word| word.starts_with(*name)))
            {
                let what = format!("`{name}` outside src/web; ask for it by an effect and perform it there");
                findings.add(file, line, &what);
            }
        }
    }
    findings.report();
}

/// The package has it emptied (`scripts/lib/shrink.mjs`), and it may print secrets.
#[test]
fn nothing_is_printed_by_debug() {
    let mut findings = Findings::default();
    for file in sources("src") {
        for (line, text) in file.lines(&file.text) {
            if text.contains(":?}") || text.contains("#?}") {
                findings.add(&file, line, "formats by Debug; say it in words, by Display");
            }
        }
    }
    findings.report();
}

#[test]
fn nothing_is_left_for_later() {
    let mut findings = Findings::default();
    // put together here, so that this file does not find itself
    let marks = [["TO", "DO"].concat(), ["FIX", "ME"].concat(), ["XX", "X"].concat()];
    for file in all_rust().into_iter().chain(scripts()) {
        for (line, text) in file.text.iter().enumerate() {
            if words(text).iter().any(|word| marks.contains(&word.to_string())) {
                findings.add(
                    &file,
                    line + 1,
                    "left for later; do it now, or file an issue and say here what holds today",
                );
            }
        }
        for (line, text) in file.code.iter().enumerate() {
            if text.trim_start().starts_with("#[ignore")
                || text.contains(".skip(`")
                || text.contains("test.skip")
            {
                findings.add(&file, line + 1, "a test that does not run; mend it or remove it");
            }
        }
    }
    findings.report();
}

#[test]
fn the_simulator_does_not_know_the_client() {
    let mut findings = Findings::default();
    let manifest = Source::read(&root().join("simulator/Cargo.toml"));
    for (line, text) in manifest.text.iter().enumerate() {
        if text.trim_start().starts_with("finesse-keeper") {
            let why = "a server that writes with the client's code agrees with every mistake in it";
            findings.add(
                &manifest,
                line + 1,
                &format!("depends on finesse-keeper; {why}: write it again here"),
            );
        }
    }
    for file in sources("simulator") {
        for (line, text) in file.lines(&file.code) {
            if words(text).contains(&"finesse_keeper") {
                findings.add(&file, line, "uses the client's crate; write what is needed again here");
            }
        }
    }
    findings.report();
}

#[test]
fn links_between_documents_lead_somewhere() {
    let mut findings = Findings::default();
    for path in files_below(&root(), &["md"]) {
        let file = Source::read(&path);
        for (line, text) in file.text.iter().enumerate() {
            for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
                let place = link.split(['#', ' ']).next().unwrap_or("");
                let outside = place.is_empty() || place.contains("://") || place.starts_with("mailto:");
                if !outside && !path.parent().is_some_and(|folder| folder.join(place).exists()) {
                    findings.add(
                        &file,
                        line + 1,
                        &format!("the link to {place} leads nowhere; mend it or drop it"),
                    );
                }
            }
        }
    }
    findings.report();
}

#[test]
fn lock_files_name_no_registry() {
    let mut findings = Findings::default();
    let lock = Source::read(&root().join("package-lock.json"));
    for (line, text) in lock.text.iter().enumerate() {
        if text.trim_start().starts_with("\"resolved\": \"http") {
            let remedy = "keep omit-lockfile-registry-resolved in .npmrc and run `npm install` again";
            findings.add(&lock, line + 1, &format!("a download address; {remedy}"));
        }
    }
    findings.report();
}

/// What was found, told all at once.
#[derive(Default)]
struct Findings(String);

impl Findings {
    fn add(&mut self, file: &Source, line: usize, what: &str) {
        let _ = writeln!(self.0, "{}:{line}: {what}", file.name);
    }

    fn report(self) {
        assert!(self.0.is_empty(), "\n\n{}\n", self.0);
    }
}

enum Import {
    Fine,
    Unknown,
    Rank(usize),
}

fn rank(room: &str) -> Option<usize> {
    RANKS.iter().position(|rooms| rooms.contains(&room))
}

fn rank_of_import(room: &str, other: &str) -> Import {
    if room == other {
        return Import::Fine;
    }
    rank(other).map_or(Import::Unknown, Import::Rank)
}

/// The first circle that leads from a module back to it.
fn circle_from(
    start: &Vec<String>,
    graph: &BTreeMap<Vec<String>, BTreeSet<Vec<String>>>,
) -> Option<Vec<Vec<String>>> {
    let mut paths = vec![vec![start.clone()]];
    let mut seen = BTreeSet::new();
    while let Some(path) = paths.pop() {
        for next in graph.get(path.last()?).into_iter().flatten() {
            let longer: Vec<_> = path.iter().chain([next]).cloned().collect();
            if next == start {
                return Some(longer);
            }
            if seen.insert(next.clone()) {
                paths.push(longer);
            }
        }
    }
    None
}

/// One file, as three readings of the same lines.
struct Source {
    /// relative to the checkout, with forward slashes
    name: String,
    text: Vec<String>,
    /// comments blanked
    without_comments: Vec<String>,
    /// comments and the insides of strings blanked
    code: Vec<String>,
    /// how many lines come before the tests
    tests_begin: usize,
}

impl Source {
    fn read(path: &Path) -> Self {
        let content = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let name = path.strip_prefix(root()).expect("below the root").to_string_lossy().replace('\\', "/");
        let (without_comments, code) = blank(&content);
        let split = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
        let text = split(&content);
        let is_test = name.ends_with("/tests.rs") || name.contains("/tests/");
        let tests_begin =
            match text.windows(2).position(|pair| pair[0] == "#[cfg(test)]" && pair[1].starts_with("mod ")) {
                _ if is_test && name.starts_with("src/") => 0,
                Some(line) if name.ends_with(".rs") => line,
                _ => text.len(),
            };
        Self { name, text, without_comments: split(&without_comments), code: split(&code), tests_begin }
    }

    /// The lines of a reading before the tests, numbered from 1.
    fn lines<'a>(&self, reading: &'a [String]) -> impl Iterator<Item = (usize, &'a str)> {
        reading.iter().take(self.tests_begin).enumerate().map(|(index, line)| (index + 1, line.as_str()))
    }

    /// `src/xmpp/jid.rs` is the module `xmpp::jid`; `src/xmpp/mod.rs` and `src/xmpp.rs` are `xmpp`.
    fn module(&self) -> Vec<String> {
        let inner = self.name.trim_start_matches("src/").trim_end_matches(".rs");
        inner.split('/').filter(|part| !matches!(*part, "mod" | "lib")).map(str::to_owned).collect()
    }

    fn room(&self) -> Option<String> {
        self.module().first().cloned()
    }

    /// Every path into this crate, `use` or written out, as absolute module paths with the line they are on.
    fn imports(&self) -> Vec<(usize, Vec<String>)> {
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
    fn functions(&self) -> Vec<(String, usize, usize)> {
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

fn words(text: &str) -> Vec<&str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty()).collect()
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn sources(folder: &str) -> Vec<Source> {
    files_below(&root().join(folder), &["rs"]).iter().map(|path| Source::read(path)).collect()
}

fn all_rust() -> Vec<Source> {
    sources("")
}

/// What we write in JavaScript.
fn scripts() -> Vec<Source> {
    files_below(&root(), &["mjs", "js", "ts"]).iter().map(|path| Source::read(path)).collect()
}

/// Files with one of these endings, in order, without what is made or fetched.
fn files_below(folder: &Path, endings: &[&str]) -> Vec<PathBuf> {
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
