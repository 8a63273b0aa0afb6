//! Who may sign in. One directory behind both sides: five wrong passwords in a row lock the agent out of both.

use std::collections::BTreeMap;

use crate::config::Side;

/// Wrong passwords that lock an agent out.
const LIMIT: u32 = 5;

pub(crate) struct Accounts {
    ids: BTreeMap<String, usize>,
    standing: Vec<Standing>,
    lock_ms: u64,
    /// Per side: agents whose credentials are refused whatever they are, by the fault `password-refused`.
    refused: [Refused; 2],
}

#[derive(Clone, Default)]
pub(crate) struct Refused {
    pub(crate) everyone: bool,
    pub(crate) agents: Vec<usize>,
}

#[derive(Clone, Default)]
struct Standing {
    wrong: u32,
    locked_until: u64,
}

impl Accounts {
    pub(crate) fn new(agents: &[String], lock_ms: u64) -> Self {
        let ids = agents.iter().enumerate().map(|(index, id)| (id.to_lowercase(), index)).collect();
        Self { ids, standing: vec![Standing::default(); agents.len()], lock_ms, refused: Default::default() }
    }

    /// The agent of this id; ids are compared as XMPP does, without case.
    pub(crate) fn find(&self, id: &str) -> Option<usize> {
        self.ids.get(id).or_else(|| self.ids.get(&id.to_lowercase())).copied()
    }

    pub(crate) fn set_refused(&mut self, side: Side, refused: Refused) {
        let [a, b] = &mut self.refused;
        match side {
            Side::A => *a = refused,
            Side::B => *b = refused,
        }
    }

    pub(crate) fn locked(&self, agent: usize, now: u64) -> bool {
        self.standing.get(agent).is_some_and(|standing| now < standing.locked_until)
    }

    /// The agent, if the secret is the password or a token of theirs.
    pub(crate) fn check(&mut self, side: Side, id: &str, secret: &str, now: u64) -> Option<usize> {
        let agent = self.find(id)?;
        let [a, b] = &self.refused;
        let refused = if side == Side::A { a } else { b };
        let broken = refused.everyone || refused.agents.contains(&agent);
        let right = ["pw-", "token-"]
            .iter()
            .any(|kind| secret.strip_prefix(kind).is_some_and(|name| name.eq_ignore_ascii_case(id)));
        let standing = self.standing.get_mut(agent)?;
        if now < standing.locked_until {
            return None;
        }
        if right && !broken {
            standing.wrong = 0;
            return Some(agent);
        }
        standing.wrong += 1;
        if standing.wrong >= LIMIT {
            *standing = Standing { wrong: 0, locked_until: now + self.lock_ms };
        }
        None
    }
}
