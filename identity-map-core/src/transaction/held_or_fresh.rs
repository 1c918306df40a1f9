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

/// The object of a row.
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
    /// The object of a row by its key: the one that is held, else what the row decodes to. The row
    /// of a held object is not decoded.
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

    /// Takes in an object whose row was just read; the one that is held wins.
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
        // Another connection may have come first.
        if let Some(held) = self.get(&key) {
            return held;
        }
        let fresh = if top.has_written {
            self.equal_to(&key, &fresh).unwrap_or(fresh)
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

    /// Puts objects whose rows were read through this view in place of those that are held. Where a
    /// row may be older than a write that has ended meanwhile, the next load reads it again.
    pub(crate) fn replace<'a>(&self, fresh: impl Iterator<Item = &'a Arc<M>>) {
        let store = match &self.top {
            Some(top) => top.objects.store(),
            None => self.store(),
        };
        // All of them are asked for before one is put, since to put one counts as a write.
        let (late, latest): (Vec<_>, Vec<_>) =
            fresh.partition(|object| store.is_written_since(self.made_at, &object.key()));
        for object in latest {
            self.replace_one(object);
        }
        for object in late {
            self.note_new(object, None);
            store.expire(&object.key());
        }
    }

    /// Puts the object of a streamed row in place of the one that is held. The rows of the stream
    /// before it count as written, so it is not asked whether this one is late.
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

    /// An object that equals this row and that somebody holds, where the model wants to keep
    /// such: it is the same object, in the transaction and outside.
    fn equal_to(&self, key: &M::Key, fresh: &M) -> Option<Arc<M>> {
        M::__UNCHANGED?;
        self.stores().find_map(|store| store.equal_to(key, fresh))
    }

    /// The objects that were made of rows since this was asked last.
    pub(crate) fn take_new_objects(&self) -> NewObjects<M> {
        let new_objects = self.new_objects.as_ref();
        new_objects
            .map(|new_objects| std::mem::take(&mut *lock(new_objects)))
            .unwrap_or_default()
    }

    /// Gives up objects that were just made; what they replaced is back.
    pub(crate) fn give_up(&self, new_objects: NewObjects<M>) {
        for new in new_objects.latest_first() {
            let key = new.object.key();
            if let Some(before) = new.before {
                self.put(key, &before);
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
