//! The nodes that Finesse publishes to ("Subscription management" in its developer guide).

/// The state of the system. Every user is subscribed by the server.
pub const SYSTEM_INFO: &str = "/finesse/api/SystemInfo";

const USER: &str = "/finesse/api/User/";

/// The agent. Subscribed by the server.
#[must_use]
pub fn user(id: &str) -> String {
    String::from_iter([USER, id])
}

/// The agent's calls. Subscribed by the server.
#[must_use]
pub fn dialogs(id: &str) -> String {
    String::from_iter([USER, id, "/Dialogs"])
}

/// The agent in each medium. Subscribed by the server.
#[must_use]
pub fn media(id: &str) -> String {
    String::from_iter([USER, id, "/Media"])
}

/// A REST path with the slash at its beginning that some documents leave out.
#[must_use]
pub fn with_slash(path: &str) -> String {
    if path.starts_with("finesse/") { String::from_iter(["/", path]) } else { path.into() }
}

/// The address and the id of the team whose agents' node this is.
pub(crate) fn team(node: &str) -> Option<(&str, &str)> {
    let uri = node.strip_suffix("/Users")?;
    Some((uri, uri.strip_prefix("/finesse/api/Team/").filter(|id| !id.contains('/'))?))
}
