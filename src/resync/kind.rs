//! What is published where, how it is read again, and how a difference is told.
//!
//! | node below `/finesse/api/` | read at | as | a difference is told as |
//! |---|---|---|---|
//! | `User/*` | the same | `User` | PUT |
//! | `User/*/Dialogs`, `User/*/Dialogs/Media` | the same | `Dialogs` | DELETE what ended, POST what began, PUT what changed |
//! | `User/*/Queues` | the same | `Queues` | DELETE what was taken away, POST what was added; figures are told on a queue's own node |
//! | `User/*/Media` | the same | `MediaList` | PUT of each medium that differs, DELETE of one that is gone |
//! | `User/*/Media/*` | the same | `Media` | PUT |
//! | `Team/*/Users` | `Team/*` | `Team` | PUT of the team with only those agents who differ, DELETE with those who left it |
//! | `Queue/*` | the same | `Queue` | PUT |
//! | `SystemInfo` | the same, without credentials | `SystemInfo` | PUT, where the state or the maintenance differs |

use super::Told;
use crate::finesse::dialog::{self, Dialog};
use crate::finesse::media::Media;
use crate::finesse::queue::Queue;
use crate::finesse::system_info::SystemInfo;
use crate::finesse::team::{self, Team, TeamUser};
use crate::finesse::update::{Data, EventKind, Notification};
use crate::finesse::user::User;
use crate::finesse::{self, FinesseError, node, time};
use crate::shapes::Shape;
use crate::shapes::object::Object;
use core::slice;

/// How the objects of a node come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    One,
    Calls,
    Queues,
    Media,
    Team,
    System,
}

/// One row of the table.
#[derive(Debug)]
pub(super) struct Kind {
    node: &'static str,
    pub(super) form: Form,
    shape: &'static Shape,
}

static KINDS: [Kind; 9] = [
    Kind { node: "User/*/Dialogs", form: Form::Calls, shape: Dialog::SHAPE },
    Kind { node: "User/*", form: Form::One, shape: User::SHAPE },
    Kind { node: "User/*/Dialogs/Media", form: Form::Calls, shape: Dialog::SHAPE },
    Kind { node: "User/*/Queues", form: Form::Queues, shape: Queue::SHAPE },
    Kind { node: "User/*/Media", form: Form::Media, shape: Media::SHAPE },
    Kind { node: "User/*/Media/*", form: Form::One, shape: Media::SHAPE },
    Kind { node: "Team/*/Users", form: Form::Team, shape: TeamUser::SHAPE },
    Kind { node: "Queue/*", form: Form::One, shape: Queue::SHAPE },
    Kind { node: "SystemInfo", form: Form::System, shape: SystemInfo::SHAPE },
];

impl Kind {
    /// The rows of the agent's calls and of the agent.
    pub(super) const OWN: [&'static Self; 2] = [&KINDS[0], &KINDS[1]];

    /// The row of a node.
    pub(super) fn of(node: &str) -> Option<&'static Self> {
        let path = node.strip_prefix("/finesse/api/")?;
        KINDS.iter().find(|kind| {
            let mut parts = path.split('/');
            let all = kind.node.split('/').all(|part| {
                parts.next().is_some_and(|given| !given.is_empty() && (part == "*" || part == given))
            });
            all && parts.next().is_none()
        })
    }

    pub(super) fn is_media(&self) -> bool {
        core::ptr::eq(self.shape, Media::SHAPE)
    }

    /// Where it is read.
    pub(super) fn path<'a>(&self, node: &'a str) -> &'a str {
        if self.form == Form::Team { node.strip_suffix("/Users").unwrap_or(node) } else { node }
    }

    /// What was read.
    pub(super) fn read(&self, body: &str) -> Result<Vec<Object>, FinesseError> {
        let list = match self.form {
            Form::Calls => "Dialogs",
            Form::Queues => "Queues",
            Form::Media => "MediaList",
            Form::Team => return finesse::parse(Team::SHAPE, body).map(|team| team::agents(&team)),
            Form::One | Form::System => return Ok(vec![finesse::parse(self.shape, body)?]),
        };
        finesse::parse_list(list, self.shape, body)
    }

    /// What a notification of this node is about; nothing if it is about something else.
    pub(super) fn objects(&self, data: &Data) -> Option<Vec<Object>> {
        if let Data::Team(team) = data {
            return (self.form == Form::Team).then(|| team::agents(team));
        }
        let objects = data.objects();
        let shape = objects.first()?.view().shape()?;
        core::ptr::eq(shape, self.shape).then(|| objects.to_vec())
    }

    /// What an object is known by among those of its node.
    pub(super) fn key<'a>(&self, object: &'a Object) -> &'a str {
        match self.form {
            Form::One | Form::System => "",
            Form::Calls => dialog::key(object),
            Form::Queues => object.text(Queue::URI),
            Form::Media => object.text(Media::URI),
            Form::Team => object.text(TeamUser::LOGIN_ID),
        }
    }

    /// The place of what is known by this.
    pub(super) fn find(&self, objects: &[Object], key: &str) -> Option<usize> {
        objects.iter().position(|object| self.key(object) == key)
    }

    /// How each of these differs from those.
    pub(super) fn marks(&self, objects: &[Object], others: &[Object]) -> Vec<Mark> {
        let mut marks = Vec::with_capacity(objects.len());
        for object in objects {
            marks.push(match self.find(others, self.key(object)).and_then(|at| others.get(at)) {
                None => Mark::Alone,
                // what SystemInfo says is heard at once, and so before an older read of it
                Some(other) if self.form == Form::System && self.is_older(object, other) => Mark::Same,
                Some(other) if self.is_same(object, other) => Mark::Same,
                Some(_) => Mark::Changed,
            });
        }
        marks
    }

    /// Whether an object is older than another by its own times.
    pub(super) fn is_older(&self, object: &Object, known: &Object) -> bool {
        match self.form {
            Form::Calls => dialog::is_older(object, known),
            _ => changed_at(object).zip(changed_at(known)).is_some_and(|(time, known)| time < known),
        }
    }

    /// Whether there is nothing to tell between two objects. Of summaries only what both have is compared: Finesse's
    /// REST API gives fields that its notifications leave out.
    pub(super) fn is_same(&self, object: &Object, known: &Object) -> bool {
        match self.form {
            Form::System => [SystemInfo::STATUS, SystemInfo::FINESSE_M_MODE, SystemInfo::CTI_M_MODE]
                .iter()
                .all(|place| object.text(*place) == known.text(*place)),
            Form::Calls => object == known,
            _ if core::ptr::eq(self.shape, User::SHAPE) => object == known,
            _ => agrees(object, known),
        }
    }

    /// The source that Finesse gives with it.
    fn source(&self, event: &EventKind, node: &str, data: &Data) -> String {
        let field = |place: usize| data.objects().first().map_or("", |object| object.text(place));
        match self.form {
            Form::Calls if *event == EventKind::Put => field(Dialog::URI).to_owned(),
            Form::Calls if node.ends_with("/Media") => {
                let properties = data.objects().first().map(|object| object.field(Dialog::MEDIA_PROPERTIES));
                let medium =
                    properties.map_or("", |them| them.field(dialog::MediaProperties::MEDIA_ID).text());
                let agent = node.strip_suffix("/Dialogs/Media").unwrap_or(node);
                [agent, "/Media/", medium, "/Dialogs"].concat()
            }
            Form::Media => field(Media::URI).to_owned(),
            _ => self.path(node).to_owned(),
        }
    }

    /// Tells of these objects those with this mark: of a team all at once.
    pub(super) fn tell(&self, found: &Found<'_>, event: EventKind, mark: Mark, told: &mut Vec<Told>) {
        let mut chosen = Vec::new();
        for (object, its) in found.objects.iter().zip(found.marks) {
            if *its == mark {
                chosen.push(object.clone());
            }
        }
        // those who left a team came in documents of their own
        if let Some(team) = node::team(found.node)
            && event == EventKind::Put
        {
            chosen = Vec::from_iter(team::of_agents(team, &chosen));
        }
        for mut object in chosen {
            if let Some(team) = node::team(found.node)
                && event != EventKind::Put
                && let Some(alone) = team::of_agents(team, slice::from_ref(&object))
            {
                object = alone;
            }
            let Some(data) = Data::about(object, event != EventKind::Put) else { continue };
            told.push(Told::Notification(Box::new(Notification {
                source: self.source(&event, found.node, &data),
                event: event.clone(),
                node: found.node.to_owned(),
                request_id: String::new(),
                data,
                synthetic: true,
            })));
        }
    }
}

/// What was found on a node.
pub(super) struct Found<'a> {
    pub(super) node: &'a str,
    pub(super) objects: &'a [Object],
    pub(super) marks: &'a [Mark],
}

/// How an object differs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// Not at all.
    Same,
    /// It is in one list and not in the other.
    Alone,
    /// It is in both and not the same.
    Changed,
}

/// Whether what both have is the same.
fn agrees(object: &Object, known: &Object) -> bool {
    let fields = object.view().shape().map_or(0, |shape| shape.fields.len());
    (0..fields).all(|place| {
        let (one, other) = (object.field(place), known.field(place));
        one.is_absent() || other.is_absent() || one.is_same(other)
    })
}

/// Since when an object is as it is, where it says so.
pub(super) fn changed_at(object: &Object) -> Option<u64> {
    let named = |name| object.view().shape()?.fields.iter().position(|field| field.name == name);
    let place = named("stateChangeTime").or_else(|| named("currentTimestamp"))?;
    time::parse(object.text(place))
}
