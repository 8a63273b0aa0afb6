//! Addresses: RFC 7622, `local@domain/resource`.

use crate::limits;
use core::fmt;

/// An address. Local part and domain are in lower case, as servers compare them (for ASCII, which agents' ids and
/// host names are).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Jid {
    /// Before the `@`: the agent's id.
    pub local: Option<String>,
    /// The server, or one of its services.
    pub domain: String,
    /// After the `/`: which of the account's connections.
    pub resource: Option<String>,
}

impl Jid {
    /// Reads an address. Nothing if it is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (bare, resource) = match text.split_once('/') {
            Some((bare, resource)) => (bare, Some(resource)),
            None => (text, None),
        };
        let bare = match bare.split_once('@') {
            Some((local, domain)) => Self::from_parts(Some(local), domain)?,
            None => Self::from_parts(None, bare)?,
        };
        let Some(resource) = resource else { return Some(bare) };
        let sound = is_part(resource) && !resource.chars().any(char::is_control);
        sound.then(|| Self { resource: Some(resource.into()), ..bare })
    }

    fn from_parts(local: Option<&str>, domain: &str) -> Option<Self> {
        let forbidden = |character: char| character.is_control() || character.is_whitespace();
        let sound = is_part(domain)
            && !domain.contains(|character| forbidden(character) || matches!(character, '@' | '/'))
            && local.is_none_or(|local| {
                is_part(local)
                    && !local.contains(|character| {
                        forbidden(character)
                            || matches!(character, '"' | '&' | '\'' | '/' | ':' | '<' | '>' | '@')
                    })
            });
        sound.then(|| Self {
            local: local.map(str::to_ascii_lowercase),
            domain: domain.to_ascii_lowercase(),
            resource: None,
        })
    }
}

fn is_part(text: &str) -> bool {
    !text.is_empty() && text.len() <= limits::PART_BYTES
}

impl fmt::Display for Jid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(local) = &self.local {
            f.write_str(local)?;
            f.write_str("@")?;
        }
        f.write_str(&self.domain)?;
        if let Some(resource) = &self.resource {
            f.write_str("/")?;
            f.write_str(resource)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_three_parts() {
        let jid = Jid::parse("Agent1001@FIN-A.example.com/desk/top@1").unwrap();
        assert_eq!(jid.local.as_deref(), Some("agent1001"));
        assert_eq!(jid.domain, "fin-a.example.com");
        assert_eq!(jid.resource.as_deref(), Some("desk/top@1"));
        assert_eq!(Jid::parse(&jid.to_string()), Some(jid.clone()));
        assert_eq!(Jid::parse("pubsub.localhost").map(|jid| jid.local), Some(None));
    }

    #[test]
    fn what_is_no_address_is_nothing() {
        for text in [
            "",
            "@",
            "@a",
            "a@",
            "a@b/",
            "/r",
            "a b@c",
            "a@b@c",
            "a\0@b",
            "a@b/\n",
            "a'b@c",
            "10 01@localhost",
        ] {
            assert_eq!(Jid::parse(text), None, "{text:?}");
        }
        assert_eq!(Jid::parse(&"a".repeat(1024)), None);
    }
}
