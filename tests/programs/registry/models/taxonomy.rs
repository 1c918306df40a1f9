//! Categories, which are a tree, and keywords.

use diesel::prelude::*;
use diesel_identity_map::IdentityMapped;

use super::super::schema::*;
use super::{CategoryId, KeywordId, Package, PackageId};

#[derive(Debug, Clone, PartialEq, HasQuery, Identifiable, IdentityMapped)]
#[diesel(table_name = categories)]
pub(crate) struct Category {
    pub(crate) id: CategoryId,
    pub(crate) path: String,
    pub(crate) label: String,
    pub(crate) packages_count: i32,
}

#[derive(Debug, Clone, Insertable, AsChangeset)]
#[diesel(table_name = categories)]
pub(crate) struct NewCategory {
    pub(crate) path: String,
    pub(crate) label: String,
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
#[diesel(
    table_name = packages_categories,
    primary_key(package_id, category_id),
    belongs_to(Package),
    belongs_to(Category)
)]
pub(crate) struct PackageCategory {
    pub(crate) package_id: PackageId,
    pub(crate) category_id: CategoryId,
}

#[derive(Debug, Clone, PartialEq, HasQuery, Identifiable, IdentityMapped)]
#[diesel(table_name = keywords)]
pub(crate) struct Keyword {
    pub(crate) id: KeywordId,
    pub(crate) word: String,
    pub(crate) packages_count: i32,
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
#[diesel(
    table_name = packages_keywords,
    primary_key(package_id, keyword_id),
    belongs_to(Package),
    belongs_to(Keyword)
)]
pub(crate) struct PackageKeyword {
    pub(crate) package_id: PackageId,
    pub(crate) keyword_id: KeywordId,
}
