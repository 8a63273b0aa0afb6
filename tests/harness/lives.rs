//! An application that begins anew: after a crash of the module, or in a page that is loaded again.

use super::Harness;
use finesse_keeper::keeper::{Config, Keeper, Snapshot};
use finesse_keeper::recovery::PageEvent;
use finesse_simulator as simulator;
use std::collections::BTreeMap;

impl Harness {
    /// The module crashes: its sockets and requests die with it, and a new one goes on from the snapshot.
    pub fn crash(&mut self, client: usize, seed: u64) {
        let snapshot = self.clients[client].keeper.snapshot();
        self.begin_anew(client, seed, &snapshot);
    }

    /// The page is loaded again: the old keeper is told that it is left, and the new one reads what it wrote.
    pub fn reload(&mut self, client: usize, seed: u64) {
        self.page(client, PageEvent::PageHide);
        let snapshot = self.clients[client].keeper.memory();
        self.begin_anew(client, seed, &snapshot);
    }

    fn begin_anew(&mut self, client: usize, seed: u64, snapshot: &Snapshot) {
        let (own, shared) = (snapshot.to_text(), snapshot.refusals_to_text());
        self.check_secrets(client, &own);
        self.check_secrets(client, &shared);
        for socket in std::mem::take(&mut self.clients[client].sockets).into_values() {
            self.sockets.remove(&socket);
            self.world.handle_input(simulator::Input::SocketClosed { socket }, self.now);
        }
        for request in std::mem::take(&mut self.clients[client].requests).into_values() {
            self.requests.remove(&request);
            self.world.handle_input(simulator::Input::RequestAborted { request }, self.now);
        }
        let now = self.reading();
        let config = Config { seed, ..self.clients[client].config.clone() };
        let mut keeper = Keeper::restore(config, Snapshot::from_text(&own), now).unwrap();
        keeper.remember_refusals(&Snapshot::from_text(&shared).refusals, now);
        // its application begins anew, too, and shows nothing yet
        let anew = &mut self.clients[client];
        anew.keeper = keeper;
        anew.began = self.now;
        (anew.user_state, anew.dialogs) = (None, BTreeMap::new());
        (anew.others, anew.told) = (BTreeMap::new(), Vec::new());
        self.start(client);
    }
}
