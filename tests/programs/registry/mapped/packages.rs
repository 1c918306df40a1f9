//! Single packages, and what is written to them.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection};
use diesel_identity_map::prelude::*;

use super::super::models::*;
use super::super::schema::*;
use super::MappedOwner;

pub(crate) async fn package(
    conn: &mut AsyncPgConnection,
    id: PackageId,
) -> QueryResult<Arc<Package>> {
    Package::cached().find(id).first(conn).await
}

pub(crate) async fn package_by_id_column(
    conn: &mut AsyncPgConnection,
    id: PackageId,
) -> QueryResult<Option<Arc<Package>>> {
    // wants: filter(packages::id.eq(id)) answered as find
    let package = Package::cached().filter(packages::id.eq(id));
    package.first(conn).await.optional()
}

pub(crate) async fn package_by_name(
    conn: &mut AsyncPgConnection,
    name: &str,
) -> QueryResult<Option<Arc<Package>>> {
    let package = Package::cached().filter(packages::name.eq(name));
    package.first(conn).await.optional()
}

pub(crate) async fn packages_by_ids(
    conn: &mut AsyncPgConnection,
    ids: &[PackageId],
) -> QueryResult<Vec<Arc<Package>>> {
    let packages = Package::cached().find_many(ids.iter().copied());
    let mut packages: Vec<_> = packages.load(conn).await?.into_iter().flatten().collect();
    packages.sort_by_key(|package| package.id);
    Ok(packages)
}

/// What a package's page shows.
#[derive(Debug)]
pub(crate) struct PackagePage {
    pub(crate) package: Arc<Package>,
    pub(crate) downloads: Arc<PackageDownloads>,
    pub(crate) versions: Vec<(Arc<Version>, Option<Arc<User>>)>,
    pub(crate) keywords: Vec<Arc<Keyword>>,
    pub(crate) categories: Vec<Arc<Category>>,
    pub(crate) badges: Vec<Arc<Badge>>,
    pub(crate) owners: Vec<MappedOwner>,
}

pub(crate) async fn package_page(
    conn: &mut AsyncPgConnection,
    name: &str,
) -> QueryResult<PackagePage> {
    let (package, downloads) = packages::table
        .inner_join(package_downloads::table)
        .filter(packages::name.eq(name))
        .select((Package::as_select(), PackageDownloads::as_select()))
        .mapped()
        .first(conn)
        .await?;
    let versions = Version::cached()
        .belonging_to(&package)
        .order(versions::id.desc())
        .with::<User>()
        .load(conn)
        .await?;
    let keywords = PackageKeyword::belonging_to(&*package)
        .inner_join(keywords::table)
        .order(keywords::word)
        .select(Keyword::as_select())
        .mapped()
        .load(conn)
        .await?;
    let of_one = [Arc::clone(&package)];
    let categories = of_one
        .load_through::<PackageCategory, Category>(conn)
        .await?;
    let mut categories = categories.into_iter().flatten().collect::<Vec<_>>();
    categories.sort_by(|one, other| one.path.cmp(&other.path));
    let badges = Badge::cached()
        .belonging_to(&package)
        .order(badges::badge)
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
) -> QueryResult<Arc<Package>> {
    // wants: update by key without loading
    let package = Package::cached().find(id).first(conn).await?;
    Package::cached().update(&package, changes, conn).await
}

/// Renames a package, whose key stays.
pub(crate) async fn rename_package(
    conn: &mut AsyncPgConnection,
    id: PackageId,
    name: &str,
) -> QueryResult<Arc<Package>> {
    let package = package(conn, id).await?;
    let mut renamed = Package::clone(&package);
    renamed.name = name.to_owned();
    Package::cached().save(renamed, conn).await
}

pub(crate) async fn delete_package(
    conn: &mut AsyncPgConnection,
    id: PackageId,
    by: UserId,
    at: NaiveDateTime,
) -> QueryResult<Arc<DeletedPackage>> {
    conn.transaction(async |conn| {
        let package = Package::cached().find(id).first(conn).await?;
        Package::cached().delete(&package, conn).await?;
        let deleted = (
            deleted_packages::name.eq(package.name.clone()),
            deleted_packages::deleted_by.eq(by),
            deleted_packages::deleted_at.eq(at),
            deleted_packages::available_at.eq(at),
        );
        let deleted = DeletedPackage::cached().insert(deleted, conn).await?;
        let job = NewJob {
            kind: JobKind::SyncIndex,
            payload: package.name.clone(),
            priority: 5,
        };
        BackgroundJob::cached().insert(job, conn).await?;
        QueryResult::Ok(deleted)
    })
    .await
}

pub(crate) async fn deleted_packages(
    conn: &mut AsyncPgConnection,
) -> QueryResult<Vec<(Arc<DeletedPackage>, Option<Arc<User>>)>> {
    DeletedPackage::cached()
        .order(deleted_packages::id)
        .with::<User>()
        .load(conn)
        .await
}

pub(crate) async fn set_badges(
    conn: &mut AsyncPgConnection,
    id: PackageId,
    badges: Vec<Badge>,
) -> QueryResult<usize> {
    conn.transaction(async |conn| {
        let old = Badge::cached().filter(badges::package_id.eq(id));
        old.delete_all(conn).await?;
        let new = Badge::cached().insert_many(&badges, conn).await?;
        QueryResult::Ok(new.len())
    })
    .await
}
