//! Pages of posts.

use diesel::dsl::{count_star, exists, not};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use diesel_identity_map::prelude::*;

use super::views::PostView;
use crate::links::models::*;
use crate::links::plain::post_joins;
use crate::links::query::{PostQuery, PostSort};
use crate::links::schema::*;

/// What a [`PostView`] is made of.
#[diesel::dsl::auto_type]
fn post_models() -> _ {
    let models: (
        diesel::dsl::AsSelect<Post, Pg>,
        diesel::dsl::AsSelect<Person, Pg>,
        diesel::dsl::AsSelect<Community, Pg>,
        diesel::dsl::AsSelect<Option<CommunityModerator>, Pg>,
    ) = (
        Post::as_select(),
        Person::as_select(),
        Community::as_select(),
        Option::<CommunityModerator>::as_select(),
    );
    let mine: diesel::dsl::AsSelect<Option<PostSaved>, Pg> = Option::<PostSaved>::as_select();
    let read: diesel::dsl::AsSelect<Option<PostRead>, Pg> = Option::<PostRead>::as_select();
    let vote: diesel::dsl::AsSelect<Option<PostVote>, Pg> = Option::<PostVote>::as_select();
    let follow: diesel::dsl::AsSelect<Option<CommunityFollow>, Pg> =
        Option::<CommunityFollow>::as_select();
    (models, mine, read, vote, follow)
}

pub(crate) async fn post_view(
    conn: &mut AsyncPgConnection,
    id: PostId,
    me: PersonId,
) -> QueryResult<PostView> {
    post_joins(me)
        .filter(post::id.eq(id))
        .select(post_models())
        .mapped()
        .first(conn)
        .await
        .map(PostView::from)
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
        .select(post_models())
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
    let posts = posts.then_order_by(post::id.desc());
    let rows = posts.mapped().load(conn).await?;
    Ok(rows.into_iter().map(PostView::from).collect())
}

/// A page by its number, and how many posts there are on all of them.
pub(crate) async fn posts_page(
    conn: &mut AsyncPgConnection,
    page: i64,
    size: i64,
) -> QueryResult<(Vec<Arc<Post>>, i64)> {
    let rows: Vec<(Arc<Post>, i64)> = post::table
        .filter(post::deleted.eq(false))
        .order(post::id)
        .limit(size)
        .offset((page - 1) * size)
        .select((Post::as_select(), count_star().over()))
        .mapped()
        .load(conn)
        .await?;
    let total = rows.as_slice().first().map_or(0, |(_, total)| *total);
    Ok((rows.into_iter().map(|(post, _)| post).collect(), total))
}

/// Posts in the order of their keys, without those that are not there.
pub(crate) async fn posts_by_ids(
    conn: &mut AsyncPgConnection,
    ids: &[PostId],
) -> QueryResult<Vec<Arc<Post>>> {
    let mut ids = ids.to_vec();
    ids.sort();
    let posts = Post::cached().find_many(ids).load(conn).await?;
    Ok(posts.into_iter().flatten().collect())
}

/// Whoever else has posted this address, in any spelling of its host.
pub(crate) async fn cross_posts(
    conn: &mut AsyncPgConnection,
    id: PostId,
) -> QueryResult<Vec<(Arc<Post>, Arc<Community>)>> {
    let other = diesel::alias!(post as other);
    let url = other
        .filter(other.field(post::id).eq(id))
        .select(other.field(post::url))
        .single_value();
    Post::cached()
        .filter(post::id.ne(id).and(post::url.eq(url.nullable())))
        .order(post::id)
        .with::<Community>()
        .load(conn)
        .await
}

/// The tags of each post, in the order of the posts.
pub(crate) async fn tags_of(
    conn: &mut AsyncPgConnection,
    posts: &[PostId],
) -> QueryResult<Vec<Vec<Arc<Tag>>>> {
    let posts = Post::cached().find_many(posts.to_vec()).load(conn).await?;
    let known: Vec<_> = posts.iter().flatten().cloned().collect();
    let by_tag = PostTag::cached().order(post_tag::tag_id);
    let tags = known
        .load_through_from::<PostTag, Tag, _>(by_tag, conn)
        .await?;
    let mut tags = tags.into_iter();
    let of_post = |post: &Option<_>| post.as_ref().and_then(|_| tags.next()).unwrap_or_default();
    Ok(posts.iter().map(of_post).collect())
}

/// What a community's page shows of each post: see [`PostSummary`].
pub(crate) async fn summaries(
    conn: &mut AsyncPgConnection,
    community: CommunityId,
) -> QueryResult<Vec<Arc<PostSummary>>> {
    PostSummary::cached()
        .filter(post::community_id.eq(community))
        .order(post::id)
        .load(conn)
        .await
}
