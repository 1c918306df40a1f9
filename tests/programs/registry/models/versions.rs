//! Versions, and what belongs to one.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use diesel_identity_map::IdentityMapped;

use super::super::schema::*;
use super::{DependencyId, DependencyKind, Package, PackageId, User, UserId, VersionId};

#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(
    all(),
    derive(Queryable, Selectable, Identifiable, Associations, IdentityMapped)
)]
#[cfg_attr(
    all(),
    diesel(table_name = versions, belongs_to(Package), belongs_to(User, foreign_key = published_by))
)]
pub(crate) struct Version {
    pub(crate) id: VersionId,
    pub(crate) package_id: PackageId,
    pub(crate) num: String,
    pub(crate) license: Option<String>,
    pub(crate) size: i32,
    pub(crate) checksum: Vec<u8>,
    pub(crate) downloads: i32,
    pub(crate) yanked: bool,
    pub(crate) yank_message: Option<String>,
    pub(crate) published_by: Option<UserId>,
    pub(crate) created_at: NaiveDateTime,
}

#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = versions)]
pub(crate) struct NewVersion {
    pub(crate) package_id: PackageId,
    pub(crate) num: String,
    pub(crate) license: Option<String>,
    pub(crate) size: i32,
    pub(crate) checksum: Vec<u8>,
    pub(crate) published_by: Option<UserId>,
    pub(crate) created_at: NaiveDateTime,
}

/// Which version a package's page shows, with a counter that a trigger keeps.
#[derive(
    Debug, Clone, PartialEq, Queryable, Selectable, Identifiable, Associations, IdentityMapped,
)]
#[diesel(
    table_name = default_versions,
    primary_key(package_id),
    belongs_to(Package),
    belongs_to(Version)
)]
pub(crate) struct DefaultVersion {
    pub(crate) package_id: PackageId,
    pub(crate) version_id: VersionId,
    pub(crate) num_versions: i32,
}

#[derive(
    Debug, Clone, PartialEq, Queryable, Selectable, Identifiable, Associations, IdentityMapped,
)]
#[diesel(table_name = dependencies, belongs_to(Version), belongs_to(Package))]
pub(crate) struct Dependency {
    pub(crate) id: DependencyId,
    pub(crate) version_id: VersionId,
    pub(crate) package_id: PackageId,
    pub(crate) req: String,
    pub(crate) kind: DependencyKind,
    pub(crate) optional: bool,
    pub(crate) target: Option<String>,
    pub(crate) features: Vec<String>,
}

#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = dependencies)]
pub(crate) struct NewDependency {
    pub(crate) version_id: VersionId,
    pub(crate) package_id: PackageId,
    pub(crate) req: String,
    pub(crate) kind: DependencyKind,
    pub(crate) optional: bool,
    pub(crate) features: Vec<String>,
}

#[derive(
    Debug,
    Clone,
    PartialEq,
    Queryable,
    Selectable,
    Insertable,
    Identifiable,
    Associations,
    IdentityMapped,
)]
#[diesel(table_name = version_downloads, primary_key(version_id, day), belongs_to(Version))]
pub(crate) struct VersionDownload {
    pub(crate) version_id: VersionId,
    pub(crate) day: NaiveDate,
    pub(crate) downloads: i32,
    pub(crate) counted: i32,
    pub(crate) processed: bool,
}

#[derive(
    Debug,
    Clone,
    PartialEq,
    Queryable,
    Selectable,
    Insertable,
    Identifiable,
    AsChangeset,
    Associations,
    IdentityMapped,
)]
#[diesel(table_name = readme_renderings, primary_key(version_id), belongs_to(Version))]
pub(crate) struct ReadmeRendering {
    pub(crate) version_id: VersionId,
    pub(crate) html: String,
    pub(crate) rendered_at: NaiveDateTime,
}
