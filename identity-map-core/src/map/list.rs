//! Which objects were loaded together: [`List`], and [`Lists`] of one model.
//!
//! An entry of the map has no room for the number of its list, so a list stands beside the map: four
//! bytes per object, made of where the object is. A place may be taken by another object once the
//! first is gone; who looks for peers then finds one more, which costs a key in a statement.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use foldhash::fast::RandomState;

/// The load that an object came from last, so that its peers can be found; or what the query said
/// of peers.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct List(u32);

impl List {
    /// Says nothing: the object stays in the list it is in.
    pub(crate) const NONE: Self = Self(0);
    /// In no list.
    pub(crate) const ALONE: Self = Self(1);
    /// In no list, and no statement may be sent for it alone.
    pub(crate) const FORBIDDEN: Self = Self(2);

    /// A list of its own. Numbers come back after four thousand million loads.
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let next = NEXT.fetch_add(1, Ordering::Relaxed);
        Self(next % (u32::MAX - 2) + 3)
    }

    /// Whether there may be others in it.
    pub(crate) fn has_peers(self) -> bool {
        self.0 > Self::FORBIDDEN.0
    }
}

/// Where an object is: the part of its address that tells objects of one program apart, but for some
/// that are 32 GiB from each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Place(u32);

impl Place {
    pub(crate) fn of<M>(object: *const M) -> Self {
        #[allow(clippy::cast_possible_truncation)] // as said above
        Self((object.addr() >> 3) as u32)
    }
}

/// What there is in the map beside which the lists stand.
pub(super) trait Entries {
    fn count(&self) -> usize;
    /// Where its live objects are.
    fn places(&self) -> HashSet<Place, RandomState>;
}

/// The objects that were loaded together, of one model in one map.
pub(super) struct Lists<M>(Mutex<All<M>>);

struct All<M> {
    /// The latest last.
    loaded: VecDeque<Loaded<M>>,
    /// What they take, in places.
    size: usize,
    /// Objects whose query said that they have no peers, and which of the two was meant.
    apart: HashMap<Place, (Weak<M>, List), RandomState>,
    /// How many of these there may be before the dead ones are looked for.
    apart_limit: usize,
}

struct Loaded<M> {
    list: List,
    places: Vec<Place>,
    /// The first and the last, by which it is judged whether somebody has a use for the list.
    ends: [Weak<M>; 2],
}

impl<M> Loaded<M> {
    fn size(&self) -> usize {
        // A list of few is mostly itself.
        self.places.len() + size_of::<Self>() / size_of::<Place>()
    }

    fn is_alive(&self) -> bool {
        self.ends.iter().any(|end| end.strong_count() > 0)
    }
}

/// What the lists of a small map may take, in places.
const ROOM: usize = 1024;
const APART: usize = 64;

impl<M> Lists<M> {
    pub(super) fn new() -> Self {
        Self(Mutex::new(All {
            loaded: VecDeque::new(),
            size: 0,
            apart: HashMap::default(),
            apart_limit: APART,
        }))
    }

    /// Puts objects into a list, beside those that are in it. A list is given up when the lists take
    /// more than a map of so many entries allows.
    pub(super) fn put(&self, list: List, objects: &[Arc<M>], entries: &impl Entries) {
        let [Some(one), Some(other)] = [objects.first(), objects.last()] else {
            return;
        };
        if list == List::NONE {
            return;
        }
        let mut all = self.lock();
        if !list.has_peers() {
            all.set_apart(list, objects);
            return;
        }
        let places = objects.iter().map(|object| Place::of(Arc::as_ptr(object)));
        let mut places: Vec<Place> = places.collect();
        if !all.apart.is_empty() {
            for place in &places {
                all.apart.remove(place);
            }
        }
        if places.len() > entries.count() {
            // A join repeats its rows.
            places.sort_unstable();
            places.dedup();
        }
        all.put(list, places, [one, other].map(Arc::downgrade));
        all.make_room(entries);
    }

    /// The list that an object is in: the latest.
    pub(super) fn of(&self, object: &Arc<M>) -> List {
        let all = self.lock();
        let place = Place::of(Arc::as_ptr(object));
        if let Some((apart, list)) = all.apart.get(&place)
            && apart.as_ptr() == Arc::as_ptr(object)
        {
            return *list;
        }
        let mut loaded = all.loaded.iter().rev();
        let found = loaded.find(|loaded| loaded.places.contains(&place));
        found.map_or(List::NONE, |loaded| loaded.list)
    }

    /// Takes a new object out of the lists of one that was in its place.
    pub(super) fn forget(&self, object: &Arc<M>) {
        let place = Place::of(Arc::as_ptr(object));
        let mut all = self.lock();
        all.apart.remove(&place);
        for loaded in &mut all.loaded {
            if let Some(at) = loaded.places.iter().position(|other| *other == place) {
                loaded.places.swap_remove(at);
            }
        }
    }

    /// Adds where the objects of a list are.
    pub(super) fn add_places(&self, list: List, places: &mut HashSet<Place, RandomState>) {
        let all = self.lock();
        let loaded = all.loaded.iter().rev().find(|loaded| loaded.list == list);
        if let Some(loaded) = loaded {
            places.reserve(loaded.places.len());
            places.extend(&loaded.places);
        }
    }

    /// Whether a map of so many entries holds this list and nothing else, as far as numbers tell.
    pub(super) fn is_all(&self, list: List, entries: usize) -> bool {
        let all = self.lock();
        let is_it = |loaded: &Loaded<M>| loaded.list == list && loaded.places.len() == entries;
        all.apart.is_empty() && all.loaded.len() == 1 && all.loaded.iter().all(is_it)
    }

    /// Puts an object where the one was that it replaces.
    pub(super) fn succeed(&self, old: &Weak<M>, new: &Arc<M>) {
        let [from, to] = [old.as_ptr(), Arc::as_ptr(new)].map(Place::of);
        let mut all = self.lock();
        if from == to {
            return;
        }
        if let Some((_, list)) = all.apart.remove(&from) {
            all.apart.insert(to, (Arc::downgrade(new), list));
        }
        for loaded in &mut all.loaded {
            let mut places = loaded.places.iter_mut();
            if let Some(place) = places.find(|place| **place == from) {
                *place = to;
            }
            let ends = loaded.ends.iter_mut();
            let replaced = ends.filter(|end| end.ptr_eq(old));
            replaced.for_each(|end| *end = Arc::downgrade(new));
        }
    }

    /// Gives back what the lists take beyond what a map of so many entries allows.
    pub(super) fn make_room(&self, entries: &impl Entries) {
        self.lock().make_room(entries);
    }

    pub(super) fn clear(&self) {
        let mut all = self.lock();
        all.loaded = VecDeque::new();
        all.apart = HashMap::default();
        all.size = 0;
    }

    fn lock(&self) -> MutexGuard<'_, All<M>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<M> All<M> {
    fn set_apart(&mut self, list: List, objects: &[Arc<M>]) {
        for object in objects {
            let place = Place::of(Arc::as_ptr(object));
            self.apart.insert(place, (Arc::downgrade(object), list));
        }
        if self.apart.len() > self.apart_limit {
            self.apart
                .retain(|_, (object, _)| object.strong_count() > 0);
            self.apart_limit = APART.max(2 * self.apart.len());
        }
    }

    fn put(&mut self, list: List, places: Vec<Place>, ends: [Weak<M>; 2]) {
        // Rows that are streamed come in several parts.
        if let Some(latest) = self.loaded.back_mut().filter(|latest| latest.list == list) {
            self.size += places.len();
            latest.places.extend(places);
            let [_, end] = ends;
            latest.ends[1] = end;
            return;
        }
        // The same query once more, while its objects are held.
        let mut loaded = self.loaded.iter();
        if let Some(before) = loaded.position(|loaded| loaded.places == places) {
            let before = self.loaded.remove(before);
            self.size -= before.as_ref().map_or(0, Loaded::size);
        }
        let loaded = Loaded { list, places, ends };
        self.size += loaded.size();
        self.loaded.push_back(loaded);
    }

    fn make_room(&mut self, entries: &impl Entries) {
        let room = ROOM + 2 * entries.count();
        if self.size <= room {
            return;
        }
        self.loaded.retain(Loaded::is_alive);
        let mut size = self.loaded.iter().map(Loaded::size).sum();
        // They overlap, or much of them is gone: the earliest are the least asked for.
        while size > room
            && self.loaded.len() > 1
            && let Some(earliest) = self.loaded.pop_front()
        {
            size -= earliest.size();
        }
        // A stream of rows that are dropped as they come.
        if size > room
            && let Some(latest) = self.loaded.back_mut()
        {
            let alive = entries.places();
            latest.places.retain(|place| alive.contains(place));
            latest.places.shrink_to(room / 2);
            size = latest.size();
        }
        if self.loaded.capacity() > 4 * self.loaded.len().max(4) {
            self.loaded.shrink_to_fit();
        }
        self.size = size;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Entries for Vec<Arc<usize>> {
        fn count(&self) -> usize {
            self.len()
        }

        fn places(&self) -> HashSet<Place, RandomState> {
            self.iter()
                .map(|object| Place::of(Arc::as_ptr(object)))
                .collect()
        }
    }

    fn objects(count: usize) -> Vec<Arc<usize>> {
        (0..count).map(Arc::new).collect()
    }

    #[test]
    fn the_latest_list_counts() {
        let (lists, objects) = (Lists::new(), objects(10));
        let [one, other] = [List::new(), List::new()];
        lists.put(one, &objects[..8], &objects);
        lists.put(other, &objects[5..], &objects);
        assert_eq!(lists.of(&objects[0]), one);
        assert_eq!(lists.of(&objects[6]), other);
        let mut places = HashSet::default();
        lists.add_places(one, &mut places);
        assert_eq!(places.len(), 8);
        lists.put(List::FORBIDDEN, &objects[..1], &objects);
        assert_eq!(lists.of(&objects[0]), List::FORBIDDEN);
        lists.put(one, &objects[..8], &objects);
        assert_eq!(lists.of(&objects[0]), one);
    }

    #[test]
    fn a_successor_takes_the_place() {
        let (lists, objects) = (Lists::new(), objects(3));
        let list = List::new();
        lists.put(list, &objects, &objects);
        let new = Arc::new(7);
        lists.succeed(&Arc::downgrade(&objects[1]), &new);
        assert_eq!(lists.of(&new), list);
        assert_eq!(lists.of(&objects[1]), List::NONE);
    }

    #[test]
    fn memory_follows_the_map() {
        let (lists, held) = (Lists::new(), objects(10_000));
        let kept = List::new();
        lists.put(kept, &held[..100], &held);
        for _ in 0..1000 {
            // Dropped at once.
            lists.put(List::new(), &objects(100), &held);
        }
        assert_eq!(lists.of(&held[0]), kept, "somebody holds these");
        for from in 0..1000 {
            lists.put(List::new(), &held[from..from + 9000], &held);
        }
        assert!(lists.lock().size <= ROOM + 20_000);
        for _ in 0..1000 {
            lists.put(List::ALONE, &objects(10), &held);
        }
        assert!(lists.lock().apart.len() <= 2 * APART);
        drop(held);
        lists.make_room(&Vec::new());
        assert!(lists.lock().size <= ROOM);
    }

    /// A stream whose rows are dropped, but for some.
    #[test]
    fn a_long_list_of_the_dead_is_short() {
        let lists = Lists::new();
        let list = List::new();
        let mut held = Vec::new();
        for row in 0..100_000 {
            let object = Arc::new(row);
            if row % 1000 == 0 {
                held.push(Arc::clone(&object));
            }
            lists.put(list, &[object], &held);
            assert!(lists.lock().size <= ROOM + 2 * held.len() + 1);
        }
        assert!(held.iter().all(|object| lists.of(object) == list));
    }
}
