//! What readers do with posts and comments.

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use diesel_identity_map::prelude::*;

use crate::links::models::*;
use crate::links::schema::*;

pub(crate) async fn vote_post(
    conn: &mut AsyncPgConnection,
    vote: &PostVote,
) -> QueryResult<Arc<PostVote>> {
    // wants: upsert through the manager
    diesel::insert_into(post_vote::table)
        .values(vote)
        .on_conflict((post_vote::person_id, post_vote::post_id))
        .do_update()
        .set(post_vote::score.eq(vote.score))
        .execute(conn)
        .await?;
    PostVote::cached().find(vote.key()).first(conn).await
}

pub(crate) async fn unvote_post(
    conn: &mut AsyncPgConnection,
    me: PersonId,
    post: PostId,
) -> QueryResult<usize> {
    PostVote::cached().find((me, post)).delete_all(conn).await
}

pub(crate) async fn vote_comment(
    conn: &mut AsyncPgConnection,
    vote: &CommentVote,
) -> QueryResult<Arc<CommentVote>> {
    // The manager's own way to the same, for a database without upserts.
    conn.build_transaction()
        .run(async |conn| {
            let cast = CommentVote::cached().find(vote.key()).for_update();
            match cast.first(conn).await.optional()? {
                Some(cast) => {
                    let changed = comment_vote::score.eq(vote.score);
                    CommentVote::cached().update(&cast, changed, conn).await
                }
                None => CommentVote::cached().insert(vote, conn).await,
            }
        })
        .await
}

/// Writes a comment, below another or below the post; its author votes for it.
pub(crate) async fn create_comment(
    conn: &mut AsyncPgConnection,
    form: &CommentInsert,
    parent: Option<CommentId>,
) -> QueryResult<Arc<Comment>> {
    conn.build_transaction()
        .run(async |conn| {
            let above = match parent {
                Some(parent) => Comment::cached()
                    .find(parent)
                    .first(conn)
                    .await?
                    .path
                    .clone(),
                None => CommentPath("0".to_owned()),
            };
            let comment = Comment::cached().insert(form, conn).await?;
            let path = comment::path.eq(above.child(comment.id));
            let comment = Comment::cached().update(&comment, path, conn).await?;
            let vote = CommentVote {
                person_id: comment.creator_id,
                comment_id: comment.id,
                score: 1,
            };
            CommentVote::cached().insert(vote, conn).await?;
            Comment::cached().find(comment.id).first(conn).await
        })
        .await
}

pub(crate) async fn save_post(
    conn: &mut AsyncPgConnection,
    me: PersonId,
    post: PostId,
) -> QueryResult<usize> {
    // wants: upsert through the manager
    diesel::insert_into(post_saved::table)
        .values((post_saved::person_id.eq(me), post_saved::post_id.eq(post)))
        .on_conflict_do_nothing()
        .execute(conn)
        .await
}

pub(crate) async fn unsave_post(
    conn: &mut AsyncPgConnection,
    me: PersonId,
    post: PostId,
) -> QueryResult<bool> {
    let saved = PostSaved::cached().find((me, post)).first(conn).await;
    match saved.optional()? {
        Some(saved) => PostSaved::cached()
            .delete(&saved, conn)
            .await
            .map(|()| true),
        None => Ok(false),
    }
}

/// Notes that posts were read; those that were read before stay as they are.
pub(crate) async fn mark_read(
    conn: &mut AsyncPgConnection,
    me: PersonId,
    posts: &[PostId],
) -> QueryResult<usize> {
    let rows: Vec<_> = posts
        .iter()
        .map(|post| (post_read::person_id.eq(me), post_read::post_id.eq(post)))
        .collect();
    // wants: upsert through the manager
    diesel::insert_into(post_read::table)
        .values(&rows)
        .on_conflict_do_nothing()
        .execute(conn)
        .await
}

/// Notes how many comments of a post were seen.
pub(crate) async fn mark_seen(
    conn: &mut AsyncPgConnection,
    me: PersonId,
    post: PostId,
) -> QueryResult<Arc<PostRead>> {
    let comments = Post::cached().find(post).first(conn).await?.comments;
    let row = (
        post_read::person_id.eq(me),
        post_read::post_id.eq(post),
        post_read::comments_seen.eq(comments),
    );
    // wants: upsert through the manager
    diesel::insert_into(post_read::table)
        .values(row)
        .on_conflict((post_read::person_id, post_read::post_id))
        .do_update()
        .set(post_read::comments_seen.eq(diesel::upsert::excluded(post_read::comments_seen)))
        .execute(conn)
        .await?;
    PostRead::cached().find((me, post)).first(conn).await
}

/// Gives a post exactly these tags.
pub(crate) async fn tag_post(
    conn: &mut AsyncPgConnection,
    post: PostId,
    tags: &[TagId],
) -> QueryResult<Vec<Arc<PostTag>>> {
    conn.build_transaction()
        .run(async |conn| {
            PostTag::cached()
                .filter(post_tag::post_id.eq(post))
                .delete_all(conn)
                .await?;
            let rows: Vec<PostTag> = tags
                .iter()
                .map(|&tag_id| PostTag {
                    post_id: post,
                    tag_id,
                })
                .collect();
            PostTag::cached().insert_many(rows, conn).await
        })
        .await
}

/// Changes a whole post as its author has edited it.
pub(crate) async fn edit_post(
    conn: &mut AsyncPgConnection,
    id: PostId,
    edit: impl FnOnce(&mut Post),
) -> QueryResult<Arc<Post>> {
    let post = Post::cached().find(id).first(conn).await?;
    let mut post = Arc::unwrap_or_clone(post);
    edit(&mut post);
    Post::cached().save(post, conn).await
}
