//! Holds the house to its rules by reading it: ranks, circles, lengths, words, links. Each finding says where it is and
//! what to do about it. The rules themselves are the tables at the top; there is no list of exceptions.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that cannot read its own tree has failed"
)]

mod reading;

use reading::{Source, all_rust, files_below, root, scripts, sources, words};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

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
        for line in printing_by_debug(&file) {
            findings.add(&file, line, "formats by Debug; say it in words, by Display");
        }
    }
    findings.report();
}

#[test]
fn printing_by_debug_is_found_in_every_form() {
    for bad in [
        r#"format!("{given:?}")"#,
        r#"format!("{:#?}", given)"#,
        r#"format!("{:x?}", given)"#,
        r#"format!("{given:10?}")"#,
        r#"format!("{:? }", given)"#,
        r#"write!(f, "{:.*?}", 3, self.read(r)?)"#,
        "fmt::Debug::fmt(&self.0, f)",
        "list.iter().map(<Each as Debug>::fmt)",
    ] {
        assert_eq!(printing_by_debug(&Source::of("src/a.rs", bad)), [1], "{bad}");
    }
    for good in [
        r#"Some(format!("{given} {{", given?)) }"#,
        "match { read()? } { _ => {} }",
        r#"// not "{:?}""#,
        "#[derive(Debug)]",
        "impl fmt::Debug for Each {",
        "#[cfg(test)]\nmod tests {\nformat!(\"{:?}\", given)",
    ] {
        assert!(printing_by_debug(&Source::of("src/a.rs", good)).is_empty(), "{good}");
    }
}

/// What it makes prints its errors by Debug, which the package has emptied: an error would trap.
#[test]
fn nothing_is_deserialized() {
    let mut findings = Findings::default();
    for file in sources("src") {
        for line in deserializing(&file) {
            let why = "serde's errors print by Debug, which the package has emptied";
            findings.add(
                &file,
                line,
                &format!("deserializes; {why}: read it by hand, as `finesse/json.rs` does"),
            );
        }
    }
    findings.report();
}

#[test]
fn deserializing_is_found_in_every_form() {
    for bad in [
        "use serde::{Deserialize, Serialize};",
        "#[derive(serde::Deserialize)]",
        "fn read<T: DeserializeOwned>() {",
        "impl<'de> serde::de::Visitor<'de> for Each {",
        "#[serde(deserialize_with = \"read\")]",
    ] {
        assert_eq!(deserializing(&Source::of("src/a.rs", bad)), [1], "{bad}");
    }
    let good = "use serde::Serialize; // not Deserialize\n#[cfg(test)]\nmod tests {\nuse serde::Deserialize;";
    assert!(deserializing(&Source::of("src/a.rs", good)).is_empty());
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

/// Lines with a `?}` inside a string, whatever stands before it, or with a call that formats so.
fn printing_by_debug(file: &Source) -> Vec<usize> {
    let asks = |text: &str| text.replace(' ', "").matches("?}").count();
    let both = file.lines(&file.without_comments).zip(file.lines(&file.code));
    let prints = |text: &str, code: &str| {
        let calls = ["Debug::fmt", "Debug>::fmt"].iter().any(|call| code.contains(call));
        calls || asks(text) > asks(code)
    };
    both.filter(|((_, text), (_, code))| prints(text, code)).map(|((line, _), _)| line).collect()
}

fn deserializing(file: &Source) -> Vec<usize> {
    let reads = |code: &str| {
        code.contains("serde::de::")
            || words(code).iter().any(|word| word.to_lowercase().starts_with("deserialize"))
    };
    file.lines(&file.code).filter(|(_, code)| reads(code)).map(|(line, _)| line).collect()
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
