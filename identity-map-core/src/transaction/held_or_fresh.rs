//! Which object a row becomes: the one that is held, or a fresh one.
//!
//! A held object wins over a fresh row ([`Reader::held_or_fresh`], [`ReadView::adopt`]), unless
//! the load was asked for fresh rows ([`ReadView::replace`]).

use std::sync::Arc;

use diesel::QueryResult;

use super::new_objects::NewObjects;
use super::read_view::{ReadView, Reader};
use crate::lock::lock;
use crate::map::Adopted;
use crate::model::{IdentityMapped, Object, ObjectsByKey, ObjectsMut, downcast};

/// The object that a row has become.
pub(crate) struct RowObject<M> {
    pub(crate) object: Arc<M>,
    /// Whether it was held before.
    pub(crate) is_hit: bool,
}

impl<M> RowObject<M> {
    fn hit(object: Arc<M>) -> Self {
        Self {
            object,
            is_hit: true,
        }
    }

    fn miss(object: Arc<M>) -> Self {
        Self {
            object,
            is_hit: false,
        }
    }
}

impl Reader<'_> {
    /// The object of a row by its key: the one that is held, else a fresh one. The row of a held object
    /// is not decoded.
    ///
    /// # Errors
    /// Those of `decode`; the map is then as before.
    #[inline]
    pub(crate) fn held_or_fresh<M: IdentityMapped>(
        &self,
        key: &M::Key,
        decode: impl FnOnce() -> QueryResult<Arc<M>>,
    ) -> QueryResult<RowObject<M>> {
        match self.get(key) {
            Some(held) => Ok(RowObject::hit(held)),
            None => Ok(RowObject::miss(self.view().adopt(decode()?))),
        }
    }
}

impl ReadView {
    /// [`held_or_fresh`](Reader::held_or_fresh) of a row that is decoded already.
    pub(crate) fn held_or_decoded<M: IdentityMapped>(&self, decoded: M) -> RowObject<M> {
        match self.get(&decoded.key()) {
            Some(held) => RowObject::hit(held),
            None => RowObject::miss(self.adopt(Arc::new(decoded))),
        }
    }

    /// Takes in an object whose row was just read, unless one with its key is held, which wins.
    ///
    /// # Panics
    /// If the object is of another model than the view.
    pub(crate) fn adopt<M: IdentityMapped>(&self, fresh: Arc<M>) -> Arc<M> {
        let adopted = downcast(self.adopt_object(fresh));
        adopted.unwrap_or_else(|| unreachable!("the objects of a view are of one model"))
    }

    fn adopt_object(&self, fresh: Arc<dyn Object>) -> Arc<dyn Object> {
        if self.new_objects.is_none() {
            return self.adopt_in_layers(fresh);
        }
        let offered = Arc::as_ptr(&fresh);
        let object = self.adopt_in_layers(fresh);
        if std::ptr::addr_eq(Arc::as_ptr(&object), offered) {
            self.note_new(&object, None);
        }
        object
    }

    fn adopt_in_layers(&self, fresh: Arc<dyn Object>) -> Arc<dyn Object> {
        let Some(top) = &self.top else {
            self.note_filler();
            return self.store().adopt(fresh, self.age.since).object();
        };
        let layer = top.objects.store(self.model());
        // Another connection may have taken the row in meanwhile.
        if let Some(held) = self.get_same(&*fresh) {
            if self.age.asks_for_each {
                // From now on this transaction has read it itself.
                layer.adopt(Arc::clone(&held), self.made_at);
            }
            return held;
        }
        let fresh = if top.has_written || self.is_behind() {
            self.find_equal(&*fresh).unwrap_or(fresh)
        } else {
            self.note_filler();
            match self.store().adopt(fresh, self.age.since) {
                Adopted::InMap(object) if !self.age.asks_for_each => return object,
                Adopted::InMap(object) | Adopted::KeptOut(object) => object,
            }
        };
        layer.adopt(fresh, self.made_at).object()
    }

    /// [`adopt`](Self::adopt)s each of these, in place.
    pub(crate) fn adopt_all(&self, objects: &mut dyn ObjectsMut) {
        if self.top.is_none() && self.new_objects.is_none() {
            self.note_filler();
            self.store().adopt_all(objects, self.age.since);
            return;
        }
        for at in 0..objects.count() {
            let object = self.adopt_object(objects.get(at));
            objects.set(at, object);
        }
    }

    /// [`replace`](Self::replace)s the held objects by these. A join repeats rows, so the first object of
    /// a key stands for all.
    pub(crate) fn replace_all(&self, fresh: &mut dyn ObjectsMut) {
        let mut by_key = ObjectsByKey::with_capacity(fresh.count());
        for at in 0..fresh.count() {
            let first = by_key.first_of_key(&fresh.get(at));
            fresh.set(at, first);
        }
        self.replace(&by_key);
    }

    /// Replaces the held objects by fresh ones, whose rows were read through this view. A row that may be
    /// older than a write that has ended meanwhile is read again by the next load.
    pub(crate) fn replace(&self, fresh: &ObjectsByKey) {
        let store = self.layer_store().unwrap_or_else(|| self.store());
        // The partition comes first: to replace an object counts as a write of its key.
        let fresh = fresh.values();
        let (outdated, latest): (Vec<_>, Vec<_>) =
            fresh.partition(|object| store.is_written_since(self.made_at, object.key_hash()));
        for object in latest {
            self.replace_one(object);
        }
        for object in outdated {
            self.note_new(object, None);
            store.expire_same(&**object);
        }
    }

    /// Replaces the held object by a fresh one, whatever was written meanwhile. A stream needs that: to
    /// replace the object of one of its rows counts as a write, also for a later row of the same key.
    pub(crate) fn replace_one(&self, fresh: &Arc<dyn Object>) {
        if self.new_objects.is_some() {
            self.note_new(fresh, self.get_same(&**fresh));
        }
        self.put(fresh);
    }

    fn put(&self, fresh: &Arc<dyn Object>) {
        let key = fresh.key_hash();
        match &self.top {
            Some(top)
                if top.has_written
                    || self.is_behind()
                    || self.store().is_written_since(self.age.since, key) =>
            {
                top.objects.store(self.model()).replace(fresh);
            }
            _ => {
                self.note_filler();
                self.store().replace(fresh);
            }
        }
    }

    /// The held object that equals a fresh one, if the model asks to keep unchanged objects. A row then
    /// has the same object inside the transaction and outside.
    fn find_equal(&self, fresh: &dyn Object) -> Option<Arc<dyn Object>> {
        if !self.model().keeps_unchanged {
            return None;
        }
        self.stores().find_map(|store| store.find_equal(fresh))
    }

    /// Takes the objects that were made of rows since the last call.
    pub(crate) fn take_new_objects(&self) -> NewObjects {
        let new_objects = self.new_objects.as_ref();
        new_objects
            .map(|new_objects| std::mem::take(&mut *lock(new_objects)))
            .unwrap_or_default()
    }

    /// Takes objects that were just made out of the maps again, and puts back those that they replaced.
    pub(crate) fn give_up(&self, new_objects: NewObjects) {
        for new in new_objects.latest_first() {
            if let Some(replaced) = new.replaced {
                self.put(&replaced);
                continue;
            }
            if let Some(layer) = self.layer_store() {
                layer.expire_same(&*new.object);
            }
            let held = self.store().get_same(&*new.object);
            if held.is_some_and(|held| Arc::ptr_eq(&held, &new.object)) {
                self.store().expire_same(&*new.object);
            }
        }
    }
}
