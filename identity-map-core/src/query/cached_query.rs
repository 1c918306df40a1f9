//! A query on a connection: [`CachedQuery`], and [`ModelQuery`] for whole models alone.

use std::future::Future;

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::dsl::Select;
use diesel::expression::{Expression, QueryMetadata};
use diesel::query_builder::{Query, QueryFragment, QueryId};
use diesel::query_dsl::methods::SelectDsl;

use super::auto::QueryShape;
#[cfg(feature = "filter-by-key")]
use super::filtered_key::key_of_binds;
use super::loading::Loading;
use crate::connection::{ConnectionKind, Driver};
use crate::database::Speaks;
use crate::model::{DecodableModel, Model, ModelSelection};

/// The selection of a query by rows. The key comes first, so that the rest may stay undecoded.
pub(crate) type KeyAndModel<M, DB> = (
    <M as Model>::KeyColumns,
    <M as ModelSelection<DB>>::Selection,
);

/// A Diesel query whose rows can be read as whole models on the connection `Conn`. The queries by key need
/// nothing else.
#[doc(hidden)]
pub trait ModelQuery<M: Model, Conn, D>: Sized {
    /// Sends one statement for models, as plain Diesel would.
    ///
    /// # Errors
    /// Whatever the database answers, and rows that do not decode.
    fn send_for_models<'c>(
        self,
        conn: &'c mut Conn,
        loading: &'c mut Loading<'_, M>,
    ) -> impl Future<Output = QueryResult<()>> + Send + 'c
    where
        Self: 'c;
}

/// A Diesel query that can be loaded as objects of `M` on the connection `Conn`. Its statement is sent, and
/// the rows go to the [`Loading`].
///
/// Implemented for every query whose source is the model's table, joined or not.
pub trait CachedQuery<M: Model, Conn, D>: ModelQuery<M, Conn, D> {
    /// The query that selects keys.
    #[doc(hidden)]
    type SelectKeys;

    /// The shape of the query, by which `Auto` learns.
    #[doc(hidden)]
    fn shape() -> QueryShape;

    /// The query with `select key`.
    #[doc(hidden)]
    fn select_keys(self) -> Self::SelectKeys;

    /// The key that the one condition of a query asks for, where its text tells.
    #[cfg(feature = "filter-by-key")]
    #[doc(hidden)]
    fn asked_key(query: &Self::SelectKeys) -> Option<M::Key>;

    /// Sends `select key`.
    ///
    /// # Errors
    /// Whatever the database answers, and keys that do not decode.
    #[doc(hidden)]
    fn send_for_keys<'c>(
        query: &'c Self::SelectKeys,
        conn: &'c mut Conn,
        loading: &'c mut Loading<'_, M>,
    ) -> impl Future<Output = QueryResult<()>> + Send + 'c
    where
        Self: 'c;

    /// The query that selects the key and the model.
    #[doc(hidden)]
    type SelectBoth;

    /// The query with the key and the model of each row.
    #[doc(hidden)]
    fn select_both(self) -> Self::SelectBoth;

    /// The same query with the key and the model of each row.
    #[doc(hidden)]
    fn reselect_both(query: Self::SelectKeys) -> Self::SelectBoth;

    /// Sends one statement for the key and the model of each row.
    ///
    /// # Errors
    /// Whatever the database answers, keys that do not decode, and rows that do not decode.
    #[doc(hidden)]
    fn send_for_both<'c>(
        query: Self::SelectBoth,
        conn: &'c mut Conn,
        loading: &'c mut Loading<'_, M>,
    ) -> impl Future<Output = QueryResult<()>> + Send + 'c
    where
        Self: 'c;
}

// The message names the trait as a whole, since the bound that failed would be a page of Diesel's
// internals.
#[diagnostic::do_not_recommend]
impl<M, Q, Conn, D, DB> ModelQuery<M, Conn, D> for Q
where
    D: ConnectionKind,
    DB: Backend + QueryMetadata<<Select<Q, M::Selection> as Query>::SqlType>,
    Conn: Driver<D, Backend = DB>,
    M: DecodableModel<DB>,
    Q: SelectDsl<M::Selection>,
    Select<Q, M::Selection>: Query + QueryFragment<DB> + QueryId,
{
    fn send_for_models<'c>(
        self,
        conn: &'c mut Conn,
        loading: &'c mut Loading<'_, M>,
    ) -> impl Future<Output = QueryResult<()>> + Send + 'c
    where
        Q: 'c,
    {
        conn.visit_rows(self.select(M::selection()), loading)
    }
}

#[diagnostic::do_not_recommend]
impl<M, Q, Conn, D, DB> CachedQuery<M, Conn, D> for Q
where
    D: ConnectionKind,
    DB: Speaks<D::Dialect>,
    Conn: Driver<D, Backend = DB>,
    M: DecodableModel<DB>,
    KeyAndModel<M, DB>: Expression,
    Q: ModelQuery<M, Conn, D> + SelectDsl<M::KeyColumns> + SelectDsl<KeyAndModel<M, DB>>,
    Select<Q, M::KeyColumns>: Query
        + QueryFragment<DB>
        + QueryId
        + SelectDsl<KeyAndModel<M, DB>, Output = Select<Q, KeyAndModel<M, DB>>>,
    Select<Q, KeyAndModel<M, DB>>: Query + QueryFragment<DB> + QueryId,
    DB: QueryMetadata<<Select<Q, M::KeyColumns> as Query>::SqlType>
        + QueryMetadata<<Select<Q, KeyAndModel<M, DB>> as Query>::SqlType>,
{
    type SelectKeys = Select<Q, M::KeyColumns>;
    type SelectBoth = Select<Q, KeyAndModel<M, DB>>;

    fn shape() -> QueryShape {
        QueryShape::of::<M, Select<Q, M::KeyColumns>, Conn>()
    }

    fn select_keys(self) -> Self::SelectKeys {
        self.select(M::key_columns())
    }

    #[cfg(feature = "filter-by-key")]
    fn asked_key(query: &Self::SelectKeys) -> Option<M::Key> {
        key_of_binds(&DB::binds(query)?)
    }

    fn send_for_keys<'c>(
        query: &'c Self::SelectKeys,
        conn: &'c mut Conn,
        loading: &'c mut Loading<'_, M>,
    ) -> impl Future<Output = QueryResult<()>> + Send + 'c
    where
        Q: 'c,
    {
        conn.visit_rows(query, loading)
    }

    fn select_both(self) -> Self::SelectBoth {
        self.select((M::key_columns(), M::selection()))
    }

    fn reselect_both(query: Self::SelectKeys) -> Self::SelectBoth {
        query.select((M::key_columns(), M::selection()))
    }

    fn send_for_both<'c>(
        query: Self::SelectBoth,
        conn: &'c mut Conn,
        loading: &'c mut Loading<'_, M>,
    ) -> impl Future<Output = QueryResult<()>> + Send + 'c
    where
        Q: 'c,
    {
        conn.visit_rows(query, loading)
    }
}
