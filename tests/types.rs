//! What JavaScript is told of Finesse's objects comes from the tables that they are read by: the types of the package and
//! the page that explains them. `UPDATE=1 cargo test --test types` writes both anew.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test may fail"
)]

use finesse_keeper::finesse::update::{self, Data, Notification};
use finesse_keeper::finesse::value::Value;
use finesse_keeper::finesse::{self, SHAPES};
use finesse_keeper::shapes::object::{Plain, View};
use finesse_keeper::shapes::{Kind, Shape, Words};
use finesse_keeper::xmpp::framing::Inbound;
use finesse_keeper::xmpp::pubsub;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// The kinds of notifications, with what each is about: an object, or a list of objects.
const KINDS: [(&str, &str, &str); 11] = [
    (
        "user",
        "User",
        "An agent changed. (Of one who was deleted Finesse gives no data: that is `notification`.)",
    ),
    ("dialog", "Dialog", "A call or task changed."),
    ("dialogs", "Dialog[]", "Calls or tasks came (`POST`) or went (`DELETE`)."),
    ("team", "Team", "Agents of a team changed."),
    ("queue", "Queue", "The figures of a queue changed."),
    ("queues", "Queue[]", "Queues were given to an agent (`POST`) or taken (`DELETE`)."),
    ("media", "Media", "An agent's state in a medium changed."),
    ("teammessage", "TeamMessage", "A supervisor tells teams something."),
    ("systeminfo", "SystemInfo", "A server went out of service or came back."),
    ("desktopconfig", "DesktopConfig", "What a server tells its own desktop changed."),
    ("apierrors", "ApiError[]", "A request that Finesse had accepted failed."),
];

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// Compares with a file, or writes it.
fn golden(name: &str, actual: &str) {
    if std::env::var_os("UPDATE").is_some() {
        fs::write(path(name), actual).unwrap();
    }
    let expected = fs::read_to_string(path(name)).unwrap_or_default();
    assert!(actual == expected, "{name} is not what the tables say; UPDATE=1 writes it anew");
}

/// A comment in one line or several.
fn sentence(doc: &[&str]) -> String {
    doc.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ")
}

fn comment(text: &str, indent: &str) -> String {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last_mut().unwrap();
        if !line.is_empty() && line.len() + word.len() > 110 {
            lines.push(word.to_owned());
        } else {
            *line += if line.is_empty() { "" } else { " " };
            *line += word;
        }
    }
    match lines.as_slice() {
        [line] => format!("{indent}/** {line} */\n"),
        lines => {
            let lines: String = lines.iter().map(|line| format!("{indent} * {line}\n")).collect();
            format!("{indent}/**\n{lines}{indent} */\n")
        }
    }
}

fn words_of(kind: Kind) -> Option<&'static Words> {
    match kind {
        Kind::Word(words) | Kind::Choice(words) | Kind::Choices(words) if !words.name.is_empty() => {
            Some(words)
        }
        _ => None,
    }
}

fn type_of(kind: Kind) -> String {
    match kind {
        Kind::Text => "string | null".into(),
        Kind::Name => "string".into(),
        Kind::Number => "number | null".into(),
        Kind::Flag => "boolean | null".into(),
        Kind::Word(words) => words.name.into(),
        Kind::Choice(words) => format!("{} | null", words.name),
        Kind::Object(shape) => format!("{} | null", shape.name),
        Kind::Objects(shape) => format!("readonly {}[]", shape.name),
        Kind::Choices(words) if words.name.is_empty() => "readonly string[]".into(),
        Kind::Choices(words) => format!("readonly {}[]", words.name),
        Kind::Any => "Tree | null".into(),
    }
}

fn all_words() -> Vec<&'static Words> {
    let mut all: Vec<&'static Words> = Vec::new();
    for words in SHAPES.iter().flat_map(|shape| shape.fields).filter_map(|field| words_of(field.kind)) {
        if !all.iter().any(|known| core::ptr::eq(*known, words)) {
            all.push(words);
        }
    }
    all
}

fn types() -> String {
    let mut text = String::from(
        "// Finesse's objects. Written by `UPDATE=1 cargo test --test types` from the tables that they are read by.\n\n\
         /** One of these words, or one that is newer than this package. */\n\
         export type Open<Word extends string> = Word | (string & {});\n\n\
         /**\n * Plain data: an element with nothing but text is a string, any other an object by the names of its children. A\n \
         * child that comes more than once is an array, an attribute a member `@name`, text beside children `#text`.\n */\n\
         export type Tree = string | Tree[] | { readonly [name: string]: Tree };\n\n\
         /**\n * One of Finesse's objects, with Finesse's own names and units. A text, number or object that is absent is null, as\n \
         * is an empty number or truth value; a list that is absent is empty, and so is a text that every such object has (type\n \
         * `string`). Numbers are exact up to 2^53.\n */\n\
         export interface FinesseObject {\n  \
         /**\n   * What this package does not know, by name; and what it could not read, under the name of a field that is as if absent.\n   */\n  \
         readonly extra?: { readonly [name: string]: Tree };\n}\n",
    );
    for words in all_words() {
        let meanings = words.words.iter().zip(words.meanings);
        let meanings: String =
            meanings.map(|(word, meaning)| format!(" * - `{word}`: {}\n", sentence(meaning))).collect();
        let union: Vec<String> = words.words.iter().map(|word| format!("  | '{word}'\n")).collect();
        let _ = write!(
            text,
            "\n/**\n * {}\n{meanings} */\nexport type {} = Open<\n{}>;\n",
            sentence(words.doc),
            words.name,
            union.concat()
        );
    }
    for shape in SHAPES {
        let _ = write!(
            text,
            "\n{}export interface {} extends FinesseObject {{\n",
            comment(&sentence(shape.doc), ""),
            shape.name
        );
        for field in shape.fields {
            let doc = comment(&sentence(field.doc), "  ");
            let _ = writeln!(text, "{doc}  readonly {}: {};", field.name, type_of(field.kind));
        }
        text.push_str("}\n");
    }
    text + &notification_types()
}

fn notification_types() -> String {
    let mut text = String::new();
    text.push_str(
        "\n/** What Finesse publishes. */\nexport interface NotificationOf<Kind extends string, Data> {\n  \
         /** What it is about: narrows `data`. */\n  readonly kind: Kind;\n  \
         /** Changed, new, or gone; in capitals however Finesse wrote it. Empty for an object without a notification around it. */\n  \
         readonly event: Open<'PUT' | 'POST' | 'DELETE'>;\n  \
         /** The REST path of the object, which may differ from the node. */\n  readonly source: string;\n  \
         /** The node it was published to. */\n  readonly node: string;\n  \
         /** The `requestId` of the request that caused it; empty if none did. */\n  readonly requestId: string;\n  \
         /** The object as it is now: whole, but that a team may have those of its agents only who changed, and what is gone its address only. */\n  readonly data: Data;\n  \
         /** Found by reading after a gap, rather than sent by Finesse. */\n  readonly synthetic: boolean;\n}\n",
    );
    let name = |kind: &str, object: &str| match (kind, object.strip_suffix("[]")) {
        (_, Some(object)) => format!("{object}sNotification"),
        _ => format!("{object}Notification"),
    };
    for (kind, object, doc) in KINDS {
        let data = if object.ends_with(']') { format!("readonly {object}") } else { object.to_owned() };
        let _ = write!(
            text,
            "\n/** {doc} */\nexport type {} = NotificationOf<'{kind}', {data}>;\n",
            name(kind, object)
        );
    }
    text.push_str(
        "\n/** An object that this package has no type for; or null: Finesse gave no data, as of an agent who was deleted. */\n\
         export type OtherNotification = NotificationOf<'notification', Tree | null>;\n\n\
         /** Any of them: `kind` tells which. */\nexport type Notification =\n",
    );
    for (kind, object, _) in KINDS {
        let _ = writeln!(text, "  | {}", name(kind, object));
    }
    text.push_str("  | OtherNotification;\n");
    text
}

/// Everything in the vectors: notifications and REST bodies.
fn vectors() -> Vec<Data> {
    let folder = |name: &str| {
        let entries =
            fs::read_dir(path("tests/vectors").join(name)).unwrap().map(|entry| entry.unwrap().path());
        let mut paths: Vec<PathBuf> =
            entries.filter(|path| path.extension().is_some_and(|it| it == "xml")).collect();
        paths.sort();
        paths.into_iter().map(|path| fs::read_to_string(path).unwrap())
    };
    let mut all = Vec::new();
    for stanza in folder("notifications") {
        let Ok(Inbound::Message(message)) = Inbound::parse(&stanza) else { panic!("{stanza}") };
        let items = pubsub::items(message).unwrap();
        let first = items.first().map(|item| update::from_item(item).unwrap());
        assert_eq!(Notification::parse(&stanza, "").ok(), first, "{stanza}");
        for item in items {
            let notification = update::from_item(&item).unwrap();
            all.push(notification.data);
        }
    }
    for xml in folder("system-info") {
        all.push(Data::SystemInfo(finesse::system_info::Info::parse(&xml).unwrap()));
    }
    for xml in folder("user") {
        all.push(Data::User(finesse::parse(finesse::user::User::SHAPE, &xml).unwrap()));
    }
    for xml in folder("dialogs") {
        all.push(Data::Dialogs(
            finesse::parse_list("Dialogs", finesse::dialog::Dialog::SHAPE, &xml).unwrap(),
        ));
    }
    for xml in folder("api-errors") {
        all.push(Data::ApiErrors(
            finesse::parse_list("ApiErrors", finesse::api_error::ApiError::SHAPE, &xml).unwrap(),
        ));
    }
    all
}

/// What a value looks like, in few characters.
fn example(view: View<'_>) -> Option<String> {
    match view.plain() {
        Plain::Text(text) if !text.is_empty() => Some(serde_json::to_string(text).unwrap()),
        Plain::Number(number) => Some(number.to_string()),
        Plain::Flag(flag) => Some(flag.to_string()),
        Plain::List(list) => {
            let first = list.items().next()?;
            Some(if first.shape().is_some() { "[{…}]".into() } else { format!("[{}]", example(first)?) })
        }
        Plain::Object(_) => Some("{…}".into()),
        Plain::Map(_) => Some(serde_json::to_string(&view).unwrap()),
        _ => None,
    }
}

/// The first example of each field, by its object and its name.
fn examples() -> BTreeMap<(&'static str, &'static str), String> {
    fn collect(view: View<'_>, found: &mut BTreeMap<(&'static str, &'static str), String>) {
        view.items().for_each(|item| collect(item, found));
        let Some(shape) = view.shape() else { return };
        for (place, field) in shape.fields.iter().enumerate() {
            let value = view.field(place);
            if let Some(example) = example(value) {
                found.entry((shape.name, field.name)).or_insert(example);
            }
            collect(value, found);
        }
    }
    let mut found = BTreeMap::new();
    for data in vectors() {
        data.objects().iter().for_each(|object| collect(object.view(), &mut found));
    }
    found
}

fn page() -> String {
    let examples = examples();
    let mut text = String::from(
        "# Notifications\n\nThe objects that Finesse publishes and that this package has a type for, field by field, with an example of each from the vectors that the tests read\n\
         (`tests/vectors`). Written by `UPDATE=1 cargo test --test types` from the tables that the objects are read by; the types of the package\n\
         come from the same.\n\n\
         Names and units are Finesse's own. Ids and dialled numbers are strings.\n\n\
         - A text, number or object that is absent is null, and so is an empty number or truth value.\n\
         - A text of type `string` without null is one that every such object has: empty where it is absent.\n\
         - A list that is absent is empty. `\"\"` of any other text is an empty element.\n\
         - What is not listed here is kept in `extra`, as plain data; and so is what came for a field and could not be read (the field\n  \
         is as if it were absent), what stands in a list beside its items, and what comes after the 1,000th.\n\
         - Not kept: attributes, and text between the fields, of objects that are listed here; what `<Update>` or a list of\n  \
         objects (`dialogs`, `queues`, `apierrors`) has beside them; a notification's objects after the 1,000th. Finesse sends none of it.\n\n\
         ## Notification\n\n\
         | field | type | meaning |\n|---|---|---|\n\
         | `kind` | string | What it is about, see below |\n\
         | `event` | string | `PUT` changed, `POST` new, `DELETE` gone: in capitals and without the braces that some documents show. Empty for an \
         object without a notification around it. |\n\
         | `source` | string | The REST path of the object, which may differ from the node; the agent in it may be written by login name. |\n\
         | `node` | string | The node it was published to. |\n\
         | `requestId` | string | The `requestId` of the request that caused it; empty if none did. |\n\
         | `data` | by `kind` | The object as it is now: whole, but that a team may have those of its agents only who changed, and what is gone its \
         address only. |\n\
         | `synthetic` | boolean | Found by reading after a gap, rather than sent by Finesse. |\n\n\
         | `kind` | `data` | what happened |\n|---|---|---|\n",
    );
    for (kind, object, doc) in KINDS {
        let _ = writeln!(text, "| `{kind}` | `{object}` | {doc} |");
    }
    text.push_str("| `notification` | plain data, or null | Anything else. Null where Finesse gives no data, as of an agent who was deleted. |\n");
    for shape in SHAPES {
        let _ = write!(
            text,
            "\n## {}\n\n{}\n\n| field | type | meaning | for example |\n|---|---|---|---|\n",
            shape.name,
            sentence(shape.doc)
        );
        for field in shape.fields {
            let example =
                examples.get(&(shape.name, field.name)).map_or_else(String::new, |it| format!("`{it}`"));
            let kind = type_of(field.kind).replace(" | ", " or ").replace("readonly ", "");
            let _ = writeln!(text, "| `{}` | {kind} | {} | {example} |", field.name, sentence(field.doc));
        }
    }
    for words in all_words() {
        let _ = write!(text, "\n## {}\n\n{} Others are possible.\n\n", words.name, sentence(words.doc));
        for (word, meaning) in words.words.iter().zip(words.meanings) {
            let _ = writeln!(text, "- `{word}`: {}", sentence(meaning));
        }
    }
    text
}

#[test]
fn the_types_of_the_package_are_those_of_the_tables() {
    golden("pkg/finesse.d.ts", &types());
}

#[test]
fn the_page_of_notifications_is_what_the_tables_say() {
    golden("docs/notifications.md", &page());
}

/// What must hold for the types to be true: each value is what its field's kind says.
fn check_value(kind: Kind, value: View<'_>, what: &str) {
    let items_are = |is: &dyn Fn(View<'_>) -> bool| {
        assert!(matches!(value.plain(), Plain::List(_)) && value.items().all(is), "{what}: {value:?}");
    };
    let is = |good: bool| assert!(good, "{what}: {value:?}");
    match (kind, value.plain()) {
        (Kind::Name | Kind::Word(_), plain) => is(matches!(plain, Plain::Text(_))),
        (Kind::Objects(shape), _) => {
            items_are(&|item| item.shape().is_some_and(|it| core::ptr::eq(it, shape)))
        }
        (Kind::Choices(_), _) => items_are(&|item| matches!(item.plain(), Plain::Text(_))),
        (_, Plain::Null) => {}
        (Kind::Text | Kind::Choice(_), plain) => is(matches!(plain, Plain::Text(_))),
        (Kind::Number, plain) => is(matches!(plain, Plain::Number(_))),
        (Kind::Flag, plain) => is(matches!(plain, Plain::Flag(_))),
        (Kind::Object(shape), _) => is(value.shape().is_some_and(|it| core::ptr::eq(it, shape))),
        (Kind::Any, plain) => is(!matches!(plain, Plain::Object(_))),
    }
    value.items().chain([value]).for_each(|value| check_object(value));
}

fn check_object(object: View<'_>) {
    let Some(shape) = object.shape() else { return };
    for (place, field) in shape.fields.iter().enumerate() {
        check_value(field.kind, object.field(place), &format!("{}.{}", shape.name, field.name));
    }
}

#[test]
fn every_value_is_what_its_type_says() {
    for data in vectors() {
        let kind = KINDS.iter().find(|(kind, ..)| *kind == data.kind());
        let lists = matches!(data.value(), Value::List(_));
        for object in data.objects() {
            check_object(object.view());
            let expected = kind.map(|(_, object, _)| (object.trim_end_matches("[]"), object.ends_with("[]")));
            assert_eq!(object.view().shape().map(|shape| (shape.name, lists)), expected, "{data:?}");
        }
    }
    // what is said of a kind of field in words is what the types say
    let said = SHAPES.iter().flat_map(|shape| shape.fields).map(|field| (field.kind, type_of(field.kind)));
    for (kind, text) in said {
        let (null, list) = (text.ends_with("| null"), text.ends_with("[]"));
        let expected = match kind {
            Kind::Name | Kind::Word(_) => (false, false),
            Kind::Objects(_) | Kind::Choices(_) => (false, true),
            _ => (true, false),
        };
        assert_eq!((null, list), expected, "{text}");
        let plain =
            [("string", matches!(kind, Kind::Text | Kind::Name)), ("number", matches!(kind, Kind::Number))];
        for (word, is) in plain.into_iter().chain([("boolean", matches!(kind, Kind::Flag))]) {
            assert_eq!(text.split(" | ").next() == Some(word), is, "{text}");
        }
    }
}

#[test]
fn every_field_has_an_example() {
    let examples = examples();
    let missing = |shape: &&'static Shape| {
        let fields = shape.fields.iter().map(|field| (shape.name, field.name));
        fields.filter(|field| !examples.contains_key(field)).collect::<Vec<_>>()
    };
    let missing: Vec<_> = SHAPES.iter().flat_map(missing).collect();
    assert!(missing.is_empty(), "add them to a vector: {missing:?}");
}

#[test]
fn every_kind_has_a_vector() {
    let seen: BTreeSet<&str> = vectors().iter().map(Data::kind).collect();
    let kinds: BTreeSet<&str> = KINDS.iter().map(|(kind, ..)| *kind).chain(["notification"]).collect();
    assert_eq!(seen, kinds);
}
