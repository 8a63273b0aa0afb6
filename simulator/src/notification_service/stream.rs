//! RFC 6120 and RFC 6121: sign-in, binding, presence, whatever carries them. All that is sent at once is answered in
//! order.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use roxmltree::Node;

use super::{Desk, Event, Key, NotificationService, Phase, stanza};
use crate::config::Side;
use crate::xml;

impl NotificationService {
    /// A stanza, or a step of the sign-in. Others are ignored, as Openfire 4.2 does.
    pub(super) fn take(&mut self, side: Side, key: Key, element: Node<'_, '_>, desk: &mut Desk<'_>) {
        match element.tag_name().name() {
            "auth" => self.authenticate(side, key, element, desk),
            "iq" => self.answer_iq(key, element, desk),
            "presence" => self.take_presence(key, element),
            "message" => self.take_message(key, element),
            _ => {}
        }
    }

    fn authenticate(&mut self, side: Side, key: Key, auth: Node<'_, '_>, desk: &mut Desk<'_>) {
        if self.session(key).is_none_or(|session| session.phase != Phase::Open) {
            return;
        }
        self.events.push_back(Event::LoginTried);
        if auth.attribute("mechanism") != Some("PLAIN") {
            return self.send(key, stanza::failure("invalid-mechanism"));
        }
        if self.login_refused {
            return self.send(key, stanza::failure("temporary-auth-failure"));
        }
        let Some((id, secret)) = plain(auth.text().unwrap_or_default(), &self.domain) else {
            return self.send(key, stanza::failure("incorrect-encoding"));
        };
        match desk.accounts.check(side, &id, &secret, desk.now) {
            Some(agent) => {
                // Over BOSH the restart may come, or may not.
                let bosh = matches!(key, Key::Bosh(_));
                let signed_in =
                    if bosh { Phase::Restarted { agent } } else { Phase::Authenticated { agent } };
                self.set_phase(key, signed_in);
                self.send(key, stanza::success());
            }
            None => {
                self.send(key, stanza::failure("not-authorized"));
                self.events.push_back(Event::Refused { agent: id });
            }
        }
    }

    /// RFC 6120 7: the newcomer gets the resource, and whoever had it the stream error `conflict`; or the newcomer is
    /// refused, where ghosts are kept. Gives the full JID, or the error's condition.
    pub(super) fn bind(
        &mut self,
        key: Key,
        resource: Option<&str>,
        desk: &mut Desk<'_>,
    ) -> Result<String, &'static str> {
        let Some(&Phase::Restarted { agent }) = self.session(key).map(|session| &session.phase) else {
            return Err("not-allowed");
        };
        let resource = resource.map_or_else(|| desk.rng.name(), str::to_owned);
        match self.at(agent, &resource) {
            Some(Key::Phantom(_)) if self.ghosts => return Err("conflict"),
            Some(rival) => self.conflict(rival),
            None => {}
        }
        let jid = format!("{}/{resource}", self.bare(agent));
        self.set_phase(key, Phase::Bound { agent, resource });
        self.enter(agent, key);
        Ok(jid)
    }

    fn set_phase(&mut self, key: Key, phase: Phase) {
        if let Some(session) = self.sessions.get_mut(&key) {
            session.phase = phase;
        }
    }

    /// RFC 6121 4: after the first presence come `finesse`'s, then what was stored.
    fn take_presence(&mut self, key: Key, presence: Node<'_, '_>) {
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
    fn take_message(&mut self, key: Key, message: Node<'_, '_>) {
        let Some((agent, _)) = self.session(key).and_then(super::Session::bound) else { return };
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
