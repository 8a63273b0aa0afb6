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

/// One call: the `source` of its changes, which are published to the agent's [`dialogs`].
#[must_use]
pub fn dialog(id: &str) -> String {
    String::from_iter(["/finesse/api/Dialog/", id])
}

/// The agent's non-voice tasks.
#[must_use]
pub fn media_dialogs(id: &str) -> String {
    String::from_iter([USER, id, "/Dialogs/Media"])
}

/// The agent's media. Cisco's pages disagree about a media id at the end of it.
#[must_use]
pub fn media(id: &str) -> String {
    String::from_iter([USER, id, "/Media"])
}

/// The agent's queues (CCE only).
#[must_use]
pub fn user_queues(id: &str) -> String {
    String::from_iter([USER, id, "/Queues"])
}

/// A team's agents, for supervisors.
#[must_use]
pub fn team_users(team: &str) -> String {
    String::from_iter(["/finesse/api/Team/", team, "/Users"])
}

/// A queue (CCE only).
#[must_use]
pub fn queue(queue: &str) -> String {
    String::from_iter(["/finesse/api/Queue/", queue])
}

/// What a node tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeKind {
    /// The state of the system.
    SystemInfo,
    /// An agent.
    User,
    /// An agent's calls.
    Dialogs,
    /// An agent's non-voice tasks.
    MediaDialogs,
    /// An agent's media, all or one.
    Media,
    /// An agent's queues.
    UserQueues,
    /// A team's agents.
    Team,
    /// A queue.
    Queue,
    /// Anything else.
    Other,
}

impl NodeKind {
    /// The kind of a node. A missing slash at its beginning does not matter.
    #[must_use]
    pub fn of(node: &str) -> Self {
        let Some(path) = node.strip_prefix('/').unwrap_or(node).strip_prefix("finesse/api/") else {
            return Self::Other;
        };
        let mut parts = path.split('/');
        let parts = [parts.next(), parts.next(), parts.next(), parts.next(), parts.next()];
        match parts.map(Option::unwrap_or_default) {
            ["SystemInfo", "", "", "", ""] => Self::SystemInfo,
            [_, "", ..] => Self::Other,
            ["User", _, "", "", ""] => Self::User,
            ["User", _, "Dialogs", "", ""] => Self::Dialogs,
            ["User", _, "Dialogs", "Media", ""] => Self::MediaDialogs,
            ["User", _, "Media", _, ""] => Self::Media,
            ["User", _, "Queues", "", ""] => Self::UserQueues,
            ["Team", _, "Users", "", ""] => Self::Team,
            ["Queue", _, "", "", ""] => Self::Queue,
            _ => Self::Other,
        }
    }

    /// Whether the server subscribes every agent by itself. (Media is on the newer of Cisco's two lists, under a
    /// name that differs between pages, so it counts as not.)
    #[must_use]
    pub const fn is_automatic(self) -> bool {
        matches!(self, Self::SystemInfo | Self::User | Self::Dialogs)
    }
}

/// A REST path with the slash at its beginning that some documents leave out.
#[must_use]
pub fn with_slash(path: &str) -> String {
    if path.starts_with("finesse/") { String::from_iter(["/", path]) } else { path.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_is_of_the_kind_it_was_made_for() {
        for (node, kind) in [
            (SYSTEM_INFO.to_owned(), NodeKind::SystemInfo),
            (user("1001"), NodeKind::User),
            (dialogs("1001"), NodeKind::Dialogs),
            (media_dialogs("1001"), NodeKind::MediaDialogs),
            (media("1001"), NodeKind::Media),
            (media("1001") + "/5001", NodeKind::Media),
            (user_queues("1001"), NodeKind::UserQueues),
            (team_users("5"), NodeKind::Team),
            (queue("7"), NodeKind::Queue),
            (user(""), NodeKind::Other),
            ("/finesse/api/User/1001/Dialogs/Media/x/y".into(), NodeKind::Other),
            ("princely_musings".into(), NodeKind::Other),
        ] {
            assert_eq!(NodeKind::of(&node), kind, "{node}");
            assert_eq!(NodeKind::of(node.trim_start_matches('/')), kind, "{node}");
        }
    }
}
