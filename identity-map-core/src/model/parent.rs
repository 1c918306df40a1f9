//! The table of a parent, whatever the parent derives: the derive calls
//! `(&&&ParentTable::<User>::new()).__table_name("users")`, and method lookup takes the first that fits.

use std::marker::PhantomData;

#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
use diesel::associations::HasTable;
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
use diesel::query_builder::QueryFragment;

#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
use super::base_query_backend::BaseQueryBackend;
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
use super::engine_model::Model;
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
use super::table_name::table_name;

/// Stands for the type of a parent.
#[derive(Debug)]
pub struct ParentTable<T>(PhantomData<T>);

impl<T> ParentTable<T> {
    /// Only the type matters.
    #[must_use]
    #[allow(clippy::new_without_default)]
    pub fn new() -> Self {
        Self(PhantomData)
    }
}

/// A parent that is a mapped model.
pub trait Mapped {
    /// Its table.
    fn __table_name(&self, guess: &str) -> String;
    /// Makes it known, if it is a model.
    fn __make_known(&self) {}
}

#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
impl<T> Mapped for &&ParentTable<T>
where
    T: Model,
    T::Table: QueryFragment<BaseQueryBackend>,
{
    fn __table_name(&self, _: &str) -> String {
        table_name(&T::table())
    }

    fn __make_known(&self) {
        let _ = T::__facts();
    }
}

/// A parent that is `Identifiable`.
pub trait Tabled {
    /// Its table.
    fn __table_name(&self, guess: &str) -> String;
    /// Makes it known, if it is a model.
    fn __make_known(&self) {}
}

#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
impl<T> Tabled for &ParentTable<T>
where
    T: HasTable,
    T::Table: QueryFragment<BaseQueryBackend>,
{
    fn __table_name(&self, _: &str) -> String {
        table_name(&T::table())
    }
}

/// Any other parent: its table has the name that Diesel's rule gives.
pub trait Guessed {
    /// Its table.
    fn __table_name(&self, guess: &str) -> String;
    /// Makes it known, if it is a model.
    fn __make_known(&self) {}
}

impl<T> Guessed for ParentTable<T> {
    fn __table_name(&self, guess: &str) -> String {
        guess.to_owned()
    }
}
