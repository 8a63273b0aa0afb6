//! What the application asks Finesse for: on its way to the side that serves, and what became of it on its way back.

use super::{Asked, EntryKind, Event, Keeper};
use crate::effect::Response;
use crate::finesse::rest;
use crate::recovery::StateName;
use crate::requests::{Action, OWN};

impl Keeper {
    /// Performs one thing that the requests want. Tells whether there was one.
    pub(super) fn drain_asks(&mut self) -> bool {
        let now = self.now.instant;
        // refused credentials are not shown again before there are others
        let open = self.recovery.state() == StateName::InService && !self.refused && !self.is_token_over();
        let ahead = self.line.as_ref().and_then(|line| self.sides.get(line.side).ahead);
        self.asks.set_service(open, ahead, now);
        let Some(action) = self.asks.poll_action() else { return false };
        match action {
            Action::Send(number) => {
                if open
                    && let Some(line) = &self.line
                    && let Some((method, path, id, body)) = self.asks.wire(number)
                {
                    let base = &self.sides.get(line.side).rest;
                    let request = rest::any(base, method, path, id, body, &line.authorization);
                    self.send_request(Asked::Any(number), request);
                } else {
                    self.asks.on_unsent(number, now);
                }
            }
            Action::Abort(number) => self.abort_all(&|asked| *asked == Asked::Any(number)),
            Action::Look => self.reread(),
            // what the keeper asked for itself is told in the timeline alone
            Action::Settled { number, outcome, .. } if number >= OWN => self.on_step_settled(&outcome),
            Action::Settled { number, id, outcome } => {
                self.on_choice_settled(number, &outcome);
                self.emit(Event::Settled { number, id, outcome });
            }
            Action::Note(text) => self.note(self.recovery.side(), EntryKind::Request, text),
        }
        true
    }

    pub(super) fn on_ask_answered(&mut self, number: u32, response: &Response) {
        // several that were under way are refused together: one refusal
        if self.asks.on_responded(number, response, self.now.instant) && !self.refused {
            self.on_resync_refused();
        }
    }
}
