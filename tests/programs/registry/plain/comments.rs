//! Comments, which are trees.

use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};

use super::super::models::*;
use super::super::schema::*;

/// All comments on a package, answers behind what they answer.
pub(crate) async fn thread(
    conn: &mut AsyncPgConnection,
    package: PackageId,
) -> QueryResult<Vec<(Comment, Option<User>)>> {
    comments::table
        .left_join(users::table)
        .filter(comments::package_id.eq(package))
        .order((comments::path, comments::id))
        .select((Comment::as_select(), Option::<User>::as_select()))
        .load(conn)
        .await
}

/// The answers to a comment, and the answers to those.
pub(crate) async fn replies(
    conn: &mut AsyncPgConnection,
    id: CommentId,
) -> QueryResult<Vec<Comment>> {
    let comment: Comment = comments::table
        .find(id)
        .select(Comment::as_select())
        .first(conn)
        .await?;
    comments::table
        .filter(comments::path.like(format!("{}.%", comment.path)))
        .filter(comments::deleted.eq(false))
        .order(comments::path)
        .select(Comment::as_select())
        .load(conn)
        .await
}

/// The path has the key in it, so it is written once the key is known. A trigger counts.
pub(crate) async fn comment(
    conn: &mut AsyncPgConnection,
    by: UserId,
    package: PackageId,
    parent: Option<CommentId>,
    body: &str,
) -> QueryResult<Comment> {
    conn.transaction(async |conn| {
        let new: Comment = diesel::insert_into(comments::table)
            .values((
                comments::package_id.eq(package),
                comments::user_id.eq(by),
                comments::body.eq(body),
            ))
            .returning(Comment::as_returning())
            .get_result(conn)
            .await?;
        let path = if let Some(parent) = parent {
            let parent: Comment = comments::table
                .find(parent)
                .select(Comment::as_select())
                .first(conn)
                .await?;
            format!("{}.{}", parent.path, new.id.0)
        } else {
            new.id.0.to_string()
        };
        diesel::update(&new)
            .set(comments::path.eq(path))
            .returning(Comment::as_returning())
            .get_result(conn)
            .await
    })
    .await
}

/// The row stays, without its text.
pub(crate) async fn delete_comment(
    conn: &mut AsyncPgConnection,
    id: CommentId,
) -> QueryResult<Comment> {
    diesel::update(comments::table.find(id))
        .set((comments::deleted.eq(true), comments::body.eq("")))
        .returning(Comment::as_returning())
        .get_result(conn)
        .await
}
