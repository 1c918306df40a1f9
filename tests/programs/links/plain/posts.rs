//! Pages of posts.

use diesel::dsl::{count_star, exists, not};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::views::PostView;
use crate::links::models::*;
use crate::links::query::{PostQuery, PostSort};
use crate::links::schema::*;

/// Posts with all that a [`PostView`] shows to `me`.
#[diesel::dsl::auto_type]
pub(crate) fn post_joins(me: PersonId) -> _ {
    post::table
        .inner_join(person::table)
        .inner_join(community::table)
        .left_join(
            community_moderator::table.on(community_moderator::community_id
                .eq(post::community_id)
                .and(community_moderator::person_id.eq(post::creator_id))),
        )
        .left_join(
            post_saved::table.on(post_saved::post_id
                .eq(post::id)
                .and(post_saved::person_id.eq(me))),
        )
        .left_join(
            post_read::table.on(post_read::post_id
                .eq(post::id)
                .and(post_read::person_id.eq(me))),
        )
        .left_join(
            post_vote::table.on(post_vote::post_id
                .eq(post::id)
                .and(post_vote::person_id.eq(me))),
        )
        .left_join(
            community_follow::table.on(community_follow::community_id
                .eq(post::community_id)
                .and(community_follow::person_id.eq(me))),
        )
}

pub(crate) async fn post_view(
    conn: &mut AsyncPgConnection,
    id: PostId,
    me: PersonId,
) -> QueryResult<PostView> {
    post_joins(me)
        .filter(post::id.eq(id))
        .select(PostView::as_select())
        .first(conn)
        .await
}

pub(crate) async fn list_posts(
    conn: &mut AsyncPgConnection,
    query: &PostQuery,
    me: PersonId,
) -> QueryResult<Vec<PostView>> {
    let mut posts = post_joins(me)
        .filter(post::deleted.eq(false).and(post::removed.eq(false)))
        .filter(not(exists(
            person_block::table.find((me, post::creator_id)),
        )))
        .select(PostView::as_select())
        .limit(query.limit)
        .into_boxed::<Pg>();
    if let Some(community) = query.community {
        posts = posts.filter(post::community_id.eq(community));
    }
    if let Some(creator) = query.creator {
        posts = posts.filter(post::creator_id.eq(creator));
    }
    if let Some(words) = &query.words {
        posts = posts.filter(post::title.ilike(format!("%{words}%")));
    }
    if query.subscribed {
        posts = posts.filter(community_follow::state.eq(FollowState::Accepted));
    }
    if query.saved {
        posts = posts.filter(post_saved::person_id.is_not_null());
    }
    if query.unread {
        posts = posts.filter(post_read::person_id.is_null());
    }
    if query.featured_first {
        posts = posts.then_order_by(post::featured.desc());
    }
    posts = match (query.sort, &query.after) {
        (PostSort::New, None) => posts.then_order_by(post::published.desc()),
        (PostSort::New, Some(last)) => posts
            .filter(
                post::published
                    .lt(last.published)
                    .or(post::published.eq(last.published).and(post::id.lt(last.id))),
            )
            .then_order_by(post::published.desc()),
        (PostSort::Top, None) => posts.then_order_by(post::score.desc()),
        (PostSort::Top, Some(last)) => posts
            .filter(
                post::score
                    .lt(last.score)
                    .or(post::score.eq(last.score).and(post::id.lt(last.id))),
            )
            .then_order_by(post::score.desc()),
        (PostSort::Hot, _) => posts.then_order_by(hot_rank(post::score, post::published).desc()),
    };
    posts.then_order_by(post::id.desc()).load(conn).await
}

/// A page by its number, and how many posts there are on all of them.
pub(crate) async fn posts_page(
    conn: &mut AsyncPgConnection,
    page: i64,
    size: i64,
) -> QueryResult<(Vec<Post>, i64)> {
    let rows: Vec<(Post, i64)> = post::table
        .filter(post::deleted.eq(false))
        .order(post::id)
        .limit(size)
        .offset((page - 1) * size)
        .select((Post::as_select(), count_star().over()))
        .load(conn)
        .await?;
    let total = rows.as_slice().first().map_or(0, |(_, total)| *total);
    Ok((rows.into_iter().map(|(post, _)| post).collect(), total))
}

/// Posts in the order of their keys, without those that are not there.
pub(crate) async fn posts_by_ids(
    conn: &mut AsyncPgConnection,
    ids: &[PostId],
) -> QueryResult<Vec<Post>> {
    post::table
        .filter(post::id.eq_any(ids))
        .order(post::id)
        .select(Post::as_select())
        .load(conn)
        .await
}

/// Whoever else has posted this address, in any spelling of its host.
pub(crate) async fn cross_posts(
    conn: &mut AsyncPgConnection,
    id: PostId,
) -> QueryResult<Vec<(Post, Community)>> {
    let other = diesel::alias!(post as other);
    let url = other
        .filter(other.field(post::id).eq(id))
        .select(other.field(post::url))
        .single_value();
    post::table
        .inner_join(community::table)
        .filter(post::id.ne(id).and(post::url.eq(url.nullable())))
        .order(post::id)
        .select((Post::as_select(), Community::as_select()))
        .load(conn)
        .await
}

/// The tags of each post, in the order of the posts.
pub(crate) async fn tags_of(
    conn: &mut AsyncPgConnection,
    posts: &[PostId],
) -> QueryResult<Vec<Vec<Tag>>> {
    let rows: Vec<(PostTag, Tag)> = post_tag::table
        .inner_join(tag::table)
        .filter(post_tag::post_id.eq_any(posts))
        .order(tag::id)
        .select((PostTag::as_select(), Tag::as_select()))
        .load(conn)
        .await?;
    let tags = |id: &PostId| {
        let of_post = rows.iter().filter(|(join, _)| join.post_id == *id);
        of_post.map(|(_, tag)| tag.clone()).collect()
    };
    Ok(posts.iter().map(tags).collect())
}

/// What a community's page shows of each post: see [`PostSummary`].
pub(crate) async fn summaries(
    conn: &mut AsyncPgConnection,
    community: CommunityId,
) -> QueryResult<Vec<PostSummary>> {
    PostSummary::query()
        .filter(post::community_id.eq(community))
        .order(post::id)
        .load(conn)
        .await
}
