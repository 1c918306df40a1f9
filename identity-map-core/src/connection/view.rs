//! A map as one connection sees it at one moment: [`View`].
//!
//! Outside a transaction that is the map itself. Inside one that has written, the layers of the
//! transaction come first, and what is read stays in them until the commit.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use crate::map::{IdentityMap, Landed, List, Stamp, Store};
use crate::model::IdentityMapped;

/// What a load asks and fills. It does not borrow the connection, which is busy meanwhile.
pub(crate) struct View<M: IdentityMapped> {
    map: IdentityMap,
    /// Rows that are read through this view may be as old as this.
    since: Stamp,
    /// When it was made.
    made_at: Stamp,
    /// What is loaded through this view was loaded together.
    list: List,
    /// Innermost first.
    over: Vec<LayerView<M>>,
    landing: Option<Landing>,
    /// The objects that were made of rows, where somebody wants to know them.
    made: Option<Mutex<Vec<Made<M>>>>,
}

/// An object that was made of a row, and the one whose place it took.
pub(crate) struct Made<M> {
    pub(crate) object: Arc<M>,
    before: Option<Arc<M>>,
}

struct Landing {
    objects: IdentityMap,
    /// The transaction has written, so that what it reads may be undone.
    dirty: bool,
}

/// One layer of a transaction.
pub(crate) struct LayerView<M: IdentityMapped> {
    pub(super) objects: Option<IdentityMap>,
    pub(super) whole: bool,
    pub(super) keys: Option<Arc<HashSet<M::Key, foldhash::fast::RandomState>>>,
}

impl<M: IdentityMapped> LayerView<M> {
    fn objects(&self) -> Option<&Store<M>> {
        self.objects.as_ref()?.known_store()
    }

    fn touched(&self, key: &M::Key) -> bool {
        self.whole || self.keys.as_ref().is_some_and(|keys| keys.contains(key))
    }
}

impl<M: IdentityMapped> View<M> {
    /// Outside a transaction.
    pub(crate) fn plain(map: IdentityMap) -> Self {
        Self {
            map,
            since: Stamp::now(),
            made_at: Stamp::now(),
            list: List::NONE,
            over: Vec::new(),
            landing: None,
            made: None,
        }
    }

    /// The view, whose objects are put into this list.
    pub(crate) fn listing(mut self, list: List) -> Self {
        self.list = list;
        self
    }

    /// The view, noting which objects it makes.
    pub(crate) fn noting(mut self, note: bool) -> Self {
        self.made = note.then(Mutex::default);
        self
    }

    /// The objects that were made of rows since this was asked last.
    pub(crate) fn take_made(&self) -> Vec<Made<M>> {
        let made = self.made.as_ref();
        made.map(|made| std::mem::take(&mut *made.lock().unwrap_or_else(PoisonError::into_inner)))
            .unwrap_or_default()
    }

    fn note(&self, object: &Arc<M>, before: Option<Arc<M>>) {
        if let Some(made) = &self.made {
            let object = Arc::clone(object);
            let mut made = made.lock().unwrap_or_else(PoisonError::into_inner);
            made.push(Made { object, before });
        }
    }

    /// Gives up objects that were just made; what they replaced is back.
    pub(crate) fn give_up(&self, made: Vec<Made<M>>) {
        for Made { object, before } in made.into_iter().rev() {
            let key = object.key();
            match (before, &self.landing) {
                (Some(before), _) => self.put(key, &before),
                (None, landing) => {
                    if let Some(landing) = landing {
                        landing.objects.store::<M>().expire(&key);
                    }
                    let held = self.store().get(&key);
                    if held.is_some_and(|held| Arc::ptr_eq(&held, &object)) {
                        self.store().expire(&key);
                    }
                }
            }
        }
    }

    pub(super) fn in_transaction(
        over: Vec<LayerView<M>>,
        landing: IdentityMap,
        dirty: bool,
        began: Stamp,
        map: IdentityMap,
    ) -> Self {
        Self {
            map,
            since: began,
            made_at: Stamp::now(),
            list: List::NONE,
            over,
            landing: Some(Landing {
                objects: landing,
                dirty,
            }),
            made: None,
        }
    }

    /// The live object of this key.
    pub(crate) fn get(&self, key: &M::Key) -> Option<Arc<M>> {
        self.find(key, |store| store.get(key))
    }

    /// The live objects of these keys, in their order. What is taken is not to be dropped by `take`.
    pub(crate) fn get_each(&self, keys: &[M::Key], mut take: impl FnMut(&M::Key, Option<Arc<M>>)) {
        if self.over.is_empty() {
            self.store().get_each(keys, take);
        } else {
            for key in keys {
                take(key, self.get(key));
            }
        }
    }

    fn find<T>(&self, key: &M::Key, look: impl Fn(&Store<M>) -> Option<T>) -> Option<T> {
        for layer in &self.over {
            let found = layer.objects().and_then(&look);
            if found.is_some() {
                return found;
            }
            if layer.touched(key) {
                return None;
            }
        }
        look(self.store())
    }

    /// Puts what was loaded through this view into its list; `made` says whether some were new.
    pub(crate) fn enlist(&self, objects: &[Arc<M>], made: bool) {
        let store = match &self.landing {
            Some(landing) if landing.dirty => landing.objects.store(),
            _ => self.store(),
        };
        store.enlist(self.list, objects, made);
    }

    /// The list of an object, if it is the one that this view has under its key.
    pub(crate) fn list_of(&self, object: &Arc<M>) -> Option<List> {
        let held = self.get(&object.key())?;
        if !Arc::ptr_eq(&held, object) {
            return None;
        }
        let mut lists = self.stores().map(|store| store.list_of(object));
        Some(lists.find(|list| *list != List::NONE).unwrap_or(List::NONE))
    }

    /// The live objects of a list.
    pub(crate) fn peers(&self, list: List) -> Vec<Arc<M>> {
        if self.over.is_empty()
            && let Some(peers) = self.store().peers_if_all(list)
        {
            return peers;
        }
        let mut places = HashSet::default();
        for store in self.stores() {
            store.add_places(list, &mut places);
        }
        let mut peers = Vec::with_capacity(places.len());
        for store in self.stores() {
            store.add_peers(&places, &mut peers);
        }
        peers
    }

    /// What the transaction has, innermost first, and the map's own.
    fn stores(&self) -> impl Iterator<Item = &Store<M>> {
        let layers = self.over.iter().filter_map(LayerView::objects);
        layers.chain([self.store()])
    }

    /// Whether what is read now may be undone, or is seen by this connection alone.
    pub(crate) fn is_private(&self) -> bool {
        self.landing.is_some()
    }

    /// Whether a row of this key that was read from `since` on may be older than a write.
    pub(crate) fn written_since(&self, since: Stamp, key: &M::Key) -> bool {
        self.store().written_since(since, key)
    }

    pub(crate) fn map(&self) -> &IdentityMap {
        &self.map
    }

    /// Takes in an object whose row was just read; the one that is held wins.
    pub(crate) fn adopt(&self, key: M::Key, fresh: Arc<M>) -> Arc<M> {
        if self.made.is_none() {
            return self.take_in(key, fresh);
        }
        let offered = Arc::as_ptr(&fresh);
        let object = self.take_in(key, fresh);
        if Arc::as_ptr(&object) == offered {
            self.note(&object, None);
        }
        object
    }

    fn take_in(&self, key: M::Key, fresh: Arc<M>) -> Arc<M> {
        let Some(landing) = &self.landing else {
            let (Landed::There(object) | Landed::KeptOut(object)) =
                self.store().adopt(key, fresh, self.since);
            return object;
        };
        // Another connection may have come first.
        if let Some(held) = self.get(&key) {
            return held;
        }
        let fresh = if landing.dirty {
            self.equal_to(&key, &fresh).unwrap_or(fresh)
        } else {
            match self.store().adopt(key.clone(), fresh, self.since) {
                Landed::There(object) => return object,
                Landed::KeptOut(object) => object,
            }
        };
        let (Landed::There(object) | Landed::KeptOut(object)) =
            landing.objects.store().adopt(key, fresh, self.made_at);
        object
    }

    /// [`adopt`](Self::adopt)s each of these, in place.
    pub(crate) fn adopt_all(&self, objects: &mut [Arc<M>]) {
        if self.landing.is_none() && self.made.is_none() {
            self.store().adopt_all(objects, self.since);
            return;
        }
        for object in objects {
            *object = self.adopt(object.key(), Arc::clone(object));
        }
    }

    /// Puts objects whose rows were read through this view in place of those that are held. Where a
    /// row may be older than a write that has ended meanwhile, the next load reads it again.
    pub(crate) fn replace<'a>(&self, fresh: impl Iterator<Item = &'a Arc<M>>) {
        let landing = self.landing.as_ref();
        let store = landing.map_or(self.store(), |landing| landing.objects.store());
        // Asked for all of them first: to put one counts as a write.
        let (late, latest): (Vec<_>, Vec<_>) =
            fresh.partition(|object| store.written_since(self.made_at, &object.key()));
        for object in latest {
            self.replace_one(object);
        }
        for object in late {
            self.note(object, None);
            store.expire(&object.key());
        }
    }

    /// The like for one of the rows of a stream, of which those before it count as written.
    pub(crate) fn replace_one(&self, fresh: &Arc<M>) {
        let key = fresh.key();
        if self.made.is_some() {
            self.note(fresh, self.get(&key));
        }
        self.put(key, fresh);
    }

    fn put(&self, key: M::Key, fresh: &Arc<M>) {
        match &self.landing {
            Some(landing) if landing.dirty || self.store().written_since(self.since, &key) => {
                landing.objects.store().replace(key, fresh);
            }
            _ => self.store().replace(key, fresh),
        }
    }

    /// An object that equals this row and that somebody holds, where the model wants to keep
    /// such: it is the same object, in the transaction and outside.
    fn equal_to(&self, key: &M::Key, fresh: &M) -> Option<Arc<M>> {
        M::__UNCHANGED?;
        self.stores()
            .find_map(|objects| objects.equal_to(key, fresh))
    }

    /// Keeps these objects alive if the map's retention policy says so.
    pub(crate) fn keep(&self, objects: &[Arc<M>]) {
        match &self.landing {
            Some(landing) if landing.dirty => landing.objects.store().keep(objects),
            _ => self.store().keep(objects),
        }
    }

    /// Counts what a query found.
    pub(crate) fn used(&self, hits: usize, misses: usize) {
        self.store().used(hits as u64, misses as u64);
    }

    pub(crate) fn count_statement(&self) {
        self.map.count_statement();
    }

    /// About how many objects of the model there are to be found.
    pub(crate) fn about_alive(&self) -> usize {
        self.stores().map(Store::about_alive).sum()
    }

    fn store(&self) -> &Store<M> {
        self.map.store()
    }
}
