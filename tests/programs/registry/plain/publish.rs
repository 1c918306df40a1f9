//! A new version is published.

use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};

use super::super::models::*;
use super::super::schema::*;

/// Everything that a publication writes, in one transaction.
pub(crate) async fn publish(
    conn: &mut AsyncPgConnection,
    publish: Publish,
) -> QueryResult<(Package, Version)> {
    conn.transaction(async |conn| {
        super::take_limit(conn, publish.by, LimitedAction::PublishNew, publish.at).await?;
        let new = NewPackage {
            name: publish.name.to_owned(),
            description: publish.description.map(str::to_owned),
            homepage: None,
            created_at: publish.at,
            updated_at: publish.at,
        };
        let package: Option<Package> = diesel::insert_into(packages::table)
            .values(&new)
            .on_conflict_do_nothing()
            .returning(Package::as_returning())
            .get_result(conn)
            .await
            .optional()?;
        let package = if let Some(package) = package {
            let owner = PackageOwner {
                package_id: package.id,
                owner_id: publish.by.0,
                owner_kind: OwnerKind::User,
                added_by: Some(publish.by),
                deleted: false,
            };
            diesel::insert_into(package_owners::table)
                .values(owner)
                .execute(conn)
                .await?;
            package
        } else {
            diesel::update(packages::table.filter(packages::name.eq(publish.name)))
                .set(packages::description.eq(publish.description))
                .returning(Package::as_returning())
                .get_result(conn)
                .await?
        };
        let version: Version = diesel::insert_into(versions::table)
            .values(NewVersion {
                package_id: package.id,
                num: publish.num.to_owned(),
                license: Some("MIT".to_owned()),
                size: 1000,
                checksum: publish.num.as_bytes().to_vec(),
                published_by: Some(publish.by),
                created_at: publish.at,
            })
            .returning(Version::as_returning())
            .get_result(conn)
            .await?;
        let mut new = Vec::new();
        for (name, req, kind) in publish.dependencies {
            let on = packages::table.filter(packages::name.eq(name));
            new.push(NewDependency {
                version_id: version.id,
                package_id: on.select(packages::id).first(conn).await?,
                req: (*req).to_owned(),
                kind: *kind,
                optional: false,
                features: vec![format!("{name} feature")],
            });
        }
        diesel::insert_into(dependencies::table)
            .values(&new)
            .execute(conn)
            .await?;
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
