//! A connection on which the rows of a model can be written: [`Writes`].

use std::future::Future;
use std::sync::Arc;

use diesel::QueryResult;
use diesel::query_builder::QueryFragment;

use super::sql_parts::Assignments;
use crate::connection::{ConnectionKind, Driver};
use crate::hooks::RunsHooks;
use crate::map::IdentityMap;
use crate::model::Model;
use crate::query::{Given, Loading};

/// A connection, of dialect `D`, on which the rows of `M` can be inserted, updated and deleted.
#[diagnostic::on_unimplemented(
    message = "rows of `{M}` cannot be written on `{Self}`",
    note = "`{M}` must be loadable on this connection, and its key a value that Diesel can bind",
    note = "if `{M}` says `#[identity_map(hooks)]`, it must implement `Hooks<{Self}>`",
    note = "the connection's feature (`sqlite`, `postgres`, `mysql`) must be enabled in \
            `diesel-identity-map`"
)]
pub trait Writes<M: Model, D: ConnectionKind>:
    Driver<D> + Given<M, Is: RunsHooks<Self, D>>
{
    /// Inserts the values of one row, and adds the row as the database has it to `rows`. `map` counts the
    /// statements, here and below.
    ///
    /// # Errors
    /// Whatever the database answers.
    #[doc(hidden)]
    fn insert_one<'c, V>(
        &'c mut self,
        values: &'c V,
        map: Option<&'c IdentityMap>,
        rows: &'c mut Loading<'static, M>,
    ) -> impl Future<Output = QueryResult<()>> + Send
    where
        V: QueryFragment<Self::Backend> + Sync + 'c;

    /// Inserts the values of several rows on a database that returns rows, and adds the rows in the order
    /// in which the database returns them.
    ///
    /// # Errors
    /// Whatever the database answers.
    #[doc(hidden)]
    fn insert_all<'c, V>(
        &'c mut self,
        values: &'c V,
        map: Option<&'c IdentityMap>,
        rows: &'c mut Loading<'static, M>,
    ) -> impl Future<Output = QueryResult<()>> + Send
    where
        V: QueryFragment<Self::Backend> + Sync + 'c;

    /// Inserts the values of rows on a database that returns none, and adds them to `inserted`. `rows` is
    /// the SQL of each row as Diesel shows it, and the number of the first.
    ///
    /// # Errors
    /// Whatever the database answers.
    #[doc(hidden)]
    fn insert_shown<V>(
        &mut self,
        values: &V,
        rows: (&[String], usize),
        map: Option<&IdentityMap>,
        inserted: &mut Loading<'static, M>,
    ) -> impl Future<Output = QueryResult<()>> + Send
    where
        V: QueryFragment<Self::Backend> + Sync;

    /// Makes changes, which assign these columns if they are known, to the row of this key, and of this version if
    /// one is named, and gives the row as the database has it; `None` if there is no such row.
    ///
    /// # Errors
    /// Whatever the database answers.
    #[doc(hidden)]
    fn update_one<C>(
        &mut self,
        changes: (C, Option<&[String]>),
        row: (M::Key, Option<M::Version>),
        sets_version: bool,
        map: Option<&IdentityMap>,
    ) -> impl Future<Output = QueryResult<Option<Arc<M>>>> + Send
    where
        C: QueryFragment<Self::Backend> + Send;

    /// Deletes the row of this key and version.
    ///
    /// # Errors
    /// Whatever the database answers.
    #[doc(hidden)]
    fn delete_one(
        &mut self,
        row: (M::Key, M::Version),
        map: Option<&IdentityMap>,
    ) -> impl Future<Output = QueryResult<DeletedRow<M::Key>>> + Send;

    /// Whether the key of the row that a key finds is this key.
    #[doc(hidden)]
    fn keys_are_exact() -> bool;

    /// Sends a statement for many rows to a database that returns what it writes, and collects their
    /// keys.
    ///
    /// The future does not hold the statement while it waits, so the statement need not be `Send`.
    ///
    /// # Errors
    /// Whatever the database answers.
    #[doc(hidden)]
    fn write_keys<'c, S>(
        &'c mut self,
        statement: S,
        keys: &'c mut Vec<M::Key>,
    ) -> impl Future<Output = QueryResult<()>> + Send + 'c
    where
        S: QueryFragment<Self::Backend> + 'c;

    /// Makes changes to the rows that a `WHERE` clause finds, on a database that returns what it writes, and
    /// collects the rows of a model whose query is its table.
    ///
    /// The future does not hold the statement while it waits, so the statement need not be `Send`.
    ///
    /// # Errors
    /// Whatever the database answers.
    #[doc(hidden)]
    fn update_where<'c, C, W>(
        &'c mut self,
        changes: C,
        condition: W,
        rows: &'c mut Loading<'static, M>,
    ) -> impl Future<Output = QueryResult<()>> + Send + 'c
    where
        C: QueryFragment<Self::Backend> + 'c,
        W: QueryFragment<Self::Backend> + 'c;

    /// The same of any model, with the keys of the rows.
    ///
    /// # Errors
    /// Whatever the database answers.
    #[doc(hidden)]
    fn update_keys_where<'c, C, W>(
        &'c mut self,
        changes: C,
        condition: W,
        keys: &'c mut Vec<M::Key>,
    ) -> impl Future<Output = QueryResult<()>> + Send + 'c
    where
        C: QueryFragment<Self::Backend> + 'c,
        W: QueryFragment<Self::Backend> + 'c;

    /// Locks the rows of the model's table that a `WHERE` clause finds, and collects their keys.
    ///
    /// # Errors
    /// Whatever the database answers.
    #[doc(hidden)]
    fn lock_keys<'c, W>(
        &'c mut self,
        condition: &'c W,
        keys: &'c mut Vec<M::Key>,
    ) -> impl Future<Output = QueryResult<()>> + Send + 'c
    where
        W: QueryFragment<Self::Backend> + 'c;

    /// Makes changes to the rows of these keys.
    ///
    /// # Errors
    /// Whatever the database answers.
    #[doc(hidden)]
    fn update_keys<'c, C>(
        &'c mut self,
        changes: &'c C,
        keys: &'c [M::Key],
    ) -> impl Future<Output = QueryResult<usize>> + Send + 'c
    where
        C: QueryFragment<Self::Backend> + 'c;

    /// Reads the rows of these keys, in any order. `map` counts the statements.
    ///
    /// # Errors
    /// Whatever the database answers, and a row that does not decode.
    #[doc(hidden)]
    fn read_keys(
        &mut self,
        keys: &[M::Key],
        map: Option<&IdentityMap>,
    ) -> impl Future<Output = QueryResult<Vec<Arc<M>>>> + Send;

    /// Reads the row of a key.
    ///
    /// # Errors
    /// Whatever the database answers, and a row that does not decode.
    #[doc(hidden)]
    fn read_one(
        &mut self,
        key: M::Key,
        map: Option<&IdentityMap>,
    ) -> impl Future<Output = QueryResult<Option<Arc<M>>>> + Send;

    /// What the text of these changes, or of this update, says; `None` if it is not known.
    #[doc(hidden)]
    fn assignments<C>(changes: &C) -> Option<Assignments>
    where
        C: QueryFragment<Self::Backend>;

    /// The names of the key columns, if their text is known.
    #[doc(hidden)]
    fn key_names() -> Option<Vec<String>>;

    /// Whether the model's rows have versions.
    #[doc(hidden)]
    fn has_versions() -> bool;
}

/// The row that a delete names.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeletedRow<K> {
    /// There was none of this key and version.
    Missing,
    /// A row with this key is gone.
    WithKey(K),
    /// A row is gone, and its own key may be another value than the one that found it.
    Found,
}
