//! A queue of work, for several workers.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};

use super::super::models::*;
use super::super::schema::*;

pub(crate) async fn jobs(
    conn: &mut AsyncPgConnection,
    kind: Option<JobKind>,
) -> QueryResult<Vec<BackgroundJob>> {
    let mut query = background_jobs::table
        .select(BackgroundJob::as_select())
        .into_boxed();
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
) -> QueryResult<Vec<BackgroundJob>> {
    diesel::insert_into(background_jobs::table)
        .values(jobs)
        .returning(BackgroundJob::as_returning())
        .get_results(conn)
        .await
}

/// Does the next job that no other worker does at the moment: it is gone, or is tried again later.
pub(crate) async fn run_job(
    conn: &mut AsyncPgConnection,
    at: NaiveDateTime,
    succeeds: bool,
) -> QueryResult<Option<BackgroundJob>> {
    conn.transaction(async |conn| {
        let job: Option<BackgroundJob> = background_jobs::table
            .filter(background_jobs::last_retry.lt(at))
            .order((background_jobs::priority.desc(), background_jobs::id))
            .select(BackgroundJob::as_select())
            .for_update()
            .skip_locked()
            .first(conn)
            .await
            .optional()?;
        let Some(job) = job else { return Ok(None) };
        if succeeds {
            diesel::delete(&job).execute(conn).await?;
            return Ok(Some(job));
        }
        let job = diesel::update(&job)
            .set((
                background_jobs::retries.eq(background_jobs::retries + 1),
                background_jobs::last_retry.eq(at),
            ))
            .returning(BackgroundJob::as_returning())
            .get_result(conn)
            .await?;
        QueryResult::Ok(Some(job))
    })
    .await
}

/// Lets all that failed be tried again.
pub(crate) async fn retry_jobs(
    conn: &mut AsyncPgConnection,
    before: NaiveDateTime,
) -> QueryResult<usize> {
    diesel::update(background_jobs::table)
        .filter(background_jobs::retries.gt(0))
        .set((
            background_jobs::last_retry.eq(before),
            background_jobs::retries.eq(0),
        ))
        .execute(conn)
        .await
}
