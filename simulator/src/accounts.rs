//! Who may sign in. One directory behind both sides: five wrong passwords or tokens in a row lock the agent out of both.
//!
//! Beside the password an agent has tokens. `token-1001` is the first, and good from the beginning; [`Accounts::issue`]
//! gives others, as an identity service would, `token-1001-1` and so on, with a life of their own.

use std::collections::BTreeMap;

use crate::config::Side;

/// Wrong passwords that lock an agent out.
const LIMIT: u32 = 5;

pub(crate) struct Accounts {
    ids: BTreeMap<String, usize>,
    standing: Vec<Standing>,
    /// Per agent: until when each token is good.
    tokens: Vec<Vec<u64>>,
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
        Self {
            ids,
            standing: vec![Standing::default(); agents.len()],
            tokens: vec![vec![u64::MAX]; agents.len()],
            lock_ms,
            refused: Default::default(),
        }
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

    /// A new token of an agent, good for so long.
    pub(crate) fn issue(&mut self, id: &str, life_ms: u64, now: u64) -> Option<String> {
        let agent = self.find(id)?;
        let tokens = self.tokens.get_mut(agent)?;
        tokens.push(now + life_ms);
        Some(format!("token-{id}-{}", tokens.len() - 1))
    }

    /// No token of this agent, or of anyone, that was given until now is good any more.
    pub(crate) fn expire(&mut self, agent: Option<usize>, now: u64) {
        let chosen = |(index, _): &(usize, _)| agent.is_none_or(|agent| agent == *index);
        for (_, tokens) in self.tokens.iter_mut().enumerate().filter(chosen) {
            tokens.iter_mut().for_each(|until| *until = now.min(*until));
        }
    }

    /// Whose token it is, expired or not: the id as written.
    pub(crate) fn owner<'a>(&self, token: &'a str) -> Option<&'a str> {
        let name = token.strip_prefix("token-")?;
        let stem = || Some(name.rsplit_once('-')?.0).filter(|id| self.find(id).is_some());
        if self.find(name).is_some() { Some(name) } else { stem() }
    }

    /// The agent, if the secret is the password or a good token of theirs.
    pub(crate) fn check(&mut self, side: Side, id: &str, secret: &str, now: u64) -> Option<usize> {
        let agent = self.find(id)?;
        let [a, b] = &self.refused;
        let refused = if side == Side::A { a } else { b };
        let broken = refused.everyone || refused.agents.contains(&agent);
        let password = secret.strip_prefix("pw-").is_some_and(|name| name.eq_ignore_ascii_case(id));
        let right = password || self.token_is_good(agent, id, secret, now);
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

    fn token_is_good(&self, agent: usize, id: &str, secret: &str, now: u64) -> bool {
        let Some(owner) = self.owner(secret).filter(|owner| owner.eq_ignore_ascii_case(id)) else {
            return false;
        };
        let number = secret.get("token-".len() + owner.len()..).unwrap_or_default();
        let number = if number.is_empty() { Ok(0) } else { number.trim_start_matches('-').parse::<usize>() };
        let until = number.ok().and_then(|number| self.tokens.get(agent)?.get(number));
        until.is_some_and(|until| now < *until)
    }
}
