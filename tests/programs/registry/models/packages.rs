//! Packages, and what people have to do with them.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel_identity_map::IdentityMapped;

use super::super::schema::*;
use super::{
    BadgeKind, CommentId, DeletedId, OwnerKind, PackageId, Provider, PublisherId, Team, User,
    UserId,
};

#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(all(), derive(HasQuery, Identifiable, AsChangeset, IdentityMapped))]
#[cfg_attr(all(), diesel(table_name = packages, treat_none_as_null = true))]
pub(crate) struct Package {
    pub(crate) id: PackageId,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) homepage: Option<String>,
    pub(crate) score: i32,
    pub(crate) max_size: Option<i32>,
    pub(crate) trusted_only: bool,
    pub(crate) created_at: NaiveDateTime,
    pub(crate) updated_at: NaiveDateTime,
}

#[derive(Debug, Clone, Insertable)]
#[cfg_attr(all(), diesel(table_name = packages))]
pub(crate) struct NewPackage {
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) homepage: Option<String>,
    pub(crate) created_at: NaiveDateTime,
    pub(crate) updated_at: NaiveDateTime,
}

#[derive(Debug, Clone, Default, AsChangeset)]
#[cfg_attr(all(), diesel(table_name = packages))]
pub(crate) struct PackageChanges {
    pub(crate) description: Option<Option<String>>,
    pub(crate) homepage: Option<Option<String>>,
    pub(crate) max_size: Option<Option<i32>>,
    pub(crate) trusted_only: Option<bool>,
}

/// A counter that a trigger keeps.
#[derive(
    Debug, Clone, PartialEq, Queryable, Selectable, Identifiable, Associations, IdentityMapped,
)]
#[diesel(table_name = package_downloads, primary_key(package_id), belongs_to(Package))]
pub(crate) struct PackageDownloads {
    pub(crate) package_id: PackageId,
    pub(crate) total: i64,
}

/// Who owns a package: a user or a team, as the kind says.
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
    table_name = package_owners,
    primary_key(package_id, owner_id, owner_kind),
    belongs_to(Package),
    check_for_backend(diesel::pg::Pg)
)]
pub(crate) struct PackageOwner {
    pub(crate) package_id: PackageId,
    pub(crate) owner_id: i32,
    pub(crate) owner_kind: OwnerKind,
    pub(crate) added_by: Option<UserId>,
    pub(crate) deleted: bool,
}

/// What a page shows of an owner.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Owner<U, T> {
    User(U),
    Team(T),
}

pub(crate) type PlainOwner = Owner<User, Team>;

#[derive(
    Debug, Clone, PartialEq, Queryable, Selectable, Identifiable, Associations, IdentityMapped,
)]
#[diesel(table_name = deleted_packages, belongs_to(User, foreign_key = deleted_by))]
pub(crate) struct DeletedPackage {
    pub(crate) id: DeletedId,
    pub(crate) name: String,
    pub(crate) deleted_by: Option<UserId>,
    pub(crate) message: Option<String>,
    pub(crate) deleted_at: NaiveDateTime,
    pub(crate) available_at: NaiveDateTime,
}

#[derive(Debug, Clone, PartialEq, HasQuery, Identifiable, Associations, IdentityMapped)]
#[diesel(table_name = trusted_publishers, belongs_to(Package))]
pub(crate) struct TrustedPublisher {
    pub(crate) id: PublisherId,
    pub(crate) package_id: PackageId,
    pub(crate) provider: Provider,
    pub(crate) repository: String,
    pub(crate) workflow: String,
    pub(crate) environment: Option<String>,
}

#[derive(Debug, Clone, Insertable, AsChangeset)]
#[diesel(table_name = trusted_publishers)]
pub(crate) struct NewTrustedPublisher {
    pub(crate) package_id: PackageId,
    pub(crate) provider: Provider,
    pub(crate) repository: String,
    pub(crate) workflow: String,
    pub(crate) environment: Option<String>,
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
#[diesel(table_name = follows, primary_key(user_id, package_id), belongs_to(Package), belongs_to(User))]
pub(crate) struct Follow {
    pub(crate) user_id: UserId,
    pub(crate) package_id: PackageId,
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
    table_name = package_votes,
    primary_key(user_id, package_id),
    belongs_to(Package),
    belongs_to(User)
)]
pub(crate) struct PackageVote {
    pub(crate) user_id: UserId,
    pub(crate) package_id: PackageId,
    pub(crate) vote: i16,
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
#[diesel(table_name = badges, primary_key(package_id, badge), belongs_to(Package))]
pub(crate) struct Badge {
    pub(crate) package_id: PackageId,
    pub(crate) badge: BadgeKind,
    pub(crate) attributes: String,
}

#[derive(
    Debug, Clone, PartialEq, Queryable, Selectable, Identifiable, Associations, IdentityMapped,
)]
#[diesel(table_name = comments, belongs_to(Package), belongs_to(User))]
pub(crate) struct Comment {
    pub(crate) id: CommentId,
    pub(crate) package_id: PackageId,
    pub(crate) user_id: Option<UserId>,
    pub(crate) path: String,
    pub(crate) body: String,
    pub(crate) child_count: i32,
    pub(crate) deleted: bool,
}
