//! The peer groups of one model, without their lock: [`KnownGroups`].

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Weak};

use foldhash::fast::RandomState;

use super::peer_group::PeerGroup;
use crate::model::{Address, Object, Objects, address_of};

/// The entries of the map whose objects are grouped.
pub(super) trait LiveEntries {
    fn count(&self) -> usize;
    /// The addresses of the live objects.
    fn addresses(&self) -> HashSet<Address, RandomState>;
}

/// The groups that may have a live member, and the objects that have no peers.
pub(super) struct KnownGroups {
    /// One group per load, the latest last.
    pub(super) by_load: VecDeque<GroupMembers>,
    /// The memory that the groups take, in addresses.
    pub(super) size: usize,
    /// The objects that have no peers, by their query: [`PeerGroup::ALONE`] or
    /// [`PeerGroup::FORBIDDEN`].
    pub(super) without_peers: HashMap<Address, (Weak<dyn Object>, PeerGroup), RandomState>,
    /// How many of these there may be before the dead ones are removed.
    without_peers_limit: usize,
}

pub(super) struct GroupMembers {
    pub(super) group: PeerGroup,
    pub(super) addresses: Vec<Address>,
    /// The first object and the last. While one of them is alive, the group counts as in use.
    pub(super) ends: [Weak<dyn Object>; 2],
}

impl GroupMembers {
    fn size(&self) -> usize {
        // A small group takes more for its own fields than for its addresses.
        self.addresses.len() + size_of::<Self>() / size_of::<Address>()
    }

    fn is_alive(&self) -> bool {
        self.ends.iter().any(|end| end.strong_count() > 0)
    }
}

/// The memory that the groups of an empty map may take, in addresses.
pub(super) const MIN_ROOM: usize = 1024;
/// How many objects without peers there may be at least before the dead ones are removed.
pub(super) const MIN_WITHOUT_PEERS: usize = 64;

impl KnownGroups {
    pub(super) fn new() -> Self {
        Self {
            by_load: VecDeque::new(),
            size: 0,
            without_peers: HashMap::default(),
            without_peers_limit: MIN_WITHOUT_PEERS,
        }
    }

    pub(super) fn clear(&mut self) {
        self.by_load = VecDeque::new();
        self.without_peers = HashMap::default();
        self.size = 0;
    }

    pub(super) fn put_without_peers(&mut self, group: PeerGroup, objects: &dyn Objects) {
        for at in 0..objects.count() {
            let object = Arc::downgrade(&objects.get(at));
            let address = address_of(objects.pointer(at));
            self.without_peers.insert(address, (object, group));
        }
        if self.without_peers.len() > self.without_peers_limit {
            self.without_peers
                .retain(|_, (object, _)| object.strong_count() > 0);
            self.without_peers_limit = MIN_WITHOUT_PEERS.max(2 * self.without_peers.len());
        }
    }

    pub(super) fn put(
        &mut self,
        group: PeerGroup,
        addresses: Vec<Address>,
        ends: [Weak<dyn Object>; 2],
    ) {
        // A stream puts its rows in several parts.
        if let Some(latest) = self
            .by_load
            .back_mut()
            .filter(|latest| latest.group == group)
        {
            self.size += addresses.len();
            latest.addresses.extend(addresses);
            let [_, end] = ends;
            latest.ends[1] = end;
            return;
        }
        // An equal group is an earlier run of the same query, whose objects are still held.
        let mut groups = self.by_load.iter();
        if let Some(earlier) = groups.position(|members| members.addresses == addresses) {
            let earlier = self.by_load.remove(earlier);
            self.size -= earlier.as_ref().map_or(0, GroupMembers::size);
        }
        let members = GroupMembers {
            group,
            addresses,
            ends,
        };
        self.size += members.size();
        self.by_load.push_back(members);
    }

    /// Takes over the groups of a transaction's layer, as the latest.
    pub(super) fn take_over(&mut self, layer: Self) {
        for members in layer.by_load.into_iter().filter(GroupMembers::is_alive) {
            self.put(members.group, members.addresses, members.ends);
        }
        let without_peers = layer.without_peers.into_iter();
        self.without_peers
            .extend(without_peers.filter(|(_, (object, _))| object.strong_count() > 0));
    }

    pub(super) fn make_room(&mut self, entries: &dyn LiveEntries) {
        let room = MIN_ROOM + 2 * entries.count();
        if self.size <= room {
            return;
        }
        self.by_load.retain(GroupMembers::is_alive);
        let mut size = self.by_load.iter().map(GroupMembers::size).sum();
        // Groups overlap, or their objects are mostly dead. The earliest group is given up first.
        while size > room
            && self.by_load.len() > 1
            && let Some(earliest) = self.by_load.pop_front()
        {
            size -= earliest.size();
        }
        // One group is left, of a stream whose rows are dropped as they come.
        if size > room
            && let Some(latest) = self.by_load.back_mut()
        {
            let alive = entries.addresses();
            latest.addresses.retain(|address| alive.contains(address));
            latest.addresses.shrink_to(room / 2);
            size = latest.size();
        }
        if self.by_load.capacity() > 4 * self.by_load.len().max(4) {
            self.by_load.shrink_to_fit();
        }
        self.size = size;
    }
}
