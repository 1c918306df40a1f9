//! Models whose keys have a constant hash.

use std::hash::{Hash, Hasher};

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::prelude::*;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::Integer;
use diesel_identity_map::IdentityMapped;

use crate::schema::*;

/// A key that equals another as numbers do, and says nothing when it is hashed.
#[allow(clippy::derived_hash_with_manual_eq)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, AsExpression, FromSqlRow)]
#[diesel(sql_type = Integer)]
pub(super) struct Id(pub(super) i32);

impl Hash for Id {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

impl<DB: Backend> FromSql<Integer, DB> for Id
where
    i32: FromSql<Integer, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        i32::from_sql(bytes).map(Self)
    }
}

impl<DB: Backend> ToSql<Integer, DB> for Id
where
    i32: ToSql<Integer, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.0.to_sql(out)
    }
}

#[derive(Queryable, Selectable, Identifiable, IdentityMapped, Debug, PartialEq, Clone)]
#[diesel(table_name = users)]
pub(super) struct Writer {
    pub(super) id: Id,
    pub(super) name: String,
}

#[derive(
    Queryable, Selectable, Identifiable, IdentityMapped, AsChangeset, Debug, PartialEq, Clone,
)]
#[diesel(table_name = posts)]
#[identity_map(belongs_to(Writer, foreign_key = user_id))]
pub(super) struct Text {
    pub(super) id: Id,
    pub(super) user_id: Id,
    pub(super) title: String,
    pub(super) score: i32,
}

/// The same rows, of which unchanged ones keep their objects.
#[derive(Queryable, Selectable, IdentityMapped, Debug, PartialEq)]
#[diesel(table_name = posts)]
#[identity_map(keep_unchanged)]
pub(super) struct Kept {
    pub(super) id: Id,
    pub(super) title: String,
}

/// Two such keys as one.
#[derive(Queryable, Selectable, IdentityMapped, Debug, PartialEq)]
#[diesel(table_name = post_tags, primary_key(post_id, tag_id))]
pub(super) struct Pair {
    pub(super) post_id: Id,
    pub(super) tag_id: Id,
    pub(super) position: i32,
}
