//! Streams that are only asked for: does a notification service give its features? Nobody logs in.

use super::transport::Way;
use super::{EntryKind, Keeper, Timer};
use crate::effect::{Answer, Number};
use crate::link::{Link, LinkEvent};
use crate::recovery::{Side, Signal};
use crate::time::Duration;
use crate::xmpp::framing::Inbound;

/// A stream must have come by then.
const STREAM_CHECK: Duration = Duration::from_secs(5);

/// One question, over one way or both at once.
#[derive(Clone, Debug)]
pub(super) struct StreamCheck {
    number: Number,
    side: Side,
    /// Those that may still give one.
    links: Vec<Link>,
    /// Asked for the next connection's sake, not for recovery's.
    better: bool,
}

impl Keeper {
    /// Asks a side for a stream, over whatever way it may be reached.
    pub(super) fn check_stream(&mut self, side: Side) {
        self.open_check(side, &self.ways(side), false);
    }

    pub(super) fn open_check(&mut self, side: Side, ways: &[Way], better: bool) {
        let number = self.number();
        let domain = self.sides.get(side).domain.clone().unwrap_or_default();
        let links = ways.iter().map(|way| self.new_link(side, *way, &domain).0).collect();
        self.timers.set(Timer::StreamCheck(number), self.now.instant + STREAM_CHECK);
        self.checks.push(StreamCheck { number, side, links, better });
        self.drain_checks();
    }

    /// Takes an answer if it is about such a stream, and tells whether it was.
    pub(super) fn on_check_answer(&mut self, answer: &Answer) -> bool {
        let (mut ours, mut done) = (false, None);
        for check in &mut self.checks {
            let domain = self.sides.get(check.side).domain.clone().unwrap_or_default();
            let mut given = false;
            check.links.retain_mut(|link| {
                ours |= link.handle(answer, self.now.instant);
                let mut open = true;
                while let Some(event) = link.poll_event() {
                    match event {
                        LinkEvent::Connected => link.open_stream(&domain),
                        LinkEvent::Received(inbound) if matches!(*inbound, Inbound::Features(_)) => {
                            given = true
                        }
                        LinkEvent::Closed(_) => open = false,
                        _ => {}
                    }
                }
                open
            });
            if given || check.links.is_empty() {
                done = Some((check.number, given));
            }
        }
        self.drain_checks();
        if let Some((number, given)) = done {
            self.on_stream_checked(number, given);
        }
        ours
    }

    pub(super) fn on_stream_checked(&mut self, number: Number, given: bool) {
        let Some(index) = self.checks.iter().position(|check| check.number == number) else { return };
        let mut check = self.checks.remove(index);
        self.timers.clear(Timer::StreamCheck(number));
        for link in &mut check.links {
            link.close();
            while let Some(effect) = link.poll_effect(self.now.instant) {
                self.effects.push_back(effect);
            }
        }
        if check.better {
            if given {
                self.take_better_way(check.side);
            }
            return;
        }
        let text = if given { "gives a stream" } else { "gives no stream" };
        self.note(Some(check.side), EntryKind::Link, text);
        self.signal(Signal::Stream { side: check.side, given });
    }

    fn drain_checks(&mut self) {
        for link in self.checks.iter_mut().flat_map(|check| &mut check.links) {
            while let Some(effect) = link.poll_effect(self.now.instant) {
                self.effects.push_back(effect);
            }
        }
    }
}
