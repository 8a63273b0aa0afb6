//! `Update`: the envelope of every notification, and the ways in which it comes ("Notification parameters").

use super::api_error::{self, ApiError};
use super::dialog::{self, Dialog};
use super::object::{Field as _, FinesseError, Item as _, plain_text};
use super::system_info::SystemInfo;
use super::tree::Tree;
use super::user::User;
use super::value::Value;
use super::{json, node};
use crate::xml::{self, Element};
use crate::xmpp::pubsub::Item;
use serde::{Serialize, Serializer};
use std::sync::Arc;

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
    User(Arc<User>),
    /// Calls that were added or removed.
    Dialogs(Vec<Arc<Dialog>>),
    /// A call that changed.
    Dialog(Arc<Dialog>),
    /// The state of the system.
    SystemInfo(Box<SystemInfo>),
    /// Why an accepted request failed.
    ApiErrors(Vec<ApiError>),
    /// An object that we do not know: what `<data>` holds, by the names of its elements.
    Tree(Tree),
    /// No object: it is gone.
    None,
}

impl Data {
    /// The object inside `<data>`, or inside an element that stands for it.
    fn of(holder: &Element) -> Self {
        let mut elements = holder.elements();
        let typed = match (elements.next(), elements.next()) {
            (Some(only), None) => Self::typed(only),
            (None, _) if holder.text().trim().is_empty() => Some(Self::None),
            _ => None,
        };
        typed.unwrap_or_else(|| Self::Tree(Tree::from_element(holder)))
    }

    /// An object that we know. One that lacks what it must have is not known.
    fn typed(object: &Element) -> Option<Self> {
        let name = object.name.to_ascii_lowercase();
        match name.as_str() {
            "user" => User::from_element(object).map(|user| Self::User(Arc::new(user))),
            "dialog" => Dialog::from_element(object).map(|dialog| Self::Dialog(Arc::new(dialog))),
            "dialogs" => dialog::list_from_element(object).map(Self::Dialogs),
            "systeminfo" => SystemInfo::from_element(object).map(|info| Self::SystemInfo(Box::new(info))),
            "apierrors" => api_error::list_from_element(object).map(Self::ApiErrors),
            _ => return None,
        }
        .ok()
    }

    /// The object as JavaScript sees it.
    #[must_use]
    pub fn value(&self) -> Value<'_> {
        match self {
            Self::User(user) => user.to_value(),
            Self::Dialogs(dialogs) => Value::List(dialogs.iter().map(|dialog| dialog.to_value()).collect()),
            Self::Dialog(dialog) => dialog.to_value(),
            Self::SystemInfo(info) => info.to_value(),
            Self::ApiErrors(errors) => errors.value(),
            Self::Tree(tree) => tree.value(),
            Self::None => Value::Null,
        }
    }

    fn to_element(&self) -> Element {
        let data = Element::new("data", "");
        match self {
            Self::User(user) => data.with_child(user.to_element()),
            Self::Dialogs(dialogs) => data.with_child(dialog::list_to_element(dialogs)),
            Self::Dialog(dialog) => data.with_child(dialog.to_element()),
            Self::SystemInfo(info) => data.with_child(info.to_element()),
            Self::ApiErrors(errors) => data.with_child(api_error::list_to_element(errors)),
            Self::Tree(Tree::Text(text)) => data.with_text(text),
            Self::Tree(tree) => tree.add_children_to(data),
            Self::None => data,
        }
    }
}

impl Notification {
    /// The name of the JavaScript event.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self.data {
            Data::User(_) => "user",
            Data::Dialogs(_) => "dialogs",
            Data::Dialog(_) => "dialog",
            Data::SystemInfo(_) => "systeminfo",
            Data::ApiErrors(_) => "apierrors",
            Data::Tree(_) | Data::None => "notification",
        }
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

    /// Reads `<Update>`, published to `node`. An object without the envelope is taken as its data.
    #[must_use]
    pub fn from_element(update: &Element, node: &str) -> Self {
        let enveloped = update.name.eq_ignore_ascii_case("Update");
        let field = |name| update.find_ignoring_case(name).filter(|_| enveloped);
        let text = |name| field(name).and_then(plain_text).unwrap_or_default();
        let data = if enveloped {
            field("data").map_or(Data::None, Data::of)
        } else {
            Data::of(&Element::new("data", "").with_child(update.clone()))
        };
        let source = text("source");
        Self {
            event: EventKind::of(&text("event")),
            source: node::with_slash(source.trim()),
            node: node::with_slash(node),
            request_id: text("requestId"),
            data,
            synthetic: false,
        }
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
    if !payload.name.eq_ignore_ascii_case("notification") {
        return Ok(Notification::from_element(payload, &item.node));
    }
    let text = payload.text();
    match text.trim() {
        "" => {
            let update = payload.elements().next().ok_or(FinesseError::NoPayload)?;
            Ok(Notification::from_element(update, &item.node))
        }
        text => Ok(Notification::from_element(&from_text(text)?, &item.node)),
    }
}

fn from_text(text: &str) -> Result<Element, FinesseError> {
    if text.starts_with('{') {
        let document = json::parse(text)?;
        // With or without the envelope's own name around it.
        return Ok(match document.find_ignoring_case("Update") {
            Some(update) => update.clone(),
            None => Element { name: "Update".into(), ..document },
        });
    }
    if text.starts_with("&lt;") {
        return Ok(xml::parse(&quirk_escaped_twice(text)?)?);
    }
    if text.starts_with('<') { Ok(xml::parse(text)?) } else { Err(FinesseError::NoPayload) }
}

/// Cisco's pages warn of values that are escaped twice; a publisher that does so with all of it is read too.
fn quirk_escaped_twice(text: &str) -> Result<String, FinesseError> {
    Ok(xml::parse(&String::from_iter(["<text>", text, "</text>"]))?.text())
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
    fn json_may_have_names_that_xml_has_not() {
        let text = r#"{"data":{"weather":{"rain in %":"5","days":[1,2]}},"event":"PUT"}"#;
        let payload = Element::new("notification", "").with_text(text);
        let item = Item { node: "n".into(), id: String::new(), payload: Some(payload) };
        let notification = from_item(&item).unwrap();
        let expected = r#"{"weather":{"days":["1","2"],"rain in %":"5"}}"#;
        assert_eq!(serde_json::to_string(&notification.data.value()).unwrap(), expected);
        assert!(xml::parse(&notification.to_element().to_xml()).is_ok());
    }

    #[test]
    fn a_deleted_user_has_no_data() {
        let xml = "<Update><event>delete</event><source>finesse/api/User/1001</source></Update>";
        let notification = Notification::from_element(&xml::parse(xml).unwrap(), "/finesse/api/User/1001");
        assert_eq!((notification.event, notification.data), (EventKind::Delete, Data::None));
        assert_eq!(notification.source, "/finesse/api/User/1001");
    }
}
