//! Running a query as its plan chooses.

use std::panic::Location;
use std::sync::Arc;

use diesel::QueryResult;

use super::cached::Cached;
use super::cached_query::CachedQuery;
use super::load_by_keys::LoadByKeys;
use super::load_run::{LoadRun, Selects};
use super::loading::Loading;
use super::plan::{CacheMode, Plan};
use super::take::Take;
use crate::connection::{ConnectionKind, Driver};
use crate::hooks::RunsHooks;
use crate::model::Model;
use crate::transaction::ReadView;

impl<M: Model, Q> Cached<M, Q> {
    /// Loads the objects, as the query's plan chooses, and makes of them what the method returns. `caller`
    /// is the line of the program that has called for them; `None` if the query is a part of a call that
    /// has begun already.
    pub(crate) async fn find_objects<Conn, D, T>(
        self,
        take: Take,
        caller: Option<&'static Location<'static>>,
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
        if caller.is_some() {
            conn.begin_call().await?;
        }
        #[cfg(feature = "filter-by-key")]
        if caller.is_some() && plan.may_ask_for_key::<Q>() {
            return find_by_condition(query, plan, (take, caller), finish, conn).await;
        }
        let view = match plan.begin(take, caller, conn)? {
            Begun::Held(held) => return finish(vec![held]),
            Begun::Load(view) => view,
        };
        let run = LoadRun::begin(view.as_ref(), plan.choose(take), take, Q::shape);
        let mut loading = Loading::new(run);
        let mut is_complete = false;
        let both = match loading.selects() {
            Selects::Keys => {
                let keys = query.select_keys();
                Q::send_for_keys(&keys, conn, &mut loading).await?;
                is_complete = loading.complete(conn).await?.is_continue();
                (!is_complete).then(|| Q::reselect_both(keys))
            }
            Selects::Models => {
                query.send_for_models(conn, &mut loading).await?;
                None
            }
            Selects::KeysAndModels => Some(query.select_both()),
        };
        if let Some(sent) = both.map(|both| Q::send_for_both(both, conn, &mut loading)) {
            sent.await?;
        }
        if !is_complete {
            let _ = loading.complete(conn).await?;
        }
        finish(loading.into_objects())
    }
}

/// Loads the object of the key that the one condition of a query asks for.
#[cfg(feature = "filter-by-key")]
async fn find_by_condition<M, Q, Conn, D, T>(
    query: Q,
    mut plan: Plan<M>,
    (take, caller): (Take, Option<&'static Location<'static>>),
    finish: fn(Vec<Arc<M>>) -> QueryResult<T>,
    conn: &mut Conn,
) -> QueryResult<T>
where
    D: ConnectionKind,
    Conn: Driver<D>,
    M: LoadByKeys<Conn, D> + RunsHooks<Conn, D>,
    Q: CachedQuery<M, Conn, D>,
{
    let keys = query.select_keys();
    plan.key = Q::asked_key(&keys);
    let view = match plan.begin(take, caller, conn)? {
        Begun::Held(held) => return finish(vec![held]),
        Begun::Load(view) => view,
    };
    let run = LoadRun::by_rows_with_keys(view.as_ref(), take);
    let mut loading = Loading::new(run);
    Q::send_for_both(Q::reselect_both(keys), conn, &mut loading).await?;
    let _ = loading.complete(conn).await?;
    finish(loading.into_objects())
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
    query.find_objects(Take::All, None, Ok, conn).await
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
