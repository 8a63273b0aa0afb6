//! The REST requests of a client that recovers ("Cisco Finesse desktop APIs").

use super::media::{self, Media};
use crate::effect::{Credentials, Method, Request};
use crate::limits;
use crate::secret::Secret;
use crate::shapes::object::Object;
use base64ct::{Base64, Encoding};

/// The value of an `Authorization` header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorization(Secret);

impl Authorization {
    /// Basic (RFC 7617) with a password, Bearer (RFC 6750) with a token.
    #[must_use]
    pub fn new(user: &str, credentials: &Credentials) -> Self {
        Self(Secret::new(match credentials {
            Credentials::Password(password) => {
                let pair = String::from_iter([user, ":", password.expose()]);
                String::from_iter(["Basic ", &Base64::encode_string(pair.as_bytes())])
            }
            Credentials::Token(token) => String::from_iter(["Bearer ", token.expose()]),
        }))
    }
}

/// Asks whether a server is in service: without credentials, which it does not need, and of which the fifth wrong
/// ones would lock the agent out. `salt` defeats caches on the way.
#[must_use]
pub fn system_info(base: &str, salt: u64) -> Request {
    get(base, &["SystemInfo?nocache=", &salt.to_string()], None)
}

/// Asks for an agent.
#[must_use]
pub fn user(base: &str, id: &str, authorization: &Authorization) -> Request {
    get(base, &["User/", &percent_encode(id)], Some(authorization))
}

/// Asks for an agent's calls.
#[must_use]
pub fn dialogs(base: &str, id: &str, authorization: &Authorization) -> Request {
    get(base, &["User/", &percent_encode(id), "/Dialogs"], Some(authorization))
}

/// Asks for the object at this path, which begins with `/finesse/api/`.
#[must_use]
pub fn object(base: &str, path: &str, authorization: &Authorization) -> Request {
    get(base, &[&encode_path(path)], Some(authorization))
}

/// Signs an agent in to a medium ("Media, sign in"). For one who is signed in it sets the same fields again, and no more.
#[must_use]
pub fn sign_in_to_media(base: &str, media: &Object, authorization: &Authorization) -> Request {
    let (limit, interrupt, logout) = media::settings(media).unwrap_or((1, "", ""));
    let body = [
        "<Media><state>LOGIN</state><maxDialogLimit>",
        &limit.to_string(),
        "</maxDialogLimit><interruptAction>",
        interrupt,
        "</interruptAction><dialogLogoutAction>",
        logout,
        "</dialogLogoutAction></Media>",
    ];
    let mut request = object(base, media.text(Media::URI), authorization);
    request.method = Method::Put;
    request.headers.push(("Content-Type", Secret::new("application/xml")));
    request.body = Some(Secret::new(body.concat()));
    request
}

/// The parts of a path, each of which stays one.
fn encode_path(path: &str) -> String {
    let path = path.strip_prefix("/finesse/api/").unwrap_or(path);
    let mut encoded = String::new();
    for part in path.split('/') {
        encoded.push_str(if encoded.is_empty() { "" } else { "/" });
        encoded.push_str(&percent_encode(part));
    }
    encoded
}

/// The path of an agent.
#[must_use]
pub fn user_path(id: &str) -> String {
    String::from_iter(["/finesse/api/User/", &percent_encode(id)])
}

/// Asks for whatever an application likes; `path` begins with `/finesse/api/`. What changes something bears an `id`, which
/// its notification will bear, and XML.
#[must_use]
pub fn any(
    base: &str,
    method: Method,
    path: &str,
    id: &str,
    body: Option<Secret>,
    authorization: &Authorization,
) -> Request {
    let mut request =
        get(base, &[path.strip_prefix("/finesse/api/").unwrap_or_default()], Some(authorization));
    if method != Method::Get {
        request.headers.push(("requestId", Secret::new(id)));
    }
    if body.is_some() {
        request.headers.push(("Content-Type", Secret::new("application/xml")));
    }
    Request { method, body, ..request }
}

fn get(base: &str, path: &[&str], authorization: Option<&Authorization>) -> Request {
    let mut headers = vec![("Accept", Secret::new("application/xml"))];
    headers.extend(authorization.map(|Authorization(value)| ("Authorization", value.clone())));
    Request {
        method: Method::Get,
        url: [base.trim_end_matches('/'), "/finesse/api/"].into_iter().chain(path.iter().copied()).collect(),
        headers,
        body: None,
        opaque: false,
        max_body: limits::BODY_BYTES,
    }
}

/// All but the unreserved characters of RFC 3986 2.3, so that no id can leave its part of the path.
fn percent_encode(text: &str) -> String {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let digit = |value: u8| DIGITS.get(usize::from(value)).copied().map_or('0', char::from);
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(byte.into());
        } else {
            encoded.extend(['%', digit(byte >> 4), digit(byte & 15)]);
        }
    }
    // A browser would take a part of dots alone for a step upwards, encoded or not; no id is one.
    if encoded.bytes().all(|byte| byte == b'.') { String::new() } else { encoded }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_of_the_system_is_asked_without_credentials() {
        let request = system_info("https://fin-a.example.com:8445/", 7);
        assert_eq!(request.url, "https://fin-a.example.com:8445/finesse/api/SystemInfo?nocache=7");
        assert!(request.headers.iter().all(|(name, _)| *name != "Authorization"));
    }

    #[test]
    fn an_id_stays_in_its_part_of_the_path() {
        let authorization = Authorization::new("a/b", &Credentials::Password(Secret::new("x")));
        let request = user("http://h/as/1", "../a b?é", &authorization);
        assert_eq!(request.url, "http://h/as/1/finesse/api/User/..%2Fa%20b%3F%C3%A9");
        assert_eq!(dialogs("http://h", "..", &authorization).url, "http://h/finesse/api/User//Dialogs");
        let team = object("http://h/", "/finesse/api/Team/a b/..", &authorization);
        assert_eq!(team.url, "http://h/finesse/api/Team/a%20b/");
    }

    #[test]
    fn credentials_are_written_and_not_printed() {
        let header = |credentials| Authorization::new("1001", &credentials);
        let basic = header(Credentials::Password(Secret::new("pw-1001")));
        assert_eq!(basic.0.expose(), "Basic MTAwMTpwdy0xMDAx");
        assert_eq!(header(Credentials::Token(Secret::new("t"))).0.expose(), "Bearer t");
        let request = user("http://h", "1001", &basic);
        assert_eq!(request.headers.last(), Some(&("Authorization", basic.0)));
        assert!(!format!("{request:?}").contains("MTAw"));
    }
}
