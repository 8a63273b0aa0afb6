//! Requests and their answers (RFC 6120 8.2.3): each `from` the `to` of its request. Unknown ones are refused.

use std::fmt::Write;

use roxmltree::Node;

use super::{Desk, Key, NotificationService, Phase, Session, stanza};
use crate::ns;
use crate::xml::{self, escape};

/// The answer's inside: a payload, or an error's type and condition.
pub(super) enum Answer {
    Result(String),
    Error(&'static str, &'static str),
}

const UNAVAILABLE: Answer = Answer::Error("cancel", "service-unavailable");

impl NotificationService {
    pub(super) fn answer_iq(&mut self, key: Key, iq: Node<'_, '_>, desk: &mut Desk<'_>) {
        if !matches!(iq.attribute("type"), Some("get" | "set")) {
            return;
        }
        let Some(session) = self.session(key) else { return };
        let Some(payload) = xml::first(iq) else { return };
        let signed_in = matches!(session.phase, Phase::Restarted { .. } | Phase::Bound { .. });
        if !signed_in {
            let id = iq.attribute("id").unwrap_or_default();
            return self.send(key, stanza::not_signed_in(id, matches!(key, Key::Bosh(_))));
        }
        let name = (payload.tag_name().namespace().unwrap_or_default(), payload.tag_name().name());
        let answer = if name == (ns::BIND, "bind") {
            self.answer_bind(key, payload, desk)
        } else if iq.attribute("to").is_some_and(|to| to == format!("pubsub.{}", self.domain)) {
            self.answer_pubsub(key, name, payload, desk)
        } else {
            self.answer_domain(key, iq, name)
        };
        let text = self.write_answer(key, iq, &answer);
        self.send(key, text);
    }

    fn answer_bind(&mut self, key: Key, bind: Node<'_, '_>, desk: &mut Desk<'_>) -> Answer {
        match self.bind(key, xml::child_text(bind, "resource"), desk) {
            Ok(jid) => {
                Answer::Result(format!(r#"<bind xmlns="{}"><jid>{}</jid></bind>"#, ns::BIND, escape(&jid)))
            }
            Err(condition) => Answer::Error("cancel", condition),
        }
    }

    fn answer_domain(&self, key: Key, iq: Node<'_, '_>, name: (&str, &str)) -> Answer {
        let bare = self.session(key).and_then(Session::bound).map(|(agent, _)| self.bare(agent));
        let to = iq.attribute("to").unwrap_or(&self.domain);
        let own = bare.is_some_and(|bare| bare == to);
        if to != self.domain && !own {
            return UNAVAILABLE;
        }
        match name {
            (ns::PING, "ping") | (ns::SESSION, "session") => Answer::Result(String::new()),
            (ns::ROSTER, "query") if iq.attribute("type") == Some("get") => Answer::Result(format!(
                r#"<query xmlns="{}"><item jid="finesse@{}" name="finesse" subscription="both"/></query>"#,
                ns::ROSTER,
                self.domain
            )),
            (ns::DISCO_INFO, "query") => Answer::Result(format!(
                r#"<query xmlns="{0}"><identity category="server" name="Openfire Server" type="im"/><feature var="{1}"/><feature var="{0}"/></query>"#,
                ns::DISCO_INFO,
                ns::PING
            )),
            (ns::DISCO_ITEMS, "query") => Answer::Result(format!(
                r#"<query xmlns="{}"><item jid="pubsub.{}" name="Publish-Subscribe service"/></query>"#,
                ns::DISCO_ITEMS,
                self.domain
            )),
            _ => UNAVAILABLE,
        }
    }

    fn answer_pubsub(
        &mut self,
        key: Key,
        name: (&str, &str),
        payload: Node<'_, '_>,
        desk: &mut Desk<'_>,
    ) -> Answer {
        match name {
            (ns::PUBSUB, "pubsub") => {
                let Some(agent) = self.session(key).and_then(Session::bound).map(|(agent, _)| agent) else {
                    return Answer::Error("auth", "not-authorized");
                };
                match xml::first(payload) {
                    Some(request) if request.tag_name().name() == "subscribe" => {
                        self.subscribe(agent, request, desk)
                    }
                    Some(request) if request.tag_name().name() == "unsubscribe" => {
                        self.unsubscribe(agent, request)
                    }
                    Some(request) if request.tag_name().name() == "subscriptions" => {
                        self.subscriptions(agent)
                    }
                    Some(request) if request.tag_name().name() == "publish" => {
                        Answer::Error("auth", "forbidden")
                    }
                    _ => Answer::Error("cancel", "feature-not-implemented"),
                }
            }
            (ns::DISCO_INFO, "query") => {
                let mut out = format!(r#"<query xmlns="{}""#, ns::DISCO_INFO);
                let kind = match payload.attribute("node") {
                    Some(node) => {
                        // Writing into a String cannot fail.
                        let _ = write!(out, r#" node="{}""#, escape(node));
                        "leaf"
                    }
                    None => "service",
                };
                let _ = write!(out, r#"><identity category="pubsub" type="{kind}"/>"#);
                let _ = write!(out, r#"<feature var="{}"/></query>"#, ns::PUBSUB);
                Answer::Result(out)
            }
            (ns::DISCO_ITEMS, "query") => Answer::Result(format!(r#"<query xmlns="{}"/>"#, ns::DISCO_ITEMS)),
            (ns::PING, "ping") => Answer::Result(String::new()),
            _ => UNAVAILABLE,
        }
    }

    fn write_answer(&self, key: Key, iq: Node<'_, '_>, answer: &Answer) -> String {
        let mut out = format!(r#"<iq xmlns="{}""#, ns::CLIENT);
        let mut attribute = |name: &str, value: &str| {
            // Writing into a String cannot fail.
            let _ = write!(out, r#" {name}="{}""#, escape(value));
        };
        attribute("type", if matches!(answer, Answer::Result(_)) { "result" } else { "error" });
        attribute("id", iq.attribute("id").unwrap_or_default());
        if let Some(to) = iq.attribute("to") {
            attribute("from", to);
        }
        if let Some((agent, resource)) = self.session(key).and_then(Session::bound) {
            attribute("to", &format!("{}/{resource}", self.bare(agent)));
        }
        let _ = match answer {
            Answer::Result(inner) if inner.is_empty() => write!(out, "/>"),
            Answer::Result(inner) => write!(out, ">{inner}</iq>"),
            Answer::Error(kind, condition) => write!(
                out,
                r#"><error type="{kind}"><{condition} xmlns="{}"/></error></iq>"#,
                ns::STANZA_ERRORS
            ),
        };
        out
    }
}
