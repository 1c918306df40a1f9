//! The hook that runs after a load: `post_load`.

use std::future::{Future, ready};
use std::sync::Arc;

use diesel::QueryResult;

use super::runs_hooks::RunsHooks;
use crate::choice::Choice as _;
use crate::model::{Model, downcast};
use crate::transaction::ReadView;

/// Runs `post_load` for the objects that a load has made. If it fails for one, the map gives up all of
/// them.
pub(crate) fn run_post_load<M, Conn, D>(
    view: &ReadView,
    conn: &mut Conn,
) -> impl Future<Output = QueryResult<()>> + Send
where
    M: Model + RunsHooks<Conn, D>,
    Conn: Send,
{
    M::HasHooks::choose(
        (view, conn),
        |(view, conn)| run_for_new::<M, _, _>(view, conn),
        |_| ready(Ok(())),
    )
}

async fn run_for_new<M, Conn, D>(view: &ReadView, conn: &mut Conn) -> QueryResult<()>
where
    M: Model + RunsHooks<Conn, D>,
    Conn: Send,
{
    let new_objects = view.take_new_objects();
    for new in new_objects.as_slice() {
        let Some(object) = downcast(Arc::clone(&new.object)) else {
            continue;
        };
        if let Err(error) = M::post_load(&object, conn).await {
            view.give_up(new_objects);
            return Err(error);
        }
    }
    Ok(())
}

/// Runs `post_load` for objects of an uncached load, which are in no map.
pub(crate) fn run_post_load_uncached<M, Conn, D>(
    objects: &[Arc<M>],
    conn: &mut Conn,
) -> impl Future<Output = QueryResult<()>> + Send
where
    M: Model + RunsHooks<Conn, D>,
    Conn: Send,
{
    M::HasHooks::choose(
        (objects, conn),
        |(objects, conn)| run_for_each::<M, _, _>(objects, conn),
        |_| ready(Ok(())),
    )
}

async fn run_for_each<M, Conn, D>(objects: &[Arc<M>], conn: &mut Conn) -> QueryResult<()>
where
    M: Model + RunsHooks<Conn, D>,
    Conn: Send,
{
    for object in objects {
        M::post_load(object, conn).await?;
    }
    Ok(())
}
