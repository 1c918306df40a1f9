//! Downloads by version and day, which triggers sum up.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};

use super::super::models::*;
use super::super::schema::*;

pub(crate) async fn downloads_on(
    conn: &mut AsyncPgConnection,
    version: VersionId,
    day: NaiveDate,
) -> QueryResult<Option<VersionDownload>> {
    version_downloads::table
        .find((version, day))
        .select(VersionDownload::as_select())
        .first(conn)
        .await
        .optional()
}

pub(crate) async fn downloads_of(
    conn: &mut AsyncPgConnection,
    package: PackageId,
    since: NaiveDate,
) -> QueryResult<Vec<(VersionDownload, Version)>> {
    version_downloads::table
        .inner_join(versions::table)
        .filter(versions::package_id.eq(package))
        .filter(version_downloads::day.ge(since))
        .order((version_downloads::day.desc(), versions::id))
        .select((VersionDownload::as_select(), Version::as_select()))
        .load(conn)
        .await
}

/// Adds to what was downloaded on a day; nothing is summed up yet.
pub(crate) async fn add_downloads(
    conn: &mut AsyncPgConnection,
    version: VersionId,
    day: NaiveDate,
    downloads: i32,
) -> QueryResult<VersionDownload> {
    let first = VersionDownload {
        version_id: version,
        day,
        downloads,
        counted: 0,
        processed: false,
    };
    diesel::insert_into(version_downloads::table)
        .values(&first)
        .on_conflict((version_downloads::version_id, version_downloads::day))
        .do_update()
        .set((
            version_downloads::downloads.eq(version_downloads::downloads + downloads),
            version_downloads::processed.eq(false),
        ))
        .returning(VersionDownload::as_returning())
        .get_result(conn)
        .await
}

/// Sums up what no other worker sums up at the moment.
pub(crate) async fn process_downloads(
    conn: &mut AsyncPgConnection,
    limit: i64,
) -> QueryResult<Vec<VersionDownload>> {
    conn.transaction(async |conn| {
        let batch: Vec<VersionDownload> = version_downloads::table
            .filter(version_downloads::processed.eq(false))
            .order((version_downloads::day, version_downloads::version_id))
            .limit(limit)
            .for_update()
            .skip_locked()
            .select(VersionDownload::as_select())
            .load(conn)
            .await?;
        let mut done = Vec::new();
        for row in batch {
            let processed = diesel::update(&row)
                .set((
                    version_downloads::counted.eq(version_downloads::downloads),
                    version_downloads::processed.eq(true),
                ))
                .returning(VersionDownload::as_returning())
                .get_result(conn)
                .await?;
            done.push(processed);
        }
        QueryResult::Ok(done)
    })
    .await
}

pub(crate) async fn forget_downloads(
    conn: &mut AsyncPgConnection,
    before: NaiveDate,
) -> QueryResult<usize> {
    let old = version_downloads::table
        .filter(version_downloads::day.lt(before))
        .filter(version_downloads::processed.eq(true));
    diesel::delete(old).execute(conn).await
}
