//! Running a query as its plan chooses.

use std::panic::Location;
use std::sync::Arc;

use diesel::QueryResult;

use super::auto::QueryShape;
use super::cached::Cached;
use super::cached_query::CachedQuery;
use super::load_by_keys::LoadByKeys;
use super::load_run::{LoadRun, Selects};
use super::loading::Loading;
use super::plan::{Execution, Plan};
use super::take::Take;
use crate::connection::{ConnectionKind, Driver};
use crate::hooks::RunsHooks;
use crate::model::Model;

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
    let view = match execution {
        Execution::Uncached => None,
        _ => Some(plan.view(conn, take != Take::First)?),
    };
    let shape = QueryShape::of::<M, Q, Conn>;
    let run = LoadRun::begin(view.as_ref(), execution, take, shape);
    let mut loading = Loading::new(run);
    match loading.selects() {
        Selects::Keys => query.send_for_keys(conn, &mut loading).await?,
        Selects::Models => query.send_for_models(conn, &mut loading).await?,
        Selects::KeysAndModels => query.send_for_both(conn, &mut loading).await?,
    }
    loading.complete(conn).await?;
    Ok(loading.into_objects())
}
