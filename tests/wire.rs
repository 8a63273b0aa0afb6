//! The wire: golden vectors decoded, encoded and decoded again, and the list of what must be refused.
//! `UPDATE=1 cargo test --test wire` rewrites what stands beside the vectors.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test may fail"
)]

use finesse_keeper::effect::Credentials;
use finesse_keeper::finesse::api_error::ApiError;
use finesse_keeper::finesse::dialog::Dialog;
use finesse_keeper::finesse::system_info::Info;
use finesse_keeper::finesse::update::{self, Notification};
use finesse_keeper::finesse::user::User;
use finesse_keeper::finesse::{self, FinesseError, rest};
use finesse_keeper::limits;
use finesse_keeper::secret::Secret;
use finesse_keeper::shapes::object::Object;
use finesse_keeper::xml::{self, Element, XmlError};
use finesse_keeper::xmpp::framing::{self, FrameError, Inbound};
use finesse_keeper::xmpp::jid::Jid;
use finesse_keeper::xmpp::pubsub::{self, Item};
use finesse_keeper::xmpp::stanza::{self, Iq, StanzaFault};
use finesse_keeper::xmpp::{bind, ns, ping, roster, sasl, session};
use serde::Serialize;
use std::fs;
use std::path::{Path, PathBuf};

/// Every `.xml` file of a folder, in order, with its text. A line break at its end is the editor's.
fn vectors(folder: &str) -> Vec<(PathBuf, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors").join(folder);
    let files = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<PathBuf> =
        files.filter(|path| path.extension().is_some_and(|ending| ending == "xml")).collect();
    paths.sort();
    assert!(!paths.is_empty(), "{}", folder.display());
    paths.into_iter().map(|path| (path.clone(), fs::read_to_string(&path).unwrap())).collect()
}

/// Compares with the file beside a vector, or writes it.
fn golden(vector: &Path, ending: &str, actual: &str) {
    let path = vector.with_extension(ending);
    let actual = format!("{}\n", actual.trim_end());
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &actual).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(actual, expected, "{} differs; UPDATE=1 rewrites it", path.display());
}

/// Decodes every vector of a folder of REST bodies, both ways.
fn bodies<T, E>(folder: &str, decode: impl Fn(&str) -> Result<T, E>, encode: impl Fn(&T) -> Element)
where
    T: Serialize + PartialEq + core::fmt::Debug,
    E: core::fmt::Debug,
{
    for (path, text) in vectors(folder) {
        let decoded = decode(&text).unwrap_or_else(|error| panic!("{}: {error:?}", path.display()));
        golden(&path, "json", &serde_json::to_string_pretty(&decoded).unwrap());
        let encoded = encode(&decoded).to_xml();
        assert_eq!(decode(&encoded).unwrap(), decoded, "{}: {encoded}", path.display());
    }
}

#[test]
fn bodies_are_read_and_written() {
    let list = |name: &str, objects: &[Object]| {
        objects.iter().map(Object::to_element).fold(Element::new(name, ""), Element::with_child)
    };
    bodies("system-info", |xml| Info::parse(xml).map(|info| info.object().clone()), Object::to_element);
    bodies("user", |xml| finesse::parse(User::SHAPE, xml), Object::to_element);
    bodies(
        "dialogs",
        |xml| finesse::parse_list("Dialogs", Dialog::SHAPE, xml),
        |dialogs| list("Dialogs", dialogs),
    );
    bodies(
        "api-errors",
        |xml| finesse::parse_list("ApiErrors", ApiError::SHAPE, xml),
        |errors| list("ApiErrors", errors),
    );
}

#[test]
fn frames_are_read_and_written() {
    for (path, text) in vectors("frames") {
        let decoded = Inbound::parse(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let encoded = decoded.to_element().to_xml();
        golden(&path, "canonical", &encoded);
        assert_eq!(Inbound::parse(&encoded).unwrap(), decoded, "{}", path.display());
    }
}

/// A notification as an item with its payload escaped, as Finesse publishes it.
fn published(notification: &Notification) -> Item {
    let payload = Element::new("notification", ns::PUBSUB).with_text(&notification.to_element().to_xml());
    Item { node: notification.node.clone(), id: String::new(), payload: Some(payload) }
}

#[test]
fn notifications_are_read_and_written() {
    for (path, text) in vectors("notifications") {
        let Ok(Inbound::Message(message)) = Inbound::parse(&text) else { panic!("{}", path.display()) };
        let items = pubsub::items(message).unwrap();
        let notifications: Vec<Notification> =
            items.iter().map(|item| update::from_item(item).unwrap()).collect();
        golden(&path, "json", &serde_json::to_string_pretty(&notifications).unwrap());
        for notification in notifications {
            let again = update::from_item(&published(&notification)).unwrap();
            assert_eq!(again, notification, "{}", path.display());
        }
    }
}

#[test]
fn what_we_write_is_as_agreed() {
    let jid = Jid::parse("1001@fin-a.example.com/r'1").unwrap();
    let request = "<iq xmlns='jabber:client' type='get' id='v&amp;1' from='fin-a.example.com'><q xmlns='jabber:iq:version'/></iq>";
    let request = Iq::from_element(&xml::parse(request).unwrap()).unwrap();
    let (service, node) = ("pubsub.fin-a.example.com", "/finesse/api/Team/5/Users");
    let sent = [
        ("open", framing::open("fin-a.example.com")),
        ("close", framing::close()),
        ("auth", sasl::plain("1001", &Secret::new("pw-1001"))),
        ("bind", bind::request("b1", "keeper-<1>")),
        ("session", session::request("s1")),
        ("roster", roster::request("r1")),
        ("presence", stanza::presence(0)),
        ("unavailable", stanza::unavailable()),
        ("ping", ping::request("p1", "fin-a.example.com")),
        ("subscribe", pubsub::subscribe("u1", service, node, &jid)),
        ("unsubscribe", pubsub::unsubscribe("u2", service, node, &jid, None)),
        ("unsubscribe-one-of-several", pubsub::unsubscribe("u3", service, node, &jid, Some("abc"))),
        ("service-unavailable", stanza::service_unavailable(&request)),
    ];
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/sent");
    assert_eq!(fs::read_dir(&folder).unwrap().count(), sent.len(), "one file for each");
    for (name, element) in sent {
        golden(&folder.join(name), "xml", &element.to_xml());
        assert_eq!(xml::parse(&element.to_xml()), Ok(element), "{name}");
    }
}

#[test]
fn answers_of_a_real_server_are_understood() {
    let iq = |name: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/frames").join(name);
        let Ok(Inbound::Iq(iq)) = Inbound::parse(&fs::read_to_string(path).unwrap()) else {
            panic!("{name}")
        };
        iq
    };
    let bound = bind::jid(&iq("openfire-4.2-bind-result.xml"));
    assert_eq!(bound, Jid::parse("1001@localhost/r1"));
    assert_eq!(bind::jid(&iq("openfire-4.2-bind-before-login.xml")), None);
    let subscription = pubsub::subscription(&iq("openfire-4.2-subscribe-result.xml")).unwrap();
    assert_eq!(subscription.node.as_deref(), Some("/finesse/api/User/1001"));
    assert_eq!(
        (subscription.state.as_str(), subscription.subid.map(|id| id.len())),
        ("subscribed", Some(40))
    );
    let refused = iq("openfire-4.2-subscribe-unknown-node.xml");
    assert_eq!(pubsub::subscription(&refused), None);
    assert_eq!(refused.error.unwrap().condition, "item-not-found");
}

/// A name for a bad document, the document, and why it is refused.
type Refused = (&'static str, String, XmlError);

/// Text that is nothing, no XML, or cut off.
fn cut_off() -> Vec<Refused> {
    use XmlError::*;
    vec![
        ("nothing", "".into(), Empty),
        ("white space", " \r\n\t".into(), Empty),
        ("a prolog alone", "<?xml version='1.0'?>".into(), Empty),
        ("a comment alone", "<!-- a -->".into(), Empty),
        ("plain words", "Service Unavailable".into(), OutsideRoot),
        ("JSON", "{\"status\":\"IN_SERVICE\"}".into(), OutsideRoot),
        ("cut in a start tag", "<a><b".into(), Truncated),
        ("cut in an attribute", "<a b='c".into(), Truncated),
        ("cut in a text", "<a>text".into(), Truncated),
        ("cut in an end tag", "<a></a".into(), Truncated),
        ("cut in a comment", "<a><!-- b".into(), Truncated),
        ("cut in a CDATA section", "<a><![CDATA[b".into(), Truncated),
        ("cut in a reference", "<a>&am".into(), Malformed("'&' without ';'")),
    ]
}

/// What RFC 6120 11.1 and XML 1.0 forbid: document types, entities, characters, processing instructions.
fn forbidden() -> Vec<Refused> {
    use XmlError::*;
    let laughs = "<!DOCTYPE a [<!ENTITY b 'ha'><!ENTITY c '&b;&b;'>]><a>&c;</a>";
    vec![
        ("a document type", "<!DOCTYPE html><html></html>".into(), Doctype),
        ("a document type in lower case", "<!doctype html><html></html>".into(), Doctype),
        ("a document type cut off", "<!DOCTYPE a [".into(), Doctype),
        ("a document type without a name", "<!DOCTYPE><a/>".into(), Doctype),
        ("a document type inside", "<a><!DOCTYPE b></a>".into(), Doctype),
        ("entities of its own", laughs.into(), Doctype),
        ("an entity of HTML", "<a>&nbsp;</a>".into(), UnknownEntity("nbsp".into())),
        ("an entity in an attribute", "<a b='&nbsp;'/>".into(), UnknownEntity("nbsp".into())),
        (
            "an entity of many letters",
            format!("<a>&{};</a>", "x".repeat(9_000)),
            UnknownEntity("x".repeat(32)),
        ),
        ("a reference without a number", "<a>&#;</a>".into(), UnknownEntity("#".into())),
        ("a reference with a sign", "<a>&#+65;</a>".into(), UnknownEntity("#+65".into())),
        ("a reference beyond numbers", "<a>&#99999999999;</a>".into(), UnknownEntity("#99999999999".into())),
        ("NUL", "<a>\0</a>".into(), ForbiddenCharacter { code: 0 }),
        ("NUL by number", "<a>&#0;</a>".into(), ForbiddenCharacter { code: 0 }),
        ("NUL by hexadecimal number", "<a>&#x00;</a>".into(), ForbiddenCharacter { code: 0 }),
        ("NUL in an attribute", "<a b='&#0;'/>".into(), ForbiddenCharacter { code: 0 }),
        ("NUL in a name", "<a\0/>".into(), ForbiddenCharacter { code: 0 }),
        ("a control character", "<a>\u{1B}[0m</a>".into(), ForbiddenCharacter { code: 0x1B }),
        ("a control character by number", "<a>&#8;</a>".into(), ForbiddenCharacter { code: 8 }),
        ("half a surrogate pair by number", "<a>&#xD83D;</a>".into(), ForbiddenCharacter { code: 0xD83D }),
        ("no character", "<a>\u{FFFF}</a>".into(), ForbiddenCharacter { code: 0xFFFF }),
        ("beyond Unicode", "<a>&#x110000;</a>".into(), ForbiddenCharacter { code: 0x11_0000 }),
        ("a processing instruction", "<?php x?><a/>".into(), ProcessingInstruction),
        ("a style sheet", "<a><?xml-stylesheet href='x'?></a>".into(), ProcessingInstruction),
        ("a second prolog", "<a><?xml version='1.0'?></a>".into(), ProcessingInstruction),
    ]
}

/// What breaks the syntax.
fn malformed() -> Vec<Refused> {
    use XmlError::*;
    vec![
        ("an undeclared prefix", "<x:a/>".into(), UndeclaredPrefix("x".into())),
        ("a prefix declared elsewhere", "<a><b xmlns:x='u'/><x:c/></a>".into(), UndeclaredPrefix("x".into())),
        (
            "a prefix declared as nothing",
            "<x:a xmlns:x=''/>".into(),
            Malformed("a prefix declared as no namespace"),
        ),
        ("an attribute twice", "<a b='1' b='2'/>".into(), DuplicateAttribute),
        (
            "an attribute without a value",
            "<br clear/>".into(),
            Malformed("an attribute without a quoted value"),
        ),
        ("an attribute without quotes", "<a b=1/>".into(), Malformed("an attribute without a quoted value")),
        ("markup in an attribute", "<a b='<'/>".into(), Malformed("'<' in an attribute")),
        ("a bare ampersand", "<a>Q & A</a>".into(), Malformed("'&' without ';'")),
        ("a bare ampersand in an attribute", "<a b='Q & A'/>".into(), Malformed("'&' without ';'")),
        ("the wrong end", "<a><b></a></b>".into(), Malformed("the wrong end tag")),
        ("an end alone", "</a>".into(), Malformed("an end tag without a start")),
        ("a name that is none", "<1a/>".into(), Malformed("a name that is none")),
        ("no name", "< a/>".into(), Malformed("a name that is none")),
        ("two colons", "<a:b:c xmlns:a='u'/>".into(), Malformed("a name that is none")),
        ("unknown markup", "<a><!ELEMENT b></a>".into(), Malformed("unknown markup after '<!'")),
        ("a second root", "<a/><b/>".into(), OutsideRoot),
        ("text after the root", "<a/>b".into(), OutsideRoot),
        ("text before the root", "b<a/>".into(), OutsideRoot),
    ]
}

/// What is too much, and pages of HTML.
fn beyond_caps() -> Vec<Refused> {
    use XmlError::*;
    let nested = |depth: usize| ["<a>".repeat(depth), "</a>".repeat(depth)].concat();
    let declared = |count: usize| (0..count).map(|n| format!(" xmlns:p{n}='u'")).collect::<String>();
    vec![
        ("10,000 nested elements", nested(10_000), TooDeep),
        ("one level too deep", nested(limits::XML_DEPTH + 1), TooDeep),
        ("too many elements", format!("<a>{}</a>", "<b/>".repeat(limits::XML_ELEMENTS)), TooManyElements),
        ("too many attributes", format!("<a{}/>", declared(limits::XML_ATTRIBUTES + 1)), TooManyAttributes),
        ("a long namespace", format!("<a xmlns='{}'/>", "u".repeat(limits::NAMESPACE_BYTES + 1)), Namespaces),
        (
            "many namespaces",
            format!("<a{0}><b{0}><c xmlns='u'/></b></a>", declared(limits::XML_NAMESPACES / 2)),
            Namespaces,
        ),
        ("10 MB", format!("<a>{}</a>", "x".repeat(10 << 20)), TooLarge { bytes: (10 << 20) + 7 }),
        (
            "HTML",
            "<html><head><meta charset=utf-8></head></html>".into(),
            Malformed("an attribute without a quoted value"),
        ),
        (
            "HTML with void elements",
            "<html><body>Bad Gateway<br></body></html>".into(),
            Malformed("the wrong end tag"),
        ),
    ]
}

/// All of them.
fn refused_documents() -> Vec<Refused> {
    [cut_off(), forbidden(), malformed(), beyond_caps()].concat()
}

#[test]
fn bad_documents_are_refused_by_name() {
    for (name, text, expected) in refused_documents() {
        assert_eq!(xml::parse(&text), Err(expected), "{name}");
    }
}

/// Whatever decoder meets a bad document, it says no and goes on.
#[test]
fn bad_documents_are_refused_by_every_decoder() {
    for (name, text, _) in refused_documents() {
        assert!(Inbound::parse(&text).is_err() || name == "an undeclared prefix", "{name}");
        assert!(Info::parse(&text).is_err(), "{name}");
        assert!(finesse::parse(User::SHAPE, &text).is_err(), "{name}");
        assert!(finesse::parse_list("Dialogs", Dialog::SHAPE, &text).is_err(), "{name}");
        assert!(finesse::parse_list("ApiErrors", ApiError::SHAPE, &text).is_err(), "{name}");
        let payload = Element::new("notification", ns::PUBSUB).with_text(&text);
        let item = Item { node: "n".into(), id: "i".into(), payload: Some(payload) };
        assert!(update::from_item(&item).is_err() || name == "JSON", "{name}");
    }
}

#[test]
fn caps_allow_what_stands_right_below_them() {
    let nested = ["<a>".repeat(limits::XML_DEPTH), "</a>".repeat(limits::XML_DEPTH)].concat();
    assert!(xml::parse(&nested).is_ok());
    let many = format!("<a>{}</a>", "<b/>".repeat(limits::XML_ELEMENTS - 1));
    assert_eq!(xml::parse(&many).unwrap().elements().count(), limits::XML_ELEMENTS - 1);
    let attributes: String = (0..limits::XML_ATTRIBUTES).map(|n| format!(" a{n}=''")).collect();
    assert_eq!(xml::parse(&format!("<a{attributes}/>")).unwrap().attributes.len(), limits::XML_ATTRIBUTES);
    let large = format!("<a>{}</a>", "x".repeat(limits::FRAME_BYTES - 7));
    assert!(xml::parse(&large).is_ok());
}

#[test]
fn a_stanza_cut_anywhere_is_an_error() {
    for folder in ["frames", "notifications"] {
        for (path, text) in vectors(folder) {
            let text = text.trim_end();
            let end = text.rfind('<').unwrap();
            for (cut, _) in text.char_indices().skip(1).take_while(|(cut, _)| *cut <= end) {
                // What is cut after its root, where only a comment follows, is whole.
                let whole = text[cut..].trim_start().starts_with("<!-- d");
                assert!(whole || Inbound::parse(&text[..cut]).is_err(), "{}: {cut}", path.display());
            }
        }
    }
}

#[test]
fn a_stanza_without_what_it_must_have_is_an_error() {
    for (frame, fault) in [
        ("<iq type='get'/>", StanzaFault::IqWithoutId),
        ("<iq id='1'/>", StanzaFault::IqType),
        ("<iq id='1' type='put'/>", StanzaFault::IqType),
        ("<iq id='1' type='get' from='@'/>", StanzaFault::Address),
        ("<message from='a b'/>", StanzaFault::Address),
        ("<presence to='a@b/'/>", StanzaFault::Address),
    ] {
        assert_eq!(Inbound::parse(frame), Err(FrameError::Stanza(fault)), "{frame}");
    }
}

#[test]
fn a_document_that_is_another_object_is_named() {
    let html = "<html xmlns='http://www.w3.org/1999/xhtml'><body>502 Bad Gateway</body></html>";
    let expected = FinesseError::NotThis { expected: "User", found: "html".into() };
    assert_eq!(finesse::parse(User::SHAPE, html), Err(expected));
    let long = format!("<{0}/>", "x".repeat(5_000));
    let Err(error) = finesse::parse_list("Dialogs", Dialog::SHAPE, &long) else { panic!("{long}") };
    assert!(error.to_string().len() < 80, "{error}");
}

#[test]
fn an_item_without_a_readable_payload_is_an_error() {
    let notification = |inside: &str| {
        let xml = format!("<notification xmlns='http://jabber.org/protocol/pubsub'>{inside}</notification>");
        update::from_item(&Item {
            node: "n".into(),
            id: "i".into(),
            payload: Some(xml::parse(&xml).unwrap()),
        })
    };
    for inside in ["", " ", "hello", "[1]", "12"] {
        assert_eq!(notification(inside), Err(FinesseError::NoPayload), "{inside}");
    }
    for inside in
        ["{", "{\"a\":}", "{\"a\":\"&#x9;\"}", "{nothing}", "&lt;Update&gt;", "&lt;!DOCTYPE a&gt;&lt;a/&gt;"]
    {
        assert!(notification(inside).is_err(), "{inside}");
    }
    let item = Item { node: "n".into(), id: "i".into(), payload: None };
    assert_eq!(update::from_item(&item), Err(FinesseError::NoPayload));
}

#[test]
fn one_object_is_no_list_and_a_list_of_strangers_is_plain_data() {
    let list = |xml: &str| finesse::parse_list("Dialogs", Dialog::SHAPE, xml);
    assert_eq!(
        list("<Dialog><id>5</id></Dialog>"),
        Err(FinesseError::NotThis { expected: "Dialogs", found: "Dialog".into() })
    );
    assert!(list("<Dialogs>Bad Gateway</Dialogs>").is_err());
    assert_eq!(list("<dialogs/>"), Ok(vec![]));
    let kind = |data: &str| {
        Notification::parse(&format!("<Update><data>{data}</data></Update>"), "n").unwrap().kind()
    };
    let told = [
        "<Queues><x>1</x></Queues>",
        "<ApiErrors>no</ApiErrors>",
        "<Queues/>",
        "<dialogs><Dialog/><x/></dialogs>",
    ];
    assert_eq!(told.map(kind), ["notification", "notification", "queues", "dialogs"]);
}

#[test]
fn a_stanza_is_read_by_its_namespaces() {
    let update = "<Update><event>PUT</event><data><user><loginId>1</loginId></user></data></Update>";
    let stanza = format!(
        "<message><x><item role='none'/><items node='wrong'/></x><event xmlns='{}'><items node='N'><item>\
         <notification xmlns='{}'>{}</notification></item></items></event></message>",
        ns::PUBSUB_EVENT,
        ns::PUBSUB,
        update.replace('<', "&lt;")
    );
    let alone = Notification::parse(update, "N").unwrap();
    assert_eq!(Notification::parse(&stanza, "").unwrap(), alone);
    assert_eq!(Notification::parse(&format!("\u{feff}{update}"), "N").unwrap(), alone);
    let bare = format!("<notification>{}</notification>", update.replace('<', "&lt;"));
    assert_eq!(Notification::parse(&bare, "N").unwrap(), alone);
}

#[test]
fn a_list_has_an_end() {
    let many = format!("<Dialogs>{}</Dialogs>", "<Dialog/>".repeat(90_000));
    assert_eq!(finesse::parse_list("Dialogs", Dialog::SHAPE, &many).unwrap().len(), limits::LIST_OBJECTS);
    let crowd = format!("<Dialog><participants>{}</participants></Dialog>", "<Participant/>".repeat(70_000));
    let call = finesse::parse(Dialog::SHAPE, &crowd).unwrap();
    assert_eq!(call.field(Dialog::PARTICIPANTS).items().len(), limits::LIST_OBJECTS);
    let stanzas = format!("<body>{}</body>", "<a/>".repeat(limits::QUEUE + 1));
    let wrapped = xml::parse_wrapped(&stanzas, &[]).unwrap();
    assert_eq!((wrapped.children.len(), wrapped.broken), (limits::QUEUE, Some(XmlError::TooManyElements)));
}

#[test]
fn a_stranger_in_a_list_hides_nobody() {
    let user = "<User><teams><Team><id>5</id></Team><count>2</count><Team>x</Team><Team><id>6</id></Team></teams></User>";
    let user = finesse::parse(User::SHAPE, user).unwrap();
    let json = serde_json::to_value(user.view()).unwrap();
    assert_eq!((&json["teams"][0]["id"], &json["teams"][1]["id"]), (&"5".into(), &"6".into()));
    assert_eq!(json["extra"], serde_json::json!({ "teams": { "Team": "x", "count": "2" } }));
    assert_eq!(finesse::parse(User::SHAPE, &user.to_element().to_xml()), Ok(user));
}

#[test]
fn a_number_that_javascript_would_round_is_kept_as_text() {
    for (text, exact) in
        [("9007199254740991", true), ("-9007199254740991", true), ("9007199254740992", false)]
    {
        let user =
            finesse::parse(User::SHAPE, &format!("<User><wrapUpTimer>{text}</wrapUpTimer></User>")).unwrap();
        assert_eq!(
            user.number(User::WRAP_UP_TIMER).map(|it| it.to_string()).as_deref(),
            exact.then_some(text)
        );
        assert_eq!(user.view().extra().is_absent(), exact);
    }
}

#[test]
fn a_field_that_is_not_understood_is_kept() {
    let user = "<User><state><deep>READY</deep></state><wrapUpTimer>99999999999999999999</wrapUpTimer>\
                <roles><role>Agent</role><rank/></roles><loginId>1</loginId><loginId>2</loginId><settings>x</settings></User>";
    let user = finesse::parse(User::SHAPE, user).unwrap();
    let told = (user.text(User::LOGIN_ID), user.text(User::STATE), user.number(User::WRAP_UP_TIMER));
    assert_eq!(told, ("1", "", None));
    for name in ["state", "wrapUpTimer", "roles", "loginId", "settings"] {
        assert!(user.view().extra().members().any(|(key, _)| key == name), "{name}");
    }
    assert_eq!(finesse::parse(User::SHAPE, &user.to_element().to_xml()), Ok(user));
}

#[test]
fn no_credential_is_printed() {
    let secret = Credentials::Token(Secret::new("tok-123"));
    let authorization = rest::Authorization::new("1001", &secret);
    let request = rest::dialogs("https://fin-a.example.com:8445", "1001", &authorization);
    assert!(!format!("{authorization:?} {request:?} {secret:?}").contains("tok-123"));
}
