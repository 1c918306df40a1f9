//! Single packages, and what is written to them.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};

use super::super::models::*;
use super::super::schema::*;

pub(crate) async fn package(conn: &mut AsyncPgConnection, id: PackageId) -> QueryResult<Package> {
    Package::query().find(id).first(conn).await
}

pub(crate) async fn package_by_id_column(
    conn: &mut AsyncPgConnection,
    id: PackageId,
) -> QueryResult<Option<Package>> {
    let package = Package::query().filter(packages::id.eq(id));
    package.first(conn).await.optional()
}

pub(crate) async fn package_by_name(
    conn: &mut AsyncPgConnection,
    name: &str,
) -> QueryResult<Option<Package>> {
    let package = Package::query().filter(packages::name.eq(name));
    package.first(conn).await.optional()
}

pub(crate) async fn packages_by_ids(
    conn: &mut AsyncPgConnection,
    ids: &[PackageId],
) -> QueryResult<Vec<Package>> {
    Package::query()
        .filter(packages::id.eq_any(ids))
        .order(packages::id)
        .load(conn)
        .await
}

/// What a package's page shows.
#[derive(Debug)]
pub(crate) struct PackagePage {
    pub(crate) package: Package,
    pub(crate) downloads: PackageDownloads,
    pub(crate) versions: Vec<(Version, Option<User>)>,
    pub(crate) keywords: Vec<Keyword>,
    pub(crate) categories: Vec<Category>,
    pub(crate) badges: Vec<Badge>,
    pub(crate) owners: Vec<PlainOwner>,
}

pub(crate) async fn package_page(
    conn: &mut AsyncPgConnection,
    name: &str,
) -> QueryResult<PackagePage> {
    let (package, downloads): (Package, PackageDownloads) = packages::table
        .inner_join(package_downloads::table)
        .filter(packages::name.eq(name))
        .select((Package::as_select(), PackageDownloads::as_select()))
        .first(conn)
        .await?;
    let versions = Version::belonging_to(&package)
        .left_join(users::table)
        .order(versions::id.desc())
        .select((Version::as_select(), Option::<User>::as_select()))
        .load(conn)
        .await?;
    let keywords = PackageKeyword::belonging_to(&package)
        .inner_join(keywords::table)
        .order(keywords::word)
        .select(Keyword::as_select())
        .load(conn)
        .await?;
    let categories = PackageCategory::belonging_to(&package)
        .inner_join(categories::table)
        .order(categories::path)
        .select(Category::as_select())
        .load(conn)
        .await?;
    let badges = Badge::belonging_to(&package)
        .order(badges::badge)
        .select(Badge::as_select())
        .load(conn)
        .await?;
    let owners = super::owners_of(conn, package.id).await?;
    Ok(PackagePage {
        package,
        downloads,
        versions,
        keywords,
        categories,
        badges,
        owners,
    })
}

pub(crate) async fn update_package(
    conn: &mut AsyncPgConnection,
    id: PackageId,
    changes: PackageChanges,
) -> QueryResult<Package> {
    diesel::update(packages::table.find(id))
        .set(changes)
        .returning(Package::as_returning())
        .get_result(conn)
        .await
}

/// Renames a package, whose key stays.
pub(crate) async fn rename_package(
    conn: &mut AsyncPgConnection,
    id: PackageId,
    name: &str,
) -> QueryResult<Package> {
    let mut package = package(conn, id).await?;
    package.name = name.to_owned();
    diesel::update(packages::table.find(id))
        .set(&package)
        .returning(Package::as_returning())
        .get_result(conn)
        .await
}

pub(crate) async fn delete_package(
    conn: &mut AsyncPgConnection,
    id: PackageId,
    by: UserId,
    at: NaiveDateTime,
) -> QueryResult<DeletedPackage> {
    conn.transaction(async |conn| {
        let name: String = diesel::delete(packages::table.find(id))
            .returning(packages::name)
            .get_result(conn)
            .await?;
        let deleted = diesel::insert_into(deleted_packages::table)
            .values((
                deleted_packages::name.eq(&name),
                deleted_packages::deleted_by.eq(by),
                deleted_packages::deleted_at.eq(at),
                deleted_packages::available_at.eq(at),
            ))
            .returning(DeletedPackage::as_returning())
            .get_result(conn)
            .await?;
        let job = NewJob {
            kind: JobKind::SyncIndex,
            payload: name,
            priority: 5,
        };
        diesel::insert_into(background_jobs::table)
            .values(job)
            .execute(conn)
            .await?;
        QueryResult::Ok(deleted)
    })
    .await
}

pub(crate) async fn deleted_packages(
    conn: &mut AsyncPgConnection,
) -> QueryResult<Vec<(DeletedPackage, Option<User>)>> {
    deleted_packages::table
        .left_join(users::table.on(deleted_packages::deleted_by.eq(users::id.nullable())))
        .order(deleted_packages::id)
        .select((DeletedPackage::as_select(), Option::<User>::as_select()))
        .load(conn)
        .await
}

pub(crate) async fn set_badges(
    conn: &mut AsyncPgConnection,
    id: PackageId,
    badges: Vec<Badge>,
) -> QueryResult<usize> {
    conn.transaction(async |conn| {
        diesel::delete(badges::table.filter(badges::package_id.eq(id)))
            .execute(conn)
            .await?;
        diesel::insert_into(badges::table)
            .values(&badges)
            .execute(conn)
            .await
    })
    .await
}
