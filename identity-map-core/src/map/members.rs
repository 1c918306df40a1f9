//! The members of the peer groups of a store.

use std::collections::HashSet;
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::peer_group::PeerGroup;
use super::store::Store;
use crate::model::{Address, Object, Objects, address_of};

impl Store {
    /// Puts objects that this map holds into a peer group. With `are_new` they were made just now, so
    /// they are taken out of the groups of earlier objects at their addresses.
    pub(crate) fn join_group(&self, group: PeerGroup, objects: &dyn Objects, are_new: bool) {
        if self.is_closed() {
            return;
        }
        if group != PeerGroup::NONE {
            self.peer_groups.put(group, objects, &self.entries);
        } else if are_new {
            for at in 0..objects.count() {
                self.peer_groups.forget(objects.pointer(at));
            }
        }
    }

    /// The peer group of an object.
    pub(crate) fn group_of(&self, object: *const ()) -> PeerGroup {
        self.peer_groups.of(object)
    }

    /// Adds the addresses of a peer group's members to `addresses`.
    pub(crate) fn add_addresses(
        &self,
        group: PeerGroup,
        addresses: &mut HashSet<Address, RandomState>,
    ) {
        self.peer_groups.add_addresses(group, addresses);
    }

    /// Adds the live objects at these addresses to `peers`.
    pub(crate) fn add_peers(
        &self,
        addresses: &HashSet<Address, RandomState>,
        peers: &mut Vec<Arc<dyn Object>>,
    ) {
        self.entries.for_each(&mut |entry| {
            if addresses.contains(&address_of(entry.as_ptr())) {
                peers.extend(entry.upgrade());
            }
        });
    }

    /// All live objects, if the map holds nothing but this group, as in a loop over one load. That is
    /// judged by the numbers, so a later object in place of a dropped one may be among them.
    pub(crate) fn peers_if_only_group(&self, group: PeerGroup) -> Option<Vec<Arc<dyn Object>>> {
        let count = self.entries.len();
        if !self.peer_groups.is_only_group(group, count) {
            return None;
        }
        let mut peers = Vec::with_capacity(count);
        self.entries
            .for_each(&mut |entry| peers.extend(entry.upgrade()));
        Some(peers)
    }
}
