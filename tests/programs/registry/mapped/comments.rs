//! Comments, which are trees.

use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection};
use diesel_identity_map::prelude::*;

use super::super::models::*;
use super::super::schema::*;

/// All comments on a package, answers behind what they answer.
pub(crate) async fn thread(
    conn: &mut AsyncPgConnection,
    package: PackageId,
) -> QueryResult<Vec<(Arc<Comment>, Option<Arc<User>>)>> {
    Comment::cached()
        .filter(comments::package_id.eq(package))
        .order((comments::path, comments::id))
        .with::<User>()
        .load(conn)
        .await
}

/// The answers to a comment, and the answers to those.
pub(crate) async fn replies(
    conn: &mut AsyncPgConnection,
    id: CommentId,
) -> QueryResult<Vec<Arc<Comment>>> {
    let comment = Comment::cached().find(id).first(conn).await?;
    Comment::cached()
        .filter(comments::path.like(format!("{}.%", comment.path)))
        .filter(comments::deleted.eq(false))
        .order(comments::path)
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
) -> QueryResult<Arc<Comment>> {
    conn.transaction(async |conn| {
        let new = (
            comments::package_id.eq(package),
            comments::user_id.eq(by),
            comments::body.eq(body),
        );
        let new = Comment::cached().insert(new, conn).await?;
        let path = if let Some(parent) = parent {
            let parent = Comment::cached().find(parent).first(conn).await?;
            format!("{}.{}", parent.path, new.id.0)
        } else {
            new.id.0.to_string()
        };
        Comment::cached()
            .update(&new, comments::path.eq(path), conn)
            .await
    })
    .await
}

/// The row stays, without its text.
pub(crate) async fn delete_comment(
    conn: &mut AsyncPgConnection,
    id: CommentId,
) -> QueryResult<Arc<Comment>> {
    // wants: update by key without loading
    let comment = Comment::cached().find(id).first(conn).await?;
    let changes = (comments::deleted.eq(true), comments::body.eq(""));
    Comment::cached().update(&comment, changes, conn).await
}
