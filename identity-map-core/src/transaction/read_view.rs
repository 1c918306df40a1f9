//! A map as one connection sees it at one moment: [`ReadView`].
//!
//! Outside a transaction that is the map itself. Inside a transaction its layers are looked up before
//! the map; once the transaction has written, what it reads stays in the layers until the commit.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use super::layer_view::{LayerView, TopLayer};
use super::new_objects::NewObjects;
use crate::lock::lock;
use crate::map::{Clock, Filler, IdentityMap, PeerGroup, ReadAge, Stamp, Store};
use crate::model::{IdentityMapped, KeyHash, KeyRef, ModelType, Object, Objects, downcast};

/// The map and the layers that a load of one model reads and fills. The view does not borrow the
/// connection, which is busy meanwhile.
pub(crate) struct ReadView {
    model: ModelType,
    map: IdentityMap,
    /// How old the rows are that are read through this view: the transaction may have a snapshot.
    pub(super) age: ReadAge,
    pub(super) made_at: Stamp,
    /// Whether the map knows that this connection fills it.
    has_noted_filler: AtomicBool,
    /// The peer group of what is loaded through this view.
    group: PeerGroup,
    /// Innermost first; empty outside a transaction.
    layers: Vec<LayerView>,
    /// `None` outside a transaction.
    pub(super) top: Option<TopLayer>,
    /// `None` if nobody asks which objects are new.
    pub(super) new_objects: Option<Mutex<NewObjects>>,
    clock: Clock,
}

/// A view whose store is found already.
pub(crate) struct Reader<'v> {
    view: &'v ReadView,
    store: &'v Store,
}

impl<'v> Reader<'v> {
    pub(crate) fn view(&self) -> &'v ReadView {
        self.view
    }

    /// The live object of this key.
    #[inline]
    pub(crate) fn get<M: IdentityMapped>(&self, key: &M::Key) -> Option<Arc<M>> {
        if self.view.layers.is_empty() {
            return self.store.get(key);
        }
        downcast(self.view.get_object(KeyRef::of(key))?)
    }
}

impl Reader<'_> {
    /// Hands the live object of each of these keys to `take`, with the key's position. `take` must not
    /// drop an object.
    #[inline]
    pub(crate) fn get_each<M: IdentityMapped>(
        &self,
        keys: &[M::Key],
        mut take: impl FnMut(usize, Option<Arc<M>>),
    ) {
        if self.view.layers.is_empty() {
            self.store.get_each(keys, take);
            return;
        }
        for (position, key) in keys.iter().enumerate() {
            take(position, self.get::<M>(key));
        }
    }
}

impl ReadView {
    /// The view outside a transaction.
    pub(super) fn plain(model: ModelType, map: IdentityMap, filler: Filler) -> Self {
        let now = Stamp::now();
        let age = ReadAge {
            filler,
            since: now,
            is_snapshot: false,
            asks_for_each: false,
            follows_commits: true,
        };
        Self {
            model,
            map,
            age,
            made_at: now,
            has_noted_filler: AtomicBool::new(false),
            group: PeerGroup::NONE,
            layers: Vec::new(),
            top: None,
            new_objects: None,
            clock: Clock::default(),
        }
    }

    /// The view inside a transaction that reads at this age. `layers` are its layers, innermost first, and
    /// `top` is the innermost once more.
    pub(super) fn in_transaction(
        model: ModelType,
        layers: Vec<LayerView>,
        top: TopLayer,
        age: ReadAge,
        map: IdentityMap,
    ) -> Self {
        Self {
            model,
            map,
            age,
            made_at: Stamp::now(),
            has_noted_filler: AtomicBool::new(false),
            group: PeerGroup::NONE,
            layers,
            top: Some(top),
            new_objects: None,
            clock: Clock::default(),
        }
    }

    /// The same view, which puts what is loaded into this peer group.
    #[inline]
    pub(crate) fn in_group(mut self, group: PeerGroup) -> Self {
        self.group = group;
        self
    }

    /// The same view, which notes the objects that are made of rows if `note` says so.
    #[inline]
    pub(crate) fn noting_new_objects(mut self, note: bool) -> Self {
        self.new_objects = note.then(Mutex::default);
        self
    }

    /// The same view, whose loads are timed by this clock.
    #[inline]
    pub(crate) fn timed_by(mut self, clock: &Clock) -> Self {
        self.clock = clock.clone();
        self
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Looks up one key after the other.
    #[inline]
    pub(crate) fn reader(&self) -> Reader<'_> {
        Reader {
            view: self,
            store: self.store(),
        }
    }

    /// The live object of this key.
    #[inline]
    pub(crate) fn get<M: IdentityMapped>(&self, key: &M::Key) -> Option<Arc<M>> {
        self.reader().get(key)
    }

    /// [`get`](Self::get) of a model that is not known by its type.
    pub(crate) fn get_object(&self, key: KeyRef<'_>) -> Option<Arc<dyn Object>> {
        self.find_object(key, || !self.asks_first())
    }

    /// [`get_object`](Self::get_object), where `may_share` says whether what only others have read counts.
    fn find_object(
        &self,
        key: KeyRef<'_>,
        may_share: impl FnOnce() -> bool,
    ) -> Option<Arc<dyn Object>> {
        for layer in &self.layers {
            let store = layer.objects(self.model);
            let found = store.and_then(|store| store.get_object(key));
            if found.is_some() {
                return found;
            }
            if layer.has_written(|keys| keys.contains(key)) {
                return None;
            }
        }
        may_share()
            .then(|| self.shared_store())
            .flatten()?
            .get_object(key)
    }

    /// The live object with the key of `object`, whose row was just read.
    pub(crate) fn get_same(&self, object: &dyn Object) -> Option<Arc<dyn Object>> {
        for layer in &self.layers {
            let store = layer.objects(self.model);
            let found = store.and_then(|store| store.get_same(object));
            if found.is_some() {
                return found;
            }
            if layer.has_written(|keys| keys.contains_key_of(object)) {
                return None;
            }
        }
        self.shared_store()?.get_same(object)
    }

    /// Puts what was loaded through this view into its peer group. `are_new` says whether some of the
    /// objects were made just now.
    pub(crate) fn join_group(&self, objects: &dyn Objects, are_new: bool) {
        self.target_store().join_group(self.group, objects, are_new);
    }

    /// The peer group of an object with this key, if this view has that object under it.
    pub(crate) fn group_of(&self, key: KeyRef<'_>, object: *const ()) -> Option<PeerGroup> {
        let held = self.find_object(key, || true)?;
        if !std::ptr::addr_eq(Arc::as_ptr(&held), object) {
            return None;
        }
        let mut groups = self.stores().map(|store| store.group_of(object));
        let group = groups.find(|group| *group != PeerGroup::NONE);
        Some(group.unwrap_or(PeerGroup::NONE))
    }

    /// The live objects of a peer group.
    pub(crate) fn peers(&self, group: PeerGroup) -> Vec<Arc<dyn Object>> {
        if self.layers.is_empty()
            && let Some(peers) = self.store().peers_if_only_group(group)
        {
            return peers;
        }
        let mut addresses = HashSet::default();
        for store in self.stores() {
            store.add_addresses(group, &mut addresses);
        }
        let mut peers = Vec::with_capacity(addresses.len());
        for store in self.stores() {
            store.add_peers(&addresses, &mut peers);
        }
        peers
    }

    /// Keeps these objects alive if the map's retention policy says so.
    pub(crate) fn keep(&self, objects: &dyn Objects) {
        self.target_store().keep(objects);
    }

    pub(crate) fn count_query(&self, hits: usize, misses: usize) {
        self.store().count_query(hits as u64, misses as u64);
    }

    /// Counts a statement that reads, and is about to be sent.
    pub(crate) fn count_statement(&self) {
        if let Some(top) = &self.top {
            top.has_read.store(true, Ordering::Relaxed);
        }
        self.map.count_statement();
    }

    /// About how many objects of the model a load can find.
    pub(crate) fn about_alive(&self) -> usize {
        self.stores().map(Store::about_alive).sum()
    }

    /// Whether the view is one inside a transaction, so that what is read may be for this connection
    /// alone.
    pub(crate) fn is_private(&self) -> bool {
        self.top.is_some()
    }

    /// Whether a row of this key that was read from `since` on may be older than a write.
    pub(crate) fn is_written_since(&self, since: Stamp, key: KeyHash) -> bool {
        self.store().is_written_since(since, key)
    }

    pub(crate) fn map(&self) -> &IdentityMap {
        &self.map
    }

    pub(super) fn store(&self) -> &Store {
        self.map.store(self.model)
    }

    /// The map's own store; `None` if it may have newer rows than this transaction reads.
    fn shared_store(&self) -> Option<&Store> {
        (!self.is_behind()).then(|| self.store())
    }

    /// Whether an object that only others have read may not be handed out yet: a snapshot is as old as the
    /// first read, and some transactions may commit only if the database knows all that they have read.
    fn asks_first(&self) -> bool {
        self.top.as_ref().is_some_and(|top| {
            let has_snapshot = !self.age.is_snapshot || top.has_read.load(Ordering::Relaxed);
            self.age.asks_for_each || !has_snapshot
        })
    }

    /// Whether the map may have newer rows than this transaction reads.
    pub(super) fn is_behind(&self) -> bool {
        self.age.is_behind(self.store())
    }

    /// Notes that this connection puts objects into the map.
    #[inline]
    pub(super) fn note_filler(&self) {
        if !self.has_noted_filler.load(Ordering::Relaxed) {
            self.has_noted_filler.store(true, Ordering::Relaxed);
            self.store().note_filler(self.age.filler);
        }
    }

    /// The stores of the layers, innermost first, and the map's own.
    pub(super) fn stores(&self) -> impl Iterator<Item = &Store> {
        let layers = self
            .layers
            .iter()
            .filter_map(|layer| layer.objects(self.model));
        layers.chain([self.store()])
    }

    /// The store of the innermost layer, if a transaction is open.
    pub(super) fn layer_store(&self) -> Option<&Store> {
        let top = self.top.as_ref()?;
        Some(top.objects.store(self.model))
    }

    pub(crate) fn model(&self) -> ModelType {
        self.model
    }

    /// The store that takes in what is read: the innermost layer's if a rollback may undo it.
    fn target_store(&self) -> &Store {
        match &self.top {
            Some(top) if top.has_written || self.is_behind() => top.objects.store(self.model),
            _ => self.store(),
        }
    }

    pub(super) fn note_new(&self, object: &Arc<dyn Object>, replaced: Option<Arc<dyn Object>>) {
        if let Some(new_objects) = &self.new_objects {
            lock(new_objects).note(object, replaced);
        }
    }
}
