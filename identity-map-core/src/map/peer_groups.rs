//! Which objects of one model were loaded together: [`PeerGroups`].
//!
//! An entry of the map has no room for the number of a group. So each group is a list of the addresses
//! of its members, four bytes per object. Once an object is dropped, another may get its address. It is
//! then taken for a peer, which costs one more key in a statement.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard};

use foldhash::fast::RandomState;

use super::known_groups::{GroupMembers, KnownGroups, LiveEntries};
use super::peer_group::PeerGroup;
use crate::lock::lock;
use crate::model::{Address, Object, Objects, address_of};

/// The peer groups of one model in one map.
pub(super) struct PeerGroups(Mutex<KnownGroups>);

impl PeerGroups {
    pub(super) fn new() -> Self {
        Self(Mutex::new(KnownGroups::new()))
    }

    /// Adds objects to a group. Earlier groups are given up where all of them take more memory than the
    /// `entries` allow.
    pub(super) fn put(&self, group: PeerGroup, objects: &dyn Objects, entries: &dyn LiveEntries) {
        let Some(last) = objects.count().checked_sub(1) else {
            return;
        };
        if group == PeerGroup::NONE {
            return;
        }
        let mut all = self.lock();
        if !group.has_peers() {
            all.put_without_peers(group, objects);
            return;
        }
        let mut addresses = objects.addresses();
        if !all.without_peers.is_empty() {
            for address in &addresses {
                all.without_peers.remove(address);
            }
        }
        if addresses.len() > entries.count() {
            // The rows of a join may repeat an object.
            addresses.sort_unstable();
            addresses.dedup();
        }
        all.put(
            group,
            addresses,
            [0, last].map(|at| Arc::downgrade(&objects.get(at))),
        );
        all.make_room(entries);
    }

    /// The group that an object is in: the latest.
    pub(super) fn of(&self, object: *const ()) -> PeerGroup {
        let all = self.lock();
        let address = address_of(object);
        if let Some((known, group)) = all.without_peers.get(&address)
            && known.as_ptr().cast() == object
        {
            return *group;
        }
        let mut latest_first = all.by_load.iter().rev();
        let found = latest_first.find(|members| members.addresses.contains(&address));
        found.map_or(PeerGroup::NONE, |members| members.group)
    }

    /// Takes a new object out of the groups that an earlier object at its address was in.
    pub(super) fn forget(&self, object: *const ()) {
        let address = address_of(object);
        let mut all = self.lock();
        all.without_peers.remove(&address);
        for members in &mut all.by_load {
            if let Some(at) = members.addresses.iter().position(|other| *other == address) {
                members.addresses.swap_remove(at);
            }
        }
    }

    /// Adds the addresses of a group's members to `addresses`.
    pub(super) fn add_addresses(
        &self,
        group: PeerGroup,
        addresses: &mut HashSet<Address, RandomState>,
    ) {
        let all = self.lock();
        let members = all
            .by_load
            .iter()
            .rev()
            .find(|members| members.group == group);
        if let Some(members) = members {
            addresses.reserve(members.addresses.len());
            addresses.extend(&members.addresses);
        }
    }

    /// Whether a map with so many entries holds this group and nothing else, judged by the numbers.
    pub(super) fn is_only_group(&self, group: PeerGroup, entries: usize) -> bool {
        let all = self.lock();
        let is_it =
            |members: &GroupMembers| members.group == group && members.addresses.len() == entries;
        all.without_peers.is_empty() && all.by_load.len() == 1 && all.by_load.iter().all(is_it)
    }

    /// Puts a new object into the groups of the old one that it replaces.
    pub(super) fn replace_member(&self, old: &Arc<dyn Object>, new: &Arc<dyn Object>) {
        let [from, to] = [old, new].map(|object| address_of(Arc::as_ptr(object)));
        let mut all = self.lock();
        if from == to {
            return;
        }
        if let Some((_, group)) = all.without_peers.remove(&from) {
            all.without_peers.insert(to, (Arc::downgrade(new), group));
        }
        for members in &mut all.by_load {
            let mut addresses = members.addresses.iter_mut();
            if let Some(address) = addresses.find(|address| **address == from) {
                *address = to;
            }
            let ends = members.ends.iter_mut();
            let replaced = ends.filter(|end| end.as_ptr().cast::<()>() == Arc::as_ptr(old).cast());
            replaced.for_each(|end| *end = Arc::downgrade(new));
        }
    }

    /// Gives the groups away, to be [taken over](Self::take_over).
    pub(super) fn take(&self) -> KnownGroups {
        std::mem::replace(&mut self.lock(), KnownGroups::new())
    }

    /// Takes over the groups of a transaction's layer.
    pub(super) fn take_over(&self, layer: KnownGroups, entries: &dyn LiveEntries) {
        let mut all = self.lock();
        all.take_over(layer);
        all.make_room(entries);
    }

    /// Gives up groups where all of them take more memory than the `entries` allow.
    pub(super) fn make_room(&self, entries: &dyn LiveEntries) {
        self.lock().make_room(entries);
    }

    pub(super) fn clear(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, KnownGroups> {
        lock(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::super::known_groups::{MIN_ROOM, MIN_WITHOUT_PEERS};
    use super::*;
    use crate::model::TestModel;

    impl LiveEntries for Vec<Arc<TestModel>> {
        fn count(&self) -> usize {
            self.len()
        }

        fn addresses(&self) -> HashSet<Address, RandomState> {
            self.iter()
                .map(|object| address_of(Arc::as_ptr(object)))
                .collect()
        }
    }

    fn pointer(object: &Arc<TestModel>) -> *const () {
        Arc::as_ptr(object).cast()
    }

    fn objects(count: usize) -> Vec<Arc<TestModel>> {
        (0..count).map(TestModel).map(Arc::new).collect()
    }

    #[test]
    fn the_latest_group_counts() {
        let (groups, objects) = (PeerGroups::new(), objects(10));
        let [one, other] = [PeerGroup::new(), PeerGroup::new()];
        groups.put(one, &&objects[..8], &objects);
        groups.put(other, &&objects[5..], &objects);
        assert_eq!(groups.of(pointer(&objects[0])), one);
        assert_eq!(groups.of(pointer(&objects[6])), other);
        let mut addresses = HashSet::default();
        groups.add_addresses(one, &mut addresses);
        assert_eq!(addresses.len(), 8);
        groups.put(PeerGroup::FORBIDDEN, &&objects[..1], &objects);
        assert_eq!(groups.of(pointer(&objects[0])), PeerGroup::FORBIDDEN);
        groups.put(one, &&objects[..8], &objects);
        assert_eq!(groups.of(pointer(&objects[0])), one);
    }

    #[test]
    fn a_replacement_joins_the_group() {
        let (groups, objects) = (PeerGroups::new(), objects(3));
        let group = PeerGroup::new();
        groups.put(group, &&objects[..], &objects);
        let new = Arc::new(TestModel(7));
        groups.replace_member(&(Arc::clone(&objects[1]) as _), &(Arc::clone(&new) as _));
        assert_eq!(groups.of(pointer(&new)), group);
        assert_eq!(groups.of(pointer(&objects[1])), PeerGroup::NONE);
    }

    #[test]
    fn memory_follows_the_map() {
        let (groups, held) = (PeerGroups::new(), objects(10_000));
        let kept = PeerGroup::new();
        groups.put(kept, &&held[..100], &held);
        for _ in 0..1000 {
            // These objects are dropped at once.
            groups.put(PeerGroup::new(), &&objects(100)[..], &held);
        }
        assert_eq!(groups.of(pointer(&held[0])), kept, "somebody holds these");
        for from in 0..1000 {
            groups.put(PeerGroup::new(), &&held[from..from + 9000], &held);
        }
        assert!(groups.lock().size <= MIN_ROOM + 20_000);
        for _ in 0..1000 {
            groups.put(PeerGroup::ALONE, &&objects(10)[..], &held);
        }
        assert!(groups.lock().without_peers.len() <= 2 * MIN_WITHOUT_PEERS);
        drop(held);
        groups.make_room(&Vec::new());
        assert!(groups.lock().size <= MIN_ROOM);
    }

    /// Nearly all rows of the stream are dropped.
    #[test]
    fn the_group_of_a_long_stream_keeps_the_live_objects() {
        let groups = PeerGroups::new();
        let group = PeerGroup::new();
        let mut held = Vec::new();
        for row in 0..100_000 {
            let object = Arc::new(TestModel(row));
            if row % 1000 == 0 {
                held.push(Arc::clone(&object));
            }
            groups.put(group, &&[object][..], &held);
            assert!(groups.lock().size <= MIN_ROOM + 2 * held.len() + 1);
        }
        assert!(
            held.iter()
                .all(|object| groups.of(pointer(object)) == group)
        );
    }
}
