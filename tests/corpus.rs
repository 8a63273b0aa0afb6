//! What the fuzzers begin with, and what they have found worth keeping, is read once more: nothing panics, and what must
//! hold holds.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail")]

#[path = "../fuzz/targets.rs"]
mod targets;

use std::fs;
use std::path::Path;

/// Every text of a target's corpus, through the target.
fn replay(name: &str, target: fn(&str)) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(name);
    let mut count = 0;
    for entry in fs::read_dir(&folder).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        if let Ok(text) = core::str::from_utf8(&bytes) {
            target(text);
            count += 1;
        }
    }
    assert!(count >= 10, "{name}: {count} texts");
}

#[test]
fn the_corpus_of_stanzas() {
    replay("stanza", targets::stanza);
}

#[test]
fn the_corpus_of_updates() {
    replay("update", targets::update);
}

#[test]
fn the_corpus_of_system_infos() {
    replay("system_info", targets::system_info);
}

#[test]
fn the_corpus_of_bosh_bodies() {
    replay("bosh_body", targets::bosh_body);
}

#[test]
fn the_corpus_of_json_payloads() {
    replay("json_payload", targets::json_payload);
}
