//! Versions, their dependencies and their readmes.

use diesel::dsl::count_star;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use diesel_identity_map::prelude::*;

use super::super::models::*;
use super::super::schema::*;

pub(crate) async fn version(
    conn: &mut AsyncPgConnection,
    package: PackageId,
    num: &str,
) -> QueryResult<Option<Arc<Version>>> {
    Version::cached()
        .filter(versions::package_id.eq(package).and(versions::num.eq(num)))
        .first(conn)
        .await
        .optional()
}

/// The versions of a package, the latest first, after one that was shown.
pub(crate) async fn versions_of(
    conn: &mut AsyncPgConnection,
    package: PackageId,
    before: Option<VersionId>,
    yanked: Option<bool>,
) -> QueryResult<Vec<Arc<Version>>> {
    let of_package = versions::package_id.eq(package);
    let mut query = Version::cached().filter(of_package).into_boxed();
    if let Some(id) = before {
        query = query.filter(versions::id.lt(id));
    }
    if let Some(yanked) = yanked {
        query = query.filter(versions::yanked.eq(yanked));
    }
    query.order(versions::id.desc()).limit(3).load(conn).await
}

pub(crate) async fn versions_of_packages(
    conn: &mut AsyncPgConnection,
    ids: &[PackageId],
) -> QueryResult<Vec<(Arc<Package>, Vec<Arc<Version>>)>> {
    let packages = super::packages_by_ids(conn, ids).await?;
    let versions = packages
        .load_children_from(Version::cached().order(versions::id), conn)
        .await?;
    Ok(packages.into_iter().zip(versions).collect())
}

pub(crate) async fn top_versions(
    conn: &mut AsyncPgConnection,
    limit: i64,
) -> QueryResult<Vec<Arc<TopVersion>>> {
    TopVersion::cached()
        .order((versions::downloads.desc(), versions::id))
        .limit(limit)
        .load(conn)
        .await
}

pub(crate) async fn top_version(
    conn: &mut AsyncPgConnection,
    version: VersionId,
) -> QueryResult<Option<Arc<TopVersion>>> {
    TopVersion::cached()
        .find(version)
        .first(conn)
        .await
        .optional()
}

pub(crate) async fn dependencies_of(
    conn: &mut AsyncPgConnection,
    version: VersionId,
) -> QueryResult<Vec<(Arc<Dependency>, Arc<Package>)>> {
    Dependency::cached()
        .inner_join(packages::table)
        .filter(dependencies::version_id.eq(version))
        .order((dependencies::kind, packages::name, dependencies::id))
        .with::<Package>()
        .load(conn)
        .await
}

pub(crate) async fn reverse_dependencies(
    conn: &mut AsyncPgConnection,
    package: PackageId,
    offset: i64,
    limit: i64,
) -> QueryResult<(Vec<Arc<ReverseDependency>>, i64)> {
    let rows: Vec<(Arc<ReverseDependency>, i64)> = <ReverseDependency as HasQuery<Pg>>::query()
        .filter(dependencies::package_id.eq(package))
        .filter(dependencies::kind.ne(DependencyKind::Dev))
        .order((package_downloads::total.desc(), dependencies::id))
        .offset(offset)
        .limit(limit)
        .select((ReverseDependency::as_select(), count_star().over()))
        .mapped()
        .load(conn)
        .await?;
    let total = rows.last().map_or(0, |(_, total)| *total);
    Ok((rows.into_iter().map(|(row, _)| row).collect(), total))
}

pub(crate) async fn yank(
    conn: &mut AsyncPgConnection,
    version: VersionId,
    message: Option<&str>,
) -> QueryResult<Arc<Version>> {
    let changes = (
        versions::yanked.eq(message.is_some()),
        versions::yank_message.eq(message),
    );
    // wants: update by key without loading
    let version = Version::cached().find(version).first(conn).await?;
    Version::cached().update(&version, changes, conn).await
}

pub(crate) async fn yank_all(
    conn: &mut AsyncPgConnection,
    package: PackageId,
) -> QueryResult<Vec<Arc<Version>>> {
    // wants: Version::cached().filter(..).update_returning(changes, conn)
    let active = versions::package_id
        .eq(package)
        .and(versions::yanked.eq(false));
    let ids: Vec<VersionId> = Version::cached()
        .filter(active)
        .order(versions::id)
        .select(versions::id)
        .load(conn)
        .await?;
    let changes = (
        versions::yanked.eq(true),
        versions::yank_message.eq("all of it"),
    );
    let active = Version::cached().filter(versions::id.eq_any(&ids));
    active.update_all(changes, conn).await?;
    let yanked = Version::cached().find_many(ids).load(conn).await?;
    Ok(yanked.into_iter().flatten().collect())
}

pub(crate) async fn set_default_version(
    conn: &mut AsyncPgConnection,
    package: PackageId,
    version: VersionId,
) -> QueryResult<Arc<DefaultVersion>> {
    // wants: upsert through the manager
    diesel::insert_into(default_versions::table)
        .values((
            default_versions::package_id.eq(package),
            default_versions::version_id.eq(version),
        ))
        .on_conflict(default_versions::package_id)
        .do_update()
        .set(default_versions::version_id.eq(version))
        .execute(conn)
        .await?;
    DefaultVersion::cached().find(package).first(conn).await
}

pub(crate) async fn delete_version(
    conn: &mut AsyncPgConnection,
    version: VersionId,
) -> QueryResult<Arc<Version>> {
    let version = Version::cached().find(version).first(conn).await?;
    Version::cached().delete(&version, conn).await?;
    Ok(version)
}

pub(crate) async fn readme(
    conn: &mut AsyncPgConnection,
    version: VersionId,
) -> QueryResult<Option<Arc<ReadmeRendering>>> {
    let rendering = ReadmeRendering::cached().find(version);
    rendering.first(conn).await.optional()
}

pub(crate) async fn render_readme(
    conn: &mut AsyncPgConnection,
    rendering: ReadmeRendering,
) -> QueryResult<Arc<ReadmeRendering>> {
    // wants: upsert through the manager
    diesel::insert_into(readme_renderings::table)
        .values(&rendering)
        .on_conflict(readme_renderings::version_id)
        .do_update()
        .set(&rendering)
        .execute(conn)
        .await?;
    ReadmeRendering::cached()
        .find(rendering.version_id)
        .first(conn)
        .await
}
