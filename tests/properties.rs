//! What must hold for every input, tried on generated ones: nothing panics, what is written is read back as it was,
//! and what should not matter (order, letter case, prefixes) does not.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test may fail"
)]

use finesse_keeper::effect::Credentials;
use finesse_keeper::finesse::dialog::{self, Dialog};
use finesse_keeper::finesse::system_info::Info;
use finesse_keeper::finesse::update::{self, Data, EventKind, Notification};
use finesse_keeper::finesse::user::{self, User};
use finesse_keeper::finesse::{self, SHAPES, node, rest, time};
use finesse_keeper::secret::Secret;
use finesse_keeper::shapes::object::{Object, View};
use finesse_keeper::shapes::{Kind, Shape, Words};
use finesse_keeper::xml::{self, Attribute, Element, Node};
use finesse_keeper::xmpp::framing::Inbound;
use finesse_keeper::xmpp::jid::Jid;
use finesse_keeper::xmpp::pubsub::{self, Item};
use finesse_keeper::xmpp::{ns, sasl};
use proptest::prelude::*;
use std::fs;
use std::path::Path;

/// Text that XML can hold.
fn text() -> impl Strategy<Value = String> {
    let character = prop_oneof![
        8 => proptest::char::range(' ', '~'),
        1 => Just('\n'), 1 => Just('\r'), 1 => Just('\t'),
        1 => proptest::char::range('\u{80}', '\u{D7FF}'),
        1 => proptest::char::range('\u{10000}', '\u{10FFFF}'),
    ];
    proptest::collection::vec(character, 0..12).prop_map(String::from_iter)
}

fn is_blank(text: &str) -> bool {
    text.trim_matches([' ', '\t', '\r', '\n']).is_empty()
}

fn name() -> impl Strategy<Value = String> {
    "[A-Za-z_é][A-Za-z0-9_.ü-]{0,8}"
}

/// Any tree that a reader can make.
fn tree() -> impl Strategy<Value = Element> {
    let ns = prop_oneof![Just(""), Just("urn:a"), Just("jabber:client"), Just("urn:'\"<&>")];
    let attributes = proptest::collection::btree_map(name(), text(), 0..4);
    let leaf = (name(), ns, attributes, text()).prop_map(|(name, ns, attributes, text)| {
        let attributes = attributes.into_iter().map(|(name, value)| Attribute { name, value });
        let attributes = attributes.filter(|attribute| attribute.name != "xmlns").collect();
        Element { attributes, ..Element::new(&name, ns).with_text(&text) }
    });
    leaf.prop_recursive(6, 40, 5, |inner| {
        (inner.clone(), proptest::collection::vec((inner, text()), 0..5)).prop_map(|(element, children)| {
            let layout = |text: &String| is_blank(text) && !children.is_empty();
            let first = element.text();
            let mut element = Element { children: Vec::new(), ..element };
            element = if layout(&first) { element } else { element.with_text(&first) };
            for (child, text) in &children {
                element = element.with_child(child.clone());
                element = if layout(text) { element } else { element.with_text(text) };
            }
            element
        })
    })
}

/// All vectors of the wire, as a stock to damage.
fn vectors() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors");
    let mut texts = Vec::new();
    for folder in ["frames", "notifications", "system-info", "user", "dialogs", "api-errors"] {
        let entries = fs::read_dir(root.join(folder)).unwrap().map(|entry| entry.unwrap().path());
        let xml = entries.filter(|path| path.extension().is_some_and(|ending| ending == "xml"));
        texts.extend(xml.map(|path| fs::read_to_string(path).unwrap()));
    }
    texts.sort();
    texts
}

/// Real documents with pieces taken out, doubled, put elsewhere or replaced.
fn damaged() -> impl Strategy<Value = String> {
    let damage = (
        any::<prop::sample::Index>(),
        any::<prop::sample::Index>(),
        0..4_u8,
        "\\PC{0,4}|[<>&'\"/=!?:;#{}\\[\\]\0-]{1,4}",
    );
    (prop::sample::select(vectors()), proptest::collection::vec(damage, 1..4)).prop_map(|(text, damages)| {
        let mut characters: Vec<char> = text.chars().collect();
        for (one, other, kind, insert) in damages {
            let (one, other) = (one.index(characters.len() + 1), other.index(characters.len() + 1));
            let (from, to) = (one.min(other), one.max(other).min(one.min(other) + 40));
            match kind {
                0 => drop(characters.drain(from..to)),
                1 => drop(characters.splice(from..from, insert.chars())),
                2 => drop(characters.splice(from..to, insert.chars())),
                _ => {
                    let piece = characters[from..to].to_vec();
                    drop(characters.splice(other..other, piece));
                }
            }
        }
        characters.into_iter().collect()
    })
}

/// Everything that reads, on this text.
fn read_all(text: &str) {
    let _ = xml::parse(text);
    let _ = Jid::parse(text).map(|jid| jid.to_string());
    let _ = time::parse(text);
    let _ = Info::parse(text).map(|info| info.alternate_node().is_some());
    let _ = finesse::parse(User::SHAPE, text).map(|user| user::state_changed_at(&user));
    let _ = finesse::parse(Dialog::SHAPE, text).map(|call| dialog::is_older(&call, &call));
    if let Ok(Inbound::Message(message)) = Inbound::parse(text) {
        for item in pubsub::items(message).unwrap_or_default() {
            let _ = update::from_item(&item);
        }
    }
    let _ = update::from_item(&item(text));
}

/// A published item whose payload is this text.
fn item(text: &str) -> Item {
    let payload = Element::new("notification", ns::PUBSUB).with_text(text);
    Item { node: "/finesse/api/User/1001".into(), id: String::new(), payload: Some(payload) }
}

/// The same children in another order, their names in another letter case, layout between them.
fn disguise(element: &Element, order: &[u32], upper: bool) -> Element {
    let mut children: Vec<(u32, Element)> = element
        .elements()
        .enumerate()
        .map(|(place, child)| {
            let key = order.get(place % order.len().max(1)).copied().unwrap_or_default();
            (key, disguise(child, order, upper))
        })
        .collect();
    // A list keeps its order: only children of different names change places.
    let is_list = children.windows(2).any(|pair| pair[0].1.name == pair[1].1.name);
    if !is_list {
        children.sort_by_key(|(key, _)| *key);
    }
    let name = if upper { element.name.to_ascii_uppercase() } else { element.name.to_ascii_lowercase() };
    let disguised = Element { name, children: Vec::new(), ..element.clone() };
    if children.is_empty() {
        return Element { children: element.children.clone(), ..disguised };
    }
    children
        .into_iter()
        .fold(disguised.with_text("\n  "), |parent, (_, child)| parent.with_child(child).with_text("\n"))
}

/// Whether nothing in it is plain data.
fn is_known(object: View<'_>) -> bool {
    let fields = object.shape().map_or(&[][..], |shape| shape.fields);
    let fields = fields.iter().enumerate().map(|(place, field)| (field.kind, object.field(place)));
    object.extra().is_absent()
        && fields.into_iter().all(|(kind, value)| {
            (!matches!(kind, Kind::Any) || value.is_absent()) && value.items().chain([value]).all(is_known)
        })
}

/// Finesse's objects, from the vectors and with other texts in their fields.
fn agent() -> impl Strategy<Value = Object> {
    let words = prop_oneof![Just("READY".to_owned()), Just("TALKING".into()), text()];
    (
        words,
        text(),
        proptest::option::of(text()),
        any::<Option<i64>>(),
        proptest::collection::vec(text(), 0..3),
    )
        .prop_map(|(state, id, name, timer, roles)| {
            let mut user = Element::new("User", "");
            user = user.with_child(Element::new("state", "").with_text(&state));
            user = user.with_child(Element::new("loginId", "").with_text(&id));
            if let Some(name) = name {
                user = user.with_child(Element::new("firstName", "").with_text(&name));
            }
            if let Some(timer) = timer {
                user = user.with_child(Element::new("wrapUpTimer", "").with_text(&timer.to_string()));
            }
            let roles = roles.iter().map(|role| Element::new("role", "").with_text(role));
            user = user.with_child(roles.fold(Element::new("roles", ""), Element::with_child));
            finesse::parse(User::SHAPE, &user.to_xml()).unwrap()
        })
}

/// An element as a shape has it, with some of its fields missing, some that say what no such field should, and some more
/// that nobody knows.
fn element_of(name: &str, shape: &'static Shape) -> BoxedStrategy<Element> {
    let empty = Element::new(name, "");
    let field =
        |field: &finesse_keeper::shapes::Field| proptest::option::of(value_of(field.name, field.kind));
    let fields: Vec<_> = shape.fields.iter().map(field).collect();
    let others = proptest::collection::vec(("[A-Z]{9}", text()), 0..3);
    (fields, others)
        .prop_map(move |(fields, others)| {
            let others = others.iter().map(|(name, text)| Element::new(name, "").with_text(text));
            fields.into_iter().flatten().chain(others).fold(empty.clone(), Element::with_child)
        })
        .boxed()
}

/// An element as a field has it.
fn value_of(name: &'static str, kind: Kind) -> BoxedStrategy<Element> {
    let plain = |name: &str, text: &str| Element::new(name, "").with_text(text);
    let word = |words: &'static Words| match words.words {
        [] => text().boxed(),
        words => prop_oneof![3 => prop::sample::select(words).prop_map(String::from), 1 => text()].boxed(),
    };
    let list = move |items: Vec<Element>| items.into_iter().fold(Element::new(name, ""), Element::with_child);
    match kind {
        Kind::Text | Kind::Name => text().prop_map(move |text| plain(name, &text)).boxed(),
        Kind::Number => prop_oneof![3 => any::<i64>().prop_map(|number| number.to_string()), 1 => text()]
            .prop_map(move |text| plain(name, &text))
            .boxed(),
        Kind::Flag => prop_oneof![Just("true".to_owned()), Just("false".into()), text()]
            .prop_map(move |text| plain(name, &text))
            .boxed(),
        Kind::Word(words) | Kind::Choice(words) => {
            word(words).prop_map(move |text| plain(name, &text)).boxed()
        }
        Kind::Object(shape) => element_of(name, shape),
        Kind::Objects(shape) => {
            proptest::collection::vec(element_of(shape.element, shape), 0..3).prop_map(list).boxed()
        }
        Kind::Choices(words) => {
            let item = word(words).prop_map(move |text| plain(words.item, &text));
            proptest::collection::vec(item, 0..4).prop_map(list).boxed()
        }
        Kind::Any => tree().prop_map(move |tree| Element { name: name.into(), ..tree }).boxed(),
    }
}

/// A shape, and an element as it has it.
fn anything() -> impl Strategy<Value = (&'static Shape, Element)> {
    let kinds = SHAPES.iter().map(|shape| element_of(shape.element, shape).prop_map(move |it| (*shape, it)));
    proptest::strategy::Union::new(kinds)
}

/// JSON objects.
fn json() -> impl Strategy<Value = serde_json::Value> {
    use serde_json::Value;
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,8}|[\"\\\\\n\t\u{1}\u{7f}/😀]{0,4}".prop_map(Value::from),
    ];
    let value = leaf.prop_recursive(4, 30, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map("[a-z@# ]{0,4}", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    });
    proptest::collection::btree_map("[a-z]{1,4}", value, 0..4)
        .prop_map(|members| Value::Object(members.into_iter().collect()))
}

/// What a JSON value must become, by way of another parser.
fn elements_of(name: &str, value: &serde_json::Value, parent: &mut Vec<Node>) {
    use serde_json::Value;
    let text = |text: &str| Element::new(name, "").with_text(text);
    parent.push(Node::Element(match value {
        Value::Array(values) => return values.iter().for_each(|value| elements_of(name, value, parent)),
        Value::Object(members) => {
            let mut element = Element::new(name, "");
            members.iter().for_each(|(name, value)| elements_of(name, value, &mut element.children));
            element
        }
        Value::Null => text(""),
        Value::String(string) => text(string),
        scalar => text(&scalar.to_string()),
    }));
}

proptest! {
    #[test]
    fn a_tree_is_read_back_as_it_was_written(tree in tree()) {
        let xml = tree.to_xml();
        prop_assert_eq!(xml::parse(&xml), Ok(tree), "{}", xml);
    }

    #[test]
    fn nothing_panics_on_any_text(text in "\\PC{0,60}|[<>&'\"/=!?:;#a-c{}\\[\\],\0\r\n -]{0,60}") {
        read_all(&text);
    }

    #[test]
    fn nothing_panics_on_damaged_documents(text in damaged()) {
        read_all(&text);
    }

    #[test]
    fn what_is_written_once_is_written_the_same_again(text in damaged()) {
        if let Ok(inbound) = Inbound::parse(&text) {
            let once = inbound.to_element().to_xml();
            let again = Inbound::parse(&once).map(|inbound| inbound.to_element().to_xml());
            prop_assert_eq!(again, Ok(once));
        }
    }

    #[test]
    fn order_and_letter_case_do_not_matter(
        (shape, element) in anything(),
        order in proptest::collection::vec(any::<u32>(), 1..8),
        upper in any::<bool>(),
    ) {
        // what nobody knows keeps its name, and its place among others of one name
        let known = finesse::parse(shape, &element.to_xml()).ok().filter(|object| object.view().extra().is_absent());
        if let Some(object) = known.filter(|object| is_known(object.view())) {
            let disguised = disguise(&element, &order, upper).to_xml();
            prop_assert_eq!(finesse::parse(shape, &disguised), Ok(object), "{}", disguised);
        }
    }

    #[test]
    fn a_notification_is_read_back_however_it_is_sent(user in agent(), text in text(), request in text()) {
        let notification = Notification {
            event: EventKind::of(&text),
            source: node::user("1001"),
            node: node::user("1001"),
            request_id: request,
            data: Data::User(user),
            synthetic: false,
        };
        let xml = notification.to_element().to_xml();
        prop_assert_eq!(update::from_item(&item(&xml)), Ok(notification.clone()));
        let twice = Element::new("t", "").with_text(&xml).to_xml();
        let twice = twice.trim_start_matches("<t>").trim_end_matches("</t>");
        prop_assert_eq!(update::from_item(&item(twice)), Ok(notification.clone()));
        let payload = Element::new("notification", ns::PUBSUB).with_child(notification.to_element());
        let payload = xml::parse(&payload.to_xml()).unwrap();
        let elements = Item { node: node::user("1001"), id: String::new(), payload: Some(payload) };
        prop_assert_eq!(update::from_item(&elements), Ok(notification));
    }

    #[test]
    fn every_object_is_read_back_as_it_was_written((shape, element) in anything()) {
        let object = finesse::parse(shape, &element.to_xml());
        if let Ok(object) = &object {
            let again = finesse::parse(shape, &object.to_element().to_xml());
            prop_assert_eq!(again.as_ref(), Ok(object));
        } else {
            // with nothing but text in it it is no object
            prop_assert!(element.elements().next().is_none(), "{:?} {:?}", object, element);
        }
    }

    #[test]
    fn whatever_a_notification_is_about_is_read_back((_, element) in anything(), list in any::<bool>()) {
        let lists = [("Dialog", "Dialogs"), ("Queue", "Queues"), ("ApiError", "ApiErrors")];
        let list = lists.iter().find(|(item, _)| list && *item == element.name);
        let data = Element::new("data", "");
        let update = Element::new("Update", "").with_child(match list {
            Some((_, list)) => data.with_child(Element::new(list, "").with_child(element)),
            None => data.with_child(element),
        });
        let notification = update::from_item(&item(&update.to_xml())).unwrap();
        let again = update::from_item(&item(&notification.to_element().to_xml()));
        prop_assert_eq!(again, Ok(notification));
    }

    #[test]
    fn json_is_read_as_another_parser_reads_it(value in json(), pretty in any::<bool>()) {
        let document = serde_json::json!({ "event": "PUT", "data": { "thing": value } });
        let text = if pretty { serde_json::to_string_pretty(&document) } else { serde_json::to_string(&document) };
        let mut data = Element::new("data", "");
        elements_of("thing", &value, &mut data.children);
        let event = Element::new("event", "").with_text("PUT");
        let update = Element::new("Update", "").with_child(event).with_child(data);
        let payload = Some(Element::new("notification", ns::PUBSUB).with_child(update));
        let expected = update::from_item(&Item { payload, ..item("") });
        prop_assert_eq!(update::from_item(&item(&text.unwrap())), expected);
    }

    #[test]
    fn times_are_read_back(millis in 0_u64..253_402_300_800_000) {
        prop_assert_eq!(time::parse(&time::format(millis)), Some(millis));
    }

    #[test]
    fn later_times_are_written_later(one in 0_u64..253_402_300_800_000, other in 0_u64..253_402_300_800_000) {
        prop_assert_eq!(one.cmp(&other), time::format(one).cmp(&time::format(other)));
    }

    #[test]
    fn addresses_are_read_back(local in "[a-z0-9._é-]{1,9}", domain in "[a-z0-9.-]{1,9}", resource in "\\PC{1,9}") {
        let jid = [&local, "@", &domain, "/", &resource].concat();
        prop_assert_eq!(Jid::parse(&jid).unwrap().to_string(), jid.to_string());
    }

    #[test]
    fn no_id_leaves_its_part_of_the_path(id in "\\PC{1,9}|[./?#%&]{1,6}") {
        let authorization = rest::Authorization::new("1", &Credentials::Token(Secret::new("t")));
        let url = rest::user("https://h", &id, &authorization).url;
        let last = url.strip_prefix("https://h/finesse/api/User/").unwrap();
        prop_assert!(!last.contains(['/', '?', '#', ' ', '\\']) && last != "." && last != "..", "{}", url);
    }

    #[test]
    fn a_login_has_three_fields_whatever_is_in_them(user in "\\PC{0,9}|[a\0]{0,9}", password in "\\PC{0,9}|[a\0]{0,9}") {
        use base64ct::Encoding;
        let auth = sasl::plain(&user, &Secret::new(password));
        let fields = base64ct::Base64::decode_vec(&auth.text()).unwrap();
        prop_assert_eq!(fields.iter().filter(|byte| **byte == 0).count(), 2);
        prop_assert_eq!(fields.first(), Some(&0));
    }
}
