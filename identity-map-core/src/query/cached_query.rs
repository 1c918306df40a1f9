//! A query on a connection, row by row: [`CachedQuery`].
//!
//! One of the places that lean on items that Diesel hides from its documentation:
//! `Row::partial_row`.

use std::future::Future;
use std::marker::PhantomData;
use std::ops::ControlFlow;

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::deserialize::FromSqlRow;
use diesel::dsl::{Select, SqlTypeOf};
use diesel::expression::{Expression, QueryMetadata};
use diesel::query_builder::{Query, QueryFragment, QueryId};
use diesel::query_dsl::methods::SelectDsl;
use diesel::result::Error::DeserializationError;
use diesel::row::Row;

use crate::connection::{ConnectionKind, Driver, Visitor};
use crate::model::{DecodableModel, Model, ModelSelection};

/// The selection of a query by rows. The key comes first, so that the rest may stay undecoded.
pub(crate) type KeyAndModel<M, DB> = (
    <M as Model>::KeyColumns,
    <M as ModelSelection<DB>>::Selection,
);

/// A visitor of each model, as a trait object; it says whether to go on.
pub type VisitModel<'c, M> = &'c mut (dyn FnMut(M) -> ControlFlow<()> + Send + 'c);

/// A Diesel query that can be loaded as objects of `M` on the connection `Conn`.
///
/// Implemented for every query whose source is the model's table, joined or not.
pub trait CachedQuery<M: Model, Conn, D>: Sized {
    /// Sends `select key` and visits the keys in the order of the query.
    ///
    /// # Errors
    /// Whatever the database answers, and keys that do not decode.
    fn each_key<'c, F>(
        self,
        conn: &'c mut Conn,
        visit: &'c mut F,
    ) -> impl Future<Output = QueryResult<()>> + Send + 'c
    where
        Self: 'c,
        F: FnMut(M::Key) + Send + ?Sized;

    /// Sends one statement for models, as plain Diesel would, and visits them in the order of
    /// the query.
    ///
    /// # Errors
    /// Whatever the database answers, and rows that do not decode.
    fn each_model<'c, F>(
        self,
        conn: &'c mut Conn,
        visit: &'c mut F,
    ) -> impl Future<Output = QueryResult<()>> + Send + 'c
    where
        Self: 'c,
        F: FnMut(M) -> ControlFlow<()> + Send + ?Sized;

    /// Sends one statement for keys and models and visits the rows in the order of the query.
    ///
    /// # Errors
    /// Whatever the database answers, keys that do not decode, and errors of `visit`.
    fn each_row<'c, F>(
        self,
        conn: &'c mut Conn,
        visit: &'c mut F,
    ) -> impl Future<Output = QueryResult<()>> + Send + 'c
    where
        Self: 'c,
        F: FnMut(M::Key, &dyn Fn() -> QueryResult<M>) -> QueryResult<ControlFlow<()>>
            + Send
            + ?Sized;
}

// The message names the trait as a whole, since the bound that failed would be a page of Diesel's
// internals.
#[diagnostic::do_not_recommend]
impl<M, Q, Conn, D, DB> CachedQuery<M, Conn, D> for Q
where
    D: ConnectionKind,
    DB: Backend,
    Conn: Driver<D, Backend = DB>,
    M: DecodableModel<DB>,
    KeyAndModel<M, DB>: Expression,
    Q: SelectDsl<M::KeyColumns> + SelectDsl<M::Selection> + SelectDsl<KeyAndModel<M, DB>>,
    Select<Q, M::KeyColumns>: Query + QueryFragment<DB> + QueryId,
    Select<Q, M::Selection>: Query + QueryFragment<DB> + QueryId,
    Select<Q, KeyAndModel<M, DB>>: Query + QueryFragment<DB> + QueryId,
    DB: QueryMetadata<<Select<Q, M::KeyColumns> as Query>::SqlType>
        + QueryMetadata<<Select<Q, M::Selection> as Query>::SqlType>
        + QueryMetadata<<Select<Q, KeyAndModel<M, DB>> as Query>::SqlType>,
{
    fn each_key<'c, F>(
        self,
        conn: &'c mut Conn,
        visit: &'c mut F,
    ) -> impl Future<Output = QueryResult<()>> + Send + 'c
    where
        Q: 'c,
        F: FnMut(M::Key) + Send + ?Sized,
    {
        conn.visit_rows(
            self.select(M::key_columns()),
            KeyVisitor::<M, F>(visit, PhantomData),
        )
    }

    fn each_model<'c, F>(
        self,
        conn: &'c mut Conn,
        visit: &'c mut F,
    ) -> impl Future<Output = QueryResult<()>> + Send + 'c
    where
        Q: 'c,
        F: FnMut(M) -> ControlFlow<()> + Send + ?Sized,
    {
        conn.visit_rows(
            self.select(M::selection()),
            ModelVisitor::<M, F>(visit, PhantomData),
        )
    }

    fn each_row<'c, F>(
        self,
        conn: &'c mut Conn,
        visit: &'c mut F,
    ) -> impl Future<Output = QueryResult<()>> + Send + 'c
    where
        Q: 'c,
        F: FnMut(M::Key, &dyn Fn() -> QueryResult<M>) -> QueryResult<ControlFlow<()>>
            + Send
            + ?Sized,
    {
        let both = self.select((M::key_columns(), M::selection()));
        conn.visit_rows(both, KeyAndModelVisitor::<M, F>(visit, PhantomData))
    }
}

struct KeyVisitor<'c, M, F: ?Sized>(&'c mut F, PhantomData<fn() -> M>);

impl<M, F, DB> Visitor<DB> for KeyVisitor<'_, M, F>
where
    F: FnMut(M::Key) + Send + ?Sized,
    DB: Backend,
    M: Model<KeyRow: FromSqlRow<SqlTypeOf<M::KeyColumns>, DB>>,
{
    fn visit_row<'row>(&mut self, row: &impl Row<'row, DB>) -> QueryResult<ControlFlow<()>> {
        (self.0)(key_of::<M, DB>(row)?);
        Ok(ControlFlow::Continue(()))
    }
}

struct ModelVisitor<'c, M, F: ?Sized>(&'c mut F, PhantomData<fn() -> M>);

impl<M, F, DB> Visitor<DB> for ModelVisitor<'_, M, F>
where
    F: FnMut(M) -> ControlFlow<()> + Send + ?Sized,
    DB: Backend,
    M: DecodableModel<DB>,
{
    fn visit_row<'row>(&mut self, row: &impl Row<'row, DB>) -> QueryResult<ControlFlow<()>> {
        let model = M::build_from_row(row).map_err(DeserializationError)?;
        Ok((self.0)(model))
    }
}

struct KeyAndModelVisitor<'c, M, F: ?Sized>(&'c mut F, PhantomData<fn() -> M>);

impl<M, F, DB> Visitor<DB> for KeyAndModelVisitor<'_, M, F>
where
    F: FnMut(M::Key, &dyn Fn() -> QueryResult<M>) -> QueryResult<ControlFlow<()>> + Send + ?Sized,
    DB: Backend,
    M: DecodableModel<DB>,
{
    fn visit_row<'row>(&mut self, row: &impl Row<'row, DB>) -> QueryResult<ControlFlow<()>> {
        (self.0)(key_of::<M, DB>(row)?, &|| model_of(row))
    }
}

/// Decodes the leading key columns of a row.
pub(super) fn key_of<'row, M, DB>(row: &impl Row<'row, DB>) -> QueryResult<M::Key>
where
    DB: Backend,
    M: Model,
    M::KeyRow: FromSqlRow<SqlTypeOf<M::KeyColumns>, DB>,
{
    M::KeyRow::build_from_row(&row.partial_row(0..M::KEY_COLUMNS))
        .and_then(M::key_from_row)
        .map_err(DeserializationError)
}

/// Decodes what follows the key columns.
pub(super) fn model_of<'row, M, DB>(row: &impl Row<'row, DB>) -> QueryResult<M>
where
    DB: Backend,
    M: DecodableModel<DB>,
{
    M::build_from_row(&row.partial_row(M::KEY_COLUMNS..row.field_count()))
        .map_err(DeserializationError)
}
