//! How many objects a relation gives for one object: [`Cardinality`].

use crate::model::{Always, Nullable};

/// One, one or none, or many: what `with` gives for a relation.
pub trait Cardinality {
    /// `T`, `Option<T>` or `Vec<T>`.
    type Of<T: Send>: Send;

    /// Wraps what a look-up found; `None` if it found nothing and one object is required.
    fn from_option<T: Send>(found: Option<T>) -> Option<Self::Of<T>>;

    /// Calls `take` with each element.
    fn for_each<T: Send>(of: &Self::Of<T>, take: impl FnMut(&T));

    /// Maps each element. An element for which `make` gives `None` is left out; where one is required,
    /// the whole answer is `None`.
    fn map<T: Send, U: Send>(
        of: Self::Of<T>,
        make: impl FnMut(T) -> Option<U>,
    ) -> Option<Self::Of<U>>;
}

/// Any number of objects, in a list.
#[derive(Debug, Clone, Copy)]
pub struct Many;

impl Cardinality for Always {
    type Of<T: Send> = T;

    fn from_option<T: Send>(found: Option<T>) -> Option<T> {
        found
    }

    fn for_each<T: Send>(of: &T, mut take: impl FnMut(&T)) {
        take(of);
    }

    fn map<T: Send, U: Send>(of: T, mut make: impl FnMut(T) -> Option<U>) -> Option<U> {
        make(of)
    }
}

impl Cardinality for Nullable {
    type Of<T: Send> = Option<T>;

    fn from_option<T: Send>(found: Option<T>) -> Option<Option<T>> {
        Some(found)
    }

    fn for_each<T: Send>(of: &Option<T>, take: impl FnMut(&T)) {
        of.iter().for_each(take);
    }

    fn map<T: Send, U: Send>(of: Option<T>, make: impl FnMut(T) -> Option<U>) -> Option<Option<U>> {
        Some(of.and_then(make))
    }
}

impl Cardinality for Many {
    type Of<T: Send> = Vec<T>;

    fn from_option<T: Send>(found: Option<T>) -> Option<Vec<T>> {
        Some(Vec::from_iter(found))
    }

    fn for_each<T: Send>(of: &Vec<T>, take: impl FnMut(&T)) {
        of.iter().for_each(take);
    }

    fn map<T: Send, U: Send>(of: Vec<T>, make: impl FnMut(T) -> Option<U>) -> Option<Vec<U>> {
        Some(of.into_iter().filter_map(make).collect())
    }
}
