//! Objects that a test holds, each row once.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt::Debug;
use std::sync::Arc;

use diesel_identity_map::IdentityMapped;

use super::mapped::{PackagePage, PackageRow};
use super::models::Owner;

type Object = Arc<dyn Any + Send + Sync>;

#[derive(Default)]
pub(super) struct Held(HashMap<(TypeId, String), Object>);

impl Held {
    /// Holds everything that is in `found`.
    ///
    /// Panics if a row is there as another object.
    pub(super) fn hold(&mut self, found: &impl Found) {
        found.each(&mut |key, object| match self.0.entry(key) {
            Entry::Occupied(held) => {
                let (_, key) = held.key();
                assert!(
                    Arc::ptr_eq(held.get(), &object),
                    "two objects of the row {key}"
                );
            }
            Entry::Vacant(place) => drop(place.insert(object)),
        });
    }

    /// The objects of a model.
    pub(super) fn all<M: IdentityMapped>(&self) -> Vec<Arc<M>> {
        let objects = self.0.values().map(Arc::clone);
        objects
            .filter_map(|object| object.downcast::<M>().ok())
            .collect()
    }

    /// Lets go of every second object.
    pub(super) fn halve(&mut self) {
        let mut names: Vec<_> = self.0.keys().cloned().collect();
        names.sort_by(|one, other| one.1.cmp(&other.1));
        for name in names.iter().step_by(2) {
            self.0.remove(name);
        }
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

/// What has objects in it.
pub(super) trait Found {
    fn each(&self, then: &mut dyn FnMut((TypeId, String), Object));
}

impl<M: IdentityMapped + Debug> Found for Arc<M> {
    fn each(&self, then: &mut dyn FnMut((TypeId, String), Object)) {
        let name = std::any::type_name::<M>();
        let key = format!("{name} {:?}", self.key());
        then((TypeId::of::<M>(), key), Arc::clone(self) as Object);
    }
}

impl<T: Found> Found for Vec<T> {
    fn each(&self, then: &mut dyn FnMut((TypeId, String), Object)) {
        self.iter().for_each(|found| found.each(then));
    }
}

impl<T: Found> Found for Option<T> {
    fn each(&self, then: &mut dyn FnMut((TypeId, String), Object)) {
        self.iter().for_each(|found| found.each(then));
    }
}

impl<A: Found, B: Found> Found for (A, B) {
    fn each(&self, then: &mut dyn FnMut((TypeId, String), Object)) {
        self.0.each(then);
        self.1.each(then);
    }
}

impl<U: Found, T: Found> Found for Owner<U, T> {
    fn each(&self, then: &mut dyn FnMut((TypeId, String), Object)) {
        match self {
            Self::User(user) => user.each(then),
            Self::Team(team) => team.each(then),
        }
    }
}

macro_rules! nothing_in {
    ($($T:ty)+) => {$(
        impl Found for $T {
            fn each(&self, _: &mut dyn FnMut((TypeId, String), Object)) {}
        }
    )+};
}
nothing_in! { () i64 usize }

impl Found for PackagePage {
    fn each(&self, then: &mut dyn FnMut((TypeId, String), Object)) {
        self.package.each(then);
        self.downloads.each(then);
        self.versions.each(then);
        self.keywords.each(then);
        self.categories.each(then);
        self.badges.each(then);
        self.owners.each(then);
    }
}

impl Found for PackageRow {
    fn each(&self, then: &mut dyn FnMut((TypeId, String), Object)) {
        self.package.each(then);
        self.downloads.each(then);
        self.default_version.each(then);
        self.version.each(then);
        self.publisher.each(then);
    }
}
