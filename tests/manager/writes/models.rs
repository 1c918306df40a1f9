//! Models and new rows that several tests of writes have in common.

use diesel::dsl::Eq;
use diesel::prelude::*;
use diesel_identity_map::IdentityMapped;

use crate::documents::documents;
use crate::models::Post;
use crate::schema::*;

/// A post to be inserted, of which the database may make up the key and the score.
#[derive(Insertable)]
#[diesel(table_name = posts)]
pub(super) struct NewPost {
    pub(super) id: Option<i32>,
    pub(super) user_id: i32,
    pub(super) title: String,
    pub(super) body: String,
    pub(super) score: Option<i32>,
}

pub(super) fn new_post(id: Option<i32>, title: &str, score: Option<i32>) -> NewPost {
    NewPost {
        id,
        user_id: 1,
        title: title.to_owned(),
        body: "body".to_owned(),
        score,
    }
}

type Words<'a> = (
    Eq<posts::user_id, i32>,
    Eq<posts::title, &'a str>,
    Eq<posts::body, &'a str>,
);

/// A post to be inserted, as a tuple of the columns that have no default.
pub(super) fn words(title: &str) -> Words<'_> {
    (
        posts::user_id.eq(1),
        posts::title.eq(title),
        posts::body.eq("body"),
    )
}

pub(super) fn post_tag(
    post: i32,
    tag: i32,
) -> (Eq<post_tags::post_id, i32>, Eq<post_tags::tag_id, i32>) {
    (post_tags::post_id.eq(post), post_tags::tag_id.eq(tag))
}

pub(super) fn country<S>(code: S, name: &str) -> (Eq<countries::code, S>, Eq<countries::name, &str>)
where
    S: diesel::expression::AsExpression<diesel::sql_types::Text>,
{
    (countries::code.eq(code), countries::name.eq(name))
}

/// A child of posts, of comments and of users.
#[derive(Queryable, Selectable, Identifiable, Associations, IdentityMapped, Debug, PartialEq)]
#[diesel(table_name = comments, belongs_to(Post))]
pub(super) struct Reply {
    pub(super) id: i64,
    pub(super) post_id: i32,
    body: String,
}

/// Other columns of the table of posts.
#[derive(Queryable, Selectable, IdentityMapped, Debug, PartialEq)]
#[diesel(table_name = posts)]
pub(super) struct Headline {
    id: i32,
    pub(super) title: String,
}

/// A model with a version.
#[derive(
    Queryable, Selectable, Identifiable, AsChangeset, IdentityMapped, Debug, Clone, PartialEq,
)]
#[identity_map(version = lock_version)]
pub(super) struct Document {
    pub(super) id: i32,
    pub(super) text: String,
    pub(super) lock_version: i32,
}

diesel::table! {
    counters (id) {
        id -> Integer,
        count -> Integer,
    }
}

/// A model whose columns all have defaults.
#[derive(Queryable, Selectable, IdentityMapped, Debug, PartialEq)]
pub(super) struct Counter {
    pub(super) id: i32,
    pub(super) count: i32,
}

#[derive(Insertable)]
#[diesel(table_name = counters)]
pub(super) struct NewCounter {
    pub(super) count: Option<i32>,
}
