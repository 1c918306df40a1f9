//! Communities and who follows them.

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::views::CommunityView;
use crate::links::models::*;
use crate::links::schema::*;

/// Communities whose name begins so, those with most subscribers first.
pub(crate) async fn list_communities(
    conn: &mut AsyncPgConnection,
    begin: Option<&str>,
    local: bool,
    me: PersonId,
) -> QueryResult<Vec<CommunityView>> {
    let mut communities = community::table
        .inner_join(instance::table)
        .left_join(
            community_follow::table.on(community_follow::community_id
                .eq(community::id)
                .and(community_follow::person_id.eq(me))),
        )
        .left_join(
            instance_block::table.on(instance_block::instance_id
                .eq(instance::id)
                .and(instance_block::person_id.eq(me))),
        )
        .filter(
            community::deleted
                .eq(false)
                .and(community::removed.eq(false)),
        )
        .order((community::subscribers.desc(), community::id))
        .select(CommunityView::as_select())
        .into_boxed::<Pg>();
    if let Some(begin) = begin {
        communities = communities.filter(community::name.like(format!("{begin}%")));
    }
    if local {
        let visible = [Visibility::Public, Visibility::Local];
        communities = communities
            .filter(community::visibility.eq_any(visible))
            .filter(community::instance_id.eq(InstanceId(1)));
    }
    communities.load(conn).await
}

pub(crate) async fn followed(
    conn: &mut AsyncPgConnection,
    me: PersonId,
) -> QueryResult<Vec<(CommunityFollow, Community)>> {
    community_follow::table
        .inner_join(community::table)
        .filter(community_follow::person_id.eq(me))
        .filter(community_follow::state.ne(FollowState::Pending))
        .order(community::name)
        .select((CommunityFollow::as_select(), Community::as_select()))
        .load(conn)
        .await
}

pub(crate) async fn moderators(
    conn: &mut AsyncPgConnection,
    community: CommunityId,
) -> QueryResult<Vec<(CommunityModerator, Person)>> {
    community_moderator::table
        .inner_join(person::table)
        .filter(community_moderator::community_id.eq(community))
        .order(community_moderator::rank)
        .select((CommunityModerator::as_select(), Person::as_select()))
        .load(conn)
        .await
}

pub(crate) async fn languages_of(
    conn: &mut AsyncPgConnection,
    community: CommunityId,
) -> QueryResult<Vec<Language>> {
    let ids = community_language::table
        .filter(community_language::community_id.eq(community))
        .select(community_language::language_id);
    language::table
        .filter(language::id.eq_any(ids))
        .order(language::code)
        .select(Language::as_select())
        .load(conn)
        .await
}

/// Every community with its tags; the tags in the order of their names.
pub(crate) async fn communities_with_tags(
    conn: &mut AsyncPgConnection,
) -> QueryResult<Vec<(Community, Vec<Tag>)>> {
    let communities: Vec<Community> = community::table
        .order(community::id)
        .select(Community::as_select())
        .load(conn)
        .await?;
    let tags: Vec<Tag> = Tag::belonging_to(&communities)
        .order((tag::name, tag::id))
        .select(Tag::as_select())
        .load(conn)
        .await?;
    let tags = tags.grouped_by(&communities);
    Ok(communities.into_iter().zip(tags).collect())
}

pub(crate) async fn follow(
    conn: &mut AsyncPgConnection,
    form: &CommunityFollow,
) -> QueryResult<CommunityFollow> {
    diesel::insert_into(community_follow::table)
        .values(form)
        .on_conflict((community_follow::person_id, community_follow::community_id))
        .do_update()
        .set(community_follow::state.eq(form.state))
        .returning(CommunityFollow::as_returning())
        .get_result(conn)
        .await
}

/// Accepts whoever waits for it.
pub(crate) async fn accept_followers(
    conn: &mut AsyncPgConnection,
    community: CommunityId,
    by: PersonId,
) -> QueryResult<usize> {
    let waiting = community_follow::table
        .filter(community_follow::community_id.eq(community))
        .filter(community_follow::state.eq(FollowState::Approval));
    diesel::update(waiting)
        .set((
            community_follow::state.eq(FollowState::Accepted),
            community_follow::approver_id.eq(by),
        ))
        .execute(conn)
        .await
}

pub(crate) async fn unfollow(
    conn: &mut AsyncPgConnection,
    me: PersonId,
    community: CommunityId,
) -> QueryResult<usize> {
    diesel::delete(community_follow::table.find((me, community)))
        .execute(conn)
        .await
}

/// Makes a person the first moderator of a community, before all others.
pub(crate) async fn hand_over(
    conn: &mut AsyncPgConnection,
    community: CommunityId,
    to: PersonId,
) -> QueryResult<Vec<CommunityModerator>> {
    conn.build_transaction()
        .run(async |conn| {
            let all =
                community_moderator::table.filter(community_moderator::community_id.eq(community));
            diesel::update(all)
                .set(community_moderator::rank.eq(community_moderator::rank + 1))
                .execute(conn)
                .await?;
            let first = CommunityModerator {
                community_id: community,
                person_id: to,
                rank: 1,
            };
            diesel::insert_into(community_moderator::table)
                .values(first)
                .on_conflict((
                    community_moderator::community_id,
                    community_moderator::person_id,
                ))
                .do_update()
                .set(community_moderator::rank.eq(1))
                .execute(conn)
                .await?;
            community_moderator::table
                .filter(community_moderator::community_id.eq(community))
                .order((community_moderator::rank, community_moderator::person_id))
                .select(CommunityModerator::as_select())
                .load(conn)
                .await
        })
        .await
}

/// Gives a community exactly these languages.
pub(crate) async fn set_languages(
    conn: &mut AsyncPgConnection,
    community: CommunityId,
    languages: &[LanguageId],
) -> QueryResult<usize> {
    conn.build_transaction()
        .run(async |conn| {
            let others = community_language::table
                .filter(community_language::community_id.eq(community))
                .filter(community_language::language_id.ne_all(languages));
            diesel::delete(others).execute(conn).await?;
            let rows: Vec<CommunityLanguage> = languages
                .iter()
                .map(|&language_id| CommunityLanguage {
                    community_id: community,
                    language_id,
                })
                .collect();
            diesel::insert_into(community_language::table)
                .values(rows)
                .on_conflict_do_nothing()
                .execute(conn)
                .await
        })
        .await
}
