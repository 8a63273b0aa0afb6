//! The web layer in three engines: conversion, performers and the rule of one input at a time, beside a Finesse of a
//! few lines of JavaScript. What needs a true server is in `tests/browser`.

#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test that cannot go on has failed

mod world;

use finesse_keeper::web::Core;
use js_sys::{Array, Function, JSON};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::*;
use world::{World, at, class, fake, memory, options, sleep, text};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
fn silly_options_are_refused_with_field_and_remedy() {
    let refused = |options: JsValue| Core::new(&options).unwrap_err();
    let error = refused(options(&["ftp://fin-a"], "1001"));
    assert_eq!((text(&error, "code"), text(&error, "field")), ("config".into(), "hosts[0]".into()));
    assert!(!text(&error, "nextStep").is_empty());
    assert_eq!(text(&refused(options(&["https://fin-a"], "a b")), "field"), "user");
    assert_eq!(text(&refused(JsValue::NULL), "field"), "hosts");
}

#[wasm_bindgen_test]
async fn nothing_happens_before_start() {
    let world = World::new(&["https://fin-a"]);
    let status = world.core.status();
    assert_eq!(text(&status, "state"), "locating");
    assert!(at(&status, "side").is_null());
    assert_eq!(text(&at(&at(&status, "sides"), "0"), "host"), "https://fin-a");
    sleep(50).await;
    assert_eq!((world.told().len(), fake::requests_json()), (0, "[]".to_owned()));
    world.close();
}

#[wasm_bindgen_test]
async fn comes_into_service_and_hands_over_plain_objects() {
    let world = World::in_service().await;
    let told = world.told();
    let user = told.iter().find(|(kind, detail)| kind == "notification" && text(detail, "kind") == "user");
    let user = &user.expect("the agent, as the resync read it").1;
    assert_eq!(text(&at(user, "data"), "state"), "READY");
    assert_eq!(at(user, "synthetic"), JsValue::TRUE);
    assert_eq!(class(&at(user, "data")), at(&js_sys::global(), "Object"));
    assert!(told.iter().any(|(kind, _)| kind == "resynced"));
    assert!(told.iter().any(|(kind, detail)| kind == "log" && !text(detail, "text").is_empty()));
    assert!(Array::is_array(&world.core.timeline()));
    assert!(!world.core.explain(-60).is_empty());
    world.close();
}

#[wasm_bindgen_test]
async fn requests_carry_no_cookies_and_reads_no_credentials() {
    let world = World::in_service().await;
    let requests = Array::from(&JSON::parse(&fake::requests_json()).unwrap());
    assert!(requests.length() >= 3);
    for request in requests.iter() {
        assert_eq!(text(&request, "credentials"), "omit");
        assert_eq!(text(&request, "cache"), "no-store");
        assert_eq!(text(&request, "redirect"), "error");
        let read = text(&request, "url").contains("/SystemInfo");
        assert_eq!(at(&request, "authorization").is_null(), read, "{}", text(&request, "url"));
    }
    world.close();
}

#[wasm_bindgen_test]
async fn where_no_socket_is_allowed_bosh_serves_and_its_goodbye_outlives_the_page() {
    let world = World::new(&["https://bosh-only"]);
    world.host.start();
    world.until("service", World::is_in_service).await;
    assert_eq!(text(&world.core.status(), "transport"), "bosh");
    world.feed("close()");
    let requests = Array::from(&JSON::parse(&fake::requests_json()).unwrap());
    let posts: Vec<_> = requests.iter().filter(|request| text(request, "method") == "POST").collect();
    assert!(posts.len() >= 4);
    for post in &posts {
        assert_eq!((text(post, "credentials"), text(post, "redirect")), ("omit".into(), "error".into()));
        assert_ne!(text(post, "cache"), "no-store", "a preflight for each would follow");
        assert!(at(post, "authorization").is_null());
    }
    let goodbyes = posts.iter().filter(|post| at(post, "keepalive").is_truthy()).count();
    assert_eq!(goodbyes, 1);
    world.close();
}

#[wasm_bindgen_test]
async fn a_frame_that_is_too_large_or_no_text_is_never_taken_in() {
    let world = World::in_service().await;
    let before = memory();
    fake::say_long(30 << 20);
    fake::say_binary(10);
    world.until("the refusals to be said", |world| world.timeline().matches("frame").count() >= 2).await;
    assert!(memory() - before < f64::from(10 << 20), "{} bytes before, now {}", before, memory());
    world.close();
}

#[wasm_bindgen_test]
async fn a_body_that_is_too_large_is_left_unread() {
    let world = World::new(&["https://fin-a"]);
    fake::flood(50);
    world.host.start();
    world.until("the read to end", |world| text(&world.side(), "reading") != "unknown").await;
    assert_ne!(text(&world.side(), "reading"), "in");
    assert!(fake::pulled() < 10, "{} MB were read", fake::pulled());
    world.close();
}

#[wasm_bindgen_test]
async fn html_in_place_of_system_info_is_unclear() {
    let world = World::new(&["https://fin-a"]);
    fake::answer_with(200, "<!doctype html><title>Sign in</title>");
    world.host.start();
    world.until("the read to end", |world| text(&world.side(), "reading") != "unknown").await;
    assert_eq!(text(&world.side(), "reading"), "unclear");
    world.close();
}

#[wasm_bindgen_test]
async fn a_host_that_does_not_answer_is_unreachable() {
    let world = World::new(&["http://127.0.0.1:9"]);
    fake::uninstall();
    world.host.start();
    world.until("the read to end", |world| text(&world.side(), "reading") != "unknown").await;
    assert_eq!(text(&world.side(), "reading"), "unreachable");
    world.close();
}

#[wasm_bindgen_test]
async fn a_socket_that_cannot_be_made_is_a_closed_one() {
    let world = World::new(&["https://fin-a/forbidden"]);
    world.host.start();
    world.until("attempts", |world| text(&world.core.status(), "state") == "reconnecting").await;
    assert_eq!(fake::socket_count(), 0);
    world.close();
}

#[wasm_bindgen_test]
async fn the_page_is_heard_until_detached() {
    let world = World::in_service().await;
    for name in ["visibilitychange", "freeze", "resume", "offline", "online"] {
        let before = world.pages();
        fake::page(name);
        assert!(world.pages() > before, "{name} was not heard:\n{}", world.timeline());
    }
    fake::page("pagehide");
    assert!(fake::last_sent().contains("unavailable"), "no goodbye:\n{}", fake::last_sent());
    fake::page("pageshow");
    world.until("service again", |world| world.is_in_service() && fake::socket_count() == 2).await;
    world.host.detach();
    let before = (world.timeline(), world.told().len());
    fake::page("offline");
    assert_eq!((world.timeline(), world.told().len()), before);
    world.close();
}

#[wasm_bindgen_test]
async fn callbacks_may_call_back_in() {
    let world = World::new(&["https://fin-a"]);
    let body = "return (kind) => {
        core.status(); core.timeline(); core.explain(0);
        if (kind !== 'status') return;
        host.feed((core) => core.subscribe('/finesse/api/Team/5/Users'));
        host.feed((core) => core.unsubscribe('/finesse/api/Team/5/Users'));
    }";
    let hook =
        Function::new_with_args("core, host", body).call2(&JsValue::NULL, &world.core, &world.host).unwrap();
    world.on_event(hook.unchecked_into());
    world.host.start();
    world.until("service", World::is_in_service).await;
    world.close();
}

#[wasm_bindgen_test]
async fn a_socket_that_is_given_up_is_closed_and_heard_no_more() {
    let world = World::in_service().await;
    world.feed("close()");
    assert_eq!(text(&world.core.status(), "state"), "stopped");
    assert!(fake::last_sent().contains("unavailable"));
    world.host.detach();
    assert_eq!(fake::last_close(), Some(1000));
    let before = world.timeline();
    fake::say_text("<message xmlns='jabber:client'/>");
    fake::drop_socket(1006);
    assert_eq!(world.timeline(), before);
    world.close();
}

#[wasm_bindgen_test]
fn a_frame_for_a_socket_that_is_not_open_yet_is_lost() {
    fake::install();
    let core = "const effects = [
        { do: 'openSocket', number: 1, url: 'wss://fin-a/ws/', protocol: 'xmpp', maxFrame: 9 },
        { do: 'sendText', number: 1, text: '<close/>' },
        { do: 'closeSocket', number: 1 },
    ];
    return { start() {}, effect: () => effects.shift(), event() {}, wait() {} };";
    let core = Function::new_no_args(core).call0(&JsValue::NULL).unwrap().unchecked_into();
    let told = Array::new();
    let tell = Function::new_with_args("told, ...event", "told.push(event)").bind1(&JsValue::NULL, &told);
    let host = world::Host::new(&core, &Function::new_no_args(""), tell.unchecked_ref());
    host.start();
    host.detach();
    fake::uninstall();
    assert_eq!((told.length(), fake::last_close()), (0, Some(1000)), "{}", text(&told.at(0), "1"));
}

#[wasm_bindgen_test]
async fn a_lost_socket_is_opened_anew() {
    let world = World::in_service().await;
    fake::drop_socket(1006);
    assert!(!world.is_in_service());
    world.until("service again", |world| world.is_in_service() && fake::socket_count() == 2).await;
    world.close();
}

#[wasm_bindgen_test]
async fn a_provider_that_throws_is_a_failed_attempt() {
    for provider in
        ["throw new Error('no')", "return Promise.reject('no')", "return { password: 7 }", "return null"]
    {
        let world = World::with_credentials(&["https://fin-a"], provider);
        world.host.start();
        world.until("the failure to be said", |world| world.timeline().contains("credentials")).await;
        assert!(!world.is_in_service());
        assert_eq!(fake::socket_count(), 0, "{provider}");
        world.close();
    }
}

#[wasm_bindgen_test]
async fn a_provider_is_told_when_its_answer_is_not_wanted_any_more() {
    let world = World::with_credentials(
        &["https://fin-a"],
        "globalThis.question = question; return new Promise(() => {})",
    );
    world.host.start();
    world.until("the question", |_| at(&js_sys::global(), "question").is_object()).await;
    let question = at(&js_sys::global(), "question");
    assert_eq!((text(&question, "reason"), text(&question, "side")), ("connect".into(), "A".into()));
    assert_eq!(at(&at(&question, "signal"), "aborted"), JsValue::FALSE);
    world.feed("close()");
    world.host.detach();
    assert_eq!(at(&at(&question, "signal"), "aborted"), JsValue::TRUE);
    world.close();
}
