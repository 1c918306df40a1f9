//! What readers do with posts and comments.

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::links::models::*;
use crate::links::schema::*;

pub(crate) async fn vote_post(
    conn: &mut AsyncPgConnection,
    vote: &PostVote,
) -> QueryResult<PostVote> {
    diesel::insert_into(post_vote::table)
        .values(vote)
        .on_conflict((post_vote::person_id, post_vote::post_id))
        .do_update()
        .set(post_vote::score.eq(vote.score))
        .returning(PostVote::as_returning())
        .get_result(conn)
        .await
}

pub(crate) async fn unvote_post(
    conn: &mut AsyncPgConnection,
    me: PersonId,
    post: PostId,
) -> QueryResult<usize> {
    diesel::delete(post_vote::table.find((me, post)))
        .execute(conn)
        .await
}

pub(crate) async fn vote_comment(
    conn: &mut AsyncPgConnection,
    vote: &CommentVote,
) -> QueryResult<CommentVote> {
    diesel::insert_into(comment_vote::table)
        .values(vote)
        .on_conflict((comment_vote::person_id, comment_vote::comment_id))
        .do_update()
        .set(comment_vote::score.eq(vote.score))
        .returning(CommentVote::as_returning())
        .get_result(conn)
        .await
}

/// Writes a comment, below another or below the post; its author votes for it.
pub(crate) async fn create_comment(
    conn: &mut AsyncPgConnection,
    form: &CommentInsert,
    parent: Option<CommentId>,
) -> QueryResult<Comment> {
    conn.build_transaction()
        .run(async |conn| {
            let above: CommentPath = match parent {
                Some(parent) => {
                    comment::table
                        .find(parent)
                        .select(comment::path)
                        .first(conn)
                        .await?
                }
                None => CommentPath("0".to_owned()),
            };
            let comment: Comment = diesel::insert_into(comment::table)
                .values(form)
                .returning(Comment::as_returning())
                .get_result(conn)
                .await?;
            diesel::update(&comment)
                .set(comment::path.eq(above.child(comment.id)))
                .execute(conn)
                .await?;
            let vote = CommentVote {
                person_id: comment.creator_id,
                comment_id: comment.id,
                score: 1,
            };
            diesel::insert_into(comment_vote::table)
                .values(vote)
                .execute(conn)
                .await?;
            comment::table
                .find(comment.id)
                .select(Comment::as_select())
                .first(conn)
                .await
        })
        .await
}

pub(crate) async fn save_post(
    conn: &mut AsyncPgConnection,
    me: PersonId,
    post: PostId,
) -> QueryResult<usize> {
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
    let saved = post_saved::table.find((me, post));
    Ok(diesel::delete(saved).execute(conn).await? == 1)
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
) -> QueryResult<PostRead> {
    let comments: i32 = post::table
        .find(post)
        .select(post::comments)
        .first(conn)
        .await?;
    let row = (
        post_read::person_id.eq(me),
        post_read::post_id.eq(post),
        post_read::comments_seen.eq(comments),
    );
    diesel::insert_into(post_read::table)
        .values(row)
        .on_conflict((post_read::person_id, post_read::post_id))
        .do_update()
        .set(post_read::comments_seen.eq(diesel::upsert::excluded(post_read::comments_seen)))
        .returning(PostRead::as_returning())
        .get_result(conn)
        .await
}

/// Gives a post exactly these tags.
pub(crate) async fn tag_post(
    conn: &mut AsyncPgConnection,
    post: PostId,
    tags: &[TagId],
) -> QueryResult<Vec<PostTag>> {
    conn.build_transaction()
        .run(async |conn| {
            diesel::delete(post_tag::table.filter(post_tag::post_id.eq(post)))
                .execute(conn)
                .await?;
            let rows: Vec<PostTag> = tags
                .iter()
                .map(|&tag_id| PostTag {
                    post_id: post,
                    tag_id,
                })
                .collect();
            diesel::insert_into(post_tag::table)
                .values(rows)
                .returning(PostTag::as_returning())
                .get_results(conn)
                .await
        })
        .await
}

/// Changes a whole post as its author has edited it.
pub(crate) async fn edit_post(
    conn: &mut AsyncPgConnection,
    id: PostId,
    edit: impl FnOnce(&mut Post),
) -> QueryResult<Post> {
    let mut post: Post = post::table
        .find(id)
        .select(Post::as_select())
        .first(conn)
        .await?;
    edit(&mut post);
    diesel::update(post::table.find(id))
        .set(&post)
        .returning(Post::as_returning())
        .get_result(conn)
        .await
}
