//! The one bound of `mapped().load`: [`LoadsMapped`].

use std::marker::PhantomData;
use std::ops::ControlFlow;
use std::panic::Location;

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::deserialize::FromSqlRow;
use diesel::expression::QueryMetadata;
use diesel::query_builder::{AsQuery, QueryFragment, QueryId};
use diesel::result::Error::DeserializationError;

use super::mapped_query::MappedQuery;
use super::plan::CacheMode;
use super::share::{MappedOptions, SelectsModels, Share, ShareOn};
use crate::connection::{Blocks, ConnectionKind, Driver, Visitor};
use crate::database::Dialect;

/// A connection on which a query that selects models can be loaded as shared objects.
///
/// The bound stands on the connection, so that rustc looks at it when the connection is known, and
/// can say what is wrong.
#[diagnostic::on_unimplemented(
    message = "this query cannot be loaded as shared objects on `{Self}`",
    note = "it must select whole models by `Post::as_select()` (or `Option::<Post>::as_select()`), \
            alone or in tuples; for anything else leave `.mapped()` out",
    note = "each of them must derive `IdentityMapped`",
    note = "a model that says `#[identity_map(hooks)]` must implement `Hooks<{Self}>`"
)]
pub trait LoadsMapped<Q, D: ConnectionKind>: Driver<D> {
    /// A row, with `Arc`s for models.
    type Shared: Send;

    /// Loads the rows, and makes of them what the method returns.
    #[doc(hidden)]
    fn load_mapped<'c, T: Send + 'c>(
        &'c mut self,
        query: MappedQuery<Q>,
        caller: &'static Location<'static>,
        finish: fn(Vec<Self::Shared>) -> QueryResult<T>,
    ) -> Self::Output<'c, T>
    where
        Self::Shared: 'c,
        Q: 'c;
}

#[diagnostic::do_not_recommend]
impl<Q, D, C, DB, Row, ST> LoadsMapped<Q, D> for C
where
    D: Dialect,
    DB: Backend,
    C: Driver<D, Backend = DB> + Blocks<D>,
    Q: AsQuery<SqlType: SelectsModels<DB, Row = Row, SqlType = ST>>,
    Q::Query: QueryFragment<DB> + QueryId,
    DB: QueryMetadata<Q::SqlType>,
    Row: ShareOn<C, D> + FromSqlRow<ST, DB>,
{
    type Shared = Row::Shared;

    fn load_mapped<'c, T: Send + 'c>(
        &'c mut self,
        query: MappedQuery<Q>,
        caller: &'static Location<'static>,
        finish: fn(Vec<Row::Shared>) -> QueryResult<T>,
    ) -> Self::Output<'c, T>
    where
        Self::Shared: 'c,
        Q: 'c,
    {
        C::poll_once(query.find_rows::<C, D, DB, Row, ST, T>(caller, finish, self))
    }
}

/// A visitor that makes shared objects of each row.
struct MappedRowVisitor<'c, Row: Share, ST> {
    views: &'c mut Row::Views,
    shared: &'c mut Vec<Row::Shared>,
    sql_type: PhantomData<fn() -> ST>,
}

impl<Row, ST, Conn, D> Visitor<Conn, D> for MappedRowVisitor<'_, Row, ST>
where
    D: ConnectionKind,
    Conn: Driver<D>,
    Row: Share + FromSqlRow<ST, Conn::Backend>,
{
    fn visit_row<'conn>(
        &mut self,
        row: &Conn::AnsweredRow<'conn, '_>,
    ) -> QueryResult<ControlFlow<()>>
    where
        Conn: 'conn,
    {
        let row = Row::build_from_row(row).map_err(DeserializationError)?;
        self.shared.push(row.share(self.views));
        Ok(ControlFlow::Continue(()))
    }
}

impl<Q> MappedQuery<Q> {
    /// Loads the rows, and makes of them what the method returns.
    pub(crate) async fn find_rows<Conn, D, DB, Row, ST, T>(
        self,
        caller: &'static Location<'static>,
        finish: fn(Vec<Row::Shared>) -> QueryResult<T>,
        conn: &mut Conn,
    ) -> QueryResult<T>
    where
        D: ConnectionKind,
        DB: Backend + QueryMetadata<Q::SqlType>,
        Conn: Driver<D, Backend = DB>,
        Q: AsQuery<Query: QueryFragment<DB> + QueryId>,
        Row: ShareOn<Conn, D> + FromSqlRow<ST, DB>,
    {
        conn.begin_call().await?;
        let map = match self.mode {
            CacheMode::Uncached => None,
            CacheMode::Cached | CacheMode::Fresh => {
                let given = self.map.as_ref();
                let map = conn.with_slot(|slot| {
                    slot.note_read();
                    slot.map_for_query::<DB>(given, "the query's models")
                })??;
                map.count_statement();
                Some(map)
            }
        };
        let options = MappedOptions {
            map,
            fresh: self.mode == CacheMode::Fresh,
            peers: self.peers,
        };
        conn.set_call_site(caller);
        let mut views = Row::views(&options, conn)?;
        let mut shared = Vec::new();
        let rows = MappedRowVisitor::<Row, ST> {
            views: &mut views,
            shared: &mut shared,
            sql_type: PhantomData,
        };
        conn.visit_rows(self.query.as_query(), rows).await?;
        Row::finish(&mut views);
        Row::post_load(&mut views, conn).await?;
        Row::count(&views);
        finish(shared)
    }
}
