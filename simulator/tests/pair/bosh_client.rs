//! A client over BOSH, as plain as can be.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use finesse_simulator::Side;

use crate::client::{Answer, Bench};

/// A session of 1001, as plain as can be.
pub(crate) struct Bosh {
    pub(crate) side: Side,
    pub(crate) sid: String,
    pub(crate) rid: u64,
}

impl Bosh {
    /// A session that nobody is signed in to. Its next number is 11.
    pub(crate) fn create(bench: &mut Bench, side: Side) -> Self {
        let answer = create(bench, side, "wait='30' hold='1' ver='1.9'");
        let sid = attribute(&answer.body, "sid").to_owned();
        Self { side, sid, rid: 10 }
    }

    /// The same in whatever weather, if the answer comes soon.
    pub(crate) fn try_create(bench: &mut Bench, side: Side) -> Option<Self> {
        let body = "<body xmlns='http://jabber.org/protocol/httpbind' to='x' rid='10' wait='30' hold='1' ver='1.9'/>";
        let request = bench.send(side, "1001", "POST", "/http-bind/", &[], body);
        bench.pass(400);
        let answer = bench.answer(request).filter(|answer| answer.status == 200)?;
        Some(Self { side, sid: attribute(&answer.body, "sid").to_owned(), rid: 10 })
    }

    /// Everything up to a presence in one body.
    pub(crate) fn sign_in(bench: &mut Bench, side: Side) -> Self {
        let mut bosh = Self::create(bench, side);
        assert!(bosh.say(bench, &sign_in("pw-1001", "keeper")).contains("<success "));
        assert!(bosh.say(bench, "").contains("/keeper</jid>"));
        bosh
    }

    pub(crate) fn post(&self, bench: &mut Bench, rid: u64, attributes: &str, inner: &str) -> u64 {
        let sid = &self.sid;
        let body = format!(
            "<body xmlns='http://jabber.org/protocol/httpbind' rid='{rid}' sid='{sid}' {attributes}>{inner}</body>"
        );
        bench.send(self.side, "1001", "POST", "/http-bind/", &[("content-type", "text/xml")], &body)
    }

    pub(crate) fn send(&mut self, bench: &mut Bench, inner: &str) -> u64 {
        self.rid += 1;
        self.post(bench, self.rid, "", inner)
    }

    pub(crate) fn tell(&mut self, bench: &mut Bench, attributes: &str) -> u64 {
        self.rid += 1;
        self.post(bench, self.rid, attributes, "")
    }

    /// Sends something that is answered at once; gives the body.
    pub(crate) fn say(&mut self, bench: &mut Bench, inner: &str) -> String {
        let request = self.send(bench, inner);
        bench.answer(request).unwrap().body
    }

    /// The same number once more.
    pub(crate) fn again(&self, bench: &mut Bench, rid: u64, inner: &str) -> Answer {
        let request = self.post(bench, rid, "", inner);
        bench.answer(request).unwrap()
    }
}

pub(crate) fn create(bench: &mut Bench, side: Side, attributes: &str) -> Answer {
    let body = format!("<body xmlns='http://jabber.org/protocol/httpbind' to='x' rid='10' {attributes}/>");
    let request = bench.send(side, "1001", "POST", "/http-bind", &[], &body);
    bench.answer(request).unwrap()
}

pub(crate) fn attribute<'a>(body: &'a str, name: &str) -> &'a str {
    let (_, rest) = body.split_once(&format!(" {name}=\"")).unwrap();
    rest.split('"').next().unwrap()
}

pub(crate) fn sign_in(secret: &str, resource: &str) -> String {
    let auth = STANDARD.encode(format!("\0{}\0{secret}", "1001"));
    format!(
        "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{auth}</auth><iq xmlns='jabber:client' type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>{resource}</resource></bind></iq><presence xmlns='jabber:client'/>"
    )
}

pub(crate) fn ping(id: &str) -> String {
    format!("<iq xmlns='jabber:client' type='get' id='{id}'><ping xmlns='urn:xmpp:ping'/></iq>")
}

pub(crate) fn body_of(bench: &mut Bench, request: u64) -> String {
    bench.answer(request).map(|answer| answer.body).unwrap_or_default()
}

/// The number that an answer acknowledges, and whether there is nothing else in it.
pub(crate) fn empty(body: &str) -> Option<u64> {
    body.ends_with("/>").then(|| attribute(body, "ack").parse().unwrap())
}

pub(crate) fn terminated(body: &str, condition: &str) -> bool {
    body == format!(
        r#"<body xmlns="http://jabber.org/protocol/httpbind" type="terminate" condition="{condition}"/>"#
    )
}
