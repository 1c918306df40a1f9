//! The models: Diesel's derives, and `IdentityMapped` beside them.

use diesel::prelude::*;
use diesel_identity_map::prelude::*;

use super::schema::{comments, post_tags, posts, tags, users};

#[derive(Queryable, Selectable, IdentityMapped, Debug)]
#[diesel(table_name = users)]
pub(crate) struct User {
    pub(crate) id: i32,
    pub(crate) name: String,
}

#[derive(Queryable, Selectable, IdentityMapped, Debug)]
#[diesel(table_name = posts, belongs_to(User))]
pub(crate) struct Post {
    pub(crate) id: i32,
    pub(crate) user_id: i32,
    pub(crate) title: String,
    pub(crate) body: String,
}

/// `user_id` is NULL where the author has been deleted.
#[derive(Queryable, Selectable, IdentityMapped, Debug)]
#[diesel(table_name = comments, belongs_to(Post), belongs_to(User))]
pub(crate) struct Comment {
    pub(crate) id: i64,
    pub(crate) post_id: i32,
    pub(crate) user_id: Option<i32>,
    pub(crate) body: String,
}

#[derive(Queryable, Selectable, IdentityMapped, Debug)]
#[diesel(table_name = tags)]
pub(crate) struct Tag {
    pub(crate) id: i32,
    pub(crate) name: String,
}

#[derive(Queryable, Selectable, IdentityMapped, Debug)]
#[diesel(table_name = post_tags, primary_key(post_id, tag_id), belongs_to(Post), belongs_to(Tag))]
pub(crate) struct PostTag {
    pub(crate) post_id: i32,
    pub(crate) tag_id: i32,
}

/// A post as the lists show it.
pub(crate) struct Entry {
    pub(crate) post: Arc<Post>,
    pub(crate) author: Arc<User>,
    pub(crate) tags: Vec<Arc<Tag>>,
    pub(crate) comments: i64,
}

/// A post with all that stands below it.
pub(crate) struct Thread {
    pub(crate) post: Arc<Post>,
    pub(crate) author: Arc<User>,
    pub(crate) tags: Vec<Arc<Tag>>,
    pub(crate) comments: Vec<(Arc<Comment>, Option<Arc<User>>)>,
}
