//! A queue of work, for several workers.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection};
use diesel_identity_map::prelude::*;

use super::super::models::*;
use super::super::schema::*;

pub(crate) async fn jobs(
    conn: &mut AsyncPgConnection,
    kind: Option<JobKind>,
) -> QueryResult<Vec<Arc<BackgroundJob>>> {
    let mut query = BackgroundJob::cached().into_boxed();
    if let Some(kind) = kind {
        query = query.filter(background_jobs::kind.eq(kind));
    }
    query
        .order((background_jobs::priority.desc(), background_jobs::id))
        .load(conn)
        .await
}

pub(crate) async fn enqueue(
    conn: &mut AsyncPgConnection,
    jobs: Vec<NewJob>,
) -> QueryResult<Vec<Arc<BackgroundJob>>> {
    BackgroundJob::cached().insert_many(jobs, conn).await
}

/// Does the next job that no other worker does at the moment: it is gone, or is tried again later.
pub(crate) async fn run_job(
    conn: &mut AsyncPgConnection,
    at: NaiveDateTime,
    succeeds: bool,
) -> QueryResult<Option<Arc<BackgroundJob>>> {
    conn.transaction(async |conn| {
        let job = BackgroundJob::cached()
            .filter(background_jobs::last_retry.lt(at))
            .order((background_jobs::priority.desc(), background_jobs::id))
            .for_update()
            .skip_locked()
            .first(conn)
            .await
            .optional()?;
        let Some(job) = job else { return Ok(None) };
        if succeeds {
            BackgroundJob::cached().delete(&job, conn).await?;
            return Ok(Some(job));
        }
        let changes = (
            background_jobs::retries.eq(background_jobs::retries + 1),
            background_jobs::last_retry.eq(at),
        );
        let job = BackgroundJob::cached().update(&job, changes, conn).await?;
        QueryResult::Ok(Some(job))
    })
    .await
}

/// Lets all that failed be tried again.
pub(crate) async fn retry_jobs(
    conn: &mut AsyncPgConnection,
    before: NaiveDateTime,
) -> QueryResult<usize> {
    let changes = (
        background_jobs::last_retry.eq(before),
        background_jobs::retries.eq(0),
    );
    BackgroundJob::cached()
        .filter(background_jobs::retries.gt(0))
        .update_all(changes, conn)
        .await
}
