//! A query of which a load knows no more than it needs: [`ErasedQuery`].

use std::future::Future;

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::query_builder::QueryFragment;

use super::cached_query::CachedQuery;
#[cfg(feature = "filter-by-key")]
use super::filtered_key::key_of_binds;
use super::load_by_keys::LoadByKeys;
use super::load_columns::ChosenColumns;
use super::loading::Loading;
use super::statement_type::StatementType;
#[cfg(feature = "filter-by-key")]
use crate::connection::SelectedColumns;
use crate::connection::{ConnectionKind, Driver, ErasedStatement, WalkAst};
#[cfg(feature = "filter-by-key")]
use crate::database::{Dialect, Speaks};
use crate::model::Model;

/// A query that has lost its type, with its statement behind the pointer `P`.
pub(crate) struct ErasedQuery<P> {
    statement: ErasedStatement<P, ()>,
    columns: ChosenColumns,
    pub(super) statement_type: StatementType,
    /// Whether the one condition of the query is that the key is equal to a bound value.
    #[cfg(feature = "filter-by-key")]
    asks_for_key: fn() -> bool,
}

impl<'q, DB: Backend> ErasedQuery<Box<dyn WalkAst<DB> + Send + 'q>> {
    /// The query with its statement in a box.
    pub(crate) fn boxed<M, Q, Conn, D>(query: Q) -> Self
    where
        M: Model,
        D: ConnectionKind,
        Conn: Driver<D, Backend = DB>,
        Q: CachedQuery<M, Conn, D, Statement: Send> + 'q,
    {
        Self::new::<M, Q, Conn, D>(|columns| query.boxed_statement(columns))
    }
}

impl<'q, DB: Backend> ErasedQuery<&'q (dyn WalkAst<DB> + 'q)> {
    /// The query with its statement in `place`.
    pub(crate) fn borrowed<M, Q, Conn, D>(query: Q, place: &'q mut Option<Q::Statement>) -> Self
    where
        M: Model,
        D: ConnectionKind,
        Conn: Driver<D, Backend = DB>,
        Q: CachedQuery<M, Conn, D>,
    {
        Self::new::<M, Q, Conn, D>(|columns| place.insert(query.statement(columns)) as _)
    }
}

impl<P> ErasedQuery<P> {
    /// `statement` makes the pointer to the statement.
    fn new<M, Q, Conn, D>(statement: impl FnOnce(ChosenColumns) -> P) -> Self
    where
        M: Model,
        D: ConnectionKind,
        Conn: Driver<D>,
        Q: CachedQuery<M, Conn, D>,
    {
        let columns = ChosenColumns::new();
        Self {
            statement: ErasedStatement::new(statement(columns.clone())),
            columns,
            statement_type: Q::STATEMENT_TYPE,
            #[cfg(feature = "filter-by-key")]
            asks_for_key: Q::asks_for_key,
        }
    }

    /// The key that the one condition of the query asks for, where its text tells.
    #[cfg(feature = "filter-by-key")]
    pub(super) fn asked_key<K: 'static, DB, D>(&self) -> Option<K>
    where
        D: Dialect,
        DB: Speaks<D>,
        ErasedStatement<P, ()>: QueryFragment<DB>,
    {
        if !(self.asks_for_key)() {
            return None;
        }
        // The key stands first among the values, since its column binds none.
        self.columns.choose(SelectedColumns::Key);
        key_of_binds(&DB::binds(&self.statement)?)
    }

    /// Sends the statement with the columns that the load selects.
    pub(super) fn send<'c, M, Conn, D>(
        &'c self,
        conn: &'c mut Conn,
        loading: &'c mut Loading<'_, M>,
    ) -> impl Future<Output = QueryResult<()>> + Send + 'c
    where
        D: ConnectionKind,
        Conn: Driver<D>,
        M: LoadByKeys<Conn, D>,
        ErasedStatement<P, ()>: QueryFragment<Conn::Backend>,
    {
        let columns = loading.selects();
        self.columns.choose(columns);
        let id = self.statement_type.id(columns);
        M::send_columns(conn, &self.statement, (columns, id), loading)
    }
}
