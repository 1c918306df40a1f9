//! Running a query as its plan chooses.

use std::panic::Location;
use std::sync::Arc;

use diesel::QueryResult;
use diesel::query_builder::QueryFragment;

use super::auto::ShapeId;
use super::cached::Cached;
use super::cached_query::CachedQuery;
use super::erased_query::ErasedQuery;
use super::load_by_keys::LoadByKeys;
use super::load_run::LoadRun;
use super::loading::Loading;
use super::plan::{CacheMode, Plan};
use super::take::Take;
use crate::connection::{ConnectionKind, Driver, ErasedStatement};
use crate::hooks::RunsHooks;
use crate::model::Model;
use crate::transaction::ReadView;

/// Loads the objects of a query, as its plan chooses. `caller` is the line of the program that has called for
/// them; `None` if the query is a part of a call that has begun already.
pub(crate) async fn find_objects<M, Conn, D, P>(
    query: ErasedQuery<P>,
    plan: Plan<M>,
    (take, caller): (Take, Option<&'static Location<'static>>),
    conn: &mut Conn,
) -> QueryResult<Vec<Arc<M>>>
where
    D: ConnectionKind,
    Conn: Driver<D>,
    M: LoadByKeys<Conn, D> + RunsHooks<Conn, D>,
    ErasedStatement<P, ()>: QueryFragment<Conn::Backend>,
{
    if caller.is_some() {
        conn.begin_call().await?;
    }
    #[cfg(feature = "filter-by-key")]
    let plan = if caller.is_some() && plan.has_one_condition() {
        let key = query.asked_key::<M::Key, Conn::Backend, D::Dialect>();
        Plan { key, ..plan }
    } else {
        plan
    };
    let view = match plan.begin(take, caller, conn)? {
        Begun::Held(held) => return Ok(vec![held]),
        Begun::Load(view) => view,
    };
    let shape = ShapeId::of::<M, Conn>(query.statement_type);
    let run = LoadRun::begin(view.as_ref(), plan.choose(take), take, shape);
    let mut loading = Loading::new(run);
    query.send(conn, &mut loading).await?;
    if loading.complete(conn).await?.is_break() {
        query.send(conn, &mut loading).await?;
        let _ = loading.complete(conn).await?;
    }
    Ok(loading.into_objects())
}

/// Loads the objects of a query that is a part of another call of the program's.
pub(crate) async fn load_all<M, Q, Conn, D>(
    query: Cached<M, Q>,
    conn: &mut Conn,
) -> QueryResult<Vec<Arc<M>>>
where
    D: ConnectionKind,
    Conn: Driver<D>,
    M: LoadByKeys<Conn, D> + RunsHooks<Conn, D>,
    Q: CachedQuery<M, Conn, D, Statement: Send>,
{
    let Cached { query, plan, .. } = query;
    let query = ErasedQuery::boxed::<M, Q, Conn, D>(query);
    find_objects(query, plan, (Take::All, None), conn).await
}

/// What is known when a load begins.
enum Begun<M> {
    /// The map holds the one object.
    Held(Arc<M>),
    /// The view to fill; `None` if the query leaves the map alone.
    Load(Option<ReadView>),
}

impl<M: Model> Plan<M> {
    /// Looks for what is held, and else takes the view.
    #[inline(never)] // for each model, and not for each query
    fn begin<D: ConnectionKind, Conn: Driver<D>>(
        &self,
        take: Take,
        caller: Option<&'static Location<'static>>,
        conn: &mut Conn,
    ) -> QueryResult<Begun<M>> {
        if let Some(caller) = caller {
            if let Some(held) = self.held(conn)? {
                return Ok(Begun::Held(held));
            }
            conn.set_call_site(caller);
        }
        match self.mode {
            CacheMode::Uncached => Ok(Begun::Load(None)),
            CacheMode::Cached | CacheMode::Fresh => {
                let view = self.view(conn, take != Take::First)?;
                Ok(Begun::Load(Some(view)))
            }
        }
    }
}
