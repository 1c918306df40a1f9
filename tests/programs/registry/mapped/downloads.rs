//! Downloads by version and day, which triggers sum up.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use diesel_identity_map::prelude::*;

use super::super::models::*;
use super::super::schema::*;

pub(crate) async fn downloads_on(
    conn: &mut AsyncPgConnection,
    version: VersionId,
    day: NaiveDate,
) -> QueryResult<Option<Arc<VersionDownload>>> {
    let downloads = VersionDownload::cached().find((version, day));
    downloads.first(conn).await.optional()
}

pub(crate) async fn downloads_of(
    conn: &mut AsyncPgConnection,
    package: PackageId,
    since: NaiveDate,
) -> QueryResult<Vec<(Arc<VersionDownload>, Arc<Version>)>> {
    VersionDownload::cached()
        .inner_join(versions::table)
        .filter(versions::package_id.eq(package))
        .filter(version_downloads::day.ge(since))
        .order((version_downloads::day.desc(), versions::id))
        .with::<Version>()
        .load(conn)
        .await
}

/// Adds to what was downloaded on a day; nothing is summed up yet.
pub(crate) async fn add_downloads(
    conn: &mut AsyncPgConnection,
    version: VersionId,
    day: NaiveDate,
    downloads: i32,
) -> QueryResult<Arc<VersionDownload>> {
    let first = VersionDownload {
        version_id: version,
        day,
        downloads,
        counted: 0,
        processed: false,
    };
    // wants: upsert through the manager
    diesel::insert_into(version_downloads::table)
        .values(&first)
        .on_conflict((version_downloads::version_id, version_downloads::day))
        .do_update()
        .set((
            version_downloads::downloads.eq(version_downloads::downloads + downloads),
            version_downloads::processed.eq(false),
        ))
        .execute(conn)
        .await?;
    VersionDownload::cached()
        .find((version, day))
        .first(conn)
        .await
}

/// Sums up what no other worker sums up at the moment.
pub(crate) async fn process_downloads(
    conn: &mut AsyncPgConnection,
    limit: i64,
) -> QueryResult<Vec<Arc<VersionDownload>>> {
    conn.transaction(async |conn| {
        let batch = VersionDownload::cached()
            .filter(version_downloads::processed.eq(false))
            .order((version_downloads::day, version_downloads::version_id))
            .limit(limit)
            .for_update()
            .skip_locked()
            .load(conn)
            .await?;
        let mut done = Vec::new();
        for row in batch {
            let processed = (
                version_downloads::counted.eq(version_downloads::downloads),
                version_downloads::processed.eq(true),
            );
            let row = VersionDownload::cached().update(&row, processed, conn);
            done.push(row.await?);
        }
        QueryResult::Ok(done)
    })
    .await
}

pub(crate) async fn forget_downloads(
    conn: &mut AsyncPgConnection,
    before: NaiveDate,
) -> QueryResult<usize> {
    VersionDownload::cached()
        .filter(version_downloads::day.lt(before))
        .filter(version_downloads::processed.eq(true))
        .delete_all(conn)
        .await
}
