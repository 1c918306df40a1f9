//! The SQL of a model's query, which names what the model reads beside its table: the derive calls
//! `(&&&&ModelText::<Post>::new()).__text()`, and method lookup takes the first backend that fits.

use std::marker::PhantomData;

#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
use diesel::query_builder::QueryFragment;

#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
use super::engine_model::ModelSelection;

/// Stands for the type of a model.
#[derive(Debug)]
pub struct ModelText<M>(PhantomData<M>);

impl<M> ModelText<M> {
    /// Only the type matters.
    #[must_use]
    #[allow(clippy::new_without_default)]
    pub fn new() -> Self {
        Self(PhantomData)
    }
}

macro_rules! shown_by {
    ($($(#[$gate:meta])* $name:ident $backend:ty: [$($reference:tt)*];)+) => {$(
        /// A model whose query one backend can show.
        $(#[$gate])*
        pub trait $name {
            /// The query, and what it selects.
            fn __text(&self) -> String;
        }

        $(#[$gate])*
        impl<M> $name for $($reference)* ModelText<M>
        where
            M: ModelSelection<$backend, Query: QueryFragment<$backend>>,
            M::Selection: QueryFragment<$backend>,
        {
            fn __text(&self) -> String {
                let query = diesel::debug_query::<$backend, _>(&M::query()).to_string();
                let selection = diesel::debug_query::<$backend, _>(&M::selection()).to_string();
                format!("{} {}", without_binds(&query), without_binds(&selection))
            }
        }
    )+};
}

#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
fn without_binds(shown: &str) -> &str {
    shown
        .rsplit_once(" -- binds: ")
        .map_or(shown, |(text, _)| text)
}

shown_by! {
    #[cfg(feature = "sqlite")]
    ShownBySqlite diesel::sqlite::Sqlite: [&&&];
    #[cfg(feature = "postgres")]
    ShownByPg diesel::pg::Pg: [&&];
    #[cfg(feature = "mysql")]
    ShownByMysql diesel::mysql::Mysql: [&];
}

/// A model whose query nobody can show.
pub trait ShownByNone {
    /// Nothing.
    fn __text(&self) -> String;
}

impl<M> ShownByNone for ModelText<M> {
    fn __text(&self) -> String {
        String::new()
    }
}
