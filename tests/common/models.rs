//! The models of `migrations/`, and rows to put there.

#![allow(dead_code)] // fields are decoded, and compared as whole objects

use crate::schema::*;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_identity_map::IdentityMapped;

#[derive(Queryable, Selectable, Identifiable, IdentityMapped, Debug, PartialEq)]
pub(crate) struct User {
    pub(crate) id: i32,
    pub(crate) name: String,
    pub(crate) email: Option<String>,
}

#[derive(
    Queryable, Selectable, Identifiable, Associations, IdentityMapped, Debug, PartialEq, Clone,
)]
#[diesel(belongs_to(User))]
pub(crate) struct Post {
    pub(crate) id: i32,
    pub(crate) user_id: i32,
    pub(crate) title: String,
    pub(crate) body: String,
    pub(crate) published: bool,
    pub(crate) score: i32,
}

#[derive(Queryable, Selectable, Identifiable, Associations, IdentityMapped, Debug, PartialEq)]
#[diesel(belongs_to(Post), belongs_to(User), belongs_to(Comment, foreign_key = parent_id))]
pub(crate) struct Comment {
    pub(crate) id: i64,
    pub(crate) post_id: i32,
    pub(crate) user_id: Option<i32>,
    pub(crate) parent_id: Option<i64>,
    pub(crate) body: String,
}

#[derive(Queryable, Selectable, Identifiable, IdentityMapped, Debug, PartialEq)]
pub(crate) struct Tag {
    pub(crate) id: i32,
    pub(crate) name: String,
}

#[derive(Queryable, Selectable, Identifiable, Associations, IdentityMapped, Debug, PartialEq)]
#[diesel(primary_key(post_id, tag_id), belongs_to(Post), belongs_to(Tag))]
pub(crate) struct PostTag {
    pub(crate) post_id: i32,
    pub(crate) tag_id: i32,
    pub(crate) position: i32,
}

#[derive(Queryable, Selectable, IdentityMapped, Debug, PartialEq)]
#[diesel(table_name = countries, primary_key(code))]
pub(crate) struct Country {
    pub(crate) code: String,
    pub(crate) name: String,
}

#[derive(Queryable, Selectable, IdentityMapped, Debug, PartialEq)]
#[diesel(primary_key(lang, msg))]
pub(crate) struct Translation {
    pub(crate) lang: String,
    pub(crate) msg: String,
    pub(crate) text: String,
}

#[derive(Queryable, Selectable, IdentityMapped, Debug)]
#[diesel(primary_key(digest))]
pub(crate) struct Blob {
    pub(crate) digest: Vec<u8>,
    pub(crate) note: String,
}

/// What a user says of a post, and another edits: nothing keeps it from pointing to no row.
#[derive(Queryable, Selectable, Identifiable, Associations, IdentityMapped, Debug, PartialEq)]
#[diesel(belongs_to(Post), belongs_to(User, foreign_key = author_id))]
#[identity_map(belongs_to(User, foreign_key = editor_id, name = Editor))]
pub(crate) struct Review {
    pub(crate) id: i32,
    pub(crate) post_id: i32,
    pub(crate) author_id: i32,
    pub(crate) editor_id: Option<i32>,
}

#[derive(Queryable, Selectable, Identifiable, IdentityMapped, Debug, PartialEq)]
#[identity_map(belongs_to(Translation, foreign_key = (lang, msg)))]
pub(crate) struct Hint {
    pub(crate) id: i32,
    pub(crate) lang: Option<String>,
    pub(crate) msg: Option<String>,
}

#[derive(Queryable, Selectable, Identifiable, IdentityMapped, Debug, PartialEq)]
#[identity_map(belongs_to(Country, foreign_key = country_code))]
pub(crate) struct Place {
    pub(crate) id: i32,
    pub(crate) country_code: Option<String>,
}

/// Users `1..=users`; posts `1..=posts`, post `p` by user `p % users + 1`, with scores that
/// repeat and every other one published.
pub(crate) fn seed<C>(conn: &mut C, users: usize, posts: usize)
where
    C: SimpleConnection,
{
    let rows = |count: usize, row: &dyn Fn(usize) -> String| -> String {
        (1..=count).map(row).collect::<Vec<_>>().join(", ")
    };
    let mut insert = |table: &str, rows: String| {
        if !rows.is_empty() {
            conn.batch_execute(&format!("INSERT INTO {table} VALUES {rows}"))
                .expect("rows go in");
        }
    };
    insert(
        "users (id, name)",
        rows(users, &|id| format!("({id}, 'user {id}')")),
    );
    insert(
        "posts (id, user_id, title, body, published, score)",
        rows(posts, &|id| {
            let user = id % users + 1;
            let published = id % 2 == 0;
            format!(
                "({id}, {user}, 'post {id}', 'body {id}', {published}, {})",
                id * 7 % 5
            )
        }),
    );
}

/// `count` comments on the posts `1..=posts`, spread evenly.
pub(crate) fn seed_comments<C>(conn: &mut C, posts: usize, count: usize)
where
    C: SimpleConnection,
{
    let rows: Vec<String> = (1..=count)
        .map(|id| format!("({id}, {}, 'comment {id}')", id % posts + 1))
        .collect();
    conn.batch_execute(&format!(
        "INSERT INTO comments (id, post_id, body) VALUES {}",
        rows.join(", ")
    ))
    .expect("rows go in");
}
