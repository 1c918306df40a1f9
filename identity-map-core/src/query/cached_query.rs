//! A query on a connection: [`CachedQuery`].

use std::any::TypeId;
use std::future::Future;

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::dsl::{Select, SqlTypeOf};
use diesel::expression::QueryMetadata;
use diesel::query_builder::{Query, QueryFragment, QueryId};
use diesel::query_dsl::methods::SelectDsl;

#[cfg(feature = "filter-by-key")]
use super::filtered_key::asks_for_key;
use super::load_columns::{ChosenColumns, LoadColumns};
use super::loading::Loading;
use super::statement_type::StatementType;
use crate::connection::{ConnectionKind, Driver, SelectedColumns, WalkAst};
use crate::database::Speaks;
use crate::model::{DecodableModel, Model};

/// A Diesel query that can be loaded as objects of `M` on the connection `Conn`.
///
/// Implemented for every query whose source is the model's table, joined or not.
pub trait CachedQuery<M: Model, Conn: Driver<D>, D: ConnectionKind>: Sized {
    /// The query with the columns of a load.
    #[doc(hidden)]
    type Statement: QueryFragment<Conn::Backend>;

    /// What its type tells.
    #[doc(hidden)]
    const STATEMENT_TYPE: StatementType;

    /// The statement, whose columns are chosen when it is sent.
    #[doc(hidden)]
    fn statement(self, columns: ChosenColumns) -> Self::Statement;

    /// The statement in a box, which may go to another thread.
    #[doc(hidden)]
    fn boxed_statement<'q>(
        self,
        columns: ChosenColumns,
    ) -> Box<dyn WalkAst<Conn::Backend> + Send + 'q>
    where
        Self: 'q,
        Self::Statement: Send;

    /// Whether the one condition of the query is that the key is equal to a bound value.
    #[cfg(feature = "filter-by-key")]
    #[doc(hidden)]
    fn asks_for_key() -> bool;

    /// Sends one statement for models, as plain Diesel would.
    ///
    /// # Errors
    /// Whatever the database answers, and rows that do not decode.
    #[doc(hidden)]
    fn send_for_models<'c>(
        self,
        conn: &'c mut Conn,
        loading: &'c mut Loading<'_, M>,
    ) -> impl Future<Output = QueryResult<()>> + Send + 'c
    where
        Self: 'c;
}

// The message names the trait as a whole, since the bound that failed would be a page of Diesel's
// internals.
#[diagnostic::do_not_recommend]
impl<M, Q, Conn, D, DB> CachedQuery<M, Conn, D> for Q
where
    D: ConnectionKind,
    DB: Speaks<D::Dialect>
        + QueryMetadata<SqlTypeOf<M::KeyColumns>>
        + QueryMetadata<SqlTypeOf<M::Selection>>,
    Conn: Driver<D, Backend = DB>,
    M: DecodableModel<DB>,
    Q: SelectDsl<LoadColumns<M, DB>>,
    // Diesel checks the columns of the conditions where it asks for a `Query`.
    Select<Q, LoadColumns<M, DB>>: Query + QueryFragment<DB> + QueryId,
{
    type Statement = Select<Q, LoadColumns<M, DB>>;

    const STATEMENT_TYPE: StatementType = StatementType::of::<Select<Q, LoadColumns<M, DB>>>();

    fn statement(self, columns: ChosenColumns) -> Self::Statement {
        self.select(LoadColumns::new(Some(columns)))
    }

    fn boxed_statement<'q>(self, columns: ChosenColumns) -> Box<dyn WalkAst<DB> + Send + 'q>
    where
        Q: 'q,
        Self::Statement: Send,
    {
        Box::new(CachedQuery::<M, Conn, D>::statement(self, columns))
    }

    #[cfg(feature = "filter-by-key")]
    fn asks_for_key() -> bool {
        asks_for_key::<M, Q>()
    }

    fn send_for_models<'c>(
        self,
        conn: &'c mut Conn,
        loading: &'c mut Loading<'_, M>,
    ) -> impl Future<Output = QueryResult<()>> + Send + 'c
    where
        Q: 'c,
    {
        let columns = SelectedColumns::Model;
        let id = <Q as CachedQuery<M, Conn, D>>::STATEMENT_TYPE.id(columns);
        let statement = self.select(LoadColumns::new(None));
        send_columns::<M, DB, Conn, D, _>(conn, statement, (columns, id), loading)
    }
}

/// Sends a statement with these columns of a model, whose SQL types are those of the rows.
pub(super) fn send_columns<'c, M, DB, Conn, D, S>(
    conn: &'c mut Conn,
    statement: S,
    (columns, id): (SelectedColumns, Option<TypeId>),
    loading: &'c mut Loading<'_, M>,
) -> impl Future<Output = QueryResult<()>> + Send + 'c
where
    D: ConnectionKind,
    DB: Backend + QueryMetadata<SqlTypeOf<M::KeyColumns>> + QueryMetadata<SqlTypeOf<M::Selection>>,
    Conn: Driver<D, Backend = DB>,
    M: DecodableModel<DB>,
    S: QueryFragment<DB> + 'c,
{
    conn.visit_columns::<SqlTypeOf<M::KeyColumns>, SqlTypeOf<M::Selection>, _, _>(
        statement,
        (columns, id),
        loading,
    )
}
