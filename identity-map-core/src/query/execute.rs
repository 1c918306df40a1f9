//! Running a query as its plan chooses.

use std::panic::Location;
use std::sync::Arc;

use diesel::QueryResult;

use super::cached::Cached;
use super::cached_query::CachedQuery;
use super::load_by_keys::LoadByKeys;
use super::load_run::{LoadRun, Selects};
use super::loading::Loading;
use super::plan::{CacheMode, Execution, Plan};
use super::take::Take;
use crate::connection::{ConnectionKind, Driver};
use crate::hooks::RunsHooks;
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
        let Self { query, plan, .. } = self;
        conn.account_for_dropped_futures().await?;
        let objects = match plan.begin(take, caller, conn)? {
            Begun::Held(held) => vec![held],
            Begun::Load(view) => {
                execute(query, view.as_ref(), plan.choose(take), take, conn).await?
            }
        };
        finish(objects)
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
    let Cached { query, plan, .. } = query;
    let view = plan.view_to_fill(Take::All, conn)?;
    let execution = plan.choose(Take::All);
    execute(query, view.as_ref(), execution, Take::All, conn).await
}

/// What is known when a load begins.
enum Begun<M> {
    /// The map holds the one object.
    Held(Arc<M>),
    /// The view to fill; `None` if the query leaves the map alone.
    Load(Option<ReadView>),
}

impl<M: Model> Plan<M> {
    /// Begins a load that the program has called for.
    #[inline(never)]
    fn begin<D: ConnectionKind, Conn: Driver<D>>(
        &self,
        take: Take,
        caller: &'static Location<'static>,
        conn: &mut Conn,
    ) -> QueryResult<Begun<M>> {
        if let Some(held) = self.held(conn)? {
            return Ok(Begun::Held(held));
        }
        conn.set_call_site(caller);
        Ok(Begun::Load(self.view_to_fill(take, conn)?))
    }

    fn view_to_fill<D: ConnectionKind, Conn: Driver<D>>(
        &self,
        take: Take,
        conn: &mut Conn,
    ) -> QueryResult<Option<ReadView>> {
        match self.mode {
            CacheMode::Uncached => Ok(None),
            CacheMode::Cached | CacheMode::Fresh => Ok(Some(self.view(conn, take != Take::First)?)),
        }
    }
}

/// Runs a query as its plan has chosen.
async fn execute<M, Q, Conn, D>(
    query: Q,
    view: Option<&ReadView>,
    execution: Execution,
    take: Take,
    conn: &mut Conn,
) -> QueryResult<Vec<Arc<M>>>
where
    D: ConnectionKind,
    Conn: Driver<D>,
    M: LoadByKeys<Conn, D> + RunsHooks<Conn, D>,
    Q: CachedQuery<M, Conn, D>,
{
    let run = LoadRun::begin(view, execution, take, Q::shape);
    let mut loading = Loading::new(run);
    match loading.selects() {
        Selects::Keys => query.send_for_keys(conn, &mut loading).await?,
        Selects::Models => query.send_for_models(conn, &mut loading).await?,
        Selects::KeysAndModels => query.send_for_both(conn, &mut loading).await?,
    }
    loading.complete(conn).await?;
    Ok(loading.into_objects())
}
