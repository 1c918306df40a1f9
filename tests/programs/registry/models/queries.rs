//! Models that start from a query of their own.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel_identity_map::IdentityMapped;

use super::super::schema::*;
use super::{DependencyId, DependencyKind, PackageId, VersionId};

/// The version that a package's page shows, with the package's name and the number of its versions.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(all(), derive(HasQuery, IdentityMapped))]
#[cfg_attr(all(), diesel(table_name = versions))]
#[cfg_attr(
    all(),
    diesel(base_query = versions::table
        .inner_join(default_versions::table)
        .inner_join(packages::table)
        .filter(versions::yanked.eq(false)))
)]
pub(crate) struct TopVersion {
    pub(crate) id: VersionId,
    pub(crate) package_id: PackageId,
    #[diesel(select_expression = packages::name)]
    pub(crate) package: String,
    pub(crate) num: String,
    pub(crate) downloads: i32,
    pub(crate) created_at: NaiveDateTime,
    #[diesel(select_expression = default_versions::num_versions)]
    pub(crate) num_versions: i32,
}

/// A dependency of a default version, seen from the package that is depended on.
#[derive(Debug, Clone, PartialEq, HasQuery, IdentityMapped)]
#[diesel(
    table_name = dependencies,
    check_for_backend(diesel::pg::Pg),
    base_query = dependencies::table.inner_join(
        versions::table.inner_join(default_versions::table).inner_join(packages::table)
            .inner_join(package_downloads::table.on(package_downloads::package_id.eq(packages::id))),
    )
)]
pub(crate) struct ReverseDependency {
    pub(crate) id: DependencyId,
    pub(crate) package_id: PackageId,
    pub(crate) version_id: VersionId,
    pub(crate) req: String,
    pub(crate) kind: DependencyKind,
    pub(crate) optional: bool,
    #[diesel(select_expression = packages::name)]
    pub(crate) dependent: String,
    #[diesel(select_expression = versions::num)]
    pub(crate) dependent_num: String,
    #[diesel(select_expression = package_downloads::total)]
    pub(crate) dependent_downloads: i64,
}
