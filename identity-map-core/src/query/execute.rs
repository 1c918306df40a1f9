//! Running a query as its plan chooses.

use std::panic::Location;
use std::sync::Arc;
use std::time::Instant;

use diesel::QueryResult;

use super::auto::{QueryRun, QueryShape};
use super::cached::Cached;
use super::cached_query::CachedQuery;
use super::load_by_keys::LoadByKeys;
use super::loaded::Loaded;
use super::plan::{Execution, Plan, Strategy};
use super::take::Take;
use super::{keys_first, rows};
use crate::connection::{ConnectionKind, Driver};
use crate::hooks::{RunsHooks, run_post_load, run_post_load_uncached};
use crate::model::Model;
use crate::transaction::ReadView;

impl<M: Model, Q> Cached<M, Q> {
    /// Loads the objects that the program has called for, and makes of them what the method returns.
    pub(crate) async fn find_objects<Conn, D, T>(
        self,
        take: Take,
        caller: &'static Location<'static>,
        finish: fn(Vec<Arc<M>>) -> QueryResult<T>,
        conn: &mut Conn,
    ) -> QueryResult<T>
    where
        D: ConnectionKind,
        Conn: Driver<D>,
        M: LoadByKeys<Conn, D> + RunsHooks<Conn, D>,
        Q: CachedQuery<M, Conn, D>,
    {
        conn.account_for_dropped_futures().await?;
        if let Some(held) = self.plan.held(conn)? {
            return finish(vec![held]);
        }
        conn.set_call_site(caller);
        finish(execute(self.query, &self.plan, take, conn).await?)
    }
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
    Q: CachedQuery<M, Conn, D>,
{
    execute(query.query, &query.plan, Take::All, conn).await
}

/// Runs a query by its plan.
async fn execute<M, Q, Conn, D>(
    query: Q,
    plan: &Plan<M>,
    take: Take,
    conn: &mut Conn,
) -> QueryResult<Vec<Arc<M>>>
where
    D: ConnectionKind,
    Conn: Driver<D>,
    M: LoadByKeys<Conn, D> + RunsHooks<Conn, D>,
    Q: CachedQuery<M, Conn, D>,
{
    let execution = plan.choose(take);
    if execution == Execution::Uncached {
        let objects = rows::load_own(query, take, conn).await?;
        run_post_load_uncached(objects.iter(), conn).await?;
        return Ok(objects);
    }
    let view = plan.view(conn, take != Take::First)?;
    let Loaded { objects, hits } = match execution {
        Execution::Fresh => rows::load_fresh(&view, query, take, conn).await?,
        Execution::KeysFirst => keys_first::load(&view, query, conn).await?,
        Execution::Cheaper => load_cheaper(&view, query, conn).await?,
        Execution::Rows | Execution::Uncached => rows::load(&view, query, take, conn).await?,
    };
    view.join_group(&objects, hits < objects.len());
    run_post_load::<M, _, _>(&view, conn).await?;
    view.count_query(hits, objects.len() - hits);
    view.keep(&objects);
    Ok(objects)
}

/// Runs a query by the strategy that was cheaper so far, and remembers what this run cost.
async fn load_cheaper<M, Q, Conn, D>(
    view: &ReadView,
    query: Q,
    conn: &mut Conn,
) -> QueryResult<Loaded<M>>
where
    D: ConnectionKind,
    Conn: Driver<D>,
    M: LoadByKeys<Conn, D> + RunsHooks<Conn, D>,
    Q: CachedQuery<M, Conn, D>,
{
    let shape = QueryShape::of::<M, Q, Conn>();
    let alive = view.about_alive();
    let strategy = shape.cheaper(alive);
    let start = Instant::now();
    let loaded = match strategy {
        Strategy::KeysFirst => keys_first::load(view, query, conn).await?,
        Strategy::Auto | Strategy::Rows => rows::load(view, query, Take::All, conn).await?,
    };
    shape.remember(&QueryRun {
        strategy,
        alive,
        rows: loaded.objects.len(),
        hits: loaded.hits,
        time: start.elapsed(),
    });
    Ok(loaded)
}
