//! Trees of comments.

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::views::CommentView;
use crate::links::models::*;
use crate::links::schema::*;

#[diesel::dsl::auto_type]
pub(crate) fn comment_joins(me: PersonId) -> _ {
    comment::table
        .inner_join(person::table)
        .inner_join(post::table)
        .left_join(
            comment_vote::table.on(comment_vote::comment_id
                .eq(comment::id)
                .and(comment_vote::person_id.eq(me))),
        )
}

/// The comments of a post as deep as wanted, each behind the one that it answers.
pub(crate) async fn comment_tree(
    conn: &mut AsyncPgConnection,
    post: PostId,
    depth: i32,
    me: PersonId,
) -> QueryResult<Vec<CommentView>> {
    comment_joins(me)
        .filter(comment::post_id.eq(post))
        .filter(path_depth(comment::path).le(depth))
        .order((comment::path, comment::id))
        .select(CommentView::as_select())
        .load(conn)
        .await
}

/// A comment, those above it, and those below it.
pub(crate) async fn comment_thread(
    conn: &mut AsyncPgConnection,
    id: CommentId,
) -> QueryResult<(Vec<Comment>, Vec<Comment>)> {
    let comment: Comment = comment::table
        .find(id)
        .select(Comment::as_select())
        .first(conn)
        .await?;
    let above = comment::table
        .filter(comment::id.eq_any(comment.path.ids()))
        .order(path_depth(comment::path))
        .select(Comment::as_select())
        .load(conn)
        .await?;
    let below = comment::table
        .filter(comment::path.like(format!("{}.%", comment.path)))
        .order(comment::path)
        .select(Comment::as_select())
        .load(conn)
        .await?;
    Ok((above, below))
}

/// What a person has written, latest first, from before the comment `before`.
pub(crate) async fn comments_by(
    conn: &mut AsyncPgConnection,
    person: PersonId,
    before: Option<CommentId>,
) -> QueryResult<Vec<(Comment, Post)>> {
    let mut comments = comment::table
        .inner_join(post::table)
        .filter(comment::creator_id.eq(person))
        .filter(comment::deleted.eq(false))
        .order(comment::id.desc())
        .limit(4)
        .select((Comment::as_select(), Post::as_select()))
        .into_boxed();
    if let Some(before) = before {
        comments = comments.filter(comment::id.lt(before));
    }
    comments.load(conn).await
}
