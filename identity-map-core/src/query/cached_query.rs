//! A query on a connection, row by row: [`CachedQuery`], and [`ModelQuery`] for whole models alone.

use std::future::Future;
use std::ops::ControlFlow;
use std::sync::Arc;

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::dsl::Select;
use diesel::expression::{Expression, QueryMetadata};
use diesel::query_builder::{Query, QueryFragment, QueryId};
use diesel::query_dsl::methods::SelectDsl;

use super::decode::{key_of, model_of};
use crate::connection::{ConnectionKind, Driver, Visitor};
use crate::model::{DecodableModel, IdentityMapped, Model, ModelSelection};

/// The selection of a query by rows. The key comes first, so that the rest may stay undecoded.
pub(crate) type KeyAndModel<M, DB> = (
    <M as Model>::KeyColumns,
    <M as ModelSelection<DB>>::Selection,
);

/// A visitor of each key. It is a trait object, as those below, so that a query does not compile again what
/// is done with its rows.
pub type VisitKey<'c, M> = &'c mut (dyn FnMut(<M as IdentityMapped>::Key) + Send + 'c);

/// A visitor of each model, as a new object; it says whether to go on.
pub type VisitModel<'c, M> = &'c mut (dyn FnMut(Arc<M>) -> ControlFlow<()> + Send + 'c);

/// A visitor of each key, with what decodes the rest of the row; it says whether to go on.
pub type VisitRow<'c, M> = &'c mut (
            dyn FnMut(
    <M as IdentityMapped>::Key,
    &dyn Fn() -> QueryResult<M>,
) -> QueryResult<ControlFlow<()>>
                + Send
                + 'c
        );

/// A Diesel query whose rows can be read as whole models on the connection `Conn`. The queries by key need
/// nothing else.
#[doc(hidden)]
pub trait ModelQuery<M: Model, Conn, D>: Sized {
    /// Sends one statement for models, as plain Diesel would, and visits them in the order of
    /// the query.
    ///
    /// # Errors
    /// Whatever the database answers, and rows that do not decode.
    fn each_model<'c>(
        self,
        conn: &'c mut Conn,
        visit: VisitModel<'c, M>,
    ) -> impl Future<Output = QueryResult<()>> + Send + 'c
    where
        Self: 'c;
}

/// A Diesel query that can be loaded as objects of `M` on the connection `Conn`.
///
/// Implemented for every query whose source is the model's table, joined or not.
pub trait CachedQuery<M: Model, Conn, D>: ModelQuery<M, Conn, D> {
    /// Sends `select key` and visits the keys in the order of the query.
    ///
    /// # Errors
    /// Whatever the database answers, and keys that do not decode.
    fn each_key<'c>(
        self,
        conn: &'c mut Conn,
        visit: VisitKey<'c, M>,
    ) -> impl Future<Output = QueryResult<()>> + Send + 'c
    where
        Self: 'c;

    /// Sends one statement for keys and models and visits the rows in the order of the query.
    ///
    /// # Errors
    /// Whatever the database answers, keys that do not decode, and errors of `visit`.
    fn each_row<'c>(
        self,
        conn: &'c mut Conn,
        visit: VisitRow<'c, M>,
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
    fn each_model<'c>(
        self,
        conn: &'c mut Conn,
        visit: VisitModel<'c, M>,
    ) -> impl Future<Output = QueryResult<()>> + Send + 'c
    where
        Q: 'c,
    {
        conn.visit_rows(self.select(M::selection()), ModelVisitor::<M>(visit))
    }
}

#[diagnostic::do_not_recommend]
impl<M, Q, Conn, D, DB> CachedQuery<M, Conn, D> for Q
where
    D: ConnectionKind,
    DB: Backend,
    Conn: Driver<D, Backend = DB>,
    M: DecodableModel<DB>,
    KeyAndModel<M, DB>: Expression,
    Q: ModelQuery<M, Conn, D> + SelectDsl<M::KeyColumns> + SelectDsl<KeyAndModel<M, DB>>,
    Select<Q, M::KeyColumns>: Query + QueryFragment<DB> + QueryId,
    Select<Q, KeyAndModel<M, DB>>: Query + QueryFragment<DB> + QueryId,
    DB: QueryMetadata<<Select<Q, M::KeyColumns> as Query>::SqlType>
        + QueryMetadata<<Select<Q, KeyAndModel<M, DB>> as Query>::SqlType>,
{
    fn each_key<'c>(
        self,
        conn: &'c mut Conn,
        visit: VisitKey<'c, M>,
    ) -> impl Future<Output = QueryResult<()>> + Send + 'c
    where
        Q: 'c,
    {
        conn.visit_rows(self.select(M::key_columns()), KeyVisitor::<M>(visit))
    }

    fn each_row<'c>(
        self,
        conn: &'c mut Conn,
        visit: VisitRow<'c, M>,
    ) -> impl Future<Output = QueryResult<()>> + Send + 'c
    where
        Q: 'c,
    {
        let both = self.select((M::key_columns(), M::selection()));
        conn.visit_rows(both, KeyAndModelVisitor::<M>(visit))
    }
}

struct KeyVisitor<'c, M: Model>(VisitKey<'c, M>);

impl<M, Conn, D> Visitor<Conn, D> for KeyVisitor<'_, M>
where
    D: ConnectionKind,
    Conn: Driver<D>,
    M: DecodableModel<Conn::Backend>,
{
    fn visit_row<'conn>(
        &mut self,
        row: &Conn::AnsweredRow<'conn, '_>,
    ) -> QueryResult<ControlFlow<()>>
    where
        Conn: 'conn,
    {
        (self.0)(key_of::<M, Conn::Backend>(row)?);
        Ok(ControlFlow::Continue(()))
    }
}

struct ModelVisitor<'c, M>(VisitModel<'c, M>);

impl<M, Conn, D> Visitor<Conn, D> for ModelVisitor<'_, M>
where
    D: ConnectionKind,
    Conn: Driver<D>,
    M: DecodableModel<Conn::Backend>,
{
    fn visit_row<'conn>(
        &mut self,
        row: &Conn::AnsweredRow<'conn, '_>,
    ) -> QueryResult<ControlFlow<()>>
    where
        Conn: 'conn,
    {
        Ok((self.0)(Arc::new(model_of(0, row)?)))
    }
}

struct KeyAndModelVisitor<'c, M: Model>(VisitRow<'c, M>);

impl<M, Conn, D> Visitor<Conn, D> for KeyAndModelVisitor<'_, M>
where
    D: ConnectionKind,
    Conn: Driver<D>,
    M: DecodableModel<Conn::Backend>,
{
    fn visit_row<'conn>(
        &mut self,
        row: &Conn::AnsweredRow<'conn, '_>,
    ) -> QueryResult<ControlFlow<()>>
    where
        Conn: 'conn,
    {
        let key = key_of::<M, Conn::Backend>(row)?;
        (self.0)(key, &|| model_of(M::KEY_COLUMNS, row))
    }
}
