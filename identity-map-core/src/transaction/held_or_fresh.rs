//! Which object a row becomes: the one that is held, or a fresh one.
//!
//! A held object wins over a fresh row ([`ReadView::held_or_fresh`], [`ReadView::adopt`]), unless
//! the load was asked for fresh rows ([`ReadView::replace`]).

use std::sync::Arc;

use diesel::QueryResult;

use super::new_objects::NewObjects;
use super::read_view::ReadView;
use crate::lock::lock;
use crate::map::Adopted;
use crate::model::IdentityMapped;

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

impl<M: IdentityMapped> ReadView<M> {
    /// The object of a row by its key: the one that is held, else a fresh one. The row of a held object
    /// is not decoded.
    ///
    /// # Errors
    /// Those of `decode`; the map is then as before.
    #[allow(clippy::inline_always)] // a call is 30 instructions for each row of a held object
    #[inline(always)]
    pub(crate) fn held_or_fresh(
        &self,
        key: M::Key,
        decode: impl FnOnce() -> QueryResult<M>,
    ) -> QueryResult<RowObject<M>> {
        match self.get(&key) {
            Some(held) => Ok(RowObject::hit(held)),
            None => self.decode_and_adopt(key, decode),
        }
    }

    fn decode_and_adopt(
        &self,
        key: M::Key,
        decode: impl FnOnce() -> QueryResult<M>,
    ) -> QueryResult<RowObject<M>> {
        Ok(RowObject::miss(self.adopt(key, Arc::new(decode()?))))
    }

    /// [`held_or_fresh`](Self::held_or_fresh) of a row that is decoded already.
    pub(crate) fn held_or_decoded(&self, key: M::Key, decoded: M) -> RowObject<M> {
        match self.get(&key) {
            Some(held) => RowObject::hit(held),
            None => RowObject::miss(self.adopt(key, Arc::new(decoded))),
        }
    }

    /// Takes in an object whose row was just read, unless one with its key is held, which wins.
    pub(crate) fn adopt(&self, key: M::Key, fresh: Arc<M>) -> Arc<M> {
        if self.new_objects.is_none() {
            return self.adopt_in_layers(key, fresh);
        }
        let offered = Arc::as_ptr(&fresh);
        let object = self.adopt_in_layers(key, fresh);
        if Arc::as_ptr(&object) == offered {
            self.note_new(&object, None);
        }
        object
    }

    fn adopt_in_layers(&self, key: M::Key, fresh: Arc<M>) -> Arc<M> {
        let Some(top) = &self.top else {
            return self.store().adopt(key, fresh, self.since).object();
        };
        // Another connection may have taken the row in meanwhile.
        if let Some(held) = self.get(&key) {
            return held;
        }
        let fresh = if top.has_written {
            self.find_equal(&key, &fresh).unwrap_or(fresh)
        } else {
            match self.store().adopt(key.clone(), fresh, self.since) {
                Adopted::InMap(object) => return object,
                Adopted::KeptOut(object) => object,
            }
        };
        let layer = top.objects.store();
        layer.adopt(key, fresh, self.made_at).object()
    }

    /// [`adopt`](Self::adopt)s each of these, in place.
    pub(crate) fn adopt_all(&self, objects: &mut [Arc<M>]) {
        if self.top.is_none() && self.new_objects.is_none() {
            self.store().adopt_all(objects, self.since);
            return;
        }
        for object in objects {
            *object = self.adopt(object.key(), Arc::clone(object));
        }
    }

    /// Replaces the held objects by fresh ones, whose rows were read through this view. A row that may be
    /// older than a write that has ended meanwhile is read again by the next load.
    pub(crate) fn replace<'a>(&self, fresh: impl Iterator<Item = &'a Arc<M>>) {
        let store = match &self.top {
            Some(top) => top.objects.store(),
            None => self.store(),
        };
        // The partition comes first: to replace an object counts as a write of its key.
        let (outdated, latest): (Vec<_>, Vec<_>) =
            fresh.partition(|object| store.is_written_since(self.made_at, &object.key()));
        for object in latest {
            self.replace_one(object);
        }
        for object in outdated {
            self.note_new(object, None);
            store.expire(&object.key());
        }
    }

    /// Replaces the held object by a fresh one, whatever was written meanwhile. A stream needs that: to
    /// replace the object of one of its rows counts as a write, also for a later row of the same key.
    pub(crate) fn replace_one(&self, fresh: &Arc<M>) {
        let key = fresh.key();
        if self.new_objects.is_some() {
            self.note_new(fresh, self.get(&key));
        }
        self.put(key, fresh);
    }

    fn put(&self, key: M::Key, fresh: &Arc<M>) {
        match &self.top {
            Some(top) if top.has_written || self.store().is_written_since(self.since, &key) => {
                top.objects.store().replace(key, fresh);
            }
            _ => self.store().replace(key, fresh),
        }
    }

    /// The held object that equals a fresh one, if the model asks to keep unchanged objects. A row then
    /// has the same object inside the transaction and outside.
    fn find_equal(&self, key: &M::Key, fresh: &M) -> Option<Arc<M>> {
        M::__UNCHANGED?;
        self.stores().find_map(|store| store.find_equal(key, fresh))
    }

    /// Takes the objects that were made of rows since the last call.
    pub(crate) fn take_new_objects(&self) -> NewObjects<M> {
        let new_objects = self.new_objects.as_ref();
        new_objects
            .map(|new_objects| std::mem::take(&mut *lock(new_objects)))
            .unwrap_or_default()
    }

    /// Takes objects that were just made out of the maps again, and puts back those that they replaced.
    pub(crate) fn give_up(&self, new_objects: NewObjects<M>) {
        for new in new_objects.latest_first() {
            let key = new.object.key();
            if let Some(replaced) = new.replaced {
                self.put(key, &replaced);
                continue;
            }
            if let Some(top) = &self.top {
                top.objects.store::<M>().expire(&key);
            }
            let held = self.store().get(&key);
            if held.is_some_and(|held| Arc::ptr_eq(&held, &new.object)) {
                self.store().expire(&key);
            }
        }
    }
}
