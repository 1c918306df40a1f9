//! Trees of comments.

use diesel::prelude::*;
use diesel_async::AsyncPgConnection;
use diesel_identity_map::prelude::*;

use super::views::CommentView;
use crate::links::models::*;
use crate::links::plain::comment_joins;
use crate::links::schema::*;

/// The comments of a post as deep as wanted, each behind the one that it answers.
pub(crate) async fn comment_tree(
    conn: &mut AsyncPgConnection,
    post: PostId,
    depth: i32,
    me: PersonId,
) -> QueryResult<Vec<CommentView>> {
    let rows = comment_joins(me)
        .filter(comment::post_id.eq(post))
        .filter(path_depth(comment::path).le(depth))
        .order((comment::path, comment::id))
        .select((
            Comment::as_select(),
            Person::as_select(),
            Post::as_select(),
            Option::<CommentVote>::as_select(),
        ))
        .mapped()
        .load(conn)
        .await?;
    Ok(rows.into_iter().map(CommentView::from).collect())
}

/// A comment, those above it, and those below it.
pub(crate) async fn comment_thread(
    conn: &mut AsyncPgConnection,
    id: CommentId,
) -> QueryResult<(Vec<Arc<Comment>>, Vec<Arc<Comment>>)> {
    let comment = Comment::cached().find(id).first(conn).await?;
    // The path is in the order of the depth.
    let above = Comment::cached().find_many(comment.path.ids());
    let above = above.load(conn).await?.into_iter().flatten().collect();
    let below = Comment::cached()
        .filter(comment::path.like(format!("{}.%", comment.path)))
        .order(comment::path)
        .load(conn)
        .await?;
    Ok((above, below))
}

/// What a person has written, latest first, from before the comment `before`.
pub(crate) async fn comments_by(
    conn: &mut AsyncPgConnection,
    person: PersonId,
    before: Option<CommentId>,
) -> QueryResult<Vec<(Arc<Comment>, Arc<Post>)>> {
    let mut comments = Comment::cached()
        .filter(comment::creator_id.eq(person))
        .filter(comment::deleted.eq(false))
        .order(comment::id.desc())
        .limit(4)
        .into_boxed();
    if let Some(before) = before {
        comments = comments.filter(comment::id.lt(before));
    }
    comments.with::<Post>().load(conn).await
}
