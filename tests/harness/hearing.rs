//! What the application hears, and what it shows of that.

use super::{Change, EPOCH, Harness, base64_of};
use finesse_keeper::finesse::dialog::{self, Dialog};
use finesse_keeper::finesse::media::Media;
use finesse_keeper::finesse::queue::{Queue, Statistics};
use finesse_keeper::finesse::team::{Team, TeamUser};
use finesse_keeper::finesse::update::{Data, EventKind, Notification};
use finesse_keeper::finesse::user::User;
use finesse_keeper::keeper::Event;
use finesse_keeper::recovery::StateName;

impl Harness {
    pub(super) fn check_secrets(&mut self, index: usize, text: &str) {
        let secret = self.clients[index].password.clone();
        let basic = base64_of(&format!("{}:{secret}", self.clients[index].agent));
        if text.contains(&secret) || text.contains(&basic) || text.contains("token-") {
            self.secrets_seen.push(text.to_owned());
        }
    }

    pub(super) fn hear(&mut self, index: usize, event: Event) {
        let now = self.now;
        if !self.crowd {
            self.check_secrets(index, &format!("{event:?}"));
        }
        self.tell_gadgets(index, &event);
        match event {
            Event::Logged(entry) => self.clients[index].log.push(entry.to_string()),
            Event::Notified(notification) => self.take(index, &notification),
            Event::SignedOut(out) => {
                let form = if out.not_ready { "made Not Ready" } else { "signed out" };
                let may = if out.resumable { "may be undone" } else { "stays so" };
                let told = format!("{form} by {}, {}: {may}", out.by.as_str(), out.code);
                self.clients[index].heard.push((now, told));
            }
            Event::SignedIn(why) => {
                let state = why.map_or("Ready".to_owned(), |why| format!("Not Ready: {}", why.as_str()));
                self.clients[index].heard.push((now, format!("undone: {state}")));
            }
            Event::Settled { number, id, outcome } => {
                let asked = self.clients[index].asked.iter_mut().find(|asked| asked.number == number);
                let asked = asked.unwrap();
                assert!(asked.settled.is_none(), "request {number} was settled twice");
                asked.settled = Some((now, id, outcome));
            }
            Event::StatusChanged(status) => {
                let serves = status.state == StateName::InService;
                let service = &mut self.clients[index].service;
                if service.last().is_none_or(|(_, served)| *served != serves) {
                    service.push((now, serves));
                }
            }
            Event::Moved { .. } => self.clients[index].moved.push(now),
            Event::Moving { to, at } => {
                let ahead = at.as_millis().saturating_sub(EPOCH + now);
                self.clients[index].heard.push((now, format!("moving to {} in {ahead} ms", to.as_str())));
            }
            Event::Resynced { .. } => self.clients[index].heard.push((now, "resynced".to_owned())),
            Event::Failed(failure) => {
                self.clients[index].heard.push((now, format!("failed {}", failure.code)))
            }
        }
    }

    fn take(&mut self, index: usize, notification: &Notification) {
        let own =
            ["", "/Dialogs"].map(|rest| format!("/finesse/api/User/{}{rest}", self.clients[index].agent));
        if own.contains(&notification.node) {
            self.take_own(index, notification);
        } else {
            self.take_other(index, notification);
        }
    }

    /// What the agent's own application shows.
    fn take_own(&mut self, index: usize, notification: &Notification) {
        let mark = if notification.synthetic { "*" } else { "" };
        match &notification.data {
            Data::User(user) => {
                let state = user.text(User::STATE);
                self.clients[index].user_state = Some(state.to_owned());
                self.heard(index, format!("user{mark} {state}"));
                self.changed(index, notification, &format!("User/{}", self.clients[index].agent), state);
            }
            Data::Dialogs(dialogs) => {
                for dialog in dialogs {
                    let (id, state) = (dialog::key(dialog), dialog.text(Dialog::STATE));
                    let client = &mut self.clients[index];
                    if notification.event == EventKind::Delete {
                        client.dialogs.remove(id);
                    } else {
                        client.dialogs.insert(id.to_owned(), state.to_owned());
                    }
                    let event = notification.event.as_str();
                    self.heard(index, format!("call{mark} {event} {id} {state}"));
                    self.changed(index, notification, &format!("Dialog/{id}"), state);
                }
            }
            Data::Dialog(dialog) => {
                let (id, state) = (dialog::key(dialog), dialog.text(Dialog::STATE));
                self.clients[index].dialogs.insert(id.to_owned(), state.to_owned());
                self.heard(index, format!("call{mark} PUT {id} {state}"));
                self.changed(index, notification, &format!("Dialog/{id}"), state);
            }
            other => self.heard(index, format!("other {}", other.kind())),
        }
    }

    /// What else it shows: the team, media, tasks, queues, other agents.
    fn take_other(&mut self, index: usize, notification: &Notification) {
        let node = notification.node.trim_start_matches("/finesse/api/").to_owned();
        let mut shown: Vec<(String, String)> = Vec::new();
        for object in notification.data.objects() {
            match &notification.data {
                Data::User(user) => shown.push((String::new(), user.text(User::STATE).to_owned())),
                Data::Dialogs(_) | Data::Dialog(_) => {
                    shown.push((
                        format!("Dialog/{}", dialog::key(object)),
                        object.text(Dialog::STATE).to_owned(),
                    ));
                }
                Data::Team(team) => shown.extend(team.field(Team::USERS).items().map(|agent| {
                    let text = |place| agent.field(place).text().to_owned();
                    (format!("User/{}", text(TeamUser::LOGIN_ID)), text(TeamUser::STATE))
                })),
                Data::Media(media) => {
                    let limit = media.number(Media::MAX_DIALOG_LIMIT).unwrap_or_default();
                    let path = media.text(Media::URI).trim_start_matches("/finesse/api/").to_owned();
                    shown.push((path, format!("{} {limit}", media.text(Media::STATE))));
                }
                Data::Queue(queue) => {
                    let ready = queue.field(Queue::STATISTICS).field(Statistics::AGENTS_READY).number();
                    shown.push((String::new(), format!("{} ready", ready.unwrap_or_default())));
                }
                _ => {}
            }
        }
        if shown.is_empty() {
            self.heard(index, format!("other {}", notification.kind()));
        }
        for (object, state) in shown {
            let key = format!("{node}: {object}");
            if notification.event == EventKind::Delete {
                self.clients[index].others.remove(&key);
            } else {
                self.clients[index].others.insert(key, state.clone());
            }
            self.heard(index, format!("{node} {} {object} {state}", notification.event.as_str()));
            self.changed(index, notification, &object, &state);
        }
    }

    fn heard(&mut self, index: usize, what: String) {
        let now = self.now;
        self.clients[index].heard.push((now, what));
    }

    fn changed(&mut self, index: usize, notification: &Notification, object: &str, state: &str) {
        let node = notification.node.trim_start_matches("/finesse/api/").to_owned();
        let change = Change {
            at: self.now,
            object: if object.is_empty() { node.clone() } else { object.to_owned() },
            node,
            event: notification.event.as_str().to_owned(),
            state: state.to_owned(),
            synthetic: notification.synthetic,
        };
        self.clients[index].told.push(change);
    }
}
