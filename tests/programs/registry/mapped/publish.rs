//! A new version is published.

use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use diesel_identity_map::prelude::*;

use super::super::models::*;
use super::super::schema::*;

/// Everything that a publication writes, in one transaction.
pub(crate) async fn publish(
    conn: &mut AsyncPgConnection,
    publish: Publish,
) -> QueryResult<(Arc<Package>, Arc<Version>)> {
    conn.transaction(async |conn| {
        super::take_limit(conn, publish.by, LimitedAction::PublishNew, publish.at).await?;
        let new = NewPackage {
            name: publish.name.to_owned(),
            description: publish.description.map(str::to_owned),
            homepage: None,
            created_at: publish.at,
            updated_at: publish.at,
        };
        // wants: upsert through the manager (on_conflict_do_nothing, giving an Option)
        let inserted = diesel::insert_into(packages::table)
            .values(&new)
            .on_conflict_do_nothing()
            .execute(conn)
            .await?;
        let package = Package::cached().filter(packages::name.eq(publish.name));
        let mut package = package.first(conn).await?;
        if inserted == 1 {
            let owner = PackageOwner {
                package_id: package.id,
                owner_id: publish.by.0,
                owner_kind: OwnerKind::User,
                added_by: Some(publish.by),
                deleted: false,
            };
            PackageOwner::cached().insert(owner, conn).await?;
        } else {
            let described = packages::description.eq(publish.description);
            package = Package::cached().update(&package, described, conn).await?;
        }
        let new = NewVersion {
            package_id: package.id,
            num: publish.num.to_owned(),
            license: Some("MIT".to_owned()),
            size: 1000,
            checksum: publish.num.as_bytes().to_vec(),
            published_by: Some(publish.by),
            created_at: publish.at,
        };
        let version = Version::cached().insert(new, conn).await?;
        let mut new = Vec::new();
        for (name, req, kind) in publish.dependencies {
            let on = Package::cached().filter(packages::name.eq(name));
            new.push(NewDependency {
                version_id: version.id,
                package_id: on.first(conn).await?.id,
                req: (*req).to_owned(),
                kind: *kind,
                optional: false,
                features: vec![format!("{name} feature")],
            });
        }
        Dependency::cached().insert_many(new, conn).await?;
        super::set_keywords(conn, package.id, publish.keywords).await?;
        super::set_categories(conn, package.id, publish.categories).await?;
        super::set_default_version(conn, package.id, version.id).await?;
        let jobs = [JobKind::RenderReadme, JobKind::SyncIndex].map(|kind| NewJob {
            kind,
            payload: format!("{} {}", publish.name, publish.num),
            priority: 1,
        });
        super::enqueue(conn, jobs.to_vec()).await?;
        let package = super::package(conn, package.id).await?;
        QueryResult::Ok((package, version))
    })
    .await
}
