//! `Update`: the envelope of every notification, and the ways in which it comes ("Notification parameters").

use super::api_error::ApiError;
use super::desktop_config::DesktopConfig;
use super::dialog::Dialog;
use super::media::Media;
use super::queue::Queue;
use super::system_info::{Info, SystemInfo};
use super::team::{self, Team, TeamMessage, TeamUser};
use super::user::User;
use super::value::Value;
use super::{FinesseError, json, node, objects, tokens};
use crate::shapes::object::{Object, Slot};
use crate::shapes::read::Reading;
use crate::shapes::{Shape, is_same_word};
use crate::xml::{Element, Tokens};
use crate::xmpp::ns;
use crate::xmpp::pubsub::Item;
use core::slice;
use serde::{Serialize, Serializer};

/// One notification, from Finesse or made up by us for what was missed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// What happened to the object.
    pub event: EventKind,
    /// The REST path of the object, which may differ from the node.
    pub source: String,
    /// The node it was published to.
    pub node: String,
    /// The `requestId` of the request that caused it; empty if none did.
    pub request_id: String,
    /// The whole object as it is now.
    pub data: Data,
    /// Made up by us after a gap: the object was read and differs from what was known.
    pub synthetic: bool,
}

/// What happened to an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// It changed.
    Put,
    /// It is new.
    Post,
    /// It is gone.
    Delete,
    /// Any other word, as it came.
    Other(String),
}

impl EventKind {
    /// The word that Finesse writes.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Put => "PUT",
            Self::Post => "POST",
            Self::Delete => "DELETE",
            Self::Other(word) => word,
        }
    }

    /// The event that a word stands for. Cisco's pages have it in upper and lower case, and as `{put}`.
    #[must_use]
    pub fn of(word: &str) -> Self {
        let known = word.trim_matches(|edge: char| edge.is_whitespace() || matches!(edge, '{' | '}'));
        let events = [Self::Put, Self::Post, Self::Delete];
        let found = events.into_iter().find(|event| event.as_str().eq_ignore_ascii_case(known));
        found.unwrap_or_else(|| Self::Other(word.into()))
    }
}

/// The object of a notification. What a resync remembers for comparison is shared with it, not copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Data {
    /// An agent.
    User(Object),
    /// Calls or tasks that were added or removed.
    Dialogs(Vec<Object>),
    /// A call or task that changed.
    Dialog(Object),
    /// Agents of a team that changed.
    Team(Object),
    /// The figures of a queue.
    Queue(Object),
    /// Queues that were added to an agent or removed.
    Queues(Vec<Object>),
    /// An agent in a medium.
    Media(Object),
    /// What a supervisor tells teams.
    TeamMessage(Object),
    /// The state of the system.
    SystemInfo(Info),
    /// What a server tells its own desktop.
    DesktopConfig(Object),
    /// Why an accepted request failed.
    ApiErrors(Vec<Object>),
    /// An object that we do not know: what `<data>` holds, by the names of its elements.
    Tree(Object),
    /// No object: it is gone.
    None,
}

/// A list has no shape of its own: its element, what is in it, and what it makes of a notification.
type List = (&'static str, &'static Shape, fn(Vec<Object>) -> Data);

const LISTS: [List; 3] = [
    ("Dialogs", Dialog::SHAPE, Data::Dialogs),
    ("Queues", Queue::SHAPE, Data::Queues),
    ("ApiErrors", ApiError::SHAPE, Data::ApiErrors),
];

/// An object that a notification may be about, and what it makes of it; nothing if it lacks what it must have.
type Single = (&'static Shape, fn(Object) -> Option<Data>);

const OBJECTS: [Single; 8] = [
    (User::SHAPE, |object| Some(Data::User(object))),
    (Dialog::SHAPE, |object| Some(Data::Dialog(object))),
    (Team::SHAPE, |object| Some(Data::Team(object))),
    (Queue::SHAPE, |object| Some(Data::Queue(object))),
    (Media::SHAPE, |object| Some(Data::Media(object))),
    (TeamMessage::SHAPE, |object| Some(Data::TeamMessage(object))),
    (SystemInfo::SHAPE, |object| Info::of(object).map(Data::SystemInfo)),
    (DesktopConfig::SHAPE, |object| Some(Data::DesktopConfig(object))),
];

impl Data {
    /// The object inside `<data>` that begins here, or inside an element that stands for it.
    fn of(tokens: &Tokens<'_>, at: usize, node: &str) -> Self {
        let reading = Reading::new(tokens);
        let children = reading.children(at);
        match children.as_slice() {
            [only] => Self::typed(tokens, *only, node),
            [] if reading.is_blank(at) => Some(Self::None),
            _ => None,
        }
        .unwrap_or_else(|| Self::tree(tokens, at))
    }

    /// All that is in an element, as plain data.
    fn tree(tokens: &Tokens<'_>, at: usize) -> Self {
        let mut reading = Reading::new(tokens);
        let slot = reading.tree(at);
        Self::Tree(reading.finish().object(slot))
    }

    /// An object that we know. One that lacks what it must have is not known.
    fn typed(tokens: &Tokens<'_>, at: usize, node: &str) -> Option<Self> {
        let mut reading = Reading::new(tokens);
        let name = reading.name(at)?;
        if let Some((_, shape, make)) = LISTS.iter().find(|(list, ..)| is_same_word(list, name)) {
            let empty = reading.is_blank(at) && reading.children(at).is_empty();
            let objects = objects(reading, shape, at);
            return (empty || !objects.is_empty()).then(|| make(objects));
        }
        if let Some(team) = node::team(node).filter(|_| is_same_word(name, TeamUser::SHAPE.element)) {
            let agent = reading.object(TeamUser::SHAPE, at)?;
            let slot = quirk_agent_alone(&mut reading, team, agent);
            return Some(Self::Team(reading.finish().object(slot)));
        }
        let (shape, make) = OBJECTS.iter().find(|(shape, _)| is_same_word(shape.element, name))?;
        let slot = reading.object(shape, at)?;
        make(reading.finish().object(slot))
    }

    /// The name of the JavaScript event.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::User(_) => "user",
            Self::Dialogs(_) => "dialogs",
            Self::Dialog(_) => "dialog",
            Self::Team(_) => "team",
            Self::Queue(_) => "queue",
            Self::Queues(_) => "queues",
            Self::Media(_) => "media",
            Self::TeamMessage(_) => "teammessage",
            Self::SystemInfo(_) => "systeminfo",
            Self::DesktopConfig(_) => "desktopconfig",
            Self::ApiErrors(_) => "apierrors",
            Self::Tree(_) | Self::None => "notification",
        }
    }

    /// A notification's data about an object alone, or in a list of its own where such objects come in one.
    #[must_use]
    pub fn about(object: Object, list: bool) -> Option<Self> {
        let shape = object.view().shape()?;
        if list && let Some((.., make)) = LISTS.iter().find(|(_, listed, _)| core::ptr::eq(*listed, shape)) {
            return Some(make(vec![object]));
        }
        let (_, make) = OBJECTS.iter().find(|(known, _)| core::ptr::eq(*known, shape))?;
        make(object)
    }

    /// What it is about: the object, or those of a list.
    #[must_use]
    pub fn objects(&self) -> &[Object] {
        match self {
            Self::Dialogs(objects) | Self::Queues(objects) | Self::ApiErrors(objects) => objects,
            Self::SystemInfo(info) => slice::from_ref(info.object()),
            Self::User(object)
            | Self::Dialog(object)
            | Self::Team(object)
            | Self::Queue(object)
            | Self::Media(object)
            | Self::TeamMessage(object)
            | Self::DesktopConfig(object)
            | Self::Tree(object) => slice::from_ref(object),
            Self::None => &[],
        }
    }

    /// The element of a list.
    const fn list(&self) -> Option<&'static str> {
        match self {
            Self::Dialogs(_) => Some("Dialogs"),
            Self::Queues(_) => Some("Queues"),
            Self::ApiErrors(_) => Some("ApiErrors"),
            _ => None,
        }
    }

    /// The object as JavaScript sees it.
    #[must_use]
    pub fn value(&self) -> Value<'_> {
        match (self.list(), self.objects()) {
            (None, []) => Value::Null,
            (None, [object, ..]) => Value::View(object.view()),
            (Some(_), objects) => {
                Value::List(objects.iter().map(|object| Value::View(object.view())).collect())
            }
        }
    }

    fn to_element(&self) -> Element {
        if let Self::Tree(tree) = self {
            return tree.to_element(); // it stands for all of `<data>`
        }
        let elements =
            |parent: Element| self.objects().iter().map(Object::to_element).fold(parent, Element::with_child);
        let data = Element::new("data", "");
        match self.list() {
            Some(list) => data.with_child(elements(Element::new(list, ""))),
            None => elements(data),
        }
    }
}

/// Some notifications to a team's node have the team with those agents who changed, others one agent and nothing else
/// ("Team notification" shows both). The latter is taken for the former.
fn quirk_agent_alone(reading: &mut Reading<'_, '_>, team: (&str, &str), agent: Slot) -> Slot {
    team::with(reading.document(), team, vec![agent])
}

/// The desktop's own REST answer is JSON without a name around it ("Desktop Configuration").
fn quirk_bare_desktop_config(tokens: &Tokens<'_>, at: usize) -> Data {
    let mut reading = Reading::new(tokens);
    let Some(slot) = reading.object(DesktopConfig::SHAPE, at) else { return Data::None };
    Data::DesktopConfig(reading.finish().object(slot))
}

impl Notification {
    /// The name of the JavaScript event.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        self.data.kind()
    }

    /// The notification as JavaScript sees it, with the name of its event as `kind`.
    #[must_use]
    pub fn value(&self) -> Value<'_> {
        Value::Object(vec![
            ("kind", self.kind().into()),
            ("event", self.event.as_str().into()),
            ("source", self.source.as_str().into()),
            ("node", self.node.as_str().into()),
            ("requestId", self.request_id.as_str().into()),
            ("data", self.data.value()),
            ("synthetic", self.synthetic.into()),
        ])
    }

    /// Reads `<Update>` that begins there, published to `node`. An object without the envelope is taken as its data.
    fn of(tokens: &Tokens<'_>, at: usize, node: &str) -> Self {
        let reading = Reading::new(tokens);
        let children = reading.children(at);
        let field = |name: &str| {
            let mut children = children.iter().copied();
            children.find(|at| reading.name(*at).is_some_and(|child| is_same_word(child, name)))
        };
        let node = node::with_slash(node);
        let name = reading.name(at).unwrap_or_default();
        let enveloped = match children.as_slice() {
            _ if is_same_word(name, "Update") => true,
            [] => name.is_empty(),
            _ => name.is_empty() && ["data", "event", "source"].into_iter().any(|name| field(name).is_some()),
        };
        let text = |name| {
            let field = field(name).filter(|_| enveloped);
            field.and_then(|at| reading.text(at)).unwrap_or_default()
        };
        let data = match children.as_slice() {
            _ if enveloped => field("data").map_or(Data::None, |at| Data::of(tokens, at, &node)),
            // JSON has no name around it
            [only] if name.is_empty() => Data::bare(tokens, *only, &node),
            _ if name.is_empty() && field("systemStatus").is_some() => quirk_bare_desktop_config(tokens, at),
            _ if name.is_empty() => Data::tree(tokens, at),
            _ => Data::bare(tokens, at, &node),
        };
        Self {
            event: EventKind::of(text("event")),
            source: node::with_slash(text("source").trim()),
            node,
            request_id: text("requestId").to_owned(),
            data,
            synthetic: false,
        }
    }

    /// Reads `<Update>` as text, published to `node`, or the stanza that brings one, which names its node itself. Of several
    /// items in a stanza the first is read; Finesse sends one.
    ///
    /// # Errors
    ///
    /// If it is neither XML nor JSON that we accept, or a web page.
    pub fn parse(text: &str, node: &str) -> Result<Self, FinesseError> {
        let text = text.trim_start_matches('\u{FEFF}').trim();
        if !text.starts_with('<') {
            return from_text(text, node);
        }
        let tokens = tokens(text)?;
        let reading = Reading::new(&tokens);
        match reading.name(0) {
            Some("message") => {}
            Some(name) if is_same_word(name, "html") => {
                return Err(FinesseError::NotThis { expected: "Update", found: name.to_owned() });
            }
            _ => return from_payload(&tokens, 0, node),
        }
        let child = |at: usize, name: &str, ns: &str| {
            let mut children = reading.children(at).into_iter();
            children.find(|at| reading.name(*at) == Some(name) && tokens.namespace_of(*at) == ns)
        };
        let event = child(0, "event", ns::PUBSUB_EVENT).ok_or(FinesseError::NoPayload)?;
        let items = child(event, "items", ns::PUBSUB_EVENT).ok_or(FinesseError::NoPayload)?;
        let item = child(items, "item", ns::PUBSUB_EVENT).ok_or(FinesseError::NoPayload)?;
        let node = tokens.attributes(items).find(|(name, _)| *name == "node").map_or(node, |(_, node)| node);
        let payload = reading.children(item).first().copied().ok_or(FinesseError::NoPayload)?;
        from_payload(&tokens, payload, node)
    }

    /// The notification as `<Update>`, with an unknown event, source or request left as it is.
    #[must_use]
    pub fn to_element(&self) -> Element {
        let update = Element::new("Update", "")
            .with_child(self.data.to_element())
            .with_child(Element::new("event", "").with_text(self.event.as_str()));
        update
            .with_child(Element::new("requestId", "").with_text(&self.request_id))
            .with_child(Element::new("source", "").with_text(&self.source))
    }
}

impl Data {
    /// An object without an envelope. One that is not known is plain data that has it as its one member.
    fn bare(tokens: &Tokens<'_>, at: usize, node: &str) -> Self {
        if let Some(data) = Self::typed(tokens, at, node) {
            return data;
        }
        let mut reading = Reading::new(tokens);
        let slot = reading.tree(at);
        let name = reading.name(at).unwrap_or_default();
        let slot = reading.map(vec![(name.into(), slot)]);
        Self::Tree(reading.finish().object(slot))
    }
}

impl Serialize for Notification {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value().serialize(serializer)
    }
}

/// Reads a published item: `<notification>` with the update as escaped text (what Finesse sends), as elements or as
/// JSON (what its publisher can do), or the update itself.
///
/// # Errors
///
/// If there is no payload, or it is neither XML nor JSON that we accept.
pub fn from_item(item: &Item) -> Result<Notification, FinesseError> {
    let payload = item.payload.as_ref().ok_or(FinesseError::NoPayload)?;
    from_payload(&payload.tokens(), 0, &item.node)
}

/// Reads `<notification>`, or the update itself, that begins there.
fn from_payload(tokens: &Tokens<'_>, at: usize, node: &str) -> Result<Notification, FinesseError> {
    let reading = Reading::new(tokens);
    if !reading.name(at).is_some_and(|name| is_same_word(name, "notification")) {
        return Ok(Notification::of(tokens, at, node));
    }
    match (reading.text(at), reading.children(at).first()) {
        (Some(text), _) => from_text(text.trim(), node),
        (None, Some(update)) if reading.is_blank(at) => Ok(Notification::of(tokens, *update, node)),
        (None, _) => Err(FinesseError::NoPayload),
    }
}

fn from_text(text: &str, node: &str) -> Result<Notification, FinesseError> {
    let (node, text) = quirk_node_ahead(text.trim_start_matches('\u{FEFF}'), node);
    if text.starts_with('{') {
        let document = json::parse(text)?;
        // With or without the envelope's own name around it.
        let reading = Reading::new(&document);
        let children = reading.children(0);
        let is_update = |at: &usize| reading.name(*at).is_some_and(|name| is_same_word(name, "Update"));
        let at = children.into_iter().find(is_update).unwrap_or_default();
        return Ok(Notification::of(&document, at, node));
    }
    if text.starts_with("&lt;") {
        return Ok(Notification::of(&tokens(&quirk_escaped_twice(text)?)?, 0, node));
    }
    if text.starts_with('<') {
        Ok(Notification::of(&tokens(text)?, 0, node))
    } else {
        Err(FinesseError::NoPayload)
    }
}

/// What Cisco's desktop publishes on its hub begins with the node, and the payload follows at once.
fn quirk_node_ahead<'a>(text: &'a str, node: &'a str) -> (&'a str, &'a str) {
    let payload = text.find(['<', '{']).filter(|_| text.starts_with("/finesse/api/"));
    let Some((ahead, text)) = payload.and_then(|at| text.split_at_checked(at)) else { return (node, text) };
    (if node.is_empty() { ahead } else { node }, text)
}

/// Cisco's pages warn of values that are escaped twice; a publisher that does so with all of it is read too.
fn quirk_escaped_twice(text: &str) -> Result<String, FinesseError> {
    Ok(crate::xml::parse(&String::from_iter(["<text>", text, "</text>"]))?.text())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_known_in_every_spelling() {
        for word in ["PUT", "put", "{put}", " {PUT}\n"] {
            assert_eq!(EventKind::of(word), EventKind::Put, "{word}");
        }
        assert_eq!(EventKind::of("Patch"), EventKind::Other("Patch".into()));
    }

    #[test]
    fn a_hub_puts_the_node_ahead() {
        let text = "/finesse/api/Team/5/Users<Update><data><user><loginId>1</loginId></user></data></Update>";
        assert_eq!(Notification::parse(text, "").unwrap().kind(), "team");
        assert_eq!(Notification::parse(text, "/finesse/api/User/1").unwrap().kind(), "user");
        assert!(Notification::parse("/finesse/api/Team/5/Users", "").is_err());
    }

    #[test]
    fn json_may_have_names_that_xml_has_not() {
        let text = r#"{"data":{"weather":{"rain in %":"5","days":[1,2]}},"event":"PUT"}"#;
        let payload = Element::new("notification", "").with_text(text);
        let item = Item { node: "n".into(), id: String::new(), payload: Some(payload) };
        let notification = from_item(&item).unwrap();
        let expected = r#"{"weather":{"days":["1","2"],"rain in %":"5"}}"#;
        assert_eq!(serde_json::to_string(&notification.data.value()).unwrap(), expected);
        assert!(crate::xml::parse(&notification.to_element().to_xml()).is_ok());
    }

    #[test]
    fn what_has_no_envelope_is_its_own_data() {
        let read = |text: &str| {
            let notification = Notification::parse(text, "n").unwrap();
            (notification.kind(), serde_json::to_string(&notification.data.value()).unwrap())
        };
        assert_eq!(
            read(r#"{"a":"1","b":{"c":2}}"#),
            ("notification", r#"{"a":"1","b":{"c":"2"}}"#.to_owned())
        );
        assert_eq!(read(r#"{"Media":{"routable":"TRUE"}}"#).0, "media");
        assert!(read("<Media><routable>TRUE</routable></Media>").1.contains(r#""routable":true"#));
        assert_eq!(read(r#"{"systemStatus":"IN_SERVICE","host":"a:8445"}"#).0, "desktopconfig");
        assert_eq!(read("{}"), ("notification", "null".to_owned()));
        assert!(Notification::parse("<HTML><body/></HTML>", "n").is_err());
    }

    #[test]
    fn a_deleted_user_has_no_data() {
        let xml = "<Update><event>delete</event><source>finesse/api/User/1001</source></Update>";
        let notification = Notification::parse(xml, "/finesse/api/User/1001").unwrap();
        assert_eq!((notification.event, notification.data), (EventKind::Delete, Data::None));
        assert_eq!(notification.source, "/finesse/api/User/1001");
    }
}
