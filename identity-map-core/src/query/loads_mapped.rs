//! The one bound of `mapped().load`: [`LoadsMapped`].

use std::marker::PhantomData;
use std::ops::ControlFlow;
use std::panic::Location;

use diesel::QueryResult;
use diesel::expression::QueryMetadata;
use diesel::query_builder::{AsQuery, QueryFragment, QueryId};

use super::mapped_query::MappedQuery;
use super::plan::CacheMode;
use super::selects::Selects;
use super::share::{MappedOptions, Share, ShareOn};
use crate::connection::{Blocks, ConnectionKind, Driver, Slot, Visitor};
use crate::database::{Dialect, Speaks};
use crate::error::IdentityMapError;
use crate::map::IdentityMap;
use crate::statement;

/// A connection on which a query that selects models can be loaded, with a `U` for each row: `Arc`s for the models, and
/// what Diesel decodes for anything else. rustc finds `K`, which says which is which.
///
/// The bound stands on the connection, so that rustc looks at it when the connection is known, and
/// can say what is wrong.
#[diagnostic::on_unimplemented(
    message = "this query cannot be loaded as shared objects on `{Self}`",
    note = "a model is selected by `Post::as_select()` (or `Option::<Post>::as_select()`), must derive `IdentityMapped`, and \
            gives `Arc<Post>`; a struct that is no model cannot be selected beside it",
    note = "any other expression gives what Diesel decodes it to; all of them stand in tuples, of up to sixteen",
    note = "an `sql_query` gives a model that derives `QueryableByName`, too",
    note = "a model that says `#[identity_map(hooks)]` must implement `Hooks<{Self}>`"
)]
pub trait LoadsMapped<Q, D: ConnectionKind, U, K>: Driver<D> {
    /// Loads the rows, and makes of them what the method returns.
    #[doc(hidden)]
    fn load_mapped<'c, T: Send + 'c>(
        &'c mut self,
        query: MappedQuery<Q>,
        caller: &'static Location<'static>,
        finish: fn(Vec<U>) -> QueryResult<T>,
    ) -> D::Output<'c, T>
    where
        U: 'c,
        Q: 'c;
}

#[diagnostic::do_not_recommend]
impl<Q, D, C, DB, U, K> LoadsMapped<Q, D, U, K> for C
where
    D: Dialect,
    DB: Speaks<D> + QueryMetadata<Q::SqlType>,
    C: Driver<D, Backend = DB> + Blocks<D>,
    Q: AsQuery<SqlType: Selects<U, DB, K, Row: ShareOn<C, D>>>,
    Q::Query: QueryFragment<DB> + QueryId,
{
    fn load_mapped<'c, T: Send + 'c>(
        &'c mut self,
        query: MappedQuery<Q>,
        caller: &'static Location<'static>,
        finish: fn(Vec<U>) -> QueryResult<T>,
    ) -> QueryResult<T>
    where
        U: 'c,
        Q: 'c,
    {
        C::poll_once(query.find_rows::<C, D, DB, U, K, T>(caller, finish, self))
    }
}

/// A visitor that makes shared objects of each row, which selects `ST`.
struct MappedRowVisitor<'c, Row: Share, ST, K> {
    views: &'c mut Row::Views,
    shared: &'c mut Vec<Row::Shared>,
    selected: PhantomData<fn() -> (ST, K)>,
}

impl<Row, ST, K, Conn, D> Visitor<Conn, D> for MappedRowVisitor<'_, Row, ST, K>
where
    D: ConnectionKind,
    Conn: Driver<D>,
    Row: Share,
    ST: Selects<Row::Shared, Conn::Backend, K, Row = Row>,
{
    fn visit_row<'conn>(
        &mut self,
        row: &Conn::AnsweredRow<'conn, '_>,
    ) -> QueryResult<ControlFlow<()>>
    where
        Conn: 'conn,
    {
        let row = ST::decode(row, 0)?;
        self.shared.push(row.share(self.views));
        Ok(ControlFlow::Continue(()))
    }
}

/// A row of a query as Diesel decodes it.
type RowOf<Q, U, DB, K> = <<Q as AsQuery>::SqlType as Selects<U, DB, K>>::Row;

/// How a text of the program's is loaded, which must do no more than to read.
fn mode_of_text(text: Option<String>, mode: CacheMode) -> QueryResult<CacheMode> {
    let text = text.ok_or(IdentityMapError::NotAQuery)?;
    if !statement::only_reads(&text) {
        return Err(IdentityMapError::NotAQuery.into());
    }
    if mode == CacheMode::Cached && statement::locks_rows(&text) {
        // A lock must read the row it locks.
        return Ok(CacheMode::Fresh);
    }
    Ok(mode)
}

impl<Q> MappedQuery<Q> {
    /// Loads the rows, and makes of them what the method returns.
    pub(crate) async fn find_rows<Conn, D, DB, U, K, T>(
        self,
        caller: &'static Location<'static>,
        finish: fn(Vec<U>) -> QueryResult<T>,
        conn: &mut Conn,
    ) -> QueryResult<T>
    where
        D: ConnectionKind,
        DB: Speaks<D::Dialect> + QueryMetadata<Q::SqlType>,
        Conn: Driver<D, Backend = DB>,
        Q: AsQuery<Query: QueryFragment<DB> + QueryId>,
        Q::SqlType: Selects<U, DB, K, Row: ShareOn<Conn, D>>,
    {
        conn.begin_call().await?;
        let mut views;
        let mut shared = Vec::new();
        // The query need not be `Send`, so no future holds it while it waits.
        let visited = {
            let (query, options) = self.begin::<Conn, D, DB, U, K>(conn)?;
            conn.set_call_site(caller);
            views = RowOf::<Q, U, DB, K>::views(&options, conn)?;
            let rows = MappedRowVisitor::<RowOf<Q, U, DB, K>, Q::SqlType, K> {
                views: &mut views,
                shared: &mut shared,
                selected: PhantomData,
            };
            if <Q::SqlType as Selects<U, DB, K>>::HAS_VALUES {
                let _ = conn.with_slot(Slot::begin_own_watch);
            }
            conn.visit_rows(query, rows)
        };
        let visited = visited.await;
        if <Q::SqlType as Selects<U, DB, K>>::HAS_VALUES {
            let _ = conn.with_slot(Slot::end_own_watch);
        }
        visited?;
        RowOf::<Q, U, DB, K>::finish(&mut views);
        RowOf::<Q, U, DB, K>::post_load(&mut views, conn).await?;
        RowOf::<Q, U, DB, K>::count(&views);
        finish(shared)
    }

    /// What is sent, and what becomes of its rows.
    pub(super) fn begin<Conn, D, DB, U, K>(
        mut self,
        conn: &mut Conn,
    ) -> QueryResult<(Q::Query, MappedOptions)>
    where
        D: ConnectionKind,
        DB: Speaks<D::Dialect>,
        Conn: Driver<D, Backend = DB>,
        Q: AsQuery<Query: QueryFragment<DB>, SqlType: Selects<U, DB, K>>,
    {
        let query = self.query.as_query();
        if Q::SqlType::IS_TEXT {
            self.mode = mode_of_text(DB::text(&query), self.mode)?;
        }
        let map = match self.mode {
            CacheMode::Uncached => None,
            CacheMode::Cached | CacheMode::Fresh => {
                let given = self.map.as_ref();
                let map = map_of_rows::<D, Conn>(given, conn)?;
                map.count_statement();
                Some(map)
            }
        };
        let options = MappedOptions {
            map,
            fresh: self.mode == CacheMode::Fresh,
            peers: self.peers,
            is_stream: false,
        };
        Ok((query, options))
    }
}

/// The map that takes in the models of the rows that are read now.
fn map_of_rows<D: ConnectionKind, Conn: Driver<D>>(
    given: Option<&IdentityMap>,
    conn: &mut Conn,
) -> QueryResult<IdentityMap> {
    conn.with_slot(|slot| {
        slot.note_read();
        slot.map_for_query::<Conn::Backend>(given, "the query's models")
    })?
}
