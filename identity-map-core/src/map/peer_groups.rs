//! Which objects of one model were loaded together: [`PeerGroups`].
//!
//! An entry of the map has no room for the number of its group, so the groups stand beside the map and
//! take four bytes per object, made of its address. Another object may come to stand at the address
//! once the first is gone; a look for peers then finds one too many, which costs a key in a statement.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, Weak};

use foldhash::fast::RandomState;

use super::peer_group::{Address, PeerGroup};
use crate::lock::lock;

/// What there is in the map beside which the groups stand.
pub(super) trait LiveEntries {
    fn count(&self) -> usize;
    /// Where its live objects are.
    fn addresses(&self) -> HashSet<Address, RandomState>;
}

/// The objects that were loaded together, of one model in one map.
pub(super) struct PeerGroups<M>(Mutex<KnownGroups<M>>);

struct KnownGroups<M> {
    /// The latest last.
    by_load: VecDeque<GroupMembers<M>>,
    /// What they take, in addresses.
    size: usize,
    /// Objects whose query said that they have no peers, and which of the two was meant.
    apart: HashMap<Address, (Weak<M>, PeerGroup), RandomState>,
    /// How many of these there may be before the dead ones are looked for.
    apart_limit: usize,
}

struct GroupMembers<M> {
    group: PeerGroup,
    addresses: Vec<Address>,
    /// The first and the last, by which it is judged whether somebody has a use for the group.
    ends: [Weak<M>; 2],
}

impl<M> GroupMembers<M> {
    fn size(&self) -> usize {
        // A group of few is mostly itself.
        self.addresses.len() + size_of::<Self>() / size_of::<Address>()
    }

    fn is_alive(&self) -> bool {
        self.ends.iter().any(|end| end.strong_count() > 0)
    }
}

/// What the groups of a small map may take, in addresses.
const ROOM: usize = 1024;
const APART: usize = 64;

impl<M> PeerGroups<M> {
    pub(super) fn new() -> Self {
        Self(Mutex::new(KnownGroups {
            by_load: VecDeque::new(),
            size: 0,
            apart: HashMap::default(),
            apart_limit: APART,
        }))
    }

    /// Puts objects into a group, beside those that are in it. A group is given up when the groups take
    /// more than a map of so many entries allows.
    pub(super) fn put(&self, group: PeerGroup, objects: &[Arc<M>], entries: &impl LiveEntries) {
        let [Some(one), Some(other)] = [objects.first(), objects.last()] else {
            return;
        };
        if group == PeerGroup::NONE {
            return;
        }
        let mut all = self.lock();
        if !group.has_peers() {
            all.set_apart(group, objects);
            return;
        }
        let addresses = objects
            .iter()
            .map(|object| Address::of(Arc::as_ptr(object)));
        let mut addresses: Vec<Address> = addresses.collect();
        if !all.apart.is_empty() {
            for address in &addresses {
                all.apart.remove(address);
            }
        }
        if addresses.len() > entries.count() {
            // A join repeats its rows.
            addresses.sort_unstable();
            addresses.dedup();
        }
        all.put(group, addresses, [one, other].map(Arc::downgrade));
        all.make_room(entries);
    }

    /// The group that an object is in: the latest.
    pub(super) fn of(&self, object: &Arc<M>) -> PeerGroup {
        let all = self.lock();
        let address = Address::of(Arc::as_ptr(object));
        if let Some((apart, group)) = all.apart.get(&address)
            && apart.as_ptr() == Arc::as_ptr(object)
        {
            return *group;
        }
        let mut latest_first = all.by_load.iter().rev();
        let found = latest_first.find(|members| members.addresses.contains(&address));
        found.map_or(PeerGroup::NONE, |members| members.group)
    }

    /// Takes a new object out of the groups of one that stood at its address before.
    pub(super) fn forget(&self, object: &Arc<M>) {
        let address = Address::of(Arc::as_ptr(object));
        let mut all = self.lock();
        all.apart.remove(&address);
        for members in &mut all.by_load {
            if let Some(at) = members.addresses.iter().position(|other| *other == address) {
                members.addresses.swap_remove(at);
            }
        }
    }

    /// Adds where the objects of a group are.
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

    /// Whether a map of so many entries holds this group and nothing else, as far as numbers tell.
    pub(super) fn is_all(&self, group: PeerGroup, entries: usize) -> bool {
        let all = self.lock();
        let is_it = |members: &GroupMembers<M>| {
            members.group == group && members.addresses.len() == entries
        };
        all.apart.is_empty() && all.by_load.len() == 1 && all.by_load.iter().all(is_it)
    }

    /// Gives an object the place of the one that it replaces.
    pub(super) fn succeed(&self, old: &Weak<M>, new: &Arc<M>) {
        let [from, to] = [old.as_ptr(), Arc::as_ptr(new)].map(Address::of);
        let mut all = self.lock();
        if from == to {
            return;
        }
        if let Some((_, group)) = all.apart.remove(&from) {
            all.apart.insert(to, (Arc::downgrade(new), group));
        }
        for members in &mut all.by_load {
            let mut addresses = members.addresses.iter_mut();
            if let Some(address) = addresses.find(|address| **address == from) {
                *address = to;
            }
            let ends = members.ends.iter_mut();
            let replaced = ends.filter(|end| end.ptr_eq(old));
            replaced.for_each(|end| *end = Arc::downgrade(new));
        }
    }

    /// Gives back what the groups take beyond what a map of so many entries allows.
    pub(super) fn make_room(&self, entries: &impl LiveEntries) {
        self.lock().make_room(entries);
    }

    pub(super) fn clear(&self) {
        let mut all = self.lock();
        all.by_load = VecDeque::new();
        all.apart = HashMap::default();
        all.size = 0;
    }

    fn lock(&self) -> MutexGuard<'_, KnownGroups<M>> {
        lock(&self.0)
    }
}

impl<M> KnownGroups<M> {
    fn set_apart(&mut self, group: PeerGroup, objects: &[Arc<M>]) {
        for object in objects {
            let address = Address::of(Arc::as_ptr(object));
            self.apart.insert(address, (Arc::downgrade(object), group));
        }
        if self.apart.len() > self.apart_limit {
            self.apart
                .retain(|_, (object, _)| object.strong_count() > 0);
            self.apart_limit = APART.max(2 * self.apart.len());
        }
    }

    fn put(&mut self, group: PeerGroup, addresses: Vec<Address>, ends: [Weak<M>; 2]) {
        // Rows that are streamed come in several parts.
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
        // The same query once more, while its objects are held.
        let mut groups = self.by_load.iter();
        if let Some(before) = groups.position(|members| members.addresses == addresses) {
            let before = self.by_load.remove(before);
            self.size -= before.as_ref().map_or(0, GroupMembers::size);
        }
        let members = GroupMembers {
            group,
            addresses,
            ends,
        };
        self.size += members.size();
        self.by_load.push_back(members);
    }

    fn make_room(&mut self, entries: &impl LiveEntries) {
        let room = ROOM + 2 * entries.count();
        if self.size <= room {
            return;
        }
        self.by_load.retain(GroupMembers::is_alive);
        let mut size = self.by_load.iter().map(GroupMembers::size).sum();
        // They overlap, or much of them is gone: the earliest are the least asked for.
        while size > room
            && self.by_load.len() > 1
            && let Some(earliest) = self.by_load.pop_front()
        {
            size -= earliest.size();
        }
        // A stream of rows that are dropped as they come.
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

#[cfg(test)]
mod tests {
    use super::*;

    impl LiveEntries for Vec<Arc<usize>> {
        fn count(&self) -> usize {
            self.len()
        }

        fn addresses(&self) -> HashSet<Address, RandomState> {
            self.iter()
                .map(|object| Address::of(Arc::as_ptr(object)))
                .collect()
        }
    }

    fn objects(count: usize) -> Vec<Arc<usize>> {
        (0..count).map(Arc::new).collect()
    }

    #[test]
    fn the_latest_list_counts() {
        let (groups, objects) = (PeerGroups::new(), objects(10));
        let [one, other] = [PeerGroup::new(), PeerGroup::new()];
        groups.put(one, &objects[..8], &objects);
        groups.put(other, &objects[5..], &objects);
        assert_eq!(groups.of(&objects[0]), one);
        assert_eq!(groups.of(&objects[6]), other);
        let mut addresses = HashSet::default();
        groups.add_addresses(one, &mut addresses);
        assert_eq!(addresses.len(), 8);
        groups.put(PeerGroup::FORBIDDEN, &objects[..1], &objects);
        assert_eq!(groups.of(&objects[0]), PeerGroup::FORBIDDEN);
        groups.put(one, &objects[..8], &objects);
        assert_eq!(groups.of(&objects[0]), one);
    }

    #[test]
    fn a_successor_takes_the_place() {
        let (groups, objects) = (PeerGroups::new(), objects(3));
        let group = PeerGroup::new();
        groups.put(group, &objects, &objects);
        let new = Arc::new(7);
        groups.succeed(&Arc::downgrade(&objects[1]), &new);
        assert_eq!(groups.of(&new), group);
        assert_eq!(groups.of(&objects[1]), PeerGroup::NONE);
    }

    #[test]
    fn memory_follows_the_map() {
        let (groups, held) = (PeerGroups::new(), objects(10_000));
        let kept = PeerGroup::new();
        groups.put(kept, &held[..100], &held);
        for _ in 0..1000 {
            // Dropped at once.
            groups.put(PeerGroup::new(), &objects(100), &held);
        }
        assert_eq!(groups.of(&held[0]), kept, "somebody holds these");
        for from in 0..1000 {
            groups.put(PeerGroup::new(), &held[from..from + 9000], &held);
        }
        assert!(groups.lock().size <= ROOM + 20_000);
        for _ in 0..1000 {
            groups.put(PeerGroup::ALONE, &objects(10), &held);
        }
        assert!(groups.lock().apart.len() <= 2 * APART);
        drop(held);
        groups.make_room(&Vec::new());
        assert!(groups.lock().size <= ROOM);
    }

    /// A stream whose rows are dropped, but for some.
    #[test]
    fn a_long_list_of_the_dead_is_short() {
        let groups = PeerGroups::new();
        let group = PeerGroup::new();
        let mut held = Vec::new();
        for row in 0..100_000 {
            let object = Arc::new(row);
            if row % 1000 == 0 {
                held.push(Arc::clone(&object));
            }
            groups.put(group, &[object], &held);
            assert!(groups.lock().size <= ROOM + 2 * held.len() + 1);
        }
        assert!(held.iter().all(|object| groups.of(object) == group));
    }
}
