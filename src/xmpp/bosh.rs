//! XMPP over HTTP: BOSH (XEP-0124) and what XMPP adds to it (XEP-0206). Requests and answers are bodies, each with any
//! number of stanzas.

use super::framing::{FrameError, Inbound};
use super::ns;
use crate::time::Duration;
use crate::xml::{self, Element, XmlError};
use core::fmt::Display;

/// The media type of every body (XEP-0124 section 5).
pub const MEDIA_TYPE: &str = "text/xml; charset=utf-8";

/// What a request says beside its stanzas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act<'a> {
    /// Nothing.
    Carry,
    /// Opens the stream anew after SASL (XEP-0206 section 5).
    Restart {
        /// The domain.
        to: &'a str,
    },
    /// No request will come for so long (XEP-0124 section 10).
    Pause(Duration),
    /// The session is over (XEP-0124 section 13).
    Terminate,
}

/// Asks for a session (XEP-0124 section 7.1): answers may be held for `wait`, one at a time.
#[must_use]
pub fn create(rid: u64, to: &str, wait: Duration) -> String {
    let mut body = begin(rid);
    attribute("to", to, &mut body);
    attribute("ver", "1.6", &mut body);
    attribute("wait", wait.as_secs(), &mut body);
    attribute("hold", 1, &mut body);
    attribute("content", MEDIA_TYPE, &mut body);
    attribute("xml:lang", "en", &mut body);
    attribute("xmlns:xmpp", ns::XBOSH, &mut body);
    attribute("xmpp:version", "1.0", &mut body);
    body.push_str("/>");
    body
}

/// A later request of a session.
#[must_use]
pub fn request(rid: u64, sid: &str, act: Act<'_>, stanzas: &[Element]) -> String {
    let mut body = begin(rid);
    attribute("sid", sid, &mut body);
    match act {
        Act::Carry => {}
        Act::Restart { to } => {
            attribute("to", to, &mut body);
            attribute("xml:lang", "en", &mut body);
            attribute("xmlns:xmpp", ns::XBOSH, &mut body);
            attribute("xmpp:restart", "true", &mut body);
        }
        Act::Pause(time) => attribute("pause", time.as_secs(), &mut body),
        Act::Terminate => attribute("type", "terminate", &mut body),
    }
    body.push('>');
    for stanza in stanzas {
        body.push_str(&stanza.to_xml());
    }
    body.push_str("</body>");
    body
}

fn begin(rid: u64) -> String {
    let mut body = String::from("<body");
    attribute("xmlns", ns::BOSH, &mut body);
    attribute("rid", rid, &mut body);
    body
}

fn attribute(name: &str, value: impl Display, body: &mut String) {
    xml::write_attribute(name, &value.to_string(), body);
}

/// What the server grants with a session (XEP-0124 section 7.2). What it does not name is as the specification has it,
/// or careful.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The session's name.
    pub sid: String,
    /// The longest that an answer is held.
    pub wait: Duration,
    /// So many requests may be under way at once.
    pub requests: u64,
    /// Without a request for so long, the session is over.
    pub inactivity: Duration,
    /// Two empty requests must be so far apart, where the first was answered with nothing.
    pub polling: Duration,
    /// The longest pause; none if zero.
    pub max_pause: Duration,
}

/// What an answer says of the session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It goes on.
    Continue,
    /// The requests under way are to be made again (`type='error'`, XEP-0124 section 17.3).
    Retry,
    /// It is over, for this reason (section 17.2), or for none.
    Terminated(String),
}

/// An answer of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// What it says of the session.
    pub verdict: Verdict,
    /// Where to go instead (`see-other-uri`).
    pub uri: Option<String>,
    /// What came, in order; what could not be read stands as an error.
    pub inbound: Vec<Result<Inbound, FrameError>>,
    root: Element,
}

impl Answer {
    /// Reads an answer.
    ///
    /// # Errors
    ///
    /// If it does not begin as a body.
    pub fn parse(text: &str) -> Result<Self, FrameError> {
        let wrapped = xml::parse_wrapped(text, &[("stream", ns::STREAM)]).map_err(FrameError::Xml)?;
        let root = wrapped.root;
        if !root.is("body", ns::BOSH) {
            return Err(FrameError::Xml(XmlError::Malformed("no BOSH body")));
        }
        let condition = root.attribute("condition").unwrap_or_default().to_owned();
        let verdict = match root.attribute("type") {
            Some("terminate") => Verdict::Terminated(condition),
            Some("error") => Verdict::Retry,
            _ => Verdict::Continue,
        };
        let (mut uri, mut inbound) = (None, Vec::new());
        for child in wrapped.children {
            if child.is("uri", ns::BOSH) {
                uri = Some(child.text());
            } else {
                inbound.push(Inbound::from_element(quirk_stanza_in_the_body_namespace(child)));
            }
        }
        inbound.extend(wrapped.broken.map(|error| Err(FrameError::Xml(error))));
        Ok(Self { verdict, uri, inbound, root })
    }

    /// Openfire 4.2 keeps only answers with something in them. Whoever asks again for an empty one is told
    /// `item-not-found`, and the session is gone. It is known by an `ack` that nobody asked for (XEP-0124 section 9).
    #[must_use]
    pub fn quirk_forgets_empty_answers(&self) -> bool {
        self.root.attribute("ack").is_some()
    }

    /// What the server grants, if this answers the request for a session.
    #[must_use]
    pub fn grant(&self) -> Option<Grant> {
        let number = |name| self.root.attribute(name).and_then(|text| text.parse::<u64>().ok());
        let seconds = |name, default| Duration::from_secs(number(name).unwrap_or(default).min(3_600));
        let sid = self.root.attribute("sid").filter(|sid| !sid.is_empty())?;
        Some(Grant {
            sid: sid.to_owned(),
            wait: seconds("wait", 60),
            requests: number("requests")
                .unwrap_or_else(|| number("hold").unwrap_or(1).saturating_add(1))
                .max(1),
            inactivity: seconds("inactivity", 30),
            polling: seconds("polling", 5),
            max_pause: seconds("maxpause", 0),
        })
    }
}

/// XEP-0206 section 3 makes each stanza declare its own namespace; one that does not stands in that of the body.
fn quirk_stanza_in_the_body_namespace(mut element: Element) -> Element {
    if element.ns == ns::BOSH {
        ns::CLIENT.clone_into(&mut element.ns);
        for child in &mut element.children {
            if let xml::Node::Element(inner) = child
                && inner.ns == ns::BOSH
            {
                ns::CLIENT.clone_into(&mut inner.ns);
            }
        }
    }
    element
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xmpp::stanza;

    #[test]
    fn a_session_is_asked_for_and_granted() {
        let text = create(7, "fin\"a", Duration::from_secs(30));
        let asked = xml::parse(&text).unwrap();
        let given = |name| asked.attribute(name);
        assert_eq!(
            (given("rid"), given("to"), given("wait"), given("hold")),
            (Some("7"), Some("fin\"a"), Some("30"), Some("1"))
        );
        let answer = "<body xmlns='http://jabber.org/protocol/httpbind' xmlns:stream='http://etherx.jabber.org/streams' \
                      sid='s' requests='2' inactivity='30' polling='5' wait='60' hold='1' maxpause='300' ver='1.6'>\
                      <stream:features/></body>";
        let answer = Answer::parse(answer).unwrap();
        assert!(matches!(answer.inbound.as_slice(), [Ok(Inbound::Features(_))]));
        let grant = answer.grant().unwrap();
        assert_eq!((grant.sid.as_str(), grant.requests, grant.wait.as_secs()), ("s", 2, 60));
        let bare =
            Answer::parse("<body xmlns='http://jabber.org/protocol/httpbind' sid='s' hold='1'/>").unwrap();
        assert_eq!((bare.grant().unwrap().requests, bare.verdict), (2, Verdict::Continue));
    }

    #[test]
    fn requests_say_what_they_do() {
        let carried = request(8, "s", Act::Carry, &[stanza::unavailable()]);
        assert_eq!(
            carried,
            "<body xmlns=\"http://jabber.org/protocol/httpbind\" rid=\"8\" sid=\"s\">\
             <presence xmlns=\"jabber:client\" type=\"unavailable\"/></body>"
        );
        for (act, expected) in [
            (Act::Restart { to: "d" }, "xmpp:restart=\"true\""),
            (Act::Pause(Duration::from_secs(20)), "pause=\"20\""),
            (Act::Terminate, "type=\"terminate\""),
        ] {
            let text = request(9, "s", act, &[]);
            assert!(text.contains(expected) && xml::parse(&text).is_ok(), "{text}");
        }
    }

    #[test]
    fn the_end_has_a_reason_and_what_came_with_it() {
        let text = "<body xmlns='http://jabber.org/protocol/httpbind' type='terminate' condition='remote-stream-error'>\
                    <stream:error xmlns:stream='http://etherx.jabber.org/streams'>\
                    <conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></body>";
        let answer = Answer::parse(text).unwrap();
        assert_eq!(answer.verdict, Verdict::Terminated("remote-stream-error".into()));
        assert!(matches!(answer.inbound.as_slice(), [Ok(Inbound::StreamError(_))]));
        let other = "<body xmlns='http://jabber.org/protocol/httpbind' type='terminate' condition='see-other-uri'>\
                     <uri>https://b/http-bind/</uri></body>";
        assert_eq!(Answer::parse(other).unwrap().uri.as_deref(), Some("https://b/http-bind/"));
        assert!(Answer::parse("<html/>").is_err() && Answer::parse("").is_err());
    }

    #[test]
    fn one_broken_stanza_costs_no_other() {
        let text = "<body xmlns='http://jabber.org/protocol/httpbind'><presence xmlns='jabber:client'/>\
                    <iq xmlns='jabber:client'/><presence/><iq id='1' type='result'></body>";
        let answer = Answer::parse(text).unwrap();
        let read = |inbound: &Result<Inbound, FrameError>| matches!(inbound, Ok(Inbound::Presence(_)));
        let read: Vec<bool> = answer.inbound.iter().map(read).collect();
        assert_eq!(read, [true, false, true, false]);
    }
}
