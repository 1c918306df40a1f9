//! What an open transaction has touched, and the objects it has read since: [`Overlay`].
//!
//! One [`Layer`] per savepoint. What is in a layer is seen by this connection alone; a release
//! folds it into the layer below, a rollback drops it, and a confirmed commit hands it to the
//! maps.

use super::touched::Touched;
use super::view::{LayerView, View};
use crate::map::{IdentityMap, Stamp};
use crate::model::IdentityMapped;

/// What happens when the transaction has committed.
pub(crate) type AfterCommit = Box<dyn FnOnce() + Send>;

#[derive(Default)]
pub(crate) struct Overlay {
    /// Outermost first; empty outside a transaction.
    layers: Vec<Layer>,
    began: Stamp,
    /// A statement failed in a way that may have undone what was done before.
    doubtful: bool,
}

#[derive(Default)]
struct Layer {
    /// None for the transaction itself.
    savepoint: Option<String>,
    /// Savepoints of the same name that were set here while the layer was empty.
    repeated: usize,
    touched: Touched,
    /// By the map in whose place they stand.
    objects: Vec<(IdentityMap, IdentityMap)>,
    after_commit: Vec<AfterCommit>,
    /// PostgreSQL ignores everything until a rollback, and then commits nothing.
    aborted: bool,
}

/// What a `RELEASE` released.
pub(crate) enum Released {
    Savepoint,
    /// The savepoint that SQLite had taken for the beginning of a transaction.
    Transaction(Ended),
    /// No savepoint that is known.
    Unknown,
}

/// How a transaction ended.
pub(crate) struct Ended {
    pub(crate) touched: Touched,
    pub(crate) after_commit: Vec<AfterCommit>,
    objects: Vec<(IdentityMap, IdentityMap)>,
    began: Stamp,
}

impl Ended {
    /// Lets a map know: it takes what the transaction read for it, and forgets the rest of what
    /// was touched.
    pub(crate) fn tell(&self, map: &IdentityMap) {
        match find(&self.objects, map) {
            Some(objects) => map.take_from(objects, &self.touched, self.began),
            None => map.expire_touched(&self.touched),
        }
    }

    /// The maps that the transaction read for.
    pub(crate) fn maps(&self) -> impl Iterator<Item = &IdentityMap> {
        self.objects.iter().map(|(map, _)| map)
    }
}

fn find<'a>(
    objects: &'a [(IdentityMap, IdentityMap)],
    of: &IdentityMap,
) -> Option<&'a IdentityMap> {
    let (_, objects) = objects.iter().find(|(map, _)| map.is(of))?;
    Some(objects)
}

impl Overlay {
    /// For a connection that may be inside a transaction already.
    pub(crate) fn as_deep_as(depth: u32) -> Self {
        let mut overlay = Self::default();
        for level in 0..depth {
            match level {
                0 => overlay.begin(Stamp::default()),
                level => overlay.savepoint(format!("diesel_savepoint_{level}"), Stamp::default()),
            }
        }
        overlay
    }

    pub(crate) fn is_open(&self) -> bool {
        !self.layers.is_empty()
    }

    pub(crate) fn depth(&self) -> usize {
        self.layers.len()
    }

    /// Whether anything was written in the open transaction.
    fn is_dirty(&self) -> bool {
        self.layers.iter().any(|layer| !layer.touched.is_empty())
    }

    /// A transaction began; its snapshot is not older than `began`.
    pub(crate) fn begin(&mut self, began: Stamp) {
        self.began = began;
        self.doubtful = false;
        self.layers.push(Layer::default());
    }

    pub(crate) fn savepoint(&mut self, name: String, now: Stamp) {
        if self.layers.is_empty() {
            self.began = now;
            self.doubtful = false;
        }
        if let Some(top) = self.layers.last_mut()
            && top.is_untouched()
            && top.savepoint.as_ref() == Some(&name)
        {
            top.repeated += 1;
            return;
        }
        self.layers.push(Layer {
            savepoint: Some(name),
            ..Layer::default()
        });
    }

    /// What these keys or models hold is from now on this connection's own affair.
    pub(crate) fn touch(&mut self, touched: Touched) {
        if let Some(top) = self.layers.last_mut() {
            for (_, objects) in &top.objects {
                objects.expire_touched(&touched);
            }
            top.touched.merge(touched);
        }
    }

    /// The map for what is read or written now in place of `map`.
    pub(crate) fn landing(&mut self, map: &IdentityMap) -> Option<IdentityMap> {
        self.layers.last_mut().map(|top| top.objects_of(map))
    }

    pub(crate) fn after_commit(&mut self, hook: AfterCommit) {
        if let Some(top) = self.layers.last_mut() {
            top.after_commit.push(hook);
        }
    }

    /// The maps as this connection sees them now.
    pub(crate) fn view<M: IdentityMapped>(&mut self, map: IdentityMap) -> View<M> {
        let Some(landing) = self.landing(&map) else {
            return View::plain(map);
        };
        let over = self.layers.iter().rev().map(|layer| LayerView {
            objects: layer.known_objects(&map).cloned(),
            whole: layer.touched.covers(M::__facts()),
            keys: layer.touched.keys_of::<M>(),
        });
        View::in_transaction(over.collect(), landing, self.is_dirty(), self.began, map)
    }

    /// A statement failed.
    pub(crate) fn failed(&mut self, failure: Failure) {
        match failure {
            Failure::Harmless => {}
            Failure::Aborts => {
                if let Some(top) = self.layers.last_mut() {
                    top.aborted = true;
                }
            }
            Failure::Doubtful | Failure::RolledBack => {
                self.doubtful = true;
                for layer in &mut self.layers {
                    layer.objects.clear();
                    if failure == Failure::RolledBack {
                        layer.after_commit.clear();
                    }
                }
            }
        }
    }

    /// `RELEASE`: what happened since goes to the layer below.
    pub(crate) fn release(&mut self, name: &str) -> Released {
        let Some(at) = self.find(name) else {
            return Released::Unknown;
        };
        while self.layers.len() > at + 1 {
            self.fold();
        }
        let repeated = &mut self.layers[at].repeated;
        if *repeated > 0 {
            *repeated -= 1;
            return Released::Savepoint;
        }
        if at == 0 {
            return Released::Transaction(self.commit());
        }
        self.fold();
        Released::Savepoint
    }

    /// `ROLLBACK TO`: what happened since is no more, and the savepoint stays. What was touched
    /// is read again, unless the rollback is one that restores what was known before
    /// (`undoing`). `None` if there is no such savepoint.
    pub(crate) fn rollback_to(&mut self, name: &str, undoing: bool) -> Option<Touched> {
        let at = self.find(name)?;
        let mut touched = Touched::default();
        for layer in self.layers.drain(at + 1..).rev() {
            touched.merge(layer.touched);
        }
        let layer = self.layers.last_mut()?;
        touched.merge(std::mem::take(&mut layer.touched));
        layer.objects.clear();
        layer.after_commit.clear();
        layer.aborted = false;
        if undoing && !self.doubtful {
            return Some(Touched::default());
        }
        for below in &self.layers {
            for (_, objects) in &below.objects {
                objects.expire_touched(&touched);
            }
        }
        Some(touched)
    }

    /// The end of the transaction: everything that is left was committed, unless a layer is
    /// aborted.
    pub(crate) fn commit(&mut self) -> Ended {
        if self.layers.iter().any(|layer| layer.aborted) {
            return self.roll_back(false);
        }
        while self.layers.len() > 1 {
            self.fold();
        }
        let mut all = self.layers.pop().unwrap_or_default();
        if self.doubtful {
            all.objects.clear();
        }
        Ended {
            touched: all.touched,
            after_commit: all.after_commit,
            objects: all.objects,
            began: self.began,
        }
    }

    /// The end of the transaction: nothing of it was committed. What was touched is read again,
    /// unless the rollback is one that restores what was known before (`undoing`).
    pub(crate) fn roll_back(&mut self, undoing: bool) -> Ended {
        let mut touched = Touched::default();
        for layer in self.layers.drain(..) {
            touched.merge(layer.touched);
        }
        if undoing && !self.doubtful {
            touched = Touched::default();
        }
        Ended {
            touched,
            after_commit: Vec::new(),
            objects: Vec::new(),
            began: self.began,
        }
    }

    fn find(&self, name: &str) -> Option<usize> {
        self.layers
            .iter()
            .rposition(|layer| layer.savepoint.as_deref() == Some(name))
    }

    /// Folds the innermost layer into the one below.
    fn fold(&mut self) {
        let Some(top) = self.layers.pop() else { return };
        let Some(below) = self.layers.last_mut() else {
            return;
        };
        for (_, objects) in &below.objects {
            objects.expire_touched(&top.touched);
        }
        for (map, objects) in &top.objects {
            below
                .objects_of(map)
                // Within one connection nothing is late.
                .take_from(objects, &top.touched, Stamp::now());
        }
        below.touched.merge(top.touched);
        below.after_commit.extend(top.after_commit);
        below.aborted |= top.aborted;
    }
}

impl Layer {
    fn is_untouched(&self) -> bool {
        self.touched.is_empty() && self.objects.is_empty() && self.after_commit.is_empty()
    }

    fn known_objects(&self, map: &IdentityMap) -> Option<&IdentityMap> {
        find(&self.objects, map)
    }

    fn objects_of(&mut self, map: &IdentityMap) -> IdentityMap {
        if let Some(known) = self.known_objects(map) {
            return known.clone();
        }
        let objects = map.overlay();
        self.objects.push((map.clone(), objects.clone()));
        objects
    }
}

/// What a failed statement means for the transaction it failed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The statement alone was undone.
    Harmless,
    /// The transaction goes on only after a rollback (PostgreSQL).
    Aborts,
    /// Perhaps the database has ended the transaction.
    Doubtful,
    /// The database has rolled the transaction back (a deadlock on MySQL).
    RolledBack,
}
