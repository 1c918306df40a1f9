//! Versions, their dependencies and their readmes.

use diesel::dsl::count_star;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::super::models::*;
use super::super::schema::*;

pub(crate) async fn version(
    conn: &mut AsyncPgConnection,
    package: PackageId,
    num: &str,
) -> QueryResult<Option<Version>> {
    versions::table
        .filter(versions::package_id.eq(package).and(versions::num.eq(num)))
        .select(Version::as_select())
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
) -> QueryResult<Vec<Version>> {
    let mut query = versions::table
        .filter(versions::package_id.eq(package))
        .select(Version::as_select())
        .into_boxed();
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
) -> QueryResult<Vec<(Package, Vec<Version>)>> {
    let packages = super::packages_by_ids(conn, ids).await?;
    let versions = Version::belonging_to(&packages)
        .order(versions::id)
        .select(Version::as_select())
        .load(conn)
        .await?
        .grouped_by(&packages);
    Ok(packages.into_iter().zip(versions).collect())
}

pub(crate) async fn top_versions(
    conn: &mut AsyncPgConnection,
    limit: i64,
) -> QueryResult<Vec<TopVersion>> {
    TopVersion::query()
        .order((versions::downloads.desc(), versions::id))
        .limit(limit)
        .load(conn)
        .await
}

pub(crate) async fn top_version(
    conn: &mut AsyncPgConnection,
    version: VersionId,
) -> QueryResult<Option<TopVersion>> {
    let version = TopVersion::query().filter(versions::id.eq(version));
    version.first(conn).await.optional()
}

pub(crate) async fn dependencies_of(
    conn: &mut AsyncPgConnection,
    version: VersionId,
) -> QueryResult<Vec<(Dependency, Package)>> {
    dependencies::table
        .inner_join(packages::table)
        .filter(dependencies::version_id.eq(version))
        .order((dependencies::kind, packages::name, dependencies::id))
        .select((Dependency::as_select(), Package::as_select()))
        .load(conn)
        .await
}

pub(crate) async fn reverse_dependencies(
    conn: &mut AsyncPgConnection,
    package: PackageId,
    offset: i64,
    limit: i64,
) -> QueryResult<(Vec<ReverseDependency>, i64)> {
    let rows: Vec<(ReverseDependency, i64)> = <ReverseDependency as HasQuery<Pg>>::query()
        .filter(dependencies::package_id.eq(package))
        .filter(dependencies::kind.ne(DependencyKind::Dev))
        .order((package_downloads::total.desc(), dependencies::id))
        .offset(offset)
        .limit(limit)
        .select((ReverseDependency::as_select(), count_star().over()))
        .load(conn)
        .await?;
    let total = rows.last().map_or(0, |(_, total)| *total);
    Ok((rows.into_iter().map(|(row, _)| row).collect(), total))
}

pub(crate) async fn yank(
    conn: &mut AsyncPgConnection,
    version: VersionId,
    message: Option<&str>,
) -> QueryResult<Version> {
    let changes = (
        versions::yanked.eq(message.is_some()),
        versions::yank_message.eq(message),
    );
    diesel::update(versions::table.find(version))
        .set(changes)
        .returning(Version::as_returning())
        .get_result(conn)
        .await
}

pub(crate) async fn yank_all(
    conn: &mut AsyncPgConnection,
    package: PackageId,
) -> QueryResult<Vec<Version>> {
    let mut yanked: Vec<Version> = diesel::update(versions::table)
        .filter(
            versions::package_id
                .eq(package)
                .and(versions::yanked.eq(false)),
        )
        .set((
            versions::yanked.eq(true),
            versions::yank_message.eq("all of it"),
        ))
        .returning(Version::as_returning())
        .get_results(conn)
        .await?;
    yanked.sort_by_key(|version| version.id);
    Ok(yanked)
}

pub(crate) async fn set_default_version(
    conn: &mut AsyncPgConnection,
    package: PackageId,
    version: VersionId,
) -> QueryResult<DefaultVersion> {
    diesel::insert_into(default_versions::table)
        .values((
            default_versions::package_id.eq(package),
            default_versions::version_id.eq(version),
        ))
        .on_conflict(default_versions::package_id)
        .do_update()
        .set(default_versions::version_id.eq(version))
        .returning(DefaultVersion::as_returning())
        .get_result(conn)
        .await
}

pub(crate) async fn delete_version(
    conn: &mut AsyncPgConnection,
    version: VersionId,
) -> QueryResult<Version> {
    diesel::delete(versions::table.find(version))
        .returning(Version::as_returning())
        .get_result(conn)
        .await
}

pub(crate) async fn readme(
    conn: &mut AsyncPgConnection,
    version: VersionId,
) -> QueryResult<Option<ReadmeRendering>> {
    readme_renderings::table
        .find(version)
        .select(ReadmeRendering::as_select())
        .first(conn)
        .await
        .optional()
}

pub(crate) async fn render_readme(
    conn: &mut AsyncPgConnection,
    rendering: ReadmeRendering,
) -> QueryResult<ReadmeRendering> {
    diesel::insert_into(readme_renderings::table)
        .values(&rendering)
        .on_conflict(readme_renderings::version_id)
        .do_update()
        .set(&rendering)
        .returning(ReadmeRendering::as_returning())
        .get_result(conn)
        .await
}
