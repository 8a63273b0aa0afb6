//! RFC 7395 and RFC 6120: frames in, sign-in, binding, presence. Whatever is sent at once is answered in order.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use roxmltree::Node;

use super::{Desk, Event, Key, NotificationService, Phase, stanza};
use crate::config::Side;
use crate::xml;

/// A longer frame ends the stream.
const FRAME_LIMIT: usize = 1 << 20;

impl NotificationService {
    /// A frame came in. What is not XML is ignored, as Openfire 4.2 does.
    pub(crate) fn frame(&mut self, side: Side, socket: u64, text: &str, desk: &mut Desk<'_>) {
        let Some(session) = self.sessions.get_mut(&Key::Socket(socket)) else { return };
        session.heard = desk.now;
        if text.len() > FRAME_LIMIT {
            self.send(socket, stanza::stream_error("internal-server-error"));
            return self.end(socket, 1005);
        }
        let Some(document) = xml::read(text) else { return };
        let root = document.root_element();
        match root.tag_name().name() {
            "open" => self.answer_open(socket),
            "close" => {
                session.closed = true;
                self.end(socket, 1005);
            }
            "auth" => self.authenticate(side, socket, root, desk),
            "iq" => self.answer_iq(socket, root, desk),
            "presence" => self.take_presence(socket, root),
            "message" => self.take_message(socket, root),
            _ => {}
        }
    }

    fn answer_open(&mut self, socket: u64) {
        let Some(session) = self.sessions.get_mut(&Key::Socket(socket)) else { return };
        let open = stanza::open(&self.domain, &session.stream);
        let features = match session.phase {
            Phase::Fresh => {
                session.phase = Phase::Open;
                stanza::mechanisms()
            }
            Phase::Open => stanza::features(""),
            Phase::Authenticated { agent } => {
                session.phase = Phase::Restarted { agent };
                stanza::bind_and_session()
            }
            Phase::Restarted { .. } | Phase::Bound { .. } => return,
        };
        self.send(socket, open);
        self.send(socket, features);
    }

    fn authenticate(&mut self, side: Side, socket: u64, auth: Node<'_, '_>, desk: &mut Desk<'_>) {
        if self.session(socket).is_none_or(|session| session.phase != Phase::Open) {
            return;
        }
        self.events.push_back(Event::LoginTried);
        if auth.attribute("mechanism") != Some("PLAIN") {
            return self.send(socket, stanza::failure("invalid-mechanism"));
        }
        if self.login_refused {
            return self.send(socket, stanza::failure("temporary-auth-failure"));
        }
        let Some((id, secret)) = plain(auth.text().unwrap_or_default(), &self.domain) else {
            return self.send(socket, stanza::failure("incorrect-encoding"));
        };
        match desk.accounts.check(side, &id, &secret, desk.now) {
            Some(agent) => {
                self.set_phase(socket, Phase::Authenticated { agent });
                self.send(socket, stanza::success());
            }
            None => {
                self.send(socket, stanza::failure("not-authorized"));
                self.events.push_back(Event::Refused { agent: id });
            }
        }
    }

    /// RFC 6120 7: the newcomer gets the resource, and whoever had it the stream error `conflict`; or the newcomer is
    /// refused, where ghosts are kept. Gives the full JID, or the error's condition.
    pub(super) fn bind(
        &mut self,
        socket: u64,
        resource: Option<&str>,
        desk: &mut Desk<'_>,
    ) -> Result<String, &'static str> {
        let Some(&Phase::Restarted { agent }) = self.session(socket).map(|session| &session.phase) else {
            return Err("not-allowed");
        };
        let resource = resource.map_or_else(|| desk.rng.name(), str::to_owned);
        match self.at(agent, &resource) {
            Some(Key::Phantom(_)) if self.ghosts => return Err("conflict"),
            Some(rival) => self.conflict(rival),
            None => {}
        }
        let jid = format!("{}/{resource}", self.bare(agent));
        self.set_phase(socket, Phase::Bound { agent, resource });
        self.enter(agent, Key::Socket(socket));
        Ok(jid)
    }

    fn set_phase(&mut self, socket: u64, phase: Phase) {
        if let Some(session) = self.sessions.get_mut(&Key::Socket(socket)) {
            session.phase = phase;
        }
    }

    /// RFC 6121 4: after the first presence come `finesse`'s, then what was stored.
    fn take_presence(&mut self, socket: u64, presence: Node<'_, '_>) {
        let key = Key::Socket(socket);
        let Some(session) = self.sessions.get_mut(&key) else { return };
        let Phase::Bound { agent, .. } = session.phase else { return };
        if presence.attribute("to").is_some() {
            return;
        }
        match presence.attribute("type") {
            None => {
                let first = session.available.is_none();
                let priority = xml::child_text(presence, "priority").and_then(|text| text.parse().ok());
                session.available = Some(priority.unwrap_or(0));
                self.note_presence(agent);
                if first && self.finesse && !self.presence_missing {
                    self.send_finesse(key);
                }
                self.deliver_stored(agent);
            }
            Some("unavailable") => {
                session.available = None;
                self.note_presence(agent);
            }
            Some(_) => {}
        }
    }

    /// Facts 12.3: an error of type `cancel` in answer to a notification costs the agent all subscriptions.
    fn take_message(&mut self, socket: u64, message: Node<'_, '_>) {
        let Some((agent, _)) = self.session(socket).and_then(super::Session::bound) else { return };
        let cancels = message.attribute("type") == Some("error")
            && xml::child(message, "error").is_some_and(|error| error.attribute("type") == Some("cancel"));
        if cancels {
            self.drop_subscriptions(agent);
        }
    }
}

/// RFC 4616: id and secret. The authorization identity may be empty, `id` or `id@domain`, and always means the same.
fn plain(encoded: &str, domain: &str) -> Option<(String, String)> {
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let mut parts = decoded.split('\0');
    let (authzid, id, secret) = (parts.next()?, parts.next()?, parts.next()?);
    let id = id.strip_suffix(&format!("@{domain}")).unwrap_or(id);
    let named = authzid.is_empty() || authzid == id || authzid == format!("{id}@{domain}");
    (named && parts.next().is_none()).then(|| (id.to_owned(), secret.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_kinds_of_authzid_mean_the_same_agent() {
        for authzid in ["", "1001", "1001@d"] {
            let encoded = STANDARD.encode(format!("{authzid}\u{0}1001\u{0}pw-1001"));
            assert_eq!(plain(&encoded, "d"), Some(("1001".into(), "pw-1001".into())));
        }
        assert_eq!(plain(&STANDARD.encode("1002\u{0}1001\u{0}pw"), "d"), None);
        assert_eq!(plain("***", "d"), None);
    }
}
